use insta::assert_snapshot;

use crate::{Files, toy, wrong, wrong_resources};

#[test]
fn unknown_names() {
    assert_snapshot!(wrong_resources(
        "  ecs_servce: { a: {} }
  ecs_cluster: { main: {}, 9x: {}, other: { nme: x } }
  ecs_service:
    app:
      cluster: ecs_cluster.main
      desird_count: 2
      launch_type: fargat
      network: { subnet: [subnet-1] }
      action: { redirct: { port: 1 } }
      zzzzz: 1
      lifecycle: { ignore_change: [x], ignore_changes: [desired_cont] }
    empty:
"
    ));
}

#[test]
fn wrong_types() {
    assert_snapshot!(wrong_resources(
        "  ecs_cluster: { main: [] }
  ecs_service:
    app:
      cluster: ecs_cluster.main
      cpu: abc
      desired_count: \"2\"
      exec: yes
      network:
        subnets: subnet-1
        assign_public_ip: \"${ecs_cluster.main.arn}\"
      containers:
        - image: x
      name: [x]
      launch_type: { a: b }
      action: { redirect: { port: 70000 } }
      depends_on: ecs_cluster.main
      lifecycle: { prevent_destroy: maybe }
    b:
      cluster: { arn: x }
      cpu: 99999999999
      desired_count: -1
      action: [x]
    c: text
  security_group:
    g: { vpc: vpc-1, ingress: { port: 80 } }
    h: { vpc: vpc-1, ingress: [{ port: 65536 }, { port: 08 }, ] }
"
    ));
}

#[test]
fn references_to_nothing_or_the_wrong_thing() {
    assert_snapshot!(wrong(
        "stack: shop
lookup:
  vpc: { default: { default: true } }
  subnets: { default: { vpc: vpc.main } }
resources:
  vpc: { main: { cidr: 10.0.0.0/16 } }
  ecs_cluster: { main: {}, second: {} }
  security_group:
    a: { vpc: vpc.mian }
    b: { vpc: vpc.main.id }
    c: { vpc: ecs_cluster.main }
    d: { vpc: lookup.vpc.other }
    e: { vpc: lookup.subnets.default }
    f: { vpc: lookup.vcp.default }
    g: { vpc: lookup.vpc.default.id }
    h: { vpc: main }
    i: { vpc: vpcs.main }
    j: { vpc: \"${vpc.main.arn}\" }
    k: { vpc: \"${vpc.main}\" }
    l: { vpc: \"${lookup.vpc.default.ids}\" }
    m: { vpc: \"${aws:username}\" }
    n: { vpc: \"${lookup.vpc.default}\" }
    o: { vpc: lookup.vpc }
    p: { vpc: \"${vcp.main.id}\" }
  ecs_service:
    app:
      cluster: ecs_cluster.thrid
      role: ecs_cluster.main
      network: { subnets: [lookup.vpc.default, lookup.subnets.default, subnet.x] }
      depends_on: [vpc.none, ecs_service.app, lookup.vpc.default, vpc, foo.bar]
outputs:
  a: \"${vpc.none.id}\"
  b: \"${lookup.subnets.defualt.ids}\"
"
    ));
}

#[test]
fn a_list_where_one_is_wanted() {
    // No lookup of the toy catalogue yields several of what a single field takes, so make one.
    let mut catalogue = toy::catalogue();
    catalogue.lookups["vpc"].outputs = vec!["ids".to_owned()];
    let spec = "stack: s\nlookup: { vpc: { all: {} } }\nresources:\n  security_group:\n    a: { vpc: lookup.vpc.all }\n";
    let given = Default::default();
    let problems =
        landfall_spec::parse("spec.yaml", spec, &given, &catalogue, &landfall_spec::NoDocuments)
            .unwrap_err();
    assert_snapshot!(problems.render(false, 100));
}

#[test]
fn a_cycle_through_what_is_set_later() {
    let text = "  security_group:
    a: { vpc: vpc-1, ingress: [{ port: 1, group: security_group.b }] }
    b: { vpc: vpc-1, depends_on: [security_group.a] }
";
    assert_snapshot!(wrong_resources(text), @r"
    error: a cycle: security_group.b -> security_group.a -> security_group.b
     --> spec.yaml:5:22
      |
    5 |     b: { vpc: vpc-1, depends_on: [security_group.a] }
      |                      ^^^^^^^^^^
      |
      = help: each waits for the next; one of the references has to go

    1 error
    ");
}

#[test]
fn cycles() {
    assert_snapshot!(wrong(
        "stack: shop
lookup:
  vpc: { a: { id: \"${lookup.vpc.b.id}\" }, b: { id: \"${lookup.vpc.a.id}\" } }
resources:
  ecs_cluster:
    a: { name: \"${ecs_cluster.b.name}\" }
    b: { name: \"x-${ecs_cluster.c.name}\" }
    c: { depends_on: [ecs_cluster.a] }
    self: { name: \"${ecs_cluster.self.name}\" }
  security_group:
    x: { vpc: vpc-1, ingress: [{ port: 1, group: security_group.y }] }
    y: { vpc: vpc-1, ingress: [{ port: 1, group: security_group.x }] }
"
    ));
}

#[test]
fn what_the_kinds_say() {
    assert_snapshot!(wrong_resources(
        "  vpc:
    a: { cidr: 10.0.0.0 }
  iam_role:
    a:
      trust: { Statement: [{ Effect: Allow, Action: x }] }
      inline:
        good: { Statement: [] }
        bad: { Statement: [{ Effect: Allow, Actions: x }] }
    b: { trust: nonsense }
    c: { trust: '{\"Statement\": ' }
    d: { trust: { file: none.json } }
"
    ));
}

#[test]
fn what_the_kinds_say_together() {
    assert_snapshot!(wrong_resources(
        "  vpc:\n    a: { cidr: 10.0.0.0/16 }\n    b: { cidr: 10.0.0.0/16 }\n"
    ));
}

#[test]
fn the_same_identity() {
    assert_snapshot!(wrong_resources(
        "  security_group:
    a: { vpc: vpc-1, name: x }
    b: { vpc: vpc-1, name: x }
    c: { vpc: vpc-2, name: x }
  ecs_cluster:
    d_e: {}
    d-e: {}
"
    ));
}

#[test]
fn credentials_are_refused_and_never_shown() {
    let shown = wrong_resources(concat!(
        "  ecs_service:
    app:
      cluster: arn:x
      containers:
        app:
          image: x
          command: [--key, AKIA", "ABCDEFGHIJKLMNOP]
          environment: { DB_PASSWORD: hunter2, API_TOKEN: \"${stack}\", DB_SECRET: arn:aws:x, EMPTY_TOKEN: \"\" }
          secrets: { OTHER: 5, DB_PASSWORD: [x] }
          user: |
            -----BEGIN PRIVATE KEY-----
            hunter2
      cpu: AKIA", "ABCDEFGHIJKLMNOP
"
    ));
    assert!(!shown.contains("hunter2") && !shown.contains("ABCDEFGHIJKLMNOP"), "{shown}");
    assert_snapshot!(shown);
}

#[test]
fn bad_documents_are_shown_in_their_own_file() {
    let spec = "stack: s\nresources:\n  iam_role:\n    a: { trust: { file: a.yaml } }\n    b: { trust: { file: b.yaml } }\n    c: { trust: { file: c.json } }\n";
    let files = Files(
        [
            ("a.yaml", "Statement:\n  - Resource: ${vpc.none.id}\n"),
            ("b.yaml", ""),
            ("c.json", "{\"Statement\": [}"),
        ]
        .into(),
    );
    let given = Default::default();
    let problems =
        landfall_spec::parse("spec.yaml", spec, &given, &toy::catalogue(), &files).unwrap_err();
    assert_snapshot!(problems.render(false, 100));
}

#[test]
fn bad_tags() {
    assert_snapshot!(wrong_resources(
        "  ecs_cluster:
    a: { tags: [x] }
    b: { tags: { landfall:stack: x, AWS:y: z, n: [x], r: \"${vpc.main.id}\" } }
    c: { tags: x }
"
    ));
}

#[test]
fn bad_outputs() {
    assert_snapshot!(wrong(
        "stack: s\noutputs:\n  a:\n  b: { vale: x }\n  c: { value: x, descripton: y }\n  9: x\n"
    ));
}

#[test]
fn only_a_hundred_are_shown() {
    let mut body = "  ecs_cluster:\n".to_owned();
    for index in 0..1000 {
        body.push_str(&format!("    c{index}: {{ nme: x }}\n"));
    }
    let shown = wrong_resources(&body);
    assert_eq!(shown.matches("error: unknown field").count(), 100);
    assert!(shown.ends_with("1000 errors, the first 100 shown\n"));
}
