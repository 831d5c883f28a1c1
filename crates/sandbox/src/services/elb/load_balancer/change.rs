//! Changes of a load balancer's subnets, security groups and addresses.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::constraint::{invalid, misconfigured, one_of};
use super::super::network::{self, Interfaces, SubnetMapping};
use super::super::{arn, target_health};
use super::LoadBalancer;
use super::create::{IP_ADDRESS_TYPES, IpamPools};
use crate::operations::Answer;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct SetSecurityGroups {
    load_balancer_arn: String,
    security_groups: Vec<String>,
    #[serde(default)]
    enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
}

/// ELB API, SetSecurityGroups: a network load balancer has groups only if it was made with some.
pub(crate) fn set_security_groups(site: &mut Site<'_>, input: SetSecurityGroups) -> Answer {
    let arn = input.load_balancer_arn;
    let LoadBalancer { vpc, groups: old, zones, .. } = arn::load_balancer(site, &arn)?.clone();
    let application = arn::load_balancer(site, &arn)?.is_application();
    let enforce = input.enforce_security_group_inbound_rules_on_private_link_traffic;
    if let Some(enforce) = &enforce {
        let member = "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic";
        one_of(member, enforce, &["on", "off"])?;
        if application {
            return Err(misconfigured(format!(
                "{member} is supported only on network load balancers"
            )));
        }
    }
    if input.security_groups.is_empty() {
        return Err(invalid("At least one security group must be specified"));
    }
    if !application && old.is_empty() {
        return Err(misconfigured(
            "You cannot set security groups on a network load balancer created without security \
             groups",
        ));
    }
    let groups = network::groups(site, &vpc, application, input.security_groups)?;
    for zone in zones {
        if let Some(found) = site.region_mut().ec2.interfaces.get_mut(&zone.interface) {
            found.groups.clone_from(&groups);
        }
    }
    let changed = arn::load_balancer_mut(site, &arn)?;
    changed.groups.clone_from(&groups);
    changed.enforce_on_private_link = enforce.or(changed.enforce_on_private_link.take());
    Ok(json!({
        "SecurityGroupIds": groups,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": changed.enforce_on_private_link,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct SetSubnets {
    load_balancer_arn: String,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    #[serde(default)]
    ip_address_type: Option<String>,
    #[serde(default)]
    enable_prefix_for_ipv6_source_nat: Option<String>,
}

/// ELB API, SetSubnets: what is named takes the place of what was.
pub(crate) fn set_subnets(site: &mut Site<'_>, input: SetSubnets) -> Answer {
    let arn = input.load_balancer_arn;
    let before = arn::load_balancer(site, &arn)?.clone();
    let application = before.is_application();
    if let Some(sort) = &input.ip_address_type {
        accept_ip_address_type(sort)?;
    }
    if let Some(prefix) = &input.enable_prefix_for_ipv6_source_nat {
        one_of("enablePrefixForIpv6SourceNat", prefix, &["on", "off"])?;
        if prefix == "on" {
            return Err(network::without_ipv6());
        }
    }
    let places = network::places(site, application, input.subnets, input.subnet_mappings)?;
    if places.iter().any(|place| place.subnet.vpc != before.vpc) {
        let message = format!("All subnets must belong to the same VPC: '{}'", before.vpc);
        return Err(misconfigured(message));
    }
    let (mut zones, left): (Vec<_>, Vec<_>) =
        before.zones.iter().cloned().partition(|zone| places.iter().any(|place| zone.is(place)));
    let new = places.into_iter().filter(|place| !zones.iter().any(|zone| zone.is(place)));
    let public = before.scheme == "internet-facing";
    let interfaces = Interfaces { of: before.path(), groups: &before.groups, public };
    let new = new.collect();
    zones.extend(network::occupy(site, &interfaces, new)?);
    zones.sort_by(|one, other| one.name.cmp(&other.name));
    let described: Vec<Value> = zones.iter().map(|zone| zone.described(application)).collect();
    arn::load_balancer_mut(site, &arn)?.zones = zones;
    network::vacate(site, left);
    target_health::settle(site);
    Ok(json!({ "AvailabilityZones": described, "IpAddressType": before.ip_address_type }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct SetIpAddressType {
    load_balancer_arn: String,
    ip_address_type: String,
}

pub(crate) fn set_ip_address_type(site: &mut Site<'_>, input: SetIpAddressType) -> Answer {
    arn::load_balancer(site, &input.load_balancer_arn)?;
    accept_ip_address_type(&input.ip_address_type)?;
    Ok(json!({ "IpAddressType": input.ip_address_type }))
}

/// ELB API, SetIpAddressType: with IPv6 only where the subnets have IPv6 blocks.
fn accept_ip_address_type(sort: &str) -> Result<(), crate::refused::Refused> {
    one_of("ipAddressType", sort, IP_ADDRESS_TYPES)?;
    if sort == "ipv4" { Ok(()) } else { Err(network::without_ipv6()) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct ModifyIpPools {
    load_balancer_arn: String,
    #[serde(default)]
    ipam_pools: Option<IpamPools>,
    #[serde(default)]
    remove_ipam_pools: Vec<String>,
}

pub(crate) fn modify_ip_pools(site: &mut Site<'_>, input: ModifyIpPools) -> Answer {
    input
        .remove_ipam_pools
        .iter()
        .try_for_each(|pool| one_of("removeIpamPools", pool, &["ipv4"]))?;
    let changed = arn::load_balancer_mut(site, &input.load_balancer_arn)?;
    if !input.remove_ipam_pools.is_empty() {
        changed.ipam_pool = None;
    }
    if let Some(pool) = input.ipam_pools.and_then(|pools| pools.ipv4_ipam_pool_id) {
        changed.ipam_pool = Some(pool);
    }
    let pool = changed.ipam_pool.as_ref().map(|pool| json!({ "Ipv4IpamPoolId": pool }));
    Ok(json!({ "IpamPools": pool }))
}
