//! What is in a world, for people: everything that has an ARN and can be tagged.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::services::{self, Region};
use crate::tags::Tags;
use crate::world::World;

/// A thing's ARN and tags.
type Tagged = (String, Tags);

/// Everything that is in a region and was not there from the start.
fn of_region(name: &str, region: &Region) -> Vec<Tagged> {
    let new = services::tagged(&Region::new(name));
    let mut things = services::tagged(region);
    things.retain(|thing| !new.contains(thing));
    things.sort();
    things
}

/// As lines: a heading per region, an ARN per line, and whose it is.
pub fn text(world: &World) -> String {
    let mut text = String::new();
    let global = services::iam::tagged(&world.global);
    let regions =
        world.regions.iter().map(|(name, region)| (name.as_str(), of_region(name, region)));
    for (place, things) in std::iter::once(("all regions", global)).chain(regions) {
        if things.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{place}");
        for (arn, tags) in things {
            let owner = tags.get("landfall:stack").zip(tags.get("landfall:address"));
            let owner = owner.map(|(stack, address)| format!("  ({address} of {stack})"));
            let _ = writeln!(text, "  {arn}{}", owner.unwrap_or_default());
        }
    }
    if text.is_empty() {
        text.push_str("The sandbox's account is empty.\n");
    }
    text
}

/// As JSON: ARNs and tags by region; IAM under `global`.
pub fn json(world: &World) -> Value {
    let object = |things: Vec<Tagged>| -> Value {
        things.into_iter().map(|(arn, tags)| (arn, json!(tags))).collect()
    };
    let regions: Value = world
        .regions
        .iter()
        .map(|(name, region)| (name.clone(), object(of_region(name, region))))
        .collect();
    json!({ "global": object(services::iam::tagged(&world.global)), "regions": regions })
}
