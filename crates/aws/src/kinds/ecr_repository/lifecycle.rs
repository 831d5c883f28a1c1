//! ECR's lifecycle policies
//! (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html>).

use landfall_model::Finding;
use landfall_model::types::{Document, Form};
use serde_json::{Map, Value, json};

/// The canonical form of lifecycle policies: rules by priority, `expire` where no action is named.
#[derive(Debug)]
pub enum LifecyclePolicy {}

impl Form for LifecyclePolicy {
    const NAME: &'static str = "lifecycle policy";

    fn canonical(mut document: Value) -> Result<Value, String> {
        let Some(rules) = document.get_mut("rules").and_then(Value::as_array_mut) else {
            return Err("a lifecycle policy is a map with `rules`".to_owned());
        };
        for rule in rules.iter_mut() {
            *rule = canonical_rule(rule)?;
        }
        rules.sort_by_key(|rule| rule["rulePriority"].as_u64());
        Ok(document)
    }
}

/// The order in which people write a rule's keys.
const RULE: [&str; 4] = ["rulePriority", "description", "selection", "action"];
const SELECTION: [&str; 7] = [
    "tagStatus",
    "tagPrefixList",
    "tagPatternList",
    "storageClass",
    "countType",
    "countUnit",
    "countNumber",
];

fn canonical_rule(rule: &Value) -> Result<Value, String> {
    let number = rule.get("rulePriority").and_then(Value::as_u64);
    let Some(rule) = rule.as_object().filter(|_| number.is_some()) else {
        return Err("a rule of a lifecycle policy needs a `rulePriority`".to_owned());
    };
    let mut rule = ordered(rule, &RULE);
    rule.entry("action").or_insert_with(|| json!({ "type": "expire" }));
    if let Some(Value::Object(selection)) = rule.get_mut("selection") {
        *selection = ordered(selection, &SELECTION);
        for list in ["tagPrefixList", "tagPatternList"] {
            match selection.get_mut(list) {
                Some(Value::Array(items)) if items.is_empty() => {
                    selection.shift_remove(list);
                }
                Some(Value::Array(items)) => items.sort_by_key(Value::to_string),
                _ => {}
            }
        }
    }
    if let Some(Value::Object(action)) = rule.get_mut("action") {
        action.sort_keys();
    }
    Ok(Value::Object(rule))
}

/// The map with its keys in the given order, and any other behind them.
fn ordered(map: &Map<String, Value>, order: &[&str]) -> Map<String, Value> {
    let place = |key: &str| order.iter().position(|known| *known == key).unwrap_or(order.len());
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    entries.sort_by_key(|(key, _)| (place(key), *key));
    entries.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// What is wrong with a lifecycle policy.
pub(super) fn check(policy: &Document<LifecyclePolicy>) -> Option<Finding> {
    let at = "lifecycle_policy";
    if let Some(key) = policy.value().as_object()?.keys().find(|key| *key != "rules") {
        return Some(Finding::field(at, format!("a lifecycle policy has `rules`, but no `{key}`")));
    }
    let rules = policy.value().get("rules").and_then(Value::as_array)?;
    let mut priorities = rules.iter().filter_map(|rule| rule["rulePriority"].as_u64());
    let mut before = priorities.next()?;
    let twice = priorities.find(|priority| std::mem::replace(&mut before, *priority) == *priority);
    if let Some(priority) = twice {
        return Some(Finding::field(at, format!("two rules have the `rulePriority` {priority}")));
    }
    let unknown = rules.iter().filter_map(Value::as_object).find_map(|rule| {
        let odd = rule.keys().find(|key| !RULE.contains(&key.as_str()));
        let selection = rule.get("selection").and_then(Value::as_object);
        odd.or_else(|| selection?.keys().find(|key| !SELECTION.contains(&key.as_str())))
    });
    unknown.map(|key| Finding::field(at, format!("a rule of a lifecycle policy has no `{key}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle(document: Value) -> Document<LifecyclePolicy> {
        Document::new(document).expect("a lifecycle policy")
    }

    #[test]
    fn lifecycle_policies_that_mean_the_same_are_equal() {
        let untagged = json!({
            "selection": { "countNumber": 1, "countType": "imageCountMoreThan",
                           "tagStatus": "untagged", "tagPrefixList": [] },
            "rulePriority": 2,
        });
        let tagged = |list: Value| {
            json!({
                "rulePriority": 1,
                "description": "old ones",
                "selection": { "tagStatus": "tagged", "tagPatternList": list,
                               "countType": "sinceImagePushed", "countUnit": "days",
                               "countNumber": 14 },
                "action": { "type": "expire" },
            })
        };
        let written = lifecycle(json!({ "rules": [untagged, tagged(json!(["b*", "a*"]))] }));
        let mut explicit = untagged.clone();
        explicit["action"] = json!({ "type": "expire" });
        explicit["selection"].as_object_mut().expect("a map").shift_remove("tagPrefixList");
        let stored = lifecycle(json!({ "rules": [tagged(json!(["a*", "b*"])), explicit] }));
        assert_eq!(written, stored);
        assert_eq!(written.to_json(), stored.to_json());
    }

    #[test]
    fn faults_of_lifecycle_policies_are_found() {
        let fault = |rules: Value| check(&lifecycle(json!({ "rules": rules })));
        assert!(fault(json!([{ "rulePriority": 1 }, { "rulePriority": 2 }])).is_none());
        assert!(fault(json!([{ "rulePriority": 1 }, { "rulePriority": 1 }])).is_some());
        assert!(fault(json!([{ "rulePriority": 1, "select": {} }])).is_some());
    }
}
