//! Who has a managed policy.

use serde::Deserialize;
use serde_json::{Value, json};

use super::authorization_details::Kind;
use super::grants::{self, Held, Holder};
use super::policy::Usage;
use super::refusal::missing;
use super::{listing, name};
use crate::operations::Answer;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct List {
    policy_arn: String,
    #[serde(default)]
    entity_filter: Option<Kind>,
    #[serde(default)]
    path_prefix: Option<String>,
    #[serde(default)]
    policy_usage_filter: Option<Usage>,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<i64>,
}

pub(super) fn list(site: &mut Site<'_>, input: List) -> Answer {
    let prefix = name::path_prefix(input.path_prefix.as_deref())?;
    let state = &site.global().iam;
    let arn = &input.policy_arn;
    name::arn("policyArn", arn)?;
    if !grants::is_policy(state, arn) {
        return Err(missing(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let mut holders = grants::all(state);
    holders.retain(|held| {
        let attached = held.grants.attached.contains(arn);
        let bounded = held.grants.boundary.as_deref() == Some(arn);
        let used = match input.policy_usage_filter {
            None => attached || bounded,
            Some(Usage::PermissionsPolicy) => attached,
            Some(Usage::PermissionsBoundary) => bounded,
        };
        let kind = match held.holder {
            Holder::Role => Kind::Role,
            Holder::User => Kind::User,
            Holder::Group => Kind::Group,
        };
        used && held.path.starts_with(prefix)
            && input.entity_filter.is_none_or(|wanted| wanted == kind)
    });
    let scope = format!("{arn} {prefix}");
    let (holders, next) = listing::page(holders, input.max_items, input.marker.as_deref(), &scope)?;
    let of = |holder: Holder| -> Value {
        let those = holders.iter().filter(|held| held.holder == holder);
        those
            .map(|Held { name, id, .. }| {
                let title = holder.title();
                json!({ format!("{title}Name"): name, format!("{title}Id"): id })
            })
            .collect()
    };
    Ok(json!({
        "PolicyGroups": of(Holder::Group),
        "PolicyUsers": of(Holder::User),
        "PolicyRoles": of(Holder::Role),
        "IsTruncated": next.is_some(),
        "Marker": next,
    }))
}
