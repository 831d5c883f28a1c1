//! What is going to happen, in the order of its time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::time::Time;
use crate::services::Event;

/// What is going to happen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agenda {
    /// By time and then in the order in which it was noted; a list in the state file.
    #[serde(with = "entries")]
    due: BTreeMap<(Time, u64), Due>,
    noted: u64,
}

/// Something that happens in a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Due {
    /// The region's code.
    pub region: String,
    /// What happens.
    pub event: Event,
}

impl Agenda {
    /// Notes what is to happen at a time.
    pub fn note(&mut self, at: Time, region: &str, event: Event) {
        self.noted += 1;
        self.due.insert((at, self.noted), Due { region: region.to_owned(), event });
    }

    /// Takes what happens next, if that is not after `now`.
    pub fn take(&mut self, now: Time) -> Option<(Time, Due)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), due) = entry.remove_entry();
        Some((at, due))
    }

    /// When the next thing happens.
    pub fn next(&self) -> Option<Time> {
        self.due.keys().next().map(|(at, _)| *at)
    }
}

mod entries {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Due, Time};

    pub fn serialize<S: Serializer>(
        due: &BTreeMap<(Time, u64), Due>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        due.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<(Time, u64), Due>, D::Error> {
        Vec::deserialize(deserializer).map(|due| due.into_iter().collect())
    }
}
