//! Addresses of interfaces. VPC guide, "Subnet sizing": the first four addresses of a subnet and
//! its last one are not for interfaces.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::json;

use super::{find, own, subnet};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::State;
use crate::services::ec2::address::AddressAssociation;
use crate::services::ec2::subnet::Subnet;
use crate::world::Site;

/// The addresses of a subnet that interfaces can have: the first, and how many.
fn range(subnet: &Subnet) -> (u32, u32) {
    let Ok(block) = subnet.cidr.parse::<Ipv4Net>() else { return (0, 0) };
    let (first, last) = (u32::from(block.network()), u32::from(block.broadcast()));
    (first.saturating_add(4), last.saturating_sub(first).saturating_sub(4))
}

fn taken(state: &State, subnet: &str) -> BTreeSet<u32> {
    let interfaces = state.interfaces.values().filter(|interface| interface.subnet == subnet);
    let addresses = interfaces
        .flat_map(|interface| interface.secondary_ips.iter().chain([&interface.private_ip]));
    addresses.filter_map(|ip| ip.parse::<Ipv4Addr>().ok().map(u32::from)).collect()
}

/// How many addresses of a subnet are free.
pub fn free(state: &State, subnet: &Subnet) -> usize {
    let (_, count) = range(subnet);
    usize::try_from(count).unwrap_or_default().saturating_sub(taken(state, &subnet.id).len())
}

/// Picks so many free addresses of a subnet.
pub(super) fn pick(site: &mut Site<'_>, id: &str, count: usize) -> Result<Vec<String>, Refused> {
    let state = &site.region().ec2;
    let (first, size) = range(subnet(state, id)?);
    let mut taken = taken(state, id);
    let mut picked = Vec::new();
    for _ in 0..count {
        let start = u32::try_from(site.world.chance.below(u64::from(size))).unwrap_or_default();
        let mut all = (0..size).map(|at| first + ((start + at) % size));
        let Some(ip) = all.find(|ip| !taken.contains(ip)) else { return Err(full()) };
        taken.insert(ip);
        picked.push(Ipv4Addr::from(ip).to_string());
    }
    Ok(picked)
}

fn full() -> Refused {
    let message =
        "The specified subnet does not have enough free addresses to satisfy the request.";
    Refused::new("InsufficientFreeAddressesInSubnet", message)
}

/// An address that was asked for, if it is in the subnet and free.
pub(super) fn checked(site: &Site<'_>, id: &str, wanted: &str) -> Result<String, Refused> {
    let state = &site.region().ec2;
    let (first, size) = range(subnet(state, id)?);
    let invalid = |message: String| Err(Refused::new("InvalidParameterValue", message));
    let Ok(ip) = wanted.parse::<Ipv4Addr>() else {
        return invalid(format!("invalid value for parameter address: {wanted}"));
    };
    let number = u32::from(ip);
    if number < first.saturating_sub(4) || number > first.saturating_add(size) {
        return invalid(format!(
            "Address {wanted} does not fall within the subnet's address range"
        ));
    }
    if number < first || number == first.saturating_add(size) {
        return invalid(format!("Address {wanted} is in subnet's reserved address range"));
    }
    if taken(state, id).contains(&number) {
        let message = format!("Address {wanted} is in use.");
        return Err(Refused::new("InvalidIPAddress.InUse", message));
    }
    Ok(ip.to_string())
}

/// Picks a public address that no interface has, from the block that RFC 2544 keeps free.
pub(super) fn pick_public(site: &mut Site<'_>) -> String {
    loop {
        let low = u32::try_from(site.world.chance.below(1 << 17)).unwrap_or_default();
        let ip = Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + low).to_string();
        let interfaces = &site.region().ec2.interfaces;
        if !interfaces.values().any(|other| other.public_ip.as_deref() == Some(&ip)) {
            return ip;
        }
    }
}

/// The input of `AssignPrivateIpAddresses`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AssignPrivateIpAddresses {
    network_interface_id: String,
    #[serde(default)]
    private_ip_address: Vec<String>,
    #[serde(default)]
    secondary_private_ip_address_count: Option<usize>,
    #[serde(default)]
    ipv4_prefix: Vec<String>,
    #[serde(default)]
    ipv4_prefix_count: Option<usize>,
    // Without instances, no address is ever on an interface that could give it away.
    #[serde(default)]
    #[expect(dead_code, reason = "has no effect on addresses that are free")]
    allow_reassignment: bool,
}

/// Gives an interface more addresses.
pub fn assign(site: &mut Site<'_>, input: AssignPrivateIpAddresses) -> Answer {
    let id = input.network_interface_id;
    let subnet = own(&site.region().ec2, &id)?.subnet.clone();
    if !input.ipv4_prefix.is_empty() || input.ipv4_prefix_count.is_some() {
        return Err(no_prefixes());
    }
    let new = secondary(
        site,
        &subnet,
        &input.private_ip_address,
        input.secondary_private_ip_address_count,
    )?;
    if new.is_empty() {
        let message = "Either privateIpAddresses or secondaryPrivateIpAddressCount is required";
        return Err(Refused::new("MissingParameter", message));
    }
    let written: Vec<_> = new.iter().map(|ip| json!({ "privateIpAddress": ip })).collect();
    if let Some(interface) = site.region_mut().ec2.interfaces.get_mut(&id) {
        interface.secondary_ips.extend(new);
    }
    Ok(json!({
        "return": true,
        "networkInterfaceId": id,
        "assignedPrivateIpAddressesSet": written,
    }))
}

/// The secondary addresses that a call asks for, by value or by number.
pub(super) fn secondary(
    site: &mut Site<'_>,
    subnet: &str,
    given: &[String],
    count: Option<usize>,
) -> Result<Vec<String>, Refused> {
    match (given, count) {
        (given, None) => {
            let new = given.iter().map(|ip| checked(site, subnet, ip));
            new.collect::<Result<Vec<String>, Refused>>()
        }
        ([], Some(count)) => pick(site, subnet, count),
        _ => {
            let message = "The parameter secondaryPrivateIpAddressCount may not be used in \
                           combination with privateIpAddresses";
            Err(Refused::new("InvalidParameterCombination", message))
        }
    }
}

/// The refusal of delegated prefixes.
pub(super) fn no_prefixes() -> Refused {
    let message = "The sandbox has no prefixes on network interfaces";
    Refused::new("UnsupportedOperation", message)
}

/// The input of `UnassignPrivateIpAddresses`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UnassignPrivateIpAddresses {
    network_interface_id: String,
    #[serde(default)]
    private_ip_address: Vec<String>,
    #[serde(default)]
    ipv4_prefix: Vec<String>,
}

/// Takes secondary addresses away.
pub fn unassign(site: &mut Site<'_>, input: UnassignPrivateIpAddresses) -> Answer {
    let state = &mut site.region_mut().ec2;
    own(state, &input.network_interface_id)?;
    if !input.ipv4_prefix.is_empty() {
        return Err(no_prefixes());
    }
    let interface = find(state, &input.network_interface_id)?;
    let strange = |ip: &&String| !interface.secondary_ips.contains(ip);
    if let Some(ip) = input.private_ip_address.iter().find(strange) {
        let message = format!("Some of {ip} are not assigned to interface {}", interface.id);
        return Err(Refused::new("InvalidParameterValue", message));
    }
    // An Elastic IP address does not outlive the address that it is on.
    for address in state.addresses.values_mut() {
        let goes = |with: &AddressAssociation| {
            with.interface == input.network_interface_id
                && input.private_ip_address.contains(&with.private_ip)
        };
        if address.association.as_ref().is_some_and(goes) {
            address.association = None;
        }
    }
    if let Some(interface) = state.interfaces.get_mut(&input.network_interface_id) {
        interface.secondary_ips.retain(|ip| !input.private_ip_address.contains(ip));
    }
    Ok(json!({ "return": true }))
}
