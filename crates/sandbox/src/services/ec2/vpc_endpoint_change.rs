//! Changes to VPC endpoints.

use serde::Deserialize;
use serde_json::{Value, json};

use super::interface;
use super::listing::found;
use super::vpc_block::unsupported;
use super::vpc_endpoint::{self, DnsOptions, FULL_ACCESS, VpcEndpoint};
use super::{endpoint_service, vpc_endpoint_check};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The input of `ModifyVpcEndpoint`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifyVpcEndpoint {
    vpc_endpoint_id: String,
    #[serde(default)]
    reset_policy: bool,
    #[serde(default)]
    policy_document: Option<String>,
    #[serde(default)]
    add_route_table_id: Vec<String>,
    #[serde(default)]
    remove_route_table_id: Vec<String>,
    #[serde(default)]
    add_subnet_id: Vec<String>,
    #[serde(default)]
    remove_subnet_id: Vec<String>,
    #[serde(default)]
    add_security_group_id: Vec<String>,
    #[serde(default)]
    remove_security_group_id: Vec<String>,
    #[serde(default)]
    ip_address_type: Option<String>,
    #[serde(default)]
    dns_options: Option<DnsOptions>,
    #[serde(default)]
    private_dns_enabled: Option<bool>,
    #[serde(default)]
    subnet_configuration: Vec<Value>,
}

/// `ModifyVpcEndpoint`.
pub fn modify(site: &mut Site<'_>, input: ModifyVpcEndpoint) -> Answer {
    unsupported(!input.subnet_configuration.is_empty(), "SubnetConfiguration")?;
    unsupported(input.ip_address_type.as_ref().is_some_and(|t| t != "ipv4"), "IpAddressType")?;
    let ec2 = &site.region().ec2;
    let mut endpoint = found::<VpcEndpoint>(ec2, &input.vpc_endpoint_id)?.clone();
    if endpoint.state == "deleting" {
        let message = format!("The Vpc Endpoint {} is being deleted", endpoint.id);
        return Err(Refused::new("IncorrectState", message));
    }
    fits(&endpoint, &input)?;
    if let Some(options) = &input.dns_options {
        endpoint.dns_records = options.records()?.unwrap_or(endpoint.dns_records);
    }
    match (&input.policy_document, input.reset_policy) {
        (Some(_), true) => {
            let message = "The policy cannot be given and reset in one request.";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
        (Some(policy), false) => endpoint.policy = vpc_endpoint_check::checked_policy(policy)?,
        (None, true) => endpoint.policy = FULL_ACCESS.to_owned(),
        (None, false) => {}
    }
    endpoint.route_tables.retain(|id| !input.remove_route_table_id.contains(id));
    let mut added = vpc_endpoint_check::unique(&input.add_route_table_id);
    added.retain(|id| !endpoint.route_tables.contains(id));
    vpc_endpoint_check::free_tables(ec2, &endpoint, &added)?;
    endpoint.route_tables.extend(added);
    endpoint.groups.retain(|id| !input.remove_security_group_id.contains(id));
    if !input.add_security_group_id.is_empty() {
        endpoint.groups.extend(vpc_endpoint_check::groups(
            ec2,
            &endpoint.vpc,
            &input.add_security_group_id,
        )?);
        endpoint.groups = vpc_endpoint_check::unique(&endpoint.groups);
    }
    if endpoint.groups.is_empty() && !endpoint.is_gateway() {
        let message = "An interface endpoint needs a security group.";
        return Err(Refused::new("InvalidParameter", message));
    }
    let mut released: Vec<String> = Vec::new();
    endpoint.interfaces.retain(|subnet, interface| {
        let stays = !input.remove_subnet_id.contains(subnet);
        if !stays {
            released.push(interface.clone());
        }
        stays
    });
    let mut subnets = vpc_endpoint_check::unique(&input.add_subnet_id);
    subnets.retain(|id| !endpoint.interfaces.contains_key(id));
    vpc_endpoint_check::free_zones(ec2, &endpoint, &subnets)?;
    if input.private_dns_enabled == Some(true) {
        let service = endpoint_service::service(&ec2.name, &endpoint.service, "Interface")?;
        vpc_endpoint_check::private_dns_allowed(ec2, &endpoint, &service)?;
    }
    endpoint.private_dns = input.private_dns_enabled.unwrap_or(endpoint.private_dns);
    vpc_endpoint::attach(site, &mut endpoint, &subnets)?;
    released.iter().for_each(|interface| interface::release(site, interface));
    let ec2 = &mut site.region_mut().ec2;
    for id in endpoint.interfaces.values() {
        if let Some(interface) = ec2.interfaces.get_mut(id) {
            interface.groups.clone_from(&endpoint.groups);
        }
    }
    ec2.endpoints.insert(endpoint.id.clone(), endpoint);
    Ok(json!({ "return": true }))
}

/// What is only for one of the two sorts of endpoints.
fn fits(endpoint: &VpcEndpoint, input: &ModifyVpcEndpoint) -> Result<(), Refused> {
    let tables = !input.add_route_table_id.is_empty() || !input.remove_route_table_id.is_empty();
    let subnets = !input.add_subnet_id.is_empty() || !input.remove_subnet_id.is_empty();
    let groups =
        !input.add_security_group_id.is_empty() || !input.remove_security_group_id.is_empty();
    let gateway = endpoint.is_gateway();
    for (given, of_gateways, what) in [
        (tables, true, "Route table IDs are"),
        (subnets, false, "Subnet IDs are"),
        (groups, false, "Security group IDs are"),
        (input.private_dns_enabled == Some(true), false, "Private DNS is"),
    ] {
        if given && of_gateways != gateway {
            let sort = if of_gateways { "Gateway" } else { "Interface" };
            let message = format!("{what} only supported for {sort} type VPC Endpoint.");
            return Err(Refused::new("InvalidParameter", message));
        }
    }
    Ok(())
}
