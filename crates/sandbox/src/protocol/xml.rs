//! Answers of the query protocols.

use std::fmt::Write;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::refused::Refused;

const TYPE: &str = "text/xml;charset=UTF-8";

pub(super) fn ec2_answer(
    namespace: &str,
    operation: &str,
    request_id: &str,
    answer: &Value,
) -> Response<Bytes> {
    let root = format!("{operation}Response");
    let mut xml = Xml::new("item");
    xml.open(&root, Some(namespace));
    xml.element("requestId", &Value::from(request_id));
    xml.fields(answer);
    xml.close(&root);
    xml.response(200, request_id)
}

pub(super) fn query_answer(
    namespace: &str,
    operation: &str,
    request_id: &str,
    answer: &Value,
) -> Response<Bytes> {
    let root = format!("{operation}Response");
    let mut xml = Xml::new("member");
    xml.open(&root, Some(namespace));
    if !answer.is_null() {
        let result = format!("{operation}Result");
        xml.open(&result, None);
        xml.fields(answer);
        xml.close(&result);
    }
    xml.element("ResponseMetadata", &json!({ "RequestId": request_id }));
    xml.close(&root);
    xml.response(200, request_id)
}

pub(super) fn ec2_refuse(request_id: &str, refused: &Refused) -> Response<Bytes> {
    let mut xml = Xml::new("Error");
    xml.open("Response", None);
    xml.element("Errors", &json!([{ "Code": refused.code, "Message": refused.message }]));
    xml.element("RequestID", &Value::from(request_id));
    xml.close("Response");
    xml.response(refused.status, request_id)
}

pub(super) fn query_refuse(
    namespace: &str,
    request_id: &str,
    refused: &Refused,
) -> Response<Bytes> {
    let fault = if refused.status < 500 { "Sender" } else { "Receiver" };
    let error = json!({ "Type": fault, "Code": refused.code, "Message": refused.message });
    let mut xml = Xml::new("member");
    xml.open("ErrorResponse", Some(namespace));
    xml.element("Error", &error);
    xml.element("RequestId", &Value::from(request_id));
    xml.close("ErrorResponse");
    xml.response(refused.status, request_id)
}

struct Xml {
    text: String,
    /// What the elements of a list are called.
    item: &'static str,
}

impl Xml {
    fn new(item: &'static str) -> Xml {
        Xml { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), item }
    }

    fn open(&mut self, name: &str, namespace: Option<&str>) {
        let namespace = namespace.map(|uri| format!(" xmlns=\"{uri}\"")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(self.text, "<{name}{namespace}>");
    }

    fn close(&mut self, name: &str) {
        let _ = write!(self.text, "</{name}>");
    }

    /// What is null is not there.
    fn element(&mut self, name: &str, value: &Value) {
        if value.is_null() {
            return;
        }
        // The entries of a map stand side by side.
        if let (Value::Array(entries), "entry") = (value, name) {
            return entries.iter().for_each(|entry| self.element(name, entry));
        }
        self.open(name, None);
        match value {
            Value::Array(items) => {
                let item = self.item;
                items.iter().for_each(|value| self.element(item, value));
            }
            Value::Object(_) => self.fields(value),
            Value::String(text) => self.escaped(text),
            other => self.text.push_str(&other.to_string()),
        }
        self.close(name);
    }

    fn fields(&mut self, value: &Value) {
        let fields = value.as_object().into_iter().flatten();
        fields.for_each(|(name, value)| self.element(name, value));
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                // Parsers turn a bare carriage return into a line feed.
                '\r' => self.text.push_str("&#13;"),
                // XML 1.0 has no way to write these (section 2.2).
                letter if letter.is_control() && !matches!(letter, '\t' | '\n' | '\u{7f}'..) => {
                    self.text.push('\u{fffd}');
                }
                '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                other => self.text.push(other),
            }
        }
    }

    fn response(self, status: u16, request_id: &str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.text));
        super::head(&mut response, status, TYPE, request_id);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(response: &Response<Bytes>) -> String {
        String::from_utf8_lossy(response.body()).lines().skip(1).collect()
    }

    #[test]
    fn lists_and_nulls_are_written_as_each_protocol_does() {
        let answer = json!({ "set": [{ "a": "<1>" }, { "a": 2 }], "gone": null });
        assert_eq!(
            text(&ec2_answer("n", "Do", "id", &answer)),
            "<DoResponse xmlns=\"n\"><requestId>id</requestId><set><item><a>&lt;1&gt;</a></item>\
             <item><a>2</a></item></set></DoResponse>"
        );
        assert_eq!(
            text(&query_answer("n", "Do", "id", &json!({ "set": [true] }))),
            "<DoResponse xmlns=\"n\"><DoResult><set><member>true</member></set></DoResult>\
             <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>"
        );
    }

    #[test]
    fn what_xml_cannot_write_is_replaced() {
        let written = text(&ec2_answer("n", "Do", "id", &json!({ "a": "\0\u{1b}\t\u{ffff}é" })));
        assert!(written.contains("<a>\u{fffd}\u{fffd}\t\u{fffd}é</a>"), "{written}");
    }

    #[test]
    fn refusals_are_written_as_each_protocol_does() {
        let refused = Refused::new("Code", "why & how").status(409);
        let ec2 = ec2_refuse("id", &refused);
        assert_eq!(ec2.status(), 409);
        assert_eq!(
            text(&ec2),
            "<Response><Errors><Error><Code>Code</Code><Message>why &amp; how</Message></Error>\
             </Errors><RequestID>id</RequestID></Response>"
        );
        assert_eq!(
            text(&query_refuse("n", "id", &refused)),
            "<ErrorResponse xmlns=\"n\"><Error><Type>Sender</Type><Code>Code</Code>\
             <Message>why &amp; how</Message></Error><RequestId>id</RequestId></ErrorResponse>"
        );
    }
}
