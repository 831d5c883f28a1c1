//! A task definition in the spec.

use std::collections::BTreeMap;

use landfall_model::types::{Ref, Set};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::amount::{Amount, CpuUnits, Mebibytes};
use super::container::Container;
use crate::kinds::iam_role::IamRole;

/// A task definition in the spec. Reading and writing go through the two `impl`s below, which
/// bring it to one form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Spec {
    /// The name of the family whose revisions it makes. Default: `<stack>-<name>`.
    #[serde(default)]
    pub family: String,
    /// The containers by name.
    pub containers: BTreeMap<String, Container>,
    /// The task's CPU units (1024 to a vCPU), or as `0.25 vCPU`. Fargate needs it.
    pub cpu: Option<Amount<CpuUnits>>,
    /// The task's memory in MiB, or as `0.5 GB`. Fargate needs it.
    pub memory: Option<Amount<Mebibytes>>,
    /// How its containers see the network. Default: bridge. Fargate needs awsvpc.
    #[serde(default)]
    pub network_mode: NetworkMode,
    /// Where it has to be able to run; AWS checks it for these.
    #[serde(default)]
    pub requires_compatibilities: Set<Compatibility>,
    /// The role with which ECS pulls images, reads secrets and writes logs.
    pub execution_role: Option<Ref<IamRole>>,
    /// The role that the containers have.
    pub task_role: Option<Ref<IamRole>>,
    /// The processor and operating system that it needs. Absent: Linux on x86_64 on Fargate,
    /// whatever an instance has on EC2.
    pub runtime_platform: Option<RuntimePlatform>,
    /// GiB of storage that its containers share on Fargate, from 21 to 200. Absent: 20.
    pub ephemeral_storage: Option<i32>,
    /// Volumes by name.
    #[serde(default)]
    pub volumes: BTreeMap<String, Volume>,
    /// Whose processes its containers see. Absent: each its own.
    pub pid_mode: Option<PidMode>,
    /// Whose shared memory its containers see (EC2 only).
    pub ipc_mode: Option<IpcMode>,
    /// Expressions of the cluster query language that an instance has to meet (EC2 only).
    #[serde(default)]
    pub placement_constraints: Set<String>,
    /// Whether its containers can ask for faults to be injected. Default: false.
    #[serde(default)]
    pub fault_injection: bool,
}

/// How containers see the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkMode {
    /// Each task has a network interface of its own.
    Awsvpc,
    /// Docker's network on the host, with ports mapped to the host's.
    #[default]
    Bridge,
    /// The host's network.
    Host,
    /// No network.
    None,
}

/// Where tasks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compatibility {
    /// On Fargate.
    Fargate,
    /// On EC2 instances.
    Ec2,
    /// On machines outside of AWS.
    External,
}

/// A processor and operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimePlatform {
    /// The processor. Default: x86_64.
    #[serde(default)]
    pub cpu_architecture: CpuArchitecture,
    /// The operating system. Default: linux.
    #[serde(default)]
    pub operating_system: OperatingSystem,
}

/// A processor's architecture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CpuArchitecture {
    /// Intel's and AMD's.
    #[default]
    #[serde(rename = "x86_64")]
    X86,
    /// Arm's, such as Graviton.
    Arm64,
}

/// An operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperatingSystem {
    /// Linux.
    #[default]
    Linux,
    /// Windows Server 2019, full.
    #[serde(rename = "windows_server_2019_full")]
    WindowsServer2019Full,
    /// Windows Server 2019, core.
    #[serde(rename = "windows_server_2019_core")]
    WindowsServer2019Core,
    /// Windows Server 2022, full.
    #[serde(rename = "windows_server_2022_full")]
    WindowsServer2022Full,
    /// Windows Server 2022, core.
    #[serde(rename = "windows_server_2022_core")]
    WindowsServer2022Core,
    /// Windows Server 2025, full.
    #[serde(rename = "windows_server_2025_full")]
    WindowsServer2025Full,
    /// Windows Server 2025, core.
    #[serde(rename = "windows_server_2025_core")]
    WindowsServer2025Core,
}

/// A volume: one of `host_path`, `efs` and `docker`, or none for storage that lives as long as the
/// task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// A path on the host (EC2 only).
    pub host_path: Option<String>,
    /// A file system of EFS.
    pub efs: Option<Efs>,
    /// A volume of Docker's (EC2 only).
    pub docker: Option<DockerVolume>,
    /// Whether the service or the call that starts the task says what it is. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub configured_at_launch: bool,
}

/// A file system of EFS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Efs {
    /// The file system's id.
    pub file_system: String,
    /// The directory that is the volume's root. Default: `/`.
    #[serde(default = "root")]
    pub root_directory: String,
    /// Whether what goes over the network is encrypted. Default: false.
    #[serde(default)]
    pub transit_encryption: bool,
    /// The port for it. Absent: EFS chooses.
    pub transit_encryption_port: Option<i32>,
    /// The id of the access point to use.
    pub access_point: Option<String>,
    /// Whether the task role decides what is allowed. Default: false.
    #[serde(default)]
    pub iam: bool,
}

pub(super) fn root() -> String {
    "/".to_owned()
}

/// A volume of Docker's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DockerVolume {
    /// How long it lives. Default: task.
    #[serde(default)]
    pub scope: DockerScope,
    /// Whether a shared one is made where it is missing. Default: false.
    #[serde(default)]
    pub autoprovision: bool,
    /// Docker's driver. Default: local.
    #[serde(default = "local")]
    pub driver: String,
    /// The driver's options.
    #[serde(default)]
    pub driver_opts: BTreeMap<String, String>,
    /// Docker labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

pub(super) fn local() -> String {
    "local".to_owned()
}

/// How long a volume of Docker's lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DockerScope {
    /// As long as the task.
    #[default]
    Task,
    /// Longer than the task.
    Shared,
}

/// Whose processes containers see.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PidMode {
    /// The host's.
    Host,
    /// The task's.
    Task,
}

/// Whose shared memory containers see.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IpcMode {
    /// The host's.
    Host,
    /// The task's.
    Task,
    /// Each its own.
    None,
}

/// Whether a field of a container has its default and need not be shown.
pub(super) fn unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Spec {
    /// Brings what means the same to one form: a port on the host that follows from the network
    /// mode, options that have fields of their own.
    pub(super) fn canonical(mut self) -> Spec {
        let network_mode = self.network_mode;
        self.containers.values_mut().for_each(|container| container.canonical(network_mode));
        self
    }

    /// Leaves out the region of logs where it is the stack's and the spec doesn't name it: only
    /// here both are known.
    pub(super) fn told_like(mut self, want: Option<&Spec>, region: &str) -> Spec {
        for (name, container) in &mut self.containers {
            let wanted = want.and_then(|want| want.containers.get(name)?.logging.as_ref());
            let named = wanted.is_some_and(|logging| logging.region.is_some());
            if let Some(logging) = &mut container.logging
                && !named
            {
                logging.region = logging.region.take().filter(|named| named != region);
            }
        }
        self
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Spec::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(Spec::canonical)
    }
}
