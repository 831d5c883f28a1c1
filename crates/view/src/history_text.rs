//! The runs of a stack, for people: a list, or one of them with its steps.

use std::time::Duration;

use landfall_model::Request;
use landfall_model::journal::{Begun, Entry, Run, RunOutcome};
use landfall_model::lease::{LIFETIME, millis};

use crate::count;
use crate::duration;
use crate::fit::{self, pad, printable, width};
use crate::header::{self, Header};
use crate::moment;
use crate::style::{Paint, Style, Tone};

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Ended(RunOutcome),
    Unlocked,
    Running,
    Crashed,
}

impl State {
    /// `now` is AWS's time in milliseconds since 1970.
    pub(crate) fn of(run: &Run, now: u64) -> State {
        if let Some((ended, _)) = run.ended() {
            State::Ended(ended.outcome)
        } else if run.alive() + millis(LIFETIME) > now {
            State::Running
        } else if run.unlocked().is_some() {
            State::Unlocked
        } else {
            State::Crashed
        }
    }

    /// A word, for people and programs alike.
    pub(crate) fn word(self) -> &'static str {
        match self {
            State::Ended(RunOutcome::Done) => "done",
            State::Ended(RunOutcome::Failed) => "failed",
            State::Ended(RunOutcome::Stopped) => "stopped",
            State::Unlocked => "unlocked",
            State::Running => "running",
            State::Crashed => "crashed",
        }
    }

    fn tone(self) -> Tone {
        match self {
            State::Ended(RunOutcome::Done) => Tone::Good,
            State::Ended(RunOutcome::Failed) | State::Crashed => Tone::Bad,
            State::Ended(RunOutcome::Stopped) | State::Unlocked => Tone::Caution,
            State::Running => Tone::Busy,
        }
    }
}

/// From the beginning of a run to its end, or to its last sign of life.
pub(crate) fn took(run: &Run) -> Duration {
    let end = run.ended().map_or(run.alive(), |(_, at)| at);
    let begun = run.lines.first().map_or(run.created, |line| line.at);
    Duration::from_millis(end.saturating_sub(begun))
}

/// How many resources a run has brought to where they should be, if it said so.
pub(crate) fn resources(run: &Run) -> Option<usize> {
    run.ended().map(|(ended, _)| ended.resources)
}

/// The list of runs, the newest first. `more` tells that there are older ones.
pub fn list(runs: &[Run], more: bool, now: u64, header: &Header, style: &Style) -> String {
    let paint = style.paint();
    let mut text = header::lines(header, style).join("\n") + "\n\n";
    if runs.is_empty() {
        return text + "No run of this stack is on record.\n";
    }
    let nobody = Begun::default();
    let rows = runs.iter().map(|run| {
        let begun = run.begun().unwrap_or(&nobody);
        let state = State::of(run, now);
        let changed = resources(run).map_or_else(|| "?".to_owned(), |number| number.to_string());
        [
            run.number.to_string(),
            moment::words(run.created),
            paint.tone(state.tone(), state.word()),
            printable(&begun.command).into_owned(),
            changed,
            duration::words(took(run)),
            printable(&begun.who).into_owned(),
        ]
    });
    let heads = ["run", "when (UTC)", "outcome", "command", "resources", "took", "who"];
    let heads = heads.map(|head| paint.dim(head));
    let rows: Vec<[String; 7]> = std::iter::once(heads).chain(rows).collect();
    let column = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0);
    let columns: Vec<usize> = (0..7).map(column).collect();
    for row in &rows {
        let cells = row.iter().zip(&columns).map(|(cell, columns)| pad(cell, *columns));
        let line = cells.collect::<Vec<_>>().join("  ");
        text += &format!("{}\n", line.trim_end());
    }
    if more {
        text += "\nThere are older ones: --last 100 shows more.\n";
    }
    text
}

/// One run: who, what, how it ended, and its steps with the ids of their requests.
pub fn one(run: &Run, now: u64, header: &Header, style: &Style) -> String {
    let paint = style.paint();
    let mut lines = header::lines(header, style);
    let state = State::of(run, now);
    lines.push(String::new());
    let verdict = paint.tone(state.tone(), state.word());
    let head = paint.name(format!("run {}", run.number));
    lines.push(format!("{head} · {verdict} · {}", duration::words(took(run))));
    lines.extend(run.begun().into_iter().flat_map(|begun| origin(begun, run.created)));
    if let Some(unlocked) = run.unlocked() {
        let by = format!("{} ({})", printable(&unlocked.who), printable(&unlocked.caller));
        lines.push(format!("  unlocked  by {by}"));
    }
    lines.push(String::new());
    lines.extend(steps(run, state, paint, style.columns()));
    if let Some((ended, _)) = run.ended() {
        let counts = count::list(&[
            (ended.done, "done"),
            (ended.failed, "failed"),
            (ended.in_flight, "left in flight"),
            (ended.not_started, "not started"),
        ]);
        lines.push(String::new());
        let counts = if counts.is_empty() { "no step was taken".to_owned() } else { counts };
        lines.push(format!("steps: {counts}"));
    }
    lines.join("\n") + "\n"
}

fn origin(begun: &Begun, created: u64) -> Vec<String> {
    let short: String = begun.digest.chars().take(12).collect();
    let lock = if begun.locked { "" } else { ", without the lock" };
    let (command, version) = (printable(&begun.command), printable(&begun.landfall));
    vec![
        format!("  when      {} UTC", moment::words(created)),
        format!("  who       {}, {}", printable(&begun.who), printable(&begun.caller)),
        format!("  command   {command}{lock}, by landfall {version}"),
        format!("  spec      {}, sha256 {}", printable(&begun.spec), printable(&short)),
    ]
}

/// What became of a step.
#[derive(Clone, Debug)]
pub(crate) struct Fate<'a> {
    pub address: &'a landfall_model::Address,
    pub step: &'a str,
    pub entry: Option<&'a Entry>,
}

/// All planned steps in their order, with what became of them.
pub(crate) fn fates(run: &Run) -> Vec<Fate<'_>> {
    let mut fates: Vec<Fate<'_>> = Vec::new();
    for entry in run.entries() {
        let (address, step) = match entry {
            Entry::Planned { steps } => {
                fates.extend(steps.iter().map(|planned| Fate {
                    address: &planned.address,
                    step: &planned.step,
                    entry: None,
                }));
                continue;
            }
            Entry::Done(done) => (&done.address, &done.step),
            Entry::Failed(failed) => (&failed.address, &failed.step),
            _ => continue,
        };
        let open = |fate: &&mut Fate<'_>| {
            fate.entry.is_none() && fate.address == address && fate.step == step
        };
        match fates.iter_mut().find(open) {
            Some(fate) => fate.entry = Some(entry),
            // The line that planned it is lost.
            None => fates.push(Fate { address, step, entry: Some(entry) }),
        }
    }
    fates
}

fn steps(run: &Run, state: State, paint: Paint, columns: usize) -> Vec<String> {
    let fates = fates(run);
    let name = |fate: &Fate<'_>| format!("{} {}", printable(fate.step), fate.address);
    let column = fates.iter().map(|fate| width(&name(fate))).max().unwrap_or(0);
    let mut lines = Vec::new();
    for fate in &fates {
        let name = pad(&name(fate), column);
        match fate.entry {
            Some(Entry::Done(done)) => {
                let mark = paint.tone(Tone::Good, "✓");
                let took = duration::words(Duration::from_millis(done.millis));
                lines.push(format!("{mark} {name}  {}", paint.dim(took)));
                lines.extend(requests(&done.requests, paint));
            }
            Some(Entry::Failed(failed)) => {
                let mark = paint.tone(Tone::Bad, "✗");
                let took = duration::words(Duration::from_millis(failed.millis));
                lines.push(format!("{mark} {name}  {}", paint.dim(took)));
                let message = printable(&failed.message);
                let wrapped = fit::wrap(&message, columns.saturating_sub(4));
                lines.extend(wrapped.into_iter().map(|line| format!("    {line}")));
                lines.extend(requests(&failed.requests, paint));
            }
            _ => {
                let what = match state {
                    State::Ended(_) => "not done",
                    _ => "nothing is known of it",
                };
                lines.push(format!("{} {name}  {what}", paint.tone(Tone::Caution, "·")));
            }
        }
    }
    lines
}

/// The last try of each call, and how many there were.
fn requests(requests: &[Request], paint: Paint) -> Vec<String> {
    let calls = requests.chunk_by(|one, next| one.operation == next.operation);
    let line = |tries: &[Request]| {
        let last = tries.last()?;
        let (operation, id) = (printable(&last.operation), printable(&last.id));
        let times = match tries.len() {
            1 => String::new(),
            times => format!("  (the last of {times})"),
        };
        Some(format!("    {}", paint.dim(format!("{operation}  {id}{times}"))))
    };
    calls.filter_map(line).collect()
}
