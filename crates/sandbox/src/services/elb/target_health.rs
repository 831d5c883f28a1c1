//! The health of targets, in virtual time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::constraint::one_of;
use super::target::{Health, TargetDescription};
use super::target_group::{self, TargetGroup, attributes};
use super::{Event, arn};
use crate::operations::Answer;
use crate::world::{Delays, Site, Span, Time};

/// What names a target in its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// An address, an instance's id, or the ARN of a function or a load balancer.
    pub id: String,
    /// Its port; a function has none.
    pub port: Option<i64>,
}

/// A registered target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What names it.
    pub key: Key,
    /// Its availability zone, or `all`.
    pub zone: Option<String>,
    /// What its checks find.
    pub found: Found,
    /// What is known of it.
    pub phase: Phase,
    /// Counts the runs of its checks.
    pub run: u64,
    /// Since when it is in its phase.
    pub since: Time,
}

/// What the checks of a target find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It answers.
    Answer,
    /// It refuses or breaks off.
    Failure,
    /// It answers if an interface in the VPC has its address.
    Interface,
}

/// Where a target is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No load balancer sends anything to its group.
    Unused,
    /// Its load balancer is in other zones.
    ElsewhereUnused,
    /// Its load balancer is still provisioning.
    Registering,
    /// Its first checks are running.
    Checking,
    /// Its checks are good.
    Healthy,
    /// Its checks are bad.
    Unhealthy,
    /// Nothing answers its checks.
    TimedOut,
    /// It was deregistered.
    Draining,
}

impl Phase {
    /// As the contract names it.
    pub fn health(self) -> Health {
        match self {
            Phase::Unused | Phase::ElsewhereUnused => Health::Unused,
            Phase::Registering | Phase::Checking => Health::Initial,
            Phase::Healthy => Health::Healthy,
            Phase::Unhealthy | Phase::TimedOut => Health::Unhealthy,
            Phase::Draining => Health::Draining,
        }
    }
}

/// Brings every target into line with what listeners and load balancers are now. ELB guides,
/// "Health checks for your target groups": a target is unused while its group is; its checks begin
/// once it is registered with a load balancer that is there.
pub fn settle(site: &mut Site<'_>) {
    let now = site.now();
    let state = &site.region().elb;
    let balancers: Vec<(String, Option<String>)> = state
        .target_groups
        .keys()
        .map(|group| (group.clone(), target_group::load_balancers(state, group).pop_first()))
        .collect();
    let mut begun = Vec::new();
    for (group, balancer) in balancers {
        let state = &mut site.region_mut().elb;
        let balancer = balancer.and_then(|arn| state.load_balancers.get(&arn));
        let Some(found) = state.target_groups.get_mut(&group) else { continue };
        let checked = found.health_check.enabled;
        for target in &mut found.targets {
            let phase = match (target.phase, balancer) {
                (Phase::Draining, _) => Phase::Draining,
                (_, None) => Phase::Unused,
                (_, Some(balancer)) if !is_reached(target, |zone| balancer.is_in(zone)) => {
                    Phase::ElsewhereUnused
                }
                (Phase::Unused | Phase::ElsewhereUnused | Phase::Registering, Some(balancer)) => {
                    if balancer.active {
                        Phase::Checking
                    } else {
                        Phase::Registering
                    }
                }
                (phase, _) => phase,
            };
            if phase == target.phase {
                continue;
            }
            target.enter(phase, now);
            if phase == Phase::Checking && checked {
                begun.push((group.clone(), target.key.clone(), target.run));
            }
        }
    }
    for (target_group, target, run) in begun {
        begin(site, target_group, target, run);
    }
}

/// Begins the checks of a group's targets anew, after they were switched on or off.
pub fn restart(site: &mut Site<'_>, group: &str) {
    let now = site.now();
    if let Some(known) = site.region_mut().elb.target_groups.get_mut(group) {
        let targets = known.targets.iter_mut();
        targets
            .filter(|target| target.phase != Phase::Draining)
            .for_each(|target| target.enter(Phase::Unused, now));
    }
    settle(site);
}

/// A target without a zone, or with all, is reached from everywhere.
fn is_reached(target: &Target, has: impl Fn(&str) -> bool) -> bool {
    target.zone.as_deref().is_none_or(|zone| zone == "all" || has(zone))
}

/// Lets something happen after a span that the user chose, at once where nothing takes time.
fn wait(site: &mut Site<'_>, span: Span, event: Event) {
    let span = if site.world.delays == Delays::None { Span::default() } else { span };
    site.after(span, event);
}

/// Begins a run of checks. ECS guide, "Optimize load balancer health check parameters": it takes
/// the interval times the threshold of what the checks find.
fn begin(site: &mut Site<'_>, target_group: String, target: Key, run: u64) {
    let good = result(site, &target_group, &target) == Some(Phase::Healthy);
    let Some(group) = site.region().elb.target_groups.get(&target_group) else { return };
    let check = &group.health_check;
    let count = if good { check.healthy_threshold } else { check.unhealthy_threshold };
    let span = Span::seconds(u64::try_from(check.interval * count).unwrap_or_default());
    wait(site, span, Event::Checked { target_group, target, run });
}

/// What the checks of a target find now.
fn result(site: &Site<'_>, group: &str, key: &Key) -> Option<Phase> {
    let known = site.region().elb.target_groups.get(group)?;
    let target = known.targets.iter().find(|target| target.key == *key)?;
    Some(match target.found {
        Found::Answer => Phase::Healthy,
        Found::Failure => Phase::Unhealthy,
        Found::Interface if has_interface(site, known, &key.id) => Phase::Healthy,
        Found::Interface => Phase::TimedOut,
    })
}

impl Target {
    fn enter(&mut self, phase: Phase, now: Time) {
        self.phase = phase;
        self.since = now;
        self.run += 1;
    }
}

/// Registers a target, or takes back its deregistration. What is registered already stays as it
/// is, unless its checks are going to find something else.
pub fn register(site: &mut Site<'_>, group: &str, key: Key, zone: Option<String>, found: Found) {
    let now = site.now();
    let Some(known) = site.region_mut().elb.target_groups.get_mut(group) else { return };
    let registered = known.targets.iter_mut().find(|target| target.key == key);
    match registered {
        None => {
            let phase = Phase::Unused;
            known.targets.push(Target { key, zone, found, phase, run: 0, since: now });
        }
        Some(target) => {
            let other = target.found != found;
            target.found = found;
            if target.phase == Phase::Draining {
                target.enter(Phase::Unused, now);
            } else if other && !matches!(target.phase, Phase::Unused | Phase::ElsewhereUnused) {
                target.run += 1;
                let run = target.run;
                begin(site, group.to_owned(), key, run);
            }
        }
    }
    settle(site);
}

/// Deregisters a target. ELB guides, "Deregistration delay": it drains if anything may still be
/// open.
pub fn deregister(site: &mut Site<'_>, group: &str, key: &Key) {
    let now = site.now();
    let Some(known) = site.region_mut().elb.target_groups.get_mut(group) else { return };
    let delay = attributes::deregistration_delay(known);
    let lambda = known.target_type == "lambda";
    let Some(target) = known.targets.iter_mut().find(|target| target.key == *key) else { return };
    match target.phase {
        Phase::Draining => {}
        Phase::Unused | Phase::ElsewhereUnused => known.targets.retain(|one| one.key != *key),
        _ if lambda || delay == Span::default() => known.targets.retain(|one| one.key != *key),
        _ => {
            target.enter(Phase::Draining, now);
            let (run, target, target_group) = (target.run, key.clone(), group.to_owned());
            wait(site, delay, Event::Drained { target_group, target, run });
        }
    }
}

/// A run of checks has ended.
pub fn checked(site: &mut Site<'_>, group: &str, key: &Key, run: u64) {
    let (now, result) = (site.now(), result(site, group, key));
    let Some(known) = site.region_mut().elb.target_groups.get_mut(group) else { return };
    let target = known.targets.iter_mut().find(|one| one.key == *key && one.run == run);
    if let Some((target, phase)) = target.zip(result) {
        target.enter(phase, now);
    }
}

/// Whether anything but a load balancer has an address in a group's VPC.
fn has_interface(site: &Site<'_>, group: &TargetGroup, address: &str) -> bool {
    let ec2 = &site.region().ec2;
    ec2.interfaces.values().any(|interface| {
        let vpc = ec2.subnets.get(&interface.subnet).map(|subnet| &subnet.vpc);
        interface.private_ip == address
            && interface.requester.as_deref() != Some("amazon-elb")
            && vpc == group.vpc.as_ref()
    })
}

/// A deregistration delay is over.
pub fn drained(site: &mut Site<'_>, group: &str, key: &Key, run: u64) {
    if let Some(known) = site.region_mut().elb.target_groups.get_mut(group) {
        known.targets.retain(|one| one.key != *key || one.run != run);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    target_group_arn: String,
    #[serde(default)]
    targets: Vec<TargetDescription>,
    #[serde(default)]
    include: Vec<String>,
}

pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    for one in &input.include {
        one_of("include.member", one, &["AnomalyDetection", "All"])?;
    }
    let group = arn::target_group(site, &input.target_group_arn)?;
    let anomalies = !input.include.is_empty() && group.is_for_application();
    let registered = |target: &Target| described(group, target, site.now(), anomalies);
    if input.targets.is_empty() {
        let all: Vec<Value> = group.targets.iter().map(registered).collect();
        return Ok(json!({ "TargetHealthDescriptions": all }));
    }
    let mut all = Vec::new();
    for asked in input.targets {
        let found: Vec<Value> = group
            .targets
            .iter()
            .filter(|one| one.key.id == asked.id)
            .filter(|one| asked.port.is_none() || one.key.port == asked.port)
            .map(registered)
            .collect();
        if found.is_empty() {
            all.push(json!({
                "Target": { "Id": asked.id, "Port": asked.port.or(group.port) },
                "TargetHealth": {
                    "State": "unused",
                    "Reason": "Target.NotRegistered",
                    "Description": "Target is not registered to the target group",
                },
            }));
        }
        all.extend(found);
    }
    Ok(json!({ "TargetHealthDescriptions": all }))
}

fn described(group: &TargetGroup, target: &Target, now: Time, anomalies: bool) -> Value {
    let check = &group.health_check;
    let traffic = target.key.port.map(|port| port.to_string());
    let port = check.port.clone().filter(|port| port != "traffic-port").or(traffic);
    let (state, reason, description) = health(group, target, now);
    let anomalies = anomalies.then(|| json!({ "Result": "normal", "MitigationInEffect": "no" }));
    json!({
        "Target": { "Id": target.key.id, "Port": target.key.port, "AvailabilityZone": target.zone },
        "HealthCheckPort": port,
        "TargetHealth": { "State": state, "Reason": reason, "Description": description },
        "AnomalyDetection": anomalies,
    })
}

type Described = (&'static str, Option<&'static str>, Option<&'static str>);

/// ELB API, TargetHealth: states, reasons and descriptions.
fn health(group: &TargetGroup, target: &Target, now: Time) -> Described {
    let interval = u64::try_from(group.health_check.interval).unwrap_or_default();
    let has_begun = target.since.until(now) >= Span::seconds(interval);
    match target.phase {
        Phase::Unused => (
            "unused",
            Some("Target.NotInUse"),
            Some("Target group is not configured to receive traffic from the load balancer"),
        ),
        Phase::ElsewhereUnused => (
            "unused",
            Some("Target.NotInUse"),
            Some("Target is in an Availability Zone that is not enabled for the load balancer"),
        ),
        Phase::Draining => (
            "draining",
            Some("Target.DeregistrationInProgress"),
            Some("Target deregistration is in progress"),
        ),
        _ if !group.health_check.enabled => (
            "unavailable",
            Some("Target.HealthCheckDisabled"),
            Some("Health checks are not enabled for this target"),
        ),
        Phase::Checking if has_begun => (
            "initial",
            Some("Elb.InitialHealthChecking"),
            Some("Initial health checks in progress"),
        ),
        Phase::Registering | Phase::Checking => (
            "initial",
            Some("Elb.RegistrationInProgress"),
            Some("Target registration is in progress"),
        ),
        Phase::Healthy => ("healthy", None, None),
        Phase::Unhealthy => {
            ("unhealthy", Some("Target.FailedHealthChecks"), Some("Health checks failed"))
        }
        Phase::TimedOut => ("unhealthy", Some("Target.Timeout"), Some("Request timed out")),
    }
}
