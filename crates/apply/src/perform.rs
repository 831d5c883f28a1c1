//! One step of a plan.

use std::time::Duration;

use landfall_model::{
    Await, Catalogue, Cloud, Detail, KindInfo, Lifecycle, Live, On, Path, Readiness, TagChange,
};
use landfall_plan::{Cause, Change, FieldChange, Op, as_created, diff, overlay};
use serde_json::Value;
use tokio::time::Instant;

use crate::blockers::Blockers;
use crate::retry::{Again, Pauses, leaves_open, until_accepted, until_deleted};
use crate::world::{Known, World, newborn};

/// How long AWS may take to show a thing or a change that it has accepted.
pub(crate) const VISIBLE_WITHIN: Duration = Duration::from_secs(60);
/// For how long a thing has to show something else than it was given before that counts.
const TAKEN_BACK: Duration = Duration::from_secs(10);
/// How often a thing is brought towards what is wanted before landfall gives up.
const ROUNDS: usize = 3;
/// How long a thing may take to become usable, or to go.
const USABLE_WITHIN: Duration = Duration::from_secs(30 * 60);
/// The longest pause between looks at a thing that is on its way.
const LOOK_EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Performer<'a> {
    pub stack: &'a str,
    pub cloud: &'a dyn Cloud,
    pub world: &'a World,
    pub change: &'a Change,
    /// Whether another run may be at work on the same stack.
    pub beside_others: bool,
    pub report: &'a (dyn Fn(&str) + Sync),
}

impl Performer<'_> {
    pub async fn perform(&self, op: Op) -> Result<(), Cause> {
        let catalogue: &Catalogue = self.cloud.catalogue();
        let Some(info) = catalogue.kind(&self.change.address.kind) else {
            return Err(Cause::Vanished);
        };
        match op {
            Op::Create => self.create(info).await,
            Op::Settle => self.settle(info).await,
            Op::AwaitReady => self.await_ready(info).await,
            Op::Release => self.release(info).await,
            Op::Delete => self.delete(info).await,
        }
    }

    /// The wanted fields, now that everything they refer to is there.
    fn want(&self, info: &KindInfo) -> Result<Value, Cause> {
        self.resolve(info, self.change.want.as_ref().unwrap_or(&Value::Null))
    }

    fn resolve(&self, info: &KindInfo, fields: &Value) -> Result<Value, Cause> {
        let fields = self.world.resolve(fields).map_err(Cause::Unresolved)?;
        // Once more, since sets are sorted by values that were not known before.
        Ok((info.canonical)(&fields).unwrap_or(fields))
    }

    async fn create(&self, info: &KindInfo) -> Result<(), Cause> {
        // What comes after creation may refer to things that are not there yet, itself among them.
        let bare = as_created(info, self.change.want.as_ref().unwrap_or(&Value::Null));
        let want = self.resolve(info, &bare)?;
        let kind = info.rules.name;
        let tags = &self.change.tags;
        if self.beside_others
            && let Some(twin) = self.twin(&want).await?
        {
            self.world.put(&self.change.address, twin);
            return Ok(());
        }
        let mut again = Again::default();
        loop {
            let call = || self.cloud.create(kind, &want, tags);
            let cause = match until_accepted(&info.rules, On::Create, self.report, call).await {
                Ok(created) => {
                    let mut known = newborn(kind, created, want.clone(), tags);
                    if self.beside_others {
                        known = self.one_of_twins(info, &want, known).await?;
                    }
                    self.world.put(&self.change.address, known);
                    return Ok(());
                }
                Err(cause) => cause,
            };
            // Without an answer it may be there; and what has its name may be the thing itself,
            // made by a call whose answer was lost, or before the reads of the plan could see it.
            let lost = leaves_open(&cause);
            if let Some(live) = self.look_for_own(&want, &cause).await? {
                self.world.put(&self.change.address, Known { live, read: true });
                return Ok(());
            }
            if !lost || !again.once_more().await {
                return Err(cause);
            }
        }
    }

    /// Observe, compare, update, until there is no difference. What a create call has just made
    /// need not be read first.
    async fn settle(&self, info: &KindInfo) -> Result<(), Cause> {
        let want = self.want(info)?;
        let mut known = self.known()?;
        let mut again = Again::default();
        let mut rounds = 0;
        while rounds < ROUNDS {
            rounds += 1;
            let want = self.with_unmanaged(info, &want, &known.live);
            let fields = diff::fields(&info.rules, &want, &known.live.spec);
            let tags = TagChange::between(&known.live.tags, &self.change.tags);
            if fields.is_empty() && tags.is_empty() {
                self.world.put(&self.change.address, known);
                return Ok(());
            }
            if let Some(field) = fields.iter().find(|field| field.forces_replacement) {
                return Err(Cause::Moved(field.path.clone()));
            }
            let changed = self.bring_up(info, &known.live, &want, &fields, &tags).await;
            known = self.read_until_equal(info, &want, known, changed.is_ok()).await?;
            let Err(cause) = changed else { continue };
            // The call may have had its effect, or have met that of an earlier one.
            if self.differences(info, &want, &known.live).is_empty() {
                continue;
            }
            if !leaves_open(&cause) || !again.once_more().await {
                return Err(cause);
            }
            rounds -= 1;
        }
        match self.differences(info, &want, &known.live) {
            paths if paths.is_empty() => {
                self.world.put(&self.change.address, known);
                Ok(())
            }
            paths => Err(Cause::NotConverging(paths)),
        }
    }

    /// The calls that bring a thing's fields and tags up.
    async fn bring_up(
        &self,
        info: &KindInfo,
        live: &Live,
        want: &Value,
        fields: &[FieldChange],
        tags: &TagChange,
    ) -> Result<(), Cause> {
        if !fields.is_empty() {
            let call = || self.cloud.update(live, want);
            until_accepted(&info.rules, On::Update, self.report, call).await?;
        }
        if !tags.is_empty() {
            let call = || self.cloud.retag(live, tags);
            until_accepted(&info.rules, On::Update, self.report, call).await?;
        }
        Ok(())
    }

    fn known(&self) -> Result<Known, Cause> {
        self.world.get(&self.change.address).ok_or(Cause::Vanished)
    }

    /// The wanted fields with those that the spec leaves open as they are. What its author told us
    /// to ignore was filled in when the plan was made, where the thing was there already.
    fn with_unmanaged(&self, info: &KindInfo, want: &Value, live: &Live) -> Value {
        overlay(&info.rules, &Lifecycle::default(), want, &live.spec)
    }

    pub(crate) fn differences(&self, info: &KindInfo, want: &Value, live: &Live) -> Vec<Path> {
        let want = self.with_unmanaged(info, want, live);
        let fields = diff::fields(&info.rules, &want, &live.spec);
        let tags = diff::tag_changes(&self.change.tags, &live.tags);
        fields.into_iter().chain(tags).map(|field| field.path).collect()
    }

    async fn await_ready(&self, info: &KindInfo) -> Result<(), Cause> {
        let want = self.want(info)?;
        let mut known = self.known()?;
        let start = Instant::now();
        let mut pauses = Pauses::up_to(LOOK_EVERY);
        let mut settled = known.read;
        let compares = info.rules.await_ready == Await::Kept;
        let mut differs_since: Option<Instant> = None;
        loop {
            if known.read {
                let paths = match compares {
                    true => self.differences(info, &want, &known.live),
                    false => Vec::new(),
                };
                differs_since = differs_since.filter(|_| !paths.is_empty());
                match &known.live.readiness {
                    Readiness::Failed(why) => return Err(Cause::NeverReady(why.clone())),
                    // The create call may have left something out. Later a difference means that
                    // somebody, or AWS itself by a rollback, has taken the change back.
                    _ if !paths.is_empty() && !settled => {
                        self.settle(info).await?;
                        settled = true;
                        known = self.known()?;
                        continue;
                    }
                    // A read may also be older than the change.
                    _ if !paths.is_empty() => {
                        if differs_since.get_or_insert_with(Instant::now).elapsed() > TAKEN_BACK {
                            return Err(Cause::NotConverging(paths));
                        }
                    }
                    Readiness::Ready => return Ok(()),
                    Readiness::Pending(why) => (self.report)(why),
                    Readiness::Leaving(_) => return Err(Cause::Vanished),
                }
                if start.elapsed() > USABLE_WITHIN {
                    let because = match &known.live.readiness {
                        Readiness::Pending(why) => why.clone(),
                        _ => "it to be usable".to_owned(),
                    };
                    return Err(Cause::TimedOut { because, after: start.elapsed(), last: None });
                }
                pauses.pause().await;
            }
            let seen = match compares {
                true => self.read(&want, &known.live.id).await?,
                false => self.same(&known.live, Detail::Identity).await?,
            };
            match seen {
                Some(live) => known = Known { live, read: true },
                None if start.elapsed() > VISIBLE_WITHIN => return Err(Cause::Vanished),
                None => {
                    (self.report)("AWS to show it");
                    pauses.pause().await;
                    continue;
                }
            }
            self.world.put(&self.change.address, known.clone());
        }
    }

    /// Puts the fields that came after creation back to their defaults.
    async fn release(&self, info: &KindInfo) -> Result<(), Cause> {
        let Some(live) = &self.change.live else { return Ok(()) };
        let mut live = self.world.as_read(live);
        let mut again = Again::default();
        loop {
            let bare = as_created(info, &live.spec);
            let call = || self.cloud.update(&live, &bare);
            let Err(cause) = until_accepted(&info.rules, On::Update, self.report, call).await
            else {
                return Ok(());
            };
            if !leaves_open(&cause) || !again.once_more().await {
                return Err(cause);
            }
            match self.same(&live, Detail::Full).await? {
                Some(now) => live = now,
                None => return Ok(()),
            }
        }
    }

    async fn delete(&self, info: &KindInfo) -> Result<(), Cause> {
        let Some(live) = &self.change.live else { return Ok(()) };
        let mut live = self.world.as_read(live);
        let declared = self.change.declared.as_ref();
        let mut again = Again::default();
        loop {
            let call = || self.cloud.delete(&live, declared);
            let blockers = Blockers::new(self.cloud, &live);
            let deleted = until_deleted(&info.rules, self.report, blockers, call).await;
            let Err(cause) = deleted else { break };
            if !leaves_open(&cause) || !again.once_more().await {
                return Err(cause);
            }
            match self.same(&live, Detail::Identity).await? {
                Some(now) if !matches!(now.readiness, Readiness::Leaving(_)) => live = now,
                _ => break,
            }
        }
        if !info.rules.await_gone {
            return Ok(());
        }
        let start = Instant::now();
        let mut pauses = Pauses::up_to(LOOK_EVERY);
        loop {
            let Some(left) = self.same(&live, Detail::Identity).await? else { return Ok(()) };
            let why = match left.readiness {
                Readiness::Leaving(why) | Readiness::Pending(why) => why,
                _ => "it to go".to_owned(),
            };
            if start.elapsed() > USABLE_WITHIN {
                return Err(Cause::TimedOut { because: why, after: start.elapsed(), last: None });
            }
            (self.report)(&why);
            pauses.pause().await;
        }
    }
}
