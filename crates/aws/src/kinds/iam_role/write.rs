//! Making, changing and deleting roles.

use landfall_model::types::Ref;
use landfall_model::{CloudError, Tags};

use super::spec::arn_of;
use super::{IamRole, Outputs, Spec};
use crate::Aws;
use crate::error::Answer;
use crate::kind::{Found, Made};
use crate::kinds::iam_policy::IamPolicy;
use crate::services::iam;

pub(super) async fn create(
    aws: &Aws,
    want: &Spec,
    tags: &Tags,
) -> Result<Made<IamRole>, CloudError> {
    let boundary = want.permissions_boundary.as_ref();
    let answer = aws
        .iam
        .create_role()
        .role_name(&want.name)
        .path(&want.path)
        .assume_role_policy_document(want.trust_policy())
        .set_permissions_boundary(boundary.map(|policy| arn_of(&aws.partition, policy)))
        .set_description(want.description.clone().filter(|text| !text.is_empty()))
        .set_max_session_duration(want.max_session_duration)
        .set_tags(Some(iam::tags(tags)))
        .send()
        .await
        .named("iam:CreateRole")?;
    let unique_id = answer.role.map(|role| role.role_id).unwrap_or_default();
    let arn = aws.iam_arn(&format!("role{}{}", want.path, want.name));
    let outputs = Outputs { name: want.name.clone(), arn, unique_id };
    Ok(Made { id: want.name.clone(), outputs })
}

pub(super) async fn update(
    aws: &Aws,
    live: &Found<IamRole>,
    want: &Spec,
) -> Result<(), CloudError> {
    let (iam, name, is) = (&aws.iam, &live.id, &live.spec);
    if (&want.trust, &want.trusted_services) != (&is.trust, &is.trusted_services) {
        let call = iam.update_assume_role_policy().role_name(name);
        let call = call.policy_document(want.trust_policy());
        call.send().await.named("iam:UpdateAssumeRolePolicy")?;
    }
    match &want.permissions_boundary {
        boundary if *boundary == is.permissions_boundary => {}
        Some(policy) => {
            let call = iam.put_role_permissions_boundary().role_name(name);
            let call = call.permissions_boundary(arn_of(&aws.partition, policy));
            call.send().await.named("iam:PutRolePermissionsBoundary")?;
        }
        None => {
            let call = iam.delete_role_permissions_boundary().role_name(name);
            call.send().await.or_missing("iam:DeleteRolePermissionsBoundary")?;
        }
    }
    if want.description != is.description || want.max_session_duration != is.max_session_duration {
        // Both at once: one that is left out may fall back to its default.
        let call = iam.update_role().role_name(name);
        let call = call.set_description(want.description.clone());
        let call = call.set_max_session_duration(want.max_session_duration);
        call.send().await.named("iam:UpdateRole")?;
    }
    // What is new comes first, so that whoever has the role never lacks a permission that stays.
    for (policy, document) in &want.inline_policies {
        if is.inline_policies.get(policy) != Some(document) {
            let call = iam.put_role_policy().role_name(name).policy_name(policy);
            let call = call.policy_document(document.to_json());
            call.send().await.named("iam:PutRolePolicy")?;
        }
    }
    for policy in want.managed_policies.without(&is.managed_policies) {
        let call = iam.attach_role_policy().role_name(name);
        let call = call.policy_arn(arn_of(&aws.partition, policy));
        call.send().await.named("iam:AttachRolePolicy")?;
    }
    for policy in is.managed_policies.without(&want.managed_policies) {
        detach(aws, name, policy).await?;
    }
    for policy in is.inline_policies.keys().filter(|it| !want.inline_policies.contains_key(*it)) {
        delete_inline(aws, name, policy).await?;
    }
    Ok(())
}

pub(super) async fn delete(aws: &Aws, live: &Found<IamRole>) -> Result<(), CloudError> {
    for policy in &live.spec.managed_policies {
        detach(aws, &live.id, policy).await?;
    }
    for policy in live.spec.inline_policies.keys() {
        delete_inline(aws, &live.id, policy).await?;
    }
    match delete_bare(aws, &live.id).await {
        Err(error) if error.code.as_deref() == Some("DeleteConflict") => {
            // A role for EC2 stands in an instance profile; one for tasks does not.
            leave_instance_profiles(aws, &live.id).await?;
            delete_bare(aws, &live.id).await
        }
        done => done,
    }
}

async fn delete_bare(aws: &Aws, name: &str) -> Result<(), CloudError> {
    aws.iam.delete_role().role_name(name).send().await.or_missing("iam:DeleteRole").map(drop)
}

async fn leave_instance_profiles(aws: &Aws, name: &str) -> Result<(), CloudError> {
    let call = aws.iam.list_instance_profiles_for_role().role_name(name);
    let profiles = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let profiles = profiles.or_missing("iam:ListInstanceProfilesForRole")?.unwrap_or_default();
    for profile in profiles {
        let call = aws.iam.remove_role_from_instance_profile().role_name(name);
        let call = call.instance_profile_name(profile.instance_profile_name);
        call.send().await.or_missing("iam:RemoveRoleFromInstanceProfile")?;
    }
    Ok(())
}

async fn detach(aws: &Aws, name: &str, policy: &Ref<IamPolicy>) -> Result<(), CloudError> {
    let call = aws.iam.detach_role_policy().role_name(name);
    let call = call.policy_arn(arn_of(&aws.partition, policy));
    call.send().await.or_missing("iam:DetachRolePolicy").map(drop)
}

async fn delete_inline(aws: &Aws, name: &str, policy: &str) -> Result<(), CloudError> {
    let call = aws.iam.delete_role_policy().role_name(name).policy_name(policy);
    call.send().await.or_missing("iam:DeleteRolePolicy").map(drop)
}
