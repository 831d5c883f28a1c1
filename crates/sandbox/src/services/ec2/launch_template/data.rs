//! What a launch template says about instances: kept as it is sent, read back under the names that
//! answers have.

use serde_json::{Map, Value};

use crate::refused::Refused;

const MEMBERS: &[&str] = &[
    "BlockDeviceMapping",
    "CapacityReservationSpecification",
    "CpuOptions",
    "CreditSpecification",
    "DisableApiStop",
    "DisableApiTermination",
    "EbsOptimized",
    "ElasticGpuSpecification",
    "ElasticInferenceAccelerator",
    "EnclaveOptions",
    "HibernationOptions",
    "IamInstanceProfile",
    "ImageId",
    "InstanceInitiatedShutdownBehavior",
    "InstanceMarketOptions",
    "InstanceRequirements",
    "InstanceType",
    "KernelId",
    "KeyName",
    "LicenseSpecification",
    "MaintenanceOptions",
    "MetadataOptions",
    "Monitoring",
    "NetworkInterface",
    "NetworkPerformanceOptions",
    "Operator",
    "Placement",
    "PrivateDnsNameOptions",
    "RamDiskId",
    "SecondaryInterface",
    "SecurityGroup",
    "SecurityGroupId",
    "TagSpecification",
    "UserData",
];

/// The members of a request, if EC2 has them; there has to be one.
pub(super) fn checked(data: Value) -> Result<Map<String, Value>, Refused> {
    let Value::Object(members) = data else {
        let message = "The request must contain the parameter LaunchTemplateData";
        return Err(Refused::new("MissingParameter", message));
    };
    let unknown = members.keys().find(|name| !MEMBERS.contains(&name.as_str())).cloned();
    let nameless = || {
        let mut named = members.iter();
        named.find_map(|(name, value)| Some(format!("{name}.{}", no_name(value)?)))
    };
    if let Some(name) = unknown.or_else(nameless) {
        let message = format!("The parameter LaunchTemplateData.{name} is not recognized");
        return Err(Refused::new("UnknownParameter", message));
    }
    Ok(members)
}

/// What stands in the place of a member's name and cannot be one.
fn no_name(value: &Value) -> Option<String> {
    let is_name = |name: &str| {
        let alphanumeric = name.chars().all(|letter| letter.is_ascii_alphanumeric());
        alphanumeric && name.starts_with(|first: char| first.is_ascii_uppercase())
    };
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let within = || Some(format!("{name}.{}", no_name(value)?));
            if is_name(name) { within() } else { Some(name.clone()) }
        }),
        Value::Array(items) => items.iter().find_map(no_name),
        _ => None,
    }
}

/// The members as answers have them.
pub(super) fn written(data: &Map<String, Value>) -> Value {
    members(data, false)
}

fn members(data: &Map<String, Value>, of_interface: bool) -> Value {
    let member = |(name, value): (&String, &Value)| {
        let name = match (name.as_str(), value) {
            ("SecurityGroupId", _) if of_interface => "groupSet".to_owned(),
            ("LicenseSpecification", _) => "licenseSet".to_owned(),
            (name, Value::Array(_)) => format!("{}Set", lower(name)),
            (name, _) => lower(name),
        };
        let value = value_written(value, name == "networkInterfaceSet");
        (name, value)
    };
    Value::Object(data.iter().map(member).collect())
}

fn value_written(value: &Value, of_interface: bool) -> Value {
    match value {
        Value::Object(data) => members(data, of_interface),
        Value::Array(items) => items.iter().map(|item| value_written(item, of_interface)).collect(),
        other => other.clone(),
    }
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
