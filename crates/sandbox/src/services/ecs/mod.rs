//! Elastic Container Service.

pub mod cluster;
mod counts;
mod deployment;
mod placement;
mod scheduler;
pub mod script;
pub mod service;
mod shape;
pub mod task;
pub mod task_definition;
mod task_set;

pub use counts::{Counts, counts};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "ecs",
    dialect: DIALECT,
    operations: operations! {
        CreateService => service::create,
        CreateTaskSet => task_set::refuse,
        DeleteService => service::delete,
        DeleteTaskSet => task_set::refuse,
        DescribeServiceDeployments => deployment::describe,
        DescribeServiceRevisions => deployment::describe_revisions,
        DescribeServices => service::describe,
        DescribeTaskSets => task_set::refuse,
        DescribeTasks => task::describe,
        ExecuteCommand => task::execute,
        GetTaskProtection => task::get_protection,
        ListServiceDeployments => deployment::list,
        ListServices => service::list,
        ListServicesByNamespace => service::list_by_namespace,
        ListTasks => task::list,
        RunTask => task::run,
        StartTask => task::start_on_instances,
        StopServiceDeployment => deployment::stop,
        StopTask => task::stop,
        UpdateService => service::update,
        UpdateServicePrimaryTaskSet => task_set::refuse,
        UpdateTaskProtection => task::update_protection,
        UpdateTaskSet => task_set::refuse,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "AmazonEC2ContainerServiceV20141113" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Clusters by name.
    pub clusters: BTreeMap<String, cluster::Cluster>,
    /// Task definitions by `family:revision`.
    pub task_definitions: BTreeMap<String, task_definition::TaskDefinition>,
    /// Services by `cluster/name`.
    pub services: BTreeMap<String, service::Service>,
    /// Tasks by id.
    pub tasks: BTreeMap<String, task::Task>,
    /// The client tokens of RunTask.
    pub run_tokens: BTreeMap<String, task::RunToken>,
    /// What is going to happen to new tasks.
    pub scripts: Vec<script::Script>,
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// To services.
    Service(service::Event),
    /// To tasks.
    Task(task::Event),
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::Service(event) => event.happen(site),
            Event::Task(event) => event.happen(site),
        }
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    let services = region.ecs.services.values();
    let services = services.filter(|service| service.status != service::Status::Inactive);
    services.map(|service| (service.arn.clone(), service.tags.clone())).collect()
}
