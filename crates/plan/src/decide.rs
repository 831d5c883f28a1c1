//! What becomes of each thing.

use std::collections::{BTreeMap, HashMap, HashSet};

use indexmap::IndexMap;
use landfall_model::{
    Address, Catalogue, Change as Rule, Declared, Finding, KindInfo, KindRules, Lifecycle, Live,
    Owner, Path, Place, Readiness, Reference, Root, Stack, Tags, reference, tags,
};
use petgraph::graphmap::DiGraphMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Room;
use crate::change::{Action, Because, Change, Order};
use crate::diff;
use crate::graph::References;
use crate::identity::{collide, excluded};

/// What a plan is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// What the spec says, and nothing else.
    Converge,
    /// Nothing.
    Destroy,
}

/// Where a run works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The account's twelve digits.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// The partition of ARNs (`aws`, `aws-cn`).
    pub partition: String,
}

/// What was read from AWS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// Where.
    pub target: Target,
    /// The stack's things, and strangers that bear a wanted name.
    pub live: Vec<Live>,
    /// The answers of the lookups.
    pub lookups: IndexMap<Address, Map<String, Value>>,
}

impl Observed {
    /// The stack's things by address, of several at one address the highest generation first. What
    /// is going away by itself counts as gone.
    pub(crate) fn owned(&self, stack: &str) -> BTreeMap<Address, Vec<&Live>> {
        let mut owned: BTreeMap<Address, Vec<&Live>> = BTreeMap::new();
        let stays = |live: &&Live| !matches!(live.readiness, Readiness::Leaving(_));
        for live in self.live.iter().filter(stays) {
            if let Some(address) = live.address_in(stack) {
                owned.entry(address).or_default().push(live);
            }
        }
        for generations in owned.values_mut() {
            generations.sort_by_key(|live| std::cmp::Reverse(live.generation()));
        }
        owned
    }
}

/// What lookups and the target answer to a reference.
pub fn answers(observed: &Observed, reference: &Reference) -> Option<Value> {
    match &reference.root {
        Root::Lookup(address) => observed.lookups.get(address)?.get(&reference.output).cloned(),
        Root::Target => match reference.output.as_str() {
            "account" => Some(Value::String(observed.target.account.clone())),
            "region" => Some(Value::String(observed.target.region.clone())),
            "partition" => Some(Value::String(observed.target.partition.clone())),
            _ => None,
        },
        Root::Resource(_) | Root::Variable => None,
    }
}

/// The wanted fields with those taken from the live thing that are not ours to decide: fields that
/// the spec leaves open, and fields that its author told us to ignore.
pub fn overlay(rules: &KindRules, lifecycle: &Lifecycle, want: &Value, live: &Value) -> Value {
    let mut want = want.clone();
    for field in rules.fields.iter().filter(|field| field.unmanaged_if_absent) {
        if want.get(field.name).is_none_or(Value::is_null) {
            Path::field(field.name).set(&mut want, live.get(field.name));
        }
    }
    for path in lifecycle.ignore_changes.iter().filter(|path| path.head() != "tags") {
        path.set(&mut want, path.get(live));
    }
    want
}

fn overlay_tags(lifecycle: &Lifecycle, want: &mut Tags, live: &Tags) {
    for path in lifecycle.ignore_changes.iter().filter(|path| path.head() == "tags") {
        let prefix = path.to_string();
        let ignored = |key: &str| prefix == "tags" || prefix == format!("tags.{key}");
        want.retain(|key, _| key.starts_with("landfall:") || !ignored(key));
        let theirs = live.iter().filter(|(key, _)| ignored(key) && !key.starts_with("landfall:"));
        want.extend(theirs.map(|(key, value)| (key.clone(), value.clone())));
    }
}

#[derive(Clone, PartialEq)]
pub(crate) enum Fate<'a> {
    New { because: Because },
    Kept { live: &'a Live, revised: bool },
    Replaced { live: &'a Live, order: Order, because: Because },
}

pub(crate) struct Decider<'a> {
    pub stack: &'a Stack,
    pub observed: &'a Observed,
    pub catalogue: &'a Catalogue,
    pub room: &'a Room,
    pub fates: HashMap<&'a Address, Fate<'a>>,
    pub findings: Vec<Finding>,
}

pub(crate) fn decide(
    stack: &Stack,
    observed: &Observed,
    catalogue: &Catalogue,
    goal: Goal,
    references: &References,
    room: &Room,
) -> Result<Vec<Change>, Vec<Finding>> {
    // Of several things at one address the highest generation is meant; lower ones are what an
    // interrupted replacement left.
    let owned = observed.owned(&stack.name);

    let mut decider =
        Decider { stack, observed, catalogue, room, fates: HashMap::new(), findings: Vec::new() };
    let mut changes = Vec::new();
    if goal == Goal::Converge {
        decider.decide_fates(&owned, references)?;
        for declared in stack.resources.values() {
            decider.held(declared, references);
            if let Some(change) = decider.change(declared) {
                changes.push(change);
            }
        }
    }
    let wanted =
        |address: &Address| goal == Goal::Converge && stack.resources.contains_key(address);
    for (address, generations) in &owned {
        let skip = usize::from(wanted(address));
        for (at, live) in generations.iter().enumerate().skip(skip) {
            let because = match goal {
                _ if at > 0 => Because::LeftOver,
                Goal::Destroy => Because::Destroyed,
                Goal::Converge => Because::NotInSpec,
            };
            changes.push(decider.removal(address, live, because));
        }
    }
    decider.held_for_another(&changes, references);
    decider.guard(&changes);
    match decider.findings.is_empty() {
        true => Ok(changes),
        false => Err(decider.findings),
    }
}

impl<'a> Decider<'a> {
    /// The declared resources, each behind those that its creation needs.
    fn in_order(&self, references: &References) -> Result<Vec<&'a Declared>, Vec<Finding>> {
        let position: HashMap<&Address, usize> =
            self.stack.resources.keys().enumerate().map(|(i, address)| (address, i)).collect();
        let mut graph: DiGraphMap<usize, ()> = DiGraphMap::new();
        // Nodes in reverse, so that the sort, which works from the back, keeps the spec's order.
        (0..position.len()).rev().for_each(|node| {
            graph.add_node(node);
        });
        for (address, at) in &position {
            let rules = self.catalogue.kind(&address.kind).map(|info| info.rules);
            for (to, fields) in references.declared_of(address) {
                let needed = fields.iter().any(|field| !is_after_create(rules.as_ref(), field));
                if let (true, Some(to)) = (needed, position.get(to)) {
                    graph.add_edge(*to, *at, ());
                }
            }
        }
        let order = petgraph::algo::toposort(&graph, None).map_err(|cycle| {
            let address = &self.stack.resources[cycle.node_id()].address;
            vec![Finding::error(
                Place::Field(address.clone(), Path::default()),
                format!("{address} needs itself, by way of others"),
            )]
        })?;
        Ok(order.into_iter().map(|at| &self.stack.resources[at]).collect())
    }

    /// A reference's value, as far as it will still hold when the plan is applied.
    pub fn known(&self, reference: &Reference) -> Option<Value> {
        let Some(address) = reference.address() else { return answers(self.observed, reference) };
        match self.fates.get(address)? {
            Fate::Kept { live, revised } => {
                let rules = &self.catalogue.kind(&address.kind)?.rules;
                let changes = *revised && rules.revised_outputs.contains(&&*reference.output);
                (!changes).then(|| live.outputs.get(&reference.output).cloned()).flatten()
            }
            Fate::New { .. } | Fate::Replaced { .. } => None,
        }
    }

    /// The wanted fields in canonical form, named for a generation.
    fn want(&mut self, declared: &Declared, info: &KindInfo, generation: u32) -> Option<Value> {
        let mut spec = reference::resolve(&declared.spec, &|reference| self.known(reference));
        name_by_default(&info.rules, &mut spec, &self.stack.name, &declared.address, generation);
        match (info.canonical)(&spec) {
            Ok(want) => Some(self.stack.secrets.conceal(&want)),
            Err(message) => {
                let place = Place::Field(declared.address.clone(), Path::default());
                self.findings.push(Finding::error(place, message));
                None
            }
        }
    }

    /// What becomes of each resource. A field that is set after creation may refer to something
    /// that is decided later: what is there is taken to stay, and whoever took it so wrongly is
    /// decided again.
    fn decide_fates(
        &mut self,
        owned: &BTreeMap<Address, Vec<&'a Live>>,
        references: &References,
    ) -> Result<(), Vec<Finding>> {
        let order = self.in_order(references)?;
        let mut taken = HashSet::new();
        for declared in &order {
            let needed = references.declared_of(&declared.address).map(|(to, _)| to);
            taken.extend(needed.filter(|to| !self.fates.contains_key(to)));
            let fate = match owned.get(&declared.address) {
                Some(generations) => Fate::Kept { live: generations[0], revised: false },
                None => Fate::New { because: Because::Missing },
            };
            self.fates.insert(&declared.address, fate);
        }
        for _ in 0..=order.len() {
            self.findings.clear();
            let mut changed = false;
            for declared in &order {
                let before = self.fates.get(&declared.address).cloned();
                let (Some(Fate::Kept { live, .. }) | Some(Fate::Replaced { live, .. })) = before
                else {
                    continue;
                };
                let fate = self.fate(declared, live, references);
                changed |= fate != before && taken.contains(&declared.address);
                match fate {
                    Some(fate) => self.fates.insert(&declared.address, fate),
                    None => self.fates.remove(&declared.address),
                };
            }
            if !changed {
                break;
            }
        }
        Ok(())
    }

    fn fate(
        &mut self,
        declared: &Declared,
        live: &'a Live,
        references: &References,
    ) -> Option<Fate<'a>> {
        let info = self.catalogue.kind(&declared.address.kind)?;
        let want = self.want(declared, info, live.generation())?;
        let want = overlay(&info.rules, &declared.lifecycle, &want, &live.spec);
        let fields = diff::fields(&info.rules, &want, &live.spec);
        let failed = match &live.readiness {
            Readiness::Failed(why) if info.rules.replace_failed => Some(why.clone()),
            _ => None,
        };
        if failed.is_some() || fields.iter().any(|field| field.forces_replacement) {
            let because = failed.map_or(Because::Differs, Because::Failed);
            let order = self.replacement_order(declared, &info.rules, &want, live, references);
            Some(Fate::Replaced { live, order, because })
        } else {
            Some(Fate::Kept { live, revised: !fields.is_empty() })
        }
    }

    /// The new thing comes first where AWS lets the two exist side by side: they differ in what has
    /// to be unique, or the new one can take a name of its own.
    fn replacement_order(
        &self,
        declared: &Declared,
        rules: &KindRules,
        want: &Value,
        live: &Live,
        references: &References,
    ) -> Order {
        let needs_one_that_goes_first = references.of(&declared.address).any(|(to, _)| {
            matches!(self.fates.get(to), Some(Fate::Replaced { order: Order::DeleteFirst, .. }))
        });
        let makes_room = self.room.contains_key(&(declared.address.clone(), live.id.clone()));
        if needs_one_that_goes_first || makes_room {
            return Order::DeleteFirst;
        }
        let mut identity = rules.fields.iter().filter(|field| field.identity).peekable();
        let named_anew = rules.naming.is_some_and(|naming| {
            let unique = rules.field(naming.field).is_some_and(|field| field.identity);
            unique && !naming.stable && declared.spec.get(naming.field).is_none()
        });
        let differ = identity.peek().is_none()
            || named_anew
            || identity.any(|field| want.get(field.name) != live.spec.get(field.name));
        let coexist = differ && !excluded(rules, want, &live.spec);
        if coexist { Order::CreateFirst } else { Order::DeleteFirst }
    }

    fn change(&mut self, declared: &Declared) -> Option<Change> {
        let info = self.catalogue.kind(&declared.address.kind)?;
        let rules = &info.rules;
        let (live, action, because) = match self.fates.get(&declared.address)? {
            Fate::New { because } => (None, Action::Create, because.clone()),
            Fate::Kept { live, .. } => (Some(*live), Action::Keep, Because::Equal),
            Fate::Replaced { live, order, because } => {
                (Some(*live), Action::Replace(*order), because.clone())
            }
        };
        let before = live.map_or(0, Live::generation);
        let generation = if action == Action::Keep { before } else { before.saturating_add(1) };
        let mut want = self.want(declared, info, generation)?;
        let mut tags = wanted_tags(declared, rules, &self.stack.name, generation);
        let mut fields = Vec::new();
        if let Some(live) = live {
            want = overlay(rules, &declared.lifecycle, &want, &live.spec);
            overlay_tags(&declared.lifecycle, &mut tags, &live.tags);
            fields = diff::fields(rules, &want, &live.spec);
            if action == Action::Keep {
                fields.extend(diff::tag_changes(&tags, &live.tags));
            }
        }
        if live.is_none_or(|live| !collide(rules, &want, &live.spec)) {
            self.stranger(declared, rules, &want);
        }
        let (action, because) = match (action, fields.is_empty()) {
            (Action::Keep, false) => (Action::Update, Because::Differs),
            other => (other.0, because),
        };
        Some(Change {
            address: declared.address.clone(),
            action,
            because,
            fields,
            live: live.cloned(),
            want: Some(want),
            declared: Some(self.stack.secrets.conceal(&declared.spec)),
            tags,
            generation,
            lifecycle: declared.lifecycle.clone(),
            interruption: match action {
                Action::Replace(Order::CreateFirst) => rules.interruption.create_first,
                Action::Replace(Order::DeleteFirst) => rules.interruption.delete_first,
                _ => None,
            },
        })
    }

    fn removal(&self, address: &Address, live: &Live, because: Because) -> Change {
        let declared = self.stack.resources.get(address);
        let lifecycle = match declared {
            Some(declared) => declared.lifecycle.clone(),
            None => {
                let says = |word| live.tags.get(tags::LIFECYCLE).is_some_and(|tag| tag == word);
                Lifecycle {
                    prevent_destroy: says("prevent_destroy"),
                    retain: says("retain"),
                    ..Lifecycle::default()
                }
            }
        };
        let retained = lifecycle.retain && because != Because::LeftOver;
        Change {
            address: address.clone(),
            action: if retained { Action::Retain } else { Action::Delete },
            because,
            fields: Vec::new(),
            live: Some(live.clone()),
            want: None,
            declared: declared.map(|declared| self.stack.secrets.conceal(&declared.spec)),
            tags: Tags::new(),
            generation: live.generation(),
            lifecycle,
            interruption: None,
        }
    }
}

fn is_after_create(rules: Option<&KindRules>, field: &str) -> bool {
    rules.and_then(|rules| rules.field(field)).is_some_and(|field| field.after_create)
}

/// Gives a spec that leaves it out the default name of a generation.
pub(crate) fn name_by_default(
    rules: &KindRules,
    spec: &mut Value,
    stack: &str,
    address: &Address,
    generation: u32,
) {
    if let (Some(naming), Value::Object(spec)) = (rules.naming, spec)
        && spec.get(naming.field).is_none_or(Value::is_null)
    {
        let name = naming.default_name(stack, &address.name, generation);
        spec.insert(naming.field.to_owned(), Value::String(name));
    }
}

/// The tags of a resource: the author's, a `Name` where the console shows one, and ownership.
fn wanted_tags(declared: &Declared, rules: &KindRules, stack: &str, generation: u32) -> Tags {
    let mut wanted = declared.tags.clone();
    if rules.name_tag && !wanted.contains_key("Name") {
        wanted.insert("Name".to_owned(), format!("{stack}-{}", declared.address.name));
    }
    let address = declared.address.clone();
    Owner { stack: stack.to_owned(), address, generation }.write(&mut wanted);
    let word = match &declared.lifecycle {
        lifecycle if lifecycle.prevent_destroy => Some("prevent_destroy"),
        lifecycle if lifecycle.retain => Some("retain"),
        _ => None,
    };
    if let Some(word) = word {
        wanted.insert(tags::LIFECYCLE.to_owned(), word.to_owned());
    }
    wanted
}

/// Fields that the create call leaves at their defaults, where the wanted value is another.
pub(crate) fn left_for_settling(info: &KindInfo, want: &Value) -> bool {
    let created = as_created(info, want);
    !diff::fields(&info.rules, want, &created).is_empty()
}

/// A thing as it is right after its create call: the fields that the call leaves out at their
/// defaults.
pub fn as_created(info: &KindInfo, want: &Value) -> Value {
    let later: HashSet<&str> = info
        .rules
        .fields
        .iter()
        .filter(|field| field.after_create && field.change != Rule::Local)
        .map(|field| field.name)
        .collect();
    let Value::Object(fields) = want else { return want.clone() };
    let created: Map<String, Value> = fields
        .iter()
        .filter(|(key, _)| !later.contains(key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let created = Value::Object(created);
    (info.canonical)(&created).unwrap_or(created)
}
