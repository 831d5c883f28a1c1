//! Task sets, which only services of other deployment controllers have.

use serde_json::{Map, Value};

use super::cluster;
use super::refusal::invalid;
use super::service;
use crate::operations::Answer;
use crate::world::Site;

/// CreateTaskSet, UpdateTaskSet, DeleteTaskSet, DescribeTaskSets, UpdateServicePrimaryTaskSet:
/// refused, as for every service with the deployment controller `ECS`.
pub fn refuse(site: &mut Site<'_>, input: Map<String, Value>) -> Answer {
    let given = |key: &str| input.get(key).and_then(Value::as_str);
    let cluster = cluster::named(site, given("cluster"))?;
    let name = given("service").ok_or_else(|| invalid("service is missing"))?;
    let key = service::key(&cluster.name, name);
    service::get(site, &key).ok_or_else(service::not_found)?;
    Err(invalid(
        "The service does not have the deployment controller EXTERNAL or CODE_DEPLOY, which task \
         sets need.",
    ))
}
