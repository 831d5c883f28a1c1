//! Repositories.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::image::Image;
use super::layer::Upload;
use super::lifecycle::{Policy, Preview};
use super::tag::{self, Tag};
use super::{constraint, host, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::kms;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// A repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Where it is pulled from.
    pub uri: String,
    /// Since when it exists.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
    /// Whether the tags of images can move.
    pub mutability: Mutability,
    /// Which tags are excepted from that.
    pub exclusions: Vec<Exclusion>,
    /// Whether images are scanned when they are pushed.
    pub scan_on_push: bool,
    /// How it is encrypted.
    pub encryption: Encryption,
    /// Its lifecycle policy.
    pub lifecycle: Option<Policy>,
    /// The last preview of a lifecycle policy.
    pub preview: Option<Preview>,
    /// Who may use it.
    pub policy: Option<String>,
    /// Images by digest.
    pub images: BTreeMap<String, Image>,
    /// The sizes of the layers that were uploaded, by digest.
    pub layers: BTreeMap<String, u64>,
    /// Uploads that are not complete, by id.
    pub uploads: BTreeMap<String, Upload>,
}

/// Whether the tags of images can move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mutability {
    /// They can.
    #[default]
    Mutable,
    /// They cannot.
    Immutable,
    /// Only those that a filter matches can.
    ImmutableWithExclusion,
    /// All can but those that a filter matches.
    MutableWithExclusion,
}

/// Tags that are excepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Exclusion {
    filter_type: FilterType,
    filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FilterType {
    Wildcard,
}

/// How a repository is encrypted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Encryption {
    encryption_type: EncryptionType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum EncryptionType {
    #[serde(rename = "AES256")]
    Aes256,
    #[serde(rename = "KMS")]
    Kms,
    #[serde(rename = "KMS_DSSE")]
    KmsDsse,
}

/// What is said about scans.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scanning {
    #[serde(default)]
    scan_on_push: bool,
}

impl Repository {
    /// Whether a tag cannot move from its image to another. ECR guide, "Preventing image tags from
    /// being overwritten".
    pub fn fixes(&self, tag: &str) -> bool {
        let excepted = self.exclusions.iter().any(|exclusion| matches(&exclusion.filter, tag));
        match self.mutability {
            Mutability::Mutable => false,
            Mutability::Immutable => true,
            Mutability::ImmutableWithExclusion => !excepted,
            Mutability::MutableWithExclusion => excepted,
        }
    }

    fn describe(&self) -> Value {
        json!({
            "repositoryArn": self.arn,
            "registryId": ACCOUNT,
            "repositoryName": self.name,
            "repositoryUri": self.uri,
            "createdAt": self.created.epoch(),
            "imageTagMutability": self.mutability,
            "imageTagMutabilityExclusionFilters":
                (!self.exclusions.is_empty()).then_some(&self.exclusions),
            "imageScanningConfiguration": { "scanOnPush": self.scan_on_push },
            "encryptionConfiguration": self.encryption,
        })
    }
}

/// Whether a wildcard filter matches a tag.
pub fn matches(filter: &str, tag: &str) -> bool {
    let Some((start, rest)) = filter.split_once('*') else { return filter == tag };
    let Some(tag) = tag.strip_prefix(start) else { return false };
    let ends = tag.char_indices().map(|(at, _)| at).chain([tag.len()]);
    ends.filter_map(|at| tag.get(at..)).any(|tail| matches(rest, tail))
}

/// A repository by name, or the refusal that there is none.
pub fn of<'s>(
    site: &'s Site<'_>,
    registry: Option<&str>,
    name: &str,
) -> Result<&'s Repository, Refused> {
    checked(registry, name)?;
    let registry = registry.unwrap_or(ACCOUNT);
    let found = site.region().ecr.repositories.get(name).filter(|_| registry == ACCOUNT);
    found.ok_or_else(|| not_found(registry, name))
}

/// The same, to change it.
pub fn of_mut<'s>(
    site: &'s mut Site<'_>,
    registry: Option<&str>,
    name: &str,
) -> Result<&'s mut Repository, Refused> {
    of(site, registry, name)?;
    let found = site.region_mut().ecr.repositories.get_mut(name);
    found.ok_or_else(|| not_found(ACCOUNT, name))
}

/// The refusal that there is no such repository.
pub fn not_found(registry: &str, name: &str) -> Refused {
    let message = format!(
        "The repository with name '{name}' does not exist in the registry with id '{registry}'"
    );
    Refused::new("RepositoryNotFoundException", message)
}

fn checked(registry: Option<&str>, name: &str) -> Result<(), Refused> {
    let digits = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if registry.is_some_and(|id| !digits(id)) {
        return Err(constraint("registryId", "must satisfy regular expression '[0-9]{12}'"));
    }
    if !(2..=256).contains(&name.len()) {
        let between = "must have length between 2 and 256";
        return Err(constraint("repositoryName", between));
    }
    if !name.split('/').all(is_path_component) {
        return Err(constraint(
            "repositoryName",
            "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-]\
             [a-z0-9]+)*'",
        ));
    }
    Ok(())
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_component(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let separators = name.split(plain).filter(|separator| !separator.is_empty());
    let mut separators = separators.into_iter();
    name.starts_with(plain)
        && name.ends_with(plain)
        && separators.all(|separator| {
            matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

/// The input of CreateRepository.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Create {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    image_tag_mutability: Mutability,
    #[serde(default)]
    image_tag_mutability_exclusion_filters: Vec<Exclusion>,
    #[serde(default)]
    image_scanning_configuration: Option<Scanning>,
    #[serde(default)]
    encryption_configuration: Option<Encryption>,
}

/// CreateRepository.
pub fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let name = input.repository_name;
    checked(input.registry_id.as_deref(), &name)?;
    let tags = tag::merged(&Tags::new(), input.tags)?;
    let exclusions = input.image_tag_mutability_exclusion_filters;
    check_exclusions(input.image_tag_mutability, &exclusions)?;
    let encryption = encryption(site, input.encryption_configuration)?;
    if site.region().ecr.repositories.contains_key(&name) {
        let message = format!(
            "The repository with name '{name}' already exists in the registry with id '{ACCOUNT}'"
        );
        return Err(Refused::new("RepositoryAlreadyExistsException", message));
    }
    let repository = Repository {
        arn: site.arn("ecr", &format!("repository/{name}")),
        uri: format!("{}/{name}", host(&site.name)),
        created: site.now(),
        tags,
        mutability: input.image_tag_mutability,
        exclusions,
        scan_on_push: input.image_scanning_configuration.is_some_and(|scans| scans.scan_on_push),
        encryption,
        lifecycle: None,
        preview: None,
        policy: None,
        images: BTreeMap::new(),
        layers: BTreeMap::new(),
        uploads: BTreeMap::new(),
        name: name.clone(),
    };
    let answer = json!({ "repository": repository.describe() });
    site.region_mut().ecr.repositories.insert(name, repository);
    Ok(answer)
}

/// ECR API, EncryptionConfiguration: AES256 takes no key; KMS takes the AWS managed key of ECR where
/// none is named, and shows its ARN.
fn encryption(site: &Site<'_>, given: Option<Encryption>) -> Result<Encryption, Refused> {
    let Some(given) = given else {
        return Ok(Encryption { encryption_type: EncryptionType::Aes256, kms_key: None });
    };
    let kms_key = match (given.encryption_type, given.kms_key) {
        (EncryptionType::Aes256, None) => None,
        (EncryptionType::Aes256, Some(_)) => {
            let message = "kmsKey can only be specified with encryption type KMS or KMS_DSSE";
            return Err(constraint("encryptionConfiguration", message));
        }
        (_, None) => Some(kms::managed_key(site, "ecr")),
        (_, Some(key)) => Some(named_key(site, &key)?),
    };
    Ok(Encryption { kms_key, ..given })
}

/// The ARN of a key that is named by id or ARN.
fn named_key(site: &Site<'_>, key: &str) -> Result<String, Refused> {
    if key.is_empty() || key.len() > 2048 {
        return Err(constraint("kmsKey", "must have length between 1 and 2048"));
    }
    if !kms::is_usable(site, key) {
        let message = format!("The KMS key '{key}' does not exist or cannot be used.");
        return Err(Refused::new("KmsException", message));
    }
    let by_arn = key.starts_with("arn:");
    let by_alias = key.starts_with("alias/");
    Ok(match (by_arn, by_alias) {
        (true, _) => key.to_owned(),
        (false, true) => site.arn("kms", key),
        (false, false) => site.arn("kms", &format!("key/{key}")),
    })
}

/// ECR API, ImageTagMutabilityExclusionFilter: 1 to 5 filters with at most two wildcards each, and
/// only where the setting has an exclusion.
pub fn check_exclusions(mutability: Mutability, exclusions: &[Exclusion]) -> Result<(), Refused> {
    let parameter = "imageTagMutabilityExclusionFilters";
    let takes =
        matches!(mutability, Mutability::ImmutableWithExclusion | Mutability::MutableWithExclusion);
    match (takes, exclusions.len()) {
        (true, 0) => {
            return Err(constraint(parameter, "must not be empty when using an exclusion"));
        }
        (false, 1..) => {
            let message = "can only be specified with IMMUTABLE_WITH_EXCLUSION or \
                           MUTABLE_WITH_EXCLUSION";
            return Err(constraint(parameter, message));
        }
        (_, 6..) => return Err(constraint(parameter, "must have length less than or equal to 5")),
        _ => {}
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._*-".contains(letter);
    let wrong = exclusions.iter().map(|exclusion| &exclusion.filter).find(|filter| {
        !(1..=128).contains(&filter.len())
            || !filter.chars().all(allowed)
            || filter.matches('*').count() > 2
    });
    match wrong {
        None => Ok(()),
        Some(_) => Err(constraint(
            "filter",
            "must satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}$' \
             with at most 2 wildcards",
        )),
    }
}

/// The input of DescribeRepositories.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    registry_id: Option<String>,
    repository_names: Vec<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// DescribeRepositories.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let registry = input.registry_id.as_deref();
    let token = input.next_token.as_deref();
    if !input.repository_names.is_empty() {
        if token.is_some() || input.max_results.is_some() {
            // ECR API, DescribeRepositories: "cannot be used when you specify repositories".
            return Err(constraint("maxResults", "cannot be used with repositoryNames"));
        }
        if input.repository_names.len() > 100 {
            let message = "must have length less than or equal to 100";
            return Err(constraint("repositoryNames", message));
        }
        let named = input.repository_names.iter().map(|name| of(site, registry, name));
        let found = named.map(|found| found.map(Repository::describe));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        return Ok(json!({ "repositories": found }));
    }
    let all = site.region().ecr.repositories.values();
    let all = all.filter(|_| registry.is_none_or(|registry| registry == ACCOUNT));
    let all = all.map(Repository::describe).collect();
    let (repositories, next) = paged(all, input.max_results, token, "repositories")?;
    Ok(json!({ "repositories": repositories, "nextToken": next }))
}

/// The input of DeleteRepository.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Delete {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    force: bool,
}

/// DeleteRepository.
pub fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let name = input.repository_name;
    let repository = of(site, input.registry_id.as_deref(), &name)?;
    if !repository.images.is_empty() && !input.force {
        let message = format!(
            "The repository with name '{name}' in registry with id '{ACCOUNT}' cannot be deleted \
             because it still contains images"
        );
        return Err(Refused::new("RepositoryNotEmptyException", message));
    }
    let answer = json!({ "repository": repository.describe() });
    site.region_mut().ecr.repositories.remove(&name);
    Ok(answer)
}

/// The input of PutImageTagMutability.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutMutability {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    image_tag_mutability: Mutability,
    #[serde(default)]
    image_tag_mutability_exclusion_filters: Vec<Exclusion>,
}

/// PutImageTagMutability.
pub fn put_mutability(site: &mut Site<'_>, input: PutMutability) -> Answer {
    let exclusions = input.image_tag_mutability_exclusion_filters;
    check_exclusions(input.image_tag_mutability, &exclusions)?;
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    repository.mutability = input.image_tag_mutability;
    repository.exclusions.clone_from(&exclusions);
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": input.repository_name,
        "imageTagMutability": input.image_tag_mutability,
        "imageTagMutabilityExclusionFilters": (!exclusions.is_empty()).then_some(exclusions),
    }))
}

/// The input of PutImageScanningConfiguration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutScanning {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    image_scanning_configuration: Scanning,
}

/// PutImageScanningConfiguration.
pub fn put_scanning(site: &mut Site<'_>, input: PutScanning) -> Answer {
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    repository.scan_on_push = input.image_scanning_configuration.scan_on_push;
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
    }))
}
