//! VPC peering connections, of which there are none: the account has nobody to peer with.

use serde_json::Value;

use super::filter;
use super::listing::{self, describe_input};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The filters that could find some.
const FILTERS: &[&str] = &[
    "accepter-vpc-info.cidr-block",
    "accepter-vpc-info.owner-id",
    "accepter-vpc-info.vpc-id",
    "expiration-time",
    "requester-vpc-info.cidr-block",
    "requester-vpc-info.owner-id",
    "requester-vpc-info.vpc-id",
    "status-code",
    "status-message",
    "vpc-peering-connection-id",
];

describe_input! { DescribeVpcPeeringConnections { vpc_peering_connection_id } }

/// `DescribeVpcPeeringConnections`.
pub fn describe(_: &mut Site<'_>, input: DescribeVpcPeeringConnections) -> Answer {
    let asked = input.asked();
    if let Some(id) = asked.ids.first() {
        let message = format!("The vpcPeeringConnection ID '{id}' does not exist");
        return Err(Refused::new("InvalidVpcPeeringConnectionID.NotFound", message));
    }
    filter::known(asked.filters, FILTERS)?;
    listing::paged("vpcPeeringConnectionSet", Vec::<Value>::new(), &asked, (5, 1000))
}
