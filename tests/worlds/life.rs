//! A stack's whole life: made, made again, changed, tampered with, repaired, destroyed.

use landfall_tests::binary::{Landfall, Output};
use landfall_tests::recorder::Call;
use landfall_tests::target::workspace_dir;
use landfall_tests::world::World;

pub fn run(world: &World, arguments: &[&str]) -> Output {
    Landfall::new(world).args(arguments.iter().copied()).cwd(workspace_dir()).run()
}

/// Applies a spec, plans, applies again, and destroys it twice.
fn live(world: &World, spec: &str) {
    let before = world.snapshot();
    run(world, &["apply", spec, "--yes"]).expect_status(0);

    world.recorder.clear();
    let plan = run(world, &["plan", spec, "--exit-code"]).expect_status(0);
    assert!(plan.stdout.contains("No changes."), "{plan}");
    assert!(world.recorder.writes().is_empty(), "a plan wrote:\n{}", world.recorder);

    world.recorder.clear();
    run(world, &["apply", spec, "--yes"]).expect_status(0);
    assert!(world.recorder.writes().is_empty(), "the second apply wrote:\n{}", world.recorder);

    run(world, &["destroy", spec, "--yes"]).expect_status(0);
    assert_eq!(world.snapshot(), before, "destroy left something, or took too much");

    world.recorder.clear();
    run(world, &["destroy", spec, "--yes"]).expect_status(0);
    assert!(world.recorder.writes().is_empty(), "the second destroy wrote:\n{}", world.recorder);
}

#[test]
fn every_spec_lives_in_the_sandbox() {
    for spec in ["specs/tutorial.yaml", "specs/own-vpc.yaml", "specs/nextjs-registry.yaml"] {
        live(&World::sandbox(), spec);
    }
}

#[test]
fn the_tutorial_lives_on_moto() {
    live(&World::moto(), "specs/tutorial.yaml");
}

#[test]
fn the_tutorial_lives_on_ministack() {
    live(&World::ministack(), "specs/tutorial.yaml");
}

#[test]
fn a_vpc_of_its_own_lives_on_moto() {
    live(&World::moto(), "specs/own-vpc.yaml");
}

#[test]
fn a_vpc_of_its_own_lives_on_ministack() {
    live(&World::ministack(), "specs/own-vpc.yaml");
}

#[test]
fn the_registry_lives_on_both() {
    live(&World::moto(), "specs/nextjs-registry.yaml");
    live(&World::ministack(), "specs/nextjs-registry.yaml");
}

#[test]
fn a_new_image_is_one_registration_and_one_service_update() {
    let world = World::sandbox();
    let new_image = ["specs/tutorial.yaml", "--var", "image_tag=v2"];
    run(&world, &["apply", "specs/tutorial.yaml", "--yes"]).expect_status(0);
    run(&world, &[&["plan", "--exit-code"], &new_image[..]].concat()).expect_status(2);
    world.recorder.clear();
    run(&world, &[&["apply", "--yes"], &new_image[..]].concat()).expect_status(0);
    let writes = world.recorder.writes();
    let of_journal = |call: &&Call| call.body.contains("\"/landfall/enterprise-app\"");
    let others: Vec<&str> =
        writes.iter().filter(|call| !of_journal(call)).map(|call| &*call.operation).collect();
    assert_eq!(others, ["RegisterTaskDefinition", "UpdateService"]);
    run(&world, &[&["plan", "--exit-code"], &new_image[..]].concat()).expect_status(0);
}

/// Somebody opens a port, turns scanning off and adds a tag.
const TAMPER: &str = r#"
import boto3
ec2 = boto3.client("ec2")
filters = [{"Name": "tag:landfall:address", "Values": ["security_group.tasks"]}]
group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
ec2.create_tags(Resources=[group], Tags=[{"Key": "Environment", "Value": "staging"}])
boto3.client("ecr").put_image_scanning_configuration(
    repositoryName="enterprise-app", imageScanningConfiguration={"scanOnPush": False})
"#;

#[test]
fn what_others_change_is_shown_and_repaired() {
    let world = World::sandbox();
    run(&world, &["apply", "specs/tutorial.yaml", "--yes"]).expect_status(0);
    let before = world.snapshot();
    world.python(TAMPER, &[]);
    let plan = run(&world, &["plan", "specs/tutorial.yaml", "--exit-code"]).expect_status(2);
    for shown in ["scan_on_push", "ingress", "port: 22", "staging"] {
        assert!(plan.stdout.contains(shown), "the plan does not show {shown}:\n{plan}");
    }
    assert!(plan.stdout.contains("2 to change"), "{plan}");
    run(&world, &["apply", "specs/tutorial.yaml", "--yes"]).expect_status(0);
    assert_eq!(world.snapshot(), before);
}

#[test]
fn a_repository_with_images_is_not_destroyed_and_nothing_else_either() {
    let world = World::sandbox();
    run(&world, &["apply", "specs/tutorial.yaml", "--yes"]).expect_status(0);
    world.python(
        "import boto3, json\n\
         manifest = {'schemaVersion': 2, 'config': {'digest': 'sha256:0'}, 'layers': [], \
         'mediaType': 'application/vnd.docker.distribution.manifest.v2+json'}\n\
         boto3.client('ecr').put_image(repositoryName='enterprise-app', \
         imageManifest=json.dumps(manifest), imageTag='v1')",
        &[],
    );
    world.recorder.clear();
    let refused = run(&world, &["destroy", "specs/tutorial.yaml", "--yes"]).expect_status(1);
    assert!(refused.stderr.contains("still holds an image"), "{refused}");
    assert!(world.recorder.writes().is_empty(), "{}", world.recorder);
}
