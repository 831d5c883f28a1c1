//! Interfaces that an account makes for itself.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::address::{checked, no_prefixes, pick, secondary};
use super::{Interface, groups, subnet, view};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::tag_specification::{TagSpecification, tags_for};
use crate::world::Site;

/// The input of `CreateNetworkInterface`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateNetworkInterface {
    subnet_id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    private_ip_address: Option<String>,
    #[serde(default)]
    security_group_id: Vec<String>,
    #[serde(default)]
    private_ip_addresses: Vec<PrivateIpAddress>,
    #[serde(default)]
    secondary_private_ip_address_count: Option<usize>,
    #[serde(default)]
    ipv6_addresses: Vec<Ipv6Address>,
    #[serde(default)]
    ipv6_address_count: Option<usize>,
    #[serde(default)]
    ipv4_prefix: Vec<Ipv4Prefix>,
    #[serde(default)]
    ipv4_prefix_count: Option<usize>,
    #[serde(default)]
    ipv6_prefix: Vec<Ipv6Prefix>,
    #[serde(default)]
    ipv6_prefix_count: Option<usize>,
    #[serde(default)]
    interface_type: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    enable_primary_ipv6: bool,
    #[serde(default)]
    connection_tracking_specification: Option<ConnectionTracking>,
    #[serde(default)]
    operator: Option<Operator>,
}

/// An address that is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct PrivateIpAddress {
    #[serde(default)]
    primary: bool,
    private_ip_address: String,
}

/// An IPv6 address that is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "refused as a whole")]
struct Ipv6Address {
    ipv6_address: String,
    #[serde(default)]
    is_primary_ipv6: bool,
}

/// A prefix that is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "refused as a whole")]
struct Ipv4Prefix {
    ipv4_prefix: String,
}

/// An IPv6 prefix that is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "refused as a whole")]
struct Ipv6Prefix {
    ipv6_prefix: String,
}

/// A service that manages the interface.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "refused as a whole")]
struct Operator {
    #[serde(default)]
    principal: Option<String>,
}

/// How long idle connections are tracked, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ConnectionTracking {
    /// For TCP.
    #[serde(default)]
    pub tcp_established_timeout: Option<u32>,
    /// For UDP with more than one question and answer.
    #[serde(default)]
    pub udp_stream_timeout: Option<u32>,
    /// For other UDP.
    #[serde(default)]
    pub udp_timeout: Option<u32>,
}

impl ConnectionTracking {
    /// EC2 guide, "Connection tracking timeouts": the bounds of each.
    pub(super) fn check(&self) -> Result<(), Refused> {
        for (name, given, least, most) in [
            ("TcpEstablishedTimeout", self.tcp_established_timeout, 60, 432_000),
            ("UdpStreamTimeout", self.udp_stream_timeout, 60, 180),
            ("UdpTimeout", self.udp_timeout, 30, 60),
        ] {
            if let Some(given) = given.filter(|given| !(least..=most).contains(given)) {
                return Err(invalid(format!(
                    "Value ({given}) for parameter {name} is invalid. It must be between {least} \
                     and {most} seconds."
                )));
            }
        }
        Ok(())
    }
}

/// Makes an interface that nothing uses yet.
pub fn create(site: &mut Site<'_>, input: CreateNetworkInterface) -> Answer {
    let state = &site.region().ec2;
    let parameters = format!("{input:?}");
    if let Some(token) = &input.client_token {
        let of_token = |interface: &&Interface| {
            interface.token.as_ref().is_some_and(|(known, _)| known == token)
        };
        if let Some(made) = state.interfaces.values().find(of_token) {
            let same = made.token.as_ref().is_some_and(|(_, known)| *known == parameters);
            return if same { Ok(answer(site, made)) } else { Err(mismatch()) };
        }
    }
    let subnet = subnet(state, &input.subnet_id)?;
    let groups = groups(state, subnet, &input.security_group_id)?;
    let tags = tags_for(&input.tag_specification, "network-interface")?;
    check_supported(&input)?;
    let subnet = input.subnet_id.clone();
    let (primary, others) = addresses(&input)?;
    let mut ips = Vec::new();
    for ip in others.iter().chain(primary.as_ref()) {
        if ips.contains(ip) {
            return Err(invalid(format!("Address {ip} is given more than once")));
        }
        ips.push(checked(site, &subnet, ip)?);
    }
    let count = input.secondary_private_ip_address_count;
    let secondary_ips = secondary(site, &subnet, &others, count)?;
    let private_ip = match primary {
        Some(ip) => ip,
        None => free_beside(site, &subnet, &secondary_ips)?,
    };
    let interface = Interface {
        id: site.new_id("eni"),
        subnet,
        groups,
        private_ip,
        secondary_ips,
        public_ip: None,
        description: input.description,
        sort: input.interface_type.unwrap_or_else(|| "interface".to_owned()),
        requester: None,
        attachment: None,
        source_dest_check: true,
        tracking: input.connection_tracking_specification,
        token: input.client_token.map(|token| (token, parameters)),
        tags,
        created: site.now(),
    };
    let answer = answer(site, &interface);
    site.region_mut().ec2.interfaces.insert(interface.id.clone(), interface);
    Ok(answer)
}

/// A new interface is `pending` in the answer and `available` from then on.
fn answer(site: &Site<'_>, interface: &Interface) -> serde_json::Value {
    let mut written = view::written(site, interface);
    written["status"] = "pending".into();
    let token = interface.token.as_ref().map(|(token, _)| token);
    json!({ "networkInterface": written, "clientToken": token })
}

fn free_beside(site: &mut Site<'_>, subnet: &str, taken: &[String]) -> Result<String, Refused> {
    let free = pick(site, subnet, taken.len() + 1)?;
    free.into_iter().find(|ip| !taken.contains(ip)).ok_or_else(|| {
        Refused::new("InternalError", "No address is left that was counted as free").status(500)
    })
}

/// The primary address and the others that a call asks for.
fn addresses(input: &CreateNetworkInterface) -> Result<(Option<String>, Vec<String>), Refused> {
    let mut primary = input.private_ip_address.clone();
    let mut others = Vec::new();
    for given in &input.private_ip_addresses {
        match (given.primary, &primary) {
            (false, _) => others.push(given.private_ip_address.clone()),
            (true, None) => primary = Some(given.private_ip_address.clone()),
            (true, Some(_)) => {
                let message = "Only one private IP address can be designated as primary";
                return Err(Refused::new("InvalidParameterCombination", message));
            }
        }
    }
    Ok((primary, others))
}

fn check_supported(input: &CreateNetworkInterface) -> Result<(), Refused> {
    let ipv6 = !input.ipv6_addresses.is_empty()
        || input.ipv6_address_count.is_some_and(|count| count > 0)
        || input.enable_primary_ipv6;
    if ipv6 {
        let message = "The sandbox has no IPv6 addresses on network interfaces";
        return Err(Refused::new("UnsupportedOperation", message));
    }
    let counts = [input.ipv4_prefix_count, input.ipv6_prefix_count];
    let prefixes = !input.ipv4_prefix.is_empty() || !input.ipv6_prefix.is_empty();
    if prefixes || counts.iter().flatten().any(|count| *count > 0) {
        return Err(no_prefixes());
    }
    if input.operator.is_some() {
        let message = "The sandbox has no operators of network interfaces";
        return Err(Refused::new("UnsupportedOperation", message));
    }
    let sorts = ["interface", "efa", "efa-only", "trunk"];
    if let Some(sort) = input.interface_type.as_deref().filter(|sort| !sorts.contains(sort)) {
        return Err(invalid(format!("Invalid value for InterfaceType: {sort}")));
    }
    if input.description.chars().count() > 255 {
        return Err(invalid("The description has more than 255 characters".to_owned()));
    }
    input.connection_tracking_specification.as_ref().map_or(Ok(()), ConnectionTracking::check)
}

fn mismatch() -> Refused {
    let message =
        "The request uses the same client token as a previous, but non-identical request.";
    Refused::new("IdempotentParameterMismatch", message)
}

fn invalid(message: String) -> Refused {
    Refused::new("InvalidParameterValue", message)
}
