//! The end of a destroy: what is left in AWS, what it costs, and how to take it away.

use landfall_plan::{Action, Census, Change, Outcome, Plan};

use crate::count;
use crate::fit::{self, pad, printable, width};
use crate::standing::{self, Standing};
use crate::style::{Style, Tone};

/// What stands for a cost of nothing.
const FREE: &str = "costs nothing by itself";

/// A thing that is left.
struct Left {
    sigil: (&'static str, Tone),
    address: String,
    why: String,
    cost: Option<String>,
}

/// What is left, with a line feed behind its last line. `cost` says in words what a thing of a kind
/// costs while it exists.
pub fn render(
    plan: &Plan,
    outcome: &Outcome,
    census: &Census,
    cost: &dyn Fn(&str) -> Option<String>,
    style: &Style,
) -> String {
    let standings = standing::of(plan, outcome);
    let mut left = Vec::new();
    let mut deleted = 0;
    for (change, standing) in plan.changes.iter().zip(&standings) {
        match why(change, standing).filter(|_| is_there(change, census)) {
            Some((sigil, why)) => left.push(Left {
                sigil,
                address: change.address.to_string(),
                why,
                cost: cost(&change.address.kind),
            }),
            None if change.action == Action::Delete => deleted += 1,
            None => {}
        }
    }
    left.extend(newcomers(plan, census, cost));
    let paint = style.paint();
    let mut text = match left.is_empty() {
        true => {
            let all = census.others.is_empty() && census.unread.is_none();
            let what = match (deleted, all) {
                (0, _) => "The stack has nothing in AWS.".to_owned(),
                (1, true) => "1 resource is deleted, nothing is left.".to_owned(),
                (many, true) => format!("{many} resources are deleted, nothing is left."),
                (1, false) => "1 resource is deleted.".to_owned(),
                (many, false) => format!("{many} resources are deleted."),
            };
            format!("{} {what}\n", paint.tone(Tone::Good, "✓"))
        }
        false => listed(&left, deleted, style),
    };
    text += &again(census, style);
    text += &others(census, style);
    text + &unread(census, style)
}

/// Whether a thing that was not deleted is still there, as far as that was read anew.
fn is_there(change: &Change, census: &Census) -> bool {
    let (Some(left), Some(live)) = (&census.left, &change.live) else { return true };
    left.iter().any(|found| found.kind == live.kind && found.id == live.id)
}

/// What came to be while the stack was destroyed.
fn newcomers(plan: &Plan, census: &Census, cost: &dyn Fn(&str) -> Option<String>) -> Vec<Left> {
    let known = |kind: &str, id: &str| {
        let mut lives = plan.changes.iter().filter_map(|change| change.live.as_ref());
        lives.any(|live| live.kind == kind && live.id == id)
    };
    let found = census.left.iter().flatten();
    let new = found.filter(|live| !known(&live.kind, &live.id)).filter_map(|live| {
        Some(Left {
            sigil: ("+", Tone::Caution),
            address: live.address_in(&plan.stack)?.to_string(),
            why: "appeared meanwhile; run the same command again".to_owned(),
            cost: cost(&live.kind),
        })
    });
    new.collect()
}

fn listed(left: &[Left], deleted: usize, style: &Style) -> String {
    let paint = style.paint();
    let verb = if left.len() == 1 { "is" } else { "are" };
    let gone = if deleted > 0 { format!(" ({deleted} deleted)") } else { String::new() };
    let head = format!("{} {verb} left in AWS", count::of(left.len(), "resource"));
    let mut text = format!("{}{gone}:\n\n", paint.name(head));
    let addresses = left.iter().map(|left| width(&left.address)).max().unwrap_or(0);
    let whys = left.iter().map(|left| width(&left.why)).max().unwrap_or(0);
    let cost_column = 6 + addresses + 2 + whys;
    let costs = left.iter().map(|left| width(left.cost.as_deref().unwrap_or(FREE))).max();
    let beside = cost_column + costs.unwrap_or(0) <= style.columns();
    for left in left {
        let sigil = paint.tone(left.sigil.1, left.sigil.0);
        let address = pad(&paint.name(&left.address), addresses);
        let cost = left.cost.clone().unwrap_or_else(|| paint.dim(FREE));
        match beside {
            true => text += &format!("  {sigil} {address}  {}  {cost}\n", pad(&left.why, whys)),
            false => text += &format!("  {sigil} {address}  {}\n    {cost}\n", left.why),
        }
    }
    text
}

/// What came back and was deleted once more.
fn again(census: &Census, style: &Style) -> String {
    let lines = census.again.iter().flat_map(|address| {
        let text = format!(
            "{address} came back, as something wrote to it after it was deleted. It was deleted once more."
        );
        fit::wrap(&text, style.columns() - 2)
    });
    lines.map(|line| format!("  {line}\n")).collect()
}

/// What the stack leaves behind that no kind stands for. Commands stand for themselves, so that
/// they can be copied.
fn others(census: &Census, style: &Style) -> String {
    if census.others.is_empty() {
        return String::new();
    }
    let paint = style.paint();
    let mut text = format!("\n{}:\n", paint.name("Left behind, though none of its resources"));
    for other in &census.others {
        let cost = other.cost.as_deref().unwrap_or(FREE);
        let mark = paint.tone(Tone::Caution, "·");
        text += &format!("\n  {mark} {}\n", paint.name(printable(&other.what)));
        let why = fit::wrap(&printable(&format!("{}; {cost}", other.why)), style.columns() - 4);
        text.extend(why.into_iter().map(|line| format!("    {line}\n")));
        if let Some(remove) = &other.remove {
            text += &format!("    {}\n", printable(remove));
        }
    }
    text + "\n"
}

fn unread(census: &Census, style: &Style) -> String {
    let Some(error) = &census.unread else { return String::new() };
    let text = format!(
        "What is left could not be read anew, so this is what the run itself knows: {}",
        printable(&error.to_string())
    );
    fit::wrap(&text, style.columns()).into_iter().map(|line| line + "\n").collect()
}

/// Why a thing is left, if it is.
fn why(change: &Change, standing: &Standing) -> Option<((&'static str, Tone), String)> {
    let bad = ("✗", Tone::Bad);
    let open = ("·", Tone::Caution);
    match (change.action, standing) {
        (Action::Retain, _) => {
            Some((("=", Tone::Dim), "retained, as its lifecycle says".to_owned()))
        }
        (Action::Delete, Standing::Failed) => Some((bad, "could not be deleted".to_owned())),
        (Action::Delete, Standing::InFlight) => {
            Some((open, "was being deleted when the run was abandoned".to_owned()))
        }
        (Action::Delete, Standing::NotStarted(blame) | Standing::Unfinished(blame)) => Some((
            open,
            match blame {
                Some(address) => format!("blocked by {address}"),
                None => "the run was stopped before it".to_owned(),
            },
        )),
        _ => None,
    }
}
