//! The grammar of policy documents (IAM guide, "Grammar of the IAM JSON policy language").

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::refusal::{constraint, malformed};
use super::statement::{Statement, texts};
use super::{condition, permission};
use crate::refused::Refused;

/// What a document is for; the kinds differ in grammar and in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A managed policy.
    Managed,
    /// An inline policy.
    Inline,
    /// A role's trust policy.
    Trust,
}

pub(super) const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

pub(super) const SYNTAX: &str = "Syntax errors in policy.";

/// Reads a document that keeps to the grammar.
pub(super) fn read(text: &str, purpose: Purpose) -> Result<Value, Refused> {
    let fits = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.is_empty() {
        let rule = "have length greater than or equal to 1";
        return Err(constraint("policyDocument", rule));
    }
    if !text.chars().all(fits) {
        let rule = "satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
        return Err(constraint("policyDocument", rule));
    }
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(fields) = document.as_object() else {
        return Err(malformed(match purpose {
            Purpose::Managed => SYNTAX,
            Purpose::Inline => "The policy is not in the valid JSON format.",
            Purpose::Trust => "This policy contains invalid Json",
        }));
    };
    if purpose != Purpose::Trust {
        permission::check(&document, purpose)?;
        return Ok(document);
    }
    if let Some(name) =
        fields.keys().find(|name| !["Version", "Id", "Statement"].contains(&&***name))
    {
        return Err(malformed(format!("Unknown field {name}")));
    }
    if let Some(version) = document.get("Version") {
        let version = version.as_str().unwrap_or_default();
        if !VERSIONS.contains(&version) {
            return Err(malformed(format!("Invalid version: {version}")));
        }
    }
    if document.get("Statement").is_none() {
        return Err(malformed("Missing required field Statement"));
    }
    let statements = statements(&document);
    if statements.is_empty() {
        return Err(malformed("Could not parse the policy: Statement is empty!"));
    }
    statements.into_iter().try_for_each(check)?;
    Ok(document)
}

/// The statements of a document as it was written: one or a list.
pub(super) fn statements(document: &Value) -> Vec<&Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

/// The statements of a document that keeps to the grammar.
pub(super) fn parsed(text: &str) -> Vec<Statement> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    statements(&document).into_iter().map(Statement::of).collect()
}

/// A document as answers carry it: URL-encoded (IAM API, GetPolicyVersion: RFC 3986).
pub(super) fn encoded(text: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, PLAIN).to_string()
}

/// What counts against size limits: everything but white space.
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}

/// Checks a statement of a trust policy.
fn check(statement: &Value) -> Result<(), Refused> {
    let Some(fields) = statement.as_object() else { return Err(malformed(SYNTAX)) };
    const FIELDS: &[&str] = &[
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    ];
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&&***name)) {
        return Err(malformed(format!("Unknown field {name}")));
    }
    match statement.get("Effect") {
        Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => {}
        None => return Err(malformed("Missing required field Effect")),
        Some(other) => {
            let other = other.as_str().unwrap_or_default();
            return Err(malformed(format!("Invalid effect: {other}")));
        }
    }
    let is_form = statement.get("Sid").is_none_or(Value::is_string)
        && condition::is_form(statement.get("Condition"));
    let actions = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(given), None) | (None, Some(given)) => texts(given),
        (None, None) => Vec::new(),
        (Some(_), Some(_)) => return Err(malformed(SYNTAX)),
    };
    if actions.is_empty() {
        return Err(malformed("Missing required field Action"));
    }
    if !is_form {
        return Err(malformed(SYNTAX));
    }
    actions.iter().try_for_each(|action| permission::check_action(action))?;
    trust(statement, &actions)
}

fn trust(statement: &Value, actions: &[String]) -> Result<(), Refused> {
    if let Some(name) =
        ["Resource", "NotResource"].iter().find(|name| statement.get(name).is_some())
    {
        return Err(malformed(format!("Has prohibited field {name}")));
    }
    let principal = statement.get("Principal").or_else(|| statement.get("NotPrincipal"));
    match principal {
        None => return Err(malformed("Missing required field Principal")),
        Some(Value::String(all)) if all == "*" => {}
        Some(Value::Object(kinds)) if !kinds.is_empty() => {}
        Some(_) => return Err(malformed("Invalid principal in policy")),
    }
    const ACTIONS: &[&str] =
        &["sts:*", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];
    let is_known = |action: &String| {
        let action = action.to_lowercase();
        action.starts_with("sts:assumerole") || ACTIONS.contains(&action.as_str())
    };
    if actions.iter().all(is_known) {
        return Ok(());
    }
    Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(document: &Value, purpose: Purpose) -> String {
        read(&document.to_string(), purpose).expect_err("a refusal").message
    }

    fn of(statement: Value) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    }

    #[test]
    fn a_trust_policy_has_principals_and_no_resources() {
        let good = json!({
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": { "Service": "ecs-tasks.amazonaws.com" },
        });
        // A missing version stands for that of 2008.
        let old = json!({ "Statement": good.clone() });
        assert!(read(&old.to_string(), Purpose::Trust).is_ok());
        for (name, value, words) in [
            ("Resource", json!("*"), "Has prohibited field Resource"),
            ("Action", json!("s3:GetObject"), "STS AssumeRole actions"),
            ("Principal", json!({}), "Invalid principal"),
        ] {
            let mut statement = good.clone();
            statement[name] = value;
            assert!(refused(&of(statement), Purpose::Trust).contains(words), "{name}");
        }
        let nobody = of(json!({ "Effect": "Allow", "Action": "sts:AssumeRole" }));
        assert_eq!(refused(&nobody, Purpose::Trust), "Missing required field Principal");
        assert_eq!(refused(&json!([]), Purpose::Trust), "This policy contains invalid Json");
    }

    #[test]
    fn documents_are_encoded_as_urls_are() {
        assert_eq!(encoded("{\"a b\":~*}"), "%7B%22a%20b%22%3A~%2A%7D");
    }
}
