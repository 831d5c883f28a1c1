//! Images as the agent of a task pulls them.

use sha2::{Digest, Sha256};

use super::pull_through;
use crate::world::{ACCOUNT, Site};

/// Pulls an image: its digest, or the agent's words for why it cannot. Images of other registries
/// are always there.
///
/// ECS guide, "CannotPullContainer task errors": the words for an image that is not there.
pub fn pull(site: &Site<'_>, image: &str) -> Result<String, String> {
    let Some((region, repository, reference)) = own(image) else { return Ok(derived(image)) };
    let found = site.world.regions.get(region).and_then(|region| {
        let state = &region.ecr;
        if let Some(repository) = state.repositories.get(repository) {
            let mut images = repository.images.values();
            let named = match reference {
                Reference::Digest(digest) => images.find(|image| image.digest == digest),
                Reference::Tag(tag) => images.find(|image| image.tags.contains(tag)),
            };
            return named.map(|image| image.digest.clone());
        }
        let cached = state.cache_rules.values().any(|rule| pull_through::covers(rule, repository));
        cached.then(|| derived(image))
    });
    let whole = match reference {
        Reference::Tag("latest") if !image.ends_with(":latest") => format!("{image}:latest"),
        _ => image.to_owned(),
    };
    found.ok_or_else(|| {
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
             resolve ref {whole}: {whole}: not found"
        )
    })
}

enum Reference<'i> {
    Digest(&'i str),
    Tag(&'i str),
}

/// The region, repository and reference of an image of this account's registry.
fn own(image: &str) -> Option<(&str, &str, Reference<'_>)> {
    let (host, path) = image.split_once('/')?;
    let region = host.strip_prefix(ACCOUNT)?.strip_prefix(".dkr.ecr.")?;
    let region = region.strip_suffix(".amazonaws.com")?;
    if let Some((path, digest)) = path.split_once('@') {
        // What stands before a digest may have a tag, which the digest overrules.
        let repository = path.split_once(':').map_or(path, |(repository, _)| repository);
        return Some((region, repository, Reference::Digest(digest)));
    }
    let (repository, tag) = path.split_once(':').unwrap_or((path, "latest"));
    Some((region, repository, Reference::Tag(tag)))
}

fn derived(image: &str) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.to_owned();
    }
    let hash = Sha256::digest(image);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hash}")
}
