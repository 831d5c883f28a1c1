//! Network interfaces, which the other services attach for their own things.

use serde::{Deserialize, Serialize};

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
    /// Its public address.
    pub public_ip: Option<String>,
    /// What it is for, as in `ELB app/main/0123456789abcdef`.
    pub description: String,
    /// Its sort: `interface`, `nat_gateway`, `vpc_endpoint`.
    pub sort: String,
    /// The service that asked for it: `amazon-elb`.
    pub requester: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Time,
}

/// What a service wants attached.
#[derive(Clone, Debug)]
pub struct NewInterface<'a> {
    /// The subnet's id.
    pub subnet: &'a str,
    /// The ids of the security groups.
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
    let interface = Interface {
        id: site.new_id("eni"),
        subnet: new.subnet.to_owned(),
        groups: new.groups.to_vec(),
        private_ip: "172.31.0.4".to_owned(),
        public_ip: new.public.then(|| "203.0.113.4".to_owned()),
        description: new.description.to_owned(),
        sort: new.sort.to_owned(),
        requester: Some(new.requester.to_owned()),
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
