//! A call that AWS answered.

use serde::{Deserialize, Serialize};

/// A call that AWS answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The operation, such as `ecs:CreateService`.
    pub operation: String,
    /// AWS's id of the request, for its support.
    pub id: String,
}
