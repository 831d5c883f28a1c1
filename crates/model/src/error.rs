//! What AWS said when it did not do what was asked.

use std::fmt;

/// The sort of a refusal, as far as landfall acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The thing does not exist.
    NotFound,
    /// The credentials may not do this.
    Denied,
    /// No usable credentials were found.
    NoCredentials,
    /// The endpoint did not answer.
    Unreachable,
    /// AWS failed inside, or its answer was cut off.
    Failed,
    /// Anything else that AWS answered.
    Refused,
    /// AWS answered something that landfall does not understand.
    Unexpected,
}

/// A failed AWS call, in AWS's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudError {
    /// The operation, such as `ecs:CreateService`.
    pub operation: String,
    /// What sort of failure it is.
    pub refusal: Refusal,
    /// AWS's error code, such as `DependencyViolation`.
    pub code: Option<String>,
    /// AWS's message, or what went wrong on the way.
    pub message: String,
    /// AWS's id of the request, for its support.
    pub request_id: Option<String>,
}

impl CloudError {
    /// Whether a call that changes something may have done so all the same.
    pub fn leaves_open(&self) -> bool {
        matches!(self.refusal, Refusal::Unreachable | Refusal::Failed)
    }

    /// A failure that no AWS answer stands behind.
    pub fn unexpected(operation: &str, message: impl Into<String>) -> CloudError {
        CloudError {
            operation: operation.to_owned(),
            refusal: Refusal::Unexpected,
            code: None,
            message: message.into(),
            request_id: None,
        }
    }

    /// Whether AWS refuses because something else uses the thing. The services have no common
    /// code: EC2 says `DependencyViolation` and `InvalidGroup.InUse`, Elastic Load Balancing
    /// `ResourceInUse`, IAM `DeleteConflict`, ECS `ClusterContainsTasksException`.
    pub fn is_in_use(&self) -> bool {
        let words = ["DependencyViolation", "InUse", "DeleteConflict", "ClusterContains"];
        let code = self.code.as_deref().unwrap_or_default();
        words.iter().any(|word| code.contains(word))
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for CloudError {}
