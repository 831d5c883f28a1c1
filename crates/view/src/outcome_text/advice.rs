//! What to do about a failure.

use landfall_model::{CloudError, Refusal};
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

fn say(text: impl Into<String>) -> Vec<Advice> {
    vec![Advice::Say(text.into())]
}

/// What to do about a failure; nothing where AWS's words are all there is to say.
pub(super) fn of(failure: &Failure, change: Option<&Change>) -> Vec<Advice> {
    let address = &failure.address;
    match &failure.cause {
        Cause::Refused(error) => refused(error, failure, change),
        Cause::TimedOut { last, .. } => {
            let mut advice = match last {
                Some(error) => refused(error, failure, change),
                None => Vec::new(),
            };
            advice
                .extend(say("AWS may only be slow: run the same command again to go on waiting."));
            advice
        }
        Cause::NeverReady(why) if why.starts_with(cause::DEFECT) => say(REPORT),
        Cause::NeverReady(_) if address.kind == "ecs_service" => {
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
        Cause::NeverReady(_) => say("Mend what AWS objects to and apply again."),
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
    let service = error.operation.split(':').next().unwrap_or_default();
    if is_throttling(code) {
        say("AWS limits how fast calls may come. Run the same command again in a minute.")
    } else if is_quota(code) {
        quota(service, code)
    } else if is_in_use(code) {
        in_use(failure, change)
    } else if ["AlreadyExists", "Duplicate", "InUseName"].iter().any(|word| code.contains(word)) {
        say(format!(
            "Something of that name appeared after the plan was made, and it is not the stack's. Give {} another name, or delete the other thing.",
            failure.address
        ))
    } else {
        Vec::new()
    }
}

fn is_throttling(code: &str) -> bool {
    code.starts_with("Throttl")
        || matches!(code, "RequestLimitExceeded" | "TooManyRequestsException" | "RequestThrottled")
}

fn is_quota(code: &str) -> bool {
    let code = code.trim_end_matches("Exception");
    code.ends_with("LimitExceeded")
        || code.ends_with("QuotaExceeded")
        || code.starts_with("TooMany")
}

fn is_in_use(code: &str) -> bool {
    ["DependencyViolation", "ResourceInUse", "DeleteConflict", ".InUse"]
        .iter()
        .any(|word| code.contains(word))
}

/// The quota's service, as Service Quotas calls it: EC2's network quotas are VPC's.
fn quota(service: &str, code: &str) -> Vec<Advice> {
    let of_vpc = [
        "Vpc",
        "Subnet",
        "Route",
        "InternetGateway",
        "NatGateway",
        "SecurityGroup",
        "Rules",
        "NetworkInterface",
    ];
    let service = match service {
        "ec2" if of_vpc.iter().any(|word| code.contains(word)) => "vpc",
        // Elastic IP addresses are EC2's, though VPC has a page for them.
        "ec2" => "ec2",
        other => other,
    };
    vec![
        Advice::Say(
            "The account has reached a quota in this region. Delete what is no longer used, or ask for more in Service Quotas; small increases come within minutes:"
                .to_owned(),
        ),
        Advice::Copy(format!("aws service-quotas list-service-quotas --service-code {service}")),
        Advice::Copy(format!(
            "https://console.aws.amazon.com/servicequotas/home/services/{service}/quotas"
        )),
    ]
}

/// Something else holds on to a thing that is to go.
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
