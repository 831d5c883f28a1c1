//! Who holds the lock of a stack: judged by the journal of a run, and by AWS's clock.

use std::time::Duration;

use crate::journal::{Begun, Process, Run};

/// How long a run holds the lock after its last sign of life.
pub const LIFETIME: Duration = Duration::from_secs(60);
/// How often a run gives a sign of life. What is written may take seconds to be readable.
pub const RENEWAL: Duration = Duration::from_secs(15);
/// When a run that could give no sign of life begins nothing new any more: what it has begun
/// still has the rest of the lease.
pub const LOST_AFTER: Duration = Duration::from_secs(45);

/// A run that holds the lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    /// The run.
    pub run: u64,
    /// Who runs what; `None` where that is not written, or cannot be read yet.
    pub begun: Option<Begun>,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// The last sign of life, in milliseconds since 1970.
    pub alive: u64,
    /// Until when without another sign of life, in milliseconds since 1970.
    pub expires: u64,
}

/// What a run means for those who want the lock.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It holds the lock.
    Held(Box<Holder>),
    /// It is over. Since when nothing can come of it any more, in milliseconds since 1970;
    /// `None` where that is not known.
    Over(Option<u64>),
    /// It never took the lock; this older run may hold it (0: none).
    Beside(u64),
    /// It is over since then, but never said what it was. One before it may hold the lock, which
    /// it may have done without.
    Silent(u64),
}

/// A duration in milliseconds.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Judges a run by its journal. `now` is AWS's time in milliseconds since 1970; `is_gone` tells
/// whether a process of this machine no longer runs.
pub fn judge(run: &Run, now: u64, is_gone: &dyn Fn(&Process) -> bool) -> Standing {
    let begun = run.begun();
    if let Some(begun) = begun.filter(|begun| !begun.locked) {
        return Standing::Beside(begun.beside);
    }
    if let Some((_, at)) = run.ended() {
        return Standing::Over(Some(at));
    }
    if run.unlocked().is_some() {
        return Standing::Over(None);
    }
    let alive = run.alive();
    let expires = alive.saturating_add(millis(LIFETIME));
    if expires <= now {
        return match begun {
            Some(_) => Standing::Over(Some(expires)),
            None => Standing::Silent(expires),
        };
    }
    let process = begun.and_then(|begun| begun.process.as_ref());
    if process.is_some_and(is_gone) {
        return Standing::Over(None);
    }
    let since = run.created.min(run.lines.first().map_or(u64::MAX, |line| line.ingested));
    Standing::Held(Box::new(Holder {
        run: run.number,
        begun: begun.cloned(),
        since,
        alive,
        expires,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Ended, Entry, RunOutcome, Unlocked};

    const NOW: u64 = 1_000_000;

    fn begun(locked: bool) -> Entry {
        let process = Process { machine: "here".to_owned(), id: 7, started: "1".to_owned() };
        let process = Some(process);
        Entry::Begun(Box::new(Begun { run: 3, locked, beside: 1, process, ..Begun::default() }))
    }

    /// A run with these entries, each so many seconds ago.
    fn run(created: u64, entries: &[(u64, Entry)]) -> Run {
        let mut run = Run { number: 3, created: NOW - created * 1000, ..Run::default() };
        let lines = entries.iter().zip(1..);
        run.read(lines.map(|((ago, entry), number)| {
            let at = NOW - ago * 1000;
            (entry.line(number), at, at)
        }));
        run
    }

    fn judged(created: u64, entries: &[(u64, Entry)]) -> Standing {
        judge(&run(created, entries), NOW, &|_| false)
    }

    fn ended() -> Entry {
        Entry::Ended(Ended {
            outcome: RunOutcome::Done,
            resources: 0,
            done: 0,
            failed: 0,
            not_started: 0,
            in_flight: 0,
        })
    }

    #[test]
    fn a_run_holds_the_lock_until_a_minute_after_its_last_sign_of_life() {
        let Standing::Held(holder) = judged(200, &[(200, begun(true)), (59, Entry::Renewed)])
        else {
            panic!("it is not held")
        };
        assert_eq!((holder.run, holder.since), (3, NOW - 200_000));
        assert_eq!((holder.alive, holder.expires), (NOW - 59_000, NOW + 1000));
        let over = judged(200, &[(200, begun(true)), (60, Entry::Renewed)]);
        assert_eq!(over, Standing::Over(Some(NOW)));
    }

    #[test]
    fn a_run_without_a_word_holds_it_from_its_creation_on() {
        let Standing::Held(holder) = judged(59, &[]) else { panic!("it is not held") };
        assert_eq!(holder.begun, None);
        assert_eq!(judged(60, &[]), Standing::Silent(NOW));
        let renewed = Run { seen: NOW - 1000, ..run(600, &[]) };
        assert!(matches!(judge(&renewed, NOW, &|_| false), Standing::Held(_)));
    }

    #[test]
    fn an_end_or_an_unlock_frees_it_whatever_comes_later() {
        let late = (1, Entry::Renewed);
        let over = judged(10, &[(10, begun(true)), (5, ended()), late.clone()]);
        assert_eq!(over, Standing::Over(Some(NOW - 5000)));
        let unlocked = Entry::Unlocked(Unlocked { who: String::new(), caller: String::new() });
        let over = judged(10, &[(10, begun(true)), (5, unlocked), late]);
        assert_eq!(over, Standing::Over(None));
    }

    #[test]
    fn a_run_beside_the_lock_points_to_who_may_hold_it() {
        assert_eq!(judged(1, &[(1, begun(false))]), Standing::Beside(1));
    }

    #[test]
    fn a_process_that_is_gone_holds_nothing() {
        let run = run(5, &[(5, begun(true))]);
        assert!(matches!(judge(&run, NOW, &|_| false), Standing::Held(_)));
        let gone = judge(&run, NOW, &|process| process.machine == "here" && process.id == 7);
        assert_eq!(gone, Standing::Over(None));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_a_sign_of_life() {
        let mut run = run(600, &[]);
        run.read([("from the future".to_owned(), NOW, NOW - 1000)]);
        assert!(matches!(judge(&run, NOW, &|_| false), Standing::Held(_)));
    }
}
