//! How many calls the tutorial stack takes, and how many of them in sequence. Terraform 1.11 with
//! its AWS provider 5.100 takes 36 for the plan, 79 for the apply and 69 for the destroy, on the
//! same emulator.

use std::collections::HashSet;
use std::time::Duration;

use landfall_tests::world::World;

use crate::life::run;

const SPEC: &str = "specs/tutorial.yaml";

#[test]
fn the_tutorial_stays_within_its_calls() {
    let world = World::moto();
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    let apply = world.recorder.calls().len();
    assert!(apply <= 50, "apply took {apply} calls:\n{}", world.recorder);

    world.recorder.clear();
    run(&world, &["plan", SPEC]).expect_status(0);
    let plan = world.recorder.calls();
    assert!(plan.len() <= 24, "plan took {} calls:\n{}", plan.len(), world.recorder);
    let mut asked = HashSet::new();
    for call in plan {
        let question = (call.service.clone(), call.operation.clone(), call.body.clone());
        assert!(asked.insert(question), "{} was asked twice:\n{}", call.operation, world.recorder);
    }

    world.recorder.clear();
    world.recorder.delay(Duration::from_millis(300));
    run(&world, &["plan", SPEC]).expect_status(0);
    let depth = world.recorder.depth();
    assert!(depth <= 4, "a plan waits for {depth} calls in sequence:\n{}", world.recorder);
    world.recorder.delay(Duration::ZERO);

    world.recorder.clear();
    run(&world, &["destroy", SPEC, "--yes"]).expect_status(0);
    let destroy = world.recorder.calls().len();
    // Five of them for the lock and its journal, two for the census.
    assert!(destroy <= 43, "destroy took {destroy} calls:\n{}", world.recorder);
}

/// Three lookups of certificates, two of them the same.
const CERTIFICATES: &str = r"
stack: secure
region: us-east-1
lookup:
  certificate:
    one: { domain: one.example.com, status: pending_validation }
    again: { domain: one.example.com, status: pending_validation }
    two: { domain: two.example.com, status: pending_validation }
resources:
  log_group:
    main: {}
outputs:
  one: ${lookup.certificate.one.arn}
  again: ${lookup.certificate.again.arn}
  two: ${lookup.certificate.two.arn}
";

#[test]
fn lookups_share_their_reads() {
    let world = World::moto();
    let request = "
import boto3
for name in ('one', 'two'):
    boto3.client('acm').request_certificate(DomainName=f'{name}.example.com', ValidationMethod='DNS')
";
    world.python(request, &[]);
    let directory = tempfile::tempdir().unwrap();
    let spec = directory.path().join("spec.yaml");
    std::fs::write(&spec, CERTIFICATES).unwrap();
    let spec = spec.to_str().unwrap();
    let output = run(&world, &["output", spec, "--json"]).expect_status(0);
    let outputs: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(outputs["one"], outputs["again"]);
    assert_ne!(outputs["one"], outputs["two"]);
    assert!(outputs["two"].as_str().unwrap().starts_with("arn:"), "{outputs}");
    assert_eq!(world.recorder.count("ListCertificates"), 1, "{}", world.recorder);
}
