//! What the actions of a listener or a rule have to be, all together.

use std::collections::BTreeSet;

use super::super::constraint::{invalid, length, one_of, within};
use super::super::listener::Listener;
use super::super::load_balancer::LoadBalancer;
use super::{Action, FixedResponseConfig, authenticate, forward, redirect};
use crate::refused::Refused;
use crate::world::Site;

const TYPES: &[&str] = &[
    "forward",
    "authenticate-oidc",
    "authenticate-cognito",
    "redirect",
    "fixed-response",
    "jwt-validation",
];

/// Where the actions are to be taken.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The load balancer.
    pub load_balancer: &'a LoadBalancer,
    /// The listener's protocol.
    pub protocol: &'a str,
    /// The listener's port.
    pub port: i64,
    /// The actions that were there before.
    pub before: &'a [Action],
}

impl<'a> Scene<'a> {
    /// A listener's.
    pub fn of(listener: &'a Listener, load_balancer: &'a LoadBalancer) -> Scene<'a> {
        let Listener { protocol, port, .. } = listener;
        Scene { load_balancer, protocol, port: *port, before: &[] }
    }
}

/// A refusal of an action.
pub fn bad_action(message: impl Into<String>) -> Refused {
    Refused::new("InvalidLoadBalancerAction", message)
}

/// The actions as AWS keeps them. ELB API, Action: one routing action, and that is the last one;
/// at most one that authenticates before it, on HTTPS listeners.
pub fn accept(
    site: &Site<'_>,
    scene: Scene<'_>,
    mut actions: Vec<Action>,
) -> Result<Vec<Action>, Refused> {
    if actions.is_empty() {
        return Err(invalid("At least one action must be specified"));
    }
    for action in &actions {
        one_of("actions.member.type", &action.sort, TYPES)?;
        action.order.map_or(Ok(()), |order| within("actions.member.order", order, 1, 50_000))?;
    }
    if actions.len() > 1 {
        let orders: Option<BTreeSet<i64>> = actions.iter().map(|action| action.order).collect();
        let Some(orders) = orders else {
            return Err(invalid("An order must be specified for each of several actions"));
        };
        if orders.len() < actions.len() {
            return Err(invalid("The orders of several actions must be unique"));
        }
        actions.sort_by_key(|action| action.order);
    }
    let routes =
        |action: &Action| matches!(action.sort.as_str(), "forward" | "redirect" | "fixed-response");
    let routing = actions.iter().filter(|action| routes(action)).count();
    if routing != 1 || !actions.last().is_some_and(routes) {
        return Err(bad_action(
            "The last action must be a forward, redirect or fixed-response action, and the only \
             one of these",
        ));
    }
    if actions.len() > 2 {
        let message = "A rule can have one action that authenticates and one that routes";
        return Err(Refused::new("TooManyActions", message));
    }
    let accepted: Result<Vec<Action>, Refused> =
        actions.into_iter().map(|action| one(site, scene, action)).collect();
    let accepted = accepted?;
    forward::within_limits(site, scene, &accepted)?;
    Ok(accepted)
}

fn one(site: &Site<'_>, scene: Scene<'_>, mut action: Action) -> Result<Action, Refused> {
    let sort = action.sort.clone();
    if !scene.load_balancer.is_application() && sort != "forward" {
        let message = format!(
            "Actions of type '{sort}' are not supported on load balancers of type '{}'",
            scene.load_balancer.sort
        );
        return Err(bad_action(message));
    }
    has_its_own_config(&action)?;
    let authenticates = sort.starts_with("authenticate") || sort == "jwt-validation";
    if authenticates && scene.protocol != "HTTPS" {
        let message = format!("Actions of type '{sort}' are supported only on HTTPS listeners");
        return Err(bad_action(message));
    }
    let missing = || invalid(format!("The configuration of the '{sort}' action must be specified"));
    match sort.as_str() {
        "forward" => forward::accept(site, scene, &mut action)?,
        "redirect" => {
            redirect::accept(scene, action.redirect_config.as_mut().ok_or_else(missing)?)?;
        }
        "fixed-response" => {
            fixed_response(action.fixed_response_config.as_ref().ok_or_else(missing)?)?;
        }
        "authenticate-oidc" => {
            let config = action.authenticate_oidc_config.as_mut().ok_or_else(missing)?;
            authenticate::oidc(scene, config)?;
        }
        "authenticate-cognito" => {
            let config = action.authenticate_cognito_config.as_mut().ok_or_else(missing)?;
            authenticate::cognito(config)?;
        }
        _ => authenticate::jwt(action.jwt_validation_config.as_ref().ok_or_else(missing)?)?,
    }
    Ok(action)
}

/// ELB API, Action: "specify only when Type is …".
fn has_its_own_config(action: &Action) -> Result<(), Refused> {
    let configs = [
        ("forward", action.forward_config.is_some() || action.target_group_arn.is_some()),
        ("redirect", action.redirect_config.is_some()),
        ("fixed-response", action.fixed_response_config.is_some()),
        ("authenticate-oidc", action.authenticate_oidc_config.is_some()),
        ("authenticate-cognito", action.authenticate_cognito_config.is_some()),
        ("jwt-validation", action.jwt_validation_config.is_some()),
    ];
    let foreign = configs.into_iter().find(|(sort, given)| *given && *sort != action.sort);
    foreign.map_or(Ok(()), |(sort, _)| {
        Err(invalid(format!(
            "The configuration of a '{sort}' action cannot be specified for actions of type '{}'",
            action.sort
        )))
    })
}

/// ELB API, FixedResponseActionConfig.
fn fixed_response(config: &FixedResponseConfig) -> Result<(), Refused> {
    let FixedResponseConfig { message_body, status_code, content_type } = config;
    let known = status_code.len() == 3
        && status_code.starts_with(['2', '4', '5'])
        && status_code.bytes().all(|byte| byte.is_ascii_digit());
    if !known {
        return Err(invalid(format!(
            "1 validation error detected: Value '{status_code}' at \
             'actions.member.fixedResponseConfig.statusCode' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: ^(2|4|5)\\d\\d$"
        )));
    }
    if let Some(body) = message_body {
        length("actions.member.fixedResponseConfig.messageBody", body, 0, 1024)?;
    }
    let types =
        ["text/html", "application/json", "application/javascript", "text/css", "text/plain"];
    match content_type {
        Some(sort) if !types.contains(&sort.as_str()) => {
            Err(bad_action(format!("The ContentType must be one of:'{}'", types.join("', '"))))
        }
        _ => Ok(()),
    }
}
