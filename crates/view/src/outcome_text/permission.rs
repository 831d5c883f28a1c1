//! A denied call: which permission is missing, and the statement that grants it.

use landfall_model::CloudError;
use serde_json::json;

use super::advice::Advice;

const ENCODED: &str = "Encoded authorization failure message:";

/// What to do about a denied call.
pub(super) fn advice(error: &CloudError) -> Vec<Advice> {
    let action = action(error);
    let said = error.message.to_lowercase();
    if said.contains("explicit deny") {
        let of = [
            "service control policy",
            "permissions boundary",
            "resource-based policy",
            "session policy",
        ]
        .into_iter()
        .find(|policy| said.contains(policy))
        .unwrap_or("policy");
        return vec![Advice::Say(format!(
            "A {of} denies {action} outright, so no further permission helps. Whoever owns that policy has to make the exception."
        ))];
    }
    let boundary = "no permissions boundary allows";
    let scp = "no service control policy allows";
    let beside = if said.contains(boundary) {
        " and in their permissions boundary"
    } else if said.contains(scp) {
        " and in the organization's service control policy"
    } else {
        ""
    };
    let mut advice = vec![
        Advice::Say(format!(
            "The credentials lack {action}. Add this statement to their IAM policy{beside}:"
        )),
        Advice::Copy(statement(&action, resource(&error.message).unwrap_or("*"))),
    ];
    if error.message.contains(ENCODED) {
        advice.push(Advice::Say(
            "EC2 encodes the details; aws sts decode-authorization-message reads them.".to_owned(),
        ));
    }
    advice
}

/// The missing action: the message names it best, since a call may need more than its own
/// (`iam:PassRole`).
fn action(error: &CloudError) -> String {
    let named = word_after(&error.message, "not authorized to perform: ");
    let named = named.filter(|word| word.contains(':'));
    named.unwrap_or(&error.operation).to_owned()
}

fn resource(message: &str) -> Option<&str> {
    word_after(message, "on resource: ").filter(|word| word.starts_with("arn:"))
}

fn word_after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = &text[text.find(mark)? + mark.len()..];
    let word = rest.split_whitespace().next()?.trim_matches(['"', '\'', ',', '.']);
    (!word.is_empty()).then_some(word)
}

fn statement(action: &str, resource: &str) -> String {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    serde_json::to_string_pretty(&statement).unwrap_or_default()
}
