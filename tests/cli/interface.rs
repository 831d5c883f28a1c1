//! What the commands print.

use landfall_tests::binary::{Landfall, Output};
use landfall_tests::target::workspace_dir;
use landfall_tests::world::World;
use serde_json::Value;

fn run(world: &World, arguments: &[&str]) -> Output {
    Landfall::new(world).args(arguments.iter().copied()).cwd(workspace_dir()).run().expect_status(0)
}

#[test]
fn every_spec_is_valid() {
    let world = World::shared_ministack();
    for entry in std::fs::read_dir(workspace_dir().join("specs")).unwrap() {
        let path = entry.unwrap().path();
        run(&world, &["validate", path.to_str().unwrap()]);
    }
    assert!(world.recorder.calls().is_empty());
}

#[test]
fn a_plan_for_a_person_and_for_a_machine() {
    let world = World::shared_ministack();
    let text = run(&world, &["plan", "specs/nextjs-registry.yaml", "--var", "project_id=shop"]);
    assert!(
        text.stdout.contains("web/shop/nextjs") && text.stdout.contains("1 to create"),
        "{text}"
    );
    let json = run(&world, &["plan", "specs/nextjs-registry.yaml", "--json"]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["format"], "landfall.plan/1");
    assert_eq!(document["changes"][0]["action"], "create");
    assert!(world.recorder.writes().is_empty());
}

#[test]
fn variables_come_from_the_command_line_then_the_environment() {
    let world = World::shared_ministack();
    let spec = ["plan", "specs/nextjs-registry.yaml"];
    let plan = |given: &[&str]| {
        let landfall = Landfall::new(&world).args(spec.iter().chain(given).copied());
        let landfall = landfall.cwd(workspace_dir()).env("LANDFALL_VAR_project_id", "fromenv");
        landfall.run().expect_status(0).stdout
    };
    assert!(plan(&[]).contains("web/fromenv/nextjs"));
    assert!(plan(&["--var", "project_id=fromflag"]).contains("web/fromflag/nextjs"));
}

#[test]
fn graphs_schema_and_completions_need_no_aws() {
    let world = World::shared_ministack();
    let dot = run(&world, &["graph", "specs/nextjs-registry.yaml"]).stdout;
    assert!(dot.starts_with("digraph") && dot.contains("ecr_repository.main"), "{dot}");
    let mermaid =
        run(&world, &["graph", "specs/nextjs-registry.yaml", "--format", "mermaid"]).stdout;
    assert!(mermaid.contains("flowchart"), "{mermaid}");
    let schema: Value = serde_json::from_str(&run(&world, &["schema"]).stdout).unwrap();
    assert!(schema["properties"]["resources"].is_object() || schema["$defs"].is_object());
    assert!(run(&world, &["completions", "bash"]).stdout.contains("landfall"));
    assert!(world.recorder.calls().is_empty());
}

#[test]
fn outputs_are_printed_by_name_and_as_json() {
    let world = World::shared_ministack();
    let spec = "specs/nextjs-registry.yaml";
    let vars = ["--var", "project_id=outputs"];
    run(&world, &[&["apply", spec, "--yes"], &vars[..]].concat());
    let one = run(&world, &[&["output", spec, "--name", "ecr_repo_path"], &vars[..]].concat());
    assert_eq!(one.stdout, "web/outputs/nextjs\n");
    let all = run(&world, &[&["output", spec, "--json"], &vars[..]].concat()).stdout;
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["aws_region"], "us-east-1");
}
