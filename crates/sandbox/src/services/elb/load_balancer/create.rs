//! CreateLoadBalancer.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::super::constraint::{self, invalid, misconfigured, one_of};
use super::super::network::{self, Interfaces};
use super::super::place::{self, Place, Setting, SubnetMapping};
use super::super::tag::{self, Tag};
use super::super::{Event, limit};
use super::{LoadBalancer, dns};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::iam::assume;
use crate::tags::Tags;
use crate::world::{Site, Wait};

/// The pools that a load balancer takes its addresses from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct IpamPools {
    /// The pool of public IPv4 addresses.
    pub ipv4_ipam_pool_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Create {
    name: String,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    #[serde(default)]
    security_groups: Vec<String>,
    #[serde(default)]
    scheme: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(default, rename = "Type")]
    sort: Option<String>,
    #[serde(default)]
    ip_address_type: Option<String>,
    #[serde(default)]
    customer_owned_ipv4_pool: Option<String>,
    #[serde(default)]
    enable_prefix_for_ipv6_source_nat: Option<String>,
    #[serde(default)]
    ipam_pools: Option<IpamPools>,
}

/// What is asked for, after it was checked.
struct Wanted {
    name: String,
    sort: String,
    scheme: String,
    setting: Setting,
    vpc: String,
    places: Vec<Place>,
    groups: Vec<String>,
    ipam_pool: Option<String>,
    tags: Tags,
}

pub(crate) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let wanted = wanted(site, input)?;
    // AWS makes the service-linked role on first use, and goes on without waiting for it.
    assume::service_linked(site, "elasticloadbalancing.amazonaws.com");
    let all = &site.region().elb.load_balancers;
    if let Some(existing) = all.values().find(|one| one.name == wanted.name) {
        // ELB API, CreateLoadBalancer: idempotent; the same settings are the same load balancer.
        if is_same(existing, &wanted) {
            return Ok(json!({ "LoadBalancers": [existing.described(&site.name)] }));
        }
        let message = format!(
            "A load balancer with the same name '{}' exists, but with different settings",
            wanted.name
        );
        return Err(Refused::new("DuplicateLoadBalancerName", message));
    }
    if all.values().filter(|one| one.sort == wanted.sort).count() >= limit::LOAD_BALANCERS {
        let message =
            format!("The maximum number of {} load balancers has been reached", wanted.sort);
        return Err(Refused::new("TooManyLoadBalancers", message));
    }
    place::are_free(site, &wanted.places)?;
    let made = make(site, wanted)?;
    let described = made.described(&site.name);
    site.later(Wait::LoadBalancerActive, Event::Active { load_balancer: made.arn.clone() });
    site.region_mut().elb.load_balancers.insert(made.arn.clone(), made);
    Ok(json!({ "LoadBalancers": [described] }))
}

fn wanted(site: &Site<'_>, input: Create) -> Result<Wanted, Refused> {
    let name = input.name;
    constraint::name("The load balancer name", &name)?;
    if name.starts_with("internal-") {
        return Err(invalid("The load balancer name cannot have a prefix of 'internal-'"));
    }
    let sort = input.sort.unwrap_or_else(|| "application".to_owned());
    one_of("type", &sort, &["application", "network", "gateway"])?;
    if sort == "gateway" {
        return Err(misconfigured("The sandbox has no gateway load balancers"));
    }
    let application = sort == "application";
    let scheme = input.scheme.unwrap_or_else(|| "internet-facing".to_owned());
    one_of("scheme", &scheme, &["internet-facing", "internal"])?;
    let ip_address_type = input.ip_address_type.unwrap_or_else(|| "ipv4".to_owned());
    let setting = Setting {
        application,
        public: scheme == "internet-facing",
        ip_address_type,
        source_nat: place::switch(input.enable_prefix_for_ipv6_source_nat.as_ref())?
            .unwrap_or_default(),
    };
    setting.check()?;
    if input.customer_owned_ipv4_pool.is_some() {
        return Err(misconfigured("A customer-owned address pool needs an Outpost subnet"));
    }
    let tags = tag::given(input.tags)?;
    let places = place::places(site, &setting, input.subnets, input.subnet_mappings)?;
    let vpc = places.first().map(|place| place.subnet.vpc.clone()).unwrap_or_default();
    let groups = network::groups(site, &vpc, application, input.security_groups)?;
    if scheme == "internet-facing" {
        network::reachable(site, &vpc)?;
    }
    let ipam_pool = input.ipam_pools.and_then(|pools| pools.ipv4_ipam_pool_id);
    Ok(Wanted { name, sort, scheme, setting, vpc, places, groups, ipam_pool, tags })
}

fn is_same(existing: &LoadBalancer, wanted: &Wanted) -> bool {
    let groups = |groups: &[String]| groups.iter().cloned().collect::<BTreeSet<_>>();
    existing.sort == wanted.sort
        && existing.setting() == wanted.setting
        && existing.ipam_pool == wanted.ipam_pool
        && existing.tags == wanted.tags
        && groups(&existing.groups) == groups(&wanted.groups)
        && existing.zones.len() == wanted.places.len()
        && wanted.places.iter().all(|place| existing.zones.iter().any(|zone| zone.is(place)))
}

fn make(site: &mut Site<'_>, wanted: Wanted) -> Result<LoadBalancer, Refused> {
    let id = site.world.chance.hex(16);
    let short = if wanted.sort == "application" { "app" } else { "net" };
    let path = format!("{short}/{}/{id}", wanted.name);
    let public = wanted.setting.public;
    let interfaces = Interfaces { of: &path, groups: &wanted.groups, public };
    let mut zones = network::occupy(site, &interfaces, wanted.places)?;
    network::prefixes(site, &mut zones, wanted.setting.source_nat);
    let enforced = wanted.sort == "network" && !wanted.groups.is_empty();
    Ok(LoadBalancer {
        arn: site.arn("elasticloadbalancing", &format!("loadbalancer/{path}")),
        dns_name: dns::dns_name(site, &wanted.name, &id, &wanted.scheme, &wanted.sort),
        name: wanted.name,
        sort: wanted.sort,
        scheme: wanted.scheme,
        ip_address_type: wanted.setting.ip_address_type,
        source_nat: wanted.setting.source_nat,
        vpc: wanted.vpc,
        zones,
        groups: wanted.groups,
        enforce_on_private_link: enforced.then(|| "on".to_owned()),
        ipam_pool: wanted.ipam_pool,
        active: false,
        failed: None,
        created: site.now(),
        attributes: super::Settings::new(),
        tags: wanted.tags,
    })
}
