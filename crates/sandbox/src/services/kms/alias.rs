//! Aliases of keys.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::key::{Key, of};
use super::paged;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// An alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// The id of its key.
    pub target: String,
    created: Time,
    updated: Time,
}

/// The key that an alias stands for.
pub fn target<'s>(site: &'s Site<'_>, alias: &str) -> Option<&'s Key> {
    let state = &site.region().kms;
    state.keys.get(&state.aliases.get(alias)?.target)
}

/// The refusal that there is no such alias.
pub fn not_found(site: &Site<'_>, alias: &str) -> Refused {
    let message = format!("Alias {} is not found.", site.arn("kms", alias));
    Refused::new("NotFoundException", message)
}

/// The input of CreateAlias and UpdateAlias.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Set {
    alias_name: String,
    target_key_id: String,
}

/// CreateAlias.
pub fn create(site: &mut Site<'_>, input: Set) -> Answer {
    let name = input.alias_name;
    check(&name)?;
    let target = live(site, &input.target_key_id)?;
    let now = site.now();
    if site.region().kms.aliases.contains_key(&name) {
        let arn = site.arn("kms", &name);
        let message = format!("An alias with the name {arn} already exists");
        return Err(Refused::new("AlreadyExistsException", message));
    }
    let alias = Alias { target, created: now, updated: now };
    site.region_mut().kms.aliases.insert(name, alias);
    Ok(Value::Null)
}

/// KMS API, CreateAlias: `alias/` and letters, digits, `/_-`; not `alias/aws/`.
fn check(name: &str) -> Result<(), Refused> {
    let refuse = |code: &str, message: &str| Err(Refused::new(code, message));
    let Some(rest) = name.strip_prefix("alias/").filter(|rest| !rest.is_empty()) else {
        return refuse("ValidationException", "Invalid identifier");
    };
    if rest.starts_with("aws/") {
        return refuse("NotAuthorizedException", "");
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "/_-".contains(letter);
    if name.len() > 256 || !rest.chars().all(allowed) {
        let message = "1 validation error detected: Value at 'aliasName' failed to satisfy \
                       constraint: Member must satisfy regular expression pattern: \
                       ^[a-zA-Z0-9:/_-]+$";
        return refuse("ValidationException", message);
    }
    Ok(())
}

/// The id of a key that is not on its way out.
fn live(site: &Site<'_>, name: &str) -> Result<String, Refused> {
    if name.starts_with("alias/") || name.contains(":alias/") {
        let message = "Aliases must refer to keys. Not aliases";
        return Err(Refused::new("ValidationException", message));
    }
    let key = of(site, name)?;
    match key.deletion {
        None => Ok(key.id.clone()),
        Some(_) => {
            let message = format!("{} is pending deletion.", key.arn);
            Err(Refused::new("KMSInvalidStateException", message))
        }
    }
}

/// UpdateAlias.
pub fn update(site: &mut Site<'_>, input: Set) -> Answer {
    let target = live(site, &input.target_key_id)?;
    let (now, missing) = (site.now(), not_found(site, &input.alias_name));
    let alias = site.region_mut().kms.aliases.get_mut(&input.alias_name).ok_or(missing)?;
    (alias.target, alias.updated) = (target, now);
    Ok(Value::Null)
}

/// The input of DeleteAlias.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Named {
    alias_name: String,
}

/// DeleteAlias.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let missing = not_found(site, &input.alias_name);
    let gone = site.region_mut().kms.aliases.remove(&input.alias_name);
    gone.map(|_| Value::Null).ok_or(missing)
}

/// The input of ListAliases.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct List {
    key_id: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

/// ListAliases.
pub fn list(site: &mut Site<'_>, input: List) -> Answer {
    let key = input.key_id.as_deref().map(|name| of(site, name)).transpose()?;
    let key = key.map(|key| key.id.clone());
    let aliases = site.region().kms.aliases.iter();
    let aliases = aliases.filter(|(_, alias)| key.as_ref().is_none_or(|key| alias.target == *key));
    let aliases = aliases.map(|(name, alias)| {
        json!({
            "AliasName": name,
            "AliasArn": site.arn("kms", name),
            "TargetKeyId": alias.target,
            "CreationDate": alias.created.epoch(),
            "LastUpdatedDate": alias.updated.epoch(),
        })
    });
    let scope = format!("aliases {key:?}");
    let marker = input.marker.as_deref();
    let (aliases, next) = paged(aliases.collect(), input.limit, 50, marker, &scope)?;
    Ok(json!({ "Aliases": aliases, "Truncated": next.is_some(), "NextMarker": next }))
}
