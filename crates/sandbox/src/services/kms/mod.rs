//! Key Management Service, as far as other services name its keys: nothing is encrypted with them.

mod alias;
mod key;
mod key_policy;
mod key_state;
mod tag;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use key::{is_usable, managed_key};

use super::{Region, Service};
use crate::operations::operations;
use crate::page;
use crate::protocol::{Dialect, Protocol};
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "kms",
    dialect: Dialect {
        protocol: Protocol::Json { target: "TrentService" },
        missing: "ValidationException",
        unknown: "ValidationException",
        invalid: "ValidationException",
    },
    operations: operations! {
        CancelKeyDeletion => key_state::cancel_deletion,
        CreateAlias => alias::create,
        CreateKey => key::create,
        DeleteAlias => alias::delete,
        DescribeKey => key::describe,
        DisableKey => key_state::disable,
        DisableKeyRotation => key_state::disable_rotation,
        EnableKey => key_state::enable,
        EnableKeyRotation => key_state::enable_rotation,
        GetKeyPolicy => key_policy::get,
        GetKeyRotationStatus => key_state::rotation,
        ListAliases => alias::list,
        ListKeyPolicies => key_policy::list,
        ListKeys => key::list,
        ListResourceTags => tag::list,
        PutKeyPolicy => key_policy::put,
        ScheduleKeyDeletion => key_state::schedule_deletion,
        TagResource => tag::tag,
        UntagResource => tag::untag,
        UpdateAlias => alias::update,
        UpdateKeyDescription => key_state::update_description,
    },
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Keys by id.
    pub keys: BTreeMap<String, key::Key>,
    /// Aliases by name.
    pub aliases: BTreeMap<String, alias::Alias>,
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A key's waiting period may be over.
    Delete {
        /// The key.
        id: String,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::Delete { id } => key_state::delete(site, &id),
        }
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    region.kms.keys.values().map(|key| (key.arn.clone(), key.tags.clone())).collect()
}

/// A page of a list.
fn paged<T>(
    items: Vec<T>,
    most: Option<i64>,
    usual: usize,
    marker: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let most = match most.map(usize::try_from) {
        None => usual,
        Some(Ok(most)) if (1..=1000).contains(&most) => most,
        Some(_) => {
            let message = "1 validation error detected: Value at 'limit' failed to satisfy \
                           constraint: Member must have value between 1 and 1000";
            return Err(Refused::new("ValidationException", message));
        }
    };
    page::page(items, most, marker, scope).map_err(|page::BadToken| {
        Refused::new("InvalidMarkerException", "Could not deserialize marker")
    })
}
