//! EC2.

mod filter;
pub mod instance;
pub mod interface;
pub mod launch_template;
mod paged;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod tag;
mod tag_specification;
pub mod vpc;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::{Chance, Site};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "ec2",
    dialect: DIALECT,
    operations: operations! {
        AssignPrivateIpAddresses => interface::address::assign,
        AttachNetworkInterface => interface::attribute::attach,
        AuthorizeSecurityGroupEgress => security_group_rule::authorize::egress,
        AuthorizeSecurityGroupIngress => security_group_rule::authorize::ingress,
        CreateLaunchTemplate => launch_template::create,
        CreateLaunchTemplateVersion => launch_template::version::create,
        CreateNetworkInterface => interface::create::create,
        CreateSecurityGroup => security_group::create,
        CreateTags => tag::create,
        DeleteLaunchTemplate => launch_template::delete,
        DeleteLaunchTemplateVersions => launch_template::version::delete,
        DeleteNetworkInterface => interface::delete,
        DeleteSecurityGroup => security_group::delete,
        DeleteTags => tag::delete,
        DescribeInstanceStatus => instance::statuses,
        DescribeInstances => instance::describe,
        DescribeLaunchTemplateVersions => launch_template::version::describe,
        DescribeLaunchTemplates => launch_template::describe,
        DescribeNetworkInterfaceAttribute => interface::attribute::describe,
        DescribeNetworkInterfaces => interface::describe::describe,
        DescribeSecurityGroupReferences => security_group::describe::references,
        DescribeSecurityGroupRules => security_group_rule::describe::describe,
        DescribeSecurityGroups => security_group::describe::describe,
        DescribeStaleSecurityGroups => security_group::describe::stale,
        DescribeTags => tag::describe,
        DetachNetworkInterface => interface::attribute::detach,
        GetSecurityGroupsForVpc => security_group::describe::for_vpc,
        ModifyLaunchTemplate => launch_template::modify,
        ModifyNetworkInterfaceAttribute => interface::attribute::modify,
        ModifySecurityGroupRules => security_group_rule::modify::modify,
        ResetNetworkInterfaceAttribute => interface::attribute::reset,
        RevokeSecurityGroupEgress => security_group_rule::revoke::egress,
        RevokeSecurityGroupIngress => security_group_rule::revoke::ingress,
        UnassignPrivateIpAddresses => interface::address::unassign,
        UpdateSecurityGroupRuleDescriptionsEgress => security_group_rule::modify::egress_descriptions,
        UpdateSecurityGroupRuleDescriptionsIngress => security_group_rule::modify::ingress_descriptions,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Ec2Query {
        version: "2016-11-15",
        namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    },
    missing: "MissingParameter",
    unknown: "UnknownParameter",
    invalid: "InvalidParameterValue",
};

/// What it keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The region's code, which is part of ARNs.
    pub name: String,
    /// VPCs by id.
    pub vpcs: BTreeMap<String, vpc::Vpc>,
    /// Subnets by id.
    pub subnets: BTreeMap<String, subnet::Subnet>,
    /// Security groups by id.
    pub groups: BTreeMap<String, security_group::SecurityGroup>,
    /// Network interfaces by id.
    pub interfaces: BTreeMap<String, interface::Interface>,
    /// Launch templates by id.
    pub launch_templates: BTreeMap<String, launch_template::LaunchTemplate>,
}

impl State {
    /// A region with its default VPC, the same for the same region.
    pub fn new(region: &str) -> State {
        let seed = region
            .bytes()
            .fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut chance = Chance::of(seed);
        let mut id = |prefix: &str| format!("{prefix}-0{}", chance.hex(16));
        let vpc = vpc::Vpc {
            id: id("vpc"),
            cidr: "172.31.0.0/16".to_owned(),
            default: true,
            tags: Tags::new(),
        };
        let group = security_group::SecurityGroup::default_of(&vpc.id, false, &mut id);
        let subnets = [("a", "172.31.0.0/20"), ("b", "172.31.16.0/20"), ("c", "172.31.32.0/20")];
        let subnets = subnets.map(|(zone, cidr)| subnet::Subnet {
            id: id("subnet"),
            vpc: vpc.id.clone(),
            zone: format!("{region}{zone}"),
            cidr: cidr.to_owned(),
            default: true,
            public_ip: true,
            tags: Tags::new(),
        });
        State {
            name: region.to_owned(),
            vpcs: [(vpc.id.clone(), vpc)].into(),
            subnets: subnets.into_iter().map(|subnet| (subnet.id.clone(), subnet)).collect(),
            groups: [(group.id.clone(), group)].into(),
            interfaces: BTreeMap::new(),
            launch_templates: BTreeMap::new(),
        }
    }
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {}

impl Event {
    /// Lets it happen.
    pub fn happen(self, _: &mut Site<'_>) {
        match self {}
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    tag::tagged(&region.ec2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_the_same_whenever_it_is_made() {
        for region in ["us-east-1", "ap-southeast-1", "ap-northeast-3"] {
            assert_eq!(State::new(region), State::new(region));
        }
        assert_ne!(State::new("us-east-1").vpcs, State::new("us-east-2").vpcs);
    }
}
