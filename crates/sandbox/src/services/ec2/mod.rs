//! EC2.

mod filter;
pub mod interface;
pub mod security_group;
pub mod subnet;
pub mod tag_specification;
pub mod vpc;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::{Chance, Site};

/// How the router finds it.
pub const SERVICE: Service = Service { name: "ec2", dialect: DIALECT, operations: operations! {} };

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
    /// VPCs by id.
    pub vpcs: BTreeMap<String, vpc::Vpc>,
    /// Subnets by id.
    pub subnets: BTreeMap<String, subnet::Subnet>,
    /// Security groups by id.
    pub groups: BTreeMap<String, security_group::SecurityGroup>,
    /// Network interfaces by id.
    pub interfaces: BTreeMap<String, interface::Interface>,
}

impl State {
    /// A region with its default VPC, the same for the same region.
    pub fn new(region: &str) -> State {
        let seed = region.bytes().fold(0, |seed: u64, byte| seed * 31 + u64::from(byte));
        let mut chance = Chance::of(seed);
        let mut id = |prefix: &str| format!("{prefix}-0{}", chance.hex(16));
        let vpc = vpc::Vpc {
            id: id("vpc"),
            cidr: "172.31.0.0/16".to_owned(),
            default: true,
            tags: Tags::new(),
        };
        let group = security_group::SecurityGroup {
            id: id("sg"),
            vpc: vpc.id.clone(),
            name: "default".to_owned(),
            description: "default VPC security group".to_owned(),
            tags: Tags::new(),
        };
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
            vpcs: [(vpc.id.clone(), vpc)].into(),
            subnets: subnets.into_iter().map(|subnet| (subnet.id.clone(), subnet)).collect(),
            groups: [(group.id.clone(), group)].into(),
            interfaces: BTreeMap::new(),
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
pub fn tagged(_region: &Region) -> Vec<(String, Tags)> {
    Vec::new()
}
