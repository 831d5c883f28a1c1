//! JSON 1.1: the operation in `X-Amz-Target`, an object in, an object out.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::refused::Refused;

const TYPE: &str = "application/x-amz-json-1.1";

/// Reads the operation and its input.
pub(super) fn read(
    prefix: &str,
    target: Option<&str>,
    body: &[u8],
) -> Result<(String, Value), Refused> {
    let operation = target
        .and_then(|target| target.strip_prefix(prefix))
        .and_then(|rest| rest.strip_prefix('.'))
        .ok_or_else(|| {
            let target = target.unwrap_or_default();
            let message = format!("The operation {target} is unknown");
            Refused::new("UnknownOperationException", message)
        })?;
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    match serde_json::from_slice(body) {
        Ok(input @ Value::Object(_)) => Ok((operation.to_owned(), input)),
        Ok(_) => Err(Refused::new("SerializationException", "Start of structure was expected")),
        Err(error) => Err(Refused::new("SerializationException", error.to_string())),
    }
}

pub(super) fn answer(request_id: &str, answer: &Value) -> Response<Bytes> {
    let answer = without_nulls(answer);
    let body = if answer.is_null() { Bytes::from_static(b"{}") } else { answer.to_string().into() };
    response(200, request_id, body)
}

pub(super) fn refuse(request_id: &str, refused: &Refused) -> Response<Bytes> {
    let body = json!({ "__type": refused.code, "message": refused.message });
    response(refused.status, request_id, body.to_string().into())
}

fn response(status: u16, request_id: &str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    super::head(&mut response, status, TYPE, request_id);
    response
}

/// What is not there is not written.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused() {
        let code = |target, body| read("ECS", target, body).expect_err("a refusal").code;
        assert_eq!(code(None, b"{}"), "UnknownOperationException");
        assert_eq!(code(Some("ECR.Do"), b"{}"), "UnknownOperationException");
        assert_eq!(code(Some("ECS.Do"), b"[]"), "SerializationException");
        assert_eq!(code(Some("ECS.Do"), b"{"), "SerializationException");
    }

    #[test]
    fn what_is_null_is_left_out() {
        let written = answer("id", &json!({ "a": null, "b": [{ "c": null, "d": 1 }] }));
        assert_eq!(written.body().as_ref(), br#"{"b":[{"d":1}]}"#);
        assert_eq!(answer("id", &Value::Null).body().as_ref(), b"{}");
    }
}
