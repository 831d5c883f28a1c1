//! Load balancers.

pub mod attributes;
pub mod change;
pub mod create;
mod dns;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arn::{self, Kind};
use super::attribute::Settings;
use super::constraint::invalid;
use super::network::{self, Zone};
use super::pages::page;
use super::place::Setting;
use super::{listener, script, target_health};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `application` or `network`.
    pub sort: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub ip_address_type: String,
    /// Whether it translates source addresses into a prefix of each subnet.
    pub source_nat: bool,
    /// Its name in the DNS.
    pub dns_name: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Where it is.
    pub zones: Vec<Zone>,
    /// The ids of its security groups.
    pub groups: Vec<String>,
    /// Whether the groups' rules hold for traffic through PrivateLink.
    pub enforce_on_private_link: Option<String>,
    /// Its IPAM pool.
    pub ipam_pool: Option<String>,
    /// Whether it is provisioned.
    pub active: bool,
    /// Why it never will be.
    #[serde(default)]
    pub failed: Option<String>,
    /// When it was made.
    pub created: Time,
    /// The attributes that were set.
    pub attributes: Settings,
    /// Its tags.
    pub tags: Tags,
}

impl LoadBalancer {
    /// Whether it balances HTTP.
    pub fn is_application(&self) -> bool {
        self.sort == "application"
    }

    /// `app/NAME/ID`
    pub fn path(&self) -> &str {
        self.arn.split_once("loadbalancer/").map_or("", |(_, path)| path)
    }

    /// What its addresses depend on.
    pub fn setting(&self) -> Setting {
        Setting {
            application: self.is_application(),
            public: self.scheme == "internet-facing",
            ip_address_type: self.ip_address_type.clone(),
            source_nat: self.source_nat,
        }
    }

    /// Whether source NAT has prefixes, as it is read back.
    pub fn source_nat_switch(&self) -> Option<&'static str> {
        let switch = if self.source_nat { "on" } else { "off" };
        (!self.is_application()).then_some(switch)
    }

    /// Whether it is in an availability zone.
    pub fn is_in(&self, zone: &str) -> bool {
        self.zones.iter().any(|known| known.name == zone)
    }

    fn described(&self, region: &str) -> Value {
        let application = self.is_application();
        let state = match &self.failed {
            Some(reason) => json!({ "Code": "failed", "Reason": reason }),
            None if self.active => json!({ "Code": "active" }),
            None => json!({ "Code": "provisioning" }),
        };
        let zones: Vec<Value> = self.zones.iter().map(|zone| zone.described(application)).collect();
        let groups = (application || !self.groups.is_empty()).then_some(&self.groups);
        json!({
            "LoadBalancerArn": self.arn,
            "DNSName": self.dns_name,
            "CanonicalHostedZoneId": dns::hosted_zone(region, application),
            "CreatedTime": self.created.iso(),
            "LoadBalancerName": self.name,
            "Scheme": self.scheme,
            "VpcId": self.vpc,
            "State": state,
            "Type": self.sort,
            "AvailabilityZones": zones,
            "SecurityGroups": groups,
            "IpAddressType": self.ip_address_type,
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": self.enforce_on_private_link,
            "EnablePrefixForIpv6SourceNat": self.source_nat_switch(),
            "IpamPools": self.ipam_pool.as_ref().map(|pool| json!({ "Ipv4IpamPoolId": pool })),
        })
    }
}

/// A load balancer is provisioned, and the checks of its targets begin; or it fails for good.
pub fn active(site: &mut Site<'_>, arn: &str) {
    let name = site.region().elb.load_balancers.get(arn).map(|found| found.name.clone());
    let failed = name.and_then(|name| script::draw(site, &name));
    if let Some(found) = site.region_mut().elb.load_balancers.get_mut(arn) {
        found.active = failed.is_none();
        found.failed = failed;
        target_health::settle(site);
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    load_balancer_arns: Vec<String>,
    names: Vec<String>,
    marker: Option<String>,
    page_size: Option<i64>,
}

pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let Describe { load_balancer_arns: arns, names, marker, page_size } = input;
    if !arns.is_empty() && !names.is_empty() {
        return Err(invalid(
            "Load balancer names and load balancer ARNs cannot be specified at the \
                            same time",
        ));
    }
    if arns.len().max(names.len()) > 20 {
        return Err(invalid("Cannot have more than 20 load balancers described"));
    }
    arns.iter().try_for_each(|arn| Kind::LoadBalancer.shaped(arn))?;
    let all = &site.region().elb.load_balancers;
    if arns.iter().any(|arn| !all.contains_key(arn)) {
        return Err(Kind::LoadBalancer.some_not_found());
    }
    if names.iter().any(|name| all.values().all(|one| one.name != *name)) {
        let names = names.join(", ");
        return Err(Kind::LoadBalancer.not_found(format!("Load balancers '[{names}]' not found")));
    }
    let any = arns.is_empty() && names.is_empty();
    let found: Vec<&LoadBalancer> = all
        .values()
        .filter(|one| any || arns.contains(&one.arn) || names.contains(&one.name))
        .collect();
    let scope = format!("load balancers {arns:?} {names:?}");
    let (found, next) = page(found, page_size, marker.as_deref(), &scope)?;
    let found: Vec<Value> = found.into_iter().map(|one| one.described(&site.name)).collect();
    Ok(json!({ "LoadBalancers": found, "NextMarker": next }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    load_balancer_arn: String,
}

/// ELB API, DeleteLoadBalancer: the listeners go with it; what is not there counts as deleted.
pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let arn = input.load_balancer_arn;
    let found = match arn::load_balancer(site, &arn) {
        Ok(found) => found.clone(),
        Err(refused) if refused.code == "LoadBalancerNotFound" => return Ok(json!({})),
        Err(refused) => return Err(refused),
    };
    if attributes::is_protected(&found) {
        let message = format!(
            "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        );
        return Err(Refused::new("OperationNotPermitted", message));
    }
    listener::delete_all(site, &arn);
    site.region_mut().elb.load_balancers.remove(&arn);
    network::vacate(site, found.zones);
    target_health::settle(site);
    Ok(json!({}))
}
