//! IAM: roles and customer-managed policies of the whole account in one family of calls, documents,
//! names and tags.

use std::sync::Arc;

use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail, Tag};
use landfall_model::types::Policy;
use landfall_model::{CloudError, Finding, TagChange, Tags, reference};
use percent_encoding::percent_decode_str;

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

impl Aws {
    /// The ARN of a thing of IAM, which has no regions. `resource` is `role/path/name`, say.
    pub(crate) fn iam_arn(&self, resource: &str) -> String {
        let Aws { partition, account, .. } = self;
        format!("arn:{partition}:iam::{account}:{resource}")
    }
}

/// A policy as IAM gives it: percent-encoded, or plain where an emulator leaves that out.
pub(crate) fn document(text: &str, operation: &str) -> Result<Policy, CloudError> {
    let unreadable = |message: String| CloudError::unexpected(operation, message);
    let text = match text.starts_with('%') {
        true => percent_decode_str(text)
            .decode_utf8()
            .map_err(|error| unreadable(format!("the policy is not UTF-8: {error}")))?,
        false => text.into(),
    };
    Policy::parse(&text).map_err(unreadable)
}

/// What is wrong with the name of a role or policy.
pub(crate) fn check_name(name: &str, max: usize, what: &str) -> Option<Finding> {
    if name.is_empty() || !reference::is_known(name) || (is_name(name) && name.len() <= max) {
        return None;
    }
    let message = format!("the name of {what} has at most {max} letters, digits and +=,.@_-");
    Some(Finding::field("name", message))
}

/// Whether IAM takes it for a name, but for its length.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c))
}

/// What is wrong with the path of a role or policy
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>).
pub(crate) fn check_path(path: &str) -> Option<Finding> {
    let framed = path.starts_with('/') && path.ends_with('/');
    let plain = path.chars().all(|c| c.is_ascii_graphic()) && path.len() <= 512;
    if !reference::is_known(path) || (framed && plain) {
        return None;
    }
    let message = "a path begins and ends with `/` and has at most 512 characters, no spaces";
    let finding = Finding::field("path", message);
    Some(match path.trim_matches('/') {
        "" => finding.help("leave it out for `/`"),
        inner => finding.help(format!("write `/{inner}/`")),
    })
}

/// What is wrong with the description of a role or policy.
pub(crate) fn check_description(description: &str) -> Option<Finding> {
    let too_long = reference::is_known(description) && description.chars().count() > 1000;
    too_long.then(|| Finding::field("description", "a description has at most 1000 characters"))
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

/// Changes the tags of a role.
pub(crate) async fn retag_role(
    aws: &Aws,
    name: &str,
    change: &TagChange,
) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let call = aws.iam.tag_role().role_name(name).set_tags(Some(tags(&change.set)));
        call.send().await.named("iam:TagRole")?;
    }
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        let call = aws.iam.untag_role().role_name(name).set_tag_keys(keys);
        call.send().await.named("iam:UntagRole")?;
    }
    Ok(())
}

/// Changes the tags of a customer-managed policy.
pub(crate) async fn retag_policy(
    aws: &Aws,
    arn: &str,
    change: &TagChange,
) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let call = aws.iam.tag_policy().policy_arn(arn).set_tags(Some(tags(&change.set)));
        call.send().await.named("iam:TagPolicy")?;
    }
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        let call = aws.iam.untag_policy().policy_arn(arn).set_tag_keys(keys);
        call.send().await.named("iam:UntagPolicy")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_and_plain_documents_are_one() {
        let plain = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
        let encoded = "%7B%22Statement%22%3A%20%5B%7B%22Effect%22%3A%20%22Allow%22%2C%20%22Action\
                       %22%3A%20%22s3%3A%2A%22%2C%20%22Resource%22%3A%20%22%2A%22%7D%5D%7D";
        assert_eq!(document(plain, "read"), document(encoded, "read"));
        assert!(document("%7Bnonsense", "read").is_err());
    }

    #[test]
    fn names_and_paths_are_judged() {
        assert!(check_name("app-role_1@x", 64, "a role").is_none());
        assert!(check_name("app/role", 64, "a role").is_some());
        assert!(check_name(&"a".repeat(65), 64, "a role").is_some());
        assert!(check_path("/").is_none() && check_path("/team/app/").is_none());
        let help = check_path("team").and_then(|finding| finding.help);
        assert_eq!(help.as_deref(), Some("write `/team/`"));
    }
}
