//! CreateListener.

use serde::Deserialize;
use serde_json::json;

use super::super::action::Action;
use super::super::action::accept::{Scene, accept};
use super::super::constraint::{self, invalid, one_of};
use super::super::rule::{self, Rule};
use super::super::tag::{self, Tag};
use super::super::target_group::create::PROTOCOLS;
use super::super::{arn, limit, target_health};
use super::certificate::Certificate;
use super::secure::{self, Asked, MutualAuthentication};
use super::{Listener, Settings, has_prefixes, of, supported, taken};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Create {
    load_balancer_arn: String,
    #[serde(default)]
    protocol: Option<String>,
    #[serde(default)]
    port: Option<i64>,
    #[serde(default)]
    ssl_policy: Option<String>,
    #[serde(default)]
    certificates: Option<Vec<Certificate>>,
    default_actions: Vec<Action>,
    #[serde(default)]
    alpn_policy: Option<Vec<String>>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    mutual_authentication: Option<MutualAuthentication>,
}

/// ELB API, CreateListener: idempotent; on a port that is taken, the same settings are the same
/// listener, and others are refused.
pub(crate) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let load_balancer = arn::load_balancer(site, &input.load_balancer_arn)?;
    let Some(protocol) = input.protocol else {
        return Err(invalid("A listener protocol must be specified"));
    };
    one_of("protocol", &protocol, PROTOCOLS)?;
    let Some(port) = input.port else { return Err(invalid("A listener port must be specified")) };
    constraint::port("port", port)?;
    supported(load_balancer.is_application(), &protocol)?;
    has_prefixes(&load_balancer.setting(), &protocol)?;
    let tags = tag::given(input.tags)?;
    let asked = Asked {
        policy: input.ssl_policy,
        certificates: input.certificates,
        alpn: input.alpn_policy,
        mutual: input.mutual_authentication,
    };
    let secure = secure::secure(site, &protocol, None, asked)?;
    let scene = Scene { load_balancer, protocol: &protocol, port, before: &[] };
    let actions = accept(site, scene, input.default_actions)?;
    let balancer = load_balancer.arn.clone();
    let mut listener = Listener {
        arn: String::new(),
        load_balancer: balancer.clone(),
        port,
        protocol,
        secure,
        attributes: Settings::new(),
        created: site.now(),
        tags,
    };
    let state = &site.region().elb;
    if let Some(existing) = of(state, &balancer).find(|one| one.port == port) {
        listener.arn.clone_from(&existing.arn);
        listener.attributes.clone_from(&existing.attributes);
        listener.created = existing.created;
        let default = rule::of_listener(site, &existing.arn)?;
        if listener != *existing || default.actions != actions {
            return Err(taken(&balancer));
        }
        return Ok(json!({ "Listeners": [existing.described(state)] }));
    }
    if of(state, &balancer).count() >= limit::LISTENERS {
        let message = "The maximum number of listeners of the load balancer has been reached";
        return Err(Refused::new("TooManyListeners", message));
    }
    let id = site.world.chance.hex(16);
    listener.arn = arn::under(&balancer, "listener", &id);
    let id = site.world.chance.hex(16);
    let default = Rule {
        arn: arn::under(&listener.arn, "listener-rule", &id),
        listener: listener.arn.clone(),
        priority: None,
        conditions: Vec::new(),
        actions,
        transforms: Vec::new(),
        tags: crate::tags::Tags::new(),
    };
    let state = &mut site.region_mut().elb;
    state.rules.insert(default.arn.clone(), default);
    let described = listener.described(state);
    state.listeners.insert(listener.arn.clone(), listener);
    target_health::settle(site);
    Ok(json!({ "Listeners": [described] }))
}
