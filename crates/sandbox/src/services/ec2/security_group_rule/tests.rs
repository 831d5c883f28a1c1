//! Tests of security group rules.

use serde_json::{Value, json};

use crate::probe::Probe;

/// A group in a VPC that is not the default one.
fn elsewhere(probe: &mut Probe) -> String {
    let state = &mut probe.world.site("us-east-1");
    let state = &mut state.region_mut().ec2;
    let mut vpc = state.vpcs.values().next().expect("a VPC").clone();
    "vpc-0e".clone_into(&mut vpc.id);
    vpc.default = false;
    state.vpcs.insert(vpc.id.clone(), vpc);
    made(probe, json!({ "GroupName": "own", "GroupDescription": "d", "VpcId": "vpc-0e" }))
}

fn made(probe: &mut Probe, input: Value) -> String {
    let answer = probe.ask("ec2", "CreateSecurityGroup", input);
    answer["groupId"].as_str().expect("an id").to_owned()
}

fn group(probe: &mut Probe) -> String {
    made(probe, json!({ "GroupName": "web", "GroupDescription": "d" }))
}

fn open(group: &str, protocol: &str, from: &str, to: &str, cidr: &str) -> Value {
    json!({ "GroupId": group, "IpPermissions": [{
        "IpProtocol": protocol, "FromPort": from, "ToPort": to, "IpRanges": [{ "CidrIp": cidr }]
    }] })
}

#[test]
fn protocols_and_ports_are_kept_as_aws_keeps_them() {
    let mut probe = Probe::new();
    let group = group(&mut probe);
    for (protocol, from, to, kept) in [
        ("TCP", "80", "81", ("tcp", 80, 81)),
        ("17", "53", "53", ("udp", 53, 53)),
        ("1", "8", "-1", ("icmp", 8, -1)),
        ("icmpv6", "-1", "-1", ("icmpv6", -1, -1)),
        ("-1", "80", "80", ("-1", -1, -1)),
        ("50", "1", "2", ("50", -1, -1)),
    ] {
        let input = open(&group, protocol, from, to, "10.0.0.0/8");
        let answer = probe.ask("ec2", "AuthorizeSecurityGroupIngress", input);
        let rule = &answer["securityGroupRuleSet"][0];
        let found = (&rule["ipProtocol"], &rule["fromPort"], &rule["toPort"]);
        assert_eq!(found, (&json!(kept.0), &json!(kept.1), &json!(kept.2)), "{protocol}");
    }
}

#[test]
fn bad_permissions_are_refused() {
    let mut probe = Probe::new();
    let group = group(&mut probe);
    for (protocol, from, to, cidr) in [
        ("tcp", "-1", "-1", "10.0.0.0/8"),
        ("tcp", "80", "65536", "10.0.0.0/8"),
        ("tcp", "81", "80", "10.0.0.0/8"),
        ("icmp", "256", "0", "10.0.0.0/8"),
        ("icmp", "-1", "0", "10.0.0.0/8"),
        ("all", "80", "80", "10.0.0.0/8"),
        ("256", "80", "80", "10.0.0.0/8"),
        ("tcp", "80", "80", "10.0.0.0/33"),
        ("tcp", "80", "80", "10.0.0.0"),
        ("tcp", "80", "80", "::/0"),
        ("tcp", "x", "80", "10.0.0.0/8"),
    ] {
        let input = open(&group, protocol, from, to, cidr);
        let code = probe.refused("ec2", "AuthorizeSecurityGroupIngress", input);
        assert_eq!(code, "InvalidParameterValue", "{protocol} {from} {to} {cidr}");
    }
    let range = json!([{ "CidrIp": "10.0.0.0/8" }]);
    for (permissions, code) in [
        (
            json!([{ "IpProtocol": "tcp", "FromPort": "80", "IpRanges": range }]),
            "InvalidParameterValue",
        ),
        (json!([{ "FromPort": "80", "ToPort": "80", "IpRanges": range }]), "InvalidParameterValue"),
        (json!([{ "IpProtocol": "tcp", "FromPort": "80", "ToPort": "80" }]), "MissingParameter"),
        (
            json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "10.0.0.0/8" }, { "CidrIp": "10.1.0.0/8" }] }]),
            "InvalidParameterValue",
        ),
        (
            json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "10.0.0.0/8", "Description": "ü" }] }]),
            "InvalidParameterValue",
        ),
        (
            json!([{ "IpProtocol": "-1", "Groups": [{ "GroupId": "sg-0" }] }]),
            "InvalidGroup.NotFound",
        ),
        (
            json!([{ "IpProtocol": "-1", "Groups": [{ "GroupName": "x" }] }]),
            "InvalidGroup.NotFound",
        ),
        (
            json!([{ "IpProtocol": "-1", "Groups": [{ "GroupId": "web" }] }]),
            "InvalidGroupId.Malformed",
        ),
        (
            json!([{ "IpProtocol": "-1", "PrefixListIds": [{ "PrefixListId": "web" }] }]),
            "InvalidPrefixListId.Malformed",
        ),
        (
            json!([{ "IpProtocol": "-1", "PrefixListIds": [{ "PrefixListId": "pl-0" }] }]),
            "InvalidPrefixListID.NotFound",
        ),
        (json!([]), "MissingParameter"),
    ] {
        let input = json!({ "GroupId": group, "IpPermissions": permissions });
        let refused = probe.refused("ec2", "AuthorizeSecurityGroupIngress", input.clone());
        assert_eq!(refused, code, "{input}");
    }
    let other = elsewhere(&mut probe);
    let peer = json!([{ "IpProtocol": "-1", "Groups": [{ "GroupId": other }] }]);
    let input = json!({ "GroupId": group, "IpPermissions": peer });
    let code = probe.refused("ec2", "AuthorizeSecurityGroupIngress", input);
    assert_eq!(code, "InvalidGroup.NotFound");
}

#[test]
fn a_rule_is_there_once() {
    let mut probe = Probe::new();
    let group = group(&mut probe);
    probe.ask("ec2", "AuthorizeSecurityGroupIngress", open(&group, "tcp", "22", "22", "0.0.0.0/0"));
    let again = open(&group, "6", "22", "22", "0.0.0.0/0");
    let refused = probe.call("ec2", "AuthorizeSecurityGroupIngress", again);
    let message = "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW\" \
                   already exists";
    let expected = ("InvalidPermission.Duplicate".to_owned(), message.to_owned());
    assert_eq!(refused, Err(expected));
    let all = open(&group, "-1", "0", "0", "0.0.0.0/0");
    let code = probe.refused("ec2", "AuthorizeSecurityGroupEgress", all);
    assert_eq!(code, "InvalidPermission.Duplicate");
}

#[test]
fn sixty_rules_are_the_limit_for_each_family() {
    let mut probe = Probe::new();
    let group = group(&mut probe);
    let ranges: Vec<Value> =
        (0..60).map(|at| json!({ "CidrIp": format!("10.{at}.0.0/16") })).collect();
    let input =
        json!({ "GroupId": group, "IpPermissions": [{ "IpProtocol": "-1", "IpRanges": ranges }] });
    probe.ask("ec2", "AuthorizeSecurityGroupIngress", input);
    let more = open(&group, "tcp", "1", "1", "10.0.0.0/8");
    let code = probe.refused("ec2", "AuthorizeSecurityGroupIngress", more);
    assert_eq!(code, "RulesPerSecurityGroupLimitExceeded");
    let input = json!({ "GroupId": group, "IpPermissions": [{
        "IpProtocol": "-1", "Ipv6Ranges": [{ "CidrIpv6": "::/0" }]
    }] });
    probe.ask("ec2", "AuthorizeSecurityGroupIngress", input);
}

#[test]
fn the_short_form_is_a_rule_too() {
    let mut probe = Probe::new();
    let group = group(&mut probe);
    let input = json!({
        "GroupName": "web", "CidrIp": "10.0.0.0/8", "FromPort": "80", "ToPort": "80",
        "IpProtocol": "tcp"
    });
    let answer = probe.ask("ec2", "AuthorizeSecurityGroupIngress", input.clone());
    assert_eq!(answer["securityGroupRuleSet"][0]["groupId"], json!(group));
    let revoked = probe.ask("ec2", "RevokeSecurityGroupIngress", input.clone());
    assert_eq!(revoked["revokedSecurityGroupRuleSet"][0]["cidrIpv4"], "10.0.0.0/8");
    let code = probe.refused("ec2", "AuthorizeSecurityGroupEgress", input);
    assert_eq!(code, "MissingParameter");
    let mut of_group = json!({ "GroupName": "web", "SourceSecurityGroupName": "default" });
    let answer = probe.ask("ec2", "AuthorizeSecurityGroupIngress", of_group.clone());
    let rules = answer["securityGroupRuleSet"].as_array().cloned().unwrap_or_default();
    let protocols: Vec<&Value> = rules.iter().map(|rule| &rule["ipProtocol"]).collect();
    assert_eq!(protocols, ["icmp", "tcp", "udp"]);
    of_group["IpProtocol"] = "tcp".into();
    let code = probe.refused("ec2", "AuthorizeSecurityGroupIngress", of_group);
    assert_eq!(code, "InvalidParameterCombination");
}

#[test]
fn what_is_not_there_cannot_be_revoked() {
    let mut probe = Probe::new();
    let (web, own) = (group(&mut probe), elsewhere(&mut probe));
    let absent = |group: &str| open(group, "tcp", "1", "1", "10.0.0.0/8");
    let unknown = probe.ask("ec2", "RevokeSecurityGroupIngress", absent(&web));
    assert_eq!(unknown["unknownIpPermissionSet"][0]["fromPort"], 1);
    let code = probe.refused("ec2", "RevokeSecurityGroupIngress", absent(&own));
    assert_eq!(code, "InvalidPermission.NotFound");
    let filter = json!({ "Filter": [{ "Name": "group-id", "Value": [own] }] });
    let rules = probe.ask("ec2", "DescribeSecurityGroupRules", filter.clone());
    let rule = rules["securityGroupRuleSet"][0]["securityGroupRuleId"].clone();
    let input = json!({ "GroupId": own, "SecurityGroupRuleId": [rule] });
    // The rule is one for egress.
    let code = probe.refused("ec2", "RevokeSecurityGroupIngress", input.clone());
    assert_eq!(code, "InvalidSecurityGroupRuleId.NotFound");
    probe.ask("ec2", "RevokeSecurityGroupEgress", input);
    let rules = probe.ask("ec2", "DescribeSecurityGroupRules", filter);
    assert_eq!(rules["securityGroupRuleSet"], json!([]));
}

#[test]
fn descriptions_and_whole_rules_are_changed() {
    let mut probe = Probe::new();
    let group = group(&mut probe);
    let input = open(&group, "tcp", "80", "80", "10.0.0.0/8");
    let answer = probe.ask("ec2", "AuthorizeSecurityGroupIngress", input);
    let rule = answer["securityGroupRuleSet"][0]["securityGroupRuleId"].clone();
    let look = |probe: &mut Probe| {
        let input = json!({ "SecurityGroupRuleId": [rule] });
        probe.ask("ec2", "DescribeSecurityGroupRules", input)["securityGroupRuleSet"][0].clone()
    };
    let input = json!({ "GroupId": group, "IpPermissions": [{
        "IpProtocol": "tcp", "FromPort": "80", "ToPort": "80",
        "IpRanges": [{ "CidrIp": "10.0.0.0/8", "Description": "one" }]
    }] });
    probe.ask("ec2", "UpdateSecurityGroupRuleDescriptionsIngress", input.clone());
    assert_eq!(look(&mut probe)["description"], "one");
    let code = probe.refused("ec2", "UpdateSecurityGroupRuleDescriptionsEgress", input);
    assert_eq!(code, "InvalidPermission.NotFound");
    let by_id = json!({ "GroupId": group, "SecurityGroupRuleDescription": [
        { "SecurityGroupRuleId": rule, "Description": "two" }
    ] });
    probe.ask("ec2", "UpdateSecurityGroupRuleDescriptionsIngress", by_id);
    assert_eq!(look(&mut probe)["description"], "two");
    let update = |request: Value| {
        json!({ "GroupId": group, "SecurityGroupRule": [
            { "SecurityGroupRuleId": rule, "SecurityGroupRule": request }
        ] })
    };
    let tcp = |cidr: &str| json!({ "IpProtocol": "tcp", "FromPort": "81", "ToPort": "82", "CidrIpv4": cidr });
    probe.ask("ec2", "ModifySecurityGroupRules", update(tcp("10.1.0.0/16")));
    let found = look(&mut probe);
    assert_eq!((&found["cidrIpv4"], &found["toPort"]), (&json!("10.1.0.0/16"), &json!(82)));
    assert!(found["description"].is_null());
    for (request, code) in [
        (json!({ "IpProtocol": "-1", "CidrIpv6": "::/0" }), "InvalidParameterValue"),
        (json!({ "IpProtocol": "-1" }), "InvalidParameterCombination"),
        (json!({ "CidrIpv4": "10.0.0.0/8" }), "MissingParameter"),
        (tcp("10.0.0.0/40"), "InvalidParameterValue"),
    ] {
        let refused = probe.refused("ec2", "ModifySecurityGroupRules", update(request.clone()));
        assert_eq!(refused, code, "{request}");
    }
}
