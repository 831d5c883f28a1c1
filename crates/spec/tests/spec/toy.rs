//! A small catalogue, in the manner of the real one.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use landfall_model::catalogue::Declaration;
use landfall_model::types::{Policy, Ref, Set, Target};
use landfall_model::{
    Address, Catalogue, Field, Finding, KindInfo, KindRules, LookupInfo, Naming, Path, Place,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! target {
    ($name:ident, $kind:literal, $output:literal, $literal:literal) => {
        pub struct $name;
        impl Target for $name {
            const KIND: &'static str = $kind;
            const OUTPUT: &'static str = $output;
            const LITERAL: &'static str = $literal;
        }
    };
}
target!(VpcId, "vpc", "id", "vpc-");
target!(SubnetId, "subnet", "id", "subnet-");
target!(GroupId, "security_group", "id", "sg-");
target!(ClusterArn, "ecs_cluster", "arn", "arn:");
target!(RoleName, "iam_role", "name", "");

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Vpc {
    cidr: String,
    name: Option<String>,
}

/// A rule of a security group.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule {
    port: u16,
    cidr: Option<String>,
    group: Option<Ref<GroupId>>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecurityGroup {
    name: Option<String>,
    vpc: Ref<VpcId>,
    #[serde(default)]
    ingress: Set<Rule>,
    description: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cluster {
    #[serde(default)]
    name: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum LaunchType {
    /// No servers to care for.
    Fargate,
    Ec2,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Network {
    subnets: Set<Ref<SubnetId>>,
    security_groups: Option<Vec<Ref<GroupId>>>,
    #[serde(default)]
    assign_public_ip: bool,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Action {
    Forward { group: String },
    Redirect { port: u16 },
    Nothing,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Container {
    image: String,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    user: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Service {
    name: Option<String>,
    cluster: Ref<ClusterArn>,
    launch_type: Option<LaunchType>,
    desired_count: Option<u32>,
    cpu: Option<i32>,
    #[serde(default)]
    exec: bool,
    network: Option<Network>,
    #[serde(default)]
    containers: BTreeMap<String, Container>,
    action: Option<Action>,
    role: Option<Ref<RoleName>>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Role {
    name: Option<String>,
    trust: Policy,
    #[serde(default)]
    inline: BTreeMap<String, Policy>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VpcQuestion {
    id: Option<String>,
    default: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SubnetsQuestion {
    vpc: Option<Ref<VpcId>>,
    tags: Option<BTreeMap<String, String>>,
}

fn canonical<T: Serialize + DeserializeOwned>(value: &Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

fn schema_of<T: JsonSchema>() -> Value {
    serde_json::to_value(schemars::schema_for!(T)).unwrap()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn kind<T: JsonSchema + Serialize + DeserializeOwned>(
    rules: KindRules,
    outputs: &[&str],
) -> KindInfo {
    KindInfo {
        rules,
        schema: schema_of::<T>(),
        outputs: words(outputs),
        canonical: canonical::<T>,
        check: |_| Vec::new(),
    }
}

fn naming() -> Option<Naming> {
    Some(Naming {
        field: "name",
        prefix: "",
        max: 64,
        underscores: false,
        lower_case: false,
        stable: false,
    })
}

fn check_vpc(spec: &Value) -> Vec<Finding> {
    let cidr = spec["cidr"].as_str().unwrap_or("");
    match cidr.contains('/') {
        true => Vec::new(),
        false => vec![Finding::field("cidr", format!("`{cidr}` is not a CIDR"))],
    }
}

fn check_group(spec: &Value) -> Vec<Finding> {
    let rules = spec["ingress"].as_array().unwrap().iter().enumerate();
    let open = rules.filter(|(_, rule)| rule["port"] == 22 && rule["cidr"] == "0.0.0.0/0");
    open.map(|(index, _)| {
        Finding::field(&format!("ingress[{index}].port"), "open to all the world").warning()
    })
    .collect()
}

fn one_vpc_per_cidr(declared: &[Declaration<'_>]) -> Vec<Finding> {
    let vpcs: Vec<_> = declared.iter().filter(|each| each.address.kind == "vpc").collect();
    let mut found = Vec::new();
    for (index, vpc) in vpcs.iter().enumerate() {
        if vpcs[..index].iter().any(|other| other.spec["cidr"] == vpc.spec["cidr"]) {
            let place = Place::Field(Address::clone(vpc.address), Path::field("cidr"));
            found.push(Finding::error(place, "overlaps another vpc"));
        }
    }
    found
}

pub fn catalogue() -> Catalogue {
    let mut vpc = kind::<Vpc>(
        KindRules {
            fields: const { &[Field::immutable("cidr"), Field::mutable("name")] },
            ..KindRules::new("vpc", "ec2", "ec2:vpc")
        },
        &["id"],
    );
    vpc.check = check_vpc;
    let mut group = kind::<SecurityGroup>(
        KindRules {
            fields: const {
                &[
                    Field::immutable("name").identity(),
                    Field::immutable("vpc").identity(),
                    Field::mutable("ingress").after_create(),
                    Field::immutable("description"),
                ]
            },
            naming: naming(),
            ..KindRules::new("security_group", "ec2", "ec2:security-group")
        },
        &["id"],
    );
    group.check = check_group;
    let kinds = [
        vpc,
        group,
        kind::<Cluster>(
            KindRules {
                fields: const { &[Field::immutable("name").identity()] },
                naming: naming(),
                ..KindRules::new("ecs_cluster", "ecs", "ecs:cluster")
            },
            &["arn", "name"],
        ),
        kind::<Service>(
            KindRules {
                fields: const {
                    &[
                        Field::immutable("name"),
                        Field::immutable("cluster"),
                        Field::immutable("launch_type"),
                        Field::mutable("desired_count").unmanaged_if_absent(),
                        Field::mutable("cpu"),
                        Field::mutable("exec"),
                        Field::mutable("network"),
                        Field::mutable("containers"),
                        Field::mutable("action"),
                        Field::mutable("role"),
                    ]
                },
                naming: naming(),
                ..KindRules::new("ecs_service", "ecs", "ecs:service")
            },
            &["arn", "name"],
        ),
        kind::<Role>(
            KindRules {
                fields: const {
                    &[
                        Field::immutable("name").identity(),
                        Field::mutable("trust").document(),
                        Field::mutable("inline"),
                    ]
                },
                naming: naming(),
                ..KindRules::new("iam_role", "iam", "iam:role")
            },
            &["arn", "name"],
        ),
    ];
    let lookups = [
        LookupInfo {
            name: "vpc",
            yields: "vpc",
            schema: schema_of::<VpcQuestion>(),
            outputs: words(&["id", "cidr"]),
        },
        LookupInfo {
            name: "subnets",
            yields: "subnet",
            schema: schema_of::<SubnetsQuestion>(),
            outputs: words(&["ids"]),
        },
    ];
    Catalogue {
        kinds: kinds.into_iter().map(|kind| (kind.rules.name, kind)).collect::<IndexMap<_, _>>(),
        lookups: lookups.into_iter().map(|lookup| (lookup.name, lookup)).collect(),
        together: vec![one_vpc_per_cidr],
    }
}
