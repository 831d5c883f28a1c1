//! Documents and other text of several lines, as a unified diff.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

use crate::fit;
use crate::style::{Paint, Tone};
use crate::value_text::{displayed, unfolded};

/// How many lines around a difference are shown.
const CONTEXT: usize = 2;

/// A document as text: JSON is written out, anything else stays as it is.
pub(crate) fn document(value: &Value) -> String {
    match displayed(&unfolded(value)) {
        Value::String(text) => text,
        value => serde_json::to_string_pretty(&value).unwrap_or_default(),
    }
}

/// Two documents as texts whose keys stand in the same order, so that a diff shows differences
/// and not what a service made of the order.
pub(crate) fn documents(before: &Value, after: &Value) -> (String, String) {
    let (before, after) = (unfolded(before), unfolded(after));
    (document(&in_order_of(&before, &after)), document(&after))
}

fn in_order_of(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Object(map), Value::Object(model)) => {
            let known = model.keys().filter(|key| map.contains_key(*key));
            let more = map.keys().filter(|key| !model.contains_key(*key));
            let ordered: Map<String, Value> = known
                .chain(more)
                .filter_map(|key| {
                    let value = map.get(key)?;
                    Some((key.clone(), in_order_of(value, model.get(key).unwrap_or(&Value::Null))))
                })
                .collect();
            Value::Object(ordered)
        }
        (Value::Array(items), Value::Array(models)) => {
            let model = |i| models.get(i).unwrap_or(&Value::Null);
            Value::Array(items.iter().enumerate().map(|(i, v)| in_order_of(v, model(i))).collect())
        }
        (other, _) => other.clone(),
    }
}

/// The lines of a diff, none wider than `room`. Long lines are folded, since a cut might take
/// away just what differs.
pub(crate) fn lines(before: &str, after: &str, room: usize, paint: Paint) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut shown = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            shown.push(paint.dim("⋮"));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, tone) = match change.tag() {
                ChangeTag::Delete => ("- ", Tone::Bad),
                ChangeTag::Insert => ("+ ", Tone::Good),
                ChangeTag::Equal => ("  ", Tone::Dim),
            };
            let text = change.value().trim_end_matches(['\n', '\r']);
            for line in fit::fold(&fit::printable(text), room.saturating_sub(2)) {
                shown.push(paint.tone(tone, format!("{sign}{line}").trim_end()));
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_is_no_difference() {
        let (before, after) = documents(
            &json!(r#"{"b": 1, "a": {"d": 2, "c": 3}}"#),
            &json!({"a": {"c": 3, "d": 2}, "b": 2}),
        );
        let shown = lines(&before, &after, 60, Paint::NONE).join("\n");
        assert_eq!(shown, "      \"d\": 2\n    },\n-   \"b\": 1\n+   \"b\": 2\n  }");
    }
}
