//! How plans look, and what they are for programs.

#![allow(clippy::unwrap_used)]

mod sample;

use landfall_model::Lifecycle;
use landfall_plan::{Action, Because, Change, Goal, Order, Plan, plan};
use landfall_view::{Receipt, plan_json, plan_text};
use sample::*;
use serde_json::{Value, json};

/// One of everything.
fn all_forms() -> Plan {
    let policy = |actions: Value, more: &[&str]| {
        let mut statements = vec![
            json!({"Sid": "Pull", "Effect": "Allow", "Action": actions, "Resource": "*"}),
            json!({"Sid": "Logs", "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}),
        ];
        statements.extend(
            more.iter()
                .map(|sid| json!({"Sid": sid, "Effect": "Deny", "Action": "*", "Resource": "*"})),
        );
        json!({"Version": "2012-10-17", "Statement": statements})
    };
    let image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/enterprise-app/web-frontend:2025.11.";
    let mut service = create(
        "ecs_service.worker",
        json!({
            "cluster": token("ecs_cluster.main", "name"),
            "task_definition": token("task_definition.worker", "arn"),
            "desired_count": 2,
            "network": {
                "subnets": [lookup("subnets.default", "ids")],
                "security_groups": [token("security_group.alb", "id"), token("security_group.new", "id")],
                "assign_public_ip": true,
            },
            "environment": {"DB_PASSWORD": "hunter2", "PORT": "8080", "URL": format!("http://{}/x", token("load_balancer.main", "dns_name"))},
        }),
        json!({"name": "shop-worker", "platform_version": "LATEST"}),
    );
    service.want.as_mut().unwrap()["cluster"] = json!("shop-main");
    service.want.as_mut().unwrap()["network"] = json!({
        "subnets": ["subnet-0a1", "subnet-0b2", "subnet-0c3"],
        "security_groups": ["sg-0123456789abcdef0", token("security_group.new", "id")],
        "assign_public_ip": true,
    });
    service.tags.insert("Owner".to_owned(), "team-a".to_owned());
    let mut changes = vec![
        keep("security_group.alb", "sg-0123456789abcdef0"),
        create(
            "security_group.new",
            json!({
                "vpc": lookup("vpc.default", "id"),
                "ingress": [
                    {"port": 80, "cidr": "0.0.0.0/0"},
                    {"port": 443, "cidr": "0.0.0.0/0", "description": "HTTPS from everywhere, even over IPv6"},
                    {"ports": "8000-8080", "group": token("security_group.alb", "id")},
                ],
                "description": "Lets the world in, and nothing out but what the tasks need for pulling their images",
            }),
            json!({"name": "shop-new"}),
        ),
        service,
        create(
            "iam_role.task",
            json!({
                "assume_role_policy": r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
                "managed_policies": ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"],
                "script": "#!/bin/sh\nset -e\nexec app\n",
            }),
            json!({"name": "shop-task"}),
        ),
        update(
            "ecs_service.app",
            vec![
                value("desired_count", json!(2), json!(3)),
                value(
                    "task_definition",
                    json!("arn:aws:ecs:us-east-1:123456789012:task-definition/shop-app:7"),
                    json!(token("task_definition.app", "arn")),
                ),
                value("grace_period_seconds", Value::Null, json!(60)),
                value("platform_version", json!("1.4.0"), Value::Null),
                elements(
                    "network.subnets",
                    json!(["subnet-0a1"]),
                    json!(["subnet-0d4", token("subnet.b", "id")]),
                ),
                value("tags.Owner", json!("team-a"), json!("team-b")),
            ],
        ),
        update(
            "security_group.alb",
            vec![elements(
                "ingress",
                json!([{"protocol": "tcp", "port": 443, "cidr": "0.0.0.0/0", "group": null}]),
                json!([
                    {"protocol": "tcp", "port": 443, "cidr": "10.0.0.0/8", "group": null},
                    {"protocol": "tcp", "ports": "8000-8080", "group": token("security_group.new", "id"), "description": "what the tasks serve to the outside"},
                ]),
            )],
        ),
        update(
            "task_definition.app",
            vec![
                value(
                    "containers.app.image",
                    json!(format!("{image}1")),
                    json!(format!("{image}2")),
                ),
                value("containers.app.environment.DB_PASSWORD", json!("hunter2"), json!("hunter3")),
                value(
                    "containers.app.command",
                    json!(["serve", "--port", "80"]),
                    json!(["serve", "--port", "8080", "--verbose"]),
                ),
                value(
                    "containers.app.health_check",
                    Value::Null,
                    json!({"command": ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"], "interval": 30, "retries": 3, "timeout": 5}),
                ),
                value(
                    "containers.app.entry_point_script",
                    json!("#!/bin/sh\nset -e\nexec app\n"),
                    json!("#!/bin/sh\nset -eu\nexec app\n"),
                ),
            ],
        ),
        update(
            "iam_policy.task",
            vec![document(
                "policy",
                policy(json!(["ecr:GetAuthorizationToken"]), &[]),
                policy(json!(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"]), &["Rest"]),
            )],
        ),
        Change {
            fields: vec![
                forcing(value("scheme", json!("internal"), json!("internet_facing"))),
                value("name", json!("shop-main"), json!("shop-main-g2")),
            ],
            generation: 2,
            ..change("load_balancer.main", Action::Replace(Order::CreateFirst), Because::Differs)
        },
        Change {
            fields: ["vpc", "port", "protocol", "target_type", "ip_address_type"]
                .map(|path| forcing(value(path, json!("a"), json!("b"))))
                .to_vec(),
            generation: 2,
            ..change("target_group.app", Action::Replace(Order::DeleteFirst), Because::Differs)
        },
        Change {
            generation: 2,
            ..change(
                "nat_gateway.main",
                Action::Replace(Order::CreateFirst),
                Because::Failed(
                    "NatGateway nat-1: Elastic IP address eipalloc-1 is already associated"
                        .to_owned(),
                ),
            )
        },
        remove("log_group.old", "/ecs/old", Because::NotInSpec),
        remove(
            "ecs_service.old",
            "arn:aws:ecs:us-east-1:123456789012:service/shop/old",
            Because::NotInSpec,
        ),
        remove(
            "target_group.app",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop-app/0123456789abcdef",
            Because::LeftOver,
        ),
        remove("vpc.main", "vpc-0a1b", Because::Destroyed),
    ];
    changes.push(Change {
        action: Action::Retain,
        lifecycle: Lifecycle { retain: true, ..Lifecycle::default() },
        ..remove("ecr_repository.app", "shop-app", Because::NotInSpec)
    });
    of(changes)
}

#[test]
fn every_form_at_80_columns() {
    insta::assert_snapshot!(plan_text::render(&all_forms(), &header(), &NARROW));
}

#[test]
fn every_form_at_160_columns() {
    insta::assert_snapshot!(plan_text::render(&all_forms(), &header(), &WIDE));
}

#[test]
fn every_form_in_colour() {
    insta::assert_snapshot!(
        plan_text::render(&all_forms(), &header(), &COLOURED).replace('\u{1b}', "␛")
    );
}

#[test]
fn colours_change_nothing_but_colours() {
    let coloured = plan_text::render(&all_forms(), &header(), &COLOURED);
    let plain = plan_text::render(&all_forms(), &header(), &NARROW);
    assert_eq!(console::strip_ansi_codes(&coloured), plain);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [60, 80, 100, 160] {
        let style = landfall_view::Style { width, ..NARROW };
        for line in plan_text::render(&all_forms(), &header(), &style).lines() {
            assert!(console::measure_text_width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn a_stack_from_nothing() {
    insta::assert_snapshot!(plan_text::render(&from_nothing(), &header(), &NARROW));
}

#[test]
fn a_stack_on_its_way_down() {
    insta::assert_snapshot!(plan_text::render(&destroy(), &header(), &NARROW));
}

#[test]
fn nothing_to_do() {
    let text = |changes| {
        let text = plan_text::render(&of(changes), &header(), &NARROW);
        text.lines().last().unwrap().to_owned()
    };
    let retained = || change("ecr_repository.app", Action::Retain, Because::Destroyed);
    assert_eq!(text(vec![]), "No changes. The stack has nothing in AWS.");
    assert_eq!(text(vec![keep("vpc.a", "1")]), "No changes. 1 resource is as the spec says.");
    assert_eq!(
        text(vec![keep("vpc.a", "1"), keep("vpc.b", "2"), retained()]),
        "No changes. 2 resources are as the spec says."
    );
    assert_eq!(
        text(vec![retained()]),
        "No changes. 1 resource stays in AWS, as the lifecycle says."
    );
}

#[test]
fn a_document_for_programs() {
    let mut live = everything();
    live[0].spec["ingress"] = json!([{"port": 443, "cidr": "0.0.0.0/0"}]);
    live[1].spec["scheme"] = json!("internal");
    live.push(sample::live("log_group.old", "/ecs/old", json!({})));
    let planned = plan(&stack(), &observed(live), &catalogue(), Goal::Converge).unwrap();
    let receipt =
        Receipt { resources: 6, calls: 23, writes: 0, retries: 1, put_off: 0.0, seconds: 0.41234 };
    let document = plan_json::document(&planned, &header(), &receipt);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn no_secret_is_in_any_output() {
    let receipt = Receipt::default();
    let document = plan_json::document(&all_forms(), &header(), &receipt).to_string();
    let text = plan_text::render(&all_forms(), &header(), &WIDE);
    assert!(!document.contains("hunter") && !text.contains("hunter"));
    assert!(document.contains("(secret)") && document.contains("(secret, changed)"));
}
