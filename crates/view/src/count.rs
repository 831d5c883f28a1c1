//! How many there are of what.

use landfall_plan::{Action, Plan};

/// A number and its noun: `1 resource`, `17 resources`.
pub(crate) fn of(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// How many changes of a plan do what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub create: usize,
    pub update: usize,
    pub replace: usize,
    pub delete: usize,
    pub retain: usize,
    pub keep: usize,
}

impl Counts {
    pub(crate) fn in_plan(plan: &Plan) -> Counts {
        let mut counts = Counts::default();
        for change in &plan.changes {
            *counts.slot(change.action) += 1;
        }
        counts
    }

    pub(crate) fn slot(&mut self, action: Action) -> &mut usize {
        match action {
            Action::Create => &mut self.create,
            Action::Update => &mut self.update,
            Action::Replace(_) => &mut self.replace,
            Action::Delete => &mut self.delete,
            Action::Retain => &mut self.retain,
            Action::Keep => &mut self.keep,
        }
    }

    /// How many changes do something.
    pub(crate) fn acting(&self) -> usize {
        self.create + self.update + self.replace + self.delete
    }
}

/// Numbers and their words in one phrase, without those of which there are none.
pub(crate) fn list(numbers: &[(usize, &str)]) -> String {
    let some = numbers.iter().filter(|(number, _)| *number > 0);
    some.map(|(number, word)| format!("{number} {word}")).collect::<Vec<_>>().join(", ")
}
