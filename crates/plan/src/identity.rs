//! What has to be unique among the things of a kind.

use landfall_model::{KindRules, reference};
use serde_json::Value;

/// The field by which a thing is told from others of its kind: its name, or without one what is
/// unique within its parent, which comes last (a listener's port).
pub(crate) fn uniquely_named(rules: &KindRules) -> &'static str {
    let unique = rules.fields.iter().rfind(|field| field.identity).map(|field| field.name);
    rules.naming.map(|naming| naming.field).or(unique).unwrap_or("name")
}

/// The values of a thing's identity fields, if it has any and all are known.
pub(crate) fn same_identity(rules: &KindRules, spec: &Value) -> Option<Vec<Value>> {
    let fields: Vec<&str> =
        rules.fields.iter().filter(|field| field.identity).map(|field| field.name).collect();
    let values: Vec<Value> = fields
        .iter()
        .filter_map(|field| spec.get(field))
        .filter(|v| !v.is_null())
        .cloned()
        .collect();
    let known = values.iter().all(reference::is_value_known);
    (!fields.is_empty() && values.len() == fields.len() && known).then_some(values)
}

/// Whether AWS would not let the two things exist side by side.
pub(crate) fn collide(rules: &KindRules, one: &Value, other: &Value) -> bool {
    let identity = same_identity(rules, one);
    identity.is_some() && identity == same_identity(rules, other) || excluded(rules, one, other)
}

/// Whether the two have something alike, besides their identity, that no two can have alike.
pub(crate) fn excluded(rules: &KindRules, one: &Value, other: &Value) -> bool {
    let alike = |field: &&str| {
        let value = one.get(*field).filter(|value| !value.is_null());
        value.is_some() && value == other.get(*field)
    };
    rules.exclusive.iter().any(|fields| fields.iter().all(alike))
}
