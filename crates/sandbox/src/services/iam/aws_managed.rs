//! AWS's managed policies, those that stacks of ECS use. Names, paths and dates are AWS's; the
//! documents say in short what AWS's say at length.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// A managed policy of AWS's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id.
    pub id: String,
    /// The version in force, the only one that is shown.
    pub version: String,
    /// When it was made.
    pub created: String,
    /// When its version in force was made.
    pub updated: String,
    /// What it is for.
    pub description: String,
    /// The document in force.
    pub document: Value,
}

impl Policy {
    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }
}

/// All of them, by name.
pub fn all() -> &'static [Policy] {
    static ALL: LazyLock<Vec<Policy>> = LazyLock::new(|| {
        serde_json::from_str(include_str!("aws_managed.json")).unwrap_or_default()
    });
    &ALL
}

/// The policy with an ARN.
pub fn find(arn: &str) -> Option<&'static Policy> {
    let (start, name) = arn.rsplit_once('/')?;
    let path = start.strip_prefix("arn:aws:iam::aws:policy")?;
    all().iter().find(|policy| {
        policy.name == name && policy.path.strip_suffix('/').is_some_and(|own| own == path)
    })
}

#[cfg(test)]
mod tests {
    use super::super::document::{self, Purpose};
    use super::*;

    #[test]
    fn documents_keep_to_the_grammar_and_ids_are_unique() {
        assert!(all().len() > 30);
        for policy in all() {
            let read = document::read(&policy.document.to_string(), Purpose::Managed);
            assert!(read.is_ok(), "{}: {read:?}", policy.name);
            assert_eq!(policy.id.len(), 21, "{}", policy.name);
            assert_eq!(all().iter().filter(|other| other.id == policy.id).count(), 1);
            assert!(find(&policy.arn()).is_some(), "{}", policy.arn());
        }
    }
}
