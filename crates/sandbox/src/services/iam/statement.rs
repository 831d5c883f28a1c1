//! The statements of a policy, and which actions, resources and conditions they match (IAM guide,
//! "Policy evaluation logic").

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition;

/// What is known about a request, by condition key in lower case.
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// A statement of a policy that keeps to the grammar.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub allows: bool,
    actions: Selection,
    resources: Selection,
    pub principals: Principals,
    conditions: Value,
}

/// Some or all but some.
#[derive(Clone, Debug)]
struct Selection {
    patterns: Vec<String>,
    all_but: bool,
}

/// Whom a statement is about: pairs such as `Service` and `ecs.amazonaws.com`.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    pub named: Vec<(String, String)>,
    pub all_but: bool,
}

impl Statement {
    /// Reads a statement.
    pub fn of(statement: &Value) -> Statement {
        let principals = match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(named), _) => Principals { named: pairs(named), all_but: false },
            (None, Some(named)) => Principals { named: pairs(named), all_but: true },
            (None, None) => Principals::default(),
        };
        Statement {
            allows: statement.get("Effect").is_some_and(|effect| effect == "Allow"),
            actions: Selection::of(statement, "Action", "NotAction"),
            resources: Selection::of(statement, "Resource", "NotResource"),
            principals,
            conditions: statement.get("Condition").cloned().unwrap_or_default(),
        }
    }

    /// Whether it says something about an action.
    pub fn is_about(&self, action: &str) -> bool {
        let action = action.to_lowercase();
        self.actions.holds(|pattern| matches(&pattern.to_lowercase(), &action))
    }

    /// Whether it says something about a resource.
    pub fn is_on(&self, resource: &str) -> bool {
        self.resources.holds(|pattern| pattern == "*" || matches(pattern, resource))
    }

    /// Whether its conditions hold.
    pub fn holds(&self, context: &Context) -> bool {
        condition::hold(&self.conditions, context)
    }
}

impl Selection {
    fn of(statement: &Value, some: &str, all_but: &str) -> Selection {
        match (statement.get(some), statement.get(all_but)) {
            (Some(patterns), _) => Selection { patterns: texts(patterns), all_but: false },
            (None, Some(patterns)) => Selection { patterns: texts(patterns), all_but: true },
            (None, None) => Selection { patterns: vec!["*".to_owned()], all_but: false },
        }
    }

    fn holds(&self, test: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| test(pattern)) != self.all_but
    }
}

fn pairs(principal: &Value) -> Vec<(String, String)> {
    match principal {
        Value::String(text) => vec![("AWS".to_owned(), text.clone())],
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| texts(names).into_iter().map(|name| (kind.clone(), name)))
            .collect(),
        _ => Vec::new(),
    }
}

/// A text or a list of texts, as a list.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        other => text(other).into_iter().collect(),
    }
}

/// Whether a text matches a pattern with `*` and `?`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last star stands, and up to where it has read.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == '?' || text.get(read) == Some(letter) => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((stood, upto)) => {
                    star = Some((stood, upto + 1));
                    at = stood + 1;
                    read = upto + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_wildcards_do() {
        for (pattern, text, matched) in [
            ("*", "", true),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("a*b*c", "axxbyybc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
        ] {
            assert_eq!(matches(pattern, text), matched, "{pattern} {text}");
        }
    }
}
