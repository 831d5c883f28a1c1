//! ListCertificates, and what holds for all certificates.

use serde::Deserialize;
use serde_json::{Value, json};

use super::certificate::{Certificate, Origin, users};
use crate::operations::Answer;
use crate::page;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// The input of ListCertificates.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct List {
    certificate_statuses: Vec<Status>,
    certificate_key_pair_origins: Vec<String>,
    includes: Includes,
    next_token: Option<String>,
    max_items: Option<i64>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    PendingValidation,
    Issued,
    Inactive,
    Expired,
    ValidationTimedOut,
    Revoked,
    Failed,
}

impl Status {
    fn name(&self) -> &'static str {
        match self {
            Status::PendingValidation => "PENDING_VALIDATION",
            Status::Issued => "ISSUED",
            Status::Inactive => "INACTIVE",
            Status::Expired => "EXPIRED",
            Status::ValidationTimedOut => "VALIDATION_TIMED_OUT",
            Status::Revoked => "REVOKED",
            Status::Failed => "FAILED",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Includes {
    extended_key_usage: Vec<String>,
    key_usage: Vec<String>,
    key_types: Vec<String>,
    export_option: Option<String>,
    managed_by: Option<String>,
}

impl Includes {
    /// ACM API, Filters: certificates of RSA_1024 and RSA_2048 unless others are asked for. Usages
    /// are not known, so asking for some finds none.
    fn admits(&self, certificate: &Certificate) -> bool {
        let key = &certificate.key_algorithm;
        let (export, managed_by) = match &certificate.origin {
            Origin::Requested(requested) => (requested.export.as_str(), &requested.managed_by),
            Origin::Imported(_) => ("DISABLED", &None),
        };
        let usual = |names: &[String]| names.is_empty() || names.iter().any(|name| name == "ANY");
        let of_kind = match self.key_types.as_slice() {
            [] => key == "RSA_1024" || key == "RSA_2048",
            kinds => kinds.contains(key),
        };
        of_kind
            && usual(&self.extended_key_usage)
            && usual(&self.key_usage)
            && self.export_option.as_ref().is_none_or(|wanted| wanted == export)
            && (self.managed_by.is_none() || self.managed_by == *managed_by)
    }
}

/// ListCertificates.
pub fn list(site: &mut Site<'_>, input: List) -> Answer {
    if input.sort_by.is_some() != input.sort_order.is_some() {
        let message = "SortBy and SortOrder must be specified together";
        return Err(Refused::new("InvalidArgsException", message));
    }
    let most = match input.max_items.map(usize::try_from) {
        None => 1000,
        Some(Ok(most)) if (1..=1000).contains(&most) => most,
        Some(_) => {
            let message = "1 validation error detected: Value at 'maxItems' failed to satisfy \
                           constraint: Member must have value between 1 and 1000";
            return Err(Refused::new("ValidationException", message));
        }
    };
    let (now, region) = (site.now(), site.region());
    let statuses = input.certificate_statuses.iter().map(Status::name).collect::<Vec<_>>();
    let origins = &input.certificate_key_pair_origins;
    let certificates = region.acm.certificates.values().filter(|certificate| {
        (statuses.is_empty() || statuses.contains(&certificate.status(now)))
            && (origins.is_empty()
                || origins.iter().any(|origin| origin == key_origin(certificate)))
            && input.includes.admits(certificate)
    });
    let mut certificates = certificates.collect::<Vec<_>>();
    certificates.sort_by_key(|certificate| certificate.created);
    if input.sort_order.as_deref() == Some("DESCENDING") {
        certificates.reverse();
    }
    let summaries = certificates
        .into_iter()
        .map(|certificate| summary(certificate, !users(region, &certificate.arn).is_empty(), now));
    let scope = format!("certificates {statuses:?} {:?} {:?}", input.includes, input.sort_order);
    let token = input.next_token.as_deref();
    let (summaries, next) = page::page(summaries.collect(), most, token, &scope)
        .map_err(|page::BadToken| Refused::new("ValidationException", "NextToken is not valid"))?;
    Ok(json!({ "CertificateSummaryList": summaries, "NextToken": next }))
}

fn key_origin(certificate: &Certificate) -> &'static str {
    match &certificate.origin {
        Origin::Requested(_) => "AWS_MANAGED",
        Origin::Imported(_) => "CUSTOMER_PROVIDED",
    }
}

fn summary(certificate: &Certificate, in_use: bool, now: Time) -> Value {
    let import = match &certificate.origin {
        Origin::Requested(_) => None,
        Origin::Imported(import) => Some(import),
    };
    let export = match &certificate.origin {
        Origin::Requested(requested) => Some(&requested.export),
        Origin::Imported(_) => None,
    };
    json!({
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain,
        "SubjectAlternativeNameSummaries": certificate.names,
        "HasAdditionalSubjectAlternativeNames": false,
        "Status": certificate.status(now),
        "Type": if import.is_some() { "IMPORTED" } else { "AMAZON_ISSUED" },
        "KeyAlgorithm": certificate.key_algorithm,
        "KeyUsages": [],
        "ExtendedKeyUsages": [],
        "ExportOption": export,
        "InUse": in_use,
        "RenewalEligibility": "INELIGIBLE",
        "NotBefore": import.and_then(|import| import.not_before()).map(Time::epoch),
        "NotAfter": import.and_then(|import| import.not_after).map(Time::epoch),
        "CreatedAt": certificate.created.epoch(),
        "ImportedAt": import.map(|import| import.imported().epoch()),
        "CertificateKeyPairOrigin": key_origin(certificate),
    })
}

/// An input without members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// GetAccountConfiguration. ACM API: events come 45 days before a certificate expires.
pub fn configuration(site: &mut Site<'_>, _: Nothing) -> Answer {
    let days = site.region().acm.expiry_days.unwrap_or(45);
    Ok(json!({ "ExpiryEvents": { "DaysBeforeExpiry": days } }))
}

/// The input of PutAccountConfiguration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PutConfiguration {
    #[serde(default)]
    expiry_events: ExpiryEvents,
    // Putting the same again changes nothing.
    #[serde(rename = "IdempotencyToken")]
    _token: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
struct ExpiryEvents {
    days_before_expiry: Option<u32>,
}

/// PutAccountConfiguration.
pub fn put_configuration(site: &mut Site<'_>, input: PutConfiguration) -> Answer {
    let days = input.expiry_events.days_before_expiry;
    site.region_mut().acm.expiry_days = days.filter(|days| *days != 45);
    Ok(Value::Null)
}
