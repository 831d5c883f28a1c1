//! What looks like a credential must not stand in a spec, and never on a screen.

use crate::tree::{Data, Node, Span};

/// Whether a text holds an AWS access key or a private key.
pub(crate) fn is_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || has_access_key(text)
}

fn has_access_key(text: &str) -> bool {
    ["AKIA", "ASIA"].iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            let before = text[..at].bytes().next_back();
            let mut rest = text[at + prefix.len()..].bytes();
            let word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            let long_enough = rest.by_ref().take(16).filter(|byte| word(*byte)).count() == 16;
            long_enough && !before.is_some_and(word) && !rest.next().is_some_and(word)
        })
    })
}

/// Whether a name is one that people give to secrets.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "secret", "token", "apikey", "api_key", "privatekey", "private_key"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Whether the value of an environment variable with a secret's name is the secret itself, and not
/// a switch or the ARN of where it is kept.
pub(crate) fn is_secret_value(value: &str) -> bool {
    !value.is_empty() && !value.starts_with("arn:") && !matches!(value, "true" | "false")
}

/// What must be covered when the file is shown.
pub(crate) fn covered(node: &Node, found: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(scalar) if is_key(&scalar.text) => found.push(node.span),
        Data::Scalar(_) => {}
        Data::List(items) => items.iter().for_each(|item| covered(item, found)),
        Data::Map(entries) => {
            for entry in entries {
                covered(&entry.value, found);
                if matches!(&*entry.key, "environment" | "variables") {
                    secrets_by_name(&entry.value, found);
                }
            }
        }
    }
}

fn secrets_by_name(node: &Node, found: &mut Vec<Span>) {
    for entry in node.entries() {
        if !is_secret_name(&entry.key) {
            continue;
        }
        let value = match entry.value.get("default") {
            Some(default) => &default.value,
            None => &entry.value,
        };
        let harmless = value.scalar().is_some_and(|scalar| {
            scalar.is_null() || scalar.text.contains("${") || !is_secret_value(&scalar.text)
        });
        if !harmless {
            found.push(value.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_recognised_and_look_alikes_are_not() {
        assert!(is_key(concat!("AKIA", "IOSFODNN7EXAMPLE")));
        assert!(is_key(&format!("key=ASIA{}", "A".repeat(16))));
        assert!(is_key("-----BEGIN RSA PRIVATE KEY-----\nabc"));
        assert!(!is_key(&format!("AKIA{}", "A".repeat(15))));
        assert!(!is_key(&format!("AKIA{}", "A".repeat(17))));
        assert!(is_secret_name("DB_PASSWORD") && is_secret_name("stripeApiKey"));
        assert!(!is_secret_name("PASSWORD_FILE"));
    }
}
