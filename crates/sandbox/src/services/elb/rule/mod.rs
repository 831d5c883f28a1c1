//! Rules of listeners.

pub mod condition;
pub mod create;
pub mod priority;
mod transform;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::condition::Condition;
use self::transform::Transform;
use super::action::Action;
use super::action::accept::{Scene, accept};
use super::arn::{self, Kind};
use super::constraint::invalid;
use super::pages::page;
use super::target_health;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// Its listener's ARN.
    pub listener: String,
    /// Its place among the others; the default rule has none, and comes last.
    pub priority: Option<i64>,
    /// What a request has to be like.
    pub conditions: Vec<Condition>,
    /// What is done with it.
    pub actions: Vec<Action>,
    /// How it is rewritten.
    pub transforms: Vec<Transform>,
    /// Its tags.
    pub tags: Tags,
}

impl Rule {
    /// The target groups that it refers to.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().flat_map(Action::groups)
    }

    fn described(&self) -> Value {
        let priority = self.priority.map_or_else(|| "default".to_owned(), |at| at.to_string());
        let actions: Vec<Value> = self.actions.iter().map(Action::described).collect();
        json!({
            "RuleArn": self.arn,
            "Priority": priority,
            "Conditions": self.conditions,
            "Actions": actions,
            "IsDefault": self.priority.is_none(),
            "Transforms": (!self.transforms.is_empty()).then_some(&self.transforms),
        })
    }
}

/// The rules of a listener, in their order.
fn ordered<'r>(rules: &'r BTreeMap<String, Rule>, listener: &str) -> Vec<&'r Rule> {
    let mut found: Vec<&Rule> = rules.values().filter(|rule| rule.listener == listener).collect();
    found.sort_by_key(|rule| rule.priority.unwrap_or(i64::MAX));
    found
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    listener_arn: Option<String>,
    rule_arns: Vec<String>,
    marker: Option<String>,
    page_size: Option<i64>,
}

/// ELB API, DescribeRules: of a listener, or by their ARNs.
pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let Describe { listener_arn, rule_arns, marker, page_size } = input;
    let found: Vec<&Rule> = match (&listener_arn, rule_arns.is_empty()) {
        (Some(arn), true) => {
            arn::listener(site, arn)?;
            ordered(&site.region().elb.rules, arn)
        }
        (None, false) => {
            let found: Result<_, Refused> =
                rule_arns.iter().map(|arn| arn::rule(site, arn)).collect();
            found?
        }
        _ => {
            let message = "You must specify either listener rule ARNs or a listener ARN";
            return Err(invalid(message));
        }
    };
    let scope = format!("rules {listener_arn:?} {rule_arns:?}");
    let (found, next) = page(found, page_size, marker.as_deref(), &scope)?;
    let found: Vec<Value> = found.into_iter().map(Rule::described).collect();
    Ok(json!({ "Rules": found, "NextMarker": next }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Modify {
    rule_arn: String,
    #[serde(default)]
    conditions: Option<Vec<Condition>>,
    #[serde(default)]
    actions: Option<Vec<Action>>,
    #[serde(default)]
    transforms: Option<Vec<Transform>>,
    #[serde(default)]
    reset_transforms: Option<bool>,
}

/// ELB API, ModifyRule: what is not named stays; the default rule is changed with its listener.
pub(super) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let mut rule = arn::rule(site, &input.rule_arn)?.clone();
    if rule.priority.is_none() {
        return Err(forbidden(format!("Default rule '{}' cannot be modified", rule.arn)));
    }
    let reset = input.reset_transforms == Some(true);
    if input.conditions.is_none() && input.actions.is_none() && input.transforms.is_none() && !reset
    {
        return Err(invalid("Either conditions or actions must be specified"));
    }
    if let Some(conditions) = input.conditions {
        rule.conditions = condition::accept(conditions)?;
    }
    if let Some(actions) = input.actions {
        let listener = arn::listener(site, &rule.listener)?;
        let load_balancer = arn::load_balancer(site, &listener.load_balancer)?;
        let scene = Scene { before: &rule.actions, ..Scene::of(listener, load_balancer) };
        rule.actions = accept(site, scene, actions)?;
    }
    match input.transforms {
        Some(_) if reset => {
            return Err(invalid("Transforms cannot be specified and reset at the same time"));
        }
        Some(transforms) => rule.transforms = transform::accept(transforms)?,
        None if reset => rule.transforms.clear(),
        None => {}
    }
    let described = rule.described();
    site.region_mut().elb.rules.insert(rule.arn.clone(), rule);
    target_health::settle(site);
    Ok(json!({ "Rules": [described] }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    rule_arn: String,
}

/// ELB API, DeleteRule: not the default rule.
pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    if arn::rule(site, &input.rule_arn)?.priority.is_none() {
        return Err(forbidden(format!("Default rule '{}' cannot be deleted", input.rule_arn)));
    }
    site.region_mut().elb.rules.remove(&input.rule_arn);
    target_health::settle(site);
    Ok(json!({}))
}

fn forbidden(message: String) -> Refused {
    Refused::new("OperationNotPermitted", message)
}

/// The refusal of a priority that another rule has.
fn taken(priority: i64) -> Refused {
    Refused::new("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}

/// Refuses what is not there by its kind.
pub fn of_listener<'s>(site: &'s Site<'_>, listener: &str) -> Result<&'s Rule, Refused> {
    let mut rules = site.region().elb.rules.values();
    rules
        .find(|rule| rule.listener == listener && rule.priority.is_none())
        .ok_or_else(|| Kind::Rule.some_not_found())
}
