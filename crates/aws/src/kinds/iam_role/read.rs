//! Reading roles.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{Role, RoleDetail};
use futures_util::future::try_join3;
use landfall_model::types::{Policy, Ref, Set};
use landfall_model::{Address, CloudError, Detail, Owner, Readiness, Tags};

use super::spec::root;
use super::{IamRole, Outputs, Spec};
use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Scope};
use crate::kinds::iam_policy::IamPolicy;
use crate::services::iam::{self, Authorization};

pub(super) async fn find(
    aws: &Aws,
    scope: &Scope<'_, IamRole>,
) -> Result<Vec<Found<IamRole>>, CloudError> {
    let mut names = scope.wanted_names(|spec| &spec.name);
    names.extend(scope.wanted_ids());
    names.sort();
    names.dedup();
    if !scope.whole_stack {
        let found = each(names, |name| async move { one(aws, &name).await }).await?;
        return Ok(found.into_iter().flatten().collect());
    }
    let account = scope.sweep.authorization(aws).await?;
    let found = each(ours(aws, &account, scope, &names)?, |(mut found, whole)| async move {
        if !whole {
            let call = aws.iam.get_role().role_name(&found.id);
            let answer = call.send().await.or_missing("iam:GetRole")?;
            let Some(role) = answer.and_then(|answer| answer.role) else { return Ok(None) };
            complete(&mut found.spec, &role);
        }
        Ok(Some(found))
    });
    Ok(found.await?.into_iter().flatten().collect())
}

/// The roles in the scope, and whether that is all that needs to be known of each.
fn ours(
    aws: &Aws,
    account: &Authorization,
    scope: &Scope<'_, IamRole>,
    names: &[String],
) -> Result<Vec<(Found<IamRole>, bool)>, CloudError> {
    let mut found = Vec::new();
    for role in &account.roles {
        let name = role.role_name().unwrap_or_default();
        let tags = iam::tags_of(role.tags.as_deref());
        if !scope.covers(name, &tags) && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let role = from_detail(aws, role)?;
        let owner = address_in(&tags, scope.stack);
        let want = scope.wanted.iter().find(|want| {
            Some(&want.address) == owner.as_ref()
                || want.spec.as_ref().is_some_and(|spec| spec.name == role.id)
        });
        let want = want.and_then(|want| want.spec.as_ref());
        let whole = scope.detail == Detail::Identity
            || !want.is_some_and(|want| asks_for_more(want, &role.spec));
        found.push((role, whole));
    }
    Ok(found)
}

fn address_in(tags: &Tags, stack: &str) -> Option<Address> {
    Owner::from_tags(tags).filter(|owner| owner.stack == stack).map(|owner| owner.address)
}

/// Whether a wanted field is one that the account's details leave out. A boundary is in them on
/// AWS, but not on every emulator.
fn asks_for_more(want: &Spec, live: &Spec) -> bool {
    want.description.is_some()
        || want.max_session_duration.is_some()
        || (want.permissions_boundary.is_some() && live.permissions_boundary.is_none())
}

fn complete(spec: &mut Spec, role: &Role) {
    spec.description = Some(role.description.clone().unwrap_or_default());
    spec.max_session_duration = Some(role.max_session_duration.unwrap_or(3600));
    let boundary = role.permissions_boundary.as_ref();
    let boundary = boundary.and_then(|boundary| boundary.permissions_boundary_arn.as_ref());
    spec.permissions_boundary = boundary.map(Ref::new);
    *spec = spec.clone().canonical();
}

/// What is known of a role, wherever it was read.
struct Parts<'a> {
    name: &'a str,
    path: Option<&'a str>,
    arn: Option<&'a str>,
    unique_id: Option<&'a str>,
    trust: Option<&'a str>,
    managed: Set<Ref<IamPolicy>>,
    inline: BTreeMap<String, Policy>,
    boundary: Option<&'a str>,
    tags: Tags,
}

impl Parts<'_> {
    fn found(self, aws: &Aws) -> Result<Found<IamRole>, CloudError> {
        let path = self.path.map_or_else(root, str::to_owned);
        // For a moment after its creation a role may show its id in place of its ARN.
        let arn = self.arn.filter(|arn| arn.starts_with("arn:")).map(str::to_owned);
        let arn = arn.unwrap_or_else(|| aws.iam_arn(&format!("role{path}{}", self.name)));
        let trust = self.trust.map(|text| iam::document(text, "iam:GetRole")).transpose()?;
        let spec = Spec {
            name: self.name.to_owned(),
            path,
            trusted_services: Set::default(),
            trust,
            managed_policies: self.managed,
            inline_policies: self.inline,
            permissions_boundary: self.boundary.map(Ref::new),
            description: None,
            max_session_duration: None,
        };
        Ok(Found {
            id: self.name.to_owned(),
            spec: spec.canonical(),
            outputs: Outputs {
                name: self.name.to_owned(),
                arn,
                unique_id: self.unique_id.unwrap_or_default().to_owned(),
            },
            tags: self.tags,
            readiness: Readiness::Ready,
        })
    }
}

fn from_detail(aws: &Aws, role: &RoleDetail) -> Result<Found<IamRole>, CloudError> {
    let mut inline = BTreeMap::new();
    for policy in role.role_policy_list() {
        let text = policy.policy_document().unwrap_or_default();
        let document = iam::document(text, "iam:GetAccountAuthorizationDetails")?;
        inline.insert(policy.policy_name().unwrap_or_default().to_owned(), document);
    }
    let boundary = role.permissions_boundary();
    let attached = role.attached_managed_policies().iter();
    let parts = Parts {
        name: role.role_name().unwrap_or_default(),
        path: role.path(),
        arn: role.arn(),
        unique_id: role.role_id(),
        trust: role.assume_role_policy_document(),
        managed: attached.filter_map(|policy| policy.policy_arn()).map(Ref::new).collect(),
        inline,
        boundary: boundary.and_then(|boundary| boundary.permissions_boundary_arn()),
        tags: iam::tags_of(role.tags.as_deref()),
    };
    parts.found(aws)
}

/// Reads one role. To poll the whole account for each of many roles would take the square of calls.
async fn one(aws: &Aws, name: &str) -> Result<Option<Found<IamRole>>, CloudError> {
    let role = async {
        let answer = aws.iam.get_role().role_name(name).send().await.or_missing("iam:GetRole")?;
        Ok(answer.and_then(|answer| answer.role))
    };
    let (role, managed, inline) = try_join3(role, managed(aws, name), inline(aws, name)).await?;
    let Some(role) = role else { return Ok(None) };
    let boundary = role.permissions_boundary();
    let parts = Parts {
        name: &role.role_name,
        path: Some(&role.path),
        arn: Some(&role.arn),
        unique_id: Some(&role.role_id),
        trust: role.assume_role_policy_document(),
        managed,
        inline,
        boundary: boundary.and_then(|boundary| boundary.permissions_boundary_arn()),
        tags: iam::tags_of(role.tags.as_deref()),
    };
    let mut found = parts.found(aws)?;
    complete(&mut found.spec, &role);
    Ok(Some(found))
}

async fn managed(aws: &Aws, name: &str) -> Result<Set<Ref<IamPolicy>>, CloudError> {
    let call = aws.iam.list_attached_role_policies().role_name(name);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.or_missing("iam:ListAttachedRolePolicies")?.unwrap_or_default();
    Ok(found.into_iter().filter_map(|policy| policy.policy_arn).map(Ref::new).collect())
}

async fn inline(aws: &Aws, name: &str) -> Result<BTreeMap<String, Policy>, CloudError> {
    let call = aws.iam.list_role_policies().role_name(name);
    let names = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let names = names.or_missing("iam:ListRolePolicies")?.unwrap_or_default();
    let policies = each(names, |policy| async move {
        let call = aws.iam.get_role_policy().role_name(name).policy_name(&policy);
        let Some(answer) = call.send().await.or_missing("iam:GetRolePolicy")? else {
            return Ok(None);
        };
        let document = iam::document(&answer.policy_document, "iam:GetRolePolicy")?;
        Ok(Some((policy, document)))
    });
    Ok(policies.await?.into_iter().flatten().collect())
}
