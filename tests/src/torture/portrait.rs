//! A picture of a sandbox's world in which the names that chance gives (ids, addresses, times) don't
//! count: two worlds have the same picture if the same things are in them, in the same relations.

use std::collections::BTreeMap;

use landfall_sandbox::world::{Span, World};
use serde_json::{Map, Value};

/// Members that say when or by which chance, or how far something is that moves by itself.
const PASSING: &[&str] = &[
    "agenda",
    "attachment",
    "chance",
    "completed",
    "created",
    "deleted",
    "deletions",
    "deployments",
    "deregisteredAt",
    "dns_name",
    "events",
    "history",
    "interface",
    "interfaces",
    "ipv6_blocks",
    "known",
    // A replacement that was interrupted when the old thing was gone counts from the start again.
    "landfall:generation",
    "last_used",
    "mind",
    "now",
    "private_ip",
    "public_ip",
    "registeredAt",
    "revisions",
    "runs",
    "seed",
    "streams",
    "tagging",
    "targets",
    "tasks",
    "time",
    "token",
    "updated",
];

/// The picture of a world, half an hour later: what is on its way has arrived by then.
pub fn portrait(world: &World) -> Value {
    let mut later = world.clone();
    later.advance(later.now + Span::minutes(30));
    let mut value = serde_json::to_value(&later).expect("a world can be written");
    forget(&mut value);
    let mut owned = Vec::new();
    owners(&value, &mut owned);
    // What has fewer ids in its own goes first: the rest are those of what it belongs to.
    owned.sort_by_key(|(id, _)| (tokens(id).len(), id.clone()));
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (id, owner) in owned {
        if let Some(token) = tokens(&id).into_iter().next_back() {
            names.entry(token).or_insert(owner);
        }
    }
    rename(&value, &names)
}

/// Where two pictures differ first, and how.
pub fn difference(wanted: &Value, got: &Value) -> Option<String> {
    differ("", wanted, got)
}

fn differ(at: &str, wanted: &Value, got: &Value) -> Option<String> {
    match (wanted, got) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            let null = Value::Null;
            keys.into_iter().find_map(|key| {
                let (one, other) = (one.get(key).unwrap_or(&null), other.get(key).unwrap_or(&null));
                differ(&format!("{at}/{key}"), one, other)
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            let only = |these: &[Value], those: &[Value]| {
                these.iter().filter(|item| !those.contains(item)).cloned().collect::<Vec<_>>()
            };
            let (missing, extra) = (only(one, other), only(other, one));
            if missing.is_empty() && extra.is_empty() && one.len() == other.len() {
                return None;
            }
            match (&missing[..], &extra[..]) {
                ([missing], [extra]) => differ(&format!("{at}[]"), missing, extra),
                _ => Some(format!(
                    "{at}: {} instead of {} items; missing: {}; too many: {}",
                    other.len(),
                    one.len(),
                    Value::from(missing),
                    Value::from(extra)
                )),
            }
        }
        _ => (wanted != got).then(|| format!("{at}: {got} instead of {wanted}")),
    }
}

/// Drops what passes, and revisions that AWS keeps only to remember them.
pub fn forget(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, value| {
                let inactive = value.get("status").is_some_and(|status| status != "ACTIVE");
                let forgotten = inactive && value.get("family").is_some();
                !PASSING.contains(&name.as_str()) && !forgotten
            });
            members.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        _ => {}
    }
}

/// The ids and ARNs of everything that carries an owner's tags, and whose it is.
fn owners(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            let tags = members.get("tags").and_then(Value::as_object);
            if let Some(owner) = tags.and_then(owner) {
                let ids = ["id", "arn"].into_iter().filter_map(|name| members.get(name)?.as_str());
                found.extend(ids.map(|id| (id.to_owned(), owner.clone())));
            }
            members.values().for_each(|value| owners(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| owners(item, found)),
        _ => {}
    }
}

fn owner(tags: &Map<String, Value>) -> Option<String> {
    Some(format!("<{}>", tags.get("landfall:address")?.as_str()?))
}

/// The parts of a text that chance has given: at least eight digits, hexadecimal or not, at the end
/// of a word, or the twenty letters of an IAM id.
fn tokens(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| by_chance(word))
        .map(str::to_owned)
        .collect()
}

fn by_chance(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let hexadecimal =
        word.len() >= 8 && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let of_iam = word.len() == 21 && word.starts_with('A') && word.bytes().all(upper);
    let account = word.len() == 12 && digits == 12;
    (hexadecimal && digits > 0 || of_iam) && !account
}

/// The same with each id as what it stands for. What is sorted by ids, is sorted by that.
fn rename(value: &Value, names: &BTreeMap<String, String>) -> Value {
    let renamed = |text: &str| {
        let mut text = text.to_owned();
        for token in tokens(&text) {
            text = text.replace(&token, names.get(&token).map_or("*", String::as_str));
        }
        text
    };
    match value {
        Value::String(text) => Value::String(match serde_json::from_str::<Value>(text) {
            // A document within a text.
            Ok(inner @ Value::Object(_)) => rename(&inner, names).to_string(),
            _ => renamed(text),
        }),
        Value::Array(items) => sorted(items.iter().map(|item| rename(item, names)).collect()),
        Value::Object(members) if members.keys().any(|key| !tokens(key).is_empty()) => {
            let pairs = members.iter().map(|(key, value)| {
                Value::from(vec![Value::String(renamed(key)), rename(value, names)])
            });
            sorted(pairs.collect())
        }
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), rename(value, names))).collect()
        }
        other => other.clone(),
    }
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_cached_key(Value::to_string);
    Value::Array(items)
}
