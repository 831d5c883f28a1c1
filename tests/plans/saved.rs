//! Saved plans without AWS: what is written is what is read, and what was changed is refused.

use std::sync::OnceLock;

use landfall_aws::registry;
use landfall_model::{Address, Catalogue, Live, Path, Readiness};
use landfall_plan::saved::{self, Saved, Unusable};
use landfall_plan::{Goal, Observed, Op, Plan, as_created, plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::imagined::{Imagined, spec};

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(registry::catalogue)
}

fn veil(_: &Path, value: &Value) -> Value {
    value.clone()
}

/// Something that tells one plan from another.
fn show(plan: &Plan) -> Value {
    json!({ "steps": plan.steps.to_string(), "changes": format!("{:?}", plan.changes) })
}

fn save(imagined: &Imagined, goal: Goal) -> Saved {
    let salt = "salt".to_owned();
    let Imagined { stack, observed } = imagined;
    Saved::new(stack, observed, goal, catalogue(), salt, &veil, &show).expect("a plan")
}

fn text(saved: &Saved) -> String {
    saved::write(saved, "1.2.3").expect("text")
}

fn read(text: &str) -> Result<Saved, Unusable> {
    saved::read(text, "1.2.3", catalogue())
}

/// What is left of a saved plan in another world.
fn fit(saved: &Saved, now: &Observed) -> Result<Plan, Vec<saved::Moved>> {
    let stack = saved.revealed(Default::default());
    let made = plan(&stack, &saved.observed, catalogue(), saved.goal).expect("a plan");
    saved::fit(&stack, &made, (&saved.observed, now), catalogue(), &veil)
}

/// A spec of the repository halfway to what it says: some things are missing, some are as another
/// spec had them, some have failed.
fn halfway(name: &str, missing: u64, odd: u64) -> Imagined {
    let mut world = spec(name, &[]).applied();
    let mut at = 0;
    world.observed.live.retain(|_| {
        at += 1;
        missing & (1 << at) == 0
    });
    for (at, live) in world.observed.live.iter_mut().enumerate() {
        if odd & (1 << at) == 0 {
            continue;
        }
        match at % 3 {
            0 => drop(live.tags.insert("Environment".to_owned(), "another".to_owned())),
            1 => live.readiness = Readiness::Failed("because".to_owned()),
            _ => live.spec["description"] = json!("another"),
        }
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_what_is_read(
        name in prop::sample::select(vec!["tutorial", "own-vpc", "nextjs-registry"]),
        missing: u64,
        odd: u64,
        destroy: bool,
    ) {
        let world = halfway(name, missing, odd);
        let goal = if destroy { Goal::Destroy } else { Goal::Converge };
        let Ok(made) = plan(&world.stack, &world.observed, catalogue(), goal) else { return Ok(()) };
        let saved = save(&world, goal);
        let back = read(&text(&saved)).expect("a saved plan");
        prop_assert_eq!(&back, &saved);
        prop_assert_eq!(&back.plan, &show(&made));
        // Where nothing has moved, all of it is left, and nothing else.
        let left = fit(&back, &world.observed).expect("it fits");
        prop_assert_eq!(show(&left), show(&made));
    }
}

#[test]
fn what_has_been_done_of_it_falls_away() {
    let empty = spec("own-vpc", &[]);
    let saved = save(&empty, Goal::Converge);
    let made = fit(&saved, &empty.observed).expect("it fits");
    let done = spec("own-vpc", &[]).applied().observed;
    let catalogue = catalogue();
    let mut live: Vec<Live> = Vec::new();
    for id in made.steps.in_order().expect("an order") {
        let step = made.steps.step(id);
        let is_it = |live: &&Live| live.address_in(&made.stack).as_ref() == Some(&step.address);
        let whole = done.live.iter().find(is_it).expect("a thing").clone();
        let info = catalogue.kind(&whole.kind).expect("a kind");
        match step.op {
            Op::Create => live.push(Live { spec: as_created(info, &whole.spec), ..whole }),
            Op::Settle => {
                live.retain(|live| !is_it(&live));
                live.push(whole);
            }
            _ => continue,
        }
        // A run that ends here leaves the rest, and nothing of this.
        let left = fit(&saved, &Observed { live: live.clone(), ..done.clone() }).expect("it fits");
        let ops =
            |plan: &Plan, op| plan.steps.ids().filter(|id| plan.steps.step(*id).op == op).count();
        assert_eq!(ops(&left, Op::Create), done.live.len() - live.len(), "{}", left.steps);
        assert!(ops(&left, Op::Settle) <= ops(&made, Op::Settle), "{}", left.steps);
    }
    assert!(fit(&saved, &done).expect("it fits").is_empty());
}

#[test]
fn a_replacement_goes_on_where_it_stopped() {
    let mut world = spec("tutorial", &[]).applied();
    let declared = world.stack.resources.get_mut(&Address::new("target_group", "app"));
    declared.expect("declared").spec["port"] = json!(9090);
    let saved = save(&world, Goal::Converge);
    let made = fit(&saved, &world.observed).expect("it fits");
    let change = made.changes.iter().find(|change| change.address.kind == "target_group");
    let change = change.expect("a change");
    let mut new = change.live.clone().expect("a live thing");
    new.id = "new".to_owned();
    new.spec = change.want.clone().expect("wanted");
    new.tags = change.tags.clone();
    new.outputs = [("arn".to_owned(), json!("new-arn"))].into_iter().collect();
    // The new one is there, the old one too.
    let mut now = world.observed.clone();
    now.live.push(new.clone());
    let left = fit(&saved, &now).expect("it fits").steps.to_string();
    assert!(!left.contains("create") && left.contains("delete target_group.app"), "{left}");
    // The old one is gone before the new one came: no run of this plan leads there.
    let mut now = world.observed.clone();
    now.live.retain(|live| live.kind != "target_group");
    assert_eq!(fit(&saved, &now).expect_err("it does not fit").len(), 1);
}

#[test]
fn a_thing_that_has_come_up_is_not_replaced_for_having_failed() {
    let mut world = spec("tutorial", &[]).applied();
    let failed = world.observed.live.iter_mut().find(|live| live.kind == "load_balancer");
    failed.expect("a load balancer").readiness = Readiness::Failed("no room".to_owned());
    let saved = save(&world, Goal::Converge);
    assert!(fit(&saved, &world.observed).expect("it fits").steps.len() > 1);
    let up = spec("tutorial", &[]).applied().observed;
    let moved = fit(&saved, &up).expect_err("it does not fit");
    assert!(matches!(moved[0].how, saved::How::Recovered), "{moved:?}");
}

#[test]
fn every_flipped_bit_is_noticed() {
    let stack = landfall_tests::stack::parse("{stack: s, resources: {log_group: {a: {}}}}");
    let world = Imagined { stack: stack.expect("a spec"), observed: Observed::default() };
    let text = text(&save(&world, Goal::Converge));
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << (at % 7);
        // What is no UTF-8 does not come so far.
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        let read = read(&flipped);
        assert!(read.is_err(), "byte {at} of {text}");
    }
    for end in 0..text.len() {
        assert!(matches!(read(&text[..end]), Err(Unusable::Damaged(_) | Unusable::Tampered(_))));
    }
}

#[test]
fn versions_are_told_apart() {
    let text = text(&save(&spec("nextjs-registry", &[]), Goal::Converge));
    let other = saved::read(&text, "1.2.4", catalogue());
    let (found, this) = ("1.2.3".to_owned(), "1.2.4".to_owned());
    assert_eq!(other, Err(Unusable::OtherVersion { found, this }));
    let newer = text.replacen("saved-plan/1", "saved-plan/7", 1);
    assert_eq!(read(&newer), Err(Unusable::OtherFormat("landfall.saved-plan/7".to_owned())));
    assert!(saved::is_saved_plan(text.as_bytes()) && saved::is_saved_plan(newer.as_bytes()));
    assert!(
        !saved::is_saved_plan(b"stack: shop") && !saved::is_saved_plan(b"{\"stack\": \"shop\"}")
    );
}

/// A file whose digest fits what somebody else made of it.
fn forged(change: impl Fn(&mut Value)) -> Result<Saved, Unusable> {
    let saved = save(&spec("tutorial", &[]), Goal::Converge);
    let mut value = serde_json::to_value(&saved).expect("a value");
    change(&mut value);
    let forged: Saved = match serde_json::from_value(value) {
        Ok(forged) => forged,
        Err(error) => return Err(Unusable::Tampered(error.to_string())),
    };
    read(&text(&forged))
}

#[test]
fn what_does_not_hold_together_is_refused() {
    assert!(forged(|_| ()).is_ok());
    let refused = |change: &dyn Fn(&mut Value), said: &str| {
        let error = forged(change).expect_err("refused").to_string();
        assert!(error.contains(said), "{error}");
    };
    let group = "/stack/resources/log_group.app";
    let at = |value: &mut Value, place: &str, new: Value| {
        *value.pointer_mut(place).expect("a place") = new;
    };
    refused(&|value| at(value, &format!("{group}/address"), json!("log_group.b")), "log_group.b");
    refused(&|value| at(value, &format!("{group}/address"), json!("no address")), "no address");
    refused(&|value| value["stack"]["more"] = json!(1), "unknown field");
    refused(
        &|value| at(value, &format!("{group}/depends_on"), json!(["log_group.none"])),
        "log_group.none",
    );
    let secret = "\u{1}var.none\u{2}";
    refused(&|value| at(value, &format!("{group}/spec"), json!({ "name": secret })), "secret none");
    refused(
        &|value| {
            let resources = value.pointer_mut("/stack/resources").and_then(Value::as_object_mut);
            let mut odd = resources.as_ref().expect("resources")["log_group.app"].clone();
            odd["address"] = json!("no_kind.app");
            resources.expect("resources").insert("no_kind.app".to_owned(), odd);
        },
        "no kind `no_kind`",
    );
}
