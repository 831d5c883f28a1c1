//! Elastic Load Balancing v2.

mod action;
mod arn;
mod attribute;
mod capacity;
mod constraint;
mod limit;
mod listener;
mod load_balancer;
mod network;
mod pages;
mod place;
mod rule;
pub mod script;
mod ssl_policy;
mod tag;
pub mod target;
mod target_group;
mod target_health;
mod trust_store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "elasticloadbalancing",
    dialect: DIALECT,
    operations: operations! {
        AddListenerCertificates => listener::certificate::add,
        AddTags => tag::add,
        AddTrustStoreRevocations => trust_store::unknown,
        CreateListener => listener::create::create,
        CreateLoadBalancer => load_balancer::create::create,
        CreateRule => rule::create::create,
        CreateTargetGroup => target_group::create::create,
        CreateTrustStore => trust_store::create,
        DeleteListener => listener::delete,
        DeleteLoadBalancer => load_balancer::delete,
        DeleteRule => rule::delete,
        DeleteSharedTrustStoreAssociation => trust_store::unknown,
        DeleteTargetGroup => target_group::delete,
        DeleteTrustStore => trust_store::unknown,
        DeregisterTargets => target::deregister_targets,
        DescribeAccountLimits => limit::describe,
        DescribeCapacityReservation => capacity::describe,
        DescribeListenerAttributes => listener::attributes::describe,
        DescribeListenerCertificates => listener::certificate::describe,
        DescribeListeners => listener::describe,
        DescribeLoadBalancerAttributes => load_balancer::attributes::describe,
        DescribeLoadBalancers => load_balancer::describe,
        DescribeRules => rule::describe,
        DescribeSSLPolicies => ssl_policy::describe,
        DescribeTags => tag::describe,
        DescribeTargetGroupAttributes => target_group::attributes::describe,
        DescribeTargetGroups => target_group::describe,
        DescribeTargetHealth => target_health::describe,
        DescribeTrustStoreAssociations => trust_store::unknown,
        DescribeTrustStoreRevocations => trust_store::unknown,
        DescribeTrustStores => trust_store::describe,
        GetResourcePolicy => trust_store::policy,
        GetTrustStoreCaCertificatesBundle => trust_store::unknown,
        GetTrustStoreRevocationContent => trust_store::unknown,
        ModifyCapacityReservation => capacity::modify,
        ModifyIpPools => load_balancer::change::modify_ip_pools,
        ModifyListener => listener::modify::modify,
        ModifyListenerAttributes => listener::attributes::modify,
        ModifyLoadBalancerAttributes => load_balancer::attributes::modify,
        ModifyRule => rule::modify,
        ModifyTargetGroup => target_group::modify,
        ModifyTargetGroupAttributes => target_group::attributes::modify,
        ModifyTrustStore => trust_store::unknown,
        RegisterTargets => target::register_targets,
        RemoveListenerCertificates => listener::certificate::remove,
        RemoveTags => tag::remove,
        RemoveTrustStoreRevocations => trust_store::unknown,
        SetIpAddressType => load_balancer::change::set_ip_address_type,
        SetRulePriorities => rule::priority::set,
        SetSecurityGroups => load_balancer::change::set_security_groups,
        SetSubnets => load_balancer::change::set_subnets,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Query {
        version: "2015-12-01",
        namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    },
    missing: "ValidationError",
    unknown: "ValidationError",
    invalid: "ValidationError",
};

/// What it keeps, by ARN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Load balancers.
    pub load_balancers: BTreeMap<String, load_balancer::LoadBalancer>,
    /// Target groups.
    pub target_groups: BTreeMap<String, target_group::TargetGroup>,
    /// Listeners.
    pub listeners: BTreeMap<String, listener::Listener>,
    /// Rules, the default rules of the listeners among them.
    pub rules: BTreeMap<String, rule::Rule>,
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A load balancer is provisioned.
    Active {
        /// The load balancer's ARN.
        load_balancer: String,
    },
    /// Interfaces that a load balancer no longer needs are freed.
    InterfacesGone {
        /// Their ids.
        interfaces: Vec<String>,
    },
    /// The health checks of a target have come to a result.
    Checked {
        /// The target group's ARN.
        target_group: String,
        /// The target.
        target: target_health::Key,
        /// The run of checks that ends; results of earlier runs do not count.
        run: u64,
    },
    /// The deregistration delay of a target is over.
    Drained {
        /// The target group's ARN.
        target_group: String,
        /// The target.
        target: target_health::Key,
        /// The run that ended with the deregistration.
        run: u64,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::Active { load_balancer } => load_balancer::active(site, &load_balancer),
            Event::InterfacesGone { interfaces } => network::free(site, &interfaces),
            Event::Checked { target_group, target, run } => {
                target_health::checked(site, &target_group, &target, run);
            }
            Event::Drained { target_group, target, run } => {
                target_health::drained(site, &target_group, &target, run);
            }
        }
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    let State { load_balancers, target_groups, listeners, rules } = &region.elb;
    let load_balancers = load_balancers.iter().map(|(arn, thing)| (arn, &thing.tags));
    let target_groups = target_groups.iter().map(|(arn, thing)| (arn, &thing.tags));
    let listeners = listeners.iter().map(|(arn, thing)| (arn, &thing.tags));
    let rules = rules.iter().map(|(arn, thing)| (arn, &thing.tags));
    load_balancers
        .chain(target_groups)
        .chain(listeners)
        .chain(rules)
        .filter(|(_, tags)| !tags.is_empty())
        .map(|(arn, tags)| (arn.clone(), tags.clone()))
        .collect()
}

#[cfg(test)]
mod tests;
