//! Elastic Container Service.

mod attribute;
pub mod capacity_provider;
pub mod cluster;
mod container_instance;
mod deployment;
#[cfg(test)]
mod fixture;
mod paging;
mod placement;
mod reachability;
mod refusal;
mod scheduler;
pub mod script;
pub mod service;
pub mod setting;
mod shape;
mod tag;
pub mod task;
pub mod task_definition;
mod task_set;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::{Site, Time};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "ecs",
    dialect: DIALECT,
    operations: operations! {
        CreateCluster => cluster::create,
        DescribeClusters => cluster::describe,
        ListClusters => cluster::list,
        UpdateCluster => cluster::update,
        UpdateClusterSettings => cluster::update_settings,
        PutClusterCapacityProviders => cluster::put_capacity_providers,
        DeleteCluster => cluster::delete,
        RegisterTaskDefinition => task_definition::register,
        DescribeTaskDefinition => task_definition::describe,
        ListTaskDefinitions => task_definition::list,
        ListTaskDefinitionFamilies => task_definition::families,
        DeregisterTaskDefinition => task_definition::deregister,
        DeleteTaskDefinitions => task_definition::delete,
        CreateCapacityProvider => capacity_provider::create,
        DescribeCapacityProviders => capacity_provider::describe,
        UpdateCapacityProvider => capacity_provider::update,
        DeleteCapacityProvider => capacity_provider::delete,
        ListAccountSettings => setting::list,
        PutAccountSetting => setting::put,
        PutAccountSettingDefault => setting::put_default,
        DeleteAccountSetting => setting::delete,
        PutAttributes => attribute::change,
        DeleteAttributes => attribute::change,
        ListAttributes => attribute::list,
        ListContainerInstances => container_instance::list,
        DescribeContainerInstances => container_instance::describe,
        UpdateContainerInstancesState => container_instance::update_state,
        DeregisterContainerInstance => container_instance::deregister,
        TagResource => tag::tag,
        UntagResource => tag::untag,
        ListTagsForResource => tag::list,
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
    /// The last revision of each family.
    pub revisions: task_definition::Revisions,
    /// The account's own capacity providers by name.
    pub capacity_providers: BTreeMap<String, capacity_provider::CapacityProvider>,
    /// Account settings, where they were set.
    pub settings: setting::Settings,
    /// Services by `cluster/name`.
    pub services: BTreeMap<String, service::Service>,
    /// Tasks by id.
    pub tasks: BTreeMap<String, task::Task>,
    /// The client tokens of RunTask.
    pub run_tokens: BTreeMap<String, task::RunToken>,
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A cluster's attachments are done, made or taken away.
    ClusterAttached {
        /// Its name.
        name: String,
    },
    /// A deleted cluster is shown no more.
    ClusterForgotten {
        /// Its name.
        name: String,
        /// When it was deleted.
        deleted: Time,
    },
    /// A capacity provider is updated or deleted.
    CapacityProviderChanged {
        /// Its name.
        name: String,
    },
    /// A deleted capacity provider is shown no more.
    CapacityProviderForgotten {
        /// Its name.
        name: String,
        /// When it was deleted.
        deleted: Time,
    },
    /// A deleted task definition is gone.
    TaskDefinitionDeleted {
        /// Its `family:revision`.
        name: String,
    },
    /// To services.
    Service(service::Event),
    /// To tasks.
    Task(task::Event),
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::ClusterAttached { name } => cluster::attached(site, &name),
            Event::ClusterForgotten { name, deleted } => cluster::forget(site, &name, deleted),
            Event::CapacityProviderChanged { name } => capacity_provider::changed(site, &name),
            Event::CapacityProviderForgotten { name, deleted } => {
                capacity_provider::forget(site, &name, deleted);
            }
            Event::TaskDefinitionDeleted { name } => task_definition::deleted(site, &name),
            Event::Service(event) => event.happen(site),
            Event::Task(event) => event.happen(site),
        }
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    tag::all(region)
}
