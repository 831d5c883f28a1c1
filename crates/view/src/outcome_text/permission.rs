//! A denied call: which permission is missing, and the statement that grants it.
//!
//! The forms of the message are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.

use landfall_model::CloudError;
use serde_json::{Value, json};

use super::advice::Advice;

const ENCODED: &str = "Encoded authorization failure message:";

/// A sort of policy that can deny, by what AWS calls it.
struct Sort {
    /// AWS's words: `no … allows`, `an explicit deny in a …`.
    words: &'static str,
    /// Who has to change it, and how, where it only lacks the permission. `{action}` is the action.
    lacking: &'static str,
}

/// The sorts in the order in which they are looked for. A statement of one's own policy helps only
/// where that lacks it.
const SORTS: &[Sort] = &[
    Sort {
        words: "permissions boundary",
        lacking: "The permissions boundary of the credentials does not allow {action}, so their own policy alone does not help. Whoever owns the boundary has to add this statement to it:",
    },
    Sort {
        words: "service control policy",
        lacking: "No service control policy of the organization allows {action}, so a policy of the account does not help. Whoever runs the organization has to allow it:",
    },
    Sort {
        words: "resource control policy",
        lacking: "No resource control policy of the organization allows {action}, so a policy of the account does not help. Whoever runs the organization has to allow it:",
    },
    Sort {
        words: "session policy",
        lacking: "The session was begun with a policy that does not allow {action}. Whoever begins it (the CI's role settings, assume-role --policy) has to add this statement to that:",
    },
    Sort {
        words: "vpc endpoint policy",
        lacking: "The call goes through a VPC endpoint whose policy does not allow {action}. Whoever owns the endpoint has to add this statement to its policy:",
    },
    Sort {
        words: "resource-based policy",
        lacking: "The policy of the resource itself does not allow {action}. Whoever owns the resource has to add this statement to it, with the caller as its Principal:",
    },
];

/// What to do about a denied call.
pub(super) fn advice(error: &CloudError) -> Vec<Advice> {
    let action = action(error);
    let said = error.message.to_lowercase();
    let mut advice = match said.contains("explicit deny") {
        true => vec![Advice::Say(explicit(&action, &said, &error.message))],
        false => {
            let named = |sort: &&Sort| said.contains(&format!("no {} allows", sort.words));
            let told = match SORTS.iter().find(named) {
                Some(sort) => sort.lacking.replace("{action}", &action),
                None => match caller(&error.message) {
                    Some(caller) => format!(
                        "The {caller} lacks {action}. Add this statement to one of its policies:"
                    ),
                    None => format!(
                        "The credentials lack {action}. Add this statement to one of their policies:"
                    ),
                },
            };
            vec![Advice::Say(told), Advice::Copy(statement(&action, resource(&error.message)))]
        }
    };
    if error.message.contains(ENCODED) {
        advice.push(Advice::Say("EC2 encodes the details; this reads them:".to_owned()));
        advice.push(Advice::Copy(
            "aws sts decode-authorization-message --encoded-message <the message>".to_owned(),
        ));
    }
    advice
}

/// A denial that no permission undoes.
fn explicit(action: &str, said: &str, message: &str) -> String {
    let sort = SORTS.iter().find(|sort| said.contains(sort.words)).map(|sort| sort.words);
    let sort = match sort {
        None if said.contains("identity-based policy") => "policy of these credentials",
        None => "policy",
        Some(sort) => sort,
    };
    // Some services name the policy: `… in a service control policy: arn:aws:organizations::…`.
    let deny = said.find("explicit deny").and_then(|at| message.get(at..));
    let which =
        deny.and_then(|rest| word_after(rest, ": ")).filter(|word| word.starts_with("arn:"));
    let which = which.map(|arn| format!(" ({arn})")).unwrap_or_default();
    format!(
        "A {sort}{which} denies {action} outright, so no further permission helps. Whoever owns that policy has to make the exception."
    )
}

/// Whose policies count, by the ARN of who was denied: `role ci` of `…:assumed-role/ci/run`.
fn caller(message: &str) -> Option<String> {
    let arn = word_after(message, "User: ").filter(|word| word.starts_with("arn:"))?;
    let mut path = arn.rsplit(':').next()?.split('/');
    match path.next()? {
        "assumed-role" => Some(format!("role {}", path.next()?)),
        "user" => Some(format!("user {}", path.next_back()?)),
        _ => None,
    }
}

/// The missing action: the message names it best, since a call may need more than its own
/// (`iam:PassRole`).
fn action(error: &CloudError) -> String {
    let named = word_after(&error.message, "not authorized to perform: ");
    let named = named.or_else(|| word_after(&error.message, "perform the action: "));
    let named = named.filter(|word| word.contains(':'));
    named.unwrap_or(&error.operation).to_owned()
}

/// The resource, where the message names it by its ARN. Older messages of IAM say `role x`.
fn resource(message: &str) -> &str {
    let named = word_after(message, "on resource: ").filter(|word| word.starts_with("arn:"));
    named.unwrap_or("*")
}

fn word_after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = &text[text.find(mark)? + mark.len()..];
    let word = rest.split_whitespace().next()?.trim_matches(['"', '\'', ',', '.']);
    (!word.is_empty()).then_some(word)
}

fn statement(action: &str, resource: &str) -> String {
    let mut statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    let condition = |key: &str, service: &str| json!({ "StringEquals": { key: service } });
    // Neither of these should be granted for every service.
    let condition = match action {
        "iam:PassRole" => condition("iam:PassedToService", "ecs-tasks.amazonaws.com"),
        "iam:CreateServiceLinkedRole" => match linked_service(resource) {
            Some(service) => condition("iam:AWSServiceName", service),
            None => Value::Null,
        },
        _ => Value::Null,
    };
    if let (Value::Object(members), false) = (&mut statement, condition.is_null()) {
        members.insert("Condition".to_owned(), condition);
    }
    serde_json::to_string_pretty(&statement).unwrap_or_default()
}

/// The service in `…:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`.
fn linked_service(resource: &str) -> Option<&str> {
    resource.split("/aws-service-role/").nth(1)?.split('/').next()
}
