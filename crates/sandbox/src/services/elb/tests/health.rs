//! The health of targets.

use serde_json::{Value, json};

use super::super::target::{self, Health};
use super::{Elb, text};
use crate::world::Span;

const ADDRESS: &str = "172.31.0.9";

struct Scene {
    elb: Elb,
    balancer: String,
    group: String,
}

impl Scene {
    /// A target group and a load balancer that is there already.
    fn new() -> Scene {
        let mut elb = Elb::with_delays();
        let group = elb.target_group("web", "HTTP");
        let balancer = elb.load_balancer("main");
        elb.probe.pass(Span::minutes(4));
        Scene { elb, balancer, group }
    }

    fn register(&mut self, address: &str, healthy: bool) {
        let mut site = self.elb.probe.world.site("us-east-1");
        target::register(&mut site, &self.group, address, 80, healthy);
    }

    fn health(&mut self, address: &str) -> Option<Health> {
        target::health(&self.elb.probe.world.site("us-east-1"), &self.group, address, 80)
    }

    fn reason(&mut self) -> (String, Value) {
        let input = json!({ "TargetGroupArn": self.group });
        let all = self.elb.ask("DescribeTargetHealth", input);
        let health = &all["TargetHealthDescriptions"][0]["TargetHealth"];
        (text(health, "/State"), health["Reason"].clone())
    }

    fn expect(&mut self, state: &str, reason: Value) {
        assert_eq!(self.reason(), (state.to_owned(), reason));
    }
}

#[test]
fn a_target_becomes_healthy_after_its_checks() {
    let mut scene = Scene::new();
    scene.register(ADDRESS, true);
    scene.expect("unused", json!("Target.NotInUse"));
    let (balancer, group) = (scene.balancer.clone(), scene.group.clone());
    assert!(!target::is_balanced(&scene.elb.probe.world.site("us-east-1"), &group));
    let listener = scene.elb.listener(&balancer, 80, &group);
    assert!(target::is_balanced(&scene.elb.probe.world.site("us-east-1"), &group));
    scene.expect("initial", json!("Elb.RegistrationInProgress"));
    scene.elb.probe.pass(Span::seconds(30));
    scene.expect("initial", json!("Elb.InitialHealthChecking"));
    scene.elb.probe.pass(Span::seconds(119));
    assert_eq!(scene.health(ADDRESS), Some(Health::Initial));
    scene.elb.probe.pass(Span::seconds(1));
    scene.expect("healthy", Value::Null);
    assert_eq!(scene.health(ADDRESS), Some(Health::Healthy));
    scene.elb.ask("DeleteListener", json!({ "ListenerArn": listener }));
    assert_eq!(scene.health(ADDRESS), Some(Health::Unused));
}

#[test]
fn a_bad_target_becomes_unhealthy_sooner() {
    let mut scene = Scene::new();
    let (balancer, group) = (scene.balancer.clone(), scene.group.clone());
    scene.elb.listener(&balancer, 80, &group);
    scene.register(ADDRESS, false);
    scene.elb.probe.pass(Span::seconds(59));
    assert_eq!(scene.health(ADDRESS), Some(Health::Initial));
    scene.elb.probe.pass(Span::seconds(1));
    scene.expect("unhealthy", json!("Target.FailedHealthChecks"));
    // It comes back to life.
    scene.register(ADDRESS, true);
    assert_eq!(scene.health(ADDRESS), Some(Health::Unhealthy));
    scene.elb.probe.pass(Span::seconds(150));
    assert_eq!(scene.health(ADDRESS), Some(Health::Healthy));
}

#[test]
fn an_address_that_nobody_has_times_out() {
    let mut scene = Scene::new();
    let (balancer, group) = (scene.balancer.clone(), scene.group.clone());
    scene.elb.listener(&balancer, 80, &group);
    let targets = json!([{ "Id": ADDRESS }]);
    scene.elb.ask("RegisterTargets", json!({ "TargetGroupArn": group, "Targets": targets }));
    scene.elb.probe.pass(Span::seconds(60));
    scene.expect("unhealthy", json!("Target.Timeout"));
}

#[test]
fn a_target_drains_for_the_deregistration_delay() {
    let mut scene = Scene::new();
    let (balancer, group) = (scene.balancer.clone(), scene.group.clone());
    scene.elb.listener(&balancer, 80, &group);
    scene.register(ADDRESS, true);
    let deregister = json!({ "TargetGroupArn": group, "Targets": [{ "Id": ADDRESS }] });
    scene.elb.ask("DeregisterTargets", deregister.clone());
    scene.expect("draining", json!("Target.DeregistrationInProgress"));
    // The checks that were under way do not bring it back.
    scene.elb.probe.pass(Span::seconds(299));
    assert_eq!(scene.health(ADDRESS), Some(Health::Draining));
    scene.elb.probe.pass(Span::seconds(1));
    assert_eq!(scene.health(ADDRESS), None);
    scene.elb.ask("DeregisterTargets", deregister.clone());
    // Registered again while it drains, it begins anew.
    scene.register(ADDRESS, true);
    scene.elb.ask("DeregisterTargets", deregister);
    scene.elb.probe.pass(Span::seconds(10));
    scene.register(ADDRESS, true);
    assert_eq!(scene.health(ADDRESS), Some(Health::Initial));
    scene.elb.probe.pass(Span::seconds(300));
    assert_eq!(scene.health(ADDRESS), Some(Health::Healthy));
}

#[test]
fn checks_wait_for_the_load_balancer() {
    let mut elb = Elb::with_delays();
    let group = elb.target_group("web", "HTTP");
    let balancer = elb.load_balancer("main");
    elb.listener(&balancer, 80, &group);
    let mut scene = Scene { elb, balancer, group };
    scene.register(ADDRESS, true);
    scene.elb.probe.pass(Span::seconds(120 + 149));
    assert_eq!(scene.health(ADDRESS), Some(Health::Initial));
    scene.elb.probe.pass(Span::seconds(121));
    assert_eq!(scene.health(ADDRESS), Some(Health::Healthy));
}

#[test]
fn a_target_in_another_zone_is_not_used() {
    let mut scene = Scene::new();
    let (balancer, group) = (scene.balancer.clone(), scene.group.clone());
    scene.elb.listener(&balancer, 80, &group);
    scene.register(ADDRESS, true);
    let subnets = scene.elb.region().ec2.subnets.clone();
    let others: Vec<&String> =
        subnets.values().filter(|one| !one.zone.ends_with('a')).map(|one| &one.id).collect();
    scene.elb.ask("SetSubnets", json!({ "LoadBalancerArn": balancer, "Subnets": others }));
    scene.expect("unused", json!("Target.NotInUse"));
    let all: Vec<&String> = subnets.keys().collect();
    scene.elb.ask("SetSubnets", json!({ "LoadBalancerArn": balancer, "Subnets": all }));
    assert_eq!(scene.health(ADDRESS), Some(Health::Initial));
}

#[test]
fn targets_are_what_their_group_takes() {
    let mut scene = Scene::new();
    for (targets, code) in [
        (json!([]), "ValidationError"),
        (json!([{ "Id": "i-1" }]), "ValidationError"),
        (json!([{ "Id": "8.8.8.8", "AvailabilityZone": "all" }]), "InvalidTarget"),
        (json!([{ "Id": "10.0.0.1" }]), "ValidationError"),
        (json!([{ "Id": ADDRESS, "AvailabilityZone": "us-east-1b" }]), "ValidationError"),
        (json!([{ "Id": ADDRESS, "Port": "0" }]), "ValidationError"),
    ] {
        let input = json!({ "TargetGroupArn": scene.group, "Targets": targets });
        assert_eq!(scene.elb.refused("RegisterTargets", input), code, "{targets}");
    }
    let input = json!({ "TargetGroupArn": scene.group, "Targets": [{ "Id": "172.31.0.8" }] });
    let health = scene.elb.ask("DescribeTargetHealth", input);
    let reason = "/TargetHealthDescriptions/0/TargetHealth/Reason";
    assert_eq!(text(&health, reason), "Target.NotRegistered");
}
