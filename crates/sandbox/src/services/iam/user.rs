//! Users.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access_key::AccessKey;
use super::grants::Grants;
use super::login_profile::LoginProfile;
use super::refusal::{exists, in_use, missing, over_quota};
use super::tag::{self, Keys, Tag};
use super::{State, boundary, caller, date, listing, name, unique_id};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, BEGINNING, Site, Time, Wait};

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// The unique id.
    pub id: String,
    /// The ARN.
    pub arn: String,
    /// The path.
    pub path: String,
    /// When it was made.
    pub created: Time,
    /// From when on trust policies can name it.
    pub known_from: Time,
    /// The policies.
    pub grants: Grants,
    /// The groups, by name.
    pub groups: BTreeSet<String>,
    /// The access keys, the oldest first.
    pub keys: Vec<AccessKey>,
    /// The password.
    pub login: Option<LoginProfile>,
    /// The tags.
    pub tags: Tags,
}

impl User {
    /// What lists show of it (IAM API, ListUsers: no tags, no boundary).
    pub(super) fn listed(&self) -> Value {
        json!({
            "Path": self.path,
            "UserName": self.name,
            "UserId": self.id,
            "Arn": self.arn,
            "CreateDate": date(self.created),
        })
    }

    /// All of it.
    fn shown(&self) -> Value {
        let mut shown = self.listed();
        shown["PermissionsBoundary"] = self.grants.boundary_shown();
        shown["Tags"] = tag::shown_if_any(&self.tags);
        shown
    }
}

fn unknown(name: &str) -> Refused {
    missing(format!("The user with name {name} cannot be found."))
}

/// The user with a name.
pub(super) fn find<'s>(state: &'s State, name: &str) -> Result<&'s User, Refused> {
    state.users.get(name).ok_or_else(|| unknown(name))
}

/// The user with a name, to change it.
pub(super) fn find_mut<'s>(state: &'s mut State, name: &str) -> Result<&'s mut User, Refused> {
    state.users.get_mut(name).ok_or_else(|| unknown(name))
}

fn check_free(state: &State, name: &str) -> Result<(), Refused> {
    if state.users.keys().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(exists(format!("User with name {name} already exists.")));
    }
    Ok(())
}

fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user{path}{name}")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    user_name: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let name = input.user_name;
    name::check("userName", &name, 64)?;
    let path = name::path(input.path)?;
    let tags = tag::read(input.tags, Keys::AnyCase)?;
    let state = &site.global().iam;
    check_free(state, &name)?;
    input.permissions_boundary.iter().try_for_each(|arn| boundary::check(state, arn))?;
    if state.users.len() >= 5000 {
        return Err(over_quota("UsersPerAccount", 5000));
    }
    let user = User {
        id: unique_id::new(site, "AIDA"),
        arn: arn(&path, &name),
        name,
        path,
        created: site.now(),
        known_from: site.now() + site.takes(Wait::IamPropagation),
        grants: Grants { boundary: input.permissions_boundary, ..Grants::default() },
        groups: BTreeSet::new(),
        keys: Vec::new(),
        login: None,
        tags,
    };
    let shown = user.shown();
    site.global_mut().iam.users.insert(user.name.clone(), user);
    Ok(json!({ "User": shown }))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct Get {
    user_name: Option<String>,
}

/// Without a name it is the caller (IAM API, GetUser).
pub(super) fn get(site: &mut Site<'_>, input: Get) -> Answer {
    let user = match input.user_name {
        Some(name) => find(&site.global().iam, &name)?.shown(),
        None => json!({
            "Path": "/",
            "UserName": caller::NAME,
            "UserId": caller::ID,
            "Arn": caller::arn(),
            "CreateDate": date(BEGINNING),
        }),
    };
    Ok(json!({ "User": user }))
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
    let users = site.global().iam.users.values();
    let users = users.filter(|user| user.path.starts_with(prefix)).map(User::listed).collect();
    listing::answer("Users", users, input.max_items, input.marker.as_deref(), prefix)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Update {
    user_name: String,
    #[serde(default)]
    new_path: Option<String>,
    #[serde(default)]
    new_user_name: Option<String>,
}

pub(super) fn update(site: &mut Site<'_>, input: Update) -> Answer {
    let state = &mut site.global_mut().iam;
    let mut user = find(state, &input.user_name)?.clone();
    if let Some(name) = input.new_user_name {
        name::check("newUserName", &name, 64)?;
        if !name.eq_ignore_ascii_case(&user.name) {
            check_free(state, &name)?;
        }
        user.name = name;
    }
    if input.new_path.is_some() {
        user.path = name::path(input.new_path)?;
    }
    user.arn = arn(&user.path, &user.name);
    state.users.remove(&input.user_name);
    state.users.insert(user.name.clone(), user);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    user_name: String,
}

pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let state = &mut site.global_mut().iam;
    let user = find(state, &input.user_name)?;
    let first = [
        (!user.groups.is_empty(), "remove users from group"),
        (!user.grants.attached.is_empty(), "detach all policies"),
        (!user.grants.inline.is_empty(), "delete policies"),
        (!user.keys.is_empty(), "delete access keys"),
        (user.login.is_some(), "delete login profile"),
    ];
    if let Some((_, what)) = first.iter().find(|(hangs, _)| *hangs) {
        return Err(in_use(format!("Cannot delete entity, must {what} first.")));
    }
    state.users.remove(&input.user_name);
    Ok(Value::Null)
}
