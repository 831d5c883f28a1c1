//! `CreateCluster`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::configuration::{self, Configuration, ServiceConnectDefaults, Setting};
use super::strategy::{self, StrategyItem};
use super::{Cluster, attach, checked, show};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::tag::{self, Tag};
use crate::services::ecs::{capacity_provider, setting};
use crate::services::iam::assume;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct CreateCluster {
    #[serde(default)]
    cluster_name: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    settings: Vec<Setting>,
    #[serde(default)]
    configuration: Option<Configuration>,
    #[serde(default)]
    capacity_providers: Vec<String>,
    #[serde(default)]
    default_capacity_provider_strategy: Vec<StrategyItem>,
    #[serde(default)]
    service_connect_defaults: Option<ServiceConnectDefaults>,
}

/// What a call says about a cluster, checked.
struct Wanted {
    insights: Option<String>,
    configuration: Option<Value>,
    capacity_providers: Vec<String>,
    default_strategy: Vec<Value>,
}

/// `CreateCluster`.
pub(in crate::services::ecs) fn create(site: &mut Site<'_>, input: CreateCluster) -> Answer {
    let name = checked(input.cluster_name.as_deref().unwrap_or("default"))?.to_owned();
    let tags = tag::read(input.tags)?;
    let providers = capacity_provider::checked(site, &input.capacity_providers)?;
    let wanted = Wanted {
        insights: configuration::insights(&input.settings)?,
        configuration: input.configuration.as_ref().map(configuration::shown).transpose()?,
        default_strategy: strategy::checked(&input.default_capacity_provider_strategy, &providers)?,
        capacity_providers: providers,
    };
    // ECS API, CreateCluster: ECS tries to make its service-linked role. A cluster without
    // attachments does not need it yet; attachments are refused until it can be used.
    let has_role = assume::service_linked(site, "ecs.amazonaws.com");
    if let Some(existing) = site.region().ecs.clusters.get(&name) {
        match existing.status.as_str() {
            "INACTIVE" => {}
            "DEPROVISIONING" => return Err(busy()),
            _ => return again(site, existing, &wanted),
        }
    }
    let has_attachments =
        !wanted.capacity_providers.is_empty() || input.service_connect_defaults.is_some();
    if has_attachments && !has_role {
        return Err(invalid(
            "Unable to assume the service linked role. Please verify that the ECS service linked \
             role exists.",
        ));
    }
    let namespace = match input.service_connect_defaults {
        Some(given) => configuration::namespace(site, given, None)?,
        None => None,
    };
    let cluster = Cluster {
        arn: site.arn("ecs", &format!("cluster/{name}")),
        name: name.clone(),
        status: if has_attachments { "PROVISIONING" } else { "ACTIVE" }.to_owned(),
        capacity_providers: wanted.capacity_providers,
        default_strategy: wanted.default_strategy,
        tags,
        insights: wanted.insights.unwrap_or_else(|| setting::insights(site)),
        configuration: wanted.configuration,
        namespace,
        attachments: Vec::new(),
        attachments_status: None,
        deleted: None,
    };
    site.region_mut().ecs.clusters.insert(name.clone(), cluster);
    if has_attachments {
        attach(site, &name);
    }
    Ok(json!({ "cluster": show::in_full(site, &name) }))
}

/// A cluster of that name is there already: the same call again is answered with it. Tags are not
/// compared, so whoever makes it has to see whose it is.
fn again(site: &Site<'_>, existing: &Cluster, wanted: &Wanted) -> Answer {
    let same = wanted.insights.as_ref().is_none_or(|insights| *insights == existing.insights)
        && (wanted.configuration.is_none() || wanted.configuration == existing.configuration)
        && (wanted.capacity_providers.is_empty()
            || wanted.capacity_providers == existing.capacity_providers)
        && (wanted.default_strategy.is_empty()
            || wanted.default_strategy == existing.default_strategy);
    if !same {
        return Err(invalid(
            "Arguments on this idempotent request are inconsistent with arguments used in \
             previous request(s).",
        ));
    }
    Ok(json!({ "cluster": show::in_full(site, &existing.name) }))
}

/// What changes a cluster's attachments has to wait for the change before.
pub(super) fn busy() -> Refused {
    Refused::new(
        "UpdateInProgressException",
        "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE \
         or UPDATE_FAILED state before they can be updated.",
    )
}
