//! Security policies of HTTPS and TLS listeners.

use serde::Deserialize;
use serde_json::{Value, json};

use super::constraint::one_of;
use super::pages::page;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The policy of a listener for which none is named. ELB API guide: what the API and the CLI take,
/// other than the console.
pub const DEFAULT: &str = "ELBSecurityPolicy-2016-08";

/// Sorts of ciphers, by what policies have or have not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Tls13,
    /// Forward secrecy, authenticated encryption.
    ForwardGcm,
    /// Forward secrecy, SHA-2.
    ForwardSha2,
    /// Forward secrecy, SHA-1.
    ForwardSha1,
    Gcm,
    Sha2,
    Sha1,
}

const CIPHERS: &[(&str, Sort)] = &[
    ("TLS_AES_128_GCM_SHA256", Sort::Tls13),
    ("TLS_AES_256_GCM_SHA384", Sort::Tls13),
    ("TLS_CHACHA20_POLY1305_SHA256", Sort::Tls13),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", Sort::ForwardGcm),
    ("ECDHE-RSA-AES128-GCM-SHA256", Sort::ForwardGcm),
    ("ECDHE-ECDSA-AES128-SHA256", Sort::ForwardSha2),
    ("ECDHE-RSA-AES128-SHA256", Sort::ForwardSha2),
    ("ECDHE-ECDSA-AES128-SHA", Sort::ForwardSha1),
    ("ECDHE-RSA-AES128-SHA", Sort::ForwardSha1),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", Sort::ForwardGcm),
    ("ECDHE-RSA-AES256-GCM-SHA384", Sort::ForwardGcm),
    ("ECDHE-ECDSA-AES256-SHA384", Sort::ForwardSha2),
    ("ECDHE-RSA-AES256-SHA384", Sort::ForwardSha2),
    ("ECDHE-RSA-AES256-SHA", Sort::ForwardSha1),
    ("ECDHE-ECDSA-AES256-SHA", Sort::ForwardSha1),
    ("AES128-GCM-SHA256", Sort::Gcm),
    ("AES128-SHA256", Sort::Sha2),
    ("AES128-SHA", Sort::Sha1),
    ("AES256-GCM-SHA384", Sort::Gcm),
    ("AES256-SHA256", Sort::Sha2),
    ("AES256-SHA", Sort::Sha1),
];

const RESTRICTED: &[Sort] = &[Sort::ForwardGcm];
const FORWARD: &[Sort] = &[Sort::ForwardGcm, Sort::ForwardSha2];
const FORWARD_ALL: &[Sort] = &[Sort::ForwardGcm, Sort::ForwardSha2, Sort::ForwardSha1];
const MODERN: &[Sort] = &[Sort::ForwardGcm, Sort::ForwardSha2, Sort::Gcm, Sort::Sha2];
const ALL: &[Sort] =
    &[Sort::ForwardGcm, Sort::ForwardSha2, Sort::ForwardSha1, Sort::Gcm, Sort::Sha2, Sort::Sha1];

/// ELB guide, "Security policies": name, oldest and newest minor version of TLS 1, and the ciphers
/// besides those of TLS 1.3.
const POLICIES: &[(&str, u8, u8, &[Sort])] = &[
    ("ELBSecurityPolicy-2016-08", 0, 2, ALL),
    ("ELBSecurityPolicy-2015-05", 0, 2, ALL),
    ("ELBSecurityPolicy-TLS-1-2-2017-01", 2, 2, MODERN),
    ("ELBSecurityPolicy-TLS-1-1-2017-01", 1, 2, ALL),
    ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", 2, 2, ALL),
    ("ELBSecurityPolicy-FS-2018-06", 0, 2, FORWARD_ALL),
    ("ELBSecurityPolicy-TLS-1-0-2015-04", 0, 2, ALL),
    ("ELBSecurityPolicy-FS-1-2-Res-2019-08", 2, 2, FORWARD),
    ("ELBSecurityPolicy-FS-1-1-2019-08", 1, 2, FORWARD_ALL),
    ("ELBSecurityPolicy-FS-1-2-2019-08", 2, 2, FORWARD_ALL),
    ("ELBSecurityPolicy-FS-1-2-Res-2020-10", 2, 2, RESTRICTED),
    ("ELBSecurityPolicy-TLS13-1-0-2021-06", 0, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-1-2021-06", 1, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", 2, 3, FORWARD),
    ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", 2, 3, RESTRICTED),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", 2, 3, MODERN),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", 2, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", 3, 3, &[]),
    ("ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", 0, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", 1, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", 2, 3, FORWARD),
    ("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", 2, 3, RESTRICTED),
    ("ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", 2, 3, FORWARD_ALL),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04", 2, 3, MODERN),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", 2, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", 3, 3, &[]),
    ("ELBSecurityPolicy-TLS13-1-0-PQ-2025-09", 0, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", 2, 3, FORWARD),
    ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", 2, 3, RESTRICTED),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", 2, 3, MODERN),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", 2, 3, ALL),
    ("ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", 3, 3, &[]),
];

const PROTOCOLS: &[(u8, &str)] = &[(0, "TLSv1"), (1, "TLSv1.1"), (2, "TLSv1.2"), (3, "TLSv1.3")];

/// Refuses a policy that AWS does not have.
pub fn check(name: &str) -> Result<(), Refused> {
    match POLICIES.iter().any(|(known, ..)| *known == name) {
        true => Ok(()),
        false => Err(not_found(name)),
    }
}

fn not_found(name: &str) -> Refused {
    Refused::new("SSLPolicyNotFound", format!("SSL policy '{name}' not found"))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    names: Vec<String>,
    marker: Option<String>,
    page_size: Option<i64>,
    load_balancer_type: Option<String>,
}

pub(super) fn describe(_: &mut Site<'_>, input: Describe) -> Answer {
    input.names.iter().try_for_each(|name| check(name))?;
    let sort = input.load_balancer_type.as_deref().unwrap_or("application");
    one_of("loadBalancerType", sort, &["application", "network", "gateway"])?;
    let policies: Vec<Value> = POLICIES
        .iter()
        .filter(|(name, ..)| input.names.is_empty() || input.names.iter().any(|one| one == name))
        .filter(|_| sort != "gateway")
        .map(|policy| described(*policy))
        .collect();
    let scope = format!("ssl policies {sort} {:?}", input.names);
    let (policies, next) = page(policies, input.page_size, input.marker.as_deref(), &scope)?;
    Ok(json!({ "SslPolicies": policies, "NextMarker": next }))
}

fn described((name, oldest, newest, sorts): (&str, u8, u8, &[Sort])) -> Value {
    let protocols: Vec<&str> = PROTOCOLS
        .iter()
        .filter(|(minor, _)| (oldest..=newest).contains(minor))
        .map(|(_, protocol)| *protocol)
        .collect();
    let has = |cipher: &str, sort: Sort| match sort {
        // FIPS 140 does not know ChaCha20.
        Sort::Tls13 => newest == 3 && !(name.contains("FIPS") && cipher.contains("CHACHA")),
        sort => sorts.contains(&sort),
    };
    let ciphers: Vec<Value> = CIPHERS
        .iter()
        .filter(|(cipher, sort)| has(cipher, *sort))
        .zip(1..)
        .map(|((cipher, _), priority)| json!({ "Name": cipher, "Priority": priority }))
        .collect();
    json!({
        "SslProtocols": protocols,
        "Ciphers": ciphers,
        "Name": name,
        "SupportedLoadBalancerTypes": ["application", "network"],
    })
}
