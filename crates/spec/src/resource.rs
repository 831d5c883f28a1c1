//! A resource, a lookup, an output.

use std::sync::Arc;

use landfall_model::reference::is_known;
use landfall_model::{
    Address, Declared, Field, KindInfo, Lifecycle, LookupDeclared, LookupInfo, OutputDeclared,
    Path, Tags,
};
use serde_json::Value;

use crate::common_fields::{DEPENDS_ON, LIFECYCLE, OF_EVERY_RESOURCE, TAGS, lifecycle_schema};
use crate::fields::{Frame, Trail};
use crate::leaf::shown;
use crate::reader::Reader;
use crate::suggest;
use crate::text::Scope;
use crate::tree::{Data, Entry, Node, Span};

/// AWS takes 50; landfall adds four and `Name`.
const MOST_TAGS: usize = 45;
const LONGEST_TAG_KEY: usize = 128;
const LONGEST_TAG_VALUE: usize = 256;

impl Reader<'_> {
    /// Reads a resource; what is wrong with it is left out.
    pub fn read_resource(
        &mut self,
        entry: &Entry,
        address: Address,
        kind: &KindInfo,
        stack_tags: &Tags,
    ) -> Declared {
        let node = body(entry);
        let frame = Frame { scope: Scope::Resource, schema: &kind.schema, what: kind.rules.name };
        let trail = Trail::top(entry.key_span);
        let spec = self.map(&node, &kind.schema, &trail, &frame, &OF_EVERY_RESOURCE);
        if let Some(spec) = &spec {
            self.misplaced_secrets(spec, &trail, &node, kind);
        }
        let mut tags = stack_tags.clone();
        if let Some(own) = node.get(TAGS) {
            tags.extend(self.read_tags(own));
            if tags.len() > MOST_TAGS {
                let message = format!("{} tags on {address}; {MOST_TAGS} are possible", tags.len());
                self.error(own.key_span, message);
            }
        }
        let depends_on = node
            .get(DEPENDS_ON)
            .map(|entry| self.read_depends_on(entry, &address))
            .unwrap_or_default();
        let lifecycle =
            node.get(LIFECYCLE).map(|entry| self.read_lifecycle(entry, kind)).unwrap_or_default();
        let spec = spec.unwrap_or_else(|| Value::Object(Default::default()));
        Declared { address, spec, tags, depends_on, lifecycle }
    }

    /// Reports secrets where they would be seen, or where a thing could not be found again.
    fn misplaced_secrets(&mut self, spec: &Value, trail: &Trail<'_>, node: &Node, kind: &KindInfo) {
        let named = kind.rules.naming.map(|naming| naming.field);
        let tells = |field: &&Field| field.identity || field.locates || named == Some(field.name);
        for field in kind.rules.fields.iter().filter(tells) {
            if spec.get(field.name).is_some_and(|value| self.source.secrets.stand_in(value)) {
                let written = node.get(field.name);
                let span = written.map_or(trail.key, |entry| entry.value.pointer(entry.key_span));
                let message = format!("`{}` can't hold a secret", field.name);
                self.error_with(span, message, "things are found by it, and shown by it");
            }
        }
        if self.source.secrets.stand_in(&keys(spec)) {
            let help = "only a value can hold one";
            self.error_with(trail.key, "a secret can't stand in a key", help);
        }
    }

    /// Reads a lookup.
    pub fn read_lookup(
        &mut self,
        entry: &Entry,
        address: Address,
        info: &LookupInfo,
    ) -> LookupDeclared {
        let what = format!("the lookup {}", info.name);
        let frame = Frame { scope: Scope::Lookup, schema: &info.schema, what: &what };
        let trail = Trail::top(entry.key_span);
        let spec = self.map(&body(entry), &info.schema, &trail, &frame, &[]);
        let spec = spec.unwrap_or_else(|| Value::Object(Default::default()));
        LookupDeclared { address, spec }
    }

    /// Reads an output: the value itself, or a map with `value` and `description`.
    pub fn read_output(&mut self, entry: &Entry) -> Option<OutputDeclared> {
        let anything = Value::Bool(true);
        let frame = Frame { scope: Scope::Output, schema: &anything, what: "an output" };
        let top = Trail::top(entry.key_span);
        let trail = top.key(&entry.key, entry.key_span);
        let node = &entry.value;
        if node.is_null() {
            self.error(entry.key_span, format!("the output `{}` needs a value", entry.key));
            return None;
        }
        if !matches!(node.data, Data::Map(_)) {
            let value = self.free(node, &trail, &frame)?;
            return Some(OutputDeclared { value, description: None });
        }
        for field in node.entries() {
            if !matches!(&*field.key, "value" | "description") {
                let message = format!("unknown field `{}` in an output", field.key);
                let names = ["value", "description"];
                self.error_about(field.key_span, message, &field.key, "fields", names);
            }
        }
        let description = node.get("description").and_then(|field| field.value.scalar());
        let description = description.filter(|text| !text.is_null()).map(|text| text.text.clone());
        let Some(value) = node.get("value").filter(|field| !field.value.is_null()) else {
            self.error(entry.key_span, format!("the output `{}` needs a `value`", entry.key));
            return None;
        };
        let value = self.free(&value.value, &trail, &frame)?;
        Some(OutputDeclared { value, description })
    }

    /// Reads `tags`, of the stack or of a resource.
    pub fn read_tags(&mut self, section: &Entry) -> Tags {
        let mut tags = Tags::new();
        for entry in self.section_entries(section) {
            let (key_span, node) = (entry.key_span, &entry.value);
            if node.is_null() {
                continue;
            }
            let span = node.pointer(key_span);
            let Some(scalar) = node.scalar() else {
                self.error(span, format!("the tag `{}` takes a text", entry.key));
                continue;
            };
            let key = self.text(&entry.key, key_span, Scope::Fixed);
            let value = self.text(&scalar.text, node.span, Scope::Fixed);
            let (Some(key), Some(value)) = (key, value) else { continue };
            let (key, value) = (key.value, value.value);
            if key.is_empty() || key.chars().count() > LONGEST_TAG_KEY {
                let message = format!("a tag's key has 1 to {LONGEST_TAG_KEY} characters");
                self.error(key_span, message);
            } else if value.chars().count() > LONGEST_TAG_VALUE {
                let message = format!("a tag's value has at most {LONGEST_TAG_VALUE} characters");
                self.error(span, message);
            } else if let Some(owner) = ["aws:", "landfall:"]
                .into_iter()
                .find(|owner| key.to_lowercase().starts_with(owner))
            {
                let message = format!("`{}` is a reserved tag", shown(&key));
                let help = format!("tags that begin with `{owner}` can't be set");
                self.error_with(key_span, message, help);
            } else {
                tags.insert(key, value);
            }
        }
        tags
    }

    fn read_depends_on(&mut self, entry: &Entry, of: &Address) -> Vec<Address> {
        let mut found = Vec::new();
        for (word, span) in self.words(entry) {
            if word.starts_with("lookup.") {
                let help = "leave it out";
                self.error_with(span, "lookups are answered before anything is made", help);
                continue;
            }
            let Ok(address) = word.parse::<Address>() else {
                let message = format!("`{}` is not an address", shown(&word));
                self.error_with(span, message, "an address is `kind.name`");
                continue;
            };
            if self.kind(&address.kind).is_none() {
                let kinds = self.kind_names();
                let message = format!("there is no kind `{}`", address.kind);
                self.error_about(span, message, &address.kind, "kinds", kinds);
            } else if address == *of {
                self.error(span, format!("{of} can't depend on itself"));
            } else if self.declares(&address, span) {
                found.push(address);
            }
        }
        found
    }

    fn read_lifecycle(&mut self, entry: &Entry, kind: &KindInfo) -> Lifecycle {
        let schema = lifecycle_schema();
        let frame = Frame { scope: Scope::Fixed, schema: &schema, what: kind.rules.name };
        let top = Trail::top(entry.key_span);
        let trail = top.key(LIFECYCLE, entry.key_span);
        if entry.value.is_null() {
            return Lifecycle::default();
        }
        let Some(read) = self.map(&entry.value, &schema, &trail, &frame, &["ignore_changes"])
        else {
            return Lifecycle::default();
        };
        let flag = |name| read.get(name).and_then(Value::as_bool).unwrap_or(false);
        let mut lifecycle = Lifecycle {
            ignore_changes: Vec::new(),
            prevent_destroy: flag("prevent_destroy"),
            retain: flag("retain"),
        };
        let ignored = entry.value.get("ignore_changes");
        for (word, span) in ignored.map(|entry| self.words(entry)).unwrap_or_default() {
            let path = Path::parse(&word);
            if path.head() == TAGS || kind.rules.field(path.head()).is_some() {
                lifecycle.ignore_changes.push(path);
                continue;
            }
            let message =
                format!("{} has no field `{}`", suggest::article(kind.rules.name), path.head());
            let names = kind.rules.fields.iter().map(|field| field.name).chain([TAGS]);
            self.error_about(span, message, path.head(), "fields", names);
        }
        lifecycle
    }

    /// A list of words, each with its place.
    fn words(&mut self, entry: &Entry) -> Vec<(String, Span)> {
        let top = Trail::top(entry.key_span);
        let trail = top.key(&entry.key, entry.key_span);
        let Data::List(items) = &entry.value.data else {
            if !entry.value.is_null() {
                self.wrong_type(&entry.value, "a list", &trail);
                if let (Some(finding), Some(scalar)) =
                    (self.findings.last_mut(), entry.value.scalar())
                {
                    finding.help = Some(format!("write `[{}]`", crate::leaf::quoted(scalar)));
                }
            }
            return Vec::new();
        };
        let mut words = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let below = trail.index(index, self.source.first_line(item.span));
            match item.scalar() {
                Some(scalar) => {
                    let text = self.text(&scalar.text, item.span, Scope::Fixed);
                    let text = text.filter(|text| is_known(&text.value));
                    words.extend(text.map(|text| (text.value, item.pointer(below.key))));
                }
                None => self.wrong_type(item, "a text", &below),
            }
        }
        words
    }
}

/// The body of a resource or lookup; nothing written is a map without entries.
fn body(entry: &Entry) -> Arc<Node> {
    match entry.value.is_null() {
        true => Arc::new(Node::new(entry.key_span, Data::Map(Vec::new()))),
        false => Arc::clone(&entry.value),
    }
}

/// All keys in a value.
fn keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let of_each = map.iter().flat_map(|(key, value)| [key.clone().into(), keys(value)]);
            of_each.collect()
        }
        Value::Array(items) => items.iter().map(keys).collect(),
        _ => Value::Null,
    }
}
