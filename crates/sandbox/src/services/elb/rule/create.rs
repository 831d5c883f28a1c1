//! CreateRule.

use serde::Deserialize;
use serde_json::json;

use super::super::action::Action;
use super::super::action::accept::{Scene, accept};
use super::super::constraint::within;
use super::super::tag::{self, Tag};
use super::super::{arn, limit, target_health};
use super::condition::{self, Condition};
use super::transform::{self, Transform};
use super::{Rule, ordered, taken};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Create {
    listener_arn: String,
    conditions: Vec<Condition>,
    priority: i64,
    actions: Vec<Action>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    transforms: Option<Vec<Transform>>,
}

/// ELB API, CreateRule: no two rules of a listener with the same priority.
pub(crate) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let Create { listener_arn: listener, priority, .. } = input;
    within("priority", priority, 1, 50_000)?;
    let tags = tag::given(input.tags)?;
    let found = arn::listener(site, &listener)?;
    let load_balancer = arn::load_balancer(site, &found.load_balancer)?;
    if !load_balancer.is_application() {
        let message = format!("Rules are not supported on {} listeners", found.protocol);
        return Err(Refused::new("UnsupportedProtocol", message));
    }
    let conditions = condition::accept(input.conditions)?;
    let transforms = transform::accept(input.transforms.unwrap_or_default())?;
    let actions = accept(site, Scene::of(found, load_balancer), input.actions)?;
    let state = &site.region().elb;
    if ordered(&state.rules, &listener).iter().any(|rule| rule.priority == Some(priority)) {
        return Err(taken(priority));
    }
    let of_balancer = state.rules.values().filter(|rule| {
        let listener = state.listeners.get(&rule.listener);
        rule.priority.is_some()
            && listener.map(|one| &one.load_balancer) == Some(&load_balancer.arn)
    });
    if of_balancer.count() >= limit::RULES {
        let message = "The maximum number of rules of the load balancer has been reached";
        return Err(Refused::new("TooManyRules", message));
    }
    let id = site.world.chance.hex(16);
    let arn = arn::under(&listener, "listener-rule", &id);
    let priority = Some(priority);
    let rule = Rule { arn: arn.clone(), listener, priority, conditions, actions, transforms, tags };
    let described = rule.described();
    site.region_mut().elb.rules.insert(arn, rule);
    target_health::settle(site);
    Ok(json!({ "Rules": [described] }))
}
