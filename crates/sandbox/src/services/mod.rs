//! The services, and what each of them keeps.

pub mod acm;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod sts;
pub mod tagging;

use serde::{Deserialize, Serialize};

use crate::operations::Operation;
use crate::protocol::Dialect;
use crate::tags::Tags;
use crate::world::Site;

/// A service as the router knows it.
#[derive(Debug)]
pub struct Service {
    /// Its name in the scope of a signature.
    pub name: &'static str,
    /// How it speaks.
    pub dialect: Dialect,
    /// What it can do.
    pub operations: &'static [(&'static str, Operation)],
}

/// All services.
pub const ALL: &[Service] = &[
    acm::SERVICE,
    ec2::SERVICE,
    ecr::SERVICE,
    ecs::SERVICE,
    elb::SERVICE,
    iam::SERVICE,
    kms::SERVICE,
    logs::SERVICE,
    sts::SERVICE,
    tagging::SERVICE,
];

/// What a region has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Certificate Manager.
    pub acm: acm::State,
    /// EC2 and its VPCs.
    pub ec2: ec2::State,
    /// Elastic Container Registry.
    pub ecr: ecr::State,
    /// Elastic Container Service.
    pub ecs: ecs::State,
    /// Elastic Load Balancing.
    pub elb: elb::State,
    /// Key Management Service.
    pub kms: kms::State,
    /// CloudWatch Logs.
    pub logs: logs::State,
    /// What the tagging API knows.
    pub tagging: tagging::State,
}

impl Region {
    /// A region as every account has it, with a default VPC.
    pub fn new(name: &str) -> Region {
        Region {
            acm: acm::State::default(),
            ec2: ec2::State::new(name),
            ecr: ecr::State::default(),
            ecs: ecs::State::default(),
            elb: elb::State::default(),
            kms: kms::State::default(),
            logs: logs::State::default(),
            tagging: tagging::State::default(),
        }
    }

    /// Whether it has nothing but what every account has there.
    pub fn is_pristine(&self, name: &str) -> bool {
        *self == Region::new(name)
    }
}

/// The ARNs and tags of what a region has.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    let of_services = [
        acm::tagged,
        ec2::tagged,
        ecr::tagged,
        ecs::tagged,
        elb::tagged,
        kms::tagged,
        logs::tagged,
    ];
    of_services.iter().flat_map(|tagged| tagged(region)).collect()
}

/// What all regions have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Global {
    /// Identity and Access Management.
    pub iam: iam::State,
}

impl Global {
    /// Whether it has nothing but what every account has; service-linked roles stay for good.
    pub fn is_pristine(&self) -> bool {
        let Global { iam } = self;
        iam.is_pristine()
    }
}

/// Something that happens by itself, later than the call that caused it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// In EC2.
    Ec2(ec2::Event),
    /// In ECS.
    Ecs(ecs::Event),
    /// In Elastic Load Balancing.
    Elb(elb::Event),
    /// In IAM.
    Iam(iam::Event),
    /// In Key Management Service.
    Kms(kms::Event),
    /// In CloudWatch Logs.
    Logs(logs::Event),
    /// In the tagging API.
    Tagging(tagging::Event),
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        let of_tagging = matches!(self, Event::Tagging(_));
        match self {
            Event::Ec2(event) => event.happen(site),
            Event::Ecs(event) => event.happen(site),
            Event::Elb(event) => event.happen(site),
            Event::Iam(event) => event.happen(site),
            Event::Kms(event) => event.happen(site),
            Event::Logs(event) => event.happen(site),
            Event::Tagging(event) => event.happen(site),
        }
        // What goes by itself goes from the index, too.
        if !of_tagging {
            tagging::changed(site);
        }
    }
}

macro_rules! events {
    ($($variant:ident $service:ident;)*) => {$(
        impl From<$service::Event> for Event {
            fn from(event: $service::Event) -> Event {
                Event::$variant(event)
            }
        }
    )*};
}

events! {
    Ec2 ec2;
    Ecs ecs;
    Elb elb;
    Iam iam;
    Kms kms;
    Logs logs;
    Tagging tagging;
}
