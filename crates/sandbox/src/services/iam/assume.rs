//! Who may use a role, as the other services see it.

use super::role::Role;
use super::statement::Context;
use super::trust::{self, Asking};
use super::{caller, service_linked};
use crate::world::{ACCOUNT, Site};

/// Why a service cannot use a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is no such role, or the service has not heard of it yet.
    Unknown,
    /// Its trust policy does not name the service.
    Untrusted,
}

/// Whether a service (`ecs-tasks.amazonaws.com`) can assume a role, as far as the change of the
/// role has reached it.
pub fn by_service(site: &Site<'_>, role_arn: &str, service: &str) -> Result<(), Unusable> {
    let roles = &site.global().iam.roles;
    let role = roles.values().find(|role| role.arn == role_arn).ok_or(Unusable::Unknown)?;
    let trust = role.trust_known_at(site.now()).ok_or(Unusable::Unknown)?;
    if trust::allows(trust, Asking::Service(service), "sts:AssumeRole", &context(site, service)) {
        Ok(())
    } else {
        Err(Unusable::Untrusted)
    }
}

/// What a service says about the call that it makes for somebody.
fn context(site: &Site<'_>, service: &str) -> Context {
    let name = service.split(['.', '-']).next().unwrap_or_default();
    let source = site.arn(name, "task/any");
    Context::from([
        ("aws:sourceaccount".to_owned(), vec![ACCOUNT.to_owned()]),
        ("aws:sourcearn".to_owned(), vec![source]),
        ("aws:requestedregion".to_owned(), vec![site.name.clone()]),
    ])
}

/// Whether a service's service-linked role can be used (`ecs.amazonaws.com`). If there is none, its
/// making begins now, and it cannot be used yet.
pub fn service_linked(site: &mut Site<'_>, service: &str) -> bool {
    let name = service_linked::make(site, service);
    let (now, roles) = (site.now(), &site.global().iam.roles);
    roles.get(&name).is_some_and(|role| role.trust_known_at(now).is_some())
}

/// The role that the caller asks for, if its trust policy lets the caller have it.
pub(crate) fn by_caller<'s>(
    site: &'s Site<'_>,
    role_arn: &str,
    external_id: Option<&str>,
) -> Option<&'s Role> {
    let role = site.global().iam.roles.values().find(|role| role.arn == role_arn)?;
    let trust = role.trust_known_at(site.now())?;
    let mut context = Context::from([
        ("aws:principalarn".to_owned(), vec![caller::arn()]),
        ("aws:principalaccount".to_owned(), vec![ACCOUNT.to_owned()]),
    ]);
    if let Some(id) = external_id {
        context.insert("sts:externalid".to_owned(), vec![id.to_owned()]);
    }
    trust::allows(trust, Asking::Entity(caller::ID), "sts:AssumeRole", &context).then_some(role)
}

/// Notes that a role was used here and now.
pub(crate) fn used(site: &mut Site<'_>, name: &str) {
    let (now, region) = (site.now(), site.name.clone());
    if let Some(role) = site.global_mut().iam.roles.get_mut(name) {
        role.last_used = Some((now, region));
    }
}
