//! What a step reads of its thing.

use std::time::Duration;

use landfall_model::{Detail, KindInfo, Live, Query, Readiness, Refusal, Wanted};
use landfall_plan::Cause;
use serde_json::Value;
use tokio::time::Instant;

use crate::perform::{Performer, VISIBLE_WITHIN};
use crate::retry::{Pauses, leaves_open};
use crate::world::Known;

/// How long a change that AWS has accepted may take to show before it is made once more.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a thing is looked for whose create call was not answered.
const LOOKED_FOR: Duration = Duration::from_secs(10);

impl Performer<'_> {
    /// Reads the thing until it shows what it was just given. A read that is late is no reason to
    /// write again, so it gets a moment; what still differs then is brought up once more. Where
    /// nothing was `changed`, one read will do.
    pub(crate) async fn read_until_equal(
        &self,
        info: &KindInfo,
        want: &Value,
        before: Known,
        changed: bool,
    ) -> Result<Known, Cause> {
        let start = Instant::now();
        let patience = if changed { PATIENCE } else { Duration::ZERO };
        let mut pauses = Pauses::up_to(Duration::from_secs(2));
        let mut missing_since = None;
        loop {
            match self.read(want, &before.live.id).await? {
                Some(live) => {
                    let equal = self.differences(info, want, &live).is_empty();
                    if equal || start.elapsed() > patience {
                        return Ok(Known { live, read: true });
                    }
                }
                None => {
                    let since = *missing_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > VISIBLE_WITHIN {
                        return Err(Cause::Vanished);
                    }
                }
            }
            (self.report)("AWS to show the change");
            pauses.pause().await;
        }
    }

    /// Reads the wanted thing.
    pub(crate) async fn read(&self, want: &Value, id: &str) -> Result<Option<Live>, Cause> {
        let found = self.find(want, id, Detail::Full).await?;
        let ours = found.into_iter().filter(|live| {
            live.address_in(self.stack).as_ref() == Some(&self.change.address)
                && !matches!(live.readiness, Readiness::Leaving(_))
        });
        Ok(ours.max_by_key(Live::generation))
    }

    async fn find(&self, spec: &Value, id: &str, detail: Detail) -> Result<Vec<Live>, Cause> {
        self.found(
            Wanted {
                address: self.change.address.clone(),
                spec: Some(spec.clone()),
                id: Some(id.to_owned()),
            },
            detail,
        )
        .await
    }

    pub(crate) async fn found(&self, wanted: Wanted, detail: Detail) -> Result<Vec<Live>, Cause> {
        let query = Query {
            stack: self.stack.to_owned(),
            wanted: vec![wanted],
            whole_stack: false,
            detail,
        };
        self.cloud.find(&query).await.map_err(|error| Cause::Refused(Box::new(error)))
    }

    /// Reads a thing that is known by its identifier.
    pub(crate) async fn same(&self, live: &Live, detail: Detail) -> Result<Option<Live>, Cause> {
        let found = self.find(&live.spec, &live.id, detail).await?;
        Ok(found.into_iter().find(|found| found.id == live.id))
    }

    /// Looks whether the thing that a create call was to make is there: for a while if the call was
    /// not answered, since reads may lag; once if it was refused, perhaps because it is there.
    pub(crate) async fn look_for_own(
        &self,
        want: &Value,
        cause: &Cause,
    ) -> Result<Option<Live>, Cause> {
        let lost = leaves_open(cause);
        if !lost && !matches!(cause, Cause::Refused(error) if error.refusal == Refusal::Refused) {
            return Ok(None);
        }
        let start = Instant::now();
        let mut pauses = Pauses::up_to(Duration::from_secs(2));
        loop {
            let wanted =
                Wanted { address: self.change.address.clone(), spec: Some(want.clone()), id: None };
            let found = self.found(wanted, Detail::Full).await?;
            let own = found.into_iter().find(|live| {
                live.address_in(self.stack).as_ref() == Some(&self.change.address)
                    && live.generation() == self.change.generation
                    && !matches!(live.readiness, Readiness::Leaving(_))
            });
            if own.is_some() || !lost || start.elapsed() >= LOOKED_FOR {
                return Ok(own);
            }
            (self.report)("AWS did not answer; looking whether it was made");
            pauses.pause().await;
        }
    }
}
