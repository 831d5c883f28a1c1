//! Availability zones and regions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::{self, Filter};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The regions of the `aws` partition, whether they are on from the start, and their names.
const REGIONS: &[(&str, bool, &str)] = &[
    ("af-south-1", false, "Africa (Cape Town)"),
    ("ap-east-1", false, "Asia Pacific (Hong Kong)"),
    ("ap-northeast-1", true, "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", true, "Asia Pacific (Seoul)"),
    ("ap-northeast-3", true, "Asia Pacific (Osaka)"),
    ("ap-south-1", true, "Asia Pacific (Mumbai)"),
    ("ap-south-2", false, "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", true, "Asia Pacific (Singapore)"),
    ("ap-southeast-2", true, "Asia Pacific (Sydney)"),
    ("ap-southeast-3", false, "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", false, "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", false, "Asia Pacific (Malaysia)"),
    ("ap-southeast-7", false, "Asia Pacific (Thailand)"),
    ("ca-central-1", true, "Canada (Central)"),
    ("ca-west-1", false, "Canada West (Calgary)"),
    ("eu-central-1", true, "Europe (Frankfurt)"),
    ("eu-central-2", false, "Europe (Zurich)"),
    ("eu-north-1", true, "Europe (Stockholm)"),
    ("eu-south-1", false, "Europe (Milan)"),
    ("eu-south-2", false, "Europe (Spain)"),
    ("eu-west-1", true, "Europe (Ireland)"),
    ("eu-west-2", true, "Europe (London)"),
    ("eu-west-3", true, "Europe (Paris)"),
    ("il-central-1", false, "Israel (Tel Aviv)"),
    ("me-central-1", false, "Middle East (UAE)"),
    ("me-south-1", false, "Middle East (Bahrain)"),
    ("mx-central-1", false, "Mexico (Central)"),
    ("sa-east-1", true, "South America (Sao Paulo)"),
    ("us-east-1", true, "US East (N. Virginia)"),
    ("us-east-2", true, "US East (Ohio)"),
    ("us-west-1", true, "US West (N. California)"),
    ("us-west-2", true, "US West (Oregon)"),
];

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// `us-east-1a`
    pub name: String,
    /// `use1-az1`
    pub id: String,
}

/// The zones of a region: six in `us-east-1`, three elsewhere.
pub fn zones(region: &str) -> Vec<Zone> {
    let letters = if region == "us-east-1" { "abcdef" } else { "abc" };
    let short = short(region);
    let zone = |(at, letter)| Zone {
        name: format!("{region}{letter}"),
        id: format!("{short}-az{}", at + 1),
    };
    letters.chars().enumerate().map(zone).collect()
}

/// The id of a zone.
pub fn id_of(region: &str, name: &str) -> Option<String> {
    zones(region).into_iter().find(|zone| zone.name == name).map(|zone| zone.id)
}

/// `use1` for `us-east-1`, `apne2` for `ap-northeast-2`.
fn short(region: &str) -> String {
    let part = |part: &str| match part {
        "east" | "west" | "north" | "south" | "central" => part.chars().take(1).collect(),
        "northeast" => "ne".to_owned(),
        "northwest" => "nw".to_owned(),
        "southeast" => "se".to_owned(),
        "southwest" => "sw".to_owned(),
        "gov" => "g".to_owned(),
        other => other.to_owned(),
    };
    region.split('-').map(part).collect()
}

/// The input of `DescribeAvailabilityZones`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DescribeAvailabilityZones {
    zone_name: Vec<String>,
    zone_id: Vec<String>,
    // Local and wavelength zones, which the sandbox does not have.
    all_availability_zones: bool,
    filter: Vec<Filter>,
}

/// `DescribeAvailabilityZones`.
pub fn describe_zones(site: &mut Site<'_>, input: DescribeAvailabilityZones) -> Answer {
    let region = site.name.clone();
    let zones = zones(&region);
    let invalid = |parameter: &str, given: &str| {
        Refused::new("InvalidParameterValue", format!("Invalid {parameter}: [{given}]"))
    };
    if let Some(given) = input.zone_name.iter().find(|name| !zones.iter().any(|z| z.name == **name))
    {
        return Err(invalid("availability zone", given));
    }
    if let Some(given) = input.zone_id.iter().find(|id| !zones.iter().any(|z| z.id == **id)) {
        return Err(invalid("availability zone-id", given));
    }
    let asked = zones.into_iter().filter(|zone| {
        (input.zone_name.is_empty() || input.zone_name.contains(&zone.name))
            && (input.zone_id.is_empty() || input.zone_id.contains(&zone.id))
    });
    let views = asked.map(|zone| zone_view(&region, &zone)).collect();
    let members = [
        ("group-long-name", "groupLongName"),
        ("group-name", "groupName"),
        ("message", ""),
        ("opt-in-status", "optInStatus"),
        ("parent-zone-id", ""),
        ("parent-zone-name", ""),
        ("region-name", "regionName"),
        ("state", "zoneState"),
        ("zone-id", "zoneId"),
        ("zone-name", "zoneName"),
        ("zone-type", "zoneType"),
    ];
    Ok(json!({ "availabilityZoneInfo": by_members(views, &input.filter, &members)? }))
}

fn zone_view(region: &str, zone: &Zone) -> Value {
    let long = REGIONS.iter().find(|(name, ..)| *name == region).map_or(region, |(.., long)| long);
    json!({
        "optInStatus": "opt-in-not-required",
        "messageSet": [],
        "regionName": region,
        "zoneName": zone.name,
        "zoneId": zone.id,
        "groupName": format!("{region}-zg-1"),
        "groupLongName": format!("{long} 1"),
        "networkBorderGroup": region,
        "zoneType": "availability-zone",
        "zoneState": "available",
    })
}

/// The input of `DescribeRegions`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DescribeRegions {
    region_name: Vec<String>,
    all_regions: bool,
    filter: Vec<Filter>,
}

/// `DescribeRegions`.
pub fn describe_regions(_: &mut Site<'_>, input: DescribeRegions) -> Answer {
    let known = |name: &String| REGIONS.iter().any(|(region, ..)| region == name);
    if let Some(given) = input.region_name.iter().find(|name| !known(name)) {
        let message = format!("Invalid region provided: [{given}]");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let asked = REGIONS.iter().filter(|(name, on, _)| {
        if input.region_name.is_empty() {
            *on || input.all_regions
        } else {
            input.region_name.iter().any(|given| given == name)
        }
    });
    let views = asked.map(|(name, on, _)| {
        json!({
            "regionName": name,
            "regionEndpoint": format!("ec2.{name}.amazonaws.com"),
            "optInStatus": if *on { "opt-in-not-required" } else { "not-opted-in" },
        })
    });
    let members = [
        ("endpoint", "regionEndpoint"),
        ("opt-in-status", "optInStatus"),
        ("region-name", "regionName"),
    ];
    Ok(json!({ "regionInfo": by_members(views.collect(), &input.filter, &members)? }))
}

/// Filters things that have no tags by members of their views.
fn by_members(
    views: Vec<Value>,
    filters: &[Filter],
    members: &[(&str, &str)],
) -> Result<Vec<Value>, Refused> {
    if let Some(of_tags) = filters.iter().find(|filter| filter.name.starts_with("tag")) {
        return Err(filter::unknown(&of_tags.name));
    }
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    filter::known(filters, &names)?;
    filter::filtered(
        views,
        filters,
        |_| &filter::UNTAGGED,
        |view, name| {
            let (_, member) = members.iter().find(|(known, _)| *known == name)?;
            Some(view.get(member).and_then(Value::as_str).map(str::to_owned).into_iter().collect())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Probe;

    #[test]
    fn zones_have_the_ids_of_their_region() {
        for (region, id) in [
            ("us-east-1", "use1-az1"),
            ("eu-central-1", "euc1-az1"),
            ("ap-northeast-2", "apne2-az1"),
            ("ap-southeast-1", "apse1-az1"),
        ] {
            assert_eq!(id_of(region, &format!("{region}a")).as_deref(), Some(id));
        }
    }

    #[test]
    fn zones_and_regions_are_described() {
        let mut probe = Probe::new();
        let zones = probe.ask("ec2", "DescribeAvailabilityZones", json!({}));
        assert_eq!(zones["availabilityZoneInfo"].as_array().map(Vec::len), Some(6));
        let none = json!({ "ZoneName": ["us-east-1z"] });
        assert_eq!(
            probe.refused("ec2", "DescribeAvailabilityZones", none),
            "InvalidParameterValue"
        );
        let one = json!({ "Filter": [{ "Name": "region-name", "Value": ["us-*-2"] }] });
        let regions = probe.ask("ec2", "DescribeRegions", one);
        assert_eq!(regions["regionInfo"].as_array().map(Vec::len), Some(2));
    }
}
