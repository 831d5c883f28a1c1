//! Permissions in requests. EC2 API, IpPermission.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{Peer, Permission};
use crate::refused::Refused;
use crate::services::ec2::State;
use crate::services::ec2::prefix_list;
use crate::services::ec2::security_group::{self, SecurityGroup, checked_rule_description};
use crate::world::ACCOUNT;

/// A permission in a request: each of its peers makes a rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct IpPermission {
    /// The protocol.
    pub ip_protocol: Option<String>,
    /// The first port or the ICMP type.
    pub from_port: Option<i32>,
    /// The last port or the ICMP code.
    pub to_port: Option<i32>,
    /// Groups.
    pub groups: Vec<UserIdGroupPair>,
    /// IPv4 blocks.
    pub ip_ranges: Vec<IpRange>,
    /// IPv6 blocks.
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// Prefix lists.
    pub prefix_list_ids: Vec<PrefixListId>,
}

/// A group as a peer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct UserIdGroupPair {
    /// What the rule is for.
    pub description: Option<String>,
    /// The group's account.
    pub user_id: Option<String>,
    /// The group's name, in the default VPC.
    pub group_name: Option<String>,
    /// The group's id.
    pub group_id: Option<String>,
    /// The group's VPC.
    pub vpc_id: Option<String>,
    /// The peering between the two VPCs.
    pub vpc_peering_connection_id: Option<String>,
    /// The state of that peering, as a description had it.
    pub peering_status: Option<String>,
}

/// An IPv4 block as a peer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct IpRange {
    /// What the rule is for.
    pub description: Option<String>,
    /// The block.
    pub cidr_ip: String,
}

/// An IPv6 block as a peer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Ipv6Range {
    /// What the rule is for.
    pub description: Option<String>,
    /// The block.
    pub cidr_ipv6: String,
}

/// A prefix list as a peer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct PrefixListId {
    /// What the rule is for.
    pub description: Option<String>,
    /// The list's id.
    pub prefix_list_id: String,
}

/// What a rule is to be: its permission and its description.
pub type Wanted = (Permission, Option<String>);

/// What the permissions of a request mean for a group. None can be there twice.
pub fn wanted(
    state: &State,
    group: &SecurityGroup,
    given: &[IpPermission],
) -> Result<Vec<Wanted>, Refused> {
    let mut all: Vec<Wanted> = Vec::new();
    for given in given {
        let (protocol, from, to) =
            ports(given.ip_protocol.as_deref(), given.from_port, given.to_port)?;
        let peers = peers(state, group, given)?;
        if peers.is_empty() {
            let message =
                "Missing source specification: include source security group or CIDR information";
            return Err(Refused::new("MissingParameter", message));
        }
        for (peer, description) in peers {
            let permission = Permission { protocol: protocol.clone(), from, to, peer };
            if all.iter().any(|(other, _)| *other == permission) {
                return Err(invalid("The same permission must not appear multiple times"));
            }
            all.push((permission, checked_rule_description(description.as_deref())?));
        }
    }
    if all.is_empty() {
        let message = "The request must contain the parameter ipPermissions";
        return Err(Refused::new("MissingParameter", message));
    }
    Ok(all)
}

fn peers(
    state: &State,
    group: &SecurityGroup,
    given: &IpPermission,
) -> Result<Vec<(Peer, Option<String>)>, Refused> {
    let mut peers = Vec::new();
    for range in &given.ip_ranges {
        peers.push((ipv4(&range.cidr_ip)?, range.description.clone()));
    }
    for range in &given.ipv6_ranges {
        peers.push((ipv6(&range.cidr_ipv6)?, range.description.clone()));
    }
    for list in &given.prefix_list_ids {
        peers.push((prefix_list(state, &list.prefix_list_id)?, list.description.clone()));
    }
    for pair in &given.groups {
        peers.push((other_group(state, group, pair)?, pair.description.clone()));
    }
    Ok(peers)
}

/// An IPv4 block. Bits behind its mask are cleared, as EC2 does with all blocks.
pub fn ipv4(cidr: &str) -> Result<Peer, Refused> {
    let block: Ipv4Net = cidr.parse().map_err(|_| malformed(cidr))?;
    Ok(Peer::Ipv4(block.trunc().to_string()))
}

/// An IPv6 block.
pub fn ipv6(cidr: &str) -> Result<Peer, Refused> {
    let block: Ipv6Net = cidr.parse().map_err(|_| malformed(cidr))?;
    Ok(Peer::Ipv6(block.trunc().to_string()))
}

/// A prefix list.
pub fn prefix_list(state: &State, id: &str) -> Result<Peer, Refused> {
    let digits = id.strip_prefix("pl-").unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = format!("Invalid id: \"{id}\" (expecting \"pl-...\")");
        return Err(Refused::new("InvalidPrefixListId.Malformed", message));
    }
    prefix_list::exists(state, id)?;
    Ok(Peer::PrefixList(id.to_owned()))
}

/// The group that a rule refers to: of the same VPC, as the sandbox has no peerings.
pub fn other_group(
    state: &State,
    group: &SecurityGroup,
    pair: &UserIdGroupPair,
) -> Result<Peer, Refused> {
    if let Some(account) = pair.user_id.as_deref().filter(|account| *account != ACCOUNT) {
        let id = pair.group_id.as_deref().or(pair.group_name.as_deref()).unwrap_or_default();
        let message = format!("The security group '{id}' of account {account} does not exist");
        return Err(Refused::new("InvalidGroup.NotFound", message));
    }
    if let Some(peering) = &pair.vpc_peering_connection_id {
        let message = format!("The vpcPeeringConnection ID '{peering}' does not exist");
        return Err(Refused::new("InvalidVpcPeeringConnectionID.NotFound", message));
    }
    let by_name = pair.group_id.is_none() && pair.group_name.is_some();
    if by_name && !state.vpcs.get(&group.vpc).is_some_and(|vpc| vpc.default) {
        let name = pair.group_name.as_deref().unwrap_or_default();
        return Err(invalid(format!(
            "Invalid value '{name}' for groupName. You may not reference Amazon VPC security \
             groups by name. Please use the corresponding id for this operation."
        )));
    }
    // A pair that was read back may have both; the id decides.
    let name = pair.group_name.as_deref().filter(|_| by_name);
    let other = security_group::chosen(state, pair.group_id.as_deref(), name)?;
    if other.vpc != group.vpc || pair.vpc_id.as_ref().is_some_and(|vpc| *vpc != other.vpc) {
        let message = "You have specified two resources that belong to different networks.";
        return Err(Refused::new("InvalidGroup.NotFound", message));
    }
    Ok(Peer::Group(other.id.clone()))
}

/// A protocol and its ports as EC2 keeps them. EC2 API, IpPermission: TCP and UDP need ports, ICMP
/// a type and a code, where -1 means all; all others have neither.
pub fn ports(
    protocol: Option<&str>,
    from: Option<i32>,
    to: Option<i32>,
) -> Result<(String, i32, i32), Refused> {
    let Some(protocol) = protocol else {
        return Err(invalid(
            "Invalid value 'null' for protocol. VPC security group rules must specify protocols \
             explicitly.",
        ));
    };
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "tcp" | "6" => "tcp".to_owned(),
        "udp" | "17" => "udp".to_owned(),
        "icmp" | "1" => "icmp".to_owned(),
        "icmpv6" | "58" => "icmpv6".to_owned(),
        "-1" => "-1".to_owned(),
        number => match number.parse::<u8>() {
            Ok(number) => number.to_string(),
            Err(_) => {
                let why = "for IP protocol. Unknown protocol.";
                return Err(invalid(format!("Invalid value '{protocol}' {why}")));
            }
        },
    };
    let (from, to) = match protocol.as_str() {
        "tcp" | "udp" => tcp_ports(from, to)?,
        "icmp" if from.is_none() || to.is_none() => return Err(incomplete("ICMP")),
        "icmp" | "icmpv6" => icmp_types(from.unwrap_or(-1), to.unwrap_or(-1))?,
        _ => (-1, -1),
    };
    Ok((protocol, from, to))
}

fn tcp_ports(from: Option<i32>, to: Option<i32>) -> Result<(i32, i32), Refused> {
    let (Some(from), Some(to)) = (from, to) else { return Err(incomplete("TCP/UDP")) };
    for (end, port) in [("from", from), ("to", to)] {
        if !(0..=65535).contains(&port) {
            return Err(invalid(format!("TCP/UDP ({end}) port ({port}) out of range")));
        }
    }
    if from > to {
        return Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})")));
    }
    Ok((from, to))
}

fn icmp_types(kind: i32, code: i32) -> Result<(i32, i32), Refused> {
    for (part, value) in [("type", kind), ("code", code)] {
        if !(-1..=255).contains(&value) {
            return Err(invalid(format!("ICMP {part} ({value}) out of range")));
        }
    }
    if kind == -1 && code != -1 {
        let message = format!("ICMP code ({code}) must be -1 where the type is -1");
        return Err(invalid(message));
    }
    Ok((kind, code))
}

fn incomplete(protocol: &str) -> Refused {
    invalid(format!(
        "Invalid value for portRange. Must specify both from and to ports with {protocol}."
    ))
}

fn malformed(cidr: &str) -> Refused {
    invalid(format!("CIDR block {cidr} is malformed"))
}

fn invalid(message: impl Into<String>) -> Refused {
    Refused::new("InvalidParameterValue", message)
}
