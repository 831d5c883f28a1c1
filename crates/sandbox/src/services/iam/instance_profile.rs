//! Instance profiles: a role for the machines of EC2.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{exists, in_use, missing, over_quota};
use super::tag::{self, Keys, Tag};
use super::{State, date, listing, name, role, unique_id};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its name.
    pub name: String,
    /// Its unique id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its path.
    pub path: String,
    /// When it was made.
    pub created: Time,
    /// The name of its role.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A profile as it is shown.
pub(super) fn shown(state: &State, profile: &InstanceProfile) -> Value {
    let role = profile.role.as_ref().and_then(|name| state.roles.get(name));
    let roles: Value = role.iter().map(|role| role.outline(state)).collect();
    json!({
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": date(profile.created),
        "Roles": roles,
    })
}

fn shown_with_tags(state: &State, profile: &InstanceProfile) -> Value {
    let mut shown = shown(state, profile);
    shown["Tags"] = tag::shown(&profile.tags);
    shown
}

fn unknown(name: &str) -> Refused {
    missing(format!("Instance Profile {name} cannot be found."))
}

/// The profile with a name, to change it.
pub(super) fn find_mut<'s>(
    state: &'s mut State,
    name: &str,
) -> Result<&'s mut InstanceProfile, Refused> {
    state.profiles.get_mut(name).ok_or_else(|| unknown(name))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    instance_profile_name: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let name = input.instance_profile_name;
    name::check("instanceProfileName", &name, 128)?;
    let path = name::path(input.path)?;
    let tags = tag::read(input.tags, Keys::Exact)?;
    let profiles = &site.global().iam.profiles;
    if profiles.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(exists(format!("Instance Profile {name} already exists.")));
    }
    let profile = InstanceProfile {
        id: unique_id::new(site, "AIPA"),
        arn: format!("arn:aws:iam::{ACCOUNT}:instance-profile{path}{name}"),
        name,
        path,
        created: site.now(),
        role: None,
        tags,
    };
    let state = &mut site.global_mut().iam;
    let mut shown = shown(state, &profile);
    shown["Tags"] = tag::shown_if_any(&profile.tags);
    state.profiles.insert(profile.name.clone(), profile);
    Ok(json!({ "InstanceProfile": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct One {
    instance_profile_name: String,
}

pub(super) fn get(site: &mut Site<'_>, input: One) -> Answer {
    let state = &site.global().iam;
    let name = &input.instance_profile_name;
    let profile = state.profiles.get(name).ok_or_else(|| unknown(name))?;
    Ok(json!({ "InstanceProfile": shown_with_tags(state, profile) }))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct List {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn list(site: &mut Site<'_>, input: List) -> Answer {
    let prefix = name::path_prefix(input.path_prefix.as_deref())?;
    let state = &site.global().iam;
    let profiles = state.profiles.values().filter(|profile| profile.path.starts_with(prefix));
    let profiles = profiles.map(|profile| shown(state, profile)).collect();
    listing::answer("InstanceProfiles", profiles, input.max_items, input.marker.as_deref(), prefix)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OfRole {
    role_name: String,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<i64>,
}

pub(super) fn list_of_role(site: &mut Site<'_>, input: OfRole) -> Answer {
    let state = &site.global().iam;
    let name = &input.role_name;
    role::find(state, name)?;
    let profiles = state.profiles.values().filter(|one| one.role.as_ref() == Some(name));
    let profiles = profiles.map(|profile| shown(state, profile)).collect();
    listing::answer("InstanceProfiles", profiles, input.max_items, input.marker.as_deref(), name)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct WithRole {
    instance_profile_name: String,
    role_name: String,
}

pub(super) fn add_role(site: &mut Site<'_>, input: WithRole) -> Answer {
    let state = &mut site.global_mut().iam;
    find_mut(state, &input.instance_profile_name)?;
    role::find_to_change(state, &input.role_name)?;
    let profile = find_mut(state, &input.instance_profile_name)?;
    if profile.role.is_some() {
        return Err(over_quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(input.role_name);
    Ok(Value::Null)
}

pub(super) fn remove_role(site: &mut Site<'_>, input: WithRole) -> Answer {
    let WithRole { instance_profile_name: name, role_name: role } = input;
    let state = &mut site.global_mut().iam;
    find_mut(state, &name)?;
    role::find(state, &role)?;
    let profile = find_mut(state, &name)?;
    if profile.role.as_ref() != Some(&role) {
        let message = format!("Role {role} in Instance Profile {name} cannot be found.");
        return Err(missing(message));
    }
    profile.role = None;
    Ok(Value::Null)
}

pub(super) fn delete(site: &mut Site<'_>, input: One) -> Answer {
    let state = &mut site.global_mut().iam;
    let name = &input.instance_profile_name;
    if find_mut(state, name)?.role.is_some() {
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(in_use(message));
    }
    state.profiles.remove(name);
    Ok(Value::Null)
}
