//! Lists in pages, with tokens that only the list that gave them understands.

use std::cell::Cell;

use sha2::{Digest, Sha256};

thread_local! {
    /// How many items a page of the call at hand has at most.
    static MOST: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Answers a call with pages of at most so many items, whatever the service's own limit is: the
/// services need not know that somebody disturbs them.
pub fn at_most<T>(most: Option<usize>, answer: impl FnOnce() -> T) -> T {
    MOST.set(most);
    let answered = answer();
    MOST.set(None);
    answered
}

/// A token that no such list has given.
#[derive(Debug, PartialEq, Eq)]
pub struct BadToken;

/// A page of a list and the token of the next one. `scope` names the list: operation and filters.
pub fn page<T>(
    items: Vec<T>,
    most: usize,
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), BadToken> {
    let most = MOST.get().map_or(most, |limit| limit.min(most));
    let start = token.map_or(Ok(0), |token| start_of(scope, token))?;
    let end = start.saturating_add(most.max(1));
    let next = (end < items.len()).then(|| token_for(scope, end));
    Ok((items.into_iter().skip(start).take(end - start).collect(), next))
}

fn token_for(scope: &str, start: usize) -> String {
    let seal = Sha256::digest(format!("{scope}\n{start}"));
    let seal: String = seal.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{seal}{start:x}")
}

fn start_of(scope: &str, token: &str) -> Result<usize, BadToken> {
    let start = token.get(32..).and_then(|start| usize::from_str_radix(start, 16).ok());
    start.filter(|start| token_for(scope, *start) == token).ok_or(BadToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_together_are_the_list() {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let (items, next) =
                page((0..7).collect(), 3, token.as_deref(), "list").expect("a page");
            assert!(items.len() <= 3);
            all.extend(items);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(all, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn a_token_is_good_for_its_list_alone() {
        let (_, token) = page((0..7).collect(), 3, None, "list").expect("a page");
        let token = token.expect("a next page");
        assert_eq!(page((0..7).collect(), 3, Some(&token), "other"), Err(BadToken));
        assert_eq!(page((0..7).collect(), 3, Some("4"), "list"), Err(BadToken));
    }
}
