//! Whatever AWS answers, a plan can be shown, and nothing in it steers the terminal.

mod sample;

use landfall_view::{Receipt, Style, plan_json, plan_text};
use proptest::prelude::*;
use sample::*;
use serde_json::Value;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,40}",
        "[\\u{0}-\\u{20}a-c\\u{7f}-\\u{9f}\\u{202e}]{0,12}",
        Just(format!("http://{}:80", token("load_balancer.main", "dns_name"))),
        Just(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}"#.to_owned()),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_plan_can_be_shown(
        before in any_value(),
        after in any_value(),
        items in prop::collection::vec(any_value(), 0..4),
        is_document: bool,
        width in 0usize..200,
    ) {
        let mut field = value("policy.inner", before.clone(), after.clone());
        field.document = is_document;
        let all = serde_json::json!({"spec": after.clone(), "more": items.clone()});
        let plan = of(vec![
            create("iam_role.task", all, before.clone().as_object().cloned().unwrap_or_default().into()),
            update("iam_policy.task", vec![field, elements("list", items.clone().into(), vec![before].into())]),
        ]);
        let text = plan_text::render(&plan, &header(), &Style { width, ..NARROW });
        let hostile = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        prop_assert!(!text.contains(hostile), "{text:?}");
        prop_assert!(text.lines().all(|line| line.trim_end() == line), "{text:?}");
        plan_json::document(&plan, &header(), &Receipt::default());
    }
}
