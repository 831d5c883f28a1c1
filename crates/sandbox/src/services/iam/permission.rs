//! The grammar of permissions: managed and inline policies. What AWS objects to comes in the order
//! in which it looks: the form of the whole, its version, the ARNs and dates, the ids, what is
//! missing, and the names.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Purpose, SYNTAX, VERSIONS, statements};
use super::refusal::malformed;
use super::statement::texts;
use super::{condition, moment};
use crate::refused::Refused;

const LEGACY: &str = "The policy failed legacy parsing";

/// Checks a document that is an object.
pub(super) fn check(document: &Value, purpose: Purpose) -> Result<(), Refused> {
    let statements = statements(document);
    if !is_form(document, &statements) {
        return Err(malformed(SYNTAX));
    }
    // Without a version, a document is of 2008, which is good enough for inline policies.
    let version = document.get("Version").and_then(Value::as_str);
    if purpose == Purpose::Managed && version != VERSIONS.first().copied() {
        return Err(malformed("Policy document must be version 2012-10-17 or greater."));
    }
    if !statements.iter().all(|statement| is_legacy(statement)) {
        return Err(malformed(LEGACY));
    }
    ids(&statements)?;
    for statement in &statements {
        if statement.get("Principal").or_else(|| statement.get("NotPrincipal")).is_some() {
            return Err(malformed("Policy document should not specify a principal."));
        }
        if listed(statement, "Action", "NotAction").is_empty() {
            return Err(malformed("Policy statement must contain actions."));
        }
        if listed(statement, "Resource", "NotResource").is_empty() {
            return Err(malformed("Policy statement must contain resources."));
        }
    }
    for statement in &statements {
        let resources = listed(statement, "Resource", "NotResource");
        resources.iter().try_for_each(|resource| check_resource(resource))?;
        let actions = listed(statement, "Action", "NotAction");
        actions.iter().try_for_each(|action| check_action(action))?;
    }
    Ok(())
}

fn is_form(document: &Value, statements: &[&Value]) -> bool {
    let known = ["Version", "Id", "Statement"];
    let fields = document.as_object();
    let fields = fields.is_some_and(|fields| fields.keys().all(|name| known.contains(&&**name)));
    let version = document
        .get("Version")
        .is_none_or(|version| version.as_str().is_some_and(|version| VERSIONS.contains(&version)));
    fields
        && version
        && document.get("Id").is_none_or(Value::is_string)
        && !statements.is_empty()
        && statements.iter().all(|statement| is_statement(statement))
}

fn is_statement(statement: &Value) -> bool {
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
    let fields = statement.as_object();
    let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or_default();
    fields.is_some_and(|fields| fields.keys().all(|name| FIELDS.contains(&&**name)))
        && ["allow", "deny"].contains(&effect.to_ascii_lowercase().as_str())
        && statement.get("Sid").is_none_or(Value::is_string)
        && is_either(statement, "Action", "NotAction")
        && is_either(statement, "Resource", "NotResource")
        && condition::is_form(statement.get("Condition"))
}

/// Whether a statement has one of two fields at most, and texts in it.
fn is_either(statement: &Value, some: &str, all_but: &str) -> bool {
    let are_texts = |given: &Value| match given {
        Value::Array(items) => items.iter().all(Value::is_string),
        given => given.is_string(),
    };
    match (statement.get(some), statement.get(all_but)) {
        (None, None) => true,
        (Some(given), None) | (None, Some(given)) => are_texts(given),
        (Some(_), Some(_)) => false,
    }
}

fn listed(statement: &Value, some: &str, all_but: &str) -> Vec<String> {
    statement.get(some).or_else(|| statement.get(all_but)).map(texts).unwrap_or_default()
}

/// What an older parser of AWS's still looks for.
fn is_legacy(statement: &Value) -> bool {
    let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or_default();
    let resources = listed(statement, "Resource", "NotResource");
    let is_whole = |resource: &String| match resource.strip_prefix("arn:aws:") {
        Some(rest) => !rest.starts_with(':') && rest.split(':').count() != 3,
        None => true,
    };
    ["Allow", "Deny"].contains(&effect)
        && resources.iter().all(is_whole)
        && condition::dates(statement.get("Condition")).iter().all(|date| moment::is_moment(date))
}

fn ids(statements: &[&Value]) -> Result<(), Refused> {
    let mut ids = BTreeSet::new();
    for statement in statements {
        let id = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
        if !id.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            ));
        }
        if !id.is_empty() && !ids.insert(id) {
            let message = "Statement IDs (SID) in a single policy must be unique.";
            return Err(malformed(message));
        }
    }
    Ok(())
}

/// Checks the name of an action, of which AWS only knows the vendor's form.
pub(super) fn check_action(action: &str) -> Result<(), Refused> {
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
    let good = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    if vendor.is_empty() || !vendor.chars().all(good) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    if name.is_empty() {
        return Err(malformed(LEGACY));
    }
    Ok(())
}

fn check_resource(resource: &str) -> Result<(), Refused> {
    if !resource.is_empty() && resource.chars().all(|letter| letter == '*') {
        return Ok(());
    }
    if !resource.contains(':') {
        return Err(malformed(format!("Resource {resource} must be in ARN format or \"*\".")));
    }
    // Whatever stands first counts as `arn`, and what is missing at the end as anything.
    let mut parts: Vec<&str> = resource.splitn(6, ':').skip(1).collect();
    parts.resize(5, "*");
    let [partition, service, region, _, path] = parts.as_slice() else {
        return Err(malformed(LEGACY));
    };
    if !["aws", "aws-cn", "aws-us-gov", "*"].contains(partition) {
        let resource = format!("arn:{}", parts.join(":"));
        return Err(malformed(format!(
            "Partition \"{partition}\" is not valid for resource \"{resource}\"."
        )));
    }
    if service.contains('*') {
        let message = "Resource vendor must be fully qualified and cannot contain regexes.";
        return Err(malformed(message));
    }
    check_place(resource, service, region, path)
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
            Err(malformed(format!(
                "IAM resource path must either be \"*\", root, or start with {kinds}."
            )))
        }
        "s3" if is_given(region) && !path.starts_with("accesspoint/") => {
            Err(malformed(format!("Resource {resource} can not contain region information.")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::document::read;
    use super::*;

    fn of(statement: Value) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    }

    #[test]
    fn a_permission_keeps_to_the_grammar() {
        let good = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
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
        let date = |date: &str| json!({ "DateLessThan": { "aws:CurrentTime": date } });
        for document in [
            of(good.clone()),
            with("Resource", json!("arn:aws:sqs")),
            with("Action", json!("s3.x:Get it")),
            with("Condition", json!({ "StringEquals": { "plain": ["a", 1, true] } })),
            with("Condition", json!({ "Unknown": {} })),
            with("Condition", date("2026-12-31T23:59:59Z")),
        ] {
            assert!(read(&document.to_string(), Purpose::Managed).is_ok(), "{document}");
        }
        for (document, words) in [
            (with("Resource", json!("bucket")), "must be in ARN format"),
            (with("Resource", json!("arn:aws:s3::bucket")), "legacy parsing"),
            (with("Resource", json!("arn:aws::::bucket")), "legacy parsing"),
            (with("Resource", json!("arn:aws:*:::bucket")), "fully qualified"),
            (with("Resource", json!("arn:moon:s3:::b")), "Partition \"moon\""),
            (with("Resource", json!("a:moon:s3")), "resource \"arn:moon:s3:*:*:*\""),
            (with("Resource", json!("arn:aws:iam:us-east-1::role/a")), "region information"),
            (with("Resource", json!("arn:aws:s3:us-east-1::b")), "region information"),
            (with("Resource", json!("arn:aws:iam::1:machine/a")), "IAM resource path"),
            (with("Action", json!("GetObject")), "prefaced by a vendor"),
            (with("Action", json!("a:b:c")), "only one colon"),
            (with("Action", json!([])), "must contain actions"),
            (with("NotAction", json!("s3:Get")), "Syntax errors"),
            (with("Principal", json!("*")), "not specify a principal"),
            (with("Colour", json!("red")), "Syntax errors"),
            (with("Effect", json!("Maybe")), "Syntax errors"),
            (with("Effect", json!("allow")), "legacy parsing"),
            (with("Sid", json!("a b")), "alpha-numeric"),
            (with("Condition", json!({ "Same": { "a:b": "c" } })), "Syntax errors"),
            (with("Condition", date("soon")), "legacy parsing"),
            (without("Action"), "must contain actions"),
            (without("Resource"), "must contain resources"),
            (json!({ "Statement": [good.clone()] }), "version 2012-10-17 or greater"),
            (json!({ "Version": "2012-10-17" }), "Syntax errors"),
            (json!({ "Version": "2012-10-17", "Statement": [] }), "Syntax errors"),
            (json!({ "Version": "2012-10-17", "Id": {}, "Statement": [good] }), "Syntax errors"),
        ] {
            let refused = read(&document.to_string(), Purpose::Managed).expect_err("a refusal");
            assert!(refused.message.contains(words), "{document}: {}", refused.message);
        }
        let twice = json!({ "Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*" });
        let twice = json!({ "Version": "2012-10-17", "Statement": [twice, twice] });
        let refused = read(&twice.to_string(), Purpose::Inline).expect_err("a refusal");
        assert!(refused.message.contains("unique"));
    }
}
