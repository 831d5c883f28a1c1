//! Scalars: texts, numbers, booleans, words of a list; and values without a schema.

use std::sync::Arc;

use landfall_model::reference::{display, is_known};
use serde_json::{Map, Number, Value};

use crate::credential;
use crate::fields::{Frame, Trail};
use crate::reader::Reader;
use crate::scalar;
use crate::shape::Types;
use crate::suggest;
use crate::text::{Scope, Text};
use crate::tree::{Data, Node, Scalar};

/// How much of a text a message shows.
const SHOWN: usize = 40;

impl Reader<'_> {
    /// A scalar of one of these types.
    pub fn leaf(
        &mut self,
        node: &Arc<Node>,
        types: Types,
        schema: &Value,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        let Some(scalar) = node.scalar() else {
            self.wrong_type(node, &types.describe(), trail);
            return None;
        };
        let text = self.text(&scalar.text, node.span, frame.scope)?;
        if (scalar.plain || text.interpolated) && is_known(&text.value) && !text.kept {
            if types.boolean
                && let Some(value) = scalar::boolean(&text.value)
            {
                return Some(Value::Bool(value));
            }
            if types.integer
                && let Some(value) = scalar::integer(&text.value)
            {
                return self.in_range(node, value, schema, trail);
            }
            if types.number
                && let Some(value) = scalar::number(&text.value)
            {
                return self.in_range(node, value, schema, trail);
            }
        }
        if types.string {
            return self.string(node, text, schema, trail, frame);
        }
        self.not_of_type(node, scalar, &text, types, trail);
        None
    }

    fn string(
        &mut self,
        node: &Arc<Node>,
        text: Text,
        schema: &Value,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        if self.is_credential(node, &text, trail, frame) {
            return None;
        }
        if is_known(&text.value) {
            let length = text.value.chars().count() as u64;
            let bound = |name| schema.get(name).and_then(Value::as_u64);
            let (least, most) = (bound("minLength").unwrap_or(0), bound("maxLength"));
            if length < least {
                let message = match length {
                    0 => format!("`{trail}` may not be empty"),
                    _ => format!("`{trail}` takes at least {least} characters, found {length}"),
                };
                self.error(node.pointer(trail.key), message);
            }
            if let Some(most) = most.filter(|most| length > *most) {
                let message = format!("`{trail}` takes at most {most} characters, found {length}");
                self.error(node.pointer(trail.key), message);
            }
        }
        Some(Value::String(text.value))
    }

    fn not_of_type(
        &mut self,
        node: &Arc<Node>,
        scalar: &Scalar,
        text: &Text,
        types: Types,
        trail: &Trail<'_>,
    ) {
        let span = node.pointer(trail.key);
        let wanted = types.describe();
        if !is_known(&text.value) {
            self.error_with(
                span,
                format!("`{trail}` takes {wanted}, which has to be known beforehand"),
                format!("{} is known only later", display(&text.value)),
            );
            return;
        }
        let right = !text.kept && (types.boolean && scalar::boolean(&text.value).is_some())
            || (types.integer && scalar::integer(&text.value).is_some())
            || (types.number && scalar::number(&text.value).is_some());
        let help = if right {
            Some(format!("write it without quotes: {}", text.value))
        } else if types.boolean {
            match text.value.to_ascii_lowercase().as_str() {
                "yes" | "y" | "on" => Some("write `true`".to_owned()),
                "no" | "n" | "off" => Some("write `false`".to_owned()),
                _ => None,
            }
        } else {
            None
        };
        let found = describe(text, scalar.plain || text.interpolated);
        let message = format!("`{trail}` takes {wanted}, found {found}");
        match help {
            Some(help) => self.error_with(span, message, help),
            None => self.error(span, message),
        }
    }

    fn in_range(
        &mut self,
        node: &Arc<Node>,
        value: Number,
        schema: &Value,
        trail: &Trail<'_>,
    ) -> Option<Value> {
        let format = schema.get("format").and_then(Value::as_str).and_then(range_of_format);
        let least = bound(schema, "minimum").into_iter().chain(format.map(|(least, _)| least));
        let most = bound(schema, "maximum").into_iter().chain(format.map(|(_, most)| most));
        let (least, most) = (least.reduce(f64::max), most.reduce(f64::min));
        let number = value.as_f64().unwrap_or(f64::NAN);
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            let takes = match (least, most) {
                (Some(least), Some(most)) => format!("a number from {least} to {most}"),
                (Some(least), None) => format!("a number from {least} on"),
                (_, most) => format!("a number up to {}", most.unwrap_or_default()),
            };
            let message = format!("`{trail}` takes {takes}, found {value}");
            self.error(node.pointer(trail.key), message);
            return None;
        }
        Some(Value::Number(value))
    }

    /// One of a few words.
    pub fn choice(
        &mut self,
        node: &Arc<Node>,
        values: &[&Value],
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        let words: Vec<String> = values.iter().map(|value| word(value)).collect();
        let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
        let Some(scalar) = node.scalar() else {
            self.wrong_type(node, &format!("one of {}", words.join(", ")), trail);
            return None;
        };
        let text = self.text(&scalar.text, node.span, frame.scope)?;
        let matches = |value: &&&Value| match value {
            Value::String(word) => *word == text.value,
            other => (scalar.plain || text.interpolated) && other.to_string() == text.value,
        };
        if let Some(value) = values.iter().find(matches) {
            return Some((*value).clone());
        }
        let span = node.pointer(trail.key);
        if !is_known(&text.value) {
            self.error_with(
                span,
                format!("`{trail}` has to be known beforehand"),
                format!("{} is known only later", display(&text.value)),
            );
            return None;
        }
        let message = format!("`{trail}` does not take {}", describe(&text, false));
        let mut help = suggest::choices("allowed", &words);
        if let Some(close) = suggest::closest(&text.value, words.iter().copied()) {
            help = format!("did you mean `{close}`? {help}");
        }
        self.error_with(span, message, help);
        None
    }

    /// A value without a schema, such as a part of a document.
    pub fn free(
        &mut self,
        node: &Arc<Node>,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        match &node.data {
            Data::Scalar(scalar) => {
                let text = self.text(&scalar.text, node.span, frame.scope)?;
                if self.is_credential(node, &text, trail, frame) {
                    return None;
                }
                Some(match (&text.sole, text.interpolated) {
                    (Some(variable), _) => variable.typed(),
                    (None, true) => Value::String(text.value),
                    (None, false) => Scalar { text: text.value, plain: scalar.plain }.typed(),
                })
            }
            Data::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    list.extend(self.free(item, &trail.index(index, trail.key), frame));
                }
                Some(Value::Array(list))
            }
            Data::Map(entries) => {
                let mut map = Map::new();
                for entry in entries {
                    let below = trail.key(&entry.key, entry.key_span);
                    let key = self.text(&entry.key, entry.key_span, frame.scope);
                    let value = self.free(&entry.value, &below, frame);
                    if let (Some(key), Some(value)) = (key, value) {
                        map.insert(key.value, value);
                    }
                }
                Some(Value::Object(map))
            }
        }
    }

    /// Reports a text that looks like a credential, and covers it wherever the file is shown.
    fn is_credential(
        &mut self,
        node: &Arc<Node>,
        text: &Text,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> bool {
        if frame.scope != Scope::Resource || text.kept {
            return false;
        }
        let by_name = match trail.last_keys() {
            (Some(name), Some("environment")) => {
                credential::is_secret_name(name)
                    && is_known(&text.value)
                    && credential::is_secret_value(&text.value)
            }
            _ => false,
        };
        if !by_name && !credential::is_key(&text.value) {
            return false;
        }
        if !text.interpolated {
            self.source.covered.push(node.span);
        }
        self.error_with(
            node.pointer(trail.key),
            format!("`{trail}` holds a literal credential"),
            "keep it in Secrets Manager or SSM Parameter Store, and refer to it by `secrets`",
        );
        true
    }

    /// "`x` takes this, found that".
    pub fn wrong_type(&mut self, node: &Arc<Node>, expected: &str, trail: &Trail<'_>) {
        let found = match &node.data {
            Data::List(_) => "a list".to_owned(),
            Data::Map(_) => "a map".to_owned(),
            Data::Scalar(scalar) => describe_scalar(scalar),
        };
        let message = format!("`{trail}` takes {expected}, found {found}");
        self.error(node.pointer(trail.key), message);
    }
}

fn describe(text: &Text, plain: bool) -> String {
    if text.secret {
        return "something else".to_owned();
    }
    describe_scalar(&Scalar { text: display(&text.value), plain })
}

/// "the text `abc`", "the number `3`".
pub(crate) fn describe_scalar(scalar: &Scalar) -> String {
    if credential::is_key(&scalar.text) {
        return "a credential".to_owned();
    }
    let shown = shown(&scalar.text);
    match scalar.typed() {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => format!("`{shown}`"),
        Value::Number(_) => format!("the number {shown}"),
        _ => format!("the text `{shown}`"),
    }
}

/// A text cut to what fits into a message.
pub(crate) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let mut short: String =
        line.chars().take(SHOWN).filter(|character| !character.is_control()).collect();
    if short.len() < text.trim_end().len() {
        short.push('…');
    }
    short
}

/// The scalar as it may stand between brackets.
pub(crate) fn quoted(scalar: &Scalar) -> String {
    let shown = shown(&scalar.text);
    match scalar.plain && !shown.contains(['{', '}', '[', ']', ',', '"', '\\']) {
        true => shown,
        false => format!("{:?}", shown),
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn bound(schema: &Value, name: &str) -> Option<f64> {
    schema.get(name).and_then(Value::as_f64)
}

fn range_of_format(format: &str) -> Option<(f64, f64)> {
    Some(match format {
        "uint8" => (0.0, f64::from(u8::MAX)),
        "uint16" => (0.0, f64::from(u16::MAX)),
        "uint32" => (0.0, f64::from(u32::MAX)),
        "int8" => (f64::from(i8::MIN), f64::from(i8::MAX)),
        "int16" => (f64::from(i16::MIN), f64::from(i16::MAX)),
        "int32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => return None,
    })
}
