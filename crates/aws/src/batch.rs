//! Calls side by side.

use std::future::Future;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use landfall_model::CloudError;

/// How many calls of one read run at once: what AWS's token buckets bear without throttling.
const SIDE_BY_SIDE: usize = 16;

/// Asks the same of each item, several at a time, and keeps the answers in the items' order.
pub(crate) async fn each<I, T, F>(
    items: impl IntoIterator<Item = I>,
    ask: impl Fn(I) -> F,
) -> Result<Vec<T>, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    stream::iter(items.into_iter().map(ask)).buffered(SIDE_BY_SIDE).try_collect().await
}

/// Asks the same of batches of at most `size` items and puts the answers behind each other.
pub(crate) async fn batches<I, T, F>(
    items: &[I],
    size: usize,
    ask: impl Fn(Vec<I>) -> F,
) -> Result<Vec<T>, CloudError>
where
    I: Clone,
    F: Future<Output = Result<Vec<T>, CloudError>>,
{
    let answers = each(items.chunks(size).map(<[I]>::to_vec), ask).await?;
    Ok(answers.into_iter().flatten().collect())
}
