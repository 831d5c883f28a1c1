//! `security_group`: who may talk to a network interface, and to whom it may talk.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType,
    SecurityGroup as AwsSecurityGroup, UserIdGroupPair,
};
use ipnet::{Ipv4Net, Ipv6Net};
use landfall_model::types::{Ref, Set, Target};
use landfall_model::{
    CloudError, Field, Finding, KindRules, Naming, On, Readiness, TagChange, Tags, Transient,
    reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::Aws;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::kinds::vpc::Vpc;
use crate::services::ec2;

/// `security_group`.
pub enum SecurityGroup {}

/// A security group in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default = "managed")]
    pub description: String,
    /// The VPC that it belongs to.
    pub vpc: Ref<Vpc>,
    /// Who may talk to its members.
    #[serde(default)]
    pub ingress: Set<Rule>,
    /// To whom its members may talk. Default: everyone.
    #[serde(default = "everyone")]
    pub egress: Set<Rule>,
}

/// A rule: one peer, one protocol, one range of ports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `all`, or a protocol's number.
    #[serde(default = "tcp")]
    pub protocol: String,
    /// A single port.
    pub port: Option<i32>,
    /// A range of ports, as `8000-8080`. For ICMP: type and code, `-1` for any.
    pub ports: Option<String>,
    /// An IPv4 block as the peer.
    pub cidr: Option<String>,
    /// An IPv6 block as the peer.
    pub cidr_ipv6: Option<String>,
    /// The members of a security group as the peer.
    pub group: Option<Ref<SecurityGroup>>,
    /// A managed prefix list as the peer.
    pub prefix_list: Option<String>,
    /// What the rule is for.
    pub description: Option<String>,
}

fn managed() -> String {
    "Managed by landfall".to_owned()
}

fn tcp() -> String {
    "tcp".to_owned()
}

/// What AWS gives a new group: everything out, to IPv4.
fn everyone() -> Set<Rule> {
    let rule =
        Rule { protocol: "all".to_owned(), cidr: Some("0.0.0.0/0".to_owned()), ..Rule::none() };
    [rule].into_iter().collect()
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Target for SecurityGroup {
    const KIND: &'static str = "security_group";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "sg-";
}

impl Rule {
    fn none() -> Rule {
        Rule {
            protocol: tcp(),
            port: None,
            ports: None,
            cidr: None,
            cidr_ipv6: None,
            group: None,
            prefix_list: None,
            description: None,
        }
    }

    /// First and last port, if the rule names any.
    fn range(&self) -> Option<(i32, i32)> {
        match (self.port, &self.ports) {
            (Some(port), _) => Some((port, port)),
            (None, Some(ports)) => {
                // A leading minus belongs to the number: ICMP has type and code -1.
                let at = ports.get(1..)?.find('-')? + 1;
                Some((ports[..at].trim().parse().ok()?, ports[at + 1..].trim().parse().ok()?))
            }
            (None, None) => None,
        }
    }

    fn aws_protocol(&self) -> &str {
        match self.protocol.as_str() {
            "all" => "-1",
            other => other,
        }
    }

    fn permission(&self) -> IpPermission {
        let range = self.range();
        let mut permission = IpPermission::builder()
            .ip_protocol(self.aws_protocol())
            .set_from_port(range.map(|range| range.0))
            .set_to_port(range.map(|range| range.1));
        let about = &self.description;
        if let Some(cidr) = &self.cidr {
            let range = IpRange::builder().cidr_ip(cidr).set_description(about.clone());
            permission = permission.ip_ranges(range.build());
        }
        if let Some(cidr) = &self.cidr_ipv6 {
            let range = Ipv6Range::builder().cidr_ipv6(cidr).set_description(about.clone());
            permission = permission.ipv6_ranges(range.build());
        }
        if let Some(group) = &self.group {
            let pair = UserIdGroupPair::builder().group_id(group.as_str());
            permission =
                permission.user_id_group_pairs(pair.set_description(about.clone()).build());
        }
        if let Some(list) = &self.prefix_list {
            let list = PrefixListId::builder().prefix_list_id(list).set_description(about.clone());
            permission = permission.prefix_list_ids(list.build());
        }
        permission.build()
    }

    /// The rules of a permission: AWS groups peers by protocol and ports.
    fn of(permission: &IpPermission) -> Vec<Rule> {
        let protocol = match permission.ip_protocol.as_deref() {
            Some("-1") | None => "all".to_owned(),
            Some("6") => "tcp".to_owned(),
            Some("17") => "udp".to_owned(),
            Some(other) => other.to_owned(),
        };
        let range = permission.from_port.zip(permission.to_port).filter(|_| protocol != "all");
        let (port, ports) = match range {
            Some((first, last)) if first == last && !protocol.starts_with("icmp") => {
                (Some(first), None)
            }
            Some((first, last)) => (None, Some(format!("{first}-{last}"))),
            None => (None, None),
        };
        let base = Rule { protocol, port, ports, ..Rule::none() };
        // An empty description and none are one to AWS.
        let about = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mut rules = Vec::new();
        for peer in permission.ip_ranges() {
            let description = about(&peer.description);
            rules.push(Rule { cidr: peer.cidr_ip.clone(), description, ..base.clone() });
        }
        for peer in permission.ipv6_ranges() {
            let description = about(&peer.description);
            rules.push(Rule { cidr_ipv6: peer.cidr_ipv6.clone(), description, ..base.clone() });
        }
        for peer in permission.user_id_group_pairs() {
            let group = peer.group_id.as_deref().map(Ref::new);
            rules.push(Rule { group, description: about(&peer.description), ..base.clone() });
        }
        for peer in permission.prefix_list_ids() {
            let description = about(&peer.description);
            rules.push(Rule {
                prefix_list: peer.prefix_list_id.clone(),
                description,
                ..base.clone()
            });
        }
        rules
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
        if let Some(cidr) = self.cidr.as_ref().filter(|cidr| reference::is_known(cidr)) {
            match cidr.parse::<Ipv4Net>() {
                Err(_) => findings.push(Finding::field(
                    &format!("{at}.cidr"),
                    format!("`{cidr}` is not an IPv4 block such as 10.0.0.0/16"),
                )),
                Ok(net) if net.trunc() != net => findings.push(
                    Finding::field(
                        &format!("{at}.cidr"),
                        format!("`{cidr}` has bits set behind its prefix"),
                    )
                    .help(format!("the block is {}", net.trunc())),
                ),
                Ok(_) => {}
            }
        }
        if let Some(cidr) = self.cidr_ipv6.as_ref().filter(|cidr| reference::is_known(cidr))
            && cidr.parse::<Ipv6Net>().is_err()
        {
            let message = format!("`{cidr}` is not an IPv6 block such as ::/0");
            findings.push(Finding::field(&format!("{at}.cidr_ipv6"), message));
        }
        findings.extend(self.check_ports(at));
        findings
    }

    fn check_ports(&self, at: &str) -> Option<Finding> {
        if self.port.is_some() && self.ports.is_some() {
            let message = "a rule has `port` or `ports`, not both";
            return Some(Finding::field(&format!("{at}.ports"), message));
        }
        let field = if self.port.is_some() { "port" } else { "ports" };
        let at_ports = format!("{at}.{field}");
        match (self.protocol.as_str(), self.range()) {
            ("all", None) => None,
            ("all", Some(_)) => {
                let message = "with `protocol: all` AWS opens every port, whatever is named here";
                Some(
                    Finding::field(&at_ports, message)
                        .help("leave the ports out, or name tcp or udp"),
                )
            }
            ("tcp" | "udp", None) if self.ports.is_some() => {
                Some(Finding::field(&at_ports, "a range of ports looks like 8000-8080"))
            }
            ("tcp" | "udp", None) => {
                let message = format!("a {} rule needs `port` or `ports`", self.protocol);
                Some(Finding::field(at, message).help("for all ports write `ports: 0-65535`"))
            }
            ("tcp" | "udp", Some((first, last))) => {
                let valid = 0..=65535;
                (!valid.contains(&first) || !valid.contains(&last) || first > last).then(|| {
                    Finding::field(&at_ports, "ports go from 0 to 65535, the lower one first")
                })
            }
            _ => None,
        }
    }
}

/// Rules to take away and rules to add, so that nothing that stays allowed is ever cut off.
struct RuleChange {
    revoke: Vec<IpPermission>,
    authorize: Vec<IpPermission>,
}

impl RuleChange {
    fn between(live: &Set<Rule>, want: &Set<Rule>) -> RuleChange {
        RuleChange {
            revoke: live.without(want).map(Rule::permission).collect(),
            authorize: want.without(live).map(Rule::permission).collect(),
        }
    }

    /// Whether only descriptions differ: AWS takes two rules that are otherwise the same for one.
    fn redescribes(live: &Set<Rule>, want: &Set<Rule>) -> bool {
        let plain = |rule: &Rule| {
            let rule = Rule { description: None, ..rule.clone() };
            serde_json::to_string(&rule).unwrap_or_default()
        };
        let before: BTreeMap<String, &Rule> =
            live.without(want).map(|rule| (plain(rule), rule)).collect();
        want.without(live).any(|rule| before.contains_key(&plain(rule)))
    }
}

impl Kind for SecurityGroup {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::immutable("description"),
            Field::immutable("vpc").identity(),
            Field::mutable("ingress").after_create(),
            Field::mutable("egress").after_create(),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 255,
            underscores: true,
            lower_case: false,
            stable: false,
        }),
        name_tag: true,
        transients: &[
            Transient {
                on: On::Delete,
                code: "DependencyViolation",
                message: "",
                budget: Duration::from_secs(15 * 60),
                because: "network interfaces of what used it are still going away",
            },
            Transient {
                on: On::Update,
                code: "InvalidGroup.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new group everywhere yet",
            },
        ],
        ..KindRules::new("security_group", "ec2", "ec2:security-group")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        if reference::is_known(&spec.name)
            && (spec.name.starts_with("sg-") || spec.name.len() > 255)
        {
            let message =
                "a security group's name has at most 255 characters and no `sg-` in front";
            findings.push(Finding::field("name", message));
        }
        for (direction, rules) in [("ingress", &spec.ingress), ("egress", &spec.egress)] {
            for (index, rule) in rules.iter().enumerate() {
                findings.extend(rule.check(&format!("{direction}[{index}]")));
            }
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let call = aws.ec2.describe_security_groups().set_filters(Some(ec2::owned(scope)));
        let groups = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        Ok(groups.named("ec2:DescribeSecurityGroups")?.into_iter().map(found).collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let answer = aws
            .ec2
            .create_security_group()
            .group_name(&want.name)
            .description(&want.description)
            .vpc_id(want.vpc.as_str())
            .tag_specifications(ec2::specification(ResourceType::SecurityGroup, tags))
            .send()
            .await
            .named("ec2:CreateSecurityGroup")?;
        let id = answer.group_id.unwrap_or_default();
        Ok(Made { outputs: Outputs { id: id.clone(), name: want.name.clone() }, id })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let (ec2, id) = (&aws.ec2, &live.id);
        let ingress = RuleChange::between(&live.spec.ingress, &want.ingress);
        let egress = RuleChange::between(&live.spec.egress, &want.egress);
        // New rules first, so that traffic which stays allowed is never cut off. Where only a
        // description differs the old rule has to make room for the new one.
        let redescribe = RuleChange::redescribes(&live.spec.ingress, &want.ingress);
        if redescribe {
            revoke_ingress(aws, id, &ingress).await?;
        }
        if !ingress.authorize.is_empty() {
            let call = ec2.authorize_security_group_ingress().group_id(id);
            let call = call.set_ip_permissions(Some(ingress.authorize.clone()));
            call.send().await.named("ec2:AuthorizeSecurityGroupIngress")?;
        }
        if !redescribe {
            revoke_ingress(aws, id, &ingress).await?;
        }
        let redescribe = RuleChange::redescribes(&live.spec.egress, &want.egress);
        if redescribe {
            revoke_egress(aws, id, &egress).await?;
        }
        if !egress.authorize.is_empty() {
            let call = ec2.authorize_security_group_egress().group_id(id);
            let call = call.set_ip_permissions(Some(egress.authorize.clone()));
            call.send().await.named("ec2:AuthorizeSecurityGroupEgress")?;
        }
        if !redescribe {
            revoke_egress(aws, id, &egress).await?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ec2::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.ec2.delete_security_group().group_id(&live.id);
        call.send().await.or_missing("ec2:DeleteSecurityGroup").map(drop)
    }
}

async fn revoke_ingress(aws: &Aws, id: &str, change: &RuleChange) -> Result<(), CloudError> {
    if change.revoke.is_empty() {
        return Ok(());
    }
    let call = aws.ec2.revoke_security_group_ingress().group_id(id);
    let call = call.set_ip_permissions(Some(change.revoke.clone()));
    call.send().await.or_missing("ec2:RevokeSecurityGroupIngress").map(drop)
}

async fn revoke_egress(aws: &Aws, id: &str, change: &RuleChange) -> Result<(), CloudError> {
    if change.revoke.is_empty() {
        return Ok(());
    }
    let call = aws.ec2.revoke_security_group_egress().group_id(id);
    let call = call.set_ip_permissions(Some(change.revoke.clone()));
    call.send().await.or_missing("ec2:RevokeSecurityGroupEgress").map(drop)
}

fn found(group: AwsSecurityGroup) -> Found<SecurityGroup> {
    let id = group.group_id.unwrap_or_default();
    let name = group.group_name.unwrap_or_default();
    let rules = |permissions: Option<Vec<IpPermission>>| {
        permissions.unwrap_or_default().iter().flat_map(Rule::of).collect()
    };
    Found {
        spec: Spec {
            name: name.clone(),
            description: group.description.unwrap_or_default(),
            vpc: Ref::new(group.vpc_id.unwrap_or_default()),
            ingress: rules(group.ip_permissions),
            egress: rules(group.ip_permissions_egress),
        },
        outputs: Outputs { id: id.clone(), name },
        tags: ec2::tags_of(group.tags),
        readiness: Readiness::Ready,
        id,
    }
}
