//! A task definition from the spec to AWS. Builders that can fail do so only without a field that
//! is always given, hence the many `ok()`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ecs::error::SdkError;
use aws_sdk_ecs::operation::register_task_definition::{
    RegisterTaskDefinitionError, RegisterTaskDefinitionOutput,
};
use aws_sdk_ecs::types as aws_ecs;
use landfall_model::Tags;
use serde::Serialize;

use super::container::{
    Container, HealthCheck, LOG_GROUP, LOG_PREFIX, LOG_REGION, LogDriver, Logging, Port,
    RestartPolicy,
};
use super::spec::{DockerScope, DockerVolume, Efs, Spec, Volume, root};
use crate::Aws;
use crate::services::ecs::{self, capitals, word};

/// Makes a revision.
pub(super) async fn register(
    aws: &Aws,
    want: &Spec,
    tags: &Tags,
) -> Result<RegisterTaskDefinitionOutput, SdkError<RegisterTaskDefinitionError>> {
    let containers = want.containers.iter();
    let containers =
        containers.map(|(name, container)| definition(name, container, &aws.region)).collect();
    let platform = want.runtime_platform.map(|platform| {
        aws_ecs::RuntimePlatform::builder()
            .cpu_architecture(capitals(&platform.cpu_architecture).as_str().into())
            .operating_system_family(capitals(&platform.operating_system).as_str().into())
            .build()
    });
    let storage = want
        .ephemeral_storage
        .map(|size| aws_ecs::EphemeralStorage::builder().size_in_gib(size).build());
    let constraints = want.placement_constraints.iter().map(|expression| {
        aws_ecs::TaskDefinitionPlacementConstraint::builder()
            .r#type(aws_ecs::TaskDefinitionPlacementConstraintType::MemberOf)
            .expression(expression)
            .build()
    });
    aws.ecs
        .register_task_definition()
        .family(&want.family)
        .set_container_definitions(Some(containers))
        .set_cpu(want.cpu.as_ref().map(|cpu| cpu.as_str().to_owned()))
        .set_memory(want.memory.as_ref().map(|memory| memory.as_str().to_owned()))
        .network_mode(word(&want.network_mode).as_str().into())
        .set_requires_compatibilities(some(
            want.requires_compatibilities.iter().map(|one| capitals(one).as_str().into()),
        ))
        .set_execution_role_arn(want.execution_role.as_ref().map(String::from))
        .set_task_role_arn(want.task_role.as_ref().map(String::from))
        .set_runtime_platform(platform)
        .set_ephemeral_storage(storage)
        .set_volumes(some(want.volumes.iter().map(|(name, one)| volume(name, one))))
        .set_pid_mode(want.pid_mode.map(|mode| word(&mode).as_str().into()))
        .set_ipc_mode(want.ipc_mode.map(|mode| word(&mode).as_str().into()))
        .set_placement_constraints(some(constraints))
        .set_enable_fault_injection(want.fault_injection.then_some(true))
        .set_tags(Some(ecs::tags(tags)))
        .send()
        .await
}

/// A list for AWS; none where it would be empty.
fn some<T>(items: impl IntoIterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.into_iter().collect();
    (!items.is_empty()).then_some(items)
}

fn some_map(map: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    let pairs = map.iter().map(|(key, value)| (key.clone(), value.clone()));
    (!map.is_empty()).then(|| pairs.collect())
}

fn texts(texts: &[String]) -> Option<Vec<String>> {
    some(texts.iter().cloned())
}

fn secrets(secrets: &BTreeMap<String, String>) -> Option<Vec<aws_ecs::Secret>> {
    some(secrets.iter().filter_map(|(name, from)| {
        aws_ecs::Secret::builder().name(name).value_from(from).build().ok()
    }))
}

fn definition(name: &str, want: &Container, region: &str) -> aws_ecs::ContainerDefinition {
    let environment = want
        .environment
        .iter()
        .map(|(name, value)| aws_ecs::KeyValuePair::builder().name(name).value(value).build());
    let files = want.environment_files.iter().filter_map(|file| {
        let file = aws_ecs::EnvironmentFile::builder().value(file);
        file.r#type(aws_ecs::EnvironmentFileType::S3).build().ok()
    });
    let mounts = want.mounts.iter().map(|mount| {
        aws_ecs::MountPoint::builder()
            .source_volume(&mount.volume)
            .container_path(&mount.path)
            .read_only(mount.read_only)
            .build()
    });
    let volumes_from = want.volumes_from.iter().map(|from| {
        let volume = aws_ecs::VolumeFrom::builder().source_container(&from.container);
        volume.read_only(from.read_only).build()
    });
    let depends_on = want.depends_on.iter().filter_map(|(other, condition)| {
        aws_ecs::ContainerDependency::builder()
            .container_name(other)
            .condition(capitals(condition).as_str().into())
            .build()
            .ok()
    });
    let ulimits = want.ulimits.iter().filter_map(|(name, limit)| {
        aws_ecs::Ulimit::builder()
            .name(name.as_str().into())
            .soft_limit(limit.soft)
            .hard_limit(limit.hard)
            .build()
            .ok()
    });
    let hosts = want.extra_hosts.iter().filter_map(|host| {
        let entry = aws_ecs::HostEntry::builder().hostname(&host.hostname);
        entry.ip_address(&host.ip_address).build().ok()
    });
    let controls = want.system_controls.iter().map(|(name, value)| {
        aws_ecs::SystemControl::builder().namespace(name).value(value).build()
    });
    let gpu = want.gpu.and_then(|count| {
        let requirement = aws_ecs::ResourceRequirement::builder().value(count.to_string());
        requirement.r#type(aws_ecs::ResourceType::Gpu).build().ok()
    });
    let firelens = want.firelens.as_ref().and_then(|firelens| {
        aws_ecs::FirelensConfiguration::builder()
            .r#type(word(&firelens.router).as_str().into())
            .set_options(some_map(&firelens.options))
            .build()
            .ok()
    });
    let credentials = want.repository_credentials.as_ref().and_then(|secret| {
        aws_ecs::RepositoryCredentials::builder().credentials_parameter(secret).build().ok()
    });
    let consistency = (want.version_consistency != Default::default())
        .then(|| word(&want.version_consistency).as_str().into());
    aws_ecs::ContainerDefinition::builder()
        .name(name)
        .image(&want.image)
        .cpu(want.cpu)
        .set_memory(want.memory)
        .set_memory_reservation(want.memory_reservation)
        .essential(want.essential)
        .set_port_mappings(some(want.ports.iter().map(port)))
        .set_environment(some(environment))
        .set_environment_files(some(files))
        .set_secrets(secrets(&want.secrets))
        .set_command(texts(&want.command))
        .set_entry_point(texts(&want.entry_point))
        .set_working_directory(want.working_directory.clone())
        .set_user(want.user.clone())
        .set_readonly_root_filesystem(on(want.read_only_root))
        .set_privileged(on(want.privileged))
        .set_linux_parameters(linux(want))
        .set_ulimits(some(ulimits))
        .set_mount_points(some(mounts))
        .set_volumes_from(some(volumes_from))
        .set_depends_on(some(depends_on))
        .set_health_check(want.health_check.as_ref().and_then(health_check))
        .set_log_configuration(want.logging.as_ref().and_then(|logging| log(logging, region)))
        .set_firelens_configuration(firelens)
        .set_restart_policy(want.restart_policy.as_ref().and_then(restart_policy))
        .set_docker_labels(some_map(&want.docker_labels))
        .set_start_timeout(want.start_timeout)
        .set_stop_timeout(want.stop_timeout)
        .set_hostname(want.hostname.clone())
        .set_extra_hosts(some(hosts))
        .set_links(texts(&want.links))
        .set_dns_servers(texts(&want.dns_servers))
        .set_dns_search_domains(texts(&want.dns_search_domains))
        .set_disable_networking(on(want.disable_networking))
        .set_repository_credentials(credentials)
        .set_system_controls(some(controls))
        .set_resource_requirements(some(gpu))
        .set_docker_security_options(texts(&want.docker_security_options))
        .set_credential_specs(texts(&want.credential_specs))
        .set_interactive(on(want.interactive))
        .set_pseudo_terminal(on(want.pseudo_terminal))
        .set_version_consistency(consistency)
        .build()
}

/// A switch that is off is not sent: AWS refuses some of them on Fargate whatever their value.
fn on(switch: bool) -> Option<bool> {
    switch.then_some(true)
}

fn port(port: &Port) -> aws_ecs::PortMapping {
    aws_ecs::PortMapping::builder()
        .container_port(port.container_port)
        .set_host_port(port.host_port)
        .protocol(word(&port.protocol).as_str().into())
        .set_name(port.name.clone())
        .set_app_protocol(port.app_protocol.map(|protocol| word(&protocol).as_str().into()))
        .build()
}

fn linux(want: &Container) -> Option<aws_ecs::LinuxParameters> {
    let capabilities = (want.capabilities != Default::default()).then(|| {
        aws_ecs::KernelCapabilities::builder()
            .set_add(some(want.capabilities.add.iter().cloned()))
            .set_drop(some(want.capabilities.drop.iter().cloned()))
            .build()
    });
    let tmpfs = want.tmpfs.iter().filter_map(|(path, tmpfs)| {
        aws_ecs::Tmpfs::builder()
            .container_path(path)
            .size(tmpfs.size)
            .set_mount_options(some(tmpfs.options.iter().cloned()))
            .build()
            .ok()
    });
    let devices = want.devices.iter().filter_map(|(path, device)| {
        aws_ecs::Device::builder()
            .host_path(path)
            .set_container_path(device.container_path.clone())
            .set_permissions(some(device.permissions.iter().map(spelt)))
            .build()
            .ok()
    });
    let parameters = aws_ecs::LinuxParameters::builder()
        .set_capabilities(capabilities)
        .set_devices(some(devices))
        .set_init_process_enabled(on(want.init_process))
        .set_shared_memory_size(want.shared_memory)
        .set_tmpfs(some(tmpfs))
        .set_max_swap(want.max_swap)
        .set_swappiness(want.swappiness)
        .build();
    (parameters != aws_ecs::LinuxParameters::builder().build()).then_some(parameters)
}

fn spelt<T: for<'a> From<&'a str>>(value: &impl Serialize) -> T {
    T::from(word(value).as_str())
}

fn health_check(check: &HealthCheck) -> Option<aws_ecs::HealthCheck> {
    aws_ecs::HealthCheck::builder()
        .set_command(Some(check.command.clone()))
        .interval(check.interval)
        .timeout(check.timeout)
        .retries(check.retries)
        .set_start_period((check.start_period != 0).then_some(check.start_period))
        .build()
        .ok()
}

fn log(logging: &Logging, region: &str) -> Option<aws_ecs::LogConfiguration> {
    let mut options = logging.options.clone();
    if logging.driver == LogDriver::Awslogs {
        let region = logging.region.clone().unwrap_or_else(|| region.to_owned());
        options.insert(LOG_REGION.to_owned(), region);
        let group = logging.log_group.as_ref().map(String::from);
        options.extend(group.map(|group| (LOG_GROUP.to_owned(), group)));
        let prefix = logging.stream_prefix.clone();
        options.extend(prefix.map(|prefix| (LOG_PREFIX.to_owned(), prefix)));
    }
    aws_ecs::LogConfiguration::builder()
        .log_driver(word(&logging.driver).replace('_', "-").as_str().into())
        .set_options(some_map(&options))
        .set_secret_options(secrets(&logging.secret_options))
        .build()
        .ok()
}

fn restart_policy(policy: &RestartPolicy) -> Option<aws_ecs::ContainerRestartPolicy> {
    aws_ecs::ContainerRestartPolicy::builder()
        .enabled(policy.enabled)
        .set_ignored_exit_codes(some(policy.ignored_exit_codes.iter().copied()))
        .set_restart_attempt_period(policy.enabled.then_some(policy.attempt_period))
        .build()
        .ok()
}

fn volume(name: &str, volume: &Volume) -> aws_ecs::Volume {
    let host = volume
        .host_path
        .as_ref()
        .map(|path| aws_ecs::HostVolumeProperties::builder().source_path(path).build());
    aws_ecs::Volume::builder()
        .name(name)
        .set_host(host)
        .set_efs_volume_configuration(volume.efs.as_ref().and_then(efs))
        .set_docker_volume_configuration(volume.docker.as_ref().map(docker))
        .set_configured_at_launch(on(volume.configured_at_launch))
        .build()
}

fn efs(efs: &Efs) -> Option<aws_ecs::EfsVolumeConfiguration> {
    let encryption = if efs.transit_encryption { "ENABLED" } else { "DISABLED" };
    let authorization = (efs.access_point.is_some() || efs.iam).then(|| {
        let iam = if efs.iam { "ENABLED" } else { "DISABLED" };
        aws_ecs::EfsAuthorizationConfig::builder()
            .set_access_point_id(efs.access_point.clone())
            .iam(iam.into())
            .build()
    });
    // With an access point AWS takes no directory.
    let directory = (efs.root_directory != root()).then(|| efs.root_directory.clone());
    aws_ecs::EfsVolumeConfiguration::builder()
        .file_system_id(&efs.file_system)
        .set_root_directory(directory)
        .transit_encryption(encryption.into())
        .set_transit_encryption_port(efs.transit_encryption_port)
        .set_authorization_config(authorization)
        .build()
        .ok()
}

fn docker(docker: &DockerVolume) -> aws_ecs::DockerVolumeConfiguration {
    // AWS takes `autoprovision` for shared volumes only.
    let autoprovision = (docker.scope == DockerScope::Shared).then_some(docker.autoprovision);
    aws_ecs::DockerVolumeConfiguration::builder()
        .scope(word(&docker.scope).as_str().into())
        .set_autoprovision(autoprovision)
        .driver(&docker.driver)
        .set_driver_opts(some_map(&docker.driver_opts))
        .set_labels(some_map(&docker.labels))
        .build()
}

#[cfg(test)]
mod tests {
    use landfall_model::types::Ref;

    use super::*;
    use crate::kinds::log_group::LogGroup;

    #[test]
    fn logs_go_to_the_stacks_region_unless_told_otherwise() {
        let region = |logging: &Logging| {
            let options = log(logging, "eu-west-1").and_then(|log| log.options);
            options.and_then(|mut options| options.remove(LOG_REGION))
        };
        let mut logging =
            Logging { log_group: Some(Ref::<LogGroup>::new("a")), ..Logging::default() };
        assert_eq!(region(&logging).as_deref(), Some("eu-west-1"));
        logging.region = Some("us-east-1".to_owned());
        assert_eq!(region(&logging).as_deref(), Some("us-east-1"));
        logging.driver = LogDriver::Splunk;
        assert_eq!(region(&logging), None);
    }
}
