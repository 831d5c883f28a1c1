//! What services are refused for, and what is read back of them.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::fixture::{
    create, probe, register, role, service, subnets, tasks, text, update, web,
};

fn refusal(probe: &mut Probe, operation: &str, input: Value) -> (String, String) {
    match probe.call("ecs", operation, input) {
        Ok(answer) => panic!("{operation} was not refused: {answer}"),
        Err(refusal) => refusal,
    }
}

#[test]
fn what_is_not_said_is_filled_in() {
    let mut probe = probe(None);
    let definition = register(&mut probe, json!({}));
    let created = create(&mut probe, json!({}));
    for (key, expected) in [
        ("status", json!("ACTIVE")),
        ("launchType", json!("FARGATE")),
        ("platformVersion", json!("LATEST")),
        ("platformFamily", json!("Linux")),
        ("taskDefinition", json!(definition)),
        ("schedulingStrategy", json!("REPLICA")),
        ("deploymentController", json!({ "type": "ECS" })),
        ("propagateTags", json!("NONE")),
        ("enableECSManagedTags", json!(false)),
        ("enableExecuteCommand", json!(false)),
        ("availabilityZoneRebalancing", json!("ENABLED")),
        ("loadBalancers", json!([])),
        ("runningCount", json!(0)),
        ("events", json!([])),
        ("healthCheckGracePeriodSeconds", Value::Null),
    ] {
        assert_eq!(created[key], expected, "{key}");
    }
    let configuration = &created["deploymentConfiguration"];
    assert_eq!(configuration["maximumPercent"], 200);
    assert_eq!(configuration["minimumHealthyPercent"], 100);
    assert_eq!(configuration["deploymentCircuitBreaker"]["enable"], false);
    assert_eq!(configuration["strategy"], "ROLLING");
    let deployment = &created["deployments"][0];
    assert_eq!(deployment["status"], "PRIMARY");
    assert_eq!(deployment["platformVersion"], "1.4.0");
    assert_eq!(deployment["rolloutState"], "IN_PROGRESS");
    let id = text(&deployment["id"]);
    assert_eq!(deployment["rolloutStateReason"], format!("ECS deployment {id} in progress."));
    assert_eq!(created["serviceArn"], "arn:aws:ecs:us-east-1:111122223333:service/main/web");
}

#[test]
fn services_that_cannot_be_are_refused() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    register(
        &mut probe,
        json!({
            "family": "bridge",
            "networkMode": "bridge",
            "requiresCompatibilities": ["EC2"],
        }),
    );
    let subnet = subnets(&mut probe).remove(0);
    let with = |subnets: &[&str], groups: &[&str]| {
        let network = json!({ "subnets": subnets, "securityGroups": groups });
        json!({ "networkConfiguration": { "awsvpcConfiguration": network } })
    };
    let strategy = json!([{ "capacityProvider": "FARGATE", "weight": 1 }]);
    let invalid = "InvalidParameterException";
    for (changes, code, words) in [
        (json!({ "cluster": "other" }), "ClusterNotFoundException", "Cluster not found."),
        (json!({ "taskDefinition": "other" }), "ClientException", "TaskDefinition not found."),
        (json!({ "taskDefinition": null }), invalid, "TaskDefinition can not be blank."),
        (json!({ "serviceName": "" }), invalid, "cannot be empty"),
        (json!({ "serviceName": "a b" }), invalid, "Invalid service name"),
        (json!({ "desiredCount": null }), invalid, "desired count"),
        (json!({ "desiredCount": -1 }), invalid, "desiredCount"),
        (json!({ "colour": "red" }), invalid, "colour"),
        (json!({ "launchType": "FARGAT" }), invalid, "launchType"),
        (json!({ "capacityProviderStrategy": strategy }), invalid, "Specifying both a launch type"),
        (
            json!({
                "launchType": null,
                "capacityProviderStrategy": [{ "capacityProvider": "spare", "weight": 1 }],
            }),
            invalid,
            "not associated with the cluster",
        ),
        (
            json!({ "taskDefinition": "bridge" }),
            invalid,
            "Task definition does not support launch_type FARGATE.",
        ),
        (
            json!({ "networkConfiguration": null }),
            invalid,
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ),
        (
            json!({ "launchType": "EC2", "taskDefinition": "bridge" }),
            invalid,
            "Network Configuration is not valid",
        ),
        (json!({ "launchType": "EC2" }), invalid, "Assign public IP is not supported"),
        (with(&["subnet-1"], &[]), invalid, "The subnet ID 'subnet-1' does not exist"),
        (with(&[&subnet], &["sg-1"]), invalid, "The security group 'sg-1' does not exist"),
        (with(&[], &[]), invalid, "subnets can not be empty."),
        (json!({ "platformVersion": "9" }), "PlatformUnknownException", "does not exist"),
        (
            json!({ "healthCheckGracePeriodSeconds": 30 }),
            invalid,
            "Health check grace period is only valid",
        ),
        (json!({ "enableExecuteCommand": true }), invalid, "valid taskRoleArn is not being used"),
        (json!({ "schedulingStrategy": "DAEMON" }), invalid, "Remove the desired count value"),
        (
            json!({ "schedulingStrategy": "DAEMON", "desiredCount": null }),
            invalid,
            "not supported on FARGATE",
        ),
        (
            json!({ "placementStrategy": [{ "type": "random" }] }),
            invalid,
            "Placement strategies are not supported with FARGATE",
        ),
        (
            json!({ "deploymentConfiguration": {
                "maximumPercent": 100, "minimumHealthyPercent": 100,
            }}),
            invalid,
            "will block deployments",
        ),
        (
            json!({ "deploymentController": { "type": "CODE_DEPLOY" } }),
            "UnsupportedFeatureException",
            "no deployment controller but ECS",
        ),
        (
            json!({ "loadBalancers": [{
                "targetGroupArn": "arn:x", "containerName": "side", "containerPort": 80,
            }]}),
            invalid,
            "The container side does not exist in the task definition.",
        ),
        (
            json!({ "loadBalancers": [{
                "targetGroupArn": "arn:x", "containerName": "app", "containerPort": 81,
            }]}),
            invalid,
            "The container app did not have a container port 81 defined.",
        ),
        (
            json!({ "loadBalancers": [{
                "targetGroupArn": "arn:x", "containerName": "app", "containerPort": 80,
            }]}),
            invalid,
            "The target group arn:x does not exist.",
        ),
        (json!({ "tags": [{ "key": "aws:x", "value": "y" }] }), invalid, "aws:"),
    ] {
        let input = web(&mut probe, changes.clone());
        let (refused, message) = refusal(&mut probe, "CreateService", input);
        assert_eq!(refused, code, "{changes}: {message}");
        assert!(message.contains(words), "{changes}: {message}");
    }
    let listed = probe.ask("ecs", "ListServices", json!({ "cluster": "main" }));
    assert_eq!(listed["serviceArns"], json!([]));
}

#[test]
fn a_name_is_given_once_and_a_token_answers_again() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    let token = json!({ "clientToken": "once" });
    let first = create(&mut probe, token.clone());
    let again = create(&mut probe, token);
    assert_eq!(first["deployments"][0]["id"], again["deployments"][0]["id"]);
    for changes in [json!({}), json!({ "clientToken": "once", "desiredCount": 2 })] {
        let input = web(&mut probe, changes);
        let (_, message) = refusal(&mut probe, "CreateService", input);
        assert_eq!(message, "Creation of service was not idempotent.");
    }
}

#[test]
fn a_service_is_deleted_in_steps() {
    let mut probe = probe(Some(1));
    register(&mut probe, json!({}));
    let target = json!({ "cluster": "main", "service": "web" });
    assert_eq!(probe.refused("ecs", "DeleteService", target.clone()), "ServiceNotFoundException");
    create(&mut probe, json!({}));
    probe.world.rest();
    assert_eq!(service(&mut probe)["runningCount"], 1);
    let (_, message) = refusal(&mut probe, "DeleteService", target.clone());
    assert_eq!(message, "The service cannot be stopped while it is scaled above 0.");
    let forced = json!({ "cluster": "main", "service": "web", "force": true });
    let deleted = probe.ask("ecs", "DeleteService", forced);
    assert_eq!(deleted["service"]["status"], "DRAINING");
    assert_eq!(deleted["service"]["desiredCount"], 0);
    let input = web(&mut probe, json!({}));
    let (_, message) = refusal(&mut probe, "CreateService", input);
    assert_eq!(message, "Unable to Start a service that is still Draining.");
    let change = json!({ "cluster": "main", "service": "web", "desiredCount": 2 });
    assert_eq!(probe.refused("ecs", "UpdateService", change), "ServiceNotActiveException");
    probe.pass(crate::world::Span::minutes(2));
    let gone = service(&mut probe);
    assert_eq!(gone["status"], "INACTIVE");
    assert_eq!(gone["deployments"], json!([]));
    assert_eq!(probe.refused("ecs", "DeleteService", target), "ServiceNotFoundException");
    // Its name is free again, and the new one is not forgotten with the old one.
    create(&mut probe, json!({}));
    probe.pass(crate::world::Span::minutes(120));
    assert_eq!(service(&mut probe)["status"], "ACTIVE");
}

#[test]
fn nothing_is_left_of_what_was_deleted() {
    let mut probe = probe(None);
    let before = crate::services::ecs::fixture::state(&mut probe).clone();
    let definition = register(&mut probe, json!({}));
    create(&mut probe, json!({ "desiredCount": 3, "tags": [{ "key": "a", "value": "b" }] }));
    assert_eq!(tasks(&mut probe, "RUNNING").len(), 3);
    probe.ask("ecs", "DeregisterTaskDefinition", json!({ "taskDefinition": definition }));
    probe.ask("ecs", "DeleteTaskDefinitions", json!({ "taskDefinitions": [definition] }));
    probe.ask(
        "ecs",
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    let described =
        probe.ask("ecs", "DescribeServices", json!({ "cluster": "main", "services": ["web"] }));
    assert_eq!(described["failures"][0]["reason"], "MISSING");
    let site = probe.world.site("us-east-1");
    assert_eq!(site.region().ecs, before);
    assert!(site.region().ec2.interfaces.is_empty());
    assert_eq!(probe.world.agenda.next(), None);
}

#[test]
fn identifiers_may_be_names_or_arns() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    let arn = text(&create(&mut probe, json!({}))["serviceArn"]);
    let by_arn = json!({ "cluster": "main", "services": [arn, "other"] });
    let answer = probe.ask("ecs", "DescribeServices", by_arn);
    assert_eq!(answer["services"][0]["serviceName"], "web");
    let missing = json!({
        "arn": "arn:aws:ecs:us-east-1:111122223333:service/main/other",
        "reason": "MISSING",
    });
    assert_eq!(answer["failures"], json!([missing]));
    probe.ask("ecs", "CreateCluster", json!({ "clusterName": "other" }));
    let elsewhere = json!({ "cluster": "other", "service": arn, "desiredCount": 0 });
    let (code, message) = refusal(&mut probe, "UpdateService", elsewhere);
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(message, "Identifier is for main. Your cluster is other");
    let eleven: Vec<String> = (0..11).map(|number| format!("s{number}")).collect();
    let input = json!({ "cluster": "main", "services": eleven });
    assert_eq!(probe.refused("ecs", "DescribeServices", input), "InvalidParameterException");
}

#[test]
fn lists_come_in_pages_and_by_filters() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    for number in 0..12 {
        create(&mut probe, json!({ "serviceName": format!("s{number:02}"), "desiredCount": 0 }));
    }
    let first = probe.ask("ecs", "ListServices", json!({ "cluster": "main" }));
    assert_eq!(first["serviceArns"].as_array().map(Vec::len), Some(10));
    let next = json!({ "cluster": "main", "nextToken": first["nextToken"] });
    let second = probe.ask("ecs", "ListServices", next);
    assert_eq!(second["serviceArns"].as_array().map(Vec::len), Some(2));
    assert_eq!(second["nextToken"], Value::Null);
    let ec2 = probe.ask("ecs", "ListServices", json!({ "cluster": "main", "launchType": "EC2" }));
    assert_eq!(ec2["serviceArns"], json!([]));
    let bad = json!({ "cluster": "main", "nextToken": "x" });
    assert_eq!(probe.refused("ecs", "ListServices", bad), "InvalidParameterException");
}

#[test]
fn only_some_changes_need_a_new_deployment() {
    let mut probe = probe(None);
    let first = register(&mut probe, json!({}));
    let second = register(&mut probe, json!({}));
    create(&mut probe, json!({ "taskDefinition": first }));
    for (changes, expected) in [
        (json!({ "desiredCount": 2 }), false),
        (json!({ "taskDefinition": first }), false),
        (json!({ "enableECSManagedTags": true, "propagateTags": "SERVICE" }), false),
        (json!({ "deploymentConfiguration": { "maximumPercent": 150 } }), false),
        (json!({ "forceNewDeployment": true }), true),
        (json!({ "taskDefinition": second }), true),
        (json!({ "platformVersion": "1.4.0" }), true),
    ] {
        let before = service(&mut probe)["deployments"][0]["id"].clone();
        let after = update(&mut probe, changes.clone())["deployments"][0]["id"].clone();
        assert_eq!(before != after, expected, "{changes}");
    }
    let after = service(&mut probe);
    assert_eq!(after["deploymentConfiguration"]["maximumPercent"], 150);
    assert_eq!(after["deploymentConfiguration"]["minimumHealthyPercent"], 100);
    assert_eq!(after["runningCount"], 2);
    assert_eq!(after["deployments"].as_array().map(Vec::len), Some(1));
}

#[test]
fn tags_are_read_only_where_they_are_asked_for() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    let tags = json!([{ "key": "a", "value": "b" }]);
    let arn = text(
        &create(&mut probe, json!({ "tags": tags, "propagateTags": "SERVICE" }))["serviceArn"],
    );
    assert_eq!(service(&mut probe)["tags"], tags);
    let input = json!({ "cluster": "main", "services": ["web"] });
    let without = probe.ask("ecs", "DescribeServices", input);
    assert_eq!(without["services"][0]["tags"], Value::Null);
    assert_eq!(tasks(&mut probe, "RUNNING")[0]["tags"], tags);
    probe.ask(
        "ecs",
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "c", "value": "d" }] }),
    );
    assert_eq!(service(&mut probe)["tags"][1]["value"], "d");
}

#[test]
fn roles_have_to_be_ones_that_ecs_can_assume() {
    let mut probe = Probe::with_delays(2);
    probe.ask("ecs", "CreateCluster", json!({ "clusterName": "main" }));
    register(&mut probe, json!({}));
    let input = web(&mut probe, json!({}));
    let (code, message) = refusal(&mut probe, "CreateService", input);
    assert_eq!(code, "InvalidParameterException");
    assert!(message.starts_with("Unable to assume the service linked role."), "{message}");
    // Its first use has made it.
    probe.pass(crate::world::Span::minutes(1));
    let role = role(&mut probe, "task");
    register(&mut probe, json!({ "taskRoleArn": role }));
    let input = web(&mut probe, json!({}));
    let (code, message) = refusal(&mut probe, "CreateService", input);
    assert_eq!(code, "ClientException");
    assert!(message.starts_with("ECS was unable to assume the role"), "{message}");
    probe.pass(crate::world::Span::minutes(1));
    create(&mut probe, json!({}));
    probe.world.rest();
    // Without its role a service cannot replace its tasks.
    let task = tasks(&mut probe, "RUNNING")[0]["taskArn"].clone();
    probe.ask("iam", "DeleteRole", json!({ "RoleName": "task" }));
    probe.pass(crate::world::Span::minutes(1));
    probe.ask("ecs", "StopTask", json!({ "cluster": "main", "task": task }));
    probe.pass(crate::world::Span::minutes(10));
    let service = service(&mut probe);
    assert_eq!(service["runningCount"], 0);
    let said = service["events"].to_string();
    assert!(
        said.contains("failed to launch a task with (error ECS was unable to assume"),
        "{said}"
    );
}
