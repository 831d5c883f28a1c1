//! Client tokens. EC2 guide, "Ensure idempotency": the same token with the same parameters gives
//! the first answer again, with other parameters a refusal. A token lives as long as what it made.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::State;
use super::listing::Described;
use crate::refused::Refused;

/// The token of the call that made a thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub token: String,
    /// A digest of the call's parameters.
    request: String,
}

impl Token {
    /// The token of a request, if it has one.
    pub fn of(token: Option<&str>, request: &impl Debug) -> Option<Token> {
        let digest = Sha256::digest(format!("{request:?}"));
        let request = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        token.map(|token| Token { token: token.to_owned(), request })
    }

    /// The token as answers repeat it.
    pub fn text(token: Option<&Token>) -> Option<String> {
        token.map(|token| token.token.clone())
    }
}

/// What an earlier call with this token has made.
pub fn earlier<'a, T: Described>(
    ec2: &'a State,
    token: Option<&Token>,
    token_of: impl Fn(&T) -> Option<&Token>,
) -> Result<Option<&'a T>, Refused> {
    let Some(token) = token else { return Ok(None) };
    let made = T::all(ec2)
        .values()
        .find(|made| token_of(made).is_some_and(|other| other.token == token.token));
    match made {
        Some(made) if token_of(made).is_some_and(|other| other.request != token.request) => {
            let message = format!(
                "The client token '{}' was used before with different parameters.",
                token.token
            );
            Err(Refused::new("IdempotentParameterMismatch", message))
        }
        made => Ok(made),
    }
}
