//! Offline rules of target groups: the limits in AWS's API references of CreateTargetGroup and
//! TargetGroupAttribute.

use landfall_model::{Finding, reference};

use super::spec::{Algorithm, HealthCheck, Protocol, Spec, StickinessType, TargetType};
use crate::services::elb::is_name;

pub(super) fn check(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_name(&spec.name) {
        findings.push(Finding::field(
            "name",
            "a target group's name has at most 32 letters, digits and hyphens, with no hyphen at \
             either end",
        ));
    }
    targets(spec, &mut findings);
    attributes(spec, &mut findings);
    health_check(spec, &mut findings);
    findings
}

fn targets(spec: &Spec, findings: &mut Vec<Finding>) {
    let lambda = spec.target_type == TargetType::Lambda;
    let given = [
        ("port", spec.port.is_some()),
        ("protocol", spec.protocol.is_some()),
        ("vpc", spec.vpc.is_some()),
    ];
    for (field, given) in given {
        if lambda && given {
            let message = format!("a group with a Lambda function as its target has no {field}");
            findings.push(Finding::field(field, message));
        }
        if !lambda && !given {
            let message = format!("a target group needs `{field}`");
            findings.push(Finding::field("", message));
        }
    }
    if spec.port.is_some_and(|port| !(1..=65535).contains(&port)) {
        findings.push(Finding::field("port", "ports go from 1 to 65535"));
    }
    if spec.target_type == TargetType::Alb && spec.protocol != Some(Protocol::Tcp) {
        let message = "a group with a load balancer as its target speaks `tcp`";
        findings.push(Finding::field("protocol", message));
    }
    if spec.protocol_version.is_some() && !spec.is_http() {
        let message = "only `protocol: http` and `https` have a version";
        findings.push(Finding::field("protocol_version", message));
    }
}

fn attributes(spec: &Spec, findings: &mut Vec<Finding>) {
    let lambda = spec.target_type == TargetType::Lambda;
    if !(0..=3600).contains(&spec.deregistration_delay) {
        let message = "a deregistration delay is 0 to 3600 seconds";
        findings.push(Finding::field("deregistration_delay", message));
    } else if lambda && spec.deregistration_delay != 300 {
        let message = "a Lambda function as the target knows no deregistration delay";
        findings.push(Finding::field("deregistration_delay", message));
    }
    if spec.slow_start != 0 {
        let algorithm = spec.load_balancing_algorithm;
        if !(30..=900).contains(&spec.slow_start) {
            let message = "a slow start takes 30 to 900 seconds, or 0 for none";
            findings.push(Finding::field("slow_start", message));
        } else if lambda || !spec.is_http() {
            let message = "only targets spoken to by HTTP or HTTPS can start slowly";
            findings.push(Finding::field("slow_start", message));
        } else if algorithm != Algorithm::RoundRobin {
            let message = "a slow start needs `load_balancing_algorithm: round_robin`";
            findings.push(Finding::field("slow_start", message));
        }
    }
    if spec.load_balancing_algorithm != Algorithm::RoundRobin && !spec.is_http() {
        let message = "only groups that speak HTTP or HTTPS have a choice of algorithm";
        findings.push(Finding::field("load_balancing_algorithm", message));
    }
    if spec.anomaly_mitigation && spec.load_balancing_algorithm != Algorithm::WeightedRandom {
        let message = "anomaly mitigation needs `load_balancing_algorithm: weighted_random`";
        findings.push(Finding::field("anomaly_mitigation", message));
    }
    stickiness(spec, findings);
}

fn stickiness(spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(stickiness) = &spec.stickiness else { return };
    let cookie = matches!(stickiness.by, StickinessType::LbCookie | StickinessType::AppCookie);
    let takes_cookies = spec.is_http() || spec.target_type == TargetType::Lambda;
    if cookie != takes_cookies {
        let finding = match takes_cookies {
            true => Finding::field(
                "stickiness.type",
                "a group that speaks HTTP or HTTPS knows clients by a cookie",
            )
            .help("write `lb_cookie` or `app_cookie`"),
            false => Finding::field(
                "stickiness.type",
                "only a group that speaks HTTP or HTTPS knows clients by a cookie",
            )
            .help("write `source_ip`"),
        };
        findings.push(finding);
    }
    if !(1..=604_800).contains(&stickiness.duration) {
        let message = "clients are kept for 1 to 604800 seconds";
        findings.push(Finding::field("stickiness.duration", message));
    }
    match (&stickiness.cookie_name, stickiness.by) {
        (None, StickinessType::AppCookie) => {
            let message = "`type: app_cookie` needs the cookie's name";
            findings.push(Finding::field("stickiness", message).help("add `cookie_name`"));
        }
        (Some(name), StickinessType::AppCookie) if name.starts_with("AWSALB") => {
            let message = "names that begin with `AWSALB` are the load balancer's own";
            findings.push(Finding::field("stickiness.cookie_name", message));
        }
        (Some(_), by) if by != StickinessType::AppCookie => {
            let message = "only `type: app_cookie` takes the name of a cookie";
            findings.push(Finding::field("stickiness.cookie_name", message));
        }
        _ => {}
    }
}

fn health_check(spec: &Spec, findings: &mut Vec<Finding>) {
    let check = &spec.health_check;
    let mut wrong = |field: &str, message: &str| {
        findings.push(Finding::field(&format!("health_check.{field}"), message));
    };
    if check.enabled == Some(false) {
        if spec.target_type != TargetType::Lambda {
            wrong("enabled", "only a Lambda function can go without health checks");
        }
        return;
    }
    let lambda = spec.target_type == TargetType::Lambda;
    let within = |value: Option<i32>, least: i32, most: i32| {
        value.is_none_or(|value| (least..=most).contains(&value))
    };
    if !within(check.interval, 5, 300) {
        wrong("interval", "health is checked every 5 to 300 seconds");
    }
    if !within(check.timeout, 2, 120) {
        wrong("timeout", "a health check waits 2 to 120 seconds for an answer");
    } else if spec.is_http() && check.timeout >= check.interval {
        wrong("timeout", "a health check has to be over before the next one starts");
    }
    if !within(check.healthy_threshold, 2, 10) {
        wrong("healthy_threshold", "2 to 10 good checks in a row make a target healthy");
    }
    if !within(check.unhealthy_threshold, 2, 10) {
        wrong("unhealthy_threshold", "2 to 10 bad checks in a row make a target unhealthy");
    }
    let by_http = lambda || check.protocol.is_some_and(Protocol::is_http);
    match check.protocol {
        Some(_) if lambda => wrong("protocol", "a Lambda function is called, by no protocol"),
        Some(Protocol::Tcp) if spec.is_http() => {
            wrong("protocol", "a group that speaks HTTP or HTTPS is checked by `http` or `https`");
        }
        Some(protocol) if !protocol.is_http() && protocol != Protocol::Tcp => {
            wrong("protocol", "health is checked by `http`, `https` or `tcp`");
        }
        _ => {}
    }
    if !by_http && check.path.is_some() {
        wrong("path", "a health check by TCP asks for no path");
    }
    if !by_http && check.matcher.is_some() {
        wrong("matcher", "a health check by TCP gets no code");
    }
    texts(check, wrong);
}

fn texts(check: &HealthCheck, mut wrong: impl FnMut(&str, &str)) {
    let known = |text: &&String| reference::is_known(text);
    if let Some(path) = check.path.as_ref().filter(known)
        && (!path.starts_with('/') || path.len() > 1024)
    {
        wrong("path", "a path begins with `/` and has at most 1024 characters");
    }
    if let Some(port) = check.port.as_ref().filter(known)
        && port != "traffic-port"
        && !port.parse::<u16>().is_ok_and(|port| port > 0)
    {
        wrong("port", "the port is a number from 1 to 65535, or `traffic-port`");
    }
    if let Some(matcher) = check.matcher.as_ref().filter(known) {
        let number = |text: &str| {
            !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let codes = |part: &str| match part.split_once('-') {
            Some((first, last)) => number(first) && number(last),
            None => number(part),
        };
        if !matcher.split(',').all(codes) {
            wrong("matcher", "codes are written `200`, `200,202` or `200-299`");
        }
    }
}
