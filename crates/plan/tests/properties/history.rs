//! Stacks that live for a while: specs change, runs are cut off, people meddle.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use landfall_model::{Address, Catalogue, Owner, Readiness, Stack, tags};
use landfall_plan::{Action, Goal, Op, Plan, StepId, Steps, plan};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Value, json};

use crate::bounds::cases;
use crate::kinds::{KINDS, Rules, any_rules};
use crate::performer::Performer;
use crate::wishes::{Shown, Wishes, any_wishes, needs, stack};
use crate::world::World;

/// What people and AWS do to a world behind landfall's back. Numbers choose among the things.
#[derive(Clone, Debug)]
enum Meddling {
    Fails(u8),
    Leaves(u8),
    Vanishes(u8),
    Size(u8, u8),
    Team(u8),
}

/// A spec and the run that applies it.
#[derive(Clone, Debug)]
struct Episode {
    wishes: Wishes,
    meddling: Vec<Meddling>,
    /// In which order ready steps are taken.
    choices: Vec<u8>,
    /// After which part of its steps the run is cut off, in tenths.
    cut_off: Option<usize>,
}

/// The life of a stack.
#[derive(Clone)]
struct History {
    rules: Rules,
    strangers: Vec<(usize, u8)>,
    episodes: Vec<Episode>,
}

fn any_history() -> impl Strategy<Value = History> {
    let strangers = prop::collection::vec((0..KINDS.len(), 0u8..2), 0..2);
    let episodes = prop::collection::vec(any_episode(), 1..4);
    (any_rules(), prop_oneof![4 => Just(Vec::new()), 1 => strangers], episodes)
        .prop_map(|(rules, strangers, episodes)| History { rules, strangers, episodes })
}

fn any_episode() -> impl Strategy<Value = Episode> {
    let meddling = prop_oneof![
        any::<u8>().prop_map(Meddling::Fails),
        any::<u8>().prop_map(Meddling::Leaves),
        any::<u8>().prop_map(Meddling::Vanishes),
        (any::<u8>(), 0u8..3).prop_map(|(at, size)| Meddling::Size(at, size)),
        any::<u8>().prop_map(Meddling::Team),
    ];
    let meddling = prop::collection::vec(meddling, 0..3);
    let choices = prop::collection::vec(any::<u8>(), 1..12);
    (any_wishes(), meddling, choices, prop::option::of(0..10usize)).prop_map(
        |(wishes, meddling, choices, cut_off)| Episode { wishes, meddling, choices, cut_off },
    )
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{:?}", self.rules)?;
        for (kind, name) in &self.strangers {
            writeln!(f, "a stranger: {}, name n{name}", KINDS[*kind])?;
        }
        for episode in &self.episodes {
            let Episode { meddling, choices, cut_off, wishes } = episode;
            writeln!(f, "spec, with {meddling:?}, cut off {cut_off:?}, choices {choices:?}:")?;
            write!(f, "{}", Shown(&stack(wishes, &self.rules)))?;
        }
        Ok(())
    }
}

fn meddle(world: &mut World, meddling: &Meddling, rules: &Rules) {
    let owned: Vec<String> = world.owned().map(|(_, thing)| thing.id.clone()).collect();
    let pick = |choice: u8| owned.get(usize::from(choice) % owned.len().max(1)).cloned();
    let (Meddling::Fails(choice)
    | Meddling::Leaves(choice)
    | Meddling::Vanishes(choice)
    | Meddling::Size(choice, _)
    | Meddling::Team(choice)) = meddling;
    let Some(id) = pick(*choice) else { return };
    let kind = KINDS.iter().position(|kind| Some(*kind) == world.get(&id).map(|one| &*one.kind));
    let shape = &rules.0[kind.unwrap()];
    let thing = world.get_mut(&id).unwrap();
    match meddling {
        Meddling::Fails(_) => thing.readiness = Readiness::Failed("broken".to_owned()),
        Meddling::Leaves(_) => thing.readiness = Readiness::Leaving("going".to_owned()),
        // Nobody can change what cannot be changed, or take what others have.
        Meddling::Size(_, size) if shape.size_is_mutable && !shape.size_is_identity => {
            thing.spec["size"] = json!(size);
        }
        Meddling::Size(..) => {}
        Meddling::Team(_) => {
            thing.tags.insert("team".to_owned(), "meddlers".to_owned());
        }
        Meddling::Vanishes(_) => world.things.retain(|thing| thing.id != id),
    }
}

/// What is left of a world when ids, generations and what nobody decides are left out.
fn essence(world: &World, stack: &Stack, rules: &Rules) -> Vec<String> {
    let whose: BTreeMap<&str, String> = world
        .things
        .iter()
        .map(|thing| (&*thing.id, thing.address().map_or(thing.id.clone(), |a| a.to_string())))
        .collect();
    let catalogue = rules.catalogue();
    let mut found: Vec<String> = world
        .owned()
        .map(|(address, thing)| {
            let declared = stack.resources.get(&address);
            let mut spec = thing.spec.clone();
            let rules = &catalogue.kind(&thing.kind).unwrap().rules;
            for field in rules.fields {
                let given = declared.is_some_and(|one| one.spec.get(field.name).is_some());
                let open = field.unmanaged_if_absent || field.name == "name";
                let ignored = declared.is_some_and(|one| !one.lifecycle.ignore_changes.is_empty());
                if open && !given || ignored && field.name == "size" {
                    spec[field.name] = Value::Null;
                }
            }
            let mut tags = thing.tags.clone();
            tags.remove(tags::GENERATION);
            if declared.is_some_and(|one| !one.lifecycle.ignore_changes.is_empty()) {
                tags.remove("team");
            }
            format!("{address} {} {tags:?}", named(&spec, &whose))
        })
        .collect();
    found.sort();
    found
}

/// A value with addresses in place of ids.
fn named(value: &Value, whose: &BTreeMap<&str, String>) -> Value {
    match value {
        Value::String(text) => {
            let text = text.split(':').next().unwrap_or(text);
            let (before, id) = text.rsplit_once(' ').map_or(("", text), |(of, id)| (of, id));
            json!(format!("{before}{}", whose.get(id).map_or(id, |address| address)))
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| named(item, whose)).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(map) => {
            let set = map.iter().filter(|(_, value)| !value.is_null());
            let set: BTreeMap<String, Value> =
                set.map(|(key, value)| (key.clone(), named(value, whose))).collect();
            set.into_iter().collect()
        }
        other => other.clone(),
    }
}

/// The steps that a step waits for, directly or not.
fn awaited(steps: &Steps, step: StepId) -> BTreeSet<StepId> {
    let mut found = BTreeSet::new();
    let mut open = vec![step];
    while let Some(at) = open.pop() {
        open.extend(steps.before(at).filter(|first| found.insert(*first)));
    }
    found
}

/// Which of two addresses' steps of a sort have to come first.
fn pairs(plan: &Plan, op: Op) -> BTreeSet<(Address, Address)> {
    let of_op: Vec<StepId> = plan.steps.ids().filter(|id| plan.steps.step(*id).op == op).collect();
    let mut found = BTreeSet::new();
    for later in &of_op {
        let first = awaited(&plan.steps, *later);
        for first in of_op.iter().filter(|step| first.contains(step)) {
            let address = |id: &StepId| plan.steps.step(*id).address.clone();
            found.insert((address(first), address(later)));
        }
    }
    found
}

/// Whether one needs another, directly or not.
fn reaches(stack: &Stack, one: &Address, other: &Address) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![one.clone()];
    while let Some(at) = open.pop() {
        let needed = stack.resources.get(&at).map(needs).unwrap_or_default();
        open.extend(needed.into_iter().filter(|to| seen.insert(to.clone())));
    }
    seen.contains(other)
}

/// How often plans were made and refused, so that nobody takes refusals for success.
#[derive(Default)]
struct Tally {
    planned: Cell<u32>,
    refused: Cell<u32>,
    replaced: Cell<u32>,
    cut_off: Cell<u32>,
}

fn count(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

struct Life<'a> {
    rules: &'a Rules,
    catalogue: Catalogue,
    tally: &'a Tally,
}

impl Life<'_> {
    fn plan(&self, stack: &Stack, world: &World, goal: Goal) -> Result<Plan, Vec<String>> {
        plan(stack, &world.observed(self.rules), &self.catalogue, goal)
            .map_err(|findings| findings.into_iter().map(|finding| finding.message).collect())
    }

    /// A run that does so many steps of a plan.
    fn run(
        &self,
        plan: &Plan,
        world: &World,
        most: usize,
        choices: &[u8],
    ) -> Result<World, TestCaseError> {
        let observed = world.observed(self.rules);
        let mut performer = Performer::new(plan, &self.catalogue, &observed, world);
        match performer.perform(most, choices) {
            Ok(()) => Ok(performer.world),
            Err(refusal) => Err(TestCaseError::fail(format!(
                "{refusal}\nbefore the run:\n{world}plan:\n{}done: {}",
                plan.steps,
                performer.done.join(", ")
            ))),
        }
    }

    /// After a whole run everything is as wanted, once, and there is nothing more to do.
    fn check_whole(
        &self,
        stack: &Stack,
        before: &World,
        after: &World,
        done: &Plan,
    ) -> Result<(), TestCaseError> {
        let context = format!("before:\n{before}plan:\n{}after:\n{after}", done.steps);
        let mut after = after.clone();
        after.rest();
        let again = self.plan(stack, &after, Goal::Converge);
        let again = again.map_err(|refused| {
            TestCaseError::fail(format!("planned again, it is refused: {refused:?}\n{context}"))
        })?;
        let acts = again.changes.iter().any(|change| change.acts());
        prop_assert!(
            again.is_empty() && !acts,
            "planned again there is more:\n{}\n{context}",
            again.steps
        );
        let mut owned: Vec<Address> = after.owned().map(|(address, _)| address).collect();
        owned.sort();
        let mut expected: Vec<Address> = stack.resources.keys().cloned().collect();
        let retained = done.changes.iter().filter(|change| change.action == Action::Retain);
        expected.extend(retained.map(|change| change.address.clone()));
        expected.sort();
        prop_assert!(owned == expected, "not each thing once:\n{context}");
        prop_assert!(before.strangers() == after.strangers(), "a stranger was touched\n{context}");
        Ok(())
    }

    /// A destroy leaves nothing but what is to be retained.
    fn check_destroy(
        &self,
        stack: &Stack,
        world: &World,
        choices: &[u8],
    ) -> Result<(), TestCaseError> {
        let Ok(down) = self.plan(stack, world, Goal::Destroy) else {
            count(&self.tally.refused);
            return Ok(());
        };
        let mut after = self.run(&down, world, usize::MAX, choices)?;
        after.rest();
        let retained = down.changes.iter().filter(|change| change.action == Action::Retain);
        let retained: BTreeSet<Address> = retained.map(|change| change.address.clone()).collect();
        let left: BTreeSet<Address> = after.owned().map(|(address, _)| address).collect();
        prop_assert!(left == retained, "left by a destroy:\n{after}plan:\n{}", down.steps);
        prop_assert!(world.strangers() == after.strangers(), "a stranger was touched");
        Ok(())
    }

    /// A stack goes in the reverse of the order in which it is made, but for what refers to things
    /// that are made after it.
    fn check_reverse(&self, stack: &Stack, world: &World) -> Result<(), TestCaseError> {
        let up = self.plan(stack, &World::default(), Goal::Converge);
        let (Ok(up), Ok(down)) = (up, self.plan(stack, world, Goal::Destroy)) else {
            return Ok(());
        };
        let (made, gone) = (pairs(&up, Op::Create), pairs(&down, Op::Delete));
        let both_ways = made.intersection(&gone).find(|(one, other)| !reaches(stack, one, other));
        prop_assert!(
            both_ways.is_none(),
            "made and deleted in the same order: {both_ways:?}\n{}{}",
            up.steps,
            down.steps
        );
        Ok(())
    }

    fn episode(&self, world: &mut World, episode: &Episode) -> Result<(), TestCaseError> {
        world.rest();
        for meddling in &episode.meddling {
            meddle(world, meddling, self.rules);
        }
        let stack = stack(&episode.wishes, self.rules);
        let choices = &episode.choices;
        let Ok(plan) = self.plan(&stack, world, Goal::Converge) else {
            count(&self.tally.refused);
            return Ok(());
        };
        count(&self.tally.planned);
        if plan.changes.iter().any(|change| matches!(change.action, Action::Replace(_))) {
            count(&self.tally.replaced);
        }
        for change in &plan.changes {
            let stranger = change.live.as_ref().is_some_and(|live| {
                Owner::from_tags(&live.tags).is_none_or(|owner| owner.stack != stack.name)
            });
            prop_assert!(!stranger, "a stranger is part of the plan: {}", change.address);
        }
        let whole = self.run(&plan, world, usize::MAX, choices)?;
        self.check_whole(&stack, world, &whole, &plan)?;
        self.check_destroy(&stack, &whole, choices)?;
        self.check_reverse(&stack, &whole)?;
        let Some(tenths) = episode.cut_off else {
            *world = whole;
            return Ok(());
        };
        count(&self.tally.cut_off);
        let some = plan.steps.len() * tenths / 10;
        let mut part = self.run(&plan, world, some, choices)?;
        part.rest();
        let context = format!("cut off after {some} steps:\n{part}plan:\n{}", plan.steps);
        let rest = self.plan(&stack, &part, Goal::Converge).map_err(|refused| {
            TestCaseError::fail(format!("what is cut off cannot go on: {refused:?}\n{context}"))
        })?;
        let end = self.run(&rest, &part, usize::MAX, choices)?;
        self.check_whole(&stack, &part, &end, &rest)?;
        self.check_destroy(&stack, &part, choices)?;
        let mut rested = whole;
        rested.rest();
        let (one, other) =
            (essence(&rested, &stack, self.rules), essence(&end, &stack, self.rules));
        prop_assert!(one == other, "it ends elsewhere: {one:#?} and {other:#?}\n{context}");
        *world = part;
        Ok(())
    }
}

#[test]
fn whatever_happened_before_an_apply_ends_where_the_spec_says() {
    let tally = Tally::default();
    let config = cases(400);
    let result = TestRunner::new(config.clone()).run(&any_history(), |history| {
        let catalogue = history.rules.catalogue();
        let life = Life { rules: &history.rules, catalogue, tally: &tally };
        let mut world = World::default();
        for (kind, name) in &history.strangers {
            let spec = json!({ "name": format!("n{name}"), "peers": [], "size": 1 });
            world.add_stranger(KINDS[*kind], spec);
        }
        history.episodes.iter().try_for_each(|episode| life.episode(&mut world, episode))
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let Tally { planned, refused, replaced, cut_off } = tally;
    assert!(planned.get() > 2 * refused.get(), "{planned:?} planned, {refused:?} refused");
    assert!(replaced.get() * 10 > config.cases, "{replaced:?} with replacements");
    assert!(cut_off.get() * 10 > config.cases, "{cut_off:?} cut off");
}
