//! What a role, a user or a group may do: its policies and its boundary.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{State, aws_managed, document, group, policy, role, user};
use crate::refused::Refused;

/// What has policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Role,
    User,
    Group,
}

/// The policies of a role, a user or a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grants {
    /// Inline policies: documents by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// The ARN of the managed policy that is the permissions boundary.
    pub boundary: Option<String>,
}

/// A holder and its policies.
pub(super) struct Held<'s> {
    pub holder: Holder,
    pub name: &'s str,
    pub id: &'s str,
    pub path: &'s str,
    pub grants: &'s Grants,
}

impl Holder {
    /// As messages call it.
    pub fn word(self) -> &'static str {
        match self {
            Holder::Role => "role",
            Holder::User => "user",
            Holder::Group => "group",
        }
    }

    /// As names of parameters and quotas call it.
    pub fn title(self) -> &'static str {
        match self {
            Holder::Role => "Role",
            Holder::User => "User",
            Holder::Group => "Group",
        }
    }

    /// The most that its inline policies may have in characters (IAM guide, quotas).
    pub fn inline_limit(self) -> usize {
        match self {
            Holder::Role => 10240,
            Holder::User => 2048,
            Holder::Group => 5120,
        }
    }

    /// The policies of the one with a name.
    pub fn grants<'s>(self, state: &'s State, name: &str) -> Result<&'s Grants, Refused> {
        match self {
            Holder::Role => role::find(state, name).map(|role| &role.grants),
            Holder::User => user::find(state, name).map(|user| &user.grants),
            Holder::Group => group::find(state, name).map(|group| &group.grants),
        }
    }

    /// The policies of the one with a name, to change them.
    pub fn grants_mut<'s>(
        self,
        state: &'s mut State,
        name: &str,
    ) -> Result<&'s mut Grants, Refused> {
        match self {
            Holder::Role => role::find_to_change(state, name).map(|role| &mut role.grants),
            Holder::User => user::find_mut(state, name).map(|user| &mut user.grants),
            Holder::Group => group::find_mut(state, name).map(|group| &mut group.grants),
        }
    }
}

impl Grants {
    /// The attached policies as they are shown.
    pub(super) fn attached_shown(&self) -> Vec<Value> {
        let shown = |arn: &String| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            json!({ "PolicyName": name, "PolicyArn": arn })
        };
        self.attached.iter().map(shown).collect()
    }

    /// The inline policies as they are shown, with their documents.
    pub(super) fn inline_shown(&self) -> Value {
        let shown = |(name, text): (&String, &String)| json!({ "PolicyName": name, "PolicyDocument": document::encoded(text) });
        self.inline.iter().map(shown).collect()
    }

    /// The boundary as it is shown.
    pub(super) fn boundary_shown(&self) -> Value {
        let shown = |arn: &String| {
            // IAM API, AttachedPermissionsBoundary: "This data type can only have a value of Policy."
            json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn })
        };
        self.boundary.as_ref().map_or(Value::Null, shown)
    }

    /// The documents of all policies, with the names by which simulations call them.
    pub(super) fn documents(&self, state: &State, of: &str) -> Vec<(String, String)> {
        let inline = self.inline.iter().map(|(name, text)| (format!("{of}_{name}"), text.clone()));
        let attached = self.attached.iter().filter_map(|arn| {
            let text = policy::default_document(state, arn)?;
            Some((arn.rsplit('/').next().unwrap_or_default().to_owned(), text))
        });
        inline.chain(attached).collect()
    }
}

/// All holders, in the order of users, groups and roles.
pub(super) fn all(state: &State) -> Vec<Held<'_>> {
    let users = state.users.values().map(|user| Held {
        holder: Holder::User,
        name: &user.name,
        id: &user.id,
        path: &user.path,
        grants: &user.grants,
    });
    let groups = state.groups.values().map(|group| Held {
        holder: Holder::Group,
        name: &group.name,
        id: &group.id,
        path: &group.path,
        grants: &group.grants,
    });
    let roles = state.roles.values().map(|role| Held {
        holder: Holder::Role,
        name: &role.name,
        id: &role.id,
        path: &role.path,
        grants: &role.grants,
    });
    users.chain(groups).chain(roles).collect()
}

/// Whether there is a managed policy with an ARN.
pub(super) fn is_policy(state: &State, arn: &str) -> bool {
    state.policies.contains_key(arn) || aws_managed::find(arn).is_some()
}
