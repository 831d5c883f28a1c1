//! Groups of users.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::grants::Grants;
use super::refusal::{exists, in_use, missing, over_quota};
use super::user::{self, User};
use super::{State, date, listing, name, unique_id};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Time};

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
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
    /// Its policies.
    pub grants: Grants,
}

impl Group {
    /// As it is shown.
    pub(super) fn shown(&self) -> Value {
        json!({
            "Path": self.path,
            "GroupName": self.name,
            "GroupId": self.id,
            "Arn": self.arn,
            "CreateDate": date(self.created),
        })
    }
}

fn unknown(name: &str) -> Refused {
    missing(format!("The group with name {name} cannot be found."))
}

/// The group with a name.
pub(super) fn find<'s>(state: &'s State, name: &str) -> Result<&'s Group, Refused> {
    state.groups.get(name).ok_or_else(|| unknown(name))
}

/// The group with a name, to change it.
pub(super) fn find_mut<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Group, Refused> {
    state.groups.get_mut(name).ok_or_else(|| unknown(name))
}

fn check_free(state: &State, name: &str) -> Result<(), Refused> {
    if state.groups.keys().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(exists(format!("Group with name {name} already exists.")));
    }
    Ok(())
}

fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:group{path}{name}")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    group_name: String,
    #[serde(default)]
    path: Option<String>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let name = input.group_name;
    name::check("groupName", &name, 128)?;
    let path = name::path(input.path)?;
    check_free(&site.global().iam, &name)?;
    if site.global().iam.groups.len() >= 300 {
        return Err(over_quota("GroupsPerAccount", 300));
    }
    let group = Group {
        id: unique_id::new(site, "AGPA"),
        arn: arn(&path, &name),
        name,
        path,
        created: site.now(),
        grants: Grants::default(),
    };
    let shown = group.shown();
    site.global_mut().iam.groups.insert(group.name.clone(), group);
    Ok(json!({ "Group": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Get {
    group_name: String,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<i64>,
}

pub(super) fn get(site: &mut Site<'_>, input: Get) -> Answer {
    let state = &site.global().iam;
    let name = &input.group_name;
    let group = find(state, name)?.shown();
    let users = state.users.values().filter(|user| user.groups.contains(name));
    let users = users.map(User::listed).collect();
    let marker = input.marker.as_deref();
    let mut answer = listing::answer("Users", users, input.max_items, marker, name)?;
    answer["Group"] = group;
    Ok(answer)
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
    let groups = site.global().iam.groups.values();
    let groups = groups.filter(|group| group.path.starts_with(prefix)).map(Group::shown).collect();
    listing::answer("Groups", groups, input.max_items, input.marker.as_deref(), prefix)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OfUser {
    user_name: String,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<i64>,
}

pub(super) fn list_of_user(site: &mut Site<'_>, input: OfUser) -> Answer {
    let state = &site.global().iam;
    let name = &input.user_name;
    let names = &user::find(state, name)?.groups;
    let groups = names.iter().filter_map(|group| state.groups.get(group)).map(Group::shown);
    let marker = input.marker.as_deref();
    listing::answer("Groups", groups.collect(), input.max_items, marker, name)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Update {
    group_name: String,
    #[serde(default)]
    new_path: Option<String>,
    #[serde(default)]
    new_group_name: Option<String>,
}

pub(super) fn update(site: &mut Site<'_>, input: Update) -> Answer {
    let state = &mut site.global_mut().iam;
    let mut group = find(state, &input.group_name)?.clone();
    if let Some(name) = input.new_group_name {
        name::check("newGroupName", &name, 128)?;
        if !name.eq_ignore_ascii_case(&group.name) {
            check_free(state, &name)?;
        }
        group.name = name;
    }
    if input.new_path.is_some() {
        group.path = name::path(input.new_path)?;
    }
    group.arn = arn(&group.path, &group.name);
    for user in state.users.values_mut() {
        if user.groups.remove(&input.group_name) {
            user.groups.insert(group.name.clone());
        }
    }
    state.groups.remove(&input.group_name);
    state.groups.insert(group.name.clone(), group);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    group_name: String,
}

pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let state = &mut site.global_mut().iam;
    let name = &input.group_name;
    let group = find(state, name)?;
    let first = [
        (state.users.values().any(|user| user.groups.contains(name)), "remove users from group"),
        (!group.grants.attached.is_empty(), "detach all policies"),
        (!group.grants.inline.is_empty(), "delete policies"),
    ];
    if let Some((_, what)) = first.iter().find(|(hangs, _)| *hangs) {
        return Err(in_use(format!("Cannot delete entity, must {what} first.")));
    }
    state.groups.remove(name);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Membership {
    group_name: String,
    user_name: String,
}

pub(super) fn add_user(site: &mut Site<'_>, input: Membership) -> Answer {
    let state = &mut site.global_mut().iam;
    find(state, &input.group_name)?;
    let user = user::find_mut(state, &input.user_name)?;
    // IAM guide, quotas: a user is in at most 10 groups.
    if !user.groups.contains(&input.group_name) && user.groups.len() >= 10 {
        return Err(over_quota("GroupsPerUser", 10));
    }
    user.groups.insert(input.group_name);
    Ok(Value::Null)
}

pub(super) fn remove_user(site: &mut Site<'_>, input: Membership) -> Answer {
    let state = &mut site.global_mut().iam;
    user::find(state, &input.user_name)?;
    find(state, &input.group_name)?;
    // Who is not in the group leaves it all the same.
    user::find_mut(state, &input.user_name)?.groups.remove(&input.group_name);
    Ok(Value::Null)
}
