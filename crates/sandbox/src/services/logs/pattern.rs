//! Filter patterns: of terms, of selectors in JSON, of fields between blanks. Logs guide, "Filter
//! pattern syntax".

use std::collections::BTreeMap;

use serde_json::Value;

use super::expression::Expression;
use super::name::invalid;
use crate::refused::Refused;

/// A pattern that lines can be held against.
#[derive(Debug)]
pub enum Pattern {
    /// Of terms.
    Terms(Terms),
    /// Of selectors in JSON.
    Json(Expression),
    /// Of fields between blanks.
    Fields(Vec<Field>),
}

/// Terms that a line has or has not.
#[derive(Debug, Default)]
pub struct Terms {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

/// A field between blanks.
#[derive(Debug)]
pub enum Field {
    /// As many as there are.
    Rest,
    /// One with a name, and what has to hold for it.
    One(String, Option<Expression>),
}

impl Pattern {
    /// Reads a pattern. Those with regular expressions are not understood.
    pub fn read(text: &str) -> Result<Pattern, Refused> {
        Pattern::check(text)?;
        let text = text.trim();
        if text.contains('%') {
            let message =
                format!("The sandbox does not evaluate regular expressions in patterns: {text}");
            return Err(invalid(message));
        }
        let bad = || invalid(format!("Invalid filter pattern: {text}"));
        let inner = |open, close| text.strip_prefix(open)?.strip_suffix(close);
        if let Some(inner) = inner('{', '}') {
            return Expression::read(inner).map(Pattern::Json).ok_or_else(bad);
        }
        if let Some(inner) = inner('[', ']') {
            let fields = pieces(inner).into_iter().map(|piece| field(piece.trim()));
            return fields.collect::<Option<_>>().map(Pattern::Fields).ok_or_else(bad);
        }
        terms(text).map(Pattern::Terms)
    }

    /// Refuses what is no pattern at all.
    pub fn check(text: &str) -> Result<(), Refused> {
        let text = text.trim();
        let open = |open, close| text.starts_with(open) && !text.ends_with(close);
        match open('{', '}') || open('[', ']') {
            true => Err(invalid(format!("Invalid filter pattern: {text}"))),
            false => Ok(()),
        }
    }

    /// What a line has under the names that the pattern gives, if it matches.
    pub fn extract(&self, line: &str) -> Option<BTreeMap<String, String>> {
        match self {
            Pattern::Terms(terms) => terms.matches(line).then(BTreeMap::new),
            Pattern::Json(expression) => {
                let document = serde_json::from_str::<Value>(line).ok().filter(Value::is_object)?;
                let find = |name: &str| select(&document, name);
                expression.holds(&find).then(|| {
                    let names = expression.names().into_iter();
                    let found = names.filter_map(|name| Some((name.to_owned(), find(name)?)));
                    found.map(|(name, value)| (name, plain(&value))).collect()
                })
            }
            Pattern::Fields(fields) => extract_fields(fields, line),
        }
    }

    /// Whether a line matches.
    pub fn matches(&self, line: &str) -> bool {
        self.extract(line).is_some()
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn terms(text: &str) -> Result<Terms, Refused> {
    let mut pattern = Terms::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (terms, after) = match rest.split_at_checked(1) {
            Some(("?", after)) => (&mut pattern.any, after),
            Some(("-", after)) => (&mut pattern.none, after),
            _ => (&mut pattern.all, rest),
        };
        let (term, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .ok_or_else(|| invalid("Invalid filter pattern: a quote is not closed"))?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        terms.push(term.to_owned());
        rest = left.trim_start();
    }
    Ok(pattern)
}

impl Terms {
    fn matches(&self, line: &str) -> bool {
        let has = |term: &String| line.contains(term.as_str());
        // Logs guide: with other terms beside them, optional terms do not matter.
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || !self.all.is_empty() || self.any.iter().any(has))
    }
}

/// What a selector stands for: `$.a.b[0]['c d']`. `[*]` stands for the first item that there is.
fn select(document: &Value, selector: &str) -> Option<Value> {
    let mut at = document;
    let mut rest = selector.strip_prefix('$')?;
    while !rest.is_empty() {
        if let Some(bracketed) = rest.strip_prefix('[') {
            let (key, after) = bracketed.split_once(']')?;
            let name = key.trim_matches(|quote| quote == '\'' || quote == '"');
            at = match at {
                Value::Array(items) if key == "*" => items.first()?,
                Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
                other => other.get(name)?,
            };
            rest = after;
        } else {
            let name = rest.strip_prefix('.')?;
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            at = at.get(name)?;
            rest = after;
        }
    }
    Some(at.clone())
}

/// What stands between the commas that are not quoted.
fn pieces(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|letter: char| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    })
    .collect()
}

fn field(text: &str) -> Option<Field> {
    if text == "..." {
        return Some(Field::Rest);
    }
    let word = |letter: char| letter.is_ascii_alphanumeric() || "_-$".contains(letter);
    if !text.is_empty() && text.chars().all(word) {
        return Some(Field::One(text.to_owned(), None));
    }
    let condition = Expression::read(text)?;
    let name = (*condition.names().first()?).to_owned();
    Some(Field::One(name, Some(condition)))
}

/// The fields of a line: what stands between brackets or quotes is one.
fn split(line: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let close = match rest.chars().next() {
            Some('"') => Some('"'),
            Some('[') => Some(']'),
            _ => None,
        };
        let enclosed = close.and_then(|close| rest.get(1..)?.split_once(close));
        let (found, after) =
            enclosed.unwrap_or_else(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
        fields.push(found);
        rest = after.trim_start();
    }
    fields
}

/// Logs guide, "Space-delimited log events": a field without a name goes by its place.
fn extract_fields(fields: &[Field], line: &str) -> Option<BTreeMap<String, String>> {
    let values = split(line);
    let named = fields.iter().filter(|field| matches!(field, Field::One(..))).count();
    let rest = fields.len() - named;
    let skipped = values.len().checked_sub(named)?;
    if rest > 1 || rest == 0 && skipped > 0 {
        return None;
    }
    let mut extracted = BTreeMap::new();
    let mut values = values.into_iter().enumerate();
    for field in fields {
        match field {
            Field::Rest => {
                for (place, value) in values.by_ref().take(skipped) {
                    extracted.insert(format!("${}", place + 1), value.to_owned());
                }
            }
            Field::One(name, condition) => {
                let (_, value) = values.next()?;
                let find = |asked: &str| (asked == name).then(|| Value::from(value));
                if condition.as_ref().is_some_and(|condition| !condition.holds(&find)) {
                    return None;
                }
                extracted.insert(format!("${name}"), value.to_owned());
            }
        }
    }
    Some(extracted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_by_logs() {
        let json = r#"{"level":"error","code":500,"user":{"name":"ann"},"tags":["a"],"none":null}"#;
        let fields = r#"127.0.0.1 [10/Oct/2000 13:25] "GET /" 404"#;
        for (pattern, line, matches) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR disk", "disk: ERROR", true),
            ("ERROR disk", "net: ERROR", false),
            ("?ERROR ?WARN", "a WARN", true),
            ("?ERROR ?WARN", "an INFO", false),
            ("ERROR -retry", "ERROR, will retry", false),
            ("\"two words\"", "here two words are", true),
            ("\"two words\"", "words two", false),
            ("{ $.level = \"error\" }", json, true),
            ("{ $.level = err* }", json, true),
            ("{ $.level = \"warn\" }", json, false),
            ("{ $.code > 499 && $.code <= 500 }", json, true),
            ("{ $.code < 500 }", json, false),
            ("{ $.code = 200 || ($.user.name != \"bob\") }", json, true),
            ("{ $.code = 200 || $.level = \"error\" && $.code = 300 }", json, false),
            ("{ $.tags[0] = \"a\" }", json, true),
            ("{ $['user']['name'] = ann }", json, true),
            ("{ $.none IS NULL }", json, true),
            ("{ $.gone NOT EXISTS }", json, true),
            ("{ $.gone != 1 }", json, false),
            ("{ $.level = \"error\" }", "level error", false),
            ("[ip, time, request, code]", fields, true),
            ("[ip, time, request]", fields, false),
            ("[ip, ..., code = 4*]", fields, true),
            ("[..., code > 404]", fields, false),
            ("[ip, time, request = \"GET *\", code = 404 || code = 500]", fields, true),
        ] {
            let read = Pattern::read(pattern).expect("a pattern");
            assert_eq!(read.matches(line), matches, "{pattern} on {line}");
        }
        for pattern in ["{ $.level = \"error\"", "{ $.level }", "\"open", "[a, b = ]", "%x%"] {
            assert!(Pattern::read(pattern).is_err(), "{pattern}");
        }
    }
}
