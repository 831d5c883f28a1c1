//! `log_group`: a log group of CloudWatch Logs.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::{LogGroup as AwsLogGroup, LogGroupClass};
use landfall_model::types::Target;
use landfall_model::{
    CloudError, Field, Finding, Interruption, KindRules, Naming, On, Readiness, TagChange, Tags,
    Transient, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::{kms, logs};

/// `log_group`.
pub enum LogGroup {}

/// A log group in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name. Default: `/ecs/<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// How many days events are kept. Absent: for ever.
    pub retention_days: Option<i32>,
    /// The ARN of the KMS key that encrypts it. Absent: a key of CloudWatch's own.
    pub kms_key: Option<String>,
    /// What can be done with its events, at which price. Default: standard.
    #[serde(default)]
    pub class: Class,
    /// Whether AWS refuses to delete it. Default: false.
    #[serde(default)]
    pub deletion_protection: bool,
}

/// The class of a log group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Everything.
    #[default]
    Standard,
    /// Cheaper to write, fewer ways to read.
    InfrequentAccess,
    /// Only to be delivered elsewhere; AWS decides how long events are kept.
    Delivery,
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its name.
    pub name: String,
    /// Its ARN, without the `:*` for streams.
    pub arn: String,
}

impl Target for LogGroup {
    const KIND: &'static str = "log_group";
    const OUTPUT: &'static str = "name";
    const LITERAL: &'static str = "";
}

/// The days that `logs:PutRetentionPolicy` takes
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>).
const RETENTIONS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// CloudWatch Logs refuses a call while it is still at work on another for the same group.
const fn at_work(on: On) -> Transient {
    Transient {
        on,
        code: "OperationAbortedException",
        message: "",
        budget: Duration::from_secs(60),
        because: "CloudWatch Logs is still at work on another change of the log group",
    }
}

impl Kind for LogGroup {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::mutable("retention_days").after_create(),
            Field::mutable("kms_key"),
            Field::immutable("class"),
            Field::mutable("deletion_protection"),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "/ecs/",
            max: 512,
            underscores: true,
            lower_case: false,
            stable: true,
        }),
        transients: &[
            at_work(On::Create),
            at_work(On::Update),
            at_work(On::Delete),
            Transient::within(
                30,
                On::Update,
                "ResourceNotFoundException",
                "",
                "CloudWatch Logs does not know the new log group everywhere yet",
            ),
        ],
        comes_back: true,
        cost: Some("about $0.03 per GB and month of stored events"),
        interruption: Interruption {
            create_first: Some("what was logged goes with the old one"),
            delete_first: Some("what was logged goes with it"),
        },
        ..KindRules::new("log_group", "logs", "logs:log-group")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        let odd = |c: char| !(c.is_ascii_alphanumeric() || "_-/.#".contains(c));
        if reference::is_known(&spec.name) {
            if spec.name.len() > 512 || spec.name.contains(odd) {
                let message = "a log group's name has at most 512 letters, digits and _-/.#";
                findings.push(Finding::field("name", message));
            }
            if spec.name.starts_with("aws/") {
                let message = "names that start with `aws/` are AWS's own";
                findings.push(Finding::field("name", message));
            }
        }
        if spec.class == Class::Delivery && spec.retention_days.is_some() {
            let message = "AWS decides how long a group of the class delivery keeps events";
            findings.push(Finding::field("retention_days", message).help("leave it out"));
        }
        findings.extend(spec.kms_key.as_ref().and_then(|key| kms::check_key(key, "kms_key")));
        if let Some(days) = spec.retention_days.filter(|days| !RETENTIONS.contains(days)) {
            let next = RETENTIONS.iter().find(|known| **known > days);
            let finding = Finding::field(
                "retention_days",
                format!("CloudWatch Logs keeps events for certain numbers of days, not for {days}"),
            );
            findings.push(finding.help(match next {
                Some(next) => format!("the next longer one is {next}"),
                None => "leave it out to keep them for ever".to_owned(),
            }));
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut names = scope.wanted_names(|spec| &spec.name);
        names.extend(scope.wanted_ids());
        names.extend(scope.hinted_names(aws).await?);
        // The index learns of new groups late, so those with names by default are looked for, too.
        let folder = scope.whole_stack.then(|| format!("/ecs/{}-", scope.stack));
        let groups = described(aws, names, folder).await?;
        each(groups, |group| async move {
            let arn = group.arn.clone().unwrap_or_default();
            let arn = arn.strip_suffix(":*").unwrap_or(&arn).to_owned();
            let tags = logs::tags_of(aws, &arn).await?;
            let name = group.log_group_name.unwrap_or_default();
            let class = match group.log_group_class {
                Some(LogGroupClass::InfrequentAccess) => Class::InfrequentAccess,
                Some(LogGroupClass::Delivery) => Class::Delivery,
                _ => Class::Standard,
            };
            Ok(Found {
                id: name.clone(),
                spec: Spec {
                    name: name.clone(),
                    // That of a delivery group is AWS's own and cannot be changed.
                    retention_days: group.retention_in_days.filter(|_| class != Class::Delivery),
                    kms_key: group.kms_key_id,
                    class,
                    deletion_protection: group.deletion_protection_enabled.unwrap_or(false),
                },
                outputs: Outputs { name, arn },
                tags,
                readiness: Readiness::Ready,
            })
        })
        .await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let class = match want.class {
            Class::Standard => None,
            Class::InfrequentAccess => Some(LogGroupClass::InfrequentAccess),
            Class::Delivery => Some(LogGroupClass::Delivery),
        };
        aws.logs
            .create_log_group()
            .log_group_name(&want.name)
            .set_kms_key_id(want.kms_key.clone())
            .set_log_group_class(class)
            .set_deletion_protection_enabled(want.deletion_protection.then_some(true))
            .set_tags(Some(tags.clone().into_iter().collect()))
            .send()
            .await
            .named("logs:CreateLogGroup")?;
        // The call answers nothing, but the ARN follows from the name.
        let outputs = Outputs {
            name: want.name.clone(),
            arn: aws.arn("logs", &format!("log-group:{}", want.name)),
        };
        Ok(Made { id: want.name.clone(), outputs })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let name = &live.id;
        match want.retention_days {
            days if days == live.spec.retention_days => {}
            Some(days) => {
                let call = aws.logs.put_retention_policy().log_group_name(name);
                let call = call.retention_in_days(days);
                call.send().await.named("logs:PutRetentionPolicy").map(drop)?;
            }
            None => {
                let call = aws.logs.delete_retention_policy().log_group_name(name);
                call.send().await.named("logs:DeleteRetentionPolicy").map(drop)?;
            }
        }
        match &want.kms_key {
            key if *key == live.spec.kms_key => {}
            Some(key) => {
                let call = aws.logs.associate_kms_key().log_group_name(name).kms_key_id(key);
                call.send().await.named("logs:AssociateKmsKey").map(drop)?;
            }
            None => {
                let call = aws.logs.disassociate_kms_key().log_group_name(name);
                call.send().await.named("logs:DisassociateKmsKey").map(drop)?;
            }
        }
        if want.deletion_protection != live.spec.deletion_protection {
            let call = aws.logs.put_log_group_deletion_protection().log_group_identifier(name);
            let call = call.deletion_protection_enabled(want.deletion_protection);
            call.send().await.named("logs:PutLogGroupDeletionProtection")?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        logs::retag(aws, &live.outputs.arn, change).await
    }

    async fn obstacle(
        _: &Aws,
        live: &Found<Self>,
        _: Option<&Spec>,
    ) -> Result<Option<String>, CloudError> {
        Ok(live.spec.deletion_protection.then(|| {
            let advice = "set `deletion_protection: false` and apply that first";
            format!("{} is protected from deletion; {advice}", live.id)
        }))
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.logs.delete_log_group().log_group_name(&live.id);
        call.send().await.or_missing("logs:DeleteLogGroup").map(drop)
    }
}

/// How many groups of one folder are asked for one by one before it pays to list what they have in
/// common.
const ONE_BY_ONE: usize = 10;

/// The groups of these names, and all groups whose names begin with `folder`.
async fn described(
    aws: &Aws,
    mut names: Vec<String>,
    folder: Option<String>,
) -> Result<Vec<AwsLogGroup>, CloudError> {
    let in_folder = |name: &str| folder.as_ref().is_some_and(|folder| name.starts_with(folder));
    names.retain(|name| !in_folder(name));
    names.sort();
    names.dedup();
    let asked = prefixes(&names).into_iter().chain(folder.clone());
    let found = each(asked, |prefix| async move {
        let call = aws.logs.describe_log_groups();
        let call = if prefix.is_empty() { call } else { call.log_group_name_prefix(prefix) };
        let groups = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>();
        groups.await.named("logs:DescribeLogGroups")
    });
    let mut found: Vec<AwsLogGroup> = found.await?.into_iter().flatten().collect();
    found.retain(|group| {
        let name = group.log_group_name.as_ref();
        name.is_some_and(|name| in_folder(name) || names.binary_search(name).is_ok())
    });
    found.sort_by(|a, b| a.log_group_name.cmp(&b.log_group_name));
    found.dedup_by(|a, b| a.log_group_name == b.log_group_name);
    Ok(found)
}

/// The prefixes to ask for: `DescribeLogGroups` takes one, and answers 50 groups a page.
fn prefixes(sorted: &[String]) -> Vec<String> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in sorted {
        let folder = name.rfind('/').map_or("", |at| &name[..=at]);
        folders.entry(folder).or_default().push(name);
    }
    let prefixes = folders.into_values().flat_map(|names| match names.as_slice() {
        [first, .., last] if names.len() > ONE_BY_ONE => vec![common_prefix(first, last)],
        names => names.iter().map(|name| (*name).to_owned()).collect(),
    });
    prefixes.collect()
}

fn common_prefix(first: &str, last: &str) -> String {
    first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_groups_of_a_folder_are_listed_together() {
        let mut names: Vec<String> = (0..20).map(|n| format!("/ecs/shop-{n:02}")).collect();
        names.insert(0, "/aws/lambda/one".to_owned());
        names.push("plain".to_owned());
        assert_eq!(prefixes(&names), ["plain", "/aws/lambda/one", "/ecs/shop-"]);
        assert_eq!(prefixes(&names[..3]), ["/aws/lambda/one", "/ecs/shop-00", "/ecs/shop-01"]);
        assert!(prefixes(&[]).is_empty());
    }

    #[test]
    fn what_aws_refuses_is_found() {
        let findings = |spec: serde_json::Value| {
            let spec = serde_json::from_value(spec).expect("a log group");
            LogGroup::check(&spec).len()
        };
        let json = |text: &str| serde_json::from_str(text).expect("JSON");
        assert_eq!(findings(json(r#"{"name": "/ecs/app", "retention_days": 30}"#)), 0);
        assert_eq!(findings(json(r#"{"name": "aws/app", "retention_days": 31}"#)), 2);
        assert_eq!(findings(json(r#"{"class": "delivery", "retention_days": 1}"#)), 1);
        assert_eq!(findings(json(r#"{"kms_key": "alias/logs"}"#)), 1);
    }
}
