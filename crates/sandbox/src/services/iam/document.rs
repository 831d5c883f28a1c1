//! The grammar of policy documents (IAM guide, "Grammar of the IAM JSON policy language").

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::condition;
use super::refusal::{constraint, malformed};
use super::statement::{Statement, texts};
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

const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

const SYNTAX: &str = "Syntax errors in policy.";

/// Reads a document that keeps to the grammar.
pub(super) fn read(text: &str, purpose: Purpose) -> Result<Value, Refused> {
    let fits = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.is_empty() {
        let rule = "have length greater than or equal to 1";
        return Err(constraint("policyDocument", text, rule));
    }
    if !text.chars().all(fits) {
        let rule = "satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
        return Err(constraint("policyDocument", text, rule));
    }
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(fields) = document.as_object() else {
        return Err(malformed(match purpose {
            Purpose::Managed => SYNTAX,
            Purpose::Inline => "The policy is not in the valid JSON format.",
            Purpose::Trust => "This policy contains invalid Json",
        }));
    };
    if let Some(name) =
        fields.keys().find(|name| !["Version", "Id", "Statement"].contains(&&***name))
    {
        return Err(unknown(name, purpose));
    }
    version(&document, purpose)?;
    let statements = statements(&document);
    if document.get("Statement").is_none() {
        return Err(lacks("Statement", SYNTAX, purpose));
    }
    if statements.is_empty() {
        let empty = "Could not parse the policy: Statement is empty!";
        return Err(malformed(if purpose == Purpose::Trust { empty } else { SYNTAX }));
    }
    let mut ids = BTreeSet::new();
    for statement in statements {
        check(statement, purpose)?;
        let id = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
        if !id.is_empty() && !ids.insert(id) {
            let message = "Statement IDs (SID) in a single policy must be unique.";
            return Err(malformed(message));
        }
    }
    Ok(document)
}

/// The statements of a document as it was written: one or a list.
fn statements(document: &Value) -> Vec<&Value> {
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

fn version(document: &Value, purpose: Purpose) -> Result<(), Refused> {
    let version = match document.get("Version") {
        None => None,
        Some(Value::String(version)) if VERSIONS.contains(&version.as_str()) => {
            Some(version.as_str())
        }
        Some(other) => {
            return Err(malformed(match purpose {
                Purpose::Trust => format!("Invalid version: {}", other.as_str().unwrap_or("")),
                _ => SYNTAX.to_owned(),
            }));
        }
    };
    // Without a version, a document is of 2008, which is good enough for all but managed policies.
    if purpose == Purpose::Managed && version != Some(VERSIONS[0]) {
        return Err(malformed("Policy document must be version 2012-10-17 or greater."));
    }
    Ok(())
}

fn check(statement: &Value, purpose: Purpose) -> Result<(), Refused> {
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
        return Err(unknown(name, purpose));
    }
    match statement.get("Effect") {
        Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => {}
        None => return Err(lacks("Effect", SYNTAX, purpose)),
        Some(other) if purpose == Purpose::Trust => {
            let other = other.as_str().unwrap_or_default();
            return Err(malformed(format!("Invalid effect: {other}")));
        }
        Some(_) => return Err(malformed(SYNTAX)),
    }
    id(statement, purpose)?;
    let actions = either(
        statement,
        ["Action", "NotAction"],
        "Policy statement must contain actions.",
        purpose,
    )?;
    actions.iter().try_for_each(|action| check_action(action))?;
    conditions(statement)?;
    match purpose {
        Purpose::Trust => trust(statement, &actions),
        Purpose::Managed | Purpose::Inline => {
            if fields.contains_key("Principal") || fields.contains_key("NotPrincipal") {
                return Err(malformed("Policy document should not specify a principal."));
            }
            let none = "Policy statement must contain resources.";
            let resources = either(statement, ["Resource", "NotResource"], none, purpose)?;
            resources.iter().try_for_each(|resource| check_resource(resource))
        }
    }
}

fn id(statement: &Value, purpose: Purpose) -> Result<(), Refused> {
    match statement.get("Sid") {
        None => Ok(()),
        Some(Value::String(id)) => {
            let plain = id.chars().all(|letter| letter.is_ascii_alphanumeric());
            if plain || purpose == Purpose::Trust {
                return Ok(());
            }
            Err(malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            ))
        }
        Some(_) => Err(malformed(SYNTAX)),
    }
}

/// What stands under one of two names, of which a statement has exactly one.
fn either(
    statement: &Value,
    names: [&str; 2],
    none: &str,
    purpose: Purpose,
) -> Result<Vec<String>, Refused> {
    let [some, all_but] = names;
    let given = match (statement.get(some), statement.get(all_but)) {
        (Some(given), None) | (None, Some(given)) => given,
        (None, None) => return Err(lacks(some, none, purpose)),
        (Some(_), Some(_)) => return Err(malformed(SYNTAX)),
    };
    match given {
        Value::String(_) => Ok(texts(given)),
        Value::Array(items) if items.is_empty() => Err(lacks(some, none, purpose)),
        Value::Array(items) if items.iter().all(Value::is_string) => Ok(texts(given)),
        _ => Err(malformed(SYNTAX)),
    }
}

fn check_action(action: &str) -> Result<(), Refused> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    };
    if name.contains(':') {
        return Err(malformed("Actions/Condition can contain only one colon."));
    }
    let good = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if vendor.is_empty() || !vendor.chars().all(good) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    let good = |letter: char| letter.is_ascii_alphanumeric() || "*?-_".contains(letter);
    if name.is_empty() || !name.chars().all(good) {
        return Err(malformed("The policy failed legacy parsing"));
    }
    Ok(())
}

fn check_resource(resource: &str) -> Result<(), Refused> {
    if resource.chars().all(|letter| letter == '*') && !resource.is_empty() {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, region, _, path] => {
            if !["aws", "aws-cn", "aws-us-gov", "*"].contains(partition) {
                return Err(malformed(format!(
                    "Partition \"{partition}\" is not valid for resource \"{resource}\"."
                )));
            }
            if *service != "*" && service.contains('*') {
                return Err(malformed(
                    "Resource vendor must be fully qualified and cannot contain regexes.",
                ));
            }
            check_place(resource, service, region, path)
        }
        ["arn", ..] => Err(malformed("The policy failed legacy parsing")),
        _ => Err(malformed(format!("Resource {resource} must be in ARN format or \"*\"."))),
    }
}

/// What is global has no region in its ARN.
fn check_place(resource: &str, service: &str, region: &str, path: &str) -> Result<(), Refused> {
    const KINDS: &[&str] = &[
        "user/",
        "federated-user/",
        "role/",
        "group/",
        "instance-profile/",
        "mfa/",
        "server-certificate/",
        "policy/",
        "sms-mfa/",
        "saml-provider/",
        "oidc-provider/",
        "report/",
        "access-report/",
    ];
    let is_given = |part: &str| !part.is_empty() && part != "*";
    match service {
        "iam" if is_given(region) => {
            Err(malformed(format!("IAM resource {resource} cannot contain region information.")))
        }
        "iam"
            if !path.starts_with(['*', '$'])
                && path != "root"
                && !KINDS.iter().any(|kind| path.starts_with(kind)) =>
        {
            let kinds = KINDS.join(", ");
            Err(malformed(format!("IAM resource path must either be \"*\" or start with {kinds}.")))
        }
        "s3" if is_given(region) && !path.starts_with("accesspoint/") => {
            Err(malformed(format!("Resource {resource} can not contain region information.")))
        }
        _ => Ok(()),
    }
}

fn conditions(statement: &Value) -> Result<(), Refused> {
    let operators = match statement.get("Condition") {
        None => return Ok(()),
        Some(Value::Object(operators)) => operators,
        Some(_) => return Err(malformed(SYNTAX)),
    };
    for (operator, keys) in operators {
        let keys = keys.as_object().filter(|_| condition::is_operator(operator));
        let Some(keys) = keys else { return Err(malformed(SYNTAX)) };
        for (key, wanted) in keys {
            if !key.contains(':') {
                return Err(malformed(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                ));
            }
            if wanted.is_object() || wanted.is_null() {
                return Err(malformed(SYNTAX));
            }
        }
    }
    Ok(())
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

fn unknown(name: &str, purpose: Purpose) -> Refused {
    match purpose {
        Purpose::Trust => malformed(format!("Unknown field {name}")),
        Purpose::Managed | Purpose::Inline => malformed(SYNTAX),
    }
}

fn lacks(name: &str, otherwise: &str, purpose: Purpose) -> Refused {
    match purpose {
        Purpose::Trust => malformed(format!("Missing required field {name}")),
        Purpose::Managed | Purpose::Inline => malformed(otherwise),
    }
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
    fn a_permission_keeps_to_the_grammar() {
        let good = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
        assert!(read(&of(good.clone()).to_string(), Purpose::Managed).is_ok());
        let with = |name: &str, value: Value| {
            let mut statement = good.clone();
            statement[name] = value;
            of(statement)
        };
        let without = |name: &str| {
            let mut statement = good.clone();
            statement.as_object_mut().expect("fields").remove(name);
            of(statement)
        };
        for (document, words) in [
            (with("Resource", json!("bucket")), "must be in ARN format"),
            (with("Resource", json!("arn:aws:s3")), "legacy parsing"),
            (with("Resource", json!("arn:moon:s3:::b")), "Partition \"moon\""),
            (with("Resource", json!("arn:aws:iam:us-east-1::role/a")), "region information"),
            (with("Resource", json!("arn:aws:s3:us-east-1::b")), "region information"),
            (with("Resource", json!("arn:aws:iam::1:machine/a")), "IAM resource path"),
            (with("Action", json!("GetObject")), "prefaced by a vendor"),
            (with("Action", json!([])), "must contain actions"),
            (with("Principal", json!("*")), "not specify a principal"),
            (with("Colour", json!("red")), "Syntax errors"),
            (with("Effect", json!("allow")), "Syntax errors"),
            (with("Sid", json!("a b")), "alpha-numeric"),
            (with("Condition", json!({ "Same": { "a:b": "c" } })), "Syntax errors"),
            (without("Action"), "must contain actions"),
            (without("Resource"), "must contain resources"),
            (json!({ "Statement": [good.clone()] }), "version 2012-10-17 or greater"),
            (json!({ "Version": "2012-10-17" }), "Syntax errors"),
            (json!({ "Version": "2012-10-17", "Statement": [] }), "Syntax errors"),
        ] {
            let message = refused(&document, Purpose::Managed);
            assert!(message.contains(words), "{document}: {message}");
        }
        let twice = json!({ "Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*" });
        let twice = json!({ "Version": "2012-10-17", "Statement": [twice, twice] });
        assert!(refused(&twice, Purpose::Inline).contains("unique"));
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
