//! A world that exists only in the mind: whatever a plan makes is there, with invented ids.

use landfall_aws::registry;
use landfall_model::{Live, Readiness, Reference, Stack, reference};
use landfall_plan::{Goal, Observed, Plan, Target, answers, plan};
use landfall_spec::Input;
use landfall_tests::target::workspace_dir;
use serde_json::{Map, Value, json};

/// A stack and the world that it meets.
pub struct Imagined {
    /// The stack.
    pub stack: Stack,
    /// What is read.
    pub observed: Observed,
}

/// A spec of the repository in a world that has nothing of it.
pub fn spec(name: &str, vars: &[(&str, &str)]) -> Imagined {
    let stack = load(name, vars);
    let target = Target {
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        partition: "aws".to_owned(),
    };
    let answer = |kind: &str| match kind {
        "subnets" => json!({ "ids": ["subnet-1", "subnet-2"] }),
        other => json!({ "id": format!("{other}-1") }),
    };
    let lookups = stack.lookups.keys().map(|address| {
        let answer = answer(&address.kind).as_object().cloned().unwrap_or_default();
        (address.clone(), answer)
    });
    let observed = Observed { target, lookups: lookups.collect(), live: Vec::new() };
    Imagined { stack, observed }
}

fn load(name: &str, vars: &[(&str, &str)]) -> Stack {
    let path = workspace_dir().join(format!("specs/{name}.yaml"));
    let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let input = Input { vars: vars.collect(), ..Input::default() };
    match landfall_spec::load(&path, &input, &registry::catalogue()) {
        Ok(loaded) => loaded.stack,
        Err(problems) => panic!("{problems}"),
    }
}

impl Imagined {
    /// The same stack after an apply.
    pub fn applied(mut self) -> Imagined {
        let catalogue = registry::catalogue();
        let plan = plan(&self.stack, &self.observed, &catalogue, Goal::Converge).expect("a plan");
        self.observed.live = lives(&plan, &self.observed);
        self
    }

    /// The same world under another reading of a spec.
    pub fn with(mut self, name: &str, vars: &[(&str, &str)]) -> Imagined {
        self.stack = load(name, vars);
        self
    }
}

fn lives(plan: &Plan, observed: &Observed) -> Vec<Live> {
    let catalogue = registry::catalogue();
    let invented = |reference: &Reference| match reference.address() {
        Some(address) => Some(json!(format!("{address}.{}", reference.output))),
        None => answers(observed, reference),
    };
    plan.changes
        .iter()
        .map(|change| {
            let info = catalogue.kind(&change.address.kind).expect("a kind");
            let want = change.want.as_ref().expect("a wanted thing");
            let spec = (info.canonical)(&reference::resolve(want, &invented)).expect("canonical");
            let outputs: Map<String, Value> = info
                .outputs
                .iter()
                .map(|output| (output.clone(), json!(format!("{}.{output}", change.address))))
                .collect();
            Live {
                kind: change.address.kind.clone(),
                id: format!("{}-id", change.address),
                spec,
                outputs,
                tags: change.tags.clone(),
                readiness: Readiness::Ready,
            }
        })
        .collect()
}
