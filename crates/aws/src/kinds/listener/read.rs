//! Listeners as AWS tells them. AWS lists them by load balancer only.

use aws_sdk_elasticloadbalancingv2::types::{Listener as AwsListener, LoadBalancer, ProtocolEnum};
use futures_util::future::{try_join, try_join3};
use landfall_model::types::Ref;
use landfall_model::{CloudError, Detail, Owner, Readiness};

use super::spec::{Action, Protocol, Spec};
use super::{Listener, Outputs};
use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Scope};
use crate::services::elb::{self, arn_suffix};

pub(super) async fn find(
    aws: &Aws,
    scope: &Scope<'_, Listener>,
) -> Result<Vec<Found<Listener>>, CloudError> {
    let listeners = match scope.whole_stack {
        true => estate(aws, scope).await?,
        false => wanted(aws, scope).await?,
    };
    let arns: Vec<String> = listeners.iter().filter_map(|one| one.listener_arn.clone()).collect();
    let specs = each(listeners, |listener| read(aws, listener, scope.detail));
    let (specs, mut tags) = try_join(specs, elb::tags_of(aws, &arns)).await?;
    let found = arns.into_iter().zip(specs).filter_map(|(arn, spec)| {
        let tags = tags.remove(&arn).unwrap_or_default();
        (scope.covers(&arn, &tags) || is_wanted(scope, &spec)).then(|| Found {
            id: arn.clone(),
            spec,
            outputs: Outputs { arn },
            tags,
            readiness: Readiness::Ready,
        })
    });
    Ok(found.collect())
}

/// Whether a wanted listener would be in its place.
fn is_wanted(scope: &Scope<'_, Listener>, spec: &Spec) -> bool {
    let mut wanted = scope.wanted.iter().filter_map(|want| want.spec.as_ref());
    wanted.any(|want| want.load_balancer == spec.load_balancer && want.port == spec.port)
}

/// The load balancers that wanted listeners name.
fn named<'a>(scope: &'a Scope<'_, Listener>, with_id: bool) -> Vec<&'a str> {
    let wanted = scope.wanted.iter().filter(|want| with_id || want.id.is_none());
    let balancers = wanted.filter_map(|want| Some(&want.spec.as_ref()?.load_balancer));
    let mut named: Vec<&str> =
        balancers.filter(|balancer| balancer.is_known()).map(Ref::as_str).collect();
    named.sort_unstable();
    named.dedup();
    named
}

/// The listeners of all load balancers that the stack owns, that wanted listeners name, or at which
/// the tagging index knows a listener of the stack's.
async fn estate(aws: &Aws, scope: &Scope<'_, Listener>) -> Result<Vec<AwsListener>, CloudError> {
    let estate = &scope.sweep.balancing;
    let balancers = estate.load_balancers(aws).await?;
    let named = named(scope, true);
    let arn = |one: &LoadBalancer| one.load_balancer_arn.clone().unwrap_or_default();
    // Whose names begin with the stack's are most likely its own; so their listeners are asked for
    // while the tags, which tell for sure, are still on their way.
    let is_early = |one: &LoadBalancer| {
        let name = one.load_balancer_name.as_deref().unwrap_or_default();
        let arn = one.load_balancer_arn.as_deref().unwrap_or_default();
        name.starts_with(&format!("{}-", scope.stack)) || named.contains(&arn)
    };
    let (early, others): (Vec<_>, Vec<_>) = balancers.iter().partition(|one| is_early(one));
    let at_early = each(early.into_iter().map(arn), |arn| listeners_of(aws, arn));
    let (at_early, tags, hinted) =
        try_join3(at_early, estate.tags(aws), scope.hinted_names(aws)).await?;
    let owned = |arn: &str| {
        let owner = tags.get(arn).and_then(Owner::from_tags);
        owner.is_some_and(|owner| owner.stack == scope.stack)
    };
    let late = others.into_iter().map(arn).filter(|arn| {
        let within = format!("{}/", arn_suffix(arn));
        owned(arn) || hinted.iter().any(|name| name.starts_with(&within))
    });
    let at_late = each(late, |arn| listeners_of(aws, arn)).await?;
    Ok(at_early.into_iter().chain(at_late).flatten().collect())
}

/// The wanted ones by ARN, or by their load balancer, and no others.
async fn wanted(aws: &Aws, scope: &Scope<'_, Listener>) -> Result<Vec<AwsListener>, CloudError> {
    let ids = scope.wanted_ids();
    let by_arn = elb::existing(&ids, |arns| async {
        let call = aws.elb.describe_listeners().set_listener_arns(Some(arns));
        let answer = call.send().await.or_missing("elasticloadbalancing:DescribeListeners")?;
        Ok(answer.map(|answer| answer.listeners.unwrap_or_default()))
    });
    let places = named(scope, false).into_iter().map(str::to_owned);
    let at_balancers = each(places, |arn| listeners_of(aws, arn));
    let (mut found, at_balancers) = try_join(by_arn, at_balancers).await?;
    for listener in at_balancers.into_iter().flatten() {
        if !found.iter().any(|known| known.listener_arn == listener.listener_arn) {
            found.push(listener);
        }
    }
    Ok(found)
}

/// The listeners of a load balancer; none if it has gone.
async fn listeners_of(aws: &Aws, balancer: String) -> Result<Vec<AwsListener>, CloudError> {
    let pages = aws.elb.describe_listeners().load_balancer_arn(balancer).into_paginator();
    let all = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    Ok(all.or_missing("elasticloadbalancing:DescribeListeners")?.unwrap_or_default())
}

async fn read(aws: &Aws, listener: AwsListener, detail: Detail) -> Result<Spec, CloudError> {
    let protocol = match listener.protocol {
        Some(ProtocolEnum::Https) => Protocol::Https,
        _ => Protocol::Http,
    };
    let secure = protocol == Protocol::Https;
    let certificates = listener.certificates.as_deref().filter(|_| secure).unwrap_or_default();
    let certificate = certificates.first().and_then(|first| first.certificate_arn.clone());
    let arn = listener.listener_arn.as_deref().unwrap_or_default();
    let additional = match secure && detail == Detail::Full {
        true => certificates_of(aws, arn).await?,
        false => Vec::new(),
    };
    let spec = Spec {
        load_balancer: Ref::new(listener.load_balancer_arn.unwrap_or_default()),
        port: listener.port.unwrap_or_default(),
        protocol,
        certificate: certificate.map(Ref::new),
        additional_certificates: additional.into_iter().map(Ref::new).collect(),
        tls_policy: listener.ssl_policy.filter(|_| secure),
        default_action: Action::of(listener.default_actions.as_deref().unwrap_or_default()),
    };
    Ok(spec.canonical())
}

/// All certificates of a listener, the default one among them.
async fn certificates_of(aws: &Aws, listener: &str) -> Result<Vec<String>, CloudError> {
    let pages = aws.elb.describe_listener_certificates().listener_arn(listener).into_paginator();
    let all = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let all = match all.or_missing("elasticloadbalancing:DescribeListenerCertificates") {
        // An endpoint that knows no additional certificates has none.
        Err(error) if error.code.as_deref() == Some("InvalidAction") => None,
        answer => answer?,
    };
    let arns = all.unwrap_or_default().into_iter().filter_map(|one| one.certificate_arn);
    Ok(arns.collect())
}
