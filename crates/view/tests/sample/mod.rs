//! Plans to look at: made by hand where each form has to show, planned where steps matter.
#![allow(dead_code, clippy::unwrap_used)]

use indexmap::IndexMap;
use landfall_model::{
    Address, Await, Catalogue, Declared, Field, KindInfo, KindRules, Lifecycle, Live,
    LookupDeclared, Naming, Path, Readiness, Reference, Stack, Tags,
};
use landfall_plan::{
    Action, Because, Change, Delta, FieldChange, Goal, Observed, Plan, Steps, plan,
};
use landfall_view::{Header, Style};
use serde_json::{Value, json};

pub const NARROW: Style = Style { colour: false, width: 80, interactive: false };
pub const WIDE: Style = Style { colour: false, width: 160, interactive: false };
pub const COLOURED: Style = Style { colour: true, width: 80, interactive: true };

pub fn header() -> Header {
    Header {
        stack: "shop".to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some("http://127.0.0.1:5000".to_owned()),
    }
}

pub fn at(address: &str) -> Address {
    address.parse().unwrap()
}

/// A reference to a resource's output, as a token.
pub fn token(address: &str, output: &str) -> String {
    Reference::resource(at(address), output).token()
}

/// A reference to a lookup's output, as a token.
pub fn lookup(address: &str, output: &str) -> String {
    Reference::lookup(at(address), output).token()
}

pub fn owner_tags(address: &str, generation: u32) -> Tags {
    let mut tags = Tags::new();
    landfall_model::Owner { stack: "shop".to_owned(), address: at(address), generation }
        .write(&mut tags);
    tags
}

pub fn live(address: &str, id: &str, spec: Value) -> Live {
    Live {
        kind: at(address).kind,
        id: id.to_owned(),
        spec,
        outputs: [("id".to_owned(), json!(id))].into_iter().collect(),
        tags: owner_tags(address, 1),
        readiness: Readiness::Ready,
    }
}

pub fn change(address: &str, action: Action, because: Because) -> Change {
    Change {
        address: at(address),
        action,
        because,
        fields: Vec::new(),
        live: None,
        want: None,
        declared: None,
        tags: Tags::new(),
        generation: 1,
        lifecycle: Lifecycle::default(),
        interruption: None,
    }
}

pub fn create(address: &str, declared: Value, defaults: Value) -> Change {
    let mut want = defaults;
    for (key, value) in declared.as_object().unwrap() {
        want.as_object_mut().unwrap().insert(key.clone(), value.clone());
    }
    let mut tags = owner_tags(address, 1);
    tags.insert("Environment".to_owned(), "production".to_owned());
    Change {
        want: Some(want),
        declared: Some(declared),
        tags,
        ..change(address, Action::Create, Because::Missing)
    }
}

pub fn update(address: &str, fields: Vec<FieldChange>) -> Change {
    Change { fields, ..change(address, Action::Update, Because::Differs) }
}

pub fn keep(address: &str, id: &str) -> Change {
    Change {
        live: Some(live(address, id, json!({}))),
        ..change(address, Action::Keep, Because::Equal)
    }
}

pub fn remove(address: &str, id: &str, because: Because) -> Change {
    Change { live: Some(live(address, id, json!({}))), ..change(address, Action::Delete, because) }
}

pub fn value(path: &str, before: Value, after: Value) -> FieldChange {
    let some = |value: Value| (!value.is_null()).then_some(value);
    FieldChange {
        path: Path::parse(path),
        delta: Delta::Value { before: some(before), after: some(after) },
        document: false,
        forces_replacement: false,
    }
}

pub fn elements(path: &str, removed: Value, added: Value) -> FieldChange {
    let list = |value: Value| value.as_array().unwrap().clone();
    FieldChange {
        delta: Delta::Elements { removed: list(removed), added: list(added) },
        ..value(path, Value::Null, Value::Null)
    }
}

pub fn document(path: &str, before: Value, after: Value) -> FieldChange {
    FieldChange { document: true, ..value(path, before, after) }
}

pub fn forcing(field: FieldChange) -> FieldChange {
    FieldChange { forces_replacement: true, ..field }
}

pub fn of(changes: Vec<Change>) -> Plan {
    Plan { stack: "shop".to_owned(), changes, steps: Steps::default(), secrets: Default::default() }
}

// A small world in which the planner itself plans, for steps.

fn rules(
    name: &'static str,
    service: &'static str,
    fields: &'static [Field],
    await_ready: Await,
) -> KindRules {
    KindRules {
        fields,
        await_ready,
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 32,
            underscores: false,
            lower_case: false,
            stable: false,
        }),
        ..KindRules::new(name, service, "")
    }
}

pub fn catalogue() -> Catalogue {
    const NAME: Field = Field::immutable("name").identity();
    let all = [
        rules("vpc", "ec2", const { &[NAME, Field::immutable("cidr")] }, Await::Nothing),
        rules(
            "security_group",
            "ec2",
            const { &[NAME, Field::immutable("vpc"), Field::mutable("ingress").after_create()] },
            Await::Nothing,
        ),
        rules(
            "load_balancer",
            "elasticloadbalancing",
            const { &[NAME, Field::immutable("scheme"), Field::mutable("security_groups")] },
            Await::Kept,
        ),
        rules(
            "listener",
            "elasticloadbalancing",
            const { &[NAME, Field::immutable("load_balancer"), Field::mutable("port")] },
            Await::Nothing,
        ),
        rules(
            "ecs_service",
            "ecs",
            const { &[NAME, Field::mutable("listener"), Field::mutable("desired_count")] },
            Await::Kept,
        ),
        rules(
            "log_group",
            "logs",
            const { &[NAME, Field::mutable("retention_days")] },
            Await::Nothing,
        ),
    ];
    let info = |rules: KindRules| KindInfo {
        rules,
        schema: json!({}),
        outputs: vec!["id".to_owned()],
        canonical: |value| Ok(value.clone()),
        check: |_| Vec::new(),
    };
    Catalogue {
        kinds: all.into_iter().map(|rules| (rules.name, info(rules))).collect(),
        ..Catalogue::default()
    }
}

pub fn stack() -> Stack {
    let resource = |address: &str, spec: Value, depends_on: &[&str]| {
        let declared = Declared {
            address: at(address),
            spec,
            tags: Tags::new(),
            depends_on: depends_on.iter().map(|address| at(address)).collect(),
            lifecycle: Lifecycle::default(),
        };
        (at(address), declared)
    };
    let default_vpc = at("vpc.default");
    Stack {
        name: "shop".to_owned(),
        lookups: IndexMap::from([
            (
                default_vpc.clone(),
                LookupDeclared { address: default_vpc, spec: json!({"default": true}) },
            ),
            (
                at("subnets.default"),
                LookupDeclared {
                    address: at("subnets.default"),
                    spec: json!({"vpc": lookup("vpc.default", "id")}),
                },
            ),
        ]),
        resources: [
            resource(
                "security_group.alb",
                json!({
                    "vpc": lookup("vpc.default", "id"),
                    "ingress": [{"port": 80, "cidr": "0.0.0.0/0"}],
                }),
                &[],
            ),
            resource(
                "load_balancer.main",
                json!({
                    "scheme": "internet_facing",
                    "security_groups": [token("security_group.alb", "id")],
                }),
                &[],
            ),
            resource(
                "listener.http",
                json!({
                    "load_balancer": token("load_balancer.main", "id"),
                    "port": 80,
                }),
                &[],
            ),
            resource(
                "ecs_service.app",
                json!({
                    "listener": token("listener.http", "id"),
                    "desired_count": 2,
                }),
                &["log_group.app"],
            ),
            resource("log_group.app", json!({"retention_days": 30}), &[]),
        ]
        .into_iter()
        .collect(),
        ..Stack::default()
    }
}

pub fn observed(live: Vec<Live>) -> Observed {
    Observed {
        live,
        lookups: IndexMap::from([(
            at("vpc.default"),
            [("id".to_owned(), json!("vpc-0abc"))].into_iter().collect(),
        )]),
        ..Observed::default()
    }
}

/// The stack from nothing.
pub fn from_nothing() -> Plan {
    plan(&stack(), &observed(Vec::new()), &catalogue(), Goal::Converge).unwrap()
}

/// What the stack has once it was applied.
pub fn everything() -> Vec<Live> {
    let named = |address: &str, id: &str, mut spec: Value| {
        spec["name"] = json!(format!("shop-{}", at(address).name));
        live(address, id, spec)
    };
    vec![
        named(
            "security_group.alb",
            "sg-1",
            json!({
                "vpc": "vpc-0abc", "ingress": [{"port": 80, "cidr": "0.0.0.0/0"}],
            }),
        ),
        named(
            "load_balancer.main",
            "lb-1",
            json!({
                "scheme": "internet_facing", "security_groups": ["sg-1"],
            }),
        ),
        named("listener.http", "listener-1", json!({"load_balancer": "lb-1", "port": 80})),
        named(
            "ecs_service.app",
            "arn:aws:ecs:us-east-1:123456789012:service/shop/app",
            json!({
                "listener": "listener-1", "desired_count": 2,
            }),
        ),
        named("log_group.app", "/ecs/shop-app", json!({"retention_days": 30})),
    ]
}

/// The stack on its way down.
pub fn destroy() -> Plan {
    plan(&stack(), &observed(everything()), &catalogue(), Goal::Destroy).unwrap()
}
