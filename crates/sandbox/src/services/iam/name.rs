//! The rules for names, paths, descriptions and ARNs (IAM guide, "IAM and AWS STS quotas").

use super::refusal::{constraint, not_an_arn, validation};
use crate::refused::Refused;

/// A name of at most so many characters.
pub(super) fn check(member: &str, name: &str, most: usize) -> Result<(), Refused> {
    length(member, name, 1, most)?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if name.chars().all(fits) {
        return Ok(());
    }
    Err(validation(format!(
        "The specified value for {member} is invalid. It must contain only alphanumeric \
         characters and/or the following: +=,.@_-"
    )))
}

/// A text's length.
pub(super) fn length(member: &str, text: &str, least: usize, most: usize) -> Result<(), Refused> {
    let count = text.chars().count();
    if count < least {
        let rule = format!("have length greater than or equal to {least}");
        return Err(constraint(member, &rule));
    }
    if count > most {
        let rule = format!("have length less than or equal to {most}");
        return Err(constraint(member, &rule));
    }
    Ok(())
}

/// A number between two, both included.
pub(super) fn range(member: &str, value: i64, least: i64, most: i64) -> Result<(), Refused> {
    let refuse = |rule: String| Err(constraint(member, &rule));
    if value < least {
        return refuse(format!("have value greater than or equal to {least}"));
    }
    if value > most {
        return refuse(format!("have value less than or equal to {most}"));
    }
    Ok(())
}

/// A path, or `/` where none is given.
pub(super) fn path(path: Option<String>) -> Result<String, Refused> {
    let path = path.unwrap_or_else(|| "/".to_owned());
    length("path", &path, 1, 512)?;
    // IAM API, CreateRole: anything from `!` to DEL between two slashes, be it slashes.
    let fits = |letter: char| ('!'..='\u{7f}').contains(&letter);
    if path.starts_with('/') && path.ends_with('/') && path.chars().all(fits) {
        return Ok(path);
    }
    Err(validation(
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

/// The prefix of the paths to list.
pub(super) fn path_prefix(prefix: Option<&str>) -> Result<&str, Refused> {
    let prefix = prefix.unwrap_or("/");
    length("pathPrefix", prefix, 1, 512)?;
    if prefix.starts_with('/') && prefix.chars().all(|letter| letter.is_ascii_graphic()) {
        return Ok(prefix);
    }
    Err(validation(
        "The specified value for pathPrefix is invalid. It must begin with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

/// A description.
pub(super) fn description(text: Option<&str>) -> Result<(), Refused> {
    let text = text.unwrap_or_default();
    length("description", text, 0, 1000)?;
    let fits =
        |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if text.chars().all(fits) {
        return Ok(());
    }
    let rule = "satisfy regular expression pattern: \
                [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*";
    Err(constraint("description", rule))
}

/// An ARN by its form; whether there is such a thing is another question.
pub(super) fn arn(member: &str, arn: &str) -> Result<(), Refused> {
    length(member, arn, 20, 2048)?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "iam", "", _, resource] if resource.contains('/') => Ok(()),
        _ => Err(not_an_arn(arn)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_keep_to_their_letters() {
        for (name, good) in [("a+b=c,d.e@f-g_h", true), ("a b", false), ("a/b", false), ("", false)]
        {
            assert_eq!(check("roleName", name, 64).is_ok(), good, "{name:?}");
        }
        assert!(check("roleName", &"r".repeat(65), 64).is_err());
        for (given, good) in [("/", true), ("/a/b/", true), ("a/", false), ("/a", false)] {
            assert_eq!(path(Some(given.to_owned())).is_ok(), good, "{given:?}");
        }
    }
}
