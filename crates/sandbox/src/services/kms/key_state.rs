//! What happens to keys: enabled or not, rotated or not, and deleted after a while.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Event;
use super::key::{Key, Named, of_mut};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Span, Time};

/// KMS guide, "Key states": what is pending deletion can do nothing but be kept after all.
fn alive<'s>(site: &'s mut Site<'_>, name: &str) -> Result<&'s mut Key, Refused> {
    let key = of_mut(site, name)?;
    match key.deletion {
        None => Ok(key),
        Some(_) => {
            let message = format!("{} is pending deletion.", key.arn);
            Err(Refused::new("KMSInvalidStateException", message))
        }
    }
}

/// EnableKey.
pub fn enable(site: &mut Site<'_>, input: Named) -> Answer {
    alive(site, &input.key_id)?.enabled = true;
    Ok(Value::Null)
}

/// DisableKey.
pub fn disable(site: &mut Site<'_>, input: Named) -> Answer {
    alive(site, &input.key_id)?.enabled = false;
    Ok(Value::Null)
}

/// The input of UpdateKeyDescription.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UpdateDescription {
    key_id: String,
    description: String,
}

/// UpdateKeyDescription.
pub fn update_description(site: &mut Site<'_>, input: UpdateDescription) -> Answer {
    alive(site, &input.key_id)?.description = input.description;
    Ok(Value::Null)
}

/// The input of EnableKeyRotation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EnableRotation {
    key_id: String,
    #[serde(default)]
    rotation_period_in_days: Option<u32>,
}

/// EnableKeyRotation. KMS API: every 90 to 2,560 days, 365 if not said; symmetric keys alone.
pub fn enable_rotation(site: &mut Site<'_>, input: EnableRotation) -> Answer {
    let days = input.rotation_period_in_days.unwrap_or(365);
    let key = rotatable(site, &input.key_id)?;
    if !(90..=2560).contains(&days) {
        let message = "RotationPeriodInDays must be between 90 and 2560";
        return Err(Refused::new("ValidationException", message));
    }
    key.rotation = Some(days);
    Ok(Value::Null)
}

/// DisableKeyRotation.
pub fn disable_rotation(site: &mut Site<'_>, input: Named) -> Answer {
    rotatable(site, &input.key_id)?.rotation = None;
    Ok(Value::Null)
}

fn rotatable<'s>(site: &'s mut Site<'_>, name: &str) -> Result<&'s mut Key, Refused> {
    let key = alive(site, name)?;
    if key.spec != "SYMMETRIC_DEFAULT" {
        let message = format!("{} cannot be rotated", key.arn);
        return Err(Refused::new("UnsupportedOperationException", message));
    }
    if !key.enabled {
        let message = format!("{} is disabled.", key.arn);
        return Err(Refused::new("DisabledException", message));
    }
    Ok(key)
}

/// GetKeyRotationStatus.
pub fn rotation(site: &mut Site<'_>, input: Named) -> Answer {
    let key = of_mut(site, &input.key_id)?;
    // KMS API: a key that is pending deletion is not rotated.
    let rotation = key.rotation.filter(|_| key.deletion.is_none());
    let next = rotation.map(|days| key.created + Span::minutes(u64::from(days) * 24 * 60));
    Ok(json!({
        "KeyRotationEnabled": rotation.is_some(),
        "KeyId": key.arn,
        "RotationPeriodInDays": rotation,
        "NextRotationDate": next.map(Time::epoch),
    }))
}

/// The input of ScheduleKeyDeletion.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ScheduleDeletion {
    key_id: String,
    #[serde(default)]
    pending_window_in_days: Option<u64>,
}

/// ScheduleKeyDeletion. KMS API: after 7 to 30 days, 30 if not said; even without delays.
pub fn schedule_deletion(site: &mut Site<'_>, input: ScheduleDeletion) -> Answer {
    let days = input.pending_window_in_days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        let message = format!(
            "1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to \
             satisfy constraint: Member must have value between 7 and 30"
        );
        return Err(Refused::new("ValidationException", message));
    }
    let after = Span::minutes(days * 24 * 60);
    let date = site.now() + after;
    let key = alive(site, &input.key_id)?;
    key.deletion = Some(date);
    let (id, arn) = (key.id.clone(), key.arn.clone());
    site.after(after, Event::Delete { id });
    Ok(json!({
        "KeyId": arn,
        "DeletionDate": date.epoch(),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    }))
}

/// CancelKeyDeletion. KMS API: the key is disabled then.
pub fn cancel_deletion(site: &mut Site<'_>, input: Named) -> Answer {
    let key = of_mut(site, &input.key_id)?;
    if key.deletion.take().is_none() {
        let message = format!("{} is not pending deletion.", key.arn);
        return Err(Refused::new("KMSInvalidStateException", message));
    }
    key.enabled = false;
    Ok(json!({ "KeyId": key.arn }))
}

/// Deletes a key whose waiting period is over, and its aliases.
pub fn delete(site: &mut Site<'_>, id: &str) {
    let now = site.now();
    let state = &mut site.region_mut().kms;
    if state.keys.get(id).and_then(|key| key.deletion).is_some_and(|date| date <= now) {
        state.keys.remove(id);
        state.aliases.retain(|_, alias| alias.target != id);
    }
}
