//! Who may use a role, as the other services see it.

use crate::world::Site;

/// Why a service cannot use a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is no such role, or the service has not heard of it yet.
    Unknown,
    /// Its trust policy does not name the service.
    Untrusted,
}

/// Whether a service (`ecs-tasks.amazonaws.com`) can assume a role, as far as the change of the
/// role has reached it.
pub fn by_service(_site: &Site<'_>, _role_arn: &str, _service: &str) -> Result<(), Unusable> {
    Ok(())
}

/// Whether a service's service-linked role can be used (`ecs.amazonaws.com`). If there is none, its
/// making begins now, and it cannot be used yet.
pub fn service_linked(_site: &mut Site<'_>, _service: &str) -> bool {
    true
}
