//! What a run knows of the things it works on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use landfall_model::{Address, CloudError, Live, Reference, Secrets, Tags, reference};
use landfall_plan::{Cause, Observed, Plan, answers};
use serde_json::{Map, Value};

/// What is known of a thing.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The thing as last read, or as it must be right after its creation.
    pub live: Live,
    /// Whether `live` was read from AWS rather than concluded.
    pub read: bool,
}

/// What a run knows of the things it works on.
pub(crate) struct World {
    observed: Observed,
    secrets: Secrets,
    things: Mutex<IndexMap<Address, Known>>,
}

impl World {
    pub fn new(plan: &Plan, observed: &Observed) -> World {
        let things = plan.changes.iter().filter(|change| change.want.is_some());
        let things = things.filter(|change| !change.creates()).filter_map(|change| {
            let live = as_read(change.live.as_ref()?, observed);
            Some((change.address.clone(), Known { live, read: true }))
        });
        let things = Mutex::new(things.collect());
        World { observed: observed.clone(), secrets: plan.secrets.clone(), things }
    }

    /// A planned thing as it was read, secrets among its fields.
    pub fn as_read(&self, live: &Live) -> Live {
        as_read(live, &self.observed)
    }

    /// Why a step failed, without secrets: AWS likes to quote what it was sent.
    pub fn hidden(&self, cause: Cause) -> Cause {
        let hide = |text: &str| self.secrets.hide(text);
        let error = |error: Box<CloudError>| {
            Box::new(CloudError { message: hide(&error.message), ..*error })
        };
        match cause {
            Cause::Refused(refused) => Cause::Refused(error(refused)),
            Cause::TimedOut { because, after, last } => {
                Cause::TimedOut { because: hide(&because), after, last: last.map(error) }
            }
            Cause::Held { holders, after, last } => {
                Cause::Held { holders, after, last: error(last) }
            }
            Cause::NeverReady(why) => Cause::NeverReady(hide(&why)),
            other => other,
        }
    }

    /// What a step waits for, without secrets.
    pub fn hidden_text(&self, text: &str) -> String {
        self.secrets.hide(text)
    }

    fn things(&self) -> MutexGuard<'_, IndexMap<Address, Known>> {
        // A panic elsewhere leaves whole entries behind; they are still true.
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, address: &Address) -> Option<Known> {
        self.things().get(address).cloned()
    }

    pub fn put(&self, address: &Address, known: Known) {
        self.things().insert(address.clone(), known);
    }

    /// A value with all references answered, or the first that has no answer.
    pub fn resolve(&self, value: &Value) -> Result<Value, Reference> {
        let things = self.things();
        let known = |reference: &Reference| match reference.address() {
            Some(address) => things.get(address)?.live.outputs.get(&reference.output).cloned(),
            None => answers(&self.observed, reference).or_else(|| self.secrets.answer(reference)),
        };
        let resolved = reference::resolve(value, &known);
        match reference::references(&resolved).into_iter().next() {
            Some(open) => Err(open),
            None => Ok(resolved),
        }
    }

    pub fn outputs(&self) -> IndexMap<Address, Map<String, Value>> {
        let things = self.things();
        things
            .iter()
            .map(|(address, known)| (address.clone(), known.live.outputs.clone()))
            .collect()
    }
}

fn as_read(live: &Live, observed: &Observed) -> Live {
    let same = |read: &&Live| read.kind == live.kind && read.id == live.id;
    observed.live.iter().find(same).unwrap_or(live).clone()
}

/// A thing as it must be right after its creation.
pub(crate) fn newborn(
    kind: &str,
    created: landfall_model::Created,
    spec: Value,
    tags: &Tags,
) -> Known {
    let live = Live {
        kind: kind.to_owned(),
        id: created.id,
        spec,
        outputs: created.outputs,
        tags: tags.clone(),
        readiness: landfall_model::Readiness::Pending("created".to_owned()),
    };
    Known { live, read: false }
}
