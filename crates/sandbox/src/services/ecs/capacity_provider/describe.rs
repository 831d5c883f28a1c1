//! `DescribeCapacityProviders`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CapacityProvider, FARGATE, Kind, name_of};
use crate::operations::Answer;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::{cluster, paging, tag};
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct DescribeCapacityProviders {
    #[serde(default)]
    capacity_providers: Vec<String>,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    include: Vec<Field>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Field {
    Tags,
}

/// `DescribeCapacityProviders`: those that are named, up to 100, or all in pages of 10.
pub(in crate::services::ecs) fn describe(
    site: &mut Site<'_>,
    input: DescribeCapacityProviders,
) -> Answer {
    let given = input.capacity_providers;
    if given.len() > 100 {
        return Err(invalid("Capacity providers cannot have more than 100 elements."));
    }
    let of_cluster = match &input.cluster {
        Some(cluster) => Some(cluster::named(site, Some(cluster))?.name.clone()),
        None => None,
    };
    let with_tags = input.include.iter().any(|Field::Tags| true);
    let all = &site.region().ecs.capacity_providers;
    let is_wanted = |provider: &CapacityProvider| {
        let Some(wanted) = &of_cluster else { return true };
        matches!(&provider.kind, Kind::Instances(cluster, _) if cluster == wanted)
    };
    if given.is_empty() {
        let own = all.values().filter(|provider| is_wanted(provider));
        let own = own.map(|provider| shown(provider, with_tags));
        let reserved = FARGATE.iter().filter(|_| of_cluster.is_none());
        let found: Vec<Value> = reserved.map(|name| fargate(site, name)).chain(own).collect();
        let scope = format!("DescribeCapacityProviders {of_cluster:?}");
        let token = input.next_token.as_deref();
        let (found, next) = paging::page(found, (input.max_results, 10), token, &scope)?;
        return Ok(json!({ "capacityProviders": found, "failures": [], "nextToken": next }));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in &given {
        let name = name_of(site, one);
        if FARGATE.contains(&name) {
            found.push(fargate(site, name));
        } else if let Some(provider) = all.get(name).filter(|provider| is_wanted(provider)) {
            found.push(shown(provider, with_tags));
        } else {
            let arn = site.arn("ecs", &format!("capacity-provider/{name}"));
            failures.push(json!({ "arn": arn, "reason": "MISSING" }));
        }
    }
    Ok(json!({ "capacityProviders": found, "failures": failures }))
}

fn fargate(site: &Site<'_>, name: &str) -> Value {
    json!({
        "capacityProviderArn": site.arn("ecs", &format!("capacity-provider/{name}")),
        "name": name,
        "status": "ACTIVE",
        "type": name,
        "tags": [],
    })
}

/// A capacity provider of the account's own.
pub(super) fn shown(provider: &CapacityProvider, with_tags: bool) -> Value {
    let (kind, cluster, group, instances) = match &provider.kind {
        Kind::Group(group) => ("EC2_AUTOSCALING", None, Some(group), None),
        Kind::Instances(cluster, given) => ("MANAGED_INSTANCES", Some(cluster), None, Some(given)),
    };
    json!({
        "capacityProviderArn": provider.arn,
        "name": provider.name,
        "cluster": cluster,
        "status": provider.status,
        "autoScalingGroupProvider": group,
        "managedInstancesProvider": instances,
        "updateStatus": provider.update_status,
        "type": kind,
        "tags": if with_tags { tag::shown(&provider.tags) } else { json!([]) },
    })
}
