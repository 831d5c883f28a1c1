//! What is set for the whole registry, and the token to log in to it.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::policy::Nothing;
use super::{constraint, host};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Span};

/// What is set for the whole registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registry {
    /// Who may use the registry.
    pub policy: Option<String>,
    replication: Replication,
    scanning: ScanningRules,
    /// Settings that differ from what every account has.
    settings: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Replication {
    rules: Vec<ReplicationRule>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ReplicationRule {
    destinations: Vec<Destination>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    repository_filters: Vec<PrefixFilter>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Destination {
    region: String,
    registry_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PrefixFilter {
    filter: String,
    filter_type: PrefixMatch,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PrefixMatch {
    PrefixMatch,
}

/// How the registry scans images; also the input of PutRegistryScanningConfiguration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ScanningRules {
    scan_type: ScanType,
    rules: Vec<ScanningRule>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScanType {
    #[default]
    Basic,
    Enhanced,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ScanningRule {
    scan_frequency: ScanFrequency,
    repository_filters: Vec<WildcardFilter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScanFrequency {
    ScanOnPush,
    ContinuousScan,
    Manual,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WildcardFilter {
    filter: String,
    filter_type: Wildcard,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Wildcard {
    Wildcard,
}

/// DescribeRegistry.
pub fn describe(site: &mut Site<'_>, _: Nothing) -> Answer {
    let replication = &site.region().ecr.registry.replication;
    Ok(json!({ "registryId": ACCOUNT, "replicationConfiguration": replication }))
}

/// The input of PutReplicationConfiguration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutReplication {
    replication_configuration: Replication,
}

/// PutReplicationConfiguration. It is kept; nothing is replicated.
pub fn put_replication(site: &mut Site<'_>, input: PutReplication) -> Answer {
    let configuration = input.replication_configuration;
    if configuration.rules.len() > 25 {
        return Err(constraint("rules", "must have length less than or equal to 25"));
    }
    let own = |to: &Destination| to.region == site.name && to.registry_id == ACCOUNT;
    if configuration.rules.iter().flat_map(|rule| &rule.destinations).any(own) {
        let message = "Invalid destination: replication to the source registry and region";
        return Err(constraint("replicationConfiguration", message));
    }
    site.region_mut().ecr.registry.replication.clone_from(&configuration);
    Ok(json!({ "replicationConfiguration": configuration }))
}

/// GetRegistryScanningConfiguration.
pub fn scanning(site: &mut Site<'_>, _: Nothing) -> Answer {
    let scanning = &site.region().ecr.registry.scanning;
    Ok(json!({ "registryId": ACCOUNT, "scanningConfiguration": scanning }))
}

/// PutRegistryScanningConfiguration.
pub fn put_scanning(site: &mut Site<'_>, input: ScanningRules) -> Answer {
    let continuous = |rule: &ScanningRule| rule.scan_frequency == ScanFrequency::ContinuousScan;
    if input.rules.len() > 2 {
        return Err(constraint("rules", "must have length less than or equal to 2"));
    }
    if input.scan_type == ScanType::Basic && input.rules.iter().any(continuous) {
        let message = "CONTINUOUS_SCAN is supported by scan type ENHANCED alone";
        return Err(constraint("scanFrequency", message));
    }
    site.region_mut().ecr.registry.scanning.clone_from(&input);
    Ok(json!({ "registryScanningConfiguration": input }))
}

/// ECR API, PutAccountSetting: the settings, their values, and what holds at first.
const SETTINGS: [(&str, &[&str]); 3] = [
    ("BASIC_SCAN_TYPE_VERSION", &["AWS_NATIVE", "CLAIR"]),
    ("REGISTRY_POLICY_SCOPE", &["V2", "V1"]),
    ("BLOB_MOUNTING", &["DISABLED", "ENABLED"]),
];

fn values(name: &str) -> Result<&'static [&'static str], Refused> {
    let setting = SETTINGS.iter().find(|(known, _)| *known == name);
    let wrong = || {
        let message = "must be BASIC_SCAN_TYPE_VERSION, REGISTRY_POLICY_SCOPE or BLOB_MOUNTING";
        constraint("name", message)
    };
    setting.map(|(_, values)| *values).ok_or_else(wrong)
}

/// The input of GetAccountSetting.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Setting {
    name: String,
}

/// GetAccountSetting.
pub fn setting(site: &mut Site<'_>, input: Setting) -> Answer {
    let values = values(&input.name)?;
    let set = site.region().ecr.registry.settings.get(&input.name).map(String::as_str);
    Ok(json!({ "name": input.name, "value": set.or(values.first().copied()) }))
}

/// The input of PutAccountSetting.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutSetting {
    name: String,
    value: String,
}

/// PutAccountSetting.
pub fn put_setting(site: &mut Site<'_>, PutSetting { name, value }: PutSetting) -> Answer {
    let values = values(&name)?;
    if !values.contains(&value.as_str()) {
        return Err(constraint("value", format!("must be one of {}", values.join(", "))));
    }
    let settings = &mut site.region_mut().ecr.registry.settings;
    if values.first() == Some(&value.as_str()) {
        settings.remove(&name);
    } else {
        settings.insert(name.clone(), value.clone());
    }
    Ok(json!({ "name": name, "value": value }))
}

/// The input of GetAuthorizationToken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Token {
    #[serde(default)]
    registry_ids: Vec<String>,
}

/// GetAuthorizationToken. ECR API: valid for 12 hours, for whichever registry.
pub fn token(site: &mut Site<'_>, input: Token) -> Answer {
    if input.registry_ids.len() > 10 {
        return Err(constraint("registryIds", "must have length less than or equal to 10"));
    }
    let password = base64::encode(format!("sandbox-{}", site.world.chance.hex(64)));
    let token = base64::encode(format!("AWS:{password}"));
    let expires = site.now() + Span::minutes(12 * 60);
    let registries = match input.registry_ids.as_slice() {
        [] => vec![ACCOUNT.to_owned()],
        given => given.to_vec(),
    };
    let data = registries.iter().map(|registry| {
        let own = host(&site.name);
        let endpoint = own.replacen(ACCOUNT, registry, 1);
        json!({
            "authorizationToken": token,
            "expiresAt": expires.epoch(),
            "proxyEndpoint": format!("https://{endpoint}"),
        })
    });
    Ok(json!({ "authorizationData": data.collect::<Vec<_>>() }))
}
