//! `iam_policy`: a customer-managed policy of IAM.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_iam::types::{ManagedPolicyDetail, Policy as AwsPolicy, PolicyVersion};
use futures_util::future::try_join;
use landfall_model::types::{Policy, Target};
use landfall_model::{
    CloudError, Field, Finding, KindRules, Naming, On, Owner, Readiness, TagChange, Tags,
    Transient, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::iam::{self, Authorization};
use crate::services::policies::{self, Sort};

/// `iam_policy`.
pub enum IamPolicy {}

/// A policy in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name, unique in the account. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// Where it stands among the account's policies, such as `/team/`. Default: `/`.
    #[serde(default = "root")]
    pub path: String,
    /// What it is for. Default: empty.
    #[serde(default)]
    pub description: String,
    /// What it allows and denies. IAM keeps five versions; the oldest makes room for a new one.
    pub policy: Policy,
}

fn root() -> String {
    "/".to_owned()
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

impl Target for IamPolicy {
    const KIND: &'static str = "iam_policy";
    const OUTPUT: &'static str = "arn";
    // AWS's own policies go by their names.
    const LITERAL: &'static str = "";
}

/// How long a policy may be, white space left out.
const MAX_SIZE: usize = 6144;

/// How many versions of a policy IAM keeps.
const MAX_VERSIONS: usize = 5;

const AT_WORK: &str = "IAM is still at work on another change of the policy";

impl Kind for IamPolicy {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::immutable("path"),
            Field::immutable("description"),
            Field::mutable("policy").document(),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 128,
            underscores: true,
            lower_case: false,
            stable: false,
        }),
        transients: &[
            Transient {
                on: On::Update,
                code: "NoSuchEntity",
                message: "",
                budget: Duration::from_secs(30),
                because: "IAM does not know the new policy everywhere yet",
            },
            Transient {
                on: On::Update,
                code: "ConcurrentModification",
                message: "",
                budget: Duration::from_secs(30),
                because: "IAM is still at work on another change of the policy",
            },
            Transient {
                on: On::Delete,
                code: "DeleteConflict",
                message: "",
                budget: Duration::from_secs(2 * 60),
                because: "IAM still counts the policy as attached",
            },
            Transient::within(30, On::Create, "ConcurrentModification", "", AT_WORK),
            Transient::within(30, On::Delete, "ConcurrentModification", "", AT_WORK),
        ],
        held_by: &["iam_role"],
        ..KindRules::new("iam_policy", "iam", "iam:policy")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = policies::check(&spec.policy, Sort::Identity, "policy");
        findings.extend(iam::check_name(&spec.name, 128, "a policy"));
        findings.extend(iam::check_path(&spec.path));
        findings.extend(iam::check_description(&spec.description));
        if let Some(size) = policies::size(&spec.policy).filter(|size| *size > MAX_SIZE) {
            let message = format!("a policy has at most {MAX_SIZE} characters, this has {size}");
            findings.push(Finding::field("policy", message).help("split it into several"));
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        if !scope.whole_stack {
            let arns = arns_of_wanted(aws, scope);
            let found = each(arns, |arn| async move { read(aws, &arn, None).await }).await?;
            return Ok(found.into_iter().flatten().collect());
        }
        // The tagging API knows policies, but only in the region where IAM lives.
        let (account, hints) =
            try_join(scope.sweep.authorization(aws), scope.sweep.hints(aws, scope.stack)).await?;
        let mut known: BTreeSet<&str> =
            hints.of(Self::RULES.resource_type).map(|hint| hint.arn.as_str()).collect();
        known.extend(attached(&account, scope.stack));
        let candidates = candidates(&account, scope, &known);
        let found =
            each(candidates, |(arn, version)| async move { read(aws, &arn, version).await });
        Ok(found.await?.into_iter().flatten().collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let description = Some(want.description.clone()).filter(|text| !text.is_empty());
        let answer = aws
            .iam
            .create_policy()
            .policy_name(&want.name)
            .path(&want.path)
            .set_description(description)
            .policy_document(want.policy.to_json())
            .set_tags(Some(iam::tags(tags)))
            .send()
            .await
            .named("iam:CreatePolicy")?;
        let arn = answer.policy.and_then(|policy| policy.arn);
        let arn = arn.unwrap_or_else(|| arn_of(aws, want));
        Ok(Made { outputs: Outputs { name: want.name.clone(), arn: arn.clone() }, id: arn })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        if want.policy == live.spec.policy {
            return Ok(());
        }
        let mut versions = versions(aws, &live.id).await?;
        versions.retain(|version| !version.is_default_version);
        versions.sort_by_key(|version| (version.create_date, number(version)));
        // With the default version there must be room for the new one.
        let surplus = (versions.len() + 2).saturating_sub(MAX_VERSIONS);
        for version in versions.iter().take(surplus) {
            delete_version(aws, &live.id, version).await?;
        }
        let call = aws.iam.create_policy_version().policy_arn(&live.id).set_as_default(true);
        let call = call.policy_document(want.policy.to_json());
        call.send().await.named("iam:CreatePolicyVersion").map(drop)
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        iam::retag_policy(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        match delete(aws, &live.id).await {
            // Older versions have to go first; most policies have none.
            Err(error) if error.code.as_deref() == Some("DeleteConflict") => {
                for version in versions(aws, &live.id).await? {
                    if !version.is_default_version {
                        delete_version(aws, &live.id, &version).await?;
                    }
                }
                delete(aws, &live.id).await
            }
            done => done,
        }
    }
}

async fn delete(aws: &Aws, arn: &str) -> Result<(), CloudError> {
    let call = aws.iam.delete_policy().policy_arn(arn);
    call.send().await.or_missing("iam:DeletePolicy").map(drop)
}

fn arn_of(aws: &Aws, spec: &Spec) -> String {
    aws.iam_arn(&format!("policy{}{}", spec.path, spec.name))
}

fn arns_of_wanted(aws: &Aws, scope: &Scope<'_, IamPolicy>) -> BTreeSet<String> {
    let known = |spec: &&Spec| {
        !spec.name.is_empty() && reference::is_known(&spec.name) && reference::is_known(&spec.path)
    };
    let by_name = scope.wanted.iter().filter_map(|want| want.spec.as_ref()).filter(known);
    by_name.map(|spec| arn_of(aws, spec)).chain(scope.wanted_ids()).collect()
}

/// The policies of the stack's roles: one that the spec no longer names is mostly still attached.
fn attached<'a>(account: &'a Authorization, stack: &'a str) -> impl Iterator<Item = &'a str> {
    let ours = account.roles.iter().filter(move |role| {
        Owner::from_tags(&iam::tags_of(role.tags.as_deref())).is_some_and(|is| is.stack == stack)
    });
    ours.flat_map(|role| {
        let boundary = role.permissions_boundary.as_ref();
        let boundary = boundary.and_then(|boundary| boundary.permissions_boundary_arn.as_deref());
        role.attached_managed_policies().iter().filter_map(|it| it.policy_arn()).chain(boundary)
    })
}

/// The policies whose tags have to be asked for, with their default versions.
fn candidates(
    account: &Authorization,
    scope: &Scope<'_, IamPolicy>,
    known: &BTreeSet<&str>,
) -> Vec<(String, Option<PolicyVersion>)> {
    let ids = scope.wanted_ids();
    let names = scope.wanted_names(|spec| &spec.name);
    let prefix = format!("{}-", scope.stack);
    let arns = account.policies.iter().filter_map(|policy| Some((policy.arn.as_ref()?, policy)));
    let meant = arns.filter(|(arn, _)| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        known.contains(arn.as_str())
            || ids.contains(arn)
            || name.starts_with(&prefix)
            || names.iter().any(|wanted| wanted == name)
    });
    meant.map(|(arn, policy)| (arn.clone(), default_version(policy).cloned())).collect()
}

fn default_version(policy: &ManagedPolicyDetail) -> Option<&PolicyVersion> {
    let default = policy.default_version_id.as_deref();
    policy.policy_version_list().iter().find(|version| match default {
        Some(id) => version.version_id.as_deref() == Some(id),
        None => version.is_default_version,
    })
}

/// Reads a policy: its tags and description, and its document where that is not at hand.
async fn read(
    aws: &Aws,
    arn: &str,
    version: Option<PolicyVersion>,
) -> Result<Option<Found<IamPolicy>>, CloudError> {
    let call = aws.iam.get_policy().policy_arn(arn);
    let answer = call.send().await.or_missing("iam:GetPolicy")?;
    let Some(policy) = answer.and_then(|answer| answer.policy) else { return Ok(None) };
    let default = policy.default_version_id.clone().unwrap_or_default();
    let at_hand = version.filter(|version| version.version_id.as_deref() == Some(&default));
    let document = match at_hand.and_then(|version| version.document) {
        Some(document) => document,
        None => {
            let call = aws.iam.get_policy_version().policy_arn(arn).version_id(default);
            let answer = call.send().await.or_missing("iam:GetPolicyVersion")?;
            let version = answer.and_then(|answer| answer.policy_version);
            let Some(document) = version.and_then(|version| version.document) else {
                return Ok(None);
            };
            document
        }
    };
    found(arn, policy, &document).map(Some)
}

fn found(arn: &str, policy: AwsPolicy, document: &str) -> Result<Found<IamPolicy>, CloudError> {
    let name = policy.policy_name.unwrap_or_default();
    Ok(Found {
        spec: Spec {
            name: name.clone(),
            path: policy.path.unwrap_or_else(root),
            description: policy.description.unwrap_or_default(),
            policy: iam::document(document, "iam:GetPolicyVersion")?,
        },
        outputs: Outputs { name, arn: arn.to_owned() },
        tags: iam::tags_of(policy.tags.as_deref()),
        readiness: Readiness::Ready,
        id: arn.to_owned(),
    })
}

async fn versions(aws: &Aws, arn: &str) -> Result<Vec<PolicyVersion>, CloudError> {
    let call = aws.iam.list_policy_versions().policy_arn(arn);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    Ok(found.or_missing("iam:ListPolicyVersions")?.unwrap_or_default())
}

async fn delete_version(aws: &Aws, arn: &str, version: &PolicyVersion) -> Result<(), CloudError> {
    let call = aws.iam.delete_policy_version().policy_arn(arn);
    let call = call.set_version_id(version.version_id.clone());
    call.send().await.or_missing("iam:DeletePolicyVersion").map(drop)
}

/// The number in `v12`.
fn number(version: &PolicyVersion) -> u32 {
    let id = version.version_id.as_deref().unwrap_or_default();
    id.trim_start_matches('v').parse().unwrap_or(0)
}
