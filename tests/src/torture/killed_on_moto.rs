//! The real binary on an AWS that others wrote: SIGKILL at every call of the tutorial's apply and
//! destroy, before and after the call's effect; then the same command again.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::trial::Schedule;
use crate::binary::{Landfall, Output};
use crate::recorder::{At, Fault, Kind, Victim, When};
use crate::target::workspace_dir;
use crate::world::World;

const SPEC: &str = "specs/tutorial.yaml";

/// What is there, as a number for each kind.
type Census = BTreeMap<String, usize>;

/// How many calls an apply and a destroy take undisturbed, and what there is in between.
struct Undisturbed {
    apply: usize,
    destroy: usize,
    applied: Census,
    empty: Census,
}

fn undisturbed() -> &'static Undisturbed {
    static KNOWN: OnceLock<Undisturbed> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let world = World::shared_moto();
        let empty = census(&world);
        landfall(&world, "apply").run().expect_status(0);
        let apply = world.recorder.calls().len();
        let applied = census(&world);
        world.recorder.clear();
        landfall(&world, "destroy").run().expect_status(0);
        Undisturbed { apply, destroy: world.recorder.calls().len(), applied, empty }
    })
}

/// Every call of an apply from nothing, and of a destroy.
pub fn schedules() -> Vec<Schedule<'static>> {
    let known = undisturbed();
    let whens = [When::Before, When::After];
    let applies = (1..=known.apply).flat_map(|call| whens.map(|when| ("apply", call, when)));
    let destroys = (1..=known.destroy).flat_map(|call| whens.map(|when| ("destroy", call, when)));
    let all = applies.chain(destroys);
    all.map(|(act, call, when)| Box::new(move || kill(act, call, when)) as Schedule<'static>)
        .collect()
}

fn landfall(world: &World, act: &str) -> Landfall {
    Landfall::new(world).args([act, SPEC, "--yes"]).cwd(workspace_dir())
}

fn kill(act: &str, call: usize, when: When) -> Result<(), String> {
    let known = undisturbed();
    let world = World::shared_moto();
    let about = |what: &str, why: String| {
        format!("{act} killed {when:?} call {call}: {what}: {why}\n{}", world.recorder)
    };
    let done = |what: &str, output: Output| match output.status {
        0 => Ok(()),
        _ => Err(about(what, output.to_string())),
    };
    if act == "destroy" {
        done("the apply before", landfall(&world, "apply").run())?;
        world.recorder.clear();
    }
    let victim = Victim::new();
    world.recorder.fault(Fault { at: At::Call(call), when, kind: Kind::Kill(victim.clone()) });
    let killed = landfall(&world, act).victim(&victim).run();
    world.recorder.settle();
    world.recorder.clear_faults();
    if killed.status != -9 && killed.status != 0 {
        return Err(about("the killed run", killed.to_string()));
    }
    done("the second run", landfall(&world, act).run())?;
    let (now, wanted) = match act {
        "apply" => {
            let plan = Landfall::new(&world).args(["plan", SPEC, "--exit-code"]);
            done("the plan after it", plan.cwd(workspace_dir()).run())?;
            let now = census(&world);
            done("the destroy after it", landfall(&world, "destroy").run())?;
            (now, &known.applied)
        }
        _ => (census(&world), &known.empty),
    };
    if now != *wanted {
        return Err(about("doubled or lost", format!("{now:?} instead of {wanted:?}")));
    }
    let left = census(&world);
    match left == known.empty {
        true => Ok(()),
        false => Err(about("left", format!("{left:?} instead of {:?}", known.empty))),
    }
}

fn census(world: &World) -> Census {
    let snapshot = world.snapshot();
    let kinds = snapshot.as_object().into_iter().flatten();
    kinds.map(|(kind, all)| (kind.clone(), all.as_object().map_or(0, |all| all.len()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_census_counts() {
        let world = World::shared_moto();
        let before = census(&world);
        world.python("import boto3; boto3.client('ec2').create_vpc(CidrBlock='10.0.0.0/16')", &[]);
        assert_ne!(census(&world), before);
    }
}
