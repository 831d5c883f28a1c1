//! IAM policy documents, brought to one form.
//!
//! AWS reads a policy back with its keys in another order, a one-element list as a string, and a
//! bare account id as the ARN of the account's root
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>).

use serde_json::{Map, Value};

use super::{Document, Form};

/// An IAM policy document.
pub type Policy = Document<PolicyForm>;

/// The canonical form of policies.
#[derive(Debug)]
pub enum PolicyForm {}

/// Keys of a statement whose value is a string or a set of strings.
const SETS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// The order in which people write a statement's keys.
const ORDER: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Form for PolicyForm {
    const NAME: &'static str = "policy";

    fn canonical(document: Value) -> Result<Value, String> {
        let Value::Object(mut document) = document else {
            return Err("a policy is a map with Version and Statement".to_owned());
        };
        let mut canonical = Map::new();
        for key in ["Version", "Id"] {
            if let Some(value) = document.shift_remove(key) {
                canonical.insert(key.to_owned(), value);
            }
        }
        let statements = match document.shift_remove("Statement") {
            Some(Value::Array(statements)) => statements,
            Some(statement @ Value::Object(_)) => vec![statement],
            _ => return Err("a policy needs a Statement".to_owned()),
        };
        if let Some(key) = document.keys().next() {
            return Err(format!("a policy has Version, Id and Statement, but no {key}"));
        }
        let statements: Result<Vec<Value>, String> =
            statements.into_iter().map(statement).collect();
        canonical.insert("Statement".to_owned(), Value::Array(statements?));
        Ok(Value::Object(canonical))
    }
}

fn statement(statement: Value) -> Result<Value, String> {
    let Value::Object(mut statement) = statement else {
        return Err("a statement of a policy is a map with Effect and Action".to_owned());
    };
    let mut canonical = Map::new();
    for key in ORDER {
        let Some(value) = statement.shift_remove(key) else { continue };
        // Terraform and the console write a name that is none.
        if key == "Sid" && value == "" {
            continue;
        }
        let value = match key {
            key if SETS.contains(&key) => set(value),
            "Principal" | "NotPrincipal" => principals(value),
            "Condition" => conditions(value),
            _ => value,
        };
        canonical.insert(key.to_owned(), value);
    }
    match statement.keys().next() {
        Some(key) => Err(format!("a statement of a policy has no {key}")),
        None => Ok(Value::Object(canonical)),
    }
}

/// A string for one element, a sorted list for more.
fn set(value: Value) -> Value {
    let Value::Array(mut items) = value else { return value };
    items.sort_by_key(Value::to_string);
    items.dedup();
    match items.len() {
        1 => items.remove(0),
        _ => Value::Array(items),
    }
}

fn principals(value: Value) -> Value {
    let Value::Object(by_sort) = value else { return value };
    // `Principal: {"AWS": "*"}` and `Principal: "*"` differ in what they allow, so both stay.
    sorted(by_sort, |sort, value| {
        if sort != "AWS" {
            return set(value);
        }
        set(match value {
            Value::Array(items) => Value::Array(items.into_iter().map(account).collect()),
            single => account(single),
        })
    })
}

/// An account's root is the bare account id, which holds in every partition.
fn account(principal: Value) -> Value {
    let parts: Vec<&str> = principal.as_str().unwrap_or_default().split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", id, "root"] => Value::String((*id).to_owned()),
        _ => principal,
    }
}

fn conditions(value: Value) -> Value {
    let Value::Object(operators) = value else { return value };
    sorted(operators, |_, keys| match keys {
        Value::Object(keys) => sorted(keys, |_, value| set(texts(value))),
        other => other,
    })
}

/// Condition values are strings to IAM, also where they are written as booleans or numbers.
fn texts(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(texts).collect()),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other,
    }
}

fn sorted(map: Map<String, Value>, mut each: impl FnMut(&str, Value) -> Value) -> Value {
    let mut entries: Vec<(String, Value)> = map.into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(
        entries
            .into_iter()
            .map(|(key, value)| {
                let value = each(&key, value);
                (key, value)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn same(a: Value, b: Value) {
        assert_eq!(Policy::new(a), Policy::new(b));
    }

    #[test]
    fn what_means_the_same_is_equal() {
        same(
            json!({"Statement": {"Action": ["b:1", "a:1", "a:1"], "Effect": "Allow", "Resource": ["*"]}}),
            json!({"Statement": [{"Effect": "Allow", "Resource": "*", "Action": ["a:1", "b:1"]}]}),
        );
        same(
            json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["123456789012"]}, "Action": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"}, "Action": "*", "Sid": ""}]}),
        );
        same(
            json!({"Statement": [{"Effect": "Deny", "Action": "*", "Condition": {"Bool": {"aws:SecureTransport": false}}}]}),
            json!({"Statement": [{"Effect": "Deny", "Action": "*", "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}]}),
        );
    }

    #[test]
    fn misspelt_keys_are_refused() {
        let error = Policy::new(json!({"Statement": [{"Effect": "Allow", "Actions": "*"}]}));
        assert_eq!(error.err().as_deref(), Some("a statement of a policy has no Actions"));
    }
}
