//! A container of a task definition, in the spec.

use std::collections::BTreeMap;

use landfall_model::types::{Ref, Set};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spec::{NetworkMode, unset};
use crate::kinds::log_group::LogGroup;

/// A container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// The image to run.
    pub image: String,
    /// CPU units (1024 to a vCPU) reserved for it. Default: 0, a fair share.
    #[serde(default, skip_serializing_if = "unset")]
    pub cpu: i32,
    /// The MiB of memory at which it is killed. Absent: the task's.
    pub memory: Option<i32>,
    /// The MiB of memory reserved for it.
    pub memory_reservation: Option<i32>,
    /// Whether the task stops when it stops. Default: true.
    #[serde(default = "yes")]
    pub essential: bool,
    /// The ports that it listens on.
    #[serde(default, skip_serializing_if = "unset")]
    pub ports: Set<Port>,
    /// Environment variables by name.
    #[serde(default, skip_serializing_if = "unset")]
    pub environment: BTreeMap<String, String>,
    /// ARNs of files in S3 that hold environment variables. The first to name one wins.
    #[serde(default, skip_serializing_if = "unset")]
    pub environment_files: Vec<String>,
    /// Environment variables by name, with the ARN of the secret in Secrets Manager, or the ARN or
    /// name of the parameter in Systems Manager, that holds the value.
    #[serde(default, skip_serializing_if = "unset")]
    pub secrets: BTreeMap<String, String>,
    /// What the entry point gets. Default: the image's command.
    #[serde(default, skip_serializing_if = "unset")]
    pub command: Vec<String>,
    /// What is run. Default: the image's entry point.
    #[serde(default, skip_serializing_if = "unset")]
    pub entry_point: Vec<String>,
    /// The directory in which it runs. Default: the image's.
    pub working_directory: Option<String>,
    /// The user, by name or number, with a group behind a colon. Default: the image's.
    pub user: Option<String>,
    /// Whether its root file system can only be read. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub read_only_root: bool,
    /// Whether it has the host's rights (EC2 only). Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub privileged: bool,
    /// Whether an init process reaps processes and passes signals on. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub init_process: bool,
    /// Linux capabilities beyond or short of Docker's default.
    #[serde(default, skip_serializing_if = "unset")]
    pub capabilities: Capabilities,
    /// File systems in memory, by the path in the container.
    #[serde(default, skip_serializing_if = "unset")]
    pub tmpfs: BTreeMap<String, Tmpfs>,
    /// The size of `/dev/shm` in MiB (EC2 only).
    pub shared_memory: Option<i32>,
    /// The MiB of swap that it may use (EC2 only).
    pub max_swap: Option<i32>,
    /// How readily its memory is swapped, from 0 to 100 (EC2 only).
    pub swappiness: Option<i32>,
    /// Devices of the host, by the path on the host (EC2 only).
    #[serde(default, skip_serializing_if = "unset")]
    pub devices: BTreeMap<String, Device>,
    /// Resource limits by name, such as `nofile`.
    #[serde(default, skip_serializing_if = "unset")]
    pub ulimits: BTreeMap<String, Ulimit>,
    /// The volumes that it sees.
    #[serde(default, skip_serializing_if = "unset")]
    pub mounts: Set<Mount>,
    /// Other containers whose mounts it sees, too.
    #[serde(default, skip_serializing_if = "unset")]
    pub volumes_from: Set<VolumesFrom>,
    /// Other containers that come first, with how far they have to be.
    #[serde(default, skip_serializing_if = "unset")]
    pub depends_on: BTreeMap<String, Condition>,
    /// How ECS tells that it works.
    pub health_check: Option<HealthCheck>,
    /// Where its output goes. Absent: to the host's default driver; on Fargate nowhere.
    pub logging: Option<Logging>,
    /// Makes it the task's log router.
    pub firelens: Option<Firelens>,
    /// Whether and when ECS restarts it in its task.
    pub restart_policy: Option<RestartPolicy>,
    /// Docker labels.
    #[serde(default, skip_serializing_if = "unset")]
    pub docker_labels: BTreeMap<String, String>,
    /// How many seconds its dependencies may take before it is given up.
    pub start_timeout: Option<i32>,
    /// How many seconds it may take to stop before it is killed. Default: 30.
    pub stop_timeout: Option<i32>,
    /// Its host name (not with `awsvpc`).
    pub hostname: Option<String>,
    /// Entries for `/etc/hosts` (not with `awsvpc`).
    #[serde(default, skip_serializing_if = "unset")]
    pub extra_hosts: Vec<ExtraHost>,
    /// Containers that it reaches by name (with `bridge` only).
    #[serde(default, skip_serializing_if = "unset")]
    pub links: Vec<String>,
    /// Name servers.
    #[serde(default, skip_serializing_if = "unset")]
    pub dns_servers: Vec<String>,
    /// Domains in which names are looked up.
    #[serde(default, skip_serializing_if = "unset")]
    pub dns_search_domains: Vec<String>,
    /// Whether it has no network at all. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub disable_networking: bool,
    /// The ARN of the secret with the user and password of the image's registry.
    pub repository_credentials: Option<String>,
    /// Kernel parameters by name, such as `net.core.somaxconn`.
    #[serde(default, skip_serializing_if = "unset")]
    pub system_controls: BTreeMap<String, String>,
    /// How many GPUs it has for itself (EC2 only).
    pub gpu: Option<i32>,
    /// Options for SELinux, AppArmor and the like (EC2 only).
    #[serde(default, skip_serializing_if = "unset")]
    pub docker_security_options: Vec<String>,
    /// ARNs of credential specs for Active Directory.
    #[serde(default, skip_serializing_if = "unset")]
    pub credential_specs: Vec<String>,
    /// Whether its standard input stays open. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub interactive: bool,
    /// Whether it has a terminal. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub pseudo_terminal: bool,
    /// Whether a service's tasks all run the image that the tag meant at its deployment. Default:
    /// enabled.
    #[serde(default, skip_serializing_if = "unset")]
    pub version_consistency: VersionConsistency,
}

pub(super) fn yes() -> bool {
    true
}

/// A port that a container listens on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The port in the container.
    pub container_port: i32,
    /// The port on the host. Absent: the same with `awsvpc` and `host`, any free one with `bridge`.
    pub host_port: Option<i32>,
    /// The protocol. Default: tcp.
    #[serde(default)]
    pub protocol: Protocol,
    /// The name by which Service Connect knows it.
    pub name: Option<String>,
    /// What Service Connect takes the traffic for.
    pub app_protocol: Option<AppProtocol>,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

/// An application's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppProtocol {
    /// HTTP/1.
    Http,
    /// HTTP/2.
    Http2,
    /// gRPC.
    Grpc,
}

/// Linux capabilities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Those beyond Docker's default. Fargate takes only `SYS_PTRACE`.
    #[serde(default, skip_serializing_if = "unset")]
    pub add: Set<String>,
    /// Those to take away, or `ALL`.
    #[serde(default, skip_serializing_if = "unset")]
    pub drop: Set<String>,
}

/// A file system in memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tmpfs {
    /// Its size in MiB.
    pub size: i32,
    /// Mount options, such as `noexec`.
    #[serde(default, skip_serializing_if = "unset")]
    pub options: Set<String>,
}

/// A device of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The path in the container. Default: the same as on the host.
    pub container_path: Option<String>,
    /// What the container may do with it. Default: everything.
    #[serde(default = "all_permissions")]
    pub permissions: Set<DevicePermission>,
}

/// What a container may do with a device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DevicePermission {
    /// Read from it.
    Read,
    /// Write to it.
    Write,
    /// Make its node.
    Mknod,
}

pub(super) fn all_permissions() -> Set<DevicePermission> {
    [DevicePermission::Read, DevicePermission::Write, DevicePermission::Mknod].into_iter().collect()
}

/// A resource limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ulimit {
    /// The limit that holds at first.
    pub soft: i32,
    /// The limit to which a process may raise its own.
    pub hard: i32,
}

/// A volume that a container sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// One of the task's volumes.
    pub volume: String,
    /// The path in the container.
    pub path: String,
    /// Whether it can only be read. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub read_only: bool,
}

/// Another container's mounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumesFrom {
    /// The other container.
    pub container: String,
    /// Whether they can only be read. Default: false.
    #[serde(default, skip_serializing_if = "unset")]
    pub read_only: bool,
}

/// How far another container has to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It has started.
    Start,
    /// It has ended.
    Complete,
    /// It has ended with exit code 0.
    Success,
    /// Its health check has passed.
    Healthy,
}

/// How ECS tells that a container works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// The command to run: `CMD` and its words, or `CMD-SHELL` and a line for the shell.
    pub command: Vec<String>,
    /// Seconds between two checks. Default: 30.
    #[serde(default = "thirty")]
    pub interval: i32,
    /// Seconds after which a check has failed. Default: 5.
    #[serde(default = "five")]
    pub timeout: i32,
    /// How many failures in a row make it unhealthy. Default: 3.
    #[serde(default = "three")]
    pub retries: i32,
    /// Seconds at the start in which failures don't count. Default: 0.
    #[serde(default)]
    pub start_period: i32,
}

pub(super) fn thirty() -> i32 {
    30
}

pub(super) fn five() -> i32 {
    5
}

pub(super) fn three() -> i32 {
    3
}

/// Where a container's output goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// The driver. Default: awslogs.
    #[serde(default)]
    pub driver: LogDriver,
    /// The log group, with the driver `awslogs`.
    pub log_group: Option<Ref<LogGroup>>,
    /// The log group's region. Absent: the stack's.
    pub region: Option<String>,
    /// What the names of the log streams begin with. Fargate needs one.
    pub stream_prefix: Option<String>,
    /// The driver's further options.
    #[serde(default, skip_serializing_if = "unset")]
    pub options: BTreeMap<String, String>,
    /// Options whose values are secrets, by the ARN of each.
    #[serde(default, skip_serializing_if = "unset")]
    pub secret_options: BTreeMap<String, String>,
}

/// A log driver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogDriver {
    /// CloudWatch Logs.
    #[default]
    Awslogs,
    /// The task's log router.
    Awsfirelens,
    /// Splunk.
    Splunk,
    /// Fluentd (EC2 only).
    Fluentd,
    /// Graylog's format (EC2 only).
    Gelf,
    /// The host's journal (EC2 only).
    Journald,
    /// Files on the host (EC2 only).
    JsonFile,
    /// Syslog (EC2 only).
    Syslog,
}

/// A log router.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Firelens {
    /// Which router.
    #[serde(rename = "type")]
    pub router: FirelensType,
    /// Its options, such as `config-file-value`.
    #[serde(default, skip_serializing_if = "unset")]
    pub options: BTreeMap<String, String>,
}

/// Which log router.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirelensType {
    /// Fluent Bit.
    #[default]
    Fluentbit,
    /// Fluentd.
    Fluentd,
}

/// Whether and when ECS restarts a container in its task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartPolicy {
    /// Whether it does. Default: true.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Exit codes after which it does not.
    #[serde(default, skip_serializing_if = "unset")]
    pub ignored_exit_codes: Set<i32>,
    /// Seconds that the container has to have run. Default: 300.
    #[serde(default = "five_minutes")]
    pub attempt_period: i32,
}

pub(super) fn five_minutes() -> i32 {
    300
}

/// An entry for `/etc/hosts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraHost {
    /// The name.
    pub hostname: String,
    /// Its address.
    pub ip_address: String,
}

/// Whether a service's tasks all run the image that the tag meant at its deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionConsistency {
    /// They do.
    #[default]
    Enabled,
    /// Each runs what the tag means when it starts.
    Disabled,
}

/// The options of `awslogs` that have fields of their own.
pub(super) const LOG_GROUP: &str = "awslogs-group";
/// See [`LOG_GROUP`].
pub(super) const LOG_REGION: &str = "awslogs-region";
/// See [`LOG_GROUP`].
pub(super) const LOG_PREFIX: &str = "awslogs-stream-prefix";

impl Logging {
    /// Gives options that have a field of their own to it.
    fn canonical(&mut self) {
        if self.driver != LogDriver::Awslogs {
            return;
        }
        let group = self.options.remove(LOG_GROUP).map(Ref::new);
        self.log_group = self.log_group.take().or(group);
        self.region = self.region.take().or(self.options.remove(LOG_REGION));
        self.stream_prefix = self.stream_prefix.take().or(self.options.remove(LOG_PREFIX));
    }
}

impl Container {
    /// Brings what means the same to one form.
    pub(super) fn canonical(&mut self, network_mode: NetworkMode) {
        let same = matches!(network_mode, NetworkMode::Awsvpc | NetworkMode::Host);
        let ports = self.ports.iter().cloned().map(|mut port| {
            let implied = if same { port.container_port } else { 0 };
            port.host_port = port.host_port.filter(|host| *host != implied);
            port
        });
        self.ports = ports.collect();
        if let Some(logging) = &mut self.logging {
            logging.canonical();
        }
        for (host, device) in &mut self.devices {
            device.container_path = device.container_path.take().filter(|path| path != host);
        }
    }
}
