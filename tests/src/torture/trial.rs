//! Trials: many schedules of one sort, run side by side, and a table of what came of them.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// One schedule: what happens in it, and whether the world bears it.
pub type Schedule<'a> = Box<dyn Fn() -> Result<(), String> + Send + Sync + 'a>;

/// Schedules of one sort.
pub struct Trial<'a> {
    /// What is tried, and on what.
    pub name: String,
    /// The schedules.
    pub schedules: Vec<Schedule<'a>>,
}

/// What came of a trial.
pub struct Verdict {
    /// The trial.
    pub name: String,
    /// How many schedules were tried.
    pub tried: usize,
    /// What went wrong.
    pub failures: Vec<String>,
    /// How long they took, all on one core.
    pub seconds: f64,
}

impl<'a> Trial<'a> {
    /// A trial of one sort.
    pub fn new(name: impl Into<String>, schedules: Vec<Schedule<'a>>) -> Trial<'a> {
        Trial { name: name.into(), schedules }
    }

    /// The same with at most so many of its schedules, evenly spread: of runs that are struck at
    /// one call after the other, neighbours differ least.
    #[must_use]
    pub fn thinned(mut self, most: usize) -> Trial<'a> {
        let all = self.schedules.len();
        let mut at = 0;
        self.schedules.retain(|_| {
            at += 1;
            // Whether this one steps over another multiple of all/most.
            all <= most || (at * most) / all != ((at - 1) * most) / all
        });
        self
    }

    /// Runs it on all cores. A schedule that panics has failed.
    pub fn judge(&self) -> Verdict {
        let next = AtomicUsize::new(0);
        let failures = Mutex::new(Vec::new());
        let spent = Mutex::new(Duration::ZERO);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    while let Some(schedule) =
                        self.schedules.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let start = Instant::now();
                        let ended =
                            std::panic::catch_unwind(std::panic::AssertUnwindSafe(schedule));
                        let ended = ended.unwrap_or_else(|_| Err("a panic, see above".to_owned()));
                        *spent.lock().expect("nobody panics with it") += start.elapsed();
                        if let Err(why) = ended {
                            failures.lock().expect("nobody panics with it").push(why);
                        }
                    }
                });
            }
        });
        Verdict {
            name: self.name.clone(),
            tried: self.schedules.len(),
            failures: failures.into_inner().expect("nobody panics with it"),
            seconds: spent.into_inner().expect("nobody panics with it").as_secs_f64(),
        }
    }
}

/// The verdicts as a table in Markdown.
pub fn table(verdicts: &[Verdict]) -> String {
    let mut text =
        "| case | schedules tried | failures | CPU seconds |\n|---|--:|--:|--:|\n".to_owned();
    for Verdict { name, tried, failures, seconds } in verdicts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {tried} | {} | {seconds:.1} |", failures.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(count: usize) -> Trial<'static> {
        let schedule = |at: usize| -> Schedule<'static> {
            Box::new(move || if at == 7 { Err(format!("{at} fails")) } else { Ok(()) })
        };
        Trial::new("counting", (0..count).map(schedule).collect())
    }

    #[test]
    fn every_schedule_is_run_once() {
        let verdict = trial(20).judge();
        assert_eq!((verdict.tried, verdict.failures), (20, vec!["7 fails".to_owned()]));
    }

    #[test]
    fn what_is_thinned_stays_spread() {
        assert_eq!(trial(20).thinned(5).judge().tried, 5);
        assert_eq!(trial(3).thinned(5).judge().tried, 3);
        // The eighth of twenty is among every fourth.
        assert_eq!(trial(20).thinned(5).judge().failures.len(), 1);
    }
}
