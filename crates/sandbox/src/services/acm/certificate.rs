//! Certificates.
//!
//! What is requested stays `PENDING_VALIDATION`, and times out after 72 hours: on AWS it waits for a
//! record in DNS or for a mail, and the sandbox has neither. What is imported is `ISSUED` at once.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::import::Import;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::Region;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Span, Time};

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its ARN.
    pub arn: String,
    /// Its first name.
    pub domain: String,
    /// All its names.
    pub names: Vec<String>,
    /// Since when it exists.
    pub created: Time,
    /// Of which kind its key is.
    pub key_algorithm: String,
    /// Its tags.
    pub tags: Tags,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It was requested.
    Requested(Requested),
    /// It was imported.
    Imported(Import),
}

/// What was requested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// `DNS`, `EMAIL` or `HTTP`.
    pub method: String,
    /// Which domains are asked instead of the names themselves.
    pub validation_domains: std::collections::BTreeMap<String, String>,
    /// From when on the records for the validation are told.
    pub records: Time,
    /// Whether it is logged publicly.
    pub transparency: String,
    /// Whether it can be exported.
    pub export: String,
    /// The token of the request and what was requested.
    pub token: Option<(String, String)>,
    /// Who manages it.
    pub managed_by: Option<String>,
}

/// ACM guide, "Domain validation": after 72 hours it is over.
const PATIENCE: Span = Span::minutes(72 * 60);

impl Certificate {
    /// Its status.
    pub fn status(&self, now: Time) -> &'static str {
        match &self.origin {
            Origin::Requested(_) if self.created.until(now) >= PATIENCE => "VALIDATION_TIMED_OUT",
            Origin::Requested(_) => "PENDING_VALIDATION",
            Origin::Imported(import) if import.not_after.is_some_and(|end| end < now) => "EXPIRED",
            Origin::Imported(_) => "ISSUED",
        }
    }

    fn detail(&self, users: &[String], now: Time) -> Value {
        let mut detail = json!({
            "CertificateArn": self.arn,
            "DomainName": self.domain,
            "SubjectAlternativeNames": self.names,
            "CreatedAt": self.created.epoch(),
            "Status": self.status(now),
            "KeyAlgorithm": self.key_algorithm,
            "SignatureAlgorithm": "SHA256WITHRSA",
            "InUseBy": users,
            "RenewalEligibility": "INELIGIBLE",
            "KeyUsages": [],
            "ExtendedKeyUsages": [],
        });
        let more = match &self.origin {
            Origin::Requested(requested) => self.requested(requested, now),
            Origin::Imported(import) => import.describe(),
        };
        if let (Some(detail), Value::Object(more)) = (detail.as_object_mut(), more) {
            detail.extend(more);
        }
        detail
    }

    fn requested(&self, requested: &Requested, now: Time) -> Value {
        let timed_out = self.created.until(now) >= PATIENCE;
        let validations = self.names.iter().map(|name| {
            let own = requested.validation_domains.get(name);
            let domain = own.map_or_else(|| name.trim_start_matches("*."), String::as_str);
            let dns = requested.method == "DNS" && requested.records <= now;
            let mails = ["admin", "administrator", "hostmaster", "postmaster", "webmaster"];
            let mails = mails.map(|user| format!("{user}@{domain}"));
            json!({
                "DomainName": name,
                "ValidationDomain": if requested.method == "DNS" { name } else { domain },
                "ValidationStatus": if timed_out { "FAILED" } else { "PENDING_VALIDATION" },
                "ValidationMethod": requested.method,
                "ValidationEmails": (requested.method == "EMAIL").then_some(mails),
                "ResourceRecord": dns.then(|| self.record(name)),
            })
        });
        json!({
            "DomainValidationOptions": validations.collect::<Vec<_>>(),
            "Subject": format!("CN={}", self.domain),
            "Issuer": "Amazon",
            "Type": "AMAZON_ISSUED",
            "ManagedBy": requested.managed_by,
            "Options": {
                "CertificateTransparencyLoggingPreference": requested.transparency,
                "Export": requested.export,
            },
        })
    }

    /// ACM guide, "DNS validation": the same record for a name and its wildcard.
    fn record(&self, name: &str) -> Value {
        let name = name.trim_start_matches("*.");
        let hex = |seed: &str| {
            let hash = Sha256::digest(format!("{ACCOUNT} {seed} {name}"));
            hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        json!({
            "Name": format!("_{}.{name}.", hex("name")),
            "Type": "CNAME",
            "Value": format!("_{}.sandbox.acm-validations.aws.", hex("value")),
        })
    }
}

/// ACM API: ARNs of certificates.
pub fn check_arn(arn: &str) -> Result<(), Refused> {
    let parts = arn.split(':').collect::<Vec<_>>();
    match parts.as_slice() {
        ["arn", _, "acm", _, account, resource]
            if account.len() == 12 && resource.starts_with("certificate/") =>
        {
            Ok(())
        }
        ["arn", _, service, ..] if *service != "acm" => {
            let message = format!("Invalid Arn: {arn}: it is not of a certificate");
            Err(Refused::new("InvalidArnException", message))
        }
        _ => {
            let message = format!(
                "1 validation error detected: Value '{arn}' at 'certificateArn' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: \
                 arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*"
            );
            Err(Refused::new("ValidationException", message))
        }
    }
}

fn not_found(arn: &str) -> Refused {
    let message = format!("Could not find certificate {arn}.");
    Refused::new("ResourceNotFoundException", message)
}

/// A certificate by ARN.
pub fn of<'s>(site: &'s Site<'_>, arn: &str) -> Result<&'s Certificate, Refused> {
    check_arn(arn)?;
    site.region().acm.certificates.get(arn).ok_or_else(|| not_found(arn))
}

/// A certificate by ARN, to change it.
pub fn of_mut<'s>(site: &'s mut Site<'_>, arn: &str) -> Result<&'s mut Certificate, Refused> {
    check_arn(arn)?;
    site.region_mut().acm.certificates.get_mut(arn).ok_or_else(|| not_found(arn))
}

/// The load balancers whose listeners have a certificate. Elastic Load Balancing is looked at from
/// outside: for listeners that mention the ARN.
pub fn users(region: &Region, arn: &str) -> Vec<String> {
    let state = serde_json::to_value(&region.elb).unwrap_or_default();
    let listeners = state.get("listeners").and_then(Value::as_object).into_iter().flatten();
    let users = listeners.filter(|(_, listener)| listener.to_string().contains(arn));
    let users = users.filter_map(|(listener, _)| {
        let (balancer, _) = listener.rsplit_once('/')?;
        Some(balancer.replacen(":listener/", ":loadbalancer/", 1))
    });
    users.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The input of what asks for a certificate alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Named {
    pub(super) certificate_arn: String,
}

/// DescribeCertificate.
pub fn describe(site: &mut Site<'_>, input: Named) -> Answer {
    let users = users(site.region(), &input.certificate_arn);
    let certificate = of(site, &input.certificate_arn)?;
    Ok(json!({ "Certificate": certificate.detail(&users, site.now()) }))
}

/// GetCertificate.
pub fn get(site: &mut Site<'_>, input: Named) -> Answer {
    match &of(site, &input.certificate_arn)?.origin {
        Origin::Imported(import) => {
            Ok(json!({ "Certificate": import.certificate, "CertificateChain": import.chain }))
        }
        Origin::Requested(_) => {
            let message = format!(
                "The certificate request is in progress. Certificate {} is not issued.",
                input.certificate_arn
            );
            Err(Refused::new("RequestInProgressException", message))
        }
    }
}

/// DeleteCertificate.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let arn = input.certificate_arn;
    of(site, &arn)?;
    if !users(site.region(), &arn).is_empty() {
        let message = format!("Certificate {arn} in account {ACCOUNT} is in use.");
        return Err(Refused::new("ResourceInUseException", message));
    }
    site.region_mut().acm.certificates.remove(&arn);
    Ok(Value::Null)
}

/// What can be chosen for a certificate.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Options {
    pub(super) certificate_transparency_logging_preference: Option<String>,
    pub(super) export: Option<String>,
    pub(super) validation_method: Option<String>,
}

impl Options {
    /// Both are switches.
    pub fn check(&self) -> Result<(), Refused> {
        let given = [&self.certificate_transparency_logging_preference, &self.export];
        match given.into_iter().flatten().find(|value| *value != "ENABLED" && *value != "DISABLED")
        {
            None => Ok(()),
            Some(value) => {
                let message = format!("{value} is neither ENABLED nor DISABLED");
                Err(Refused::new("ValidationException", message))
            }
        }
    }
}

/// The input of UpdateCertificateOptions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UpdateOptions {
    certificate_arn: String,
    options: Options,
}

/// UpdateCertificateOptions. ACM API: whether a certificate is logged publicly, for those of Amazon.
pub fn update_options(site: &mut Site<'_>, input: UpdateOptions) -> Answer {
    input.options.check()?;
    let Origin::Requested(requested) = &mut of_mut(site, &input.certificate_arn)?.origin else {
        let message = "The options of an imported certificate cannot be changed";
        return Err(Refused::new("InvalidStateException", message));
    };
    if input.options.validation_method.is_some() {
        let message = "The sandbox does not change how a certificate is validated";
        return Err(Refused::new("ValidationException", message));
    }
    if let Some(transparency) = input.options.certificate_transparency_logging_preference {
        requested.transparency = transparency;
    }
    if let Some(export) = input.options.export {
        requested.export = export;
    }
    Ok(Value::Null)
}
