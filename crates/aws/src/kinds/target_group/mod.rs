//! `target_group`: what a load balancer sends requests to.

mod check;
mod read;
mod spec;

use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as AwsTargetGroup, TargetGroupAttribute,
    TargetGroupIpAddressTypeEnum, TargetTypeEnum,
};
use landfall_model::types::Target;
use landfall_model::{
    CloudError, Field, Finding, Interruption, KindRules, Naming, On, TagChange, Tags, Transient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::spec::{
    Algorithm, HealthCheck, IpAddressType, Protocol, ProtocolVersion, Spec, Stickiness,
    StickinessType, TargetType,
};
use crate::Aws;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::elb::{self, word};

/// `target_group`.
pub enum TargetGroup {}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `targetgroup/name/id`, by which CloudWatch's metrics know it.
    pub arn_suffix: String,
}

impl Target for TargetGroup {
    const KIND: &'static str = "target_group";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

fn outputs(group: &AwsTargetGroup) -> Outputs {
    let arn = group.target_group_arn.clone().unwrap_or_default();
    Outputs {
        name: group.target_group_name.clone().unwrap_or_default(),
        arn_suffix: elb::arn_suffix(&arn),
        arn,
    }
}

const NEW: &str = "Elastic Load Balancing does not know the new target group everywhere yet";

impl Kind for TargetGroup {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::immutable("target_type"),
            Field::immutable("port"),
            Field::immutable("protocol"),
            Field::immutable("protocol_version"),
            Field::immutable("vpc"),
            Field::immutable("ip_address_type"),
            Field::mutable("health_check"),
            Field::mutable("deregistration_delay").after_create(),
            Field::mutable("stickiness").after_create(),
            Field::mutable("slow_start").after_create(),
            Field::mutable("load_balancing_algorithm").after_create(),
            Field::mutable("anomaly_mitigation").after_create(),
            Field::mutable("cross_zone").after_create(),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 32,
            underscores: false,
            lower_case: false,
            stable: false,
        }),
        transients: &[
            Transient::within(
                60,
                On::Create,
                "ValidationError",
                "is not found",
                "Elastic Load Balancing does not know the new VPC yet",
            ),
            Transient::within(30, On::Update, "TargetGroupNotFound", "", NEW),
            // terraform-provider-aws waits as long, by the same words.
            Transient::within(
                2 * 60,
                On::Delete,
                "ResourceInUse",
                "in use by a listener or a rule",
                "the listener that used it is still going away",
            ),
        ],
        held_by: &["listener"],
        interruption: Interruption {
            create_first: Some(
                "requests are answered with 503 from the moment they go to the new one until tasks are healthy in it",
            ),
            delete_first: Some(
                "requests are answered with 503 until tasks are healthy in the new one",
            ),
        },
        ..KindRules::new("target_group", "elasticloadbalancing", "elasticloadbalancing:targetgroup")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        check::check(spec)
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        read::find(aws, scope).await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let lambda = want.target_type == TargetType::Lambda;
        let check = &want.health_check;
        let addresses = TargetGroupIpAddressTypeEnum::from(word(&want.ip_address_type).as_str());
        let answer = aws
            .elb
            .create_target_group()
            .name(&want.name)
            .target_type(TargetTypeEnum::from(word(&want.target_type).as_str()))
            .set_port(want.port)
            .set_protocol(want.protocol.map(aws_protocol))
            .set_protocol_version(
                want.protocol_version.map(|version| word(&version).to_uppercase()),
            )
            .set_vpc_id(want.vpc.as_ref().map(String::from))
            .set_ip_address_type((!lambda).then_some(addresses))
            .set_health_check_enabled(check.enabled)
            .set_health_check_protocol(check.protocol.map(aws_protocol))
            .set_health_check_port(check.port.clone())
            .set_health_check_path(check.path.clone())
            .set_health_check_interval_seconds(check.interval)
            .set_health_check_timeout_seconds(check.timeout)
            .set_healthy_threshold_count(check.healthy_threshold)
            .set_unhealthy_threshold_count(check.unhealthy_threshold)
            .set_matcher(matcher(want))
            .set_tags(Some(elb::tags(tags)))
            .send()
            .await
            .named("elasticloadbalancing:CreateTargetGroup")?;
        let group = answer.target_groups.unwrap_or_default().pop().ok_or_else(|| {
            CloudError::unexpected(
                "elasticloadbalancing:CreateTargetGroup",
                "the answer holds no target group",
            )
        })?;
        let outputs = outputs(&group);
        Ok(Made { id: outputs.arn.clone(), outputs })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let check = &want.health_check;
        if *check != live.spec.health_check {
            aws.elb
                .modify_target_group()
                .target_group_arn(&live.id)
                .set_health_check_enabled(check.enabled)
                .set_health_check_protocol(check.protocol.map(aws_protocol))
                .set_health_check_port(check.port.clone())
                .set_health_check_path(check.path.clone())
                .set_health_check_interval_seconds(check.interval)
                .set_health_check_timeout_seconds(check.timeout)
                .set_healthy_threshold_count(check.healthy_threshold)
                .set_unhealthy_threshold_count(check.unhealthy_threshold)
                .set_matcher(matcher(want))
                .send()
                .await
                .named("elasticloadbalancing:ModifyTargetGroup")?;
        }
        let is = read::attributes(&live.spec);
        let changed = read::attributes(want).into_iter().filter(|one| !is.contains(one));
        let changed = changed
            .map(|(key, value)| TargetGroupAttribute::builder().key(key).value(value).build());
        let changed: Vec<TargetGroupAttribute> = changed.collect();
        if !changed.is_empty() {
            let call = aws.elb.modify_target_group_attributes().target_group_arn(&live.id);
            let call = call.set_attributes(Some(changed));
            call.send().await.named("elasticloadbalancing:ModifyTargetGroupAttributes")?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        elb::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.elb.delete_target_group().target_group_arn(&live.id);
        call.send().await.or_missing("elasticloadbalancing:DeleteTargetGroup").map(drop)
    }
}

fn aws_protocol(protocol: Protocol) -> ProtocolEnum {
    ProtocolEnum::from(word(&protocol).to_uppercase().as_str())
}

/// gRPC has codes of its own.
fn matcher(want: &Spec) -> Option<Matcher> {
    let codes = want.health_check.matcher.clone()?;
    let matcher = match want.protocol_version {
        Some(ProtocolVersion::Grpc) => Matcher::builder().grpc_code(codes),
        _ => Matcher::builder().http_code(codes),
    };
    Some(matcher.build())
}
