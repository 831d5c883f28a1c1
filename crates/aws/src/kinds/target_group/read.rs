//! Target groups as AWS tells them, and their attributes in AWS's words.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::TargetGroup as AwsTargetGroup;
use futures_util::future::try_join;
use landfall_model::types::Ref;
use landfall_model::{CloudError, Detail, Readiness, Tags};

use super::spec::{
    HealthCheck, Protocol, ProtocolVersion, Spec, Stickiness, StickinessType, TargetType, a_day,
};
use super::{TargetGroup, outputs};
use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Scope};
use crate::services::elb::{self, Attributes, meant, word};

const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";
const STICKINESS: &str = "stickiness.enabled";
const STICKINESS_TYPE: &str = "stickiness.type";
const LB_COOKIE_DURATION: &str = "stickiness.lb_cookie.duration_seconds";
const APP_COOKIE_DURATION: &str = "stickiness.app_cookie.duration_seconds";
const APP_COOKIE_NAME: &str = "stickiness.app_cookie.cookie_name";
const SLOW_START: &str = "slow_start.duration_seconds";
const ALGORITHM: &str = "load_balancing.algorithm.type";
const ANOMALY_MITIGATION: &str = "load_balancing.algorithm.anomaly_mitigation";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

/// The attributes in AWS's words.
pub(super) fn attributes(spec: &Spec) -> Vec<(&'static str, String)> {
    let cross_zone = spec.cross_zone.map(|on| on.to_string());
    let on_off = if spec.anomaly_mitigation { "on" } else { "off" };
    let mut attributes = vec![
        (DEREGISTRATION_DELAY, spec.deregistration_delay.to_string()),
        (SLOW_START, spec.slow_start.to_string()),
        (ALGORITHM, word(&spec.load_balancing_algorithm)),
        (ANOMALY_MITIGATION, on_off.to_owned()),
        (CROSS_ZONE, cross_zone.unwrap_or_else(|| "use_load_balancer_configuration".to_owned())),
        (STICKINESS, spec.stickiness.is_some().to_string()),
    ];
    if let Some(stickiness) = &spec.stickiness {
        attributes.push((STICKINESS_TYPE, word(&stickiness.by)));
        let duration = stickiness.duration.to_string();
        match stickiness.by {
            StickinessType::LbCookie => attributes.push((LB_COOKIE_DURATION, duration)),
            StickinessType::AppCookie => {
                attributes.push((APP_COOKIE_DURATION, duration));
                let name = stickiness.cookie_name.clone();
                attributes.push((APP_COOKIE_NAME, name.unwrap_or_default()));
            }
            _ => {}
        }
    }
    attributes
}

fn stickiness(attributes: &Attributes) -> Option<Stickiness> {
    if !attributes.flag(STICKINESS).unwrap_or(false) {
        return None;
    }
    let by = attributes.word(STICKINESS_TYPE);
    let (duration, cookie_name) = match by {
        StickinessType::LbCookie => (attributes.number(LB_COOKIE_DURATION), None),
        StickinessType::AppCookie => {
            (attributes.number(APP_COOKIE_DURATION), attributes.text(APP_COOKIE_NAME))
        }
        _ => (None, None),
    };
    Some(Stickiness { enabled: true, by, duration: duration.unwrap_or_else(a_day), cookie_name })
}

fn health_check(group: &AwsTargetGroup, target_type: TargetType, grpc: bool) -> HealthCheck {
    let protocol: Option<Protocol> =
        group.health_check_protocol.as_ref().and_then(|protocol| meant(protocol.as_str()));
    // What says nothing for the group at hand is left out, whether it is answered or not.
    let lambda = target_type == TargetType::Lambda;
    let by_http = lambda || protocol.is_none_or(Protocol::is_http);
    let matcher = group.matcher.as_ref().filter(|_| by_http);
    let codes = matcher.and_then(|matcher| match grpc {
        true => matcher.grpc_code.clone(),
        false => matcher.http_code.clone(),
    });
    HealthCheck {
        enabled: group.health_check_enabled,
        protocol: protocol.filter(|_| !lambda),
        port: group.health_check_port.clone().filter(|_| !lambda),
        path: group.health_check_path.clone().filter(|_| by_http),
        matcher: codes,
        interval: group.health_check_interval_seconds,
        timeout: group.health_check_timeout_seconds,
        healthy_threshold: group.healthy_threshold_count,
        unhealthy_threshold: group.unhealthy_threshold_count,
    }
}

fn spec(group: &AwsTargetGroup, attributes: &Attributes) -> Spec {
    let target_type = group.target_type.as_ref().and_then(|one| meant(one.as_str()));
    let target_type = target_type.unwrap_or_default();
    let addressed = target_type != TargetType::Lambda;
    let protocol = group.protocol.as_ref().filter(|_| addressed);
    let protocol: Option<Protocol> = protocol.and_then(|one| meant(one.as_str()));
    let http = protocol.is_some_and(Protocol::is_http);
    let version = group.protocol_version.as_deref().filter(|_| http).and_then(meant);
    let addresses = group.ip_address_type.as_ref().and_then(|one| meant(one.as_str()));
    let vpc = group.vpc_id.as_ref().filter(|_| addressed);
    let spec = Spec {
        name: group.target_group_name.clone().unwrap_or_default(),
        target_type,
        port: group.port.filter(|_| addressed),
        protocol,
        protocol_version: version,
        vpc: vpc.map(Ref::new),
        ip_address_type: addresses.unwrap_or_default(),
        health_check: health_check(group, target_type, version == Some(ProtocolVersion::Grpc)),
        deregistration_delay: attributes.number(DEREGISTRATION_DELAY).unwrap_or(300),
        stickiness: stickiness(attributes),
        slow_start: attributes.number(SLOW_START).unwrap_or(0),
        load_balancing_algorithm: attributes.word(ALGORITHM),
        anomaly_mitigation: attributes.text(ANOMALY_MITIGATION).as_deref() == Some("on"),
        // Neither true nor false: as the load balancer does.
        cross_zone: attributes.flag(CROSS_ZONE),
    };
    spec.complete()
}

pub(super) async fn find(
    aws: &Aws,
    scope: &Scope<'_, TargetGroup>,
) -> Result<Vec<Found<TargetGroup>>, CloudError> {
    let (groups, tags) = match scope.whole_stack {
        true => estate(aws, scope).await?,
        false => wanted(aws, scope).await?,
    };
    let found = each(groups, |group| async {
        let arn = group.target_group_arn.clone().unwrap_or_default();
        let tags = tags.get(&arn).cloned().unwrap_or_default();
        read(aws, group, tags, scope.detail).await
    });
    Ok(found.await?.into_iter().flatten().collect())
}

type Described = (Vec<AwsTargetGroup>, Arc<HashMap<String, Tags>>);

/// Of all target groups those that the stack owns or that bear a wanted name.
async fn estate(aws: &Aws, scope: &Scope<'_, TargetGroup>) -> Result<Described, CloudError> {
    let estate = &scope.sweep.balancing;
    let (all, tags) = try_join(estate.target_groups(aws), estate.tags(aws)).await?;
    let names = scope.wanted_names(|spec| &spec.name);
    let none = Tags::new();
    let ours = all.iter().filter(|group| {
        let name = group.target_group_name.as_deref().unwrap_or_default();
        let arn = group.target_group_arn.as_deref().unwrap_or_default();
        names.iter().any(|wanted| wanted == name)
            || scope.covers(arn, tags.get(arn).unwrap_or(&none))
    });
    Ok((ours.cloned().collect(), tags))
}

/// The wanted ones by ARN or name, and no others.
async fn wanted(aws: &Aws, scope: &Scope<'_, TargetGroup>) -> Result<Described, CloudError> {
    let ids = scope.wanted_ids();
    let by_arn = elb::existing(&ids, |arns| async {
        let call = aws.elb.describe_target_groups().set_target_group_arns(Some(arns));
        let answer = call.send().await;
        let answer = answer.or_missing("elasticloadbalancing:DescribeTargetGroups")?;
        Ok(answer.map(|answer| answer.target_groups.unwrap_or_default()))
    });
    let names = elb::names_without_id(scope, |spec| &spec.name);
    let by_name = elb::existing(&names, |names| async {
        let call = aws.elb.describe_target_groups().set_names(Some(names));
        let answer = call.send().await;
        let answer = answer.or_missing("elasticloadbalancing:DescribeTargetGroups")?;
        Ok(answer.map(|answer| answer.target_groups.unwrap_or_default()))
    });
    let (mut found, named) = try_join(by_arn, by_name).await?;
    found.extend(named);
    let arns: Vec<String> = found.iter().filter_map(|one| one.target_group_arn.clone()).collect();
    let tags = elb::tags_of(aws, &arns).await?;
    Ok((found, Arc::new(tags)))
}

/// Reads the rest of one; nothing if it has gone meanwhile.
async fn read(
    aws: &Aws,
    group: AwsTargetGroup,
    tags: Tags,
    detail: Detail,
) -> Result<Option<Found<TargetGroup>>, CloudError> {
    let outputs = outputs(&group);
    let mut pairs = Vec::new();
    if detail == Detail::Full {
        let call = aws.elb.describe_target_group_attributes().target_group_arn(&outputs.arn);
        let answer = call.send().await;
        let answer = answer.or_missing("elasticloadbalancing:DescribeTargetGroupAttributes")?;
        let Some(answer) = answer else { return Ok(None) };
        pairs = answer.attributes.unwrap_or_default();
    }
    let attributes = Attributes::new(pairs.into_iter().map(|one| (one.key, one.value)));
    Ok(Some(Found {
        id: outputs.arn.clone(),
        spec: spec(&group, &attributes),
        outputs,
        tags,
        readiness: Readiness::Ready,
    }))
}
