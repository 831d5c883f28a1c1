//! Roles: creating, showing and deleting them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::grants::Grants;
use super::refusal::{exists, in_use, missing, over_quota};
use super::tag::{self, Keys, Tag};
use super::{State, boundary, date, document, listing, name, trust, unique_id};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time, Wait};

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
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
    /// Its trust policy, with roles and users by their ids.
    pub trust: String,
    /// Its trust policies as the other services know them, the newest last.
    pub known: Vec<Known>,
    /// What people say about it.
    pub description: Option<String>,
    /// The longest session in seconds.
    pub max_session_duration: i64,
    /// Its policies.
    pub grants: Grants,
    /// Its tags.
    pub tags: Tags,
    /// When and where it was last used.
    pub last_used: Option<(Time, String)>,
    /// The service to which it is linked: `ecs.amazonaws.com`.
    pub service: Option<String>,
}

/// A trust policy on its way to the other services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// From when on they know it.
    pub from: Time,
    /// The policy.
    pub trust: String,
}

impl Role {
    /// The trust policy as the other services know it; none before they have heard of the role.
    pub fn trust_known_at(&self, now: Time) -> Option<&str> {
        self.known.iter().rev().find(|known| known.from <= now).map(|known| known.trust.as_str())
    }

    /// Gives it a trust policy of which the others hear later.
    pub(super) fn trust_from(&mut self, trust: String, now: Time, from: Time) {
        // Changes arrive in their order.
        let from = self.known.iter().map(|known| known.from).fold(from, Time::max);
        let current = self.known.iter().rposition(|known| known.from <= now).unwrap_or(0);
        self.known.drain(..current);
        self.known.push(Known { from, trust: trust.clone() });
        self.trust = trust;
    }

    /// What every answer shows of it.
    pub(super) fn outline(&self, state: &State) -> Value {
        json!({
            "Path": self.path,
            "RoleName": self.name,
            "RoleId": self.id,
            "Arn": self.arn,
            "CreateDate": date(self.created),
            "AssumeRolePolicyDocument": document::encoded(&trust::shown(state, &self.trust)),
        })
    }

    /// What lists show of it (IAM API, ListRoles: no tags, boundary or last use).
    fn listed(&self, state: &State) -> Value {
        let mut shown = self.outline(state);
        shown["Description"] = json!(self.description);
        shown["MaxSessionDuration"] = json!(self.max_session_duration);
        shown
    }

    /// All of it.
    pub(super) fn shown(&self, state: &State) -> Value {
        let mut shown = self.listed(state);
        shown["PermissionsBoundary"] = self.grants.boundary_shown();
        shown["Tags"] = tag::shown_if_any(&self.tags);
        shown["RoleLastUsed"] = self.last_used_shown();
        shown
    }

    /// Its last use as it is shown.
    pub(super) fn last_used_shown(&self) -> Value {
        match &self.last_used {
            Some((at, region)) => json!({ "LastUsedDate": date(*at), "Region": region }),
            None => json!({}),
        }
    }
}

/// The role with a name.
pub(super) fn find<'s>(state: &'s State, name: &str) -> Result<&'s Role, Refused> {
    state.roles.get(name).ok_or_else(|| unknown(name))
}

/// The role with a name, to change what may be changed on any role.
pub(super) fn find_mut<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Role, Refused> {
    state.roles.get_mut(name).ok_or_else(|| unknown(name))
}

/// The role with a name, to change what belongs to AWS on a service-linked role.
pub(super) fn find_to_change<'s>(
    state: &'s mut State,
    name: &str,
) -> Result<&'s mut Role, Refused> {
    let role = find_mut(state, name)?;
    if role.service.is_some() {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only \
             modifiable by AWS"
        );
        return Err(Refused::new("UnmodifiableEntity", message));
    }
    Ok(role)
}

fn unknown(name: &str) -> Refused {
    missing(format!("The role with name {name} cannot be found."))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    role_name: String,
    assume_role_policy_document: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    max_session_duration: Option<i64>,
    #[serde(default)]
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    name::check("roleName", &input.role_name, 64)?;
    let path = name::path(input.path)?;
    name::description(input.description.as_deref())?;
    let max_session_duration = input.max_session_duration.unwrap_or(3600);
    name::range("maxSessionDuration", max_session_duration, 3600, 43200)?;
    let tags = tag::read(input.tags, Keys::AnyCase)?;
    let state = &site.global().iam;
    let trust = trust::accept(state, site.now(), &input.assume_role_policy_document)?;
    // IAM guide, "IAM identifiers": names are unique whatever their case.
    if state.roles.keys().any(|name| name.eq_ignore_ascii_case(&input.role_name)) {
        return Err(exists(format!("Role with name {} already exists.", input.role_name)));
    }
    input.permissions_boundary.iter().try_for_each(|arn| boundary::check(state, arn))?;
    if state.roles.values().filter(|role| role.service.is_none()).count() >= 1000 {
        return Err(over_quota("RolesPerAccount", 1000));
    }
    let from = site.now() + site.takes(Wait::IamPropagation);
    let given = document::encoded(&input.assume_role_policy_document);
    let mut role = new(site, input.role_name, path);
    role.trust_from(trust, site.now(), from);
    role.description = input.description.filter(|text| !text.is_empty());
    role.max_session_duration = max_session_duration;
    role.grants.boundary = input.permissions_boundary;
    role.tags = tags;
    let state = &mut site.global_mut().iam;
    state.roles.insert(role.name.clone(), role.clone());
    // This answer has the trust policy as it was sent, and neither the description nor the longest
    // session, whether they were sent or not.
    let mut shown = role.outline(state);
    shown["AssumeRolePolicyDocument"] = given.into();
    shown["PermissionsBoundary"] = role.grants.boundary_shown();
    shown["Tags"] = tag::shown_if_any(&role.tags);
    Ok(json!({ "Role": shown }))
}

/// A role that trusts nobody yet.
pub(super) fn new(site: &mut Site<'_>, name: String, path: String) -> Role {
    Role {
        id: unique_id::new(site, "AROA"),
        arn: format!("arn:aws:iam::{ACCOUNT}:role{path}{name}"),
        name,
        path,
        created: site.now(),
        trust: String::new(),
        known: Vec::new(),
        description: None,
        max_session_duration: 3600,
        grants: Grants::default(),
        tags: Tags::new(),
        last_used: None,
        service: None,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct One {
    role_name: String,
}

pub(super) fn get(site: &mut Site<'_>, input: One) -> Answer {
    let state = &site.global().iam;
    Ok(json!({ "Role": find(state, &input.role_name)?.shown(state) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
#[derive(Default)]
pub(super) struct List {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn list(site: &mut Site<'_>, input: List) -> Answer {
    let prefix = name::path_prefix(input.path_prefix.as_deref())?;
    let state = &site.global().iam;
    let roles = state.roles.values().filter(|role| role.path.starts_with(prefix));
    let roles = roles.map(|role| role.listed(state)).collect();
    listing::answer("Roles", roles, input.max_items, input.marker.as_deref(), prefix)
}

pub(super) fn delete(site: &mut Site<'_>, input: One) -> Answer {
    let state = &mut site.global_mut().iam;
    let name = &input.role_name;
    let role = find_to_change(state, name)?;
    let (attached, inline) = (role.grants.attached.len(), role.grants.inline.len());
    if state.profiles.values().any(|profile| profile.role.as_ref() == Some(name)) {
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(in_use(message));
    }
    if attached > 0 {
        return Err(in_use("Cannot delete entity, must detach all policies first."));
    }
    if inline > 0 {
        return Err(in_use("Cannot delete entity, must delete policies first."));
    }
    state.roles.remove(name);
    Ok(Value::Null)
}
