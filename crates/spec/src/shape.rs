//! What a JSON Schema node asks for, in the few shapes that specs are made of.

use landfall_model::types::{DOCUMENT, REFERENCE};
use serde_json::Value;

/// What a field wants.
#[derive(Debug)]
pub(crate) enum Shape<'s> {
    Anything,
    Document(&'s str),
    Reference(Wanted<'s>),
    /// One of these values.
    Choice(Vec<&'s Value>),
    Scalar(Types, &'s Value),
    List(&'s Value),
    Map(&'s Value),
    OneOf(Vec<&'s Value>),
}

/// What a field that takes a resource wants of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'s> {
    pub kind: &'s str,
    pub output: &'s str,
    /// How a literal begins; empty where any text will do.
    pub literal: &'s str,
}

/// The scalar types that a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Types {
    pub string: bool,
    pub integer: bool,
    pub number: bool,
    pub boolean: bool,
}

impl Types {
    pub fn describe(self) -> String {
        let named = [
            (self.integer && !self.number, "an integer"),
            (self.number, "a number"),
            (self.boolean, "true or false"),
            (self.string, "a text"),
        ];
        let names: Vec<&str> =
            named.iter().filter(|(wanted, _)| *wanted).map(|(_, name)| *name).collect();
        names.join(" or ")
    }
}

impl<'s> Shape<'s> {
    /// The shape of a schema node; `root` holds the definitions that it points to.
    pub fn of(schema: &'s Value, root: &'s Value) -> Shape<'s> {
        Shape::at_depth(schema, root, 0)
    }

    fn at_depth(schema: &'s Value, root: &'s Value, depth: usize) -> Shape<'s> {
        // Definitions that point at themselves would never end.
        if depth > 16 {
            return Shape::Anything;
        }
        if let Some(document) = schema.get(DOCUMENT) {
            return Shape::Document(document.as_str().unwrap_or("document"));
        }
        if let Some(wanted) = schema.get(REFERENCE) {
            let part = |name| wanted.get(name).and_then(Value::as_str).unwrap_or("");
            return Shape::Reference(Wanted {
                kind: part("kind"),
                output: part("output"),
                literal: part("literal"),
            });
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|target| root.pointer(target));
            return target.map_or(Shape::Anything, |t| Shape::at_depth(t, root, depth + 1));
        }
        if let Some(value) = schema.get("const") {
            return Shape::Choice(vec![value]);
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return Shape::Choice(values.iter().filter(|value| !value.is_null()).collect());
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array)
            && let [only] = all.as_slice()
        {
            return Shape::at_depth(only, root, depth + 1);
        }
        let either = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
        if let Some(branches) = either {
            return Shape::either(branches, root, depth);
        }
        Shape::typed(schema)
    }

    fn either(branches: &'s [Value], root: &'s Value, depth: usize) -> Shape<'s> {
        let null = |branch: &&Value| branch.get("type").and_then(Value::as_str) != Some("null");
        let branches: Vec<&Value> = branches.iter().filter(null).collect();
        if let [only] = branches.as_slice() {
            return Shape::at_depth(only, root, depth + 1);
        }
        let mut choices = Vec::new();
        for branch in &branches {
            match Shape::at_depth(branch, root, depth + 1) {
                Shape::Choice(values) => choices.extend(values),
                _ => return Shape::OneOf(branches),
            }
        }
        Shape::Choice(choices)
    }

    fn typed(schema: &'s Value) -> Shape<'s> {
        let names: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let names: Vec<&str> = names.into_iter().filter(|name| *name != "null").collect();
        match names.as_slice() {
            ["array"] => Shape::List(schema),
            ["object"] => Shape::Map(schema),
            [] if schema.get("properties").is_some() => Shape::Map(schema),
            [] => Shape::Anything,
            names if names.contains(&"array") || names.contains(&"object") => Shape::Anything,
            names => Shape::Scalar(
                Types {
                    string: names.contains(&"string"),
                    integer: names.contains(&"integer"),
                    number: names.contains(&"number"),
                    boolean: names.contains(&"boolean"),
                },
                schema,
            ),
        }
    }

    /// What to call it in a message.
    pub fn describe(&self) -> String {
        match self {
            Shape::Anything => "a value".to_owned(),
            Shape::Document(name) => format!("a {name}"),
            Shape::Reference(wanted) => crate::suggest::article(wanted.kind),
            Shape::Choice(values) => match values.as_slice() {
                [Value::String(only)] => format!("`{only}`"),
                _ => "one of a few words".to_owned(),
            },
            Shape::Scalar(types, _) => types.describe(),
            Shape::List(_) => "a list".to_owned(),
            Shape::Map(_) => "a map".to_owned(),
            Shape::OneOf(_) => "one of several forms".to_owned(),
        }
    }
}
