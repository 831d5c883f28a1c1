//! Walks a value together with its schema: maps, lists and forms to choose from.

use std::fmt;
use std::sync::Arc;

use landfall_model::reference::{Root, sole};
use serde_json::{Map, Value};

use crate::reader::{Reader, has_error};
use crate::shape::Shape;
use crate::suggest;
use crate::text::Scope;
use crate::tree::{Data, Entry, Node, Span};

/// What is being read: the same for all fields of a resource.
pub(crate) struct Frame<'a> {
    pub scope: Scope,
    /// The schema that holds the definitions.
    pub schema: &'a Value,
    /// What it is in a message: `ecs_service`.
    pub what: &'a str,
}

/// Where in the resource the walk is, as a chain of callers.
pub(crate) struct Trail<'t> {
    above: Option<&'t Trail<'t>>,
    step: Step<'t>,
    /// The key under which the value stands.
    pub key: Span,
}

enum Step<'t> {
    Top,
    Key(&'t str),
    Index(usize),
}

impl<'t> Trail<'t> {
    pub fn top(key: Span) -> Trail<'t> {
        Trail { above: None, step: Step::Top, key }
    }

    pub fn key(&'t self, name: &'t str, key: Span) -> Trail<'t> {
        Trail { above: Some(self), step: Step::Key(name), key }
    }

    pub fn index(&'t self, index: usize, key: Span) -> Trail<'t> {
        Trail { above: Some(self), step: Step::Index(index), key }
    }

    /// The last key on the way and the one before it.
    pub fn last_keys(&self) -> (Option<&str>, Option<&str>) {
        let name = |trail: Option<&Trail<'t>>| match trail.map(|trail| &trail.step) {
            Some(Step::Key(name)) => Some(*name),
            _ => None,
        };
        (name(Some(self)), name(self.above))
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        let first = !matches!(self.above, Some(Trail { above: Some(_), .. }));
        match self.step {
            Step::Top => Ok(()),
            Step::Key(key) if first => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl Reader<'_> {
    /// The value of a field; `None` where nothing can be made of it, which has been reported. A
    /// map or list comes back without the parts that were wrong.
    pub fn value(
        &mut self,
        node: &Arc<Node>,
        schema: &Value,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        match Shape::of(schema, frame.schema) {
            Shape::Anything => self.free(node, trail, frame),
            Shape::Document(name) => self.document(node, name, trail, frame),
            Shape::Reference(wanted) => self.reference(node, wanted, trail, frame),
            Shape::Choice(values) => self.choice(node, &values, trail, frame),
            Shape::Scalar(types, schema) => self.leaf(node, types, schema, trail, frame),
            Shape::List(schema) => self.list(node, schema, trail, frame),
            Shape::Map(schema) => self.map(node, schema, trail, frame, &[]),
            Shape::OneOf(branches) => self.one_of(node, &branches, trail, frame),
        }
    }

    /// A map; `others` are keys that somebody else reads.
    pub fn map(
        &mut self,
        node: &Arc<Node>,
        schema: &Value,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
        others: &[&str],
    ) -> Option<Value> {
        let Data::Map(entries) = &node.data else {
            match trail.step {
                Step::Top => {
                    let message = format!("{} takes a map of its fields", frame.what);
                    self.error(node.pointer(trail.key), message);
                }
                _ => self.wrong_type(node, "a map", trail),
            }
            return None;
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        let free = free_keys(schema);
        let mut map = Map::new();
        for entry in entries {
            if others.contains(&&*entry.key) {
                continue;
            }
            let known = properties.and_then(|properties| properties.get(&*entry.key));
            let Some(schema) = known.or(free) else {
                let names = properties.into_iter().flat_map(Map::keys).map(|name| name.as_str());
                self.unknown_field(entry, trail, frame, names.chain(others.iter().copied()));
                continue;
            };
            // Nothing written is the same as no field.
            if entry.value.is_null() && !matches!(Shape::of(schema, frame.schema), Shape::Anything)
            {
                continue;
            }
            let below = trail.key(&entry.key, entry.key_span);
            let key = match known {
                Some(_) => Some(entry.key.to_string()),
                None => self.text(&entry.key, entry.key_span, frame.scope).map(|key| key.value),
            };
            let value = self.value(&entry.value, schema, &below, frame);
            if let (Some(key), Some(value)) = (key, value) {
                map.insert(key, value);
            }
        }
        self.required(node, schema, trail, frame);
        Some(Value::Object(map))
    }

    fn required(&mut self, node: &Arc<Node>, schema: &Value, trail: &Trail<'_>, frame: &Frame<'_>) {
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            match node.get(name) {
                Some(entry) if entry.value.is_null() => {
                    let below = trail.key(name, entry.key_span);
                    self.error(entry.key_span, format!("`{below}` needs a value"));
                }
                Some(_) => {}
                // The misspelt one has been reported.
                None if misspelt(node, schema, name) => {}
                None => {
                    let message = format!("missing field `{name}` in {}", place_of(trail, frame));
                    self.error(node.pointer(trail.key), message);
                }
            }
        }
    }

    fn unknown_field<'n>(
        &mut self,
        entry: &Entry,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
        names: impl Iterator<Item = &'n str>,
    ) {
        let message = format!("unknown field `{}` in {}", entry.key, place_of(trail, frame));
        self.error_about(entry.key_span, message, &entry.key, "fields", names);
    }

    fn list(
        &mut self,
        node: &Arc<Node>,
        schema: &Value,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        let anything = Value::Bool(true);
        let items = schema.get("items").unwrap_or(&anything);
        let nodes = match &node.data {
            Data::List(nodes) => nodes,
            Data::Scalar(_) => return self.list_in_a_word(node, items, trail, frame),
            Data::Map(_) => {
                self.error_with(
                    node.pointer(trail.key),
                    format!("`{trail}` takes a list, found a map"),
                    "put `- ` before it, or brackets around it",
                );
                return None;
            }
        };
        let mut list = Vec::with_capacity(nodes.len());
        let mut spliced = false;
        for (index, item) in nodes.iter().enumerate() {
            let below = trail.index(index, self.source.first_line(item.span));
            if item.is_null() {
                self.error(trail.key, format!("`{below}` is empty"));
                continue;
            }
            if let Shape::Reference(wanted) = Shape::of(items, frame.schema) {
                // A lookup that yields many stands for all of them.
                let found = self.reference_or_list(item, wanted, &below, frame);
                spliced |= found.as_ref().is_some_and(|found| found.is_list);
                list.extend(found.map(|found| found.value));
            } else {
                list.extend(self.value(item, items, &below, frame));
            }
        }
        if !spliced {
            self.length(node, nodes.len(), schema, trail);
        }
        Some(Value::Array(list))
    }

    /// A list given as one word: right where the word stands for a list.
    fn list_in_a_word(
        &mut self,
        node: &Arc<Node>,
        items: &Value,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        let scalar = node.scalar()?;
        let text = self.text(&scalar.text, node.span, frame.scope)?;
        if let Shape::Reference(wanted) = Shape::of(items, frame.schema)
            && text.value.starts_with("lookup.")
        {
            let found = self.reference_or_list(node, wanted, trail, frame)?;
            if found.is_list {
                return Some(Value::Array(vec![found.value]));
            }
        }
        if let Some(reference) = sole(&text.value)
            && matches!(reference.root, Root::Lookup(_))
            && reference.output.ends_with('s')
        {
            return Some(Value::Array(vec![Value::String(text.value)]));
        }
        self.wrong_type(node, "a list", trail);
        if let Some(finding) = self.findings.last_mut() {
            finding.help = Some(match scalar.text.contains('\n') {
                true => "put `- ` before it".to_owned(),
                false => format!("write `[{}]`", crate::leaf::quoted(scalar)),
            });
        }
        None
    }

    fn length(&mut self, node: &Arc<Node>, length: usize, schema: &Value, trail: &Trail<'_>) {
        let bound = |name| schema.get(name).and_then(Value::as_u64);
        let length = length as u64;
        let (least, most) = (bound("minItems").unwrap_or(0), bound("maxItems"));
        let span = node.pointer(trail.key);
        if length < least {
            self.error(span, format!("`{trail}` takes at least {least} elements, found {length}"));
        }
        if let Some(most) = most.filter(|most| length > *most) {
            self.error(span, format!("`{trail}` takes at most {most} elements, found {length}"));
        }
    }

    /// Forms to choose from: the one that fits, or the complaints of the one that fits best.
    fn one_of(
        &mut self,
        node: &Arc<Node>,
        branches: &[&Value],
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        let fitting: Vec<&&Value> =
            branches.iter().filter(|branch| fits(node, &Shape::of(branch, frame.schema))).collect();
        if fitting.is_empty() {
            let mut forms: Vec<String> =
                branches.iter().map(|b| Shape::of(b, frame.schema).describe()).collect();
            forms.dedup();
            self.wrong_type(node, &forms.join(" or "), trail);
            return None;
        }
        if let Some(help) = self.no_form_has(node, &fitting, frame) {
            let entry = node.entries().first()?;
            let message = format!("unknown field `{}` in {}", entry.key, place_of(trail, frame));
            self.error_with(entry.key_span, message, help);
            return None;
        }
        let first_key = node.entries().first().map(|entry| &*entry.key);
        let mut best: Option<((bool, usize), Option<Value>, Vec<_>)> = None;
        for branch in fitting {
            let mark = self.findings.len();
            let value = self.value(node, branch, trail, frame);
            let found = self.findings.split_off(mark);
            if !has_error(&found) {
                self.findings.extend(found);
                return value;
            }
            let stranger =
                first_key.is_some_and(|key| !properties(branch, frame.schema).contains(&key));
            let score = (stranger, found.len());
            if best.as_ref().is_none_or(|(least, _, _)| score < *least) {
                best = Some((score, value, found));
            }
        }
        let (_, value, found) = best?;
        self.findings.extend(found);
        value
    }

    /// What to say where the first key of a map belongs to none of the forms.
    fn no_form_has(
        &self,
        node: &Arc<Node>,
        branches: &[&&Value],
        frame: &Frame<'_>,
    ) -> Option<String> {
        let key = &node.entries().first()?.key;
        let mut names = Vec::new();
        for branch in branches {
            let Shape::Map(schema) = Shape::of(branch, frame.schema) else { return None };
            if free_keys(schema).is_some() {
                return None;
            }
            names.extend(properties(schema, frame.schema));
        }
        names.dedup();
        (!names.contains(&&**key)).then(|| suggest::help(key, "fields", names))
    }
}

/// The schema of keys that the map does not name.
fn free_keys(schema: &Value) -> Option<&Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let by_pattern = patterns.and_then(|patterns| patterns.values().next());
    let additional = schema.get("additionalProperties").filter(|free| **free != Value::Bool(false));
    let nothing_named = schema.get("properties").is_none() && schema.get("required").is_none();
    let any = (nothing_named && schema.get("additionalProperties").is_none()).then_some(&ANYTHING);
    by_pattern.or(additional).or(any)
}

/// Whether a key that the map doesn't know is most likely this field.
fn misspelt(node: &Node, schema: &Value, name: &str) -> bool {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return false;
    };
    let unknown = node.entries().iter().filter(|entry| !properties.contains_key(&*entry.key));
    let names = || properties.keys().map(|name| name.as_str());
    unknown.take(20).any(|entry| suggest::closest(&entry.key, names()) == Some(name))
}

static ANYTHING: Value = Value::Bool(true);

fn properties<'s>(schema: &'s Value, root: &'s Value) -> Vec<&'s str> {
    match Shape::of(schema, root) {
        Shape::Map(schema) => schema
            .get("properties")
            .and_then(Value::as_object)
            .map(|properties| properties.keys().map(|name| name.as_str()).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn fits(node: &Node, shape: &Shape<'_>) -> bool {
    match (shape, &node.data) {
        (Shape::Anything | Shape::OneOf(_) | Shape::Document(_), _) => true,
        (Shape::Map(_), data) => matches!(data, Data::Map(_)),
        (Shape::List(_), data) => matches!(data, Data::List(_)),
        (Shape::Reference(_) | Shape::Choice(_) | Shape::Scalar(..), data) => {
            matches!(data, Data::Scalar(_))
        }
    }
}

/// `ecs_service`, or the map inside it.
fn place_of(trail: &Trail<'_>, frame: &Frame<'_>) -> String {
    match trail.step {
        Step::Top => frame.what.to_owned(),
        _ => format!("`{trail}` of {}", frame.what),
    }
}
