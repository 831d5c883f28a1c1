//! The engine against a cloud in memory, in virtual time.

#![allow(clippy::unwrap_used)]

mod toy;

use std::sync::Arc;

use landfall_apply::{Limits, Stop, observe};
use landfall_model::{Address, Going, Holder, Stack};
use landfall_plan::{Cause, Event, Goal, Op, Outcome, Target, plan};
use serde_json::json;
use tokio::sync::watch;

use crate::toy::{Toys, id_of, stack};

async fn run(stack: &Stack, toys: &Arc<Toys>, goal: Goal) -> (Outcome, Vec<Event>) {
    let (_stop, running) = watch::channel(Stop::Run);
    run_until(stack, toys, goal, running, &mut |_| {}).await
}

async fn run_until(
    stack: &Stack,
    toys: &Arc<Toys>,
    goal: Goal,
    stop: watch::Receiver<Stop>,
    seen: &mut dyn FnMut(&Event),
) -> (Outcome, Vec<Event>) {
    use landfall_model::Cloud;
    let observed = observe(stack, toys.as_ref(), Target::default(), goal).await.unwrap();
    let plan = plan(stack, &observed, toys.catalogue(), goal).unwrap();
    let mut events = Vec::new();
    let mut note = |event: Event| {
        seen(&event);
        events.push(event);
    };
    let cloud: Arc<dyn Cloud> = toys.clone();
    let outcome =
        landfall_apply::apply(&plan, &observed, cloud, Limits::default(), &mut note, stop).await;
    (outcome, events)
}

fn address(name: &str) -> Address {
    Address::new("box", name)
}

#[tokio::test(start_paused = true)]
async fn things_that_name_each_other_are_made_changed_and_destroyed() {
    let toys = Arc::new(Toys::new());
    let boxes =
        stack(&[("a", json!({ "peer": id_of("b") })), ("b", json!({ "peer": id_of("a") }))]);
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(toys.writes(), ["create a", "create b", "update a", "update b"]);

    let (outcome, events) = run(&boxes, &toys, Goal::Converge).await;
    assert!(outcome.is_complete() && events.is_empty(), "nothing to do: {events:?}");

    let (outcome, _) = run(&boxes, &toys, Goal::Destroy).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(toys.boxes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_what_waits_for_it_and_nothing_else() {
    let toys = Arc::new(Toys::new());
    toys.refuse("create a", "Denied", "no", 1);
    let boxes = stack(&[
        ("a", json!({})),
        ("b", json!({ "inside": id_of("a") })),
        ("c", json!({ "inside": id_of("b") })),
        ("d", json!({ "label": "red" })),
    ]);
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    assert_eq!(toys.boxes(), [("toys-d".to_owned(), "red".to_owned())]);
    assert_eq!(outcome.failed.len(), 1);
    assert_eq!(outcome.failed[0].address, address("a"));
    let not_started: Vec<&Address> =
        outcome.not_started.iter().filter(|(_, op)| *op == Op::Create).map(|(a, _)| a).collect();
    assert_eq!(not_started.len(), 2, "{:?}", outcome.not_started);

    // Run again: it goes on where it stopped, and doubles nothing.
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(toys.boxes().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_passes_is_waited_for_and_one_that_does_not_is_told() {
    let toys = Arc::new(Toys::new());
    toys.refuse("create a", "NotYet", "give it a Moment", 3);
    let boxes = stack(&[("a", json!({}))]);
    let (outcome, events) = run(&boxes, &toys, Goal::Converge).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(toys.writes(), ["create a"; 4]);
    let because = "the toy to wake up".to_owned();
    assert!(events.contains(&Event::Waiting { address: address("a"), op: Op::Create, because }));

    let toys = Arc::new(Toys::new());
    toys.refuse("create a", "NotYet", "moment", 1000);
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    let Cause::TimedOut { after, last: Some(_), .. } = &outcome.failed[0].cause else {
        panic!("{outcome:?}");
    };
    assert!((60..70).contains(&after.as_secs()), "{after:?}");

    let toys = Arc::new(Toys::new());
    toys.refuse("create a", "NotYet", "never", 1);
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    assert!(matches!(outcome.failed[0].cause, Cause::Refused(_)), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn an_update_that_does_not_stick_is_a_failure() {
    let toys = Arc::new(Toys::new());
    toys.forgetful();
    let boxes = stack(&[("a", json!({ "label": "red" }))]);
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    let Cause::NotConverging(paths) = &outcome.failed[0].cause else { panic!("{outcome:?}") };
    assert_eq!(paths[0].to_string(), "label");
}

#[tokio::test(start_paused = true)]
async fn what_a_new_thing_has_by_itself_is_left_alone() {
    let toys = Arc::new(Toys::new());
    let boxes = stack(&[("a", json!({ "label": "red" }))]);
    let (outcome, _) = run(&boxes, &toys, Goal::Converge).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(toys.writes(), ["create a", "update a"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ready_is_waited_for() {
    let toys = Arc::new(Toys::new());
    toys.pending(20);
    let (outcome, events) = run(&stack(&[("a", json!({}))]), &toys, Goal::Converge).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(
        events.iter().any(
            |event| matches!(event, Event::Waiting { because, .. } if because == "warming up")
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_replacement_comes_before_the_old_one_goes() {
    let toys = Arc::new(Toys::new());
    let outer = ("outer", json!({}));
    let (first, other) = (json!({ "inside": id_of("outer") }), json!({}));
    run(&stack(&[outer.clone(), ("a", first)]), &toys, Goal::Converge).await;
    let (outcome, _) = run(&stack(&[outer, ("a", other)]), &toys, Goal::Converge).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(toys.writes()[2..], ["create a", "delete a"]);
    let names: Vec<String> = toys.boxes().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["toys-outer", "toys-a-g2"]);
}

#[tokio::test(start_paused = true)]
async fn a_first_signal_finishes_what_is_in_flight_and_a_second_stops() {
    let boxes = stack(&[("a", json!({})), ("b", json!({ "inside": id_of("a") }))]);
    for (wish, in_flight) in [(Stop::Drain, 0), (Stop::Abandon, 1)] {
        let toys = Arc::new(Toys::new());
        toys.pending(usize::MAX);
        toys.refuse("create a", "NotYet", "moment", 2);
        let (stop, stopping) = watch::channel(Stop::Run);
        let mut seen = |event: &Event| {
            if matches!(event, Event::Waiting { op: Op::Create, .. }) {
                stop.send_replace(wish);
            }
        };
        let (outcome, _) = run_until(&boxes, &toys, Goal::Converge, stopping, &mut seen).await;
        assert_eq!(outcome.in_flight.len(), in_flight, "{wish:?}: {outcome:?}");
        assert!(!outcome.is_complete());
        let made = if wish == Stop::Drain { 1 } else { 0 };
        assert_eq!(toys.boxes().len(), made, "{wish:?}: {outcome:?}");
    }
}

fn holder(what: &str, going: Going) -> Holder {
    Holder { what: what.to_owned(), going, show: format!("show {what}") }
}

/// A box whose deletion is refused so many times as in use.
async fn held(times: usize, answers: Vec<Vec<Holder>>) -> (Arc<Toys>, Outcome, Vec<Event>) {
    let toys = Arc::new(Toys::new());
    let boxes = stack(&[("a", json!({}))]);
    run(&boxes, &toys, Goal::Converge).await;
    toys.refuse("delete a", "InUse", "a is in use", times);
    toys.holders(answers);
    let (outcome, events) = run(&boxes, &toys, Goal::Destroy).await;
    (toys, outcome, events)
}

fn waits(events: &[Event]) -> Vec<&str> {
    let waits = events.iter().filter_map(|event| match event {
        Event::Waiting { op: Op::Delete, because, .. } => Some(because.as_str()),
        _ => None,
    });
    waits.collect()
}

#[tokio::test(start_paused = true)]
async fn who_is_in_the_way_is_named_while_a_deletion_waits() {
    let leaving = holder("eni-1", Going::ByItself);
    let (toys, outcome, events) = held(12, vec![vec![leaving]]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(toys.boxes().is_empty());
    let waits = waits(&events);
    // A refusal that passes at once is worth no question.
    assert_eq!(waits[0], "somebody still plays with it");
    let named = "held by eni-1, which AWS takes away by itself";
    assert_eq!(waits.last(), Some(&named), "{waits:?}");
    assert!((1..=3).contains(&toys.asked_for_holders()), "{}", toys.asked_for_holders());

    let (toys, outcome, _) = held(2, vec![vec![]]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(toys.asked_for_holders(), 0);
}

#[tokio::test(start_paused = true)]
async fn somebody_else_s_is_not_waited_for() {
    let others = vec![holder("eni-1", Going::ByItself), holder("i-1", Going::Not)];
    let (toys, outcome, events) = held(1000, vec![others.clone()]).await;
    let Cause::Held { holders, after, .. } = &outcome.failed[0].cause else {
        panic!("{outcome:?}")
    };
    assert_eq!(*holders, others);
    assert!((30..90).contains(&after.as_secs()), "{after:?}");
    assert_eq!(waits(&events).last(), Some(&"held by i-1, and 1 more"));
    assert_eq!(toys.boxes().len(), 1);
    assert!(toys.asked_for_holders() <= 4, "{}", toys.asked_for_holders());

    // One that goes after all is no reason to fail.
    let (toys, outcome, _) = held(12, vec![others, vec![]]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(toys.boxes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_never_goes_is_told_at_the_end_of_the_wait() {
    let leaving = vec![holder("eni-1", Going::ByItself)];
    let (_, outcome, _) = held(1000, vec![leaving.clone()]).await;
    let Cause::Held { holders, after, .. } = &outcome.failed[0].cause else {
        panic!("{outcome:?}")
    };
    assert_eq!(*holders, leaving);
    assert!((1200..1260).contains(&after.as_secs()), "{after:?}");
    // Nobody knows who it is: then the refusal is all there is to tell.
    let (_, outcome, _) = held(1000, vec![vec![]]).await;
    assert!(matches!(outcome.failed[0].cause, Cause::TimedOut { .. }), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_denial_is_told_at_once() {
    let toys = Arc::new(Toys::new());
    toys.deny("create a", "NotYet", "give it a moment");
    let (outcome, events) = run(&stack(&[("a", json!({}))]), &toys, Goal::Converge).await;
    assert!(matches!(outcome.failed[0].cause, Cause::Refused(_)), "{outcome:?}");
    assert_eq!(toys.writes(), ["create a"]);
    assert!(!events.iter().any(|event| matches!(event, Event::Waiting { .. })), "{events:?}");
}
