//! The JSON Schema of a whole spec, for editors.

use landfall_model::Catalogue;
use landfall_model::types::{DOCUMENT, REFERENCE};
use serde_json::{Map, Value, json};

use crate::common_fields::{
    DEPENDS_ON, LIFECYCLE, TAGS, depends_on_schema, lifecycle_schema, tags_schema,
};

/// Where a `${…}` stands in place of a number, a boolean or a word.
const INTERPOLATED: &str = r"\$\{";
const NAME: &str = "^[A-Za-z][A-Za-z0-9_-]*$";

/// The JSON Schema of a spec. It is a little more lenient than landfall itself: references and
/// what hides in `${…}` are for `landfall validate`.
pub fn schema(catalogue: &Catalogue) -> Value {
    let mut definitions = Map::new();
    definitions.insert(TAGS.to_owned(), lenient(&tags_schema(), ""));
    definitions.insert(DEPENDS_ON.to_owned(), lenient(&depends_on_schema(), ""));
    definitions.insert(LIFECYCLE.to_owned(), lenient(&lifecycle_schema(), ""));
    let mut kinds = Map::new();
    for (name, kind) in &catalogue.kinds {
        let mut own = take_definitions(&kind.schema, &format!("resource.{name}"), &mut definitions);
        if let Some(properties) = own.get_mut("properties").and_then(Value::as_object_mut) {
            for common in [TAGS, DEPENDS_ON, LIFECYCLE] {
                properties
                    .insert(common.to_owned(), json!({ "$ref": format!("#/$defs/{common}") }));
            }
        }
        kinds.insert((*name).to_owned(), named(&format!("resource.{name}"), &own));
        definitions.insert(format!("resource.{name}"), own);
    }
    let mut lookups = Map::new();
    for (name, lookup) in &catalogue.lookups {
        let own = take_definitions(&lookup.schema, &format!("lookup.{name}"), &mut definitions);
        lookups.insert((*name).to_owned(), named(&format!("lookup.{name}"), &own));
        definitions.insert(format!("lookup.{name}"), own);
    }
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "landfall spec",
        "type": "object",
        "required": ["stack"],
        "additionalProperties": false,
        "properties": {
            "stack": {
                "type": "string",
                "description": "The name by which landfall knows what it owns.",
            },
            "region": { "type": "string", "description": "The AWS region." },
            "account": {
                "type": ["string", "integer"],
                "description": "The only account that this spec may work in.",
            },
            "variables": {
                "type": "object",
                "description": "Variables, by name: a default, or a map.",
                "propertyNames": { "pattern": NAME },
                "additionalProperties": { "anyOf": [
                    { "type": ["string", "number", "boolean", "null"] },
                    {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": {
                            "default": scalar,
                            "description": { "type": "string" },
                            "type": { "enum": ["string", "integer", "number", "boolean"] },
                            "secret": {
                                "type": "boolean",
                                "description": "Whether its value is kept out of all that is shown and saved.",
                            },
                        },
                    },
                ] },
            },
            "tags": { "$ref": "#/$defs/tags" },
            "lookup": {
                "type": "object",
                "description": "Things that exist and are not ours.",
                "properties": lookups,
                "additionalProperties": false,
            },
            "resources": {
                "type": "object",
                "description": "What there shall be, by kind and name.",
                "properties": kinds,
                "additionalProperties": false,
            },
            "outputs": {
                "type": "object",
                "description": "Values that a run prints at its end.",
                "propertyNames": { "pattern": NAME },
                "additionalProperties": { "anyOf": [
                    { "type": ["string", "number", "boolean", "array"] },
                    {
                        "type": "object",
                        "required": ["value"],
                        "additionalProperties": false,
                        "properties": { "value": true, "description": { "type": "string" } },
                    },
                ] },
            },
        },
        "$defs": definitions,
    })
}

/// A map of names to one thing. What needs no field may be left empty.
fn named(definition: &str, own: &Value) -> Value {
    let reference = json!({ "$ref": format!("#/$defs/{definition}") });
    let empty = own.get("required").and_then(Value::as_array).is_none_or(Vec::is_empty);
    let each = match empty {
        true => json!({ "anyOf": [reference, { "type": "null" }] }),
        false => reference,
    };
    let mut map = json!({
        "type": "object",
        "propertyNames": { "pattern": NAME },
        "additionalProperties": each,
    });
    if let Some(description) = own.get("description") {
        map["description"] = description.clone();
    }
    map
}

/// Moves a schema's own definitions under a prefix, and gives back the rest of it.
fn take_definitions(schema: &Value, prefix: &str, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = schema.clone();
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("$schema");
        map.shift_remove("title");
        if let Some(Value::Object(own)) = map.shift_remove("$defs") {
            for (name, definition) in own {
                definitions.insert(format!("{prefix}.{name}"), lenient(&definition, prefix));
            }
        }
    }
    lenient(&schema, prefix)
}

/// The schema with what the spec language adds to JSON: `${…}` in place of numbers and words,
/// numbers in place of texts, one word for a list of references.
fn lenient(schema: &Value, prefix: &str) -> Value {
    let Some(map) = schema.as_object() else { return schema.clone() };
    if map.contains_key(DOCUMENT) {
        return with(map, "type", json!(["object", "string"]));
    }
    if map.contains_key(REFERENCE) {
        return schema.clone();
    }
    let mut new = Map::new();
    for (key, value) in map {
        let value = match key.as_str() {
            "$ref" => {
                let target = value.as_str().unwrap_or("");
                json!(target.replace("#/$defs/", &format!("#/$defs/{prefix}.")))
            }
            "items" | "additionalProperties" => lenient(value, prefix),
            "properties" | "patternProperties" => {
                let fields = value.as_object().into_iter().flatten();
                fields.map(|(name, field)| (name.clone(), lenient(field, prefix))).collect()
            }
            "anyOf" | "oneOf" | "allOf" | "prefixItems" => {
                let branches = value.as_array().into_iter().flatten();
                branches.map(|branch| lenient(branch, prefix)).collect()
            }
            _ => value.clone(),
        };
        // An interpolated text may match several branches.
        let key = if key == "oneOf" { "anyOf".to_owned() } else { key.clone() };
        new.insert(key, value);
    }
    let interpolated = json!({ "type": "string", "pattern": INTERPOLATED });
    if is_list_of_references(map) {
        let word = json!({ "type": "string", "pattern": r"^lookup\.|\$\{" });
        return either(new, word);
    }
    if map.contains_key("enum") || map.contains_key("const") {
        return either(new, interpolated);
    }
    let types: Vec<&str> = match map.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return Value::Object(new),
    };
    if types.contains(&"string") {
        let mut all = types.clone();
        all.extend(["number", "boolean"].into_iter().filter(|name| !types.contains(name)));
        new.insert("type".to_owned(), json!(all));
        return Value::Object(new);
    }
    match types.iter().any(|name| matches!(*name, "integer" | "number" | "boolean")) {
        true => either(new, interpolated),
        false => Value::Object(new),
    }
}

fn is_list_of_references(map: &Map<String, Value>) -> bool {
    map.get("items").is_some_and(|items| items.get(REFERENCE).is_some())
}

/// The schema or another one, its description kept on the outside, where editors look.
fn either(mut schema: Map<String, Value>, other: Value) -> Value {
    let description = schema.shift_remove("description");
    let default = schema.shift_remove("default");
    let mut either = json!({ "anyOf": [schema, other] });
    for (key, value) in [("description", description), ("default", default)] {
        if let Some(value) = value {
            either[key] = value;
        }
    }
    either
}

fn with(map: &Map<String, Value>, key: &str, value: Value) -> Value {
    let mut map = map.clone();
    map.insert(key.to_owned(), value);
    Value::Object(map)
}
