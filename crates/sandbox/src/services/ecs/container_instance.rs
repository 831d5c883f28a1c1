//! Container instances: there are none, and every operation on them says so as AWS does.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cluster;
use super::paging;
use super::refusal::{client, invalid};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListContainerInstances {
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default, rename = "filter")]
    _filter: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default, rename = "status")]
    _status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DescribeContainerInstances {
    #[serde(default)]
    cluster: Option<String>,
    container_instances: Vec<String>,
    #[serde(default, rename = "include")]
    _include: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UpdateContainerInstancesState {
    #[serde(default)]
    cluster: Option<String>,
    container_instances: Vec<String>,
    status: Status,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DeregisterContainerInstance {
    #[serde(default)]
    cluster: Option<String>,
    container_instance: String,
    #[serde(default, rename = "force")]
    _force: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Active,
    Draining,
    Registering,
    Deregistering,
    RegistrationFailed,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Field {
    Tags,
    ContainerInstanceHealth,
}

/// `ListContainerInstances`.
pub(super) fn list(site: &mut Site<'_>, input: ListContainerInstances) -> Answer {
    let name = cluster::named(site, input.cluster.as_deref())?.name.clone();
    let scope = format!("ListContainerInstances {name}");
    let token = input.next_token.as_deref();
    let (found, next) =
        paging::page(Vec::<String>::new(), (input.max_results, 100), token, &scope)?;
    Ok(json!({ "containerInstanceArns": found, "nextToken": next }))
}

/// `DescribeContainerInstances`.
pub(super) fn describe(site: &mut Site<'_>, input: DescribeContainerInstances) -> Answer {
    let failures = missing(site, input.cluster.as_deref(), &input.container_instances, 100)?;
    Ok(json!({ "containerInstances": [], "failures": failures }))
}

/// `UpdateContainerInstancesState`.
pub(super) fn update_state(site: &mut Site<'_>, input: UpdateContainerInstancesState) -> Answer {
    if !matches!(input.status, Status::Active | Status::Draining) {
        return Err(invalid("Container instance status should be one of [ACTIVE, DRAINING]"));
    }
    let failures = missing(site, input.cluster.as_deref(), &input.container_instances, 10)?;
    Ok(json!({ "containerInstances": [], "failures": failures }))
}

/// `DeregisterContainerInstance`.
pub(super) fn deregister(site: &mut Site<'_>, input: DeregisterContainerInstance) -> Answer {
    cluster::named(site, input.cluster.as_deref())?;
    let id = input.container_instance.rsplit('/').next().unwrap_or_default();
    Err(invalid(format!("Referenced container instance {id} not found.")))
}

fn missing(
    site: &Site<'_>,
    cluster: Option<&str>,
    given: &[String],
    most: usize,
) -> Result<Vec<Value>, Refused> {
    let cluster = cluster::named(site, cluster)?;
    if given.is_empty() {
        return Err(client("Container Instances cannot be empty."));
    }
    if given.len() > most {
        return Err(invalid(format!("Container instances cannot have more than {most} elements.")));
    }
    let failure = |given: &String| {
        let id = given.rsplit('/').next().unwrap_or_default();
        let arn = site.arn("ecs", &format!("container-instance/{}/{id}", cluster.name));
        json!({ "arn": arn, "reason": "MISSING" })
    };
    Ok(given.iter().map(failure).collect())
}
