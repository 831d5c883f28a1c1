//! What VPC endpoints can be made of.

use serde_json::Value;

use super::State;
use super::endpoint_service::EndpointService;
use super::listing::found;
use super::route_table::RouteTable;
use super::subnet::Subnet;
use super::vpc::Vpc;
use super::vpc_endpoint::{VpcEndpoint, prefix_list_of, routes};
use crate::refused::Refused;

/// A list without what it names twice.
pub fn unique(ids: &[String]) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for id in ids {
        if !unique.contains(id) {
            unique.push(id.clone());
        }
    }
    unique
}

/// Reads a policy.
pub fn checked_policy(policy: &str) -> Result<String, Refused> {
    let read = serde_json::from_str::<Value>(policy).ok();
    if read.is_none_or(|policy| policy.get("Statement").is_none()) {
        let message = "The specified policy document is not a valid JSON policy document.";
        return Err(Refused::new("InvalidPolicyDocument", message));
    }
    Ok(policy.to_owned())
}

/// Refuses route tables that are not there, are in another VPC or lead to the service already.
pub fn free_tables(ec2: &State, endpoint: &VpcEndpoint, tables: &[String]) -> Result<(), Refused> {
    let list = prefix_list_of(ec2, &endpoint.service).map(|list| list.id.as_str());
    for id in tables {
        let table = ec2.route_tables.get(id).filter(|table| table.vpc == endpoint.vpc);
        let table: &RouteTable = table.ok_or_else(|| {
            let message = format!("The routeTable ID '{id}' does not exist");
            Refused::new("InvalidRouteTableId.NotFound", message)
        })?;
        if routes(ec2, &table.id).iter().any(|(other, _)| Some(*other) == list) {
            let list = list.unwrap_or_default();
            let message = format!(
                "route table {id} already has a route with destination-prefix-list-id {list}"
            );
            return Err(Refused::new("RouteAlreadyExists", message));
        }
    }
    Ok(())
}

/// Refuses subnets that are not there, are in another VPC or share a zone.
pub fn free_zones(ec2: &State, endpoint: &VpcEndpoint, subnets: &[String]) -> Result<(), Refused> {
    let mut zones: Vec<&String> =
        endpoint.interfaces.keys().filter_map(|id| Some(&ec2.subnets.get(id)?.zone)).collect();
    for id in subnets {
        let subnet: &Subnet =
            ec2.subnets.get(id).filter(|subnet| subnet.vpc == endpoint.vpc).ok_or_else(|| {
                let message = format!("The subnet ID '{id}' does not exist");
                Refused::new("InvalidSubnetId.NotFound", message)
            })?;
        if zones.contains(&&subnet.zone) {
            let message = format!(
                "Found another VPC endpoint subnet in the availability zone of {id}. VPC endpoint \
                 subnets should be in different availability zones supported by the VPC endpoint \
                 service."
            );
            return Err(Refused::new("DuplicateSubnetsInSameZone", message));
        }
        zones.push(&subnet.zone);
    }
    Ok(())
}

/// The groups that are asked for, or the VPC's default one.
pub fn groups(ec2: &State, vpc: &str, asked: &[String]) -> Result<Vec<String>, Refused> {
    if asked.is_empty() {
        let default = ec2.groups.values().find(|group| group.vpc == vpc && group.name == "default");
        return Ok(default.map(|group| group.id.clone()).into_iter().collect());
    }
    let absent = |id: &&String| ec2.groups.get(*id).is_none_or(|group| group.vpc != vpc);
    if let Some(id) = asked.iter().find(absent) {
        let message = format!("The security group ID '{id}' does not exist");
        return Err(Refused::new("InvalidSecurityGroupId.NotFound", message));
    }
    Ok(unique(asked))
}

/// PrivateLink guide, "Private DNS": both DNS attributes of the VPC, and once for each service.
pub fn private_dns_allowed(
    ec2: &State,
    endpoint: &VpcEndpoint,
    service: &EndpointService,
) -> Result<(), Refused> {
    let vpc = found::<Vpc>(ec2, &endpoint.vpc)?;
    if !vpc.dns_support || !vpc.dns_hostnames {
        let message = format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC \
             attributes set to true for {}",
            vpc.id
        );
        return Err(Refused::new("InvalidParameter", message));
    }
    let conflicts = |other: &VpcEndpoint| {
        other.vpc == vpc.id
            && other.id != endpoint.id
            && other.private_dns
            && other.service == endpoint.service
    };
    if ec2.endpoints.values().any(conflicts) {
        let name = service.private_dns_name(&ec2.name).unwrap_or_default();
        let message = format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain \
             for {name} in the VPC {}",
            vpc.id
        );
        return Err(Refused::new("InvalidParameter", message));
    }
    Ok(())
}
