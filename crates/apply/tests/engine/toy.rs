//! A cloud in memory with one kind, `box`, which can be told to misbehave.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use landfall_model::{
    Address, Aftermath, Await, Catalogue, Cloud, CloudError, Created, Declared, Field, Holder,
    KindInfo, KindRules, Leftover, Lifecycle, Live, LookupDeclared, Naming, On, Query, Readiness,
    Refusal, Stack, TagChange, Tags, Transient,
};
use serde_json::{Map, Value, json};

const RULES: KindRules = KindRules {
    fields: &[
        Field::immutable("name").identity(),
        Field::mutable("colour"),
        Field::mutable("label").after_create(),
        Field::mutable("peer").after_create(),
        Field::immutable("inside"),
        Field::mutable("shelf").unmanaged_if_absent(),
    ],
    naming: Some(Naming {
        field: "name",
        prefix: "",
        max: 32,
        underscores: true,
        lower_case: false,
        stable: false,
    }),
    transients: &[
        Transient::within(60, On::Create, "NotYet", "moment", "the toy to wake up"),
        Transient::within(1200, On::Delete, "InUse", "", "somebody still plays with it"),
    ],
    await_ready: Await::Kept,
    await_gone: true,
    ..KindRules::new("box", "toys", "toys:box")
};

fn canonical(spec: &Value) -> Result<Value, String> {
    let mut spec = spec.clone();
    let fields = spec.as_object_mut().ok_or("a box is a map")?;
    fields.entry("label").or_insert_with(|| json!("plain"));
    Ok(spec)
}

fn catalogue() -> Catalogue {
    let text = json!({ "type": "string" });
    let peer = json!({ "type": "string", "x-landfall-ref": { "kind": "box", "output": "id", "literal": "box-" } });
    let info = KindInfo {
        rules: RULES,
        schema: json!({ "type": "object", "properties": {
            "name": text, "colour": text, "label": text, "peer": peer, "inside": peer, "shelf": text,
        } }),
        outputs: vec!["id".to_owned()],
        canonical,
        check: |_| Vec::new(),
    };
    Catalogue { kinds: [("box", info)].into_iter().collect(), ..Catalogue::default() }
}

/// A stack of boxes.
pub fn stack(boxes: &[(&str, Value)]) -> Stack {
    let resources = boxes.iter().map(|(name, spec)| {
        let address = Address::new("box", *name);
        let declared = Declared {
            address: address.clone(),
            spec: spec.clone(),
            tags: Tags::new(),
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
        };
        (address, declared)
    });
    Stack { name: "toys".to_owned(), resources: resources.collect(), ..Stack::default() }
}

/// The token of a box's id.
pub fn id_of(name: &str) -> String {
    landfall_model::Reference::resource(Address::new("box", name), "id").token()
}

#[derive(Default)]
struct State {
    boxes: Vec<Live>,
    made: usize,
    calls: Vec<String>,
    /// Errors to answer with, by call.
    errors: HashMap<String, VecDeque<CloudError>>,
    /// How often a box is pending before it is ready.
    pending: usize,
    /// Whether updates are accepted and forgotten.
    forgetful: bool,
    /// Who holds on to whatever is asked for, answer by answer; the last one stays.
    holders: VecDeque<Vec<Holder>>,
}

/// The cloud.
pub struct Toys {
    catalogue: Catalogue,
    state: Mutex<State>,
}

impl Toys {
    pub fn new() -> Toys {
        Toys { catalogue: catalogue(), state: Mutex::new(State::default()) }
    }

    /// What was called, without reads.
    pub fn writes(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|call| !call.starts_with("find")).cloned().collect()
    }

    /// Lets a call (`create a`) be refused, once per error.
    pub fn refuse(&self, call: &str, code: &str, message: &str, times: usize) {
        let error = CloudError {
            code: Some(code.to_owned()),
            refusal: Refusal::Refused,
            ..CloudError::unexpected("toys:Call", message)
        };
        let mut state = self.state.lock().unwrap();
        state.errors.entry(call.to_owned()).or_default().extend(vec![error; times]);
    }

    pub fn pending(&self, times: usize) {
        self.state.lock().unwrap().pending = times;
    }

    /// Lets a call be denied once, in words that would pass in another refusal.
    pub fn deny(&self, call: &str, code: &str, message: &str) {
        let error = CloudError {
            code: Some(code.to_owned()),
            refusal: Refusal::Denied,
            ..CloudError::unexpected("toys:Call", message)
        };
        self.state.lock().unwrap().errors.entry(call.to_owned()).or_default().push_back(error);
    }

    /// What is answered to whoever asks for holders, answer by answer; the last one stays.
    pub fn holders(&self, answers: Vec<Vec<Holder>>) {
        self.state.lock().unwrap().holders = answers.into();
    }

    /// How often somebody asked for holders.
    pub fn asked_for_holders(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|call| call.starts_with("find holders")).count()
    }

    pub fn forgetful(&self) {
        self.state.lock().unwrap().forgetful = true;
    }

    /// What exists: names and labels.
    pub fn boxes(&self) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        let text = |live: &Live, key: &str| live.spec[key].as_str().unwrap_or_default().to_owned();
        state.boxes.iter().map(|live| (text(live, "name"), text(live, "label"))).collect()
    }

    fn call(&self, call: String) -> Result<std::sync::MutexGuard<'_, State>, CloudError> {
        let mut state = self.state.lock().unwrap();
        let error = state.errors.get_mut(&call).and_then(VecDeque::pop_front);
        state.calls.push(call);
        error.map_or(Ok(state), Err)
    }
}

fn short(tags: &Tags) -> &str {
    tags[landfall_model::tags::ADDRESS].trim_start_matches("box.")
}

#[async_trait]
impl Cloud for Toys {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    async fn find(&self, query: &Query) -> Result<Vec<Live>, CloudError> {
        let mut state = self.call("find".to_owned())?;
        let mut found = state.boxes.clone();
        if !query.whole_stack && state.pending > 0 {
            state.pending -= 1;
            for live in &mut found {
                live.readiness = Readiness::Pending("warming up".to_owned());
            }
        }
        Ok(found)
    }

    async fn lookup(
        &self,
        questions: &[LookupDeclared],
    ) -> Vec<Result<Map<String, Value>, CloudError>> {
        questions.iter().map(|_| Ok(Map::new())).collect()
    }

    async fn create(&self, _: &str, want: &Value, tags: &Tags) -> Result<Created, CloudError> {
        let mut state = self.call(format!("create {}", short(tags)))?;
        state.made += 1;
        let id = format!("box-{}", state.made);
        let outputs: Map<String, Value> = [("id".to_owned(), json!(id))].into_iter().collect();
        let mut spec = want.clone();
        spec["label"] = json!("plain");
        spec.as_object_mut().unwrap().entry("shelf").or_insert_with(|| json!("top"));
        spec.as_object_mut().unwrap().shift_remove("peer");
        state.boxes.push(Live {
            kind: "box".to_owned(),
            id: id.clone(),
            spec,
            outputs: outputs.clone(),
            tags: tags.clone(),
            readiness: Readiness::Ready,
        });
        Ok(Created { id, outputs })
    }

    async fn update(&self, live: &Live, want: &Value) -> Result<(), CloudError> {
        let mut state = self.call(format!("update {}", short(&live.tags)))?;
        if !state.forgetful {
            let found = state.boxes.iter_mut().find(|other| other.id == live.id);
            found.unwrap().spec = want.clone();
        }
        Ok(())
    }

    async fn retag(&self, live: &Live, change: &TagChange) -> Result<(), CloudError> {
        let mut state = self.call(format!("retag {}", short(&live.tags)))?;
        let found = state.boxes.iter_mut().find(|other| other.id == live.id).unwrap();
        found.tags.extend(change.set.clone());
        found.tags.retain(|key, _| !change.remove.contains(key));
        Ok(())
    }

    async fn obstacle(&self, _: &Live, _: Option<&Value>) -> Result<Option<String>, CloudError> {
        Ok(None)
    }

    async fn delete(&self, live: &Live, _: Option<&Value>) -> Result<(), CloudError> {
        let mut state = self.call(format!("delete {}", short(&live.tags)))?;
        let others_inside = state.boxes.iter().any(|other| {
            other.id != live.id
                && ["peer", "inside"].iter().any(|key| other.spec[*key] == json!(live.id))
        });
        if others_inside {
            return Err(CloudError {
                code: Some("InUse".to_owned()),
                refusal: Refusal::Refused,
                ..CloudError::unexpected("toys:Delete", format!("{} is in use", live.id))
            });
        }
        state.boxes.retain(|other| other.id != live.id);
        Ok(())
    }

    async fn holders(&self, live: &Live) -> Result<Vec<Holder>, CloudError> {
        let mut state = self.call(format!("find holders of {}", short(&live.tags)))?;
        let next = state.holders.len() > 1;
        let holders = state.holders.front().cloned().unwrap_or_default();
        if next {
            state.holders.pop_front();
        }
        Ok(holders)
    }

    fn lingers(&self, _: &[&Live]) -> Duration {
        Duration::ZERO
    }

    async fn leftovers(&self, _: &Aftermath<'_>) -> Result<Vec<Leftover>, CloudError> {
        Ok(Vec::new())
    }
}
