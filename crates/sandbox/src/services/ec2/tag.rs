//! Tags of everything that EC2 has.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::{self, Filter, filtered};
use super::paged::paged;
use super::tag_specification::{Tag, checked, within_limit};
use super::{State, instance};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// A thing with tags: its type, its id and its tags.
type Tagged<'s> = (&'static str, &'s str, &'s Tags);

/// What has tags: the prefix of its ids, its map in the state, its type, and how EC2 refuses an id
/// that is not there: the code and what it calls it.
macro_rules! resources {
    ($($prefix:literal $map:ident $sort:literal $code:literal $name:literal;)*) => {
        /// The tags of what has an id, to change them.
        pub fn tags_of<'s>(state: &'s mut State, id: &str) -> Option<&'s mut Tags> {
            match prefix(id) {
                $($prefix => state.$map.get_mut(id).map(|thing| &mut thing.tags),)*
                "sgr" => {
                    let mut rules = state.groups.values_mut().flat_map(|group| &mut group.rules);
                    rules.find(|rule| rule.id == id).map(|rule| &mut rule.tags)
                }
                _ => None,
            }
        }

        /// Everything that can have tags.
        fn all(state: &State) -> Vec<Tagged<'_>> {
            let mut all: Vec<Tagged<'_>> = Vec::new();
            $(all.extend(state.$map.iter().map(|(id, thing)| ($sort, id.as_str(), &thing.tags)));)*
            let rules = state.groups.values().flat_map(|group| &group.rules);
            all.extend(rules.map(|rule| ("security-group-rule", rule.id.as_str(), &rule.tags)));
            all
        }

        /// The refusal of an id that is not there.
        fn missing(id: &str) -> Refused {
            let (code, name) = match prefix(id) {
                $($prefix => ($code, $name),)*
                "sgr" => ("InvalidSecurityGroupRuleId.NotFound", "security group rule ID"),
                "i" => return instance::missing(id),
                _ => {
                    let message = format!("The ID '{id}' is not valid");
                    return Refused::new("InvalidID", message);
                }
            };
            Refused::new(code, format!("The {name} '{id}' does not exist"))
        }
    };
}

resources! {
    "acl" network_acls "network-acl" "InvalidNetworkAclID.NotFound" "networkAcl ID";
    "dopt" dhcp_options "dhcp-options" "InvalidDhcpOptionID.NotFound" "dhcpOption ID";
    "eigw" egress_only_gateways "egress-only-internet-gateway" "InvalidGatewayID.NotFound" "eigw ID";
    "eipalloc" addresses "elastic-ip" "InvalidAllocationID.NotFound" "allocation ID";
    "eni" interfaces "network-interface" "InvalidNetworkInterfaceID.NotFound" "networkInterface ID";
    "fl" flow_logs "vpc-flow-log" "InvalidFlowLogId.NotFound" "flow log ID";
    "igw" internet_gateways "internet-gateway" "InvalidInternetGatewayID.NotFound" "internetGateway ID";
    "lt" launch_templates "launch-template" "InvalidLaunchTemplateId.NotFound" "launch template";
    "nat" nat_gateways "natgateway" "InvalidNatGatewayID.NotFound" "natGateway ID";
    "pl" prefix_lists "prefix-list" "InvalidPrefixListID.NotFound" "prefix list ID";
    "rtb" route_tables "route-table" "InvalidRouteTableID.NotFound" "routeTable ID";
    "sg" groups "security-group" "InvalidGroup.NotFound" "security group";
    "subnet" subnets "subnet" "InvalidSubnetID.NotFound" "subnet ID";
    "vpc" vpcs "vpc" "InvalidVpcID.NotFound" "vpc ID";
    "vpce" endpoints "vpc-endpoint" "InvalidVpcEndpointId.NotFound" "Vpc Endpoint Id";
}

/// What stands before the last hyphen of an id: `vpc` or `eipalloc`.
fn prefix(id: &str) -> &str {
    id.rsplit_once('-').map_or("", |(prefix, _)| prefix)
}

/// The ARNs of what has tags, and the tags.
pub fn tagged(state: &State) -> Vec<(String, Tags)> {
    let with_tags = all(state).into_iter().filter(|(_, _, tags)| !tags.is_empty());
    with_tags
        .map(|(sort, id, tags)| {
            let arn = format!("arn:aws:ec2:{}:{ACCOUNT}:{sort}/{id}", state.name);
            (arn, tags.clone())
        })
        .collect()
}

/// The input of `CreateTags`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateTags {
    resource_id: Vec<String>,
    tag: Vec<Tag>,
}

/// EC2 API, CreateTags: up to 1000 resources, and all of them or none.
pub fn create(site: &mut Site<'_>, input: CreateTags) -> Answer {
    let state = &mut site.region_mut().ec2;
    if input.tag.is_empty() {
        return Err(required("Tag"));
    }
    let new = checked(&input.tag)?;
    check(state, &input.resource_id)?;
    for id in &input.resource_id {
        let mut tags = tags_of(state, id).cloned().unwrap_or_default();
        tags.extend(new.clone());
        within_limit(&tags)?;
    }
    for id in &input.resource_id {
        if let Some(tags) = tags_of(state, id) {
            tags.extend(new.clone());
        }
    }
    Ok(json!({ "return": true }))
}

/// The input of `DeleteTags`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteTags {
    resource_id: Vec<String>,
    #[serde(default)]
    tag: Vec<OldTag>,
}

/// A tag that is to go, with any value where none is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OldTag {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

/// EC2 API, DeleteTags: a tag goes if its value is the given one, or if none is given; without
/// tags, all of them go. What is not there is no error.
pub fn delete(site: &mut Site<'_>, input: DeleteTags) -> Answer {
    let state = &mut site.region_mut().ec2;
    check(state, &input.resource_id)?;
    if input.tag.iter().any(|tag| tag.key.to_ascii_lowercase().starts_with("aws:")) {
        let message = "Tag keys starting with 'aws:' are reserved for internal use";
        return Err(Refused::new("InvalidParameterValue", message));
    }
    for id in &input.resource_id {
        let Some(tags) = tags_of(state, id) else { continue };
        tags.retain(|key, value| {
            let goes = |old: &OldTag| {
                old.key == *key && old.value.as_ref().is_none_or(|given| given == value)
            };
            !input.tag.is_empty() && !input.tag.iter().any(goes)
        });
    }
    Ok(json!({ "return": true }))
}

/// How many resources a call can name.
const MOST_RESOURCES: usize = 1000;

fn check(state: &mut State, ids: &[String]) -> Result<(), Refused> {
    if ids.is_empty() {
        return Err(required("ResourceId"));
    }
    if ids.len() > MOST_RESOURCES {
        let message =
            format!("Tags can be changed on at most {MOST_RESOURCES} resources at a time");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    match ids.iter().find(|id| tags_of(state, id).is_none()) {
        Some(id) => Err(missing(id)),
        None => Ok(()),
    }
}

fn required(name: &str) -> Refused {
    Refused::new("MissingParameter", format!("The request must contain the parameter {name}"))
}

/// The input of `DescribeTags`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeTags {
    filter: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// Lists tags.
pub fn describe(site: &mut Site<'_>, input: DescribeTags) -> Answer {
    let state = &site.region().ec2;
    filter::known(&input.filter, &["key", "resource-id", "resource-type", "value"])?;
    let each = all(state).into_iter().flat_map(|(sort, id, tags)| {
        tags.iter().map(move |(key, value)| (sort, id, Tags::from([(key.clone(), value.clone())])))
    });
    let found = filtered(
        each.collect(),
        &input.filter,
        |(.., tag)| tag,
        |(sort, id, tag), name| match name {
            "key" => Some(tag.keys().cloned().collect()),
            "value" => Some(tag.values().cloned().collect()),
            "resource-id" => Some(vec![(*id).to_owned()]),
            "resource-type" => Some(vec![(*sort).to_owned()]),
            _ => None,
        },
    )?;
    let scope = format!("tags {:?}", input.filter);
    let (found, next) = paged(found, input.max_results, input.next_token.as_deref(), &scope)?;
    let set = found.iter().flat_map(|(sort, id, tag)| {
        tag.iter().map(move |(key, value)| {
            json!({ "resourceId": id, "resourceType": sort, "key": key, "value": value })
        })
    });
    Ok(json!({ "tagSet": set.collect::<Vec<Value>>(), "nextToken": next }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Probe;

    /// The ids of one thing of each type.
    fn things(probe: &mut Probe) -> Vec<String> {
        let mut site = probe.world.site("us-east-1");
        let state = &site.region_mut().ec2;
        let mut ids: Vec<String> = Vec::new();
        ids.extend(state.vpcs.keys().next().cloned());
        ids.extend(state.subnets.keys().next().cloned());
        ids.extend(state.groups.keys().next().cloned());
        ids.extend(state.route_tables.keys().next().cloned());
        ids.extend(state.network_acls.keys().next().cloned());
        ids.extend(state.dhcp_options.keys().next().cloned());
        ids.extend(state.internet_gateways.keys().next().cloned());
        let rules = state.groups.values().flat_map(|group| &group.rules);
        ids.extend(rules.map(|rule| rule.id.clone()));
        let address = probe.ask("ec2", "AllocateAddress", json!({}));
        ids.extend(address["allocationId"].as_str().map(str::to_owned));
        let nat = json!({ "SubnetId": ids[1], "AllocationId": address["allocationId"] });
        let nat = probe.ask("ec2", "CreateNatGateway", nat);
        ids.extend(nat["natGateway"]["natGatewayId"].as_str().map(str::to_owned));
        let input = json!({ "SubnetId": ids[1] });
        let made = probe.ask("ec2", "CreateNetworkInterface", input);
        let interface = &made["networkInterface"]["networkInterfaceId"];
        ids.extend(interface.as_str().map(str::to_owned));
        ids
    }

    fn found(probe: &mut Probe, filter: &str, value: &str) -> Vec<Value> {
        let input = json!({ "Filter": [{ "Name": filter, "Value": [value] }] });
        let answer = probe.ask("ec2", "DescribeTags", input);
        answer["tagSet"].as_array().cloned().unwrap_or_default()
    }

    #[test]
    fn every_type_can_be_tagged() {
        let mut probe = Probe::new();
        let ids = things(&mut probe);
        let input =
            json!({ "ResourceId": ids, "Tag": [{ "Key": "k", "Value": "v" }, { "Key": "e" }] });
        probe.ask("ec2", "CreateTags", input);
        assert_eq!(found(&mut probe, "key", "k").len(), ids.len());
        let of_vpc = found(&mut probe, "resource-type", "vpc");
        assert_eq!(
            of_vpc,
            [
                json!({ "resourceId": ids[0], "resourceType": "vpc", "key": "e", "value": "" }),
                json!({ "resourceId": ids[0], "resourceType": "vpc", "key": "k", "value": "v" }),
            ]
        );
        assert_eq!(found(&mut probe, "tag:k", "v").len(), ids.len());
        assert_eq!(found(&mut probe, "resource-id", &ids[1]).len(), 2);
        let region = &probe.world.regions["us-east-1"];
        let arn = format!("arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{}", ids[0]);
        let tagged = tagged(&region.ec2);
        assert_eq!(tagged.len(), ids.len());
        assert!(tagged.iter().any(|(other, tags)| *other == arn && tags.len() == 2));
    }

    #[test]
    fn a_value_decides_which_tags_go() {
        let mut probe = Probe::new();
        let vpc = things(&mut probe).remove(0);
        let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }, { "Key": "c", "Value": "" }]);
        probe.ask("ec2", "CreateTags", json!({ "ResourceId": [vpc], "Tag": tags }));
        for (old, left) in [
            (json!([{ "Key": "a", "Value": "2" }]), 3),
            (json!([{ "Key": "a", "Value": "" }]), 3),
            (json!([{ "Key": "a", "Value": "1" }, { "Key": "c", "Value": "" }]), 1),
            (json!([{ "Key": "none" }]), 1),
            (json!([{ "Key": "b" }]), 0),
        ] {
            probe.ask("ec2", "DeleteTags", json!({ "ResourceId": [vpc], "Tag": old }));
            assert_eq!(found(&mut probe, "resource-id", &vpc).len(), left, "{old}");
        }
        probe.ask("ec2", "CreateTags", json!({ "ResourceId": [vpc], "Tag": tags }));
        probe.ask("ec2", "DeleteTags", json!({ "ResourceId": [vpc] }));
        assert!(found(&mut probe, "resource-id", &vpc).is_empty());
    }

    #[test]
    fn bad_ids_and_tags_are_refused_and_nothing_is_tagged() {
        let mut probe = Probe::new();
        let vpc = things(&mut probe).remove(0);
        let tag = json!([{ "Key": "k", "Value": "v" }]);
        for (id, code) in [
            ("vpc-0", "InvalidVpcID.NotFound"),
            ("subnet-0", "InvalidSubnetID.NotFound"),
            ("sg-0", "InvalidGroup.NotFound"),
            ("sgr-0", "InvalidSecurityGroupRuleId.NotFound"),
            ("eni-0", "InvalidNetworkInterfaceID.NotFound"),
            ("i-0", "InvalidInstanceID.NotFound"),
            ("web", "InvalidID"),
            ("web-0", "InvalidID"),
        ] {
            let input = json!({ "ResourceId": [vpc, id], "Tag": tag });
            assert_eq!(probe.refused("ec2", "CreateTags", input), code, "{id}");
        }
        for tag in [json!([{ "Key": "aws:k" }]), json!([{ "Key": "k" }, { "Key": "k" }])] {
            let input = json!({ "ResourceId": [vpc], "Tag": tag });
            assert_eq!(probe.refused("ec2", "CreateTags", input), "InvalidParameterValue");
        }
        let many = |first: usize| -> Value {
            (first..first + 30).map(|at| json!({ "Key": format!("k{at}") })).collect()
        };
        assert!(found(&mut probe, "resource-id", &vpc).is_empty());
        probe.ask("ec2", "CreateTags", json!({ "ResourceId": [vpc], "Tag": many(0) }));
        let input = json!({ "ResourceId": [vpc], "Tag": many(30) });
        assert_eq!(probe.refused("ec2", "CreateTags", input), "TagLimitExceeded");
    }
}
