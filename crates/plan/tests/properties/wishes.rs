//! Specs of any stack that the spec language would let through.

use std::collections::BTreeSet;
use std::fmt;

use landfall_model::{Address, Declared, Lifecycle, Path, Reference, Stack, Tags};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::kinds::{KINDS, Rules, Shape};

/// The stack that is planned.
pub const STACK: &str = "s";

/// What a spec may say of the thing in one place. Numbers choose among what there is.
#[derive(Clone, Debug)]
pub struct Wish {
    there: bool,
    name: Option<u8>,
    parent: Option<u8>,
    peers: Vec<u8>,
    size: Option<u8>,
    colour: Option<u8>,
    label: Option<u8>,
    after: Option<u8>,
    tag: Option<u8>,
    lifecycle: u8,
}

/// What a spec may say: two things of each kind.
#[derive(Clone, Debug)]
pub struct Wishes {
    each: Vec<Wish>,
    /// Whether the second of a kind comes first, so that what referred to it is now referred to.
    reversed: bool,
}

const EACH: usize = 2;

/// Anything for all places.
pub fn any_wishes() -> impl Strategy<Value = Wishes> {
    (prop::collection::vec(any_wish(), KINDS.len() * EACH), prop::bool::weighted(0.2))
        .prop_map(|(each, reversed)| Wishes { each, reversed })
}

fn any_wish() -> impl Strategy<Value = Wish> {
    let maybe = |most: u8, likely: f64| prop::option::weighted(likely, 0..most);
    (
        prop::bool::weighted(0.6),
        maybe(2, 0.3),
        maybe(4, 0.7),
        prop::collection::vec(0u8..4, 0..3),
        maybe(3, 0.5),
        maybe(2, 0.5),
        maybe(8, 0.3),
        maybe(8, 0.15),
        maybe(2, 0.3),
        prop_oneof![20 => Just(0u8), 1 => Just(1), 1 => Just(2), 2 => Just(3)],
    )
        .prop_map(
            |(there, name, parent, peers, size, colour, label, after, tag, lifecycle)| Wish {
                there,
                name,
                parent,
                peers,
                size,
                colour,
                label,
                after,
                tag,
                lifecycle,
            },
        )
}

struct Draft {
    kind: usize,
    address: Address,
    spec: Map<String, Value>,
    depends_on: Vec<Address>,
}

fn chosen<'a>(choice: u8, from: &[&'a Draft]) -> Option<&'a Draft> {
    (!from.is_empty()).then(|| from[usize::from(choice) % from.len()])
}

/// A spec that keeps the rules: nothing needs itself, and no two claim the same.
pub fn stack(wishes: &Wishes, rules: &Rules) -> Stack {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut places = Vec::new();
    let order = (0..wishes.each.len()).map(|place| if wishes.reversed { place ^ 1 } else { place });
    for place in order {
        let (kind, wish) = (place / EACH, &wishes.each[place]);
        if !wish.there {
            continue;
        }
        let draft = first_draft(place, wish, rules, &drafts);
        if !drafts.iter().any(|other| other.kind == kind && clash(&draft, other, rules)) {
            drafts.push(draft);
            places.push(place);
        }
    }
    let mut later = Vec::new();
    for (at, place) in places.iter().enumerate() {
        later.push(second_draft(&drafts, at, &wishes.each[*place], rules));
    }
    let mut stack = Stack { name: STACK.to_owned(), ..Stack::default() };
    for ((draft, later), place) in drafts.into_iter().zip(later).zip(places) {
        let wish = &wishes.each[place];
        let mut spec = draft.spec;
        spec.extend(later);
        let declared = Declared {
            address: draft.address.clone(),
            spec: Value::Object(spec),
            tags: tags(wish),
            depends_on: draft.depends_on,
            lifecycle: lifecycle(wish, &rules.0[draft.kind]),
        };
        stack.resources.insert(draft.address, declared);
    }
    let addresses: Vec<Address> = stack.resources.keys().cloned().collect();
    for address in &addresses {
        wait_for_nobody_who_waits(&mut stack, address);
    }
    stack
}

/// Nothing waits until another is ready that needs it for that.
fn wait_for_nobody_who_waits(stack: &mut Stack, address: &Address) {
    let mut needs_it: BTreeSet<Address> = [address.clone()].into();
    loop {
        let more: Vec<Address> = stack
            .resources
            .values()
            .filter(|declared| !needs_it.contains(&declared.address))
            .filter(|declared| needs(declared).iter().any(|to| needs_it.contains(to)))
            .map(|declared| declared.address.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        needs_it.extend(more);
    }
    let declared = &mut stack.resources[address];
    declared.depends_on.retain(|after| !needs_it.contains(after));
    let no_late = |reference: &Reference| {
        let to = reference.address().filter(|to| needs_it.contains(to))?;
        (reference.output == "late").then(|| json!(Reference::resource(to.clone(), "id").token()))
    };
    declared.spec = landfall_model::reference::resolve(&declared.spec, &no_late);
}

/// What a resource refers to or waits for.
pub fn needs(declared: &Declared) -> Vec<Address> {
    let references = landfall_model::reference::references(&declared.spec);
    let named = references.into_iter().filter_map(|reference| reference.address().cloned());
    named.chain(declared.depends_on.iter().cloned()).collect()
}

fn reference(to: &Draft, rules: &Rules) -> Value {
    json!(Reference::resource(to.address.clone(), rules.0[to.kind].output()).token())
}

/// What the create call takes: only from what comes before.
fn first_draft(place: usize, wish: &Wish, rules: &Rules, before: &[Draft]) -> Draft {
    let (kind, number) = (place / EACH, place % EACH);
    let shape = &rules.0[kind];
    let now = |field: &str| !shape.later.contains(&field);
    let of_kind =
        |kind: usize| before.iter().filter(move |other| other.kind == kind).collect::<Vec<_>>();
    let mut spec = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        spec.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("name", wish.name.map(|name| json!(format!("n{name}"))));
    put("size", wish.size.map(|size| json!(size)));
    put("colour", wish.colour.map(|colour| json!(["red", "blue"][usize::from(colour)])));
    if now("parent") {
        let parent = wish.parent.and_then(|choice| chosen(choice, &of_kind(shape.parent)));
        put("parent", parent.map(|parent| reference(parent, rules)));
    }
    if now("peers") {
        let candidates = of_kind(shape.peers);
        let peers = wish.peers.iter().filter_map(|choice| chosen(*choice, &candidates));
        put("peers", Some(peers.map(|peer| reference(peer, rules)).collect()));
    }
    let all: Vec<&Draft> = before.iter().collect();
    if now("label") {
        put("label", wish.label.and_then(|choice| label(choice, &all, rules)));
    }
    let after = wish.after.and_then(|choice| chosen(choice, &all));
    Draft {
        kind,
        address: Address::new(KINDS[kind], format!("x{number}")),
        spec,
        depends_on: after.map(|other| other.address.clone()).into_iter().collect(),
    }
}

fn label(choice: u8, among: &[&Draft], rules: &Rules) -> Option<Value> {
    let to = chosen(choice, among)?;
    let shape = &rules.0[to.kind];
    let output = match choice % 3 {
        0 if shape.late => "late",
        1 if shape.revised => "rev",
        _ => "id",
    };
    let token = Reference::resource(to.address.clone(), output).token();
    Some(json!(format!("of {token}")))
}

/// What an update sets later: from everything.
fn second_draft(drafts: &[Draft], at: usize, wish: &Wish, rules: &Rules) -> Map<String, Value> {
    let shape = &rules.0[drafts[at].kind];
    let later = |field: &str| shape.later.contains(&field);
    let of_kind =
        |kind: usize| drafts.iter().filter(move |other| other.kind == kind).collect::<Vec<_>>();
    let mut spec = Map::new();
    if later("parent") {
        // Nothing is its own parent.
        let mut candidates = of_kind(shape.parent);
        candidates.retain(|other| other.address != drafts[at].address);
        let parent = wish.parent.and_then(|choice| chosen(choice, &candidates));
        spec.extend(parent.map(|parent| ("parent".to_owned(), reference(parent, rules))));
    }
    if later("peers") {
        let candidates = of_kind(shape.peers);
        let peers = wish.peers.iter().filter_map(|choice| chosen(*choice, &candidates));
        let peers = peers.map(|peer| reference(peer, rules)).collect();
        spec.insert("peers".to_owned(), peers);
    }
    if later("label") {
        let mut others: Vec<&Draft> = drafts.iter().collect();
        others.retain(|other| other.address != drafts[at].address);
        let label = wish.label.and_then(|choice| label(choice, &others, rules));
        spec.extend(label.map(|label| ("label".to_owned(), label)));
    }
    spec
}

/// Whether AWS would not let the two exist side by side.
fn clash(one: &Draft, other: &Draft, rules: &Rules) -> bool {
    let shape = &rules.0[one.kind];
    let alike = |fields: &[&str]| {
        fields.iter().all(|field| {
            let default = || (*field == "size").then(|| json!(1));
            let value = |draft: &Draft| draft.spec.get(*field).cloned().or_else(default);
            value(one).is_some() && value(one) == value(other)
        })
    };
    let mut identity = Vec::new();
    identity.extend(shape.name_is_identity.then_some("name"));
    identity.extend(shape.parent_is_identity.then_some("parent"));
    identity.extend(shape.size_is_identity.then_some("size"));
    let same = !identity.is_empty() && alike(&identity);
    same || shape.exclusive && alike(&["parent", "colour"])
}

fn tags(wish: &Wish) -> Tags {
    wish.tag.map(|tag| ("team".to_owned(), format!("t{tag}"))).into_iter().collect()
}

fn lifecycle(wish: &Wish, shape: &Shape) -> Lifecycle {
    Lifecycle {
        ignore_changes: match wish.lifecycle {
            3 if !shape.size_is_identity => vec![Path::field("size"), Path::parse("tags.team")],
            _ => Vec::new(),
        },
        prevent_destroy: wish.lifecycle == 1,
        retain: wish.lifecycle == 2,
    }
}

/// A spec as text, for people who look at a failure.
pub struct Shown<'a>(pub &'a Stack);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for declared in self.0.resources.values() {
            let spec = landfall_model::reference::display(&declared.spec.to_string());
            let spec = spec.replace("\\u0001", "<").replace("\\u0002", ">");
            write!(f, "  {}: {spec}", declared.address)?;
            for after in &declared.depends_on {
                write!(f, " after {after}")?;
            }
            if !declared.tags.is_empty() {
                write!(f, " tags {:?}", declared.tags)?;
            }
            let Lifecycle { ignore_changes, prevent_destroy, retain } = &declared.lifecycle;
            for (set, word) in [
                (*prevent_destroy, "prevent_destroy"),
                (*retain, "retain"),
                (!ignore_changes.is_empty(), "ignores size and team"),
            ] {
                if set {
                    write!(f, " {word}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
