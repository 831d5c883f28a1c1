//! Tags in requests and answers: `TagSpecification.N.Tag.M.Key`, and the `tagSet` of a thing.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::refused::Refused;
use crate::tags::Tags;

/// The tags that a create call gives to the things of one type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TagSpecification {
    /// `vpc`, `security-group`.
    #[serde(default)]
    pub resource_type: String,
    /// The tags.
    #[serde(default)]
    pub tag: Vec<Tag>,
}

/// A tag in a request; without a value it has the empty one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Tag {
    /// Its key.
    #[serde(default)]
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
}

/// The tags that a create call gives to the only type of thing that it makes.
pub fn tags_for(specifications: &[TagSpecification], made: &str) -> Result<Tags, Refused> {
    let mut tags = Vec::new();
    for specification in specifications {
        let TagSpecification { resource_type, tag } = specification;
        if resource_type.is_empty() {
            return Err(invalid("Tag specification resource type must have a value".to_owned()));
        }
        if resource_type != made {
            return Err(invalid(format!(
                "'{resource_type}' is not a valid taggable resource type for this operation."
            )));
        }
        if tag.is_empty() {
            return Err(invalid("Tag specification must have at least one tag".to_owned()));
        }
        tags.extend_from_slice(tag);
    }
    checked(&tags)
}

/// Tags of a request as a map. EC2 guide, "Tag your Amazon EC2 resources": 50 tags, keys of 1 to
/// 128 and values of up to 256 characters, no key with `aws:` in front, no key twice.
pub fn checked(given: &[Tag]) -> Result<Tags, Refused> {
    let mut tags = Tags::new();
    for Tag { key, value } in given {
        if key.is_empty() {
            return Err(invalid("Tag key can't be empty".to_owned()));
        }
        if key.chars().count() > 128 {
            return Err(invalid(format!("Tag key exceeds the maximum length of 128: '{key}'")));
        }
        if value.chars().count() > 256 {
            return Err(invalid(format!("Tag value exceeds the maximum length of 256: '{value}'")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            let message = "Tag keys starting with 'aws:' are reserved for internal use";
            return Err(invalid(message.to_owned()));
        }
        if tags.insert(key.clone(), value.clone()).is_some() {
            return Err(invalid(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    within_limit(&tags)?;
    Ok(tags)
}

/// Refuses more tags than a thing can have.
pub fn within_limit(tags: &Tags) -> Result<(), Refused> {
    if tags.len() > 50 {
        let message = "The maximum number of tags for a resource has been reached: 50";
        return Err(Refused::new("TagLimitExceeded", message));
    }
    Ok(())
}

/// The `tagSet` of a thing.
pub fn tag_set(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

fn invalid(message: String) -> Refused {
    Refused::new("InvalidParameterValue", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specification(resource_type: &str, tags: &[(&str, &str)]) -> TagSpecification {
        let tag = |(key, value): &(&str, &str)| Tag { key: (*key).into(), value: (*value).into() };
        TagSpecification {
            resource_type: resource_type.to_owned(),
            tag: tags.iter().map(tag).collect(),
        }
    }

    #[test]
    fn tags_are_for_what_is_made() {
        let given = [specification("vpc", &[("Name", "a"), ("empty", "")])];
        let tags = tags_for(&given, "vpc").expect("tags");
        let set = json!([{ "key": "Name", "value": "a" }, { "key": "empty", "value": "" }]);
        assert_eq!(tag_set(&tags), set);
        assert!(tags_for(&given, "subnet").is_err());
    }

    #[test]
    fn bad_tags_are_refused() {
        let long = "k".repeat(129);
        let many: Vec<(String, String)> =
            (0..51).map(|at| (format!("k{at}"), String::new())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        for (tags, code) in [
            (&[][..], "InvalidParameterValue"),
            (&[("", "v")], "InvalidParameterValue"),
            (&[(long.as_str(), "v")], "InvalidParameterValue"),
            (&[("k", long.repeat(2).as_str())], "InvalidParameterValue"),
            (&[("aws:k", "v")], "InvalidParameterValue"),
            (&[("k", "v"), ("k", "w")], "InvalidParameterValue"),
            (many.as_slice(), "TagLimitExceeded"),
        ] {
            let refused = tags_for(&[specification("vpc", tags)], "vpc").expect_err("a refusal");
            assert_eq!(refused.code, code, "{tags:?}");
        }
    }
}
