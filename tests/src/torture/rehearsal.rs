//! A case in one seed's world, and what it comes to when nothing goes wrong: what every run that was
//! disturbed has to come to in the end.

use std::collections::BTreeMap;

use landfall_plan::Goal;
use landfall_sandbox::inventory;
use landfall_sandbox::sandbox::Call;
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::World;
use serde_json::Value;

use super::case::Case;
use super::portrait::{difference, portrait};
use super::run::{Run, is_converged, run};

/// A case that was run undisturbed.
pub struct Rehearsal<'a> {
    /// The case.
    pub case: &'a Case,
    /// The seed of its world.
    pub seed: u64,
    /// The world that it begins in.
    pub begin: World,
    /// The calls that it takes.
    pub calls: Vec<Call>,
    /// How many events it tells.
    pub events: usize,
    end: Value,
}

impl<'a> Rehearsal<'a> {
    /// Runs a case undisturbed.
    pub fn of(case: &'a Case, seed: u64) -> Result<Rehearsal<'a>, String> {
        let begin = case.begin(seed);
        let done = run(begin.clone(), &case.stack, case.goal, Schedule::default());
        let at = |why| format!("{}, seed {seed}, undisturbed: {why}", case.name);
        done.complete().map_err(at)?;
        out_of_order(&done.calls).map_err(at)?;
        is_converged(done.world.clone(), &case.stack, case.goal).map_err(at)?;
        let end = portrait(&done.world);
        Ok(Rehearsal { case, seed, begin, end, calls: done.calls, events: done.events })
    }

    /// A run of the case that something befalls.
    pub fn disturbed(&self, schedule: Schedule) -> Run {
        run(self.begin.clone(), &self.case.stack, self.case.goal, schedule)
    }

    /// Runs the case in the world that a disturbed run left, and compares.
    pub fn again(&self, world: World) -> Result<(), String> {
        let again = run(world, &self.case.stack, self.case.goal, Schedule::default());
        again.complete().map_err(|why| format!("the second run: {why}"))?;
        self.compare(again.world)
    }

    /// Runs the case in a world; after that nothing is to be done, and nothing is doubled.
    pub fn converges(&self, world: World) -> Result<(), String> {
        let Case { stack, goal, .. } = self.case;
        let again = run(world, stack, *goal, Schedule::default());
        again.complete().map_err(|why| format!("the next run: {why}"))?;
        is_converged(again.world.clone(), stack, *goal)?;
        match &doubled(&again.world)[..] {
            [] => Ok(()),
            doubled => Err(format!("doubled: {doubled:?}")),
        }
    }

    /// Whether a world is what it would be had nothing gone wrong.
    pub fn compare(&self, mut world: World) -> Result<(), String> {
        is_converged(world.clone(), &self.case.stack, self.case.goal)?;
        if let Some(difference) = difference(&self.end, &portrait(&world)) {
            return Err(difference);
        }
        if self.case.goal == Goal::Destroy {
            world.rest();
            if !world.is_pristine() {
                return Err(format!("something is left:\n{}", inventory::text(&world)));
            }
        }
        Ok(())
    }

    /// Says of which case something is said.
    pub fn about(&self, what: &str, why: &str) -> String {
        format!("{}, seed {}, {what}: {why}", self.case.name, self.seed)
    }
}

/// Whether AWS refused to make or join something when nothing went wrong: then it was too early, and
/// only patience made up for an order that the plan lacks. What waits for roles to be known
/// everywhere, and for what AWS takes away by itself, is no such thing.
fn out_of_order(calls: &[Call]) -> Result<(), String> {
    let joins = |call: &&Call| {
        ["Create", "Attach", "Associate", "Authorize", "Modify", "Set"]
            .iter()
            .any(|verb| call.operation.starts_with(verb))
    };
    let of_networks = |call: &&Call| matches!(call.service, "ec2" | "elasticloadbalancing");
    let refused = calls.iter().filter(joins).filter(of_networks).find(|call| call.outcome != "ok");
    match refused {
        Some(call) => {
            Err(format!("{}:{} came too early: {}", call.service, call.operation, call.outcome))
        }
        None => Ok(()),
    }
}

/// Addresses that stand for more than one thing in a world.
pub fn doubled(world: &World) -> Vec<String> {
    let inventory = inventory::json(world);
    let mut count: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let regions = inventory["regions"].as_object().into_iter().flat_map(|all| all.values());
    for (arn, tags) in regions.chain([&inventory["global"]]).filter_map(Value::as_object).flatten()
    {
        // Revisions of a task definition are one thing.
        let of_family = arn.contains(":task-definition/");
        if let Some(address) = tags["landfall:address"].as_str().filter(|_| !of_family) {
            count.entry(address.to_owned()).or_default().push(arn.clone());
        }
    }
    count.into_iter().filter(|(_, arns)| arns.len() > 1).map(|(_, arns)| arns.join(", ")).collect()
}
