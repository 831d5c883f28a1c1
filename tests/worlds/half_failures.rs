//! One thing that fails: what is independent of it is finished, the summary says what was done,
//! what failed and what never began, and the next run goes on.

use landfall_sandbox::schedule::{Refusal, Schedule};
use landfall_sandbox::services::elb::script;
use landfall_tests::binary::Output;
use landfall_tests::world::World;
use serde_json::Value;

use crate::life::run;

const SPEC: &str = "specs/own-vpc.yaml";

/// A refusal of every call of an operation.
fn refused(operation: &str, code: &str, message: &str) -> Schedule {
    let refusal = Refusal {
        operation: operation.to_owned(),
        status: 400,
        code: code.to_owned(),
        message: message.to_owned(),
        times: None,
    };
    Schedule { refusals: vec![refusal], ..Schedule::default() }
}

/// A line of the spec, as failures name it.
fn line_of(address: &str) -> String {
    let text = std::fs::read_to_string(landfall_tests::target::workspace_dir().join(SPEC)).unwrap();
    let (kind, name) = address.split_once('.').unwrap();
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| *line != format!("  {kind}:"));
    let (number, _) = lines.find(|(_, line)| line.starts_with(&format!("    {name}:"))).unwrap();
    format!("{SPEC}:{}:", number + 1)
}

/// The names of what there is of a sort.
fn names(world: &World, sort: &str) -> Vec<String> {
    match &world.snapshot()[sort] {
        Value::Object(things) => things.keys().cloned().collect(),
        other => panic!("{sort}: {other}"),
    }
}

/// Applies the spec while something goes wrong, and again once it does not any more.
fn half(schedule: Schedule, failed: &str, not_started: &[&str]) -> (World, Output) {
    let world = World::sandbox();
    let before = world.snapshot();
    world.served().sandbox.disturb(schedule);
    let output = run(&world, &["apply", SPEC, "--yes"]).expect_status(1);
    let said = &output.stdout;
    assert!(said.contains(&format!("✗ {failed} ")), "{output}");
    assert!(said.contains(&line_of(failed)), "no {} in\n{output}", line_of(failed));
    for address in not_started {
        let group = said.split(&format!("because {failed} failed:")).nth(1);
        let group = group.unwrap_or_else(|| panic!("nothing is blamed on {failed}:\n{output}"));
        assert!(group.contains(address), "{address} is not told:\n{output}");
    }
    let calls = world.recorder.calls();
    world.served().sandbox.disturb(Schedule::default());
    let again = run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    run(&world, &["plan", SPEC, "--exit-code"]).expect_status(0);
    // What was there is not made a second time.
    let made = |operation: &str| {
        let all = world.recorder.calls();
        all.iter().filter(|call| call.operation == operation).count()
    };
    assert_eq!(made("CreateVpc"), 1, "{again}\n{calls:?}");
    run(&world, &["destroy", SPEC, "--yes"]).expect_status(0);
    assert_eq!(world.snapshot(), before);
    (world, output)
}

#[test]
fn a_quota_stops_only_what_needs_the_thing() {
    let schedule = refused(
        "elasticloadbalancing:CreateLoadBalancer",
        "TooManyLoadBalancers",
        "You have reached the maximum number of load balancers",
    );
    let behind = ["listener.http", "ecs_service.app"];
    let (_, output) = half(schedule, "load_balancer.main", &behind);
    assert!(output.stdout.contains("--quota-code L-53DA6B97"), "{output}");
    assert!(output.stdout.contains("15 created; 1 failed, 2 not started."), "{output}");
}

#[test]
fn a_denial_is_told_at_once_with_the_statement_that_is_missing() {
    let message = "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: \
        ecs:CreateCluster on resource: arn:aws:ecs:us-east-1:111122223333:cluster/own-vpc-main \
        because no identity-based policy allows the ecs:CreateCluster action";
    let world = World::sandbox();
    let schedule = refused("ecs:CreateCluster", "AccessDeniedException", message);
    world.served().sandbox.disturb(schedule);
    let output = run(&world, &["apply", SPEC, "--yes"]).expect_status(1);
    // Asked once, and never again.
    assert_eq!(world.recorder.count("CreateCluster"), 1, "{}", world.recorder);
    for said in [
        "The user ci lacks ecs:CreateCluster.",
        "\"Action\": \"ecs:CreateCluster\"",
        "\"Resource\": \"arn:aws:ecs:us-east-1:111122223333:cluster/own-vpc-main\"",
        &line_of("ecs_cluster.main"),
        "Not started, because ecs_cluster.main failed:",
    ] {
        assert!(output.stdout.contains(said), "no {said} in\n{output}");
    }
    // The rest is there.
    assert_eq!(names(&world, "load_balancers").len(), 1, "{}", world.snapshot());
    world.served().sandbox.disturb(Schedule::default());
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    run(&world, &["plan", SPEC, "--exit-code"]).expect_status(0);
}

#[test]
fn a_denied_read_ends_a_plan_with_the_statement_that_is_missing() {
    let world = World::sandbox();
    let message = "You are not authorized to perform this operation. User: \
        arn:aws:sts::111122223333:assumed-role/ci/run is not authorized to perform: \
        ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action";
    world.served().sandbox.disturb(refused("ec2:DescribeVpcs", "UnauthorizedOperation", message));
    for arguments in [&["plan", SPEC][..], &["apply", SPEC, "--yes"], &["destroy", SPEC, "--yes"]] {
        world.recorder.clear();
        let output = run(&world, arguments).expect_status(1);
        assert!(output.stderr.contains("The role ci lacks ec2:DescribeVpcs."), "{output}");
        assert!(output.stderr.contains("\"Action\": \"ec2:DescribeVpcs\""), "{output}");
        assert_eq!(world.recorder.count("DescribeVpcs"), 1, "{}", world.recorder);
        assert!(world.recorder.writes().is_empty(), "{}", world.recorder);
    }
}

#[test]
fn a_load_balancer_that_fails_is_told_and_replaced() {
    let fails = script::Script {
        name: "own-vpc-main".to_owned(),
        reason: "InsufficientFreeAddressesInSubnet".to_owned(),
        times: Some(1),
    };
    let schedule = Schedule { load_balancers: vec![fails], ..Schedule::default() };
    let (_, output) = half(schedule, "load_balancer.main", &[]);
    assert!(output.stdout.contains("AWS says: InsufficientFreeAddressesInSubnet"), "{output}");
    assert!(output.stdout.contains("the next apply makes a new one"), "{output}");
}

#[test]
fn faults_of_a_file_show_what_a_failure_looks_like() {
    let folder = tempfile::tempdir().unwrap();
    let spec = landfall_tests::target::workspace_dir().join(SPEC);
    let faults = r#"{ "refusals": [{ "operation": "ec2:CreateVpc", "code": "VpcLimitExceeded",
        "message": "The maximum number of VPCs has been reached." }] }"#;
    std::fs::write(folder.path().join("faults.json"), faults).unwrap();
    let landfall = |arguments: &[&str]| {
        let landfall = landfall_tests::binary::Landfall::alone().args(arguments);
        landfall.cwd(folder.path()).run()
    };
    let spec = spec.to_str().unwrap();
    let apply = ["apply", spec, "--yes", "--sandbox"];
    let failed = landfall(&[&apply[..], &["--faults", "faults.json"]].concat()).expect_status(1);
    assert!(failed.stdout.contains("5 VPCs in a region"), "{failed}");
    let there = landfall(&["sandbox", "show"]).expect_status(0);
    // What needs no VPC is there, what needs one is not.
    assert!(there.stdout.contains("repository/own-vpc"), "{there}");
    assert!(!there.stdout.contains("security-group/"), "{there}");
    landfall(&apply).expect_status(0);
    landfall(&["plan", spec, "--exit-code", "--sandbox"]).expect_status(0);
}
