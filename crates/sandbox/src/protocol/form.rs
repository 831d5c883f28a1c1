//! Requests of the query protocols: `Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::refused::Refused;

/// How deep names may nest. AWS's own go ten levels deep; what reads them recurses.
const MAX_DEPTH: usize = 32;

/// Reads the operation and its input.
pub(super) fn read(version: &str, body: &[u8]) -> Result<(String, Value), Refused> {
    let malformed = || Refused::new("MalformedQueryString", "The query string is malformed");
    let body = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut tree = Node::default();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = decoded(key).zip(decoded(value)).ok_or_else(malformed)?;
        if key.split('.').count() > MAX_DEPTH {
            return Err(malformed());
        }
        tree.insert(&key, value).map_err(|()| {
            Refused::new("MalformedQueryString", format!("{key} is given more than once"))
        })?;
    }
    let mut take = |key: &str| tree.fields.remove(key).and_then(|node| node.text);
    let Some(operation) = take("Action") else {
        let message = "The request must contain the parameter Action";
        return Err(Refused::new("MissingAction", message));
    };
    match take("Version") {
        Some(given) if given == version => Ok((operation, tree.value().ok_or_else(malformed)?)),
        given => {
            let given = given.unwrap_or_default();
            let message = format!("Could not find operation {operation} for version {given}");
            Err(Refused::new("InvalidAction", message))
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let spaces = text.replace('+', " ");
    percent_decode_str(&spaces).decode_utf8().ok().map(|text| text.into_owned())
}

#[derive(Default)]
struct Node {
    text: Option<String>,
    fields: BTreeMap<String, Node>,
}

impl Node {
    fn insert(&mut self, key: &str, value: String) -> Result<(), ()> {
        let mut node = self;
        for part in key.split('.') {
            node = node.fields.entry(part.to_owned()).or_default();
        }
        match node.text.replace(value) {
            None => Ok(()),
            Some(_) => Err(()),
        }
    }

    /// Fields numbered from 1 are a list; so is what stands under `member`; `entry` is a map.
    /// `None` where a part would have to be ignored.
    fn value(self) -> Option<Value> {
        if self.fields.is_empty() {
            return Some(Value::String(self.text.unwrap_or_default()));
        }
        if self.text.is_some() {
            return None;
        }
        let mut fields = self.fields;
        if fields.len() == 1 {
            if let Some(list) = fields.remove("member") {
                return list.value();
            }
            if let Some(entries) = fields.remove("entry") {
                return entries.entries();
            }
        }
        if fields.keys().all(|key| key.bytes().all(|byte| byte.is_ascii_digit())) {
            let mut items: Vec<(u64, Node)> = fields
                .into_iter()
                .map(|(key, node)| (key.parse().unwrap_or(u64::MAX), node))
                .collect();
            items.sort_by_key(|(at, _)| *at);
            return items.into_iter().map(|(_, node)| node.value()).collect();
        }
        let fields: Option<Map<String, Value>> =
            fields.into_iter().map(|(key, node)| Some((key, node.value()?))).collect();
        fields.map(Value::Object)
    }

    fn entries(self) -> Option<Value> {
        let pair = |mut entry: Node| {
            let key = entry.fields.remove("key").and_then(|key| key.text)?;
            let value = entry.fields.remove("value")?.value()?;
            entry.fields.is_empty().then_some((key, value))
        };
        let pairs: Option<Map<String, Value>> = self.fields.into_values().map(pair).collect();
        pairs.map(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(body: &str) -> Value {
        read("1", format!("Action=Do&Version=1&{body}").as_bytes()).expect("a form").1
    }

    #[test]
    fn lists_of_both_query_protocols_are_lists() {
        let filters = "Filter.1.Name=a&Filter.1.Value.1=x&Filter.1.Value.2=y+z";
        let expected = json!({ "Filter": [{ "Name": "a", "Value": ["x", "y z"] }] });
        assert_eq!(input(filters), expected);
        let tags = "Tags.member.1.Key=k&Tags.member.1.Value=%C3%A4";
        assert_eq!(input(tags), json!({ "Tags": [{ "Key": "k", "Value": "ä" }] }));
    }

    #[test]
    fn the_tenth_item_comes_after_the_ninth() {
        let items: Vec<String> = (1..=11).map(|at| format!("Id.{at}={at}")).collect();
        let all: Vec<String> = (1..=11).map(|at| at.to_string()).collect();
        assert_eq!(input(&items.join("&")), json!({ "Id": all }));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let code = |body: &[u8]| read("1", body).expect_err("a refusal").code;
        assert_eq!(code(b"Version=1"), "MissingAction");
        assert_eq!(code(b"Action=Do&Version=2"), "InvalidAction");
        assert_eq!(code(b"Action=Do&Version=1&A=1&A=2"), "MalformedQueryString");
        assert_eq!(code(b"Action=Do&Version=1&A=%FF"), "MalformedQueryString");
    }

    #[test]
    fn nothing_is_left_out() {
        let code = |more: &str| {
            let body = format!("Action=Do&Version=1&{more}");
            read("1", body.as_bytes()).expect_err("a refusal").code
        };
        assert_eq!(code("A=1&A.B=2"), "MalformedQueryString");
        assert_eq!(code("A.entry.1.key=a"), "MalformedQueryString");
        assert_eq!(
            code("A.entry.1.key=a&A.entry.1.value=1&A.entry.1.more=2"),
            "MalformedQueryString"
        );
        let entry = "A.entry.1.key=a&A.entry.1.value=1";
        assert_eq!(input(entry), json!({ "A": { "a": "1" } }));
    }

    #[test]
    fn a_name_of_very_many_parts_is_refused() {
        let body = format!("Action=Do&Version=1&A{}=1", ".A".repeat(1_000_000));
        let code = read("1", body.as_bytes()).expect_err("a refusal").code;
        assert_eq!(code, "MalformedQueryString");
    }
}
