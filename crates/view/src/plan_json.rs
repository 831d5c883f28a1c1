//! A plan for a program: the document `landfall.plan/1`.
//!
//! ```json
//! {
//!   "format": "landfall.plan/1",
//!   "stack": "shop", "account": "123456789012", "region": "us-east-1", "endpoint": null,
//!   "empty": false,
//!   "changes": [ … ], "summary": { … }, "steps": [ … ], "receipt": { … }
//! }
//! ```
//!
//! Keys may be added within version 1; none is taken away or given another meaning. So a reader
//! checks `format` and ignores keys that it does not know.
//!
//! **`changes`**: one entry per thing, those that stay as they are among them, in the order of the
//! spec; things that the spec no longer names come last.
//!
//! | Key | Value |
//! |---|---|
//! | `address` | `kind.name` in the spec |
//! | `kind` | the part of the address before the dot |
//! | `action` | `create`, `update`, `replace`, `delete`, `retain` (it stays in AWS though the stack lets go of it) or `keep` |
//! | `order` | of a replacement: `create_first` or `delete_first`; otherwise absent |
//! | `because` | `missing`, `differs`, `not_in_spec`, `left_over`, `destroyed`, `failed` or `equal` |
//! | `interruption` | what a replacement cannot spare its users, in words; otherwise absent |
//! | `reason` | with `failed`: AWS's reason; otherwise absent |
//! | `id` | AWS's identifier of the thing that exists, or `null` |
//! | `generation` | how often the address has been made anew, from 1: of the wanted thing, or of the one that goes |
//! | `fields` | what differs, below |
//! | `want`, `tags` | of `create`, `update` and `replace`: all fields and tags as wanted, defaults filled in |
//!
//! **`fields`**: the leaves that differ; empty for `create` and `delete`.
//!
//! | Key | Value |
//! |---|---|
//! | `path` | where, as `containers.app.image` or `rules[0].cidr` |
//! | `before`, `after` | the two values; `null` where there is none |
//! | `removed`, `added` | in place of `before` and `after`: the elements of a list that come and go |
//! | `unknown` | `true` where a part of the new value is known only after the apply, written there as `${kind.name.output}`; otherwise absent |
//! | `document` | `true` where the value is a document, such as a policy; otherwise absent |
//! | `forces_replacement` | whether the thing has to be replaced because of this field |
//!
//! **`summary`**: how many changes there are by action: `create`, `update`, `replace`, `delete`,
//! `retain`, `keep`.
//!
//! **`steps`**: what an apply does, in an order that respects every dependency. `step` is `create`,
//! `settle` (bring fields and tags to what is wanted), `await` (wait until it is ready), `release`
//! (let go of what it refers to) or `delete`, and an address; `after` lists the steps that have to
//! be done first.
//!
//! **`receipt`**: what planning took: `resources`, `calls`, `writes`, `retries`, `put_off` (seconds that
//! calls waited for AWS's limits), `seconds`.
//!
//! Values that look like secrets are `(secret)`, or `(secret, changed)` in place of another one. So
//! are those of secret variables; `(another secret)` is what AWS has where the spec wants one of them.

use landfall_model::{Path, Root, reference};
use landfall_plan::{Action, Because, Change, Delta, FieldChange, Order, Plan};
use serde_json::{Map, Value, json};

use crate::count::Counts;
use crate::value_text::displayed;
use crate::{Header, Receipt, secret};

/// The name of the format, with its version.
pub const FORMAT: &str = "landfall.plan/1";

/// The plan as a document.
pub fn document(plan: &Plan, header: &Header, receipt: &Receipt) -> Value {
    let mut document = without_receipt(plan, header);
    document["receipt"] = json!({
        "resources": receipt.resources,
        "calls": receipt.calls,
        "writes": receipt.writes,
        "retries": receipt.retries,
        "put_off": (receipt.put_off * 1000.0).round() / 1000.0,
        // Milliseconds are as much as a clock can tell here.
        "seconds": (receipt.seconds * 1000.0).round() / 1000.0,
    });
    document
}

/// The document without what planning took: the same for the same plan.
pub fn without_receipt(plan: &Plan, header: &Header) -> Value {
    let counts = Counts::in_plan(plan);
    json!({
        "format": FORMAT,
        "stack": header.stack,
        "account": header.account,
        "region": header.region,
        "endpoint": header.endpoint,
        "empty": counts.acting() == 0,
        "changes": plan.changes.iter().map(change).collect::<Vec<_>>(),
        "summary": {
            "create": counts.create,
            "update": counts.update,
            "replace": counts.replace,
            "delete": counts.delete,
            "retain": counts.retain,
            "keep": counts.keep,
        },
        "steps": steps(plan),
    })
}

fn change(change: &Change) -> Value {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| drop(entry.insert(key.to_owned(), value));
    put("address", json!(change.address));
    put("kind", json!(change.address.kind));
    let (action, order) = match change.action {
        Action::Create => ("create", None),
        Action::Update => ("update", None),
        Action::Replace(Order::CreateFirst) => ("replace", Some("create_first")),
        Action::Replace(Order::DeleteFirst) => ("replace", Some("delete_first")),
        Action::Delete => ("delete", None),
        Action::Retain => ("retain", None),
        Action::Keep => ("keep", None),
    };
    put("action", json!(action));
    if let Some(order) = order {
        put("order", json!(order));
    }
    let because = match &change.because {
        Because::Missing => "missing",
        Because::Differs => "differs",
        Because::NotInSpec => "not_in_spec",
        Because::LeftOver => "left_over",
        Because::Destroyed => "destroyed",
        Because::Failed(_) => "failed",
        Because::Equal => "equal",
    };
    put("because", json!(because));
    if let Some(interruption) = change.interruption {
        put("interruption", json!(interruption));
    }
    if let Because::Failed(why) = &change.because {
        put("reason", json!(why));
    }
    put("id", json!(change.live.as_ref().map(|live| &live.id)));
    put("generation", json!(change.generation));
    put("fields", change.fields.iter().map(field).collect());
    if let (Some(want), true) = (&change.want, change.acts()) {
        put("want", shown(&Path::default(), want, None));
        put("tags", json!(change.tags));
    }
    Value::Object(entry)
}

fn field(field: &FieldChange) -> Value {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| drop(entry.insert(key.to_owned(), value));
    put("path", json!(field.path));
    let show = |value: &Value, other| shown(&field.path, value, other);
    let known = match &field.delta {
        Delta::Value { before, after } => {
            put("before", before.as_ref().map_or(Value::Null, |value| show(value, None)));
            put("after", after.as_ref().map_or(Value::Null, |value| show(value, before.as_ref())));
            after.as_ref().is_none_or(is_known)
        }
        Delta::Elements { removed, added } => {
            put("removed", removed.iter().map(|value| show(value, None)).collect());
            put("added", added.iter().map(|value| show(value, None)).collect());
            added.iter().all(is_known)
        }
    };
    if !known {
        put("unknown", json!(true));
    }
    if field.document {
        put("document", json!(true));
    }
    put("forces_replacement", json!(field.forces_replacement));
    Value::Object(entry)
}

/// Whether nothing in a value is known only after the apply. Secrets are, though they don't show.
fn is_known(value: &Value) -> bool {
    reference::references(value).iter().all(|reference| reference.root == Root::Variable)
}

fn shown(path: &Path, value: &Value, other: Option<&Value>) -> Value {
    displayed(&secret::hide(path, value, other))
}

fn steps(plan: &Plan) -> Value {
    let entry = |id| {
        let mut after: Vec<String> =
            plan.steps.before(id).map(|first| plan.steps.step(first).to_string()).collect();
        after.sort();
        json!({ "step": plan.steps.step(id).to_string(), "after": after })
    };
    plan.steps.in_order().unwrap_or_default().into_iter().map(entry).collect()
}
