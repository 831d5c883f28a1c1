//! What has become of things since a plan was made.

use landfall_model::{Address, Path, Reference};
use serde_json::Value;

/// Something that a plan would touch, or relies on, and that has moved since it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The thing that the plan would touch.
    pub address: Address,
    /// What has become of it.
    pub how: How,
}

/// What has become of a thing since a plan was made.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// A field that the plan would change has another value.
    Field {
        /// Which.
        path: Path,
        /// Its value when the plan was made.
        was: Option<Value>,
        /// Its value now.
        is: Option<Value>,
    },
    /// A value that the plan would write came from elsewhere, and is another one there.
    Answer {
        /// The field that it would be written to.
        path: Path,
        /// Where it came from.
        reference: Reference,
        /// What it was when the plan was made.
        was: Option<Value>,
        /// What it is now.
        is: Option<Value>,
    },
    /// It is gone.
    Gone {
        /// Its identifier in AWS.
        id: String,
    },
    /// Something else has taken its place.
    Another {
        /// The identifier in AWS when the plan was made.
        was: String,
        /// The identifier now.
        is: String,
    },
    /// The plan would make it, and it exists.
    Appeared {
        /// Its identifier in AWS.
        id: String,
    },
    /// The plan would replace it because it had failed, and it has come up.
    Recovered,
}
