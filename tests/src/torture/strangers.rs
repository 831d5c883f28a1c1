//! Things that are not the stack's: of the same kinds, with names that begin like its own, and with
//! tags that look like its own. After everything that is done to the stack they are what they were,
//! to the byte.

use landfall_plan::Goal;
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::{Chance, Span, World};
use serde_json::{Map, Value, json};

use super::case::{Case, merge, of_name};
use super::portrait::forget;
use super::run::run;
use super::trial::Schedule as Try;
use crate::stack;

/// Random strangers beside each spec, by seed.
pub fn schedules(spec: &'static str, seeds: u64) -> Vec<Try<'static>> {
    (1..=seeds).map(|seed| Box::new(move || beside(spec, seed)) as Try<'static>).collect()
}

fn beside(spec: &str, seed: u64) -> Result<(), String> {
    let about = |what: &str, why: String| format!("{spec}, seed {seed}, {what}: {why}");
    let cases = of_name(spec);
    let begin = strangers(&cases[0], seed)?;
    let before = things(&begin);
    let mut world = begin;
    let acts = cases.iter().filter(|case| case.goal == Goal::Converge);
    let acts = acts.chain(cases.iter().filter(|case| case.goal == Goal::Destroy));
    for case in acts {
        let done = run(world, &case.stack, case.goal, Schedule::default());
        done.complete().map_err(|why| about(&case.name, why))?;
        world = done.world;
        let after = things(&world);
        let touched = before.iter().find(|(place, thing)| after.get(*place) != Some(*thing));
        if let Some((place, thing)) = touched {
            let now = after.get(place).unwrap_or(&Value::Null);
            return Err(about(&case.name, format!("{place} was {thing} and is {now}")));
        }
    }
    // And nothing else is left.
    let after = things(&world);
    let left: Vec<&String> = after
        .iter()
        .filter(|(place, thing)| !before.contains_key(*place) && thing["status"] != "INACTIVE")
        .map(|(place, _)| place)
        .filter(|place| !place.contains("AWSServiceRole") && !place.contains("/revisions/"))
        .collect();
    match left.is_empty() {
        true => Ok(()),
        false => Err(about("at the end", format!("left: {left:?}"))),
    }
}

/// A world in which another stack of the same shape is, whose tags chance has changed.
fn strangers(case: &Case, seed: u64) -> Result<World, String> {
    let mut spec = case.spec.clone();
    let name = format!("{}-x", case.stack.name);
    merge(&mut spec, &json!({ "stack": name }));
    // Names that the spec gives would be taken.
    rename(&mut spec, &case.stack.name);
    let others = stack::load(&spec)?;
    let made = run(case.empty(seed), &others, Goal::Converge, Schedule::default());
    made.complete()?;
    let mut world = made.world;
    world.advance(world.now + Span::minutes(30));
    let mut value = serde_json::to_value(&world).map_err(|error| error.to_string())?;
    let mut chance = Chance::of(seed);
    retag(&mut value, &case.stack.name, &mut chance);
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn rename(value: &mut Value, stack: &str) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get_mut("name") {
                *name = format!(
                    "{stack}-x-{}",
                    name.rsplit(['/', '}', '-'])
                        .find(|part| part.len() > 1)
                        .unwrap_or("own")
                        .trim_matches(['$', '{'])
                );
            }
            members.values_mut().for_each(|value| rename(value, stack));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, stack)),
        _ => {}
    }
}

/// Makes of each owner's tags somebody else's, somebody's who made a mistake, or nobody's.
fn retag(value: &mut Value, stack: &str, chance: &mut Chance) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(tags)) = members.get_mut("tags")
                && tags.contains_key("landfall:stack")
            {
                tamper(tags, stack, chance);
            }
            members.values_mut().for_each(|value| retag(value, stack, chance));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| retag(item, stack, chance)),
        _ => {}
    }
}

fn tamper(tags: &mut Map<String, Value>, stack: &str, chance: &mut Chance) {
    let ours = Value::String(stack.to_owned());
    match chance.draw() % 6 {
        0 => {}
        1 => tags.clear(),
        2 => {
            tags.insert("landfall:stack".to_owned(), ours);
            tags.remove("landfall:address");
        }
        3 => {
            tags.insert("landfall:stack".to_owned(), ours);
            tags.insert("landfall:generation".to_owned(), json!("first"));
        }
        4 => {
            tags.insert("landfall:stack".to_owned(), json!(stack.to_uppercase()));
        }
        _ => {
            tags.retain(|key, _| !key.starts_with("landfall:"));
            tags.insert("stack".to_owned(), ours);
        }
    }
}

/// Everything in a world by its place, without what moves by itself.
fn things(world: &World) -> Map<String, Value> {
    let mut value = serde_json::to_value(world).unwrap_or_default();
    forget(&mut value);
    let mut things = Map::new();
    let regions = value["regions"].as_object().into_iter().flatten();
    let places = regions.map(|(name, region)| (name.as_str(), region));
    for (region, services) in places.chain([("global", &value["global"])]) {
        for (service, state) in services.as_object().into_iter().flatten() {
            for (sort, all) in state.as_object().into_iter().flatten() {
                for (id, thing) in all.as_object().into_iter().flatten() {
                    things.insert(format!("{region}/{service}/{sort}/{id}"), thing.clone());
                }
            }
        }
    }
    things
}
