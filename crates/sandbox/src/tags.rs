//! Tags, and the rules that all services share.

use std::collections::BTreeMap;

/// The tags of a thing.
pub type Tags = BTreeMap<String, String>;

/// What AWS has against these tags, in words; services differ in the code. Tagging guide,
/// "Tag naming limits and requirements": 50 tags, keys of 1 to 128 and values of up to 256
/// characters, no key with `aws:` in front.
pub fn objection(tags: &Tags) -> Option<String> {
    if tags.len() > 50 {
        return Some("at most 50 tags can be on a resource".to_owned());
    }
    tags.iter().find_map(|(key, value)| {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        if key_length == 0 || key_length > 128 {
            return Some(format!("tag keys have 1 to 128 characters, not {key_length}: {key:?}"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Some(format!("tag keys starting with aws: are reserved: {key}"));
        }
        (value_length > 256)
            .then(|| format!("the value of tag {key} has {value_length} characters, of 256"))
    })
}
