//! KMS: keys that other services use.

use landfall_model::{Finding, reference};

/// What is wrong with a key that is given to another service. By an alias or a bare id it would be
/// taken, too, but read back as the ARN of the key: a difference that never ends.
pub(crate) fn check_key(key: &str, at: &str) -> Option<Finding> {
    let sound = key.starts_with("arn:") && key.contains(":kms:") && key.contains(":key/");
    (reference::is_known(key) && !sound).then(|| {
        let message = format!("`{key}` is not the ARN of a key");
        let help = "it looks like `arn:aws:kms:us-east-1:123456789012:key/...`; an alias has none";
        Finding::field(at, message).help(help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arns_of_keys_pass() {
        let key = "arn:aws:kms:us-east-1:123456789012:";
        assert!(check_key(&format!("{key}key/1234abcd"), "kms_key").is_none());
        assert!(check_key(&format!("{key}alias/app"), "kms_key").is_some());
        assert!(check_key("alias/app", "kms_key").is_some());
    }
}
