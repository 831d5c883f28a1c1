//! VPCs.

use serde::{Deserialize, Serialize};

use crate::tags::Tags;

/// A VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its first IPv4 block.
    pub cidr: String,
    /// Whether it is the region's default VPC.
    pub default: bool,
    /// Its tags.
    pub tags: Tags,
}
