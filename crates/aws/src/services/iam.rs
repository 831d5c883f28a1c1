//! IAM: roles and customer-managed policies of the whole account in one family of calls, and tags.

use std::sync::Arc;

use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail, Tag};
use landfall_model::{CloudError, Tags};

use crate::error::Answer;
use crate::{Aws, Sweep};

/// Roles with their attachments and inline policies, and customer-managed policies with their
/// versions (`iam:GetAccountAuthorizationDetails`). It leaves out a role's description and longest
/// session, and a policy's tags.
#[derive(Debug, Default)]
pub struct Authorization {
    /// All roles.
    pub roles: Vec<RoleDetail>,
    /// All customer-managed policies.
    pub policies: Vec<ManagedPolicyDetail>,
}

impl Authorization {
    async fn read(aws: &Aws) -> Result<Authorization, CloudError> {
        let mut pages = aws
            .iam
            .get_account_authorization_details()
            .filter(EntityType::Role)
            .filter(EntityType::LocalManagedPolicy)
            .into_paginator()
            .page_size(1000)
            .send();
        let mut all = Authorization::default();
        while let Some(page) = pages.next().await {
            let page = page.named("iam:GetAccountAuthorizationDetails")?;
            all.roles.extend(page.role_detail_list.unwrap_or_default());
            all.policies.extend(page.policies.unwrap_or_default());
        }
        Ok(all)
    }
}

impl Sweep {
    /// Roles and customer-managed policies.
    pub(crate) async fn authorization(&self, aws: &Aws) -> Result<Arc<Authorization>, CloudError> {
        self.authorization.get(|| Authorization::read(aws)).await
    }
}

/// Tags for a create call.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    // `build` fails only without a key or value.
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.filter_map(Result::ok).collect()
}

/// Tags as IAM gives them.
pub(crate) fn tags_of(tags: Option<&[Tag]>) -> Tags {
    let tags = tags.unwrap_or_default().iter();
    tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}
