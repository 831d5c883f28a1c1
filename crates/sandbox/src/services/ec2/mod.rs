//! EC2.

mod account_attribute;
pub mod address;
pub mod address_association;
mod block;
mod default_vpc;
pub mod dhcp_options;
pub mod egress_only_gateway;
mod endpoint_service;
mod filter;
pub mod flow_log;
pub mod instance;
pub mod interface;
pub mod internet_gateway;
pub mod launch_template;
mod listing;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_acl_entry;
mod paged;
pub mod prefix_list;
pub mod prefix_list_entry;
pub mod route;
pub mod route_table;
mod route_table_association;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
mod subnet_attribute;
pub mod subnet_block;
pub mod tag;
pub mod tag_specification;
pub mod token;
pub mod vpc;
mod vpc_attribute;
pub mod vpc_block;
pub mod vpc_endpoint;
mod vpc_endpoint_change;
mod vpc_endpoint_check;
mod vpc_peering;
pub mod way_out;
pub mod zone;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::{Chance, Site};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "ec2",
    dialect: DIALECT,
    operations: operations! {
        AllocateAddress => address::allocate,
        AssignPrivateIpAddresses => interface::address::assign,
        AssociateAddress => address_association::associate,
        AssociateDhcpOptions => dhcp_options::associate,
        AssociateRouteTable => route_table_association::associate,
        AssociateSubnetCidrBlock => subnet_block::associate,
        AssociateVpcCidrBlock => vpc_block::associate,
        AttachInternetGateway => internet_gateway::attach,
        AttachNetworkInterface => interface::attribute::attach,
        AuthorizeSecurityGroupEgress => security_group_rule::authorize::egress,
        AuthorizeSecurityGroupIngress => security_group_rule::authorize::ingress,
        CreateDefaultSubnet => default_vpc::create_subnet,
        CreateDefaultVpc => default_vpc::create,
        CreateDhcpOptions => dhcp_options::create,
        CreateEgressOnlyInternetGateway => egress_only_gateway::create,
        CreateFlowLogs => flow_log::create,
        CreateInternetGateway => internet_gateway::create,
        CreateLaunchTemplate => launch_template::create,
        CreateLaunchTemplateVersion => launch_template::version::create,
        CreateManagedPrefixList => prefix_list::create,
        CreateNatGateway => nat_gateway::create,
        CreateNetworkAcl => network_acl::create,
        CreateNetworkAclEntry => network_acl_entry::create,
        CreateNetworkInterface => interface::create::create,
        CreateRoute => route::create,
        CreateRouteTable => route_table::create,
        CreateSecurityGroup => security_group::create,
        CreateSubnet => subnet::create,
        CreateTags => tag::create,
        CreateVpc => vpc::create,
        CreateVpcEndpoint => vpc_endpoint::create,
        DeleteDhcpOptions => dhcp_options::delete,
        DeleteEgressOnlyInternetGateway => egress_only_gateway::delete,
        DeleteFlowLogs => flow_log::delete,
        DeleteInternetGateway => internet_gateway::delete,
        DeleteLaunchTemplate => launch_template::delete,
        DeleteLaunchTemplateVersions => launch_template::version::delete,
        DeleteManagedPrefixList => prefix_list::delete,
        DeleteNatGateway => nat_gateway::delete,
        DeleteNetworkAcl => network_acl::delete,
        DeleteNetworkAclEntry => network_acl_entry::delete,
        DeleteNetworkInterface => interface::delete,
        DeleteRoute => route::delete,
        DeleteRouteTable => route_table::delete,
        DeleteSecurityGroup => security_group::delete,
        DeleteSubnet => subnet::delete,
        DeleteTags => tag::delete,
        DeleteVpc => vpc::delete,
        DeleteVpcEndpoints => vpc_endpoint::delete,
        DescribeAccountAttributes => account_attribute::describe,
        DescribeAddresses => address::describe,
        DescribeAddressesAttribute => address::describe_attribute,
        DescribeAvailabilityZones => zone::describe_zones,
        DescribeDhcpOptions => dhcp_options::describe,
        DescribeEgressOnlyInternetGateways => egress_only_gateway::describe,
        DescribeFlowLogs => flow_log::describe,
        DescribeInstanceStatus => instance::statuses,
        DescribeInstances => instance::describe,
        DescribeInternetGateways => internet_gateway::describe,
        DescribeLaunchTemplateVersions => launch_template::version::describe,
        DescribeLaunchTemplates => launch_template::describe,
        DescribeManagedPrefixLists => prefix_list::describe_managed,
        DescribeNatGateways => nat_gateway::describe,
        DescribeNetworkAcls => network_acl::describe,
        DescribeNetworkInterfaceAttribute => interface::attribute::describe,
        DescribeNetworkInterfaces => interface::describe::describe,
        DescribePrefixLists => prefix_list::describe,
        DescribeRegions => zone::describe_regions,
        DescribeRouteTables => route_table::describe,
        DescribeSecurityGroupReferences => security_group::describe::references,
        DescribeSecurityGroupRules => security_group_rule::describe::describe,
        DescribeSecurityGroups => security_group::describe::describe,
        DescribeStaleSecurityGroups => security_group::describe::stale,
        DescribeSubnets => subnet::describe,
        DescribeTags => tag::describe,
        DescribeVpcAttribute => vpc_attribute::describe,
        DescribeVpcEndpointServices => endpoint_service::describe,
        DescribeVpcEndpoints => vpc_endpoint::describe,
        DescribeVpcPeeringConnections => vpc_peering::describe,
        DescribeVpcs => vpc::describe,
        DetachInternetGateway => internet_gateway::detach,
        DetachNetworkInterface => interface::attribute::detach,
        DisassociateAddress => address_association::disassociate,
        DisassociateRouteTable => route_table_association::disassociate,
        DisassociateSubnetCidrBlock => subnet_block::disassociate,
        DisassociateVpcCidrBlock => vpc_block::disassociate,
        GetManagedPrefixListAssociations => prefix_list_entry::associations,
        GetManagedPrefixListEntries => prefix_list_entry::get,
        GetSecurityGroupsForVpc => security_group::describe::for_vpc,
        ModifyLaunchTemplate => launch_template::modify,
        ModifyManagedPrefixList => prefix_list_entry::modify,
        ModifyNetworkInterfaceAttribute => interface::attribute::modify,
        ModifySecurityGroupRules => security_group_rule::modify::modify,
        ModifySubnetAttribute => subnet_attribute::modify,
        ModifyVpcAttribute => vpc_attribute::modify,
        ModifyVpcEndpoint => vpc_endpoint_change::modify,
        ModifyVpcTenancy => vpc_attribute::modify_tenancy,
        ReleaseAddress => address::release,
        ReplaceNetworkAclAssociation => network_acl::replace_association,
        ReplaceNetworkAclEntry => network_acl_entry::replace,
        ReplaceRoute => route::replace,
        ReplaceRouteTableAssociation => route_table_association::replace,
        ResetNetworkInterfaceAttribute => interface::attribute::reset,
        RevokeSecurityGroupEgress => security_group_rule::revoke::egress,
        RevokeSecurityGroupIngress => security_group_rule::revoke::ingress,
        UnassignPrivateIpAddresses => interface::address::unassign,
        UpdateSecurityGroupRuleDescriptionsEgress => security_group_rule::modify::egress_descriptions,
        UpdateSecurityGroupRuleDescriptionsIngress => security_group_rule::modify::ingress_descriptions,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Ec2Query {
        version: "2016-11-15",
        namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    },
    missing: "MissingParameter",
    unknown: "UnknownParameter",
    invalid: "InvalidParameterValue",
};

/// What it keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The region's code.
    pub name: String,
    /// VPCs by id.
    pub vpcs: BTreeMap<String, vpc::Vpc>,
    /// Subnets by id.
    pub subnets: BTreeMap<String, subnet::Subnet>,
    /// Security groups by id.
    pub groups: BTreeMap<String, security_group::SecurityGroup>,
    /// Network interfaces by id.
    pub interfaces: BTreeMap<String, interface::Interface>,
    /// Internet gateways by id.
    pub internet_gateways: BTreeMap<String, internet_gateway::InternetGateway>,
    /// Egress-only internet gateways by id.
    pub egress_only_gateways: BTreeMap<String, egress_only_gateway::EgressOnlyGateway>,
    /// Route tables by id.
    pub route_tables: BTreeMap<String, route_table::RouteTable>,
    /// Network ACLs by id.
    pub network_acls: BTreeMap<String, network_acl::NetworkAcl>,
    /// DHCP options by id.
    pub dhcp_options: BTreeMap<String, dhcp_options::DhcpOptions>,
    /// Elastic IP addresses by allocation id.
    pub addresses: BTreeMap<String, address::Address>,
    /// NAT gateways by id.
    pub nat_gateways: BTreeMap<String, nat_gateway::NatGateway>,
    /// VPC endpoints by id.
    pub endpoints: BTreeMap<String, vpc_endpoint::VpcEndpoint>,
    /// Prefix lists by id.
    pub prefix_lists: BTreeMap<String, prefix_list::PrefixList>,
    /// Flow logs by id.
    pub flow_logs: BTreeMap<String, flow_log::FlowLog>,
    /// Launch templates by id.
    pub launch_templates: BTreeMap<String, launch_template::LaunchTemplate>,
}

impl State {
    /// A region with its default VPC, the same for the same region.
    pub fn new(region: &str) -> State {
        let mut state = State {
            name: region.to_owned(),
            vpcs: BTreeMap::new(),
            subnets: BTreeMap::new(),
            groups: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            internet_gateways: BTreeMap::new(),
            egress_only_gateways: BTreeMap::new(),
            route_tables: BTreeMap::new(),
            network_acls: BTreeMap::new(),
            dhcp_options: BTreeMap::new(),
            addresses: BTreeMap::new(),
            nat_gateways: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            prefix_lists: BTreeMap::new(),
            flow_logs: BTreeMap::new(),
            launch_templates: BTreeMap::new(),
        };
        let seed = region
            .bytes()
            .fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut new_id = id_source(Chance::of(seed));
        let options = dhcp_options::DhcpOptions::default_of(region, new_id("dopt"));
        state.dhcp_options.insert(options.id.clone(), options);
        for list in prefix_list::of_aws(region) {
            state.prefix_lists.insert(list.id.clone(), list);
        }
        default_vpc::lay(&mut state, &mut new_id);
        state
    }
}

/// Ids as EC2 shapes them, from a chance of their own.
fn id_source(mut chance: Chance) -> impl FnMut(&str) -> String {
    move |prefix| format!("{prefix}-0{}", chance.hex(16))
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A new NAT gateway is available or has failed.
    NatGatewaySettled {
        /// Its id.
        id: String,
    },
    /// A NAT gateway is deleted.
    NatGatewayDeleted {
        /// Its id.
        id: String,
    },
    /// A deleted or failed NAT gateway is shown no more.
    NatGatewayForgotten {
        /// Its id.
        id: String,
    },
    /// A new interface endpoint is available.
    EndpointAvailable {
        /// Its id.
        id: String,
    },
    /// An interface endpoint is gone.
    EndpointDeleted {
        /// Its id.
        id: String,
    },
    /// A prefix list is made, changed or deleted.
    PrefixListChanged {
        /// Its id.
        id: String,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::NatGatewaySettled { id } => nat_gateway::settle(site, &id),
            Event::NatGatewayDeleted { id } => nat_gateway::deleted(site, &id),
            Event::NatGatewayForgotten { id } => nat_gateway::forget(site, &id),
            Event::EndpointAvailable { id } => vpc_endpoint::available(site, &id),
            Event::EndpointDeleted { id } => vpc_endpoint::deleted(site, &id),
            Event::PrefixListChanged { id } => prefix_list::changed(site, &id),
        }
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    tag::tagged(&region.ec2)
}
