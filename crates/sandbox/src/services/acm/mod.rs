//! Certificate Manager.

mod certificate;
mod der;
mod import;
mod list;
mod pem;
mod refuse;
mod request;
#[cfg(test)]
pub mod sample;
mod tag;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "acm",
    dialect: DIALECT,
    operations: operations! {
        AddTagsToCertificate => tag::add,
        DeleteCertificate => certificate::delete,
        DescribeCertificate => certificate::describe,
        GetAccountConfiguration => list::configuration,
        GetCertificate => certificate::get,
        ImportCertificate => import::import,
        ListCertificates => list::list,
        ListTagsForCertificate => tag::list,
        ListTagsForResource => tag::list_resource,
        PutAccountConfiguration => list::put_configuration,
        RemoveTagsFromCertificate => tag::remove,
        RenewCertificate => refuse::renew,
        RequestCertificate => request::request,
        ResendValidationEmail => refuse::resend,
        TagResource => tag::tag_resource,
        UntagResource => tag::untag_resource,
        UpdateCertificateOptions => certificate::update_options,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "CertificateManager" },
    missing: "ValidationException",
    unknown: "ValidationException",
    invalid: "ValidationException",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Certificates by ARN.
    pub certificates: BTreeMap<String, certificate::Certificate>,
    /// How many days before a certificate expires there are events, where that is not 45.
    pub expiry_days: Option<u32>,
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    let certificates = region.acm.certificates.iter();
    certificates.map(|(arn, certificate)| (arn.clone(), certificate.tags.clone())).collect()
}
