//! Two runs at once, without the lock: what both would make is made once.
//!
//! AWS refuses a second thing of the same name, but a VPC or an internet gateway has none. So each
//! run looks before it makes something, makes it, and looks again once whatever the other had begun
//! must have shown: where there are two then, both runs see both, and the one with the smaller id
//! stays.

use std::time::Duration;

use landfall_model::{Detail, KindInfo, Live, On, Readiness, Wanted};
use landfall_plan::Cause;
use serde_json::Value;
use tokio::time::sleep;

use crate::perform::Performer;
use crate::retry::until_accepted;
use crate::world::Known;

/// From one run's look to the moment at which what it made after that can be seen by others.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

impl Performer<'_> {
    /// What another run has made of the same change already.
    pub(crate) async fn twin(&self, want: &Value) -> Result<Option<Known>, Cause> {
        let twin = self.twins(want).await?.into_iter().next();
        Ok(twin.map(|live| Known { live, read: true }))
    }

    /// Of what this run and another have made, what stays.
    pub(crate) async fn one_of_twins(
        &self,
        info: &KindInfo,
        want: &Value,
        ours: Known,
    ) -> Result<Known, Cause> {
        (self.report)("a look whether another run makes it too");
        sleep(SEEN_WITHIN).await;
        let Some(stays) = self.twins(want).await?.into_iter().next() else { return Ok(ours) };
        if stays.id >= ours.live.id {
            return Ok(ours);
        }
        let call = || self.cloud.delete(&ours.live, None);
        until_accepted(&info.rules, On::Delete, self.report, call).await?;
        Ok(Known { live: stays, read: true })
    }

    /// All things of this change, in the order of their ids.
    async fn twins(&self, want: &Value) -> Result<Vec<Live>, Cause> {
        let anyone =
            Wanted { address: self.change.address.clone(), spec: Some(want.clone()), id: None };
        let mut twins = self.found(anyone, Detail::Full).await?;
        twins.retain(|live| {
            live.address_in(self.stack).as_ref() == Some(&self.change.address)
                && live.generation() == self.change.generation
                && !matches!(live.readiness, Readiness::Leaving(_))
        });
        twins.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(twins)
    }
}
