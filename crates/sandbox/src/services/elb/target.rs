//! Targets of target groups, which ECS registers for its tasks.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::json;

use super::constraint::{self, invalid};
use super::place::{holds, is_of};
use super::target_group::{self, TargetGroup};
use super::target_health::{self, Found, Key};
use super::{arn, limit};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::zone;
use crate::world::{ACCOUNT, Site};

/// The health of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Its first checks are running.
    Initial,
    /// It answers.
    Healthy,
    /// It does not answer.
    Unhealthy,
    /// It was deregistered and ends what is open.
    Draining,
    /// No listener sends anything to its group.
    Unused,
}

/// Whether a target group exists, by its ARN.
pub fn exists(site: &Site<'_>, group: &str) -> bool {
    site.region().elb.target_groups.contains_key(group)
}

/// Whether a listener or a rule sends something to a target group.
pub fn is_balanced(site: &Site<'_>, group: &str) -> bool {
    !target_group::load_balancers(&site.region().elb, group).is_empty()
}

/// Registers a target by id (an address or an instance) and port. `healthy` is what its health
/// checks are going to find.
pub fn register(site: &mut Site<'_>, group: &str, id: &str, port: u16, healthy: bool) {
    let found = if healthy { Found::Answer } else { Found::Failure };
    let known = site.region().elb.target_groups.get(group);
    let zone = known.and_then(|group| zone_of(site, group, id));
    target_health::register(site, group, key(id, port), zone, found);
}

/// Deregisters a target: it drains for the group's deregistration delay and is gone after that.
pub fn deregister(site: &mut Site<'_>, group: &str, id: &str, port: u16) {
    target_health::deregister(site, group, &key(id, port));
}

/// The health of a target, if it is registered.
pub fn health(site: &Site<'_>, group: &str, id: &str, port: u16) -> Option<Health> {
    let (group, key) = (site.region().elb.target_groups.get(group)?, key(id, port));
    let target = group.targets.iter().find(|target| target.key == key)?;
    Some(target.phase.health())
}

fn key(id: &str, port: u16) -> Key {
    Key { id: id.to_owned(), port: Some(i64::from(port)) }
}

/// The zone of an address in the group's VPC. ELB API, TargetDescription: it is found by itself.
fn zone_of(site: &Site<'_>, group: &TargetGroup, address: &str) -> Option<String> {
    let vpc = group.vpc.as_ref()?;
    let mut subnets = site.region().ec2.subnets.values();
    let subnet = subnets.find(|subnet| subnet.vpc == *vpc && is_of(subnet, address))?;
    Some(subnet.zone.clone())
}

/// A target as calls name it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TargetDescription {
    /// What it is.
    pub id: String,
    /// Its port, if it is not its group's.
    #[serde(default)]
    pub port: Option<i64>,
    #[serde(default)]
    availability_zone: Option<String>,
    #[serde(default)]
    quic_server_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Targets {
    target_group_arn: String,
    targets: Vec<TargetDescription>,
}

impl Targets {
    fn check(&self) -> Result<(), Refused> {
        if self.targets.is_empty() {
            return Err(invalid("At least one target must be specified"));
        }
        let ports = self.targets.iter().filter_map(|target| target.port);
        ports.into_iter().try_for_each(|port| constraint::port("targets.member.port", port))
    }
}

pub(super) fn register_targets(site: &mut Site<'_>, input: Targets) -> Answer {
    input.check()?;
    let group = arn::target_group(site, &input.target_group_arn)?;
    let mut registered = Vec::new();
    for target in input.targets {
        registered.push(accepted(site, group, target)?);
    }
    let known = |key: &Key| group.targets.iter().any(|target| target.key == *key);
    let new = registered.iter().filter(|(key, ..)| !known(key)).count();
    // ELB API, CreateTargetGroup: a single function, a single load balancer.
    let one = matches!(group.target_type.as_str(), "lambda" | "alb");
    let most = if one { 1 } else { limit::TARGETS };
    if group.targets.len() + new > most {
        let message = format!("The target group cannot have more than {most} targets");
        return Err(Refused::new("TooManyTargets", message));
    }
    for (key, zone, found) in registered {
        target_health::register(site, &input.target_group_arn, key, zone, found);
    }
    Ok(json!({}))
}

type Accepted = (Key, Option<String>, Found);

/// ELB API, RegisterTargets and TargetDescription: what a target may be, by the group's type.
fn accepted(
    site: &Site<'_>,
    group: &TargetGroup,
    target: TargetDescription,
) -> Result<Accepted, Refused> {
    let TargetDescription { id, port, availability_zone: zone, quic_server_id } = target;
    if quic_server_id.is_some() {
        return Err(invalid("A QUIC server ID is supported only by QUIC target groups"));
    }
    let unsupported = |what: &str| {
        let sort = &group.target_type;
        invalid(format!("{what} is not supported for targets of type '{sort}'"))
    };
    match group.target_type.as_str() {
        "ip" => address(site, group, id, port, zone),
        "lambda" => {
            let prefix = format!("arn:aws:lambda:{}:{ACCOUNT}:function:", site.name);
            if !id.starts_with(&prefix) {
                return Err(invalid(format!("'{id}' is not a valid Lambda function ARN")));
            }
            if port.is_some() {
                return Err(unsupported("A port"));
            }
            Ok((Key { id, port: None }, Some("all".to_owned()), Found::Answer))
        }
        _ if zone.is_some() => Err(unsupported("An Availability Zone")),
        "alb" => load_balancer(site, group, id, port),
        // The sandbox runs no instances.
        _ => {
            let message = format!(
                "The following targets are not in a running state and cannot be registered: '{id}'"
            );
            Err(Refused::new("InvalidTarget", message))
        }
    }
}

/// ELB API, CreateTargetGroup: addresses of the VPC's subnets, or of RFC 1918 and RFC 6598; those
/// from outside the VPC need a zone.
fn address(
    site: &Site<'_>,
    group: &TargetGroup,
    id: String,
    port: Option<i64>,
    zone: Option<String>,
) -> Result<Accepted, Refused> {
    let sort = &group.ip_address_type;
    let known = id.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4() == (sort == "ipv4"));
    if !known {
        return Err(invalid(format!("The IP address '{id}' is not a valid {sort} address")));
    }
    let own = zone_of(site, group, &id);
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
    if own.is_none() && !private.iter().any(|block| holds(block, &id)) {
        let message = format!("The IP address '{id}' cannot be registered: it is public");
        return Err(Refused::new("InvalidTarget", message));
    }
    let zone = match (own, zone) {
        (Some(own), None) => own,
        (Some(own), Some(zone)) if zone == own => own,
        (None, Some(zone)) if zone == "all" || zone::id_of(&site.name, &zone).is_some() => zone,
        (None, None) => {
            return Err(invalid(format!(
                "The Availability Zone is required for IP address '{id}' because it is not in the \
                 VPC"
            )));
        }
        (None, Some(_)) => {
            return Err(invalid(format!(
                "You must specify a valid Availability Zone or select 'all' for all enabled \
                 Availability zones, since the IP address '{id}' is outside the VPC"
            )));
        }
        (Some(own), Some(zone)) => {
            return Err(invalid(format!(
                "The IP address '{id}' is within the VPC, and cannot have its Availability Zone \
                 overridden to '{zone}' from '{own}'"
            )));
        }
    };
    Ok((Key { id, port: port.or(group.port) }, Some(zone), Found::Interface))
}

/// ELB API, TargetDescription: an application load balancer in the same VPC that listens on the
/// group's port.
fn load_balancer(
    site: &Site<'_>,
    group: &TargetGroup,
    id: String,
    port: Option<i64>,
) -> Result<Accepted, Refused> {
    let refused = |message: String| Refused::new("InvalidTarget", message);
    let found = arn::load_balancer(site, &id)
        .map_err(|_| refused(format!("The load balancer '{id}' does not exist")))?;
    if !found.is_application() || Some(&found.vpc) != group.vpc.as_ref() {
        return Err(refused(format!(
            "'{id}' is not an application load balancer in the VPC of the target group"
        )));
    }
    if port.is_some() && port != group.port {
        return Err(invalid("The port of a load balancer is that of its target group"));
    }
    let mut listeners = site.region().elb.listeners.values();
    if !listeners.any(|listener| listener.load_balancer == id && Some(listener.port) == group.port)
    {
        return Err(refused(format!(
            "The load balancer '{id}' has no listener on the port of the target group"
        )));
    }
    Ok((Key { id, port: group.port }, None, Found::Answer))
}

/// ELB API, DeregisterTargets: what is not registered counts as deregistered; without a port, that
/// of the group is meant.
pub(super) fn deregister_targets(site: &mut Site<'_>, input: Targets) -> Answer {
    input.check()?;
    let group = arn::target_group(site, &input.target_group_arn)?;
    let default = group.port;
    for target in input.targets {
        let key = Key { id: target.id, port: target.port.or(default) };
        target_health::deregister(site, &input.target_group_arn, &key);
    }
    Ok(json!({}))
}
