//! How HTTPS and TLS listeners secure connections.

use serde::{Deserialize, Serialize};

use super::super::arn::Kind;
use super::super::constraint::{invalid, one_of};
use super::super::ssl_policy;
use super::certificate::{self, Certificate};
use crate::refused::Refused;
use crate::world::Site;

/// How connections are secured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secure {
    /// The security policy.
    pub policy: String,
    /// The default certificate's ARN.
    pub certificate: String,
    /// The ARNs of the other certificates.
    pub others: Vec<String>,
    /// The policy of application-layer protocol negotiation, of a TLS listener.
    pub alpn: Option<String>,
    /// How clients show who they are, to an HTTPS listener.
    pub mutual: Option<String>,
}

/// How clients show who they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct MutualAuthentication {
    mode: Option<String>,
    trust_store_arn: Option<String>,
    ignore_client_certificate_expiry: Option<bool>,
    trust_store_association_status: Option<String>,
    advertise_trust_store_ca_names: Option<String>,
}

/// What a call says of it.
#[derive(Debug, Default)]
pub struct Asked {
    /// The security policy.
    pub policy: Option<String>,
    /// The default certificate.
    pub certificates: Option<Vec<Certificate>>,
    /// The policy of protocol negotiation.
    pub alpn: Option<Vec<String>>,
    /// How clients show who they are.
    pub mutual: Option<MutualAuthentication>,
}

/// How a listener of a protocol secures connections after a call. ELB API, CreateListener: a
/// certificate is needed for HTTPS and TLS, and other protocols take nothing of the kind.
pub fn secure(
    site: &Site<'_>,
    protocol: &str,
    before: Option<Secure>,
    asked: Asked,
) -> Result<Option<Secure>, Refused> {
    if !matches!(protocol, "HTTPS" | "TLS") {
        return insecure(protocol, &asked);
    }
    let policy = asked.policy;
    policy.as_ref().map_or(Ok(()), |policy| ssl_policy::check(policy))?;
    let mut given = asked.certificates.unwrap_or_default();
    if given.len() > 1 {
        let count = given.len();
        return Err(invalid(format!(
            "Up to '1' certificate ARNs can be specified, but '{count}' were specified"
        )));
    }
    let certificate = match (given.pop(), &before) {
        (Some(given), _) => certificate::known(site, given)?,
        (None, Some(before)) => before.certificate.clone(),
        (None, None) => {
            let message = format!("A certificate must be specified for {protocol} listeners");
            return Err(invalid(message));
        }
    };
    let (old_policy, others, old_alpn, old_mutual) = match before {
        Some(before) => (Some(before.policy), before.others, before.alpn, before.mutual),
        None => (None, Vec::new(), None, None),
    };
    let alpn = match asked.alpn {
        None => old_alpn,
        Some(alpn) => alpn_policy(protocol, alpn)?,
    };
    let mutual = match asked.mutual {
        None => old_mutual.or_else(|| Some("off".to_owned())),
        Some(asked) => Some(mutual(asked)?),
    };
    Ok(Some(Secure {
        policy: policy.or(old_policy).unwrap_or_else(|| ssl_policy::DEFAULT.to_owned()),
        certificate,
        others,
        alpn: alpn.filter(|_| protocol == "TLS"),
        mutual: mutual.filter(|_| protocol == "HTTPS"),
    }))
}

fn insecure(protocol: &str, asked: &Asked) -> Result<Option<Secure>, Refused> {
    let none = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    let given = [
        ("Certificates", asked.certificates.as_ref().is_some_and(|list| !list.is_empty())),
        ("SSL policies", asked.policy.is_some()),
        ("ALPN policies", !none(&asked.alpn)),
        ("Mutual authentication", asked.mutual.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        None => Ok(None),
        Some((what, _)) => {
            Err(invalid(format!("{what} cannot be specified for {protocol} listeners")))
        }
    }
}

/// ELB API, CreateListener: one policy, of TLS listeners.
fn alpn_policy(protocol: &str, mut alpn: Vec<String>) -> Result<Option<String>, Refused> {
    if alpn.len() > 1 {
        return Err(invalid("Only one ALPN policy can be specified"));
    }
    let Some(policy) = alpn.pop() else { return Ok(None) };
    if protocol != "TLS" {
        return Err(invalid(format!("ALPN policies cannot be specified for {protocol} listeners")));
    }
    let known = ["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"];
    if !known.contains(&policy.as_str()) {
        let message = format!("ALPN policy '{policy}' not found");
        return Err(Refused::new("ALPNPolicyNotFound", message));
    }
    Ok(Some(policy))
}

/// ELB API, MutualAuthenticationAttributes: only verification has a trust store, and the sandbox
/// has none.
fn mutual(asked: MutualAuthentication) -> Result<String, Refused> {
    let mode = asked.mode.unwrap_or_else(|| "off".to_owned());
    one_of("mutualAuthentication.mode", &mode, &["off", "passthrough", "verify"])?;
    if mode == "verify" {
        let Some(arn) = asked.trust_store_arn else {
            let message = "A trust store must be specified when the mode is 'verify'";
            return Err(invalid(message));
        };
        Kind::TrustStore.shaped(&arn)?;
        return Err(Kind::TrustStore.not_found(format!("Trust store '{arn}' not found")));
    }
    let of_verification = asked.trust_store_arn.is_some()
        || asked.ignore_client_certificate_expiry == Some(true)
        || asked.trust_store_association_status.is_some()
        || asked.advertise_trust_store_ca_names.is_some_and(|names| names == "on");
    match of_verification {
        false => Ok(mode),
        true => {
            Err(invalid(format!("A trust store cannot be specified when the mode is '{mode}'")))
        }
    }
}
