//! Layers and their uploads. Their bytes are kept only until an upload is complete.

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::repository::{Repository, of, of_mut};
use super::{Named, constraint, host};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site};

/// An upload that is not complete.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// The parts so far, each in Base64.
    parts: Vec<String>,
    size: u64,
}

impl Repository {
    /// The size of a layer that is here.
    fn layer(&self, digest: &str) -> Option<u64> {
        let of_images = self.images.values().flat_map(super::image::Image::layers);
        let of_image = of_images.into_iter().find(|(layer, _)| layer == digest);
        self.layers.get(digest).copied().or(of_image.map(|(_, size)| size))
    }
}

/// The input of BatchCheckLayerAvailability.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Check {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    layer_digests: Vec<String>,
}

/// BatchCheckLayerAvailability.
pub fn check(site: &mut Site<'_>, input: Check) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    if !(1..=100).contains(&input.layer_digests.len()) {
        return Err(constraint("layerDigests", "must have length between 1 and 100"));
    }
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in &input.layer_digests {
        match repository.layer(digest) {
            Some(size) => layers.push(json!({
                "layerDigest": digest,
                "layerAvailability": "AVAILABLE",
                "layerSize": size,
                "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            })),
            None if is_digest(digest) => {
                layers.push(json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }));
            }
            None => failures.push(json!({
                "layerDigest": digest,
                "failureCode": "InvalidLayerDigest",
                "failureReason": "Invalid request parameters: layer digest should satisfy the \
                                  regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
            })),
        }
    }
    Ok(json!({ "layers": layers, "failures": failures }))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hash)| {
        !algorithm.is_empty() && !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// InitiateLayerUpload.
pub fn initiate(site: &mut Site<'_>, input: Named) -> Answer {
    let id = site.world.chance.uuid();
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    repository.uploads.insert(id.clone(), Upload::default());
    Ok(json!({ "uploadId": id, "partSize": 10_485_760 }))
}

/// The input of UploadLayerPart.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UploadPart {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    upload_id: String,
    part_first_byte: u64,
    part_last_byte: u64,
    layer_part_blob: String,
}

/// UploadLayerPart.
pub fn upload(site: &mut Site<'_>, input: UploadPart) -> Answer {
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let upload = repository.uploads.get_mut(&input.upload_id).ok_or_else(no_upload)?;
    let bytes = base64::decode(&input.layer_part_blob)
        .map_err(|_| Refused::new("SerializationException", "The blob is not Base64"))?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let consecutive = input.part_first_byte == upload.size;
    if !consecutive || input.part_last_byte.wrapping_add(1) != input.part_first_byte + size {
        let message = "The layer part size is not valid, or the first byte specified is not \
                       consecutive to the last byte of a previous layer part upload.";
        return Err(Refused::new("InvalidLayerPartException", message));
    }
    upload.size += size;
    upload.parts.push(input.layer_part_blob);
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": input.repository_name,
        "uploadId": input.upload_id,
        "lastByteReceived": input.part_last_byte,
    }))
}

/// The input of CompleteLayerUpload.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Complete {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    upload_id: String,
    layer_digests: Vec<String>,
}

/// CompleteLayerUpload.
pub fn complete(site: &mut Site<'_>, input: Complete) -> Answer {
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let upload = repository.uploads.get(&input.upload_id).ok_or_else(no_upload)?;
    if upload.parts.is_empty() {
        let message = "The specified layer upload does not contain any layer parts.";
        return Err(Refused::new("EmptyUploadException", message));
    }
    let mut hash = Sha256::new();
    for part in &upload.parts {
        hash.update(base64::decode(part).unwrap_or_default());
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = format!("sha256:{digest}");
    if !input.layer_digests.contains(&digest) {
        let message = "The layer digest calculation performed by Amazon ECR upon receipt of the \
                       image layer does not match the digest specified.";
        return Err(Refused::new("InvalidLayerException", message));
    }
    if repository.layers.contains_key(&digest) {
        let message = format!("The image layer {digest} already exists in the repository");
        return Err(Refused::new("LayerAlreadyExistsException", message));
    }
    repository.layers.insert(digest.clone(), upload.size);
    repository.uploads.remove(&input.upload_id);
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": input.repository_name,
        "uploadId": input.upload_id,
        "layerDigest": digest,
    }))
}

fn no_upload() -> Refused {
    let message = "The upload could not be found, or the specified upload ID is not valid for \
                   this repository.";
    Refused::new("UploadNotFoundException", message)
}

/// The input of GetDownloadUrlForLayer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Url {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    layer_digest: String,
}

/// GetDownloadUrlForLayer.
pub fn url(site: &mut Site<'_>, input: Url) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let digest = &input.layer_digest;
    if repository.layer(digest).is_none() {
        let message = format!(
            "The layer with digest '{digest}' does not exist in the repository with name '{}' in \
             the registry with id '{ACCOUNT}'",
            repository.name
        );
        return Err(Refused::new("LayersNotFoundException", message));
    }
    let url = format!("https://{}/v2/{}/blobs/{digest}", host(&site.name), repository.name);
    Ok(json!({ "downloadUrl": url, "layerDigest": digest }))
}
