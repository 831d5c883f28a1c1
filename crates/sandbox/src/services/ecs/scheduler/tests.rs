//! Services as they live: steady, deploying, failing, rolling back.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::fixture::{
    create, events, probe, register, service, state, tasks, text, update,
};
use crate::services::ecs::script::{self, Failure, Script};
use crate::world::Span;

const BREAKER: &str = "deploymentConfiguration";

fn breaker(rollback: bool) -> Value {
    json!({ "deploymentCircuitBreaker": { "enable": true, "rollback": rollback } })
}

fn doom(probe: &mut Probe, family: &str, failure: Failure, times: Option<u32>) {
    let script = Script { family: family.to_owned(), failure, times };
    script::set(&mut probe.world.site("us-east-1"), script);
}

fn records(probe: &mut Probe) -> Vec<Value> {
    let input = json!({ "cluster": "main", "service": "web" });
    let answer = probe.ask("ecs", "ListServiceDeployments", input);
    answer["serviceDeployments"].as_array().cloned().unwrap_or_default()
}

fn record(probe: &mut Probe, arn: &Value) -> Value {
    let input = json!({ "serviceDeploymentArns": [arn] });
    probe.ask("ecs", "DescribeServiceDeployments", input)["serviceDeployments"][0].clone()
}

#[test]
fn a_service_becomes_steady_and_rests() {
    let mut probe = probe(Some(1));
    register(&mut probe, json!({}));
    let created = create(&mut probe, json!({ "desiredCount": 2 }));
    let id = text(&created["deployments"][0]["id"]);
    assert_eq!(created["runningCount"], 0);
    let begun = probe.world.now;
    probe.world.rest();
    assert!(begun.until(probe.world.now) < Span::minutes(5), "{}", probe.world.now);
    let service = service(&mut probe);
    assert_eq!(service["runningCount"], 2);
    assert_eq!(service["pendingCount"], 0);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    let reason = format!("ECS deployment {id} completed.");
    assert_eq!(service["deployments"][0]["rolloutStateReason"], reason);
    let events = events(&mut probe);
    assert!(events[0].starts_with("(service web) has started 2 tasks: (task "), "{events:?}");
    assert_eq!(
        events[1..],
        [
            format!("(service web) (deployment {id}) deployment completed."),
            "(service web) has reached a steady state.".to_owned(),
        ]
    );
    let tasks = tasks(&mut probe, "RUNNING");
    assert!(tasks.iter().all(|task| task["startedBy"] == id && task["group"] == "service:web"));
    // Over different zones.
    assert_ne!(tasks[0]["availabilityZone"], tasks[1]["availabilityZone"]);
    let records = records(&mut probe);
    assert_eq!(records[0]["status"], "SUCCESSFUL");
    let record = record(&mut probe, &records[0]["serviceDeploymentArn"]);
    assert_eq!(record["targetServiceRevision"]["runningTaskCount"], 2);
    assert_eq!(record["deploymentCircuitBreaker"]["status"], "DISABLED");
}

#[test]
fn the_same_seed_gives_the_same_life() {
    let live = |seed| {
        let mut probe = probe(Some(seed));
        register(&mut probe, json!({}));
        create(&mut probe, json!({ "desiredCount": 3 }));
        doom(&mut probe, "web", Failure::Exit { code: 1 }, Some(4));
        update(&mut probe, json!({ "forceNewDeployment": true }));
        probe.world.rest();
        (probe.world.now, state(&mut probe).clone())
    };
    assert_eq!(live(7), live(7));
    assert_ne!(live(7).0, live(8).0);
}

#[test]
fn a_new_revision_takes_the_place_of_the_old_one() {
    let mut probe = probe(Some(2));
    register(&mut probe, json!({}));
    create(&mut probe, json!({ "desiredCount": 2 }));
    probe.world.rest();
    let second = register(&mut probe, json!({}));
    let updated = update(&mut probe, json!({ "taskDefinition": second }));
    let statuses: Vec<&Value> = updated["deployments"]
        .as_array()
        .expect("deployments")
        .iter()
        .map(|deployment| &deployment["status"])
        .collect();
    assert_eq!(statuses, ["PRIMARY", "ACTIVE"]);
    // Never fewer than two run, never more than four are there.
    for _ in 0..240 {
        let service = service(&mut probe);
        let (running, pending) = (&service["runningCount"], &service["pendingCount"]);
        let running = running.as_u64().expect("a number");
        let there = running + pending.as_u64().expect("a number");
        assert!(running >= 2 && there <= 4, "{service}");
        probe.pass(Span::seconds(1));
    }
    let after = service(&mut probe);
    assert_eq!(after["deployments"].as_array().map(Vec::len), Some(1));
    assert_eq!(after["taskDefinition"], second);
    assert!(tasks(&mut probe, "RUNNING").iter().all(|task| task["taskDefinitionArn"] == second));
    let stopped = tasks(&mut probe, "STOPPED");
    let id = text(&after["deployments"][0]["id"]);
    let reason = format!("Scaling activity initiated by (deployment {id})");
    assert!(stopped.iter().all(|task| task["stoppedReason"] == reason), "{stopped:?}");
    assert_eq!(stopped[0]["stopCode"], "ServiceSchedulerInitiated");
}

#[test]
fn what_is_scaled_comes_and_goes() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    create(&mut probe, json!({}));
    for desired in [4, 1, 0, 2] {
        update(&mut probe, json!({ "desiredCount": desired }));
        let service = service(&mut probe);
        assert_eq!(service["runningCount"], desired);
        assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
        let last = events(&mut probe).pop();
        assert_eq!(last.as_deref(), Some("(service web) has reached a steady state."));
    }
}

#[test]
fn a_stopped_task_is_replaced() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    create(&mut probe, json!({}));
    let first = tasks(&mut probe, "RUNNING")[0]["taskArn"].clone();
    probe.ask("ecs", "StopTask", json!({ "cluster": "main", "task": first }));
    let tasks = tasks(&mut probe, "RUNNING");
    assert_eq!(tasks.len(), 1);
    assert_ne!(tasks[0]["taskArn"], first);
}

#[test]
fn a_deployment_whose_tasks_fail_is_rolled_back() {
    for seed in [None, Some(3)] {
        for failure in
            [Failure::ImageNotFound, Failure::Exit { code: 1 }, Failure::SecretUnreachable]
        {
            let mut probe = probe(seed);
            let first = register(&mut probe, json!({}));
            create(&mut probe, json!({ BREAKER: breaker(true), "desiredCount": 2 }));
            probe.pass(Span::minutes(5));
            let old = text(&service(&mut probe)["deployments"][0]["id"]);
            let second = register(&mut probe, json!({}));
            doom(&mut probe, "web:2", failure, None);
            let updated = update(&mut probe, json!({ "taskDefinition": second }));
            let new = text(&updated["deployments"][0]["id"]);
            probe.pass(Span::minutes(30));
            let after = service(&mut probe);
            assert_eq!(after["taskDefinition"], first, "{failure:?}");
            assert_eq!(after["runningCount"], 2);
            assert_eq!(after["deployments"].as_array().map(Vec::len), Some(1), "{after}");
            let last = &after["deployments"][0];
            assert_eq!(last["rolloutState"], "COMPLETED");
            assert!(last["id"] != old && last["id"] != new);
            let events = events(&mut probe);
            for expected in [
                format!(
                    "(service web) (deployment {new}) deployment failed: tasks failed to start."
                ),
                format!("(service web) rolling back to deployment {old}."),
            ] {
                assert!(events.contains(&expected), "{expected}: {events:#?}");
            }
            let records = records(&mut probe);
            let record = record(&mut probe, &records[0]["serviceDeploymentArn"]);
            assert_eq!(record["status"], "ROLLBACK_SUCCESSFUL");
            assert_eq!(record["deploymentCircuitBreaker"]["status"], "TRIGGERED");
            assert!(record["deploymentCircuitBreaker"]["failureCount"].as_u64() >= Some(3));
            assert_eq!(
                record["rollback"]["serviceRevisionArn"],
                records[1]["targetServiceRevisionArn"]
            );
            probe.world.rest();
        }
    }
}

#[test]
fn while_it_rolls_back_a_service_says_so() {
    let mut probe = probe(Some(5));
    register(&mut probe, json!({}));
    create(&mut probe, json!({ BREAKER: breaker(true) }));
    probe.world.rest();
    let old = text(&service(&mut probe)["deployments"][0]["id"]);
    let second = register(&mut probe, json!({}));
    doom(&mut probe, "web:2", Failure::ImageNotFound, None);
    update(&mut probe, json!({ "taskDefinition": second }));
    let failed = |service: &Value| service["deployments"][1]["rolloutState"] == "FAILED";
    let mut seen = service(&mut probe);
    for _ in 0..600 {
        if failed(&seen) {
            break;
        }
        probe.pass(Span::seconds(1));
        seen = service(&mut probe);
    }
    let reason = format!("ECS deployment circuit breaker: rolling back to deploymentId {old}.");
    assert_eq!(seen["deployments"][0]["rolloutStateReason"], reason);
    assert_eq!(seen["deployments"][0]["rolloutState"], "IN_PROGRESS");
    let reason = "ECS deployment circuit breaker: tasks failed to start.";
    assert_eq!(seen["deployments"][1]["rolloutStateReason"], reason);
    assert_eq!(seen["deployments"][1]["failedTasks"], 3);
}

#[test]
fn without_anything_to_go_back_to_a_failed_deployment_stays() {
    for rollback in [true, false] {
        let mut probe = probe(None);
        register(&mut probe, json!({}));
        doom(&mut probe, "*", Failure::Exit { code: 1 }, None);
        create(&mut probe, json!({ BREAKER: breaker(rollback) }));
        probe.world.rest();
        let service = service(&mut probe);
        assert_eq!(service["deployments"][0]["rolloutState"], "FAILED");
        assert_eq!(service["runningCount"], 0);
        let expected = if rollback { "ROLLBACK_FAILED" } else { "STOPPED" };
        assert_eq!(records(&mut probe)[0]["status"], expected);
        assert_eq!(probe.world.agenda.next(), None);
    }
}

#[test]
fn failing_tasks_are_started_ever_more_slowly() {
    for seed in [None, Some(6)] {
        let mut probe = probe(seed);
        register(&mut probe, json!({}));
        doom(&mut probe, "web", Failure::ImageNotFound, None);
        create(&mut probe, json!({}));
        let started = |probe: &mut Probe| {
            let events = events(probe);
            events.iter().filter(|event| event.contains("has started 1 tasks")).count()
        };
        probe.pass(Span::minutes(10));
        let early = started(&mut probe);
        assert!((4..=12).contains(&early), "{early}");
        probe.pass(Span::minutes(110));
        let late = started(&mut probe) - early;
        assert!((3..=10).contains(&late), "{late}");
        let impaired = |event: &&String| event.contains("is unable to consistently start tasks");
        assert_eq!(events(&mut probe).iter().filter(impaired).count(), 1);
        assert_eq!(service(&mut probe)["deployments"][0]["rolloutState"], "IN_PROGRESS");
        // What is mended gets well by itself.
        script::clear(&mut probe.world.site("us-east-1"), None);
        probe.pass(Span::minutes(60));
        assert_eq!(service(&mut probe)["deployments"][0]["rolloutState"], "COMPLETED");
    }
}

#[test]
fn a_crash_loop_is_never_steady() {
    let mut probe = probe(Some(9));
    register(&mut probe, json!({}));
    doom(&mut probe, "web", Failure::Exit { code: 1 }, None);
    create(&mut probe, json!({}));
    probe.pass(Span::minutes(60));
    let steady = |event: &String| event.ends_with("has reached a steady state.");
    assert!(!events(&mut probe).iter().any(steady));
    let stopped = tasks(&mut probe, "STOPPED");
    assert!(stopped.len() >= 3);
    assert_eq!(stopped[0]["stoppedReason"], "Essential container in task exited");
}

#[test]
fn events_stay_within_a_hundred() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    create(&mut probe, json!({}));
    for _ in 0..60 {
        update(&mut probe, json!({ "forceNewDeployment": true }));
    }
    assert_eq!(events(&mut probe).len(), 100);
}

#[test]
fn without_instances_nothing_is_placed() {
    let mut probe = probe(Some(1));
    let bridge = json!({ "networkMode": "bridge", "requiresCompatibilities": ["EC2"] });
    register(&mut probe, bridge);
    let ec2 = json!({ "launchType": "EC2", "networkConfiguration": null });
    create(&mut probe, ec2.clone());
    probe.world.rest();
    let seen = events(&mut probe);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].contains("was unable to place a task because no container instance met all"));
    probe.ask(
        "ecs",
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    probe.world.rest();
    let mut daemon = ec2;
    daemon["schedulingStrategy"] = json!("DAEMON");
    daemon["desiredCount"] = Value::Null;
    create(&mut probe, daemon);
    probe.world.rest();
    let service = service(&mut probe);
    assert_eq!(service["desiredCount"], 0);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service["deploymentConfiguration"]["maximumPercent"], 100);
}

#[test]
fn a_protected_task_is_kept_until_its_time() {
    let mut probe = probe(Some(2));
    register(&mut probe, json!({}));
    create(&mut probe, json!({}));
    probe.world.rest();
    let task = tasks(&mut probe, "RUNNING")[0]["taskArn"].clone();
    let protect = json!({
        "cluster": "main", "tasks": [task], "protectionEnabled": true, "expiresInMinutes": 30,
    });
    let answer = probe.ask("ecs", "UpdateTaskProtection", protect);
    assert_eq!(answer["protectedTasks"][0]["protectionEnabled"], true);
    update(&mut probe, json!({ "desiredCount": 0 }));
    probe.pass(Span::minutes(20));
    assert_eq!(service(&mut probe)["runningCount"], 1);
    probe.pass(Span::minutes(11));
    assert_eq!(service(&mut probe)["runningCount"], 0);
}

#[test]
fn capacity_providers_share_the_tasks() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    let strategy = json!([
        { "capacityProvider": "FARGATE", "base": 1, "weight": 1 },
        { "capacityProvider": "FARGATE_SPOT", "weight": 3 },
    ]);
    let changes = json!({
        "launchType": null, "capacityProviderStrategy": strategy, "desiredCount": 5,
    });
    let created = create(&mut probe, changes);
    assert_eq!(created["launchType"], Value::Null);
    let tasks = tasks(&mut probe, "RUNNING");
    let spot = tasks.iter().filter(|task| task["capacityProviderName"] == "FARGATE_SPOT").count();
    assert_eq!((tasks.len(), spot), (5, 3));
}

#[test]
fn a_deployment_can_be_stopped() {
    let mut probe = probe(Some(4));
    let first = register(&mut probe, json!({}));
    create(&mut probe, json!({}));
    probe.world.rest();
    let second = register(&mut probe, json!({}));
    update(&mut probe, json!({ "taskDefinition": second }));
    let arn = records(&mut probe)[0]["serviceDeploymentArn"].clone();
    let input = json!({ "serviceDeploymentArn": arn });
    probe.ask("ecs", "StopServiceDeployment", input.clone());
    probe.world.rest();
    assert_eq!(service(&mut probe)["taskDefinition"], first);
    assert_eq!(record(&mut probe, &arn)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(probe.refused("ecs", "StopServiceDeployment", input), "ConflictException");
}

#[test]
fn a_newer_deployment_takes_the_place_of_one_in_progress() {
    let mut probe = probe(Some(4));
    register(&mut probe, json!({}));
    create(&mut probe, json!({}));
    update(&mut probe, json!({ "forceNewDeployment": true }));
    probe.world.rest();
    let statuses: Vec<Value> =
        records(&mut probe).iter().map(|record| record["status"].clone()).collect();
    assert_eq!(statuses, ["SUCCESSFUL", "STOPPED"]);
    assert_eq!(service(&mut probe)["runningCount"], 1);
    let revision = records(&mut probe)[0]["targetServiceRevisionArn"].clone();
    let input = json!({ "serviceRevisionArns": [revision] });
    let answer = probe.ask("ecs", "DescribeServiceRevisions", input);
    let images = &answer["serviceRevisions"][0]["containerImages"];
    assert_eq!(images[0]["image"], "nginx:1");
    assert!(images[0]["imageDigest"].is_string());
}
