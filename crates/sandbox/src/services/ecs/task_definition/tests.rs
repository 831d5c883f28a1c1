use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::State;
use crate::world::Span;

const ROLE: &str = "arn:aws:iam::111122223333:role/task";

fn container(more: Value) -> Value {
    over(json!({ "name": "app", "image": "nginx" }), more)
}

/// A definition for Fargate with one container.
fn fargate(more: Value) -> Value {
    let one = json!({
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [container(json!({}))],
    });
    over(one, more)
}

fn over(mut input: Value, more: Value) -> Value {
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    input
}

/// A definition for Fargate whose container has more to say.
fn with(more: Value) -> Value {
    fargate(json!({ "containerDefinitions": [container(more)] }))
}

/// A definition for instances whose container has more to say.
fn plain(more: Value) -> Value {
    let container = over(container(json!({ "memory": 128 })), more);
    json!({ "family": "web", "containerDefinitions": [container] })
}

fn register(probe: &mut Probe, input: Value) -> Value {
    probe.ask("ecs", "RegisterTaskDefinition", input)["taskDefinition"].clone()
}

#[test]
fn defaults_are_filled_in() {
    let mut probe = Probe::new();
    let definition = register(
        &mut probe,
        over(
            with(json!({
                "portMappings": [{ "containerPort": 80 }],
                "healthCheck": { "command": ["CMD", "true"] },
            })),
            json!({ "cpu": "0.25 vCPU", "memory": "0.5 GB" }),
        ),
    );
    assert_eq!((&definition["cpu"], &definition["memory"]), (&json!("256"), &json!("512")));
    assert_eq!(definition["compatibilities"], json!(["EC2", "FARGATE"]));
    assert_eq!(definition["volumes"], json!([]));
    assert_eq!(definition["revision"], 1);
    assert_eq!(
        definition["containerDefinitions"],
        json!([{
            "name": "app",
            "image": "nginx",
            "cpu": 0,
            "essential": true,
            "environment": [],
            "mountPoints": [],
            "volumesFrom": [],
            "systemControls": [],
            "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
            "healthCheck": {
                "command": ["CMD", "true"],
                "interval": 30,
                "timeout": 5,
                "retries": 3,
                "startPeriod": 0,
            },
        }])
    );
    let bridged = register(&mut probe, plain(json!({ "portMappings": [{ "containerPort": 80 }] })));
    assert_eq!(bridged["containerDefinitions"][0]["portMappings"][0]["hostPort"], 0);
    assert_eq!(bridged["compatibilities"], json!(["EXTERNAL", "EC2"]));
}

#[test]
fn lists_without_an_order_come_back_in_their_own() {
    let mut probe = Probe::new();
    let variables: Vec<Value> =
        (0..6).map(|number| json!({ "name": format!("V{number}"), "value": "x" })).collect();
    let backwards: Vec<Value> = variables.iter().rev().cloned().collect();
    let mut read = |variables: &[Value]| {
        let made = register(&mut probe, with(json!({ "environment": variables })));
        made["containerDefinitions"][0]["environment"].clone()
    };
    let (one, other) = (read(&variables), read(&backwards));
    assert_eq!(one, other);
    assert_ne!(one, json!(variables));
    assert_eq!(one.as_array().map(Vec::len), Some(6));
}

#[test]
fn a_revision_is_found_by_its_names_until_it_is_gone() {
    let mut probe = Probe::with_delays(1);
    let input = fargate(json!({ "tags": [{ "key": "a", "value": "b" }] }));
    register(&mut probe, input.clone());
    let second = register(&mut probe, input.clone());
    assert_eq!(second["revision"], 2);
    let arn = "arn:aws:ecs:us-east-1:111122223333:task-definition/web:2";
    for name in ["web", "web:2", arn] {
        let asked = json!({ "taskDefinition": name });
        let found = probe.ask("ecs", "DescribeTaskDefinition", asked.clone());
        assert_eq!(found["taskDefinition"], second, "{name}");
        assert_eq!(found["tags"], Value::Null);
        let asked = over(asked, json!({ "include": ["TAGS"] }));
        let found = probe.ask("ecs", "DescribeTaskDefinition", asked);
        assert_eq!(found["tags"], json!([{ "key": "a", "value": "b" }]));
    }
    let asked = json!({ "taskDefinition": "web:3" });
    let (code, message) =
        probe.call("ecs", "DescribeTaskDefinition", asked).expect_err("a refusal");
    let unknown = ("ClientException", "Unable to describe task definition.");
    assert_eq!((code.as_str(), message.as_str()), unknown);

    let delete = json!({ "taskDefinitions": ["web:2"] });
    let kept = probe.ask("ecs", "DeleteTaskDefinitions", delete.clone());
    assert_eq!(kept["failures"][0]["arn"], "web:2");
    let deregister = json!({ "taskDefinition": "web" });
    assert_eq!(probe.refused("ecs", "DeregisterTaskDefinition", deregister), "ClientException");
    let deregister = json!({ "taskDefinition": "web:2" });
    let retired = probe.ask("ecs", "DeregisterTaskDefinition", deregister);
    assert_eq!(retired["taskDefinition"]["status"], "INACTIVE");
    let newest = probe.ask("ecs", "DescribeTaskDefinition", json!({ "taskDefinition": "web" }));
    assert_eq!(newest["taskDefinition"]["revision"], 1);

    let gone = probe.ask("ecs", "DeleteTaskDefinitions", delete);
    assert_eq!(gone["taskDefinitions"][0]["status"], "DELETE_IN_PROGRESS");
    let asked = json!({ "taskDefinition": "web:2" });
    probe.ask("ecs", "DescribeTaskDefinition", asked.clone());
    probe.pass(Span::minutes(11));
    assert_eq!(probe.refused("ecs", "DescribeTaskDefinition", asked), "ClientException");
    assert_eq!(register(&mut probe, input)["revision"], 3);
    for name in ["web:1", "web:3"] {
        probe.ask("ecs", "DeregisterTaskDefinition", json!({ "taskDefinition": name }));
        probe.ask("ecs", "DeleteTaskDefinitions", json!({ "taskDefinitions": [name] }));
    }
    probe.pass(Span::minutes(11));
    assert_eq!(probe.world.site("us-east-1").region().ecs, State::default());
}

#[test]
fn revisions_are_listed_by_number() {
    let mut probe = Probe::new();
    for _ in 0..11 {
        register(&mut probe, fargate(json!({})));
    }
    register(&mut probe, fargate(json!({ "family": "web-other" })));
    let arns = |probe: &mut Probe, input: Value| {
        let listed = probe.ask("ecs", "ListTaskDefinitions", input);
        let arns = listed["taskDefinitionArns"].as_array().cloned().unwrap_or_default();
        let short =
            |arn: &Value| arn.as_str().and_then(|arn| arn.rsplit('/').next().map(str::to_owned));
        arns.iter().filter_map(short).collect::<Vec<_>>()
    };
    let of_web = arns(&mut probe, json!({ "familyPrefix": "web" }));
    assert_eq!((of_web.len(), of_web[1].as_str(), of_web[10].as_str()), (11, "web:2", "web:11"));
    assert!(arns(&mut probe, json!({ "familyPrefix": "we" })).is_empty());
    let newest = json!({ "familyPrefix": "web", "sort": "DESC", "maxResults": 1 });
    assert_eq!(arns(&mut probe, newest), ["web:11"]);
    assert!(arns(&mut probe, json!({ "status": "INACTIVE" })).is_empty());
    let families = probe.ask("ecs", "ListTaskDefinitionFamilies", json!({ "familyPrefix": "we" }));
    assert_eq!(families["families"], json!(["web", "web-other"]));
}

#[test]
fn fargate_asks_for_more() {
    let mut probe = Probe::new();
    let log = json!({
        "logDriver": "awslogs",
        "options": { "awslogs-group": "g", "awslogs-region": "us-east-1" },
    });
    let cases = [
        (fargate(json!({ "networkMode": "bridge" })), "network mode ‘awsvpc’"),
        (fargate(json!({ "networkMode": null })), "network mode ‘awsvpc’"),
        (fargate(json!({ "cpu": null })), "Fargate requires that 'cpu' be defined"),
        (fargate(json!({ "memory": null })), "memory"),
        (fargate(json!({ "memory": "4096" })), "No Fargate configuration exists for given values"),
        (fargate(json!({ "cpu": "300" })), "No Fargate configuration exists for given values"),
        (fargate(json!({ "pidMode": "host" })), "pidMode"),
        (with(json!({ "privileged": true })), "privileged"),
        (with(json!({ "logConfiguration": log })), "to support log driver awslogs."),
        (with(json!({ "logConfiguration": { "logDriver": "json-file" } })), "log drivers"),
        (
            with(json!({ "image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web" })),
            "Fargate requires task definition to have execution role ARN to support ECR images.",
        ),
        (with(json!({ "cpu": 512 })), "CPU units"),
        (
            fargate(json!({ "volumes": [{ "name": "v", "host": { "sourcePath": "/srv" } }] })),
            "sourcePath",
        ),
        (
            fargate(json!({ "placementConstraints": [{ "type": "memberOf", "expression": "x" }] })),
            "placement constraints",
        ),
    ];
    for (input, said) in cases {
        let refused = probe.call("ecs", "RegisterTaskDefinition", input.clone());
        let (code, message) = refused.expect_err(said);
        assert!(code == "ClientException" && message.contains(said), "{code}: {message}: {input}");
    }
    let log = json!({ "logConfiguration": log });
    register(&mut probe, over(with(log), json!({ "executionRoleArn": ROLE })));
}

#[test]
fn every_definition_has_to_make_sense() {
    let mut probe = Probe::new();
    let two = |one: Value, other: Value| {
        let other = over(json!({ "name": "other" }), other);
        fargate(json!({ "containerDefinitions": [container(one), container(other)] }))
    };
    let needs = |name: &str, condition: &str| json!({ "dependsOn": [{ "containerName": name, "condition": condition }] });
    let secret = json!({ "secrets": [{ "name": "A", "valueFrom": "/a" }] });
    let variable = json!([{ "name": "A", "value": "a" }]);
    let ports = json!({ "portMappings": [{ "containerPort": 80, "hostPort": 8080 }] });
    let limits = json!({ "ulimits": [{ "name": "nofile", "softLimit": 2, "hardLimit": 1 }] });
    let cases = [
        (fargate(json!({ "family": null })), "Family should not be null"),
        (fargate(json!({ "family": "a b" })), "Family contains invalid characters"),
        (fargate(json!({ "containerDefinitions": [] })), "Container list cannot be empty."),
        (with(json!({ "name": null })), "Container.name should not be null or empty."),
        (with(json!({ "image": "" })), "Container.image should not be null or empty."),
        (with(json!({ "name": "a b" })), "invalid characters"),
        (with(json!({ "essential": false })), "essential"),
        (two(json!({}), json!({ "name": "app" })), "unique"),
        (plain(json!({ "memory": null })), "At least one of 'memory' or 'memoryReservation'"),
        (plain(json!({ "memoryReservation": 256 })), "memoryReservation"),
        (with(json!({ "memory": 1024 })), "memory"),
        (with(ports), "When networkMode=awsvpc, the host ports"),
        (with(json!({ "mountPoints": [{ "sourceVolume": "v", "containerPath": "/" }] })), "volume"),
        (with(needs("nobody", "START")), "does not exist"),
        (two(needs("other", "START"), needs("app", "START")), "cycle"),
        (with(needs("app", "START")), "cycle"),
        (two(needs("other", "HEALTHY"), json!({})), "health check"),
        (two(needs("other", "SUCCESS"), json!({})), "must not be essential"),
        (with(secret.clone()), "you must also specify a value for 'executionRoleArn'"),
        (
            over(
                with(over(secret, json!({ "environment": variable }))),
                json!({ "executionRoleArn": ROLE }),
            ),
            "The secret name must be unique",
        ),
        (with(limits), "ulimit"),
        (with(json!({ "healthCheck": { "command": ["CMD"], "interval": 1 } })), "interval"),
        (with(json!({ "hostname": "app" })), "networkMode=awsvpc"),
        (fargate(json!({ "taskRoleArn": "arn:aws:iam::1:role/x" })), "Role is not valid"),
        (fargate(json!({ "ephemeralStorage": { "sizeInGiB": 20 } })), "between 21 and 200"),
        (fargate(json!({ "cpu": "much" })), "Invalid 'cpu' setting"),
        (fargate(json!({ "volumes": [{ "name": "v" }, { "name": "v" }] })), "Duplicate volume"),
        (
            with(json!({ "logConfiguration": { "logDriver": "awslogs" } })),
            "Log driver awslogs requires options",
        ),
        (
            with(json!({ "logConfiguration": { "logDriver": "awsfirelens" } })),
            "firelensConfiguration",
        ),
    ];
    for (input, said) in cases {
        let refused = probe.call("ecs", "RegisterTaskDefinition", input.clone());
        let (code, message) = refused.expect_err(said);
        assert!(code == "ClientException" && message.contains(said), "{code}: {message}: {input}");
    }
    for input in [
        fargate(json!({ "colour": "red" })),
        fargate(json!({ "networkMode": "vpc" })),
        with(json!({ "colour": "red" })),
    ] {
        let code = probe.refused("ecs", "RegisterTaskDefinition", input.clone());
        assert_eq!(code, "InvalidParameterException", "{input}");
    }
}
