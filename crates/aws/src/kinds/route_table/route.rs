//! A route: where packets for some addresses go.

use aws_sdk_ec2::types::{Route as AwsRoute, RouteOrigin};
use landfall_model::types::Ref;
use landfall_model::{CloudError, Finding, reference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::cidr::Cidr;
use crate::error::Answer;
use crate::kinds::internet_gateway::InternetGateway;
use crate::lookups::prefix_list::PrefixList;

/// A route: one destination, one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The IPv4 block that it is for; `0.0.0.0/0` is everything.
    pub destination: Option<Cidr>,
    /// The IPv6 block that it is for; `::/0` is everything.
    pub destination_ipv6: Option<Cidr>,
    /// The prefix list that it is for.
    pub prefix_list: Option<Ref<PrefixList>>,
    /// To an internet gateway.
    pub gateway: Option<Ref<InternetGateway>>,
    /// To a NAT gateway (`nat-…`).
    pub nat_gateway: Option<String>,
    /// To an egress-only internet gateway (`eigw-…`), for IPv6.
    pub egress_only_gateway: Option<String>,
    /// To a Gateway Load Balancer endpoint (`vpce-…`). Routes of gateway endpoints (S3, DynamoDB)
    /// belong to the endpoint and are not listed here.
    pub vpc_endpoint: Option<String>,
    /// To another VPC, through a peering connection (`pcx-…`).
    pub peering: Option<String>,
    /// To a transit gateway (`tgw-…`).
    pub transit_gateway: Option<String>,
    /// To a virtual private gateway (`vgw-…`).
    pub vpn_gateway: Option<String>,
    /// To a network interface (`eni-…`), such as that of an instance which forwards packets.
    pub network_interface: Option<String>,
}

/// What `ec2:CreateRoute` and `ec2:ReplaceRoute` both take.
macro_rules! aimed {
    ($call:expr, $table:expr, $route:expr) => {{
        let route: &Route = $route;
        let gateway = route.gateway.as_ref().map(String::from);
        $call
            .route_table_id($table)
            .set_destination_cidr_block(text(&route.destination))
            .set_destination_ipv6_cidr_block(text(&route.destination_ipv6))
            .set_destination_prefix_list_id(route.prefix_list.as_ref().map(String::from))
            .set_gateway_id(gateway.or_else(|| route.vpn_gateway.clone()))
            .set_nat_gateway_id(route.nat_gateway.clone())
            .set_egress_only_internet_gateway_id(route.egress_only_gateway.clone())
            .set_vpc_endpoint_id(route.vpc_endpoint.clone())
            .set_vpc_peering_connection_id(route.peering.clone())
            .set_transit_gateway_id(route.transit_gateway.clone())
            .set_network_interface_id(route.network_interface.clone())
            .send()
            .await
    }};
}

fn text(block: &Option<Cidr>) -> Option<String> {
    block.as_ref().map(|block| block.as_str().to_owned())
}

impl Route {
    /// The route as the spec would have it; `None` for what is not the table's own: routes within
    /// the VPC, propagated ones and those of gateway endpoints.
    pub(super) fn of(route: &AwsRoute) -> Option<Route> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let gateway = filled(&route.gateway_id).unwrap_or_default();
        let prefix_list = filled(&route.destination_prefix_list_id);
        let made = matches!(route.origin, None | Some(RouteOrigin::CreateRoute));
        let of_endpoint = gateway.starts_with("vpce-") && prefix_list.is_some();
        if !made || gateway == "local" || of_endpoint {
            return None;
        }
        // AWS answers several sorts of gateways under one name.
        let sort = |prefix: &str| gateway.starts_with(prefix).then(|| gateway.clone());
        let found = Route {
            destination: filled(&route.destination_cidr_block).map(Cidr::new),
            destination_ipv6: filled(&route.destination_ipv6_cidr_block).map(Cidr::new),
            prefix_list: prefix_list.map(Ref::new),
            gateway: sort("igw-").map(Ref::new),
            nat_gateway: filled(&route.nat_gateway_id),
            egress_only_gateway: filled(&route.egress_only_internet_gateway_id),
            vpc_endpoint: sort("vpce-"),
            peering: filled(&route.vpc_peering_connection_id),
            transit_gateway: filled(&route.transit_gateway_id),
            vpn_gateway: sort("vgw-"),
            network_interface: filled(&route.network_interface_id),
        };
        found.to().is_some().then_some(found)
    }

    /// What it is for: a table has one route for it.
    pub(super) fn to(&self) -> Option<&str> {
        let list = self.prefix_list.as_ref().map(Ref::as_str);
        [&self.destination, &self.destination_ipv6]
            .into_iter()
            .find_map(|block| block.as_ref().map(Cidr::as_str))
            .or(list)
    }

    pub(super) fn check(&self, at: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let destinations = [
            self.destination.is_some(),
            self.destination_ipv6.is_some(),
            self.prefix_list.is_some(),
        ];
        let literals = [
            ("nat_gateway", &self.nat_gateway, "nat-"),
            ("egress_only_gateway", &self.egress_only_gateway, "eigw-"),
            ("vpc_endpoint", &self.vpc_endpoint, "vpce-"),
            ("peering", &self.peering, "pcx-"),
            ("transit_gateway", &self.transit_gateway, "tgw-"),
            ("vpn_gateway", &self.vpn_gateway, "vgw-"),
            ("network_interface", &self.network_interface, "eni-"),
        ];
        if destinations.iter().filter(|given| **given).count() != 1 {
            let message =
                "a route has one destination: destination, destination_ipv6 or prefix_list";
            findings.push(Finding::field(at, message).help("write one route per destination"));
        }
        let targets = literals.iter().filter(|(_, id, _)| id.is_some()).count();
        if targets + usize::from(self.gateway.is_some()) != 1 {
            let fields: Vec<&str> = literals.iter().map(|(field, ..)| *field).collect();
            let message = format!("a route has one target: gateway, {}", fields.join(", "));
            findings.push(Finding::field(at, message));
        }
        for (field, id, prefix) in literals {
            let known = id.as_ref().filter(|id| reference::is_known(id));
            if let Some(id) = known.filter(|id| !id.starts_with(prefix)) {
                let message =
                    format!("`{field}` takes an id that begins with {prefix}, not `{id}`");
                findings.push(Finding::field(&format!("{at}.{field}"), message));
            }
        }
        if self.egress_only_gateway.is_some() && self.destination_ipv6.is_none() {
            let message = "an egress-only gateway is for IPv6 alone";
            let finding = Finding::field(&format!("{at}.egress_only_gateway"), message);
            findings.push(finding.help("write a `destination_ipv6`"));
        }
        let v4 = self.destination.as_ref();
        findings.extend(v4.and_then(|block| block.check_v4(&format!("{at}.destination"))));
        let v6 = self.destination_ipv6.as_ref();
        findings.extend(v6.and_then(|block| block.check_v6(&format!("{at}.destination_ipv6"))));
        findings
    }

    pub(super) async fn create(&self, aws: &Aws, table: &str) -> Result<(), CloudError> {
        aimed!(aws.ec2.create_route(), table, self).named("ec2:CreateRoute").map(drop)
    }

    /// Gives the route for the same destination another target, without a gap.
    pub(super) async fn replace(&self, aws: &Aws, table: &str) -> Result<(), CloudError> {
        aimed!(aws.ec2.replace_route(), table, self).named("ec2:ReplaceRoute").map(drop)
    }

    pub(super) async fn delete(&self, aws: &Aws, table: &str) -> Result<(), CloudError> {
        let answer = aws
            .ec2
            .delete_route()
            .route_table_id(table)
            .set_destination_cidr_block(text(&self.destination))
            .set_destination_ipv6_cidr_block(text(&self.destination_ipv6))
            .set_destination_prefix_list_id(self.prefix_list.as_ref().map(String::from))
            .send()
            .await;
        answer.or_missing("ec2:DeleteRoute").map(drop)
    }
}
