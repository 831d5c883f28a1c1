//! Capacity reservations of load balancers. The sandbox reserves nothing: it reads back that
//! nothing is reserved.

use serde::Deserialize;
use serde_json::json;

use super::arn;
use super::constraint::{invalid, misconfigured};
use crate::operations::Answer;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    load_balancer_arn: String,
}

/// ELB API, DescribeCapacityReservation: without a reservation there is no minimum and no state.
pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let load_balancer = arn::load_balancer(site, &input.load_balancer_arn)?;
    Ok(json!({
        "LastModifiedTime": load_balancer.created.iso(),
        "DecreaseRequestsRemaining": 2,
        "CapacityReservationState": [],
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Capacity {
    #[serde(default)]
    capacity_units: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Modify {
    load_balancer_arn: String,
    #[serde(default)]
    minimum_load_balancer_capacity: Option<Capacity>,
    #[serde(default)]
    reset_capacity_reservation: Option<bool>,
}

pub(super) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let asked = input.minimum_load_balancer_capacity;
    if asked.is_none() && input.reset_capacity_reservation.is_none() {
        let message = "Either a minimum load balancer capacity or a reset must be specified";
        return Err(invalid(message));
    }
    if asked.and_then(|capacity| capacity.capacity_units).is_some_and(|units| units > 0) {
        return Err(misconfigured("The sandbox cannot reserve capacity"));
    }
    describe(site, Describe { load_balancer_arn: input.load_balancer_arn })
}
