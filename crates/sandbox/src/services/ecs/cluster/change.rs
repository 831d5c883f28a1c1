//! `UpdateCluster`, `UpdateClusterSettings` and `PutClusterCapacityProviders`.

use serde::Deserialize;
use serde_json::json;

use super::configuration::{self, Configuration, ServiceConnectDefaults, Setting};
use super::create::busy;
use super::strategy::{self, StrategyItem};
use super::{Cluster, attach, is_in_use, named, show};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::capacity_provider;
use crate::services::ecs::refusal::invalid;
use crate::services::iam::assume;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct UpdateCluster {
    cluster: String,
    #[serde(default)]
    settings: Vec<Setting>,
    #[serde(default)]
    configuration: Option<Configuration>,
    #[serde(default)]
    service_connect_defaults: Option<ServiceConnectDefaults>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::services::ecs) struct UpdateClusterSettings {
    cluster: String,
    settings: Vec<Setting>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct PutClusterCapacityProviders {
    cluster: String,
    capacity_providers: Vec<String>,
    default_capacity_provider_strategy: Vec<StrategyItem>,
}

/// `UpdateCluster`: what is not given stays.
pub(in crate::services::ecs) fn update(site: &mut Site<'_>, input: UpdateCluster) -> Answer {
    let cluster = named(site, Some(&input.cluster))?;
    let (name, before) = (cluster.name.clone(), cluster.namespace.clone());
    let is_busy = cluster.is_busy();
    let insights = configuration::insights(&input.settings)?;
    let configuration = input.configuration.as_ref().map(configuration::shown).transpose()?;
    let namespace = match input.service_connect_defaults {
        Some(given) => Some(configuration::namespace(site, given, before.clone())?),
        None => None,
    };
    let is_other = namespace.as_ref().is_some_and(|namespace| *namespace != before);
    if is_other && is_busy {
        return Err(busy());
    }
    change(site, &name, |cluster| {
        cluster.insights = insights.unwrap_or_else(|| cluster.insights.clone());
        cluster.configuration = configuration.or(cluster.configuration.take());
        cluster.namespace = namespace.unwrap_or(cluster.namespace.take());
    });
    if is_other {
        attach(site, &name);
    }
    Ok(json!({ "cluster": show::in_full(site, &name) }))
}

/// `UpdateClusterSettings`.
pub(in crate::services::ecs) fn update_settings(
    site: &mut Site<'_>,
    input: UpdateClusterSettings,
) -> Answer {
    let name = named(site, Some(&input.cluster))?.name.clone();
    if input.settings.is_empty() {
        return Err(invalid("Settings cannot be empty."));
    }
    let insights = configuration::insights(&input.settings)?;
    change(site, &name, |cluster| {
        cluster.insights = insights.unwrap_or_else(|| cluster.insights.clone());
    });
    Ok(json!({ "cluster": show::in_full(site, &name) }))
}

/// `PutClusterCapacityProviders`: both lists replace what was there. Providers in use cannot be
/// taken away, and one change has to be done before the next.
pub(in crate::services::ecs) fn put_capacity_providers(
    site: &mut Site<'_>,
    input: PutClusterCapacityProviders,
) -> Answer {
    let cluster = named(site, Some(&input.cluster))?;
    let name = cluster.name.clone();
    let providers = capacity_provider::checked(site, &input.capacity_providers)?;
    let default_strategy =
        strategy::checked(&input.default_capacity_provider_strategy, &providers)?;
    if cluster.is_busy() {
        return Err(busy());
    }
    let taken = cluster.capacity_providers.iter().filter(|one| !providers.contains(one));
    for provider in taken {
        if is_in_use(site, cluster, provider) {
            return Err(Refused::new(
                "ResourceInUseException",
                "The specified capacity provider is in use and cannot be removed.",
            ));
        }
    }
    let is_other = cluster.capacity_providers != providers;
    if !assume::service_linked(site, "ecs.amazonaws.com") {
        return Err(invalid(
            "Unable to assume the service linked role. Please verify that the ECS service linked \
             role exists.",
        ));
    }
    change(site, &name, |cluster| {
        cluster.capacity_providers = providers;
        cluster.default_strategy = default_strategy;
    });
    if is_other {
        attach(site, &name);
    }
    Ok(json!({ "cluster": show::in_full(site, &name) }))
}

fn change(site: &mut Site<'_>, name: &str, change: impl FnOnce(&mut Cluster)) {
    if let Some(cluster) = site.region_mut().ecs.clusters.get_mut(name) {
        change(cluster);
    }
}
