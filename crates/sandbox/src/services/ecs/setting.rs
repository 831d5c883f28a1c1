//! Account settings.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::paging;
use super::refusal::invalid;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site};

/// The values of settings by principal and name, where they were set.
pub type Settings = BTreeMap<String, BTreeMap<String, String>>;

/// Each setting, its value where nobody has set one, and the values that it can have; of numbers,
/// days. ECS guide, account settings.
const KNOWN: &[(&str, &str, &[&str])] = &[
    ("awsvpcTrunking", "disabled", &["enabled", "disabled"]),
    ("containerInsights", "disabled", &["enabled", "disabled", "enhanced"]),
    ("containerInstanceLongArnFormat", "enabled", &["enabled", "disabled"]),
    ("defaultLogDriverMode", "non-blocking", &["blocking", "non-blocking"]),
    ("dualStackIPv6", "enabled", &["enabled", "disabled"]),
    ("fargateEventWindows", "disabled", &["enabled", "disabled"]),
    ("fargateFIPSMode", "disabled", &["enabled", "disabled"]),
    ("fargateTaskRetirementWaitPeriod", "7", &["0", "7", "14"]),
    ("guardDutyActivate", "off", &["on", "off"]),
    ("serviceLongArnFormat", "enabled", &["enabled", "disabled"]),
    ("tagResourceAuthorization", "on", &["on", "off"]),
    ("taskLongArnFormat", "enabled", &["enabled", "disabled"]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListAccountSettings {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    principal_arn: Option<String>,
    #[serde(default)]
    effective_settings: bool,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PutAccountSetting {
    name: String,
    value: String,
    #[serde(default)]
    principal_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PutAccountSettingDefault {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DeleteAccountSetting {
    name: String,
    #[serde(default)]
    principal_arn: Option<String>,
}

fn root() -> String {
    format!("arn:aws:iam::{ACCOUNT}:root")
}

fn caller() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/sandbox")
}

/// Its default and the values that it can have, or AWS's refusal.
fn known(name: &str) -> Result<(&'static str, &'static [&'static str]), Refused> {
    let found = KNOWN.iter().find(|(known, ..)| *known == name);
    found.map(|(_, default, values)| (*default, *values)).ok_or_else(|| {
        let names: Vec<&str> = KNOWN.iter().map(|(name, ..)| *name).collect();
        invalid(format!("{name} should be one of [{}]", names.join(",")))
    })
}

/// What holds for a principal: its own value, the account's, or AWS's.
fn effective(site: &Site<'_>, principal: &str, name: &str, default: &str) -> String {
    let settings = &site.region().ecs.settings;
    let of = |principal: &str| settings.get(principal).and_then(|own| own.get(name)).cloned();
    of(principal).or_else(|| of(&root())).unwrap_or_else(|| default.to_owned())
}

/// What Container Insights is for a new cluster that does not say.
pub(super) fn insights(site: &Site<'_>) -> String {
    effective(site, &caller(), "containerInsights", "disabled")
}

fn shown(name: &str, value: &str, principal: &str) -> Value {
    // ECS API, Setting: GuardDuty alone is managed by AWS.
    let kind = if name == "guardDutyActivate" { "aws_managed" } else { "user" };
    json!({ "name": name, "value": value, "principalArn": principal, "type": kind })
}

fn put_for(site: &mut Site<'_>, principal: String, name: String, value: String) -> Answer {
    let (_, values) = known(&name)?;
    if !values.contains(&value.as_str()) {
        return Err(invalid(format!("{value} should be one of [{}]", values.join(","))));
    }
    // ECS guide, account settings: the long format of ARNs cannot be left any more.
    if name.ends_with("LongArnFormat") && value == "disabled" {
        return Err(invalid(format!("The setting {name} can no longer be disabled.")));
    }
    if name == "guardDutyActivate" {
        return Err(invalid("The setting guardDutyActivate is managed by AWS."));
    }
    let setting = shown(&name, &value, &principal);
    site.region_mut().ecs.settings.entry(principal).or_default().insert(name, value);
    Ok(json!({ "setting": setting }))
}

/// `PutAccountSetting`: for the caller, or for another principal.
pub(super) fn put(site: &mut Site<'_>, input: PutAccountSetting) -> Answer {
    let principal = input.principal_arn.unwrap_or_else(caller);
    put_for(site, principal, input.name, input.value)
}

/// `PutAccountSettingDefault`: for all who have not set it themselves.
pub(super) fn put_default(site: &mut Site<'_>, input: PutAccountSettingDefault) -> Answer {
    put_for(site, root(), input.name, input.value)
}

/// `DeleteAccountSetting`: what holds then.
pub(super) fn delete(site: &mut Site<'_>, input: DeleteAccountSetting) -> Answer {
    let (default, _) = known(&input.name)?;
    let principal = input.principal_arn.unwrap_or_else(caller);
    let settings = &mut site.region_mut().ecs.settings;
    if let Some(own) = settings.get_mut(&principal) {
        own.remove(&input.name);
        settings.retain(|_, own| !own.is_empty());
    }
    let value = effective(site, &principal, &input.name, default);
    Ok(json!({ "setting": shown(&input.name, &value, &principal) }))
}

/// `ListAccountSettings`: those that were set for a principal, or all that hold for it.
pub(super) fn list(site: &mut Site<'_>, input: ListAccountSettings) -> Answer {
    if let Some(name) = &input.name {
        known(name)?;
    } else if input.value.is_some() {
        return Err(invalid("A value can only be specified together with a name."));
    }
    let principal = input.principal_arn.unwrap_or_else(caller);
    let wanted = |name: &str, value: &str| {
        input.name.as_ref().is_none_or(|wanted| wanted == name)
            && input.value.as_ref().is_none_or(|wanted| wanted == value)
    };
    let all: Vec<(&str, String)> = if input.effective_settings {
        let all = KNOWN.iter();
        all.map(|(name, default, _)| (*name, effective(site, &principal, name, default))).collect()
    } else {
        let own = site.region().ecs.settings.get(&principal).into_iter().flatten();
        own.map(|(name, value)| (name.as_str(), value.clone())).collect()
    };
    let found: Vec<Value> = all
        .iter()
        .filter(|(name, value)| wanted(name, value))
        .map(|(name, value)| shown(name, value, &principal))
        .collect();
    let scope = format!("ListAccountSettings {principal} {:?}", (&input.name, &input.value));
    let token = input.next_token.as_deref();
    let (found, next) = paging::page(found, (input.max_results, 10), token, &scope)?;
    Ok(json!({ "settings": found, "nextToken": next }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::probe::Probe;

    #[test]
    fn a_setting_holds_for_new_clusters_until_it_is_taken_back() {
        let mut probe = Probe::new();
        let put = json!({ "name": "containerInsights", "value": "enabled" });
        probe.ask("ecs", "PutAccountSettingDefault", put.clone());
        let insights = |probe: &mut Probe, name: &str| {
            let made = probe.ask("ecs", "CreateCluster", json!({ "clusterName": name }));
            made["cluster"]["settings"][0]["value"].clone()
        };
        assert_eq!(insights(&mut probe, "one"), "enabled");
        let own = json!({ "name": "containerInsights", "value": "enhanced" });
        probe.ask("ecs", "PutAccountSetting", own);
        assert_eq!(insights(&mut probe, "two"), "enhanced");
        let set = probe.ask("ecs", "ListAccountSettings", json!({}));
        assert_eq!(set["settings"].as_array().map(Vec::len), Some(1));
        let all = probe.ask("ecs", "ListAccountSettings", json!({ "effectiveSettings": true }));
        assert!(all["nextToken"].is_string(), "{all}");
        let name = json!({ "name": "containerInsights" });
        let after = probe.ask("ecs", "DeleteAccountSetting", name);
        assert_eq!(after["setting"]["value"], "enabled");
        for (name, value) in [("colour", "red"), ("containerInsights", "maybe")] {
            let put = json!({ "name": name, "value": value });
            assert_eq!(probe.refused("ecs", "PutAccountSetting", put), "InvalidParameterException");
        }
    }
}
