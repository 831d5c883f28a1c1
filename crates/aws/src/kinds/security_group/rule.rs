//! A rule of a security group.

use std::collections::HashSet;

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use landfall_model::types::{Ref, Set};
use landfall_model::{Finding, reference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SecurityGroup, TEXT, is_text};
use crate::cidr::Cidr;
use crate::lookups::prefix_list::PrefixList;

/// A rule: one peer, one protocol, one range of ports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `all`, or a protocol's number. Default: `tcp`.
    #[serde(default = "tcp")]
    pub protocol: String,
    /// A single port.
    pub port: Option<i32>,
    /// A range of ports, as `8000-8080`.
    pub ports: Option<String>,
    /// The type of ICMP messages. Absent: all.
    pub icmp_type: Option<i32>,
    /// The code of ICMP messages. Absent: all of the type.
    pub icmp_code: Option<i32>,
    /// An IPv4 block as the peer.
    pub cidr: Option<Cidr>,
    /// An IPv6 block as the peer.
    pub cidr_ipv6: Option<Cidr>,
    /// The members of a security group as the peer; the group's own address for each other.
    pub group: Option<Ref<SecurityGroup>>,
    /// A prefix list as the peer.
    pub prefix_list: Option<Ref<PrefixList>>,
    /// What the rule is for.
    pub description: Option<String>,
}

fn tcp() -> String {
    "tcp".to_owned()
}

fn is_icmp(protocol: &str) -> bool {
    matches!(protocol, "icmp" | "icmpv6")
}

/// The name of a protocol by which EC2 answers, and `all` for its -1.
fn protocol_name(written: &str) -> String {
    match written.trim().to_lowercase().as_str() {
        "-1" | "all" => "all",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// First and last port of `8000-8080`, or of a single number.
fn range_of(ports: &str) -> Option<(i32, i32)> {
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

impl Rule {
    fn none() -> Rule {
        Rule {
            protocol: tcp(),
            port: None,
            ports: None,
            icmp_type: None,
            icmp_code: None,
            cidr: None,
            cidr_ipv6: None,
            group: None,
            prefix_list: None,
            description: None,
        }
    }

    /// What AWS lets out of a new group: everything, to IPv4.
    pub(super) fn to_everyone() -> Set<Rule> {
        let cidr = Some(Cidr::new("0.0.0.0/0"));
        [Rule { protocol: "all".to_owned(), cidr, ..Rule::none() }].into_iter().collect()
    }

    /// The same, and everything to IPv6 if the given rules let that out: AWS adds it where the VPC
    /// has IPv6.
    pub(super) fn to_everyone_as_in(rules: &Set<Rule>) -> Set<Rule> {
        let cidr_ipv6 = Some(Cidr::new("::/0"));
        let ipv6 = Rule { protocol: "all".to_owned(), cidr_ipv6, ..Rule::none() };
        let ipv6 = rules.iter().find(|rule| **rule == ipv6).cloned();
        Rule::to_everyone().iter().cloned().chain(ipv6).collect()
    }

    /// The rule in the one form in which EC2 answers it.
    pub(super) fn normal(mut self) -> Rule {
        self.protocol = protocol_name(&self.protocol);
        self.icmp_type = self.icmp_type.filter(|number| *number != -1);
        self.icmp_code = self.icmp_code.filter(|number| *number != -1);
        // An empty description and none are one to AWS.
        self.description = self.description.filter(|text| !text.is_empty());
        match self.ports.as_deref().and_then(range_of) {
            Some((first, last)) if first == last && self.port.is_none() => {
                self.port = Some(first);
                self.ports = None;
            }
            Some((first, last)) => self.ports = Some(format!("{first}-{last}")),
            None => {}
        }
        self
    }

    /// The rule but for its description: AWS takes two that are otherwise the same for one.
    pub(super) fn key(&self) -> String {
        let plain = Rule { description: None, ..self.clone() };
        serde_json::to_string(&plain).unwrap_or_default()
    }

    /// What EC2 calls ports: for ICMP type and code, -1 for all of them.
    fn range(&self) -> Option<(i32, i32)> {
        if is_icmp(&self.protocol) {
            return Some((self.icmp_type.unwrap_or(-1), self.icmp_code.unwrap_or(-1)));
        }
        let single = self.port.map(|port| (port, port));
        single.or_else(|| self.ports.as_deref().and_then(range_of))
    }

    pub(super) fn permission(&self) -> IpPermission {
        let range = self.range();
        let protocol = if self.protocol == "all" { "-1" } else { self.protocol.as_str() };
        let mut permission = IpPermission::builder()
            .ip_protocol(protocol)
            .set_from_port(range.map(|range| range.0))
            .set_to_port(range.map(|range| range.1));
        let about = &self.description;
        if let Some(cidr) = &self.cidr {
            let range = IpRange::builder().cidr_ip(cidr.as_str()).set_description(about.clone());
            permission = permission.ip_ranges(range.build());
        }
        if let Some(cidr) = &self.cidr_ipv6 {
            let range = Ipv6Range::builder().cidr_ipv6(cidr.as_str());
            permission = permission.ipv6_ranges(range.set_description(about.clone()).build());
        }
        if let Some(group) = &self.group {
            let pair = UserIdGroupPair::builder().group_id(group.as_str());
            let pair = pair.set_description(about.clone());
            permission = permission.user_id_group_pairs(pair.build());
        }
        if let Some(list) = &self.prefix_list {
            let list = PrefixListId::builder().prefix_list_id(list.as_str());
            permission = permission.prefix_list_ids(list.set_description(about.clone()).build());
        }
        permission.build()
    }

    /// The rules of a permission: AWS groups peers by protocol and ports.
    pub(super) fn of(permission: &IpPermission) -> Vec<Rule> {
        let protocol = protocol_name(permission.ip_protocol.as_deref().unwrap_or("-1"));
        let range = permission.from_port.zip(permission.to_port);
        let mut base = Rule { protocol, ..Rule::none() };
        match (base.protocol.as_str(), range) {
            ("icmp" | "icmpv6", Some((first, last))) => {
                (base.icmp_type, base.icmp_code) = (Some(first), Some(last));
            }
            // Other protocols have no ports, though AWS may answer some.
            ("tcp" | "udp", Some((first, last))) => base.ports = Some(format!("{first}-{last}")),
            _ => {}
        }
        let described = |rule: Rule, description: &Option<String>| {
            Rule { description: description.clone(), ..rule }.normal()
        };
        let v4 = permission.ip_ranges().iter().map(|peer| {
            let cidr = peer.cidr_ip.as_deref().map(Cidr::new);
            described(Rule { cidr, ..base.clone() }, &peer.description)
        });
        let v6 = permission.ipv6_ranges().iter().map(|peer| {
            let cidr_ipv6 = peer.cidr_ipv6.as_deref().map(Cidr::new);
            described(Rule { cidr_ipv6, ..base.clone() }, &peer.description)
        });
        let groups = permission.user_id_group_pairs().iter().map(|peer| {
            let group = peer.group_id.as_deref().map(Ref::new);
            described(Rule { group, ..base.clone() }, &peer.description)
        });
        let lists = permission.prefix_list_ids().iter().map(|peer| {
            let prefix_list = peer.prefix_list_id.as_deref().map(Ref::new);
            described(Rule { prefix_list, ..base.clone() }, &peer.description)
        });
        v4.chain(v6).chain(groups).chain(lists).collect()
    }

    fn check(&self, at: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let peers = [
            self.cidr.is_some(),
            self.cidr_ipv6.is_some(),
            self.group.is_some(),
            self.prefix_list.is_some(),
        ];
        if peers.iter().filter(|given| **given).count() != 1 {
            let message = "a rule has one peer: cidr, cidr_ipv6, group or prefix_list";
            findings.push(Finding::field(at, message).help("write one rule per peer"));
        }
        let v4 = self.cidr.as_ref();
        findings.extend(v4.and_then(|block| block.check_v4(&format!("{at}.cidr"))));
        let v6 = self.cidr_ipv6.as_ref();
        findings.extend(v6.and_then(|block| block.check_v6(&format!("{at}.cidr_ipv6"))));
        if self.description.as_ref().is_some_and(|text| !is_text(text)) {
            let message = format!("a rule's description has {TEXT}");
            findings.push(Finding::field(&format!("{at}.description"), message));
        }
        findings.extend(self.check_protocol(at));
        findings
    }

    fn check_protocol(&self, at: &str) -> Option<Finding> {
        let protocol = self.protocol.as_str();
        let field = |name: &str| format!("{at}.{name}");
        let ports = if self.port.is_some() { "port" } else { "ports" };
        let has_ports = self.port.is_some() || self.ports.is_some();
        let icmp = if self.icmp_type.is_some() { "icmp_type" } else { "icmp_code" };
        let has_icmp = self.icmp_type.is_some() || self.icmp_code.is_some();
        if !reference::is_known(protocol) {
            return None;
        }
        let named = matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6" | "all");
        if !named && protocol.parse::<u8>().is_err() {
            let message = format!("there is no protocol `{protocol}`");
            let finding = Finding::field(&field("protocol"), message);
            let help = "AWS takes tcp, udp, icmp, icmpv6, all, and numbers from 0 to 255";
            return Some(finding.help(help));
        }
        if has_icmp && !is_icmp(protocol) {
            let finding = Finding::field(&field(icmp), format!("{protocol} has no ICMP messages"));
            return Some(finding.help("name `protocol: icmp` or `icmpv6`"));
        }
        match protocol {
            "tcp" | "udp" => self.check_ports(at),
            "all" if has_ports => {
                let message = "with `protocol: all` AWS opens every port, whatever is named here";
                let finding = Finding::field(&field(ports), message);
                Some(finding.help("leave the ports out, or name tcp or udp"))
            }
            _ if has_ports => {
                let message = format!("the protocol {protocol} has no ports");
                Some(Finding::field(&field(ports), message))
            }
            "icmp" | "icmpv6" => {
                let valid = 0..=255;
                let odd = |number: Option<i32>| number.is_some_and(|n| !valid.contains(&n));
                if odd(self.icmp_type) || odd(self.icmp_code) {
                    let message = "types and codes of ICMP go from 0 to 255";
                    return Some(Finding::field(&field(icmp), message));
                }
                let stray = self.icmp_code.is_some() && self.icmp_type.is_none();
                stray.then(|| {
                    Finding::field(&field(icmp), "a code belongs to a type").help("add `icmp_type`")
                })
            }
            _ => None,
        }
    }

    fn check_ports(&self, at: &str) -> Option<Finding> {
        let at_ports = format!("{at}.{}", if self.port.is_some() { "port" } else { "ports" });
        let valid = 0..=65535;
        match (self.port, &self.ports, self.range()) {
            (Some(_), Some(_), _) => {
                let message = "a rule has `port` or `ports`, not both";
                Some(Finding::field(&format!("{at}.ports"), message))
            }
            (None, Some(ports), _) if !reference::is_known(ports) => None,
            (None, Some(_), None) => {
                Some(Finding::field(&at_ports, "a range of ports looks like 8000-8080"))
            }
            (None, None, _) => {
                let message = format!("a {} rule needs `port` or `ports`", self.protocol);
                Some(Finding::field(at, message).help("for all ports write `ports: 0-65535`"))
            }
            (_, _, Some((first, last)))
                if !valid.contains(&first) || !valid.contains(&last) || first > last =>
            {
                let message = "ports go from 0 to 65535, the lower one first";
                Some(Finding::field(&at_ports, message))
            }
            _ => None,
        }
    }
}

/// What is wrong with the rules of one direction.
pub fn check_all(rules: &Set<Rule>, direction: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let at = format!("{direction}[{index}]");
        findings.extend(rule.check(&at));
        if !seen.insert(rule.key()) {
            let message = "another rule differs from this one by nothing but its description";
            let help = "AWS takes the two for one; keep one of them";
            findings.push(Finding::field(&at, message).help(help));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rule(json: Value) -> Rule {
        serde_json::from_value::<Rule>(json).unwrap().normal()
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        let same = |one: Value, other: Value| assert_eq!(rule(one), rule(other));
        let cidr = "10.0.0.0/8";
        same(json!({"ports": "80-80", "cidr": cidr}), json!({"port": 80, "cidr": cidr}));
        same(json!({"ports": " 80 ", "cidr": cidr}), json!({"port": 80, "cidr": cidr}));
        same(
            json!({"protocol": "UDP", "ports": "1 - 2", "cidr": cidr}),
            json!({"protocol": "17", "ports": "1-2", "cidr": cidr}),
        );
        same(json!({"protocol": "-1", "cidr": cidr}), json!({"protocol": "All", "cidr": cidr}));
        same(
            json!({"protocol": "58", "icmp_type": -1, "cidr_ipv6": "::/0"}),
            json!({"protocol": "icmpv6", "cidr_ipv6": "0::0/0", "description": ""}),
        );
    }

    #[test]
    fn what_is_sent_is_read_back() {
        for written in [
            json!({"port": 443, "cidr": "0.0.0.0/0", "description": "web"}),
            json!({"ports": "0-65535", "group": "sg-1"}),
            json!({"protocol": "icmp", "icmp_type": 8, "cidr": "10.0.0.0/8"}),
            json!({"protocol": "icmp", "cidr": "10.0.0.0/8"}),
            json!({"protocol": "all", "prefix_list": "pl-1"}),
            json!({"protocol": "50", "cidr_ipv6": "2001:db8::/32"}),
        ] {
            let rule = rule(written);
            assert_eq!(Rule::of(&rule.permission()), [rule]);
        }
    }

    #[test]
    fn odd_rules_are_found() {
        let check = |json: Value| check_all(&[rule(json)].into_iter().collect(), "ingress");
        let cidr = "10.0.0.0/8";
        assert!(check(json!({"port": 80, "cidr": cidr})).is_empty());
        assert!(check(json!({"protocol": "50", "cidr": cidr})).is_empty());
        for odd in [
            json!({"cidr": cidr}),
            json!({"port": 80}),
            json!({"port": 80, "cidr": cidr, "group": "sg-1"}),
            json!({"port": 80, "ports": "80-81", "cidr": cidr}),
            json!({"ports": "81-80", "cidr": cidr}),
            json!({"ports": "http", "cidr": cidr}),
            json!({"port": 65536, "cidr": cidr}),
            json!({"protocol": "all", "port": 80, "cidr": cidr}),
            json!({"protocol": "http", "cidr": cidr}),
            json!({"protocol": "50", "port": 80, "cidr": cidr}),
            json!({"protocol": "icmp", "icmp_code": 1, "cidr": cidr}),
            json!({"port": 80, "icmp_type": 8, "cidr": cidr}),
            json!({"port": 80, "cidr": "::/0"}),
            json!({"port": 80, "cidr": cidr, "description": "it's odd"}),
        ] {
            assert_eq!(check(odd.clone()).len(), 1, "{odd}");
        }
    }
}
