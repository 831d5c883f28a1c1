//! Every kind goes through the same life: made, found as wanted, changed in every field, replaced
//! where a field cannot change, deleted twice. The fixtures beside this file say what is changed.

mod fixture;
mod life;

use std::collections::BTreeSet;

use landfall_aws::registry;
use landfall_model::Change;
use landfall_tests::world::Flavour;

use crate::fixture::Fixture;

#[test]
fn every_kind_has_a_fixture_that_changes_every_field() {
    let mut missing = Vec::new();
    for (name, info) in registry::catalogue().kinds {
        let Some(fixture) = Fixture::read(name) else {
            missing.push(format!("{name}: no fixture"));
            continue;
        };
        let changed: BTreeSet<&str> = fixture
            .changes
            .iter()
            .flat_map(|change| &change.shows)
            .map(|path| path.split(['.', '[']).next().unwrap_or_default())
            .collect();
        let fields = info.rules.fields.iter().filter(|field| field.change != Change::Local);
        missing.extend(
            fields
                .filter(|field| !changed.contains(field.name))
                .map(|field| format!("{name}.{}: no change of the fixture shows it", field.name)),
        );
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_key_of_a_spec_has_exactly_one_rule() {
    for (name, info) in registry::catalogue().kinds {
        let properties = info.schema["properties"].as_object().expect("a spec is an object");
        let keys: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let rules: Vec<&str> = info.rules.fields.iter().map(|field| field.name).collect();
        assert_eq!(
            rules.len(),
            rules.iter().collect::<BTreeSet<_>>().len(),
            "{name}: a rule twice"
        );
        assert_eq!(rules.into_iter().collect::<BTreeSet<_>>(), keys, "{name}: rules and keys");
    }
}

#[test]
fn kinds_live_in_the_sandbox() {
    life::all(Flavour::Sandbox);
}

#[test]
fn kinds_live_on_moto() {
    life::all(Flavour::Moto);
}

#[test]
fn kinds_live_on_ministack() {
    life::all(Flavour::Ministack);
}
