//! The sandbox as the AWS CLI and SDKs see it: hundreds of checks of what AWS does, which the
//! emulators of others are asked as well. Where they disagree is listed with the reason.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod cli;
mod door;
mod seeds;
mod wire;

use std::collections::BTreeMap;
use std::path::Path;

use landfall_tests::world::{Flavour, World};

/// By area and emulator: checks that do not hold there, and why.
type Disagreements = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

const RUNNER: &str = include_str!("runner.py");

fn disagreements(area: &str, world: &World) -> BTreeMap<String, String> {
    let emulator = match world.flavour() {
        Flavour::Sandbox => return BTreeMap::new(),
        Flavour::Moto => "moto",
        Flavour::Ministack => "ministack",
    };
    let all: Disagreements = serde_saphyr::from_str(include_str!("disagreements.yaml"))
        .unwrap_or_else(|error| panic!("disagreements.yaml cannot be read: {error}"));
    let of_area = all.get(area).unwrap_or_else(|| panic!("disagreements.yaml lacks {area}"));
    of_area.get(emulator).cloned().unwrap_or_default()
}

/// Every check holds in the sandbox; elsewhere all hold but those that are listed.
fn holds(area: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sandbox/checks/{area}.py"));
    let checks = std::fs::read_to_string(&path).expect("the checks can be read");
    let script = format!("{RUNNER}\n{checks}\nrun()\n");
    let mut wrong = Vec::new();
    for world in [World::sandbox(), World::moto(), World::ministack()] {
        let listed = disagreements(area, &world);
        let answer = world.python(&script, &[]);
        let results: BTreeMap<String, Option<String>> =
            serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        assert!(!results.is_empty(), "{area} has no checks");
        let flavour = world.flavour();
        for (check, result) in &results {
            match (result, listed.get(check)) {
                (Some(why), None) => wrong.push(format!("{flavour:?}: {check}: {why}")),
                (None, Some(why)) => {
                    wrong.push(format!("{flavour:?}: {check} holds, but is listed: {why}"));
                }
                _ => {}
            }
        }
        let unknown = listed.keys().filter(|check| !results.contains_key(*check));
        wrong.extend(unknown.map(|check| format!("{flavour:?}: there is no check {check}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn acm() {
    holds("acm");
}

#[test]
fn ec2_groups() {
    holds("ec2_groups");
}

#[test]
fn ec2_network() {
    holds("ec2_network");
}

#[test]
fn ecr() {
    holds("ecr");
}

#[test]
fn ecs_definitions() {
    holds("ecs_definitions");
}

#[test]
fn ecs_services() {
    holds("ecs_services");
}

#[test]
fn elb() {
    holds("elb");
}

#[test]
fn iam() {
    holds("iam");
}

#[test]
fn logs() {
    holds("logs");
}

#[test]
fn sts() {
    holds("sts");
}

#[test]
fn tagging() {
    holds("tagging");
}
