//! What AWS answers where it refuses.

/// A refusal, before a protocol writes it down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The code, as in `DependencyViolation`.
    pub code: String,
    /// What AWS says to people.
    pub message: String,
}

impl Refused {
    /// A refusal with status 400, as most are.
    pub fn new(code: &str, message: impl Into<String>) -> Refused {
        Refused { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// The same with another status.
    pub fn status(self, status: u16) -> Refused {
        Refused { status, ..self }
    }
}
