//! `log_group`: a log group of CloudWatch Logs.

use aws_sdk_cloudwatchlogs::types::{LogGroup as AwsLogGroup, LogGroupClass};
use landfall_model::types::Target;
use landfall_model::{
    CloudError, Field, Finding, KindRules, Naming, Readiness, TagChange, Tags, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::logs;

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
    /// What can be done with its events, at which price.
    #[serde(default)]
    pub class: Class,
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
    /// Only to be delivered elsewhere.
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
const RETENTIONS: [i32; 23] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653, 3654,
];

impl Kind for LogGroup {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::mutable("retention_days").after_create(),
            Field::mutable("kms_key"),
            Field::immutable("class"),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "/ecs/",
            max: 512,
            underscores: true,
            lower_case: false,
            stable: true,
        }),
        cost: Some("about $0.03 per GB and month of stored events"),
        ..KindRules::new("log_group", "logs", "logs:log-group")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        let odd = |c: char| !(c.is_ascii_alphanumeric() || "_-/.#".contains(c));
        if spec.name.len() > 512 || (reference::is_known(&spec.name) && spec.name.contains(odd)) {
            let message = "a log group's name has at most 512 letters, digits and _-/.#";
            findings.push(Finding::field("name", message));
        }
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
        names.sort();
        names.dedup();
        let groups = described(aws, &names).await?;
        each(groups, |group| async move {
            let arn = group.arn.clone().unwrap_or_default();
            let arn = arn.strip_suffix(":*").unwrap_or(&arn).to_owned();
            let tags = logs::tags_of(aws, &arn).await?;
            let name = group.log_group_name.unwrap_or_default();
            Ok(Found {
                id: name.clone(),
                spec: Spec {
                    name: name.clone(),
                    retention_days: group.retention_in_days,
                    kms_key: group.kms_key_id,
                    class: match group.log_group_class {
                        Some(LogGroupClass::InfrequentAccess) => Class::InfrequentAccess,
                        Some(LogGroupClass::Delivery) => Class::Delivery,
                        _ => Class::Standard,
                    },
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
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        logs::retag(aws, &live.outputs.arn, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.logs.delete_log_group().log_group_name(&live.id);
        call.send().await.or_missing("logs:DeleteLogGroup").map(drop)
    }
}

/// How many groups are asked for one by one before it pays to list what they have in common.
const ONE_BY_ONE: usize = 10;

async fn described(aws: &Aws, names: &[String]) -> Result<Vec<AwsLogGroup>, CloudError> {
    // `DescribeLogGroups` takes one prefix and answers 50 groups a page.
    let prefixes =
        if names.len() > ONE_BY_ONE { vec![common_prefix(names)] } else { names.to_vec() };
    let found = each(prefixes, |prefix| async move {
        let call = aws.logs.describe_log_groups();
        let call = if prefix.is_empty() { call } else { call.log_group_name_prefix(prefix) };
        let groups = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>();
        groups.await.named("logs:DescribeLogGroups")
    });
    let mut found: Vec<AwsLogGroup> = found.await?.into_iter().flatten().collect();
    let wanted = |group: &AwsLogGroup| {
        group.log_group_name.as_ref().is_some_and(|name| names.binary_search(name).is_ok())
    };
    found.retain(wanted);
    found.sort_by(|a, b| a.log_group_name.cmp(&b.log_group_name));
    found.dedup_by(|a, b| a.log_group_name == b.log_group_name);
    Ok(found)
}

fn common_prefix(sorted: &[String]) -> String {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return String::new() };
    first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}
