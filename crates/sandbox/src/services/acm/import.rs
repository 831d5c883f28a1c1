//! Imported certificates.

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::certificate::{Certificate, Origin, of};
use super::tag::{self, Tag};
use super::{der, pem};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// What was imported. The private key is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The certificate in PEM.
    pub certificate: String,
    /// Those that vouch for it, in PEM.
    pub chain: Option<String>,
    /// Until when it is valid.
    pub not_after: Option<Time>,
    not_before: Option<Time>,
    imported: Time,
    serial: String,
    issuer: String,
}

impl Import {
    /// What only imported certificates have.
    pub fn describe(&self) -> Value {
        json!({
            "ImportedAt": self.imported.epoch(),
            "NotBefore": self.not_before.map(Time::epoch),
            "NotAfter": self.not_after.map(Time::epoch),
            "Serial": self.serial,
            "Issuer": self.issuer,
            "Type": "IMPORTED",
            "Options": { "CertificateTransparencyLoggingPreference": "DISABLED" },
        })
    }

    /// When it was imported.
    pub fn imported(&self) -> Time {
        self.imported
    }

    /// From when on it is valid.
    pub fn not_before(&self) -> Option<Time> {
        self.not_before
    }
}

/// The input of ImportCertificate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Input {
    #[serde(default)]
    certificate_arn: Option<String>,
    certificate: String,
    private_key: String,
    #[serde(default)]
    certificate_chain: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

fn refuse(message: &str) -> Refused {
    Refused::new("ValidationException", message)
}

/// ImportCertificate: a new one, or another in the place of one that was imported before.
pub fn import(site: &mut Site<'_>, input: Input) -> Answer {
    let text = |blob: &str| {
        let bytes = base64::decode(blob).ok()?;
        String::from_utf8(bytes).ok()
    };
    let certificate = text(&input.certificate)
        .filter(|text| text.len() <= 32768)
        .ok_or_else(|| refuse("The certificate is not PEM-encoded."))?;
    let key =
        text(&input.private_key).ok_or_else(|| refuse("The private key is not PEM-encoded."))?;
    let facts = facts(&certificate)?;
    check_key(&key, &facts.public)?;
    let chain = input.certificate_chain.as_deref().map(|blob| {
        let chain = text(blob).filter(|chain| pem::blocks(chain).is_some());
        chain.ok_or_else(|| refuse("The certificate chain is not PEM-encoded."))
    });
    let chain = chain.transpose()?;
    if chain.is_none() && facts.issuer != facts.subject {
        return Err(refuse(
            "Provided certificate is not a valid self signed. Please provide either a valid \
             self-signed certificate or certificate chain.",
        ));
    }
    let now = site.now();
    let import = Import {
        certificate,
        chain,
        not_after: facts.not_after,
        not_before: facts.not_before,
        imported: now,
        serial: facts.serial,
        issuer: facts.issuer.unwrap_or_default(),
    };
    let names = match (facts.names, facts.subject.clone()) {
        (names, Some(subject)) if names.is_empty() => vec![subject],
        (names, _) => names,
    };
    let domain = facts.subject.or(names.first().cloned()).unwrap_or_default();
    let (arn, created, tags) = match input.certificate_arn {
        None => {
            let id = site.world.chance.uuid();
            let tags = tag::merged(&Tags::new(), input.tags)?;
            (site.arn("acm", &format!("certificate/{id}")), now, tags)
        }
        Some(arn) => {
            let before = of(site, &arn)?;
            if !matches!(before.origin, Origin::Imported(_)) {
                return Err(refuse("Only an imported certificate can be imported again."));
            }
            if !input.tags.is_empty() {
                // ACM API, ImportCertificate: no tags where a certificate is replaced.
                let message = "Tagging is not permitted on re-import.";
                return Err(Refused::new("InvalidParameterException", message));
            }
            (arn, before.created, before.tags.clone())
        }
    };
    let certificate = Certificate {
        arn: arn.clone(),
        domain,
        names,
        created,
        key_algorithm: facts.key,
        tags,
        origin: Origin::Imported(import),
    };
    site.region_mut().acm.certificates.insert(arn.clone(), certificate);
    Ok(json!({ "CertificateArn": arn }))
}

fn facts(certificate: &str) -> Result<der::Facts, Refused> {
    let blocks = pem::blocks(certificate);
    match blocks.as_deref() {
        Some([(label, bytes)]) if label == "CERTIFICATE" => der::read(bytes)
            .ok_or_else(|| refuse("The certificate field contains an invalid certificate.")),
        Some([_, _, ..]) => Err(refuse(
            "The certificate field contains more than one certificate. You can specify only one \
             certificate in this field.",
        )),
        _ => Err(refuse("The certificate is not PEM-encoded.")),
    }
}

fn check_key(key: &str, public: &[u8]) -> Result<(), Refused> {
    let blocks = pem::blocks(key).unwrap_or_default();
    if blocks.iter().any(|(label, _)| label == "ENCRYPTED PRIVATE KEY") {
        return Err(refuse("The private key is encrypted. It must not be."));
    }
    match blocks.iter().find(|(label, _)| label.ends_with("PRIVATE KEY")) {
        Some((_, key)) if der::belongs(key, public) => Ok(()),
        Some(_) => Err(refuse("The private key does not match the certificate.")),
        None => Err(refuse("The private key is not supported.")),
    }
}
