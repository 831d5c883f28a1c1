//! The runs of a stack, for programs: the document `landfall.history/1`.
//!
//! `runs` has an entry per run, the newest first: `run`, `began` (UTC), `outcome` (`done`, `failed`,
//! `stopped`, `crashed`, `running`, `unlocked`), `seconds`, `resources` (how many were brought to
//! where they should be, or `null`), and what the run said of itself: `who`, `caller`, `command`,
//! `landfall`, `spec`, `digest`, `locked`. Of one run alone there are its `steps`, too: `address`,
//! `step`, `outcome` (`done`, `failed`, `open`), `seconds`, `requests` (`operation`, `id`), and of a
//! failure `code` and `message`. Keys may be added within version 1.

use landfall_model::journal::{Entry, Run};
use serde_json::{Map, Value, json};

use crate::header::Header;
use crate::history_text::{Fate, State, fates, resources, took};
use crate::moment;

/// The document of a list of runs. `now` is AWS's time in milliseconds since 1970.
pub fn list(runs: &[Run], now: u64, header: &Header) -> Value {
    document(header, runs.iter().map(|run| Value::Object(summary(run, now))).collect())
}

/// The document of one run, with its steps.
pub fn one(run: &Run, now: u64, header: &Header) -> Value {
    let mut entry = summary(run, now);
    entry.insert("steps".to_owned(), fates(run).iter().map(step).collect());
    document(header, vec![Value::Object(entry)])
}

fn document(header: &Header, runs: Vec<Value>) -> Value {
    json!({
        "format": "landfall.history/1",
        "stack": header.stack,
        "account": header.account,
        "region": header.region,
        "endpoint": header.endpoint,
        "runs": runs,
    })
}

fn summary(run: &Run, now: u64) -> Map<String, Value> {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| drop(entry.insert(key.to_owned(), value));
    put("run", json!(run.number));
    put("began", json!(moment::iso(run.created)));
    put("outcome", json!(State::of(run, now).word()));
    put("seconds", json!(took(run).as_secs_f64()));
    put("resources", json!(resources(run)));
    if let Some(begun) = run.begun() {
        put("who", json!(begun.who));
        put("caller", json!(begun.caller));
        put("command", json!(begun.command));
        put("landfall", json!(begun.landfall));
        put("spec", json!(begun.spec));
        put("digest", json!(begun.digest));
        put("locked", json!(begun.locked));
    }
    entry
}

fn step(fate: &Fate<'_>) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "runs don't last for 280,000 years")]
    let seconds = |millis: u64| millis as f64 / 1000.0;
    let (address, step) = (fate.address, fate.step);
    match fate.entry {
        Some(Entry::Done(done)) => json!({
            "address": address, "step": step, "outcome": "done",
            "seconds": seconds(done.millis), "requests": done.requests,
        }),
        Some(Entry::Failed(failed)) => json!({
            "address": address, "step": step, "outcome": "failed",
            "seconds": seconds(failed.millis), "requests": failed.requests,
            "code": failed.code, "message": failed.message,
        }),
        _ => json!({ "address": address, "step": step, "outcome": "open" }),
    }
}
