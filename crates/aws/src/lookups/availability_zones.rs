//! `lookup.availability_zones`: the zones of the region that the account can use.

use aws_sdk_ec2::types::{AvailabilityZoneOptInStatus, AvailabilityZoneState};
use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;

/// `lookup.availability_zones`.
pub enum AvailabilityZones {}

/// Which zones: all that are up, local and wavelength zones left out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {}

/// What is known of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Their names, sorted: `us-east-1a` and so on.
    names: Vec<String>,
    /// The first of them.
    first: Option<String>,
    /// The second, where there is one.
    second: Option<String>,
    /// The third, where there is one.
    third: Option<String>,
}

impl Lookup for AvailabilityZones {
    const NAME: &'static str = "availability_zones";
    const YIELDS: &'static str = "availability_zone";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, _: &Question) -> Result<Answered, CloudError> {
        let answer = aws.ec2.describe_availability_zones().send().await;
        let zones = answer.named("ec2:DescribeAvailabilityZones")?.availability_zones;
        let usable = zones.unwrap_or_default().into_iter().filter(|zone| {
            let regular = zone.zone_type.as_deref().is_none_or(|sort| sort == "availability-zone");
            let closed =
                matches!(zone.opt_in_status, Some(AvailabilityZoneOptInStatus::NotOptedIn));
            let up = matches!(zone.state, None | Some(AvailabilityZoneState::Available));
            regular && !closed && up
        });
        let mut names: Vec<String> = usable.filter_map(|zone| zone.zone_name).collect();
        names.sort();
        let nth = |at: usize| names.get(at).cloned();
        Ok(Answered { first: nth(0), second: nth(1), third: nth(2), names })
    }
}
