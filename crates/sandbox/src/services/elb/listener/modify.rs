//! ModifyListener.

use serde::Deserialize;
use serde_json::json;

use super::super::action::Action;
use super::super::action::accept::{Scene, accept};
use super::super::constraint::{self, one_of};
use super::super::target_group::create::PROTOCOLS;
use super::super::{arn, rule, target_health};
use super::certificate::Certificate;
use super::secure::{self, Asked, MutualAuthentication};
use super::{has_prefixes, is_no_target, of, supported, taken};
use crate::operations::Answer;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Modify {
    listener_arn: String,
    #[serde(default)]
    port: Option<i64>,
    #[serde(default)]
    protocol: Option<String>,
    #[serde(default)]
    ssl_policy: Option<String>,
    #[serde(default)]
    certificates: Option<Vec<Certificate>>,
    #[serde(default)]
    default_actions: Option<Vec<Action>>,
    #[serde(default)]
    alpn_policy: Option<Vec<String>>,
    #[serde(default)]
    mutual_authentication: Option<MutualAuthentication>,
}

/// ELB API, ModifyListener: what is not named stays; a change away from HTTPS or TLS takes policy
/// and certificates along.
pub(crate) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let mut listener = arn::listener(site, &input.listener_arn)?.clone();
    let load_balancer = arn::load_balancer(site, &listener.load_balancer)?;
    let mut default = rule::of_listener(site, &listener.arn)?.clone();
    if let Some(protocol) = input.protocol {
        one_of("protocol", &protocol, PROTOCOLS)?;
        supported(load_balancer.is_application(), &protocol)?;
        has_prefixes(&load_balancer.setting(), &protocol)?;
        listener.protocol = protocol;
    }
    if let Some(port) = input.port {
        constraint::port("port", port)?;
        let others = of(&site.region().elb, &load_balancer.arn);
        if others.into_iter().any(|one| one.port == port && one.arn != listener.arn) {
            return Err(taken(&load_balancer.arn));
        }
        if port != listener.port {
            is_no_target(&site.region().elb, &listener)?;
        }
        listener.port = port;
    }
    let asked = Asked {
        policy: input.ssl_policy,
        certificates: input.certificates,
        alpn: input.alpn_policy,
        mutual: input.mutual_authentication,
    };
    listener.secure = secure::secure(site, &listener.protocol, listener.secure.take(), asked)?;
    // The actions have to go with the protocol and the port as they are now.
    let scene = Scene { before: &default.actions, ..Scene::of(&listener, load_balancer) };
    let actions = input.default_actions.unwrap_or_else(|| default.actions.clone());
    default.actions = accept(site, scene, actions)?;
    let state = &mut site.region_mut().elb;
    state.rules.insert(default.arn.clone(), default);
    let described = listener.described(state);
    state.listeners.insert(listener.arn.clone(), listener);
    target_health::settle(site);
    Ok(json!({ "Listeners": [described] }))
}
