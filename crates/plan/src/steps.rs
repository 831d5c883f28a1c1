//! The graph that an apply walks.

use std::fmt;

use landfall_model::Address;
use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

/// One thing to do to one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// Make it, in one call.
    Create,
    /// Bring its fields and tags to what is wanted.
    Settle,
    /// Wait until it can be used.
    AwaitReady,
    /// Let go of what it refers to, so that two things that refer to each other can both go.
    Release,
    /// Delete it, and wait until it is gone where that matters.
    Delete,
}

impl Op {
    /// Its name in documents and journals.
    pub fn name(self) -> &'static str {
        match self {
            Op::Create => "create",
            Op::Settle => "settle",
            Op::AwaitReady => "await",
            Op::Release => "release",
            Op::Delete => "delete",
        }
    }
}

/// A step: an operation on the thing of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The address, for reading.
    pub address: Address,
    /// The change's place in [`crate::Plan::changes`].
    pub change: usize,
    /// What to do.
    pub op: Op,
    /// The kind's service, by which calls are limited.
    pub service: &'static str,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.op.name(), self.address)
    }
}

/// Names a step within a plan.
pub type StepId = NodeIndex;

/// Steps, with an edge from each to those that wait for it. Never cyclic.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    graph: StableDiGraph<Step, ()>,
}

impl Steps {
    pub(crate) fn add(&mut self, step: Step) -> StepId {
        self.graph.add_node(step)
    }

    /// Lets `later` wait for `first`.
    pub(crate) fn edge(&mut self, first: StepId, later: StepId) {
        if first != later {
            self.graph.update_edge(first, later, ());
        }
    }

    /// Whether `later` waits for `first`, directly or not.
    pub(crate) fn waits(&self, later: StepId, first: StepId) -> bool {
        petgraph::algo::has_path_connecting(&self.graph, first, later, None)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// All steps.
    pub fn ids(&self) -> impl Iterator<Item = StepId> {
        self.graph.node_indices()
    }

    /// A step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.graph[id]
    }

    /// What a step waits for.
    pub fn before(&self, id: StepId) -> impl Iterator<Item = StepId> {
        self.graph.neighbors_directed(id, Direction::Incoming)
    }

    /// What waits for a step.
    pub fn after(&self, id: StepId) -> impl Iterator<Item = StepId> {
        self.graph.neighbors_directed(id, Direction::Outgoing)
    }

    /// The steps in an order that respects every edge; `None` if there is a cycle, which planning
    /// rules out.
    pub fn in_order(&self) -> Option<Vec<StepId>> {
        petgraph::algo::toposort(&self.graph, None).ok()
    }

    /// For each step, the weight of the longest chain that starts with it.
    pub fn remaining(&self, weight: impl Fn(&Step) -> u64) -> Vec<u64> {
        let mut longest = vec![0; self.graph.node_count()];
        for id in self.in_order().unwrap_or_default().into_iter().rev() {
            let behind = self.after(id).map(|next| longest[next.index()]).max().unwrap_or(0);
            longest[id.index()] = behind + weight(self.step(id));
        }
        longest
    }
}

impl fmt::Display for Steps {
    /// One line per step, with what it waits for: the form that tests compare.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for id in self.in_order().unwrap_or_default() {
            let mut before: Vec<String> =
                self.before(id).map(|first| self.step(first).to_string()).collect();
            before.sort();
            match before.is_empty() {
                true => writeln!(f, "{}", self.step(id))?,
                false => writeln!(f, "{} <- {}", self.step(id), before.join(", "))?,
            }
        }
        Ok(())
    }
}
