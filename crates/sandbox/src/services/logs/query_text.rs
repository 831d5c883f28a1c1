//! The language of queries, as far as the sandbox speaks it. Logs guide, "CloudWatch Logs Insights
//! language query syntax".

use aws_smithy_types::base64;
use serde_json::Value;

use super::event::LogEvent;
use crate::world::{ACCOUNT, Time};

/// An event and where it is.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its group.
    pub group: String,
    /// Its stream.
    pub stream: String,
    /// Its place there.
    pub place: usize,
    /// Itself.
    pub event: LogEvent,
}

/// A query.
#[derive(Debug, PartialEq)]
pub struct Query {
    fields: Vec<String>,
    conditions: Vec<Vec<Condition>>,
    sort: Option<(String, bool)>,
    limit: usize,
}

/// A condition, and whether it must hold or must not.
#[derive(Debug, PartialEq)]
struct Condition {
    field: String,
    test: Test,
    holds: bool,
}

#[derive(Debug, PartialEq)]
enum Test {
    Has { text: String, any_case: bool },
    Is(String),
}

impl Query {
    /// Reads a query. Of regular expressions, only plain texts are understood.
    pub fn read(text: &str) -> Option<Query> {
        let mut query = Query { fields: Vec::new(), conditions: vec![], sort: None, limit: 10_000 };
        for command in commands(text) {
            let (verb, rest) = command.split_once(char::is_whitespace)?;
            let rest = rest.trim();
            match verb {
                "fields" | "display" => {
                    if verb == "display" {
                        query.fields.clear();
                    }
                    for field in rest.split(',').map(str::trim) {
                        query.fields.push(is_field(field).then(|| field.to_owned())?);
                    }
                }
                // Several filters must all hold, as do the parts of one.
                "filter" => {
                    // What binds more closely is not looked at.
                    if rest.contains(" and ") && rest.contains(" or ") {
                        return None;
                    }
                    for part in rest.split(" and ") {
                        let either = part.split(" or ").map(condition);
                        query.conditions.push(either.collect::<Option<_>>()?);
                    }
                }
                "sort" => {
                    let (field, order) =
                        rest.split_once(char::is_whitespace).unwrap_or((rest, "asc"));
                    let descends = match order.trim() {
                        "desc" => true,
                        "asc" => false,
                        _ => return None,
                    };
                    query.sort = is_field(field).then(|| Some((field.to_owned(), descends)))?;
                }
                "limit" | "head" => query.limit = rest.parse().ok()?,
                _ => return None,
            }
        }
        if query.fields.is_empty() {
            query.fields = vec!["@timestamp".to_owned(), "@message".to_owned()];
        }
        Some(query)
    }

    /// How many events match, and their rows; the latest first unless they are sorted.
    pub fn run(
        &self,
        events: Vec<Event>,
        limit: Option<usize>,
    ) -> (usize, Vec<Vec<(String, String)>>) {
        let matches = |event: &Event| {
            self.conditions.iter().all(|either| either.iter().any(|one| one.matches(event)))
        };
        let mut events = events.into_iter().filter(matches).collect::<Vec<_>>();
        let matched = events.len();
        events.sort_by_key(|found| std::cmp::Reverse(found.event.timestamp));
        if let Some((field, descends)) = &self.sort {
            events.sort_by_cached_key(|found| found.field(field));
            if *descends {
                events.reverse();
            }
        }
        let rows = events.into_iter().take(limit.unwrap_or(self.limit)).map(|found| {
            // Every row has its pointer, whatever is asked for.
            let fields = self.fields.iter().map(String::as_str).chain(["@ptr"]);
            fields.filter_map(|field| Some((field.to_owned(), found.field(field)?))).collect()
        });
        (matched, rows.collect())
    }
}

impl Event {
    fn field(&self, name: &str) -> Option<String> {
        let event = &self.event;
        Some(match name {
            "@timestamp" => written(event.timestamp),
            "@ingestionTime" => written(event.ingested),
            "@message" => event.message.clone(),
            "@logStream" => self.stream.clone(),
            "@log" => format!("{ACCOUNT}:{}", self.group),
            "@ptr" => base64::encode(format!("{}/{}/{}", self.group, self.stream, self.place)),
            // Logs guide: the members of messages in JSON are found by themselves.
            name => {
                let document = serde_json::from_str::<Value>(&event.message).ok()?;
                let value = name.split('.').try_fold(&document, |at, name| at.get(name))?;
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            }
        })
    }
}

impl Condition {
    fn matches(&self, event: &Event) -> bool {
        let found = event.field(&self.field);
        let is = found.is_some_and(|found| match &self.test {
            Test::Has { text, any_case: false } => found.contains(text.as_str()),
            Test::Has { text, any_case: true } => {
                found.to_lowercase().contains(&text.to_lowercase())
            }
            Test::Is(text) => found == *text,
        });
        is == self.holds
    }
}

/// The commands between the bars that stand neither in quotes nor in regular expressions.
fn commands(text: &str) -> Vec<&str> {
    let mut within = None;
    let commands = text.split(|letter: char| {
        match within {
            Some(end) if letter == end => within = None,
            None if "\"'/".contains(letter) => within = Some(letter),
            _ => {}
        }
        letter == '|' && within.is_none()
    });
    commands.map(str::trim).filter(|command| !command.is_empty()).collect()
}

fn is_field(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "@._-".contains(letter);
    !name.is_empty() && name.chars().all(allowed)
}

fn condition(text: &str) -> Option<Condition> {
    let text = text.trim();
    let (field, rest) = text.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let operators =
        [("not like", true, false), ("like", true, true), ("!=", false, false), ("=", false, true)];
    let (after, has, holds) = operators.iter().find_map(|(operator, has, holds)| {
        Some((rest.strip_prefix(operator)?.trim(), *has, *holds))
    })?;
    let quoted = ['"', '\'']
        .iter()
        .find_map(|quote| after.strip_prefix(*quote)?.strip_suffix(*quote).map(str::to_owned));
    let test = match (has, quoted) {
        (true, Some(text)) => Test::Has { text, any_case: false },
        (true, None) => {
            let (text, flags) = after.strip_prefix('/')?.rsplit_once('/')?;
            let (text, any_case) = match text.strip_prefix("(?i)") {
                Some(text) => (text, true),
                None => (text, flags == "i"),
            };
            if text.contains(|letter: char| r"\.*+?()[]{}|^$".contains(letter)) {
                return None;
            }
            Test::Has { text: text.to_owned(), any_case }
        }
        (false, Some(text)) => Test::Is(text),
        (false, None) => Test::Is(is_field(after).then(|| after.to_owned())?),
    };
    is_field(field).then(|| Condition { field: field.to_owned(), test, holds })
}

/// A moment as results write it: `2026-01-01 00:00:00.000`.
fn written(time: Time) -> String {
    time.iso().trim_end_matches('Z').replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{BEGINNING, Span};

    #[test]
    fn queries_filter_sort_and_limit() {
        let messages = ["one", "two ERROR", r#"{"level":"error"}"#];
        let events = messages.iter().enumerate().map(|(place, message)| {
            let timestamp = BEGINNING + Span::seconds(place as u64);
            let event = LogEvent { timestamp, message: (*message).to_owned(), ingested: BEGINNING };
            Event { group: "g".to_owned(), stream: "s".to_owned(), place, event }
        });
        let events = events.collect::<Vec<_>>();
        for (query, found) in [
            ("fields @message", vec![2, 1, 0]),
            ("fields @message | sort @timestamp asc | limit 2", vec![0, 1]),
            ("fields @message | filter @message like /ERROR/", vec![1]),
            ("fields @message | filter @message like /(?i)error/", vec![2, 1]),
            ("fields @message | filter @message not like \"one|\"", vec![2, 1, 0]),
            ("display @message | filter level = \"error\" or @message = 'one'", vec![2, 0]),
            ("fields @message | filter @message like 'two' and @message like 'o E'", vec![1]),
        ] {
            let read = Query::read(query).expect("a query");
            let (_, rows) = read.run(events.clone(), None);
            let rows = rows.iter().filter_map(|row| row.first().map(|(_, value)| value.as_str()));
            let wanted = found.iter().map(|place| messages[*place]);
            assert_eq!(rows.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "{query}");
        }
        for query in ["this is no query", "fields a b", "fields a | limit x"] {
            assert_eq!(Query::read(query), None, "{query}");
        }
    }
}
