//! `security_group`: who may talk to a network interface, and to whom it may talk.

mod rule;
mod rule_change;

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_ec2::types::{Filter, IpPermission, ResourceType, SecurityGroup as AwsSecurityGroup};
use landfall_model::types::{Ref, Set, Target};
use landfall_model::{
    CloudError, Field, Finding, KindRules, Naming, On, Owner, Readiness, TagChange, Tags,
    Transient, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Aws;
use crate::batch::batches;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::kinds::vpc::Vpc;
use crate::services::ec2::{self, filter};
pub use rule::Rule;
use rule_change::{Direction, RuleChange};

/// `security_group`.
pub enum SecurityGroup {}

/// A security group in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// What it is for. Default: `Managed by landfall`.
    #[serde(default = "managed")]
    pub description: String,
    /// The VPC that it belongs to.
    pub vpc: Ref<Vpc>,
    /// Who may talk to its members. Default: nobody.
    #[serde(default, deserialize_with = "rules")]
    pub ingress: Set<Rule>,
    /// To whom its members may talk; `[]` is nobody. Absent: everyone.
    #[serde(default, deserialize_with = "some_rules")]
    pub egress: Option<Set<Rule>>,
}

fn managed() -> String {
    "Managed by landfall".to_owned()
}

fn rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Set<Rule>, D::Error> {
    let rules = Vec::<Rule>::deserialize(deserializer)?;
    Ok(rules.into_iter().map(Rule::normal).collect())
}

fn some_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Set<Rule>>, D::Error> {
    let rules = Option::<Vec<Rule>>::deserialize(deserializer)?;
    Ok(rules.map(|rules| rules.into_iter().map(Rule::normal).collect()))
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

/// What EC2 takes in names and descriptions of groups and in descriptions of rules
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>).
fn is_text(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    !reference::is_known(text) || (text.len() <= 255 && text.chars().all(allowed))
}

/// What a text of EC2's may hold, in words.
const TEXT: &str = "at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*";

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
                on: On::Create,
                code: "InvalidVpcID.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new VPC everywhere yet",
            },
            Transient {
                on: On::Update,
                code: "InvalidGroup.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new group everywhere yet",
            },
            // EC2's word for a group that it does not know depends on the call.
            Transient::within(
                60,
                On::Update,
                "InvalidSecurityGroupID.NotFound",
                "",
                "EC2 does not know the new group everywhere yet",
            ),
            Transient {
                on: On::Delete,
                code: "DependencyViolation",
                message: "",
                budget: Duration::from_secs(20 * 60),
                because: "network interfaces of what used it are still going away",
            },
            Transient {
                on: On::Delete,
                code: "InvalidGroup.InUse",
                message: "",
                budget: Duration::from_secs(20 * 60),
                because: "network interfaces of what used it are still going away",
            },
        ],
        held_by: &["load_balancer", "ecs_service", "security_group"],
        ..KindRules::new("security_group", "ec2", "ec2:security-group")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        if spec.name.starts_with("sg-") || !is_text(&spec.name) {
            let message = format!("a security group's name has {TEXT}, and no `sg-` in front");
            findings.push(Finding::field("name", message));
        }
        if spec.description.is_empty() || !is_text(&spec.description) {
            let message = format!("a security group's description has 1 to {}", &TEXT[8..]);
            findings.push(Finding::field("description", message));
        }
        findings.extend(rule::check_all(&spec.ingress, "ingress"));
        if let Some(egress) = &spec.egress {
            findings.extend(rule::check_all(egress, "egress"));
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut groups = described(aws, ec2::owned(scope)).await?;
        let address = |group: &AwsSecurityGroup| {
            Owner::from_tags(&ec2::tags_of(group.tags.clone())).map(|owner| owner.address)
        };
        // A group of another's may bear the name of one that is still to be made.
        let here: HashSet<_> = groups.iter().filter_map(address).collect();
        let missing =
            scope.wanted.iter().filter(|want| want.id.is_none() && !here.contains(&want.address));
        let mut names: Vec<String> = missing
            .filter_map(|want| want.spec.as_ref().map(|spec| spec.name.clone()))
            .filter(|name| !name.is_empty() && reference::is_known(name))
            .collect();
        names.dedup();
        let namesakes = batches(&names, VALUES_AT_ONCE, |names| async {
            described(aws, vec![filter("group-name", names)]).await
        });
        let known: HashSet<_> = groups.iter().filter_map(|group| group.group_id.clone()).collect();
        let is_new = |group: &AwsSecurityGroup| {
            group.group_id.as_ref().is_some_and(|id| !known.contains(id))
        };
        groups.extend(namesakes.await?.into_iter().filter(is_new));
        Ok(groups
            .into_iter()
            .map(|group| {
                let address = address(&group);
                let want = scope.wanted.iter().find(|want| Some(&want.address) == address.as_ref());
                let want = want.and_then(|want| want.spec.as_ref());
                found(group, want.is_some_and(|spec| spec.egress.is_some()))
            })
            .collect())
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
        let ingress = RuleChange::between(&live.spec.ingress, &want.ingress);
        ingress.make(aws, &live.id, Direction::Ingress).await?;
        let is = live.spec.egress.clone().unwrap_or_else(Rule::to_everyone);
        let egress = match &want.egress {
            Some(egress) => RuleChange::between(&is, egress),
            None => RuleChange::between(&is, &Rule::to_everyone_as_in(&is)),
        };
        egress.make(aws, &live.id, Direction::Egress).await
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ec2::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.ec2.delete_security_group().group_id(&live.id);
        call.send().await.or_missing("ec2:DeleteSecurityGroup").map(drop)
    }
}

/// EC2 takes 200 values in a filter.
const VALUES_AT_ONCE: usize = 200;

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<AwsSecurityGroup>, CloudError> {
    let call = aws.ec2.describe_security_groups().set_filters(Some(filters));
    let groups = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    groups.named("ec2:DescribeSecurityGroups")
}

/// A group as the spec would have it. What AWS lets out of a new group is the same as no `egress`
/// at all, also where the VPC has IPv6; only a spec that lists its egress rules is held to them.
fn found(group: AwsSecurityGroup, lists_egress: bool) -> Found<SecurityGroup> {
    let id = group.group_id.unwrap_or_default();
    let name = group.group_name.unwrap_or_default();
    let rules = |permissions: Option<Vec<IpPermission>>| -> Set<Rule> {
        permissions.unwrap_or_default().iter().flat_map(Rule::of).collect()
    };
    let egress = rules(group.ip_permissions_egress);
    let is_default = egress == Rule::to_everyone_as_in(&egress);
    Found {
        spec: Spec {
            name: name.clone(),
            description: group.description.unwrap_or_default(),
            vpc: Ref::new(group.vpc_id.unwrap_or_default()),
            ingress: rules(group.ip_permissions),
            egress: (lists_egress || !is_default).then_some(egress),
        },
        outputs: Outputs { id: id.clone(), name },
        tags: ec2::tags_of(group.tags),
        readiness: Readiness::Ready,
        id,
    }
}
