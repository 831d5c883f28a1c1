//! Target groups.

use serde_json::{Value, json};

use super::{Elb, forward, http, text};

fn create(elb: &Elb, members: Value) -> Value {
    let mut input = json!({ "Name": "t", "Protocol": "HTTP", "Port": "80", "VpcId": elb.vpc() });
    for (key, value) in members.as_object().expect("members") {
        input[key] = value.clone();
    }
    input
}

#[test]
fn defaults_follow_protocol_and_target_type() {
    let mut elb = Elb::new();
    let vpc = elb.vpc();
    for (name, members, expected) in [
        (
            "http",
            json!({ "Protocol": "HTTP", "ProtocolVersion": "", "Port": "80", "VpcId": vpc }),
            json!(["instance", "HTTP1", "HTTP", 30, 5, 5, 2, "/", { "HttpCode": "200", "GrpcCode": null }]),
        ),
        (
            "grpc",
            json!({ "Protocol": "HTTP", "ProtocolVersion": "GRPC", "Port": "80", "VpcId": vpc }),
            json!([
                "instance", "GRPC", "HTTP", 30, 5, 5, 2, "/AWS.ALB/healthcheck",
                { "HttpCode": null, "GrpcCode": "12" }
            ]),
        ),
        (
            "tcp",
            json!({ "Protocol": "TCP", "Port": "80", "VpcId": vpc, "TargetType": "ip" }),
            json!(["ip", null, "TCP", 30, 10, 5, 2, null, null]),
        ),
        (
            "lambda",
            json!({ "TargetType": "lambda" }),
            json!(["lambda", null, null, 35, 30, 5, 2, "/", { "HttpCode": "200", "GrpcCode": null }]),
        ),
    ] {
        let mut input = members;
        input["Name"] = json!(name);
        let made = elb.ask("CreateTargetGroup", input);
        let group = &made["TargetGroups"][0];
        let read = [
            "TargetType",
            "ProtocolVersion",
            "HealthCheckProtocol",
            "HealthCheckIntervalSeconds",
            "HealthCheckTimeoutSeconds",
            "HealthyThresholdCount",
            "UnhealthyThresholdCount",
            "HealthCheckPath",
            "Matcher",
        ];
        let read: Vec<&Value> = read.iter().map(|member| &group[*member]).collect();
        assert_eq!(json!(read), expected, "{name}");
    }
}

#[test]
fn settings_have_rules() {
    let mut elb = Elb::new();
    for (members, code) in [
        (json!({ "Name": "a_b" }), "ValidationError"),
        (json!({ "Name": "-a" }), "ValidationError"),
        (json!({ "Protocol": "FTP" }), "ValidationError"),
        (json!({ "Protocol": "GENEVE" }), "InvalidConfigurationRequest"),
        (json!({ "Port": "0" }), "ValidationError"),
        (json!({ "Port": "70000" }), "ValidationError"),
        (json!({ "VpcId": "vpc-1" }), "ValidationError"),
        (json!({ "TargetType": "lambda" }), "ValidationError"),
        (json!({ "TargetType": "task" }), "ValidationError"),
        (json!({ "HealthCheckIntervalSeconds": "5" }), "ValidationError"),
        (json!({ "HealthCheckIntervalSeconds": "301" }), "ValidationError"),
        (json!({ "HealthCheckPath": "x" }), "ValidationError"),
        (json!({ "HealthCheckProtocol": "TCP" }), "ValidationError"),
        (json!({ "HealthCheckEnabled": "false" }), "ValidationError"),
        (json!({ "HealthyThresholdCount": "1" }), "ValidationError"),
        (json!({ "Matcher": { "HttpCode": "200-" } }), "ValidationError"),
        (json!({ "Matcher": { "HttpCode": "500" } }), "ValidationError"),
        (json!({ "Matcher": { "GrpcCode": "1" } }), "ValidationError"),
        (json!({ "ProtocolVersion": "HTTP3" }), "ValidationError"),
    ] {
        let input = create(&elb, members.clone());
        assert_eq!(elb.refused("CreateTargetGroup", input), code, "{members}");
    }
    let input = json!({ "Name": "t", "Protocol": "HTTP", "Port": "80" });
    assert_eq!(elb.refused("CreateTargetGroup", input), "ValidationError");
}

#[test]
fn the_same_settings_are_the_same_target_group() {
    let mut elb = Elb::new();
    let arn = elb.target_group("web", "HTTP");
    assert_eq!(elb.target_group("web", "HTTP"), arn);
    let other = create(&elb, json!({ "Name": "web", "Port": "81" }));
    assert_eq!(elb.refused("CreateTargetGroup", other), "DuplicateTargetGroupName");
}

#[test]
fn a_target_group_in_use_stays() {
    let mut elb = Elb::new();
    let group = elb.target_group("web", "HTTP");
    let balancer = elb.load_balancer("main");
    let listener = elb.listener(&balancer, 80, &group);
    let delete = json!({ "TargetGroupArn": group });
    assert_eq!(elb.refused("DeleteTargetGroup", delete.clone()), "ResourceInUse");
    let of = json!({ "LoadBalancerArn": balancer });
    let found = elb.ask("DescribeTargetGroups", of);
    assert_eq!(text(&found, "/TargetGroups/0/LoadBalancerArns/0"), balancer);
    // One load balancer alone.
    let other = elb.load_balancer("other");
    let code = elb.refused("CreateListener", http(&other, 80, forward(&group)));
    assert_eq!(code, "TargetGroupAssociationLimit");
    elb.ask("DeleteListener", json!({ "ListenerArn": listener }));
    elb.ask("CreateListener", http(&other, 80, forward(&group)));
    elb.ask("DeleteLoadBalancer", json!({ "LoadBalancerArn": other }));
    elb.ask("DeleteTargetGroup", delete.clone());
    elb.ask("DeleteTargetGroup", delete);
}

#[test]
fn attributes_are_known_and_checked() {
    let mut elb = Elb::new();
    let (web, tcp) = (elb.target_group("web", "HTTP"), elb.target_group("tcp", "TCP"));
    for (group, key, value, code) in [
        (&web, "nix", "1", "ValidationError"),
        (&web, "deregistration_delay.timeout_seconds", "3601", "ValidationError"),
        (&web, "slow_start.duration_seconds", "29", "ValidationError"),
        (&web, "stickiness.type", "source_ip", "InvalidConfigurationRequest"),
        (&web, "proxy_protocol_v2.enabled", "true", "ValidationError"),
        (&web, "load_balancing.algorithm.anomaly_mitigation", "on", "InvalidConfigurationRequest"),
        (&tcp, "stickiness.type", "lb_cookie", "InvalidConfigurationRequest"),
        (&tcp, "slow_start.duration_seconds", "30", "ValidationError"),
    ] {
        let attributes = json!([{ "Key": key, "Value": value }]);
        let input = json!({ "TargetGroupArn": group, "Attributes": attributes });
        assert_eq!(elb.refused("ModifyTargetGroupAttributes", input), code, "{key} {value}");
    }
    let set = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "5" }]);
    elb.ask("ModifyTargetGroupAttributes", json!({ "TargetGroupArn": web, "Attributes": set }));
    let all = elb.ask("DescribeTargetGroupAttributes", json!({ "TargetGroupArn": web }));
    let all = all["Attributes"].as_array().expect("a list");
    assert!(all.contains(&set[0]));
    assert!(all.contains(&json!({ "Key": "stickiness.type", "Value": "lb_cookie" })));
    assert_eq!(all.len(), 14);
}
