//! Offline rules that look at several resources at once: one file per subject.

mod load_balancing;

use landfall_model::catalogue::CheckTogether;

/// All of them.
pub const ALL: &[CheckTogether] =
    &[load_balancing::one_listener_per_port, load_balancing::subnets_in_two_zones];
