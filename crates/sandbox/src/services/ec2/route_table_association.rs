//! Which subnets and gateways a route table is for.

use serde::Deserialize;
use serde_json::json;

use super::State;
use super::listing::{found, found_mut};
use super::route_table::{RouteTable, TableAssociation};
use super::subnet::Subnet;
use super::vpc_block::unsupported;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The input of `AssociateRouteTable`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AssociateRouteTable {
    route_table_id: String,
    #[serde(default)]
    subnet_id: Option<String>,
    #[serde(default)]
    gateway_id: Option<String>,
    #[serde(default)]
    public_ipv4_pool: Option<String>,
}

/// `AssociateRouteTable`: a subnet or a gateway has one table at most.
pub fn associate(site: &mut Site<'_>, input: AssociateRouteTable) -> Answer {
    unsupported(input.public_ipv4_pool.is_some(), "PublicIpv4Pool")?;
    let ec2 = &site.region().ec2;
    let table = found::<RouteTable>(ec2, &input.route_table_id)?;
    let (with, vpc) = match (&input.subnet_id, &input.gateway_id) {
        (Some(id), None) => (id, Some(found::<Subnet>(ec2, id)?.vpc.clone())),
        (None, Some(id)) => match ec2.internet_gateways.get(id) {
            Some(gateway) => (id, gateway.vpc.clone()),
            None => {
                let message = format!("The gateway ID '{id}' does not exist");
                return Err(Refused::new("InvalidGatewayID.NotFound", message));
            }
        },
        (None, None) => {
            let message = "The request must contain the parameter subnetId or gatewayId";
            return Err(Refused::new("MissingParameter", message));
        }
        (Some(_), Some(_)) => {
            let message = "The parameter subnetId cannot be used with the parameter gatewayId";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
    };
    same_network(table, if input.subnet_id.is_some() { "subnet" } else { "gateway" }, with, vpc)?;
    let taken = |association: &TableAssociation| {
        association.subnet.as_ref() == Some(with) || association.gateway.as_ref() == Some(with)
    };
    if ec2.route_tables.values().flat_map(|table| &table.associations).any(taken) {
        let message = format!(
            "the specified association for route table {} conflicts with an existing association",
            table.id
        );
        return Err(Refused::new("Resource.AlreadyAssociated", message));
    }
    let id = site.new_id("rtbassoc");
    let association = TableAssociation {
        id: id.clone(),
        main: false,
        subnet: input.subnet_id,
        gateway: input.gateway_id,
    };
    let table = found_mut::<RouteTable>(&mut site.region_mut().ec2, &input.route_table_id)?;
    table.associations.push(association);
    Ok(json!({ "associationId": id, "associationState": { "state": "associated" } }))
}

fn same_network(
    table: &RouteTable,
    noun: &str,
    id: &str,
    vpc: Option<String>,
) -> Result<(), Refused> {
    if vpc.as_ref() != Some(&table.vpc) {
        let message =
            format!("route table {} and {noun} {id} belong to different networks", table.id);
        return Err(Refused::new("InvalidParameterValue", message));
    }
    Ok(())
}

/// The input of `DisassociateRouteTable`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DisassociateRouteTable {
    association_id: String,
}

/// `DisassociateRouteTable`: not the main association.
pub fn disassociate(site: &mut Site<'_>, input: DisassociateRouteTable) -> Answer {
    let id = &input.association_id;
    let ec2 = &mut site.region_mut().ec2;
    let (table, association) = association(ec2, id)?;
    if association.main {
        let message = format!("cannot disassociate the main route table association {id}");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let table = table.id.clone();
    found_mut::<RouteTable>(ec2, &table)?.associations.retain(|with| with.id != *id);
    Ok(json!({ "return": true }))
}

fn association<'a>(
    ec2: &'a State,
    id: &str,
) -> Result<(&'a RouteTable, &'a TableAssociation), Refused> {
    let of = |table: &'a RouteTable| {
        let mut associations = table.associations.iter();
        associations.find(|with| with.id == *id).map(|with| (table, with))
    };
    ec2.route_tables.values().find_map(of).ok_or_else(|| {
        let message = format!("The association ID '{id}' does not exist");
        Refused::new("InvalidAssociationID.NotFound", message)
    })
}

/// The input of `ReplaceRouteTableAssociation`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ReplaceRouteTableAssociation {
    association_id: String,
    route_table_id: String,
}

/// `ReplaceRouteTableAssociation`: with the main association it makes another table the main one.
pub fn replace(site: &mut Site<'_>, input: ReplaceRouteTableAssociation) -> Answer {
    let ec2 = &site.region().ec2;
    let (old, old_association) = association(ec2, &input.association_id)?;
    let new = found::<RouteTable>(ec2, &input.route_table_id)?;
    if old.vpc != new.vpc {
        let message =
            format!("route table {} and network {} belong to different networks", new.id, old.vpc);
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let mut moved = old_association.clone();
    let old = old.id.clone();
    moved.id = site.new_id("rtbassoc");
    let id = moved.id.clone();
    let ec2 = &mut site.region_mut().ec2;
    let associations = &mut found_mut::<RouteTable>(ec2, &old)?.associations;
    associations.retain(|with| with.id != input.association_id);
    found_mut::<RouteTable>(ec2, &input.route_table_id)?.associations.push(moved);
    Ok(json!({ "newAssociationId": id, "associationState": { "state": "associated" } }))
}
