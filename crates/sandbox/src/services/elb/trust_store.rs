//! Trust stores of mutual TLS. Their certificates lie in S3, which the sandbox does not have: none
//! can be made, so none is ever found.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::Kind;
use super::tag::{self, Tag};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    name: String,
    ca_certificates_bundle_s3_bucket: String,
    ca_certificates_bundle_s3_key: String,
    #[serde(default)]
    ca_certificates_bundle_s3_object_version: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

pub(super) fn create(_: &mut Site<'_>, input: Create) -> Answer {
    super::constraint::name("Trust store name", &input.name)?;
    tag::given(input.tags)?;
    let (bucket, key) =
        (input.ca_certificates_bundle_s3_bucket, input.ca_certificates_bundle_s3_key);
    let version = input.ca_certificates_bundle_s3_object_version;
    let version = version.map(|version| format!(" in version {version}")).unwrap_or_default();
    let message = format!("The CA certificates bundle s3://{bucket}/{key}{version} was not found");
    Err(Refused::new("CaCertificatesBundleNotFound", message))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    trust_store_arns: Vec<String>,
    names: Vec<String>,
    marker: Option<String>,
    page_size: Option<i64>,
}

pub(super) fn describe(_: &mut Site<'_>, input: Describe) -> Answer {
    input.trust_store_arns.iter().try_for_each(|arn| Kind::TrustStore.shaped(arn))?;
    if !input.trust_store_arns.is_empty() || !input.names.is_empty() {
        return Err(Kind::TrustStore.some_not_found());
    }
    let none: Vec<Value> = Vec::new();
    let (none, next) =
        super::pages::page(none, input.page_size, input.marker.as_deref(), "trust stores")?;
    Ok(json!({ "TrustStores": none, "NextMarker": next }))
}

/// An operation on a trust store: whatever it is to do, the store does not exist.
pub(super) fn unknown(_: &mut Site<'_>, input: BTreeMap<String, Value>) -> Answer {
    let arn = input.get("TrustStoreArn").and_then(Value::as_str).unwrap_or_default();
    Kind::TrustStore.shaped(arn)?;
    Err(Kind::TrustStore.not_found(format!("Trust store '{arn}' not found")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Policy {
    resource_arn: String,
}

/// ELB API, GetResourcePolicy: only trust stores are shared by such a policy.
pub(super) fn policy(_: &mut Site<'_>, input: Policy) -> Answer {
    let message = format!("The resource '{}' was not found", input.resource_arn);
    Err(Refused::new("ResourceNotFound", message))
}
