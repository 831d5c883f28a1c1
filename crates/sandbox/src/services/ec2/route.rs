//! Routes.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::block;
use super::internet_gateway::InternetGateway;
use super::listing::{found, found_mut};
use super::prefix_list;
use super::route_table::{RouteTable, local_destinations};
use super::vpc_block::{blocks_of, ipv6_blocks_of, not_supported};
use super::vpc_endpoint;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// A route that someone has made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Where to.
    pub destination: Destination,
    /// Through what.
    pub target: Target,
}

/// Where a route leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// An IPv4 block.
    Ipv4(String),
    /// An IPv6 block.
    Ipv6(String),
    /// A prefix list.
    PrefixList(String),
}

impl Destination {
    /// What it is called in answers.
    pub fn member(&self) -> &'static str {
        match self {
            Destination::Ipv4(_) => "destinationCidrBlock",
            Destination::Ipv6(_) => "destinationIpv6CidrBlock",
            Destination::PrefixList(_) => "destinationPrefixListId",
        }
    }

    /// The block or the id of the prefix list.
    pub fn text(&self) -> &str {
        let (Destination::Ipv4(text) | Destination::Ipv6(text) | Destination::PrefixList(text)) =
            self;
        text
    }
}

/// What a route leads through, by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An internet gateway.
    InternetGateway(String),
    /// An egress-only internet gateway.
    EgressOnlyGateway(String),
    /// A NAT gateway.
    NatGateway(String),
    /// A network interface.
    Interface(String),
    /// An endpoint of a gateway load balancer.
    Endpoint(String),
}

impl Target {
    fn member(&self) -> (&'static str, &str) {
        match self {
            Target::InternetGateway(id) | Target::Endpoint(id) => ("gatewayId", id),
            Target::EgressOnlyGateway(id) => ("egressOnlyInternetGatewayId", id),
            Target::NatGateway(id) => ("natGatewayId", id),
            Target::Interface(id) => ("networkInterfaceId", id),
        }
    }

    /// Whether packets get through: the target is there and attached to the VPC.
    fn is_active(&self, ec2: &State, vpc: &str) -> bool {
        match self {
            Target::InternetGateway(id) => {
                let gateway = ec2.internet_gateways.get(id);
                gateway.is_some_and(|gateway| gateway.vpc.as_deref() == Some(vpc))
            }
            Target::EgressOnlyGateway(id) => ec2.egress_only_gateways.contains_key(id),
            Target::NatGateway(id) => ec2.nat_gateways.get(id).is_some_and(|nat| nat.is_there()),
            Target::Interface(id) => ec2.interfaces.contains_key(id),
            Target::Endpoint(id) => ec2.endpoints.contains_key(id),
        }
    }
}

impl Route {
    /// How answers show it.
    pub fn view(&self, ec2: &State, vpc: &str, origin: &str) -> Value {
        let active = self.target.is_active(ec2, vpc);
        let mut view = json!({
            "origin": origin,
            "state": if active { "active" } else { "blackhole" },
        });
        let (member, id) = self.target.member();
        view[member] = id.into();
        view[self.destination.member()] = self.destination.text().into();
        if member == "networkInterfaceId" {
            // The owner is given for instances only, whose interfaces the sandbox does not have.
            view["instanceOwnerId"] = Value::Null;
        }
        view
    }
}

/// The input of `CreateRoute` and `ReplaceRoute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PutRoute {
    route_table_id: String,
    #[serde(default)]
    destination_cidr_block: Option<String>,
    #[serde(default)]
    destination_ipv6_cidr_block: Option<String>,
    #[serde(default)]
    destination_prefix_list_id: Option<String>,
    #[serde(default)]
    gateway_id: Option<String>,
    #[serde(default)]
    nat_gateway_id: Option<String>,
    #[serde(default)]
    egress_only_internet_gateway_id: Option<String>,
    #[serde(default)]
    network_interface_id: Option<String>,
    #[serde(default)]
    instance_id: Option<String>,
    #[serde(default)]
    vpc_peering_connection_id: Option<String>,
    #[serde(default)]
    vpc_endpoint_id: Option<String>,
    #[serde(default)]
    transit_gateway_id: Option<String>,
    #[serde(default)]
    local_gateway_id: Option<String>,
    #[serde(default)]
    carrier_gateway_id: Option<String>,
    #[serde(default)]
    core_network_arn: Option<String>,
    #[serde(default)]
    odb_network_arn: Option<String>,
    #[serde(default)]
    local_target: Option<bool>,
}

/// `CreateRoute`.
pub fn create(site: &mut Site<'_>, input: PutRoute) -> Answer {
    if input.local_target.is_some() {
        let message = "The parameter LocalTarget is not recognized";
        return Err(Refused::new("UnknownParameter", message));
    }
    let ec2 = &site.region().ec2;
    let table = found::<RouteTable>(ec2, &input.route_table_id)?;
    let destination = destination(&input)?;
    let target = target(ec2, table, &input, &destination)?;
    if has(ec2, table, &destination) {
        let text = destination.text();
        let message = format!("The route identified by {text} already exists.");
        return Err(Refused::new("RouteAlreadyExists", message));
    }
    leaves_local_traffic(ec2, table, &destination, &target)?;
    // VPC quotas: 500 routes in a table.
    if table.routes.len() >= 500 {
        let message = format!("The maximum number of routes has been reached for {}", table.id);
        return Err(Refused::new("RouteLimitExceeded", message));
    }
    let id = table.id.clone();
    let table = found_mut::<RouteTable>(&mut site.region_mut().ec2, &id)?;
    table.routes.push(Route { destination, target });
    Ok(json!({ "return": true }))
}

/// `ReplaceRoute`.
pub fn replace(site: &mut Site<'_>, input: PutRoute) -> Answer {
    let ec2 = &site.region().ec2;
    let table = found::<RouteTable>(ec2, &input.route_table_id)?;
    let destination = destination(&input)?;
    let local = local_destinations(ec2, &table.vpc).contains(&destination);
    let target = if input.local_target == Some(true) && local {
        None
    } else {
        Some(target(ec2, table, &input, &destination)?)
    };
    if !has(ec2, table, &destination) {
        let message = format!(
            "There is no route defined for '{}' in the route table. Use CreateRoute instead.",
            destination.text()
        );
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if local {
        if let Some(target) = &target {
            only_an_interface(&destination, target)?;
        }
    } else if let Some(target) = &target {
        leaves_local_traffic(ec2, table, &destination, target)?;
    }
    let id = table.id.clone();
    let table = found_mut::<RouteTable>(&mut site.region_mut().ec2, &id)?;
    match (table.routes.iter().position(|route| route.destination == destination), target) {
        (Some(at), None) => {
            table.routes.remove(at);
        }
        (Some(at), Some(target)) => {
            if let Some(route) = table.routes.get_mut(at) {
                route.target = target;
            }
        }
        (None, Some(target)) => table.routes.push(Route { destination, target }),
        (None, None) => {}
    }
    Ok(json!({ "return": true }))
}

/// The input of `DeleteRoute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteRoute {
    route_table_id: String,
    #[serde(default)]
    destination_cidr_block: Option<String>,
    #[serde(default)]
    destination_ipv6_cidr_block: Option<String>,
    #[serde(default)]
    destination_prefix_list_id: Option<String>,
}

/// `DeleteRoute`: not the local ones.
pub fn delete(site: &mut Site<'_>, input: DeleteRoute) -> Answer {
    let ec2 = &site.region().ec2;
    let table = found::<RouteTable>(ec2, &input.route_table_id)?;
    let destination = read_destination(
        input.destination_cidr_block.as_deref(),
        input.destination_ipv6_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    let text = destination.text();
    if local_destinations(ec2, &table.vpc).contains(&destination) {
        let message = format!("cannot remove local route {text} in route table {}", table.id);
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if vpc_endpoint::routes(ec2, &table.id).iter().any(|(list, _)| *list == text) {
        let message =
            format!("cannot remove VPC endpoint route {text} in route table {}", table.id);
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let id = table.id.clone();
    let table = found_mut::<RouteTable>(&mut site.region_mut().ec2, &id)?;
    let Some(at) = table.routes.iter().position(|route| route.destination == destination) else {
        let kind = match destination {
            Destination::Ipv4(_) => "destination-cidr-block",
            Destination::Ipv6(_) => "destination-ipv6-cidr-block",
            Destination::PrefixList(_) => "destination-prefix-list-id",
        };
        let message = format!("no route with {kind} {text} in route table {id}");
        return Err(Refused::new("InvalidRoute.NotFound", message));
    };
    table.routes.remove(at);
    Ok(json!({ "return": true }))
}

fn has(ec2: &State, table: &RouteTable, destination: &Destination) -> bool {
    table.routes.iter().any(|route| route.destination == *destination)
        || local_destinations(ec2, &table.vpc).contains(destination)
        || vpc_endpoint::routes(ec2, &table.id).iter().any(|(list, _)| *list == destination.text())
}

fn destination(input: &PutRoute) -> Result<Destination, Refused> {
    read_destination(
        input.destination_cidr_block.as_deref(),
        input.destination_ipv6_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )
}

fn read_destination(
    ipv4: Option<&str>,
    ipv6: Option<&str>,
    prefix_list: Option<&str>,
) -> Result<Destination, Refused> {
    match (ipv4, ipv6, prefix_list) {
        (Some(cidr), None, None) => {
            Ok(Destination::Ipv4(block::ipv4(cidr, "destinationCidrBlock")?.to_string()))
        }
        (None, Some(cidr), None) => {
            Ok(Destination::Ipv6(block::ipv6(cidr, "destinationIpv6CidrBlock")?.to_string()))
        }
        (None, None, Some(id)) => Ok(Destination::PrefixList(id.to_owned())),
        (None, None, None) => {
            let message = "The request must contain exactly one of destinationCidrBlock, \
                           destinationIpv6CidrBlock, destinationPrefixListId";
            Err(Refused::new("MissingParameter", message))
        }
        _ => {
            let message = "The request can contain only one of destinationCidrBlock, \
                           destinationIpv6CidrBlock, destinationPrefixListId";
            Err(Refused::new("InvalidParameterCombination", message))
        }
    }
}

/// Reads the target, which has to be there and in the table's VPC.
fn target(
    ec2: &State,
    table: &RouteTable,
    input: &PutRoute,
    destination: &Destination,
) -> Result<Target, Refused> {
    if let Destination::PrefixList(id) = destination {
        prefix_list::exists(ec2, id)?;
    }
    let given: Vec<(&str, &str)> = [
        ("gatewayId", &input.gateway_id),
        ("natGatewayId", &input.nat_gateway_id),
        ("egressOnlyInternetGatewayId", &input.egress_only_internet_gateway_id),
        ("networkInterfaceId", &input.network_interface_id),
        ("instanceId", &input.instance_id),
        ("vpcPeeringConnectionId", &input.vpc_peering_connection_id),
        ("vpcEndpointId", &input.vpc_endpoint_id),
        ("transitGatewayId", &input.transit_gateway_id),
        ("localGatewayId", &input.local_gateway_id),
        ("carrierGatewayId", &input.carrier_gateway_id),
        ("coreNetworkArn", &input.core_network_arn),
        ("odbNetworkArn", &input.odb_network_arn),
    ]
    .into_iter()
    .filter_map(|(name, id)| id.as_deref().map(|id| (name, id)))
    .collect();
    let (name, id) = match given.as_slice() {
        [one] => *one,
        [] => {
            let message = "The request must contain exactly one of gatewayId, natGatewayId, \
                           networkInterfaceId, vpcPeeringConnectionId, transitGatewayId, \
                           egressOnlyInternetGatewayId, vpcEndpointId, instanceId";
            return Err(Refused::new("MissingParameter", message));
        }
        _ => {
            let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
            let message = format!("The request can contain only one of {}", names.join(", "));
            return Err(Refused::new("InvalidParameterCombination", message));
        }
    };
    resolve(ec2, table, name, id, destination)
}

fn resolve(
    ec2: &State,
    table: &RouteTable,
    name: &str,
    id: &str,
    destination: &Destination,
) -> Result<Target, Refused> {
    let absent =
        |code: &str, noun: &str| Refused::new(code, format!("The {noun} ID '{id}' does not exist"));
    let elsewhere = |what: &str| {
        let message =
            format!("route table {} and {what} {id} belong to different networks", table.id);
        Refused::new("InvalidParameterValue", message)
    };
    let in_vpc = |subnet: &str| ec2.subnets.get(subnet).is_some_and(|s| s.vpc == table.vpc);
    match name {
        "gatewayId" if id.starts_with("vpce-") => endpoint(ec2, id),
        "gatewayId" => match ec2.internet_gateways.get(id) {
            None => Err(absent("InvalidGatewayID.NotFound", "gateway")),
            Some(InternetGateway { vpc: Some(vpc), .. }) if *vpc == table.vpc => {
                Ok(Target::InternetGateway(id.to_owned()))
            }
            Some(_) => Err(elsewhere("network gateway")),
        },
        "natGatewayId" => match ec2.nat_gateways.get(id).filter(|nat| nat.is_there()) {
            None => Err(absent("InvalidNatGatewayID.NotFound", "natGateway")),
            Some(nat) if nat.vpc != table.vpc => Err(elsewhere("NAT gateway")),
            Some(_) => Ok(Target::NatGateway(id.to_owned())),
        },
        "egressOnlyInternetGatewayId" => match ec2.egress_only_gateways.get(id) {
            None => Err(absent("InvalidGatewayID.NotFound", "gateway")),
            Some(gateway) if gateway.vpc != table.vpc => Err(elsewhere("network gateway")),
            Some(_) if matches!(destination, Destination::Ipv4(_)) => {
                let message = format!(
                    "The destination CIDR block {} is not an IPv6 block, as {id} needs it",
                    destination.text()
                );
                Err(Refused::new("InvalidParameterValue", message))
            }
            Some(_) => Ok(Target::EgressOnlyGateway(id.to_owned())),
        },
        "networkInterfaceId" => match ec2.interfaces.get(id) {
            None => Err(absent("InvalidNetworkInterfaceID.NotFound", "networkInterface")),
            Some(interface) if !in_vpc(&interface.subnet) => Err(elsewhere("interface")),
            Some(_) => Ok(Target::Interface(id.to_owned())),
        },
        "instanceId" => Err(absent("InvalidInstanceID.NotFound", "instance")),
        "vpcPeeringConnectionId" => {
            Err(absent("InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection"))
        }
        "transitGatewayId" => Err(absent("InvalidTransitGatewayID.NotFound", "transitGateway")),
        "vpcEndpointId" => endpoint(ec2, id),
        other => Err(not_supported(other)),
    }
}

fn endpoint(ec2: &State, id: &str) -> Result<Target, Refused> {
    if !ec2.endpoints.contains_key(id) {
        let message = format!("The vpcEndpoint ID '{id}' does not exist");
        return Err(Refused::new("InvalidVpcEndpointId.NotFound", message));
    }
    // VPC guide, route table concepts: only endpoints of gateway load balancers are targets.
    let message = format!("The endpoint {id} is not a Gateway Load Balancer endpoint");
    Err(Refused::new("InvalidParameterValue", message))
}

/// VPC guide, "Route priority": a route inside the VPC's own blocks leads to an interface.
fn leaves_local_traffic(
    ec2: &State,
    table: &RouteTable,
    destination: &Destination,
    target: &Target,
) -> Result<(), Refused> {
    let Some(vpc) = ec2.vpcs.get(&table.vpc) else { return Ok(()) };
    let inside = match destination {
        Destination::Ipv4(cidr) => cidr.parse().is_ok_and(|block: Ipv4Net| {
            blocks_of(vpc).iter().any(|of_vpc| of_vpc.contains(&block))
        }),
        Destination::Ipv6(cidr) => cidr.parse().is_ok_and(|block: Ipv6Net| {
            ipv6_blocks_of(vpc).iter().any(|of_vpc| of_vpc.contains(&block))
        }),
        Destination::PrefixList(_) => false,
    };
    if inside { only_an_interface(destination, target) } else { Ok(()) }
}

fn only_an_interface(destination: &Destination, target: &Target) -> Result<(), Refused> {
    if matches!(target, Target::Interface(_) | Target::NatGateway(_) | Target::Endpoint(_)) {
        return Ok(());
    }
    let message = format!(
        "The destination CIDR block {} is equal to or more specific than one of this VPC's CIDR \
         blocks. This route can target only an interface or an instance.",
        destination.text()
    );
    Err(Refused::new("InvalidParameterValue", message))
}
