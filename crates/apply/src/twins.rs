//! Two runs at once that nothing keeps apart: no lock, and no name that AWS would let only one have.
//! A VPC is such a thing. Whoever sees another one beside the one it made withdraws.

use std::time::Duration;

use landfall_model::{Detail, KindInfo, Live, Readiness, Wanted};
use landfall_plan::Cause;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::perform::{Performer, VISIBLE_WITHIN};
use crate::retry::Pauses;

/// How long one that comes first by its identifier waits for the other to withdraw.
const GRACE: Duration = Duration::from_secs(3);

/// What becomes of a thing that was just made.
pub(crate) enum Twin {
    /// It is the only one.
    None,
    /// Another run's is there and stays; one's own is gone.
    Adopted(Box<Live>),
    /// Both are gone.
    BothGone,
}

impl Performer<'_> {
    /// Whether another run may make the same thing beside this one.
    pub(crate) fn may_have_twin(&self, info: &KindInfo) -> bool {
        !self.alone && !info.rules.fields.iter().any(|field| field.identity)
    }

    /// Looks for what another run made at the same time. Of two that see each other the one that
    /// comes later by its identifier withdraws at once; the other one does so, too, if it then
    /// still sees it: that one was there first and does not know of this one.
    pub(crate) async fn yield_to_twin(&self, want: &Value, id: &str) -> Result<Twin, Cause> {
        let Some(twin) = self.twin(want, id).await? else { return Ok(Twin::None) };
        if id < twin.id.as_str() {
            sleep(GRACE).await;
            if self.twin(want, id).await?.is_none() {
                return Ok(Twin::None);
            }
        }
        let mine = self.found(self.anyone(want), Detail::Full).await?;
        if let Some(mine) = mine.into_iter().find(|live| live.id == id) {
            let deleted = self.cloud.delete(&mine, self.change.declared.as_ref()).await;
            deleted.map_err(|error| Cause::Refused(Box::new(error)))?;
        }
        // The other may have withdrawn at the same moment.
        sleep(GRACE * 2).await;
        Ok(match self.twin(want, id).await? {
            Some(twin) => Twin::Adopted(Box::new(twin)),
            None => Twin::BothGone,
        })
    }

    fn anyone(&self, want: &Value) -> Wanted {
        Wanted { address: self.change.address.clone(), spec: Some(want.clone()), id: None }
    }

    /// Another thing of the same address and generation. As long as reads don't show one's own, they
    /// need not show that one either.
    async fn twin(&self, want: &Value, id: &str) -> Result<Option<Live>, Cause> {
        let start = Instant::now();
        let mut pauses = Pauses::up_to(Duration::from_secs(2));
        loop {
            let mut found = self.found(self.anyone(want), Detail::Full).await?;
            let mine = found.iter().any(|live| live.id == id);
            found.retain(|live| {
                live.id != id
                    && live.address_in(self.stack).as_ref() == Some(&self.change.address)
                    && live.generation() == self.change.generation
                    && !matches!(live.readiness, Readiness::Leaving(_))
            });
            if mine || !found.is_empty() || start.elapsed() > VISIBLE_WITHIN {
                return Ok(found.into_iter().min_by(|one, other| one.id.cmp(&other.id)));
            }
            pauses.pause().await;
        }
    }
}
