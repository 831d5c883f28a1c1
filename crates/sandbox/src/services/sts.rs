//! Security Token Service: who is asking, and credentials for a while.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Service;
use super::iam::{assume, caller};
use crate::operations::{Answer, operations};
use crate::protocol::{Dialect, Protocol};
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Span};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "sts",
    dialect: Dialect {
        protocol: Protocol::Query {
            version: "2011-06-15",
            namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        },
        missing: "ValidationError",
        unknown: "ValidationError",
        invalid: "ValidationError",
    },
    operations: operations! {
        AssumeRole => assume_role,
        GetAccessKeyInfo => access_key_info,
        GetCallerIdentity => caller_identity,
        GetSessionToken => session_token,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn caller_identity(_: &mut Site<'_>, _: Nothing) -> Answer {
    Ok(json!({ "UserId": caller::ID, "Account": ACCOUNT, "Arn": caller::arn() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    #[serde(default)]
    duration_seconds: Option<u64>,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    source_identity: Option<String>,
    // Sessions are not told apart, so what narrows one down is only read.
    #[serde(default, rename = "Policy")]
    policy: Option<String>,
    #[serde(default, rename = "PolicyArns")]
    _policy_arns: Vec<PolicyArn>,
    #[serde(default, rename = "Tags")]
    _tags: Vec<Tag>,
    #[serde(default, rename = "TransitiveTagKeys")]
    _transitive_tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyArn {
    #[serde(rename = "arn")]
    _arn: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    #[serde(rename = "Key")]
    _key: String,
    #[serde(rename = "Value")]
    _value: String,
}

fn assume_role(site: &mut Site<'_>, input: AssumeRole) -> Answer {
    let AssumeRole { role_arn, role_session_name: session, .. } = input;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if !(2..=64).contains(&session.len()) || !session.chars().all(fits) {
        return Err(constraint(
            "roleSessionName",
            &session,
            "satisfy regular expression pattern: [\\w+=,.@-]*",
        ));
    }
    if !role_arn.starts_with("arn:aws:iam::") || !role_arn.contains(":role/") {
        return Err(validation(format!("{role_arn} is invalid")));
    }
    let seconds = duration(input.duration_seconds, 3600, 43200)?;
    let refuse = || {
        let caller = caller::arn();
        let message = format!(
            "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        );
        Refused::new("AccessDenied", message).status(403)
    };
    let external_id = input.external_id.as_deref();
    let role = assume::by_caller(site, &role_arn, external_id).ok_or_else(refuse)?;
    if i64::try_from(seconds).is_ok_and(|seconds| seconds > role.max_session_duration) {
        let message =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(validation(message));
    }
    let (id, name) = (role.id.clone(), role.name.clone());
    assume::used(site, &name);
    let packed = input.policy.map(|policy| policy.len() * 100 / 2048);
    Ok(json!({
        "Credentials": credentials(site, seconds),
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{id}:{session}"),
            "Arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"),
        },
        "PackedPolicySize": packed,
        "SourceIdentity": input.source_identity,
    }))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
struct SessionToken {
    duration_seconds: Option<u64>,
    #[serde(rename = "SerialNumber")]
    _serial_number: Option<String>,
    #[serde(rename = "TokenCode")]
    _token_code: Option<String>,
}

/// STS API, GetSessionToken: twelve hours unless told, 36 at most.
fn session_token(site: &mut Site<'_>, input: SessionToken) -> Answer {
    let seconds = duration(input.duration_seconds, 43200, 129_600)?;
    Ok(json!({ "Credentials": credentials(site, seconds) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AccessKeyInfo {
    access_key_id: String,
}

/// Every key that has the form of one is the account's.
fn access_key_info(_: &mut Site<'_>, input: AccessKeyInfo) -> Answer {
    let id = input.access_key_id;
    if !(16..=128).contains(&id.len()) {
        return Err(constraint("accessKeyId", &id, "have length greater than or equal to 16"));
    }
    Ok(json!({ "Account": ACCOUNT }))
}

fn duration(given: Option<u64>, unless_told: u64, most: u64) -> Result<u64, Refused> {
    let seconds = given.unwrap_or(unless_told);
    if seconds < 900 {
        let rule = "have value greater than or equal to 900";
        return Err(constraint("durationSeconds", &seconds.to_string(), rule));
    }
    if seconds > most {
        let rule = format!("have value less than or equal to {most}");
        return Err(constraint("durationSeconds", &seconds.to_string(), &rule));
    }
    Ok(seconds)
}

fn credentials(site: &mut Site<'_>, seconds: u64) -> Value {
    const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const ANY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let until = site.now() + Span::seconds(seconds);
    let chance = &mut site.world.chance;
    json!({
        "AccessKeyId": format!("ASIA{}", chance.letters(UPPER, 16)),
        "SecretAccessKey": chance.letters(ANY, 40),
        "SessionToken": chance.letters(ANY, 356),
        "Expiration": until.iso(),
    })
}

fn validation(message: impl Into<String>) -> Refused {
    Refused::new("ValidationError", message)
}

fn constraint(member: &str, value: &str, rule: &str) -> Refused {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must {rule}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::probe::Probe;

    #[test]
    fn only_those_whom_the_trust_policy_names_can_assume_a_role() {
        let mut probe = Probe::new();
        let trust = |principal: serde_json::Value| {
            json!({ "Version": "2012-10-17", "Statement": {
                "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole",
                "Condition": { "StringEquals": { "sts:ExternalId": "x" } },
            } })
            .to_string()
        };
        for (name, principal) in [
            ("mine", json!({ "AWS": "111122223333" })),
            ("theirs", json!({ "Service": "ec2.amazonaws.com" })),
        ] {
            let document = trust(principal);
            let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": document });
            probe.ask("iam", "CreateRole", role);
        }
        let ask = |name: &str| {
            let arn = format!("arn:aws:iam::111122223333:role/{name}");
            json!({ "RoleArn": arn, "RoleSessionName": "me", "ExternalId": "x" })
        };
        let answer = probe.ask("sts", "AssumeRole", ask("mine"));
        assert_eq!(
            answer["AssumedRoleUser"]["Arn"],
            "arn:aws:sts::111122223333:assumed-role/mine/me"
        );
        let role = probe.ask("iam", "GetRole", json!({ "RoleName": "mine" }));
        assert_eq!(role["Role"]["RoleLastUsed"]["Region"], "us-east-1");
        assert_eq!(probe.refused("sts", "AssumeRole", ask("theirs")), "AccessDenied");
        assert_eq!(probe.refused("sts", "AssumeRole", ask("nobodys")), "AccessDenied");
        let mut stranger = ask("mine");
        stranger["ExternalId"] = json!("y");
        assert_eq!(probe.refused("sts", "AssumeRole", stranger), "AccessDenied");
        let mut long = ask("mine");
        long["DurationSeconds"] = json!("7200");
        assert_eq!(probe.refused("sts", "AssumeRole", long), "ValidationError");
    }
}
