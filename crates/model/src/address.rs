//! The name of a resource in a spec: `kind.name`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a resource in a spec, such as `security_group.alb`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address {
    /// The kind, such as `security_group`.
    pub kind: String,
    /// The name that the spec gives it, such as `alb`.
    pub name: String,
}

impl Address {
    /// Puts an address together.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Address { kind: kind.into(), name: name.into() }
    }

    /// Whether `name` may stand in an address: a letter, then letters, digits, `-` or `_`.
    pub fn is_name(name: &str) -> bool {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)
    }
}

/// The text is not of the form `kind.name`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an address of the form kind.name")]
pub struct NotAnAddress(String);

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        match text.split_once('.') {
            Some((kind, name)) if Address::is_name(kind) && Address::is_name(name) => {
                Ok(Address::new(kind, name))
            }
            _ => Err(NotAnAddress(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}
