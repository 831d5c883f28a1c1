//! The conditions of a statement (IAM guide, "Condition operators").

use serde_json::Value;

use super::statement::{Context, matches, texts};

/// The operators without their `ForAllValues:` and `IfExists`.
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

struct Operator<'o> {
    name: &'o str,
    if_exists: bool,
    for_all: bool,
}

impl<'o> Operator<'o> {
    fn of(text: &'o str) -> Operator<'o> {
        let (for_all, rest) = match text.split_once(':') {
            Some((quantifier, rest)) => (quantifier == "ForAllValues", rest),
            None => (false, text),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        Operator { name, if_exists, for_all }
    }
}

/// Whether there is such an operator.
fn is_operator(text: &str) -> bool {
    let quantified = text.split_once(':').map(|(quantifier, _)| quantifier);
    quantified.is_none_or(|quantifier| ["ForAllValues", "ForAnyValue"].contains(&quantifier))
        && OPERATORS.contains(&Operator::of(text).name)
}

/// Whether the conditions of a statement have the form of conditions.
pub(super) fn is_form(conditions: Option<&Value>) -> bool {
    let one = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let are_values = |wanted: &Value| match wanted {
        Value::Array(values) => values.iter().all(one),
        value => one(value),
    };
    let is_test = |(operator, keys): (&String, &Value)| {
        let keys = keys.as_object();
        // AWS minds an operator it does not know only where it has to do something.
        keys.is_some_and(|keys| {
            keys.is_empty() || is_operator(operator) && keys.values().all(are_values)
        })
    };
    match conditions {
        None => true,
        Some(conditions) => {
            conditions.as_object().is_some_and(|operators| operators.iter().all(is_test))
        }
    }
}

/// The moments with which the conditions of a statement compare.
pub(super) fn dates(conditions: Option<&Value>) -> Vec<String> {
    let operators = conditions.and_then(Value::as_object).into_iter().flatten();
    let of_dates = operators.filter(|(name, _)| Operator::of(name).name.starts_with("Date"));
    let keys = of_dates.flat_map(|(_, keys)| keys.as_object().into_iter().flatten());
    keys.flat_map(|(_, wanted)| texts(wanted)).collect()
}

/// Whether all conditions hold in a context.
pub(super) fn hold(conditions: &Value, context: &Context) -> bool {
    let operators = conditions.as_object().into_iter().flatten();
    operators.into_iter().all(|(operator, keys)| {
        let operator = Operator::of(operator);
        let keys = keys.as_object().into_iter().flatten();
        keys.into_iter()
            .all(|(key, wanted)| test(&operator, context.get(&key.to_lowercase()), &texts(wanted)))
    })
}

fn test(operator: &Operator<'_>, given: Option<&Vec<String>>, wanted: &[String]) -> bool {
    if operator.name == "Null" {
        return wanted.iter().any(|wanted| (wanted == "true") == given.is_none());
    }
    let negated = operator.name.contains("Not");
    let Some(given) = given else { return negated || operator.if_exists || operator.for_all };
    let one = |given: &String| wanted.iter().any(|wanted| compare(operator.name, given, wanted));
    match (negated, operator.for_all) {
        (true, _) => !given.iter().any(one),
        (false, true) => given.iter().all(one),
        (false, false) => given.iter().any(one),
    }
}

/// Compares as the operator does, or as the one does that it negates.
fn compare(operator: &str, given: &str, wanted: &str) -> bool {
    let numbers = || given.parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
    let number = |test: fn(f64, f64) -> bool| numbers().is_some_and(|(a, b)| test(a, b));
    match operator {
        "StringLike" | "StringNotLike" | "ArnEquals" | "ArnLike" | "ArnNotEquals"
        | "ArnNotLike" => matches(wanted, given),
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" | "Bool" => {
            wanted.eq_ignore_ascii_case(given)
        }
        "NumericEquals" | "NumericNotEquals" => number(|given, wanted| given == wanted),
        "NumericLessThan" => number(|given, wanted| given < wanted),
        "NumericLessThanEquals" => number(|given, wanted| given <= wanted),
        "NumericGreaterThan" => number(|given, wanted| given > wanted),
        "NumericGreaterThanEquals" => number(|given, wanted| given >= wanted),
        // Dates in one form sort as text.
        "DateLessThan" => given < wanted,
        "DateLessThanEquals" => given <= wanted,
        "DateGreaterThan" => given > wanted,
        "DateGreaterThanEquals" => given >= wanted,
        "IpAddress" | "NotIpAddress" => in_network(given, wanted),
        _ => given == wanted,
    }
}

fn in_network(given: &str, wanted: &str) -> bool {
    let address = given.parse::<std::net::IpAddr>();
    match (address, wanted.parse::<ipnet::IpNet>()) {
        (Ok(address), Ok(network)) => network.contains(&address),
        _ => given == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_hold_as_their_operators_say() {
        let context = Context::from([
            ("aws:sourceaccount".to_owned(), vec!["1".to_owned()]),
            ("aws:sourcearn".to_owned(), vec!["arn:aws:ecs:r:1:task/x".to_owned()]),
        ]);
        for (conditions, holds) in [
            (json!({ "StringEquals": { "aws:SourceAccount": "1" } }), true),
            (json!({ "StringEquals": { "aws:SourceAccount": ["2", "3"] } }), false),
            (json!({ "StringNotEquals": { "aws:SourceAccount": ["2", "3"] } }), true),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:ecs:r:1:*" } }), true),
            (json!({ "ArnLike": { "aws:SourceArn": "arn:aws:ecs:r:2:*" } }), false),
            (json!({ "StringEquals": { "sts:ExternalId": "x" } }), false),
            (json!({ "StringEqualsIfExists": { "sts:ExternalId": "x" } }), true),
            (json!({ "Null": { "sts:ExternalId": "true" } }), true),
            (json!({ "NumericLessThan": { "aws:SourceAccount": 2 } }), true),
        ] {
            assert_eq!(hold(&conditions, &context), holds, "{conditions}");
        }
    }

    #[test]
    fn operators_are_known_with_what_stands_around_them() {
        assert!(is_operator("ForAllValues:StringLikeIfExists") && is_operator("Bool"));
        assert!(!is_operator("StringSame") && !is_operator("ForSome:StringLike"));
    }
}
