//! New rules.

use serde::Deserialize;
use serde_json::{Value, json};

use super::permission::{IpPermission, IpRange, UserIdGroupPair, wanted};
use super::{Peer, Permission, Rule};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::security_group::{SecurityGroup, chosen};
use crate::services::ec2::tag_specification::{TagSpecification, tags_for};
use crate::world::Site;

/// How many rules a group has each way. VPC quotas, "Inbound or outbound rules per security group":
/// IPv4 and IPv6 are counted apart, and groups and prefix lists are counted for both.
const MOST_RULES: usize = 60;

/// The input of `AuthorizeSecurityGroupIngress` and `AuthorizeSecurityGroupEgress`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Authorize {
    group_id: Option<String>,
    group_name: Option<String>,
    ip_permissions: Vec<IpPermission>,
    tag_specification: Vec<TagSpecification>,
    cidr_ip: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    ip_protocol: Option<String>,
    source_security_group_name: Option<String>,
    source_security_group_owner_id: Option<String>,
}

/// The one rule that a request can spell without `IpPermissions`.
#[derive(Debug, Default)]
pub(super) struct Short {
    pub cidr: Option<String>,
    pub from: Option<i32>,
    pub to: Option<i32>,
    pub protocol: Option<String>,
    pub group: Option<String>,
    pub owner: Option<String>,
}

impl Short {
    /// The request's permissions, in whichever form they are given.
    pub fn or(self, given: Vec<IpPermission>, egress: bool) -> Result<Vec<IpPermission>, Refused> {
        let there = [self.cidr.is_some(), self.protocol.is_some(), self.group.is_some()];
        if !there.contains(&true) {
            return Ok(given);
        }
        if !given.is_empty() {
            let message =
                "The parameter ipPermissions may not be used in combination with ipProtocol";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
        // EC2 API, AuthorizeSecurityGroupEgress: "Not supported. Use IP permissions instead."
        if egress {
            let message = "The request must contain the parameter ipPermissions";
            return Err(Refused::new("MissingParameter", message));
        }
        if let Some(group) = self.group {
            if self.cidr.is_some() || self.protocol.is_some() {
                let message = "The parameter sourceSecurityGroupName may not be used in \
                               combination with cidrIp or ipProtocol";
                return Err(Refused::new("InvalidParameterCombination", message));
            }
            return Ok(full_access(&group, self.owner.as_deref()));
        }
        let range = self.cidr.map(|cidr_ip| IpRange { cidr_ip, description: None });
        Ok(vec![IpPermission {
            ip_protocol: self.protocol,
            from_port: self.from,
            to_port: self.to,
            ip_ranges: range.into_iter().collect(),
            ..IpPermission::default()
        }])
    }
}

/// EC2 API, AuthorizeSecurityGroupIngress: a group that is given without more has full access over
/// ICMP, UDP and TCP.
fn full_access(group: &str, owner: Option<&str>) -> Vec<IpPermission> {
    let permission = |(protocol, from, to): (&str, i32, i32)| IpPermission {
        ip_protocol: Some(protocol.to_owned()),
        from_port: Some(from),
        to_port: Some(to),
        groups: vec![UserIdGroupPair {
            group_name: Some(group.to_owned()),
            user_id: owner.map(str::to_owned),
            ..UserIdGroupPair::default()
        }],
        ..IpPermission::default()
    };
    [("icmp", -1, -1), ("tcp", 0, 65535), ("udp", 0, 65535)].into_iter().map(permission).collect()
}

/// Lets something in.
pub fn ingress(site: &mut Site<'_>, input: Authorize) -> Answer {
    authorize(site, input, false)
}

/// Lets something out.
pub fn egress(site: &mut Site<'_>, input: Authorize) -> Answer {
    authorize(site, input, true)
}

fn authorize(site: &mut Site<'_>, input: Authorize, egress: bool) -> Answer {
    let state = &site.region().ec2;
    let group = chosen(state, input.group_id.as_deref(), input.group_name.as_deref())?.clone();
    let short = Short {
        cidr: input.cidr_ip,
        from: input.from_port,
        to: input.to_port,
        protocol: input.ip_protocol,
        group: input.source_security_group_name,
        owner: input.source_security_group_owner_id,
    };
    let permissions = short.or(input.ip_permissions, egress)?;
    let wanted = wanted(state, &group, &permissions)?;
    let tags = tags_for(&input.tag_specification, "security-group-rule")?;
    for (permission, _) in &wanted {
        check_new(&group, permission, egress)?;
    }
    let rule = |(permission, description)| {
        let rule = Rule::new(site.new_id("sgr"), egress, permission, description);
        Rule { tags: tags.clone(), ..rule }
    };
    let new: Vec<Rule> = wanted.into_iter().map(rule).collect();
    let rules: Vec<Rule> = group.rules.iter().chain(&new).cloned().collect();
    check_count(&rules, egress)?;
    let written: Vec<Value> = new.iter().map(|rule| rule.described(site, &group.id)).collect();
    if let Some(group) = site.region_mut().ec2.groups.get_mut(&group.id) {
        group.rules = rules;
    }
    Ok(json!({ "return": true, "securityGroupRuleSet": written }))
}

/// Refuses a permission that a group has.
pub(super) fn check_new(
    group: &SecurityGroup,
    permission: &Permission,
    egress: bool,
) -> Result<(), Refused> {
    let same = |rule: &Rule| rule.egress == egress && rule.permission == *permission;
    if group.rules.iter().any(same) {
        let message = format!("the specified rule \"{permission}\" already exists");
        return Err(Refused::new("InvalidPermission.Duplicate", message));
    }
    Ok(())
}

fn check_count(rules: &[Rule], egress: bool) -> Result<(), Refused> {
    let count = |counts: fn(&Peer) -> bool| {
        let mine = rules.iter().filter(|rule| rule.egress == egress);
        mine.filter(|rule| counts(&rule.permission.peer)).count()
    };
    let ipv4 = count(|peer| !matches!(peer, Peer::Ipv6(_)));
    let ipv6 = count(|peer| !matches!(peer, Peer::Ipv4(_)));
    if ipv4.max(ipv6) > MOST_RULES {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(Refused::new("RulesPerSecurityGroupLimitExceeded", message));
    }
    Ok(())
}
