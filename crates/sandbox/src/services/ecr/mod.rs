//! Elastic Container Registry.

mod creation_template;
mod image;
mod layer;
mod lifecycle;
mod lifecycle_rules;
mod policy;
mod policy_text;
pub mod pull;
mod pull_through;
mod registry;
mod repository;
mod scan;
mod tag;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::page;
use crate::protocol::{Dialect, Protocol};
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::ACCOUNT;

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "ecr",
    dialect: DIALECT,
    operations: operations! {
        BatchCheckLayerAvailability => layer::check,
        BatchDeleteImage => image::delete,
        BatchGetImage => image::get,
        BatchGetRepositoryScanningConfiguration => scan::configurations,
        CompleteLayerUpload => layer::complete,
        CreatePullThroughCacheRule => pull_through::create,
        CreateRepository => repository::create,
        CreateRepositoryCreationTemplate => creation_template::create,
        DeleteLifecyclePolicy => lifecycle::delete,
        DeletePullThroughCacheRule => pull_through::delete,
        DeleteRegistryPolicy => policy::delete_registry,
        DeleteRepository => repository::delete,
        DeleteRepositoryCreationTemplate => creation_template::delete,
        DeleteRepositoryPolicy => policy::delete,
        DescribeImageReplicationStatus => image::replication,
        DescribeImageScanFindings => scan::findings,
        DescribeImages => image::describe,
        DescribePullThroughCacheRules => pull_through::describe,
        DescribeRegistry => registry::describe,
        DescribeRepositories => repository::describe,
        DescribeRepositoryCreationTemplates => creation_template::describe,
        GetAccountSetting => registry::setting,
        GetAuthorizationToken => registry::token,
        GetDownloadUrlForLayer => layer::url,
        GetLifecyclePolicy => lifecycle::get,
        GetLifecyclePolicyPreview => lifecycle::preview,
        GetRegistryPolicy => policy::get_registry,
        GetRegistryScanningConfiguration => registry::scanning,
        GetRepositoryPolicy => policy::get,
        InitiateLayerUpload => layer::initiate,
        ListImages => image::list,
        ListTagsForResource => tag::list,
        PutAccountSetting => registry::put_setting,
        PutImage => image::put,
        PutImageScanningConfiguration => repository::put_scanning,
        PutImageTagMutability => repository::put_mutability,
        PutLifecyclePolicy => lifecycle::put,
        PutRegistryPolicy => policy::put_registry,
        PutRegistryScanningConfiguration => registry::put_scanning,
        PutReplicationConfiguration => registry::put_replication,
        SetRepositoryPolicy => policy::set,
        StartImageScan => scan::start,
        StartLifecyclePolicyPreview => lifecycle::start_preview,
        TagResource => tag::tag,
        UntagResource => tag::untag,
        UpdatePullThroughCacheRule => pull_through::update,
        UpdateRepositoryCreationTemplate => creation_template::update,
        UploadLayerPart => layer::upload,
        ValidatePullThroughCacheRule => pull_through::validate,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "AmazonEC2ContainerRegistry_V20150921" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Repositories by name.
    pub repositories: BTreeMap<String, repository::Repository>,
    /// Pull-through cache rules by prefix.
    pub cache_rules: BTreeMap<String, pull_through::Rule>,
    /// Templates of repositories by prefix.
    pub templates: BTreeMap<String, creation_template::Template>,
    /// What is set for the whole registry.
    pub registry: registry::Registry,
}

/// The input of what asks for a repository alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Named {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
}

/// A refusal in ECR's usual words.
fn constraint(parameter: &str, constraint: impl std::fmt::Display) -> Refused {
    let message =
        format!("Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'");
    Refused::new("InvalidParameterException", message)
}

/// A page of a list. ECR API: 100 at a time unless asked for 1 to 1,000.
fn paged<T>(
    items: Vec<T>,
    most: Option<i64>,
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let most = match most.map(usize::try_from) {
        None => 100,
        Some(Ok(most)) if (1..=1000).contains(&most) => most,
        Some(_) => return Err(constraint("maxResults", "must be between 1 and 1000")),
    };
    page::page(items, most, token, scope)
        .map_err(|page::BadToken| constraint("nextToken", "The provided token is not valid"))
}

/// The host of the registry of a region.
fn host(region: &str) -> String {
    format!("{ACCOUNT}.dkr.ecr.{region}.amazonaws.com")
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    let repositories = region.ecr.repositories.values();
    repositories.map(|repository| (repository.arn.clone(), repository.tags.clone())).collect()
}
