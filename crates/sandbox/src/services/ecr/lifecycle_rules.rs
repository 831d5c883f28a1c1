//! The rules of lifecycle policies: what they may say, and which images they mean.
//!
//! ECR guide, "Lifecycle policy parameters".

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::image::Image;
use crate::world::{Span, Time};

/// A lifecycle policy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rules {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Rule {
    rule_priority: u64,
    #[serde(default)]
    description: Option<String>,
    selection: Selection,
    action: Action,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Selection {
    tag_status: TagStatus,
    #[serde(default)]
    tag_prefix_list: Option<Vec<String>>,
    #[serde(default)]
    tag_pattern_list: Option<Vec<String>>,
    #[serde(default)]
    storage_class: Option<String>,
    count_type: CountType,
    #[serde(default)]
    count_unit: Option<CountUnit>,
    count_number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CountType {
    ImageCountMoreThan,
    SinceImagePushed,
    SinceImagePulled,
    SinceImageTransitioned,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CountUnit {
    Days,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Action {
    r#type: ActionType,
    #[serde(default)]
    target_storage_class: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ActionType {
    Expire,
    Transition,
}

/// Reads rules, or says what is wrong with them.
pub fn read(text: &str) -> Result<Rules, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    // A member that is null is none that may be left out (cloudposse/terraform-aws-ecr#158).
    if has_null(&document) {
        return Err("instance failed to match exactly one schema (matched 0 out of 2)".to_owned());
    }
    let rules: Rules = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match objection(&rules) {
        None => Ok(rules),
        Some(objection) => Err(objection),
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

fn objection(Rules { rules }: &Rules) -> Option<String> {
    if !(1..=50).contains(&rules.len()) {
        return Some(format!("a policy has 1 to 50 rules, not {}", rules.len()));
    }
    let priorities = rules.iter().map(|rule| rule.rule_priority).collect::<BTreeSet<_>>();
    if priorities.len() < rules.len() || priorities.contains(&0) {
        return Some("rulePriority must be unique and at least 1".to_owned());
    }
    let most = priorities.last().copied().unwrap_or_default();
    for status in [TagStatus::Any, TagStatus::Untagged] {
        let of_status = rules.iter().filter(|rule| rule.selection.tag_status == status);
        let classes = of_status.map(|rule| rule.selection.storage_class.as_deref());
        let classes = classes.map(|class| class.unwrap_or("standard")).collect::<Vec<_>>();
        if classes.iter().collect::<BTreeSet<_>>().len() < classes.len() {
            return Some(format!("There is more than one rule with tagStatus {status:?}"));
        }
    }
    let early = |rule: &&Rule| {
        rule.selection.tag_status == TagStatus::Any
            && rule.selection.storage_class.is_none()
            && rule.rule_priority < most
    };
    if rules.iter().any(|rule| early(&rule)) {
        return Some("a rule with tagStatus any must have the highest rulePriority".to_owned());
    }
    rules.iter().find_map(|rule| rule.objection())
}

impl Rule {
    fn objection(&self) -> Option<String> {
        let selection = &self.selection;
        let named = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
        let prefixes = named(&selection.tag_prefix_list);
        let patterns = named(&selection.tag_pattern_list);
        let tagged = selection.tag_status == TagStatus::Tagged;
        if tagged && prefixes == patterns {
            let message = "tagStatus tagged needs either a tagPrefixList or a tagPatternList";
            return Some(message.to_owned());
        }
        if !tagged && (selection.tag_prefix_list.is_some() || selection.tag_pattern_list.is_some())
        {
            let message = "tagPrefixList and tagPatternList are for tagStatus tagged alone";
            return Some(message.to_owned());
        }
        if selection.tag_pattern_list.iter().flatten().any(|p| p.matches('*').count() > 4) {
            return Some("a pattern has at most four wildcards".to_owned());
        }
        let counts = selection.count_type == CountType::ImageCountMoreThan;
        if counts != selection.count_unit.is_none() {
            let message = "countUnit is required where countType is an age, and only there";
            return Some(message.to_owned());
        }
        if selection.count_number == 0 {
            return Some("countNumber must be at least 1".to_owned());
        }
        if self.description.as_ref().is_some_and(|text| text.chars().count() > 256) {
            return Some("description has at most 256 characters".to_owned());
        }
        let transition = self.action.r#type == ActionType::Transition;
        match (&self.action.target_storage_class, transition) {
            (None, false) => None,
            (Some(class), true) if class == "archive" => None,
            _ => Some("targetStorageClass archive belongs to a transition".to_owned()),
        }
    }

    fn selects(&self, image: &Image) -> bool {
        let selection = &self.selection;
        let mut prefixes = selection.tag_prefix_list.iter().flatten();
        let mut patterns = selection.tag_pattern_list.iter().flatten();
        let any_tag = |wanted: &dyn Fn(&str) -> bool| image.tags.iter().any(|tag| wanted(tag));
        match selection.tag_status {
            TagStatus::Any => true,
            TagStatus::Untagged => image.tags.is_empty(),
            TagStatus::Tagged if selection.tag_prefix_list.is_some() => {
                prefixes.all(|prefix| any_tag(&|tag| tag.starts_with(prefix.as_str())))
            }
            TagStatus::Tagged => {
                patterns.all(|pattern| any_tag(&|tag| super::repository::matches(pattern, tag)))
            }
        }
    }
}

/// The images that expire, by digest, with the priority of the rule that says so. Each image
/// belongs to the first rule that selects it.
pub fn expiring(Rules { rules }: &Rules, images: &[&Image], now: Time) -> Vec<(String, u64)> {
    let mut rules = rules.iter().collect::<Vec<_>>();
    rules.sort_by_key(|rule| rule.rule_priority);
    let mut left = images.to_vec();
    left.sort_by_key(|image| std::cmp::Reverse(image.pushed));
    let mut expiring = Vec::new();
    for rule in rules {
        let (selected, rest) = left.into_iter().partition::<Vec<_>, _>(|image| rule.selects(image));
        left = rest;
        let number = rule.selection.count_number;
        let age = Span::minutes(number.saturating_mul(24 * 60));
        let old = selected.into_iter().enumerate().filter(|(place, image)| {
            match rule.selection.count_type {
                CountType::ImageCountMoreThan => u64::try_from(*place).is_ok_and(|p| p >= number),
                CountType::SinceImagePushed => image.pushed.until(now) > age,
                CountType::SinceImagePulled | CountType::SinceImageTransitioned => false,
            }
        });
        if rule.action.r#type == ActionType::Expire {
            expiring.extend(old.map(|(_, image)| (image.digest.clone(), rule.rule_priority)));
        }
    }
    expiring
}
