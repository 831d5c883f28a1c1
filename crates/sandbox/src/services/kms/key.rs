//! Keys.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::key_policy::{self, usual};
use super::paged;
use super::tag::{self, Tag};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// A key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Since when it exists.
    pub created: Time,
    /// What it is for, in words.
    pub description: String,
    /// What it can be used for.
    pub usage: String,
    /// Of which kind it is.
    pub spec: String,
    /// Whether it can be used.
    pub enabled: bool,
    /// When it is going to be deleted.
    pub deletion: Option<Time>,
    /// After how many days its material changes.
    pub rotation: Option<u32>,
    /// Who may use it.
    pub policy: String,
    /// Its tags.
    pub tags: Tags,
}

impl Key {
    /// As it is described.
    pub fn metadata(&self) -> Value {
        let algorithms = algorithms(&self.spec, &self.usage);
        let of = |usage: &str| (self.usage == usage).then_some(&algorithms);
        json!({
            "AWSAccountId": ACCOUNT,
            "KeyId": self.id,
            "Arn": self.arn,
            "CreationDate": self.created.epoch(),
            "Enabled": self.enabled && self.deletion.is_none(),
            "Description": self.description,
            "KeyUsage": self.usage,
            "KeyState": self.state(),
            "DeletionDate": self.deletion.map(Time::epoch),
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": self.spec,
            "KeySpec": self.spec,
            "EncryptionAlgorithms": of("ENCRYPT_DECRYPT"),
            "SigningAlgorithms": of("SIGN_VERIFY"),
            "MacAlgorithms": of("GENERATE_VERIFY_MAC"),
            "KeyAgreementAlgorithms": of("KEY_AGREEMENT"),
            "MultiRegion": false,
        })
    }

    /// Its state.
    pub fn state(&self) -> &'static str {
        match (self.deletion, self.enabled) {
            (Some(_), _) => "PendingDeletion",
            (None, true) => "Enabled",
            (None, false) => "Disabled",
        }
    }
}

/// KMS guide, "Key spec reference".
fn algorithms(spec: &str, usage: &str) -> Vec<&'static str> {
    match (spec, usage) {
        ("SYMMETRIC_DEFAULT", _) => vec!["SYMMETRIC_DEFAULT"],
        (_, "KEY_AGREEMENT") => vec!["ECDH"],
        ("HMAC_224", _) => vec!["HMAC_SHA_224"],
        ("HMAC_256", _) => vec!["HMAC_SHA_256"],
        ("HMAC_384", _) => vec!["HMAC_SHA_384"],
        ("HMAC_512", _) => vec!["HMAC_SHA_512"],
        ("ECC_NIST_P384", _) => vec!["ECDSA_SHA_384"],
        ("ECC_NIST_P521", _) => vec!["ECDSA_SHA_512"],
        ("ECC_NIST_P256" | "ECC_SECG_P256K1", _) => vec!["ECDSA_SHA_256"],
        (_, "ENCRYPT_DECRYPT") => vec!["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
        _ => vec![
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ],
    }
}

/// Which uses a kind of key has; the first is the usual one.
fn usages(spec: &str) -> &'static [&'static str] {
    match spec {
        "SYMMETRIC_DEFAULT" => &["ENCRYPT_DECRYPT"],
        "RSA_2048" | "RSA_3072" | "RSA_4096" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        "ECC_NIST_P256" | "ECC_NIST_P384" | "ECC_NIST_P521" => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        "ECC_SECG_P256K1" => &["SIGN_VERIFY"],
        "HMAC_224" | "HMAC_256" | "HMAC_384" | "HMAC_512" => &["GENERATE_VERIFY_MAC"],
        _ => &[],
    }
}

/// The input of CreateKey.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Create {
    policy: Option<String>,
    description: String,
    key_usage: Option<String>,
    customer_master_key_spec: Option<String>,
    key_spec: Option<String>,
    origin: Option<String>,
    // Callers cannot lock themselves out here.
    #[serde(rename = "BypassPolicyLockoutSafetyCheck")]
    _bypass: bool,
    tags: Vec<Tag>,
    multi_region: bool,
}

/// CreateKey.
pub fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let unsupported = |what: &str| {
        let message = format!("The sandbox has no {what}");
        Err(Refused::new("UnsupportedOperationException", message))
    };
    if input.multi_region {
        return unsupported("multi-region keys");
    }
    if input.origin.is_some_and(|origin| origin != "AWS_KMS") {
        return unsupported("keys of other origins than AWS_KMS");
    }
    let spec = input.key_spec.or(input.customer_master_key_spec);
    let spec = spec.unwrap_or_else(|| "SYMMETRIC_DEFAULT".to_owned());
    let usage = input.key_usage.unwrap_or_else(|| "ENCRYPT_DECRYPT".to_owned());
    if !usages(&spec).contains(&usage.as_str()) {
        // KMS API, CreateKey: the usage must be given for all but symmetric and RSA keys.
        let message = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
        return Err(Refused::new("ValidationException", message));
    }
    if let Some(policy) = &input.policy {
        key_policy::check(policy)?;
    }
    let tags = tag::merged(&Tags::new(), input.tags)?;
    let id = site.world.chance.uuid();
    let key = Key {
        arn: site.arn("kms", &format!("key/{id}")),
        created: site.now(),
        description: input.description,
        usage,
        spec,
        enabled: true,
        deletion: None,
        rotation: None,
        policy: input.policy.unwrap_or_else(usual),
        tags,
        id: id.clone(),
    };
    let answer = json!({ "KeyMetadata": key.metadata() });
    site.region_mut().kms.keys.insert(id, key);
    Ok(answer)
}

/// The input of what asks for a key alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Named {
    pub(super) key_id: String,
}

/// A key by id or ARN.
pub fn of<'s>(site: &'s Site<'_>, name: &str) -> Result<&'s Key, Refused> {
    let arn = match name.starts_with("arn:") {
        true => name.to_owned(),
        false => site.arn("kms", &format!("key/{name}")),
    };
    let found = site.region().kms.keys.values().find(|key| key.arn == arn);
    found.ok_or_else(|| Refused::new("NotFoundException", format!("Key '{arn}' does not exist")))
}

/// The same, to change it.
pub fn of_mut<'s>(site: &'s mut Site<'_>, name: &str) -> Result<&'s mut Key, Refused> {
    let found = of(site, name)?;
    let (id, arn) = (found.id.clone(), found.arn.clone());
    let found = site.region_mut().kms.keys.get_mut(&id);
    found.ok_or_else(|| Refused::new("NotFoundException", format!("Key '{arn}' does not exist")))
}

/// Whether other services can be given a key: by ARN, id or alias, and neither disabled nor on its
/// way out. Keys of other accounts and regions are taken to be there.
pub fn is_usable(site: &Site<'_>, name: &str) -> bool {
    let own = site.arn("kms", "");
    if name.starts_with("arn:") && !name.starts_with(&own) {
        return name.contains(":kms:");
    }
    let plain = name.strip_prefix(&own).unwrap_or(name);
    match super::alias::target(site, plain) {
        Some(key) => key.state() == "Enabled",
        None => plain.starts_with("alias/aws/") || of(site, name).is_ok_and(|k| k.enabled),
    }
}

/// The ARN of the key that AWS manages for a service, the same for the same region.
pub fn managed_key(site: &Site<'_>, service: &str) -> String {
    let hash = Sha256::digest(format!("aws/{service} {}", site.name));
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let uuid = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let uuid = uuid.map(|(from, to)| hex.get(from..to).unwrap_or_default()).join("-");
    site.arn("kms", &format!("key/{uuid}"))
}

/// The input of DescribeKey.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Describe {
    key_id: String,
    // Grants are not kept.
    #[serde(default, rename = "GrantTokens")]
    _tokens: Vec<String>,
}

/// DescribeKey: by id, ARN, alias or alias ARN.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let own = site.arn("kms", "");
    let name = input.key_id.strip_prefix(&own).unwrap_or(&input.key_id);
    if let Some(service) = name.strip_prefix("alias/aws/") {
        return Ok(json!({ "KeyMetadata": managed(site, service) }));
    }
    let key = match name.starts_with("alias/") {
        false => of(site, &input.key_id)?,
        true => {
            super::alias::target(site, name).ok_or_else(|| super::alias::not_found(site, name))?
        }
    };
    Ok(json!({ "KeyMetadata": key.metadata() }))
}

fn managed(site: &Site<'_>, service: &str) -> Value {
    let arn = managed_key(site, service);
    let mut metadata = Key {
        id: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        created: crate::world::BEGINNING,
        description: format!(
            "Default key that protects my data when no other key is defined ({service})"
        ),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        enabled: true,
        deletion: None,
        rotation: Some(365),
        policy: String::new(),
        tags: Tags::new(),
        arn,
    }
    .metadata();
    metadata["KeyManager"] = json!("AWS");
    metadata
}

/// The input of ListKeys.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct List {
    limit: Option<i64>,
    marker: Option<String>,
}

/// ListKeys.
pub fn list(site: &mut Site<'_>, input: List) -> Answer {
    let keys = site.region().kms.keys.values();
    let keys = keys.map(|key| json!({ "KeyId": key.id, "KeyArn": key.arn })).collect();
    let (keys, next) = paged(keys, input.limit, 100, input.marker.as_deref(), "keys")?;
    Ok(json!({ "Keys": keys, "Truncated": next.is_some(), "NextMarker": next }))
}
