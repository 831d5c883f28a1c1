//! References to values that are known only later, carried inside strings.
//!
//! A value that depends on another resource stays a string in which the reference stands as a
//! *token*: `U+0001`, the reference, `U+0002`. So a kind's typed spec can be read, given its
//! defaults and written back while some of its strings are not known yet, and no field needs a
//! type of its own for "unknown". Control characters cannot come from a spec: the parser refuses
//! them.

use std::fmt;

use serde_json::Value;

use crate::Address;
use crate::secrets::SHOWN;

const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

/// What a reference points into.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// A resource of this spec.
    Resource(Address),
    /// Something that exists and is not ours: `lookup.<kind>.<name>`.
    Lookup(Address),
    /// The account and region that the run works in: `account`, `region`, `partition`.
    Target,
    /// A variable whose value is a secret: `var.<name>`. Others are filled in when the spec is read.
    Variable,
}

/// A reference to one output of a resource or lookup.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// What it points into.
    pub root: Root,
    /// Which output.
    pub output: String,
}

impl Reference {
    /// A reference to an output of a resource.
    pub fn resource(address: Address, output: impl Into<String>) -> Self {
        Reference { root: Root::Resource(address), output: output.into() }
    }

    /// A reference to an output of a lookup.
    pub fn lookup(address: Address, output: impl Into<String>) -> Self {
        Reference { root: Root::Lookup(address), output: output.into() }
    }

    /// A reference to a fact about the run's target, such as `account`.
    pub fn target(output: impl Into<String>) -> Self {
        Reference { root: Root::Target, output: output.into() }
    }

    /// A reference to the value of a secret variable.
    pub fn variable(name: impl Into<String>) -> Self {
        Reference { root: Root::Variable, output: name.into() }
    }

    /// The resource it points to, if it points to one.
    pub fn address(&self) -> Option<&Address> {
        match &self.root {
            Root::Resource(address) => Some(address),
            _ => None,
        }
    }

    /// The reference as a token, to stand in a string.
    pub fn token(&self) -> String {
        format!("{OPEN}{self}{CLOSE}")
    }

    fn parse(text: &str) -> Option<Reference> {
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            [output] => Some(Reference::target(*output)),
            ["var", name] => Some(Reference::variable(*name)),
            ["lookup", kind, name, output] => {
                Some(Reference::lookup(Address::new(*kind, *name), *output))
            }
            [kind, name, output] => Some(Reference::resource(Address::new(*kind, *name), *output)),
            _ => None,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Resource(address) => write!(f, "{address}.{}", self.output),
            Root::Lookup(address) => write!(f, "lookup.{address}.{}", self.output),
            Root::Target => write!(f, "{}", self.output),
            Root::Variable => write!(f, "var.{}", self.output),
        }
    }
}

/// A piece of a string: literal text or a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it stands.
    Text(&'a str),
    /// A reference that is not known yet.
    Token(Reference),
}

/// Cuts a string into literal text and references.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(OPEN) {
        let Some(length) = rest[start..].find(CLOSE) else { break };
        let token = &rest[start..=start + length];
        found.push(Piece::Text(&rest[..start]));
        // What is no reference is text: AWS may answer whatever it likes.
        found.push(match Reference::parse(&rest[start + 1..start + length]) {
            Some(reference) => Piece::Token(reference),
            None => Piece::Text(token),
        });
        rest = &rest[start + length + 1..];
    }
    found.push(Piece::Text(rest));
    found.retain(|piece| *piece != Piece::Text(""));
    found
}

/// Whether the string is fully known.
pub fn is_known(text: &str) -> bool {
    !text.contains(OPEN)
}

/// Whether a value is fully known: no string in it holds a reference.
pub fn is_value_known(value: &Value) -> bool {
    match value {
        Value::String(text) => is_known(text),
        Value::Array(items) => items.iter().all(is_value_known),
        Value::Object(map) => map.iter().all(|(key, value)| is_known(key) && is_value_known(value)),
        _ => true,
    }
}

/// The single reference that a string consists of, if it is nothing else.
pub fn sole(text: &str) -> Option<Reference> {
    match pieces(text).as_slice() {
        [Piece::Token(reference)] => Some(reference.clone()),
        _ => None,
    }
}

/// All references in a value, in order of appearance.
pub fn references(value: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Reference>) {
    let mut from_text = |text: &str| {
        found.extend(pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Token(reference) => Some(reference),
            Piece::Text(_) => None,
        }));
    };
    match value {
        Value::String(text) => from_text(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => {
            map.keys().for_each(|key| from_text(key));
            map.values().for_each(|item| collect(item, found));
        }
        _ => {}
    }
}

/// Replaces every reference that `known` can answer. A string that is one reference and nothing
/// else takes the answer's type; a list in a list is spliced into it; what has no answer stays.
pub fn resolve(value: &Value, known: &dyn Fn(&Reference) -> Option<Value>) -> Value {
    match value {
        Value::String(text) => resolve_text(text, known),
        Value::Array(items) => {
            let mut resolved = Vec::with_capacity(items.len());
            for item in items {
                let was_text = item.is_string();
                match resolve(item, known) {
                    Value::Array(inner) if was_text => resolved.extend(inner),
                    other => resolved.push(other),
                }
            }
            Value::Array(resolved)
        }
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| {
                    let key = match resolve_text(key, known) {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    (key, resolve(value, known))
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

fn resolve_text(text: &str, known: &dyn Fn(&Reference) -> Option<Value>) -> Value {
    if is_known(text) {
        return Value::String(text.to_owned());
    }
    if let Some(reference) = sole(text) {
        return known(&reference).unwrap_or_else(|| Value::String(text.to_owned()));
    }
    let mut resolved = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => resolved.push_str(text),
            Piece::Token(reference) => match known(&reference) {
                Some(Value::String(text)) => resolved.push_str(&text),
                Some(other) => resolved.push_str(&other.to_string()),
                None => resolved.push_str(&reference.token()),
            },
        }
    }
    Value::String(resolved)
}

/// The string as a person would write it: references as `${…}`, secrets as `(secret)`.
pub fn display(text: &str) -> String {
    if is_known(text) {
        return text.to_owned();
    }
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Token(Reference { root: Root::Variable, .. }) => SHOWN.to_owned(),
            Piece::Token(reference) => format!("${{{reference}}}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn url() -> Reference {
        Reference::resource(Address::new("ecr_repository", "app"), "url")
    }

    #[test]
    fn a_reference_survives_its_token() {
        let lookup = Reference::lookup(Address::new("vpc", "default"), "id");
        let others = [Reference::target("account"), Reference::variable("password")];
        for reference in [url(), lookup].into_iter().chain(others) {
            assert_eq!(sole(&reference.token()), Some(reference));
        }
    }

    #[test]
    fn text_around_a_reference_is_kept() {
        let value = json!({ "image": format!("{}:latest", url().token()) });
        let known = |_: &Reference| Some(json!("host/app"));
        assert_eq!(resolve(&value, &known), json!({ "image": "host/app:latest" }));
        assert_eq!(resolve(&value, &|_| None), value);
        assert_eq!(
            display(value["image"].as_str().unwrap_or("")),
            "${ecr_repository.app.url}:latest"
        );
    }

    #[test]
    fn what_is_no_reference_is_kept_as_text() {
        let value = json!("a\u{1}b.c\u{2}d\u{1}");
        assert_eq!(resolve(&value, &|_| Some(json!("known"))), value);
    }

    #[test]
    fn a_list_is_spliced_into_the_list_around_it() {
        let ids = Reference::lookup(Address::new("subnets", "all"), "ids").token();
        let known = |_: &Reference| Some(json!(["subnet-1", "subnet-2"]));
        assert_eq!(
            resolve(&json!(["subnet-0", ids]), &known),
            json!(["subnet-0", "subnet-1", "subnet-2"])
        );
    }
}
