//! Targets of target groups, which ECS registers for its tasks.

use crate::world::Site;

/// The health of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Its first checks are running.
    Initial,
    /// It answers.
    Healthy,
    /// It does not answer.
    Unhealthy,
    /// It was deregistered and ends what is open.
    Draining,
    /// No listener sends anything to its group.
    Unused,
}

/// Whether a target group exists, by its ARN.
pub fn exists(_site: &Site<'_>, _group: &str) -> bool {
    false
}

/// Whether a listener or a rule sends something to a target group.
pub fn is_balanced(_site: &Site<'_>, _group: &str) -> bool {
    false
}

/// Registers a target by id (an address or an instance) and port. `healthy` is what its health
/// checks are going to find.
pub fn register(_site: &mut Site<'_>, _group: &str, _id: &str, _port: u16, _healthy: bool) {}

/// Deregisters a target: it drains for the group's deregistration delay and is gone after that.
pub fn deregister(_site: &mut Site<'_>, _group: &str, _id: &str, _port: u16) {}

/// The health of a target, if it is registered.
pub fn health(_site: &Site<'_>, _group: &str, _id: &str, _port: u16) -> Option<Health> {
    None
}
