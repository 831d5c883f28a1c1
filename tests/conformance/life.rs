//! The life of a kind against an emulator.

use std::collections::HashSet;
use std::sync::Arc;

use landfall_aws::{AwsCloud, registry};
use landfall_model::Address;
use landfall_plan::{Action, Goal, Plan};
use landfall_tests::stack::{cloud, converge, load, plan};
use landfall_tests::world::{Flavour, World};
use serde_json::Value;

use crate::fixture::{Fixture, alter, name_of};

/// Lets every kind live on an emulator, two at a time, and tells of all that went wrong.
/// `LANDFALL_KIND=vpc` lets only one.
pub fn all(flavour: Flavour) {
    let only = std::env::var("LANDFALL_KIND").ok();
    let kinds: Vec<&str> = registry::catalogue()
        .kinds
        .into_keys()
        .filter(|kind| only.as_deref().is_none_or(|only| only == *kind))
        .collect();
    let mut wrong = Vec::new();
    for pair in kinds.chunks(2) {
        let lives = pair.iter().map(|kind| {
            let kind = (*kind).to_owned();
            let alone = kind.clone();
            (kind, std::thread::spawn(move || live_alone(&alone, flavour)))
        });
        for (kind, life) in lives.collect::<Vec<_>>() {
            match life.join() {
                Ok(Ok(())) => {}
                Ok(Err(why)) => wrong.push(format!("=== {kind}: {why}")),
                Err(_) => wrong.push(format!("=== {kind}: panicked")),
            }
        }
    }
    assert!(wrong.is_empty(), "on {}:\n{}", name_of(flavour), wrong.join("\n\n"));
}

fn live_alone(kind: &str, flavour: Flavour) -> Result<(), String> {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(life(kind, flavour))
}

struct Life {
    kind: String,
    world: World,
    cloud: Arc<AwsCloud>,
}

async fn life(kind: &str, flavour: Flavour) -> Result<(), String> {
    let Some(fixture) = Fixture::read(kind) else { return Ok(()) };
    let emulator = name_of(flavour);
    if flavour != Flavour::Sandbox && !fixture.emulators.iter().any(|name| name == emulator) {
        return Ok(());
    }
    let world = match flavour {
        Flavour::Sandbox => World::sandbox(),
        Flavour::Moto => World::shared_moto(),
        Flavour::Ministack => World::shared_ministack(),
    };
    if let Some(script) = &fixture.prepare {
        world.python(script, &[]);
    }
    let before = world.snapshot();
    let cloud = cloud(&world).await;
    let life = Life { kind: kind.to_owned(), world, cloud };
    let mut spec = fixture.spec.clone();
    let at = |what: &str, why: String| format!("{what}: {why}\n{}", life.world.recorder);

    let id = life.make(&spec).await.map_err(|why| at("made", why))?;
    let mut id = id;
    for (number, change) in fixture.changes.iter().enumerate() {
        if change.skip.contains_key(emulator) {
            continue;
        }
        alter(&mut spec, kind, &change.set);
        life.world.recorder.clear();
        id = life
            .change(&spec, &id, &change.action, &change.shows)
            .await
            .map_err(|why| at(&format!("change {} ({:?})", number + 1, change.set), why))?;
    }
    life.world.recorder.clear();
    life.delete_twice(&spec).await.map_err(|why| at("deleted", why))?;
    let after = life.world.snapshot();
    match before == after {
        true => Ok(()),
        false => Err(at("left behind", difference(&before, &after))),
    }
}

impl Life {
    fn address(&self) -> Address {
        Address::new(self.kind.clone(), "main")
    }

    async fn make(&self, spec: &Value) -> Result<String, String> {
        let stack = load(spec)?;
        converge(&stack, &self.cloud, Goal::Converge).await?;
        self.settled(spec).await
    }

    /// A plan must be empty now, write nothing and ask nothing twice. Gives the thing's id.
    async fn settled(&self, spec: &Value) -> Result<String, String> {
        let stack = load(spec)?;
        self.world.recorder.clear();
        let (plan, observed) = plan(&stack, &self.cloud, Goal::Converge).await?;
        if !plan.is_empty() {
            return Err(format!("the plan is not empty afterwards:\n{}", tell(&plan)));
        }
        let writes = self.world.recorder.writes();
        if !writes.is_empty() {
            return Err(format!("a plan wrote: {writes:?}"));
        }
        let mut asked = HashSet::new();
        for call in self.world.recorder.calls() {
            if !asked.insert((call.service.clone(), call.operation.clone(), call.body.clone())) {
                return Err(format!("a plan asked {}:{} twice", call.service, call.operation));
            }
        }
        let live = observed.live.iter().find(|live| {
            live.address_in(&stack.name).is_some_and(|address| address == self.address())
        });
        live.map(|live| live.id.clone()).ok_or_else(|| "it is not found".to_owned())
    }

    async fn change(
        &self,
        spec: &Value,
        id: &str,
        action: &str,
        shows: &[String],
    ) -> Result<String, String> {
        let stack = load(spec)?;
        let (planned, _) = plan(&stack, &self.cloud, Goal::Converge).await?;
        let change = planned.changes.iter().find(|change| change.address == self.address());
        let change = change.ok_or("the plan does not know it")?;
        let expected = match action {
            "update" => matches!(change.action, Action::Update),
            "replace" => matches!(change.action, Action::Replace(_)),
            other => panic!("a fixture says `{other}`"),
        };
        let mut paths: Vec<String> =
            change.fields.iter().map(|field| field.path.to_string()).collect();
        paths.sort();
        paths.dedup();
        let mut shows = shows.to_vec();
        shows.sort();
        if !expected || paths != shows {
            let missing: Vec<&String> = shows.iter().filter(|path| !paths.contains(path)).collect();
            let more: Vec<&String> = paths.iter().filter(|path| !shows.contains(path)).collect();
            return Err(format!(
                "expected {action} of {shows:?}; missing {missing:?}, too much {more:?}; planned:\n{}",
                tell(&planned)
            ));
        }
        converge(&stack, &self.cloud, Goal::Converge).await?;
        let now = self.settled(spec).await?;
        match (action, now == id) {
            ("update", false) => Err(format!("an update made {now} of {id}")),
            // Things whose id is their name keep it when they go first and come back.
            ("replace", true)
                if !matches!(change.action, Action::Replace(landfall_plan::Order::DeleteFirst)) =>
            {
                Err(format!("a replacement left {id}"))
            }
            _ => Ok(now),
        }
    }

    async fn delete_twice(&self, spec: &Value) -> Result<(), String> {
        let stack = load(spec)?;
        converge(&stack, &self.cloud, Goal::Destroy).await?;
        let (again, _) = plan(&stack, &self.cloud, Goal::Destroy).await?;
        match again.is_empty() {
            true => Ok(()),
            false => Err(format!("a second destroy would still do:\n{}", again.steps)),
        }
    }
}

fn tell(plan: &Plan) -> String {
    let acting = plan.changes.iter().filter(|change| change.acts());
    acting
        .map(|change| {
            let fields: Vec<String> = change
                .fields
                .iter()
                .map(|field| format!("    {}: {:?}", field.path, field.delta))
                .collect();
            format!("  {} {:?}\n{}\n", change.address, change.action, fields.join("\n"))
        })
        .collect()
}

fn difference(before: &Value, after: &Value) -> String {
    let mut lines = Vec::new();
    for (kind, things) in after.as_object().into_iter().flatten() {
        if before.get(kind) != Some(things) {
            lines.push(format!("{kind}: {} -> {things}", before[kind]));
        }
    }
    lines.join("\n")
}
