//! Changes of rules.

use serde::Deserialize;
use serde_json::json;

use super::authorize::check_new;
use super::permission::{
    IpPermission, UserIdGroupPair, ipv4, ipv6, other_group, ports, prefix_list, wanted,
};
use super::revoke::not_there;
use super::{Peer, Permission, Rule, check_id, missing};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::State;
use crate::services::ec2::security_group::{SecurityGroup, checked_rule_description, chosen, find};
use crate::world::Site;

/// The input of `UpdateSecurityGroupRuleDescriptionsIngress` and of its sister for egress.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct UpdateDescriptions {
    group_id: Option<String>,
    group_name: Option<String>,
    ip_permissions: Vec<IpPermission>,
    security_group_rule_description: Vec<RuleDescription>,
}

/// A rule's new description.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct RuleDescription {
    security_group_rule_id: Option<String>,
    description: Option<String>,
}

/// Describes what lets something in anew.
pub fn ingress_descriptions(site: &mut Site<'_>, input: UpdateDescriptions) -> Answer {
    update_descriptions(site, &input, false)
}

/// Describes what lets something out anew.
pub fn egress_descriptions(site: &mut Site<'_>, input: UpdateDescriptions) -> Answer {
    update_descriptions(site, &input, true)
}

/// EC2 API, UpdateSecurityGroupRuleDescriptionsIngress: a rule loses the description that is left
/// out.
fn update_descriptions(site: &mut Site<'_>, input: &UpdateDescriptions, egress: bool) -> Answer {
    let state = &site.region().ec2;
    let mut group = chosen(state, input.group_id.as_deref(), input.group_name.as_deref())?.clone();
    let by_id = &input.security_group_rule_description;
    if !by_id.is_empty() && !input.ip_permissions.is_empty() {
        let message = "The parameter securityGroupRuleDescriptions may not be used in \
                       combination with ipPermissions";
        return Err(Refused::new("InvalidParameterCombination", message));
    }
    for given in by_id {
        let id = given.security_group_rule_id.as_deref().unwrap_or_default();
        check_id(id)?;
        let description = checked_rule_description(given.description.as_deref())?;
        let mut rules = group.rules.iter_mut();
        let rule = rules.find(|rule| rule.egress == egress && rule.id == id);
        rule.ok_or_else(|| missing(id))?.description = description;
    }
    if by_id.is_empty() {
        for (permission, description) in wanted(state, &group, &input.ip_permissions)? {
            let mut rules = group.rules.iter_mut();
            let rule = rules.find(|rule| rule.egress == egress && rule.permission == permission);
            rule.ok_or_else(not_there)?.description = description;
        }
    }
    site.region_mut().ec2.groups.insert(group.id.clone(), group);
    Ok(json!({ "return": true }))
}

/// The input of `ModifySecurityGroupRules`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifySecurityGroupRules {
    group_id: String,
    security_group_rule: Vec<RuleUpdate>,
}

/// A rule and what it is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RuleUpdate {
    security_group_rule_id: String,
    #[serde(default)]
    security_group_rule: RuleRequest,
}

/// What a rule is to be.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct RuleRequest {
    ip_protocol: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    referenced_group_id: Option<String>,
    description: Option<String>,
}

/// EC2 API, ModifySecurityGroupRules: rules are given whole, all are changed or none, and a rule
/// keeps the sort of its peer.
pub fn modify(site: &mut Site<'_>, input: ModifySecurityGroupRules) -> Answer {
    let state = &site.region().ec2;
    let mut group = find(state, &input.group_id)?.clone();
    if input.security_group_rule.is_empty() {
        let message = "The request must contain the parameter SecurityGroupRules";
        return Err(Refused::new("MissingParameter", message));
    }
    let mut changed: Vec<&str> = Vec::new();
    for update in &input.security_group_rule {
        let id = update.security_group_rule_id.as_str();
        check_id(id)?;
        if changed.contains(&id) {
            return Err(invalid(format!("The rule '{id}' must not appear multiple times")));
        }
        changed.push(id);
        let (permission, description) = requested(state, &group, &update.security_group_rule)?;
        let at = group.rules.iter().position(|rule| rule.id == id).ok_or_else(|| missing(id))?;
        let old = group.rules.remove(at);
        if std::mem::discriminant(&old.permission.peer) != std::mem::discriminant(&permission.peer)
        {
            let message = format!(
                "Invalid rule type for security group rule '{id}'. You may not change a rule's \
                 {} into {}.",
                sort(&old.permission.peer),
                sort(&permission.peer)
            );
            return Err(invalid(message));
        }
        check_new(&group, &permission, old.egress)?;
        group.rules.insert(at, Rule { permission, description, ..old });
    }
    site.region_mut().ec2.groups.insert(group.id.clone(), group);
    Ok(json!({ "return": true }))
}

fn requested(
    state: &State,
    group: &SecurityGroup,
    given: &RuleRequest,
) -> Result<(Permission, Option<String>), Refused> {
    let Some(protocol) = given.ip_protocol.as_deref() else {
        let message = "The request must contain the parameter IpProtocol";
        return Err(Refused::new("MissingParameter", message));
    };
    let (protocol, from, to) = ports(Some(protocol), given.from_port, given.to_port)?;
    let mut peers = Vec::new();
    if let Some(cidr) = &given.cidr_ipv4 {
        peers.push(ipv4(cidr)?);
    }
    if let Some(cidr) = &given.cidr_ipv6 {
        peers.push(ipv6(cidr)?);
    }
    if let Some(id) = &given.prefix_list_id {
        peers.push(prefix_list(state, id)?);
    }
    if let Some(id) = &given.referenced_group_id {
        let pair = UserIdGroupPair { group_id: Some(id.clone()), ..UserIdGroupPair::default() };
        peers.push(other_group(state, group, &pair)?);
    }
    let (Some(peer), None) = (peers.pop(), peers.pop()) else {
        let message = "Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must \
                       be specified";
        return Err(Refused::new("InvalidParameterCombination", message));
    };
    let description = checked_rule_description(given.description.as_deref())?;
    Ok((Permission { protocol, from, to, peer }, description))
}

fn sort(peer: &Peer) -> &'static str {
    match peer {
        Peer::Ipv4(_) => "CidrIpv4",
        Peer::Ipv6(_) => "CidrIpv6",
        Peer::Group(_) => "ReferencedGroupId",
        Peer::PrefixList(_) => "PrefixListId",
    }
}

fn invalid(message: String) -> Refused {
    Refused::new("InvalidParameterValue", message)
}
