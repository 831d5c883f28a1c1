//! Forward actions.

use std::collections::BTreeSet;

use super::super::arn::Kind;
use super::super::constraint::{invalid, misconfigured, within};
use super::super::{limit, target_group};
use super::accept::Scene;
use super::{Action, ForwardConfig, Stickiness, TargetGroupTuple};
use crate::refused::Refused;
use crate::world::Site;

/// Checks a forward action and fills in what AWS reads back: `TargetGroupArn` where it is one
/// group, and always `ForwardConfig`, with weights of 1 and without stickiness.
pub(super) fn accept(
    site: &Site<'_>,
    scene: Scene<'_>,
    action: &mut Action,
) -> Result<(), Refused> {
    let mut config = match (action.forward_config.take(), &action.target_group_arn) {
        (None, None) => {
            return Err(invalid("A target group must be specified for a forward action"));
        }
        (None, Some(arn)) => single(arn),
        (Some(config), None) => config,
        (Some(config), Some(arn)) => {
            // ELB API, Action: both only for the same, single target group.
            let only = config.target_groups.len() == 1;
            let names = |tuple: &TargetGroupTuple| tuple.target_group_arn.as_ref() == Some(arn);
            if !only || !config.target_groups.iter().all(names) {
                return Err(invalid(
                    "If both a target group ARN and a forward configuration are specified, the \
                     configuration must have only that target group",
                ));
            }
            config
        }
    };
    if config.target_groups.is_empty() {
        return Err(invalid("A forward action must have at least one target group"));
    }
    if config.target_groups.len() > limit::GROUPS_PER_ACTION {
        let message = format!(
            "A forward action can have at most '{}' target groups",
            limit::GROUPS_PER_ACTION
        );
        return Err(Refused::new("TooManyTargetGroups", message));
    }
    let mut named = BTreeSet::new();
    for tuple in &mut config.target_groups {
        let Some(arn) = &tuple.target_group_arn else {
            return Err(invalid("A target group ARN must be specified"));
        };
        if !named.insert(arn.clone()) {
            return Err(invalid(format!("Target group '{arn}' is specified more than once")));
        }
        let weight = tuple.weight.get_or_insert(1);
        within("actions.member.forwardConfig.targetGroups.member.weight", *weight, 0, 999)?;
        usable(site, scene, arn)?;
    }
    stickiness(scene, &mut config)?;
    action.target_group_arn = match named.len() {
        1 => named.pop_first(),
        _ => None,
    };
    action.forward_config = Some(config);
    Ok(())
}

fn single(arn: &str) -> ForwardConfig {
    ForwardConfig {
        target_groups: vec![TargetGroupTuple {
            target_group_arn: Some(arn.to_owned()),
            weight: None,
        }],
        target_group_stickiness_config: None,
    }
}

/// ELB API, TargetGroupStickinessConfig: a duration has to be there where stickiness is enabled.
fn stickiness(scene: Scene<'_>, config: &mut ForwardConfig) -> Result<(), Refused> {
    if !scene.load_balancer.is_application() && config.target_group_stickiness_config.is_none() {
        return Ok(());
    }
    let Stickiness { enabled, duration_seconds } =
        config.target_group_stickiness_config.get_or_insert_default();
    let enabled = *enabled.get_or_insert(false);
    match duration_seconds {
        Some(seconds) => within(
            "actions.member.forwardConfig.targetGroupStickinessConfig.durationSeconds",
            *seconds,
            1,
            604_800,
        ),
        None if enabled && scene.load_balancer.is_application() => {
            Err(invalid("A duration must be specified when target group stickiness is enabled"))
        }
        None => Ok(()),
    }
}

/// Whether a listener of this load balancer can send something to a target group.
fn usable(site: &Site<'_>, scene: Scene<'_>, arn: &str) -> Result<(), Refused> {
    Kind::TargetGroup.shaped(arn)?;
    let state = &site.region().elb;
    let Some(group) = state.target_groups.get(arn) else {
        return Err(Kind::TargetGroup.not_found(format!("Target group '{arn}' not found")));
    };
    let balancer = scene.load_balancer;
    let fits = match (balancer.is_application(), group.protocol.as_deref()) {
        (true, _) => group.is_for_application() && group.target_type != "alb",
        (false, Some(protocol)) => match scene.protocol {
            // NLB guide, "Target groups": which protocols go together.
            "TCP" => matches!(protocol, "TCP" | "TCP_UDP"),
            "UDP" => matches!(protocol, "UDP" | "TCP_UDP"),
            "TLS" => matches!(protocol, "TCP" | "TLS"),
            own => own == protocol,
        },
        (false, None) => false,
    };
    if !fits {
        let message = format!(
            "Target group '{arn}' with protocol '{}' cannot be used by a listener with protocol \
             '{}'",
            group.protocol.as_deref().unwrap_or("none"),
            scene.protocol
        );
        return Err(Refused::new("IncompatibleProtocols", message));
    }
    if group.vpc.as_ref().is_some_and(|vpc| *vpc != balancer.vpc) {
        return Err(misconfigured(format!(
            "The following target groups and load balancers are in different VPCs: '{arn}', '{}'",
            balancer.arn
        )));
    }
    if group.ip_address_type == "ipv6" && !balancer.setting().is_dual() {
        return Err(misconfigured(
            "You cannot associate an IPv6 target group with a load balancer that has an 'ipv4' IP \
             address type",
        ));
    }
    // ELB guides, "Target groups": a target group is used by one load balancer alone.
    let users = target_group::load_balancers(state, arn);
    if users.iter().any(|user| *user != balancer.arn) {
        let message = format!(
            "The following target groups cannot be associated with more than one load balancer: \
             {arn}"
        );
        return Err(Refused::new("TargetGroupAssociationLimit", message));
    }
    Ok(())
}

/// The quota of target groups that a load balancer's actions refer to.
pub(super) fn within_limits(
    site: &Site<'_>,
    scene: Scene<'_>,
    actions: &[Action],
) -> Result<(), Refused> {
    let state = &site.region().elb;
    let balancer = &scene.load_balancer.arn;
    let mut groups: BTreeSet<&str> = actions.iter().flat_map(Action::groups).collect();
    for rule in state.rules.values() {
        let listener = state.listeners.get(&rule.listener);
        if listener.is_some_and(|listener| listener.load_balancer == *balancer) {
            groups.extend(rule.groups());
        }
    }
    if groups.len() > limit::GROUPS_PER_LOAD_BALANCER {
        let message = "The load balancer's actions refer to too many unique target groups";
        return Err(Refused::new("TooManyUniqueTargetGroupsPerLoadBalancer", message));
    }
    Ok(())
}
