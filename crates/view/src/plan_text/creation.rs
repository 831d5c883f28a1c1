//! What is shown of a thing that is made: what its author wrote, and the name that it gets.
//!
//! Not all that is wanted: a kind fills in every default, and nobody reads those.

use std::collections::{HashMap, HashSet};

use landfall_model::reference::{self, Reference};
use landfall_model::{Address, Path, Tags};
use landfall_plan::{Action, Change, Plan};
use serde_json::{Map, Value};

use crate::fit::{pad, width};
use crate::style::Paint;
use crate::{secret, value_text};

/// The widest column of field names.
const WIDEST: usize = 24;
/// How fields are called that name a thing.
const NAMES: [&str; 2] = ["name", "family"];

/// What a plan says beyond the change that is being shown.
pub(super) struct Context<'a> {
    pub(super) stack: &'a str,
    /// Outputs of things that exist.
    outputs: HashMap<&'a Address, &'a Map<String, Value>>,
    /// Tags that all new things share; they are said once.
    shared: Tags,
}

impl<'a> Context<'a> {
    pub(super) fn new(plan: &'a Plan) -> Context<'a> {
        let stays = |change: &&Change| matches!(change.action, Action::Keep | Action::Update);
        let outputs =
            plan.changes.iter().filter(stays).filter_map(|change| {
                change.live.as_ref().map(|live| (&change.address, &live.outputs))
            });
        let mut created = plan.changes.iter().filter(|change| change.action == Action::Create);
        let mut shared = Tags::new();
        if let (Some(first), Some(second)) = (created.next(), created.next()) {
            shared = first.tags.clone();
            for change in std::iter::once(second).chain(created) {
                shared.retain(|key, value| change.tags.get(key) == Some(value));
            }
            shared.retain(|key, _| !is_ownership(key));
        }
        Context { stack: &plan.stack, outputs: outputs.collect(), shared }
    }

    /// The tags that all new things share, on one line.
    pub(super) fn shared_tags_line(&self) -> Option<String> {
        (!self.shared.is_empty()).then(|| value_text::line(&map(&self.shared), Paint::NONE))
    }
}

fn is_ownership(key: &str) -> bool {
    key.starts_with("landfall:")
}

fn map(tags: &Tags) -> Value {
    Value::Object(tags.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect())
}

/// The fields of a new thing, one below the other, their values in a column.
pub(super) fn lines(
    change: &Change,
    context: &Context<'_>,
    room: usize,
    paint: Paint,
) -> Vec<String> {
    let fields = fields(change, context);
    let widest = |names: &mut dyn Iterator<Item = &String>| {
        names.map(|name| width(name) + 2).filter(|label| *label <= WIDEST).max().unwrap_or(0)
    };
    let column = widest(&mut fields.iter().map(|(name, _)| name));
    let beside: Vec<bool> = fields
        .iter()
        .map(|(name, value)| stands_beside(value, room.saturating_sub(column.max(width(name) + 2))))
        .collect();
    // Names of values that stand below need no room in the column.
    let named = fields.iter().zip(&beside).filter(|(_, beside)| **beside);
    let column = widest(&mut named.map(|((name, _), _)| name));
    let all = fields.iter().zip(beside);
    all.flat_map(|((name, value), beside)| {
        field(name, value, beside.then_some(column), room, paint)
    })
    .collect()
}

/// Whether a value stands beside its name.
fn stands_beside(value: &Value, room: usize) -> bool {
    let fits = value_text::fits;
    match value {
        Value::Array(items) => {
            let room_of_item = room.saturating_sub(2);
            fits(value, room) || items.iter().all(|item| fits(item, room_of_item))
        }
        Value::Object(_) => fits(value, room),
        _ => !value_text::is_multiline(value),
    }
}

/// A field, its value in the given column or below its name.
fn field(
    name: &str,
    value: &Value,
    column: Option<usize>,
    room: usize,
    paint: Paint,
) -> Vec<String> {
    if let Some(column) = column {
        let label = pad(&format!("{name}:"), column.max(width(name) + 2));
        let beside = room.saturating_sub(width(&label));
        let indent = " ".repeat(width(&label));
        let labels = std::iter::once(label).chain(std::iter::repeat(indent));
        let inner = value_text::lines(value, beside, paint);
        return labels.zip(inner).map(|(label, line)| label + &line).collect();
    }
    value_text::entry(name, value, room, paint)
}

/// Name, declared fields, tags.
fn fields(change: &Change, context: &Context<'_>) -> Vec<(String, Value)> {
    let empty = Map::new();
    let want = change.want.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    let declared = change.declared.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    let unknown: HashSet<Reference> = want.values().flat_map(reference::references).collect();
    let mut fields = Vec::new();
    for (name, value) in want {
        if !declared.contains_key(name) && is_default_name(name, value, change, context.stack) {
            fields.push((name.clone(), value.clone()));
        }
    }
    for (name, value) in declared.iter().filter(|(name, value)| *name != "tags" && !value.is_null())
    {
        let known = |reference: &Reference| {
            let outputs = context.outputs.get(reference.address()?)?;
            outputs.get(&reference.output).filter(|_| !unknown.contains(reference)).cloned()
        };
        let value = answered(&reference::resolve(value, &known), want.get(name), &unknown);
        let hidden = secret::hide(&Path::field(name), &value, None);
        fields.push((name.clone(), value_text::unfolded(&hidden)));
    }
    let own: Tags = change
        .tags
        .iter()
        .filter(|(key, value)| !is_ownership(key) && context.shared.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !own.is_empty() {
        fields.push(("tags".to_owned(), map(&own)));
    }
    fields
}

/// Whether a field that the spec leaves out is the name that landfall gives the thing.
pub(super) fn is_default_name(field: &str, value: &Value, change: &Change, stack: &str) -> bool {
    let plain = |text: &str| text.replace('_', "-").to_lowercase();
    let by_default = plain(&format!("{stack}-{}", change.address.name));
    value.as_str().is_some_and(|value| {
        !value.is_empty() && (NAMES.contains(&field) || plain(value).contains(&by_default))
    })
}

/// The declared value with the answers of the lookups, which only the wanted value holds. Where
/// the two don't have the same shape, the reference stays as it was written.
fn answered(declared: &Value, want: Option<&Value>, unknown: &HashSet<Reference>) -> Value {
    let open = reference::references(declared);
    if open.is_empty() || open.iter().any(|reference| unknown.contains(reference)) {
        return match (declared, want) {
            (Value::Object(map), want) => Value::Object(
                map.iter()
                    .map(|(key, value)| {
                        let want = want.and_then(|want| want.get(key));
                        (key.clone(), answered(value, want, unknown))
                    })
                    .collect(),
            ),
            _ => declared.clone(),
        };
    }
    match (declared, want) {
        (Value::String(_), Some(want)) if want.is_string() || want.is_number() => want.clone(),
        (Value::Array(items), Some(Value::Array(want))) if items.iter().all(Value::is_string) => {
            Value::Array(want.clone())
        }
        (Value::Object(map), Some(want)) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), answered(value, want.get(key), unknown)))
                .collect(),
        ),
        _ => declared.clone(),
    }
}
