//! A task definition from AWS to the spec. What AWS adds by itself falls away here: empty lists
//! and texts, `cpu: 0`, an explicit default.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ecs::types as aws_ecs;
use landfall_model::types::Ref;

use super::amount::Amount;
use super::container::{
    Capabilities, Container, Device, ExtraHost, Firelens, HealthCheck, Logging, Mount, Port,
    RestartPolicy, Tmpfs, Ulimit, VolumesFrom, all_permissions, five, five_minutes, thirty, three,
};
use super::spec::{DockerVolume, Efs, RuntimePlatform, Spec, Volume, local, root};
use crate::services::ecs::{filled, spoken};

/// A revision as a spec.
pub(super) fn spec(is: aws_ecs::TaskDefinition) -> Spec {
    let containers = is.container_definitions.unwrap_or_default().into_iter();
    let constraints = is.placement_constraints.unwrap_or_default().into_iter();
    let volumes = is.volumes.unwrap_or_default().into_iter();
    Spec {
        family: is.family.unwrap_or_default(),
        containers: containers
            .map(|mut one| (one.name.take().unwrap_or_default(), container(one)))
            .collect(),
        cpu: filled(is.cpu).and_then(|cpu| Amount::parse(&cpu)),
        memory: filled(is.memory).and_then(|memory| Amount::parse(&memory)),
        network_mode: is.network_mode.and_then(|mode| spoken(mode.as_str())).unwrap_or_default(),
        requires_compatibilities: is
            .requires_compatibilities
            .unwrap_or_default()
            .iter()
            .filter_map(|one| spoken(one.as_str()))
            .collect(),
        execution_role: filled(is.execution_role_arn).map(Ref::new),
        task_role: filled(is.task_role_arn).map(Ref::new),
        runtime_platform: is.runtime_platform.and_then(platform),
        ephemeral_storage: is.ephemeral_storage.map(|storage| storage.size_in_gib),
        volumes: volumes
            .map(|mut one| (one.name.take().unwrap_or_default(), volume(one)))
            .collect(),
        pid_mode: is.pid_mode.and_then(|mode| spoken(mode.as_str())),
        ipc_mode: is.ipc_mode.and_then(|mode| spoken(mode.as_str())),
        placement_constraints: constraints.filter_map(|one| filled(one.expression)).collect(),
        fault_injection: is.enable_fault_injection.unwrap_or_default(),
    }
    .canonical()
}

fn platform(is: aws_ecs::RuntimePlatform) -> Option<RuntimePlatform> {
    if is.cpu_architecture.is_none() && is.operating_system_family.is_none() {
        return None;
    }
    Some(RuntimePlatform {
        cpu_architecture: is
            .cpu_architecture
            .and_then(|one| spoken(one.as_str()))
            .unwrap_or_default(),
        operating_system: is
            .operating_system_family
            .and_then(|one| spoken(one.as_str()))
            .unwrap_or_default(),
    })
}

fn map(map: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    map.unwrap_or_default().into_iter().collect()
}

fn secrets(secrets: Option<Vec<aws_ecs::Secret>>) -> BTreeMap<String, String> {
    let secrets = secrets.unwrap_or_default().into_iter();
    secrets.map(|secret| (secret.name, secret.value_from)).collect()
}

fn container(is: aws_ecs::ContainerDefinition) -> Container {
    let environment = is.environment.unwrap_or_default().into_iter();
    let files = is.environment_files.unwrap_or_default().into_iter();
    let mounts = is.mount_points.unwrap_or_default().into_iter();
    let volumes_from = is.volumes_from.unwrap_or_default().into_iter();
    let depends_on = is.depends_on.unwrap_or_default().into_iter();
    let ulimits = is.ulimits.unwrap_or_default().into_iter();
    let hosts = is.extra_hosts.unwrap_or_default().into_iter();
    let controls = is.system_controls.unwrap_or_default().into_iter();
    let gpus = is.resource_requirements.unwrap_or_default();
    let gpu = gpus.iter().find(|one| one.r#type == aws_ecs::ResourceType::Gpu);
    let linux = is.linux_parameters.unwrap_or_else(|| aws_ecs::LinuxParameters::builder().build());
    let capabilities = linux.capabilities.map(|capabilities| Capabilities {
        add: capabilities.add.unwrap_or_default().into_iter().collect(),
        drop: capabilities.drop.unwrap_or_default().into_iter().collect(),
    });
    Container {
        image: is.image.unwrap_or_default(),
        cpu: is.cpu,
        memory: is.memory,
        memory_reservation: is.memory_reservation,
        essential: is.essential.unwrap_or(true),
        ports: is.port_mappings.unwrap_or_default().into_iter().map(port).collect(),
        environment: environment
            .filter_map(|pair| Some((pair.name?, pair.value.unwrap_or_default())))
            .collect(),
        environment_files: files.map(|file| file.value).collect(),
        secrets: secrets(is.secrets),
        command: is.command.unwrap_or_default(),
        entry_point: is.entry_point.unwrap_or_default(),
        working_directory: filled(is.working_directory),
        user: filled(is.user),
        read_only_root: is.readonly_root_filesystem.unwrap_or_default(),
        privileged: is.privileged.unwrap_or_default(),
        init_process: linux.init_process_enabled.unwrap_or_default(),
        capabilities: capabilities.unwrap_or_default(),
        tmpfs: linux.tmpfs.unwrap_or_default().into_iter().map(tmpfs).collect(),
        shared_memory: linux.shared_memory_size,
        max_swap: linux.max_swap,
        swappiness: linux.swappiness,
        devices: linux.devices.unwrap_or_default().into_iter().map(device).collect(),
        ulimits: ulimits
            .map(|limit| {
                let both = Ulimit { soft: limit.soft_limit, hard: limit.hard_limit };
                (limit.name.as_str().to_owned(), both)
            })
            .collect(),
        mounts: mounts
            .map(|mount| Mount {
                volume: mount.source_volume.unwrap_or_default(),
                path: mount.container_path.unwrap_or_default(),
                read_only: mount.read_only.unwrap_or_default(),
            })
            .collect(),
        volumes_from: volumes_from
            .map(|from| VolumesFrom {
                container: from.source_container.unwrap_or_default(),
                read_only: from.read_only.unwrap_or_default(),
            })
            .collect(),
        depends_on: depends_on
            .filter_map(|one| Some((one.container_name, spoken(one.condition.as_str())?)))
            .collect(),
        health_check: is.health_check.map(health_check),
        logging: is.log_configuration.map(logging),
        firelens: is.firelens_configuration.map(|firelens| Firelens {
            router: spoken(firelens.r#type.as_str()).unwrap_or_default(),
            options: map(firelens.options),
        }),
        restart_policy: is.restart_policy.map(|policy| RestartPolicy {
            enabled: policy.enabled,
            ignored_exit_codes: policy.ignored_exit_codes.unwrap_or_default().into_iter().collect(),
            attempt_period: policy.restart_attempt_period.unwrap_or_else(five_minutes),
        }),
        docker_labels: map(is.docker_labels),
        start_timeout: is.start_timeout,
        stop_timeout: is.stop_timeout,
        hostname: filled(is.hostname),
        extra_hosts: hosts
            .map(|host| ExtraHost { hostname: host.hostname, ip_address: host.ip_address })
            .collect(),
        links: is.links.unwrap_or_default(),
        dns_servers: is.dns_servers.unwrap_or_default(),
        dns_search_domains: is.dns_search_domains.unwrap_or_default(),
        disable_networking: is.disable_networking.unwrap_or_default(),
        repository_credentials: is.repository_credentials.map(|one| one.credentials_parameter),
        system_controls: controls.filter_map(|one| Some((one.namespace?, one.value?))).collect(),
        gpu: gpu.and_then(|gpu| gpu.value.parse().ok()),
        docker_security_options: is.docker_security_options.unwrap_or_default(),
        credential_specs: is.credential_specs.unwrap_or_default(),
        interactive: is.interactive.unwrap_or_default(),
        pseudo_terminal: is.pseudo_terminal.unwrap_or_default(),
        version_consistency: is
            .version_consistency
            .and_then(|one| spoken(one.as_str()))
            .unwrap_or_default(),
    }
}

fn port(is: aws_ecs::PortMapping) -> Port {
    Port {
        container_port: is.container_port.unwrap_or_default(),
        host_port: is.host_port,
        protocol: is.protocol.and_then(|one| spoken(one.as_str())).unwrap_or_default(),
        name: filled(is.name),
        app_protocol: is.app_protocol.and_then(|one| spoken(one.as_str())),
    }
}

fn tmpfs(is: aws_ecs::Tmpfs) -> (String, Tmpfs) {
    let options = is.mount_options.unwrap_or_default().into_iter().collect();
    (is.container_path, Tmpfs { size: is.size, options })
}

fn device(is: aws_ecs::Device) -> (String, Device) {
    let permissions = is.permissions.unwrap_or_default();
    let permissions = match permissions.is_empty() {
        true => all_permissions(),
        false => permissions.iter().filter_map(|one| spoken(one.as_str())).collect(),
    };
    (is.host_path, Device { container_path: filled(is.container_path), permissions })
}

fn health_check(is: aws_ecs::HealthCheck) -> HealthCheck {
    HealthCheck {
        command: is.command,
        interval: is.interval.unwrap_or_else(thirty),
        timeout: is.timeout.unwrap_or_else(five),
        retries: is.retries.unwrap_or_else(three),
        start_period: is.start_period.unwrap_or_default(),
    }
}

fn logging(is: aws_ecs::LogConfiguration) -> Logging {
    Logging {
        driver: spoken(is.log_driver.as_str()).unwrap_or_default(),
        options: map(is.options),
        secret_options: secrets(is.secret_options),
        ..Logging::default()
    }
}

fn volume(is: aws_ecs::Volume) -> Volume {
    Volume {
        host_path: is.host.and_then(|host| filled(host.source_path)),
        efs: is.efs_volume_configuration.map(efs),
        docker: is.docker_volume_configuration.map(|docker| DockerVolume {
            scope: docker.scope.and_then(|scope| spoken(scope.as_str())).unwrap_or_default(),
            autoprovision: docker.autoprovision.unwrap_or_default(),
            driver: filled(docker.driver).unwrap_or_else(local),
            driver_opts: map(docker.driver_opts),
            labels: map(docker.labels),
        }),
        configured_at_launch: is.configured_at_launch.unwrap_or_default(),
    }
}

fn efs(is: aws_ecs::EfsVolumeConfiguration) -> Efs {
    let authorization = is.authorization_config;
    let iam = authorization.as_ref().and_then(|config| config.iam.clone());
    Efs {
        file_system: is.file_system_id,
        root_directory: filled(is.root_directory).unwrap_or_else(root),
        transit_encryption: is.transit_encryption == Some(aws_ecs::EfsTransitEncryption::Enabled),
        transit_encryption_port: is.transit_encryption_port,
        access_point: authorization.and_then(|config| filled(config.access_point_id)),
        iam: iam == Some(aws_ecs::EfsAuthorizationConfigIam::Enabled),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What AWS answers about a container for which only an image, a port and logs were given.
    fn noisy() -> aws_ecs::ContainerDefinition {
        let port = aws_ecs::PortMapping::builder().container_port(80).host_port(80);
        let port = port.protocol(aws_ecs::TransportProtocol::Tcp).build();
        let log = aws_ecs::LogConfiguration::builder()
            .log_driver(aws_ecs::LogDriver::Awslogs)
            .options("awslogs-group", "/ecs/app")
            .options("awslogs-region", "us-east-1");
        aws_ecs::ContainerDefinition::builder()
            .name("app")
            .image("app:1")
            .cpu(0)
            .essential(true)
            .port_mappings(port)
            .set_environment(Some(Vec::new()))
            .set_mount_points(Some(Vec::new()))
            .set_volumes_from(Some(Vec::new()))
            .set_system_controls(Some(Vec::new()))
            .set_log_configuration(log.build().ok())
            .build()
    }

    #[test]
    fn what_aws_adds_falls_away() {
        let live = aws_ecs::TaskDefinition::builder()
            .family("app")
            .network_mode(aws_ecs::NetworkMode::Awsvpc)
            .task_role_arn("")
            .container_definitions(noisy())
            .build();
        let live = spec(live).told_like(None, "us-east-1");
        let written: Spec = serde_json::from_value(json!({
            "family": "app",
            "network_mode": "awsvpc",
            "containers": { "app": {
                "image": "app:1",
                "ports": [{ "container_port": 80 }],
                "logging": { "log_group": "/ecs/app" },
            } },
        }))
        .expect("a spec");
        assert_eq!(live, written);
    }
}
