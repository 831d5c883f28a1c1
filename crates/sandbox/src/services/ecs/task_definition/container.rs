//! What a task definition says about a container.

use std::collections::BTreeMap;

use super::shape::{NameAndValue, shapes, words};

shapes! {
    ContainerDefinition {
        name: Option<String>,
        image: Option<String>,
        repository_credentials: Option<RepositoryCredentials>,
        cpu: Option<i64>,
        memory: Option<i64>,
        memory_reservation: Option<i64>,
        links: Option<Vec<String>>,
        port_mappings: Option<Vec<PortMapping>>,
        essential: Option<bool>,
        restart_policy: Option<RestartPolicy>,
        entry_point: Option<Vec<String>>,
        command: Option<Vec<String>>,
        environment: Option<Vec<NameAndValue>>,
        environment_files: Option<Vec<EnvironmentFile>>,
        mount_points: Option<Vec<MountPoint>>,
        volumes_from: Option<Vec<VolumeFrom>>,
        linux_parameters: Option<LinuxParameters>,
        secrets: Option<Vec<Secret>>,
        depends_on: Option<Vec<ContainerDependency>>,
        start_timeout: Option<i64>,
        stop_timeout: Option<i64>,
        version_consistency: Option<VersionConsistency>,
        hostname: Option<String>,
        user: Option<String>,
        working_directory: Option<String>,
        disable_networking: Option<bool>,
        privileged: Option<bool>,
        readonly_root_filesystem: Option<bool>,
        dns_servers: Option<Vec<String>>,
        dns_search_domains: Option<Vec<String>>,
        extra_hosts: Option<Vec<HostEntry>>,
        docker_security_options: Option<Vec<String>>,
        interactive: Option<bool>,
        pseudo_terminal: Option<bool>,
        docker_labels: Option<BTreeMap<String, String>>,
        ulimits: Option<Vec<Ulimit>>,
        log_configuration: Option<LogConfiguration>,
        health_check: Option<HealthCheck>,
        system_controls: Option<Vec<SystemControl>>,
        resource_requirements: Option<Vec<ResourceRequirement>>,
        firelens_configuration: Option<FirelensConfiguration>,
        credential_specs: Option<Vec<String>>,
    }
    RepositoryCredentials {
        credentials_parameter: String,
    }
    PortMapping {
        container_port: Option<i64>,
        host_port: Option<i64>,
        protocol: Option<TransportProtocol>,
        name: Option<String>,
        app_protocol: Option<ApplicationProtocol>,
        container_port_range: Option<String>,
    }
    RestartPolicy {
        enabled: bool,
        ignored_exit_codes: Option<Vec<i64>>,
        restart_attempt_period: Option<i64>,
    }
    EnvironmentFile {
        value: String,
        r#type: EnvironmentFileType,
    }
    MountPoint {
        source_volume: Option<String>,
        container_path: Option<String>,
        read_only: Option<bool>,
    }
    VolumeFrom {
        source_container: Option<String>,
        read_only: Option<bool>,
    }
    LinuxParameters {
        capabilities: Option<KernelCapabilities>,
        devices: Option<Vec<Device>>,
        init_process_enabled: Option<bool>,
        shared_memory_size: Option<i64>,
        tmpfs: Option<Vec<Tmpfs>>,
        max_swap: Option<i64>,
        swappiness: Option<i64>,
    }
    KernelCapabilities {
        add: Option<Vec<String>>,
        drop: Option<Vec<String>>,
    }
    Device {
        host_path: String,
        container_path: Option<String>,
        permissions: Option<Vec<DevicePermission>>,
    }
    Tmpfs {
        container_path: String,
        size: i64,
        mount_options: Option<Vec<String>>,
    }
    Secret {
        name: String,
        value_from: String,
    }
    ContainerDependency {
        container_name: String,
        condition: ContainerCondition,
    }
    HostEntry {
        hostname: String,
        ip_address: String,
    }
    Ulimit {
        name: UlimitName,
        soft_limit: i64,
        hard_limit: i64,
    }
    LogConfiguration {
        log_driver: LogDriver,
        options: Option<BTreeMap<String, String>>,
        secret_options: Option<Vec<Secret>>,
    }
    HealthCheck {
        command: Vec<String>,
        interval: Option<i64>,
        timeout: Option<i64>,
        retries: Option<i64>,
        start_period: Option<i64>,
    }
    SystemControl {
        namespace: Option<String>,
        value: Option<String>,
    }
    ResourceRequirement {
        value: String,
        r#type: ResourceType,
    }
    FirelensConfiguration {
        r#type: FirelensType,
        options: Option<BTreeMap<String, String>>,
    }
}

words! {
    TransportProtocol { Tcp = "tcp", Udp = "udp", }
    ApplicationProtocol { Http = "http", Http2 = "http2", Grpc = "grpc", }
    EnvironmentFileType { S3 = "s3", }
    DevicePermission { Read = "read", Write = "write", Mknod = "mknod", }
    ContainerCondition {
        Start = "START",
        Complete = "COMPLETE",
        Success = "SUCCESS",
        Healthy = "HEALTHY",
    }
    VersionConsistency { Enabled = "enabled", Disabled = "disabled", }
    UlimitName {
        Core = "core",
        Cpu = "cpu",
        Data = "data",
        Fsize = "fsize",
        Locks = "locks",
        Memlock = "memlock",
        Msgqueue = "msgqueue",
        Nice = "nice",
        Nofile = "nofile",
        Nproc = "nproc",
        Rss = "rss",
        Rtprio = "rtprio",
        Rttime = "rttime",
        Sigpending = "sigpending",
        Stack = "stack",
    }
    LogDriver {
        JsonFile = "json-file",
        Syslog = "syslog",
        Journald = "journald",
        Gelf = "gelf",
        Fluentd = "fluentd",
        Awslogs = "awslogs",
        Splunk = "splunk",
        Awsfirelens = "awsfirelens",
    }
    ResourceType {
        Gpu = "GPU",
        InferenceAccelerator = "InferenceAccelerator",
        NeuronDevice = "NeuronDevice",
    }
    FirelensType { Fluentd = "fluentd", Fluentbit = "fluentbit", }
}

impl ContainerDefinition {
    /// Its name, which every accepted container has.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Whether its end ends the task. ECS API, ContainerDefinition: so unless it says otherwise.
    pub fn is_essential(&self) -> bool {
        self.essential != Some(false)
    }

    /// Its secrets, those of its log driver among them.
    pub fn all_secrets(&self) -> impl Iterator<Item = &Secret> {
        let of_log = self.log_configuration.iter().flat_map(|log| list(&log.secret_options));
        list(&self.secrets).iter().chain(of_log)
    }
}

/// A list that may be missing.
pub(super) fn list<T>(given: &Option<Vec<T>>) -> &[T] {
    given.as_deref().unwrap_or_default()
}
