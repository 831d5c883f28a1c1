//! OpenID Connect providers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::refusal::{constraint, exists, invalid, missing, over_quota, validation};
use super::tag::{self, Keys, Tag};
use super::{State, date, name};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// A provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provider {
    /// Its URL without the scheme.
    pub url: String,
    /// When it was made.
    pub created: Time,
    /// Its audiences.
    pub clients: Vec<String>,
    /// The thumbprints of its certificates.
    pub thumbprints: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

fn unknown(arn: &str) -> Refused {
    missing(format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// The provider with an ARN, to change it.
pub(super) fn find_mut<'s>(state: &'s mut State, arn: &str) -> Result<&'s mut Provider, Refused> {
    name::arn("openIDConnectProviderArn", arn)?;
    state.providers.get_mut(arn).ok_or_else(|| unknown(arn))
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), Refused> {
    if thumbprints.len() > 5 {
        return Err(invalid("Thumbprint list must contain fewer than 5 entries."));
    }
    let good = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match thumbprints.iter().find(|text| !good(text)) {
        None => Ok(()),
        Some(_) => Err(constraint(
            "thumbprintList",
            "satisfy constraint: [Member must have length less than or equal to 40, Member must \
             have length greater than or equal to 40]",
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    url: String,
    #[serde(default, rename = "ClientIDList")]
    clients: Vec<String>,
    #[serde(default)]
    thumbprint_list: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    name::length("url", &input.url, 1, 255)?;
    let Some(url) = input.url.strip_prefix("https://").filter(|url| !url.is_empty()) else {
        return Err(validation("Invalid Open ID Connect Provider URL"));
    };
    let url = url.trim_end_matches('/').to_owned();
    check_thumbprints(&input.thumbprint_list)?;
    if input.clients.len() > 100 {
        return Err(over_quota("ClientIdsPerOpenIdConnectProvider", 100));
    }
    let tags = tag::read(input.tags, Keys::Exact)?;
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{url}");
    let now = site.now();
    let providers = &mut site.global_mut().iam.providers;
    if providers.contains_key(&arn) {
        return Err(exists(format!("Provider with url https://{url} already exists.")));
    }
    if providers.len() >= 100 {
        return Err(over_quota("OpenIdConnectProvidersPerAccount", 100));
    }
    let shown = tag::shown_if_any(&tags);
    let (clients, mut thumbprints) = (input.clients, input.thumbprint_list);
    if thumbprints.is_empty() {
        // IAM API, CreateOpenIDConnectProvider: without any, IAM asks the provider's server.
        let digest = Sha256::digest(&url);
        thumbprints.push(digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect());
    }
    providers.insert(arn.clone(), Provider { url, created: now, clients, thumbprints, tags });
    Ok(json!({ "OpenIDConnectProviderArn": arn, "Tags": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
}

pub(super) fn get(site: &mut Site<'_>, input: One) -> Answer {
    let provider = find_mut(&mut site.global_mut().iam, &input.arn)?;
    Ok(json!({
        "Url": provider.url,
        "ClientIDList": provider.clients,
        "ThumbprintList": provider.thumbprints,
        "CreateDate": date(provider.created),
        "Tags": tag::shown(&provider.tags),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {}

pub(super) fn list(site: &mut Site<'_>, _: List) -> Answer {
    let arns = site.global().iam.providers.keys();
    let list: Value = arns.map(|arn| json!({ "Arn": arn })).collect();
    Ok(json!({ "OpenIDConnectProviderList": list }))
}

/// IAM API, DeleteOpenIDConnectProvider: roles that trust the provider stay as they are.
pub(super) fn delete(site: &mut Site<'_>, input: One) -> Answer {
    let arn = &input.arn;
    name::arn("openIDConnectProviderArn", arn)?;
    let gone = site.global_mut().iam.providers.remove(arn);
    let unknown = || missing(format!("OpenId connect Provider {arn} cannot be found."));
    gone.map(|_| Value::Null).ok_or_else(unknown)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client: String,
}

/// Adding one that is there already changes nothing (IAM API, AddClientIDToOpenIDConnectProvider).
pub(super) fn add_client(site: &mut Site<'_>, input: Client) -> Answer {
    name::length("clientID", &input.client, 1, 255)?;
    let provider = find_mut(&mut site.global_mut().iam, &input.arn)?;
    if !provider.clients.contains(&input.client) {
        if provider.clients.len() >= 100 {
            return Err(over_quota("ClientIdsPerOpenIdConnectProvider", 100));
        }
        provider.clients.push(input.client);
    }
    Ok(Value::Null)
}

/// Removing one that is not there changes nothing.
pub(super) fn remove_client(site: &mut Site<'_>, input: Client) -> Answer {
    let provider = find_mut(&mut site.global_mut().iam, &input.arn)?;
    provider.clients.retain(|client| *client != input.client);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Thumbprints {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ThumbprintList")]
    thumbprints: Vec<String>,
}

pub(super) fn update_thumbprints(site: &mut Site<'_>, input: Thumbprints) -> Answer {
    check_thumbprints(&input.thumbprints)?;
    find_mut(&mut site.global_mut().iam, &input.arn)?.thumbprints = input.thumbprints;
    Ok(Value::Null)
}
