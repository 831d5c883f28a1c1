//! Attributes and attachments of interfaces.

use serde::Deserialize;
use serde_json::json;

use super::create::ConnectionTracking;
use super::{find, groups, own, subnet, view};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::State;
use crate::world::Site;

/// The input of `ModifyNetworkInterfaceAttribute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifyNetworkInterfaceAttribute {
    network_interface_id: String,
    #[serde(default)]
    description: Option<Text>,
    #[serde(default)]
    source_dest_check: Option<Switch>,
    #[serde(default)]
    security_group_id: Vec<String>,
    #[serde(default)]
    attachment: Option<AttachmentChanges>,
    #[serde(default)]
    connection_tracking_specification: Option<ConnectionTracking>,
    #[serde(default)]
    ena_srd_specification: Option<EnaSrd>,
    #[serde(default)]
    enable_primary_ipv6: Option<bool>,
    #[serde(default)]
    associate_public_ip_address: Option<bool>,
    #[serde(default)]
    associated_subnet_id: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Text {
    #[serde(default)]
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Switch {
    value: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "the account's own interfaces have no attachments to change")]
struct AttachmentChanges {
    #[serde(default)]
    attachment_id: Option<String>,
    #[serde(default)]
    delete_on_termination: Option<bool>,
    #[serde(default)]
    default_ena_queue_count: Option<bool>,
    #[serde(default)]
    ena_queue_count: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "refused as a whole")]
struct EnaSrd {
    #[serde(default)]
    ena_srd_enabled: Option<bool>,
    #[serde(default)]
    ena_srd_udp_specification: Option<EnaSrdUdp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "refused as a whole")]
struct EnaSrdUdp {
    #[serde(default)]
    ena_srd_udp_enabled: Option<bool>,
}

/// EC2 API, ModifyNetworkInterfaceAttribute: one attribute at a time.
pub fn modify(site: &mut Site<'_>, input: ModifyNetworkInterfaceAttribute) -> Answer {
    let state = &site.region().ec2;
    let id = &input.network_interface_id;
    let mut interface = own(state, id)?.clone();
    let given = [
        input.description.is_some(),
        input.source_dest_check.is_some(),
        !input.security_group_id.is_empty(),
        input.attachment.is_some(),
        input.connection_tracking_specification.is_some(),
        input.ena_srd_specification.is_some(),
        input.enable_primary_ipv6.is_some(),
        input.associate_public_ip_address.is_some(),
        !input.associated_subnet_id.is_empty(),
    ];
    match given.iter().filter(|given| **given).count() {
        0 => return Err(combination("No attributes specified.")),
        1 => {}
        _ => return Err(combination("Fields for multiple attribute types specified")),
    }
    if let Some(description) = input.description {
        interface.description = description.value;
    } else if let Some(switch) = input.source_dest_check {
        interface.source_dest_check = switch.value;
    } else if !input.security_group_id.is_empty() {
        let subnet = subnet(state, &interface.subnet)?;
        interface.groups = groups(state, subnet, &input.security_group_id)?;
    } else if let Some(changes) = input.attachment {
        let attachment = changes.attachment_id.unwrap_or_default();
        return Err(no_attachment(&attachment));
    } else if let Some(tracking) = input.connection_tracking_specification {
        tracking.check()?;
        interface.tracking = Some(tracking);
    } else {
        let message = "The sandbox has no such attribute of network interfaces";
        return Err(Refused::new("UnsupportedOperation", message));
    }
    site.region_mut().ec2.interfaces.insert(interface.id.clone(), interface);
    Ok(json!({ "return": true }))
}

/// The input of `ResetNetworkInterfaceAttribute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ResetNetworkInterfaceAttribute {
    network_interface_id: String,
    // EC2 wants it and takes any value.
    #[serde(default)]
    #[expect(dead_code, reason = "the only attribute that can be reset")]
    source_dest_check: Option<String>,
}

/// Switches the check of sources and destinations on again.
pub fn reset(site: &mut Site<'_>, input: ResetNetworkInterfaceAttribute) -> Answer {
    let state = &mut site.region_mut().ec2;
    own(state, &input.network_interface_id)?;
    if let Some(interface) = state.interfaces.get_mut(&input.network_interface_id) {
        interface.source_dest_check = true;
    }
    Ok(json!({ "return": true }))
}

/// The input of `DescribeNetworkInterfaceAttribute`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeNetworkInterfaceAttribute {
    network_interface_id: String,
    #[serde(default)]
    attribute: Option<String>,
}

/// Reads one attribute.
pub fn describe(site: &mut Site<'_>, input: DescribeNetworkInterfaceAttribute) -> Answer {
    let state = &site.region().ec2;
    let interface = find(state, &input.network_interface_id)?;
    let (name, value) = match input.attribute.as_deref() {
        Some("description") => ("description", json!({ "value": interface.description })),
        Some("groupSet") => ("groupSet", view::group_set(state, interface)),
        Some("sourceDestCheck") => {
            ("sourceDestCheck", json!({ "value": interface.source_dest_check }))
        }
        Some("attachment") => ("attachment", view::attachment(interface)),
        Some("associatePublicIpAddress") => {
            ("associatePublicIpAddress", interface.public_ip.is_some().into())
        }
        other => {
            let other = other.unwrap_or_default();
            let message = format!("Value ({other}) for parameter attribute is invalid.");
            return Err(Refused::new("InvalidParameterValue", message));
        }
    };
    let mut answer = json!({ "networkInterfaceId": interface.id });
    answer[name] = value;
    Ok(answer)
}

/// The input of `AttachNetworkInterface`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(dead_code, reason = "there are no instances to attach to")]
pub struct AttachNetworkInterface {
    network_interface_id: String,
    instance_id: String,
    device_index: u32,
    #[serde(default)]
    network_card_index: Option<u32>,
    #[serde(default)]
    ena_srd_specification: Option<EnaSrd>,
    #[serde(default)]
    ena_queue_count: Option<u32>,
}

/// There are no instances to attach to.
pub fn attach(site: &mut Site<'_>, input: AttachNetworkInterface) -> Answer {
    find(&site.region().ec2, &input.network_interface_id)?;
    Err(crate::services::ec2::instance::missing(&input.instance_id))
}

/// The input of `DetachNetworkInterface`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DetachNetworkInterface {
    attachment_id: String,
    #[serde(default)]
    #[expect(dead_code, reason = "services' attachments cannot be forced either")]
    force: bool,
}

/// Services detach their interfaces themselves.
pub fn detach(site: &mut Site<'_>, input: DetachNetworkInterface) -> Answer {
    let id = &input.attachment_id;
    Err(match attached(&site.region().ec2, id) {
        false => no_attachment(id),
        true if id.starts_with("ela-attach-") => {
            let message = "You are not allowed to manage 'ela-attach' attachments.";
            Refused::new("OperationNotPermitted", message)
        }
        true => {
            let message = "You do not have permission to access the specified resource.";
            Refused::new("AuthFailure", message)
        }
    })
}

fn attached(state: &State, id: &str) -> bool {
    let mut interfaces = state.interfaces.values();
    interfaces.any(|interface| interface.attachment.as_ref().is_some_and(|it| it.id == id))
}

fn no_attachment(id: &str) -> Refused {
    let message = format!("The network interface attachment '{id}' does not exist");
    Refused::new("InvalidAttachmentID.NotFound", message)
}

fn combination(message: &str) -> Refused {
    Refused::new("InvalidParameterCombination", message)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::probe::Probe;

    fn subnet_id(probe: &mut Probe) -> Option<String> {
        probe.world.site("us-east-1").region().ec2.subnets.keys().next().cloned()
    }

    #[test]
    fn one_attribute_is_changed_at_a_time() {
        let mut probe = Probe::new();
        let input = json!({ "SubnetId": subnet_id(&mut probe) });
        let made = probe.ask("ec2", "CreateNetworkInterface", input);
        let id = &made["networkInterface"]["networkInterfaceId"];
        let modify = "ModifyNetworkInterfaceAttribute";
        for (change, attribute, expected) in [
            (json!({ "Description": { "Value": "new" } }), "description", json!("new")),
            (json!({ "SourceDestCheck": { "Value": "false" } }), "sourceDestCheck", json!(false)),
        ] {
            let mut input = change;
            input["NetworkInterfaceId"] = id.clone();
            probe.ask("ec2", modify, input);
            let look = json!({ "NetworkInterfaceId": id, "Attribute": attribute });
            let found = probe.ask("ec2", "DescribeNetworkInterfaceAttribute", look);
            assert_eq!(found[attribute]["value"], expected);
        }
        let two = json!({
            "NetworkInterfaceId": id, "Description": { "Value": "d" },
            "SourceDestCheck": { "Value": "true" }
        });
        assert_eq!(probe.refused("ec2", modify, two), "InvalidParameterCombination");
        let groups = json!({ "NetworkInterfaceId": id, "SecurityGroupId": ["sg-0"] });
        assert_eq!(probe.refused("ec2", modify, groups), "InvalidGroup.NotFound");
        let nothing: Value = json!({ "NetworkInterfaceId": id });
        assert_eq!(probe.refused("ec2", modify, nothing), "InvalidParameterCombination");
    }
}
