//! Who asks: every call comes from one user, who stands outside of the account's lists.

use crate::world::ACCOUNT;

/// The user's name.
pub const NAME: &str = "sandbox";

/// The user's unique id.
pub const ID: &str = "AIDASANDBOX0000EXAMPL";

/// The user's ARN.
pub fn arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{NAME}")
}
