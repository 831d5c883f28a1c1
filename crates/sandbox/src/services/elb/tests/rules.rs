//! Rules.

use serde_json::{Value, json};

use super::{Elb, fixed, forward, text};

struct Scene {
    elb: Elb,
    listener: String,
    group: String,
}

fn scene() -> Scene {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let group = elb.target_group("web", "HTTP");
    let listener = elb.listener(&balancer, 80, &group);
    Scene { elb, listener, group }
}

impl Scene {
    fn rule(&self, priority: u32, conditions: Value) -> Value {
        json!({
            "ListenerArn": self.listener,
            "Priority": priority.to_string(),
            "Conditions": conditions,
            "Actions": fixed(),
        })
    }

    fn make(&mut self, priority: u32) -> String {
        let input = self.rule(priority, path("/x"));
        text(&self.elb.ask("CreateRule", input), "/Rules/0/RuleArn")
    }

    fn priorities(&mut self) -> Vec<String> {
        let all = self.elb.ask("DescribeRules", json!({ "ListenerArn": self.listener }));
        let all = all["Rules"].as_array().expect("a list");
        all.iter().map(|rule| text(rule, "/Priority")).collect()
    }
}

fn path(pattern: &str) -> Value {
    json!([{ "Field": "path-pattern", "Values": [pattern] }])
}

#[test]
fn conditions_have_rules() {
    let Scene { mut elb, listener, .. } = scene();
    let config = |field: &str, member: &str, values: Value| json!([{ "Field": field, member: { "Values": values } }]);
    let header = |name: &str| {
        let config = json!({ "HttpHeaderName": name, "Values": ["v"] });
        json!([{ "Field": "http-header", "HttpHeaderConfig": config }])
    };
    let two = json!([{ "Field": "path-pattern", "Values": ["/a"] },
                     { "Field": "path-pattern", "Values": ["/b"] }]);
    let foreign = json!([{ "Field": "path-pattern", "Values": ["/a"],
                           "SourceIpConfig": { "Values": ["10.0.0.0/8"] } }]);
    for conditions in [
        json!([]),
        json!([{ "Values": ["/x"] }]),
        json!([{ "Field": "cookie", "Values": ["x"] }]),
        json!([{ "Field": "path-pattern" }]),
        path(&"x".repeat(129)),
        path("/ä"),
        path("/*******"),
        json!([{ "Field": "path-pattern", "Values": ["1", "2", "3", "4", "5", "6"] }]),
        two,
        foreign,
        config("host-header", "HostHeaderConfig", json!(["localhost"])),
        config("host-header", "HostHeaderConfig", json!(["a.b1"])),
        config("http-request-method", "HttpRequestMethodConfig", json!(["get"])),
        config("source-ip", "SourceIpConfig", json!(["10.0.0.1"])),
        config("query-string", "QueryStringConfig", json!([{ "Key": "k" }])),
        header("Host"),
        header("a b"),
    ] {
        let input = json!({ "ListenerArn": listener, "Priority": "1", "Conditions": conditions,
                            "Actions": fixed() });
        assert_eq!(elb.refused("CreateRule", input), "ValidationError", "{conditions}");
    }
}

#[test]
fn both_forms_of_a_condition_are_read_back() {
    let mut scene = scene();
    let plain = scene.rule(1, path("/x"));
    let config = json!([{ "Field": "path-pattern", "PathPatternConfig": { "Values": ["/x"] } }]);
    let config = scene.rule(2, config);
    for input in [plain, config] {
        let made = scene.elb.ask("CreateRule", input);
        assert_eq!(text(&made, "/Rules/0/Conditions/0/Values/0"), "/x");
        assert_eq!(text(&made, "/Rules/0/Conditions/0/PathPatternConfig/Values/0"), "/x");
    }
}

#[test]
fn priorities_are_unique_and_can_be_swapped() {
    let mut scene = scene();
    let (first, second) = (scene.make(10), scene.make(20));
    let again = scene.rule(10, path("/y"));
    assert_eq!(scene.elb.refused("CreateRule", again), "PriorityInUse");
    assert_eq!(scene.priorities(), ["10", "20", "default"]);
    let set = |pairs: &[(&str, &str)]| {
        let pairs: Vec<Value> = pairs
            .iter()
            .map(|(arn, priority)| json!({ "RuleArn": arn, "Priority": priority }))
            .collect();
        json!({ "RulePriorities": pairs })
    };
    let code = scene.elb.refused("SetRulePriorities", set(&[(&first, "20")]));
    assert_eq!(code, "PriorityInUse");
    scene.elb.ask("SetRulePriorities", set(&[(&first, "20"), (&second, "10")]));
    let described = scene.elb.ask("DescribeRules", json!({ "RuleArns": [first] }));
    assert_eq!(text(&described, "/Rules/0/Priority"), "20");
    let twice = set(&[(&first, "1"), (&second, "1")]);
    assert_eq!(scene.elb.refused("SetRulePriorities", twice), "ValidationError");
}

#[test]
fn the_default_rule_belongs_to_its_listener() {
    let mut scene = scene();
    let all = scene.elb.ask("DescribeRules", json!({ "ListenerArn": scene.listener }));
    assert_eq!(all["Rules"][0]["IsDefault"], true);
    let default = text(&all, "/Rules/0/RuleArn");
    let delete = json!({ "RuleArn": default });
    assert_eq!(scene.elb.refused("DeleteRule", delete), "OperationNotPermitted");
    let modify = json!({ "RuleArn": default, "Actions": fixed() });
    assert_eq!(scene.elb.refused("ModifyRule", modify), "OperationNotPermitted");
    let set = json!({ "RulePriorities": [{ "RuleArn": default, "Priority": "1" }] });
    assert_eq!(scene.elb.refused("SetRulePriorities", set), "OperationNotPermitted");
    // The listener's actions are the rule's.
    let modify = json!({ "ListenerArn": scene.listener, "DefaultActions": fixed() });
    scene.elb.ask("ModifyListener", modify);
    let rule = scene.elb.ask("DescribeRules", json!({ "RuleArns": [default] }));
    assert_eq!(text(&rule, "/Rules/0/Actions/0/Type"), "fixed-response");
}

#[test]
fn a_rule_keeps_its_target_group() {
    let mut scene = scene();
    let api = scene.elb.target_group("api", "HTTP");
    let rule = scene.make(1);
    let modify = json!({ "RuleArn": rule, "Actions": forward(&api) });
    scene.elb.ask("ModifyRule", modify);
    let delete = json!({ "TargetGroupArn": api });
    assert_eq!(scene.elb.refused("DeleteTargetGroup", delete.clone()), "ResourceInUse");
    scene.elb.ask("DeleteRule", json!({ "RuleArn": rule }));
    assert_eq!(scene.elb.refused("DeleteRule", json!({ "RuleArn": rule })), "RuleNotFound");
    scene.elb.ask("DeleteTargetGroup", delete);
    assert_eq!(scene.priorities(), ["default"]);
    let used = json!({ "TargetGroupArn": scene.group });
    assert_eq!(scene.elb.refused("DeleteTargetGroup", used), "ResourceInUse");
}

#[test]
fn a_hundred_rules_are_enough() {
    let mut scene = scene();
    (1..=100).for_each(|priority| drop(scene.make(priority)));
    let one_more = scene.rule(101, path("/x"));
    assert_eq!(scene.elb.refused("CreateRule", one_more), "TooManyRules");
}
