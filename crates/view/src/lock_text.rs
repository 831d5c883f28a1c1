//! Who holds the lock of a stack, for people.

use std::time::Duration;

use landfall_model::lease::{Holder, LIFETIME, millis};

use crate::duration;
use crate::fit::printable;
use crate::moment;

/// Who it is and what they do: ``ana@laptop (`landfall apply`, run 42)``.
fn who(holder: &Holder) -> String {
    match &holder.begun {
        Some(begun) => {
            let (who, command) = (printable(&begun.who), printable(&begun.command));
            format!("{who} (`landfall {command}`, run {})", holder.run)
        }
        None => format!("run {}, which has not said yet whose it is,", holder.run),
    }
}

/// Who holds the lock and since when, in one sentence without a full stop. `now` is AWS's time in
/// milliseconds since 1970.
pub fn held(stack: &str, holder: &Holder, now: u64) -> String {
    format!(
        "{} holds the lock of {} since {} UTC ({} ago)",
        who(holder),
        printable(stack),
        moment::words(holder.since),
        span(holder.since, now),
    )
}

/// When the lock is free without anybody's doing.
pub fn expiry(holder: &Holder, now: u64) -> String {
    // In a sandbox that runs faster than we do, signs of life come from the future.
    let expires = holder.expires.min(now.saturating_add(millis(LIFETIME)));
    format!(
        "its last sign of life was {} ago; without another the lock is free in {}",
        span(holder.alive, now),
        span(now, expires),
    )
}

/// That a run waits for another.
pub fn waiting(stack: &str, holder: &Holder, now: u64) -> String {
    format!("Waiting: {}.\n", held(stack, holder, now))
}

fn span(from: u64, to: u64) -> String {
    duration::words(Duration::from_millis(to.saturating_sub(from)))
}

#[cfg(test)]
mod tests {
    use landfall_model::journal::Begun;

    use super::*;

    #[test]
    fn a_holder_is_told_with_what_is_known() {
        let begun =
            Begun { who: "ana@laptop".to_owned(), command: "apply".to_owned(), ..Begun::default() };
        let now = 1_795_388_824_000;
        let holder = Holder {
            run: 42,
            begun: Some(begun),
            since: now - 125_000,
            alive: now - 4000,
            expires: now + 56_000,
        };
        assert_eq!(
            held("shop", &holder, now),
            "ana@laptop (`landfall apply`, run 42) holds the lock of shop since 2026-11-22 \
             23:04:59 UTC (2 min 05 s ago)"
        );
        assert_eq!(
            expiry(&holder, now),
            "its last sign of life was 4.0 s ago; without another the lock is free in 56 s"
        );
        let silent = Holder { begun: None, ..holder };
        assert!(held("shop", &silent, now).starts_with("run 42, which has not said yet"));
    }
}
