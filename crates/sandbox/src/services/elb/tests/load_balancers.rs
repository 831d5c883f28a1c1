//! Load balancers.

use serde_json::json;

use super::{Elb, forward, http, text};
use crate::services::ec2::subnet_block::SubnetIpv6Block;
use crate::world::Span;

#[test]
fn names_and_places_have_rules() {
    let mut elb = Elb::new();
    let all = elb.subnets();
    let again = json!([all[0], all[0]]);
    for (name, subnets, code) in [
        ("", json!(all), "ValidationError"),
        ("internal-x", json!(all), "ValidationError"),
        ("-x", json!(all), "ValidationError"),
        ("x-", json!(all), "ValidationError"),
        ("x_y", json!(all), "ValidationError"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", json!(all), "ValidationError"),
        ("x", json!([all[0]]), "ValidationError"),
        ("x", json!([]), "ValidationError"),
        ("x", again, "ValidationError"),
        ("x", json!([all[0], "subnet-1"]), "SubnetNotFound"),
    ] {
        let input = json!({ "Name": name, "Subnets": subnets });
        assert_eq!(elb.refused("CreateLoadBalancer", input), code, "{name} {subnets}");
    }
    for (member, value, code) in [
        ("Scheme", json!("public"), "ValidationError"),
        ("Type", json!("classic"), "ValidationError"),
        ("Type", json!("gateway"), "InvalidConfigurationRequest"),
        ("IpAddressType", json!("dualstack"), "ValidationError"),
        ("SecurityGroups", json!(["sg-1"]), "InvalidSecurityGroup"),
        ("SecurityGroups", json!(["web"]), "ValidationError"),
        ("Colour", json!("red"), "ValidationError"),
    ] {
        let mut input = json!({ "Name": "x", "Subnets": all });
        input[member] = value;
        assert_eq!(elb.refused("CreateLoadBalancer", input), code, "{member}");
    }
}

#[test]
fn two_subnets_of_a_zone_or_of_two_vpcs_are_refused() {
    let mut elb = Elb::new();
    let all = elb.subnets();
    let ec2 = &mut elb.probe.world.site("us-east-1").region_mut().ec2.subnets.clone();
    let mut same_zone = ec2[&all[0]].clone();
    same_zone.id = "subnet-same".to_owned();
    let mut elsewhere = ec2[&all[0]].clone();
    elsewhere.id = "subnet-elsewhere".to_owned();
    elsewhere.vpc = "vpc-elsewhere".to_owned();
    let mut site = elb.probe.world.site("us-east-1");
    for subnet in [same_zone, elsewhere] {
        site.region_mut().ec2.subnets.insert(subnet.id.clone(), subnet);
    }
    for (subnets, code) in [
        (json!([all[0], "subnet-same"]), "ValidationError"),
        (json!([all[0], all[1], "subnet-same"]), "InvalidConfigurationRequest"),
        (json!([all[1], "subnet-elsewhere"]), "InvalidConfigurationRequest"),
    ] {
        let input = json!({ "Name": "x", "Subnets": subnets });
        assert_eq!(elb.refused("CreateLoadBalancer", input), code, "{subnets}");
    }
}

#[test]
fn the_same_settings_are_the_same_load_balancer() {
    let mut elb = Elb::new();
    let made = elb.load_balancer("main");
    assert_eq!(elb.load_balancer("main"), made);
    let subnets = elb.subnets();
    for other in [
        json!({ "Name": "main", "Subnets": subnets, "Scheme": "internal" }),
        json!({ "Name": "main", "Subnets": [subnets[0], subnets[1]] }),
        json!({ "Name": "main", "Subnets": subnets, "Tags": [{ "Key": "a", "Value": "b" }] }),
        json!({ "Name": "main", "Subnets": subnets, "Type": "network" }),
    ] {
        let code = elb.refused("CreateLoadBalancer", other.clone());
        assert_eq!(code, "DuplicateLoadBalancerName", "{other}");
    }
}

#[test]
fn provisioning_and_the_leaving_of_interfaces_take_time() {
    let mut elb = Elb::with_delays();
    let arn = elb.load_balancer("main");
    let zones = elb.subnets().len();
    let state = |elb: &mut Elb| {
        let input = json!({ "LoadBalancerArns": [arn] });
        text(&elb.ask("DescribeLoadBalancers", input), "/LoadBalancers/0/State/Code")
    };
    elb.probe.pass(Span::seconds(119));
    assert_eq!(state(&mut elb), "provisioning");
    elb.probe.pass(Span::seconds(121));
    assert_eq!(state(&mut elb), "active");
    let described = |elb: &Elb| {
        let path = arn.split_once("loadbalancer/").expect("an ARN").1;
        let interfaces = elb.region().ec2.interfaces.values();
        interfaces.filter(|one| one.description == format!("ELB {path}")).count()
    };
    assert_eq!(described(&elb), zones);
    elb.ask("DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
    elb.ask("DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
    let input = json!({ "Names": ["main"] });
    assert_eq!(elb.refused("DescribeLoadBalancers", input), "LoadBalancerNotFound");
    elb.probe.pass(Span::seconds(19));
    assert_eq!(described(&elb), zones);
    elb.probe.pass(Span::seconds(161));
    assert_eq!(described(&elb), 0);
}

#[test]
fn attributes_are_known_and_checked() {
    let mut elb = Elb::new();
    let arn = elb.load_balancer("main");
    let modify = |key: &str, value: &str| {
        let attribute = json!([{ "Key": key, "Value": value }]);
        json!({ "LoadBalancerArn": arn, "Attributes": attribute })
    };
    for (key, value, code) in [
        ("nix", "1", "ValidationError"),
        ("idle_timeout.timeout_seconds", "4001", "ValidationError"),
        ("routing.http2.enabled", "yes", "ValidationError"),
        ("dns_record.client_routing_policy", "x", "InvalidConfigurationRequest"),
        ("load_balancing.cross_zone.enabled", "false", "InvalidConfigurationRequest"),
        ("access_logs.s3.enabled", "true", "InvalidConfigurationRequest"),
    ] {
        let code_of = elb.refused("ModifyLoadBalancerAttributes", modify(key, value));
        assert_eq!(code_of, code, "{key}");
    }
    let protection = "deletion_protection.enabled";
    elb.ask("ModifyLoadBalancerAttributes", modify(protection, "true"));
    let delete = json!({ "LoadBalancerArn": arn });
    assert_eq!(elb.refused("DeleteLoadBalancer", delete.clone()), "OperationNotPermitted");
    let attributes = elb.ask("DescribeLoadBalancerAttributes", delete.clone());
    let all = attributes["Attributes"].as_array().expect("a list");
    assert!(all.contains(&json!({ "Key": protection, "Value": "true" })));
    assert!(all.contains(&json!({ "Key": "idle_timeout.timeout_seconds", "Value": "60" })));
    elb.ask("ModifyLoadBalancerAttributes", modify(protection, "false"));
    elb.ask("DeleteLoadBalancer", delete);
}

#[test]
fn subnets_that_are_left_keep_their_interface_for_a_while() {
    let mut elb = Elb::with_delays();
    let arn = elb.load_balancer("main");
    let subnets = elb.subnets();
    let set = json!({ "LoadBalancerArn": arn, "Subnets": [subnets[0], subnets[1]] });
    let zones = elb.ask("SetSubnets", set);
    assert_eq!(zones["AvailabilityZones"].as_array().map(Vec::len), Some(2));
    assert_eq!(elb.region().ec2.interfaces.len(), subnets.len());
    elb.probe.pass(Span::seconds(180));
    assert_eq!(elb.region().ec2.interfaces.len(), 2);
    let set = json!({ "LoadBalancerArn": arn, "SecurityGroups": ["sg-1"] });
    assert_eq!(elb.refused("SetSecurityGroups", set), "InvalidSecurityGroup");
}

#[test]
fn load_balancers_come_in_pages() {
    let mut elb = Elb::new();
    for name in ["a", "b", "c"] {
        elb.load_balancer(name);
    }
    let first = elb.ask("DescribeLoadBalancers", json!({ "PageSize": "2" }));
    assert_eq!(first["LoadBalancers"].as_array().map(Vec::len), Some(2));
    let marker = text(&first, "/NextMarker");
    let rest = json!({ "PageSize": "2", "Marker": marker });
    let rest = elb.ask("DescribeLoadBalancers", rest);
    assert_eq!(rest["LoadBalancers"].as_array().map(Vec::len), Some(1));
    assert!(rest["NextMarker"].is_null());
    for bad in [json!({ "Marker": "x" }), json!({ "PageSize": "0" }), json!({ "PageSize": "401" })]
    {
        assert_eq!(elb.refused("DescribeLoadBalancers", bad), "ValidationError");
    }
}

#[test]
fn both_protocols_need_blocks_of_both() {
    let mut elb = Elb::new();
    let all = elb.subnets();
    let mut input = json!({ "Name": "both", "Type": "network", "Subnets": [all[0]] });
    input["IpAddressType"] = json!("dualstack");
    assert_eq!(elb.refused("CreateLoadBalancer", input.clone()), "ValidationError");
    let mut site = elb.probe.world.site("us-east-1");
    let subnet = site.region_mut().ec2.subnets.get_mut(&all[0]).expect("a subnet");
    let cidr = "2600:1f18:1:1::/64".to_owned();
    subnet
        .ipv6_blocks
        .push(SubnetIpv6Block { association: "subnet-cidr-assoc-1".to_owned(), cidr });
    let made = elb.ask("CreateLoadBalancer", input);
    let balancer = text(&made, "/LoadBalancers/0/LoadBalancerArn");
    assert_eq!(text(&made, "/LoadBalancers/0/IpAddressType"), "dualstack");
    // UDP needs prefixes for source NAT besides.
    let mut group = json!({ "Name": "six", "Protocol": "UDP", "Port": "53", "VpcId": elb.vpc() });
    group["TargetType"] = json!("ip");
    group["IpAddressType"] = json!("ipv6");
    let group = text(&elb.ask("CreateTargetGroup", group), "/TargetGroups/0/TargetGroupArn");
    let mut listener = http(&balancer, 53, forward(&group));
    listener["Protocol"] = json!("UDP");
    let code = elb.refused("CreateListener", listener.clone());
    assert_eq!(code, "InvalidConfigurationRequest");
    let mut set = json!({ "LoadBalancerArn": balancer, "Subnets": [all[0]] });
    set["EnablePrefixForIpv6SourceNat"] = json!("on");
    let set = elb.ask("SetSubnets", set);
    let prefix = text(&set, "/AvailabilityZones/0/SourceNatIpv6Prefixes/0");
    assert!(prefix.starts_with("2600:1f18:1:1:") && prefix.ends_with("/80"), "{prefix}");
    elb.ask("CreateListener", listener);
    // What uses IPv6 keeps it.
    let back = json!({ "LoadBalancerArn": balancer, "IpAddressType": "ipv4" });
    assert_eq!(elb.refused("SetIpAddressType", back), "InvalidConfigurationRequest");
}

#[test]
fn an_elastic_ip_address_is_of_one_load_balancer() {
    let mut elb = Elb::with_delays();
    let address = elb.probe.ask("ec2", "AllocateAddress", json!({}));
    let allocation = text(&address, "/allocationId");
    let subnet = elb.subnets().remove(0);
    let create = |name: &str, scheme: &str, allocation: &str| {
        let mapping = json!([{ "SubnetId": subnet, "AllocationId": allocation }]);
        json!({ "Name": name, "Type": "network", "Scheme": scheme, "SubnetMappings": mapping })
    };
    for (name, scheme, id, code) in [
        ("one", "internet-facing", "eipalloc-0", "AllocationIdNotFound"),
        ("one", "internal", allocation.as_str(), "InvalidConfigurationRequest"),
    ] {
        assert_eq!(elb.refused("CreateLoadBalancer", create(name, scheme, id)), code, "{scheme}");
    }
    let made = elb.ask("CreateLoadBalancer", create("one", "internet-facing", &allocation));
    let zone = &made["LoadBalancers"][0]["AvailabilityZones"][0];
    assert_eq!(text(zone, "/LoadBalancerAddresses/0/IpAddress"), text(&address, "/publicIp"));
    let other = create("two", "internet-facing", &allocation);
    assert_eq!(elb.refused("CreateLoadBalancer", other.clone()), "ResourceInUse");
    let arn = text(&made, "/LoadBalancers/0/LoadBalancerArn");
    elb.ask("DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
    assert_eq!(elb.refused("CreateLoadBalancer", other.clone()), "ResourceInUse");
    elb.probe.pass(Span::seconds(180));
    elb.ask("CreateLoadBalancer", other);
}
