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
use futures_util::future::join_all;
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

    /// Asks AWS several questions, all different. A lookup that reads a whole list for each of them
    /// reads it once.
    fn answers(
        aws: &Aws,
        questions: &[Self::Question],
    ) -> impl Future<Output = Vec<Result<Self::Answer, CloudError>>> + Send {
        join_all(questions.iter().map(|question| Self::answer(aws, question)))
    }
}

/// The outputs of a lookup, or why there are none.
type Answered = Result<Map<String, Value>, CloudError>;

#[async_trait]
pub(crate) trait AnyLookup: Send + Sync {
    fn info(&self) -> LookupInfo;
    async fn answer(&self, aws: &Aws, questions: &[&Value]) -> Vec<Answered>;
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

    async fn answer(&self, aws: &Aws, questions: &[&Value]) -> Vec<Answered> {
        let unreadable =
            |error: serde_json::Error| CloudError::unexpected(L::NAME, error.to_string());
        let mut different: Vec<&Value> = Vec::new();
        for question in questions {
            if !different.contains(question) {
                different.push(question);
            }
        }
        let read = different.iter().map(|question| L::Question::deserialize(*question));
        let answers = match read.collect::<Result<Vec<_>, _>>() {
            Ok(read) => L::answers(aws, &read).await,
            Err(error) => return vec![Err(unreadable(error)); questions.len()],
        };
        let mapped = answers.into_iter().map(|answer| {
            match serde_json::to_value(&answer?).map_err(unreadable)? {
                Value::Object(map) => Ok(map),
                _ => Ok(Map::new()),
            }
        });
        let answers: Vec<(&Value, Answered)> = different.into_iter().zip(mapped).collect();
        let answer_to = |question: &Value| answers.iter().find(|(asked, _)| *asked == question);
        questions
            .iter()
            .filter_map(|question| answer_to(question).map(|(_, answer)| answer.clone()))
            .collect()
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
