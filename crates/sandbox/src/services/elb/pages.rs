//! Markers and page sizes of the Describe operations.

use super::constraint;
use crate::page;
use crate::refused::Refused;

/// A page of a list. ELB API: pages have 1 to 400 items, 400 if nothing is said.
pub fn page<T>(
    items: Vec<T>,
    size: Option<i64>,
    marker: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let size = size.unwrap_or(400);
    constraint::within("pageSize", size, 1, 400)?;
    let size = usize::try_from(size).unwrap_or(400);
    let marker = marker.filter(|marker| !marker.is_empty());
    page::page(items, size, marker, scope)
        .map_err(|page::BadToken| constraint::invalid("The specified marker is not valid"))
}
