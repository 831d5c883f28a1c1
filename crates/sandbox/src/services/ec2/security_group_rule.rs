//! Rules of security groups.

pub mod authorize;
pub mod describe;
pub mod modify;
pub mod permission;
pub mod revoke;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// `sgr-…`
    pub id: String,
    /// Whether it is for what goes out.
    pub egress: bool,
    /// What it lets through.
    pub permission: Permission,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// What a rule lets through; a group has each permission at most once in each direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1` for all.
    pub protocol: String,
    /// The first port or the ICMP type; -1 for all, and where the protocol has no ports.
    pub from: i32,
    /// The last port or the ICMP code; -1 for all, and where the protocol has no ports.
    pub to: i32,
    /// The other side.
    pub peer: Peer,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// An IPv4 block.
    Ipv4(String),
    /// An IPv6 block.
    Ipv6(String),
    /// The members of a group, by its id.
    Group(String),
    /// The blocks of a prefix list, by its id.
    PrefixList(String),
}

impl Rule {
    /// A rule without tags.
    pub fn new(
        id: String,
        egress: bool,
        permission: Permission,
        description: Option<String>,
    ) -> Rule {
        Rule { id, egress, permission, description, tags: Tags::new() }
    }

    /// The members that all answers with rules have.
    fn written(&self, group: &str) -> Value {
        let Permission { protocol, from, to, peer } = &self.permission;
        let (mut ipv4, mut ipv6, mut list) = (None, None, None);
        match peer {
            Peer::Ipv4(cidr) => ipv4 = Some(cidr),
            Peer::Ipv6(cidr) => ipv6 = Some(cidr),
            Peer::PrefixList(id) => list = Some(id),
            Peer::Group(_) => {}
        }
        json!({
            "securityGroupRuleId": self.id,
            "groupId": group,
            "isEgress": self.egress,
            "ipProtocol": protocol,
            "fromPort": from,
            "toPort": to,
            "cidrIpv4": ipv4,
            "cidrIpv6": ipv6,
            "prefixListId": list,
            "description": self.description,
        })
    }

    /// The rule as it is described.
    fn described(&self, site: &Site<'_>, group: &str) -> Value {
        let mut written = self.written(group);
        let peer = match &self.permission.peer {
            Peer::Group(id) => json!({ "groupId": id, "userId": ACCOUNT }),
            _ => Value::Null,
        };
        let resource = format!("security-group-rule/{}", self.id);
        written["groupOwnerId"] = ACCOUNT.into();
        written["referencedGroupInfo"] = peer;
        written["securityGroupRuleArn"] = site.arn("ec2", &resource).into();
        written["tagSet"] = super::tag_specification::tag_set(&self.tags);
        written
    }

    /// The rule as it is told of when it is taken away.
    fn revoked(&self, group: &str) -> Value {
        let mut written = self.written(group);
        if let Peer::Group(id) = &self.permission.peer {
            written["referencedGroupId"] = id.as_str().into();
        }
        written
    }
}

impl Permission {
    /// Everything from or to a peer.
    pub fn all(peer: Peer) -> Permission {
        Permission { protocol: "-1".to_owned(), from: -1, to: -1, peer }
    }

    /// Whether the protocol has ports, or ICMP's types and codes.
    pub fn has_ports(&self) -> bool {
        ["tcp", "udp", "icmp", "icmpv6"].contains(&self.protocol.as_str())
    }
}

impl Peer {
    /// Whether it is this group.
    pub fn is_group(&self, id: &str) -> bool {
        matches!(self, Peer::Group(peer) if peer == id)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Ipv4(name) | Peer::Ipv6(name) | Peer::Group(name) | Peer::PrefixList(name) => {
                formatter.write_str(name)
            }
        }
    }
}

/// As refusals spell a rule: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`.
impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Permission { protocol, from, to, peer } = self;
        write!(formatter, "peer: {peer}, ")?;
        match protocol.as_str() {
            "-1" => formatter.write_str("ALL")?,
            "tcp" | "udp" => {
                let protocol = protocol.to_ascii_uppercase();
                write!(formatter, "{protocol}, from port: {from}, to port: {to}")?;
            }
            "icmp" | "icmpv6" => {
                let part = |part: &i32| match part {
                    -1 => "ALL".to_owned(),
                    part => part.to_string(),
                };
                let protocol = protocol.to_ascii_uppercase();
                write!(formatter, "{protocol}, type: {}, code: {}", part(from), part(to))?;
            }
            number => write!(formatter, "protocol: {number}")?,
        }
        formatter.write_str(", ALLOW")
    }
}

/// The refusal of a rule that is not there, by its id.
fn missing(id: &str) -> Refused {
    let message = format!("The security group rule ID '{id}' does not exist");
    Refused::new("InvalidSecurityGroupRuleId.NotFound", message)
}

/// Refuses what cannot be a rule's id.
fn check_id(id: &str) -> Result<(), Refused> {
    let hex = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if id.strip_prefix("sgr-").is_some_and(hex) {
        return Ok(());
    }
    let message = format!("Invalid id: \"{id}\" (expecting \"sgr-...\")");
    Err(Refused::new("InvalidSecurityGroupRuleId.Malformed", message))
}

#[cfg(test)]
mod tests;
