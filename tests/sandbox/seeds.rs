//! What is left to chance comes from a seed: the same again for the same one.

use landfall_sandbox::schedule::{Schedule, Throttle};
use landfall_tests::simulated::{self, Life};
use landfall_tests::stack;

/// Faults that cost nothing but time: calls that had no effect, and lists in small pages.
fn harmless(seed: u64) -> Schedule {
    Schedule {
        seed,
        server_errors: 30,
        resets_before: 30,
        page_size: Some(2),
        throttle: Some(Throttle { burst: 20, per_second: 10 }),
        ..Schedule::default()
    }
}

fn life(seed: u64, schedule: &Schedule) -> Life {
    let stack = stack::parse(simulated::THIRTY).unwrap();
    simulated::life(&stack, seed, schedule).unwrap_or_else(|why| panic!("{why}"))
}

fn log(life: &Life) -> String {
    life.calls.iter().map(|call| format!("{}\n", serde_json::to_string(call).unwrap())).collect()
}

#[test]
fn the_same_seed_gives_the_same_log_to_the_byte() {
    let (one, again) = (life(7, &harmless(7)), life(7, &harmless(7)));
    assert!(log(&one) == log(&again), "{}\n---\n{}", log(&one), log(&again));
    assert!(log(&one) != log(&life(8, &harmless(8))));
    assert!(log(&one).contains("oken"), "no list had a second page:\n{}", log(&one));
    for fault in ["InternalError", "reset before"] {
        assert!(one.calls.iter().any(|call| call.outcome == fault), "no {fault}:\n{}", log(&one));
    }
}

#[test]
fn no_seed_leaves_anything() {
    for seed in 0..20 {
        life(seed, &Schedule::default());
        life(seed, &harmless(seed));
    }
}
