//! Security groups.

pub mod describe;
mod text;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::State;
use super::security_group_rule::{Peer, Permission, Rule};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

pub use text::{checked_description, checked_rule_description};

/// A security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
    /// Its rules, both ways, in the order in which they were made.
    pub rules: Vec<Rule>,
}

/// How many groups a region can have (VPC quotas, "VPC security groups per Region").
const MOST_GROUPS: usize = 2500;

impl SecurityGroup {
    /// A group as it is made, with the rule that lets everything out. VPC guide, "Security groups":
    /// a second one for IPv6 where the VPC has such a block.
    pub fn new(
        vpc: &str,
        name: &str,
        description: &str,
        ipv6: bool,
        mut new_id: impl FnMut(&str) -> String,
    ) -> SecurityGroup {
        let id = new_id("sg");
        let mut peers = vec![Peer::Ipv4("0.0.0.0/0".to_owned())];
        if ipv6 {
            peers.push(Peer::Ipv6("::/0".to_owned()));
        }
        let rules = peers.into_iter().map(|peer| {
            let permission = Permission::all(peer);
            Rule::new(new_id("sgr"), true, permission, None)
        });
        SecurityGroup {
            rules: rules.collect(),
            id,
            vpc: vpc.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            tags: Tags::new(),
        }
    }

    /// The default group that a VPC is made with. VPC guide, "Default security groups": its members
    /// reach each other.
    pub fn default_of(
        vpc: &str,
        ipv6: bool,
        mut new_id: impl FnMut(&str) -> String,
    ) -> SecurityGroup {
        let mut group =
            SecurityGroup::new(vpc, "default", "default VPC security group", ipv6, &mut new_id);
        let permission = Permission::all(Peer::Group(group.id.clone()));
        group.rules.push(Rule::new(new_id("sgr"), false, permission, None));
        group
    }

    /// Whether it is the one that its VPC was made with.
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }

    /// Lets everything out by IPv6, as AWS does in the default group once the VPC has a block. VPC
    /// guide, "Default security groups": not where the rules for what goes out were changed.
    pub fn let_ipv6_out(&mut self, id: String) {
        let untouched = Permission::all(Peer::Ipv4("0.0.0.0/0".to_owned()));
        let mut out = self.rules.iter().filter(|rule| rule.egress);
        if out.next().is_some_and(|rule| rule.permission == untouched) && out.next().is_none() {
            let permission = Permission::all(Peer::Ipv6("::/0".to_owned()));
            self.rules.push(Rule::new(id, true, permission, None));
        }
    }

    /// Its ARN's last part.
    pub fn resource(&self) -> String {
        format!("security-group/{}", self.id)
    }
}

/// Whether a VPC has an IPv6 block.
pub fn has_ipv6(vpc: &Vpc) -> bool {
    !vpc.ipv6_blocks.is_empty()
}

/// The region's default VPC.
pub fn default_vpc(state: &State) -> Result<&Vpc, Refused> {
    let default = state.vpcs.values().find(|vpc| vpc.default);
    default.ok_or_else(|| Refused::new("VPCIdNotSpecified", "No default VPC for this user"))
}

/// The group with an id.
pub fn find<'s>(state: &'s State, id: &str) -> Result<&'s SecurityGroup, Refused> {
    let malformed = |message: String| Err(Refused::new("InvalidGroupId.Malformed", message));
    match id.strip_prefix("sg-") {
        None if !id.is_empty() => malformed(format!("Invalid id: \"{id}\" (expecting \"sg-...\")")),
        Some(rest) if !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            state.groups.get(id).ok_or_else(|| missing(id))
        }
        _ => malformed(format!("The security-group ID '{id}' is malformed")),
    }
}

/// The group with a name; only those of the default VPC can be named.
pub fn named<'s>(state: &'s State, name: &str) -> Result<&'s SecurityGroup, Refused> {
    let vpc = &default_vpc(state)?.id;
    let mut groups = state.groups.values();
    groups.find(|group| group.vpc == *vpc && group.name == name).ok_or_else(|| {
        let message = format!("The security group '{name}' does not exist in default VPC '{vpc}'");
        Refused::new("InvalidGroup.NotFound", message)
    })
}

/// The group that a call means by `GroupId` or `GroupName`.
pub fn chosen<'s>(
    state: &'s State,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<&'s SecurityGroup, Refused> {
    match (id, name) {
        (Some(id), None) => find(state, id),
        (None, Some(name)) => named(state, name),
        (None, None) => {
            let message = "The request must contain the parameter groupName or groupId";
            Err(Refused::new("MissingParameter", message))
        }
        (Some(id), Some(name)) if find(state, id)?.name == name => find(state, id),
        (Some(_), Some(_)) => {
            let message =
                "The parameter groupName may not be used in combination with the parameter groupId";
            Err(Refused::new("InvalidParameterCombination", message))
        }
    }
}

/// The refusal of a group that is not there.
pub fn missing(id: &str) -> Refused {
    Refused::new("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}

/// The input of `CreateSecurityGroup`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateSecurityGroup {
    group_description: String,
    group_name: String,
    #[serde(default)]
    vpc_id: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

/// EC2 API, CreateSecurityGroup: names are unique in their VPC, whatever the case of their letters.
pub fn create(site: &mut Site<'_>, input: CreateSecurityGroup) -> Answer {
    let state = &site.region().ec2;
    let name = text::checked_name(&input.group_name)?.to_owned();
    let description = checked_description(&input.group_description)?;
    let vpc = match &input.vpc_id {
        Some(id) => state.vpcs.get(id).ok_or_else(|| {
            Refused::new("InvalidVpcID.NotFound", format!("The vpc ID '{id}' does not exist"))
        })?,
        None => default_vpc(state)?,
    };
    let tags = tags_for(&input.tag_specification, "security-group")?;
    let same =
        |group: &SecurityGroup| group.vpc == vpc.id && group.name.eq_ignore_ascii_case(&name);
    if state.groups.values().any(same) {
        let message = format!("The security group '{name}' already exists for VPC '{}'", vpc.id);
        return Err(Refused::new("InvalidGroup.Duplicate", message));
    }
    if state.groups.len() >= MOST_GROUPS {
        let message =
            format!("The maximum number of security groups for VPC '{}' has been reached.", vpc.id);
        return Err(Refused::new("SecurityGroupLimitExceeded", message));
    }
    let (vpc, ipv6) = (vpc.id.clone(), has_ipv6(vpc));
    let group = SecurityGroup::new(&vpc, &name, &description, ipv6, |prefix| site.new_id(prefix));
    let group = SecurityGroup { tags, ..group };
    let answer = json!({
        "groupId": group.id,
        "securityGroupArn": site.arn("ec2", &group.resource()),
        "tagSet": (!group.tags.is_empty()).then(|| tag_set(&group.tags)),
    });
    site.region_mut().ec2.groups.insert(group.id.clone(), group);
    Ok(answer)
}

/// The input of `DeleteSecurityGroup`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteSecurityGroup {
    #[serde(default)]
    group_id: Option<String>,
    #[serde(default)]
    group_name: Option<String>,
}

/// EC2 API, DeleteSecurityGroup: not while an interface or a rule of another group refers to it.
pub fn delete(site: &mut Site<'_>, input: DeleteSecurityGroup) -> Answer {
    let state = &mut site.region_mut().ec2;
    let group = chosen(state, input.group_id.as_deref(), input.group_name.as_deref())?;
    let id = group.id.clone();
    if group.name == "default" {
        let message =
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Refused::new("CannotDelete", message));
    }
    let attached = state.interfaces.values().any(|interface| interface.groups.contains(&id));
    let referred = state.groups.values().any(|other| {
        other.id != id && other.rules.iter().any(|rule| rule.permission.peer.is_group(&id))
    });
    if attached || referred {
        let message = format!("resource {id} has a dependent object");
        return Err(Refused::new("DependencyViolation", message));
    }
    state.groups.remove(&id);
    Ok(json!({ "return": true, "groupId": id }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::probe::Probe;

    fn made(probe: &mut Probe, name: &str) -> String {
        let input = json!({ "GroupName": name, "GroupDescription": "d" });
        let answer = probe.ask("ec2", "CreateSecurityGroup", input);
        answer["groupId"].as_str().expect("an id").to_owned()
    }

    #[test]
    fn names_and_descriptions_have_rules() {
        let mut probe = Probe::new();
        made(&mut probe, "web");
        let long = "x".repeat(256);
        for (name, description, code) in [
            ("web", "d", "InvalidGroup.Duplicate"),
            ("Web ", "d", "InvalidGroup.Duplicate"),
            ("default", "d", "InvalidParameterValue"),
            ("sg-web", "d", "InvalidParameterValue"),
            ("wéb", "d", "InvalidParameterValue"),
            ("web|2", "d", "InvalidParameterValue"),
            (long.as_str(), "d", "InvalidParameterValue"),
            ("", "d", "MissingParameter"),
            ("two", "", "MissingParameter"),
            ("two", "a|b", "InvalidParameterValue"),
            ("two", long.as_str(), "InvalidParameterValue"),
        ] {
            let input = json!({ "GroupName": name, "GroupDescription": description });
            assert_eq!(
                probe.refused("ec2", "CreateSecurityGroup", input),
                code,
                "{name} {description}"
            );
        }
        let input = json!({ "GroupName": "a", "GroupDescription": "d", "VpcId": "vpc-0" });
        assert_eq!(probe.refused("ec2", "CreateSecurityGroup", input), "InvalidVpcID.NotFound");
    }

    #[test]
    fn a_group_stays_while_something_refers_to_it() {
        let mut probe = Probe::new();
        let (web, app) = (made(&mut probe, "web"), made(&mut probe, "app"));
        let peer = json!([{
            "IpProtocol": "tcp", "FromPort": "80", "ToPort": "80", "Groups": [{ "GroupId": web }]
        }]);
        let rule = json!({ "GroupId": app, "IpPermissions": peer });
        probe.ask("ec2", "AuthorizeSecurityGroupIngress", rule.clone());
        let delete = json!({ "GroupId": web });
        let code = probe.refused("ec2", "DeleteSecurityGroup", delete.clone());
        assert_eq!(code, "DependencyViolation");
        probe.ask("ec2", "RevokeSecurityGroupIngress", rule);
        let subnet = probe.world.site("us-east-1").region().ec2.subnets.keys().next().cloned();
        let input = json!({ "SubnetId": subnet, "SecurityGroupId": [web] });
        let interface = probe.ask("ec2", "CreateNetworkInterface", input);
        let code = probe.refused("ec2", "DeleteSecurityGroup", delete.clone());
        assert_eq!(code, "DependencyViolation");
        let interface = json!({
            "NetworkInterfaceId": interface["networkInterface"]["networkInterfaceId"]
        });
        probe.ask("ec2", "DeleteNetworkInterface", interface);
        probe.ask("ec2", "DeleteSecurityGroup", delete.clone());
        assert_eq!(probe.refused("ec2", "DeleteSecurityGroup", delete), "InvalidGroup.NotFound");
        probe.ask("ec2", "DeleteSecurityGroup", json!({ "GroupName": "app" }));
        assert!(probe.world.is_pristine());
    }

    #[test]
    fn ipv6_opens_a_default_group_that_nobody_changed() {
        for (changed, expected) in [(false, 2), (true, 1)] {
            let mut probe = Probe::new();
            let vpc = probe.ask("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
            let vpc = vpc["vpc"]["vpcId"].clone();
            let filter = json!([{ "Name": "vpc-id", "Value": [vpc] }]);
            let group = probe.ask("ec2", "DescribeSecurityGroups", json!({ "Filter": filter }));
            let group = group["securityGroupInfo"][0]["groupId"].clone();
            if changed {
                let rule = json!([{ "IpProtocol": "tcp", "FromPort": "1", "ToPort": "1",
                    "IpRanges": [{ "CidrIp": "10.0.0.0/8" }] }]);
                let input = json!({ "GroupId": group, "IpPermissions": rule });
                probe.ask("ec2", "AuthorizeSecurityGroupEgress", input);
            }
            let ipv6 = json!({ "VpcId": vpc, "AmazonProvidedIpv6CidrBlock": "true" });
            probe.ask("ec2", "AssociateVpcCidrBlock", ipv6);
            let filter = json!([{ "Name": "group-id", "Value": [group] }]);
            let found = probe.ask("ec2", "DescribeSecurityGroupRules", json!({ "Filter": filter }));
            let rules = found["securityGroupRuleSet"].as_array().cloned().unwrap_or_default();
            let all = rules.iter().filter(|r| r["isEgress"] == true && r["ipProtocol"] == "-1");
            assert_eq!(all.count(), expected, "{rules:?}");
        }
    }

    #[test]
    fn the_default_group_is_nobodys_to_delete() {
        let mut probe = Probe::new();
        let code = probe.refused("ec2", "DeleteSecurityGroup", json!({ "GroupName": "default" }));
        assert_eq!(code, "CannotDelete");
        for (id, code) in [
            ("sg-0123456789abcdef0", "InvalidGroup.NotFound"),
            ("web", "InvalidGroupId.Malformed"),
            ("sg-web", "InvalidGroupId.Malformed"),
        ] {
            let refused = probe.refused("ec2", "DeleteSecurityGroup", json!({ "GroupId": id }));
            assert_eq!(refused, code, "{id}");
        }
    }
}
