//! Bad specs: a clear error, exit code 1, and not a single call.

use std::fs;

use landfall_tests::binary::{Landfall, Output};
use landfall_tests::world::World;

/// Runs a command on a spec in a folder of its own, with an endpoint at hand that must not be
/// called.
fn run(command: &[&str], spec: &[u8]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("spec.yaml"), spec).expect("a spec");
    let world = World::shared_ministack();
    world.recorder.clear();
    let arguments = command.iter().copied().chain(["spec.yaml"]);
    let output = Landfall::new(&world).args(arguments).cwd(folder.path()).run();
    assert!(world.recorder.calls().is_empty(), "{}", world.recorder);
    output
}

fn refused(spec: &str) -> String {
    let validated = run(&["validate"], spec.as_bytes()).expect_status(1).stderr;
    let planned = run(&["plan"], spec.as_bytes()).expect_status(1).stderr;
    assert_eq!(validated, planned, "validate and plan see the same");
    run(&["apply", "--yes"], spec.as_bytes()).expect_status(1);
    run(&["destroy", "--yes"], spec.as_bytes()).expect_status(1);
    validated
}

#[test]
fn an_unknown_key() {
    insta::assert_snapshot!(refused(
        "stack: shop\nresources:\n  log_group:\n    app: { retention_day: 30 }\n"
    ));
}

#[test]
fn a_wrong_type() {
    insta::assert_snapshot!(refused(
        "stack: shop\nresources:\n  log_group:\n    app: { retention_days: a month }\n"
    ));
}

#[test]
fn a_duplicate_key() {
    insta::assert_snapshot!(refused(
        "stack: shop\nresources:\n  log_group:\n    app: { retention_days: 30 }\n    app: {}\n"
    ));
}

#[test]
fn references_to_nothing_and_to_the_wrong_kind() {
    insta::assert_snapshot!(refused(
        "stack: shop\nresources:\n  log_group:\n    app: {}\n  security_group:\n    \
         a: { vpc: vpc.main }\n    b: { vpc: log_group.app }\n"
    ));
}

#[test]
fn a_cycle() {
    insta::assert_snapshot!(refused(
        "stack: shop\nresources:\n  log_group:\n    \
         a: { depends_on: [log_group.b] }\n    b: { depends_on: [log_group.a] }\n"
    ));
}

#[test]
fn overlapping_and_invalid_blocks() {
    insta::assert_snapshot!(refused(
        "stack: shop\nregion: us-east-1\nresources:\n  vpc:\n    main: { cidr: 10.0.0.0/16 }\n  \
         subnet:\n    a: { vpc: vpc.main, cidr: 10.0.0.0/24, availability_zone: us-east-1a }\n    \
         b: { vpc: vpc.main, cidr: 10.0.0.128/25, availability_zone: us-east-1b }\n  \
         security_group:\n    a: { vpc: vpc.main, ingress: [{ port: 80, cidr: 10.0.0.300/8 }] }\n"
    ));
}

#[test]
fn an_overlong_name_and_a_port_out_of_range() {
    let name = "a".repeat(40);
    insta::assert_snapshot!(refused(&format!(
        "stack: shop\nresources:\n  vpc:\n    main: {{ cidr: 10.0.0.0/16 }}\n  target_group:\n    \
         app: {{ name: {name}, port: 70000, vpc: vpc.main }}\n"
    )));
}

#[test]
fn an_impossible_fargate_size() {
    insta::assert_snapshot!(refused(
        "stack: shop\nresources:\n  task_definition:\n    app:\n      cpu: 256\n      memory: 4096\n      \
         network_mode: awsvpc\n      requires_compatibilities: [fargate]\n      \
         containers: { app: { image: nginx } }\n"
    ));
}

#[test]
fn two_listeners_on_one_port() {
    let listener = "{ load_balancer: load_balancer.main, port: 80, \
                    default_action: { fixed_response: { status_code: 200 } } }";
    insta::assert_snapshot!(refused(&format!(
        "stack: shop\nresources:\n  load_balancer:\n    main: {{ subnets: [subnet-1, subnet-2] }}\n  \
         listener:\n    a: {listener}\n    b: {listener}\n"
    )));
}

#[test]
fn an_alias_bomb() {
    let mut spec = "stack: shop\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n".to_owned();
    for level in 1..10 {
        let before = format!("*x{}", level - 1);
        spec += &format!("x{level}: &x{level} [{}]\n", vec![before; 10].join(", "));
    }
    let error = refused(&spec);
    assert!(error.contains("alias") || error.contains("too"), "{error}");
}

#[test]
fn a_file_of_50_megabytes() {
    let spec = "# nothing but comments\n".repeat(50 * 1024 * 1024 / 23);
    let error = run(&["validate"], spec.as_bytes()).expect_status(1).stderr;
    assert!(error.contains("too large"), "{error}");
}

#[test]
fn a_file_that_is_not_utf8() {
    let error = run(&["validate"], b"stack: shop\ntags: { a: \xff }\n").expect_status(1).stderr;
    assert!(error.contains("UTF-8") && error.contains("spec.yaml:2"), "{error}");
}

#[test]
fn an_empty_file_and_none() {
    insta::assert_snapshot!(refused(""));
    let world = World::shared_ministack();
    let missing = Landfall::new(&world).args(["validate", "nowhere.yaml"]).run();
    assert!(missing.expect_status(1).stderr.contains("nowhere.yaml"));
}
