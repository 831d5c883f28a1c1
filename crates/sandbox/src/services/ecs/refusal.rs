//! How ECS refuses: its codes and the words that several operations share.

use crate::refused::Refused;

/// What a parameter cannot be.
pub(super) fn invalid(message: impl Into<String>) -> Refused {
    Refused::new("InvalidParameterException", message)
}

/// What the caller cannot ask for, by the state of things or by a rule between parameters.
pub(super) fn client(message: impl Into<String>) -> Refused {
    Refused::new("ClientException", message)
}

/// No cluster of that name has ever been there, or it has been forgotten.
pub(super) fn cluster_not_found() -> Refused {
    Refused::new("ClusterNotFoundException", "Cluster not found.")
}

/// The cluster has been deleted.
pub(super) fn cluster_inactive() -> Refused {
    Refused::new("ClusterNotFoundException", "The referenced cluster was inactive.")
}
