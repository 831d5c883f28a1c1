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
    /// What is applied, as it is written.
    pub spec: Value,
}

/// Changes in place and changes that replace, by spec, as JSON merge patches (RFC 7386).
const PATCHES: &str = include_str!("patches.yaml");

/// The specs.
pub const SPECS: &[&str] = &["tutorial", "own-vpc", "nextjs-registry", "thirty"];

/// All cases.
pub fn all() -> Vec<Case> {
    SPECS.iter().flat_map(|spec| of_name(spec)).collect()
}

/// The cases of one spec, by its name.
pub fn of_name(spec: &str) -> Vec<Case> {
    let patches: Map<String, Value> =
        serde_saphyr::from_str(PATCHES).expect("patches.yaml can be read");
    of_spec(spec, &patches[spec])
}

/// A spec, as it is written.
pub fn text(spec: &str) -> String {
    match spec {
        "thirty" => simulated::THIRTY.to_owned(),
        name => {
            let path = target::workspace_dir().join(format!("specs/{name}.yaml"));
            std::fs::read_to_string(path).expect("a spec can be read")
        }
    }
}

/// The cases of one spec.
fn of_spec(spec: &str, patches: &Value) -> Vec<Case> {
    let text = text(spec);
    let base: Value = serde_saphyr::from_str(&text).expect("a spec is YAML");
    let load = |value: &Value| stack::load(value).unwrap_or_else(|why| panic!("{spec}: {why}"));
    let case = |act: &str, before, spec_of_case: &Value, goal| Case {
        name: format!("{spec}: {act}"),
        before,
        stack: load(spec_of_case),
        goal,
        spec: spec_of_case.clone(),
    };
    let mut cases = vec![
        case("create", None, &base, Goal::Converge),
        case("destroy", Some(load(&base)), &base, Goal::Destroy),
    ];
    for (act, patch) in patches.as_object().expect("patches by act") {
        let mut patched = base.clone();
        merge(&mut patched, patch);
        cases.push(case(act, Some(load(&base)), &patched, Goal::Converge));
    }
    cases
}

impl Case {
    /// A new account.
    pub fn empty(&self, seed: u64) -> World {
        World::new(seed, Delays::AsOnAws)
    }

    /// The world that it begins in.
    pub fn begin(&self, seed: u64) -> World {
        let world = self.empty(seed);
        let Some(before) = &self.before else { return world };
        let made = run(world, before, Goal::Converge, Schedule::default());
        made.complete().unwrap_or_else(|why| panic!("{}: what comes before it: {why}", self.name));
        made.world
    }
}

/// Applies a JSON merge patch.
pub fn merge(target: &mut Value, patch: &Value) {
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
