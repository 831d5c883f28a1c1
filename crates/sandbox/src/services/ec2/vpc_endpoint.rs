//! VPC endpoints: made, listed and deleted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::endpoint_service;
use super::interface::{self, NewInterface};
use super::listing::{self, Described, Kind, describe_input, found, found_mut};
use super::prefix_list::PrefixList;
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::vpc::Vpc;
use super::vpc_block::{not_supported, unsupported};
use super::vpc_endpoint_check;
use super::{Event, State};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time, Wait};

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `vpce-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// The service it leads to: `com.amazonaws.us-east-1.logs`.
    pub service: String,
    /// `Gateway` or `Interface`.
    pub sort: String,
    /// `pending`, `available` or `deleting`.
    pub state: String,
    /// Its policy.
    pub policy: String,
    /// The route tables of a gateway endpoint.
    pub route_tables: Vec<String>,
    /// The interfaces of an interface endpoint by subnet.
    pub interfaces: BTreeMap<String, String>,
    /// The security groups of its interfaces.
    pub groups: Vec<String>,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
    /// Which DNS records there are.
    pub dns_records: String,
    /// The letters in its DNS names.
    pub dns_suffix: String,
    /// When it was made.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

/// The policy of an endpoint that was given none.
pub const FULL_ACCESS: &str = "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
                               \"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}";

impl VpcEndpoint {
    /// Whether it is a gateway endpoint.
    pub fn is_gateway(&self) -> bool {
        self.sort == "Gateway"
    }

    fn dns_entries(&self, ec2: &State) -> Vec<Value> {
        if self.is_gateway() {
            return Vec::new();
        }
        let region = &ec2.name;
        let service = endpoint_service::service(region, &self.service, "Interface").ok();
        let Some(service) = service else { return Vec::new() };
        let tail = format!("{}.{region}.vpce.amazonaws.com", service.short);
        let stem = format!("{}-{}", self.id, self.dns_suffix);
        let zones = self.interfaces.keys().filter_map(|id| Some(&ec2.subnets.get(id)?.zone));
        let zones = zones.map(|zone| format!("{stem}-{zone}.{tail}"));
        let mut entries: Vec<Value> = [format!("{stem}.{tail}")]
            .into_iter()
            .chain(zones)
            .map(|name| json!({ "dnsName": name, "hostedZoneId": "Z7HUB22UULQXV" }))
            .collect();
        let private = service.private_dns_name(region).filter(|_| self.private_dns);
        entries.extend(private.map(|name| {
            let zone = self.dns_suffix.to_ascii_uppercase();
            json!({ "dnsName": name, "hostedZoneId": format!("Z0{zone}SANDBOX") })
        }));
        entries
    }
}

impl Described for VpcEndpoint {
    const KIND: Kind = Kind {
        set: "vpcEndpointSet",
        noun: "vpcEndpoint",
        absent: "InvalidVpcEndpointId.NotFound",
        pages: (1, 1000),
        filters: &[
            "ip-address-type",
            "service-name",
            "service-region",
            "vpc-endpoint-id",
            "vpc-endpoint-state",
            "vpc-endpoint-type",
            "vpc-id",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, VpcEndpoint> {
        &ec2.endpoints
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, VpcEndpoint> {
        &mut ec2.endpoints
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, ec2: &State, filter: &str) -> Vec<String> {
        match filter {
            "ip-address-type" => vec!["ipv4".to_owned()],
            "service-name" => vec![self.service.clone()],
            "service-region" => vec![ec2.name.clone()],
            "vpc-endpoint-id" => vec![self.id.clone()],
            "vpc-endpoint-state" => vec![self.state.clone()],
            "vpc-endpoint-type" => vec![self.sort.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => Vec::new(),
        }
    }

    fn view(&self, ec2: &State) -> Value {
        let group = |id: &String| {
            let name = ec2.groups.get(id).map(|group| &group.name);
            json!({ "groupId": id, "groupName": name })
        };
        let dns = json!({
            "dnsRecordIpType": self.dns_records,
            "privateDnsOnlyForInboundResolverEndpoint": (!self.is_gateway()).then_some(false),
        });
        json!({
            "vpcEndpointId": self.id,
            "vpcEndpointType": self.sort,
            "vpcId": self.vpc,
            "serviceName": self.service,
            "serviceRegion": ec2.name,
            "state": self.state,
            "policyDocument": self.policy,
            "routeTableIdSet": self.route_tables,
            "subnetIdSet": self.interfaces.keys().collect::<Vec<_>>(),
            "groupSet": self.groups.iter().map(group).collect::<Vec<_>>(),
            "ipAddressType": "ipv4",
            "dnsOptions": dns,
            "privateDnsEnabled": self.private_dns,
            "requesterManaged": false,
            "networkInterfaceIdSet": self.interfaces.values().collect::<Vec<_>>(),
            "dnsEntrySet": self.dns_entries(ec2),
            "creationTimestamp": self.created.iso(),
            "ownerId": ACCOUNT,
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The routes that gateway endpoints have put into a table: prefix lists and endpoints.
pub fn routes<'a>(ec2: &'a State, table: &str) -> Vec<(&'a str, &'a str)> {
    let leads = |endpoint: &&VpcEndpoint| endpoint.route_tables.iter().any(|own| own == table);
    let route = |endpoint: &'a VpcEndpoint| {
        let list = prefix_list_of(ec2, &endpoint.service)?;
        Some((list.id.as_str(), endpoint.id.as_str()))
    };
    ec2.endpoints.values().filter(leads).filter_map(route).collect()
}

/// The same as answers show them.
pub fn route_views(ec2: &State, table: &str) -> Vec<Value> {
    let view = |(list, endpoint)| {
        json!({
            "destinationPrefixListId": list,
            "gatewayId": endpoint,
            "origin": "CreateRoute",
            "state": "active",
        })
    };
    routes(ec2, table).into_iter().map(view).collect()
}

/// The prefix list of a service with gateway endpoints.
pub fn prefix_list_of<'a>(ec2: &'a State, service: &str) -> Option<&'a PrefixList> {
    ec2.prefix_lists.values().find(|list| list.of_aws && list.name == service)
}

/// The input of `CreateVpcEndpoint`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateVpcEndpoint {
    vpc_id: String,
    #[serde(default)]
    vpc_endpoint_type: Option<EndpointType>,
    #[serde(default)]
    service_name: Option<String>,
    #[serde(default)]
    policy_document: Option<String>,
    #[serde(default)]
    route_table_id: Vec<String>,
    #[serde(default)]
    subnet_id: Vec<String>,
    #[serde(default)]
    security_group_id: Vec<String>,
    #[serde(default)]
    ip_address_type: Option<String>,
    #[serde(default)]
    dns_options: Option<DnsOptions>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    private_dns_enabled: Option<bool>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
    #[serde(default)]
    subnet_configuration: Vec<Value>,
    #[serde(default)]
    service_network_arn: Option<String>,
    #[serde(default)]
    resource_configuration_arn: Option<String>,
    #[serde(default)]
    service_region: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum EndpointType {
    Interface,
    Gateway,
    GatewayLoadBalancer,
    Resource,
    ServiceNetwork,
    Tunnel,
}

/// The DNS options of an endpoint in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DnsOptions {
    #[serde(default)]
    dns_record_ip_type: Option<String>,
    #[serde(default)]
    private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    #[serde(default)]
    private_dns_preference: Option<String>,
    #[serde(default)]
    private_dns_specified_domain: Vec<String>,
}

impl DnsOptions {
    /// The sort of DNS records, where it is given; what else could be given is refused.
    pub fn records(&self) -> Result<Option<String>, Refused> {
        let resolver = self.private_dns_only_for_inbound_resolver_endpoint == Some(true);
        unsupported(resolver, "PrivateDnsOnlyForInboundResolverEndpoint")?;
        unsupported(self.private_dns_preference.is_some(), "PrivateDnsPreference")?;
        unsupported(!self.private_dns_specified_domain.is_empty(), "PrivateDnsSpecifiedDomain")?;
        match self.dns_record_ip_type.as_deref() {
            None => Ok(None),
            Some(given @ ("ipv4" | "service-defined")) => Ok(Some(given.to_owned())),
            Some(given) => {
                let message = format!("Value ({given}) for parameter DnsRecordIpType is invalid.");
                Err(Refused::new("InvalidParameter", message))
            }
        }
    }
}

/// `CreateVpcEndpoint`.
pub fn create(site: &mut Site<'_>, input: CreateVpcEndpoint) -> Answer {
    let tags = tags_for(&input.tag_specification, "vpc-endpoint")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let of = |endpoint: &VpcEndpoint, ec2: &State| {
        let token = Token::text(endpoint.token.as_ref());
        json!({ "clientToken": token, "vpcEndpoint": endpoint.view(ec2) })
    };
    let ec2 = &site.region().ec2;
    if let Some(made) =
        token::earlier::<VpcEndpoint>(ec2, token.as_ref(), |made| made.token.as_ref())?
    {
        return Ok(of(made, ec2));
    }
    let elsewhere = input.service_region.as_ref().is_some_and(|region| *region != site.name);
    unsupported(elsewhere, "ServiceRegion")?;
    unsupported(!input.subnet_configuration.is_empty(), "SubnetConfiguration")?;
    unsupported(input.service_network_arn.is_some(), "ServiceNetworkArn")?;
    unsupported(input.resource_configuration_arn.is_some(), "ResourceConfigurationArn")?;
    unsupported(input.ip_address_type.as_ref().is_some_and(|t| t != "ipv4"), "IpAddressType")?;
    let dns_records = match &input.dns_options {
        Some(options) => options.records()?,
        None => None,
    };
    let vpc = found::<Vpc>(ec2, &input.vpc_id)?;
    let sort = match input.vpc_endpoint_type {
        None | Some(EndpointType::Gateway) => "Gateway",
        Some(EndpointType::Interface) => "Interface",
        Some(other) => return Err(not_supported(&format!("VpcEndpointType={other:?}"))),
    };
    let Some(name) = &input.service_name else {
        let message = "The request must contain the parameter ServiceName";
        return Err(Refused::new("MissingParameter", message));
    };
    let service = endpoint_service::service(&site.name, name, sort)?;
    let policy = match &input.policy_document {
        Some(policy) => vpc_endpoint_check::checked_policy(policy)?,
        None => FULL_ACCESS.to_owned(),
    };
    let mut endpoint = VpcEndpoint {
        id: String::new(),
        vpc: vpc.id.clone(),
        service: service.name.clone(),
        sort: sort.to_owned(),
        state: "available".to_owned(),
        policy,
        route_tables: Vec::new(),
        interfaces: BTreeMap::new(),
        groups: Vec::new(),
        private_dns: false,
        dns_records: dns_records.unwrap_or_else(|| {
            if sort == "Gateway" { "service-defined" } else { "ipv4" }.to_owned()
        }),
        dns_suffix: String::new(),
        created: site.now(),
        tags,
        token,
    };
    let subnets = vpc_endpoint_check::unique(&input.subnet_id);
    if endpoint.is_gateway() {
        only_for_gateways(&input)?;
        let tables = vpc_endpoint_check::unique(&input.route_table_id);
        vpc_endpoint_check::free_tables(ec2, &endpoint, &tables)?;
        endpoint.route_tables = tables;
    } else {
        if !input.route_table_id.is_empty() {
            let message = "Route table IDs are only supported for Gateway type VPC Endpoint.";
            return Err(Refused::new("InvalidParameter", message));
        }
        endpoint.groups = vpc_endpoint_check::groups(ec2, &vpc.id, &input.security_group_id)?;
        vpc_endpoint_check::free_zones(ec2, &endpoint, &subnets)?;
        let wanted = input.private_dns_enabled.unwrap_or(vpc.dns_support && vpc.dns_hostnames);
        if wanted {
            vpc_endpoint_check::private_dns_allowed(ec2, &endpoint, &service)?;
        }
        endpoint.private_dns = wanted;
        endpoint.state = "pending".to_owned();
    }
    endpoint.id = site.new_id("vpce");
    endpoint.dns_suffix = site.world.chance.letters(b"abcdefghijklmnopqrstuvwxyz0123456789", 8);
    attach(site, &mut endpoint, &subnets)?;
    if !endpoint.is_gateway() {
        site.later(Wait::EndpointAvailable, Event::EndpointAvailable { id: endpoint.id.clone() });
    }
    let ec2 = &mut site.region_mut().ec2;
    let answer = of(&endpoint, ec2);
    ec2.endpoints.insert(endpoint.id.clone(), endpoint);
    Ok(answer)
}

fn only_for_gateways(input: &CreateVpcEndpoint) -> Result<(), Refused> {
    for (given, what) in [
        (!input.subnet_id.is_empty(), "Subnet IDs are"),
        (!input.security_group_id.is_empty(), "Security group IDs are"),
        (input.private_dns_enabled == Some(true), "Private DNS is"),
    ] {
        if given {
            let message = format!("{what} only supported for Interface type VPC Endpoint.");
            return Err(Refused::new("InvalidParameter", message));
        }
    }
    Ok(())
}

/// Gives an interface endpoint its interfaces: all of them or none.
pub fn attach(
    site: &mut Site<'_>,
    endpoint: &mut VpcEndpoint,
    subnets: &[String],
) -> Result<(), Refused> {
    let description = format!("VPC Endpoint Interface {}", endpoint.id);
    let mut attached: Vec<(String, String)> = Vec::new();
    for subnet in subnets {
        let new = NewInterface {
            subnet,
            groups: &endpoint.groups,
            description: &description,
            sort: "vpc_endpoint",
            requester: "amazon-aws",
            public: false,
        };
        match interface::attach(site, &new) {
            Ok(interface) => attached.push((subnet.clone(), interface.id)),
            Err(refused) => {
                attached.iter().for_each(|(_, id)| interface::release(site, id));
                return Err(refused);
            }
        }
    }
    endpoint.interfaces.extend(attached);
    Ok(())
}

/// A new endpoint works.
pub fn available(site: &mut Site<'_>, id: &str) {
    let endpoint = site.region_mut().ec2.endpoints.get_mut(id);
    if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.state == "pending") {
        endpoint.state = "available".to_owned();
    }
}

/// The input of `DeleteVpcEndpoints`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteVpcEndpoints {
    vpc_endpoint_id: Vec<String>,
}

/// `DeleteVpcEndpoints`: gateway endpoints at once, the interfaces of the others take a while.
pub fn delete(site: &mut Site<'_>, input: DeleteVpcEndpoints) -> Answer {
    let mut unsuccessful = Vec::new();
    for id in vpc_endpoint_check::unique(&input.vpc_endpoint_id) {
        let ec2 = &mut site.region_mut().ec2;
        let Ok(endpoint) = found_mut::<VpcEndpoint>(ec2, &id) else {
            unsuccessful.push(json!({
                "resourceId": id,
                "error": {
                    "code": "InvalidVpcEndpoint.NotFound",
                    "message": format!("The Vpc Endpoint Id '{id}' does not exist"),
                },
            }));
            continue;
        };
        if endpoint.is_gateway() {
            ec2.endpoints.remove(&id);
        } else if endpoint.state != "deleting" {
            endpoint.state = "deleting".to_owned();
            // The service's own name is free for another endpoint from now on.
            endpoint.private_dns = false;
            site.later(Wait::EndpointDeleted, Event::EndpointDeleted { id });
        }
    }
    Ok(json!({ "unsuccessful": unsuccessful }))
}

/// An endpoint is gone, and its interfaces with it.
pub fn deleted(site: &mut Site<'_>, id: &str) {
    let Some(endpoint) = site.region_mut().ec2.endpoints.remove(id) else { return };
    endpoint.interfaces.values().for_each(|interface| interface::release(site, interface));
}

describe_input! { DescribeVpcEndpoints { vpc_endpoint_id } }

/// `DescribeVpcEndpoints`.
pub fn describe(site: &mut Site<'_>, input: DescribeVpcEndpoints) -> Answer {
    listing::describe::<VpcEndpoint>(site, input.asked())
}
