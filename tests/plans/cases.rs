//! What a plan does in the cases that matter: leftovers, strangers, lifecycles, replacements.

use landfall_aws::registry;
use landfall_model::{Address, Finding, Live, tags};
use landfall_plan::{Action, Because, Change, Goal, Order, plan};
use serde_json::{Value, json};

use crate::imagined::{Imagined, spec};

fn changes(imagined: &Imagined, goal: Goal) -> Result<Vec<Change>, Vec<Finding>> {
    plan(&imagined.stack, &imagined.observed, &registry::catalogue(), goal).map(|plan| {
        plan.changes.into_iter().filter(|change| change.action != Action::Keep).collect()
    })
}

fn converging(imagined: &Imagined) -> Vec<Change> {
    changes(imagined, Goal::Converge).expect("a plan")
}

fn live<'a>(imagined: &'a mut Imagined, kind: &str) -> &'a mut Live {
    let mut found = imagined.observed.live.iter_mut();
    found.find(|live| live.kind == kind).expect("a live thing")
}

fn declare(imagined: &mut Imagined, kind: &str, name: &str, field: &str, value: Value) {
    let declared = imagined.stack.resources.get_mut(&Address::new(kind, name)).expect("declared");
    declared.spec[field] = value;
}

#[test]
fn what_an_interrupted_replacement_left_goes_and_the_new_one_stays() {
    let mut world = spec("tutorial", &[]).applied();
    let mut old = live(&mut world, "target_group").clone();
    old.id = "old".to_owned();
    live(&mut world, "target_group").tags.insert(tags::GENERATION.to_owned(), "2".to_owned());
    live(&mut world, "target_group").spec["name"] = json!("enterprise-app-app-g2");
    world.observed.live.push(old);
    let found = converging(&world);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].action, &found[0].because), (Action::Delete, &Because::LeftOver));
    assert_eq!(found[0].live.as_ref().map(|live| live.id.as_str()), Some("old"));
}

#[test]
fn a_stranger_of_the_same_name_is_named_and_not_touched() {
    let mut world = spec("tutorial", &[]).applied();
    live(&mut world, "ecr_repository").tags.clear();
    let findings = changes(&world, Goal::Converge).expect_err("a conflict");
    assert!(findings[0].message.contains("exists already"), "{findings:?}");
    let destroyed = changes(&world, Goal::Destroy).expect("a plan");
    assert!(destroyed.iter().all(|change| change.address.kind != "ecr_repository"));
}

#[test]
fn another_stack_of_the_same_kind_is_nobodys_business() {
    let mut world = spec("tutorial", &[]).applied();
    for live in &mut world.observed.live {
        live.tags.insert(tags::STACK.to_owned(), "another".to_owned());
    }
    assert!(changes(&world, Goal::Destroy).expect("a plan").is_empty());
}

#[test]
fn what_must_stay_is_neither_deleted_nor_replaced() {
    let mut world = spec("tutorial", &[]).applied();
    let address = Address::new("log_group", "app");
    world.stack.resources[&address].lifecycle.prevent_destroy = true;
    let findings = changes(&world, Goal::Destroy).expect_err("refused");
    assert!(findings[0].message.contains("prevent_destroy"), "{findings:?}");
    declare(&mut world, "log_group", "app", "name", json!("/another"));
    changes(&world, Goal::Converge).expect_err("a replacement is refused, too");

    // Also when the spec no longer names it: the tag remembers.
    let mut world = spec("tutorial", &[]).applied();
    let tag = (tags::LIFECYCLE.to_owned(), "prevent_destroy".to_owned());
    live(&mut world, "log_group").tags.extend([tag]);
    world.stack.resources.shift_remove(&address);
    changes(&world, Goal::Converge).expect_err("refused");
}

#[test]
fn what_is_to_be_retained_stays_in_aws() {
    let mut world = spec("tutorial", &[]).applied();
    world.stack.resources[&Address::new("log_group", "app")].lifecycle.retain = true;
    let found = changes(&world, Goal::Destroy).expect("a plan");
    let retained: Vec<String> = found
        .iter()
        .filter(|change| change.action == Action::Retain)
        .map(|change| change.address.to_string())
        .collect();
    assert_eq!(retained, ["log_group.app"]);
}

#[test]
fn a_count_that_the_autoscaler_set_is_left_alone() {
    let mut world = spec("tutorial", &[]).applied();
    live(&mut world, "ecs_service").spec["desired_count"] = json!(10);
    assert!(converging(&world).is_empty());
}

#[test]
fn a_target_group_is_replaced_without_an_outage() {
    let mut world = spec("tutorial", &[]).applied();
    declare(&mut world, "target_group", "app", "port", json!(9090));
    let plan = plan(&world.stack, &world.observed, &registry::catalogue(), Goal::Converge);
    let plan = plan.expect("a plan");
    let change = plan.changes.iter().find(|change| change.address.kind == "target_group");
    let change = change.expect("a change");
    assert_eq!(change.action, Action::Replace(Order::CreateFirst));
    assert_eq!(change.want.as_ref().expect("wanted")["name"], "enterprise-app-app-g2");
    insta::assert_snapshot!(plan.steps);
}

#[test]
fn a_new_block_for_a_vpc_replaces_everything_in_it() {
    let mut world = spec("own-vpc", &[]).applied();
    declare(&mut world, "vpc", "main", "cidr", json!("10.1.0.0/16"));
    let plan = plan(&world.stack, &world.observed, &registry::catalogue(), Goal::Converge);
    insta::assert_snapshot!(plan.expect("a plan").steps);
}

#[test]
fn a_fixed_name_makes_the_old_thing_go_first() {
    let mut world = spec("tutorial", &[]).applied();
    declare(&mut world, "ecr_repository", "app", "encryption", json!("aes256"));
    let found = converging(&world);
    let change = found.iter().find(|change| change.address.kind == "ecr_repository");
    assert_eq!(change.expect("a change").action, Action::Replace(Order::DeleteFirst));
}

#[test]
fn what_others_hold_in_place_cannot_make_room_for_its_replacement() {
    let mut world = spec("tutorial", &[]);
    declare(&mut world, "target_group", "app", "name", json!("fixed"));
    let mut world = world.applied();
    declare(&mut world, "target_group", "app", "port", json!(9090));
    let findings = changes(&world, Goal::Converge).expect_err("findings");
    assert_eq!(findings.len(), 1, "{findings:?}");
    let said = format!("{} {}", findings[0].message, findings[0].help.as_deref().expect("help"));
    for part in ["target_group.app", "`port`", "listener.http", "another `name`, or leave it out"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_held_thing_that_takes_another_name_comes_first() {
    let mut world = spec("tutorial", &[]);
    declare(&mut world, "target_group", "app", "name", json!("fixed"));
    let mut world = world.applied();
    declare(&mut world, "target_group", "app", "port", json!(9090));
    declare(&mut world, "target_group", "app", "name", json!("other"));
    let found = converging(&world);
    let change = found.iter().find(|change| change.address.kind == "target_group");
    assert_eq!(change.expect("a change").action, Action::Replace(Order::CreateFirst));
}

#[test]
fn what_two_cannot_share_makes_the_old_one_go_first() {
    let replaced = |block: Value| {
        let mut world = spec("own-vpc", &[]);
        declare(&mut world, "vpc", "main", "ipv6", json!(true));
        declare(&mut world, "subnet", "a", "ipv6_block", block);
        // Nothing may hold the subnet.
        world.stack.resources.retain(|address, _| ["vpc", "subnet"].contains(&&*address.kind));
        let mut world = world.applied();
        declare(&mut world, "subnet", "a", "cidr", json!("10.0.7.0/24"));
        let found = converging(&world);
        found.iter().find(|change| change.address.kind == "subnet").expect("a change").action
    };
    assert_eq!(replaced(json!(3)), Action::Replace(Order::DeleteFirst));
    assert_eq!(replaced(Value::Null), Action::Replace(Order::CreateFirst));
}
