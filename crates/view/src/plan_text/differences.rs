//! What is shown of a thing that changes: the leaves that differ.

use landfall_plan::{Delta, FieldChange};
use serde_json::Value;

use crate::fit::{cut_pair, pad, printable, width};
use crate::style::{Paint, Tone};
use crate::{secret, text_diff, value_text};

/// The widest column of paths.
const WIDEST: usize = 36;

/// What comes or goes.
#[derive(Clone, Copy)]
enum Sign {
    Comes,
    Goes,
}

/// The differences, one below the other, their values in a column.
pub(crate) fn lines(fields: &[FieldChange], room: usize, paint: Paint) -> Vec<String> {
    let label = |field: &FieldChange| width(&field.path.to_string()) + 2;
    let limit = WIDEST.min(room / 2);
    let widest = |fields: &mut dyn Iterator<Item = &FieldChange>| {
        fields.map(label).filter(|label| *label <= limit).max().unwrap_or(0)
    };
    let column = widest(&mut fields.iter());
    let stands_beside = |field: &&FieldChange| {
        delta(field, room.saturating_sub(column.max(label(field))), paint).is_some()
    };
    // Paths whose values stand below need no room in the column.
    let column = widest(&mut fields.iter().filter(stands_beside));
    fields.iter().flat_map(|field| difference(field, column, room, paint)).collect()
}

fn difference(field: &FieldChange, column: usize, room: usize, paint: Paint) -> Vec<String> {
    let tone = if field.forces_replacement { Tone::Exchange } else { Tone::Plain };
    // Keys can come from AWS too: tags, say.
    let path = field.path.to_string();
    let label = paint.tone(tone, format!("{}:", printable(&path)));
    let column = column.max(width(&label) + 1);
    match delta(field, room.saturating_sub(column), paint) {
        Some(lines) => {
            let first = pad(&label, column);
            let indent = " ".repeat(width(&first));
            let labels = std::iter::once(first).chain(std::iter::repeat(indent));
            labels.zip(lines).map(|(label, line)| label + &line).collect()
        }
        None => {
            let below = delta_below(field, room.saturating_sub(2), paint);
            std::iter::once(label).chain(below.into_iter().map(|l| format!("  {l}"))).collect()
        }
    }
}

/// Before and after with secrets hidden.
fn hidden(field: &FieldChange) -> (Option<Value>, Option<Value>) {
    match &field.delta {
        Delta::Value { before, after } => (
            before.as_ref().map(|value| secret::hide(&field.path, value, None)),
            after.as_ref().map(|value| secret::hide(&field.path, value, before.as_ref())),
        ),
        Delta::Elements { .. } => (None, None),
    }
}

/// Elements that come and go, with secrets hidden.
fn elements(field: &FieldChange) -> Vec<(Sign, Value)> {
    let Delta::Elements { removed, added } = &field.delta else { return Vec::new() };
    let hide = |value: &Value| secret::hide(&field.path, value, None);
    let goes = removed.iter().map(|value| (Sign::Goes, hide(value)));
    goes.chain(added.iter().map(|value| (Sign::Comes, hide(value)))).collect()
}

/// The difference beside its path, if it fits there.
fn delta(field: &FieldChange, room: usize, paint: Paint) -> Option<Vec<String>> {
    let one = |value: &Value| {
        let fits = value_text::fits(value, room) && !is_structured_document(field, value);
        fits.then(|| value_text::line(value, paint))
    };
    let signed_one = |sign, value: &Value| {
        let text = one(value)?;
        (width(&text) + 2 <= room).then(|| signed(sign, &text, paint))
    };
    if let Delta::Elements { .. } = field.delta {
        return elements(field).iter().map(|(sign, value)| signed_one(*sign, value)).collect();
    }
    match hidden(field) {
        (Some(before), Some(after)) => {
            let (before, after) = (one(&before)?, one(&after)?);
            if width(&before) + 3 + width(&after) <= room {
                let arrow = paint.dim("→");
                return Some(vec![format!(
                    "{} {arrow} {}",
                    gone(&before, paint),
                    came(&after, paint)
                )]);
            }
            (width(&before).max(width(&after)) + 2 <= room).then(|| {
                vec![signed(Sign::Goes, &before, paint), signed(Sign::Comes, &after, paint)]
            })
        }
        (Some(before), None) => Some(vec![signed_one(Sign::Goes, &before)?]),
        (None, Some(after)) => Some(vec![signed_one(Sign::Comes, &after)?]),
        (None, None) => Some(Vec::new()),
    }
}

/// The difference below its path, where there is more room.
fn delta_below(field: &FieldChange, room: usize, paint: Paint) -> Vec<String> {
    let inner = room.saturating_sub(2);
    let block = |sign, value: &Value| -> Vec<String> {
        let lines = value_text::lines(value, inner, Paint::NONE);
        lines.iter().map(|line| signed(sign, line, paint)).collect()
    };
    if let Delta::Elements { .. } = field.delta {
        let item = |(sign, value): &(Sign, Value)| match value_text::packed(value, inner) {
            Some(lines) => lines.iter().map(|line| signed(*sign, line, paint)).collect(),
            // With a bullet, since more than one may follow.
            None if value.is_object() && !value_text::fits(value, inner) => {
                block(*sign, &Value::Array(vec![value.clone()]))
            }
            None => block(*sign, value),
        };
        return elements(field).iter().flat_map(item).collect();
    }
    let (before, after) = hidden(field);
    let is_text = |value: &Option<Value>| {
        value
            .as_ref()
            .is_some_and(|v| value_text::is_multiline(v) || is_structured_document(field, v))
    };
    if is_text(&before) || is_text(&after) {
        let (before, after) = match (&before, &after) {
            (Some(before), Some(after)) => text_diff::documents(before, after),
            (before, after) => {
                let text = |v: &Option<Value>| v.as_ref().map(text_diff::document);
                (text(before).unwrap_or_default(), text(after).unwrap_or_default())
            }
        };
        return text_diff::lines(&before, &after, room, paint);
    }
    match (before, after) {
        (Some(Value::String(before)), Some(Value::String(after))) => {
            let show = |text: String| value_text::line(&Value::String(text), Paint::NONE);
            let (before, after) = cut_pair(&show(before), &show(after), inner);
            vec![signed(Sign::Goes, &before, paint), signed(Sign::Comes, &after, paint)]
        }
        (before, after) => {
            let goes = before.map(|value| block(Sign::Goes, &value)).unwrap_or_default();
            let comes = after.map(|value| block(Sign::Comes, &value)).unwrap_or_default();
            goes.into_iter().chain(comes).collect()
        }
    }
}

/// Whether a value is a document whose structure a diff of lines shows best.
fn is_structured_document(field: &FieldChange, value: &Value) -> bool {
    field.document && value_text::unfolded(value).is_object()
}

fn signed(sign: Sign, text: &str, paint: Paint) -> String {
    match sign {
        Sign::Comes => format!("{} {}", paint.tone(Tone::Good, "+"), came(text, paint)),
        Sign::Goes => format!("{} {}", paint.tone(Tone::Bad, "-"), gone(text, paint)),
    }
}

/// What is still to be known is dim already; another colour around it would end at its reset.
fn came(text: &str, paint: Paint) -> String {
    if text.contains('\u{1b}') { text.to_owned() } else { paint.tone(Tone::Good, text) }
}

fn gone(text: &str, paint: Paint) -> String {
    if text.contains('\u{1b}') { text.to_owned() } else { paint.tone(Tone::Bad, text) }
}
