//! What to do about a failure.

mod known;
mod quota;

use landfall_model::{CloudError, Going, Holder, Refusal};
use landfall_plan::{Cause, Change, Failure};

use super::{cause, permission};

/// A piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// A sentence.
    Say(String),
    /// Text to be copied as it stands.
    Copy(String),
}

const REPORT: &str =
    "This is a defect of landfall. Please report it with the plan (landfall plan --json).";

/// How many of those who hold on to a thing are worth a command.
const SHOWN: usize = 3;

fn say(text: impl Into<String>) -> Vec<Advice> {
    vec![Advice::Say(text.into())]
}

/// What to do about a failure; nothing where AWS's words are all there is to say.
pub(super) fn of(failure: &Failure, change: Option<&Change>) -> Vec<Advice> {
    let address = &failure.address;
    match &failure.cause {
        Cause::Refused(error) => refused(error, failure, change),
        Cause::TimedOut { last, because, .. } => {
            let mut advice = match last {
                Some(error) => refused(error, failure, change),
                None => known::of_wait(&address.kind, because).unwrap_or_default(),
            };
            if advice.is_empty() {
                advice = say("AWS may only be slow: run the same command again to go on waiting.");
            }
            advice
        }
        Cause::Held { holders, .. } => held(holders, failure),
        Cause::NeverReady(why) if why.starts_with(cause::DEFECT) => say(REPORT),
        Cause::NeverReady(why) => never_ready(why, failure, change),
        Cause::NotConverging(paths) => {
            let mut advice = say(
                "Something else may be changing it (auto scaling, another tool, a colleague). If so, leave the field to it:",
            );
            let ignored: Vec<String> = paths.iter().map(ToString::to_string).collect();
            advice.push(Advice::Copy(format!(
                "lifecycle: {{ ignore_changes: [{}] }}",
                ignored.join(", ")
            )));
            advice
        }
        Cause::Moved(_) => say("Plan again: the new plan shows the replacement that this needs."),
        Cause::Vanished => say("Apply again: the new plan makes it anew."),
        Cause::Unresolved(reference) => match reference.address() {
            Some(needed) => {
                say(format!("Apply again, and look at {needed} if it stays like this."))
            }
            None => say(REPORT),
        },
    }
    .into_iter()
    .filter(|advice| !is_empty(advice))
    .map(|advice| named(advice, address))
    .collect()
}

fn is_empty(advice: &Advice) -> bool {
    matches!(advice, Advice::Say(text) | Advice::Copy(text) if text.is_empty())
}

/// `{address}` filled in.
fn named(advice: Advice, address: &landfall_model::Address) -> Advice {
    match advice {
        Advice::Say(text) => Advice::Say(text.replace("{address}", &address.to_string())),
        copy => copy,
    }
}

fn never_ready(why: &str, failure: &Failure, change: Option<&Change>) -> Vec<Advice> {
    if let Some(advice) = known::of_state(&failure.address.kind, why) {
        return advice;
    }
    if failure.address.kind != "ecs_service" {
        return say("Mend what AWS objects to and apply again.");
    }
    let mut advice = say(
        "The tasks' stop reasons and logs tell why. Mend the image or the task definition and apply again.",
    );
    if let Some(cluster) = cluster(change) {
        advice.push(Advice::Copy(format!(
            "aws ecs list-tasks --cluster {cluster} --desired-status STOPPED"
        )));
    }
    advice
}

fn refused(error: &CloudError, failure: &Failure, change: Option<&Change>) -> Vec<Advice> {
    match error.refusal {
        Refusal::Denied => return permission::advice(error),
        Refusal::NoCredentials => {
            return say(
                "The credentials ran out or don't hold. Renew them (aws sso login, or another AWS_PROFILE) and run the same command again.",
            );
        }
        Refusal::Unreachable => {
            return say(
                "Look at the network, at the region and at AWS_ENDPOINT_URL. What AWS made of the call, the next plan reads.",
            );
        }
        Refusal::Failed => {
            return say(
                "AWS failed inside. Run the same command again in a minute: what came of the call, the next plan reads.",
            );
        }
        Refusal::Unexpected if error.code.is_none() => return say(REPORT),
        Refusal::NotFound | Refusal::Refused | Refusal::Unexpected => {}
    }
    let Some(code) = error.code.as_deref() else { return Vec::new() };
    if is_throttling(code) {
        return say("AWS limits how fast calls may come. Run the same command again in a minute.");
    }
    if let Some(advice) = known::of_refusal(error) {
        return advice;
    }
    if let Some(advice) = quota::of(error) {
        return advice;
    }
    if error.is_in_use() {
        in_use(failure, change)
    } else if ["AlreadyExists", "Duplicate"].iter().any(|word| code.contains(word)) {
        say(
            "Something of that name appeared after the plan was made, and it is not the stack's. Give {address} another name, or delete the other thing.",
        )
    } else if error.refusal == Refusal::NotFound {
        say(
            "Something that it needs went away after the plan was made. Plan again: the new plan tells what is there.",
        )
    } else {
        Vec::new()
    }
}

fn is_throttling(code: &str) -> bool {
    code.starts_with("Throttl")
        || matches!(code, "RequestLimitExceeded" | "TooManyRequestsException" | "RequestThrottled")
}

/// What to do about those who hold on to a thing.
fn held(holders: &[Holder], failure: &Failure) -> Vec<Advice> {
    let staying: Vec<&Holder> = holders
        .iter()
        .filter(|holder| matches!(holder.going, Going::Not | Going::Unknown))
        .collect();
    let told = match (failure.address.kind.as_str(), staying.len()) {
        (_, 0) => {
            "They are on their way, and AWS takes its time: run the same command again in some minutes. To look at them:"
        }
        ("iam_role", _) => {
            "This came after the plan was made. Run the same command again: it is taken off first. To look at it:"
        }
        (_, 1) => {
            "The stack does not own that, so it is left alone. Take it away, then run the same command again. To look at it:"
        }
        _ => {
            "The stack does not own these, so they are left alone. Take them away, then run the same command again. To look at them:"
        }
    };
    let mut shown: Vec<&str> = if staying.is_empty() { holders.iter().collect() } else { staying }
        .into_iter()
        .map(|holder| holder.show.as_str())
        .collect();
    shown.dedup();
    let commands = shown.into_iter().take(SHOWN).map(|show| Advice::Copy(show.to_owned()));
    std::iter::once(Advice::Say(told.to_owned())).chain(commands).collect()
}

/// Something else holds on to a thing that is to go, and nobody could tell what.
fn in_use(failure: &Failure, change: Option<&Change>) -> Vec<Advice> {
    let filter = match failure.address.kind.as_str() {
        "security_group" => Some("group-id"),
        "subnet" => Some("subnet-id"),
        "vpc" => Some("vpc-id"),
        _ => None,
    };
    let id = change.and_then(|change| change.live.as_ref()).map(|live| live.id.as_str());
    let mut advice = say(
        "Something that this stack does not own still uses it. Take that away, then run the same command again.",
    );
    if let (Some(filter), Some(id)) = (filter, id) {
        advice.push(Advice::Say("What sits in it:".to_owned()));
        advice.push(Advice::Copy(format!(
            "aws ec2 describe-network-interfaces --filters Name={filter},Values={id}"
        )));
    }
    advice
}

/// The cluster of a service, once it is known.
fn cluster(change: Option<&Change>) -> Option<&str> {
    let cluster = change?.want.as_ref()?.get("cluster")?.as_str()?;
    landfall_model::reference::is_known(cluster).then_some(cluster)
}
