//! Interfaces as they are described.

use serde_json::{Value, json};

use super::Interface;
use crate::services::ec2::State;
use crate::services::ec2::tag_specification::tag_set;
use crate::services::ec2::zone;
use crate::world::{ACCOUNT, Site};

/// An interface as it is described.
pub(super) fn written(site: &Site<'_>, interface: &Interface) -> Value {
    let state = &site.region().ec2;
    let subnet = state.subnets.get(&interface.subnet);
    let association = association(site, interface, &interface.private_ip);
    let tracking = interface.tracking.as_ref().map(|tracking| {
        json!({
            "tcpEstablishedTimeout": tracking.tcp_established_timeout,
            "udpStreamTimeout": tracking.udp_stream_timeout,
            "udpTimeout": tracking.udp_timeout,
        })
    });
    let address = |ip: &String, primary: bool| {
        json!({
            "primary": primary,
            "privateDnsName": private_name(site, interface, ip),
            "privateIpAddress": ip,
            "association": self::association(site, interface, ip),
        })
    };
    let addresses = [address(&interface.private_ip, true)]
        .into_iter()
        .chain(interface.secondary_ips.iter().map(|ip| address(ip, false)));
    json!({
        "networkInterfaceId": interface.id,
        "subnetId": interface.subnet,
        "vpcId": subnet.map(|subnet| &subnet.vpc),
        "availabilityZone": subnet.map(|subnet| &subnet.zone),
        "availabilityZoneId": subnet.and_then(|subnet| zone::id_of(&site.name, &subnet.zone)),
        "description": interface.description,
        "ownerId": ACCOUNT,
        "requesterId": interface.requester,
        "requesterManaged": interface.requester.is_some(),
        "status": status(interface),
        "macAddress": mac(interface),
        "privateIpAddress": interface.private_ip,
        "privateDnsName": private_name(site, interface, &interface.private_ip),
        "sourceDestCheck": interface.source_dest_check,
        "groupSet": group_set(state, interface),
        "attachment": attachment(interface),
        "association": association,
        "connectionTrackingConfiguration": tracking,
        "tagSet": tag_set(&interface.tags),
        "privateIpAddressesSet": addresses.collect::<Vec<_>>(),
        "ipv6AddressesSet": [],
        "interfaceType": interface.sort,
        "operator": { "managed": false },
    })
}

/// `in-use` or `available`.
pub(super) fn status(interface: &Interface) -> &'static str {
    if interface.attachment.is_some() { "in-use" } else { "available" }
}

/// Its groups with their names.
pub(super) fn group_set(state: &State, interface: &Interface) -> Value {
    let written = interface.groups.iter().map(|id| {
        let name = state.groups.get(id).map(|group| &group.name);
        json!({ "groupId": id, "groupName": name })
    });
    written.collect()
}

/// How it is attached.
pub(super) fn attachment(interface: &Interface) -> Value {
    let Some(attachment) = &interface.attachment else { return Value::Null };
    json!({
        "attachmentId": attachment.id,
        "attachTime": attachment.time.iso(),
        "deleteOnTermination": attachment.delete_on_termination,
        "deviceIndex": 1,
        "networkCardIndex": 0,
        "instanceOwnerId": instance_owner(interface),
        "status": "attached",
    })
}

/// Whose the thing is that it is attached to.
pub(super) fn instance_owner(interface: &Interface) -> Option<&str> {
    match interface.requester.as_deref() {
        Some("amazon-elb") => Some("amazon-elb"),
        Some(_) => Some("amazon-aws"),
        None => None,
    }
}

/// The public address of one of its addresses.
fn association(site: &Site<'_>, interface: &Interface, ip: &str) -> Value {
    let state = &site.region().ec2;
    let elastic = elastic(state, interface, ip);
    let own = interface.public_ip.as_deref().filter(|_| interface.private_ip == ip);
    elastic.map(|elastic| elastic.public_ip).or(own).map_or(Value::Null, |public| {
        json!({
            "publicIp": public,
            "publicDnsName": has_names(site, interface).then(|| name_of_public(site, public)),
            "ipOwnerId": if elastic.is_some() { ACCOUNT } else { address_owner(state, interface) },
            "allocationId": elastic.map(|elastic| elastic.allocation),
            "associationId": elastic.map(|elastic| elastic.association),
        })
    })
}

/// The Elastic IP address on an interface, by its ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elastic<'s> {
    pub allocation: &'s str,
    pub association: &'s str,
    pub public_ip: &'s str,
}

/// The Elastic IP address of one of its addresses.
pub(super) fn elastic<'s>(
    state: &'s State,
    interface: &Interface,
    ip: &str,
) -> Option<Elastic<'s>> {
    elastics(state, interface)
        .find_map(|(private_ip, elastic)| (private_ip == ip).then_some(elastic))
}

/// The Elastic IP addresses on an interface, by its own addresses.
pub(super) fn elastics<'s>(
    state: &'s State,
    interface: &Interface,
) -> impl Iterator<Item = (&'s str, Elastic<'s>)> {
    state.addresses.values().filter_map(|address| {
        let with = address.association.as_ref().filter(|with| with.interface == interface.id)?;
        let elastic = Elastic {
            allocation: &address.id,
            association: &with.id,
            public_ip: &address.public_ip,
        };
        Some((with.private_ip.as_str(), elastic))
    })
}

/// Whose its public address is.
pub(super) fn address_owner(state: &State, interface: &Interface) -> &'static str {
    let elastic = elastic(state, interface, &interface.private_ip);
    match (elastic, interface.requester.as_deref()) {
        (Some(_), _) => ACCOUNT,
        (None, Some("amazon-elb")) => "amazon-elb",
        (None, _) => "amazon",
    }
}

/// Its address on the link, which follows from its id.
pub fn mac(interface: &Interface) -> String {
    let digits: Vec<char> = interface.id.chars().rev().take(10).collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    format!("02:{}", pairs.join(":"))
}

/// The name of its public address, where its VPC has such names.
pub(super) fn public_name(site: &Site<'_>, interface: &Interface) -> Option<String> {
    let ip = interface.public_ip.as_ref().filter(|_| has_names(site, interface))?;
    Some(name_of_public(site, ip))
}

fn name_of_public(site: &Site<'_>, ip: &str) -> String {
    let zone = match site.name.as_str() {
        "us-east-1" => "compute-1".to_owned(),
        region => format!("{region}.compute"),
    };
    format!("ec2-{}.{zone}.amazonaws.com", ip.replace('.', "-"))
}

/// The name of a private address, where its VPC has such names.
pub fn private_name(site: &Site<'_>, interface: &Interface, ip: &str) -> Option<String> {
    let zone = match site.name.as_str() {
        "us-east-1" => "ec2".to_owned(),
        region => format!("{region}.compute"),
    };
    has_names(site, interface).then(|| format!("ip-{}.{zone}.internal", ip.replace('.', "-")))
}

/// VPC guide, "DNS attributes for your VPC": interfaces have names where both attributes are on.
fn has_names(site: &Site<'_>, interface: &Interface) -> bool {
    let state = &site.region().ec2;
    let subnet = state.subnets.get(&interface.subnet);
    let vpc = subnet.and_then(|subnet| state.vpcs.get(&subnet.vpc));
    vpc.is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames)
}
