//! DHCP options.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::listing::{self, Described, Kind, depended_on, describe_input, found, found_mut};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// A set of DHCP options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DhcpOptions {
    /// `dopt-…`
    pub id: String,
    /// Whether new VPCs get it.
    pub default: bool,
    /// The options and their values.
    pub options: Vec<(String, Vec<String>)>,
    /// Its tags.
    pub tags: Tags,
}

impl DhcpOptions {
    /// Those that a region has from the start.
    pub fn default_of(region: &str, id: String) -> DhcpOptions {
        let domain = match region {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        };
        let options = vec![
            ("domain-name".to_owned(), vec![domain]),
            ("domain-name-servers".to_owned(), vec!["AmazonProvidedDNS".to_owned()]),
        ];
        DhcpOptions { id, default: true, options, tags: Tags::new() }
    }
}

impl State {
    /// The id of the DHCP options that a new VPC gets.
    pub fn default_dhcp_options(&self) -> String {
        let default = self.dhcp_options.values().find(|options| options.default);
        default.map_or_else(|| "default".to_owned(), |options| options.id.clone())
    }
}

impl Described for DhcpOptions {
    const KIND: Kind = Kind {
        set: "dhcpOptionsSet",
        noun: "dhcpOption",
        absent: "InvalidDhcpOptionID.NotFound",
        pages: (5, 1000),
        filters: &["dhcp-options-id", "key", "owner-id", "value"],
    };

    fn all(ec2: &State) -> &BTreeMap<String, DhcpOptions> {
        &ec2.dhcp_options
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, DhcpOptions> {
        &mut ec2.dhcp_options
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, filter: &str) -> Vec<String> {
        match filter {
            "dhcp-options-id" => vec![self.id.clone()],
            "key" => self.options.iter().map(|(key, _)| key.clone()).collect(),
            "value" => self.options.iter().flat_map(|(_, values)| values.clone()).collect(),
            "owner-id" => vec![ACCOUNT.to_owned()],
            _ => Vec::new(),
        }
    }

    fn view(&self, _: &State) -> Value {
        let option = |(key, values): &(String, Vec<String>)| {
            let values: Vec<Value> = values.iter().map(|value| json!({ "value": value })).collect();
            json!({ "key": key, "valueSet": values })
        };
        json!({
            "dhcpOptionsId": self.id,
            "ownerId": ACCOUNT,
            "dhcpConfigurationSet": self.options.iter().map(option).collect::<Vec<_>>(),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `CreateDhcpOptions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateDhcpOptions {
    dhcp_configuration: Vec<Configuration>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Configuration {
    key: String,
    #[serde(default)]
    value: Vec<String>,
}

/// The options that there are. VPC guide, "DHCP option set concepts".
const KEYS: &[&str] = &[
    "domain-name",
    "domain-name-servers",
    "ipv6-address-preferred-lease-time",
    "netbios-name-servers",
    "netbios-node-type",
    "ntp-servers",
];

/// `CreateDhcpOptions`.
pub fn create(site: &mut Site<'_>, input: CreateDhcpOptions) -> Answer {
    let tags = tags_for(&input.tag_specification, "dhcp-options")?;
    let mut options: Vec<(String, Vec<String>)> = Vec::new();
    for Configuration { key, value } in input.dhcp_configuration {
        let invalid = || {
            let message = format!("Value ({}) for parameter {key} is invalid.", value.join(","));
            Refused::new("InvalidParameterValue", message)
        };
        if !KEYS.contains(&key.as_str()) {
            let message =
                format!("Value ({key}) for parameter name is invalid. Unknown DHCP option");
            return Err(Refused::new("InvalidParameterValue", message));
        }
        // Some clients put all servers into one value.
        let values: Vec<String> = match key.as_str() {
            "domain-name" => value.clone(),
            _ => value.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect(),
        };
        let most = if key.ends_with("servers") { 4 } else { 1 };
        let known = match key.as_str() {
            "netbios-node-type" => {
                values.iter().all(|v| ["1", "2", "4", "8"].contains(&v.as_str()))
            }
            _ => true,
        };
        if values.is_empty() || values.len() > most || !known {
            return Err(invalid());
        }
        if options.iter().any(|(other, _)| *other == key) {
            let message = format!("The DHCP option {key} is given more than once");
            return Err(Refused::new("InvalidParameterValue", message));
        }
        options.push((key, values));
    }
    let made = DhcpOptions { id: site.new_id("dopt"), default: false, options, tags };
    let ec2 = &mut site.region_mut().ec2;
    let view = made.view(ec2);
    ec2.dhcp_options.insert(made.id.clone(), made);
    Ok(json!({ "dhcpOptions": view }))
}

/// The input of `DeleteDhcpOptions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteDhcpOptions {
    dhcp_options_id: String,
}

/// `DeleteDhcpOptions`: refused while a VPC has them.
pub fn delete(site: &mut Site<'_>, input: DeleteDhcpOptions) -> Answer {
    let id = &input.dhcp_options_id;
    let ec2 = &mut site.region_mut().ec2;
    if !ec2.dhcp_options.contains_key(id) {
        // Other than DescribeDhcpOptions this call says "options".
        let message = format!("The dhcpOptions ID '{id}' does not exist");
        return Err(Refused::new("InvalidDhcpOptionsID.NotFound", message));
    }
    if ec2.vpcs.values().any(|vpc| vpc.dhcp_options == *id) {
        return Err(depended_on("dhcpOptions", id));
    }
    ec2.dhcp_options.remove(id);
    Ok(json!({ "return": true }))
}

/// The input of `AssociateDhcpOptions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AssociateDhcpOptions {
    dhcp_options_id: String,
    vpc_id: String,
}

/// `AssociateDhcpOptions`; `default` takes a VPC's options away.
pub fn associate(site: &mut Site<'_>, input: AssociateDhcpOptions) -> Answer {
    let ec2 = &mut site.region_mut().ec2;
    if input.dhcp_options_id != "default" {
        found::<DhcpOptions>(ec2, &input.dhcp_options_id)?;
    }
    found_mut::<Vpc>(ec2, &input.vpc_id)?.dhcp_options = input.dhcp_options_id;
    Ok(json!({ "return": true }))
}

describe_input! { DescribeDhcpOptions { dhcp_options_id } }

/// `DescribeDhcpOptions`.
pub fn describe(site: &mut Site<'_>, input: DescribeDhcpOptions) -> Answer {
    listing::describe::<DhcpOptions>(site, input.asked())
}
