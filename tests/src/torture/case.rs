//! What is tortured: every spec that people are shown, and one with all kinds, made, changed, partly
//! replaced and destroyed.

use landfall_model::Stack;
use landfall_plan::Goal;
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::{Delays, World};
use serde_json::{Map, Value};

use super::run::run;
use crate::{simulated, stack, target};

/// One way from one state of a stack to another.
pub struct Case {
    /// Spec and act, such as `tutorial: replace`.
    pub name: String,
    /// What was applied before; nothing in an empty account.
    before: Option<Stack>,
    /// What is applied, or taken away.
    pub stack: Stack,
    /// Which of the two.
    pub goal: Goal,
}

/// Changes in place and changes that replace, by spec, as JSON merge patches (RFC 7386).
const PATCHES: &str = include_str!("patches.yaml");

/// All cases.
pub fn all() -> Vec<Case> {
    let patches: Map<String, Value> =
        serde_saphyr::from_str(PATCHES).expect("patches.yaml can be read");
    patches.into_iter().flat_map(|(spec, patches)| of_spec(&spec, &patches)).collect()
}

/// The cases of one spec.
fn of_spec(spec: &str, patches: &Value) -> Vec<Case> {
    let text = match spec {
        "thirty" => simulated::THIRTY.to_owned(),
        name => {
            let path = target::workspace_dir().join(format!("specs/{name}.yaml"));
            std::fs::read_to_string(path).expect("a spec can be read")
        }
    };
    let base: Value = serde_saphyr::from_str(&text).expect("a spec is YAML");
    let load = |value: &Value| stack::load(value).unwrap_or_else(|why| panic!("{spec}: {why}"));
    let case = |act: &str, before, stack, goal| Case {
        name: format!("{spec}: {act}"),
        before,
        stack,
        goal,
    };
    let mut cases = vec![
        case("create", None, load(&base), Goal::Converge),
        case("destroy", Some(load(&base)), load(&base), Goal::Destroy),
    ];
    for (act, patch) in patches.as_object().expect("patches by act") {
        let mut patched = base.clone();
        merge(&mut patched, patch);
        cases.push(case(act, Some(load(&base)), load(&patched), Goal::Converge));
    }
    cases
}

impl Case {
    /// The world that it begins in.
    pub fn begin(&self, seed: u64) -> World {
        let world = World::new(seed, Delays::AsOnAws);
        let Some(before) = &self.before else { return world };
        let made = run(world, before, Goal::Converge, Schedule::default());
        made.complete().unwrap_or_else(|why| panic!("{}: what comes before it: {why}", self.name));
        made.world
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        match value {
            Value::Null => drop(members.remove(name)),
            value => merge(members.entry(name).or_insert(Value::Null), value),
        }
    }
}
