//! Secret variables: where they may stand, and that nothing that is said holds one.

use std::path::PathBuf;

use indexmap::IndexMap;
use landfall_model::{Address, Secrets};
use landfall_spec::{Given, Input, NoDocuments, Problems};

use crate::toy;

const SECRET: &str = "canary-of-a-secret";

fn given() -> Given {
    let value = ("LANDFALL_VAR_key".to_owned(), SECRET.to_owned());
    Given { env: vec![value], ..Given::default() }
}

/// What is wrong with a spec that has the secret `key`.
fn wrong(body: &str) -> String {
    let text = format!("stack: s\nvariables:\n  key: {{ secret: true }}\n{body}");
    match landfall_spec::parse("spec.yaml", &text, &given(), &toy::catalogue(), &NoDocuments) {
        Ok(loaded) => format!("nothing is wrong with it: {:#?}", loaded.stack),
        Err(problems) => problems.render(false, 100),
    }
}

#[test]
fn a_field_can_hold_one() {
    let text = "{stack: s, variables: {key: {secret: true}}, resources: {security_group: \
                {a: {vpc: vpc-1, description: 'x ${var.key}'}}}}";
    let loaded = landfall_spec::parse("s", text, &given(), &toy::catalogue(), &NoDocuments);
    let stack = loaded.unwrap().stack;
    let declared = &stack.resources[&Address::new("security_group", "a")];
    assert_eq!(declared.spec["description"], format!("x {SECRET}"));
    assert_eq!(stack.secrets.iter().collect::<Vec<_>>(), [("key", SECRET)]);
    assert!(!format!("{:?}", stack.secrets).contains(SECRET));
}

#[test]
fn where_it_would_be_seen_it_cannot_stand() {
    for body in [
        "tags: { a: \"${var.key}\" }",
        "outputs: { a: \"${var.key}\" }",
        "resources: { ecs_cluster: { a: { name: \"${var.key}\" } } }",
        "resources: { vpc: { a: { cidr: 10.0.0.0/16, tags: { a: \"${var.key}\" } } } }",
        "lookup: { vpc: { a: { id: \"${var.key}\" } } }",
        "region: \"${var.key}\"",
    ] {
        let said = wrong(body);
        assert!(said.contains("secret") && said.starts_with("error"), "{body}\n{said}");
        assert!(!said.contains(SECRET), "{body}\n{said}");
    }
    insta::assert_snapshot!(wrong("tags: { a: \"${var.key}\" }\n"));
}

#[test]
fn whatever_is_wrong_with_it_it_is_not_said() {
    for body in [
        "resources: { vpc: { a: { cidr: \"${var.key}\" } } }",
        "resources: { security_group: { a: { vpc: \"${var.key}\" } } }",
        "resources: { security_group: { a: { vpc: vpc-1, ingress: [{ port: \"${var.key}\" }] } } }",
        "resources: { ecs_cluster: { a: { \"${var.key}\": 1 } } }",
    ] {
        let said = wrong(body);
        assert!(said.starts_with("error"), "{body}\n{said}");
        assert!(!said.contains(SECRET), "{body}\n{said}");
    }
}

#[test]
fn a_file_of_variables_is_shown_without_it() {
    let files = vec![("vars.yaml".to_owned(), format!("{{ key: {SECRET}, kez: 1 }}"))];
    let given = Given { var_files: files, ..Given::default() };
    let text = "{stack: s, variables: {key: {secret: true}}}";
    let problems = landfall_spec::parse("s", text, &given, &toy::catalogue(), &NoDocuments);
    let said = problems.unwrap_err().render(false, 100);
    assert!(said.contains("no variable `kez`") && !said.contains(SECRET), "{said}");
}

#[test]
fn what_a_secret_cannot_be() {
    let said = |variable: &str, value: &str| {
        let env = vec![("LANDFALL_VAR_key".to_owned(), value.to_owned())];
        let given = Given { env, ..Given::default() };
        let text = format!("stack: s\nvariables:\n  key: {variable}\n");
        landfall_spec::parse("spec.yaml", &text, &given, &toy::catalogue(), &NoDocuments)
            .map_or_else(|problems| problems.render(false, 100), |_| "nothing".to_owned())
    };
    assert_eq!(said("{ secret: true, description: a key }", SECRET), "nothing");
    assert!(said("{ secret: true }", "short").contains("less than 8 characters"));
    let default = said("{ secret: true, default: canary-by-default }", SECRET);
    assert!(default.contains("no default") && !default.contains("canary"), "{default}");
    assert!(said("{ secret: true, type: integer }", SECRET).contains("no type"));
    assert!(said("{ secret: maybe }", SECRET).contains("takes `true` or `false`"));
    let text = "{stack: s, variables: {key: {secret: true}}}";
    let none =
        landfall_spec::parse("spec.yaml", text, &Given::default(), &toy::catalogue(), &NoDocuments);
    assert!(none.unwrap_err().render(false, 100).contains("LANDFALL_VAR_key"));
}

#[test]
fn what_looks_like_a_number_stays_a_text() {
    let env = vec![("LANDFALL_VAR_key".to_owned(), "12345678".to_owned())];
    let given = Given { env, ..Given::default() };
    let text = "{stack: s, variables: {key: {secret: true}}, resources: {security_group: \
                {a: {vpc: vpc-1, ingress: [{port: '${var.key}'}]}}}}";
    let problems = landfall_spec::parse("s", text, &given, &toy::catalogue(), &NoDocuments);
    let said = problems.unwrap_err().render(false, 100);
    assert!(!said.contains("12345678"), "{said}");
}

#[test]
fn secrets_alone_are_read_for_a_plan_that_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vars.yaml");
    std::fs::write(&file, format!("key: {SECRET}\nother: 1\n")).unwrap();
    let read = |names: &[&str], vars: &[(&str, &str)], files: &[PathBuf]| {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let vars: IndexMap<_, _> = vars.collect();
        let input = Input { vars, var_files: files.to_vec(), ..Input::default() };
        let secrets: Result<Secrets, Problems> = landfall_spec::secrets(names, &input);
        secrets.map_err(|problems| problems.render(false, 100))
    };
    let secrets = read(&["key"], &[], std::slice::from_ref(&file)).unwrap();
    assert_eq!(secrets.iter().collect::<Vec<_>>(), [("key", SECRET)]);
    assert!(read(&["key"], &[], &[]).unwrap_err().contains("`key` has no value"));
    assert!(read(&[], &[("x", "1")], &[]).unwrap_err().contains("no secret of this plan"));
    assert!(read(&[], &[], &[]).unwrap().is_empty());
}
