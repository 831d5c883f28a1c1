//! The attributes of VPCs.

use serde::Deserialize;
use serde_json::json;

use super::listing::{found, found_mut};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// A boolean that a Modify call sets.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct BooleanValue {
    /// Its new value.
    pub value: bool,
}

/// Modify calls of VPCs and subnets set one attribute each.
pub fn only_one(given: &[(bool, &str)]) -> Result<(), Refused> {
    let given: Vec<&str> =
        given.iter().filter(|(given, _)| *given).map(|(_, name)| *name).collect();
    match given.len() {
        1 => Ok(()),
        0 => Err(Refused::new("MissingParameter", "No attributes specified.")),
        _ => {
            let message =
                format!("Fields for multiple attribute types specified: {}", given.join(", "));
            Err(Refused::new("InvalidParameterCombination", message))
        }
    }
}

/// The input of `ModifyVpcAttribute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifyVpcAttribute {
    vpc_id: String,
    #[serde(default)]
    enable_dns_support: Option<BooleanValue>,
    #[serde(default)]
    enable_dns_hostnames: Option<BooleanValue>,
    #[serde(default)]
    enable_network_address_usage_metrics: Option<BooleanValue>,
}

/// `ModifyVpcAttribute`.
pub fn modify(site: &mut Site<'_>, input: ModifyVpcAttribute) -> Answer {
    let ModifyVpcAttribute { enable_dns_support: support, enable_dns_hostnames: hostnames, .. } =
        input;
    let metrics = input.enable_network_address_usage_metrics;
    let vpc = found_mut::<Vpc>(&mut site.region_mut().ec2, &input.vpc_id)?;
    only_one(&[
        (support.is_some(), "enableDnsSupport"),
        (hostnames.is_some(), "enableDnsHostnames"),
        (metrics.is_some(), "enableNetworkAddressUsageMetrics"),
    ])?;
    let set = |attribute: &mut bool, new: Option<BooleanValue>| {
        *attribute = new.map_or(*attribute, |new| new.value);
    };
    set(&mut vpc.dns_support, support);
    set(&mut vpc.dns_hostnames, hostnames);
    set(&mut vpc.address_metrics, metrics);
    Ok(json!({ "return": true }))
}

/// The input of `DescribeVpcAttribute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeVpcAttribute {
    vpc_id: String,
    attribute: Attribute,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Attribute {
    #[serde(rename = "enableDnsSupport")]
    DnsSupport,
    #[serde(rename = "enableDnsHostnames")]
    DnsHostnames,
    #[serde(rename = "enableNetworkAddressUsageMetrics")]
    AddressMetrics,
}

/// `DescribeVpcAttribute`.
pub fn describe(site: &mut Site<'_>, input: DescribeVpcAttribute) -> Answer {
    let vpc = found::<Vpc>(&site.region().ec2, &input.vpc_id)?;
    Ok(match input.attribute {
        Attribute::DnsSupport => {
            json!({ "vpcId": vpc.id, "enableDnsSupport": { "value": vpc.dns_support } })
        }
        Attribute::DnsHostnames => {
            json!({ "vpcId": vpc.id, "enableDnsHostnames": { "value": vpc.dns_hostnames } })
        }
        Attribute::AddressMetrics => json!({
            "vpcId": vpc.id,
            "enableNetworkAddressUsageMetrics": { "value": vpc.address_metrics },
        }),
    })
}

/// The input of `ModifyVpcTenancy`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifyVpcTenancy {
    vpc_id: String,
    instance_tenancy: NewTenancy,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NewTenancy {
    Default,
}

/// `ModifyVpcTenancy`: only from `dedicated` to `default`.
pub fn modify_tenancy(site: &mut Site<'_>, input: ModifyVpcTenancy) -> Answer {
    let NewTenancy::Default = input.instance_tenancy;
    let vpc = found_mut::<Vpc>(&mut site.region_mut().ec2, &input.vpc_id)?;
    vpc.tenancy = "default".to_owned();
    Ok(json!({ "return": true }))
}
