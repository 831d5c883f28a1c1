//! All kinds and lookups of this build, one line each.

use landfall_model::Catalogue;

use crate::erased::{AnyKind, erase};
use crate::lookups::{self, AnyLookup};
use crate::{checks, kinds};

pub(crate) fn kinds() -> Vec<Box<dyn AnyKind>> {
    vec![
        erase::<kinds::ecr_repository::EcrRepository>(),
        erase::<kinds::ecs_cluster::EcsCluster>(),
        erase::<kinds::ecs_service::EcsService>(),
        erase::<kinds::iam_policy::IamPolicy>(),
        erase::<kinds::iam_role::IamRole>(),
        erase::<kinds::internet_gateway::InternetGateway>(),
        erase::<kinds::listener::Listener>(),
        erase::<kinds::load_balancer::LoadBalancer>(),
        erase::<kinds::log_group::LogGroup>(),
        erase::<kinds::route_table::RouteTable>(),
        erase::<kinds::security_group::SecurityGroup>(),
        erase::<kinds::subnet::Subnet>(),
        erase::<kinds::target_group::TargetGroup>(),
        erase::<kinds::task_definition::TaskDefinition>(),
        erase::<kinds::vpc::Vpc>(),
    ]
}

pub(crate) fn lookups() -> Vec<Box<dyn AnyLookup>> {
    vec![
        lookups::erase::<lookups::availability_zones::AvailabilityZones>(),
        lookups::erase::<lookups::certificate::CertificateLookup>(),
        lookups::erase::<lookups::ecs_cluster::EcsClusterLookup>(),
        lookups::erase::<lookups::iam_policy::IamPolicyLookup>(),
        lookups::erase::<lookups::iam_role::IamRoleLookup>(),
        lookups::erase::<lookups::listener::ListenerLookup>(),
        lookups::erase::<lookups::load_balancer::LoadBalancerLookup>(),
        lookups::erase::<lookups::prefix_list::PrefixListLookup>(),
        lookups::erase::<lookups::security_group::SecurityGroupLookup>(),
        lookups::erase::<lookups::security_groups::SecurityGroups>(),
        lookups::erase::<lookups::subnet::SubnetLookup>(),
        lookups::erase::<lookups::subnets::Subnets>(),
        lookups::erase::<lookups::target_group::TargetGroupLookup>(),
        lookups::erase::<lookups::vpc::VpcLookup>(),
    ]
}

/// What this build knows, for the spec and the planner.
pub fn catalogue() -> Catalogue {
    Catalogue {
        kinds: kinds().iter().map(|kind| (kind.info().rules.name, kind.info())).collect(),
        lookups: lookups().iter().map(|lookup| (lookup.info().name, lookup.info())).collect(),
        together: checks::ALL.to_vec(),
    }
}
