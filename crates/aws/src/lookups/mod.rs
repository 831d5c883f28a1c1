//! Things that exist and are not ours: one file per lookup.

pub mod availability_zones;
pub mod certificate;
pub mod ecs_cluster;
pub mod iam_policy;
pub mod iam_role;
pub mod listener;
pub mod load_balancer;
pub mod prefix_list;
pub mod security_group;
pub mod security_groups;
pub mod subnet;
pub mod subnets;
pub mod target_group;
pub mod vpc;

use std::future::Future;
use std::marker::PhantomData;

use async_trait::async_trait;
use landfall_model::{CloudError, LookupInfo};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Aws;
use crate::erased::{keys_of, schema_of};

/// A question about something that exists.
pub trait Lookup: Send + Sync + Sized + 'static {
    /// The key under `lookup:`.
    const NAME: &'static str;
    /// The kind of thing that it yields, for fields that take such a thing.
    const YIELDS: &'static str;
    /// The question.
    type Question: DeserializeOwned + JsonSchema + Send + Sync;
    /// The answer. A lookup of several things gives lists under plural names (`ids`).
    type Answer: Serialize + JsonSchema + Send;

    /// Asks AWS. Finding nothing, or several where one is meant, is an error that says so.
    fn answer(
        aws: &Aws,
        question: &Self::Question,
    ) -> impl Future<Output = Result<Self::Answer, CloudError>> + Send;
}

#[async_trait]
pub(crate) trait AnyLookup: Send + Sync {
    fn info(&self) -> LookupInfo;
    async fn answer(&self, aws: &Aws, question: &Value) -> Result<Map<String, Value>, CloudError>;
}

struct Erased<L>(PhantomData<fn() -> L>);

pub(crate) fn erase<L: Lookup>() -> Box<dyn AnyLookup> {
    Box::new(Erased::<L>(PhantomData))
}

#[async_trait]
impl<L: Lookup> AnyLookup for Erased<L> {
    fn info(&self) -> LookupInfo {
        LookupInfo {
            name: L::NAME,
            yields: L::YIELDS,
            schema: schema_of::<L::Question>(),
            outputs: keys_of::<L::Answer>(),
        }
    }

    async fn answer(&self, aws: &Aws, question: &Value) -> Result<Map<String, Value>, CloudError> {
        let unreadable =
            |error: serde_json::Error| CloudError::unexpected(L::NAME, error.to_string());
        let question = L::Question::deserialize(question).map_err(unreadable)?;
        let answer = L::answer(aws, &question).await?;
        match serde_json::to_value(&answer).map_err(unreadable)? {
            Value::Object(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }
}

/// The one thing that was found, where one is meant.
pub(crate) fn only<T>(what: &str, mut found: Vec<T>) -> Result<T, CloudError> {
    let many = found.len();
    match (found.pop(), many) {
        (Some(one), 1) => Ok(one),
        (None, _) => Err(CloudError::unexpected("lookup", format!("no such {what} exists"))),
        _ => Err(CloudError::unexpected(
            "lookup",
            format!("{many} of them match, and one {what} is meant"),
        )),
    }
}
