//! Templates for repositories that ECR makes by itself. They are kept; no repository is made by
//! them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::repository::{Encryption, Exclusion, Mutability, check_exclusions};
use super::tag::{self, Tag};
use super::{constraint, lifecycle_rules, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// A template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    prefix: String,
    description: Option<String>,
    encryption: Option<Encryption>,
    tags: Tags,
    mutability: Mutability,
    exclusions: Vec<Exclusion>,
    policy: Option<String>,
    lifecycle: Option<String>,
    applied_for: Vec<Occasion>,
    role: Option<String>,
    created: Time,
    updated: Time,
}

/// When a template is used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Occasion {
    Replication,
    PullThroughCache,
    CreateOnPush,
}

impl Template {
    fn describe(&self) -> Value {
        let tags = self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
        let usual = json!({ "encryptionType": "AES256" });
        json!({
            "prefix": self.prefix,
            "description": self.description,
            "encryptionConfiguration":
                self.encryption.as_ref().map_or(usual, |encryption| json!(encryption)),
            "resourceTags": tags.collect::<Vec<_>>(),
            "imageTagMutability": self.mutability,
            "imageTagMutabilityExclusionFilters":
                (!self.exclusions.is_empty()).then_some(&self.exclusions),
            "repositoryPolicy": self.policy,
            "lifecyclePolicy": self.lifecycle,
            "appliedFor": self.applied_for,
            "customRoleArn": self.role,
            "createdAt": self.created.epoch(),
            "updatedAt": self.updated.epoch(),
        })
    }

    fn answer(&self) -> Value {
        json!({ "registryId": ACCOUNT, "repositoryCreationTemplate": self.describe() })
    }
}

/// The input of CreateRepositoryCreationTemplate and UpdateRepositoryCreationTemplate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Set {
    prefix: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    encryption_configuration: Option<Encryption>,
    #[serde(default)]
    resource_tags: Option<Vec<Tag>>,
    #[serde(default)]
    image_tag_mutability: Option<Mutability>,
    #[serde(default)]
    image_tag_mutability_exclusion_filters: Option<Vec<Exclusion>>,
    #[serde(default)]
    repository_policy: Option<String>,
    #[serde(default)]
    lifecycle_policy: Option<String>,
    #[serde(default)]
    applied_for: Option<Vec<Occasion>>,
    #[serde(default)]
    custom_role_arn: Option<String>,
}

/// CreateRepositoryCreationTemplate.
pub fn create(site: &mut Site<'_>, input: Set) -> Answer {
    let (now, prefix) = (site.now(), input.prefix.clone());
    if prefix.is_empty() || prefix.len() > 256 {
        return Err(constraint("prefix", "must have length between 1 and 256"));
    }
    if input.applied_for.as_ref().is_none_or(Vec::is_empty) {
        return Err(constraint("appliedFor", "must not be empty"));
    }
    if site.region().ecr.templates.contains_key(&prefix) {
        let message = format!(
            "The Repository Creation Template with prefix '{prefix}' already exists in the \
             registry with id '{ACCOUNT}'"
        );
        return Err(Refused::new("TemplateAlreadyExistsException", message));
    }
    let template = Template {
        prefix: prefix.clone(),
        description: None,
        encryption: None,
        tags: Tags::new(),
        mutability: Mutability::Mutable,
        exclusions: Vec::new(),
        policy: None,
        lifecycle: None,
        applied_for: Vec::new(),
        role: None,
        created: now,
        updated: now,
    };
    let template = set(template, input)?;
    let answer = template.answer();
    site.region_mut().ecr.templates.insert(prefix, template);
    Ok(answer)
}

/// UpdateRepositoryCreationTemplate: what is not given stays.
pub fn update(site: &mut Site<'_>, input: Set) -> Answer {
    let (now, prefix) = (site.now(), input.prefix.clone());
    let before = site.region().ecr.templates.get(&prefix).ok_or_else(|| not_found(&prefix))?;
    let mut template = set(before.clone(), input)?;
    template.updated = now;
    let answer = template.answer();
    site.region_mut().ecr.templates.insert(prefix, template);
    Ok(answer)
}

fn set(before: Template, input: Set) -> Result<Template, Refused> {
    if let Some(text) = &input.lifecycle_policy {
        lifecycle_rules::read(text).map_err(|why| {
            let why = format!("Lifecycle policy validation failure:\n{why}\n");
            constraint("LifecyclePolicyText", why)
        })?;
    }
    let tags = match input.resource_tags {
        None => before.tags,
        Some(tags) => tag::merged(&Tags::new(), tags)?,
    };
    let mutability = input.image_tag_mutability.unwrap_or(before.mutability);
    let exclusions = input.image_tag_mutability_exclusion_filters.unwrap_or(before.exclusions);
    check_exclusions(mutability, &exclusions)?;
    Ok(Template {
        prefix: before.prefix,
        description: input.description.or(before.description),
        encryption: input.encryption_configuration.or(before.encryption),
        tags,
        mutability,
        exclusions,
        policy: input.repository_policy.or(before.policy),
        lifecycle: input.lifecycle_policy.or(before.lifecycle),
        applied_for: input.applied_for.unwrap_or(before.applied_for),
        role: input.custom_role_arn.or(before.role),
        created: before.created,
        updated: before.updated,
    })
}

fn not_found(prefix: &str) -> Refused {
    let message = format!(
        "The Repository Creation Template with prefix '{prefix}' does not exist in the registry \
         with id '{ACCOUNT}'"
    );
    Refused::new("TemplateNotFoundException", message)
}

/// The input of DeleteRepositoryCreationTemplate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Delete {
    prefix: String,
}

/// DeleteRepositoryCreationTemplate.
pub fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let gone = site.region_mut().ecr.templates.remove(&input.prefix);
    gone.map(|template| template.answer()).ok_or_else(|| not_found(&input.prefix))
}

/// The input of DescribeRepositoryCreationTemplates.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    prefixes: Vec<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// DescribeRepositoryCreationTemplates.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let (templates, asked) = (&site.region().ecr.templates, &input.prefixes);
    if let Some(missing) = asked.iter().find(|prefix| !templates.contains_key(*prefix)) {
        return Err(not_found(missing));
    }
    let found = templates.values().filter(|one| asked.is_empty() || asked.contains(&one.prefix));
    let found = found.map(Template::describe).collect();
    let token = input.next_token.as_deref();
    let (found, next) = paged(found, input.max_results, token, "creation templates")?;
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryCreationTemplates": found,
        "nextToken": next,
    }))
}
