//! Reads of security groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{SecurityGroup, find, named};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::filter::{self, Filter, filtered};
use crate::services::ec2::paged::paged;
use crate::services::ec2::security_group_rule::{Peer, Rule};
use crate::services::ec2::tag_specification::tag_set;
use crate::world::{ACCOUNT, Site};

/// The input of `DescribeSecurityGroups`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
#[derive(Default)]
pub struct DescribeSecurityGroups {
    group_id: Vec<String>,
    group_name: Vec<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    filter: Vec<Filter>,
}

const FILTERS: &[&str] = &[
    "description",
    "group-id",
    "group-name",
    "owner-id",
    "vpc-id",
    "ip-permission.cidr",
    "ip-permission.from-port",
    "ip-permission.group-id",
    "ip-permission.group-name",
    "ip-permission.ipv6-cidr",
    "ip-permission.prefix-list-id",
    "ip-permission.protocol",
    "ip-permission.to-port",
    "ip-permission.user-id",
    "egress.ip-permission.cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.group-id",
    "egress.ip-permission.group-name",
    "egress.ip-permission.ipv6-cidr",
    "egress.ip-permission.prefix-list-id",
    "egress.ip-permission.protocol",
    "egress.ip-permission.to-port",
    "egress.ip-permission.user-id",
];

/// Lists groups.
pub fn describe(site: &mut Site<'_>, input: DescribeSecurityGroups) -> Answer {
    let state = &site.region().ec2;
    filter::known(&input.filter, FILTERS)?;
    let mut asked = Vec::new();
    for id in &input.group_id {
        asked.push(&find(state, id)?.id);
    }
    for name in &input.group_name {
        asked.push(&named(state, name)?.id);
    }
    let groups: Vec<&SecurityGroup> = state
        .groups
        .values()
        .filter(|group| asked.is_empty() || asked.contains(&&group.id))
        .collect();
    let name_of = |id: &str| state.groups.get(id).map(|group| group.name.clone());
    let groups = filtered(
        groups,
        &input.filter,
        |group| &group.tags,
        |group, name| values(group, name, &name_of),
    )?;
    let scope = format!("groups {:?} {asked:?}", input.filter);
    let (groups, next) = paged(groups, input.max_results, input.next_token.as_deref(), &scope)?;
    let groups: Vec<Value> = groups.into_iter().map(|group| written(site, group)).collect();
    Ok(json!({ "securityGroupInfo": groups, "nextToken": next }))
}

/// A group as it is described.
fn written(site: &Site<'_>, group: &SecurityGroup) -> Value {
    let permissions = |egress: bool| permissions(group.rules.iter().filter(|r| r.egress == egress));
    json!({
        "ownerId": ACCOUNT,
        "groupId": group.id,
        "groupName": group.name,
        "groupDescription": group.description,
        "vpcId": group.vpc,
        "securityGroupArn": site.arn("ec2", &group.resource()),
        "ipPermissions": permissions(false),
        "ipPermissionsEgress": permissions(true),
        "tagSet": (!group.tags.is_empty()).then(|| tag_set(&group.tags)),
    })
}

/// Rules as permissions: those with the same protocol and ports are one.
pub fn permissions<'r>(rules: impl Iterator<Item = &'r Rule>) -> Value {
    let mut sorted: Vec<(&Rule, Vec<&Rule>)> = Vec::new();
    for rule in rules {
        let same = sorted.iter_mut().find(|(first, _)| {
            let (one, other) = (&first.permission, &rule.permission);
            (&one.protocol, one.from, one.to) == (&other.protocol, other.from, other.to)
        });
        match same {
            Some((_, rules)) => rules.push(rule),
            None => sorted.push((rule, vec![rule])),
        }
    }
    let written = |(first, rules): (&Rule, Vec<&Rule>)| {
        let of = |member: &dyn Fn(&Peer) -> Option<Value>| -> Value {
            let written = rules.iter().filter_map(|rule| {
                let mut written = member(&rule.permission.peer)?;
                if let (Some(fields), Some(text)) = (written.as_object_mut(), &rule.description) {
                    fields.insert("description".to_owned(), text.as_str().into());
                }
                Some(written)
            });
            written.collect()
        };
        let permission = &first.permission;
        let ports = permission.has_ports();
        json!({
            "ipProtocol": permission.protocol,
            "fromPort": ports.then_some(permission.from),
            "toPort": ports.then_some(permission.to),
            "groups": of(&|peer| match peer {
                Peer::Group(id) => Some(json!({ "userId": ACCOUNT, "groupId": id })),
                _ => None,
            }),
            "ipRanges": of(&|peer| match peer {
                Peer::Ipv4(cidr) => Some(json!({ "cidrIp": cidr })),
                _ => None,
            }),
            "ipv6Ranges": of(&|peer| match peer {
                Peer::Ipv6(cidr) => Some(json!({ "cidrIpv6": cidr })),
                _ => None,
            }),
            "prefixListIds": of(&|peer| match peer {
                Peer::PrefixList(id) => Some(json!({ "prefixListId": id })),
                _ => None,
            }),
        })
    };
    sorted.into_iter().map(written).collect()
}

fn values(
    group: &SecurityGroup,
    filter: &str,
    name_of: &dyn Fn(&str) -> Option<String>,
) -> Option<Vec<String>> {
    let (egress, of_rules) = match filter.strip_prefix("egress.") {
        Some(rest) => (true, rest),
        None => (false, filter),
    };
    if let Some(of_rules) = of_rules.strip_prefix("ip-permission.") {
        let rules = group.rules.iter().filter(|rule| rule.egress == egress);
        return Some(rules.filter_map(|rule| of_rule(rule, of_rules, name_of)).collect());
    }
    let value = match filter {
        "description" => &group.description,
        "group-id" => &group.id,
        "group-name" => &group.name,
        "owner-id" => ACCOUNT,
        "vpc-id" | "primary-vpc-id" => &group.vpc,
        _ => return None,
    };
    Some(vec![value.to_owned()])
}

fn of_rule(rule: &Rule, filter: &str, name_of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let permission = &rule.permission;
    match (filter, &permission.peer) {
        ("cidr", Peer::Ipv4(cidr)) | ("ipv6-cidr", Peer::Ipv6(cidr)) => Some(cidr.clone()),
        ("group-id", Peer::Group(id)) | ("prefix-list-id", Peer::PrefixList(id)) => {
            Some(id.clone())
        }
        ("group-name", Peer::Group(id)) => name_of(id),
        ("user-id", Peer::Group(_)) => Some(ACCOUNT.to_owned()),
        ("protocol", _) => Some(permission.protocol.clone()),
        ("from-port", _) => permission.has_ports().then(|| permission.from.to_string()),
        ("to-port", _) => permission.has_ports().then(|| permission.to.to_string()),
        _ => None,
    }
}

/// The input of `GetSecurityGroupsForVpc`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetSecurityGroupsForVpc {
    vpc_id: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    filter: Vec<Filter>,
}

/// Lists the groups that can be used in a VPC.
pub fn for_vpc(site: &mut Site<'_>, input: GetSecurityGroupsForVpc) -> Answer {
    let names = ["group-id", "description", "group-name", "owner-id", "primary-vpc-id"];
    filter::known(&input.filter, &names)?;
    let groups = in_vpc(site, &input.vpc_id)?;
    let groups = filtered(
        groups,
        &input.filter,
        |group| &group.tags,
        |group, name| values(group, name, &|_| None),
    )?;
    let scope = format!("groups of {} {:?}", input.vpc_id, input.filter);
    let (groups, next) = paged(groups, input.max_results, input.next_token.as_deref(), &scope)?;
    let written = groups.into_iter().map(|group| {
        json!({
            "groupId": group.id,
            "groupName": group.name,
            "description": group.description,
            "ownerId": ACCOUNT,
            "primaryVpcId": group.vpc,
            "tagSet": tag_set(&group.tags),
        })
    });
    Ok(json!({ "securityGroupForVpcSet": written.collect::<Vec<_>>(), "nextToken": next }))
}

/// The input of `DescribeSecurityGroupReferences`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupReferences {
    group_id: Vec<String>,
}

/// Lists the VPCs on the other side of a peering whose groups refer to these: there are none.
pub fn references(site: &mut Site<'_>, input: DescribeSecurityGroupReferences) -> Answer {
    for id in &input.group_id {
        find(&site.region().ec2, id)?;
    }
    Ok(json!({ "securityGroupReferenceSet": [] }))
}

/// The input of `DescribeStaleSecurityGroups`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeStaleSecurityGroups {
    vpc_id: String,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

/// Lists groups with rules that refer to groups of a peering that is gone: there are none.
pub fn stale(site: &mut Site<'_>, input: DescribeStaleSecurityGroups) -> Answer {
    in_vpc(site, &input.vpc_id)?;
    let none: Vec<Value> = Vec::new();
    let (none, next) = paged(none, input.max_results, input.next_token.as_deref(), "stale groups")?;
    Ok(json!({ "staleSecurityGroupSet": none, "nextToken": next }))
}

fn in_vpc<'s>(site: &'s Site<'_>, vpc: &str) -> Result<Vec<&'s SecurityGroup>, Refused> {
    let state = &site.region().ec2;
    if !state.vpcs.contains_key(vpc) {
        let message = format!("The vpc ID '{vpc}' does not exist");
        return Err(Refused::new("InvalidVpcID.NotFound", message));
    }
    Ok(state.groups.values().filter(|group| group.vpc == vpc).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::probe::Probe;

    fn found(probe: &mut Probe, name: &str, value: &str) -> Vec<String> {
        let input = json!({ "Filter": [{ "Name": name, "Value": [value] }] });
        let answer = probe.ask("ec2", "DescribeSecurityGroups", input);
        let names = answer["securityGroupInfo"].as_array().into_iter().flatten();
        names.filter_map(|group| group["groupName"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn every_filter_finds_what_it_names() {
        let mut probe = Probe::new();
        let input = json!({
            "GroupName": "web", "GroupDescription": "of the web", "TagSpecification": [{
                "ResourceType": "security-group", "Tag": [{ "Key": "k", "Value": "v" }]
            }]
        });
        let id = probe.ask("ec2", "CreateSecurityGroup", input)["groupId"].clone();
        let peers = json!({
            "IpProtocol": "tcp", "FromPort": "8080", "ToPort": "8081",
            "IpRanges": [{ "CidrIp": "10.0.0.0/8" }],
            "Ipv6Ranges": [{ "CidrIpv6": "2001:DB8::/32" }],
            "Groups": [{ "GroupId": id }],
            "PrefixListIds": [{ "PrefixListId": "pl-63a5400a" }],
        });
        for way in ["Ingress", "Egress"] {
            let input = json!({ "GroupId": id, "IpPermissions": [peers] });
            probe.ask("ec2", &format!("AuthorizeSecurityGroup{way}"), input);
        }
        let of_rules = [
            ("cidr", "10.0.0.0/8"),
            ("from-port", "8080"),
            ("to-port", "8081"),
            ("protocol", "tcp"),
            ("group-id", id.as_str().expect("an id")),
            ("group-name", "web"),
            ("ipv6-cidr", "2001:db8::/32"),
            ("prefix-list-id", "pl-63a5400a"),
        ];
        for (name, value) in of_rules {
            for way in ["", "egress."] {
                let name = format!("{way}ip-permission.{name}");
                assert_eq!(found(&mut probe, &name, value), ["web"], "{name}");
                assert!(found(&mut probe, &name, "other").is_empty(), "{name}");
            }
        }
        let of_group =
            [("group-name", "w?b"), ("description", "of*"), ("tag:k", "v"), ("tag-key", "k")];
        for (name, value) in of_group {
            assert_eq!(found(&mut probe, name, value), ["web"], "{name}");
        }
        let input = json!({ "Filter": [{ "Name": "colour", "Value": ["red"] }] });
        let code = probe.refused("ec2", "DescribeSecurityGroups", input);
        assert_eq!(code, "InvalidParameterValue");
    }

    #[test]
    fn rules_with_the_same_ports_are_one_permission() {
        let mut probe = Probe::new();
        let group = |probe: &mut Probe| -> Value {
            let input = json!({ "GroupName": ["default"] });
            probe.ask("ec2", "DescribeSecurityGroups", input)["securityGroupInfo"][0].clone()
        };
        let default = group(&mut probe);
        assert_eq!(
            default["ipPermissionsEgress"],
            json!([{
                "ipProtocol": "-1", "fromPort": null, "toPort": null, "groups": [],
                "ipRanges": [{ "cidrIp": "0.0.0.0/0" }], "ipv6Ranges": [], "prefixListIds": []
            }])
        );
        assert_eq!(default["ipPermissions"][0]["groups"][0]["groupId"], default["groupId"]);
        let input = json!({ "GroupName": "default", "IpPermissions": [{
            "IpProtocol": "6", "FromPort": "80", "ToPort": "80",
            "IpRanges": [
                { "CidrIp": "10.0.0.0/8", "Description": "one" }, { "CidrIp": "10.1.2.3/16" }
            ]
        }] });
        probe.ask("ec2", "AuthorizeSecurityGroupIngress", input);
        let permission = &group(&mut probe)["ipPermissions"][1];
        let ranges =
            json!([{ "cidrIp": "10.0.0.0/8", "description": "one" }, { "cidrIp": "10.1.0.0/16" }]);
        assert_eq!(
            (&permission["ipProtocol"], &permission["fromPort"]),
            (&json!("tcp"), &json!(80))
        );
        assert_eq!(permission["ipRanges"], ranges);
    }

    #[test]
    fn lists_come_in_pages() {
        let mut probe = Probe::new();
        for at in 0..7 {
            let input = json!({ "GroupName": format!("g{at}"), "GroupDescription": "d" });
            probe.ask("ec2", "CreateSecurityGroup", input);
        }
        let first = probe.ask("ec2", "DescribeSecurityGroups", json!({ "MaxResults": "5" }));
        assert_eq!(first["securityGroupInfo"].as_array().map(Vec::len), Some(5));
        let next = json!({ "MaxResults": "5", "NextToken": first["nextToken"] });
        let second = probe.ask("ec2", "DescribeSecurityGroups", next);
        assert_eq!(second["securityGroupInfo"].as_array().map(Vec::len), Some(3));
        assert!(second["nextToken"].is_null());
        for (input, code) in [
            (json!({ "MaxResults": "4" }), "InvalidParameterValue"),
            (json!({ "MaxResults": "1001" }), "InvalidParameterValue"),
            (json!({ "NextToken": "x" }), "InvalidParameterValue"),
        ] {
            assert_eq!(probe.refused("ec2", "DescribeSecurityGroups", input), code);
        }
    }
}
