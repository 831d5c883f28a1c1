//! What holds target groups: listeners and rules that send to them.

use aws_sdk_elasticloadbalancingv2::types::{Listener, Rule};

use super::{Asking, Holders};
use crate::batch::each;
use crate::error::Answer;
use crate::services::elb;

/// The listeners and rules that send something to a target group.
pub(super) async fn of(asking: Asking<'_>, arn: &str) -> Holders {
    let elb = &asking.aws.elb;
    let answer = elb.describe_target_groups().target_group_arns(arn).send().await;
    let answer = answer.or_missing("elasticloadbalancing:DescribeTargetGroups")?;
    let groups = answer.and_then(|answer| answer.target_groups).unwrap_or_default();
    let balancers = groups.into_iter().flat_map(|one| one.load_balancer_arns.unwrap_or_default());
    let listeners = each(balancers, |balancer| async move {
        let call = elb.describe_listeners().load_balancer_arn(balancer).into_paginator();
        let found = call.items().send().collect::<Result<Vec<_>, _>>().await;
        let found = found.or_missing("elasticloadbalancing:DescribeListeners")?;
        Ok(found.unwrap_or_default())
    });
    let sending = each(listeners.await?.into_iter().flatten(), |listener| async move {
        let listener_arn = listener.listener_arn.clone().unwrap_or_default();
        let call = elb.describe_rules().listener_arn(listener_arn).into_paginator();
        let rules = call.items().send().collect::<Result<Vec<_>, _>>().await;
        let rules = rules.or_missing("elasticloadbalancing:DescribeRules")?.unwrap_or_default();
        let rules = rules.into_iter().filter(|rule| sends_to(rule, arn));
        Ok(rules.filter_map(|rule| told(&listener, rule)).collect::<Vec<_>>())
    });
    let sending: Vec<(String, String, String)> = sending.await?.into_iter().flatten().collect();
    let arns: Vec<String> = sending.iter().map(|(arn, ..)| arn.clone()).collect();
    let tags = elb::tags_of(asking.aws, &arns).await?;
    let holders = sending.into_iter().map(|(arn, what, show)| {
        asking.present(&what, tags.get(&arn).unwrap_or(&Default::default()), show)
    });
    Ok(holders.collect())
}

fn sends_to(rule: &Rule, group: &str) -> bool {
    rule.actions().iter().any(|action| {
        let shares = action.forward_config.as_ref();
        let mut shares = shares.into_iter().flat_map(|forward| forward.target_groups());
        action.target_group_arn.as_deref() == Some(group)
            || shares.any(|share| share.target_group_arn.as_deref() == Some(group))
    })
}

/// A rule's ARN, or its listener's where it is the default action; in words; and how to see it.
fn told(listener: &Listener, rule: Rule) -> Option<(String, String, String)> {
    let arn = listener.listener_arn.clone()?;
    // `…:listener/app/name/balancer/listener`
    let balancer = arn.split('/').nth(2).unwrap_or_default().to_owned();
    let port = listener.port.unwrap_or_default();
    let place = format!("the listener on port {port} of the load balancer {balancer}");
    Some(match rule.is_default {
        Some(true) => {
            let show = format!("aws elbv2 describe-listeners --listener-arns {arn}");
            (arn, place, show)
        }
        _ => {
            let priority = rule.priority.unwrap_or_default();
            let arn = rule.rule_arn?;
            let show = format!("aws elbv2 describe-rules --rule-arns {arn}");
            (arn, format!("the rule {priority} of {place}"), show)
        }
    })
}
