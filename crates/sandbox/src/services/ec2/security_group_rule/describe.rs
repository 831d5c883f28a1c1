//! Reads of rules.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Rule, check_id, missing};
use crate::operations::Answer;
use crate::services::ec2::filter::{self, Filter, filtered};
use crate::services::ec2::paged::paged;
use crate::world::Site;

/// The input of `DescribeSecurityGroupRules`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupRules {
    filter: Vec<Filter>,
    security_group_rule_id: Vec<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// Lists rules.
pub fn describe(site: &mut Site<'_>, input: DescribeSecurityGroupRules) -> Answer {
    filter::known(&input.filter, &["group-id", "security-group-rule-id"])?;
    let groups = site.region().ec2.groups.values();
    let all: Vec<(&str, &Rule)> =
        groups.flat_map(|group| group.rules.iter().map(|rule| (group.id.as_str(), rule))).collect();
    let asked = &input.security_group_rule_id;
    for id in asked {
        check_id(id)?;
        if !all.iter().any(|(_, rule)| rule.id == *id) {
            return Err(missing(id));
        }
    }
    let rules = all.into_iter().filter(|(_, rule)| asked.is_empty() || asked.contains(&rule.id));
    let rules = filtered(rules.collect(), &input.filter, |(_, rule)| &rule.tags, values)?;
    let scope = format!("rules {:?} {asked:?}", input.filter);
    let (rules, next) = paged(rules, input.max_results, input.next_token.as_deref(), &scope)?;
    let rules: Vec<Value> =
        rules.into_iter().map(|(group, rule)| rule.described(site, group)).collect();
    Ok(json!({ "securityGroupRuleSet": rules, "nextToken": next }))
}

fn values((group, rule): &(&str, &Rule), filter: &str) -> Option<Vec<String>> {
    match filter {
        "group-id" => Some(vec![(*group).to_owned()]),
        "security-group-rule-id" => Some(vec![rule.id.clone()]),
        _ => None,
    }
}
