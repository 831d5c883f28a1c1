//! Tags, and the three of them by which landfall knows what it owns.

use std::collections::BTreeMap;

use crate::Address;

/// The stack that owns a thing.
pub const STACK: &str = "landfall:stack";
/// The address of a thing in its stack's spec.
pub const ADDRESS: &str = "landfall:address";
/// Which incarnation of the address a thing is, from 1: a replacement counts up.
pub const GENERATION: &str = "landfall:generation";
/// What holds for a thing once its spec no longer names it: `retain` or `prevent_destroy`.
pub const LIFECYCLE: &str = "landfall:lifecycle";

/// The tags of a resource, in the order of their keys.
pub type Tags = BTreeMap<String, String>;

/// Whose a thing is, as its tags say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The stack's name.
    pub stack: String,
    /// The address in the stack's spec.
    pub address: Address,
    /// The incarnation, from 1.
    pub generation: u32,
}

impl Owner {
    /// Reads the owner off a thing's tags; `None` where landfall does not own it.
    pub fn from_tags(tags: &Tags) -> Option<Owner> {
        Some(Owner {
            stack: tags.get(STACK)?.clone(),
            address: tags.get(ADDRESS)?.parse().ok()?,
            generation: tags.get(GENERATION)?.parse().ok()?,
        })
    }

    /// Writes the owner among a thing's tags.
    pub fn write(&self, tags: &mut Tags) {
        tags.insert(STACK.to_owned(), self.stack.clone());
        tags.insert(ADDRESS.to_owned(), self.address.to_string());
        tags.insert(GENERATION.to_owned(), self.generation.to_string());
    }
}

/// Whether a tag is AWS's own (`aws:…`), which nobody else can write.
pub fn is_reserved(key: &str) -> bool {
    key.starts_with("aws:")
}

/// What has to happen to the tags of a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Tags to add or to give a new value.
    pub set: Tags,
    /// Keys to remove.
    pub remove: Vec<String>,
}

impl TagChange {
    /// The change that leads from one set of tags to another. AWS's own tags don't count.
    pub fn between(live: &Tags, want: &Tags) -> TagChange {
        TagChange {
            set: want
                .iter()
                .filter(|(key, value)| live.get(*key) != Some(*value))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            remove: live
                .keys()
                .filter(|key| !is_reserved(key) && !want.contains_key(*key))
                .cloned()
                .collect(),
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}
