//! The end of a destroy: what is left in AWS, and what it costs.

use landfall_plan::{Action, Change, Outcome, Plan};

use crate::count;
use crate::fit::{pad, width};
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
    cost: &dyn Fn(&str) -> Option<String>,
    style: &Style,
) -> String {
    let paint = style.paint();
    let standings = standing::of(plan, outcome);
    let mut left = Vec::new();
    let mut deleted = 0;
    for (change, standing) in plan.changes.iter().zip(&standings) {
        match why(change, standing) {
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
    if left.is_empty() {
        let what = match deleted {
            0 => "The stack has nothing in AWS.".to_owned(),
            1 => "1 resource is deleted, nothing is left.".to_owned(),
            many => format!("{many} resources are deleted, nothing is left."),
        };
        return format!("{} {what}\n", paint.tone(Tone::Good, "✓"));
    }
    let verb = if left.len() == 1 { "is" } else { "are" };
    let gone = if deleted > 0 { format!(" ({deleted} deleted)") } else { String::new() };
    let head = format!("{} {verb} left in AWS", count::of(left.len(), "resource"));
    let mut text = format!("{}{gone}:\n\n", paint.name(head));
    let addresses = left.iter().map(|left| width(&left.address)).max().unwrap_or(0);
    let whys = left.iter().map(|left| width(&left.why)).max().unwrap_or(0);
    let cost_column = 6 + addresses + 2 + whys;
    let costs = left.iter().map(|left| width(left.cost.as_deref().unwrap_or(FREE))).max();
    let beside = cost_column + costs.unwrap_or(0) <= style.columns();
    for left in &left {
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
