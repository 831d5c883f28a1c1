//! `ecr_repository`: an image repository of the account's private registry.

mod lifecycle;

use std::collections::BTreeSet;

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
    ImageTagMutabilityExclusionFilter, ImageTagMutabilityExclusionFilterType, Repository,
};
use futures_util::future::{try_join, try_join3};
use landfall_model::types::{Document, Policy, Set, Target};
use landfall_model::{
    CloudError, Detail, Field, Finding, Interruption, KindRules, Naming, On, Readiness, TagChange,
    Tags, Transient, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::policies::{self, Sort};
use crate::services::{ecr, kms};

pub use lifecycle::LifecyclePolicy;

/// `ecr_repository`.
pub enum EcrRepository {}

/// A repository in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name, with `/` for namespaces. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// Whether a pushed tag can be moved to another image. Default: mutable.
    #[serde(default)]
    pub tag_mutability: TagMutability,
    /// Tags for which the opposite of `tag_mutability` holds: up to five patterns with `*`, such as
    /// `latest` or `dev-*`. Default: none.
    #[serde(default)]
    pub tag_mutability_exclusions: Set<String>,
    /// Whether images are scanned when pushed. Default: false.
    #[serde(default)]
    pub scan_on_push: bool,
    /// How images are encrypted. Default: aes256.
    #[serde(default)]
    pub encryption: Encryption,
    /// The ARN of the KMS key for `encryption: kms`. Absent: the account's key `aws/ecr`.
    pub kms_key: Option<String>,
    /// Which images expire, as ECR's own document.
    pub lifecycle_policy: Option<Document<LifecyclePolicy>>,
    /// Who else may pull or push, as an IAM policy.
    pub repository_policy: Option<Policy>,
    /// Whether to delete it with the images in it. Default: false.
    #[serde(default)]
    pub force_delete: bool,
}

/// Whether a pushed tag can be moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagMutability {
    /// It can.
    #[default]
    Mutable,
    /// It cannot.
    Immutable,
}

/// How images are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// With keys of S3's own.
    #[default]
    Aes256,
    /// With a key in KMS.
    Kms,
    /// Twice, with a key in KMS.
    KmsDsse,
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Where images are pushed: registry and name.
    pub url: String,
    /// The registry's host, for `docker login`.
    pub registry: String,
}

impl Target for EcrRepository {
    const KIND: &'static str = "ecr_repository";
    const OUTPUT: &'static str = "url";
    const LITERAL: &'static str = "";
}

fn outputs(repository: &Repository) -> Outputs {
    let url = repository.repository_uri.clone().unwrap_or_default();
    Outputs {
        name: repository.repository_name.clone().unwrap_or_default(),
        arn: repository.repository_arn.clone().unwrap_or_default(),
        registry: url.split('/').next().unwrap_or_default().to_owned(),
        url,
    }
}

impl Kind for EcrRepository {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::mutable("tag_mutability"),
            Field::mutable("tag_mutability_exclusions"),
            Field::mutable("scan_on_push"),
            Field::immutable("encryption"),
            Field::immutable("kms_key").unmanaged_if_absent(),
            Field::mutable("lifecycle_policy").after_create().document(),
            Field::mutable("repository_policy").after_create().document(),
            Field::local("force_delete"),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 256,
            underscores: true,
            lower_case: true,
            stable: true,
        }),
        transients: &[
            // terraform-provider-aws waits for new principals by the same words.
            Transient::within(
                60,
                On::Update,
                "InvalidParameterException",
                "Invalid repository policy provided",
                "ECR does not know a principal of the repository policy yet",
            ),
            Transient::within(
                30,
                On::Update,
                "RepositoryNotFoundException",
                "",
                "ECR does not know the new repository everywhere yet",
            ),
        ],
        cost: Some("about $0.10 per GB and month of images"),
        interruption: Interruption {
            create_first: Some(
                "the new one is empty: push the images that tasks need before they start",
            ),
            delete_first: Some(
                "its images go with it: tasks cannot start until they are pushed again",
            ),
        },
        ..KindRules::new("ecr_repository", "ecr", "ecr:repository")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        if reference::is_known(&spec.name) && !spec.name.is_empty() && !is_name(&spec.name) {
            findings.push(Finding::field(
                "name",
                "a repository's name has 2 to 256 lower-case letters, digits and single . _ - / \
                 between them",
            ));
        }
        if let Some(key) = &spec.kms_key {
            if spec.encryption == Encryption::Aes256 {
                let message = "a key without `encryption: kms` has no effect";
                findings.push(Finding::field("kms_key", message).help("add `encryption: kms`"));
            }
            findings.extend(kms::check_key(key, "kms_key"));
        }
        findings.extend(check_exclusions(&spec.tag_mutability_exclusions));
        findings.extend(spec.lifecycle_policy.as_ref().and_then(lifecycle::check));
        let policy = spec.repository_policy.as_ref();
        findings.extend(
            policy
                .into_iter()
                .flat_map(|it| policies::check(it, Sort::Repository, "repository_policy")),
        );
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut names: BTreeSet<String> =
            scope.wanted_names(|spec| &spec.name).into_iter().collect();
        names.extend(scope.wanted_ids());
        if !scope.whole_stack {
            let found = each(names, |name| async move {
                let call = aws.ecr.describe_repositories().repository_names(name);
                let answer = call.send().await.or_missing("ecr:DescribeRepositories")?;
                Ok(answer.and_then(|answer| answer.repositories).unwrap_or_default())
            });
            let found = found.await?.into_iter().flatten();
            return each(found, |repository| read(aws, repository, scope.detail)).await;
        }
        // A list of names fails whole when one of them does not exist, so all are read.
        let all = async {
            let pages = aws.ecr.describe_repositories().into_paginator().page_size(1000);
            let found = pages.items().send().collect::<Result<Vec<_>, _>>().await;
            found.named("ecr:DescribeRepositories")
        };
        let (hinted, all) = try_join(scope.hinted_names(aws), all).await?;
        names.extend(hinted);
        let prefix = format!("{}-", scope.stack);
        let candidates = all.into_iter().filter(|repository| {
            let name = repository.repository_name.as_deref().unwrap_or_default();
            name.starts_with(&prefix) || names.contains(name)
        });
        each(candidates, |repository| read(aws, repository, scope.detail)).await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let encryption = EncryptionConfiguration::builder()
            .encryption_type(match want.encryption {
                Encryption::Aes256 => EncryptionType::Aes256,
                Encryption::Kms => EncryptionType::Kms,
                Encryption::KmsDsse => EncryptionType::KmsDsse,
            })
            .set_kms_key(want.kms_key.clone())
            .build()
            .map_err(|error| CloudError::unexpected("ecr:CreateRepository", error.to_string()))?;
        let answer = aws
            .ecr
            .create_repository()
            .repository_name(&want.name)
            .image_tag_mutability(mutability(want))
            .set_image_tag_mutability_exclusion_filters(exclusions(want)?)
            .image_scanning_configuration(scanning(want.scan_on_push))
            .encryption_configuration(encryption)
            .set_tags(Some(ecr::tags(tags)))
            .send()
            .await
            .named("ecr:CreateRepository")?;
        let repository = answer.repository.ok_or_else(|| {
            CloudError::unexpected("ecr:CreateRepository", "the answer holds no repository")
        })?;
        Ok(Made { id: want.name.clone(), outputs: outputs(&repository) })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let (ecr, name, is) = (&aws.ecr, &live.id, &live.spec);
        if want.tag_mutability != is.tag_mutability
            || want.tag_mutability_exclusions != is.tag_mutability_exclusions
        {
            let call = ecr.put_image_tag_mutability().repository_name(name);
            let call = call.image_tag_mutability(mutability(want));
            let call = call.set_image_tag_mutability_exclusion_filters(exclusions(want)?);
            call.send().await.named("ecr:PutImageTagMutability")?;
        }
        if want.scan_on_push != is.scan_on_push {
            let call = ecr.put_image_scanning_configuration().repository_name(name);
            let call = call.image_scanning_configuration(scanning(want.scan_on_push));
            call.send().await.named("ecr:PutImageScanningConfiguration")?;
        }
        match &want.lifecycle_policy {
            policy if *policy == is.lifecycle_policy => {}
            Some(policy) => {
                let call = ecr.put_lifecycle_policy().repository_name(name);
                let call = call.lifecycle_policy_text(policy.to_json());
                call.send().await.named("ecr:PutLifecyclePolicy")?;
            }
            None => {
                let call = ecr.delete_lifecycle_policy().repository_name(name);
                call.send().await.or_missing("ecr:DeleteLifecyclePolicy")?;
            }
        }
        match &want.repository_policy {
            policy if *policy == is.repository_policy => {}
            Some(policy) => {
                let call = ecr.set_repository_policy().repository_name(name);
                let call = call.policy_text(policy.to_json());
                call.send().await.named("ecr:SetRepositoryPolicy")?;
            }
            None => {
                let call = ecr.delete_repository_policy().repository_name(name);
                call.send().await.or_missing("ecr:DeleteRepositoryPolicy")?;
            }
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ecr::retag(aws, &live.outputs.arn, change).await
    }

    async fn obstacle(
        aws: &Aws,
        live: &Found<Self>,
        declared: Option<&Spec>,
    ) -> Result<Option<String>, CloudError> {
        if declared.is_some_and(|spec| spec.force_delete) {
            return Ok(None);
        }
        let call = aws.ecr.list_images().repository_name(&live.id).max_results(1000);
        let Some(answer) = call.send().await.or_missing("ecr:ListImages")? else { return Ok(None) };
        // An image is listed once for each of its tags.
        let images = answer.image_ids.unwrap_or_default();
        let images: BTreeSet<Option<String>> =
            images.into_iter().map(|image| image.image_digest).collect();
        let count = match (images.len(), answer.next_token) {
            (0, _) => return Ok(None),
            (1, None) => "an image".to_owned(),
            (many, None) => format!("{many} images"),
            (many, Some(_)) => format!("more than {many} images"),
        };
        let advice = "delete them, or set `force_delete: true`";
        Ok(Some(format!("{} still holds {count}; {advice}", live.id)))
    }

    async fn delete(
        aws: &Aws,
        live: &Found<Self>,
        declared: Option<&Spec>,
    ) -> Result<(), CloudError> {
        let force = declared.is_some_and(|spec| spec.force_delete);
        let call = aws.ecr.delete_repository().repository_name(&live.id).force(force);
        call.send().await.or_missing("ecr:DeleteRepository").map(drop)
    }
}

fn mutability(want: &Spec) -> ImageTagMutability {
    match (want.tag_mutability, want.tag_mutability_exclusions.is_empty()) {
        (TagMutability::Mutable, true) => ImageTagMutability::Mutable,
        (TagMutability::Mutable, false) => ImageTagMutability::MutableWithExclusion,
        (TagMutability::Immutable, true) => ImageTagMutability::Immutable,
        (TagMutability::Immutable, false) => ImageTagMutability::ImmutableWithExclusion,
    }
}

fn exclusions(want: &Spec) -> Result<Option<Vec<ImageTagMutabilityExclusionFilter>>, CloudError> {
    let filters = want.tag_mutability_exclusions.iter().map(|pattern| {
        ImageTagMutabilityExclusionFilter::builder()
            .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
            .filter(pattern)
            .build()
            .map_err(|error| CloudError::unexpected("ecr:PutImageTagMutability", error.to_string()))
    });
    let filters = filters.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(filters).filter(|filters| !filters.is_empty()))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html>
fn check_exclusions(patterns: &Set<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if patterns.len() > 5 {
        let message = "ECR takes at most 5 patterns of tags";
        findings.push(Finding::field("tag_mutability_exclusions", message));
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let sound = (1..=128).contains(&pattern.len())
            && pattern.chars().all(|c| c.is_ascii_alphanumeric() || "._*-".contains(c));
        if reference::is_known(pattern) && !sound {
            let message = "a pattern of tags has 1 to 128 letters, digits and ._*-";
            let at = format!("tag_mutability_exclusions[{index}]");
            findings.push(Finding::field(&at, message));
        }
    }
    findings
}

fn scanning(on_push: bool) -> ImageScanningConfiguration {
    ImageScanningConfiguration::builder().scan_on_push(on_push).build()
}

/// ECR's rule: parts of lower-case letters and digits, with single separators between them.
fn is_name(name: &str) -> bool {
    let separator = |c: char| "._-/".contains(c);
    (2..=256).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || separator(c))
        && name.split(separator).all(|part| !part.is_empty())
}

async fn read(
    aws: &Aws,
    repository: Repository,
    detail: Detail,
) -> Result<Found<EcrRepository>, CloudError> {
    let outputs = outputs(&repository);
    let name = outputs.name.clone();
    let lifecycle = async {
        if detail == Detail::Identity {
            return Ok(None);
        }
        let call = aws.ecr.get_lifecycle_policy().repository_name(&name);
        let answer = call.send().await.or_missing("ecr:GetLifecyclePolicy")?;
        let text = answer.and_then(|answer| answer.lifecycle_policy_text);
        let parsed = text.map(|text| Document::parse(&text)).transpose();
        parsed.map_err(|message| CloudError::unexpected("ecr:GetLifecyclePolicy", message))
    };
    let policy = async {
        if detail == Detail::Identity {
            return Ok(None);
        }
        let call = aws.ecr.get_repository_policy().repository_name(&name);
        let answer = call.send().await.or_missing("ecr:GetRepositoryPolicy")?;
        let text = answer.and_then(|answer| answer.policy_text);
        let parsed = text.map(|text| Policy::parse(&text)).transpose();
        parsed.map_err(|message| CloudError::unexpected("ecr:GetRepositoryPolicy", message))
    };
    let tags = ecr::tags_of(aws, &outputs.arn);
    let (lifecycle_policy, repository_policy, tags) = try_join3(lifecycle, policy, tags).await?;
    let encryption = repository.encryption_configuration;
    let spec = Spec {
        name: name.clone(),
        tag_mutability: match repository.image_tag_mutability {
            Some(ImageTagMutability::Immutable | ImageTagMutability::ImmutableWithExclusion) => {
                TagMutability::Immutable
            }
            _ => TagMutability::Mutable,
        },
        tag_mutability_exclusions: repository
            .image_tag_mutability_exclusion_filters
            .unwrap_or_default()
            .into_iter()
            .map(|filter| filter.filter)
            .collect(),
        scan_on_push: repository.image_scanning_configuration.is_some_and(|scan| scan.scan_on_push),
        encryption: match encryption.as_ref().map(|encryption| &encryption.encryption_type) {
            Some(EncryptionType::Kms) => Encryption::Kms,
            Some(EncryptionType::KmsDsse) => Encryption::KmsDsse,
            _ => Encryption::Aes256,
        },
        kms_key: encryption.and_then(|encryption| encryption.kms_key),
        lifecycle_policy,
        repository_policy,
        force_delete: false,
    };
    Ok(Found { id: name, spec, outputs, tags, readiness: Readiness::Ready })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_ecr() {
        assert!(is_name("web/app_1.x-y") && !is_name("App") && !is_name("a--b") && !is_name("a"));
    }
}
