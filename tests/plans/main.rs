//! Plans of the specs in `specs/`, without AWS: what is read is imagined from what was planned.

mod cases;
mod imagined;
mod saved;

use landfall_aws::registry;
use landfall_plan::{Action, Goal, plan};

use crate::imagined::{Imagined, spec};

/// The steps of a plan as text: what happens, and what waits for what.
fn steps(imagined: &Imagined, goal: Goal) -> String {
    let catalogue = registry::catalogue();
    let plan = plan(&imagined.stack, &imagined.observed, &catalogue, goal).expect("a plan");
    plan.steps.to_string()
}

#[test]
fn the_tutorial_is_made_in_the_order_that_aws_demands() {
    insta::assert_snapshot!(steps(&spec("tutorial", &[]), Goal::Converge));
}

#[test]
fn a_vpc_of_its_own_is_made_in_the_order_that_aws_demands() {
    insta::assert_snapshot!(steps(&spec("own-vpc", &[]), Goal::Converge));
}

#[test]
fn what_was_planned_is_not_planned_again() {
    for name in ["tutorial", "own-vpc", "nextjs-registry"] {
        let after = spec(name, &[]).applied();
        assert_eq!(steps(&after, Goal::Converge), "", "{name}");
    }
}

#[test]
fn a_new_image_is_a_new_revision_and_one_service_update() {
    let after = spec("tutorial", &[]).applied().with("tutorial", &[("image_tag", "v2")]);
    insta::assert_snapshot!(steps(&after, Goal::Converge), @r"
    settle task_definition.app
    settle ecs_service.app <- settle task_definition.app
    await ecs_service.app <- settle ecs_service.app
    ");
}

#[test]
fn destroying_is_the_reverse() {
    insta::assert_snapshot!(steps(&spec("own-vpc", &[]).applied(), Goal::Destroy));
}

#[test]
fn what_the_spec_no_longer_names_goes() {
    let mut after = spec("tutorial", &[]).applied();
    after.stack.resources.retain(|address, _| address.kind != "iam_policy");
    let catalogue = registry::catalogue();
    let plan = plan(&after.stack, &after.observed, &catalogue, Goal::Converge).expect("a plan");
    let gone: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .map(|change| change.address.to_string())
        .collect();
    assert_eq!(gone, ["iam_policy.task"]);
}
