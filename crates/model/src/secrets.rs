//! Values that nobody may see. Where one would be seen, its variable stands in its place.

use std::fmt;

use indexmap::IndexMap;
use serde_json::Value;

use crate::reference::{self, Piece, Reference, Root};

/// What is shown in the place of a secret.
pub const SHOWN: &str = "(secret)";

/// The shortest secret, in characters. A shorter one would be found in words that have nothing to
/// do with it.
pub const SHORTEST: usize = 8;

/// The values of the spec's secret variables, by the variables' names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(IndexMap<String, String>);

impl Secrets {
    /// Adds a secret. An empty one is none.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.insert(name.into(), value);
            // What holds another one comes first, so that nothing of it is left over.
            self.0.sort_by(|name, value, other_name, other| {
                other.len().cmp(&value.len()).then_with(|| name.cmp(other_name))
            });
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value that a reference to a variable stands for.
    pub fn answer(&self, reference: &Reference) -> Option<Value> {
        match reference.root {
            Root::Variable => self.0.get(&reference.output).cloned().map(Value::String),
            _ => None,
        }
    }

    /// The value with references in the place of secrets. [`reveal`](Self::reveal) is its inverse,
    /// so what was equal stays so and what differed does too.
    pub fn conceal(&self, value: &Value) -> Value {
        match value {
            _ if self.is_empty() => value.clone(),
            Value::String(text) => Value::String(self.conceal_text(text)),
            Value::Array(items) => items.iter().map(|item| self.conceal(item)).collect(),
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, value)| (self.conceal_text(key), self.conceal(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    fn conceal_text(&self, text: &str) -> String {
        let pieces = reference::pieces(text).into_iter();
        pieces
            .map(|piece| match piece {
                Piece::Token(reference) => reference.token(),
                Piece::Text(text) => self.replace(text, |name| Reference::variable(name).token()),
            })
            .collect()
    }

    /// The value with secrets in the place of the references to them.
    pub fn reveal(&self, value: &Value) -> Value {
        match self.is_empty() {
            true => value.clone(),
            false => reference::resolve(value, &|reference| self.answer(reference)),
        }
    }

    /// Whether a secret stands in a value.
    pub fn stand_in(&self, value: &Value) -> bool {
        !self.is_empty() && self.conceal(value) != *value
    }

    /// A text for people, such as an error of AWS that quotes what it was sent, without secrets.
    pub fn hide(&self, text: &str) -> String {
        self.covered(text, |_| SHOWN.to_owned())
    }

    /// The text with as many asterisks in the place of secrets as they have bytes, so that what
    /// points into it still does.
    pub fn cover(&self, text: &str) -> String {
        self.covered(text, |secret| "*".repeat(secret.len()))
    }

    fn covered(&self, text: &str, cover: impl Fn(&str) -> String) -> String {
        let mut hidden = text.to_owned();
        for value in self.0.values() {
            // As it is, as JSON writes it, and line by line, since messages are folded.
            let written = Value::String(value.clone()).to_string();
            let written = written[1..written.len() - 1].to_owned();
            let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST);
            for form in [value.as_str(), &written].into_iter().chain(lines) {
                if hidden.contains(form) {
                    hidden = hidden.replace(form, &cover(form));
                }
            }
        }
        hidden
    }

    fn replace(&self, text: &str, by: impl Fn(&str) -> String) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let found = self.0.iter().find(|(_, value)| rest.starts_with(value.as_str()));
            let taken = match found {
                Some((name, value)) => {
                    replaced.push_str(&by(name));
                    value.len()
                }
                None => {
                    replaced.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[taken..];
        }
        replaced
    }
}

impl fmt::Debug for Secrets {
    /// Names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Address;

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        secrets.insert("short", "hunter2!");
        secrets.insert("long", "hunter2!-and-more");
        secrets.insert("key", "-----BEGIN-----\nabcdefgh\n\"quoted\"\n-----END-----\n");
        secrets
    }

    #[test]
    fn what_is_concealed_can_be_revealed() {
        let dns = Reference::resource(Address::new("load_balancer", "main"), "dns_name").token();
        let value = json!({
            "url": format!("https://u:hunter2!@{dns}/hunter2!-and-more"),
            "list": ["hunter2!", 8080, true, null, "hunter"],
        });
        let concealed = secrets().conceal(&value);
        assert!(!concealed.to_string().contains("hunter2"), "{concealed}");
        assert!(!format!("{:?}", secrets()).contains("hunter2"));
        assert_eq!(concealed["list"][4], "hunter");
        assert_eq!(secrets().reveal(&concealed), value);
        assert_eq!(secrets().conceal(&concealed), concealed);
        assert!(secrets().stand_in(&value) && !secrets().stand_in(&json!("hunter")));
    }

    #[test]
    fn nothing_of_a_secret_is_left_in_a_message() {
        let said = "refused `hunter2!-and-more`, {\"key\": \"\\n\\\"quoted\\\"\\n\"}\n  abcdefgh\n";
        let hidden = secrets().hide(said);
        for part in ["hunter2", "and-more", "abcdefgh"] {
            assert!(!hidden.contains(part), "{hidden}");
        }
        assert_eq!(secrets().cover("a hunter2! b").len(), "a hunter2! b".len());
    }
}
