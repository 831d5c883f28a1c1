//! A model of an apply: the steps of a plan in any order that their edges allow.

use std::collections::HashMap;

use landfall_model::{Address, KindInfo, Lifecycle, Live, Readiness, Reference, TagChange};
use landfall_model::{Catalogue, reference};
use landfall_plan::{
    Action, Change, Observed, Op, Plan, StepId, answers, as_created, diff, overlay,
};
use serde_json::Value;

use crate::world::{World, live};

/// Applies a plan to a world.
pub struct Performer<'a> {
    plan: &'a Plan,
    catalogue: &'a Catalogue,
    observed: &'a Observed,
    pub world: World,
    /// The things as the run knows them.
    known: HashMap<Address, Live>,
    /// The steps so far, for people who look at a failure.
    pub done: Vec<String>,
}

impl<'a> Performer<'a> {
    pub fn new(
        plan: &'a Plan,
        catalogue: &'a Catalogue,
        observed: &'a Observed,
        world: &World,
    ) -> Performer<'a> {
        let stay = plan.changes.iter().filter(|change| change.want.is_some() && !change.creates());
        let known = stay.filter_map(|change| Some((change.address.clone(), change.live.clone()?)));
        let known = known.collect();
        let mut world = world.clone();
        let retained = plan.changes.iter().filter(|change| change.action == Action::Retain);
        world.retained =
            retained.filter_map(|change| Some(change.live.as_ref()?.id.clone())).collect();
        Performer { plan, catalogue, observed, world, known, done: Vec::new() }
    }

    /// Does at most so many steps; whoever is ready is chosen by the choices, over and over.
    pub fn perform(&mut self, most: usize, choices: &[u8]) -> Result<(), String> {
        let steps = &self.plan.steps;
        let mut open: Vec<StepId> = steps.ids().collect();
        for turn in 0..most.min(steps.len()) {
            let ready: Vec<usize> = (0..open.len())
                .filter(|at| steps.before(open[*at]).all(|first| !open.contains(&first)))
                .collect();
            if ready.is_empty() {
                return Err("the steps wait for each other".to_owned());
            }
            let choice = choices.get(turn % choices.len().max(1)).copied().unwrap_or(0);
            let step = steps.step(open.remove(ready[usize::from(choice) % ready.len()]));
            self.done.push(step.to_string());
            self.step(&self.plan.changes[step.change], step.op)
                .map_err(|refusal| format!("{step}: {refusal}"))?;
        }
        Ok(())
    }

    fn step(&mut self, change: &Change, op: Op) -> Result<(), String> {
        let info = self.catalogue.kind(&change.address.kind).ok_or("no such kind")?;
        match op {
            Op::Create => self.create(info, change),
            Op::Settle => self.settle(info, change),
            Op::AwaitReady => self.await_ready(info, change),
            Op::Release => self.release(info, change),
            Op::Delete => self.world.delete(&info.rules, &old(change)?.id, self.goes_first()),
        }
    }

    /// Whether something has to go before what comes in its place, so that not everybody can move
    /// over in time.
    fn goes_first(&self) -> bool {
        let steps = &self.plan.steps;
        let is_delete = |step: &StepId| steps.step(*step).op == Op::Delete;
        let comes = |step: &StepId| matches!(steps.step(*step).op, Op::Create | Op::Settle);
        steps.ids().filter(comes).flat_map(|comes| steps.before(comes)).any(|at| is_delete(&at))
    }

    /// The wanted fields, now that what they refer to is there.
    fn resolve(&self, info: &KindInfo, fields: &Value) -> Result<Value, String> {
        let known = |reference: &Reference| match reference.address() {
            Some(address) => self.known.get(address)?.outputs.get(&reference.output).cloned(),
            None => answers(self.observed, reference),
        };
        (info.canonical)(&reference::resolve(fields, &known))
    }

    fn create(&mut self, info: &KindInfo, change: &Change) -> Result<(), String> {
        let want = change.want.as_ref().ok_or("nothing is wanted")?;
        let bare = self.resolve(info, &as_created(info, want))?;
        let thing = self.world.create(&info.rules, bare, change.tags.clone())?;
        self.known.insert(change.address.clone(), live(&thing, self.catalogue));
        Ok(())
    }

    fn settle(&mut self, info: &KindInfo, change: &Change) -> Result<(), String> {
        let want = self.resolve(info, change.want.as_ref().ok_or("nothing is wanted")?)?;
        let before = self.known.get(&change.address).ok_or("it is not there")?.clone();
        let want = overlay(&info.rules, &Lifecycle::default(), &want, &before.spec);
        let fields = diff::fields(&info.rules, &want, &before.spec);
        if let Some(field) = fields.iter().find(|field| field.forces_replacement) {
            return Err(format!("{} moved", field.path));
        }
        if !fields.is_empty() {
            self.world.update(&info.rules, &before.id, want)?;
        }
        let tags = TagChange::between(&before.tags, &change.tags);
        let thing = self.world.get_mut(&before.id)?;
        thing.tags.extend(tags.set);
        thing.tags.retain(|key, _| !tags.remove.contains(key));
        let known = live(thing, self.catalogue);
        self.known.insert(change.address.clone(), known);
        Ok(())
    }

    fn await_ready(&mut self, info: &KindInfo, change: &Change) -> Result<(), String> {
        let want = self.resolve(info, change.want.as_ref().ok_or("nothing is wanted")?)?;
        let id = self.known.get(&change.address).ok_or("it is not there")?.id.clone();
        let thing = self.world.get_mut(&id)?;
        thing.readiness = Readiness::Ready;
        let known = live(thing, self.catalogue);
        let want = overlay(&info.rules, &Lifecycle::default(), &want, &known.spec);
        if let Some(field) = diff::fields(&info.rules, &want, &known.spec).first() {
            return Err(format!("{} is not as wanted", field.path));
        }
        self.known.insert(change.address.clone(), known);
        Ok(())
    }

    fn release(&mut self, info: &KindInfo, change: &Change) -> Result<(), String> {
        let live = old(change)?;
        self.world.update(&info.rules, &live.id, as_created(info, &live.spec))
    }
}

fn old(change: &Change) -> Result<&Live, String> {
    change.live.as_ref().ok_or_else(|| "nothing is there".to_owned())
}
