//! Attributes: tables of keys with their defaults and values, of which each thing keeps what
//! differs from the default.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::constraint::{invalid, length};
use crate::refused::Refused;

/// What was set, by key.
pub type Settings = BTreeMap<String, String>;

/// An attribute as it comes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Attribute {
    /// Its name.
    #[serde(default)]
    pub key: Option<String>,
    /// Its value; none stands for an empty one.
    #[serde(default)]
    pub value: Option<String>,
}

/// Which values an attribute takes.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A number in a range.
    Number(u64, u64),
    /// A number in a range, or 0 for none.
    NumberOrNone(u64, u64),
    /// A number in a range, or `off`.
    NumberOrOff(u64, u64),
    /// Any text up to a length.
    Text(usize),
}

/// An attribute that a thing has: its key, what it is if nothing is said, and what it may be.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub key: &'static str,
    /// Its default.
    pub default: &'static str,
    /// What it takes.
    pub values: Values,
}

/// A row of a table.
pub const fn known(key: &'static str, default: &'static str, values: Values) -> Known {
    Known { key, default, values }
}

/// Reads what is to be set. `what` opens the refusals: `Load balancer`.
pub fn read(what: &str, table: &[Known], given: Vec<Attribute>) -> Result<Settings, Refused> {
    if given.is_empty() {
        return Err(invalid(format!("{what} attributes cannot be empty")));
    }
    let mut settings = Settings::new();
    for Attribute { key, value } in given {
        let key = key.ok_or_else(|| invalid(format!("{what} attribute key must be specified")))?;
        length("attributes.member.key", &key, 0, 256)?;
        let value = value.unwrap_or_default();
        let Some(known) = table.iter().find(|known| known.key == key) else {
            return Err(invalid(format!("{what} attribute key '{key}' is not recognized")));
        };
        if !takes(known.values, &value) {
            return Err(invalid(format!("{what} attribute '{key}' cannot be '{value}'")));
        }
        if settings.insert(key.clone(), value).is_some() {
            return Err(invalid(format!("{what} attribute key '{key}' is specified twice")));
        }
    }
    Ok(settings)
}

/// What an attribute is now.
pub fn value<'t>(table: &'t [Known], settings: &'t Settings, key: &str) -> &'t str {
    settings.get(key).map_or_else(
        || table.iter().find(|known| known.key == key).map_or("", |known| known.default),
        String::as_str,
    )
}

/// All attributes as they are read back.
pub fn listed(table: &[Known], settings: &Settings) -> Value {
    table
        .iter()
        .map(|known| json!({ "Key": known.key, "Value": value(table, settings, known.key) }))
        .collect()
}

fn takes(values: Values, value: &str) -> bool {
    let number = |least: u64, most: u64| {
        let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        plain && value.parse().is_ok_and(|number: u64| (least..=most).contains(&number))
    };
    match values {
        Values::Flag => value == "true" || value == "false",
        Values::OneOf(set) => set.contains(&value),
        Values::Number(least, most) => number(least, most),
        Values::NumberOrNone(least, most) => value == "0" || number(least, most),
        Values::NumberOrOff(least, most) => value == "off" || number(least, most),
        Values::Text(most) => value.chars().count() <= most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_their_attribute_takes() {
        for (values, value, taken) in [
            (Values::Flag, "true", true),
            (Values::Flag, "True", false),
            (Values::Number(1, 4000), "4000", true),
            (Values::Number(1, 4000), "4001", false),
            (Values::Number(1, 4000), "+5", false),
            (Values::NumberOrNone(30, 900), "0", true),
            (Values::NumberOrNone(30, 900), "29", false),
            (Values::NumberOrOff(1, 100), "off", true),
            (Values::NumberOrOff(1, 100), "0", false),
            (Values::OneOf(&["a"]), "b", false),
            (Values::Text(3), "abcd", false),
        ] {
            assert_eq!(takes(values, value), taken, "{values:?} {value}");
        }
    }
}
