//! The stack's outputs.

use indexmap::IndexMap;
use serde_json::Value;

use crate::fit::{pad, width};
use crate::style::Style;
use crate::value_text;

/// The outputs for a person: names in one column, values in the next. Values are never cut, since
/// they are there to be copied.
pub fn text(outputs: &IndexMap<String, Value>, style: &Style) -> String {
    let paint = style.paint();
    let column = outputs.keys().map(|name| width(name) + 1).max().unwrap_or(0) + 1;
    let mut text = String::new();
    for (name, value) in outputs {
        let label = format!("{}:", paint.name(name));
        let one = value_text::line(value, paint);
        if value_text::is_multiline(value)
            || (value.is_array() || value.is_object()) && width(&one) + column > style.columns()
        {
            let lines = value_text::lines(value, usize::MAX / 2, paint);
            let lines = match lines.as_slice() {
                [_] => value_text::lines(value, style.columns().saturating_sub(2), paint),
                _ => lines,
            };
            text += &format!("{label}\n");
            lines.iter().for_each(|line| text += &format!("  {line}\n"));
        } else {
            text += &format!("{}{one}\n", pad(&label, column));
        }
    }
    text
}

/// One output as a shell would use it: text as it stands, anything else as JSON.
pub fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => landfall_model::reference::display(text),
        other => value_text::displayed(other).to_string(),
    }
}

/// The outputs for a program: an object of names and values.
pub fn json(outputs: &IndexMap<String, Value>) -> Value {
    outputs.iter().map(|(name, value)| (name.clone(), value_text::displayed(value))).collect()
}
