//! What the histories have found, each as small as it can be.

use landfall_model::{Address, Declared, Lifecycle, Reference, Stack, Tags};
use landfall_plan::{Action, Goal, Order, plan};
use serde_json::{Value, json};

use crate::kinds::{Rules, Shape};
use crate::performer::Performer;
use crate::wishes::STACK;
use crate::world::World;

fn rules(of_ant: impl FnOnce(&mut Shape), of_bee: impl FnOnce(&mut Shape)) -> Rules {
    let mut rules = Rules(vec![Shape::plain(); 4]);
    of_ant(&mut rules.0[0]);
    of_bee(&mut rules.0[1]);
    rules
}

fn unchanged(_: &mut Shape) {}

fn declared(address: &str, spec: Value) -> Declared {
    Declared {
        address: address.parse().unwrap(),
        spec,
        tags: Tags::new(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
    }
}

fn stack(resources: Vec<Declared>) -> Stack {
    let resources = resources.into_iter().map(|one| (one.address.clone(), one)).collect();
    Stack { name: STACK.to_owned(), resources, ..Stack::default() }
}

fn id(of: &str) -> String {
    Reference::resource(of.parse().unwrap(), "id").token()
}

/// Applies a stack to a world in several orders; all end with nothing more to do.
fn apply(rules: &Rules, stack: &Stack, world: &World) -> World {
    let catalogue = rules.catalogue();
    let observed = world.observed(rules);
    let plan = plan(stack, &observed, &catalogue, Goal::Converge).unwrap();
    let worlds = [&[0][..], &[255], &[1, 0, 2, 3], &[3, 1, 4, 1, 5, 9]].map(|choices| {
        let mut performer = Performer::new(&plan, &catalogue, &observed, world);
        performer
            .perform(usize::MAX, choices)
            .unwrap_or_else(|why| panic!("{why}\n{}", plan.steps));
        performer.world.rest();
        let again = performer.world.observed(rules);
        let again = landfall_plan::plan(stack, &again, &catalogue, Goal::Converge).unwrap();
        assert_eq!(again.steps.to_string(), "", "{}", performer.world);
        performer.world
    });
    worlds[0].clone()
}

/// The steps and what happens to an address, in a world made by one stack and met by another.
fn moved(rules: &Rules, from: &Stack, to: &Stack, address: &str) -> Action {
    let world = apply(rules, from, &World::default());
    apply(rules, to, &world);
    let address: Address = address.parse().unwrap();
    let plan = plan(to, &world.observed(rules), &rules.catalogue(), Goal::Converge).unwrap();
    plan.changes.iter().find(|change| change.address == address).unwrap().action
}

/// Why a stack is refused.
fn refused(rules: &Rules, stack: &Stack, world: &World) -> String {
    let refused = plan(stack, &world.observed(rules), &rules.catalogue(), Goal::Converge);
    refused.unwrap_err().into_iter().map(|finding| finding.message).collect()
}

#[test]
fn what_is_attached_later_may_stand_before_what_it_is_attached_to() {
    let rules = rules(|ant| ant.later = vec!["parent"], unchanged);
    let attached = declared("ant.x0", json!({ "parent": id("ant.x1") }));
    apply(&rules, &stack(vec![attached, declared("ant.x1", json!({}))]), &World::default());
}

#[test]
fn what_is_attached_to_something_replaced_is_replaced() {
    let rules = rules(|ant| ant.later = vec!["parent"], unchanged);
    let of_colour = |colour| {
        let attached = declared("ant.x0", json!({ "parent": id("ant.x1") }));
        stack(vec![attached, declared("ant.x1", json!({ "colour": colour }))])
    };
    let action = moved(&rules, &of_colour("red"), &of_colour("blue"), "ant.x0");
    assert_eq!(action, Action::Replace(Order::CreateFirst));
}

#[test]
fn two_that_refer_to_each_other_can_change_at_once() {
    let rules = rules(|ant| ant.later = vec!["peers", "size"], unchanged);
    let of_size = |size| {
        let one = declared("ant.x0", json!({ "size": size, "peers": [id("ant.x1")] }));
        let other = declared("ant.x1", json!({ "size": size, "peers": [id("ant.x0")] }));
        stack(vec![one, other])
    };
    assert_eq!(moved(&rules, &of_size(2), &of_size(3), "ant.x0"), Action::Update);
}

#[test]
fn what_changes_may_refer_to_the_replacement_of_what_refers_to_it() {
    let rules = rules(|ant| ant.later = vec!["peers"], |bee| bee.parent = 0);
    let mut rules = rules;
    rules.0[0].peers = 1;
    let before = stack(vec![declared("ant.x0", json!({})), declared("bee.x0", json!({}))]);
    let after = stack(vec![
        declared("ant.x0", json!({ "peers": [id("bee.x0")] })),
        declared("bee.x0", json!({ "parent": id("ant.x0") })),
    ]);
    let action = moved(&rules, &before, &after, "bee.x0");
    assert_eq!(action, Action::Replace(Order::CreateFirst));
}

#[test]
fn a_reference_can_be_turned_round() {
    let rules = rules(|ant| ant.parent_is_mutable = true, unchanged);
    let (from, to) = (json!({ "parent": id("ant.x1") }), json!({ "parent": id("ant.x0") }));
    let before = stack(vec![declared("ant.x0", from), declared("ant.x1", json!({}))]);
    let after = stack(vec![declared("ant.x0", json!({})), declared("ant.x1", to)]);
    assert_eq!(moved(&rules, &before, &after, "ant.x1"), Action::Update);
}

#[test]
fn a_name_can_go_to_another_resource() {
    let rules = rules(|ant| ant.name_is_identity = true, |bee| bee.peers = 0);
    let used_by_bee = |name: &str| {
        let user = declared("bee.x0", json!({ "peers": [id(name)] }));
        stack(vec![declared(name, json!({ "name": "n0" })), user])
    };
    moved(&rules, &used_by_bee("ant.x0"), &used_by_bee("ant.x1"), "bee.x0");
}

#[test]
fn a_name_that_is_held_cannot_go_to_another_resource() {
    let mut rules = rules(|ant| ant.name_is_identity = true, |bee| bee.peers = 0);
    rules.0[0].held_by = vec![1];
    let used_by_bee = |name: &str| {
        let user = declared("bee.x0", json!({ "peers": [id(name)] }));
        stack(vec![declared(name, json!({ "name": "n0" })), user])
    };
    let world = apply(&rules, &used_by_bee("ant.x0"), &World::default());
    let said = refused(&rules, &used_by_bee("ant.x1"), &world);
    assert!(said.contains("ant.x1 takes over") && said.contains("while bee.x0 uses it"), "{said}");
}

#[test]
fn two_names_can_be_swapped() {
    let rules = rules(|ant| ant.name_is_identity = true, unchanged);
    let named = |one, other| {
        let one = declared("ant.x0", json!({ "name": one }));
        stack(vec![one, declared("ant.x1", json!({ "name": other }))])
    };
    moved(&rules, &named("n0", "n1"), &named("n1", "n0"), "ant.x0");
}

#[test]
fn what_can_change_and_has_to_be_unique_can_be_taken_over() {
    let rules = rules(
        |ant| {
            ant.size_is_identity = true;
            ant.size_is_mutable = true;
        },
        unchanged,
    );
    let before = stack(vec![declared("ant.x0", json!({ "size": 1 }))]);
    let new = declared("ant.x1", json!({ "size": 1 }));
    let after = stack(vec![declared("ant.x0", json!({ "size": 2 })), new]);
    assert_eq!(moved(&rules, &before, &after, "ant.x0"), Action::Update);
    let swapped = |one, other| {
        let one = declared("ant.x0", json!({ "size": one }));
        stack(vec![one, declared("ant.x1", json!({ "size": other }))])
    };
    let world = apply(&rules, &swapped(1, 2), &World::default());
    let said = refused(&rules, &swapped(2, 1), &world);
    assert!(said.contains("takes over what has to be unique"), "{said}");
}

#[test]
fn what_excludes_another_comes_after_it() {
    let rules = rules(|ant| ant.exclusive = true, |bee| bee.parent = 0);
    let below = |name: &str| {
        let parent = declared("ant.x0", json!({}));
        let child = declared(name, json!({ "parent": id("ant.x0"), "colour": "red" }));
        stack(vec![parent, child])
    };
    let mut exclusive = rules;
    exclusive.0[1].exclusive = true;
    moved(&exclusive, &below("bee.x0"), &below("bee.x1"), "bee.x1");
}

#[test]
fn a_replacement_does_not_take_the_name_of_a_stranger() {
    let rules = rules(|ant| ant.name_is_identity = true, unchanged);
    let named = |name| stack(vec![declared("ant.x0", json!({ "name": name }))]);
    let mut world = World::default();
    world.add_stranger("ant", json!({ "name": "n1", "peers": [], "size": 1 }));
    let world = apply(&rules, &named("n0"), &world);
    let said = refused(&rules, &named("n1"), &world);
    assert!(said.contains("ant-1 exists already"), "{said}");
}

#[test]
fn nobody_takes_the_name_of_what_is_retained() {
    let rules = rules(|ant| ant.name_is_identity = true, unchanged);
    let mut retained = declared("ant.x0", json!({ "name": "n0" }));
    retained.lifecycle.retain = true;
    let world = apply(&rules, &stack(vec![retained]), &World::default());
    let said = refused(&rules, &stack(vec![declared("ant.x1", json!({ "name": "n0" }))]), &world);
    assert!(said.contains("it is retained as ant.x0"), "{said}");
}

#[test]
fn what_waits_for_the_ready_state_of_what_needs_it_is_refused() {
    let rules = rules(|ant| ant.later = vec!["peers"], unchanged);
    let needs_other = declared("ant.x0", json!({ "peers": [id("ant.x1")] }));
    let mut other = declared("ant.x1", json!({}));
    other.depends_on = vec!["ant.x0".parse().unwrap()];
    let said = refused(&rules, &stack(vec![needs_other, other]), &World::default());
    assert_eq!(said, "ant.x0 and ant.x1 wait for each other");
}

#[test]
fn what_cannot_let_go_in_time_is_told_beforehand() {
    let mut rules = rules(|ant| ant.held_by = vec![3], unchanged);
    rules.0[0].name_is_identity = true;
    rules.0[1].later = vec!["parent"];
    rules.0[1].parent = 3;
    rules.0[3].held_by = vec![1];
    let with = |colour: Option<&str>, name: &str| {
        let base = declared("ant.x0", json!({ "name": "n0", "colour": colour }));
        let between = declared(name, json!({ "peers": [id("ant.x0")] }));
        stack(vec![base, declared("bee.x0", json!({ "parent": id(name) })), between])
    };
    let world = apply(&rules, &with(None, "dog.x0"), &World::default());
    let said = refused(&rules, &with(Some("red"), "dog.x1"), &world);
    let expected = "ant.x0 has to go before dog.x0 can, and AWS keeps it while dog.x0 uses it";
    assert_eq!(said, expected);
}

#[test]
fn what_is_live_decides_who_goes_first() {
    let mut rules = rules(unchanged, |bee| bee.later = vec!["parent"]);
    rules.0[1].parent = 2;
    rules.0[2].implied = Some((1, 0, landfall_model::Wait::Created));
    let below = |to: &str| json!({ "parent": id(to) });
    let stack = stack(vec![
        declared("ant.x0", json!({})),
        declared("bee.x0", below("cat.x1")),
        declared("bee.x1", below("cat.x0")),
        declared("cat.x0", below("ant.x0")),
        declared("cat.x1", below("ant.x0")),
    ]);
    let world = apply(&rules, &stack, &World::default());
    let (catalogue, observed) = (rules.catalogue(), world.observed(&rules));
    let plan = plan(&stack, &observed, &catalogue, Goal::Destroy).unwrap();
    for choices in [[0], [255]] {
        let mut performer = Performer::new(&plan, &catalogue, &observed, &world);
        assert_eq!(performer.perform(usize::MAX, &choices), Ok(()), "{}", plan.steps);
        assert_eq!(performer.world.owned().count(), 0);
    }
}
