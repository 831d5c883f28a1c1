//! A model of AWS: what exists, and what it refuses.

use std::collections::BTreeSet;
use std::fmt;

use landfall_model::{
    Address, Await, Catalogue, Change, KindRules, Live, Owner, Readiness, Tags, reference,
};
use landfall_plan::{Observed, Target};
use serde_json::{Map, Value, json};

use crate::kinds::Rules;
use crate::wishes::STACK;

/// Something that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    pub kind: String,
    pub id: String,
    pub spec: Value,
    pub tags: Tags,
    pub revision: u32,
    pub readiness: Readiness,
}

/// All that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub things: Vec<Thing>,
    /// What stays because its author wants it to. Whoever takes away what it needs has been told.
    pub retained: BTreeSet<String>,
    made: usize,
}

impl Thing {
    /// Its address in the stack, unless it is a stranger.
    pub fn address(&self) -> Option<Address> {
        Owner::from_tags(&self.tags).filter(|owner| owner.stack == STACK).map(|owner| owner.address)
    }

    pub fn is_leaving(&self) -> bool {
        matches!(self.readiness, Readiness::Leaving(_))
    }

    /// Whether it refers to another as that is now. A revision of the past holds nothing.
    fn uses(&self, other: &Thing) -> bool {
        let now = format!("{}:{}", other.id, other.revision);
        outputs(&self.spec).any(|output| output == other.id || output == now)
    }
}

/// What a thing refers to, by outputs.
fn outputs(spec: &Value) -> impl Iterator<Item = &str> {
    let peers = spec["peers"].as_array().into_iter().flatten();
    std::iter::once(&spec["parent"]).chain(peers).filter_map(Value::as_str)
}

/// The id in an output: one that changes has its revision behind it.
fn id_in(output: &str) -> &str {
    output.split(':').next().unwrap_or(output)
}

impl World {
    /// Something that is not the stack's.
    pub fn add_stranger(&mut self, kind: &str, spec: Value) {
        self.add(kind, spec, Tags::new(), Readiness::Ready);
    }

    fn add(&mut self, kind: &str, spec: Value, tags: Tags, readiness: Readiness) -> &Thing {
        self.made += 1;
        let id = format!("{kind}-{}", self.made);
        self.things.push(Thing { kind: kind.to_owned(), id, spec, tags, revision: 1, readiness });
        &self.things[self.things.len() - 1]
    }

    /// What a plan reads.
    pub fn observed(&self, rules: &Rules) -> Observed {
        let catalogue = rules.catalogue();
        let live = self.things.iter().map(|thing| live(thing, &catalogue)).collect();
        Observed { target: Target::default(), live, lookups: Default::default() }
    }

    pub fn get(&self, id: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.id == id)
    }

    pub fn get_mut(&mut self, id: &str) -> Result<&mut Thing, String> {
        let thing = self.things.iter_mut().find(|thing| thing.id == id);
        thing.ok_or_else(|| format!("{id} does not exist"))
    }

    /// The create call.
    pub fn create(&mut self, rules: &KindRules, spec: Value, tags: Tags) -> Result<Thing, String> {
        for field in rules.fields.iter().filter(|field| field.after_create) {
            let value = &spec[field.name];
            let default = field.name == "size" && *value == 1 || *value == json!([]);
            if !default && !value.is_null() {
                return Err(format!("a create call cannot set {} to {value}", field.name));
            }
        }
        self.accept(rules, None, &spec)?;
        let readiness = match rules.await_ready {
            Await::Nothing => Readiness::Ready,
            _ => Readiness::Pending("coming up".to_owned()),
        };
        Ok(self.add(rules.name, spec, tags, readiness).clone())
    }

    /// The update call.
    pub fn update(&mut self, rules: &KindRules, id: &str, spec: Value) -> Result<(), String> {
        let before = self.get(id).ok_or_else(|| format!("{id} does not exist"))?;
        for field in rules.fields.iter().filter(|field| field.change == Change::Immutable) {
            let (was, is) = (&before.spec[field.name], &spec[field.name]);
            // What is attached later can be attached once, and detached.
            let detached = |value: &Value| value.is_null() || *value == 1;
            let attached = field.after_create && (detached(was) || detached(is));
            if was != is && !attached {
                return Err(format!("{} of {id} cannot change from {was} to {is}", field.name));
            }
        }
        self.accept(rules, Some(id), &spec)?;
        let thing = self.get_mut(id)?;
        thing.spec = spec;
        thing.revision += 1;
        if rules.await_ready != Await::Nothing {
            thing.readiness = Readiness::Pending("rolling out".to_owned());
        }
        Ok(())
    }

    /// Refuses what AWS refuses.
    fn accept(&self, rules: &KindRules, id: Option<&str>, spec: &Value) -> Result<(), String> {
        if !reference::is_value_known(spec) {
            return Err(format!("a value is not known: {}", reference::display(&spec.to_string())));
        }
        // What it refers to already is not looked at again.
        let before: Vec<&str> = id
            .and_then(|id| self.get(id))
            .map_or(Vec::new(), |thing| outputs(&thing.spec).collect());
        for used in outputs(spec).filter(|used| !before.contains(used)) {
            if self.get(id_in(used)).is_none_or(Thing::is_leaving) {
                return Err(format!("it refers to {used}, which does not exist"));
            }
        }
        let unique = unique(rules);
        for other in self.things.iter().filter(|other| other.kind == rules.name) {
            let alike = |fields: &&Vec<&str>| {
                let equal =
                    |field: &&str| !spec[*field].is_null() && spec[*field] == other.spec[*field];
                fields.iter().all(equal)
            };
            let same = Some(other.id.as_str()) == id || other.is_leaving();
            if let Some(fields) = unique.iter().find(|fields| !same && alike(fields)) {
                return Err(format!("{} has the same {}", other.id, fields.join(" and ")));
            }
        }
        Ok(())
    }

    /// The delete call. What AWS would take away from under others, a plan must not, unless it has
    /// to.
    pub fn delete(&mut self, rules: &KindRules, id: &str, has_to: bool) -> Result<(), String> {
        let thing = self.get(id).ok_or_else(|| format!("{id} does not exist"))?;
        if thing.address().is_none() {
            return Err(format!("{id} is a stranger"));
        }
        let holds = |other: &&Thing| {
            let held = !has_to || rules.held_by.contains(&other.kind.as_str());
            let stays = other.is_leaving() || self.retained.contains(&other.id);
            held && other.id != id && !stays && other.uses(thing)
        };
        if let Some(holder) = self.things.iter().find(holds) {
            return Err(format!("{} still uses it", holder.id));
        }
        self.things.retain(|thing| thing.id != id);
        Ok(())
    }

    /// Time passes: what was coming up is there, what was leaving is gone.
    pub fn rest(&mut self) {
        self.things.retain(|thing| !thing.is_leaving());
        for thing in &mut self.things {
            if matches!(thing.readiness, Readiness::Pending(_)) {
                thing.readiness = Readiness::Ready;
            }
        }
    }

    /// What is not the stack's.
    pub fn strangers(&self) -> Vec<&Thing> {
        self.things.iter().filter(|thing| thing.address().is_none()).collect()
    }

    pub fn owned(&self) -> impl Iterator<Item = (Address, &Thing)> {
        self.things.iter().filter_map(|thing| Some((thing.address()?, thing)))
    }
}

/// The sets of fields that no two of a kind can have alike.
pub fn unique(rules: &KindRules) -> Vec<Vec<&'static str>> {
    let identity = rules.fields.iter().filter(|field| field.identity);
    let mut unique = vec![identity.map(|field| field.name).collect()];
    unique.extend(rules.exclusive.iter().map(|fields| fields.to_vec()));
    unique.retain(|fields| !fields.is_empty());
    unique
}

/// A thing in the words of the spec.
pub fn live(thing: &Thing, catalogue: &Catalogue) -> Live {
    let mut outputs = Map::new();
    let known = catalogue.kind(&thing.kind).map_or(&[][..], |info| &info.outputs);
    let pending = matches!(thing.readiness, Readiness::Pending(_));
    for output in known {
        let value = match output.as_str() {
            "rev" => format!("{}:{}", thing.id, thing.revision),
            "late" if pending => continue,
            "late" => format!("late of {}", thing.id),
            _ => thing.id.clone(),
        };
        outputs.insert(output.clone(), json!(value));
    }
    Live {
        kind: thing.kind.clone(),
        id: thing.id.clone(),
        spec: thing.spec.clone(),
        outputs,
        tags: thing.tags.clone(),
        readiness: thing.readiness.clone(),
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for thing in &self.things {
            let owner = Owner::from_tags(&thing.tags);
            let whose = owner.map_or("a stranger".to_owned(), |one| {
                format!("{} g{}", one.address, one.generation)
            });
            writeln!(f, "  {} ({whose}, {:?}): {}", thing.id, thing.readiness, thing.spec)?;
        }
        Ok(())
    }
}
