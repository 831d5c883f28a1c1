//! The attributes of the account.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The input of `DescribeAccountAttributes`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DescribeAccountAttributes {
    attribute_name: Vec<String>,
}

/// `DescribeAccountAttributes`.
pub fn describe(site: &mut Site<'_>, input: DescribeAccountAttributes) -> Answer {
    let default = site.region().ec2.vpcs.values().find(|vpc| vpc.default);
    let default = default.map_or_else(|| "none".to_owned(), |vpc| vpc.id.clone());
    let attributes = [
        ("supported-platforms", "VPC".to_owned()),
        ("vpc-max-security-groups-per-interface", "5".to_owned()),
        ("max-elastic-ips", "5".to_owned()),
        ("max-instances", "20".to_owned()),
        ("vpc-max-elastic-ips", "5".to_owned()),
        ("default-vpc", default),
    ];
    let known = |name: &String| attributes.iter().any(|(attribute, _)| attribute == name);
    if let Some(given) = input.attribute_name.iter().find(|name| !known(name)) {
        let message = format!("Value ({given}) for parameter attributeName is invalid.");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let asked = attributes.iter().filter(|(name, _)| {
        input.attribute_name.is_empty() || input.attribute_name.iter().any(|asked| asked == name)
    });
    let views: Vec<Value> = asked
        .map(|(name, value)| {
            json!({ "attributeName": name, "attributeValueSet": [{ "attributeValue": value }] })
        })
        .collect();
    Ok(json!({ "accountAttributeSet": views }))
}
