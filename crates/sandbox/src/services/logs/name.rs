//! Names, limits and tokens, and how Logs refuses them.

use crate::page;
use crate::refused::Refused;

/// A refusal of a parameter in Logs' own words.
pub fn invalid(message: impl Into<String>) -> Refused {
    Refused::new("InvalidParameterException", message)
}

/// A refusal of a parameter in the words of AWS's validation.
pub fn violation(member: &str, value: &str, constraint: &str) -> Refused {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         {constraint}"
    ))
}

/// Logs API, CreateLogGroup: 1 to 512 characters of these, and not `aws/` in front.
pub fn check_group(name: &str) -> Result<(), Refused> {
    check(name, "logGroupName", r"[\.\-_/#A-Za-z0-9]+", |letter| {
        letter.is_ascii_alphanumeric() || ".-_/#".contains(letter)
    })
}

/// Logs API, CreateLogStream: 1 to 512 characters, no colon and no asterisk.
pub fn check_stream(name: &str) -> Result<(), Refused> {
    check(name, "logStreamName", "[^:*]*", |letter| !":*".contains(letter))
}

/// The names of filters are as those of streams.
pub fn check_filter(name: &str) -> Result<(), Refused> {
    check(name, "filterName", "[^:*]*", |letter| !":*".contains(letter))
}

fn check(
    name: &str,
    member: &str,
    pattern: &str,
    allowed: impl Fn(char) -> bool,
) -> Result<(), Refused> {
    let length = name.chars().count();
    if length == 0 {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(violation(member, name, constraint));
    }
    if length > 512 {
        let constraint = "Member must have length less than or equal to 512";
        return Err(violation(member, name, constraint));
    }
    if !name.chars().all(allowed) {
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        return Err(violation(member, name, &constraint));
    }
    Ok(())
}

/// How many are asked for: at least one, at most so many, and so many by default.
pub fn limit(given: Option<i64>, most: usize, usual: usize) -> Result<usize, Refused> {
    let Some(given) = given else { return Ok(usual) };
    let bound = match usize::try_from(given) {
        Ok(limit) if (1..=most).contains(&limit) => return Ok(limit),
        Ok(limit) if limit > most => format!("less than or equal to {most}"),
        _ => "greater than or equal to 1".to_owned(),
    };
    let constraint = format!("Member must have value {bound}");
    Err(violation("limit", &given.to_string(), &constraint))
}

/// A page of a list, of 50 unless asked for fewer.
pub fn paged<T>(
    items: Vec<T>,
    most: Option<i64>,
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    let most = limit(most, 50, 50)?;
    page::page(items, most, token, scope).map_err(|page::BadToken| bad_token())
}

/// A token that no list has given.
pub fn bad_token() -> Refused {
    invalid("The specified nextToken is invalid.")
}
