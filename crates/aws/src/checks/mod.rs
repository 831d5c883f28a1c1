//! Offline rules that look at several resources at once: one file per subject.

mod containers;
mod load_balancing;
mod network;

use landfall_model::catalogue::CheckTogether;

/// All of them.
pub const ALL: &[CheckTogether] = &[
    containers::services_fit_their_tasks,
    load_balancing::subnets_in_two_zones,
    network::subnets_lie_in_their_vpc,
    network::subnets_lie_apart,
    network::a_subnet_follows_one_table,
    network::a_vpc_has_one,
];
