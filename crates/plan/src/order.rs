//! What waits for what.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;
use landfall_model::{Address, Await, Catalogue, Declared, KindRules, Stack, Wait};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::Room;
use crate::change::{Action, Change, Order};
use crate::decide::left_for_settling;
use crate::graph::References;
use crate::identity::collide;
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
    /// What has to go before anything moves over from it.
    room: &'a Room,
}

/// A change whose thing refers to one that goes.
#[derive(Clone, Copy)]
struct Use {
    user: usize,
    removed: usize,
    /// Whether both go, each refers to the other, and an update takes the reference away.
    lets_go: bool,
}

/// What waits for what.
#[derive(Default)]
pub(crate) struct Ordered {
    pub steps: Steps,
    /// What would have to go earlier than the steps let it, to make room for another.
    pub blocked: Room,
    /// What AWS keeps, and what keeps it there and cannot go in time.
    pub held: Vec<(Address, Address)>,
}

pub(crate) fn order(
    stack: &Stack,
    changes: &[Change],
    catalogue: &Catalogue,
    references: &References,
    room: &Room,
) -> Ordered {
    let mut orderer = Orderer {
        changes,
        catalogue,
        steps: Steps::default(),
        of: vec![HashMap::new(); changes.len()],
        wanted: HashMap::new(),
        removed: HashMap::new(),
        room,
    };
    orderer.add_steps();
    if orderer.steps.is_empty() {
        return Ordered::default();
    }
    let reach = references.closure(changes.iter().map(|change| &change.address));
    let mut wishes = orderer.order_coming(stack, references);
    wishes.extend(orderer.leftovers_first());
    let implied = orderer.order_implied(&reach);
    let (live, said) = orderer.users_of_what_goes(references);
    let mut late = orderer.order_going(&live);
    late.retain(|one| orderer.holds(*one));
    let blocked = orderer.order_namesakes();
    for (user, needed) in implied {
        orderer.outlive(user, &needed);
    }
    orderer.order_going(&said);
    for (first, later) in wishes {
        if !orderer.steps.waits(first, later) {
            orderer.steps.edge(first, later);
        }
    }
    let address = |change: usize| orderer.changes[change].address.clone();
    let held = late.iter().map(|one| (address(one.removed), address(one.user))).collect();
    Ordered { steps: orderer.steps, blocked, held }
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

    /// What is made or changed comes after what it refers to. The answer is a wish: what changes
    /// would best come after the change of what it refers to, unless they refer to each other.
    fn order_coming(&mut self, stack: &Stack, references: &References) -> Vec<(StepId, StepId)> {
        let mut wishes = Vec::new();
        for at in 0..self.changes.len() {
            let change = &self.changes[at];
            let (Some(start), Some(rules)) = (self.start(at), self.rules(at)) else { continue };
            let Some(declared) = stack.resources.get(&change.address) else { continue };
            for (to, fields) in references.declared_of(&change.address) {
                let on_ready = declared.depends_on.contains(to)
                    || self.needs(declared, to, |rules| rules.late_outputs);
                let wait = if on_ready { Wait::Ready } else { Wait::Created };
                let Some(first) = self.reached(to, wait) else { continue };
                let later =
                    |field: &String| rules.field(field).is_some_and(|field| field.after_create);
                let step = match fields.iter().all(later) {
                    true => self.of[at].get(&Op::Settle).copied().unwrap_or(start),
                    false => start,
                };
                let is_there = self.steps.step(first).op == Op::Settle;
                if !on_ready && is_there && !self.needs(declared, to, |rules| rules.revised_outputs)
                {
                    wishes.push((first, step));
                } else {
                    self.steps.edge(first, step);
                }
            }
        }
        wishes
    }

    /// Whether a resource refers to one of certain outputs of another.
    fn needs(
        &self,
        declared: &Declared,
        to: &Address,
        outputs: impl Fn(&KindRules) -> &'static [&'static str],
    ) -> bool {
        let outputs = self.catalogue.kind(&to.kind).map_or(&[][..], |info| outputs(&info.rules));
        !outputs.is_empty()
            && landfall_model::reference::references(&declared.spec).iter().any(|reference| {
                reference.address() == Some(to) && outputs.contains(&reference.output.as_str())
            })
    }

    /// What AWS demands though no field says so, on the way up. The answer is who has to be gone
    /// before what on the way down.
    fn order_implied(
        &mut self,
        reach: &IndexMap<Address, BTreeSet<Address>>,
    ) -> Vec<(usize, Address)> {
        let mut down = Vec::new();
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
                    down.push((at, other.clone()));
                }
            }
        }
        down
    }

    /// Lets what is deleted at `needed` wait until the thing of a change is gone or has let go.
    fn outlive(&mut self, user: usize, needed: &Address) {
        for removed in self.removed.get(needed).cloned().unwrap_or_default() {
            self.outlive_one(user, removed);
        }
    }

    /// The same for one thing. Whether the one can go in time for the other.
    fn outlive_one(&mut self, user: usize, removed: usize) -> bool {
        let Some(delete) = self.of[removed].get(&Op::Delete).copied() else { return true };
        let gone = self.of[user].get(&Op::Delete).copied();
        let released = match self.changes[user].action {
            Action::Update => {
                let steps = &self.of[user];
                steps.get(&Op::AwaitReady).or_else(|| steps.get(&Op::Settle)).copied()
            }
            _ => None,
        };
        // A thing that goes first and comes back cannot wait for those that stay.
        let change = &self.changes[removed];
        let makes_room = change
            .live
            .as_ref()
            .is_some_and(|live| self.room.contains_key(&(change.address.clone(), live.id.clone())));
        let returns = makes_room || change.action == Action::Replace(Order::DeleteFirst);
        let first = if returns { gone } else { gone.or(released) };
        let Some(first) = first else { return true };
        let in_time = !self.steps.waits(first, delete);
        if in_time {
            self.steps.edge(first, delete);
        }
        in_time
    }

    /// The fields in which the thing that a change found refers to the one that another found.
    fn live_fields<'r>(
        &self,
        references: &'r References,
        user: usize,
        needed: usize,
    ) -> Option<&'r BTreeSet<String>> {
        let (user, needed) = (&self.changes[user], &self.changes[needed]);
        let (from, to) = (user.live.as_ref()?, needed.live.as_ref()?);
        references.between((&user.address, from), (&needed.address, to))
    }

    /// Who refers to what goes: what AWS insists on and what is live; and what only the spec says.
    /// Where edges contradict each other, the later one gives way.
    fn users_of_what_goes(&self, references: &References) -> (Vec<Use>, Vec<Use>) {
        let mut mutual: DiGraphMap<usize, ()> = DiGraphMap::new();
        let (mut live, mut said) = (Vec::new(), Vec::new());
        for user in 0..self.changes.len() {
            for (to, declared) in references.of(&self.changes[user].address) {
                for removed in self.removed.get(to).into_iter().flatten().copied() {
                    let fields = self.live_fields(references, user, removed);
                    let later = |field: &String| {
                        let rules = self.rules(user).and_then(|rules| rules.field(field));
                        rules.is_some_and(|field| field.after_create)
                    };
                    let lets_go = fields.unwrap_or(declared).iter().all(later);
                    mutual.add_edge(user, removed, ());
                    let uses = if fields.is_some() { &mut live } else { &mut said };
                    uses.push(Use { user, removed, lets_go });
                }
            }
        }
        let mut circle = HashMap::new();
        for (number, members) in tarjan_scc(&mutual).into_iter().enumerate() {
            if members.len() > 1 {
                circle.extend(members.into_iter().map(|member| (member, number)));
            }
        }
        for one in live.iter_mut().chain(&mut said) {
            let number = circle.get(&one.user);
            one.lets_go &= number.is_some() && number == circle.get(&one.removed);
        }
        live.sort_by_key(|one| !self.holds(*one));
        (live, said)
    }

    /// Whether AWS does not let the one go while the other refers to it.
    fn holds(&self, one: Use) -> bool {
        let held_by = self.rules(one.removed).map_or(&[][..], |rules| rules.held_by);
        held_by.contains(&self.changes[one.user].address.kind.as_str())
    }

    /// What goes, goes before what it refers to. Things that refer to each other let go first. The
    /// answer is who cannot go in time.
    fn order_going(&mut self, uses: &[Use]) -> Vec<Use> {
        let mut late = Vec::new();
        for Use { user, removed, lets_go } in uses.iter().copied() {
            match self.of[user].get(&Op::Delete).copied() {
                Some(delete) if lets_go => {
                    let release = match self.of[user].get(&Op::Release) {
                        Some(release) => *release,
                        None => self.add(user, Op::Release),
                    };
                    self.steps.edge(release, delete);
                    if let Some(other) = self.of[removed].get(&Op::Delete).copied() {
                        self.steps.edge(release, other);
                    }
                }
                _ if self.outlive_one(user, removed) => {}
                _ => late.push(Use { user, removed, lets_go }),
            }
        }
        late
    }

    /// What an interrupted replacement left would best go before the thing itself: if only that
    /// went, the next run would take what is left for it.
    fn leftovers_first(&self) -> Vec<(StepId, StepId)> {
        let deletes = |changes: &Vec<usize>| -> Vec<(u32, StepId)> {
            let delete = |at: &usize| {
                let live = self.changes[*at].live.as_ref()?;
                Some((live.generation(), *self.of[*at].get(&Op::Delete)?))
            };
            changes.iter().filter_map(delete).collect()
        };
        let mut wishes = Vec::new();
        for changes in self.removed.values() {
            let deletes = deletes(changes);
            let Some((newest, last)) = deletes.iter().max() else { continue };
            let older = deletes.iter().filter(|(generation, _)| generation < newest);
            wishes.extend(older.map(|(_, first)| (*first, *last)));
        }
        wishes
    }

    /// What takes over an identity comes after the one that had it is gone or has another. The
    /// answer is what cannot go in time.
    fn order_namesakes(&mut self) -> Room {
        let mut blocked = Room::new();
        for coming in 0..self.changes.len() {
            let (Some(start), Some(rules)) = (self.start(coming), self.rules(coming)) else {
                continue;
            };
            let Change { address, live, want: Some(want), .. } = &self.changes[coming] else {
                continue;
            };
            let has_it = live.as_ref().is_some_and(|live| collide(rules, want, &live.spec));
            if self.changes[coming].action == Action::Update && has_it {
                continue;
            }
            for going in 0..self.changes.len() {
                let other = &self.changes[going];
                let freed = match other.action {
                    Action::Update => Op::Settle,
                    _ => Op::Delete,
                };
                let Some(freed) = self.of[going].get(&freed).copied() else { continue };
                let Some(live) = other.live.as_ref().filter(|_| going != coming) else { continue };
                if other.address.kind != address.kind || !collide(rules, want, &live.spec) {
                    continue;
                }
                if self.steps.waits(freed, start) {
                    let going = (other.address.clone(), live.id.clone());
                    blocked.insert(going, address.clone());
                } else {
                    self.steps.edge(freed, start);
                }
            }
        }
        blocked
    }
}
