//! Keeps secrets out of what was read from AWS, so that nothing that is made of it holds one.
//!
//! A secret that the spec knows becomes a reference. Where the spec wants a secret and AWS has
//! something else, that is most likely the secret of before, and is not shown either.

use std::borrow::Cow;
use std::collections::HashSet;

use landfall_model::path::Segment;
use landfall_model::{
    Catalogue, Declared, KindInfo, Live, Path, Readiness, Reference, Root, Stack, reference,
};
use serde_json::Value;

use crate::decide::{Observed, name_by_default};

/// What stands in the place of a value that is not the wanted secret.
const ANOTHER: &str = "(another secret)";
/// What stands in the place of a value that nobody compares.
const LEFT_OUT: &str = "(left out)";

impl Observed {
    /// The same without the stack's secrets.
    pub fn concealed<'a>(&'a self, stack: &Stack, catalogue: &Catalogue) -> Cow<'a, Observed> {
        if stack.secrets.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut observed = self.clone();
        for live in &mut observed.live {
            live.spec = stack.secrets.conceal(&live.spec);
            if let Readiness::Failed(why) | Readiness::Pending(why) = &mut live.readiness {
                *why = stack.secrets.hide(why);
            }
            let declared = live.address_in(&stack.name);
            let declared = declared.and_then(|address| stack.resources.get(&address));
            if let (Some(declared), Some(info)) = (declared, catalogue.kind(&live.kind)) {
                hide_others(stack, declared, info, live);
            }
        }
        Cow::Owned(observed)
    }

    /// The same with nothing in the fields of things that the stack does not declare but what tells
    /// in which order they go: what they are called, and whom they refer to.
    pub(crate) fn only_compared(mut self, stack: &Stack, catalogue: &Catalogue) -> Observed {
        let outputs: HashSet<String> = self
            .live
            .iter()
            .flat_map(|live| live.outputs.values())
            .filter_map(|output| output.as_str().map(str::to_owned))
            .collect();
        for live in &mut self.live {
            let declared = live.address_in(&stack.name);
            if declared.is_some_and(|address| stack.resources.contains_key(&address)) {
                continue;
            }
            let Some(info) = catalogue.kind(&live.kind) else { continue };
            if let Value::Object(fields) = &mut live.spec {
                for (name, value) in fields {
                    let tells = info.rules.field(name).is_some_and(|field| field.identity);
                    let named = info.rules.naming.is_some_and(|naming| naming.field == name);
                    if !tells && !named {
                        replace(value, &|text| !outputs.contains(text), LEFT_OUT);
                    }
                }
            }
        }
        self
    }
}

/// Hides what stands where the spec wants a secret, and is another one.
fn hide_others(stack: &Stack, declared: &Declared, info: &KindInfo, live: &mut Live) {
    if !stack.secrets.stand_in(&declared.spec) {
        return;
    }
    let mut want = declared.spec.clone();
    let generation = live.generation();
    name_by_default(&info.rules, &mut want, &stack.name, &declared.address, generation);
    let want = (info.canonical)(&want).unwrap_or(want);
    let want = stack.secrets.conceal(&want);
    let mut places = Vec::new();
    secret_places(&want, Path::default(), &mut places);
    for place in places {
        let Some(there) = place.get(&live.spec) else { continue };
        let mut hidden = there.clone();
        let wanted = texts(place.get(&want).unwrap_or(&Value::Null));
        let held = texts(there);
        if wanted.iter().filter(|text| holds_secret(text)).all(|text| held.contains(text)) {
            // The secrets are there; what stands beside them is none.
            continue;
        }
        let other = |text: &str| !wanted.contains(text) && !holds_secret(text);
        replace(&mut hidden, &other, ANOTHER);
        place.set(&mut live.spec, Some(&hidden));
    }
}

fn holds_secret(text: &str) -> bool {
    let secret = |reference: &Reference| reference.root == Root::Variable;
    reference::references(&Value::String(text.to_owned())).iter().any(secret)
}

/// Where secrets stand: the texts, or the lists around them, since elements have no fixed place.
fn secret_places(value: &Value, at: Path, found: &mut Vec<Path>) {
    match value {
        Value::String(text) if holds_secret(text) => {
            let list = at.0.iter().position(|segment| matches!(segment, Segment::Index(_)));
            found.push(Path(at.0[..list.unwrap_or(at.0.len())].to_vec()));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                secret_places(item, at.index(index), found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                secret_places(value, at.key(key), found);
            }
        }
        _ => {}
    }
}

fn texts(value: &Value) -> HashSet<String> {
    match value {
        Value::String(text) => HashSet::from([text.clone()]),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => HashSet::new(),
    }
}

fn replace(value: &mut Value, which: &dyn Fn(&str) -> bool, by: &str) {
    match value {
        Value::String(text) if which(text) => *text = by.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, which, by)),
        Value::Object(map) => map.values_mut().for_each(|value| replace(value, which, by)),
        _ => {}
    }
}
