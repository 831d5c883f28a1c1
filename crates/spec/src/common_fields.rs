//! The fields that every resource has, whatever its kind.

use serde_json::{Value, json};

pub(crate) const TAGS: &str = "tags";
pub(crate) const DEPENDS_ON: &str = "depends_on";
pub(crate) const LIFECYCLE: &str = "lifecycle";
pub(crate) const OF_EVERY_RESOURCE: [&str; 3] = [TAGS, DEPENDS_ON, LIFECYCLE];

pub(crate) fn lifecycle_schema() -> Value {
    json!({
        "type": "object",
        "description": "What landfall leaves alone.",
        "properties": {
            "ignore_changes": {
                "type": "array",
                "items": { "type": "string" },
                "description": "Fields that belong to somebody else once the thing exists.",
            },
            "prevent_destroy": {
                "type": "boolean",
                "description": "Refuse every plan that would delete or replace it.",
            },
            "retain": {
                "type": "boolean",
                "description": "Leave it in AWS when the stack goes.",
            },
        },
        "additionalProperties": false,
    })
}

pub(crate) fn tags_schema() -> Value {
    json!({
        "type": "object",
        "description": "Tags, by key.",
        "additionalProperties": { "type": "string" },
    })
}

pub(crate) fn depends_on_schema() -> Value {
    json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "Addresses of resources that have to be ready first.",
    })
}
