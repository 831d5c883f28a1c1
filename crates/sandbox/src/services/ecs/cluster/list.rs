//! `DescribeClusters` and `ListClusters`.

use serde::Deserialize;
use serde_json::json;

use super::show::{self, Shown};
use super::{checked, name_of};
use crate::operations::Answer;
use crate::services::ecs::paging;
use crate::services::ecs::refusal::invalid;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::services::ecs) struct DescribeClusters {
    #[serde(default)]
    clusters: Vec<String>,
    #[serde(default)]
    include: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Field {
    Attachments,
    Configurations,
    Settings,
    Statistics,
    Tags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct ListClusters {
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

/// `DescribeClusters`: `default` where none is named, at most 100.
pub(in crate::services::ecs) fn describe(site: &mut Site<'_>, input: DescribeClusters) -> Answer {
    let mut given = input.clusters;
    if given.len() > 100 {
        return Err(invalid("Clusters cannot have more than 100 elements."));
    }
    if given.is_empty() {
        given.push("default".to_owned());
    }
    let mut shown = Shown::default();
    for field in input.include {
        match field {
            Field::Attachments => shown.attachments = true,
            Field::Configurations => shown.configuration = true,
            Field::Settings => shown.settings = true,
            Field::Statistics => shown.statistics = true,
            Field::Tags => shown.tags = true,
        }
    }
    let (mut clusters, mut failures, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for one in &given {
        let name = if one.starts_with("arn:") { name_of(site, one)? } else { checked(one)? };
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        match site.region().ecs.clusters.get(name) {
            Some(cluster) => clusters.push(show::cluster_as(site, cluster, shown)),
            None => {
                let arn = site.arn("ecs", &format!("cluster/{name}"));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

/// `ListClusters`: those that are not `INACTIVE`, 100 at most in a page.
pub(in crate::services::ecs) fn list(site: &mut Site<'_>, input: ListClusters) -> Answer {
    let clusters = site.region().ecs.clusters.values();
    let arns: Vec<&str> = clusters
        .filter(|cluster| cluster.status != "INACTIVE")
        .map(|cluster| cluster.arn.as_str())
        .collect();
    let token = input.next_token.as_deref();
    let (arns, next) = paging::page(arns, (input.max_results, 100), token, "ListClusters")?;
    Ok(json!({ "clusterArns": arns, "nextToken": next }))
}
