//! Which resources are asked for: by tags and by types.

use serde::Deserialize;

use super::invalid;
use crate::refused::Refused;
use crate::tags::Tags;

/// A key, and the values that it may have.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct TagFilter {
    key: Option<String>,
    values: Vec<String>,
}

/// API reference, GetResources: up to 50 keys, each with up to 20 values.
pub fn check_tags(filters: &[TagFilter]) -> Result<(), Refused> {
    if filters.len() > 50 {
        return Err(invalid("TagFilters can have at most 50 keys"));
    }
    for filter in filters {
        let key = filter.key.as_deref().unwrap_or_default();
        if !(1..=128).contains(&key.chars().count()) {
            return Err(invalid("A TagFilter must have a Key of 1 to 128 characters"));
        }
        if filter.values.len() > 20 {
            return Err(invalid("A TagFilter can have at most 20 values"));
        }
    }
    Ok(())
}

/// Whether tags satisfy all filters; without values any value does.
pub fn admits_tags(filters: &[TagFilter], tags: &Tags) -> bool {
    filters.iter().all(|filter| {
        let value = filter.key.as_ref().and_then(|key| tags.get(key));
        value.is_some_and(|value| filter.values.is_empty() || filter.values.contains(value))
    })
}

/// API reference, GetResources: `service` or `service:type`, up to 100 of them.
pub fn check_types(types: &[String]) -> Result<(), Refused> {
    if types.len() > 100 {
        return Err(invalid("ResourceTypeFilters can have at most 100 items"));
    }
    let sound = |name: &str| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        !name.is_empty() && name.chars().all(allowed)
    };
    match types.iter().find(|name| name.len() > 256 || !name.splitn(2, ':').all(sound)) {
        None => Ok(()),
        Some(name) => Err(invalid(format!("Invalid resource type filter: {name}"))),
    }
}

/// Whether an ARN is of one of the types.
pub fn admits_type(types: &[String], arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    types.is_empty()
        || types.iter().any(|name| match name.split_once(':') {
            None => name == service,
            Some((of, kind)) => {
                let rest = resource.strip_prefix(kind);
                of == service
                    && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
            }
        })
}
