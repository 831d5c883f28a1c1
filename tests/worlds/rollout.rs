//! Deployments that go well, and deployments that AWS rolls back.

use std::fs;

use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::services::ecs::script::{Failure, Script};
use landfall_tests::binary::{Landfall, Output};
use landfall_tests::simulated;
use landfall_tests::world::World;

fn run(world: &World, image: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let spec = simulated::THIRTY.replace("nginx:1", image);
    fs::write(folder.path().join("spec.yaml"), spec).unwrap();
    Landfall::new(world).args(arguments).cwd(folder.path()).run()
}

/// What the cluster runs of each service: task definition, running and wanted tasks.
fn services(world: &World) -> String {
    const LOOK: &str = "
import boto3
ecs = boto3.client('ecs')
found = ecs.describe_services(cluster='thirty-main', services=['thirty-web', 'thirty-api'])
for service in sorted(found['services'], key=lambda service: service['serviceName']):
    definition = service['taskDefinition'].split('/')[-1]
    print(definition, service['runningCount'], service['desiredCount'])
";
    world.python(LOOK, &[])
}

#[test]
fn an_apply_waits_until_its_services_are_steady() {
    let world = World::sandbox();
    run(&world, "nginx:1", &["apply", "spec.yaml", "--yes"]).expect_status(0);
    assert_eq!(services(&world), "thirty-api:1 1 1\nthirty-web:1 2 2\n");
    run(&world, "nginx:2", &["apply", "spec.yaml", "--yes"]).expect_status(0);
    assert_eq!(services(&world), "thirty-api:2 1 1\nthirty-web:2 2 2\n");
    run(&world, "nginx:2", &["plan", "spec.yaml", "--exit-code"]).expect_status(0);
}

#[test]
fn a_deployment_that_is_rolled_back_is_a_failure() {
    let world = World::sandbox();
    run(&world, "nginx:1", &["apply", "spec.yaml", "--yes"]).expect_status(0);
    let family = "thirty-web:2".to_owned();
    let crash = Script { family, failure: Failure::Exit { code: 1 }, times: None };
    world.served().sandbox.disturb(Schedule { tasks: vec![crash], ..Schedule::default() });
    let apply = run(&world, "nginx:2", &["apply", "spec.yaml", "--yes"]).expect_status(1);
    assert!(apply.stderr.contains("ecs_service.web"), "{apply}");
    assert!(apply.stdout.contains("circuit breaker"), "{apply}");
    // AWS has gone back to what worked; the other service goes on.
    assert_eq!(services(&world), "thirty-api:2 1 1\nthirty-web:1 2 2\n");
    // The next plan wants the new image again.
    run(&world, "nginx:2", &["plan", "spec.yaml", "--exit-code"]).expect_status(2);
    world.served().sandbox.disturb(Schedule::default());
    run(&world, "nginx:2", &["apply", "spec.yaml", "--yes"]).expect_status(0);
}
