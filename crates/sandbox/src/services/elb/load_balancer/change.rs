//! Changes of a load balancer's subnets, security groups and addresses.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::constraint::{invalid, misconfigured, one_of};
use super::super::network::{self, Interfaces};
use super::super::place::{self, Setting, SubnetMapping};
use super::super::{arn, listener, target_group, target_health};
use super::LoadBalancer;
use super::create::IpamPools;
use crate::operations::Answer;
use crate::refused::Refused;
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
    let mut setting = before.setting();
    if let Some(sort) = input.ip_address_type {
        setting.ip_address_type = sort;
    }
    let switch = place::switch(input.enable_prefix_for_ipv6_source_nat.as_ref())?;
    setting.source_nat = switch.unwrap_or(setting.source_nat);
    setting.check()?;
    fits(site, &before, &setting)?;
    let places = place::places(site, &setting, input.subnets, input.subnet_mappings)?;
    if places.iter().any(|place| place.subnet.vpc != before.vpc) {
        let message = format!("All subnets must belong to the same VPC: '{}'", before.vpc);
        return Err(misconfigured(message));
    }
    let (mut zones, left): (Vec<_>, Vec<_>) =
        before.zones.iter().cloned().partition(|zone| places.iter().any(|place| zone.is(place)));
    let new = places.into_iter().filter(|place| !zones.iter().any(|zone| zone.is(place)));
    let new: Vec<place::Place> = new.collect();
    place::are_free(site, &new)?;
    let public = setting.public;
    let interfaces = Interfaces { of: before.path(), groups: &before.groups, public };
    zones.extend(network::occupy(site, &interfaces, new)?);
    network::prefixes(site, &mut zones, setting.source_nat);
    zones.sort_by(|one, other| one.name.cmp(&other.name));
    let described: Vec<Value> = zones.iter().map(|zone| zone.described(application)).collect();
    let changed = arn::load_balancer_mut(site, &arn)?;
    changed.zones = zones;
    changed.ip_address_type.clone_from(&setting.ip_address_type);
    changed.source_nat = setting.source_nat;
    let switch = changed.source_nat_switch();
    network::vacate(site, left);
    target_health::settle(site);
    Ok(json!({
        "AvailabilityZones": described,
        "IpAddressType": setting.ip_address_type,
        "EnablePrefixForIpv6SourceNat": switch,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct SetIpAddressType {
    load_balancer_arn: String,
    ip_address_type: String,
}

/// ELB API, SetIpAddressType: with IPv6 only where the subnets have IPv6 blocks.
pub(crate) fn set_ip_address_type(site: &mut Site<'_>, input: SetIpAddressType) -> Answer {
    let found = arn::load_balancer(site, &input.load_balancer_arn)?;
    let dual = input.ip_address_type != "ipv4";
    let source_nat = found.source_nat && dual;
    let ip_address_type = input.ip_address_type.clone();
    let setting = Setting { ip_address_type, source_nat, ..found.setting() };
    setting.check()?;
    fits(site, found, &setting)?;
    let subnets = &site.region().ec2.subnets;
    let mut occupied = found.zones.iter().filter_map(|zone| subnets.get(&zone.subnet));
    occupied.try_for_each(|subnet| if dual { place::has_ipv6(subnet) } else { Ok(()) })?;
    let mut zones = found.zones.clone();
    network::prefixes(site, &mut zones, source_nat);
    let changed = arn::load_balancer_mut(site, &input.load_balancer_arn)?;
    changed.ip_address_type.clone_from(&input.ip_address_type);
    (changed.source_nat, changed.zones) = (source_nat, zones);
    Ok(json!({ "IpAddressType": input.ip_address_type }))
}

/// Whether what a load balancer has can stay under another setting. ELB API, CreateTargetGroup and
/// CreateListener: target groups of IPv6 need both protocols, and UDP with both needs prefixes.
fn fits(site: &Site<'_>, balancer: &LoadBalancer, setting: &Setting) -> Result<(), Refused> {
    let state = &site.region().elb;
    let arn = &balancer.arn;
    let mut groups = state.target_groups.values().filter(|group| group.ip_address_type == "ipv6");
    let uses = |group: &str| target_group::load_balancers(state, group).contains(arn);
    if !setting.is_dual() && groups.any(|group| uses(&group.arn)) {
        return Err(misconfigured(
            "You cannot change the IP address type to 'ipv4' while an IPv6 target group is \
             associated with the load balancer",
        ));
    }
    let mut listeners = state.listeners.values().filter(|one| one.load_balancer == *arn);
    listeners.try_for_each(|one| listener::has_prefixes(setting, &one.protocol))
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
