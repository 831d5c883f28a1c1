//! Reads of interfaces.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Interface, find, view};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::filter::{self, Filter, filtered};
use crate::services::ec2::paged::paged;
use crate::services::ec2::zone;
use crate::world::{ACCOUNT, Site};

/// The input of `DescribeNetworkInterfaces`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeNetworkInterfaces {
    next_token: Option<String>,
    max_results: Option<i64>,
    network_interface_id: Vec<String>,
    filter: Vec<Filter>,
    // There are no operators, so nothing is hidden.
    include_managed_resources: bool,
}

const FILTERS: &[&str] = &[
    "addresses.association.owner-id",
    "addresses.association.public-ip",
    "addresses.primary",
    "addresses.private-ip-address",
    "association.allocation-id",
    "association.association-id",
    "association.ip-owner-id",
    "association.public-dns-name",
    "association.public-ip",
    "attachment.attach-time",
    "attachment.attachment-id",
    "attachment.delete-on-termination",
    "attachment.device-index",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "attachment.nat-gateway-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "ipv6-addresses.ipv6-address",
    "mac-address",
    "network-interface-id",
    "operator.managed",
    "operator.principal",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "vpc-id",
];

/// Lists interfaces.
pub fn describe(site: &mut Site<'_>, input: DescribeNetworkInterfaces) -> Answer {
    let state = &site.region().ec2;
    filter::known(&input.filter, FILTERS)?;
    let asked = &input.network_interface_id;
    if !asked.is_empty() && input.max_results.is_some() {
        let message =
            "The parameter maxResults may not be used in combination with networkInterfaceIds";
        return Err(Refused::new("InvalidParameterCombination", message));
    }
    for id in asked {
        find(state, id)?;
    }
    let all = state.interfaces.values();
    let all = all.filter(|interface| asked.is_empty() || asked.contains(&interface.id)).collect();
    let found = filtered(
        all,
        &input.filter,
        |interface| &interface.tags,
        |interface, name| Some(values(site, interface, name)),
    )?;
    let scope = format!("interfaces {:?}", input.filter);
    let (found, next) = paged(found, input.max_results, input.next_token.as_deref(), &scope)?;
    let found: Vec<Value> =
        found.into_iter().map(|interface| view::written(site, interface)).collect();
    Ok(json!({ "networkInterfaceSet": found, "nextToken": next }))
}

/// The values that an interface has under one of the filters.
fn values(site: &Site<'_>, interface: &Interface, filter: &str) -> Vec<String> {
    let some = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
    let one = |value: &str| vec![value.to_owned()];
    let state = &site.region().ec2;
    let subnet = state.subnets.get(&interface.subnet);
    let attachment = interface.attachment.as_ref();
    let addresses = [&interface.private_ip].into_iter().chain(&interface.secondary_ips);
    let elastic = view::elastic(state, interface, &interface.private_ip);
    match filter {
        "addresses.private-ip-address" | "private-ip-address" => addresses.cloned().collect(),
        "addresses.primary" => {
            let primary = addresses.enumerate().map(|(at, _)| (at == 0).to_string());
            primary.collect()
        }
        "addresses.association.public-ip" => {
            let elastic = view::elastics(state, interface).map(|(_, own)| own.public_ip.to_owned());
            elastic.chain(interface.public_ip.clone()).collect()
        }
        "association.public-ip" => some(interface.public_ip.as_deref()),
        "addresses.association.owner-id" | "association.ip-owner-id" => {
            let owner = view::address_owner(state, interface);
            some(interface.public_ip.as_ref().map(|_| owner))
        }
        "association.allocation-id" => some(elastic.map(|elastic| elastic.allocation)),
        "association.association-id" => some(elastic.map(|elastic| elastic.association)),
        "association.public-dns-name" => some(view::public_name(site, interface).as_deref()),
        "attachment.attach-time" => some(attachment.map(|it| it.time.iso()).as_deref()),
        "attachment.attachment-id" => some(attachment.map(|it| it.id.as_str())),
        "attachment.delete-on-termination" => {
            some(attachment.map(|it| it.delete_on_termination.to_string()).as_deref())
        }
        "attachment.device-index" => some(attachment.map(|_| "1")),
        "attachment.status" => some(attachment.map(|_| "attached")),
        "attachment.instance-owner-id" => some(view::instance_owner(interface)),
        "availability-zone" => some(subnet.map(|subnet| subnet.zone.as_str())),
        "availability-zone-id" => {
            let id = subnet.and_then(|subnet| zone::id_of(&site.name, &subnet.zone));
            some(id.as_deref())
        }
        "description" => one(&interface.description),
        "group-id" => interface.groups.clone(),
        "group-name" => {
            let groups = interface.groups.iter().filter_map(|id| state.groups.get(id));
            groups.map(|group| group.name.clone()).collect()
        }
        "interface-type" => one(&interface.sort),
        "mac-address" => one(&view::mac(interface)),
        "network-interface-id" => one(&interface.id),
        "operator.managed" => one("false"),
        "owner-id" => one(ACCOUNT),
        "private-dns-name" => {
            some(view::private_name(site, interface, &interface.private_ip).as_deref())
        }
        "requester-id" => some(interface.requester.as_deref()),
        "requester-managed" => one(&interface.requester.is_some().to_string()),
        "source-dest-check" => one(&interface.source_dest_check.to_string()),
        "status" => one(view::status(interface)),
        "subnet-id" => one(&interface.subnet),
        "vpc-id" => some(subnet.map(|subnet| subnet.vpc.as_str())),
        _ => Vec::new(),
    }
}
