//! What a task definition says, as `RegisterTaskDefinition` takes it.

use serde::{Deserialize, Serialize};

use super::container::ContainerDefinition;
use super::volume::Volume;
use crate::services::ecs::tag::Tag;

/// Structures whose members all have the names of the API and are all known.
macro_rules! shapes {
    ($($name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub(in crate::services::ecs) struct $name {
            $(pub $field: $kind,)*
        }
    )*};
}
pub(super) use shapes;

/// Texts of which only some are allowed.
macro_rules! words {
    ($($name:ident { $($word:ident = $text:literal,)* })*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize)]
        pub(in crate::services::ecs) enum $name {
            $(#[serde(rename = $text)] $word,)*
        }
    )*};
}
pub(super) use words;

shapes! {
    RegisterTaskDefinition {
        family: Option<String>,
        task_role_arn: Option<String>,
        execution_role_arn: Option<String>,
        network_mode: Option<NetworkMode>,
        container_definitions: Option<Vec<ContainerDefinition>>,
        volumes: Option<Vec<Volume>>,
        placement_constraints: Option<Vec<PlacementConstraint>>,
        requires_compatibilities: Option<Vec<Compatibility>>,
        cpu: Option<String>,
        memory: Option<String>,
        tags: Option<Vec<Tag>>,
        pid_mode: Option<PidMode>,
        ipc_mode: Option<IpcMode>,
        proxy_configuration: Option<ProxyConfiguration>,
        inference_accelerators: Option<Vec<InferenceAccelerator>>,
        ephemeral_storage: Option<EphemeralStorage>,
        runtime_platform: Option<RuntimePlatform>,
        enable_fault_injection: Option<bool>,
    }
    PlacementConstraint {
        r#type: Option<PlacementConstraintType>,
        expression: Option<String>,
    }
    ProxyConfiguration {
        r#type: Option<ProxyConfigurationType>,
        container_name: String,
        properties: Option<Vec<NameAndValue>>,
    }
    InferenceAccelerator {
        device_name: String,
        device_type: String,
    }
    RuntimePlatform {
        cpu_architecture: Option<CpuArchitecture>,
        operating_system_family: Option<OperatingSystemFamily>,
    }
    NameAndValue {
        name: Option<String>,
        value: Option<String>,
    }
}

/// The storage of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::services::ecs) struct EphemeralStorage {
    #[serde(rename = "sizeInGiB")]
    pub size: i64,
}

words! {
    NetworkMode { Bridge = "bridge", Host = "host", Awsvpc = "awsvpc", None = "none", }
    PlacementConstraintType { MemberOf = "memberOf", }
    Compatibility {
        Ec2 = "EC2",
        Fargate = "FARGATE",
        External = "EXTERNAL",
        ManagedInstances = "MANAGED_INSTANCES",
    }
    PidMode { Host = "host", Task = "task", }
    IpcMode { Host = "host", Task = "task", None = "none", }
    ProxyConfigurationType { AppMesh = "APPMESH", }
    CpuArchitecture { X8664 = "X86_64", Arm64 = "ARM64", }
    OperatingSystemFamily {
        Linux = "LINUX",
        Windows2016Full = "WINDOWS_SERVER_2016_FULL",
        Windows2019Full = "WINDOWS_SERVER_2019_FULL",
        Windows2019Core = "WINDOWS_SERVER_2019_CORE",
        Windows2004Core = "WINDOWS_SERVER_2004_CORE",
        Windows20H2Core = "WINDOWS_SERVER_20H2_CORE",
        Windows2022Full = "WINDOWS_SERVER_2022_FULL",
        Windows2022Core = "WINDOWS_SERVER_2022_CORE",
        Windows2025Full = "WINDOWS_SERVER_2025_FULL",
        Windows2025Core = "WINDOWS_SERVER_2025_CORE",
    }
}
