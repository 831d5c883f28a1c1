//! What is set on log groups: retention, key, protection.

use serde::Deserialize;
use serde_json::Value;

use super::group::{Class, Named, name_in, of, of_mut};
use super::name::{invalid, violation};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::kms;
use crate::world::Site;

/// Logs API, PutRetentionPolicy: the possible values.
const DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The input of PutRetentionPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutRetention {
    log_group_name: String,
    retention_in_days: i64,
}

/// PutRetentionPolicy.
pub fn put_retention(site: &mut Site<'_>, input: PutRetention) -> Answer {
    let days = input.retention_in_days;
    let Some(days) = DAYS.iter().find(|known| i64::from(**known) == days).copied() else {
        let values = DAYS.map(|known| known.to_string()).join(", ");
        let constraint = format!("Member must satisfy enum value set: [{values}]");
        return Err(violation("retentionInDays", &days.to_string(), &constraint));
    };
    let group = of_mut(site, &input.log_group_name)?;
    if group.class == Class::Delivery {
        // Logs guide, "Log classes": the delivery class keeps logs for two days.
        return Err(invalid("The retention of log groups of class DELIVERY cannot be changed."));
    }
    group.retention = Some(days);
    Ok(Value::Null)
}

/// DeleteRetentionPolicy.
pub fn delete_retention(site: &mut Site<'_>, input: Named) -> Answer {
    let group = of_mut(site, &input.log_group_name)?;
    group.retention = (group.class == Class::Delivery).then_some(2);
    Ok(Value::Null)
}

/// Logs guide, "Encrypt log data": an ARN of a symmetric key that is there. Whether its policy lets
/// Logs use it is not looked at.
pub fn check_key(site: &Site<'_>, key: &str, group_arn: &str) -> Result<(), Refused> {
    if !key.starts_with("arn:") {
        return Err(invalid(format!("Invalid ARN specified for the KMS key: {key}")));
    }
    match kms::is_usable(site, key) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The specified KMS key does not exist or is not allowed to be used with LogGroup \
             '{group_arn}'"
        ))),
    }
}

/// The input of AssociateKmsKey.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Associate {
    #[serde(default)]
    log_group_name: Option<String>,
    kms_key_id: String,
    #[serde(default)]
    resource_identifier: Option<String>,
}

/// AssociateKmsKey.
pub fn associate_key(site: &mut Site<'_>, input: Associate) -> Answer {
    let name = one_of(site, input.log_group_name, input.resource_identifier)?;
    let arn = of(site, &name)?.arn.clone();
    check_key(site, &input.kms_key_id, &arn)?;
    of_mut(site, &name)?.kms_key = Some(input.kms_key_id);
    Ok(Value::Null)
}

/// Logs API, AssociateKmsKey: the group by name or by ARN, not both. Query results cannot be
/// encrypted here.
fn one_of(
    site: &Site<'_>,
    name: Option<String>,
    identifier: Option<String>,
) -> Result<String, Refused> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(arn)) => name_in(site, &arn).map(str::to_owned),
        _ => Err(invalid("Exactly one of logGroupName or resourceIdentifier must be specified.")),
    }
}

/// The input of DisassociateKmsKey.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Disassociate {
    log_group_name: Option<String>,
    resource_identifier: Option<String>,
}

/// DisassociateKmsKey.
pub fn disassociate_key(site: &mut Site<'_>, input: Disassociate) -> Answer {
    let name = one_of(site, input.log_group_name, input.resource_identifier)?;
    of_mut(site, &name)?.kms_key = None;
    Ok(Value::Null)
}

/// The input of PutLogGroupDeletionProtection.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutProtection {
    log_group_identifier: String,
    deletion_protection_enabled: bool,
}

/// PutLogGroupDeletionProtection.
pub fn put_protection(site: &mut Site<'_>, input: PutProtection) -> Answer {
    let name = name_in(site, &input.log_group_identifier)?.to_owned();
    of_mut(site, &name)?.protected = input.deletion_protection_enabled;
    Ok(Value::Null)
}
