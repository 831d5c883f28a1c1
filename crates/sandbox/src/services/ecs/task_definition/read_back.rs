//! What ECS makes of a task definition on its way in: defaults are filled in, numbers are written
//! plainly, and lists whose order means nothing lose it.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::check::Size;
use super::container::{ContainerDefinition, HealthCheck, TransportProtocol};
use super::shape::{NetworkMode, RegisterTaskDefinition};
use super::volume::{HostVolume, Volume};

/// Fills in what is read back although it was not given.
pub(super) fn fill(input: &mut RegisterTaskDefinition, size: Size) {
    if input.cpu.is_some() {
        input.cpu = size.cpu.map(|cpu| cpu.to_string());
    }
    if input.memory.is_some() {
        input.memory = size.memory.map(|memory| memory.to_string());
    }
    let mode = input.network_mode;
    for container in input.container_definitions.iter_mut().flatten() {
        fill_container(container, mode);
    }
    input.volumes.get_or_insert_default().iter_mut().for_each(fill_volume);
    input.placement_constraints.get_or_insert_default();
}

fn fill_container(container: &mut ContainerDefinition, mode: Option<NetworkMode>) {
    container.cpu.get_or_insert(0);
    container.essential.get_or_insert(true);
    container.mount_points.get_or_insert_default();
    container.system_controls.get_or_insert_default();
    let ports = container.port_mappings.get_or_insert_default();
    for port in ports.iter_mut() {
        // ECS API, PortMapping: the host's port is the container's in the modes `awsvpc` and
        // `host`, and chosen at the start, shown as 0, in the mode `bridge`.
        let own = match mode {
            Some(NetworkMode::Awsvpc | NetworkMode::Host) => port.container_port,
            _ => Some(0),
        };
        if port.container_port_range.is_none() && port.host_port.is_none_or(|port| port == 0) {
            port.host_port = own;
        }
        port.protocol.get_or_insert(TransportProtocol::Tcp);
    }
    scatter(ports);
    scatter(container.environment.get_or_insert_default());
    scatter(container.volumes_from.get_or_insert_default());
    container.secrets.iter_mut().for_each(|secrets| scatter(secrets));
    container.links.iter_mut().for_each(|links| scatter(links));
    container.health_check.iter_mut().for_each(fill_health_check);
}

/// ECS API, HealthCheck: the defaults.
fn fill_health_check(check: &mut HealthCheck) {
    check.interval.get_or_insert(30);
    check.timeout.get_or_insert(5);
    check.retries.get_or_insert(3);
    check.start_period.get_or_insert(0);
}

fn fill_volume(volume: &mut Volume) {
    if volume.is_bind_mount() {
        volume.host.get_or_insert(HostVolume { source_path: None });
    }
    if let Some(efs) = &mut volume.efs_volume_configuration {
        efs.root_directory.get_or_insert_with(|| "/".to_owned());
    }
}

/// An order that comes from the items alone, not from the call.
fn scatter<T: Serialize>(items: &mut [T]) {
    items.sort_by_cached_key(|item| {
        let written = serde_json::to_vec(item).unwrap_or_default();
        Sha256::digest(written).to_vec()
    });
}
