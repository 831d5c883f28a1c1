//! The one door to AWS.

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::{
    Address, Catalogue, CloudError, Created, Holder, Leftover, Live, LookupDeclared, Request,
    TagChange, Tags,
};

/// A piece of work that makes calls.
pub type Work<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A thing that a query is after.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Its address in the stack.
    pub address: Address,
    /// Its canonical fields as far as they are known, by which a thing can be found by name.
    pub spec: Option<Value>,
    /// AWS's identifier, once known.
    pub id: Option<String>,
}

/// How much of a thing a query needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything the spec can say.
    Full,
    /// Enough to delete it: fields that take calls of their own may stay at their defaults.
    Identity,
}

/// A question to AWS: what exists?
#[derive(Clone, Debug)]
pub struct Query {
    /// The stack whose things are meant.
    pub stack: String,
    /// Things to look for by address, name or id.
    pub wanted: Vec<Wanted>,
    /// Also find whatever else carries the stack's tags. Otherwise only what is wanted.
    pub whole_stack: bool,
    /// How much to read.
    pub detail: Detail,
}

/// What has become of a stack that was to be destroyed.
#[derive(Clone, Copy, Debug)]
pub struct Aftermath<'a> {
    /// The stack.
    pub stack: &'a str,
    /// What was deleted.
    pub gone: &'a [&'a Live],
    /// What is still there; empty where all went well, and then less is read.
    pub left: &'a [&'a Live],
}

/// AWS, as the engine sees it. Kinds stand behind it; nothing here retries or sleeps, but for
/// throttling, network errors and 5xx, which the implementation handles.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// All kinds and lookups.
    fn catalogue(&self) -> &Catalogue;

    /// Reads what the query is after, kinds side by side. A thing that bears a wanted name and is
    /// not the stack's is in the answer too; its tags tell.
    async fn find(&self, query: &Query) -> Result<Vec<Live>, CloudError>;

    /// Answers lookups whose questions are fully known, each in its place, no read made twice.
    async fn lookup(
        &self,
        questions: &[LookupDeclared],
    ) -> Vec<Result<Map<String, Value>, CloudError>>;

    /// Makes a thing in one call, tags included.
    async fn create(&self, kind: &str, want: &Value, tags: &Tags) -> Result<Created, CloudError>;

    /// Brings the fields of a thing from what is to what is wanted.
    async fn update(&self, live: &Live, want: &Value) -> Result<(), CloudError>;

    /// Changes the tags of a thing.
    async fn retag(&self, live: &Live, change: &TagChange) -> Result<(), CloudError>;

    /// What stands in the way of deleting a thing and has to be decided by a person: images in a
    /// repository, deletion protection.
    async fn obstacle(
        &self,
        live: &Live,
        declared: Option<&Value>,
    ) -> Result<Option<String>, CloudError>;

    /// Deletes a thing. One that is gone already is no error. `declared` is its spec, where there
    /// still is one, for fields that steer the deletion.
    async fn delete(&self, live: &Live, declared: Option<&Value>) -> Result<(), CloudError>;

    /// Who holds on to a thing that AWS does not let be deleted. Reads only.
    async fn holders(&self, live: &Live) -> Result<Vec<Holder>, CloudError>;

    /// How long what was deleted may still be at work, so that something may come back: tasks say
    /// their last words after they have stopped. Asks nobody.
    fn lingers(&self, gone: &[&Live]) -> Duration;

    /// What a stack leaves behind that no kind stands for. Reads only.
    async fn leftovers(&self, after: &Aftermath<'_>) -> Result<Vec<Leftover>, CloudError>;

    /// Does a piece of work, and tells which of its calls may have changed something.
    async fn recorded<'a>(&'a self, work: Work<'a>) -> Vec<Request> {
        work.await;
        Vec::new()
    }
}
