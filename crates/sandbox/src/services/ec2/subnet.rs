//! Subnets.

use serde::{Deserialize, Serialize};

use crate::tags::Tags;

/// A subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Its availability zone: `us-east-1a`.
    pub zone: String,
    /// Its IPv4 block.
    pub cidr: String,
    /// Whether it is its zone's default subnet.
    pub default: bool,
    /// Whether interfaces get a public address.
    pub public_ip: bool,
    /// Its tags.
    pub tags: Tags,
}
