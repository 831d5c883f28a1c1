//! One look at AWS, in which no read is made twice.

use std::future::Future;
use std::sync::Arc;

use landfall_model::CloudError;
use tokio::sync::OnceCell;

use crate::services::{discovery, elb, iam};

/// A read that several kinds share: made by the first that needs it, awaited by the others.
pub struct Shared<T>(OnceCell<Result<Arc<T>, CloudError>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared(OnceCell::new())
    }
}

impl<T> Shared<T> {
    /// The answer of the read, which is made now if nobody has made it yet.
    pub async fn get<F>(&self, read: impl FnOnce() -> F) -> Result<Arc<T>, CloudError>
    where
        F: Future<Output = Result<T, CloudError>>,
    {
        self.0.get_or_init(|| async { read().await.map(Arc::new) }).await.clone()
    }
}

/// One look at AWS. It lives as long as one question of the engine: what it read may be stale for
/// the next.
#[derive(Default)]
pub struct Sweep {
    /// What carries the stack's tag, as far as AWS's indexes know.
    pub(crate) hints: Shared<discovery::Hints>,
    /// Load balancers and target groups with their tags.
    pub(crate) balancing: elb::Estate,
    /// Roles and customer-managed policies.
    pub(crate) authorization: Shared<iam::Authorization>,
}
