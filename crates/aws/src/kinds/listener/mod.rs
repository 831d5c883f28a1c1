//! `listener`: a port of a load balancer, and what becomes of the requests that arrive there.

mod action;
mod read;
mod spec;

use aws_sdk_elasticloadbalancingv2::types::{Certificate as AwsCertificate, ProtocolEnum};
use landfall_model::types::{Ref, Target};
use landfall_model::{
    CloudError, Field, Finding, Interruption, KindRules, On, TagChange, Tags, Transient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::spec::{Action, FixedResponse, Protocol, Redirect, Share, Spec, Weighted};
use crate::Aws;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::lookups::certificate::Certificate;
use crate::services::elb::{self, word};

/// `listener`.
pub enum Listener {}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its ARN.
    pub arn: String,
}

impl Target for Listener {
    const KIND: &'static str = "listener";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

const NEW_BALANCER: &str = "Elastic Load Balancing does not know the new load balancer yet";
const NEW_GROUP: &str = "Elastic Load Balancing does not know the new target group yet";
const NEW_LISTENER: &str = "Elastic Load Balancing does not know the new listener yet";
const NEW_CERTIFICATE: &str = "Elastic Load Balancing does not know the certificate yet";

impl Kind for Listener {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("load_balancer").identity().locates(),
            Field::mutable("port").identity(),
            Field::mutable("protocol"),
            Field::mutable("certificate"),
            Field::mutable("additional_certificates").after_create(),
            Field::mutable("tls_policy"),
            Field::mutable("default_action"),
        ],
        transients: &[
            Transient::within(30, On::Create, "LoadBalancerNotFound", "", NEW_BALANCER),
            Transient::within(30, On::Create, "TargetGroupNotFound", "", NEW_GROUP),
            Transient::within(30, On::Update, "TargetGroupNotFound", "", NEW_GROUP),
            Transient::within(30, On::Update, "ListenerNotFound", "", NEW_LISTENER),
            // terraform-provider-aws waits for certificates in the same way.
            Transient::within(60, On::Create, "CertificateNotFound", "", NEW_CERTIFICATE),
            Transient::within(60, On::Update, "CertificateNotFound", "", NEW_CERTIFICATE),
        ],
        // A target group takes one load balancer at a time: a listener that moves to another has to
        // let go of its target groups first (TargetGroupAssociationLimit).
        exclusive: &[&["default_action"]],
        interruption: Interruption {
            create_first: None,
            delete_first: Some("nothing listens on its port in between"),
        },
        ..KindRules::new("listener", "elasticloadbalancing", "elasticloadbalancing:listener")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        spec::check(spec)
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        read::find(aws, scope).await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let certificate = want.certificate.as_ref().map(|one| vec![aws_certificate(one)]);
        let answer = aws
            .elb
            .create_listener()
            .load_balancer_arn(want.load_balancer.as_str())
            .port(want.port)
            .protocol(aws_protocol(want.protocol))
            .set_certificates(certificate)
            .set_ssl_policy(want.tls_policy.clone())
            .default_actions(want.default_action.to_aws()?)
            .set_tags(Some(elb::tags(tags)))
            .send()
            .await
            .named("elasticloadbalancing:CreateListener")?;
        let made = answer.listeners.unwrap_or_default().pop().and_then(|one| one.listener_arn);
        let arn = made.ok_or_else(|| {
            CloudError::unexpected(
                "elasticloadbalancing:CreateListener",
                "the answer holds no listener",
            )
        })?;
        Ok(Made { id: arn.clone(), outputs: Outputs { arn } })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let (arn, is) = (&live.id, &live.spec);
        // What comes in addition comes before the change and goes after it, so that no host name
        // is without its certificate in between. Only HTTPS listeners have any.
        let secured = is.protocol == Protocol::Https;
        if secured {
            add_certificates(aws, arn, is, want).await?;
        }
        modify(aws, arn, is, want).await?;
        if !secured {
            add_certificates(aws, arn, is, want).await?;
        }
        let surplus = is.additional_certificates.without(&want.additional_certificates);
        // AWS keeps the default certificate out of the others by itself.
        let surplus = surplus.filter(|one| want.certificate.as_ref() != Some(*one));
        let surplus: Vec<AwsCertificate> = surplus.map(aws_certificate).collect();
        if want.protocol == Protocol::Https && !surplus.is_empty() {
            let call = aws.elb.remove_listener_certificates().listener_arn(arn);
            let call = call.set_certificates(Some(surplus));
            call.send().await.named("elasticloadbalancing:RemoveListenerCertificates")?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        elb::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.elb.delete_listener().listener_arn(&live.id);
        call.send().await.or_missing("elasticloadbalancing:DeleteListener").map(drop)
    }
}

async fn add_certificates(
    aws: &Aws,
    listener: &str,
    is: &Spec,
    want: &Spec,
) -> Result<(), CloudError> {
    let missing = want.additional_certificates.without(&is.additional_certificates);
    let missing: Vec<AwsCertificate> = missing.map(aws_certificate).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let call = aws.elb.add_listener_certificates().listener_arn(listener);
    let call = call.set_certificates(Some(missing));
    call.send().await.named("elasticloadbalancing:AddListenerCertificates").map(drop)
}

/// Changes in one call what it can change, and names only that: a deployment may be moving the
/// weights of the action at the same time.
async fn modify(aws: &Aws, listener: &str, is: &Spec, want: &Spec) -> Result<(), CloudError> {
    let tls = want.certificate != is.certificate || want.tls_policy != is.tls_policy;
    let protocol = want.protocol != is.protocol;
    let port = want.port != is.port;
    let action = want.default_action != is.default_action;
    if !(tls || protocol || port || action) {
        return Ok(());
    }
    let mut call = aws.elb.modify_listener().listener_arn(listener);
    if port {
        call = call.port(want.port);
    }
    if tls || protocol {
        let certificate = want.certificate.as_ref().map(|one| vec![aws_certificate(one)]);
        call = call.protocol(aws_protocol(want.protocol)).set_certificates(certificate);
        call = call.set_ssl_policy(want.tls_policy.clone());
    }
    if action {
        call = call.default_actions(want.default_action.to_aws()?);
    }
    call.send().await.named("elasticloadbalancing:ModifyListener").map(drop)
}

fn aws_protocol(protocol: Protocol) -> ProtocolEnum {
    ProtocolEnum::from(word(&protocol).to_uppercase().as_str())
}

fn aws_certificate(certificate: &Ref<Certificate>) -> AwsCertificate {
    AwsCertificate::builder().certificate_arn(certificate.as_str()).build()
}
