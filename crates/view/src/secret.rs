//! Keeps secrets out of what is printed.
//!
//! Secrets belong into references, and the spec refuses literals that look like credentials. What
//! AWS has in an environment variable may still be one, and plans end up in the logs of a CI.

use landfall_model::path::Segment;
use landfall_model::{Path, reference};
use serde_json::Value;

const HIDDEN: &str = "(secret)";
const HIDDEN_OTHER: &str = "(secret, changed)";

/// Words of an environment variable's name that stand for a secret.
const WORDS: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "private_key",
    "access_key",
    "credentials",
];
/// Words that stand for a secret wherever they are.
const ALWAYS: [&str; 3] = ["password", "private_key", "api_key"];

/// Whether one of the words stands in a name, as a word of its own: `DB_PASSWORD`, `apiKey`, not
/// `MAX_TOKENS`.
fn names_one_of(name: &str, words: &[&str]) -> bool {
    let mut plain = String::from("_");
    let mut before = '_';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            plain.push('_');
        }
        plain.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        before = c;
    }
    plain.push('_');
    words.iter().any(|word| plain.contains(&format!("_{word}_")))
}

/// Where in a resource a value stands, as far as secrecy goes.
#[derive(Clone, Copy, Debug, Default)]
struct Where {
    in_environment: bool,
    secret: bool,
}

impl Where {
    fn key(self, key: &str) -> Where {
        let words: &[&str] = if self.in_environment { &WORDS } else { &ALWAYS };
        Where {
            in_environment: self.in_environment || key == "environment",
            secret: names_one_of(key, words),
        }
    }
}

/// The value at a path with its secrets hidden. Where `other` (what was there before) has another
/// secret at the same place, that shows.
pub fn hide(path: &Path, value: &Value, other: Option<&Value>) -> Value {
    let at = path.0.iter().fold(Where::default(), |at, segment| match segment {
        Segment::Key(key) => at.key(key),
        Segment::Index(_) => at,
    });
    walk(at, value, other)
}

fn walk(at: Where, value: &Value, other: Option<&Value>) -> Value {
    match value {
        Value::Object(map) => {
            // A list of {name, value}, as ECS writes it.
            let named = map.get("name").and_then(Value::as_str).filter(|_| at.in_environment);
            let inner = |key: &str| match (key, named) {
                ("value", Some(name)) => at.key(name),
                ("name", Some(_)) => Where { secret: false, ..at },
                _ => at.key(key),
            };
            let hidden = map.iter().map(|(key, value)| {
                let other = other.and_then(|other| other.get(key));
                (key.clone(), walk(inner(key), value, other))
            });
            Value::Object(hidden.collect())
        }
        Value::Array(items) => {
            let other = |i| other.and_then(|other| other.get(i));
            let hidden = items.iter().enumerate().map(|(i, item)| walk(at, item, other(i)));
            Value::Array(hidden.collect())
        }
        Value::String(text) if at.secret && !is_harmless(text) => {
            let changed = other.is_some_and(|other| other != value);
            Value::String(if changed { HIDDEN_OTHER } else { HIDDEN }.to_owned())
        }
        Value::String(text) if at.in_environment => {
            let hidden = without_password(text, HIDDEN);
            let other = other.filter(|other| *other != value).and_then(Value::as_str);
            let alike = other.is_some_and(|other| without_password(other, HIDDEN) == hidden);
            Value::String(if alike { without_password(text, HIDDEN_OTHER) } else { hidden })
        }
        Value::Number(_) if at.secret && at.in_environment => Value::String(HIDDEN.to_owned()),
        other => other.clone(),
    }
}

/// The text with the password of each URL in it hidden: `postgres://user:password@host`.
fn without_password(text: &str, mark: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        shown.push_str(before);
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'');
        let authority = &behind[..behind.find(ends).unwrap_or(behind.len())];
        let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
        rest = match login {
            Some((user, password)) if !is_harmless(password) => {
                shown.push_str(&format!("{user}:{mark}"));
                &behind[user.len() + 1 + password.len()..]
            }
            _ => behind,
        };
    }
    shown + rest
}

/// A reference to a secret is none itself.
fn is_harmless(text: &str) -> bool {
    text.is_empty() || !reference::is_known(text) || text.starts_with("arn:")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_count_as_words() {
        for name in ["DB_PASSWORD", "apiKey", "token", "STRIPE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"]
        {
            assert!(names_one_of(name, &WORDS), "{name}");
        }
        for name in ["MAX_TOKENS", "SECRETARY", "KEYBOARD", "PASS"] {
            assert!(!names_one_of(name, &WORDS), "{name}");
        }
    }

    #[test]
    fn only_literal_secrets_are_hidden() {
        let value = json!({
            "environment": {"DB_PASSWORD": "hunter2", "PORT": "80", "TOKEN": "arn:aws:secretsmanager:x"},
            "secrets": {"API_KEY_REF": "arn:aws:ssm:x", "TOKEN": "name-of-a-parameter"},
        });
        let hidden = hide(&Path::parse("containers.app"), &value, None);
        assert_eq!(hidden["environment"]["DB_PASSWORD"], HIDDEN);
        assert_eq!(hidden["environment"]["PORT"], "80");
        assert_eq!(hidden["environment"]["TOKEN"], value["environment"]["TOKEN"]);
        assert_eq!(hidden["secrets"], value["secrets"]);
    }

    #[test]
    fn the_path_counts_too_and_a_change_shows() {
        let path = Path::parse("containers.app.environment.DB_PASSWORD");
        assert_eq!(hide(&path, &json!("new"), Some(&json!("old"))), HIDDEN_OTHER);
        assert_eq!(hide(&path, &json!("old"), Some(&json!("old"))), HIDDEN);
    }

    #[test]
    fn passwords_in_urls_are_hidden() {
        let hidden = |text: &str| {
            let path = Path::parse("containers.app.environment.DATABASE_URL");
            hide(&path, &json!(text), None)
        };
        assert_eq!(hidden("postgres://app:hun/ter2@db/x"), "postgres://app:hun/ter2@db/x");
        assert_eq!(hidden("postgres://app:hunter2@db:5432/x"), "postgres://app:(secret)@db:5432/x");
        assert_eq!(hidden("a://b:c@d b://e:f@g"), "a://b:(secret)@d b://e:(secret)@g");
        let path = Path::parse("containers.app.environment.DATABASE_URL");
        let changed = hide(&path, &json!("a://b:new@d"), Some(&json!("a://b:old@d")));
        assert_eq!(changed, "a://b:(secret, changed)@d");
        for plain in ["http://host:80/a@b:c", "http://user@host", "redis://:@host", "a://", "@"] {
            assert_eq!(hidden(plain), plain);
        }
    }

    #[test]
    fn lists_of_names_and_values_hide_the_value() {
        let path = Path::parse("containers[0].environment");
        let value = json!([{"name": "DB_PASSWORD", "value": "x"}, {"name": "A", "value": "b"}]);
        let hidden = hide(&path, &value, None);
        assert_eq!(
            hidden,
            json!([{"name": "DB_PASSWORD", "value": HIDDEN}, {"name": "A", "value": "b"}])
        );
    }
}
