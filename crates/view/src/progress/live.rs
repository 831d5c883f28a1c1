//! A line per running step, above it what is done, below it how far the run is.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use landfall_model::Address;
use landfall_plan::{Event, Op, Plan};

use super::tally::Tally;
use super::{DRAINING, Progress, failure_line};
use crate::duration;
use crate::fit::{self, pad};
use crate::style::{Paint, Style, Tone};
use crate::words::Words;

const SPINNER: [&str; 11] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", "✓"];
const TICK: Duration = Duration::from_millis(100);
/// How many running steps have a line; all count in the last one.
const LINES: usize = 12;
/// From when on a quiet step is worth a line of its own once it is done.
const LONG: Duration = Duration::from_secs(2);

/// A step that runs.
struct Running {
    address: Address,
    op: Op,
    since: Instant,
    because: Option<String>,
    /// Its line, if it has one.
    bar: Option<ProgressBar>,
}

pub(super) struct Live {
    screen: MultiProgress,
    bottom: ProgressBar,
    running: Vec<Running>,
    words: Words,
    tally: Tally,
    paint: Paint,
    column: usize,
    width: usize,
}

impl Live {
    pub(super) fn new(screen: MultiProgress, plan: &Plan, style: &Style) -> Live {
        let paint = style.paint();
        let acting = plan.changes.iter().filter(|change| change.acts());
        let longest = acting.map(|change| change.address.to_string().len()).max().unwrap_or(0);
        let bottom = screen.add(ProgressBar::new_spinner());
        bottom.set_style(look("  {msg}{took}", paint, " · "));
        let tally = Tally::new(plan);
        bottom.set_message(paint.dim(tally.words()));
        bottom.enable_steady_tick(TICK);
        let width = style.columns();
        let column = longest.min(width / 2);
        Live {
            screen,
            bottom,
            running: Vec::new(),
            words: Words::new(plan),
            tally,
            paint,
            column,
            width,
        }
    }

    fn say(&self, mark: (&str, Tone), address: &Address, what: &str) {
        let mark = self.paint.tone(mark.1, mark.0);
        let address = pad(&address.to_string(), self.column);
        // A terminal that has gone away is no reason to stop changing AWS halfway.
        let line = fit::cut_end(&format!("{mark} {address}  {what}"), self.width);
        let _ = self.screen.println(line);
    }

    fn start(&mut self, address: &Address, op: Op) {
        let step = Running {
            address: address.clone(),
            op,
            since: Instant::now(),
            because: None,
            bar: None,
        };
        self.running.push(step);
        self.give_lines();
    }

    /// Gives lines to the steps that have run longest, as far as lines go.
    fn give_lines(&mut self) {
        let free = LINES - self.running.iter().filter(|step| step.bar.is_some()).count().min(LINES);
        let (screen, bottom, paint, column) = (&self.screen, &self.bottom, self.paint, self.column);
        for step in self.running.iter_mut().filter(|step| step.bar.is_none()).take(free) {
            let bar = screen.insert_before(bottom, ProgressBar::new_spinner());
            bar.set_style(look("{spinner} {prefix}  {wide_msg} {took}", paint, ""));
            bar.set_prefix(paint.name(pad(&step.address.to_string(), column)));
            bar.set_message(message(&self.words, step, paint));
            let bar = bar.with_elapsed(step.since.elapsed());
            bar.enable_steady_tick(TICK);
            step.bar = Some(bar);
        }
    }

    fn wait(&mut self, address: &Address, op: Op, because: &str) {
        let words = &self.words;
        let step = self.running.iter_mut().find(|step| step.op == op && step.address == *address);
        if let Some(step) = step {
            step.because = Some(fit::printable(because).into_owned());
            if let Some(bar) = &step.bar {
                bar.set_message(message(words, step, self.paint));
            }
        }
    }

    fn end(&mut self, address: &Address, op: Op) {
        let at = self.running.iter().position(|step| step.op == op && step.address == *address);
        if let Some(bar) = at.and_then(|at| self.running.remove(at).bar) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
        self.give_lines();
    }
}

fn message(words: &Words, step: &Running, paint: Paint) -> String {
    let running = words.running(&step.address, step.op);
    match &step.because {
        Some(because) => format!("{running}{}", paint.dim(format!(" · {because}"))),
        None => running.to_owned(),
    }
}

/// A template with `{took}` in it. Colours are ours: the template's own would ask the terminal.
fn look(template: &str, paint: Paint, before: &'static str) -> ProgressStyle {
    let spinner = SPINNER.map(|frame| paint.tone(Tone::Busy, frame));
    let spinner = spinner.each_ref().map(String::as_str);
    let took = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{}", paint.dim(format!("{before}{}", seconds(state.elapsed()))));
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_strings(&spinner)
        .with_key("took", took)
}

/// Whole seconds: tenths that run by are noise.
fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ ..60 => format!("{seconds} s"),
        _ => duration::words(duration),
    }
}

impl Progress for Live {
    fn event(&mut self, event: &Event) {
        self.tally.event(event);
        match event {
            Event::Started { address, op } => self.start(address, *op),
            Event::Waiting { address, op, because } => self.wait(address, *op, because),
            Event::Finished { address, op, took } => {
                self.end(address, *op);
                if !self.words.is_quiet(address, *op) || *took > LONG {
                    let done = self.words.done(address, *op);
                    let took = self.paint.dim(duration::words(*took));
                    self.say(("✓", Tone::Good), address, &format!("{done}  {took}"));
                }
            }
            Event::Failed(failure) => {
                self.end(&failure.address, failure.op);
                let failed = self.words.failed(&failure.address, failure.op);
                let cause = failure_line(&failure.cause);
                self.say(("✗", Tone::Bad), &failure.address, &format!("{failed}: {cause}"));
            }
            // The summary names those that are skipped; here they would only push the reason off the
            // screen. Calls are for the journal.
            Event::Called { .. } | Event::Skipped { .. } => {}
            Event::Draining => {
                let _ = self
                    .screen
                    .println(self.paint.tone(Tone::Caution, format!("Stopping: {DRAINING}.")));
            }
        }
        self.bottom.set_message(self.paint.dim(self.tally.words()));
    }

    fn finish(&mut self) {
        for step in self.running.drain(..) {
            if let Some(bar) = step.bar {
                bar.finish_and_clear();
            }
        }
        self.bottom.finish_and_clear();
    }
}

impl Drop for Live {
    /// Also where a run ends in a panic: a terminal with half a line on it is no place to read one.
    fn drop(&mut self) {
        self.finish();
    }
}
