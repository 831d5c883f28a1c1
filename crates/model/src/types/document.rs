//! A JSON document inside a resource, such as a policy.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The key by which a field's schema says that it holds a document: a map in the spec, the text
/// of the document, or `file: PATH`.
pub const DOCUMENT: &str = "x-landfall-document";

/// How a sort of document is brought to one form.
pub trait Form: 'static {
    /// What the document is called (`policy`).
    const NAME: &'static str;

    /// The one form of all documents that mean the same.
    fn canonical(document: Value) -> Result<Value, String>;
}

/// A JSON document in canonical form.
pub struct Document<F>(Value, PhantomData<fn() -> F>);

impl<F: Form> Document<F> {
    /// Brings a document to its canonical form.
    pub fn new(document: Value) -> Result<Self, String> {
        Ok(Document(F::canonical(document)?, PhantomData))
    }

    /// Reads the text that AWS gave.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = serde_json::from_str(text)
            .map_err(|error| format!("the {} is not JSON: {error}", F::NAME))?;
        Document::new(document)
    }
}

impl<F> Document<F> {
    /// The canonical document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The canonical document as compact JSON, for AWS.
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }
}

impl<F> Clone for Document<F> {
    fn clone(&self) -> Self {
        Document(self.0.clone(), PhantomData)
    }
}

impl<F> PartialEq for Document<F> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<F> fmt::Debug for Document<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<F> Serialize for Document<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, F: Form> Deserialize<'de> for Document<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Document::new(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<F: Form> JsonSchema for Document<F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        F::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", DOCUMENT: F::NAME })
    }
}
