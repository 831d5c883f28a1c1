//! Credentials of kinds that nobody has here: their lists are empty.

use serde::Deserialize;
use serde_json::json;

use super::{listing, user};
use crate::operations::Answer;
use crate::world::Site;

/// The parameters of all these lists.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct OfUser {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl OfUser {
    fn none(self, site: &Site<'_>, list: &str) -> Answer {
        if let Some(name) = &self.user_name {
            user::find(&site.global().iam, name)?;
        }
        listing::answer(list, Vec::new(), self.max_items, self.marker.as_deref(), "")
    }
}

pub(super) fn mfa_devices(site: &mut Site<'_>, input: OfUser) -> Answer {
    input.none(site, "MFADevices")
}

pub(super) fn signing_certificates(site: &mut Site<'_>, input: OfUser) -> Answer {
    input.none(site, "Certificates")
}

pub(super) fn ssh_public_keys(site: &mut Site<'_>, input: OfUser) -> Answer {
    input.none(site, "SSHPublicKeys")
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct OfService {
    user_name: Option<String>,
    #[serde(rename = "ServiceName")]
    _service_name: Option<String>,
    #[serde(rename = "AllUsers")]
    _all_users: Option<bool>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn service_specific(site: &mut Site<'_>, input: OfService) -> Answer {
    let OfService { user_name, marker, max_items, .. } = input;
    OfUser { user_name, marker, max_items }.none(site, "ServiceSpecificCredentials")
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct Virtual {
    #[serde(rename = "AssignmentStatus")]
    _assignment_status: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn virtual_mfa_devices(_: &mut Site<'_>, input: Virtual) -> Answer {
    let marker = input.marker.as_deref();
    listing::answer("VirtualMFADevices", Vec::new(), input.max_items, marker, "")
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct ServerCertificates {
    #[serde(rename = "PathPrefix")]
    _path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn server_certificates(_: &mut Site<'_>, input: ServerCertificates) -> Answer {
    let (list, marker) = ("ServerCertificateMetadataList", input.marker.as_deref());
    listing::answer(list, Vec::new(), input.max_items, marker, "")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) fn saml_providers(_: &mut Site<'_>, _: Nothing) -> Answer {
    Ok(json!({ "SAMLProviderList": [] }))
}
