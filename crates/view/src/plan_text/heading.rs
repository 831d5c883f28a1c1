//! The first line of a change: what happens, and why.

use landfall_plan::{Action, Because, Change, FieldChange, Order};

use super::creation::is_default_name;
use crate::style::Tone;

/// What happens, as a sign of up to three columns and its colour.
pub(super) fn sigil(action: Action) -> (&'static str, Tone) {
    match action {
        Action::Create => ("+", Tone::Good),
        Action::Update => ("~", Tone::Caution),
        Action::Replace(Order::CreateFirst) => ("+/-", Tone::Exchange),
        Action::Replace(Order::DeleteFirst) => ("-/+", Tone::Exchange),
        Action::Delete => ("-", Tone::Bad),
        Action::Retain => ("=", Tone::Dim),
        Action::Keep => (" ", Tone::Plain),
    }
}

/// Why it happens, in so far as the sign doesn't say it.
pub(super) fn reason(change: &Change, stack: &str) -> Option<String> {
    let why = match &change.because {
        Because::NotInSpec => Some("no longer in the spec".to_owned()),
        Because::LeftOver => Some("left over from an interrupted replacement".to_owned()),
        Because::Failed(why) => Some(format!("it failed to come up: {why}")),
        Because::Missing | Because::Differs | Because::Destroyed | Because::Equal => None,
    };
    match change.action {
        Action::Replace(order) => {
            let order = match order {
                Order::CreateFirst => "replaced, new one first",
                Order::DeleteFirst => "replaced, old one goes first",
            };
            let why = why.or_else(|| forced_by(change, stack)).map(|why| format!(": {why}"));
            Some(format!("{order}{}", why.unwrap_or_default()))
        }
        Action::Retain => {
            let why = why.map(|why| format!("{why}, but ")).unwrap_or_default();
            Some(format!("{why}retained: it stays in AWS"))
        }
        _ => why,
    }
}

/// The fields that can't change in place. A name that landfall gives the new thing is what follows
/// from a replacement and not why there is one, if there is another reason.
fn forced_by(change: &Change, stack: &str) -> Option<String> {
    let is_given = |field: &FieldChange| {
        let head = field.path.head();
        let value = change.want.as_ref().and_then(|want| want.get(head));
        let declared = change.declared.as_ref().and_then(|declared| declared.get(head));
        declared.is_none() && value.is_some_and(|value| is_default_name(head, value, change, stack))
    };
    let forcing = change.fields.iter().filter(|field| field.forces_replacement);
    let (given, mut names): (Vec<&FieldChange>, Vec<&FieldChange>) =
        forcing.partition(|field| is_given(field));
    if names.is_empty() {
        names = given;
    }
    let mut names: Vec<String> = names.iter().map(|field| field.path.to_string()).collect();
    names.dedup();
    let more = names.len().saturating_sub(3);
    names.truncate(3);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let last = names.pop()?;
    let names = match names.is_empty() {
        true => last,
        false => format!("{} and {last}", names.join(", ")),
    };
    Some(format!("{names} can't change in place"))
}

/// What tells a thing in AWS apart, without the parts of an ARN that the header says already.
pub(super) fn short_id(id: &str) -> &str {
    match id.strip_prefix("arn:") {
        Some(rest) => rest.splitn(5, ':').nth(4).unwrap_or(id),
        None => id,
    }
}
