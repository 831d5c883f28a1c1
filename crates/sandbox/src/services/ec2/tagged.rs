//! All network resources that have tags.

use super::State;
use crate::tags::Tags;

macro_rules! tagged {
    ($($kind:literal $map:ident;)*) => {
        /// The tags of all network resources: type, id and tags.
        pub fn all(ec2: &State) -> Vec<(&'static str, &str, &Tags)> {
            let mut all = Vec::new();
            $(all.extend(ec2.$map.values().map(|own| ($kind, own.id.as_str(), &own.tags)));)*
            all
        }

        /// The type and the tags of a network resource, to change them.
        pub fn of_mut<'a>(ec2: &'a mut State, id: &str) -> Option<(&'static str, &'a mut Tags)> {
            $(if let Some(own) = ec2.$map.get_mut(id) {
                return Some(($kind, &mut own.tags));
            })*
            None
        }
    };
}

tagged! {
    "vpc" vpcs;
    "subnet" subnets;
    "internet-gateway" internet_gateways;
    "egress-only-internet-gateway" egress_only_gateways;
    "route-table" route_tables;
    "network-acl" network_acls;
    "dhcp-options" dhcp_options;
    "elastic-ip" addresses;
    "natgateway" nat_gateways;
    "vpc-endpoint" endpoints;
    "prefix-list" prefix_lists;
    "vpc-flow-log" flow_logs;
}
