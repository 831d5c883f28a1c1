use serde_json::json;

use crate::probe::Probe;

#[test]
fn defaults_are_filled_in() {
    let mut probe = Probe::new();
    let made = probe.ask(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "0.25 vCPU",
            "memory": "0.5 GB",
            "containerDefinitions": [{
                "name": "app",
                "image": "nginx",
                "portMappings": [{ "containerPort": 80 }],
                "healthCheck": { "command": ["CMD", "true"] },
            }],
        }),
    );
    let definition = &made["taskDefinition"];
    assert_eq!((&definition["cpu"], &definition["memory"]), (&json!("256"), &json!("512")));
    assert_eq!(definition["compatibilities"], json!(["EC2", "FARGATE"]));
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
}
