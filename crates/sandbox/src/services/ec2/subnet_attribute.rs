//! The attributes of subnets.

use serde::Deserialize;
use serde_json::json;

use super::listing::found_mut;
use super::subnet::Subnet;
use super::vpc_attribute::{BooleanValue, only_one};
use super::vpc_block::unsupported;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The input of `ModifySubnetAttribute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifySubnetAttribute {
    subnet_id: String,
    #[serde(default)]
    assign_ipv6_address_on_creation: Option<BooleanValue>,
    #[serde(default)]
    map_public_ip_on_launch: Option<BooleanValue>,
    #[serde(default)]
    map_customer_owned_ip_on_launch: Option<BooleanValue>,
    #[serde(default)]
    customer_owned_ipv4_pool: Option<String>,
    #[serde(default)]
    enable_dns64: Option<BooleanValue>,
    #[serde(default)]
    private_dns_hostname_type_on_launch: Option<HostnameType>,
    #[serde(default, rename = "EnableResourceNameDnsARecordOnLaunch")]
    a_records: Option<BooleanValue>,
    #[serde(default, rename = "EnableResourceNameDnsAAAARecordOnLaunch")]
    aaaa_records: Option<BooleanValue>,
    #[serde(default)]
    enable_lni_at_device_index: Option<i32>,
    #[serde(default)]
    disable_lni_at_device_index: Option<BooleanValue>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum HostnameType {
    #[serde(rename = "ip-name")]
    IpName,
    #[serde(rename = "resource-name")]
    ResourceName,
}

/// `ModifySubnetAttribute`.
pub fn modify(site: &mut Site<'_>, input: ModifySubnetAttribute) -> Answer {
    let subnet = found_mut::<Subnet>(&mut site.region_mut().ec2, &input.subnet_id)?;
    only_one(&[
        (input.assign_ipv6_address_on_creation.is_some(), "assignIpv6AddressOnCreation"),
        (input.map_public_ip_on_launch.is_some(), "mapPublicIpOnLaunch"),
        (input.map_customer_owned_ip_on_launch.is_some(), "mapCustomerOwnedIpOnLaunch"),
        (input.enable_dns64.is_some(), "enableDns64"),
        (input.private_dns_hostname_type_on_launch.is_some(), "privateDnsHostnameTypeOnLaunch"),
        (input.a_records.is_some(), "enableResourceNameDnsARecordOnLaunch"),
        (input.aaaa_records.is_some(), "enableResourceNameDnsAAAARecordOnLaunch"),
        (input.enable_lni_at_device_index.is_some(), "enableLniAtDeviceIndex"),
        (input.disable_lni_at_device_index.is_some(), "disableLniAtDeviceIndex"),
    ])?;
    unsupported(input.customer_owned_ipv4_pool.is_some(), "CustomerOwnedIpv4Pool")?;
    unsupported(
        input.map_customer_owned_ip_on_launch.is_some_and(|new| new.value),
        "MapCustomerOwnedIpOnLaunch",
    )?;
    unsupported(input.enable_lni_at_device_index.is_some(), "EnableLniAtDeviceIndex")?;
    if let Some(new) = input.assign_ipv6_address_on_creation {
        if new.value && subnet.ipv6_blocks.is_empty() {
            let message = format!(
                "Invalid value 'true' for assignIpv6AddressOnCreation. The subnet '{}' has no \
                 IPv6 CIDR block",
                subnet.id
            );
            return Err(Refused::new("InvalidParameterValue", message));
        }
        subnet.assigns_ipv6 = new.value;
    }
    let set = |attribute: &mut bool, new: Option<BooleanValue>| {
        *attribute = new.map_or(*attribute, |new| new.value);
    };
    set(&mut subnet.public_ip, input.map_public_ip_on_launch);
    set(&mut subnet.dns64, input.enable_dns64);
    set(&mut subnet.a_records, input.a_records);
    set(&mut subnet.aaaa_records, input.aaaa_records);
    if let Some(new) = input.private_dns_hostname_type_on_launch {
        subnet.hostname_type = match new {
            HostnameType::IpName => "ip-name".to_owned(),
            HostnameType::ResourceName => "resource-name".to_owned(),
        };
    }
    Ok(json!({ "return": true }))
}
