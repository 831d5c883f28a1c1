//! Any text in every place where references may stand.

use landfall_model::reference::{self, Piece};
use landfall_model::{Catalogue, Reference, Root, Stack};
use serde_json::{Value, json};

use crate::spec_parser;

/// A spec for the small catalogue, with a place for a text on each line that ends in `TEXT`.
const SPEC: &str = r#"
stack: shop
variables:
  given: value
  chosen: TEXT
tags:
  Owner: TEXT
lookup:
  vpc:
    other:
      id: TEXT
  subnets:
    all:
      vpc: TEXT
resources:
  vpc:
    main:
      cidr: 10.0.0.0/16
      name: TEXT
  security_group:
    a:
      vpc: TEXT
      description: TEXT
      ingress:
        - port: 80
          group: TEXT
    b:
      vpc: vpc.main
  iam_role:
    task:
      trust:
        Version: TEXT
  ecs_cluster:
    main:
  ecs_service:
    app:
      cluster: ecs_cluster.main
      network:
        subnets: TEXT
      desired_count: TEXT
      depends_on: [TEXT]
      containers:
        app:
          image: TEXT
outputs:
  told: TEXT
"#;

/// Puts bytes, as a text, into all places of a spec, one after the other.
///
/// # Panics
///
/// Where a text without `${` is not taken as it stands, or where a reference that was let through
/// leads to nothing.
pub fn check(bytes: &[u8], catalogue: &Catalogue) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    check_tokens(text);
    for place in 0..SPEC.matches("TEXT").count() {
        if let Some(loaded) = spec_parser::check_text(&with(text, place), catalogue) {
            check_references(&loaded.stack, catalogue);
            check_literal(text, &loaded.stack);
        }
    }
}

/// The spec with a text in one of its places. The lines of the other places are left out.
fn with(text: &str, chosen: usize) -> String {
    let mut place = 0;
    let mut spec = String::new();
    for line in SPEC.lines() {
        let here = line.contains("TEXT");
        if here && place == chosen {
            // A text in JSON is one in YAML.
            spec.push_str(&line.replace("TEXT", &Value::from(text).to_string()));
        } else if here {
            spec.push_str(match line.trim() {
                "chosen: TEXT" => "  chosen: value",
                "vpc: TEXT" => "      vpc: vpc-1",
                "subnets: TEXT" => "        subnets: [subnet-1]",
                "image: TEXT" => "          image: app",
                "told: TEXT" => "  told: app",
                _ => "",
            });
        } else {
            spec.push_str(line);
        }
        place += usize::from(here);
        spec.push('\n');
    }
    spec
}

/// Whatever stands in a text, cutting it at its references loses nothing.
fn check_tokens(text: &str) {
    let value = json!({ "text": text, "texts": [text, "", text] });
    assert_eq!(reference::resolve(&value, &|_| None), value, "resolved without answers");
    let pieces = reference::pieces(text);
    let again: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Token(reference) => reference.token(),
        })
        .collect();
    assert_eq!(again, text, "cut into {pieces:?}");
    reference::display(text);
}

fn check_references(stack: &Stack, catalogue: &Catalogue) {
    let resources = stack.resources.values().map(|declared| &declared.spec);
    let lookups = stack.lookups.values().map(|declared| &declared.spec);
    let outputs = stack.outputs.values().map(|declared| &declared.value);
    for value in resources.chain(lookups).chain(outputs) {
        for found in reference::references(value) {
            assert!(leads_somewhere(&found, stack, catalogue), "{found} leads to nothing");
        }
        let answered = reference::resolve(value, &|_| Some(json!("known")));
        assert!(reference::is_value_known(&answered), "{value} holds half a reference");
    }
}

fn leads_somewhere(found: &Reference, stack: &Stack, catalogue: &Catalogue) -> bool {
    match &found.root {
        Root::Resource(to) => {
            let kind = stack.resources.get(to).and_then(|_| catalogue.kind(&to.kind));
            kind.is_some_and(|kind| kind.outputs.contains(&found.output))
        }
        Root::Lookup(to) => {
            let lookup = stack.lookups.get(to);
            let lookup = lookup.and_then(|_| catalogue.lookups.get(to.kind.as_str()));
            lookup.is_some_and(|lookup| lookup.outputs.contains(&found.output))
        }
        Root::Target => ["account", "region", "partition"].contains(&found.output.as_str()),
        // Put there by the planner only.
        Root::Variable => false,
    }
}

/// A text that refers to nothing is taken as it stands.
fn check_literal(text: &str, stack: &Stack) {
    if text.contains("${") {
        return;
    }
    let described = stack.resources.values().filter_map(|one| one.spec.get("description"));
    let told = stack.outputs.values().map(|output| &output.value);
    for value in described.chain(told.filter(|told| *told != "app")) {
        assert_eq!(value, text);
    }
}
