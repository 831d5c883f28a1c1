//! Network interfaces, which the other services attach for their own things.

pub mod address;
pub mod attribute;
pub mod create;
pub mod describe;
mod view;

pub use view::{mac, private_name};

use serde::{Deserialize, Serialize};

use super::State;
use super::security_group;
use super::subnet::Subnet;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A network interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interface {
    /// `eni-…`
    pub id: String,
    /// Its subnet's id.
    pub subnet: String,
    /// The ids of its security groups.
    pub groups: Vec<String>,
    /// Its address.
    pub private_ip: String,
    /// Its other addresses.
    pub secondary_ips: Vec<String>,
    /// Its public address.
    pub public_ip: Option<String>,
    /// What it is for, as in `ELB app/main/0123456789abcdef`.
    pub description: String,
    /// Its sort: `interface`, `nat_gateway`, `vpc_endpoint`.
    pub sort: String,
    /// The service that asked for it: `amazon-elb`.
    pub requester: Option<String>,
    /// How it is attached; those of the account itself never are, as there are no instances.
    pub attachment: Option<Attachment>,
    /// Whether it takes only traffic of its own addresses.
    pub source_dest_check: bool,
    /// How long idle connections are tracked, where that was said.
    pub tracking: Option<create::ConnectionTracking>,
    /// The token and the parameters of the call that made it.
    pub token: Option<(String, String)>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Time,
}

/// An attachment to something of another service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// `ela-attach-…`, or `eni-attach-…` for tasks.
    pub id: String,
    /// When it was made.
    pub time: Time,
    /// Whether the interface goes with what it is attached to.
    pub delete_on_termination: bool,
}

/// What a service wants attached.
#[derive(Clone, Debug)]
pub struct NewInterface<'a> {
    /// The subnet's id.
    pub subnet: &'a str,
    /// The ids of the security groups. Where there are none, those of the sorts `interface` and
    /// `vpc_endpoint` have the VPC's default group.
    pub groups: &'a [String],
    /// What it is for.
    pub description: &'a str,
    /// Its sort: `interface`, `nat_gateway`, `vpc_endpoint`.
    pub sort: &'static str,
    /// The service that asks for it: `amazon-elb`.
    pub requester: &'static str,
    /// Whether it gets a public address.
    pub public: bool,
}

/// Attaches an interface for another service. Refused where the subnet or a group is missing or the
/// subnet is full.
pub fn attach(site: &mut Site<'_>, new: &NewInterface<'_>) -> Result<Interface, Refused> {
    attach_at(site, new, None)
}

/// Attaches an interface for another service, with an address that was asked for.
pub fn attach_at(
    site: &mut Site<'_>,
    new: &NewInterface<'_>,
    private_ip: Option<&str>,
) -> Result<Interface, Refused> {
    let state = &site.region().ec2;
    let subnet = subnet(state, new.subnet)?;
    // The default group is for those that cannot be without one: NAT gateways never have groups,
    // and network load balancers need not.
    let needs_groups = ["interface", "vpc_endpoint"].contains(&new.sort);
    let groups = match new.groups {
        [] if !needs_groups => Vec::new(),
        given => groups(state, subnet, given)?,
    };
    let private_ip = match private_ip {
        Some(wanted) => address::checked(site, new.subnet, wanted)?,
        None => address::pick(site, new.subnet, 1)?.remove(0),
    };
    // A task's interface lives and ends with the task.
    let of_task = new.description.starts_with("arn:aws:ecs:");
    let attachment = Attachment {
        id: site.new_id(if of_task { "eni-attach" } else { "ela-attach" }),
        time: site.now(),
        delete_on_termination: of_task,
    };
    let public_ip = new.public.then(|| address::pick_public(site));
    let interface = Interface {
        id: site.new_id("eni"),
        subnet: new.subnet.to_owned(),
        groups,
        private_ip,
        secondary_ips: Vec::new(),
        public_ip,
        description: new.description.to_owned(),
        sort: new.sort.to_owned(),
        requester: Some(new.requester.to_owned()),
        attachment: Some(attachment),
        source_dest_check: new.sort != "nat_gateway",
        tracking: None,
        token: None,
        tags: Tags::new(),
        created: site.now(),
    };
    site.region_mut().ec2.interfaces.insert(interface.id.clone(), interface.clone());
    Ok(interface)
}

/// Takes an interface away that another service had attached.
pub fn release(site: &mut Site<'_>, id: &str) {
    site.region_mut().ec2.interfaces.remove(id);
}

/// The interface with an id.
pub fn find<'s>(state: &'s State, id: &str) -> Result<&'s Interface, Refused> {
    if !id.starts_with("eni-") {
        let message = format!("Invalid id: \"{id}\" (expecting \"eni-...\")");
        return Err(Refused::new("InvalidNetworkInterfaceId.Malformed", message));
    }
    state.interfaces.get(id).ok_or_else(|| {
        let message = format!("The networkInterface ID '{id}' does not exist");
        Refused::new("InvalidNetworkInterfaceID.NotFound", message)
    })
}

/// An interface that its account may change: services change theirs themselves.
fn own<'s>(state: &'s State, id: &str) -> Result<&'s Interface, Refused> {
    let interface = find(state, id)?;
    if interface.requester.is_some() {
        let message = "You do not have permission to access the specified resource.";
        return Err(Refused::new("AuthFailure", message));
    }
    Ok(interface)
}

fn subnet<'s>(state: &'s State, id: &str) -> Result<&'s Subnet, Refused> {
    state.subnets.get(id).ok_or_else(|| {
        let message = format!("The subnet ID '{id}' does not exist");
        Refused::new("InvalidSubnetID.NotFound", message)
    })
}

/// How many groups an interface can have (VPC quotas, "Security groups per network interface").
const MOST_GROUPS: usize = 5;

/// The groups of an interface in a subnet: of its VPC, and the default one where none is given.
fn groups(state: &State, subnet: &Subnet, given: &[String]) -> Result<Vec<String>, Refused> {
    let mut groups: Vec<String> = Vec::new();
    for id in given {
        let group = security_group::find(state, id)?;
        if group.vpc != subnet.vpc {
            let message = format!(
                "Security group {id} and subnet {} belong to different networks.",
                subnet.id
            );
            return Err(Refused::new("InvalidParameter", message));
        }
        if !groups.contains(id) {
            groups.push(id.clone());
        }
    }
    if groups.len() > MOST_GROUPS {
        let message = "The maximum number of security groups per interface has been reached.";
        return Err(Refused::new("SecurityGroupsPerInterfaceLimitExceeded", message));
    }
    if groups.is_empty() {
        let mut all = state.groups.values();
        let default = all.find(|group| group.vpc == subnet.vpc && group.name == "default");
        groups.extend(default.map(|group| group.id.clone()));
    }
    Ok(groups)
}

/// The input of `DeleteNetworkInterface`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteNetworkInterface {
    network_interface_id: String,
}

/// EC2 API, DeleteNetworkInterface: it has to be detached first.
pub fn delete(site: &mut Site<'_>, input: DeleteNetworkInterface) -> Answer {
    let id = &input.network_interface_id;
    if find(&site.region().ec2, id)?.attachment.is_some() {
        let message = format!("Network interface '{id}' is currently in use.");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    release(site, id);
    Ok(serde_json::json!({ "return": true }))
}

#[cfg(test)]
mod tests;
