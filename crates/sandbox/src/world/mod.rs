//! All that exists: one account, its regions, its time and its chance.

mod agenda;
mod chance;
mod delays;
mod site;
mod time;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

pub use agenda::{Agenda, Due};
pub use chance::Chance;
pub use delays::{Delays, TABLE as DELAYS, Wait};
pub use site::Site;
pub use time::{BEGINNING, Span, Time};

use crate::services::ecs::script::Script;
use crate::services::elb;
use crate::services::iam::assume;
use crate::services::{Global, Region};

/// The sandbox's account.
pub const ACCOUNT: &str = "111122223333";

/// All that exists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// What it was begun with.
    pub seed: u64,
    /// Now.
    pub now: Time,
    /// What ids and delays are drawn from.
    pub chance: Chance,
    /// Whether things take time.
    pub delays: Delays,
    /// How tasks are going to fail, in every region.
    #[serde(skip)]
    pub scripts: Vec<Script>,
    /// Which load balancers are never provisioned, in every region.
    #[serde(skip)]
    pub stillborn: Vec<elb::script::Script>,
    /// What the clock of whoever is asking shows, by the date that the request is signed with.
    #[serde(skip)]
    pub caller: Option<Time>,
    /// What is the same in all regions: IAM.
    pub global: Global,
    /// What each region has; a region is there from its first call on.
    pub regions: BTreeMap<String, Region>,
    /// What is going to happen.
    pub agenda: Agenda,
}

impl World {
    /// A new account.
    pub fn new(seed: u64, delays: Delays) -> World {
        World {
            seed,
            now: BEGINNING,
            chance: Chance::of(seed),
            delays,
            scripts: Vec::new(),
            stillborn: Vec::new(),
            caller: None,
            global: Global::default(),
            regions: BTreeMap::new(),
            agenda: Agenda::default(),
        }
    }

    /// The same in an account that has used ECS and Elastic Load Balancing before: their
    /// service-linked roles are there.
    pub fn accustomed(mut self) -> World {
        for service in ["ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"] {
            assume::service_linked(&mut self.site("us-east-1"), service);
        }
        self.advance(self.now + Span::minutes(1));
        self
    }

    /// The same at this machine's time, if it is not later already: clients over the wire have
    /// clocks of their own, and dates have to make sense to them.
    pub fn today(self) -> World {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let now = Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        World { now: self.now.max(now), ..self }
    }

    /// The world as it is seen in a region.
    pub fn site(&mut self, region: &str) -> Site<'_> {
        if !self.regions.contains_key(region) {
            self.regions.insert(region.to_owned(), Region::new(region));
        }
        Site::new(self, region)
    }

    /// Lets happen what is due until `now`. Time never runs backwards.
    pub fn advance(&mut self, now: Time) {
        while let Some((at, due)) = self.agenda.take(now) {
            self.now = self.now.max(at);
            due.event.happen(&mut self.site(&due.region));
        }
        self.now = self.now.max(now);
    }

    /// Lets time pass until nothing more is going to happen, at most for a week: schedulers never
    /// come to rest while they have something to do.
    pub fn rest(&mut self) {
        let limit = self.now + Span::minutes(7 * 24 * 60);
        while let Some(next) = self.agenda.next().filter(|next| *next <= limit) {
            self.advance(next);
        }
    }

    /// Whether the account holds nothing but what every account holds.
    pub fn is_pristine(&self) -> bool {
        self.global.is_pristine()
            && self.regions.iter().all(|(name, region)| region.is_pristine(name))
    }
}
