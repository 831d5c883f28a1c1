//! How a run ended: what was done, what failed and why, what never began, and what to do now.

mod advice;
mod cause;
mod permission;

use indexmap::IndexMap;
use landfall_model::{Address, CloudError, Path};
use landfall_plan::{Cause, Failure, Outcome, Plan};

use crate::count::{self, Counts};
use crate::fit::{self, printable};
use crate::standing::{self, Standing};
use crate::style::{Paint, Style, Tone};
use crate::words::Words;
use advice::Advice;

pub use cause::line as cause_line;

/// What to do about a call that was denied: which permission is missing, and the statement that
/// grants it. A piece of text each.
pub fn missing_permission(error: &CloudError) -> Vec<String> {
    let advice = permission::advice(error).into_iter();
    advice.map(|(Advice::Say(text) | Advice::Copy(text))| text).collect()
}

/// The outcome as text, with a line feed behind its last line. `place` says where in the spec a
/// field is (`specs/shop.yaml:12:5`), for whoever has to mend it.
pub fn render(
    plan: &Plan,
    outcome: &Outcome,
    place: &dyn Fn(&Address, &Path) -> Option<String>,
    style: &Style,
) -> String {
    let standings = standing::of(plan, outcome);
    let mut lines = vec![summary(plan, outcome, &standings, style.paint())];
    let words = Words::new(plan);
    for failed in &outcome.failed {
        lines.push(String::new());
        lines.extend(failure(plan, failed, &words, place, style));
    }
    lines.extend(in_flight(outcome, &words, style));
    lines.extend(not_started(plan, &standings, style));
    if !outcome.is_complete() {
        lines.push(String::new());
        lines.extend(fit::wrap(next(outcome), style.columns()));
    }
    lines.join("\n") + "\n"
}

/// `✓ 9 created, 1 changed.`
fn summary(plan: &Plan, outcome: &Outcome, standings: &[Standing], paint: Paint) -> String {
    let mut done = Counts::default();
    let (mut failed, mut unfinished, mut not_started) = (0, 0, 0);
    for (change, standing) in plan.changes.iter().zip(standings).filter(|(c, _)| c.acts()) {
        match standing {
            Standing::Done => *done.slot(change.action) += 1,
            Standing::Failed => failed += 1,
            Standing::InFlight | Standing::Unfinished(_) => unfinished += 1,
            Standing::NotStarted(_) => not_started += 1,
        }
    }
    let done = count::list(&[
        (done.create, "created"),
        (done.update, "changed"),
        (done.replace, "replaced"),
        (done.delete, "deleted"),
    ]);
    // Also where a step failed that no change of this plan owns.
    failed = failed.max(usize::from(!outcome.failed.is_empty()));
    if outcome.is_complete() {
        let done = if done.is_empty() { "Nothing had to be done".to_owned() } else { done };
        return format!("{} {}.", paint.tone(Tone::Good, "✓"), paint.name(done));
    }
    let open = count::list(&[
        (failed, "failed"),
        (unfinished, "unfinished"),
        (not_started, "not started"),
    ]);
    let done = if done.is_empty() { "nothing done".to_owned() } else { done };
    let mark = if failed > 0 { ("✗", Tone::Bad) } else { ("·", Tone::Caution) };
    format!("{} {}", paint.tone(mark.1, mark.0), paint.name(format!("{done}; {open}.")))
}

/// One failure: address, place, cause in AWS's words, what to do.
fn failure(
    plan: &Plan,
    failed: &Failure,
    words: &Words,
    place: &dyn Fn(&Address, &Path) -> Option<String>,
    style: &Style,
) -> Vec<String> {
    let paint = style.paint();
    let room = style.columns() - 4;
    let indented = |line: String| format!("    {line}").trim_end().to_owned();
    let what = words.failed(&failed.address, failed.op);
    let mark = paint.tone(Tone::Bad, "✗");
    let mut lines = vec![format!("{mark} {} {what}", paint.name(&failed.address))];
    let path = match &failed.cause {
        Cause::NotConverging(paths) => paths.first().cloned().unwrap_or_default(),
        Cause::Moved(path) => path.clone(),
        _ => Path::default(),
    };
    if let Some(place) = place(&failed.address, &path) {
        lines.push(indented(paint.dim(place)));
    }
    for sentence in cause::sentences(&failed.cause) {
        lines.extend(fit::wrap(&sentence, room).into_iter().map(indented));
    }
    if let Some(id) = request_id(&failed.cause) {
        lines.push(indented(paint.dim(format!("request id {}", printable(id)))));
    }
    let change = plan.changes.iter().find(|change| change.address == failed.address);
    for advice in advice::of(failed, change) {
        match advice {
            Advice::Say(sentence) => {
                let arrow = paint.tone(Tone::Busy, "→");
                let said = fit::wrap(&sentence, room.saturating_sub(2));
                let starts = std::iter::once(arrow).chain(std::iter::repeat(" ".to_owned()));
                lines.extend(
                    starts.zip(said).map(|(start, line)| indented(format!("{start} {line}"))),
                );
            }
            // To be copied, so neither folded nor coloured.
            Advice::Copy(text) => {
                lines.extend(text.lines().map(|line| indented(format!("    {}", printable(line)))));
            }
        }
    }
    lines
}

/// What to do about a denied call that no step stands behind: a sentence, and a text to be copied.
pub fn permission(error: &CloudError) -> Vec<String> {
    let advice = permission::advice(error).into_iter();
    let texts = advice.map(|advice| match advice {
        Advice::Say(text) | Advice::Copy(text) => text,
    });
    texts.collect()
}

fn request_id(cause: &Cause) -> Option<&str> {
    match cause {
        Cause::Refused(error)
        | Cause::TimedOut { last: Some(error), .. }
        | Cause::Held { last: error, .. } => error.request_id.as_deref(),
        _ => None,
    }
}

fn in_flight(outcome: &Outcome, words: &Words, style: &Style) -> Vec<String> {
    if outcome.in_flight.is_empty() {
        return Vec::new();
    }
    let what: Vec<String> = outcome
        .in_flight
        .iter()
        .map(|(address, op)| format!("{address} ({})", words.running(address, *op)))
        .collect();
    let text = "Abandoned in flight; AWS may still carry them out, and the next plan reads what came of it:";
    listed(text, &what, style)
}

/// What never began or was not finished, by who stood in the way.
fn not_started(plan: &Plan, standings: &[Standing], style: &Style) -> Vec<String> {
    let mut groups: IndexMap<(bool, Option<&Address>), Vec<String>> = IndexMap::new();
    for (change, standing) in plan.changes.iter().zip(standings) {
        let (unfinished, blame) = match standing {
            Standing::NotStarted(blame) => (false, blame),
            Standing::Unfinished(blame) => (true, blame),
            _ => continue,
        };
        let group = groups.entry((unfinished, blame.as_ref())).or_default();
        group.push(change.address.to_string());
    }
    let mut lines = Vec::new();
    for ((unfinished, blame), addresses) in groups {
        let what = if unfinished { "Not finished" } else { "Not started" };
        let why = match blame {
            Some(address) => format!("because {address} failed"),
            None => "because the run was stopped".to_owned(),
        };
        lines.extend(listed(&format!("{what}, {why}:"), &addresses, style));
    }
    lines
}

fn listed(title: &str, items: &[String], style: &Style) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(fit::wrap(title, style.columns()));
    let items = fit::wrap(&items.join(", "), style.columns() - 4);
    lines.extend(items.into_iter().map(|line| format!("    {line}")));
    lines
}

/// What to do now.
fn next(outcome: &Outcome) -> &'static str {
    match outcome.failed.is_empty() {
        true => "Run the same command again: it goes on where this one stopped.",
        false => {
            "What was done stays done. Once the cause is mended, run the same command again: it goes on where this one stopped."
        }
    }
}
