//! What the sandbox's certificates can never do.

use serde::Deserialize;

use super::certificate::{Named, of};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// RenewCertificate: for exported private certificates alone, of which there are none.
pub fn renew(site: &mut Site<'_>, input: Named) -> Answer {
    of(site, &input.certificate_arn)?;
    let message = format!("Certificate {} is not eligible for renewal.", input.certificate_arn);
    Err(Refused::new("ValidationException", message))
}

/// The input of ResendValidationEmail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Resend {
    certificate_arn: String,
    #[serde(rename = "Domain")]
    _domain: String,
    #[serde(rename = "ValidationDomain")]
    _validation_domain: String,
}

/// ResendValidationEmail: no mail is ever sent.
pub fn resend(site: &mut Site<'_>, input: Resend) -> Answer {
    of(site, &input.certificate_arn)?;
    let message = "The sandbox sends no validation mail";
    Err(Refused::new("InvalidStateException", message))
}
