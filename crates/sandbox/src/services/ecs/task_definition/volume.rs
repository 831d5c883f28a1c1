//! What a task definition says about its volumes.

use std::collections::BTreeMap;

use super::shape::{shapes, words};
use crate::refused::Refused;
use crate::services::ecs::refusal::client;

shapes! {
    Volume {
        name: Option<String>,
        host: Option<HostVolume>,
        docker_volume_configuration: Option<DockerVolume>,
        efs_volume_configuration: Option<EfsVolume>,
        s3files_volume_configuration: Option<S3FilesVolume>,
        fsx_windows_file_server_volume_configuration: Option<FsxVolume>,
        configured_at_launch: Option<bool>,
    }
    HostVolume {
        source_path: Option<String>,
    }
    DockerVolume {
        scope: Option<Scope>,
        autoprovision: Option<bool>,
        driver: Option<String>,
        driver_opts: Option<BTreeMap<String, String>>,
        labels: Option<BTreeMap<String, String>>,
    }
    EfsVolume {
        file_system_id: String,
        root_directory: Option<String>,
        transit_encryption: Option<Switch>,
        transit_encryption_port: Option<i64>,
        authorization_config: Option<EfsAuthorization>,
    }
    EfsAuthorization {
        access_point_id: Option<String>,
        iam: Option<Switch>,
    }
    S3FilesVolume {
        file_system_arn: String,
        root_directory: Option<String>,
        transit_encryption_port: Option<i64>,
        access_point_arn: Option<String>,
    }
    FsxVolume {
        file_system_id: String,
        root_directory: String,
        authorization_config: FsxAuthorization,
    }
    FsxAuthorization {
        credentials_parameter: String,
        domain: String,
    }
}

words! {
    Scope { Task = "task", Shared = "shared", }
    Switch { Enabled = "ENABLED", Disabled = "DISABLED", }
}

impl Volume {
    /// What says where its data is.
    fn kinds(&self) -> usize {
        let kinds = [
            self.host.as_ref().is_some_and(|host| host.source_path.is_some()),
            self.docker_volume_configuration.is_some(),
            self.efs_volume_configuration.is_some(),
            self.s3files_volume_configuration.is_some(),
            self.fsx_windows_file_server_volume_configuration.is_some(),
            self.configured_at_launch == Some(true),
        ];
        kinds.into_iter().filter(|given| *given).count()
    }

    /// Whether it is a directory of the host, or an empty one made for the task.
    pub fn is_bind_mount(&self) -> bool {
        self.docker_volume_configuration.is_none()
            && self.efs_volume_configuration.is_none()
            && self.s3files_volume_configuration.is_none()
            && self.fsx_windows_file_server_volume_configuration.is_none()
            && self.configured_at_launch != Some(true)
    }
}

/// ECS API, Volume: names as container names have them, each once, of one kind each.
pub(super) fn check(volumes: &[Volume]) -> Result<(), Refused> {
    for (index, volume) in volumes.iter().enumerate() {
        let name = volume.name.as_deref().unwrap_or_default();
        if name.is_empty() {
            return Err(client("Volume.name should not be null or empty."));
        }
        if !super::check::is_name(name) {
            return Err(client(format!("Volume name '{name}' contains invalid characters.")));
        }
        if volumes.iter().skip(index + 1).any(|other| other.name == volume.name) {
            return Err(client(format!("Duplicate volume name '{name}'.")));
        }
        if volume.kinds() > 1 {
            return Err(client(format!(
                "Invalid volume '{name}'. Only one volume configuration can be specified."
            )));
        }
        if let Some(efs) = &volume.efs_volume_configuration {
            check_efs(name, efs)?;
        }
        if let Some(docker) = &volume.docker_volume_configuration {
            check_docker(name, docker)?;
        }
    }
    Ok(())
}

/// ECS API, EFSVolumeConfiguration and EFSAuthorizationConfig: access points and IAM need transit
/// encryption, an access point needs the root directory left to it.
fn check_efs(name: &str, efs: &EfsVolume) -> Result<(), Refused> {
    let is_encrypted = efs.transit_encryption == Some(Switch::Enabled);
    let authorization = efs.authorization_config.as_ref();
    let access_point = authorization.and_then(|given| given.access_point_id.as_ref());
    let has_iam = authorization.is_some_and(|given| given.iam == Some(Switch::Enabled));
    if (access_point.is_some() || has_iam) && !is_encrypted {
        return Err(client(format!(
            "Invalid volume '{name}'. EFS transit encryption must be enabled when an access point \
             or IAM authorization is specified."
        )));
    }
    let root = efs.root_directory.as_deref().unwrap_or("/");
    if access_point.is_some() && root != "/" {
        return Err(client(format!(
            "Invalid volume '{name}'. The root directory must be omitted or set to / when an EFS \
             access point is specified."
        )));
    }
    if efs.transit_encryption_port.is_some_and(|port| !(1..=65_535).contains(&port)) {
        return Err(client(format!("Invalid volume '{name}'. transitEncryptionPort is invalid.")));
    }
    Ok(())
}

/// ECS API, DockerVolumeConfiguration: `autoprovision` goes with the scope `shared`.
fn check_docker(name: &str, docker: &DockerVolume) -> Result<(), Refused> {
    if docker.autoprovision.is_some() && docker.scope != Some(Scope::Shared) {
        return Err(client(format!(
            "Invalid volume '{name}'. The autoprovision parameter can only be specified when the \
             scope is shared."
        )));
    }
    Ok(())
}
