//! How many things are done, of how many.

use std::collections::HashMap;

use landfall_model::Address;
use landfall_plan::{Event, Plan};

/// Counts things, not steps: a person thinks of the former.
pub(super) struct Tally {
    open: HashMap<Address, usize>,
    pub(super) total: usize,
    pub(super) done: usize,
    pub(super) failed: usize,
    pub(super) running: usize,
    pub(super) draining: bool,
}

impl Tally {
    pub(super) fn new(plan: &Plan) -> Tally {
        let mut open: HashMap<Address, usize> = HashMap::new();
        for id in plan.steps.ids() {
            *open.entry(plan.steps.step(id).address.clone()).or_default() += 1;
        }
        let total = open.len();
        Tally { open, total, done: 0, failed: 0, running: 0, draining: false }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Started { .. } => self.running += 1,
            Event::Finished { address, .. } => {
                self.running = self.running.saturating_sub(1);
                if let Some(left) = self.open.get_mut(address) {
                    *left = left.saturating_sub(1);
                    self.done += usize::from(*left == 0);
                }
            }
            Event::Failed(_) => {
                self.running = self.running.saturating_sub(1);
                self.failed += 1;
            }
            Event::Draining => self.draining = true,
            Event::Waiting { .. } | Event::Called { .. } | Event::Skipped { .. } => {}
        }
    }

    /// `12/17 done · 3 running`
    pub(super) fn words(&self) -> String {
        let mut words = format!("{}/{} done", self.done, self.total);
        if self.running > 0 {
            words += &format!(" · {} running", self.running);
        }
        if self.failed > 0 {
            words += &format!(" · {} failed", self.failed);
        }
        if self.draining {
            words += " · stopping";
        }
        words
    }
}
