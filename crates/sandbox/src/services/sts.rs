//! Security Token Service: who is asking, and credentials for a while.

use std::collections::BTreeSet;

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
        GetFederationToken => federation_token,
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
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    // Sessions are not told apart, so what narrows one down is only read.
    #[serde(default)]
    policy: Option<String>,
    #[serde(default, rename = "PolicyArns")]
    _policy_arns: Vec<PolicyArn>,
    #[serde(default, rename = "SerialNumber")]
    _serial_number: Option<String>,
    #[serde(default, rename = "TokenCode")]
    _token_code: Option<String>,
    #[serde(default, rename = "ProvidedContexts")]
    _provided_contexts: Vec<ProvidedContext>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvidedContext {
    #[serde(default, rename = "ProviderArn")]
    _provider_arn: Option<String>,
    #[serde(default, rename = "ContextAssertion")]
    _context_assertion: Option<String>,
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
    key: String,
    #[serde(rename = "Value")]
    _value: String,
}

fn assume_role(site: &mut Site<'_>, input: AssumeRole) -> Answer {
    let AssumeRole { role_arn, role_session_name: session, .. } = input;
    session_name("roleSessionName", &session, 64)?;
    session_policy(input.policy.as_deref())?;
    if !role_arn.starts_with("arn:aws:iam::") || !role_arn.contains(":role/") {
        return Err(validation(format!("{role_arn} is invalid")));
    }
    session_tags(&input.tags, &input.transitive_tag_keys)?;
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
    let packed = input.policy.as_deref().map(packed_size);
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

/// STS API, AssumeRole and GetFederationToken: the length and letters of a session's name.
fn session_name(member: &str, name: &str, most: usize) -> Result<(), Refused> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if !name.chars().all(fits) {
        let rule = "satisfy regular expression pattern: [\\w+=,.@-]*";
        return Err(constraint(member, name, rule));
    }
    if name.len() < 2 {
        return Err(constraint(member, name, "have length greater than or equal to 2"));
    }
    if name.len() > most {
        let rule = format!("have length less than or equal to {most}");
        return Err(constraint(member, name, &rule));
    }
    Ok(())
}

/// STS API, AssumeRole and GetFederationToken: a session's policy has 2,048 characters at most.
fn session_policy(policy: Option<&str>) -> Result<(), Refused> {
    match policy {
        Some(policy) if policy.chars().count() > 2048 => {
            Err(constraint("policy", policy, "have length less than or equal to 2048"))
        }
        _ => Ok(()),
    }
}

/// How many hundredths of its room a session's policy takes.
fn packed_size(policy: &str) -> usize {
    (policy.len() * 100).div_ceil(2048)
}

fn session_tags(tags: &[Tag], transitive: &[String]) -> Result<(), Refused> {
    let refuse = |message: &str| Err(Refused::new("InvalidParameterValue", message));
    let keys: BTreeSet<String> = tags.iter().map(|tag| tag.key.to_lowercase()).collect();
    if keys.len() < tags.len() {
        return refuse("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    if transitive.iter().any(|key| !keys.contains(&key.to_lowercase())) {
        return refuse("The specified transitive tag key must be included in the requested tags.");
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct FederationToken {
    name: String,
    #[serde(default)]
    duration_seconds: Option<u64>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default, rename = "PolicyArns")]
    _policy_arns: Vec<PolicyArn>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// STS API, GetFederationToken: twelve hours unless told, 36 at most.
fn federation_token(site: &mut Site<'_>, input: FederationToken) -> Answer {
    let FederationToken { name, duration_seconds, policy, tags, .. } = input;
    session_name("name", &name, 32)?;
    session_policy(policy.as_deref())?;
    session_tags(&tags, &[])?;
    let seconds = duration(duration_seconds, 43200, 129_600)?;
    Ok(json!({
        "Credentials": credentials(site, seconds),
        "FederatedUser": {
            "FederatedUserId": format!("{ACCOUNT}:{name}"),
            "Arn": format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}"),
        },
        "PackedPolicySize": policy.as_deref().map_or(0, packed_size),
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

    #[test]
    fn a_federated_user_has_a_name_and_no_more_than_36_hours() {
        let mut probe = Probe::new();
        let answer = probe.ask("sts", "GetFederationToken", json!({ "Name": "visitor" }));
        assert_eq!(answer["FederatedUser"]["FederatedUserId"], "111122223333:visitor");
        for more in [
            json!({ "Name": "v" }),
            json!({ "Name": "visitor", "DurationSeconds": "129601" }),
            json!({ "Name": "visitor", "Policy": "x".repeat(2049) }),
        ] {
            assert_eq!(probe.refused("sts", "GetFederationToken", more), "ValidationError");
        }
    }

    #[test]
    fn tags_of_a_session_are_unique_and_include_what_it_passes_on() {
        let mut probe = Probe::new();
        let tag = |key: &str| json!({ "Key": key, "Value": "v" });
        let arn = "arn:aws:iam::111122223333:role/any";
        for (tags, transitive) in
            [(json!([tag("a")]), json!(["b"])), (json!([tag("a"), tag("A")]), json!([]))]
        {
            let input = json!({
                "RoleArn": arn, "RoleSessionName": "me",
                "Tags": tags, "TransitiveTagKeys": transitive,
            });
            assert_eq!(probe.refused("sts", "AssumeRole", input), "InvalidParameterValue");
        }
    }
}
