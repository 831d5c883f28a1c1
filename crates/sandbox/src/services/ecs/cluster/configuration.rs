//! What can be set on a cluster: Container Insights, how commands are executed in its tasks, its
//! storage keys, the namespace of its services.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Namespace;
use crate::refused::Refused;
use crate::services::ecs::refusal::invalid;
use crate::world::{ACCOUNT, Site};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::services::ecs) struct Setting {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct Configuration {
    #[serde(default)]
    execute_command_configuration: Option<ExecuteCommand>,
    #[serde(default)]
    managed_storage_configuration: Option<ManagedStorage>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ExecuteCommand {
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    logging: Option<Logging>,
    #[serde(default)]
    log_configuration: Option<ExecuteCommandLog>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Logging {
    None,
    Default,
    Override,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ExecuteCommandLog {
    #[serde(default)]
    cloud_watch_log_group_name: Option<String>,
    #[serde(default)]
    cloud_watch_encryption_enabled: bool,
    #[serde(default)]
    s3_bucket_name: Option<String>,
    #[serde(default)]
    s3_encryption_enabled: bool,
    #[serde(default)]
    s3_key_prefix: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ManagedStorage {
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    fargate_ephemeral_storage_kms_key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::services::ecs) struct ServiceConnectDefaults {
    namespace: String,
}

/// The value of `containerInsights` among settings, the only one there is.
pub(super) fn insights(settings: &[Setting]) -> Result<Option<String>, Refused> {
    let mut insights = None;
    for Setting { name, value } in settings {
        if name.as_deref() != Some("containerInsights") {
            let name = name.as_deref().unwrap_or("null");
            return Err(invalid(format!("{name} should be one of [containerInsights]")));
        }
        let value = value.as_deref().unwrap_or("null");
        if !["enabled", "disabled", "enhanced"].contains(&value) {
            return Err(invalid(format!(
                "Invalid value {value} for the setting containerInsights: it should be one of \
                 [enabled, disabled, enhanced]"
            )));
        }
        insights = Some(value.to_owned());
    }
    Ok(insights)
}

/// A configuration as the API shows it. ECS API, ExecuteCommandConfiguration: a log configuration
/// goes with `OVERRIDE` and with it alone; `DEFAULT` where no logging is given.
pub(super) fn shown(configuration: &Configuration) -> Result<Value, Refused> {
    let execute = configuration.execute_command_configuration.as_ref().map(execute).transpose()?;
    let storage = configuration.managed_storage_configuration.as_ref().map(|storage| {
        json!({
            "kmsKeyId": storage.kms_key_id,
            "fargateEphemeralStorageKmsKeyId": storage.fargate_ephemeral_storage_kms_key_id,
        })
    });
    Ok(json!({
        "executeCommandConfiguration": execute,
        "managedStorageConfiguration": storage,
    }))
}

fn execute(given: &ExecuteCommand) -> Result<Value, Refused> {
    let logging = given.logging.unwrap_or(Logging::Default);
    match (&given.log_configuration, logging) {
        (None, Logging::Override) => Err(invalid(
            "A log configuration must be specified when the execute command logging is OVERRIDE.",
        )),
        (Some(_), Logging::None | Logging::Default) => Err(invalid(
            "A log configuration can only be specified when the execute command logging is \
             OVERRIDE.",
        )),
        (log, _) => Ok(json!({
            "kmsKeyId": given.kms_key_id,
            "logging": logging,
            "logConfiguration": log.as_ref().map(|log| json!({
                "cloudWatchLogGroupName": log.cloud_watch_log_group_name,
                "cloudWatchEncryptionEnabled": log.cloud_watch_encryption_enabled,
                "s3BucketName": log.s3_bucket_name,
                "s3EncryptionEnabled": log.s3_encryption_enabled,
                "s3KeyPrefix": log.s3_key_prefix,
            })),
        })),
    }
}

/// The namespace that a call names, by name or ARN. ECS API, ClusterServiceConnectDefaultsRequest:
/// ECS makes one of that name in Cloud Map where there is none; an empty name takes it away.
pub(super) fn namespace(
    site: &mut Site<'_>,
    given: ServiceConnectDefaults,
    before: Option<Namespace>,
) -> Result<Option<Namespace>, Refused> {
    let given = given.namespace;
    if given.is_empty() {
        return Ok(None);
    }
    if before.as_ref().is_some_and(|before| before.given == given || before.arn == given) {
        return Ok(before);
    }
    if given.len() > 1024 {
        return Err(invalid("The namespace name has more than 1024 characters."));
    }
    let id = site.world.chance.letters(b"abcdefghijklmnopqrstuvwxyz234567", 16);
    let arn = if given.starts_with("arn:") {
        given.clone()
    } else {
        format!("arn:aws:servicediscovery:{}:{ACCOUNT}:namespace/ns-{id}", site.name)
    };
    Ok(Some(Namespace { given, arn }))
}
