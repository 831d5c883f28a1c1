//! Lists in pages, as ECS bounds and refuses them.

use super::refusal::invalid;
use crate::page;
use crate::refused::Refused;

/// A page of a list of which at most `ceiling` are shown at once; as many by default.
pub(super) fn page<T>(
    items: Vec<T>,
    (most, ceiling): (Option<i64>, usize),
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let most = match most {
        None => ceiling,
        Some(most) => usize::try_from(most)
            .ok()
            .filter(|most| (1..=ceiling).contains(most))
            .ok_or_else(|| invalid(format!("maxResults must be between 1 and {ceiling}.")))?,
    };
    page::page(items, most, token, scope).map_err(|_| invalid("Invalid token."))
}
