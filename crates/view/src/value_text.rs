//! Values as a person would write them in the spec: YAML's forms, as compact as fits.

use landfall_model::reference::{self, Root};
use serde_json::Value;

use crate::fit::{self, width};
use crate::style::Paint;

/// Strings that YAML would read as something else, or that would be misread here.
fn needs_quotes(text: &str, in_flow: bool) -> bool {
    let is_other_type = || {
        text.parse::<f64>().is_ok()
            || matches!(text, "true" | "false" | "null" | "~" | "yes" | "no")
    };
    text.is_empty()
        || text.trim() != text
        || text.contains(fit::is_hostile)
        || text.starts_with([
            '"', '\'', '#', '&', '*', '!', '|', '>', '%', '@', '`', '[', ']', '{', '}',
        ])
        || text.starts_with("- ")
        || text.ends_with(':')
        || text.contains(": ")
        || text.contains(" #")
        || (in_flow && text.contains(['{', '}', '[', ']', ',']) && !text.contains("${"))
        || is_other_type()
}

fn text(plain: &str, in_flow: bool) -> String {
    match needs_quotes(plain, in_flow) {
        true => format!("{plain:?}"),
        false => plain.to_owned(),
    }
}

/// A value without its references' tokens: they stand as `${…}`.
pub(crate) fn displayed(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(reference::display(text)),
        Value::Array(items) => Value::Array(items.iter().map(displayed).collect()),
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, value)| (reference::display(key), displayed(value))).collect(),
        ),
        other => other.clone(),
    }
}

/// A JSON document in a string, as the structure that it is.
pub(crate) fn unfolded(value: &Value) -> Value {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        other => other.clone(),
    }
}

/// The reference that a value consists of, if only an apply can tell what it is.
fn later(value: &Value) -> Option<String> {
    let reference = reference::sole(value.as_str()?)?;
    matches!(reference.root, Root::Resource(_)).then(|| format!("(known after apply: {reference})"))
}

/// A value on one line.
pub(crate) fn line(value: &Value, paint: Paint) -> String {
    match later(value) {
        Some(words) => paint.dim(words),
        None => flow(value, false),
    }
}

/// A value on one line within another: references are short there.
fn flow(value: &Value, in_flow: bool) -> String {
    match value {
        Value::String(string) => text(&reference::display(string), in_flow),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| format!("{}: {}", key_text(key), flow(value, true)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

fn key_text(key: &str) -> String {
    text(&reference::display(key), true)
}

/// Whether a value is text of several lines, which one line would make unreadable.
pub(crate) fn is_multiline(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_end().contains('\n'))
}

/// The longest line on which things in things can still be read.
const NESTED: usize = 72;

fn is_container(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// Whether a value holds nothing but simple ones.
fn is_flat(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.iter().any(is_container),
        Value::Object(map) => !map.values().any(is_container),
        _ => true,
    }
}

/// Whether a value does well on one line of so many columns.
pub(crate) fn fits(value: &Value, room: usize) -> bool {
    let room = if is_flat(value) { room } else { room.min(NESTED) };
    !is_multiline(value) && width(&line(value, Paint::NONE)) <= room
}

/// A value in lines of at most `room` columns: on one line if it fits, else as a block.
pub(crate) fn lines(value: &Value, room: usize, paint: Paint) -> Vec<String> {
    let one = line(value, paint);
    if fits(value, room) {
        return vec![one];
    }
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .flat_map(|(key, value)| entry(&key_text(key), value, room, paint))
            .collect(),
        Value::Array(items) => items
            .iter()
            .flat_map(|item| {
                let room = room.saturating_sub(2);
                let inner = packed(item, room).unwrap_or_else(|| lines(item, room, paint));
                let bullets = std::iter::once("- ").chain(std::iter::repeat("  "));
                inner.into_iter().zip(bullets).map(|(line, bullet)| format!("{bullet}{line}"))
            })
            .collect(),
        Value::String(string) if is_multiline(value) => {
            let room = room.saturating_sub(2);
            let shown = reference::display(string.trim_end());
            let inner = shown.lines().flat_map(|line| fit::fold(&fit::printable(line), room));
            let inner: Vec<String> = inner.map(|line| format!("  {line}")).collect();
            std::iter::once("|".to_owned()).chain(inner).collect()
        }
        // Prose breaks at its spaces; an ARN or a URL loses its middle.
        Value::String(string) if string.split(' ').count() > 3 => fit::fold(&one, room),
        _ => vec![fit::cut_middle(&flow(value, false), room)],
    }
}

/// A map of simple values that is too long for one line, in as few as possible: rules and mounts
/// read better so than with a line per field.
pub(crate) fn packed(value: &Value, room: usize) -> Option<Vec<String>> {
    let map = value.as_object().filter(|_| is_flat(value) && !fits(value, room))?;
    let some: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
    let mut lines = vec!["{".to_owned()];
    for (at, (key, value)) in some.iter().enumerate() {
        let end = if at + 1 == some.len() { "}" } else { "," };
        let entry = format!("{}: {}{end}", key_text(key), flow(value, true));
        if is_multiline(value) || width(&entry) + 1 > room {
            return None;
        }
        let last = lines.last_mut()?;
        let is_start = last == "{" || last == " ";
        if width(last) + width(&entry) + 1 > room && !is_start {
            lines.push(format!(" {entry}"));
        } else {
            *last += &if is_start { entry } else { format!(" {entry}") };
        }
    }
    Some(lines)
}

/// A key and its value, the value beside the key where that fits.
pub(crate) fn entry(key: &str, value: &Value, room: usize, paint: Paint) -> Vec<String> {
    let beside = room.saturating_sub(width(key) + 2);
    let inner = lines(value, beside, paint);
    if inner.len() == 1 && (!is_container(value) || fits(value, beside)) {
        return vec![format!("{key}: {}", inner[0])];
    }
    let (key, inner) = match is_multiline(value) {
        true => (format!("{key}: |"), lines(value, room, paint).split_off(1)),
        false => {
            let inner = lines(value, room.saturating_sub(2), paint);
            (format!("{key}:"), inner.into_iter().map(|line| format!("  {line}")).collect())
        }
    };
    std::iter::once(key).chain(inner).collect()
}

#[cfg(test)]
mod tests {
    use landfall_model::{Address, Reference};
    use serde_json::json;

    use super::*;

    fn plain(value: Value) -> String {
        line(&value, Paint::NONE)
    }

    #[test]
    fn flow_form_is_yaml() {
        assert_eq!(
            plain(json!({"protocol": "tcp", "port": 443, "cidr": "0.0.0.0/0", "group": null})),
            "{protocol: tcp, port: 443, cidr: 0.0.0.0/0}"
        );
        assert_eq!(plain(json!(["sh", "-c", "a, b"])), r#"[sh, -c, "a, b"]"#);
        assert_eq!(
            plain(json!({"PORT": "8080", "ON": "true", "E": ""})),
            r#"{PORT: "8080", ON: "true", E: ""}"#
        );
    }

    #[test]
    fn what_is_known_later_says_so() {
        let dns = Reference::resource(Address::new("load_balancer", "main"), "dns_name").token();
        assert_eq!(plain(json!(dns)), "(known after apply: load_balancer.main.dns_name)");
        assert_eq!(plain(json!(format!("http://{dns}"))), "http://${load_balancer.main.dns_name}");
        assert_eq!(plain(json!([dns])), "[${load_balancer.main.dns_name}]");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(plain(json!("a\u{1b}[2Jb")), r#""a\u{1b}[2Jb""#);
    }

    #[test]
    fn what_does_not_fit_becomes_a_block() {
        let value =
            json!({"a": {"image": "nginx:1.29.3-alpine", "ports": [80, 443]}, "b": [{"x": 1}]});
        let block = lines(&value, 24, Paint::NONE).join("\n");
        assert_eq!(block, "a:\n  image: nginx:1…-alpine\n  ports: [80, 443]\nb: [{x: 1}]");
    }
}
