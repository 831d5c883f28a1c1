//! One step of a plan.

use std::time::Duration;

use landfall_model::{
    Catalogue, Cloud, Detail, KindInfo, Lifecycle, Live, On, Path, Query, Readiness, TagChange,
    Wanted,
};
use landfall_plan::{Cause, Change, Op, as_created, diff, overlay};
use serde_json::Value;
use tokio::time::Instant;

use crate::retry::{Pauses, until_accepted};
use crate::world::{Known, World, newborn};

/// How long AWS may take to show a thing or a change that it has accepted.
const VISIBLE_WITHIN: Duration = Duration::from_secs(60);
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
        let call = || self.cloud.create(kind, &want, tags);
        let created = until_accepted(&info.rules, On::Create, self.report, call).await?;
        let known = newborn(kind, created, want.clone(), tags);
        self.world.put(&self.change.address, known);
        Ok(())
    }

    /// Observe, compare, update, until there is no difference. What a create call has just made
    /// need not be read first.
    async fn settle(&self, info: &KindInfo) -> Result<(), Cause> {
        let want = self.want(info)?;
        let mut known = self.known()?;
        for _ in 0..ROUNDS {
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
            if !fields.is_empty() {
                let call = || self.cloud.update(&known.live, &want);
                until_accepted(&info.rules, On::Update, self.report, call).await?;
            }
            if !tags.is_empty() {
                let call = || self.cloud.retag(&known.live, &tags);
                until_accepted(&info.rules, On::Update, self.report, call).await?;
            }
            known = self.read_until_equal(info, &want, known).await?;
        }
        match self.differences(info, &want, &known.live) {
            paths if paths.is_empty() => {
                self.world.put(&self.change.address, known);
                Ok(())
            }
            paths => Err(Cause::NotConverging(paths)),
        }
    }

    fn known(&self) -> Result<Known, Cause> {
        self.world.get(&self.change.address).ok_or(Cause::Vanished)
    }

    /// The wanted fields with those that the spec leaves open as they are. What its author told us
    /// to ignore was filled in when the plan was made, where the thing was there already.
    fn with_unmanaged(&self, info: &KindInfo, want: &Value, live: &Live) -> Value {
        overlay(&info.rules, &Lifecycle::default(), want, &live.spec)
    }

    fn differences(&self, info: &KindInfo, want: &Value, live: &Live) -> Vec<Path> {
        let want = self.with_unmanaged(info, want, live);
        let fields = diff::fields(&info.rules, &want, &live.spec);
        let tags = diff::tag_changes(&self.change.tags, &live.tags);
        fields.into_iter().chain(tags).map(|field| field.path).collect()
    }

    /// Reads the thing until it shows what it was just given. A read that is late is no reason to
    /// write again, so it gets a moment; what still differs then is brought up once more.
    async fn read_until_equal(
        &self,
        info: &KindInfo,
        want: &Value,
        before: Known,
    ) -> Result<Known, Cause> {
        let start = Instant::now();
        let patience = Duration::from_secs(3);
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
    async fn read(&self, want: &Value, id: &str) -> Result<Option<Live>, Cause> {
        let found = self.find(want, id, Detail::Full).await?;
        let ours = found.into_iter().filter(|live| {
            live.address_in(self.stack).as_ref() == Some(&self.change.address)
                && !matches!(live.readiness, Readiness::Leaving(_))
        });
        Ok(ours.max_by_key(Live::generation))
    }

    async fn find(&self, spec: &Value, id: &str, detail: Detail) -> Result<Vec<Live>, Cause> {
        let wanted = Wanted {
            address: self.change.address.clone(),
            spec: Some(spec.clone()),
            id: Some(id.to_owned()),
        };
        let query = Query {
            stack: self.stack.to_owned(),
            wanted: vec![wanted],
            whole_stack: false,
            detail,
        };
        self.cloud.find(&query).await.map_err(|error| Cause::Refused(Box::new(error)))
    }

    async fn await_ready(&self, info: &KindInfo) -> Result<(), Cause> {
        let want = self.want(info)?;
        let mut known = self.known()?;
        let start = Instant::now();
        let mut pauses = Pauses::up_to(LOOK_EVERY);
        let mut settled = known.read;
        loop {
            if known.read {
                let paths = self.differences(info, &want, &known.live);
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
                    _ if !paths.is_empty() => return Err(Cause::NotConverging(paths)),
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
            let id = known.live.id.clone();
            match self.read(&want, &id).await? {
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
        let live = self.world.as_read(live);
        let bare = as_created(info, &live.spec);
        let call = || self.cloud.update(&live, &bare);
        until_accepted(&info.rules, On::Update, self.report, call).await
    }

    async fn delete(&self, info: &KindInfo) -> Result<(), Cause> {
        let Some(live) = &self.change.live else { return Ok(()) };
        let live = self.world.as_read(live);
        let declared = self.change.declared.as_ref();
        let call = || self.cloud.delete(&live, declared);
        until_accepted(&info.rules, On::Delete, self.report, call).await?;
        if !info.rules.await_gone {
            return Ok(());
        }
        let start = Instant::now();
        let mut pauses = Pauses::up_to(LOOK_EVERY);
        loop {
            let found = self.find(&live.spec, &live.id, Detail::Identity).await?;
            let Some(left) = found.into_iter().find(|found| found.id == live.id) else {
                return Ok(());
            };
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
