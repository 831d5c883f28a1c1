//! What a step is called while it runs, once it is done, and when it failed.

use std::collections::HashMap;

use landfall_model::Address;
use landfall_plan::{Action, Op, Plan};

/// What becomes of each address, which gives a step its name: the same operation makes a thing or
/// the successor of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    actions: HashMap<Address, Action>,
}

impl Words {
    pub(crate) fn new(plan: &Plan) -> Words {
        let mut actions = HashMap::new();
        for change in plan.changes.iter().filter(|change| change.acts()) {
            // A left-over of an earlier generation may go beside what the spec wants.
            let address = change.address.clone();
            if change.action == Action::Delete {
                actions.entry(address).or_insert(Action::Delete);
            } else {
                actions.insert(address, change.action);
            }
        }
        Words { actions }
    }

    fn action(&self, address: &Address) -> Action {
        self.actions.get(address).copied().unwrap_or(Action::Keep)
    }

    fn is_new(&self, address: &Address) -> bool {
        matches!(self.action(address), Action::Create | Action::Replace(_))
    }

    /// `creating`
    pub(crate) fn running(&self, address: &Address, op: Op) -> &'static str {
        match (op, self.action(address)) {
            (Op::Create, Action::Replace(_)) => "creating the new one",
            (Op::Create, _) => "creating",
            (Op::Settle, _) if self.is_new(address) => "setting it up",
            (Op::Settle, _) => "changing",
            (Op::AwaitReady, _) => "waiting until ready",
            (Op::Release, _) => "letting go",
            (Op::Delete, Action::Delete) => "deleting",
            (Op::Delete, _) => "deleting the old one",
        }
    }

    /// `created`
    pub(crate) fn done(&self, address: &Address, op: Op) -> &'static str {
        match (op, self.action(address)) {
            (Op::Create, Action::Replace(_)) => "new one created",
            (Op::Create, _) => "created",
            (Op::Settle, _) if self.is_new(address) => "set up",
            (Op::Settle, _) => "changed",
            (Op::AwaitReady, _) => "ready",
            (Op::Release, _) => "let go",
            (Op::Delete, Action::Delete) => "deleted",
            (Op::Delete, _) => "old one deleted",
        }
    }

    /// `could not be created`
    pub(crate) fn failed(&self, address: &Address, op: Op) -> &'static str {
        match (op, self.action(address)) {
            (Op::Create, Action::Replace(_)) => "could not be created anew",
            (Op::Create, _) => "could not be created",
            (Op::Settle, _) if self.is_new(address) => "was created, but could not be set up",
            (Op::Settle, _) => "could not be changed",
            (Op::AwaitReady, Action::Create) => "was created, but did not become ready",
            (Op::AwaitReady, _) => "did not become ready",
            (Op::Release, _) => "could not let go of what it refers to",
            (Op::Delete, Action::Replace(_)) => {
                "was replaced, but the old one could not be deleted"
            }
            (Op::Delete, Action::Delete) => "could not be deleted",
            (Op::Delete, _) => "has an old one beside it that could not be deleted",
        }
    }

    /// Whether a step says nothing that another does not say too, so that it is worth a line only
    /// if it takes its time.
    pub(crate) fn is_quiet(&self, address: &Address, op: Op) -> bool {
        op == Op::Release || op == Op::Settle && self.is_new(address)
    }
}
