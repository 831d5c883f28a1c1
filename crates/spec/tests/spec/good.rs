use indexmap::IndexMap;
use landfall_model::{Address, Path, Reference};
use landfall_spec::{Given, NoDocuments};
use serde_json::json;

use crate::{Files, read, toy};

pub const SPEC: &str = r#"
stack: "shop-${var.environment}"
account: 012345678901
variables:
  environment: production
  count: 2
  image_tag: { default: latest, description: Tag of the image }
tags: { Environment: "${var.environment}", Stack: "${stack}" }
lookup:
  vpc:
    default: { default: true }
  subnets:
    default: { vpc: lookup.vpc.default }
resources:
  security_group:
    alb:
      vpc: lookup.vpc.default
      ingress: [{ port: 80, cidr: 0.0.0.0/0 }, { port: 81, group: security_group.tasks }]
    tasks:
      vpc: vpc-0123
      ingress: [{ port: 8080, group: security_group.alb }]
      description: 1.0
  ecs_cluster:
    main:
  iam_role:
    task:
      trust:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: "*"
            Resource: "arn:${partition}:s3:::$${aws:username}/${account}"
            Condition: { Bool: { "aws:SecureTransport": false } }
  ecs_service:
    app:
      cluster: ecs_cluster.main
      launch_type: fargate
      desired_count: "${var.count}"
      cpu:
      network: { subnets: lookup.subnets.default, security_groups: [security_group.tasks, sg-1] }
      containers:
        app:
          image: "${ecs_cluster.main.arn}:${var.image_tag}"
          environment: { PORT: 8080, DEBUG: no, RATIO: 1.0, SECRET: "${iam_role.task.arn}" }
      role: my.role
      action: { redirect: { port: 443 } }
      tags: { Environment: other }
      depends_on: [iam_role.task]
      lifecycle: { ignore_changes: [desired_count, tags.X], retain: true }
outputs:
  cluster: ${ecs_cluster.main.arn}
  zone: { value: "${region}", description: Where it runs }
"#;

#[test]
fn a_spec_becomes_a_stack() {
    let loaded = read(SPEC).unwrap_or_else(|problems| panic!("{problems}"));
    insta::assert_debug_snapshot!(loaded.stack);
    assert_eq!(loaded.warnings, []);
}

#[test]
fn the_source_knows_where_everything_stands() {
    let source = read(SPEC).unwrap().source;
    let at = |address: &str, path: &str| {
        let address: Address = address.parse().unwrap();
        source.locate(&address, &Path::parse(path)).unwrap().to_string()
    };
    let places = [
        at("security_group.alb", "ingress[1].group"),
        at("security_group.alb", "ingress[1].cidr"),
        at("ecs_service.app", "containers.app.image"),
        at("ecs_service.app", "exec"),
        at("ecs_service.app", "network"),
    ];
    insta::assert_debug_snapshot!(places);
    assert!(source.locate(&Address::new("ecs_service", "other"), &Path::default()).is_none());
    let subnets = Address::new("subnets", "default");
    assert_eq!(source.locate_lookup(&subnets).unwrap().line, 13);
    assert_eq!(source.locate_output("zone").unwrap().line, 52);
}

fn given(vars: &[(&str, &str)], files: &[(&str, &str)], env: &[(&str, &str)]) -> Given {
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    Given {
        vars: own(vars).into_iter().collect::<IndexMap<_, _>>(),
        var_files: own(files),
        env: own(env),
    }
}

#[test]
fn the_nearest_value_of_a_variable_wins() {
    let spec = "{stack: s, variables: {x: default}, outputs: {x: \"${var.x}\"}}";
    let value = |given: &Given| {
        let catalogue = toy::catalogue();
        let loaded = landfall_spec::parse("s", spec, given, &catalogue, &NoDocuments).unwrap();
        loaded.stack.outputs["x"].value.clone()
    };
    let env = [("LANDFALL_VAR_x", "env"), ("LANDFALL_VAR_unknown", "1"), ("PATH", "/")];
    let files = [("a.yaml", "x: first"), ("b.yaml", "x: second")];
    assert_eq!(value(&given(&[], &[], &[])), json!("default"));
    assert_eq!(value(&given(&[], &[], &env)), json!("env"));
    assert_eq!(value(&given(&[], &files, &env)), json!("second"));
    assert_eq!(value(&given(&[("x", "flag")], &files, &env)), json!("flag"));
}

#[test]
fn a_variable_keeps_its_type() {
    let spec = "
stack: s
variables:
  plain: 1
  quoted: '1'
  typed: { type: boolean }
  other: x${var.plain}
outputs: { all: ['${var.plain}', '${var.quoted}', '${var.typed}', 'a${var.plain}', '${var.other}'] }
";
    let given = given(&[("quoted", "2"), ("typed", "true")], &[], &[]);
    let loaded = landfall_spec::parse("s", spec, &given, &toy::catalogue(), &NoDocuments).unwrap();
    assert_eq!(loaded.stack.outputs["all"].value, json!([1, "2", true, "a1", "x1"]));
}

#[test]
fn documents_come_as_maps_texts_and_files() {
    let spec = r#"
stack: s
resources:
  iam_role:
    map: { trust: { Statement: [{ Effect: Allow, Action: "${stack}:*" }] } }
    text: { trust: '{"Statement": [{"Effect": "Allow", "Action": "${stack}:*"}]}' }
    json: { trust: { file: trust.json } }
    yaml: { trust: { file: "${stack}/trust.yaml" } }
"#;
    let files = Files(
        [
            (
                "trust.json",
                "{\n\t\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"${stack}:*\"}]}",
            ),
            ("s/trust.yaml", "Statement:\n- Effect: Allow\n  Action: ${stack}:*\n"),
        ]
        .into(),
    );
    let loaded =
        landfall_spec::parse("s", spec, &Given::default(), &toy::catalogue(), &files).unwrap();
    for declared in loaded.stack.resources.values() {
        let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "s:*" }] });
        assert_eq!(declared.spec, json!({ "trust": trust }), "{}", declared.address);
    }
}

#[test]
fn anchors_and_merge_keys_work() {
    let spec = "
stack: s
resources:
  vpc:
    a: &base { cidr: 10.0.0.0/16, name: a }
    b: { <<: *base, cidr: 10.1.0.0/16 }
  ecs_cluster:
    c: { name: &name text }
    d: { name: '${stack}' }
  ecs_service:
    s: { cluster: ecs_cluster.c, containers: { x: { image: *name } } }
";
    let stack = read(spec).unwrap_or_else(|problems| panic!("{problems}")).stack;
    let spec = |kind: &str, name: &str| stack.resources[&Address::new(kind, name)].spec.clone();
    assert_eq!(spec("vpc", "b"), json!({ "cidr": "10.1.0.0/16", "name": "a" }));
    assert_eq!(spec("ecs_service", "s")["containers"]["x"]["image"], json!("text"));
}

#[test]
fn references_are_tokens_of_the_output_that_the_field_needs() {
    let stack = read(SPEC).unwrap().stack;
    let service = &stack.resources[&Address::new("ecs_service", "app")];
    let cluster = Address::new("ecs_cluster", "main");
    assert_eq!(service.references("cluster"), [Reference::resource(cluster, "arn")]);
    let subnets = Address::new("subnets", "default");
    assert_eq!(service.references("network")[0], Reference::lookup(subnets, "ids"));
}

#[test]
fn an_output_without_its_dollar_is_worth_a_warning() {
    let spec = "{stack: s, resources: {ecs_cluster: {main: }}, outputs: {a: ecs_cluster.main.arn}}";
    let loaded = read(spec).unwrap();
    insta::assert_snapshot!(loaded.source.render_all(&loaded.warnings, false, 100));
}

#[test]
fn a_warning_about_a_sorted_list_points_at_the_right_element() {
    let spec = "stack: s
resources:
  security_group:
    a:
      vpc: vpc-1
      ingress: [{ port: 443, cidr: 0.0.0.0/0 }, { port: 22, cidr: 0.0.0.0/0 }, { port: 1, cidr: 10.0.0.0/8 }]
";
    let loaded = read(spec).unwrap();
    insta::assert_snapshot!(loaded.source.render_all(&loaded.warnings, false, 100));
}

#[test]
fn the_schema_covers_the_whole_spec() {
    let schema = landfall_spec::schema(&toy::catalogue());
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema).unwrap());
}

#[test]
fn a_fleet_is_read_in_no_time() {
    let mut spec = "stack: s\nresources:\n  ecs_cluster:\n    main:\n  ecs_service:\n".to_owned();
    for index in 0..5000 {
        spec.push_str(&format!(
            "    s{index}:\n      cluster: ecs_cluster.main\n      containers:\n        app: {{ image: 'x:${{stack}}', environment: {{ A: '1', B: '2' }} }}\n",
        ));
    }
    let started = std::time::Instant::now();
    assert_eq!(read(&spec).unwrap().stack.resources.len(), 5001);
    // Seconds without optimisation; this only guards against something quadratic.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
