//! Which leaves differ between two canonical values of a kind.

use landfall_model::{Change as Rule, KindRules, Path, Tags, tags};
use serde_json::Value;

use crate::change::{Delta, FieldChange};

/// The differences between what is wanted and what is, field by field. Fields that only steer
/// landfall are left out.
pub fn fields(rules: &KindRules, want: &Value, live: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    for field in rules.fields.iter().filter(|field| field.change != Rule::Local) {
        let (want, live) = (present(want.get(field.name)), present(live.get(field.name)));
        let start = found.len();
        if field.document {
            if want != live {
                found.push(value(Path::field(field.name), live, want));
            }
        } else if field.documents {
            each_by_name(&Path::field(field.name), want, live, &mut found);
        } else {
            compare(Path::field(field.name), want, live, &mut found);
        }
        for change in &mut found[start..] {
            change.document = field.document || field.documents;
            // What the create call leaves out is given once, even if it cannot be changed then.
            let given_once = field.after_create && live.is_none();
            change.forces_replacement = field.change == Rule::Immutable && !given_once;
        }
    }
    found
}

/// The differences between two maps, each value compared as a whole.
fn each_by_name(
    path: &Path,
    want: Option<&Value>,
    live: Option<&Value>,
    found: &mut Vec<FieldChange>,
) {
    let entries = |map: Option<&Value>| map.and_then(Value::as_object).cloned().unwrap_or_default();
    let (want, live) = (entries(want), entries(live));
    let removed = live.keys().filter(|name| !want.contains_key(*name));
    for name in want.keys().chain(removed) {
        let (want, live) = (present(want.get(name)), present(live.get(name)));
        if want != live {
            found.push(value(path.key(name), live, want));
        }
    }
}

/// The differences between tags. AWS's own don't count.
pub fn tag_changes(want: &Tags, live: &Tags) -> Vec<FieldChange> {
    let path = Path::field("tags");
    let text = |tags: &Tags, key: &String| tags.get(key).cloned().map(Value::String);
    let mut keys: Vec<&String> = want.keys().chain(live.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| !tags::is_reserved(key))
        .map(|key| (path.key(key), text(live, key), text(want, key)))
        .filter(|(_, before, after)| before != after)
        .map(|(path, before, after)| value(path, before.as_ref(), after.as_ref()))
        .collect()
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn value(path: Path, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    let delta = Delta::Value { before: before.cloned(), after: after.cloned() };
    FieldChange { path, delta, document: false, forces_replacement: false }
}

fn compare(path: Path, want: Option<&Value>, live: Option<&Value>, found: &mut Vec<FieldChange>) {
    match (want, live) {
        (want, live) if want == live => {}
        (Some(Value::Object(want)), Some(Value::Object(live))) => {
            for (key, value) in want {
                compare(path.key(key), present(Some(value)), present(live.get(key)), found);
            }
            for (key, value) in live.iter().filter(|(key, _)| !want.contains_key(*key)) {
                compare(path.key(key), None, present(Some(value)), found);
            }
        }
        (Some(Value::Array(want)), Some(Value::Array(live))) => {
            let removed = missing(live, want);
            let added = missing(want, live);
            if removed.is_empty() && added.is_empty() {
                let both = (Value::Array(live.clone()), Value::Array(want.clone()));
                found.push(value(path, Some(&both.0), Some(&both.1)));
            } else {
                let delta = Delta::Elements { removed, added };
                found.push(FieldChange { path, delta, document: false, forces_replacement: false });
            }
        }
        (want, live) => found.push(value(path, live, want)),
    }
}

/// The elements of `from` that `others` has fewer of.
fn missing(from: &[Value], others: &[Value]) -> Vec<Value> {
    let mut others: Vec<&Value> = others.iter().collect();
    from.iter()
        .filter(|item| match others.iter().position(|other| other == item) {
            Some(at) => {
                others.swap_remove(at);
                false
            }
            None => true,
        })
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use landfall_model::Field;
    use serde_json::json;

    use super::*;

    const RULES: KindRules = KindRules {
        fields: &[
            Field::mutable("containers"),
            Field::mutable("command"),
            Field::immutable("cidr"),
            Field::local("force"),
            Field::mutable("policies").documents(),
        ],
        ..KindRules::new("thing", "ec2", "ec2:thing")
    };

    fn paths(want: Value, live: Value) -> Vec<String> {
        fields(&RULES, &want, &live).iter().map(|change| change.path.to_string()).collect()
    }

    #[test]
    fn only_leaves_that_differ_show() {
        let live = json!({"containers": {"app": {"image": "a:1", "cpu": 0}}, "force": false});
        let want = json!({"containers": {"app": {"image": "a:2", "cpu": 0}}, "force": true});
        assert_eq!(paths(want, live), ["containers.app.image"]);
    }

    #[test]
    fn documents_of_a_map_are_compared_one_by_one() {
        let live = json!({"policies": {"same": {"a": 1}, "old": {"a": 1}, "new": {"a": [1]}}});
        let want = json!({"policies": {"same": {"a": 1}, "new": {"a": [2]}, "more": {"a": 1}}});
        assert_eq!(paths(want, live), ["policies.new", "policies.more", "policies.old"]);
    }

    #[test]
    fn absent_and_null_are_one() {
        assert!(paths(json!({"cidr": null}), json!({})).is_empty());
    }

    #[test]
    fn a_new_order_shows_where_order_counts() {
        let change =
            fields(&RULES, &json!({"command": ["b", "a"]}), &json!({"command": ["a", "b"]}));
        assert!(matches!(change[0].delta, Delta::Value { .. }));
    }

    #[test]
    fn doubled_elements_count() {
        let change = fields(&RULES, &json!({"command": ["a", "a"]}), &json!({"command": ["a"]}));
        assert_eq!(change[0].delta, Delta::Elements { removed: vec![], added: vec![json!("a")] });
    }

    #[test]
    fn an_immutable_field_forces_a_replacement() {
        assert!(fields(&RULES, &json!({"cidr": "1"}), &json!({"cidr": "2"}))[0].forces_replacement);
    }
}
