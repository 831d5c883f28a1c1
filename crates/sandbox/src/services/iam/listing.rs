//! Lists in IAM's pages: `IsTruncated` and `Marker`.

use serde_json::{Value, json};

use super::name;
use super::refusal::validation;
use crate::operations::Answer;
use crate::page;
use crate::refused::Refused;

/// IAM API, every list: 100 items unless told, 1,000 at most.
pub(super) fn size(max_items: Option<i64>) -> Result<usize, Refused> {
    let size = max_items.unwrap_or(100);
    name::range("maxItems", size, 1, 1000)?;
    Ok(usize::try_from(size).unwrap_or(100))
}

/// A page of items, and the marker of the next.
pub(super) fn page<T>(
    items: Vec<T>,
    max_items: Option<i64>,
    marker: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    page::page(items, size(max_items)?, marker, scope).map_err(|_| validation("Invalid Marker."))
}

/// The answer with a page of items under a name.
pub(super) fn answer(
    member: &str,
    items: Vec<Value>,
    max_items: Option<i64>,
    marker: Option<&str>,
    scope: &str,
) -> Answer {
    let (items, next) = page(items, max_items, marker, &format!("{member} {scope}"))?;
    Ok(json!({ member: items, "IsTruncated": next.is_some(), "Marker": next }))
}
