//! The whole account in one list: users, groups, roles and managed policies.

use serde::Deserialize;
use serde_json::{Value, json};

use super::policy::Managed;
use super::{
    State, aws_managed, date, document, group, instance_profile, listing, policy, policy_version,
    role, tag, trust, user,
};
use crate::operations::Answer;
use crate::world::Site;

/// A kind of thing to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    User,
    Role,
    Group,
    LocalManagedPolicy,
    #[serde(rename = "AWSManagedPolicy")]
    AwsManagedPolicy,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct Get {
    filter: Vec<Kind>,
    max_items: Option<i64>,
    marker: Option<String>,
}

pub(super) fn get(site: &mut Site<'_>, input: Get) -> Answer {
    let state = &site.global().iam;
    let wants = |kind: Kind| input.filter.is_empty() || input.filter.contains(&kind);
    let mut all: Vec<(&str, Value)> = Vec::new();
    if wants(Kind::User) {
        all.extend(state.users.values().map(|one| ("UserDetailList", of_user(one))));
    }
    if wants(Kind::Group) {
        all.extend(state.groups.values().map(|one| ("GroupDetailList", of_group(one))));
    }
    if wants(Kind::Role) {
        all.extend(state.roles.values().map(|one| ("RoleDetailList", of_role(state, one))));
    }
    if wants(Kind::LocalManagedPolicy) {
        let policies = state.policies.values().map(Managed::Local);
        all.extend(policies.map(|one| ("Policies", of_policy(state, &one))));
    }
    if wants(Kind::AwsManagedPolicy) {
        // Of AWS's policies only those that are in use are listed.
        let policies = aws_managed::all().iter().map(Managed::Aws);
        let used = policies.filter(|one| policy::is_used(state, &one.arn()));
        all.extend(used.map(|one| ("Policies", of_policy(state, &one))));
    }
    let scope = format!("details {:?}", input.filter);
    let (page, next) = listing::page(all, input.max_items, input.marker.as_deref(), &scope)?;
    let of = |list: &str| -> Value {
        page.iter().filter(|(name, _)| *name == list).map(|(_, one)| one.clone()).collect()
    };
    Ok(json!({
        "UserDetailList": of("UserDetailList"),
        "GroupDetailList": of("GroupDetailList"),
        "RoleDetailList": of("RoleDetailList"),
        "Policies": of("Policies"),
        "IsTruncated": next.is_some(),
        "Marker": next,
    }))
}

fn of_user(user: &user::User) -> Value {
    json!({
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": date(user.created),
        "UserPolicyList": user.grants.inline_shown(),
        "GroupList": user.groups,
        "AttachedManagedPolicies": user.grants.attached_shown(),
        "PermissionsBoundary": user.grants.boundary_shown(),
        "Tags": tag::shown(&user.tags),
    })
}

fn of_group(group: &group::Group) -> Value {
    let mut shown = group.shown();
    shown["GroupPolicyList"] = group.grants.inline_shown();
    shown["AttachedManagedPolicies"] = group.grants.attached_shown().into();
    shown
}

fn of_role(state: &State, role: &role::Role) -> Value {
    let profiles = state.profiles.values();
    let profiles: Value = profiles
        .filter(|profile| profile.role.as_ref() == Some(&role.name))
        .map(|profile| instance_profile::shown(state, profile))
        .collect();
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": date(role.created),
        "AssumeRolePolicyDocument": document::encoded(&trust::shown(state, &role.trust)),
        "InstanceProfileList": profiles,
        "RolePolicyList": role.grants.inline_shown(),
        "AttachedManagedPolicies": role.grants.attached_shown(),
        "PermissionsBoundary": role.grants.boundary_shown(),
        "Tags": tag::shown(&role.tags),
        "RoleLastUsed": role.last_used_shown(),
    })
}

fn of_policy(state: &State, policy: &Managed<'_>) -> Value {
    let mut shown = policy.listed(state);
    shown["Description"] = json!(policy.description());
    shown["PolicyVersionList"] = policy_version::all(policy, true).into();
    shown
}
