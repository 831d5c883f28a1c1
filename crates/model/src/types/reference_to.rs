//! A field that takes a resource.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::reference;

/// The key by which a field's schema says that it takes a resource. Its value is an object with
/// `kind`, `output` and `literal`.
pub const REFERENCE: &str = "x-landfall-ref";

/// What a field can refer to.
pub trait Target: 'static {
    /// The kind that the field takes.
    const KIND: &'static str;
    /// The output that the field needs of it.
    const OUTPUT: &'static str;
    /// How a literal value begins, where one is given in place of an address (`vpc-`, `arn:`).
    /// Empty where any text will do.
    const LITERAL: &'static str;
}

/// A field that takes a resource: in the spec an address or a literal, in here the value itself,
/// or a token while it is not known.
pub struct Ref<T>(String, PhantomData<fn() -> T>);

impl<T> Ref<T> {
    /// The value as AWS gave it.
    pub fn new(value: impl Into<String>) -> Self {
        Ref(value.into(), PhantomData)
    }

    /// The value; a token while it is not known.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the value is known.
    pub fn is_known(&self) -> bool {
        reference::is_known(&self.0)
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Ref(self.0.clone(), PhantomData)
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Ref<T> {}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&reference::display(&self.0), f)
    }
}

impl<T> From<&Ref<T>> for String {
    fn from(value: &Ref<T>) -> String {
        value.0.clone()
    }
}

impl<T> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, T> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Ref::new)
    }
}

impl<T: Target> JsonSchema for Ref<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}_ref", T::KIND).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            REFERENCE: { "kind": T::KIND, "output": T::OUTPUT, "literal": T::LITERAL },
        })
    }
}
