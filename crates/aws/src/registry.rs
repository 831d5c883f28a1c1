//! All kinds and lookups of this build, one line each.

use landfall_model::Catalogue;

use crate::erased::{AnyKind, erase};
use crate::lookups::{self, AnyLookup};
use crate::{checks, kinds};

pub(crate) fn kinds() -> Vec<Box<dyn AnyKind>> {
    vec![
        erase::<kinds::ecr_repository::EcrRepository>(),
        erase::<kinds::listener::Listener>(),
        erase::<kinds::load_balancer::LoadBalancer>(),
        erase::<kinds::log_group::LogGroup>(),
        erase::<kinds::security_group::SecurityGroup>(),
        erase::<kinds::target_group::TargetGroup>(),
    ]
}

pub(crate) fn lookups() -> Vec<Box<dyn AnyLookup>> {
    vec![
        lookups::erase::<lookups::certificate::CertificateLookup>(),
        lookups::erase::<lookups::listener::ListenerLookup>(),
        lookups::erase::<lookups::load_balancer::LoadBalancerLookup>(),
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
