//! Identity and Access Management.

mod access_key;
mod account;
pub mod assume;
mod attachment;
mod authorization_details;
mod aws_managed;
mod boundary;
pub mod caller;
mod condition;
mod credentials;
mod document;
mod grants;
mod group;
mod inline;
mod instance_profile;
mod listing;
mod login_profile;
mod moment;
mod name;
mod oidc;
mod permission;
mod policy;
mod policy_entities;
mod policy_version;
mod refusal;
mod role;
mod role_change;
mod service_link;
mod service_linked;
mod service_principal;
mod simulate;
mod statement;
mod tag;
#[cfg(test)]
mod tests;
mod trust;
mod unique_id;
mod user;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Global, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::{Site, Time};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "iam",
    dialect: DIALECT,
    operations: operations! {
        AddClientIDToOpenIDConnectProvider => oidc::add_client,
        AddRoleToInstanceProfile => instance_profile::add_role,
        AddUserToGroup => group::add_user,
        AttachGroupPolicy => attachment::of_group::attach,
        AttachRolePolicy => attachment::of_role::attach,
        AttachUserPolicy => attachment::of_user::attach,
        CreateAccessKey => access_key::create,
        CreateAccountAlias => account::create_alias,
        CreateGroup => group::create,
        CreateInstanceProfile => instance_profile::create,
        CreateLoginProfile => login_profile::create,
        CreateOpenIDConnectProvider => oidc::create,
        CreatePolicy => policy::create,
        CreatePolicyVersion => policy_version::create,
        CreateRole => role::create,
        CreateServiceLinkedRole => service_linked::create,
        CreateUser => user::create,
        DeleteAccessKey => access_key::delete,
        DeleteAccountAlias => account::delete_alias,
        DeleteAccountPasswordPolicy => account::delete_password_policy,
        DeleteGroup => group::delete,
        DeleteGroupPolicy => inline::of_group::delete,
        DeleteInstanceProfile => instance_profile::delete,
        DeleteLoginProfile => login_profile::delete,
        DeleteOpenIDConnectProvider => oidc::delete,
        DeletePolicy => policy::delete,
        DeletePolicyVersion => policy_version::delete,
        DeleteRole => role::delete,
        DeleteRolePermissionsBoundary => boundary::of_role::delete,
        DeleteRolePolicy => inline::of_role::delete,
        DeleteServiceLinkedRole => service_linked::delete,
        DeleteUser => user::delete,
        DeleteUserPermissionsBoundary => boundary::of_user::delete,
        DeleteUserPolicy => inline::of_user::delete,
        DetachGroupPolicy => attachment::of_group::detach,
        DetachRolePolicy => attachment::of_role::detach,
        DetachUserPolicy => attachment::of_user::detach,
        GetAccessKeyLastUsed => access_key::last_used,
        GetAccountAuthorizationDetails => authorization_details::get,
        GetAccountPasswordPolicy => account::password_policy,
        GetAccountSummary => account::summary,
        GetGroup => group::get,
        GetGroupPolicy => inline::of_group::get,
        GetInstanceProfile => instance_profile::get,
        GetLoginProfile => login_profile::get,
        GetOpenIDConnectProvider => oidc::get,
        GetPolicy => policy::get,
        GetPolicyVersion => policy_version::get,
        GetRole => role::get,
        GetRolePolicy => inline::of_role::get,
        GetServiceLinkedRoleDeletionStatus => service_linked::status,
        GetUser => user::get,
        GetUserPolicy => inline::of_user::get,
        ListAccessKeys => access_key::list,
        ListAccountAliases => account::list_aliases,
        ListAttachedGroupPolicies => attachment::of_group::list,
        ListAttachedRolePolicies => attachment::of_role::list,
        ListAttachedUserPolicies => attachment::of_user::list,
        ListEntitiesForPolicy => policy_entities::list,
        ListGroupPolicies => inline::of_group::list,
        ListGroups => group::list,
        ListGroupsForUser => group::list_of_user,
        ListInstanceProfileTags => tag::of_profile::list,
        ListInstanceProfiles => instance_profile::list,
        ListInstanceProfilesForRole => instance_profile::list_of_role,
        ListMFADevices => credentials::mfa_devices,
        ListOpenIDConnectProviderTags => tag::of_provider::list,
        ListOpenIDConnectProviders => oidc::list,
        ListPolicies => policy::list,
        ListPolicyTags => tag::of_policy::list,
        ListPolicyVersions => policy_version::list,
        ListRolePolicies => inline::of_role::list,
        ListRoleTags => tag::of_role::list,
        ListRoles => role::list,
        ListSAMLProviders => credentials::saml_providers,
        ListSSHPublicKeys => credentials::ssh_public_keys,
        ListServerCertificates => credentials::server_certificates,
        ListServiceSpecificCredentials => credentials::service_specific,
        ListSigningCertificates => credentials::signing_certificates,
        ListUserPolicies => inline::of_user::list,
        ListUserTags => tag::of_user::list,
        ListUsers => user::list,
        ListVirtualMFADevices => credentials::virtual_mfa_devices,
        PutGroupPolicy => inline::of_group::put,
        PutRolePermissionsBoundary => boundary::of_role::put,
        PutRolePolicy => inline::of_role::put,
        PutUserPermissionsBoundary => boundary::of_user::put,
        PutUserPolicy => inline::of_user::put,
        RemoveClientIDFromOpenIDConnectProvider => oidc::remove_client,
        RemoveRoleFromInstanceProfile => instance_profile::remove_role,
        RemoveUserFromGroup => group::remove_user,
        SetDefaultPolicyVersion => policy_version::set_default,
        SimulateCustomPolicy => simulate::custom,
        SimulatePrincipalPolicy => simulate::principal,
        TagInstanceProfile => tag::of_profile::add,
        TagOpenIDConnectProvider => tag::of_provider::add,
        TagPolicy => tag::of_policy::add,
        TagRole => tag::of_role::add,
        TagUser => tag::of_user::add,
        UntagInstanceProfile => tag::of_profile::remove,
        UntagOpenIDConnectProvider => tag::of_provider::remove,
        UntagPolicy => tag::of_policy::remove,
        UntagRole => tag::of_role::remove,
        UntagUser => tag::of_user::remove,
        UpdateAccessKey => access_key::update,
        UpdateAccountPasswordPolicy => account::update_password_policy,
        UpdateAssumeRolePolicy => role_change::update_trust,
        UpdateGroup => group::update,
        UpdateLoginProfile => login_profile::update,
        UpdateOpenIDConnectProviderThumbprint => oidc::update_thumbprints,
        UpdateRole => role_change::update,
        UpdateRoleDescription => role_change::describe,
        UpdateUser => user::update,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Query {
        version: "2010-05-08",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    missing: "ValidationError",
    unknown: "ValidationError",
    invalid: "ValidationError",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Roles by name.
    pub roles: BTreeMap<String, role::Role>,
    /// Users by name.
    pub users: BTreeMap<String, user::User>,
    /// Groups by name.
    pub groups: BTreeMap<String, group::Group>,
    /// The customer's managed policies by ARN.
    pub policies: BTreeMap<String, policy::Policy>,
    /// Instance profiles by name.
    pub profiles: BTreeMap<String, instance_profile::InstanceProfile>,
    /// OpenID Connect providers by ARN.
    pub providers: BTreeMap<String, oidc::Provider>,
    /// Deletions of service-linked roles by the id of the task.
    pub deletions: BTreeMap<String, service_linked::Deletion>,
    /// The account's alias.
    pub alias: Option<String>,
    /// The account's password policy.
    pub password_policy: Option<account::PasswordPolicy>,
}

impl State {
    /// Whether there is nothing but what AWS itself makes: service-linked roles.
    pub fn is_pristine(&self) -> bool {
        let mut own = self.clone();
        own.roles.retain(|_, role| role.service.is_none());
        own.deletions.clear();
        own == State::default()
    }
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// AWS has looked whether a service-linked role can go.
    ServiceLinkedRoleDeleted {
        /// The id of the task.
        task: String,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::ServiceLinkedRoleDeleted { task } => service_linked::deleted(site, &task),
        }
    }
}

/// The ARNs of what has tags and was not made by AWS itself, and the tags.
pub fn tagged(global: &Global) -> Vec<(String, Tags)> {
    let State { roles, users, policies, profiles, providers, .. } = &global.iam;
    let own = roles.values().filter(|role| role.service.is_none());
    own.map(|role| (&role.arn, &role.tags))
        .chain(users.values().map(|user| (&user.arn, &user.tags)))
        .chain(policies.iter().map(|(arn, policy)| (arn, &policy.tags)))
        .chain(profiles.values().map(|profile| (&profile.arn, &profile.tags)))
        .chain(providers.iter().map(|(arn, provider)| (arn, &provider.tags)))
        .map(|(arn, tags)| (arn.clone(), tags.clone()))
        .collect()
}

/// A moment as IAM writes it: in whole seconds.
fn date(time: Time) -> String {
    let whole = time.iso();
    format!("{}Z", whole.split('.').next().unwrap_or_default())
}
