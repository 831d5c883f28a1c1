//! Kinds with any rules that the real ones could have.

use std::fmt;

use landfall_model::types::REFERENCE;
use landfall_model::{Await, Catalogue, Field, Implied, KindInfo, KindRules, Naming, Wait};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The kinds, in the order in which things of them can be made.
pub const KINDS: [&str; 4] = ["ant", "bee", "cat", "dog"];

/// The fields that every kind has, in the order in which they are written.
pub const FIELDS: [&str; 7] = ["name", "parent", "peers", "size", "colour", "label", "force"];

/// What may be different from kind to kind.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Whether things have a default name, and whether it outlives a replacement.
    pub naming: Option<bool>,
    pub name_is_identity: bool,
    pub parent_is_identity: bool,
    pub size_is_identity: bool,
    pub parent_is_mutable: bool,
    pub size_is_mutable: bool,
    pub colour_is_mutable: bool,
    /// Which fields an update sets after the create call.
    pub later: Vec<&'static str>,
    /// Fields that are left as they are where the spec leaves them out.
    pub unmanaged: Vec<&'static str>,
    /// The kind of the parent.
    pub parent: usize,
    /// The kind of the peers.
    pub peers: usize,
    /// Whether no two with the same colour can exist below the same parent.
    pub exclusive: bool,
    /// The kinds whose things keep it from being deleted.
    pub held_by: Vec<usize>,
    /// Whether an output changes with every update.
    pub revised: bool,
    /// Whether an output is known only once a thing is ready.
    pub late: bool,
    pub await_ready: bool,
    pub replace_failed: bool,
    /// The kind that comes first by AWS's demand, and the kind that both reach.
    pub implied: Option<(usize, usize, Wait)>,
}

/// Rules for each of the kinds.
#[derive(Clone)]
pub struct Rules(pub Vec<Shape>);

/// Any rules for all kinds.
pub fn any_rules() -> impl Strategy<Value = Rules> {
    let shapes: Vec<_> = (0..KINDS.len()).map(any_shape).collect();
    shapes.prop_map(Rules)
}

fn any_shape(kind: usize) -> impl Strategy<Value = Shape> {
    let identities = (prop::option::of(any::<bool>()), any::<[bool; 3]>());
    let changes = any::<[bool; 3]>();
    let later = prop::sample::subsequence(&["parent", "peers", "size", "label"][..], 0..=4);
    let unmanaged = prop::sample::subsequence(&["size", "colour"][..], 0..=1);
    let references = (0..KINDS.len(), 0..KINDS.len());
    let held_by = prop::sample::subsequence((0..KINDS.len()).collect::<Vec<_>>(), 0..=2);
    let flags = any::<[bool; 4]>();
    let waits = prop_oneof![Just(Wait::Created), Just(Wait::Settled), Just(Wait::Ready)];
    let implied = prop::option::weighted(0.3, (0..=kind, 0..=kind, waits));
    (identities, changes, later, unmanaged, references, held_by, flags, implied).prop_map(
        move |(identities, changes, later, unmanaged, references, held_by, flags, implied)| {
            let (naming, [by_name, by_parent, by_size]) = identities;
            let later_is = |field: &str| later.contains(&field);
            // What the create call needs can only be of a kind that comes before.
            let below = |field: &str, to: usize| if later_is(field) { to } else { to.min(kind) };
            let exclusive = flags[0] && !later_is("parent");
            let size_is_identity = by_size && by_parent && !by_name && !later_is("size");
            // What has to be unique is never left to chance.
            let unique = |field: &str| match field {
                "colour" => exclusive,
                _ => size_is_identity,
            };
            let unmanaged = unmanaged.into_iter().filter(|field| !unique(field)).collect();
            Shape {
                naming,
                name_is_identity: by_name,
                parent_is_identity: by_parent && by_name && !later_is("parent"),
                size_is_identity,
                parent_is_mutable: changes[0],
                // What is given once has to be absent before.
                size_is_mutable: changes[1] || later_is("size"),
                colour_is_mutable: changes[2],
                parent: below("parent", references.0),
                peers: below("peers", references.1),
                exclusive,
                held_by,
                // Who refers to such an output would be behind as soon as the rest is set.
                revised: flags[1] && later.is_empty(),
                late: flags[2] && flags[3],
                await_ready: flags[3],
                replace_failed: flags[0] != flags[1],
                implied: implied.filter(|(other, via, _)| *other < kind && *via <= *other),
                later,
                unmanaged,
            }
        },
    )
}

impl Shape {
    /// A kind with nothing special to it: only what its peers and its size are can change.
    pub fn plain() -> Shape {
        Shape {
            naming: None,
            name_is_identity: false,
            parent_is_identity: false,
            size_is_identity: false,
            parent_is_mutable: false,
            size_is_mutable: true,
            colour_is_mutable: false,
            later: Vec::new(),
            unmanaged: Vec::new(),
            parent: 0,
            peers: 0,
            exclusive: false,
            held_by: Vec::new(),
            revised: false,
            late: false,
            await_ready: false,
            replace_failed: false,
            implied: None,
        }
    }

    /// The field in which a kind's thing refers to another, with the output that it takes.
    pub fn output(&self) -> &'static str {
        if self.revised { "rev" } else { "id" }
    }

    fn fields(&self) -> &'static [Field] {
        let field = |name: &'static str| {
            let mutable = match name {
                "parent" => self.parent_is_mutable,
                "size" => self.size_is_mutable,
                "colour" => self.colour_is_mutable,
                "name" => false,
                _ => true,
            };
            let identity = match name {
                "name" => self.name_is_identity,
                "parent" => self.parent_is_identity,
                "size" => self.size_is_identity,
                _ => false,
            };
            let mut field = match name {
                "force" => Field::local(name),
                _ if mutable => Field::mutable(name),
                _ => Field::immutable(name),
            };
            field.identity = identity;
            field.after_create = self.later.contains(&name);
            field.unmanaged_if_absent = self.unmanaged.contains(&name);
            field
        };
        Vec::leak(FIELDS.map(field).to_vec())
    }

    fn info(&self, kind: usize, all: &Rules) -> KindInfo {
        let naming = self.naming.map(|stable| Naming {
            field: "name",
            prefix: "",
            max: 32,
            underscores: false,
            lower_case: false,
            stable,
        });
        let implied = self.implied.map(|(other, via, wait)| Implied {
            other: KINDS[other],
            via: KINDS[via],
            wait,
        });
        let held_by: Vec<&str> = self.held_by.iter().map(|kind| KINDS[*kind]).collect();
        let exclusive: &[&[&str]] = if self.exclusive { &[&["parent", "colour"]] } else { &[] };
        let reference = |kind: usize| {
            json!({
                REFERENCE: { "kind": KINDS[kind], "output": all.0[kind].output(), "literal": "" }
            })
        };
        let mut outputs = vec!["id".to_owned()];
        outputs.extend(self.revised.then(|| "rev".to_owned()));
        outputs.extend(self.late.then(|| "late".to_owned()));
        KindInfo {
            rules: KindRules {
                fields: self.fields(),
                naming,
                revised_outputs: if self.revised { &["rev"] } else { &[] },
                late_outputs: if self.late { &["late"] } else { &[] },
                implied: Vec::leak(implied.into_iter().collect()),
                await_ready: if self.await_ready { Await::Usable } else { Await::Nothing },
                exclusive,
                held_by: Vec::leak(held_by),
                replace_failed: self.replace_failed,
                ..KindRules::new(KINDS[kind], "ec2", "ec2:thing")
            },
            schema: json!({ "properties": {
                "parent": { "anyOf": [reference(self.parent), { "type": "null" }] },
                "peers": { "items": reference(self.peers) },
            }}),
            outputs,
            canonical,
            check: |_| Vec::new(),
        }
    }
}

impl Rules {
    /// The kinds as the planner knows them.
    pub fn catalogue(&self) -> Catalogue {
        let infos = self.0.iter().enumerate().map(|(kind, shape)| shape.info(kind, self));
        let kinds = infos.map(|info| (info.rules.name, info)).collect();
        Catalogue { kinds, ..Catalogue::default() }
    }
}

/// Fields in their order, nothing that is null, sets sorted, defaults filled in.
fn canonical(value: &Value) -> Result<Value, String> {
    let Value::Object(fields) = value else { return Err("not a map".to_owned()) };
    if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(format!("no field `{unknown}`"));
    }
    let mut written = Map::new();
    for name in FIELDS {
        let given = fields.get(name).filter(|value| !value.is_null()).cloned();
        let value = match (name, given) {
            ("peers", given) => {
                let mut peers = given.unwrap_or(json!([])).as_array().cloned().unwrap_or_default();
                peers.sort_by_cached_key(Value::to_string);
                peers.dedup();
                Value::Array(peers)
            }
            (_, Some(given)) => given,
            ("size", None) => json!(1),
            ("force", None) => json!(false),
            _ => continue,
        };
        written.insert(name.to_owned(), value);
    }
    Ok(Value::Object(written))
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, shape) in self.0.iter().enumerate() {
            let on = |set: bool, text: &str| if set { format!(" {text}") } else { String::new() };
            writeln!(
                f,
                "{}:{}{}{}{}{}{}{}{}{}{}{}{} parent={} peers={} later={:?} unmanaged={:?} \
                 held_by={:?} implied={:?}",
                KINDS[kind],
                match shape.naming {
                    None => "",
                    Some(true) => " stable-name",
                    Some(false) => " own-name",
                },
                on(shape.name_is_identity, "id:name"),
                on(shape.parent_is_identity, "id:parent"),
                on(shape.size_is_identity, "id:size"),
                on(!shape.parent_is_mutable, "parent!"),
                on(!shape.size_is_mutable, "size!"),
                on(!shape.colour_is_mutable, "colour!"),
                on(shape.exclusive, "exclusive"),
                on(shape.revised, "revised"),
                on(shape.late, "late"),
                on(shape.await_ready, "await"),
                on(shape.replace_failed, "replace-failed"),
                KINDS[shape.parent],
                KINDS[shape.peers],
                shape.later,
                shape.unmanaged,
                shape.held_by.iter().map(|kind| KINDS[*kind]).collect::<Vec<_>>(),
                shape.implied.map(|(other, via, wait)| (KINDS[other], KINDS[via], wait)),
            )?;
        }
        Ok(())
    }
}
