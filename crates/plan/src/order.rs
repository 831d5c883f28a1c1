//! What waits for what.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;
use landfall_model::{Address, Await, Catalogue, Declared, KindRules, Stack, Wait};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::change::{Action, Change, Order};
use crate::decide::{collide, left_for_settling};
use crate::graph::References;
use crate::steps::{Op, Step, StepId, Steps};

struct Orderer<'a> {
    changes: &'a [Change],
    catalogue: &'a Catalogue,
    steps: Steps,
    /// The steps of each change.
    of: Vec<HashMap<Op, StepId>>,
    /// The change that brings forth what an address stands for.
    wanted: HashMap<&'a Address, usize>,
    /// The changes that delete something at an address.
    removed: HashMap<&'a Address, Vec<usize>>,
}

pub(crate) fn order(
    stack: &Stack,
    changes: &[Change],
    catalogue: &Catalogue,
    references: &References,
) -> Steps {
    let mut orderer = Orderer {
        changes,
        catalogue,
        steps: Steps::default(),
        of: vec![HashMap::new(); changes.len()],
        wanted: HashMap::new(),
        removed: HashMap::new(),
    };
    orderer.add_steps();
    if orderer.steps.is_empty() {
        return orderer.steps;
    }
    let reach = references.closure(changes.iter().map(|change| &change.address));
    orderer.order_coming(stack, references);
    orderer.order_implied(&reach);
    orderer.order_going(references);
    orderer.order_namesakes();
    orderer.steps
}

impl<'a> Orderer<'a> {
    fn rules(&self, change: usize) -> Option<&'a KindRules> {
        let catalogue = self.catalogue;
        catalogue.kind(&self.changes[change].address.kind).map(|info| &info.rules)
    }

    fn add(&mut self, change: usize, op: Op) -> StepId {
        let service = self.rules(change).map_or("", |rules| rules.service);
        let address = self.changes[change].address.clone();
        let id = self.steps.add(Step { address, change, op, service });
        self.of[change].insert(op, id);
        id
    }

    /// The steps of each change by itself, in their own order.
    fn add_steps(&mut self) {
        for (at, change) in self.changes.iter().enumerate() {
            let Some(info) = self.catalogue.kind(&change.address.kind) else { continue };
            let mut last = None;
            let mut push = |this: &mut Self, op| {
                let id = this.add(at, op);
                if let Some(last) = last.replace(id) {
                    this.steps.edge(last, id);
                }
            };
            if change.action == Action::Replace(Order::DeleteFirst) {
                push(self, Op::Delete);
            }
            if change.creates() {
                push(self, Op::Create);
                let settles =
                    change.want.as_ref().is_some_and(|want| left_for_settling(info, want));
                if settles {
                    push(self, Op::Settle);
                }
            }
            if change.action == Action::Update {
                push(self, Op::Settle);
            }
            let comes = change.creates() || change.action == Action::Update;
            if comes && info.rules.await_ready != Await::Nothing {
                push(self, Op::AwaitReady);
            }
            if matches!(change.action, Action::Delete | Action::Replace(Order::CreateFirst)) {
                push(self, Op::Delete);
            }
            if change.deletes() {
                self.removed.entry(&change.address).or_default().push(at);
            }
            if change.want.is_some() {
                self.wanted.insert(&change.address, at);
            }
        }
    }

    /// The step after which a wanted thing is as far as asked; `None` where it is already.
    fn reached(&self, address: &Address, wait: Wait) -> Option<StepId> {
        let steps = &self.of[*self.wanted.get(address)?];
        let revised = !steps.contains_key(&Op::Create);
        let far = match wait {
            Wait::Created if !revised => &[Op::Create][..],
            Wait::Created | Wait::Settled => &[Op::Settle, Op::Create],
            Wait::Ready => &[Op::AwaitReady, Op::Settle, Op::Create],
        };
        far.iter().find_map(|op| steps.get(op)).copied()
    }

    /// The first step that works towards a wanted thing.
    fn start(&self, change: usize) -> Option<StepId> {
        let steps = &self.of[change];
        steps.get(&Op::Create).or_else(|| steps.get(&Op::Settle)).copied()
    }

    /// What is made or changed comes after what it refers to.
    fn order_coming(&mut self, stack: &Stack, references: &References) {
        for at in 0..self.changes.len() {
            let change = &self.changes[at];
            let (Some(start), Some(rules)) = (self.start(at), self.rules(at)) else { continue };
            let Some(declared) = stack.resources.get(&change.address) else { continue };
            for (to, fields) in references.of(&change.address) {
                let on_ready = declared.depends_on.contains(to) || self.needs_late(declared, to);
                let wait = if on_ready { Wait::Ready } else { Wait::Created };
                let Some(first) = self.reached(to, wait) else { continue };
                let later =
                    |field: &String| rules.field(field).is_some_and(|field| field.after_create);
                let step = match fields.iter().all(later) {
                    true => self.of[at].get(&Op::Settle).copied().unwrap_or(start),
                    false => start,
                };
                self.steps.edge(first, step);
            }
        }
    }

    /// Whether a resource refers to an output of another that is known only once that is ready.
    fn needs_late(&self, declared: &Declared, to: &Address) -> bool {
        let late = self.catalogue.kind(&to.kind).map_or(&[][..], |info| info.rules.late_outputs);
        !late.is_empty()
            && landfall_model::reference::references(&declared.spec).iter().any(|reference| {
                reference.address() == Some(to) && late.contains(&reference.output.as_str())
            })
    }

    /// What AWS demands though no field says so, on the way up and in reverse on the way down.
    fn order_implied(&mut self, reach: &IndexMap<Address, BTreeSet<Address>>) {
        for at in 0..self.changes.len() {
            let Some(rules) = self.rules(at) else { continue };
            let address = &self.changes[at].address;
            for implied in rules.implied {
                let others = reach.iter().filter(|(other, others_reach)| {
                    let mine = &reach[address];
                    other.kind == implied.other
                        && *other != address
                        && !others_reach.contains(address)
                        && match implied.via == implied.other {
                            true => mine.contains(*other),
                            false => others_reach
                                .iter()
                                .any(|via| via.kind == implied.via && mine.contains(via)),
                        }
                });
                let others: Vec<&Address> = others.map(|(other, _)| other).collect();
                for other in others {
                    if let (Some(start), Some(first)) =
                        (self.start(at), self.reached(other, implied.wait))
                        && !self.steps.waits(first, start)
                    {
                        self.steps.edge(first, start);
                    }
                    self.outlive(at, other);
                }
            }
        }
    }

    /// Lets what is deleted at `needed` wait until the thing of a change is gone or has let go.
    fn outlive(&mut self, user: usize, needed: &Address) {
        for removed in self.removed.get(needed).cloned().unwrap_or_default() {
            let Some(delete) = self.of[removed].get(&Op::Delete).copied() else { continue };
            let gone = self.of[user].get(&Op::Delete).copied();
            let released = match self.changes[user].action {
                Action::Update => {
                    let steps = &self.of[user];
                    steps.get(&Op::AwaitReady).or_else(|| steps.get(&Op::Settle)).copied()
                }
                _ => None,
            };
            // A thing that goes first and comes back cannot wait for those that stay.
            let returns = self.changes[removed].action == Action::Replace(Order::DeleteFirst);
            let first = if returns { gone } else { gone.or(released) };
            if let Some(first) = first
                && !self.steps.waits(first, delete)
            {
                self.steps.edge(first, delete);
            }
        }
    }

    /// What goes, goes before what it refers to. Things that refer to each other let go first.
    fn order_going(&mut self, references: &References) {
        let mut mutual: DiGraphMap<usize, ()> = DiGraphMap::new();
        let mut pairs = Vec::new();
        for at in 0..self.changes.len() {
            for (to, fields) in references.of(&self.changes[at].address) {
                let later = |field: &String| {
                    self.rules(at)
                        .and_then(|rules| rules.field(field))
                        .is_some_and(|field| field.after_create)
                };
                let releasable = fields.iter().all(later);
                pairs.push((at, to.clone(), releasable));
                for removed in self.removed.get(to).into_iter().flatten() {
                    mutual.add_edge(at, *removed, ());
                }
            }
        }
        let mut circle = HashMap::new();
        for (number, members) in tarjan_scc(&mutual).into_iter().enumerate() {
            if members.len() > 1 {
                circle.extend(members.into_iter().map(|member| (member, number)));
            }
        }
        for (user, needed, releasable) in pairs {
            let going = self.of[user].get(&Op::Delete).copied();
            let removed = self.removed.get(&needed).cloned().unwrap_or_default();
            let in_circle = removed
                .iter()
                .any(|other| circle.contains_key(&user) && circle.get(&user) == circle.get(other));
            match (going, releasable && in_circle) {
                (Some(delete), true) => {
                    let release = match self.of[user].get(&Op::Release) {
                        Some(release) => *release,
                        None => self.add(user, Op::Release),
                    };
                    self.steps.edge(release, delete);
                    for other in removed {
                        if let Some(other) = self.of[other].get(&Op::Delete).copied() {
                            self.steps.edge(release, other);
                        }
                    }
                }
                _ => self.outlive(user, &needed),
            }
        }
    }

    /// A thing whose identity another still holds comes after that one is gone.
    fn order_namesakes(&mut self) {
        for coming in 0..self.changes.len() {
            let (Some(create), Some(rules)) =
                (self.of[coming].get(&Op::Create).copied(), self.rules(coming))
            else {
                continue;
            };
            let Some(want) = &self.changes[coming].want else { continue };
            for going in 0..self.changes.len() {
                let other = &self.changes[going];
                let (Some(delete), Some(live)) = (self.of[going].get(&Op::Delete), &other.live)
                else {
                    continue;
                };
                if going != coming
                    && other.address.kind == self.changes[coming].address.kind
                    && collide(rules, want, &live.spec)
                    && !self.steps.waits(*delete, create)
                {
                    self.steps.edge(*delete, create);
                }
            }
        }
    }
}
