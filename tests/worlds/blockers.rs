//! Destroying a stack that others hold on to: they are named and left alone, the rest goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use landfall_apply::{Limits, Stop};
use landfall_aws::AwsCloud;
use landfall_model::{Going, Stack};
use landfall_plan::{Cause, Census, Event, Goal, Outcome};
use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::world::{Delays, World};
use landfall_tests::simulated::{self, in_virtual_time, somebody};
use landfall_tests::stack;
use serde_json::{Value, json};

/// Things of sorts that others can hold on to.
const HELD: &str = r#"
stack: held
region: us-east-1
lookup:
  vpc:
    default: { default: true }
resources:
  vpc:
    main: { cidr: 10.0.0.0/16 }
  subnet:
    a: { vpc: vpc.main, cidr: 10.0.0.0/24, availability_zone: us-east-1a }
    b: { vpc: vpc.main, cidr: 10.0.1.0/24, availability_zone: us-east-1b }
  security_group:
    web: { vpc: vpc.main }
    api: { vpc: vpc.main }
    free: { vpc: vpc.main }
  target_group:
    web: { port: 80, vpc: lookup.vpc.default, target_type: ip }
  ecs_cluster:
    main: {}
  iam_policy:
    read:
      policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] }
  log_group:
    app: {}
"#;

fn new_sandbox() -> Arc<Sandbox> {
    Arc::new(Sandbox::new(World::new(1, Delays::AsOnAws).accustomed(), 1.0))
}

/// What came of a destroy.
struct Destroyed {
    outcome: Outcome,
    census: Census,
    events: Vec<Event>,
    took: Duration,
}

async fn destroy(stack: &Stack, cloud: &Arc<AwsCloud>) -> Destroyed {
    let start = tokio::time::Instant::now();
    let (plan, observed) = stack::plan(stack, cloud, Goal::Destroy).await.unwrap();
    let (_stop, run) = tokio::sync::watch::channel(Stop::Run);
    let mut events = Vec::new();
    let mut note = |event| events.push(event);
    let limits = Limits::default();
    let outcome =
        landfall_apply::apply(&plan, &observed, cloud.clone(), limits, &mut note, run).await;
    let took = start.elapsed();
    let census = landfall_apply::census(&plan, &outcome, cloud.as_ref()).await;
    Destroyed { outcome, census, events, took }
}

/// The ids of the stack's things, by address.
async fn ids(stack: &Stack, cloud: &AwsCloud) -> BTreeMap<String, String> {
    let (plan, _) = stack::plan(stack, cloud, Goal::Destroy).await.unwrap();
    let lives = plan.changes.into_iter().filter_map(|change| Some((change.address, change.live?)));
    lives.map(|(address, live)| (address.to_string(), live.id)).collect()
}

fn text(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("{at}: {value}")).to_owned()
}

/// What somebody else holds the stack's things by.
struct Theirs {
    interface: String,
    group: String,
    balancer: String,
}

/// Somebody puts an interface into a subnet and a group, names another group in a rule, sends a
/// listener to the target group, makes a service in the cluster and attaches the policy.
fn hold(sandbox: &Sandbox, ids: &BTreeMap<String, String>) -> Theirs {
    let ask = |service, operation: &str, input| somebody(sandbox, service, operation, input);
    let made = json!({
        "SubnetId": ids["subnet.a"], "SecurityGroupId": [ids["security_group.web"]],
        "Description": "a colleague's",
    });
    let made = ask("ec2", "CreateNetworkInterface", made);
    let interface = text(&made, "/networkInterface/networkInterfaceId");
    let made =
        json!({ "GroupName": "other", "GroupDescription": "other", "VpcId": ids["vpc.main"] });
    let group = text(&ask("ec2", "CreateSecurityGroup", made), "/groupId");
    let rule = json!({
        "IpProtocol": "tcp", "FromPort": "1", "ToPort": "1",
        "Groups": [{ "GroupId": ids["security_group.api"] }],
    });
    let rule = json!({ "GroupId": group, "IpPermissions": [rule] });
    ask("ec2", "AuthorizeSecurityGroupIngress", rule);
    let filter = json!({ "Filter": [{ "Name": "default-for-az", "Value": ["true"] }] });
    let subnets = ask("ec2", "DescribeSubnets", filter);
    let subnets =
        [text(&subnets, "/subnetSet/0/subnetId"), text(&subnets, "/subnetSet/1/subnetId")];
    let elb = "elasticloadbalancing";
    let made = ask(elb, "CreateLoadBalancer", json!({ "Name": "theirs", "Subnets": subnets }));
    let balancer = text(&made, "/LoadBalancers/0/LoadBalancerArn");
    let forward = json!({ "Type": "forward", "TargetGroupArn": ids["target_group.web"] });
    let listener = json!({
        "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 8080, "DefaultActions": [forward],
    });
    ask(elb, "CreateListener", listener);
    let definition = json!({
        "family": "theirs", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{ "name": "app", "image": "nginx:1" }],
    });
    ask("ecs", "RegisterTaskDefinition", definition);
    let service = json!({
        "cluster": "held-main", "serviceName": "theirs", "taskDefinition": "theirs",
        "desiredCount": 0, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": subnets } },
    });
    ask("ecs", "CreateService", service);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "ec2.amazonaws.com" },
        }],
    });
    let role = json!({ "RoleName": "theirs", "AssumeRolePolicyDocument": trust.to_string() });
    ask("iam", "CreateRole", role);
    let attach = json!({ "RoleName": "theirs", "PolicyArn": ids["iam_policy.read"] });
    ask("iam", "AttachRolePolicy", attach);
    Theirs { interface, group, balancer }
}

/// They let go of it all.
fn let_go(sandbox: &Sandbox, ids: &BTreeMap<String, String>, theirs: &Theirs) {
    let ask = |service, operation: &str, input| somebody(sandbox, service, operation, input);
    let interface = json!({ "NetworkInterfaceId": theirs.interface });
    ask("ec2", "DeleteNetworkInterface", interface);
    ask("ec2", "DeleteSecurityGroup", json!({ "GroupId": theirs.group }));
    let balancer = json!({ "LoadBalancerArn": theirs.balancer });
    ask("elasticloadbalancing", "DeleteLoadBalancer", balancer);
    let service = json!({ "cluster": "held-main", "service": "theirs", "force": true });
    ask("ecs", "DeleteService", service);
    let detach = json!({ "RoleName": "theirs", "PolicyArn": ids["iam_policy.read"] });
    ask("iam", "DetachRolePolicy", detach);
}

#[test]
fn who_holds_on_to_a_thing_is_named_and_left_alone() {
    in_virtual_time(async {
        let sandbox = new_sandbox();
        let cloud = stack::in_process(&sandbox).await;
        let held = stack::parse(HELD).unwrap();
        stack::converge(&held, &cloud, Goal::Converge).await.unwrap();
        let ids = ids(&held, &cloud).await;
        let theirs = hold(&sandbox, &ids);
        let calls_before = sandbox.log().len();
        let Destroyed { outcome, census, took, .. } = destroy(&held, &cloud).await;

        let Theirs { interface, group, .. } = &theirs;
        let named: BTreeMap<&str, String> = BTreeMap::from([
            ("subnet.a", format!("{interface} (a colleague's)")),
            ("security_group.web", format!("{interface} (a colleague's)")),
            ("security_group.api", format!("a rule of the security group {group} (other)")),
            (
                "target_group.web",
                "the listener on port 8080 of the load balancer theirs".to_owned(),
            ),
            ("ecs_cluster.main", "the service theirs".to_owned()),
            ("iam_policy.read", "the role theirs, which it is attached to".to_owned()),
        ]);
        let told: BTreeMap<String, String> = outcome
            .failed
            .iter()
            .map(|failure| {
                let Cause::Held { holders, .. } = &failure.cause else { panic!("{failure:?}") };
                assert!(holders.iter().all(|holder| holder.going == Going::Not), "{holders:?}");
                let whats: Vec<&str> = holders.iter().map(|holder| holder.what.as_str()).collect();
                (failure.address.to_string(), whats.join("; "))
            })
            .collect();
        let named = named.into_iter().map(|(address, what)| (address.to_owned(), what));
        assert_eq!(told, named.collect());
        // Not as long as AWS itself would be waited for.
        assert!(took < Duration::from_secs(120), "{took:?}");
        let log = sandbox.log();
        let count = |operation: &str| {
            log[calls_before..].iter().filter(|call| call.operation == operation).count()
        };
        assert!((2..20).contains(&count("DeleteSubnet")), "{} tries", count("DeleteSubnet"));
        let asked = count("DescribeNetworkInterfaces");
        assert!((2..=12).contains(&asked), "{asked} questions");

        // What nobody holds is gone, what is held or behind that is left, and the census says so.
        let gone = ["security_group.free", "subnet.b", "log_group.app"];
        let left = census.left.unwrap();
        let left: Vec<String> =
            left.iter().map(|live| live.address_in("held").unwrap().to_string()).collect();
        for address in ids.keys() {
            let expected = !gone.contains(&address.as_str());
            assert_eq!(left.contains(address), expected, "{address}: {left:?}");
        }
        assert!(census.unread.is_none(), "{:?}", census.unread);
        // Theirs is untouched.
        let there = somebody(&sandbox, "ec2", "DescribeNetworkInterfaces", json!({}));
        assert!(there.to_string().contains(interface.as_str()), "{there}");

        let_go(&sandbox, &ids, &theirs);
        let Destroyed { outcome, census, .. } = destroy(&held, &cloud).await;
        assert!(outcome.is_complete(), "{:?}", outcome.failed);
        assert_eq!(census, Census::default());
        assert!(self::ids(&held, &cloud).await.is_empty());
    });
}

#[test]
fn what_aws_is_taking_away_is_waited_for_and_named() {
    in_virtual_time(async {
        let sandbox = new_sandbox();
        let cloud = stack::in_process(&sandbox).await;
        let thirty = stack::parse(simulated::THIRTY).unwrap();
        stack::converge(&thirty, &cloud, Goal::Converge).await.unwrap();
        let calls_before = sandbox.log().len();
        let Destroyed { outcome, events, took, .. } = destroy(&thirty, &cloud).await;
        assert!(outcome.is_complete(), "{:?}", outcome.failed);
        let named = "of the load balancer thirty-main, which AWS takes away by itself";
        let waits = events.iter().filter_map(|event| match event {
            Event::Waiting { because, .. } => Some(because.as_str()),
            _ => None,
        });
        let waits: Vec<&str> = waits.collect();
        assert!(waits.iter().any(|because| because.contains(named)), "{waits:#?}");
        assert!(took > Duration::from_secs(20), "the interfaces took their time: {took:?}");
        // Asked when the refusal lasts, then rarely: not at each try.
        let log = sandbox.log();
        let count = |operation: &str| {
            log[calls_before..].iter().filter(|call| call.operation == operation).count()
        };
        let tries = count("DeleteSubnet") + count("DeleteSecurityGroup");
        let asked = count("DescribeNetworkInterfaces");
        assert!(asked * 3 < tries, "{asked} questions for {tries} tries");
    });
}

#[test]
fn what_a_stack_leaves_behind_is_told_by_the_census() {
    in_virtual_time(async {
        let sandbox = new_sandbox();
        let cloud = stack::in_process(&sandbox).await;
        let kept = "ecr_repository:\n    app: { lifecycle: { retain: true } }";
        let spec = HELD.replace("log_group:\n    app: {}", kept).replace(
            "ecs_cluster:\n    main: {}",
            "ecs_cluster:\n    main: { container_insights: enabled }",
        );
        let held = stack::parse(&spec).unwrap();
        stack::converge(&held, &cloud, Goal::Converge).await.unwrap();
        let insights = "/aws/ecs/containerinsights/held-main/performance";
        somebody(&sandbox, "logs", "CreateLogGroup", json!({ "logGroupName": insights }));
        let tag = json!([{ "ResourceType": "elastic-ip",
            "Tag": [{ "Key": "landfall:stack", "Value": "held" }] }]);
        somebody(&sandbox, "ec2", "AllocateAddress", json!({ "TagSpecification": tag }));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": { "digest": format!("sha256:{}", "0".repeat(64)) },
            "layers": [],
        });
        let image = json!({
            "repositoryName": "held-app", "imageTag": "v1", "imageManifest": manifest.to_string(),
        });
        somebody(&sandbox, "ecr", "PutImage", image);
        let Destroyed { outcome, census, .. } = destroy(&held, &cloud).await;
        assert!(outcome.is_complete(), "{:?}", outcome.failed);
        let told: Vec<&str> = census.others.iter().map(|other| other.what.as_str()).collect();
        assert!(told.contains(&format!("log group {insights}").as_str()), "{told:?}");
        assert!(told.contains(&"1 image in the repository held-app"), "{told:?}");
        assert!(told.iter().any(|what| what.starts_with("Elastic IP address ")), "{told:?}");
    });
}
