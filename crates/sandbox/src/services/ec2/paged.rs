//! Pages of EC2's lists. EC2 API reference, "Pagination": 5 to 1000 items a page; without
//! `MaxResults` there is one page.

use crate::page;
use crate::refused::Refused;

/// A page of a list and the token of the next one. `scope` names the list: operation and filters.
pub fn paged<T>(
    items: Vec<T>,
    max_results: Option<i64>,
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let most = match max_results {
        None => items.len(),
        Some(most @ 5..=1000) => usize::try_from(most).unwrap_or(1000),
        Some(most) => {
            let bound = if most < 5 { "greater than 5" } else { "less than 1000" };
            let message = format!(
                "Value ( {most} ) for parameter maxResults is invalid. Expecting a value {bound}."
            );
            return Err(Refused::new("InvalidParameterValue", message));
        }
    };
    let token = token.filter(|token| !token.is_empty());
    page::page(items, most, token, scope).map_err(|page::BadToken| {
        Refused::new("InvalidNextToken", "The specified NextToken is not valid.")
    })
}
