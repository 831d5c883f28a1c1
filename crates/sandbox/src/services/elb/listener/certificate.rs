//! Certificates of listeners.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::arn;
use super::super::constraint::invalid;
use super::super::limit;
use super::super::pages::page;
use super::Listener;
use super::secure::Secure;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site};

/// A certificate as calls name it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Certificate {
    certificate_arn: Option<String>,
    is_default: Option<bool>,
}

/// The ARN of a certificate that a listener can have: one of this account that Certificate Manager
/// has in this region. IAM has no server certificates in the sandbox. AWS wants a certificate to be
/// issued; as nothing ever is without a DNS, one that waits for its validation is as good here.
pub fn known(site: &Site<'_>, certificate: Certificate) -> Result<String, Refused> {
    let arn = named(site, certificate)?;
    let Some(found) = site.region().acm.certificates.get(&arn) else { return Err(unknown(&arn)) };
    if found.status(site.now()) == "VALIDATION_TIMED_OUT" {
        let message = format!(
            "The certificate '{arn}' must have a fully-qualified domain name, a supported \
             signature, and a supported key size."
        );
        return Err(Refused::new("UnsupportedCertificate", message));
    }
    Ok(arn)
}

fn unknown(arn: &str) -> Refused {
    Refused::new("CertificateNotFound", format!("Certificate '{arn}' not found"))
}

/// The ARN of a certificate, of which only the form is looked at.
fn named(site: &Site<'_>, certificate: Certificate) -> Result<String, Refused> {
    if certificate.is_default.is_some() {
        return Err(invalid("You cannot set the isDefault parameter for a certificate"));
    }
    let Some(arn) = certificate.certificate_arn else {
        return Err(invalid("A certificate ARN must be specified"));
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, service @ ("acm" | "iam"), region, account, resource] = parts.as_slice() else {
        return Err(invalid(format!("Certificate ARN '{arn}' is not valid")));
    };
    let (prefix, home) = match *service {
        "acm" => ("certificate/", site.name.as_str()),
        _ => ("server-certificate/", ""),
    };
    let named = resource.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    if !named || *region != home || *account != ACCOUNT {
        return Err(unknown(&arn));
    }
    Ok(arn)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Certificates {
    listener_arn: String,
    certificates: Vec<Certificate>,
}

fn secured(listener: &mut Listener) -> Result<&mut Secure, Refused> {
    let Listener { secure, protocol, .. } = listener;
    secure.as_mut().ok_or_else(|| {
        let message = format!("Certificates are not supported on {protocol} listeners");
        Refused::new("UnsupportedProtocol", message)
    })
}

/// ELB API, AddListenerCertificates: one that is there already is not added again.
pub(crate) fn add(site: &mut Site<'_>, input: Certificates) -> Answer {
    let arns: Result<Vec<String>, Refused> =
        input.certificates.into_iter().map(|one| known(site, one)).collect();
    let arns = arns?;
    if arns.is_empty() {
        return Err(invalid("At least one certificate must be specified"));
    }
    let secure = secured(arn::listener_mut(site, &input.listener_arn)?)?;
    let mut others = secure.others.clone();
    for arn in &arns {
        if !others.contains(arn) {
            others.push(arn.clone());
        }
    }
    if others.len() > limit::CERTIFICATES {
        let message = "The maximum number of certificates of the load balancer has been reached";
        return Err(Refused::new("TooManyCertificates", message));
    }
    secure.others = others;
    let added: Vec<Value> =
        arns.iter().map(|arn| json!({ "CertificateArn": arn, "IsDefault": false })).collect();
    Ok(json!({ "Certificates": added }))
}

/// ELB API, RemoveListenerCertificates: not the default certificate.
pub(crate) fn remove(site: &mut Site<'_>, input: Certificates) -> Answer {
    let arns: Result<Vec<String>, Refused> =
        input.certificates.into_iter().map(|one| named(site, one)).collect();
    let arns = arns?;
    let secure = secured(arn::listener_mut(site, &input.listener_arn)?)?;
    let default = &secure.certificate;
    if arns.contains(default) && !secure.others.contains(default) {
        let message = format!("The default certificate '{default}' cannot be removed");
        return Err(Refused::new("OperationNotPermitted", message));
    }
    secure.others.retain(|arn| !arns.contains(arn));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Describe {
    listener_arn: String,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    page_size: Option<i64>,
}

/// ELB API, DescribeListenerCertificates: the default certificate and the others.
pub(crate) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let listener = arn::listener(site, &input.listener_arn)?;
    let one = |arn: &String, default: bool| json!({ "CertificateArn": arn, "IsDefault": default });
    let all: Vec<Value> = listener
        .secure
        .iter()
        .flat_map(|secure| {
            let others = secure.others.iter().map(|arn| one(arn, false));
            std::iter::once(one(&secure.certificate, true)).chain(others)
        })
        .collect();
    let scope = format!("certificates {}", input.listener_arn);
    let (all, next) = page(all, input.page_size, input.marker.as_deref(), &scope)?;
    Ok(json!({ "Certificates": all, "NextMarker": next }))
}
