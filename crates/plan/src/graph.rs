//! Who refers to whom, by the spec and by what is live.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use indexmap::IndexMap;
use landfall_model::types::REFERENCE;
use landfall_model::{Address, Catalogue, Live, Path, Readiness, Stack};
use serde_json::Value;

use crate::decide::Observed;

/// Who refers to whom: from an address to the addresses it needs, with the fields that say so.
#[derive(Clone, Debug, Default)]
pub struct References {
    edges: Edges,
    /// Those that the spec says.
    declared: Edges,
    /// Which thing refers to which, by address and AWS's identifier, and in which fields.
    live: BTreeMap<[(Address, String); 2], BTreeSet<String>>,
}

type Edges = BTreeMap<Address, BTreeMap<Address, BTreeSet<String>>>;

impl References {
    /// Gathers the references of the spec and of the stack's live things.
    pub fn new(stack: &Stack, observed: &Observed, catalogue: &Catalogue) -> References {
        let mut references = References::default();
        for declared in stack.resources.values() {
            let Value::Object(fields) = &declared.spec else { continue };
            for (field, value) in fields {
                for reference in landfall_model::reference::references(value) {
                    if let Some(to) = reference.address() {
                        references.add(&declared.address, to, field);
                    }
                }
            }
            for to in &declared.depends_on {
                references.add(&declared.address, to, "depends_on");
            }
        }
        references.declared = references.edges.clone();
        references.add_live(stack, observed, catalogue);
        references
    }

    fn add(&mut self, from: &Address, to: &Address, field: &str) {
        if from != to {
            let fields = self.edges.entry(from.clone()).or_default().entry(to.clone()).or_default();
            fields.insert(field.to_owned());
        }
    }

    /// A live thing refers to another where a field that takes such a thing holds its output.
    fn add_live(&mut self, stack: &Stack, observed: &Observed, catalogue: &Catalogue) {
        let mut by_output: HashMap<(&str, &str, &str), (Address, String)> = HashMap::new();
        // What is going away by itself counts as gone.
        let there = |live: &&Live| !matches!(live.readiness, Readiness::Leaving(_));
        let owned: Vec<(Address, &Live)> = observed
            .live
            .iter()
            .filter(there)
            .filter_map(|live| Some((live.address_in(&stack.name)?, live)))
            .collect();
        for (address, live) in &owned {
            for (output, value) in &live.outputs {
                if let Some(value) = value.as_str() {
                    let whose = (address.clone(), live.id.clone());
                    by_output.insert((&live.kind, output, value), whose);
                }
            }
        }
        for (address, live) in &owned {
            let Some(info) = catalogue.kind(&live.kind) else { continue };
            for (path, target) in reference_fields(&info.schema, &live.spec) {
                let Some(value) = path.get(&live.spec).and_then(Value::as_str) else { continue };
                let key = (target.0.as_str(), target.1.as_str(), value);
                if let Some(to) = by_output.get(&key) {
                    self.add(address, &to.0, path.head());
                    let pair = [(address.clone(), live.id.clone()), to.clone()];
                    self.live.entry(pair).or_default().insert(path.head().to_owned());
                }
            }
        }
    }

    /// What an address needs, with the fields that say so.
    pub fn of(&self, from: &Address) -> impl Iterator<Item = (&Address, &BTreeSet<String>)> {
        self.edges.get(from).into_iter().flatten()
    }

    /// The same by the spec alone.
    pub fn declared_of(
        &self,
        from: &Address,
    ) -> impl Iterator<Item = (&Address, &BTreeSet<String>)> {
        self.declared.get(from).into_iter().flatten()
    }

    /// The fields in which one live thing refers to another, if it does.
    pub fn between(
        &self,
        from: (&Address, &Live),
        to: (&Address, &Live),
    ) -> Option<&BTreeSet<String>> {
        let whose = |(address, live): (&Address, &Live)| (address.clone(), live.id.clone());
        self.live.get(&[whose(from), whose(to)])
    }

    /// The addresses that need an address.
    pub fn to<'a>(&'a self, to: &'a Address) -> impl Iterator<Item = &'a Address> {
        self.edges.iter().filter(move |(_, edges)| edges.contains_key(to)).map(|(from, _)| from)
    }

    /// Everything that an address needs, directly or not, without itself.
    pub fn reachable(&self, from: &Address) -> BTreeSet<Address> {
        let mut found = BTreeSet::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for (to, _) in self.of(at) {
                if to != from && found.insert(to.clone()) {
                    open.push(to);
                }
            }
        }
        found
    }

    /// What every given address reaches. Linear in practice: each set is built once.
    pub fn closure<'a>(
        &self,
        addresses: impl Iterator<Item = &'a Address>,
    ) -> IndexMap<Address, BTreeSet<Address>> {
        addresses.map(|address| (address.clone(), self.reachable(address))).collect()
    }
}

/// The places in a value at which, by its schema, a resource stands: with kind and output.
fn reference_fields(schema: &Value, value: &Value) -> Vec<(Path, (String, String))> {
    let mut found = Vec::new();
    walk(schema, schema, value, Path::default(), &mut found);
    found
}

fn walk(
    root: &Value,
    schema: &Value,
    value: &Value,
    path: Path,
    found: &mut Vec<(Path, (String, String))>,
) {
    if let Some(target) = schema.get(REFERENCE) {
        let text = |key: &str| target[key].as_str().unwrap_or_default().to_owned();
        found.push((path, (text("kind"), text("output"))));
        return;
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        if let Some(target) = root.pointer(name.trim_start_matches('#')) {
            walk(root, target, value, path, found);
        }
        return;
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        for branch in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
            walk(root, branch, value, path.clone(), found);
        }
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let property = schema.get("properties").and_then(|all| all.get(key));
                if let Some(inner) = property.or_else(|| schema.get("additionalProperties")) {
                    walk(root, inner, value, path.key(key), found);
                }
            }
        }
        Value::Array(items) => {
            if let Some(inner) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    walk(root, inner, item, path.index(index), found);
                }
            }
        }
        _ => {}
    }
}
