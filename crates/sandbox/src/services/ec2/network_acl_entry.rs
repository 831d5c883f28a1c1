//! The entries of network ACLs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::block;
use super::listing::{found, found_mut};
use super::network_acl::NetworkAcl;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// An entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1 to 32766; the lowest is looked at first.
    pub number: u32,
    /// Whether it is about outgoing traffic.
    pub egress: bool,
    /// The number of its protocol; `-1` for all.
    pub protocol: String,
    /// `allow` or `deny`.
    pub action: String,
    /// Its IPv4 block.
    pub cidr: Option<String>,
    /// Its IPv6 block.
    pub ipv6_cidr: Option<String>,
    /// Type and code of ICMP messages.
    pub icmp: Option<(i32, i32)>,
    /// The first and the last port.
    pub ports: Option<(i32, i32)>,
}

impl Entry {
    fn all(number: u32, action: &str, egress: bool) -> Entry {
        Entry {
            number,
            egress,
            protocol: "-1".to_owned(),
            action: action.to_owned(),
            cidr: None,
            ipv6_cidr: None,
            icmp: None,
            ports: None,
        }
    }

    /// Entries for all IPv4 traffic.
    pub fn all_ipv4(number: u32, action: &str) -> [Entry; 2] {
        let cidr = Some("0.0.0.0/0".to_owned());
        [true, false]
            .map(|egress| Entry { cidr: cidr.clone(), ..Entry::all(number, action, egress) })
    }

    /// Entries for all IPv6 traffic.
    pub fn all_ipv6(number: u32, action: &str) -> [Entry; 2] {
        let ipv6_cidr = Some("::/0".to_owned());
        [true, false].map(|egress| Entry {
            ipv6_cidr: ipv6_cidr.clone(),
            ..Entry::all(number, action, egress)
        })
    }

    /// The values it has under a filter of DescribeNetworkAcls.
    pub fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "entry.cidr" => self.cidr.iter().cloned().collect(),
            "entry.ipv6-cidr" => self.ipv6_cidr.iter().cloned().collect(),
            "entry.egress" => vec![self.egress.to_string()],
            "entry.icmp.type" => self.icmp.iter().map(|(sort, _)| sort.to_string()).collect(),
            "entry.icmp.code" => self.icmp.iter().map(|(_, code)| code.to_string()).collect(),
            "entry.port-range.from" => {
                self.ports.iter().map(|(from, _)| from.to_string()).collect()
            }
            "entry.port-range.to" => self.ports.iter().map(|(_, to)| to.to_string()).collect(),
            "entry.protocol" => {
                let name = NAMES.iter().find(|(_, number)| *number == self.protocol);
                let name = name.map(|(name, _)| (*name).to_owned());
                name.into_iter().chain([self.protocol.clone()]).collect()
            }
            "entry.rule-action" => vec![self.action.clone()],
            "entry.rule-number" => vec![self.number.to_string()],
            _ => Vec::new(),
        }
    }

    /// How answers show it.
    pub fn view(&self) -> Value {
        json!({
            "ruleNumber": self.number,
            "egress": self.egress,
            "protocol": self.protocol,
            "ruleAction": self.action,
            "cidrBlock": self.cidr,
            "ipv6CidrBlock": self.ipv6_cidr,
            "icmpTypeCode": self.icmp.map(|(sort, code)| json!({ "type": sort, "code": code })),
            "portRange": self.ports.map(|(from, to)| json!({ "from": from, "to": to })),
        })
    }
}

/// Protocols that have a name here.
const NAMES: &[(&str, &str)] = &[("tcp", "6"), ("udp", "17"), ("icmp", "1"), ("icmpv6", "58")];

/// The input of `CreateNetworkAclEntry` and `ReplaceNetworkAclEntry`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PutEntry {
    network_acl_id: String,
    rule_number: i64,
    protocol: String,
    rule_action: Action,
    egress: bool,
    #[serde(default)]
    cidr_block: Option<String>,
    #[serde(default)]
    ipv6_cidr_block: Option<String>,
    #[serde(default)]
    icmp: Option<Icmp>,
    #[serde(default)]
    port_range: Option<PortRange>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Allow,
    Deny,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Icmp {
    #[serde(default)]
    code: i32,
    #[serde(default)]
    r#type: i32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct PortRange {
    #[serde(default)]
    from: i32,
    #[serde(default)]
    to: i32,
}

/// `CreateNetworkAclEntry`.
pub fn create(site: &mut Site<'_>, input: PutEntry) -> Answer {
    let id = input.network_acl_id.clone();
    let ec2 = &mut site.region_mut().ec2;
    found::<NetworkAcl>(ec2, &id)?;
    let entry = entry(input)?;
    let acl = found_mut::<NetworkAcl>(ec2, &id)?;
    if acl.entries.iter().any(|other| same(other, entry.number, entry.egress)) {
        let message =
            format!("The network acl entry identified by {} already exists.", entry.number);
        return Err(Refused::new("NetworkAclEntryAlreadyExists", message));
    }
    // VPC quotas: 20 entries in each direction.
    if acl.entries.iter().filter(|other| other.egress == entry.egress).count() >= 20 {
        let message = "The maximum number of network acl entries has been reached.";
        return Err(Refused::new("NetworkAclEntryLimitExceeded", message));
    }
    acl.entries.push(entry);
    Ok(json!({ "return": true }))
}

/// `ReplaceNetworkAclEntry`.
pub fn replace(site: &mut Site<'_>, input: PutEntry) -> Answer {
    let id = input.network_acl_id.clone();
    let ec2 = &mut site.region_mut().ec2;
    found::<NetworkAcl>(ec2, &id)?;
    let entry = entry(input)?;
    let acl = found_mut::<NetworkAcl>(ec2, &id)?;
    let old = acl.entries.iter_mut().find(|other| same(other, entry.number, entry.egress));
    let number = i64::from(entry.number);
    *old.ok_or_else(|| absent(number))? = entry;
    Ok(json!({ "return": true }))
}

/// The input of `DeleteNetworkAclEntry`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteNetworkAclEntry {
    network_acl_id: String,
    rule_number: i64,
    egress: bool,
}

/// `DeleteNetworkAclEntry`.
pub fn delete(site: &mut Site<'_>, input: DeleteNetworkAclEntry) -> Answer {
    let acl = found_mut::<NetworkAcl>(&mut site.region_mut().ec2, &input.network_acl_id)?;
    let number = rule_number(input.rule_number)?;
    let at = acl.entries.iter().position(|entry| same(entry, number, input.egress));
    acl.entries.remove(at.ok_or_else(|| absent(input.rule_number))?);
    Ok(json!({ "return": true }))
}

fn same(entry: &Entry, number: u32, egress: bool) -> bool {
    entry.number == number && entry.egress == egress
}

fn absent(number: i64) -> Refused {
    let message = format!("The network acl entry identified by {number} does not exist.");
    Refused::new("InvalidNetworkAclEntry.NotFound", message)
}

/// EC2 API, CreateNetworkAclEntry: from 1 to 32766.
fn rule_number(given: i64) -> Result<u32, Refused> {
    u32::try_from(given).ok().filter(|number| (1..=32766).contains(number)).ok_or_else(|| {
        let message = format!(
            "Value ({given}) for parameter ruleNumber is invalid. Rule numbers are from 1 to 32766."
        );
        Refused::new("InvalidParameterValue", message)
    })
}

fn entry(input: PutEntry) -> Result<Entry, Refused> {
    let number = rule_number(input.rule_number)?;
    let named = NAMES.iter().find(|(name, _)| *name == input.protocol).map(|(_, number)| *number);
    let protocol = match (input.protocol.as_str(), input.protocol.parse::<u8>(), named) {
        ("-1" | "all", ..) => "-1".to_owned(),
        (_, _, Some(number)) => number.to_owned(),
        (_, Ok(number), _) => number.to_string(),
        (given, ..) => {
            let message = format!("Invalid value '{given}' for protocol.");
            return Err(Refused::new("InvalidParameterValue", message));
        }
    };
    let missing = |name: &str| {
        let message = format!("The request must contain the parameter {name}");
        Err(Refused::new("MissingParameter", message))
    };
    let (cidr, ipv6_cidr) = match (&input.cidr_block, &input.ipv6_cidr_block) {
        (Some(cidr), None) => (Some(block::ipv4(cidr, "cidrBlock")?.to_string()), None),
        (None, Some(cidr)) => (None, Some(block::ipv6(cidr, "ipv6CidrBlock")?.to_string())),
        (None, None) => return missing("cidrBlock or ipv6CidrBlock"),
        (Some(_), Some(_)) => {
            let message = "The parameter cidrBlock cannot be used with the parameter ipv6CidrBlock";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
    };
    let (mut ports, mut icmp) = (None, None);
    match protocol.as_str() {
        "6" | "17" => {
            let Some(PortRange { from, to }) = input.port_range else {
                return missing("portRange");
            };
            let port = 0..=65535;
            if from > to || !port.contains(&from) || !port.contains(&to) {
                let message = format!("Invalid TCP/UDP port range ({from}:{to})");
                return Err(Refused::new("InvalidParameterValue", message));
            }
            ports = Some((from, to));
        }
        "1" | "58" => {
            let Some(Icmp { code, r#type: sort }) = input.icmp else {
                return missing("icmpTypeCode");
            };
            icmp = Some((sort, code));
        }
        // All ports, whatever is given. EC2 API, CreateNetworkAclEntry, Protocol.
        _ => {}
    }
    let action = match input.rule_action {
        Action::Allow => "allow".to_owned(),
        Action::Deny => "deny".to_owned(),
    };
    Ok(Entry { number, egress: input.egress, protocol, action, cidr, ipv6_cidr, icmp, ports })
}
