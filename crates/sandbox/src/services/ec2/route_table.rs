//! Route tables: made, listed and deleted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::listing::{self, Described, Kind, depended_on, describe_input, found};
pub use super::route::{Destination, Route, Target};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::vpc::Vpc;
use super::vpc_endpoint;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// A route table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Its routes apart from those that AWS makes itself.
    pub routes: Vec<Route>,
    /// What it is associated with.
    pub associations: Vec<TableAssociation>,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

/// What a route table is associated with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableAssociation {
    /// `rtbassoc-…`
    pub id: String,
    /// Whether it is that of all subnets without one of their own.
    pub main: bool,
    /// The subnet.
    pub subnet: Option<String>,
    /// The gateway whose incoming traffic it routes.
    pub gateway: Option<String>,
}

impl TableAssociation {
    fn view(&self, table: &str) -> Value {
        json!({
            "routeTableAssociationId": self.id,
            "routeTableId": table,
            "main": self.main,
            "subnetId": self.subnet,
            "gatewayId": self.gateway,
            "associationState": { "state": "associated" },
        })
    }
}

impl RouteTable {
    fn new(id: String, vpc: &str) -> RouteTable {
        RouteTable {
            id,
            vpc: vpc.to_owned(),
            routes: Vec::new(),
            associations: Vec::new(),
            tags: Tags::new(),
            token: None,
        }
    }

    /// The main route table of a new VPC.
    pub fn main(id: String, association: String, vpc: &str) -> RouteTable {
        let main = TableAssociation { id: association, main: true, subnet: None, gateway: None };
        RouteTable { associations: vec![main], ..RouteTable::new(id, vpc) }
    }

    /// Whether it is the VPC's main route table.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.main)
    }

    /// All its routes as answers show them: the VPC's own first.
    pub fn route_views(&self, ec2: &State) -> Vec<Value> {
        let mut views = Vec::new();
        let replaced = |destination: &Destination| {
            self.routes.iter().any(|route| route.destination == *destination)
        };
        let locals = local_destinations(ec2, &self.vpc);
        for destination in locals.iter().filter(|destination| !replaced(destination)) {
            let mut view = json!({
                "gatewayId": "local",
                "origin": "CreateRouteTable",
                "state": "active",
            });
            view[destination.member()] = destination.text().into();
            views.push(view);
        }
        views.extend(self.routes.iter().map(|route| {
            let origin = if locals.contains(&route.destination) {
                "CreateRouteTable"
            } else {
                "CreateRoute"
            };
            route.view(ec2, &self.vpc, origin)
        }));
        views.extend(vpc_endpoint::route_views(ec2, &self.id));
        views
    }
}

/// The destinations of the local routes: all blocks of the VPC.
pub fn local_destinations(ec2: &State, vpc: &str) -> Vec<Destination> {
    let Some(vpc) = ec2.vpcs.get(vpc) else { return Vec::new() };
    let ipv4 = vpc.blocks.iter().map(|block| Destination::Ipv4(block.cidr.clone()));
    let ipv6 = vpc.ipv6_blocks.iter().map(|block| Destination::Ipv6(block.cidr.clone()));
    ipv4.chain(ipv6).collect()
}

impl Described for RouteTable {
    const KIND: Kind = Kind {
        set: "routeTableSet",
        noun: "routeTable",
        absent: "InvalidRouteTableID.NotFound",
        pages: (5, 100),
        filters: &[
            "association.gateway-id",
            "association.main",
            "association.route-table-association-id",
            "association.route-table-id",
            "association.subnet-id",
            "owner-id",
            "route-table-id",
            "route.destination-cidr-block",
            "route.destination-ipv6-cidr-block",
            "route.destination-prefix-list-id",
            "route.egress-only-internet-gateway-id",
            "route.gateway-id",
            "route.instance-id",
            "route.nat-gateway-id",
            "route.origin",
            "route.state",
            "route.transit-gateway-id",
            "route.vpc-peering-connection-id",
            "vpc-id",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, RouteTable> {
        &ec2.route_tables
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, RouteTable> {
        &mut ec2.route_tables
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, ec2: &State, filter: &str) -> Vec<String> {
        let associations = self.associations.iter();
        let member = match filter {
            "association.gateway-id" => {
                return associations.filter_map(|with| with.gateway.clone()).collect();
            }
            "association.main" => return associations.map(|with| with.main.to_string()).collect(),
            "association.route-table-association-id" => {
                return associations.map(|with| with.id.clone()).collect();
            }
            "association.route-table-id" => return associations.map(|_| self.id.clone()).collect(),
            "association.subnet-id" => {
                return associations.filter_map(|with| with.subnet.clone()).collect();
            }
            "owner-id" => return vec![ACCOUNT.to_owned()],
            "route-table-id" => return vec![self.id.clone()],
            "vpc-id" => return vec![self.vpc.clone()],
            "route.destination-cidr-block" => "destinationCidrBlock",
            "route.destination-ipv6-cidr-block" => "destinationIpv6CidrBlock",
            "route.destination-prefix-list-id" => "destinationPrefixListId",
            "route.egress-only-internet-gateway-id" => "egressOnlyInternetGatewayId",
            "route.gateway-id" => "gatewayId",
            "route.instance-id" => "instanceId",
            "route.nat-gateway-id" => "natGatewayId",
            "route.origin" => "origin",
            "route.state" => "state",
            "route.transit-gateway-id" => "transitGatewayId",
            "route.vpc-peering-connection-id" => "vpcPeeringConnectionId",
            _ => return Vec::new(),
        };
        let views = self.route_views(ec2);
        views.iter().filter_map(|view| view[member].as_str().map(str::to_owned)).collect()
    }

    fn view(&self, ec2: &State) -> Value {
        let associations: Vec<Value> =
            self.associations.iter().map(|association| association.view(&self.id)).collect();
        json!({
            "routeTableId": self.id,
            "vpcId": self.vpc,
            "ownerId": ACCOUNT,
            "routeSet": self.route_views(ec2),
            "associationSet": associations,
            "propagatingVgwSet": [],
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `CreateRouteTable`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateRouteTable {
    vpc_id: String,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

/// `CreateRouteTable`.
pub fn create(site: &mut Site<'_>, input: CreateRouteTable) -> Answer {
    let tags = tags_for(&input.tag_specification, "route-table")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let of = |table: &RouteTable, ec2: &State| {
        let token = Token::text(table.token.as_ref());
        json!({ "clientToken": token, "routeTable": table.view(ec2) })
    };
    let ec2 = &site.region().ec2;
    if let Some(made) =
        token::earlier::<RouteTable>(ec2, token.as_ref(), |made| made.token.as_ref())?
    {
        return Ok(of(made, ec2));
    }
    found::<Vpc>(ec2, &input.vpc_id)?;
    if ec2.route_tables.values().filter(|table| table.vpc == input.vpc_id).count() >= 200 {
        let message = "The maximum number of route tables has been reached.";
        return Err(Refused::new("RouteTableLimitExceeded", message));
    }
    let mut table = RouteTable::new(site.new_id("rtb"), &input.vpc_id);
    table.tags = tags;
    table.token = token;
    let ec2 = &mut site.region_mut().ec2;
    let answer = of(&table, ec2);
    ec2.route_tables.insert(table.id.clone(), table);
    Ok(answer)
}

/// The input of `DeleteRouteTable`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteRouteTable {
    route_table_id: String,
}

/// `DeleteRouteTable`: neither the main one nor one that is associated.
pub fn delete(site: &mut Site<'_>, input: DeleteRouteTable) -> Answer {
    let id = &input.route_table_id;
    let ec2 = &mut site.region_mut().ec2;
    if !found::<RouteTable>(ec2, id)?.associations.is_empty() {
        return Err(depended_on("routeTable", id));
    }
    ec2.route_tables.remove(id);
    ec2.endpoints.values_mut().for_each(|endpoint| endpoint.route_tables.retain(|t| t != id));
    Ok(json!({ "return": true }))
}

describe_input! { DescribeRouteTables { route_table_id } }

/// `DescribeRouteTables`.
pub fn describe(site: &mut Site<'_>, input: DescribeRouteTables) -> Answer {
    listing::describe::<RouteTable>(site, input.asked())
}
