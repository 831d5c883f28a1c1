//! Listeners.

pub mod attributes;
pub mod certificate;
pub mod create;
pub mod modify;
mod secure;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::secure::Secure;
use super::action::Action;
use super::arn;
use super::attribute::Settings;
use super::constraint::{invalid, misconfigured};
use super::pages::page;
use super::place::Setting;
use super::{State, target_health};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A listener. Its default actions are those of its default rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its load balancer's ARN.
    pub load_balancer: String,
    /// Its port.
    pub port: i64,
    /// Its protocol.
    pub protocol: String,
    /// How it secures connections, if it does.
    pub secure: Option<Secure>,
    /// The attributes that were set.
    pub attributes: Settings,
    /// When it was made.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
}

impl Listener {
    fn described(&self, state: &State) -> Value {
        let default =
            state.rules.values().find(|rule| rule.listener == self.arn && rule.priority.is_none());
        let actions: Vec<Value> =
            default.iter().flat_map(|rule| rule.actions.iter().map(Action::described)).collect();
        let secure = self.secure.as_ref();
        json!({
            "ListenerArn": self.arn,
            "LoadBalancerArn": self.load_balancer,
            "Port": self.port,
            "Protocol": self.protocol,
            "Certificates":
                secure.map(|secure| json!([{ "CertificateArn": secure.certificate }])),
            "SslPolicy": secure.map(|secure| &secure.policy),
            "DefaultActions": actions,
            "AlpnPolicy": secure.and_then(|secure| secure.alpn.as_ref()).map(|alpn| json!([alpn])),
            "MutualAuthentication":
                secure.and_then(|secure| secure.mutual.as_ref()).map(|mode| {
                    json!({ "Mode": mode })
                }),
        })
    }
}

/// The listeners of a load balancer.
fn of<'s>(state: &'s State, load_balancer: &str) -> impl Iterator<Item = &'s Listener> {
    state.listeners.values().filter(move |one| one.load_balancer == load_balancer)
}

/// Refuses a port that another listener has. ELB API, CreateListener: `DuplicateListener`.
fn taken(load_balancer: &str) -> Refused {
    let message =
        format!("A listener already exists on this port for this load balancer '{load_balancer}'");
    Refused::new("DuplicateListener", message)
}

/// Refuses a protocol that the load balancer's type does not have.
fn supported(application: bool, protocol: &str) -> Result<(), Refused> {
    let known: &[&str] =
        if application { &["HTTP", "HTTPS"] } else { &["TCP", "TLS", "UDP", "TCP_UDP"] };
    if known.contains(&protocol) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(invalid(format!("Listener protocol '{protocol}' must be one of '{known}'")))
}

/// NLB guide, "UDP": a listener for UDP on a load balancer with both protocols needs prefixes for
/// source NAT.
pub fn has_prefixes(setting: &Setting, protocol: &str) -> Result<(), Refused> {
    let lacks = setting.is_dual() && !setting.source_nat && protocol.contains("UDP");
    match lacks {
        false => Ok(()),
        true => Err(misconfigured(format!(
            "{protocol} listeners on a dualstack load balancer need prefixes for IPv6 source NAT"
        ))),
    }
}

/// Refuses to take a listener away through which another load balancer reaches this one. NLB guide,
/// "Use Application Load Balancers as targets".
fn is_no_target(state: &State, listener: &Listener) -> Result<(), Refused> {
    let Listener { load_balancer: balancer, port, .. } = listener;
    let mut groups = state.target_groups.values().filter(|group| group.target_type == "alb");
    let reaches = |key: &target_health::Key| key.id == *balancer && key.port == Some(*port);
    match groups.any(|group| group.targets.iter().any(|target| reaches(&target.key))) {
        false => Ok(()),
        true => {
            let message = format!(
                "Listener port '{port}' is in use by registered target '{balancer}' and cannot be \
                 removed."
            );
            Err(Refused::new("ResourceInUse", message))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    load_balancer_arn: Option<String>,
    listener_arns: Vec<String>,
    marker: Option<String>,
    page_size: Option<i64>,
}

/// ELB API, DescribeListeners: of a load balancer, or by their ARNs.
pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let Describe { load_balancer_arn, listener_arns, marker, page_size } = input;
    let state = &site.region().elb;
    let mut found: Vec<&Listener> = match (&load_balancer_arn, listener_arns.is_empty()) {
        (Some(arn), true) => {
            arn::load_balancer(site, arn)?;
            of(state, arn).collect()
        }
        (None, false) => {
            let found: Result<_, Refused> =
                listener_arns.iter().map(|arn| arn::listener(site, arn)).collect();
            found?
        }
        _ => {
            let message = "You must specify either listener ARNs or a load balancer ARN";
            return Err(invalid(message));
        }
    };
    found.sort_by(|one, other| (one.created, &one.arn).cmp(&(other.created, &other.arn)));
    let scope = format!("listeners {load_balancer_arn:?} {listener_arns:?}");
    let (found, next) = page(found, page_size, marker.as_deref(), &scope)?;
    let found: Vec<Value> = found.into_iter().map(|one| one.described(state)).collect();
    Ok(json!({ "Listeners": found, "NextMarker": next }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    listener_arn: String,
}

pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    is_no_target(&site.region().elb, arn::listener(site, &input.listener_arn)?)?;
    remove(&mut site.region_mut().elb, &input.listener_arn);
    target_health::settle(site);
    Ok(json!({}))
}

/// Deletes the listeners of a load balancer.
pub fn delete_all(site: &mut Site<'_>, load_balancer: &str) {
    let state = &mut site.region_mut().elb;
    let all: Vec<String> = of(state, load_balancer).map(|one| one.arn.clone()).collect();
    all.iter().for_each(|arn| remove(state, arn));
}

fn remove(state: &mut State, arn: &str) {
    state.listeners.remove(arn);
    state.rules.retain(|_, rule| rule.listener != arn);
}
