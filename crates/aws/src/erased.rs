//! All kinds behind one door: typed at the edges, a JSON value in the middle.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{join_all, try_join_all};
use landfall_model::{
    Aftermath, Catalogue, Cloud, CloudError, Created, Finding, Holder, KindInfo, Leftover, Live,
    LookupDeclared, Query, Request, TagChange, Tags, Wanted, Work, tags,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::kind::{Found, Kind, Made, Scope, Want};
use crate::lookups::AnyLookup;
use crate::{Aws, Sweep, holders, leftovers, registry, requests};

/// A kind whose types are erased.
#[async_trait]
pub(crate) trait AnyKind: Send + Sync {
    fn info(&self) -> KindInfo;
    async fn find(
        &self,
        aws: &Aws,
        query: &Query,
        wanted: Vec<&Wanted>,
        sweep: &Sweep,
    ) -> Result<Vec<Live>, CloudError>;
    async fn create(&self, aws: &Aws, want: &Value, tags: &Tags) -> Result<Created, CloudError>;
    async fn update(&self, aws: &Aws, live: &Live, want: &Value) -> Result<(), CloudError>;
    async fn retag(&self, aws: &Aws, live: &Live, change: &TagChange) -> Result<(), CloudError>;
    async fn obstacle(
        &self,
        aws: &Aws,
        live: &Live,
        declared: Option<&Value>,
    ) -> Result<Option<String>, CloudError>;
    async fn delete(
        &self,
        aws: &Aws,
        live: &Live,
        declared: Option<&Value>,
    ) -> Result<(), CloudError>;
}

pub(crate) struct Erased<K>(PhantomData<fn() -> K>);

pub(crate) fn erase<K: Kind>() -> Box<dyn AnyKind> {
    Box::new(Erased::<K>(PhantomData))
}

/// The JSON Schema of a type.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    schemars::SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}

/// The keys of a type's JSON Schema.
pub(crate) fn keys_of<T: JsonSchema>() -> Vec<String> {
    let schema = schema_of::<T>();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.map(|all| all.keys().cloned().collect()).unwrap_or_default()
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

fn write<T: Serialize>(value: &T) -> Value {
    let mut value = serde_json::to_value(value).unwrap_or(Value::Null);
    drop_nulls(&mut value);
    value
}

/// Null and absent are one.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn outputs<T: Serialize>(outputs: &T) -> Map<String, Value> {
    match write(outputs) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn canonical<K: Kind>(spec: &Value) -> Result<Value, String> {
    read::<K::Spec>(spec).map(|spec| write(&spec))
}

fn check<K: Kind>(spec: &Value) -> Vec<Finding> {
    read::<K::Spec>(spec).map(|spec| K::check(&spec)).unwrap_or_default()
}

fn typed<K: Kind>(live: &Live) -> Result<Found<K>, CloudError> {
    let unreadable = |message| CloudError::unexpected(K::RULES.name, message);
    Ok(Found {
        id: live.id.clone(),
        spec: read(&live.spec).map_err(unreadable)?,
        outputs: read(&Value::Object(live.outputs.clone())).map_err(unreadable)?,
        tags: live.tags.clone(),
        readiness: live.readiness.clone(),
    })
}

/// The declared fields, where they still make sense: they only steer a deletion.
fn declared<K: Kind>(declared: Option<&Value>) -> Option<K::Spec> {
    declared.and_then(|value| read(value).ok())
}

#[async_trait]
impl<K: Kind> AnyKind for Erased<K> {
    fn info(&self) -> KindInfo {
        KindInfo {
            rules: K::RULES,
            schema: schema_of::<K::Spec>(),
            outputs: keys_of::<K::Outputs>(),
            canonical: canonical::<K>,
            check: check::<K>,
        }
    }

    async fn find(
        &self,
        aws: &Aws,
        query: &Query,
        wanted: Vec<&Wanted>,
        sweep: &Sweep,
    ) -> Result<Vec<Live>, CloudError> {
        let wanted = wanted.into_iter().map(|wanted| Want {
            address: wanted.address.clone(),
            spec: wanted.spec.as_ref().and_then(|spec| read(spec).ok()),
            id: wanted.id.clone(),
        });
        let scope = Scope::<K> {
            stack: &query.stack,
            wanted: wanted.collect(),
            whole_stack: query.whole_stack,
            detail: query.detail,
            sweep,
        };
        let found = K::find(aws, &scope).await?;
        Ok(found
            .into_iter()
            .map(|found| Live {
                kind: K::RULES.name.to_owned(),
                id: found.id,
                spec: write(&found.spec),
                outputs: outputs(&found.outputs),
                tags: found.tags.into_iter().filter(|(key, _)| !tags::is_reserved(key)).collect(),
                readiness: found.readiness,
            })
            .collect())
    }

    async fn create(&self, aws: &Aws, want: &Value, tags: &Tags) -> Result<Created, CloudError> {
        let want = read(want).map_err(|m| CloudError::unexpected(K::RULES.name, m))?;
        let Made { id, outputs: made } = K::create(aws, &want, tags).await?;
        if id.is_empty() {
            let message = "AWS made it and told no identifier; the next run finds it by its tags";
            return Err(CloudError::unexpected(K::RULES.name, message));
        }
        Ok(Created { id, outputs: outputs(&made) })
    }

    async fn update(&self, aws: &Aws, live: &Live, want: &Value) -> Result<(), CloudError> {
        let want = read(want).map_err(|m| CloudError::unexpected(K::RULES.name, m))?;
        K::update(aws, &typed(live)?, &want).await
    }

    async fn retag(&self, aws: &Aws, live: &Live, change: &TagChange) -> Result<(), CloudError> {
        K::retag(aws, &typed(live)?, change).await
    }

    async fn obstacle(
        &self,
        aws: &Aws,
        live: &Live,
        spec: Option<&Value>,
    ) -> Result<Option<String>, CloudError> {
        K::obstacle(aws, &typed(live)?, declared::<K>(spec).as_ref()).await
    }

    async fn delete(&self, aws: &Aws, live: &Live, spec: Option<&Value>) -> Result<(), CloudError> {
        K::delete(aws, &typed(live)?, declared::<K>(spec).as_ref()).await
    }
}

/// AWS as the engine sees it.
pub struct AwsCloud {
    aws: Aws,
    catalogue: Catalogue,
    kinds: Vec<(&'static str, Box<dyn AnyKind>)>,
    lookups: Vec<(&'static str, Box<dyn AnyLookup>)>,
}

impl AwsCloud {
    /// AWS through the given clients.
    pub fn new(aws: Aws) -> AwsCloud {
        let kinds = registry::kinds().into_iter().map(|kind| (kind.info().rules.name, kind));
        let lookups = registry::lookups().into_iter().map(|lookup| (lookup.info().name, lookup));
        AwsCloud {
            aws,
            catalogue: registry::catalogue(),
            kinds: kinds.collect(),
            lookups: lookups.collect(),
        }
    }

    /// The clients.
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    fn kind(&self, name: &str) -> Result<&dyn AnyKind, CloudError> {
        let found = self.kinds.iter().find(|(kind, _)| *kind == name);
        found.map(|(_, kind)| kind.as_ref()).ok_or_else(|| {
            CloudError::unexpected(name, "this build of landfall does not know the kind")
        })
    }
}

#[async_trait]
impl Cloud for AwsCloud {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    async fn find(&self, query: &Query) -> Result<Vec<Live>, CloudError> {
        let sweep = Sweep::default();
        let reads = self.kinds.iter().map(|(name, kind)| {
            let sweep = &sweep;
            async move {
                let wanted: Vec<&Wanted> =
                    query.wanted.iter().filter(|wanted| wanted.address.kind == *name).collect();
                // A kind that the spec doesn't name is read only if AWS's indexes know of one.
                if wanted.is_empty() {
                    let hinted = query.whole_stack
                        && sweep
                            .hinted(&self.aws, query, &self.catalogue.kinds[name].rules)
                            .await?;
                    if !hinted {
                        return Ok(Vec::new());
                    }
                }
                kind.find(&self.aws, query, wanted, sweep).await
            }
        });
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }

    async fn lookup(
        &self,
        questions: &[LookupDeclared],
    ) -> Vec<Result<Map<String, Value>, CloudError>> {
        let names: BTreeSet<&str> = questions.iter().map(|one| one.address.kind.as_str()).collect();
        let answers = join_all(names.into_iter().map(|name| async move {
            let asked = questions.iter().enumerate().filter(|(_, one)| one.address.kind == name);
            let (places, specs): (Vec<usize>, Vec<&Value>) =
                asked.map(|(place, one)| (place, &one.spec)).unzip();
            let lookup = self.lookups.iter().find(|(lookup, _)| *lookup == name);
            let answers = match lookup {
                Some((_, lookup)) => lookup.answer(&self.aws, &specs).await,
                None => {
                    let message = "this build of landfall does not know the lookup";
                    vec![Err(CloudError::unexpected(name, message)); places.len()]
                }
            };
            places.into_iter().zip(answers).collect::<Vec<_>>()
        }));
        let mut answers: Vec<_> = answers.await.into_iter().flatten().collect();
        answers.sort_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn create(&self, kind: &str, want: &Value, tags: &Tags) -> Result<Created, CloudError> {
        self.kind(kind)?.create(&self.aws, want, tags).await
    }

    async fn update(&self, live: &Live, want: &Value) -> Result<(), CloudError> {
        self.kind(&live.kind)?.update(&self.aws, live, want).await
    }

    async fn retag(&self, live: &Live, change: &TagChange) -> Result<(), CloudError> {
        self.kind(&live.kind)?.retag(&self.aws, live, change).await
    }

    async fn obstacle(
        &self,
        live: &Live,
        declared: Option<&Value>,
    ) -> Result<Option<String>, CloudError> {
        self.kind(&live.kind)?.obstacle(&self.aws, live, declared).await
    }

    async fn delete(&self, live: &Live, declared: Option<&Value>) -> Result<(), CloudError> {
        self.kind(&live.kind)?.delete(&self.aws, live, declared).await
    }

    async fn holders(&self, live: &Live) -> Result<Vec<Holder>, CloudError> {
        holders::of(&self.aws, live).await
    }

    fn lingers(&self, gone: &[&Live]) -> Duration {
        leftovers::lingers(gone)
    }

    async fn leftovers(&self, after: &Aftermath<'_>) -> Result<Vec<Leftover>, CloudError> {
        leftovers::after(&self.aws, after).await
    }

    async fn recorded<'a>(&'a self, work: Work<'a>) -> Vec<Request> {
        requests::recorded(work).await.1.changing
    }
}
