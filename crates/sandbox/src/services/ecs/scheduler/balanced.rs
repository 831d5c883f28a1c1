//! Services behind load balancers: registered, healthy, draining.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::fixture::{
    create, events, probe, register, service, subnets, tasks, text, update, web,
};
use crate::services::ecs::script::{self, Failure, Script};
use crate::world::Span;

/// A target group, and a listener that sends everything to it unless there is none.
fn group(probe: &mut Probe, name: &str, delay: &str, listener: bool) -> String {
    let vpc = probe.world.site("us-east-1").region().ec2.vpcs.keys().next().cloned();
    let input = json!({
        "Name": name, "Protocol": "HTTP", "Port": "80", "VpcId": vpc, "TargetType": "ip",
    });
    let made = probe.ask("elasticloadbalancing", "CreateTargetGroup", input);
    let group = text(&made["TargetGroups"][0]["TargetGroupArn"]);
    let input = json!({ "TargetGroupArn": group, "Attributes": [
        { "Key": "deregistration_delay.timeout_seconds", "Value": delay },
    ]});
    probe.ask("elasticloadbalancing", "ModifyTargetGroupAttributes", input);
    if listener {
        let input = json!({ "Name": name, "Subnets": subnets(probe) });
        let made = probe.ask("elasticloadbalancing", "CreateLoadBalancer", input);
        let input = json!({
            "LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"],
            "Protocol": "HTTP",
            "Port": "80",
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
        });
        probe.ask("elasticloadbalancing", "CreateListener", input);
    }
    group
}

fn behind(group: &str) -> Value {
    json!([{ "targetGroupArn": group, "containerName": "app", "containerPort": 80 }])
}

fn health(probe: &mut Probe, group: &str) -> Vec<String> {
    let input = json!({ "TargetGroupArn": group });
    let answer = probe.ask("elasticloadbalancing", "DescribeTargetHealth", input);
    let all = answer["TargetHealthDescriptions"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| text(&one["TargetHealth"]["State"])).collect()
}

#[test]
fn a_target_group_has_to_be_behind_a_listener() {
    let mut probe = probe(Some(1));
    register(&mut probe, json!({}));
    let group = group(&mut probe, "idle", "0", false);
    let input = web(&mut probe, json!({ "loadBalancers": behind(&group) }));
    let refused = probe.call("ecs", "CreateService", input).expect_err("a refusal");
    let message = format!(
        "The target group with targetGroupArn {group} does not have an associated load balancer."
    );
    assert_eq!(refused, ("InvalidParameterException".to_owned(), message));
}

#[test]
fn a_target_group_has_to_take_addresses() {
    let mut probe = probe(None);
    register(&mut probe, json!({}));
    let group = group(&mut probe, "web", "0", true);
    let groups = &mut probe.world.regions.get_mut("us-east-1").expect("the region").elb;
    "instance".clone_into(&mut groups.target_groups.get_mut(&group).expect("it").target_type);
    let input = web(&mut probe, json!({ "loadBalancers": behind(&group) }));
    let (_, message) = probe.call("ecs", "CreateService", input).expect_err("a refusal");
    assert!(message.contains("incompatible with the awsvpc network mode"), "{message}");
}

#[test]
fn tasks_are_registered_and_have_to_be_healthy() {
    for seed in [None, Some(2)] {
        let mut probe = probe(seed);
        register(&mut probe, json!({}));
        let group = group(&mut probe, "web", "60", true);
        probe.pass(Span::minutes(10));
        let changes = json!({
            "loadBalancers": behind(&group),
            "desiredCount": 2,
            "healthCheckGracePeriodSeconds": 60,
        });
        let created = create(&mut probe, changes);
        assert_eq!(created["healthCheckGracePeriodSeconds"], 60);
        let begun = probe.world.now;
        probe.world.rest();
        assert!(begun.until(probe.world.now) < Span::minutes(10));
        assert_eq!(health(&mut probe, &group), ["healthy", "healthy"]);
        let service = service(&mut probe);
        assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
        let registered = format!("(service web) registered 1 targets in (target-group {group})");
        let events = events(&mut probe);
        assert_eq!(events.iter().filter(|event| **event == registered).count(), 2, "{events:?}");
    }
}

#[test]
fn replaced_tasks_drain_before_the_service_is_steady() {
    let mut probe = probe(Some(3));
    register(&mut probe, json!({}));
    let group = group(&mut probe, "web", "120", true);
    probe.pass(Span::minutes(10));
    create(&mut probe, json!({ "loadBalancers": behind(&group) }));
    probe.world.rest();
    let begun = probe.world.now;
    update(&mut probe, json!({ "forceNewDeployment": true }));
    let (mut drained, mut deployments) = (false, 0);
    while service(&mut probe)["deployments"][0]["rolloutState"] != "COMPLETED" {
        probe.pass(Span::seconds(1));
        assert!(begun.until(probe.world.now) < Span::minutes(15));
        let states = health(&mut probe, &group);
        drained |= states.iter().any(|state| state == "draining");
        deployments = service(&mut probe)["deployments"].as_array().map_or(0, Vec::len);
        // There is always something that answers.
        assert!(states.iter().any(|state| state == "healthy"), "{states:?}");
    }
    assert!(drained);
    assert_eq!(deployments, 1);
    assert!(begun.until(probe.world.now) >= Span::minutes(2));
    let events = events(&mut probe);
    for expected in [
        format!("(service web) deregistered 1 targets in (target-group {group})"),
        "(service web) has begun draining connections on 1 tasks.".to_owned(),
    ] {
        assert!(events.contains(&expected), "{events:?}");
    }
    assert_eq!(health(&mut probe, &group), ["healthy"]);
}

#[test]
fn tasks_that_stay_unhealthy_are_replaced_and_the_breaker_trips() {
    let mut probe = probe(Some(4));
    let first = register(&mut probe, json!({}));
    let group = group(&mut probe, "web", "30", true);
    probe.pass(Span::minutes(10));
    let breaker = json!({ "enable": true, "rollback": true });
    let changes = json!({
        "loadBalancers": behind(&group),
        "healthCheckGracePeriodSeconds": 120,
        "deploymentConfiguration": { "deploymentCircuitBreaker": breaker },
    });
    create(&mut probe, changes);
    probe.world.rest();
    let second = register(&mut probe, json!({}));
    let script = Script { family: "web:2".to_owned(), failure: Failure::Unhealthy, times: None };
    script::set(&mut probe.world.site("us-east-1"), script);
    update(&mut probe, json!({ "taskDefinition": second }));
    let begun = probe.world.now;
    while tasks(&mut probe, "STOPPED").is_empty() {
        probe.pass(Span::seconds(5));
        assert!(begun.until(probe.world.now) < Span::minutes(30));
    }
    // Not before its grace period.
    assert!(begun.until(probe.world.now) >= Span::minutes(2));
    let stopped = tasks(&mut probe, "STOPPED").remove(0);
    let reason = format!("Task failed ELB health checks in (target-group {group})");
    assert_eq!(stopped["stoppedReason"], reason);
    assert_eq!(stopped["stopCode"], "ServiceSchedulerInitiated");
    probe.pass(Span::minutes(60));
    let after = service(&mut probe);
    assert_eq!(after["taskDefinition"], first);
    assert_eq!(after["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(after["deployments"].as_array().map(Vec::len), Some(1));
    let unhealthy = format!(
        "(service web) (port 80) is unhealthy in (target-group {group}) due to (reason Health \
         checks failed)."
    );
    assert!(events(&mut probe).contains(&unhealthy));
    probe.world.rest();
}

#[test]
fn a_deleted_service_drains_for_the_deregistration_delay() {
    for seed in [None, Some(5)] {
        let mut probe = probe(seed);
        register(&mut probe, json!({}));
        let group = group(&mut probe, "web", "300", true);
        probe.pass(Span::minutes(10));
        create(&mut probe, json!({ "loadBalancers": behind(&group) }));
        probe.world.rest();
        let target = json!({ "cluster": "main", "service": "web", "force": true });
        probe.ask("ecs", "DeleteService", target);
        if seed.is_some() {
            probe.pass(Span::seconds(290));
            assert_eq!(service(&mut probe)["status"], "DRAINING");
            probe.pass(Span::seconds(60));
            assert_eq!(service(&mut probe)["status"], "INACTIVE");
        }
        probe.world.rest();
        assert!(health(&mut probe, &group).is_empty());
        let ecs = &probe.world.site("us-east-1").region().ecs.clone();
        assert!(ecs.services.is_empty() && ecs.tasks.is_empty());
    }
}
