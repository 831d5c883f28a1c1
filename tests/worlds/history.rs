//! The journal, by the real binary: what is written, what is read back, and what is never written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use landfall_sandbox::schedule::{Refusal, Schedule};
use landfall_sandbox::world::{self as sandbox, Delays};
use landfall_tests::binary::{Landfall, Output};
use landfall_tests::served::Served;
use landfall_tests::world::World;
use serde_json::Value;

use crate::life::run;

const SPEC: &str = "specs/tutorial.yaml";
const GROUP: &str = "/landfall/enterprise-app";

/// The journal's log group: its retention and its tags.
fn group(world: &World, name: &str) -> Value {
    let script = "
import boto3, json, sys
logs = boto3.client('logs')
found = logs.describe_log_groups(logGroupNamePrefix=sys.argv[1])['logGroups']
print(json.dumps([[group.get('retentionInDays'), logs.list_tags_for_resource(
    resourceArn=group['logGroupArn'])['tags']] for group in found]))
";
    serde_json::from_str(&world.python(script, &[name])).unwrap()
}

fn history(world: &World, arguments: &[&str]) -> Value {
    let output = run(world, &[&["history", SPEC, "--json"], arguments].concat()).expect_status(0);
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn a_run_is_read_back_with_the_ids_that_aws_gave() {
    let world = World::sandbox();
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    assert_eq!(
        group(&world, GROUP),
        serde_json::json!([[90, { "landfall:journal": "enterprise-app" }]])
    );
    // The XML protocols have the id in the answer's body.
    let mut answered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for call in world.recorder.writes() {
        let id = ["requestId", "RequestId"].iter().find_map(|tag| {
            let rest = call.response.split_once(&format!("<{tag}>"))?.1;
            Some(rest.split_once('<')?.0.to_owned())
        });
        let Some(id) = id else { continue };
        answered.entry(format!("{}:{}", call.service, call.operation)).or_default().push(id);
    }
    let document = history(&world, &["1"]);
    let (run_1, steps) = (&document["runs"][0], &document["runs"][0]["steps"]);
    assert_eq!((&run_1["outcome"], &run_1["resources"]), (&"done".into(), &13.into()));
    let steps = steps.as_array().unwrap();
    assert!(steps.iter().all(|step| step["outcome"] == "done"), "{document:#}");
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in steps.iter().flat_map(|step| step["requests"].as_array().unwrap()) {
        let text = |key: &str| request[key].as_str().unwrap().to_owned();
        written.entry(text("operation")).or_default().push(text("id"));
    }
    assert!(answered.len() >= 8, "{answered:?}");
    for (operation, ids) in &mut answered {
        let told = written.get_mut(operation).unwrap_or_else(|| panic!("no {operation}"));
        ids.sort();
        told.sort();
        assert_eq!(ids, told, "{operation}");
    }
    assert_eq!(written["ecs:CreateCluster"].len(), 1);

    // Nothing to do: no run.
    world.recorder.clear();
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    let of_lock = world.recorder.calls().into_iter().filter(|call| call.body.contains(GROUP));
    assert_eq!(of_lock.count(), 0, "{}", world.recorder);

    run(&world, &["apply", SPEC, "--yes", "--var", "image_tag=v2"]).expect_status(0);
    let document = history(&world, &[]);
    let runs: Vec<(u64, u64)> = document["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["run"].as_u64().unwrap(), run["resources"].as_u64().unwrap()))
        .collect();
    assert_eq!(runs, [(2, 2), (1, 13)]);

    run(&world, &["destroy", SPEC, "--yes", "--keep-history"]).expect_status(0);
    assert_eq!(group(&world, GROUP).as_array().unwrap().len(), 1);
    assert_eq!(history(&world, &[])["runs"][0]["command"], "destroy");
    let unknown = run(&world, &["history", SPEC, "9"]).expect_status(1);
    assert!(unknown.stderr.contains("has no run 9 on record"), "{unknown}");
}

#[test]
fn a_destroy_takes_the_history_last_and_leaves_it_if_it_fails() {
    let world = World::sandbox();
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    let refusal = Refusal {
        operation: "ecr:DeleteRepository".to_owned(),
        status: 400,
        code: "ServerException".to_owned(),
        message: "not today".to_owned(),
        times: Some(1),
    };
    let schedule = Schedule { refusals: vec![refusal], ..Schedule::default() };
    world.served().sandbox.disturb(schedule);
    run(&world, &["destroy", SPEC, "--yes"]).expect_status(1);
    let document = history(&world, &["2"]);
    assert_eq!(document["runs"][0]["outcome"], "failed");
    let steps = document["runs"][0]["steps"].as_array().unwrap();
    let failed: Vec<&Value> = steps.iter().filter(|step| step["outcome"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{document:#}");
    assert_eq!(failed[0]["code"], "ServerException");
    assert_eq!(failed[0]["message"], "ServerException: not today");
    world.recorder.clear();
    run(&world, &["destroy", SPEC, "--yes"]).expect_status(0);
    let last = world.recorder.calls().pop().unwrap();
    assert!(last.is("logs:DeleteLogGroup") && last.body.contains(GROUP), "{}", world.recorder);
    assert_eq!(group(&world, GROUP), serde_json::json!([]));
    let empty = run(&world, &["history", SPEC]).expect_status(0);
    assert!(empty.stdout.contains("No run of this stack is on record."), "{empty}");
}

/// A value that must not be found anywhere.
const CANARY: &str = "canary-5d1f77";

const SECRETIVE: &str = "
stack: secretive
region: us-east-1
variables:
  token: { description: What nobody should see }
resources:
  task_definition:
    app:
      cpu: 256
      memory: 512
      requires_compatibilities: [fargate]
      network_mode: awsvpc
      containers:
        app: { image: nginx, environment: { GREETING: \"${var.token}\", OTHER: \"x ${var.token} y\" } }
";

fn apply_secretive(world: &World, directory: &Path) -> Output {
    fs::write(directory.join("spec.yaml"), SECRETIVE).unwrap();
    let landfall = Landfall::new(world).args(["apply", "spec.yaml", "--yes"]).cwd(directory);
    landfall.env("LANDFALL_VAR_token", CANARY).run()
}

#[test]
fn values_of_an_environment_are_never_written_though_aws_quotes_them() {
    let (world, directory) = (World::sandbox(), tempfile::tempdir().unwrap());
    let refusal = Refusal {
        operation: "ecs:RegisterTaskDefinition".to_owned(),
        status: 400,
        code: "ClientException".to_owned(),
        message: format!("the value {CANARY} of GREETING, or x {CANARY} y, is not wanted"),
        times: Some(1),
    };
    let schedule = Schedule { refusals: vec![refusal], ..Schedule::default() };
    world.served().sandbox.disturb(schedule);
    apply_secretive(&world, directory.path()).expect_status(1);
    apply_secretive(&world, directory.path()).expect_status(0);
    let calls = world.recorder.calls();
    let quoted = calls.iter().filter(|call| call.is("ecs:RegisterTaskDefinition"));
    assert!(quoted.clone().all(|call| call.body.contains(CANARY)), "{}", world.recorder);
    let lines: Vec<&str> =
        calls.iter().filter(|call| call.is("logs:PutLogEvents")).map(|call| &*call.body).collect();
    assert!(lines.iter().any(|line| line.contains("is not wanted")), "{lines:#?}");
    for line in lines {
        assert!(!line.contains(CANARY), "{line}");
    }
}

#[test]
fn a_journal_that_cannot_be_written_fails_no_run_and_is_told() {
    let (world, directory) = (World::sandbox(), tempfile::tempdir().unwrap());
    let refusal = Refusal {
        operation: "logs:PutLogEvents".to_owned(),
        status: 400,
        code: "AccessDeniedException".to_owned(),
        message: "not authorized to perform: logs:PutLogEvents".to_owned(),
        times: None,
    };
    let schedule = Schedule { refusals: vec![refusal], ..Schedule::default() };
    world.served().sandbox.disturb(schedule);
    let apply = apply_secretive(&world, directory.path()).expect_status(0);
    assert!(apply.stdout.contains("1 created"), "{apply}");
    let warning = "warning: the journal of run 1: it is incomplete: logs:PutLogEvents";
    assert!(apply.stderr.contains(warning), "{apply}");
}

#[test]
fn history_for_a_person() {
    // In the past, so that every lease has run out.
    let past = sandbox::World::new(1, Delays::AsOnAws);
    let world = World::in_sandbox(Served::of(past, 1.0));
    let seed = "
import boto3, json
logs = boto3.client('logs')
group = '/landfall/enterprise-app'
logs.create_log_group(logGroupName=group)
at = 1_767_225_600_000
def put(run, lines):
    stream = f'run-{run:06}'
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = []
    for number, (after, line) in enumerate(lines, 1):
        line = {'format': 'landfall.journal/1', 'number': number, **line}
        events.append({'timestamp': at + after, 'message': json.dumps(line)})
    if events:
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
def begun(command, locked=True):
    return {'event': 'begun', 'run': 1, 'who': 'ana@laptop', 'caller': 'arn:aws:iam::111122223333:user/ana',
            'command': command, 'landfall': '0.1.0', 'spec': 'shop.yaml', 'digest': 'ab' * 32,
            'process': None, 'locked': locked, 'beside': 0}
steps = [{'address': a, 'step': s} for a, s in
         [('log_group.app', 'create'), ('ecs_service.app', 'create'), ('ecs_service.app', 'await')]]
put(1, [(0, begun('apply')), (0, {'event': 'planned', 'steps': steps}),
        (900, {'event': 'done', 'address': 'log_group.app', 'step': 'create', 'millis': 120,
               'requests': [{'operation': 'logs:CreateLogGroup', 'id': 'id-1'}]}),
        (31000, {'event': 'failed', 'address': 'ecs_service.app', 'step': 'create', 'millis': 30000,
                 'code': 'InvalidParameterException',
                 'message': 'InvalidParameterException: The subnet does not exist.',
                 'requests': [{'operation': 'ecs:CreateService', 'id': 'id-2'},
                              {'operation': 'ecs:CreateService', 'id': 'id-3'}]}),
        (31500, {'event': 'ended', 'outcome': 'failed', 'resources': 1, 'done': 1, 'failed': 1,
                 'not_started': 1, 'in_flight': 0})])
put(2, [(60000, begun('apply', locked=False)), (60000, {'event': 'planned', 'steps': steps[:1]})])
put(3, [(90000, begun('destroy')), (95000, {'event': 'unlocked', 'who': 'bob@desk', 'caller': 'arn:bob'})])
put(4, [])
";
    world.python(seed, &[]);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[moment]");
    settings.add_filter(r"http://127\.0\.0\.1:\d+", "[endpoint]");
    settings.bind(|| {
        let list = run(&world, &["history", SPEC]).expect_status(0);
        let one = run(&world, &["history", SPEC, "1"]).expect_status(0);
        insta::assert_snapshot!(format!("{}\n----\n\n{}", list.stdout, one.stdout));
    });
}
