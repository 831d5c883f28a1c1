//! All that is tried, and how much of it.

use std::io::Write;
use std::process::ExitCode;

use super::case;
use super::rehearsal::Rehearsal;
use super::trial::{Schedule, Trial, Verdict, table};
use super::{
    interrupt, killed_on_moto, lagging, lock, race, refusal, single_call, strangers, succession,
    throttle,
};

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    /// Under how many seeds each case runs.
    pub seeds: u64,
    /// At most so many schedules of a sort per case and seed.
    pub schedules: usize,
}

/// A sort of harm, and its schedules for a rehearsed case.
type Sort = (&'static str, for<'a> fn(&'a Rehearsal<'a>) -> Vec<Schedule<'a>>);

const SORTS: &[Sort] = &[
    ("killed at every call", |rehearsal| single_call::schedules(rehearsal, single_call::DEATHS)),
    ("answer lost at every call", |rehearsal| {
        single_call::schedules(rehearsal, single_call::LOSSES)
    }),
    ("each write refused for good", |rehearsal| refusal::schedules(rehearsal)),
    ("stopped at every event", |rehearsal| interrupt::schedules(rehearsal)),
    ("reads that lag", |rehearsal| lagging::schedules(rehearsal, 20)),
    ("the new before the old", |rehearsal| succession::schedules(rehearsal)),
    ("two at once, unlocked", |rehearsal| race::schedules(rehearsal, 20)),
];

/// Tries the sorts and cases whose names hold `filter`.
pub fn verdicts(depth: Depth, filter: &str, each: &mut dyn FnMut(&Verdict)) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut push = |verdict: Verdict| {
        each(&verdict);
        verdicts.push(verdict);
    };
    for case in case::all() {
        let named = |sort: &str| format!("{}, {sort}", case.name);
        let sorts: Vec<&Sort> =
            SORTS.iter().filter(|sort| named(sort.0).contains(filter)).collect();
        for seed in 1..=if sorts.is_empty() { 0 } else { depth.seeds } {
            match Rehearsal::of(&case, seed) {
                Ok(rehearsal) => {
                    for (sort, schedules) in &sorts {
                        let trial = Trial::new(named(sort), schedules(&rehearsal));
                        push(trial.thinned(depth.schedules).judge());
                    }
                }
                Err(why) => push(Verdict {
                    name: case.name.clone(),
                    tried: 1,
                    failures: vec![why],
                    seconds: 0.0,
                }),
            }
        }
    }
    for (name, text) in [("tutorial", case::text("tutorial")), ("thirty", case::text("thirty"))] {
        let name = format!("{name}: two at once, locked");
        if name.contains(filter) {
            let text: &'static str = text.leak();
            let trial = Trial::new(name, lock::schedules(text, 20 * depth.seeds));
            push(trial.thinned(depth.schedules).judge());
        }
    }
    for spec in case::SPECS {
        let name = format!("{spec}: strangers beside it");
        if name.contains(filter) {
            let trial = Trial::new(name, strangers::schedules(spec, 10 * depth.seeds));
            push(trial.thinned(depth.schedules).judge());
        }
    }
    let on_moto = "tutorial: the real binary killed, on moto";
    if on_moto.contains(filter) {
        push(Trial::new(on_moto, killed_on_moto::schedules()).thinned(depth.schedules).judge());
    }
    let throttled = "500 planned, 200 applied, throttled";
    if throttled.contains(filter) {
        push(Trial::new(throttled, throttle::schedules()).thinned(depth.schedules).judge());
    }
    merged(verdicts)
}

/// One verdict for all seeds of a sort and case.
fn merged(verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut merged: Vec<Verdict> = Vec::new();
    for verdict in verdicts {
        match merged.iter_mut().find(|known| known.name == verdict.name) {
            Some(known) => {
                known.tried += verdict.tried;
                known.seconds += verdict.seconds;
                known.failures.extend(verdict.failures);
            }
            None => merged.push(verdict),
        }
    }
    merged
}

/// Tries everything, and prints each failure and a table.
pub fn main(arguments: &[String]) -> ExitCode {
    let seeds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(3);
    let filter = arguments.iter().find(|argument| argument.parse::<u64>().is_err());
    let depth = Depth { seeds, schedules: usize::MAX };
    let mut told = |verdict: &Verdict| {
        for failure in &verdict.failures {
            println!("{failure}");
        }
        eprint!(".");
        let _ = std::io::stderr().flush();
    };
    let verdicts = verdicts(depth, filter.map_or("", String::as_str), &mut told);
    eprintln!();
    print!("{}", table(&verdicts));
    let failures: usize = verdicts.iter().map(|verdict| verdict.failures.len()).sum();
    let tried: usize = verdicts.iter().map(|verdict| verdict.tried).sum();
    println!("\n{tried} schedules, {failures} failures");
    ExitCode::from(u8::from(failures > 0))
}
