//! Filters of Describe calls. EC2 API reference, "List and filter using the CLI and API": values
//! are alternatives, filters all have to hold, `*` and `?` are wildcards, letter case counts.

use serde::Deserialize;

use crate::refused::Refused;
use crate::tags::Tags;

/// A filter of a Describe call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Filter {
    /// What it looks at: `vpc-id`, `tag:Name`.
    pub name: String,
    /// What is accepted.
    #[serde(default)]
    pub value: Vec<String>,
}

/// Keeps what all filters let through. `values` gives the values that a thing has under a filter's
/// name, `None` where the operation has no such filter; the filters of tags are known here.
pub fn filtered<T>(
    items: Vec<T>,
    filters: &[Filter],
    tags: impl Fn(&T) -> &Tags,
    values: impl Fn(&T, &str) -> Option<Vec<String>>,
) -> Result<Vec<T>, Refused> {
    let mut kept = Vec::new();
    for item in items {
        let mut passes = true;
        for filter in filters {
            let has = of_tags(tags(&item), &filter.name).or_else(|| values(&item, &filter.name));
            let has = has.ok_or_else(|| unknown(&filter.name))?;
            passes &= has.iter().any(|value| accepted(filter, value));
        }
        if passes {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// The tags of what has none.
pub static UNTAGGED: Tags = Tags::new();

/// Refuses filters that an operation does not have, and more than 200 values for one.
pub fn known(filters: &[Filter], names: &[&str]) -> Result<(), Refused> {
    for Filter { name, value } in filters {
        let of_tags = matches!(name.as_str(), "tag-key" | "tag-value") || name.starts_with("tag:");
        if !of_tags && !names.contains(&name.as_str()) {
            return Err(unknown(name));
        }
        if value.len() > 200 {
            let message = "The maximum number of filter values specified on a single call is 200";
            return Err(Refused::new("FilterLimitExceeded", message));
        }
    }
    Ok(())
}

/// The refusal of a filter that an operation does not have.
pub fn unknown(name: &str) -> Refused {
    Refused::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))
}

fn accepted(filter: &Filter, value: &str) -> bool {
    filter.value.iter().any(|pattern| matches(pattern, value))
}

fn of_tags(tags: &Tags, filter: &str) -> Option<Vec<String>> {
    match filter {
        "tag-key" => Some(tags.keys().cloned().collect()),
        "tag-value" => Some(tags.values().cloned().collect()),
        _ => filter.strip_prefix("tag:").map(|key| tags.get(key).cloned().into_iter().collect()),
    }
}

/// Whether a text is what a pattern with `*` (any letters) and `?` (one letter) means.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // Each row says which beginnings of the text the pattern so far can stand for.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match letter {
                '*' => row[at] || (at > 0 && next[at - 1]),
                '?' => at > 0 && row[at - 1],
                letter => at > 0 && row[at - 1] && text[at - 1] == letter,
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_are_wildcards() {
        for (pattern, text, expected) in [
            ("vpc-1", "vpc-1", true),
            ("vpc-1", "vpc-12", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?*", "", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
