//! What AWS demands of policy documents, checked offline.
//!
//! The grammar is
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>, the sizes are
//! in <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

use landfall_model::types::Policy;
use landfall_model::{Finding, reference};
use serde_json::{Map, Value};

/// What a policy is attached to, which decides what its statements say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// An identity: its statements name resources.
    Identity,
    /// A role, saying who may take it on: its statements name principals.
    Trust,
    /// An image repository: its statements name principals, too.
    Repository,
}

/// What is wrong with a policy that stands in the field `at`.
pub(crate) fn check(policy: &Policy, sort: Sort, at: &str) -> Vec<Finding> {
    let document = policy.value();
    let mut findings = Vec::new();
    let version = document.get("Version").and_then(Value::as_str).unwrap_or("2012-10-17");
    if reference::is_known(version) && !["2012-10-17", "2008-10-17"].contains(&version) {
        let finding = Finding::field(
            &format!("{at}.Version"),
            format!("`{version}` is no version of the policy language"),
        );
        findings.push(finding.help("write 2012-10-17"));
    }
    let statements = document.get("Statement").and_then(Value::as_array);
    let mut sids: Vec<&str> = Vec::new();
    for (index, statement) in statements.into_iter().flatten().enumerate() {
        let at = format!("{at}.Statement[{index}]");
        let Some(statement) = statement.as_object() else { continue };
        findings.extend(check_statement(statement, sort, &at));
        if let Some(sid) = statement.get("Sid").and_then(Value::as_str)
            && reference::is_known(sid)
            && !sid.is_empty()
        {
            // Policies of resources may have spaces in it.
            if sort != Sort::Repository && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let message = format!("the Sid `{sid}` has more than letters and digits in it");
                findings.push(Finding::field(&format!("{at}.Sid"), message));
            }
            if sids.contains(&sid) {
                let message = format!("the Sid `{sid}` stands in two statements");
                findings.push(Finding::field(&format!("{at}.Sid"), message));
            }
            sids.push(sid);
        }
    }
    findings
}

fn check_statement(statement: &Map<String, Value>, sort: Sort, at: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    match statement.get("Effect").and_then(Value::as_str) {
        Some(effect) if ["Allow", "Deny"].contains(&effect) || !reference::is_known(effect) => {}
        _ => {
            let message = "a statement has an Effect, either Allow or Deny";
            findings.push(Finding::field(&format!("{at}.Effect"), message));
        }
    }
    let mut one_of = |word: &str| {
        let not = format!("Not{word}");
        if statement.contains_key(word) == statement.contains_key(&not) {
            let message = format!("a statement of this policy has either {word} or {not}");
            findings.push(Finding::field(at, message));
        }
    };
    one_of("Action");
    one_of(if sort == Sort::Identity { "Resource" } else { "Principal" });
    let (prohibited, because) = match sort {
        Sort::Identity => {
            (["Principal", "NotPrincipal"], "the principal is whatever the policy is attached to")
        }
        Sort::Trust => (["Resource", "NotResource"], "the resource is the role itself"),
        Sort::Repository => (["Resource", "NotResource"], "the resource is the repository itself"),
    };
    for word in prohibited.into_iter().filter(|word| statement.contains_key(*word)) {
        let message = format!("AWS refuses {word} in this policy: {because}");
        let finding = Finding::field(&format!("{at}.{word}"), message);
        findings.push(finding.help(format!("leave {word} out")));
    }
    findings
}

/// The length of a policy as IAM counts it, white space left out; `None` while it is not known.
pub(crate) fn size(policy: &Policy) -> Option<usize> {
    let known = reference::is_value_known(policy.value());
    known.then(|| policy.to_json().chars().filter(|c| !c.is_whitespace()).count())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(sort: Sort, document: Value) -> Vec<String> {
        let policy = Policy::new(document).expect("a policy");
        check(&policy, sort, "policy").into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn sound_policies_pass() {
        let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Sid": "Read"});
        assert!(messages(Sort::Identity, json!({ "Statement": [allow] })).is_empty());
        let trust = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"});
        assert!(messages(Sort::Trust, json!({ "Statement": [trust] })).is_empty());
    }

    #[test]
    fn each_sort_has_its_elements() {
        let both = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"});
        let document = json!({ "Statement": [both] });
        for sort in [Sort::Identity, Sort::Trust, Sort::Repository] {
            assert_eq!(messages(sort, document.clone()).len(), 1);
        }
        let lacking = json!({ "Version": "2012", "Statement": [{"Effect": "allow"}] });
        assert_eq!(messages(Sort::Identity, lacking).len(), 4);
    }

    #[test]
    fn white_space_does_not_count() {
        let policy = Policy::new(json!({"Statement": [{"Sid": "a b"}]})).expect("a policy");
        assert_eq!(size(&policy), Some(r#"{"Statement":[{"Sid":"ab"}]}"#.len()));
    }
}
