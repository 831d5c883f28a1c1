//! Images: a manifest, its digest, and the tags that point to it.
//!
//! The layers of images are not asked for: `PutImage` takes manifests whose layers were never
//! uploaded, which AWS refuses with `LayersNotFoundException`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::repository::{Repository, of, of_mut};
use super::scan::Scan;
use super::{constraint, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Time};

/// An image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// The digest of its manifest.
    pub digest: String,
    /// What points to it.
    pub tags: BTreeSet<String>,
    /// When it came.
    pub pushed: Time,
    /// Its manifest.
    pub manifest: String,
    /// What kind of manifest that is.
    pub media_type: String,
    /// Its last scan.
    pub scan: Option<Scan>,
}

/// How an image is named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ImageId {
    image_digest: Option<String>,
    image_tag: Option<String>,
}

/// Which images are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TagStatus {
    /// Those with a tag.
    Tagged,
    /// Those without.
    Untagged,
    /// All.
    #[default]
    Any,
}

impl TagStatus {
    /// Whether an image is meant.
    pub fn admits(self, image: &Image) -> bool {
        match self {
            TagStatus::Tagged => !image.tags.is_empty(),
            TagStatus::Untagged => image.tags.is_empty(),
            TagStatus::Any => true,
        }
    }
}

impl ImageId {
    /// Whether it names an image.
    pub fn names(&self, image: &Image) -> bool {
        let tag = self.image_tag.as_ref().is_none_or(|tag| image.tags.contains(tag));
        let digest = self.image_digest.as_ref().is_none_or(|digest| *digest == image.digest);
        tag && digest && (self.image_tag.is_some() || self.image_digest.is_some())
    }

    /// The image that it names.
    pub fn find<'r>(&self, repository: &'r Repository) -> Option<&'r Image> {
        repository.images.values().find(|image| self.names(image))
    }

    /// The same, or the refusal that there is none.
    pub fn find_or_refuse<'r>(&self, repository: &'r Repository) -> Result<&'r Image, Refused> {
        self.find(repository).ok_or_else(|| {
            let message = format!(
                "The image with imageId {self} does not exist within the repository with name \
                 '{}' in the registry with id '{ACCOUNT}'",
                repository.name
            );
            Refused::new("ImageNotFoundException", message)
        })
    }

    /// As it is written in answers.
    pub fn value(&self) -> Value {
        json!({ "imageDigest": self.image_digest, "imageTag": self.image_tag })
    }

    /// Why an image of a batch cannot be had.
    fn failure(&self, repository: &Repository) -> Value {
        let tag = self.image_tag.as_ref();
        let tag = tag.and_then(|tag| repository.images.values().find(|i| i.tags.contains(tag)));
        let (code, reason) = match (&self.image_digest, &self.image_tag) {
            (None, None) => (
                "MissingDigestAndTag",
                "Invalid request parameters: both tag and digest cannot be null",
            ),
            (Some(digest), _) if !digest.contains(':') => (
                "InvalidImageDigest",
                "Invalid request parameters: image digest should satisfy the regex \
                 '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
            ),
            (Some(_), Some(_)) if tag.is_some() => {
                ("ImageTagDoesNotMatchDigest", "Requested tag does not match the digest")
            }
            _ => ("ImageNotFound", "Requested image not found"),
        };
        json!({ "imageId": self.value(), "failureCode": code, "failureReason": reason })
    }
}

impl std::fmt::Display for ImageId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted = |id: &Option<String>| format!("'{}'", id.as_deref().unwrap_or("null"));
        let (digest, tag) = (quoted(&self.image_digest), quoted(&self.image_tag));
        write!(formatter, "{{imageDigest:{digest}, imageTag:{tag}}}")
    }
}

impl Image {
    fn document(&self) -> Value {
        serde_json::from_str(&self.manifest).unwrap_or_default()
    }

    /// The digests and sizes of its layers.
    pub fn layers(&self) -> Vec<(String, u64)> {
        let document = self.document();
        let layers = document.get("layers").and_then(Value::as_array).into_iter().flatten();
        let blobs = layers.chain(document.get("config"));
        let blobs = blobs.filter_map(|blob| {
            let digest = blob.get("digest")?.as_str()?.to_owned();
            Some((digest, blob.get("size").and_then(Value::as_u64).unwrap_or_default()))
        });
        blobs.collect()
    }

    fn describe(&self, repository: &Repository, now: Time) -> Value {
        let size = self.layers().iter().map(|(_, size)| size).sum::<u64>();
        let document = self.document();
        let config = document.get("config").and_then(|config| config.get("mediaType"));
        let scan = self.scan.as_ref();
        json!({
            "registryId": ACCOUNT,
            "repositoryName": repository.name,
            "imageDigest": self.digest,
            "imageTags": (!self.tags.is_empty()).then_some(&self.tags),
            "imageSizeInBytes": if size == 0 { self.manifest.len() as u64 } else { size },
            "imagePushedAt": self.pushed.epoch(),
            "imageScanStatus": scan.map(|scan| scan.status(now)),
            "imageScanFindingsSummary": scan.and_then(|scan| scan.summary(now)),
            "imageManifestMediaType": self.media_type,
            "artifactMediaType": config,
            "imageStatus": "ACTIVE",
        })
    }
}

/// The input of PutImage.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    image_manifest: String,
    #[serde(default)]
    image_manifest_media_type: Option<String>,
    #[serde(default)]
    image_tag: Option<String>,
    #[serde(default)]
    image_digest: Option<String>,
}

/// PutImage.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    let now = site.now();
    let scan = Scan::begin(site);
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let media_type = media_type(&input.image_manifest, input.image_manifest_media_type)?;
    if input.image_tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
        let message = "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'";
        return Err(constraint("imageTag", message));
    }
    let digest = Sha256::digest(&input.image_manifest);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = format!("sha256:{digest}");
    if input.image_digest.is_some_and(|given| given != digest) {
        let message = "The specified image digest does not match the digest that Amazon ECR \
                       calculated for the image.";
        return Err(Refused::new("ImageDigestDoesNotMatchException", message));
    }
    check_tag(repository, &digest, input.image_tag.as_deref())?;
    if let Some(tag) = &input.image_tag {
        repository.images.values_mut().for_each(|image| {
            image.tags.remove(tag);
        });
    }
    let scan = repository.scan_on_push.then_some(scan);
    let image = repository.images.entry(digest.clone()).or_insert_with(|| Image {
        digest,
        tags: BTreeSet::new(),
        pushed: now,
        manifest: input.image_manifest,
        media_type,
        scan,
    });
    image.tags.extend(input.image_tag.clone());
    let id = ImageId { image_digest: Some(image.digest.clone()), image_tag: input.image_tag };
    Ok(json!({ "image": whole(image, &input.repository_name, &id) }))
}

fn media_type(manifest: &str, given: Option<String>) -> Result<String, Refused> {
    let wrong = |why: &str| constraint("imageManifest", why);
    let document: Value =
        serde_json::from_str(manifest).map_err(|_| wrong("Invalid JSON syntax"))?;
    if !document.is_object() {
        return Err(wrong("Invalid JSON syntax"));
    }
    let own = document.get("mediaType").and_then(Value::as_str).map(str::to_owned);
    if let (Some(own), Some(given)) = (&own, &given)
        && own != given
    {
        let message = "must match the media type in the image manifest";
        return Err(constraint("imageManifestMediaType", message));
    }
    let usual = || "application/vnd.docker.distribution.manifest.v2+json".to_owned();
    Ok(own.or(given).unwrap_or_else(usual))
}

fn is_tag(tag: &str) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (1..=128).contains(&tag.len())
        && tag.starts_with(word)
        && tag.chars().all(|letter| word(letter) || ".-".contains(letter))
}

/// The same image under the same tag exists already; a tag that cannot move stays where it is.
fn check_tag(repository: &Repository, digest: &str, tag: Option<&str>) -> Result<(), Refused> {
    let (name, same) = (&repository.name, repository.images.get(digest));
    let exists = match (same, tag) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(image), Some(tag)) => image.tags.contains(tag),
    };
    if exists {
        let tag = tag.map(|tag| format!(" and tag '{tag}'")).unwrap_or_default();
        let message = format!(
            "Image with digest '{digest}'{tag} already exists in the repository with name \
             '{name}' in registry with id '{ACCOUNT}'"
        );
        return Err(Refused::new("ImageAlreadyExistsException", message));
    }
    let taken = |tag: &&str| repository.images.values().any(|image| image.tags.contains(*tag));
    match tag.filter(|tag| repository.fixes(tag)).filter(taken) {
        None => Ok(()),
        Some(tag) => {
            let message = format!(
                "The image tag '{tag}' already exists in the '{name}' repository and cannot be \
                 overwritten because the tag is immutable."
            );
            Err(Refused::new("ImageTagAlreadyExistsException", message))
        }
    }
}

fn whole(image: &Image, repository: &str, id: &ImageId) -> Value {
    json!({
        "registryId": ACCOUNT,
        "repositoryName": repository,
        "imageId": { "imageDigest": image.digest, "imageTag": id.image_tag },
        "imageManifest": image.manifest,
        "imageManifestMediaType": image.media_type,
    })
}

/// The input of BatchGetImage.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BatchGet {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<ImageId>,
    // Images are given as they were pushed, as ECR does with all but the oldest kind.
    #[serde(default, rename = "acceptedMediaTypes")]
    _accepted: Vec<String>,
}

/// BatchGetImage.
pub fn get(site: &mut Site<'_>, input: BatchGet) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    check_batch(&input.image_ids)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in &input.image_ids {
        match id.find(repository) {
            Some(image) => images.push(whole(image, &repository.name, id)),
            None => failures.push(id.failure(repository)),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

fn check_batch(ids: &[ImageId]) -> Result<(), Refused> {
    match (1..=100).contains(&ids.len()) {
        true => Ok(()),
        false => Err(constraint("imageIds", "must have length between 1 and 100")),
    }
}

/// The input of BatchDeleteImage.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BatchDelete {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<ImageId>,
}

/// BatchDeleteImage. ECR API: a tag is taken off its image, and the image goes with its last tag; a
/// digest takes the image and all its tags.
pub fn delete(site: &mut Site<'_>, input: BatchDelete) -> Answer {
    check_batch(&input.image_ids)?;
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for id in &input.image_ids {
        let Some(image) = id.find(repository) else {
            failures.push(id.failure(repository));
            continue;
        };
        let digest = image.digest.clone();
        let named = |tag: &String| json!({ "imageDigest": digest, "imageTag": tag });
        let whole = match &id.image_tag {
            Some(tag) => {
                gone.push(named(tag));
                image.tags.len() == 1
            }
            None if image.tags.is_empty() => {
                gone.push(json!({ "imageDigest": digest }));
                true
            }
            None => {
                gone.extend(image.tags.iter().map(named));
                true
            }
        };
        if whole {
            repository.images.remove(&digest);
        } else if let (Some(image), Some(tag)) = (repository.images.get_mut(&digest), &id.image_tag)
        {
            image.tags.remove(tag);
        }
    }
    Ok(json!({ "imageIds": gone, "failures": failures }))
}

/// The input of DescribeImages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Describe {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    image_ids: Vec<ImageId>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    filter: Filter,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Filter {
    tag_status: TagStatus,
    image_status: ImageStatus,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ImageStatus {
    #[default]
    Active,
    Archived,
    Activating,
    Any,
}

impl Filter {
    /// All images are active.
    fn admits(&self, image: &Image) -> bool {
        self.tag_status.admits(image)
            && matches!(self.image_status, ImageStatus::Active | ImageStatus::Any)
    }
}

/// DescribeImages.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let now = site.now();
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let token = input.next_token.as_deref();
    if !input.image_ids.is_empty() {
        check_batch(&input.image_ids)?;
        if token.is_some() || input.max_results.is_some() {
            // ECR API, DescribeImages: "cannot be used when you specify images with imageIds".
            return Err(constraint("maxResults", "cannot be used with imageIds"));
        }
        let found = input.image_ids.iter().map(|id| id.find_or_refuse(repository));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        let found = found.iter().map(|image| image.describe(repository, now));
        return Ok(json!({ "imageDetails": found.collect::<Vec<_>>() }));
    }
    let images = repository.images.values().filter(|image| input.filter.admits(image));
    let images = images.map(|image| image.describe(repository, now)).collect();
    let scope = format!("images {}", repository.name);
    let (images, next) = paged(images, input.max_results, token, &scope)?;
    Ok(json!({ "imageDetails": images, "nextToken": next }))
}

/// The input of ListImages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct List {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    filter: Filter,
}

/// ListImages: each tag with its digest, and the digests that have none.
pub fn list(site: &mut Site<'_>, input: List) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let images = repository.images.values().filter(|image| input.filter.admits(image));
    let ids = images.flat_map(|image| {
        let digest = &image.digest;
        let untagged = image.tags.is_empty().then(|| json!({ "imageDigest": digest }));
        let tagged = image.tags.iter();
        let tagged = tagged.map(move |tag| json!({ "imageDigest": digest, "imageTag": tag }));
        tagged.chain(untagged)
    });
    let scope = format!("image ids {}", repository.name);
    let token = input.next_token.as_deref();
    let (ids, next) = paged(ids.collect(), input.max_results, token, &scope)?;
    Ok(json!({ "imageIds": ids, "nextToken": next }))
}

/// The input of what asks for one image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct One {
    #[serde(default)]
    pub(super) registry_id: Option<String>,
    pub(super) repository_name: String,
    pub(super) image_id: ImageId,
}

/// DescribeImageReplicationStatus: nothing is replicated.
pub fn replication(site: &mut Site<'_>, input: One) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    input.image_id.find_or_refuse(repository)?;
    Ok(json!({
        "repositoryName": repository.name,
        "imageId": input.image_id.value(),
        "replicationStatuses": [],
    }))
}
