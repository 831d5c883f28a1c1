//! The life of a task, and how it ends.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::fixture::{network, probe, register, role, tasks, text};
use crate::services::ecs::script::{self, Failure, Script};
use crate::world::Span;

fn run(probe: &mut Probe, changes: Value) -> Value {
    let mut input = json!({
        "cluster": "main",
        "taskDefinition": "web",
        "launchType": "FARGATE",
        "networkConfiguration": network(probe),
    });
    for (key, value) in changes.as_object().cloned().unwrap_or_default() {
        input[key] = value;
    }
    probe.ask("ecs", "RunTask", input)
}

fn describe(probe: &mut Probe, arn: &Value) -> Value {
    let input = json!({ "cluster": "main", "tasks": [arn] });
    probe.ask("ecs", "DescribeTasks", input)["tasks"][0].clone()
}

/// The states that a task goes through, looked at every half second.
fn life(probe: &mut Probe, arn: &Value) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    for _ in 0..600 {
        let state = text(&describe(probe, arn)["lastStatus"]);
        if states.last() != Some(&state) {
            states.push(state);
        }
        probe.pass(Span(500));
    }
    states
}

#[test]
fn a_task_runs_until_it_is_stopped() {
    let mut probe = probe(Some(3));
    register(&mut probe, json!({}));
    let answer = run(&mut probe, json!({ "startedBy": "me", "count": 2 }));
    assert_eq!(answer["tasks"].as_array().map(Vec::len), Some(2));
    let arn = answer["tasks"][0]["taskArn"].clone();
    assert_eq!(answer["tasks"][0]["lastStatus"], "PROVISIONING");
    assert_eq!(life(&mut probe, &arn), ["PROVISIONING", "PENDING", "RUNNING"]);
    let task = describe(&mut probe, &arn);
    assert_eq!(task["connectivity"], "CONNECTED");
    assert_eq!(task["attachments"][0]["status"], "ATTACHED");
    let details = task["attachments"][0]["details"].as_array().expect("details").clone();
    let interface = details.iter().find(|detail| detail["name"] == "networkInterfaceId");
    let interface = text(&interface.expect("an interface")["value"]);
    let there = |probe: &mut Probe| {
        probe.world.site("us-east-1").region().ec2.interfaces.contains_key(&interface)
    };
    assert!(there(&mut probe));
    let stop = json!({ "cluster": "main", "task": arn, "reason": "enough" });
    let stopping = probe.ask("ecs", "StopTask", stop);
    assert_eq!(stopping["task"]["desiredStatus"], "STOPPED");
    assert_eq!(life(&mut probe, &arn), ["STOPPING", "DEPROVISIONING", "STOPPED"]);
    let task = describe(&mut probe, &arn);
    assert_eq!(task["stopCode"], "UserInitiated");
    assert_eq!(task["stoppedReason"], "enough");
    assert_eq!(task["containers"][0]["exitCode"], 0);
    assert!(!there(&mut probe));
    probe.pass(Span::minutes(61));
    let input = json!({ "cluster": "main", "tasks": [arn] });
    let failures = probe.ask("ecs", "DescribeTasks", input)["failures"].clone();
    assert_eq!(failures, json!([{ "arn": arn, "reason": "MISSING" }]));
}

#[test]
fn a_scripted_task_says_why_it_ended() {
    let cannot_pull = "CannotPullContainerError: pull image manifest has been retried 7 time(s)";
    let secret = "ResourceInitializationError: unable to pull secrets or registry auth";
    let exited = "Essential container in task exited";
    let out = "OutOfMemoryError: Container killed due to memory usage";
    for (failure, code, reason, container, exit) in [
        (Failure::ImageNotFound, "TaskFailedToStart", cannot_pull, cannot_pull, None),
        (Failure::SecretUnreachable, "TaskFailedToStart", secret, "", None),
        (Failure::Exit { code: 3 }, "EssentialContainerExited", exited, "", Some(3)),
        (Failure::OutOfMemory, "EssentialContainerExited", exited, out, Some(137)),
    ] {
        let mut probe = probe(Some(4));
        register(&mut probe, json!({}));
        let script = Script { family: "web".to_owned(), failure, times: Some(1) };
        script::set(&mut probe.world.site("us-east-1"), script);
        let arn = run(&mut probe, json!({}))["tasks"][0]["taskArn"].clone();
        probe.pass(Span::minutes(3));
        let task = describe(&mut probe, &arn);
        assert_eq!(task["lastStatus"], "STOPPED", "{failure:?}");
        assert_eq!(task["stopCode"], code, "{failure:?}");
        assert!(text(&task["stoppedReason"]).starts_with(reason), "{task}");
        let shown = task["containers"][0]["reason"].as_str().unwrap_or_default();
        assert!(shown.starts_with(container), "{task}");
        assert_eq!(task["containers"][0]["exitCode"], json!(exit), "{failure:?}");
        // The script was for one task.
        let arn = run(&mut probe, json!({}))["tasks"][0]["taskArn"].clone();
        probe.pass(Span::minutes(3));
        assert_eq!(describe(&mut probe, &arn)["lastStatus"], "RUNNING", "{failure:?}");
    }
}

#[test]
fn scripts_fit_by_family_and_revision() {
    let mut probe = probe(None);
    let mut site = probe.world.site("us-east-1");
    let script = |family: &str, times| Script {
        family: family.to_owned(),
        failure: Failure::OutOfMemory,
        times,
    };
    script::set(&mut site, script("web:2", None));
    script::set(&mut site, script("api", Some(1)));
    assert_eq!(script::draw(&mut site, "web", "web:1"), None);
    assert_eq!(script::draw(&mut site, "web", "web:2"), Some(Failure::OutOfMemory));
    assert!(script::draw(&mut site, "api", "api:7").is_some());
    assert!(script::draw(&mut site, "api", "api:7").is_none());
    script::set(&mut site, script("*", None));
    assert!(script::draw(&mut site, "other", "other:1").is_some());
    script::clear(&mut site, Some("*"));
    assert!(script::draw(&mut site, "other", "other:1").is_none());
    script::clear(&mut site, None);
    assert!(site.world.scripts.is_empty());
}

#[test]
fn a_missing_log_group_keeps_a_task_from_starting() {
    let mut probe = probe(Some(5));
    let log = json!({ "logDriver": "awslogs", "options": {
        "awslogs-group": "/none", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app",
    }});
    let container = json!([{ "name": "app", "image": "nginx:1", "logConfiguration": log }]);
    let role = role(&mut probe, "execution");
    probe.pass(Span::minutes(1));
    let input = json!({ "containerDefinitions": container, "executionRoleArn": role });
    register(&mut probe, input);
    let arn = run(&mut probe, json!({}))["tasks"][0]["taskArn"].clone();
    probe.pass(Span::minutes(3));
    let task = describe(&mut probe, &arn);
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    let reason = text(&task["stoppedReason"]);
    assert!(reason.starts_with("ResourceInitializationError: failed to validate logger args"));
    assert!(reason.contains("The specified log group does not exist."), "{reason}");
}

#[test]
fn tasks_are_listed_by_what_they_are() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    run(&mut probe, json!({ "startedBy": "me" }));
    run(&mut probe, json!({ "startedBy": "you", "count": 2 }));
    let count = |probe: &mut Probe, filter: Value| {
        let mut input = json!({ "cluster": "main" });
        for (key, value) in filter.as_object().cloned().unwrap_or_default() {
            input[key] = value;
        }
        probe.ask("ecs", "ListTasks", input)["taskArns"].as_array().map_or(0, Vec::len)
    };
    for (filter, expected) in [
        (json!({}), 3),
        (json!({ "startedBy": "me" }), 1),
        (json!({ "family": "web" }), 3),
        (json!({ "family": "api" }), 0),
        (json!({ "launchType": "EC2" }), 0),
        (json!({ "launchType": "FARGATE" }), 3),
        (json!({ "desiredStatus": "STOPPED" }), 0),
        (json!({ "desiredStatus": "PENDING" }), 0),
        (json!({ "maxResults": 2 }), 2),
    ] {
        assert_eq!(count(&mut probe, filter.clone()), expected, "{filter}");
    }
    let missing = json!({ "cluster": "main", "serviceName": "web" });
    assert_eq!(probe.refused("ecs", "ListTasks", missing), "ServiceNotFoundException");
    let cluster = probe.ask("ecs", "DescribeClusters", json!({ "clusters": ["main"] }));
    assert_eq!(cluster["clusters"][0]["runningTasksCount"], 3);
}

#[test]
fn tasks_that_cannot_be_are_refused() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    let network = network(&mut probe);
    let input = |changes: Value| {
        let mut input = json!({
            "cluster": "main",
            "taskDefinition": "web",
            "launchType": "FARGATE",
            "networkConfiguration": network,
        });
        for (key, value) in changes.as_object().cloned().unwrap_or_default() {
            input[key] = value;
        }
        input
    };
    let invalid = "InvalidParameterException";
    for (changes, code) in [
        (json!({ "count": 11 }), invalid),
        (json!({ "cluster": "none" }), "ClusterNotFoundException"),
        (json!({ "taskDefinition": "none" }), "ClientException"),
        (json!({ "overrides": { "containerOverrides": [{ "name": "none" }] } }), invalid),
        (json!({ "group": "service:web" }), invalid),
        (json!({ "enableExecuteCommand": true }), invalid),
        (json!({ "propagateTags": "SERVICE" }), invalid),
    ] {
        assert_eq!(probe.refused("ecs", "RunTask", input(changes.clone())), code, "{changes}");
    }
    let mut ec2 = input(json!({ "launchType": "EC2" }));
    ec2["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] = json!("DISABLED");
    let (code, message) = probe.call("ecs", "RunTask", ec2).expect_err("a refusal");
    assert_eq!(code, invalid);
    assert_eq!(message, "No Container Instances were found in your cluster.");
    let once = input(json!({ "clientToken": "once" }));
    let first = probe.ask("ecs", "RunTask", once.clone());
    let again = probe.ask("ecs", "RunTask", once);
    assert_eq!(first["tasks"][0]["taskArn"], again["tasks"][0]["taskArn"]);
    let other = input(json!({ "clientToken": "once", "count": 2 }));
    assert_eq!(probe.refused("ecs", "RunTask", other), "ConflictException");
    assert_eq!(tasks(&mut probe, "RUNNING").len(), 1);
    let short = json!({ "cluster": "main", "tasks": ["x"] });
    assert_eq!(probe.refused("ecs", "DescribeTasks", short), invalid);
    let unknown = json!({ "cluster": "main", "task": "0".repeat(32) });
    assert_eq!(probe.refused("ecs", "StopTask", unknown), invalid);
}

#[test]
fn commands_need_to_be_allowed() {
    let mut probe = probe(None);
    let role = role(&mut probe, "task");
    register(&mut probe, json!({ "taskRoleArn": role }));
    for allowed in [false, true] {
        let answer = run(&mut probe, json!({ "enableExecuteCommand": allowed }));
        let task = answer["tasks"][0]["taskArn"].clone();
        let input =
            json!({ "cluster": "main", "task": task, "command": "sh", "interactive": true });
        let answer = probe.call("ecs", "ExecuteCommand", input);
        if allowed {
            let answer = answer.expect("a session");
            assert_eq!(answer["containerName"], "app");
            assert!(text(&answer["session"]["sessionId"]).starts_with("ecs-execute-command-"));
        } else {
            assert_eq!(answer.expect_err("a refusal").0, "InvalidParameterException");
        }
    }
}

#[test]
fn containers_write_to_their_streams_even_after_their_end() {
    let mut probe = probe(Some(6));
    let options = json!({
        "awslogs-group": "/app", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app",
    });
    let log = json!({ "logDriver": "awslogs", "options": options });
    let container = json!([{ "name": "app", "image": "nginx:1", "logConfiguration": log }]);
    let role = role(&mut probe, "execution");
    probe.pass(Span::minutes(1));
    let input = json!({ "containerDefinitions": container, "executionRoleArn": role });
    register(&mut probe, input);
    probe.ask("logs", "CreateLogGroup", json!({ "logGroupName": "/app" }));
    let arn = run(&mut probe, json!({}))["tasks"][0]["taskArn"].clone();
    probe.pass(Span::minutes(2));
    let id = text(&arn).rsplit('/').next().map(str::to_owned).unwrap_or_default();
    let lines = |probe: &mut Probe| {
        let stream = format!("app/app/{id}");
        let input = json!({ "logGroupName": "/app", "logStreamName": stream });
        let answer = probe.ask("logs", "GetLogEvents", input);
        answer["events"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(lines(&mut probe), 1);
    probe.ask("ecs", "StopTask", json!({ "cluster": "main", "task": arn }));
    probe.pass(Span::minutes(2));
    assert_eq!(lines(&mut probe), 2);
}
