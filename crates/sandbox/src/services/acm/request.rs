//! Requests for certificates.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::certificate::{Certificate, Options, Origin, Requested};
use super::tag::{self, Tag};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Wait};

/// The input of RequestCertificate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Request {
    domain_name: String,
    #[serde(default)]
    validation_method: Option<Method>,
    #[serde(default)]
    subject_alternative_names: Vec<String>,
    #[serde(default)]
    idempotency_token: Option<String>,
    #[serde(default)]
    domain_validation_options: Vec<ValidationOption>,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    certificate_authority_arn: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    key_algorithm: Option<String>,
    #[serde(default)]
    managed_by: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Method {
    #[default]
    Email,
    Dns,
    Http,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ValidationOption {
    domain_name: String,
    validation_domain: String,
}

/// ACM API, RequestCertificate: the kinds of key of public certificates.
const KEYS: [&str; 4] = ["RSA_2048", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

/// RequestCertificate. The same token and request within an hour give the same certificate.
pub fn request(site: &mut Site<'_>, input: Request) -> Answer {
    check(&input)?;
    let asked = format!("{input:?}");
    if let Some(token) = &input.idempotency_token {
        let same = (token.clone(), asked.clone());
        let known = site.region().acm.certificates.values().find(|certificate| {
            let recent = certificate.created.until(site.now()).0 < 3_600_000;
            let requested = match &certificate.origin {
                Origin::Requested(requested) => requested.token.as_ref(),
                Origin::Imported(_) => None,
            };
            recent && requested == Some(&same)
        });
        if let Some(known) = known {
            return Ok(json!({ "CertificateArn": known.arn }));
        }
    }
    let mut names = vec![input.domain_name.clone()];
    for name in input.subject_alternative_names {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let tags = tag::merged(&Tags::new(), input.tags)?;
    let now = site.now();
    let method = match input.validation_method.unwrap_or_default() {
        Method::Email => "EMAIL",
        Method::Dns => "DNS",
        Method::Http => "HTTP",
    };
    let domains = input.domain_validation_options.into_iter();
    let domains = domains.map(|option| (option.domain_name, option.validation_domain));
    let requested = Requested {
        method: method.to_owned(),
        validation_domains: domains.collect::<BTreeMap<_, _>>(),
        records: now + site.takes(Wait::ValidationRecords),
        transparency: switch(input.options.certificate_transparency_logging_preference, "ENABLED"),
        export: switch(input.options.export, "DISABLED"),
        token: input.idempotency_token.map(|token| (token, asked)),
        managed_by: input.managed_by,
    };
    let id = site.world.chance.uuid();
    let arn = site.arn("acm", &format!("certificate/{id}"));
    let certificate = Certificate {
        arn: arn.clone(),
        domain: input.domain_name,
        names,
        created: now,
        key_algorithm: input.key_algorithm.unwrap_or_else(|| "RSA_2048".to_owned()),
        tags,
        origin: Origin::Requested(requested),
    };
    site.region_mut().acm.certificates.insert(arn.clone(), certificate);
    Ok(json!({ "CertificateArn": arn }))
}

fn switch(given: Option<String>, usual: &str) -> String {
    given.unwrap_or_else(|| usual.to_owned())
}

fn check(input: &Request) -> Result<(), Refused> {
    let invalid = |code: &str, message: String| Err(Refused::new(code, message));
    if let Some(name) = std::iter::once(&input.domain_name)
        .chain(&input.subject_alternative_names)
        .find(|n| !is_domain(n))
    {
        let message = format!(
            "1 validation error detected: Value '{name}' at 'domainName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: (\\*\\.)?(((?!-)\
             [A-Za-z0-9-]{{0,62}}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{{1,62}}[A-Za-z0-9])"
        );
        return invalid("ValidationException", message);
    }
    if input.subject_alternative_names.len() > 100 {
        let message = "Member must have length less than or equal to 100";
        return invalid("ValidationException", message.to_owned());
    }
    if input.certificate_authority_arn.is_some() {
        let message = "The sandbox has no private certificate authorities".to_owned();
        return invalid("InvalidArnException", message);
    }
    if let Some(key) = input.key_algorithm.as_deref().filter(|key| !KEYS.contains(key)) {
        let message = format!("The key algorithm {key} is not supported for public certificates");
        return invalid("ValidationException", message);
    }
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if let Some(token) = &input.idempotency_token
        && (token.is_empty() || token.len() > 32 || !token.chars().all(is_word))
    {
        let message = format!(
            "1 validation error detected: Value '{token}' at 'idempotencyToken' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: \\w+"
        );
        return invalid("ValidationException", message);
    }
    // ACM API, DomainValidationOption: a domain above that of the name.
    let foreign = input.domain_validation_options.iter().find(|option| {
        let name = option.domain_name.trim_start_matches("*.");
        name != option.validation_domain
            && !name.ends_with(&format!(".{}", option.validation_domain))
    });
    if let Some(option) = foreign {
        let message = format!(
            "The validation domain {} is not a superdomain of {}",
            option.validation_domain, option.domain_name
        );
        return invalid("InvalidDomainValidationOptionsException", message);
    }
    input.options.check()
}

fn is_domain(name: &str) -> bool {
    let labels = name.strip_prefix("*.").unwrap_or(name).split('.').collect::<Vec<_>>();
    let sound = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    (1..=253).contains(&name.len())
        && labels.len() >= 2
        && labels.iter().all(sound)
        && labels.last().is_some_and(|top| top.len() >= 2)
}
