//! What a kind's fixture says.

use std::collections::BTreeMap;
use std::path::Path;

use landfall_tests::world::Flavour;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A kind's life: the spec that it begins with, and what is changed in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The emulators of others that it can live on; on the sandbox every kind can.
    pub emulators: Vec<String>,
    /// A Python script that makes what has to be there before.
    pub prepare: Option<String>,
    /// A whole spec; the thing under test is `<kind>.main`.
    pub spec: Value,
    /// What is changed, one after the other.
    pub changes: Vec<Alteration>,
}

/// One change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alteration {
    /// Fields to set; null removes one, dots reach deeper, `resources.` reaches other things.
    pub set: Map<String, Value>,
    /// `update` or `replace`.
    pub action: String,
    /// The paths that the plan shows, exactly.
    pub shows: Vec<String>,
    /// Who cannot, and why.
    #[serde(default)]
    pub skip: BTreeMap<String, String>,
}

pub fn name_of(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Sandbox => "sandbox",
        Flavour::Moto => "moto",
        Flavour::Ministack => "ministack",
    }
}

impl Fixture {
    /// Reads the fixture of a kind.
    pub fn read(kind: &str) -> Option<Fixture> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/fixtures");
        let text = std::fs::read_to_string(folder.join(format!("{kind}.yaml"))).ok()?;
        match serde_saphyr::from_str(&text) {
            Ok(fixture) => Some(fixture),
            Err(error) => panic!("the fixture of {kind} cannot be read: {error}"),
        }
    }
}

/// Sets fields of the thing under test; a path that begins with `resources.` is one of the spec.
pub fn alter(spec: &mut Value, kind: &str, set: &Map<String, Value>) {
    for (path, new) in set {
        let (mut at, path) = match path.starts_with("resources.") {
            true => (&mut *spec, path.as_str()),
            false => (&mut spec["resources"][kind]["main"], path.as_str()),
        };
        let mut keys = path.split('.').peekable();
        while let Some(key) = keys.next() {
            if keys.peek().is_some() {
                at = &mut at[key];
            } else if new.is_null() {
                at.as_object_mut().expect("a map above the key").remove(key);
            } else {
                at[key] = new.clone();
            }
        }
    }
}
