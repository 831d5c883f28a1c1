//! A selection of `cargo xtask torture`: runs that are killed, cut off, refused, stopped and raced end
//! in the world of a run that was never disturbed.

use landfall_tests::torture::full::{Depth, verdicts};

fn holds(schedules: usize, filter: &str) {
    let verdicts = verdicts(Depth { seeds: 1, schedules }, filter, &mut |_| {});
    let tried: usize = verdicts.iter().map(|verdict| verdict.tried).sum();
    assert!(tried > 0, "nothing was tried for {filter:?}");
    let failures: Vec<String> = verdicts.into_iter().flat_map(|verdict| verdict.failures).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn killed() {
    holds(4, "killed at every call");
}

#[test]
fn cut_off() {
    holds(4, "answer lost at every call");
}

#[test]
fn refused() {
    holds(3, "each write refused for good");
}

#[test]
fn stopped() {
    holds(3, "stopped at every event");
}

#[test]
fn late() {
    holds(2, "reads that lag");
}

#[test]
fn raced() {
    holds(2, "two at once, unlocked");
}

#[test]
fn of_two_applies_started_together_one_runs_and_one_says_who() {
    holds(20, "tutorial: two at once, locked");
}

#[test]
fn replaced() {
    holds(5, "the new before the old");
}

#[test]
fn beside_strangers() {
    holds(2, "strangers beside it");
}

#[test]
fn throttled() {
    holds(8, "throttled");
}

#[test]
fn the_real_binary_killed_on_moto() {
    holds(6, "on moto");
}
