//! Pages of EC2's lists.

use crate::page;
use crate::refused::Refused;

/// What a call says about its page.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// How many items the page has at most.
    pub max_results: Option<i64>,
    /// Where it starts.
    pub token: Option<&'a str>,
    /// What is listed: the operation and its filters.
    pub scope: &'a str,
}

/// A page of a list and the token of the next one. EC2 API reference, "Pagination": 5 to 1000 items
/// a page.
pub fn paged<T>(
    items: Vec<T>,
    max_results: Option<i64>,
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    paged_within((5, 1000), items, Wanted { max_results, token, scope })
}

/// The same with other bounds for the size of a page.
pub fn paged_within<T>(
    (least, most): (i64, i64),
    items: Vec<T>,
    wanted: Wanted<'_>,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let size = wanted.max_results.unwrap_or(most);
    let bound = match size {
        size if size < least => Some(format!("greater than {least}")),
        size if size > most => Some(format!("less than {most}")),
        _ => None,
    };
    if let Some(bound) = bound {
        let message = format!(
            "Value ( {size} ) for parameter maxResults is invalid. Expecting a value {bound}."
        );
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let size = usize::try_from(size).unwrap_or(1);
    let token = wanted.token.filter(|token| !token.is_empty());
    // boto3#2673 has the words.
    page::page(items, size, token, wanted.scope).map_err(|page::BadToken| {
        let token = token.unwrap_or_default();
        let message =
            format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid.");
        Refused::new("InvalidParameterValue", message)
    })
}
