//! `ecr_repository`: an image repository of the account's private registry.

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
    Repository,
};
use landfall_model::types::{Document, Form, Policy, Target};
use landfall_model::{
    CloudError, Detail, Field, Finding, KindRules, Naming, Readiness, TagChange, Tags, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::ecr;

/// `ecr_repository`.
pub enum EcrRepository {}

/// A repository in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name, with `/` for namespaces. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// Whether a pushed tag can be moved to another image.
    #[serde(default)]
    pub tag_mutability: TagMutability,
    /// Whether images are scanned when pushed.
    #[serde(default)]
    pub scan_on_push: bool,
    /// How images are encrypted.
    #[serde(default)]
    pub encryption: Encryption,
    /// The ARN of the KMS key for `encryption: kms`. Absent: the account's key `aws/ecr`.
    pub kms_key: Option<String>,
    /// Which images expire, as ECR's own document.
    pub lifecycle_policy: Option<Document<LifecyclePolicy>>,
    /// Who else may pull or push, as an IAM policy.
    pub repository_policy: Option<Policy>,
    /// Whether to delete it with the images in it.
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
}

/// The canonical form of ECR's lifecycle policies: rules by priority, `expire` where no action is
/// named (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html>).
#[derive(Debug)]
pub enum LifecyclePolicy {}

impl Form for LifecyclePolicy {
    const NAME: &'static str = "lifecycle policy";

    fn canonical(mut document: Value) -> Result<Value, String> {
        let Some(rules) = document.get_mut("rules").and_then(Value::as_array_mut) else {
            return Err("a lifecycle policy is a map with `rules`".to_owned());
        };
        for rule in rules.iter_mut() {
            let number = rule.get("rulePriority").and_then(Value::as_u64);
            let Some(rule) = rule.as_object_mut().filter(|_| number.is_some()) else {
                return Err("a rule of a lifecycle policy needs a `rulePriority`".to_owned());
            };
            rule.entry("action").or_insert_with(|| serde_json::json!({ "type": "expire" }));
            rule.sort_keys();
            if let Some(Value::Object(selection)) = rule.get_mut("selection") {
                selection.sort_keys();
                for list in ["tagPrefixList", "tagPatternList"] {
                    if let Some(Value::Array(items)) = selection.get_mut(list) {
                        items.sort_by_key(Value::to_string);
                    }
                }
            }
        }
        rules.sort_by_key(|rule| rule["rulePriority"].as_u64());
        Ok(document)
    }
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
        cost: Some("about $0.10 per GB and month of images"),
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
        if spec.kms_key.is_some() && spec.encryption != Encryption::Kms {
            let finding =
                Finding::field("kms_key", "a key without `encryption: kms` has no effect");
            findings.push(finding.help("add `encryption: kms`"));
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut names = scope.wanted_names(|spec| &spec.name);
        names.extend(scope.wanted_ids());
        let hinted = scope.hinted_names(aws);
        // A list of names fails whole when one of them does not exist, so all are read.
        let all = async {
            let pages = aws.ecr.describe_repositories().into_paginator().items().send();
            pages.collect::<Result<Vec<_>, _>>().await.named("ecr:DescribeRepositories")
        };
        let (hinted, all) = futures_util::future::try_join(hinted, all).await?;
        names.extend(hinted);
        let prefix = format!("{}-", scope.stack);
        let candidates = all.into_iter().filter(|repository| {
            let name = repository.repository_name.as_deref().unwrap_or_default();
            let ours_by_name = scope.whole_stack && name.starts_with(&prefix);
            ours_by_name || names.iter().any(|wanted| wanted == name)
        });
        each(candidates, |repository| read(aws, repository, scope.detail)).await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let encryption = EncryptionConfiguration::builder()
            .encryption_type(match want.encryption {
                Encryption::Aes256 => EncryptionType::Aes256,
                Encryption::Kms => EncryptionType::Kms,
            })
            .set_kms_key(want.kms_key.clone())
            .build()
            .map_err(|error| CloudError::unexpected("ecr:CreateRepository", error.to_string()))?;
        let answer = aws
            .ecr
            .create_repository()
            .repository_name(&want.name)
            .image_tag_mutability(mutability(want.tag_mutability))
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
        if want.tag_mutability != is.tag_mutability {
            let call = ecr.put_image_tag_mutability().repository_name(name);
            let call = call.image_tag_mutability(mutability(want.tag_mutability));
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
        let answer = call.send().await.or_missing("ecr:ListImages")?;
        let images = answer.and_then(|answer| answer.image_ids).unwrap_or_default().len();
        Ok((images > 0).then(|| {
            format!(
                "{} still holds {images} image{}; delete them, or set `force_delete: true`",
                live.id,
                if images == 1 { "" } else { "s" }
            )
        }))
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

fn mutability(wanted: TagMutability) -> ImageTagMutability {
    match wanted {
        TagMutability::Mutable => ImageTagMutability::Mutable,
        TagMutability::Immutable => ImageTagMutability::Immutable,
    }
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
        text.map(|text| Document::parse(&text)).transpose().map_err(unreadable)
    };
    let policy = async {
        if detail == Detail::Identity {
            return Ok(None);
        }
        let call = aws.ecr.get_repository_policy().repository_name(&name);
        let answer = call.send().await.or_missing("ecr:GetRepositoryPolicy")?;
        let text = answer.and_then(|answer| answer.policy_text);
        text.map(|text| Policy::parse(&text)).transpose().map_err(unreadable)
    };
    let tags = ecr::tags_of(aws, &outputs.arn);
    let (lifecycle_policy, repository_policy, tags) =
        futures_util::future::try_join3(lifecycle, policy, tags).await?;
    let encryption = repository.encryption_configuration;
    let spec = Spec {
        name: name.clone(),
        tag_mutability: match repository.image_tag_mutability {
            Some(ImageTagMutability::Immutable) => TagMutability::Immutable,
            _ => TagMutability::Mutable,
        },
        scan_on_push: repository.image_scanning_configuration.is_some_and(|scan| scan.scan_on_push),
        encryption: match encryption.as_ref().map(|encryption| &encryption.encryption_type) {
            Some(EncryptionType::Kms) => Encryption::Kms,
            _ => Encryption::Aes256,
        },
        kms_key: encryption.and_then(|encryption| encryption.kms_key),
        lifecycle_policy,
        repository_policy,
        force_delete: false,
    };
    Ok(Found { id: name, spec, outputs, tags, readiness: Readiness::Ready })
}

fn unreadable(message: String) -> CloudError {
    CloudError::unexpected("ecr:GetRepositoryPolicy", message)
}
