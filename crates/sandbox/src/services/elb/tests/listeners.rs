//! Listeners and what they do.

use serde_json::json;

use super::{Elb, fixed, forward, http, text};

/// A certificate that was requested: its ARN.
fn certificate(elb: &mut Elb, domain: &str) -> String {
    let made = elb.probe.ask("acm", "RequestCertificate", json!({ "DomainName": domain }));
    text(&made, "/CertificateArn")
}

#[test]
fn a_forward_is_read_back_in_both_forms() {
    let mut elb = Elb::new();
    let (balancer, group) = (elb.load_balancer("main"), elb.target_group("web", "HTTP"));
    let made = elb.ask("CreateListener", http(&balancer, 80, forward(&group)));
    let action = &made["Listeners"][0]["DefaultActions"][0];
    assert_eq!(text(action, "/TargetGroupArn"), group);
    assert_eq!(text(action, "/ForwardConfig/TargetGroups/0/TargetGroupArn"), group);
    assert_eq!(action["ForwardConfig"]["TargetGroups"][0]["Weight"], 1);
    assert_eq!(action["ForwardConfig"]["TargetGroupStickinessConfig"]["Enabled"], false);
    // Several groups have no single ARN.
    let other = elb.target_group("other", "HTTP");
    let both = json!([{ "TargetGroupArn": group }, { "TargetGroupArn": other, "Weight": "9" }]);
    let actions = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": both } }]);
    let modify = json!({ "ListenerArn": text(&made, "/Listeners/0/ListenerArn"),
                         "DefaultActions": actions });
    let action = elb.ask("ModifyListener", modify)["Listeners"][0]["DefaultActions"][0].clone();
    assert!(action["TargetGroupArn"].is_null());
    assert_eq!(action["ForwardConfig"]["TargetGroups"][1]["Weight"], 9);
}

#[test]
fn a_redirect_says_what_stays() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let redirect = |config| json!([{ "Type": "redirect", "RedirectConfig": config }]);
    let config = json!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" });
    let made = elb.ask("CreateListener", http(&balancer, 80, redirect(config)));
    let config = &made["Listeners"][0]["DefaultActions"][0]["RedirectConfig"];
    let expected = json!({
        "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}",
        "Query": "#{query}", "StatusCode": "HTTP_301",
    });
    assert_eq!(*config, expected);
    for (config, code) in [
        (json!({ "StatusCode": "HTTP_301" }), "InvalidLoadBalancerAction"),
        (
            json!({ "Protocol": "HTTP", "Port": "81", "StatusCode": "HTTP_301" }),
            "InvalidLoadBalancerAction",
        ),
        (json!({ "Path": "x", "StatusCode": "HTTP_301" }), "ValidationError"),
        (json!({ "Port": "0", "StatusCode": "HTTP_301" }), "ValidationError"),
        (json!({ "Path": "/x", "StatusCode": "HTTP_303" }), "ValidationError"),
    ] {
        let input = http(&balancer, 81, redirect(config.clone()));
        assert_eq!(elb.refused("CreateListener", input), code, "{config}");
    }
}

#[test]
fn a_port_has_one_listener() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let first = elb.ask("CreateListener", http(&balancer, 80, fixed()));
    // The same settings are the same listener.
    assert_eq!(elb.ask("CreateListener", http(&balancer, 80, fixed())), first);
    let group = elb.target_group("web", "HTTP");
    let code = elb.refused("CreateListener", http(&balancer, 80, forward(&group)));
    assert_eq!(code, "DuplicateListener");
    let second = elb.listener(&balancer, 81, &group);
    let modify = json!({ "ListenerArn": second, "Port": "80" });
    assert_eq!(elb.refused("ModifyListener", modify), "DuplicateListener");
}

#[test]
fn actions_have_rules() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let (web, tcp) = (elb.target_group("web", "HTTP"), elb.target_group("tcp", "TCP"));
    let unknown = format!("{}0", &web[..web.len() - 1]);
    let cognito = json!({ "Type": "authenticate-cognito", "Order": "1",
        "AuthenticateCognitoConfig": { "UserPoolArn": "arn:aws:cognito-idp:x",
            "UserPoolClientId": "c", "UserPoolDomain": "d" } });
    let to_web = json!({ "Type": "forward", "Order": "2", "TargetGroupArn": web });
    let last = json!({ "Type": "forward", "Order": "0", "TargetGroupArn": web });
    let answer = |status: &str| json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": status } }]);
    for (actions, code) in [
        (json!([]), "ValidationError"),
        (json!([{ "Type": "drop" }]), "ValidationError"),
        (json!([{ "Type": "forward" }]), "ValidationError"),
        (forward(&unknown), "TargetGroupNotFound"),
        (forward("web"), "ValidationError"),
        (forward(&tcp), "IncompatibleProtocols"),
        (json!([cognito, to_web]), "InvalidLoadBalancerAction"),
        (json!([cognito]), "InvalidLoadBalancerAction"),
        (json!([cognito, last]), "ValidationError"),
        (json!([to_web, { "Type": "forward", "TargetGroupArn": web }]), "ValidationError"),
        (answer("300"), "ValidationError"),
    ] {
        let input = http(&balancer, 80, actions.clone());
        assert_eq!(elb.refused("CreateListener", input), code, "{actions}");
    }
}

#[test]
fn https_needs_a_certificate_of_this_region() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let certificate = &certificate(&mut elb, "example.com");
    let other = self::certificate(&mut elb, "example.org");
    let input = |certificates: &[&str], policy: &str| {
        let certificates: Vec<_> =
            certificates.iter().map(|arn| json!({ "CertificateArn": arn })).collect();
        let mut input = http(&balancer, 443, fixed());
        input["Protocol"] = json!("HTTPS");
        input["SslPolicy"] = json!(policy);
        input["Certificates"] = json!(certificates);
        input
    };
    let policy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
    let elsewhere = certificate.replace("east-1", "west-2");
    let unknown = format!("{certificate}0");
    for (certificates, policy, code) in [
        (&[] as &[&str], policy, "ValidationError"),
        (&["x"], policy, "ValidationError"),
        (&[&elsewhere], policy, "CertificateNotFound"),
        (&[&unknown], policy, "CertificateNotFound"),
        (&[certificate, certificate], policy, "ValidationError"),
        (&[certificate], "x", "SSLPolicyNotFound"),
    ] {
        let input = input(certificates, policy);
        assert_eq!(elb.refused("CreateListener", input), code, "{certificates:?}");
    }
    let made = elb.ask("CreateListener", input(&[certificate], policy));
    assert_eq!(text(&made, "/Listeners/0/MutualAuthentication/Mode"), "off");
    let arn = text(&made, "/Listeners/0/ListenerArn");
    let named =
        |name: &str| json!({ "ListenerArn": arn, "Certificates": [{ "CertificateArn": name }] });
    elb.ask("AddListenerCertificates", named(&other));
    let code = elb.refused("RemoveListenerCertificates", named(certificate));
    assert_eq!(code, "OperationNotPermitted");
    let all = elb.ask("DescribeListenerCertificates", json!({ "ListenerArn": arn }));
    assert_eq!(all["Certificates"].as_array().map(Vec::len), Some(2));
    // HTTP has none of all that.
    let plain = json!({ "ListenerArn": arn, "Protocol": "HTTP", "Port": "80" });
    let plain = elb.ask("ModifyListener", plain);
    assert!(plain["Listeners"][0]["SslPolicy"].is_null());
    assert!(plain["Listeners"][0]["Certificates"].is_null());
    assert_eq!(elb.refused("AddListenerCertificates", named(&other)), "UnsupportedProtocol");
}

#[test]
fn listeners_are_described_by_one_thing_or_the_other() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let group = elb.target_group("web", "HTTP");
    let listener = elb.listener(&balancer, 80, &group);
    let unknown = format!("{}0", &listener[..listener.len() - 1]);
    for (input, code) in [
        (json!({}), "ValidationError"),
        (json!({ "ListenerArns": [unknown] }), "ListenerNotFound"),
        (json!({ "LoadBalancerArn": listener }), "ValidationError"),
    ] {
        assert_eq!(elb.refused("DescribeListeners", input.clone()), code, "{input}");
    }
    let attributes = json!({ "ListenerArn": listener });
    let attributes = elb.ask("DescribeListenerAttributes", attributes);
    assert_eq!(text(&attributes, "/Attributes/0/Value"), "true");
}

#[test]
fn a_secret_stays_inside_and_can_be_kept() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let actions = |member: &str, value: &str| {
        let mut config = json!({ "Issuer": "https://a", "AuthorizationEndpoint": "https://b",
            "TokenEndpoint": "https://c", "UserInfoEndpoint": "https://d", "ClientId": "e",
            "AuthenticationRequestExtraParams": { "k": "v" } });
        config[member] = json!(value);
        let mut rest = fixed();
        rest[0]["Order"] = json!("2");
        json!([{ "Type": "authenticate-oidc", "Order": "1", "AuthenticateOidcConfig": config },
               rest[0]])
    };
    let mut input = http(&balancer, 443, actions("Scope", "email"));
    input["Protocol"] = json!("HTTPS");
    let certificate = certificate(&mut elb, "example.com");
    input["Certificates"] = json!([{ "CertificateArn": certificate }]);
    assert_eq!(elb.refused("CreateListener", input.clone()), "ValidationError");
    input["DefaultActions"] = actions("ClientSecret", "f");
    let made = elb.ask("CreateListener", input);
    let config = &made["Listeners"][0]["DefaultActions"][0]["AuthenticateOidcConfig"];
    assert!(config["ClientSecret"].is_null());
    assert_eq!(config["SessionTimeout"], 604_800);
    assert_eq!(text(config, "/AuthenticationRequestExtraParams/entry/0/value"), "v");
    let arn = text(&made, "/Listeners/0/ListenerArn");
    let kept = actions("UseExistingClientSecret", "true");
    elb.ask("ModifyListener", json!({ "ListenerArn": arn, "DefaultActions": kept }));
    // The secret is there still when something else changes.
    elb.ask("ModifyListener", json!({ "ListenerArn": arn, "Port": "444" }));
}
