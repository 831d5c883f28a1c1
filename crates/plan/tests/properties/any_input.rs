//! Input that no parser and no AWS would give: a plan or a refusal comes of it, never a panic.

use landfall_model::{
    Address, Declared, Lifecycle, Live, Owner, Path, Readiness, Reference, Stack, Tags,
};
use landfall_plan::{Goal, Observed, Target, plan};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::bounds::cases;
use crate::kinds::{FIELDS, any_rules};
use crate::wishes::STACK;

fn any_address() -> impl Strategy<Value = Address> {
    let kind = prop::sample::select(&["ant", "bee", "cat", "dog", "unknown", ""][..]);
    let name = prop::sample::select(&["x0", "x1", "", "a.b", "é"][..]);
    (kind, name).prop_map(|(kind, name)| Address::new(kind, name))
}

fn any_text() -> impl Strategy<Value = String> {
    let output = prop::sample::select(&["id", "rev", "late", "nothing"][..]);
    let token = (any_address(), output).prop_map(|(to, output)| Reference::resource(to, output));
    prop_oneof![
        3 => token.prop_map(|reference| reference.token()),
        2 => prop::sample::select(&["ant-1", "bee-1", "ant-1:1", "n0", "", "\u{1}", "\u{1}x\u{2}"][..])
            .prop_map(str::to_owned),
        1 => "\\PC{0,3}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => any_text().prop_map(Value::from),
        1 => (0..3).prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..3)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn any_spec() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        30 => prop::sample::select(&FIELDS[..]).prop_map(str::to_owned),
        1 => any_text(),
    ];
    let fields = prop::collection::vec((key, any_value()), 0..5);
    prop_oneof![
        20 => fields.prop_map(|fields| Value::Object(fields.into_iter().collect())),
        1 => any_value(),
    ]
}

fn any_lifecycle() -> impl Strategy<Value = Lifecycle> {
    let paths = prop::sample::select(&["size", "peers[0]", "tags", "tags.team", "", "label.a"][..]);
    let paths = prop::collection::vec(paths.prop_map(Path::parse), 0..2);
    let flag = || prop::bool::weighted(0.1);
    (paths, flag(), flag()).prop_map(|(ignore_changes, prevent_destroy, retain)| Lifecycle {
        ignore_changes,
        prevent_destroy,
        retain,
    })
}

fn any_stack() -> impl Strategy<Value = Stack> {
    let after = prop::collection::vec(any_address(), 0..2);
    let declared = (any_address(), any_spec(), after, any_lifecycle());
    prop::collection::vec(declared, 0..7).prop_map(|resources| {
        let resources = resources.into_iter().map(|(address, spec, depends_on, lifecycle)| {
            let tags = Tags::new();
            let declared = Declared { address: address.clone(), spec, tags, depends_on, lifecycle };
            (address, declared)
        });
        Stack { name: STACK.to_owned(), resources: resources.collect(), ..Stack::default() }
    })
}

fn any_live() -> impl Strategy<Value = Live> {
    let readiness = prop::sample::select(vec![
        Readiness::Ready,
        Readiness::Pending(String::new()),
        Readiness::Failed("broken".to_owned()),
        Readiness::Leaving(String::new()),
    ]);
    let generation = prop::sample::select(&[0, 1, 2, u32::MAX][..]);
    let words = prop::sample::select(&["", "retain", "prevent_destroy", "else"][..]);
    let owner = (prop::sample::select(&[STACK, "other"][..]), any_address(), generation, words);
    let outputs = prop::collection::vec((any_text(), any_value()), 0..2);
    let id = prop::sample::select(&["ant-1", "bee-1", ""][..]);
    (any_address(), id, any_spec(), outputs, prop::option::weighted(0.9, owner), readiness)
        .prop_map(|(kind, id, spec, more, owner, readiness)| {
            let mut outputs: Map<String, Value> = more.into_iter().collect();
            outputs.insert("id".to_owned(), json!(id));
            let mut tags = Tags::new();
            if let Some((stack, address, generation, word)) = owner {
                Owner { stack: stack.to_owned(), address, generation }.write(&mut tags);
                tags.insert(landfall_model::tags::LIFECYCLE.to_owned(), word.to_owned());
            }
            Live { kind: kind.kind, id: id.to_owned(), spec, outputs, tags, readiness }
        })
}

#[test]
fn no_input_makes_a_panic_or_a_ring() {
    let input = (any_rules(), any_stack(), prop::collection::vec(any_live(), 0..7));
    let result = TestRunner::new(cases(1000)).run(&input, |(rules, stack, live)| {
        let observed = Observed { target: Target::default(), live, lookups: Default::default() };
        for goal in [Goal::Converge, Goal::Destroy] {
            let Ok(plan) = plan(&stack, &observed, &rules.catalogue(), goal) else { continue };
            prop_assert!(plan.steps.in_order().is_some(), "a ring: {:?}", plan.steps);
            for change in &plan.changes {
                let stack = change.live.as_ref().and_then(Live::owner).map(|owner| owner.stack);
                prop_assert!(stack.is_none_or(|stack| stack == STACK), "a stranger: {change:?}");
            }
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
