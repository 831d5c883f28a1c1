//! The world as it is seen in one region: what operations and events work on.

use super::{ACCOUNT, Delays, Span, Time, Wait, World, delays};
use crate::services::{Event, Global, Region};

/// The world as it is seen in one region.
#[derive(Debug)]
pub struct Site<'w> {
    /// All that exists.
    pub world: &'w mut World,
    /// The region's code.
    pub name: String,
}

impl<'w> Site<'w> {
    pub(super) fn new(world: &'w mut World, name: &str) -> Site<'w> {
        Site { world, name: name.to_owned() }
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.world.now
    }

    /// What the region has.
    pub fn region(&self) -> &Region {
        &self.world.regions[&self.name]
    }

    /// What the region has, to change it.
    pub fn region_mut(&mut self) -> &mut Region {
        let name = self.name.clone();
        self.world.regions.entry(name).or_insert_with_key(|name| Region::new(name))
    }

    /// What all regions have in common.
    pub fn global(&self) -> &Global {
        &self.world.global
    }

    /// What all regions have in common, to change it.
    pub fn global_mut(&mut self) -> &mut Global {
        &mut self.world.global
    }

    /// A new id as EC2 shapes them: `vpc-` and 17 hexadecimal digits.
    pub fn new_id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.world.chance.hex(16))
    }

    /// How long something takes this time.
    pub fn takes(&mut self, wait: Wait) -> Span {
        match self.world.delays {
            Delays::None => Span::default(),
            Delays::AsOnAws => {
                let (least, most) = delays::bounds(wait);
                self.world.chance.between(least, most)
            }
        }
    }

    /// Lets something happen once a wait is over. Without delays it happens before the next call.
    pub fn later(&mut self, wait: Wait, event: impl Into<Event>) {
        let after = self.takes(wait);
        self.after(after, event);
    }

    /// Lets something happen after a span.
    pub fn after(&mut self, span: Span, event: impl Into<Event>) {
        let at = self.world.now + span;
        self.world.agenda.note(at, &self.name, event.into());
    }

    /// The ARN of a thing in this account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.name)
    }
}
