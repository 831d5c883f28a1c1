//! A run while it lasts: drawn on a terminal, or a line per event where there is none.

mod live;
mod plain;
mod tally;

use std::io::Write;
use std::time::Duration;

use landfall_plan::{Event, Plan};

use crate::Style;

/// Somebody who is told what happens.
pub trait Progress {
    /// Something happened.
    fn event(&mut self, event: &Event);
    /// The run is over: whatever was drawn goes, the lines stay.
    fn finish(&mut self);
}

/// How long the run has lasted, by whichever clock it runs.
pub type Elapsed = Box<dyn Fn() -> Duration>;

/// A line per running step, drawn on stderr, above it what is done. Where stderr is no terminal,
/// plain lines.
pub fn live(plan: &Plan, style: &Style, elapsed: Elapsed) -> Box<dyn Progress> {
    let screen = indicatif::MultiProgress::new();
    match screen.is_hidden() {
        true => plain(Box::new(std::io::stderr()), plan, elapsed),
        false => Box::new(live::Live::new(screen, plan, style)),
    }
}

/// A line per event, with the seconds since the start. The same wait is said again every 30 s.
pub fn plain(out: Box<dyn Write>, plan: &Plan, elapsed: Elapsed) -> Box<dyn Progress> {
    Box::new(plain::Plain::new(out, plan, elapsed))
}

/// What both show of a failure: its first line; the summary has the rest.
fn failure_line(cause: &landfall_plan::Cause) -> String {
    let words = crate::outcome_text::cause_line(cause);
    crate::fit::printable(words.lines().next().unwrap_or_default()).into_owned()
}

/// What happens after the first interrupt.
const DRAINING: &str = "nothing new begins; what is in flight is finished";

#[cfg(test)]
mod tests;
