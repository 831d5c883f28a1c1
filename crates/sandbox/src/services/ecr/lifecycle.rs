//! Lifecycle policies and their previews. The sandbox keeps them and previews them, but lets no
//! image expire.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::image::{ImageId, TagStatus};
use super::lifecycle_rules::{self, Rules};
use super::repository::{of, of_mut};
use super::{Named, constraint, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Time, Wait};

/// A lifecycle policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    text: String,
    put: Time,
}

/// A preview of what a lifecycle policy would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    text: String,
    complete: Time,
    expiring: Vec<(String, u64)>,
}

/// The input of PutLifecyclePolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    lifecycle_policy_text: String,
}

/// PutLifecyclePolicy.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let (text, _) = read(&input.lifecycle_policy_text)?;
    let put = site.now();
    let repository = of_mut(site, None, &input.repository_name)?;
    repository.lifecycle = Some(Policy { text: text.clone(), put });
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "lifecyclePolicyText": text,
    }))
}

/// The text as it is kept, without blanks, and its rules.
fn read(text: &str) -> Result<(String, Rules), Refused> {
    let wrong = |why: String| {
        let why = format!("Lifecycle policy validation failure:\n{why}\n");
        constraint("LifecyclePolicyText", why)
    };
    if text.len() > 30720 {
        let message = "must have length between 100 and 30720";
        return Err(constraint("lifecyclePolicyText", message));
    }
    let rules = lifecycle_rules::read(text).map_err(wrong)?;
    let document: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    Ok((document.to_string(), rules))
}

/// GetLifecyclePolicy.
pub fn get(site: &mut Site<'_>, input: Named) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let policy = repository.lifecycle.as_ref().ok_or_else(|| none(&repository.name))?;
    Ok(policy.describe(&repository.name))
}

/// DeleteLifecyclePolicy.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let policy = repository.lifecycle.take().ok_or_else(|| none(&repository.name))?;
    Ok(policy.describe(&input.repository_name))
}

impl Policy {
    fn describe(&self, name: &str) -> Value {
        json!({
            "registryId": ACCOUNT,
            "repositoryName": name,
            "lifecyclePolicyText": self.text,
            "lastEvaluatedAt": self.put.epoch(),
        })
    }
}

fn none(name: &str) -> Refused {
    let message = format!(
        "Lifecycle policy does not exist for the repository with name '{name}' in the registry \
         with id '{ACCOUNT}'"
    );
    Refused::new("LifecyclePolicyNotFoundException", message)
}

/// The input of StartLifecyclePolicyPreview.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StartPreview {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    #[serde(default)]
    lifecycle_policy_text: Option<String>,
}

/// StartLifecyclePolicyPreview: of the repository's own policy unless another is given.
pub fn start_preview(site: &mut Site<'_>, input: StartPreview) -> Answer {
    let now = site.now();
    let complete = now + site.takes(Wait::LifecyclePreview);
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let own = repository.lifecycle.as_ref().map(|policy| policy.text.clone());
    let text = input.lifecycle_policy_text.or(own).ok_or_else(|| none(&repository.name))?;
    let (text, rules) = read(&text)?;
    if repository.preview.as_ref().is_some_and(|preview| preview.complete > now) {
        let message = "The previous lifecycle policy preview request has not completed. Wait and \
                       try again.";
        return Err(Refused::new("LifecyclePolicyPreviewInProgressException", message));
    }
    let images = repository.images.values().collect::<Vec<_>>();
    let expiring = lifecycle_rules::expiring(&rules, &images, now);
    repository.preview = Some(Preview { text: text.clone(), complete, expiring });
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "lifecyclePolicyText": text,
        "status": "IN_PROGRESS",
    }))
}

/// The input of GetLifecyclePolicyPreview.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GetPreview {
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
    filter: Option<Filter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Filter {
    #[serde(default)]
    tag_status: TagStatus,
}

/// GetLifecyclePolicyPreview.
pub fn preview(site: &mut Site<'_>, input: GetPreview) -> Answer {
    let now = site.now();
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let preview = repository.preview.as_ref().ok_or_else(|| {
        let message = format!(
            "Lifecycle policy preview does not exist for the repository with name '{}' in the \
             registry with id '{ACCOUNT}'",
            repository.name
        );
        Refused::new("LifecyclePolicyPreviewNotFoundException", message)
    })?;
    let done = preview.complete <= now;
    let status = input.filter.map(|filter| filter.tag_status).unwrap_or_default();
    let expiring = preview.expiring.iter().filter(|_| done);
    let images = expiring.filter_map(|(digest, priority)| {
        let image = repository.images.get(digest)?;
        let asked = input.image_ids.is_empty() || input.image_ids.iter().any(|id| id.names(image));
        (asked && status.admits(image)).then(|| {
            json!({
                "imageTags": image.tags,
                "imageDigest": image.digest,
                "imagePushedAt": image.pushed.epoch(),
                "action": { "type": "EXPIRE" },
                "appliedRulePriority": priority,
            })
        })
    });
    let images = images.collect::<Vec<_>>();
    let count = images.len();
    let scope = format!("preview {}", repository.name);
    let (images, next) = paged(images, input.max_results, input.next_token.as_deref(), &scope)?;
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "lifecyclePolicyText": preview.text,
        "status": if done { "COMPLETE" } else { "IN_PROGRESS" },
        "nextToken": next,
        "previewResults": images,
        "summary": { "expiringImageTotalCount": count },
    }))
}
