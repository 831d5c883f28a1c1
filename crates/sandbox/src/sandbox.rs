//! The whole: a world, its clock, what goes wrong in it and its request log, behind one door.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use serde::Serialize;
use serde_json::Value;

use crate::clock::Clock;
use crate::page;
use crate::protocol::Protocol;
use crate::refused::Refused;
use crate::router::{self, Asked};
use crate::schedule::{Bucket, Fault, Kill, Schedule};
use crate::signature;
use crate::store::{Store, StoreError};
use crate::world::{Chance, Time, World};

/// A sandbox that answers requests.
pub struct Sandbox {
    inner: Mutex<Inner>,
    clock: Clock,
}

/// What comes of a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer.
    Answer(Response<Bytes>),
    /// The connection is reset.
    Reset,
    /// Nothing ever comes.
    Silence,
    /// The client dies here and now.
    Death,
}

/// A call as the request log keeps it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// When it came.
    pub at: Time,
    /// The service: `ec2`.
    pub service: &'static str,
    /// The operation: `CreateVpc`.
    pub operation: String,
    /// The region.
    pub region: String,
    /// What was asked.
    pub input: Value,
    /// `ok`, the code of the refusal, or what went wrong on the way.
    pub outcome: String,
}

struct Inner {
    world: World,
    store: Option<Store>,
    /// What could not be written to the state file, until somebody asks.
    unsaved: Option<StoreError>,
    schedule: Schedule,
    faults: Chance,
    buckets: BTreeMap<(&'static str, bool), Bucket>,
    /// Worlds as the writes at these times found them, for stale reads.
    past: VecDeque<(Time, World)>,
    log: Vec<Call>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sandbox").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// A sandbox around a world, whose time runs `speed` times as fast as the runtime's.
    pub fn new(world: World, speed: f64) -> Sandbox {
        let clock = Clock::new(world.now, speed);
        let inner = Inner {
            world,
            store: None,
            unsaved: None,
            schedule: Schedule::default(),
            faults: Chance::of(0),
            buckets: BTreeMap::new(),
            past: VecDeque::new(),
            log: Vec::new(),
        };
        Sandbox { inner: Mutex::new(inner), clock }
    }

    /// Keeps the world in a state file: each write is in it before it is answered.
    pub fn keep(&self, store: Store) {
        self.inner().store = Some(store);
    }

    /// Lets things go wrong from now on. The faults' chance begins anew.
    pub fn disturb(&self, schedule: Schedule) {
        let mut inner = self.inner();
        inner.faults = Chance::of(schedule.seed);
        inner.buckets.clear();
        inner.world.scripts = schedule.tasks.clone();
        inner.world.stillborn = schedule.load_balancers.clone();
        inner.schedule = schedule;
    }

    /// Does something with the world, after what is due has happened.
    pub fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let now = self.clock.now();
        let mut inner = self.inner();
        inner.world.advance(now);
        let done = act(&mut inner.world);
        inner.save();
        done
    }

    /// The calls so far.
    pub fn log(&self) -> Vec<Call> {
        self.inner().log.clone()
    }

    /// Ends the sandbox's work for this process: time passes until everything that is on its way
    /// has happened, and if the account is empty then, it begins anew. Tells what could not be
    /// written.
    pub fn close(&self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        let mut rested = inner.world.clone();
        rested.rest();
        if rested.is_pristine() {
            inner.world = World::new(inner.world.seed, inner.world.delays);
            inner.save();
        }
        inner.unsaved.take().map_or(Ok(()), Err)
    }

    /// What its clock shows.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Answers a request of any service.
    pub fn answer(&self, request: &Request<Bytes>) -> Reply {
        self.inner().answer(request, self.clock.now())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn answer(&mut self, request: &Request<Bytes>, now: Time) -> Reply {
        self.world.advance(now);
        self.world.caller = signature::date(request);
        let request_id = self.world.chance.uuid();
        let asked = match router::read(request, &request_id) {
            Ok(asked) => asked,
            Err(refusal) => return Reply::Answer(*refusal),
        };
        let (reply, outcome) = self.reply(&asked, &request_id);
        if !asked.is_read() {
            self.save();
        }
        let Asked { service, operation, region, input } = asked;
        let input = in_order(input);
        self.log.push(Call { at: self.world.now, service, operation, region, input, outcome });
        reply
    }

    /// What comes of a call, and what the log says of it.
    fn reply(&mut self, asked: &Asked, request_id: &str) -> (Reply, String) {
        let protocol = asked.dialect().protocol;
        let number = u64::try_from(self.log.len()).unwrap_or(u64::MAX).saturating_add(1);
        let dies = self.schedule.kill.filter(|kill| kill.call == number);
        if let Some(Kill { after_effect: false, .. }) = dies {
            return (Reply::Death, "killed before".to_owned());
        }
        let fault = self.schedule.draw(&mut self.faults, number, asked.is_read());
        match fault {
            Some(Fault::ResetBefore) => return (Reply::Reset, "reset before".to_owned()),
            Some(Fault::ServerError) => return refuse(protocol, request_id, &internal_error()),
            _ => {}
        }
        if let Some(refused) = self.throttled(asked).or_else(|| self.scripted(asked)) {
            return refuse(protocol, request_id, &refused);
        }
        let answer = match fault {
            Some(Fault::Stale(age)) => {
                let then = self.world.now - age;
                // The first write after then found the world as it was then.
                let past = self.past.iter().find(|(at, _)| *at > then);
                let mut world = past.map_or_else(|| self.world.clone(), |(_, world)| world.clone());
                page::at_most(self.schedule.page_size, || router::answer(&mut world, asked))
            }
            _ => self.effect(asked),
        };
        if dies.is_some() {
            self.save();
            return (Reply::Death, "killed after".to_owned());
        }
        match (fault, answer) {
            (Some(Fault::ResetAfter), _) => (Reply::Reset, "reset after".to_owned()),
            (Some(Fault::Timeout), _) => (Reply::Silence, "no answer".to_owned()),
            (Some(Fault::ServerErrorAfter), _) => {
                let (reply, code) = refuse(protocol, request_id, &internal_error());
                (reply, format!("{code} after"))
            }
            (_, Ok(answer)) => {
                let response = protocol.answer(&asked.operation, request_id, &answer);
                (Reply::Answer(response), "ok".to_owned())
            }
            (_, Err(refused)) => refuse(protocol, request_id, &refused),
        }
    }

    /// Does what is asked, after a look back is kept for stale reads.
    fn effect(&mut self, asked: &Asked) -> Result<Value, Refused> {
        if self.schedule.stale_reads > 0 && !asked.is_read() {
            let oldest = self.world.now - self.schedule.stale_by;
            while self.past.front().is_some_and(|(at, _)| *at <= oldest) {
                self.past.pop_front();
            }
            self.past.push_back((self.world.now, self.world.clone()));
        }
        let most = self.schedule.page_size;
        page::at_most(most, || router::answer(&mut self.world, asked))
    }

    fn throttled(&mut self, asked: &Asked) -> Option<Refused> {
        let throttle = self.schedule.throttle?;
        let now = self.world.now;
        let bucket = self.buckets.entry((asked.service, asked.is_read()));
        let taken = bucket.or_insert_with(|| Bucket::full(throttle, now)).take(throttle, now);
        (!taken).then(|| match asked.dialect().protocol {
            Protocol::Ec2Query { .. } => {
                Refused::new("RequestLimitExceeded", "Request limit exceeded.").status(503)
            }
            Protocol::Query { .. } => Refused::new("Throttling", "Rate exceeded"),
            Protocol::Json { .. } => Refused::new("ThrottlingException", "Rate exceeded"),
        })
    }

    fn scripted(&mut self, asked: &Asked) -> Option<Refused> {
        let name = format!("{}:{}", asked.service, asked.operation);
        let refusals = &mut self.schedule.refusals;
        let refusal =
            refusals.iter_mut().find(|one| one.operation == name && one.times != Some(0))?;
        refusal.times = refusal.times.map(|times| times - 1);
        Some(Refused::new(&refusal.code, refusal.message.clone()).status(refusal.status))
    }

    fn save(&mut self) {
        if let Some(Err(error)) = self.store.as_ref().map(|store| store.save(&self.world)) {
            self.unsaved.get_or_insert(error);
        }
    }
}

/// The same with the members of all objects in alphabetical order: in which order a client writes
/// them means nothing.
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members.into_iter().collect();
            members.into_iter().map(|(name, value)| (name, in_order(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(in_order).collect(),
        other => other,
    }
}

fn internal_error() -> Refused {
    Refused::new("InternalError", "An internal error has occurred").status(500)
}

fn refuse(protocol: Protocol, request_id: &str, refused: &Refused) -> (Reply, String) {
    (Reply::Answer(protocol.refuse(request_id, refused)), refused.code.clone())
}

#[cfg(test)]
mod tests;
