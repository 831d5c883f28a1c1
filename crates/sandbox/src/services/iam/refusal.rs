//! What IAM refuses with: its codes and their HTTP statuses.

use crate::refused::Refused;

/// There is no such thing.
pub(super) fn missing(message: impl Into<String>) -> Refused {
    Refused::new("NoSuchEntity", message).status(404)
}

/// There is one already.
pub(super) fn exists(message: impl Into<String>) -> Refused {
    Refused::new("EntityAlreadyExists", message).status(409)
}

/// Something still hangs on it.
pub(super) fn in_use(message: impl Into<String>) -> Refused {
    Refused::new("DeleteConflict", message).status(409)
}

/// A quota is used up.
pub(super) fn over_quota(quota: &str, most: usize) -> Refused {
    limit(format!("Cannot exceed quota for {quota}: {most}"))
}

/// A limit, in words of its own.
pub(super) fn limit(message: impl Into<String>) -> Refused {
    Refused::new("LimitExceeded", message).status(409)
}

/// A policy document that breaks the grammar.
pub(super) fn malformed(message: impl Into<String>) -> Refused {
    Refused::new("MalformedPolicyDocument", message)
}

/// A value that makes no sense.
pub(super) fn invalid(message: impl Into<String>) -> Refused {
    Refused::new("InvalidInput", message)
}

/// A value that breaks the constraints of its parameter.
pub(super) fn validation(message: impl Into<String>) -> Refused {
    Refused::new("ValidationError", message)
}

/// One value that breaks one constraint, in the words of IAM's request validator, which does not
/// repeat the value.
pub(super) fn constraint(member: &str, constraint: &str) -> Refused {
    validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member \
         must {constraint}"
    ))
}

/// The ARN of a policy that is none.
pub(super) fn not_an_arn(arn: &str) -> Refused {
    let message = format!("ARN {arn} is not valid.");
    if arn.starts_with("arn:") { invalid(message) } else { validation(message) }
}
