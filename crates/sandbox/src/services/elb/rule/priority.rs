//! SetRulePriorities.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::arn;
use super::super::constraint::{invalid, within};
use super::{Rule, forbidden, ordered, taken};
use crate::operations::Answer;
use crate::world::Site;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct RulePriority {
    rule_arn: Option<String>,
    priority: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Set {
    rule_priorities: Vec<RulePriority>,
}

/// ELB API, SetRulePriorities: any new order without conflicts; rules not named keep their place.
pub(crate) fn set(site: &mut Site<'_>, input: Set) -> Answer {
    let mut wanted: BTreeMap<String, i64> = BTreeMap::new();
    let mut places = BTreeSet::new();
    let mut listener: Option<String> = None;
    if input.rule_priorities.is_empty() {
        return Err(invalid("At least one rule priority must be specified"));
    }
    for RulePriority { rule_arn, priority } in input.rule_priorities {
        let Some(arn) = rule_arn else { return Err(invalid("A rule ARN must be specified")) };
        let Some(priority) = priority else {
            return Err(invalid("A rule priority must be specified"));
        };
        within("rulePriorities.member.priority", priority, 1, 50_000)?;
        let rule = arn::rule(site, &arn)?;
        if rule.priority.is_none() {
            return Err(forbidden("The priority of the default rule cannot be changed".to_owned()));
        }
        if listener.get_or_insert_with(|| rule.listener.clone()) != &rule.listener {
            return Err(invalid("All rules must belong to the same listener"));
        }
        if !places.insert(priority) {
            let message = format!("Priority '{priority}' was provided multiple times");
            return Err(invalid(message));
        }
        if wanted.insert(arn.clone(), priority).is_some() {
            return Err(invalid(format!("Rule '{arn}' was provided multiple times")));
        }
    }
    let rules = &mut site.region_mut().elb.rules;
    let others = ordered(rules, listener.as_deref().unwrap_or_default());
    let mut kept = others.iter().filter(|rule| !wanted.contains_key(&rule.arn));
    if let Some(rule) = kept.find(|rule| rule.priority.is_some_and(|at| places.contains(&at))) {
        return Err(taken(rule.priority.unwrap_or_default()));
    }
    for (arn, priority) in &wanted {
        if let Some(rule) = rules.get_mut(arn) {
            rule.priority = Some(*priority);
        }
    }
    let mut changed: Vec<&Rule> = wanted.keys().filter_map(|arn| rules.get(arn)).collect();
    changed.sort_by_key(|rule| rule.priority);
    let changed: Vec<Value> = changed.into_iter().map(Rule::described).collect();
    Ok(json!({ "Rules": changed }))
}
