//! What Elastic IP addresses are associated with.

use serde::Deserialize;
use serde_json::json;

use super::State;
use super::address::{Address, AddressAssociation, no_address};
use super::interface::Interface;
use super::internet_gateway;
use super::listing::found;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// Associates an address with an interface.
pub fn put(ec2: &mut State, address: &str, association: AddressAssociation) {
    let Some(address) = ec2.addresses.get_mut(address) else { return };
    if let Some(interface) =
        with_primary(ec2.interfaces.get_mut(&association.interface), &association)
    {
        interface.public_ip = Some(address.public_ip.clone());
    }
    address.association = Some(association);
}

/// Takes an address away from its interface.
pub fn take(ec2: &mut State, address: &str) {
    let Some(address) = ec2.addresses.get_mut(address) else { return };
    let Some(association) = address.association.take() else { return };
    if let Some(interface) =
        with_primary(ec2.interfaces.get_mut(&association.interface), &association)
    {
        interface.public_ip = None;
    }
}

/// The interface of an association with its primary address.
fn with_primary<'a>(
    interface: Option<&'a mut Interface>,
    association: &AddressAssociation,
) -> Option<&'a mut Interface> {
    interface.filter(|interface| interface.private_ip == association.private_ip)
}

/// The input of `AssociateAddress`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct AssociateAddress {
    allocation_id: Option<String>,
    public_ip: Option<String>,
    instance_id: Option<String>,
    network_interface_id: Option<String>,
    private_ip_address: Option<String>,
    allow_reassociation: Option<bool>,
}

/// `AssociateAddress`: moves an address unless AllowReassociation is false.
pub fn associate(site: &mut Site<'_>, input: AssociateAddress) -> Answer {
    let ec2 = &site.region().ec2;
    let address = match (&input.allocation_id, &input.public_ip) {
        (Some(id), _) => found::<Address>(ec2, id)?,
        (None, Some(ip)) => {
            let mut addresses = ec2.addresses.values();
            addresses.find(|address| address.public_ip == *ip).ok_or_else(|| no_address(ip))?
        }
        (None, None) => {
            let message = "Either 'publicIp' or 'allocationId' must be specified.";
            return Err(Refused::new("MissingParameter", message));
        }
    };
    if let Some(id) = &input.instance_id {
        let message = format!("The instance ID '{id}' does not exist");
        return Err(Refused::new("InvalidInstanceID.NotFound", message));
    }
    let Some(interface) = &input.network_interface_id else {
        let message = "Either 'instanceId' or 'networkInterfaceId' must be specified.";
        return Err(Refused::new("MissingParameter", message));
    };
    let Some(interface) = ec2.interfaces.get(interface) else {
        let message = format!("The networkInterface ID '{interface}' does not exist");
        return Err(Refused::new("InvalidNetworkInterfaceID.NotFound", message));
    };
    let private_ip = input.private_ip_address.unwrap_or_else(|| interface.private_ip.clone());
    if private_ip != interface.private_ip && !interface.secondary_ips.contains(&private_ip) {
        let message = format!(
            "The private IP address {private_ip} is not assigned to network interface {}",
            interface.id
        );
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let vpc = ec2.subnets.get(&interface.subnet).map(|subnet| subnet.vpc.clone());
    let vpc = vpc.unwrap_or_default();
    if !internet_gateway::has_one(ec2, &vpc) {
        let message = format!("Network {vpc} is not attached to any internet gateway");
        return Err(Refused::new("Gateway.NotAttached", message));
    }
    let same =
        |with: &AddressAssociation| with.interface == interface.id && with.private_ip == private_ip;
    if let Some(with) = address.held_by(ec2) {
        if same(with) {
            return Ok(json!({ "return": true, "associationId": with.id }));
        }
        if input.allow_reassociation == Some(false) {
            let message = format!(
                "resource {} is already associated with associate-id {}",
                address.id, with.id
            );
            return Err(Refused::new("Resource.AlreadyAssociated", message));
        }
        may_touch(ec2, &with.interface)?;
    }
    may_touch(ec2, &interface.id)?;
    let other = ec2.addresses.values().find(|other| other.association.as_ref().is_some_and(same));
    if let (Some(_), Some(false)) = (other, input.allow_reassociation) {
        let message = format!("resource {} is already associated with an address", interface.id);
        return Err(Refused::new("Resource.AlreadyAssociated", message));
    }
    let (address, other) = (address.id.clone(), other.map(|other| other.id.clone()));
    let interface = interface.id.clone();
    let id = site.new_id("eipassoc");
    let ec2 = &mut site.region_mut().ec2;
    take(ec2, &address);
    other.into_iter().for_each(|other| take(ec2, &other));
    put(ec2, &address, AddressAssociation { id: id.clone(), interface, private_ip });
    Ok(json!({ "return": true, "associationId": id }))
}

/// The addresses of interfaces that a service keeps are the service's.
fn may_touch(ec2: &State, interface: &str) -> Result<(), Refused> {
    let interface = ec2.interfaces.get(interface);
    if interface.is_some_and(|interface| interface.requester.is_some()) {
        let message = "You do not have permission to access the specified resource.";
        return Err(Refused::new("AuthFailure", message));
    }
    Ok(())
}

/// The input of `DisassociateAddress`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DisassociateAddress {
    association_id: Option<String>,
    public_ip: Option<String>,
}

/// `DisassociateAddress`: refused for addresses that NAT gateways and load balancers hold.
pub fn disassociate(site: &mut Site<'_>, input: DisassociateAddress) -> Answer {
    let ec2 = &site.region().ec2;
    let association = |address: &Address| address.held_by(ec2).cloned();
    let mut addresses = ec2.addresses.values();
    let (id, with) = match (&input.association_id, &input.public_ip) {
        (Some(id), _) => addresses
            .find_map(|own| Some((own.id.clone(), association(own).filter(|with| with.id == *id)?)))
            .ok_or_else(|| {
                let message = format!("The association ID '{id}' does not exist");
                Refused::new("InvalidAssociationID.NotFound", message)
            })?,
        (None, Some(ip)) => {
            let address = addresses.find(|own| own.public_ip == *ip);
            let address = address.ok_or_else(|| no_address(ip))?;
            let Some(with) = association(address) else {
                let message = format!("The address {ip} is not associated");
                return Err(Refused::new("InvalidAssociationID.NotFound", message));
            };
            (address.id.clone(), with)
        }
        (None, None) => {
            let message = "Either 'publicIp' or 'associationId' must be specified.";
            return Err(Refused::new("MissingParameter", message));
        }
    };
    may_touch(ec2, &with.interface)?;
    take(&mut site.region_mut().ec2, &id);
    Ok(json!({ "return": true }))
}
