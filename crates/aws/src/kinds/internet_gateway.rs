//! `internet_gateway`: the way from a VPC to the internet and back.

use std::time::Duration;

use aws_sdk_ec2::types::{AttachmentStatus, InternetGateway as AwsGateway, ResourceType};
use landfall_model::types::{Ref, Target};
use landfall_model::{CloudError, Field, KindRules, On, Readiness, TagChange, Tags, Transient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::kinds::vpc::Vpc;
use crate::services::ec2;

/// `internet_gateway`.
pub enum InternetGateway {}

/// An internet gateway in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The VPC that it is attached to. Absent: none.
    pub vpc: Option<Ref<Vpc>>,
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its id.
    pub id: String,
}

impl Target for InternetGateway {
    const KIND: &'static str = "internet_gateway";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "igw-";
}

impl Kind for InternetGateway {
    const RULES: KindRules = KindRules {
        fields: &[
            // AWS lets go of a gateway only when no public address is left in its VPC. So another
            // VPC gets a gateway of its own, and the old one goes when what needs it is gone.
            Field::immutable("vpc").after_create(),
        ],
        name_tag: true,
        transients: &[
            Transient {
                on: On::Update,
                code: "InvalidInternetGatewayID.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new gateway everywhere yet",
            },
            Transient {
                on: On::Update,
                code: "InvalidVpcID.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new VPC everywhere yet",
            },
            Transient {
                on: On::Delete,
                code: "DependencyViolation",
                message: "mapped public address",
                budget: Duration::from_secs(20 * 60),
                because: "public addresses of what was in the VPC are still going away",
            },
            // Once detached, where EC2 does not know that everywhere yet.
            Transient::within(
                2 * 60,
                On::Delete,
                "DependencyViolation",
                "",
                "EC2 does not know everywhere yet that the gateway is detached",
            ),
        ],
        ..KindRules::new("internet_gateway", "ec2", "ec2:internet-gateway")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let call = aws.ec2.describe_internet_gateways().set_filters(Some(ec2::owned(scope)));
        let gateways = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        Ok(gateways.named("ec2:DescribeInternetGateways")?.into_iter().map(found).collect())
    }

    async fn create(aws: &Aws, _: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let call = aws.ec2.create_internet_gateway();
        let tags = ec2::specification(ResourceType::InternetGateway, tags);
        let answer = call.tag_specifications(tags).send().await;
        let gateway = answer.named("ec2:CreateInternetGateway")?.internet_gateway;
        let id = gateway.and_then(|gateway| gateway.internet_gateway_id).unwrap_or_default();
        Ok(Made { outputs: Outputs { id: id.clone() }, id })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        if want.vpc == live.spec.vpc {
            return Ok(());
        }
        if let Some(vpc) = &live.spec.vpc {
            detach(aws, &live.id, vpc).await?;
        }
        if let Some(vpc) = &want.vpc {
            let call = aws.ec2.attach_internet_gateway().internet_gateway_id(&live.id);
            let answer = call.vpc_id(vpc.as_str()).send().await;
            // What was read may be older than an attachment that is there already.
            ec2::accept(answer.named("ec2:AttachInternetGateway"), "Resource.AlreadyAssociated")?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ec2::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        if let Some(vpc) = &live.spec.vpc {
            detach(aws, &live.id, vpc).await?;
        }
        let call = aws.ec2.delete_internet_gateway().internet_gateway_id(&live.id);
        call.send().await.or_missing("ec2:DeleteInternetGateway").map(drop)
    }
}

async fn detach(aws: &Aws, id: &str, vpc: &Ref<Vpc>) -> Result<(), CloudError> {
    let call = aws.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc.as_str());
    let answer = call.send().await.or_missing("ec2:DetachInternetGateway").map(drop);
    ec2::accept(answer, "Gateway.NotAttached")
}

fn found(gateway: AwsGateway) -> Found<InternetGateway> {
    let id = gateway.internet_gateway_id.unwrap_or_default();
    let attachments = gateway.attachments.unwrap_or_default().into_iter();
    let vpc = attachments
        .filter(|attachment| {
            let state = attachment.state.as_ref();
            !matches!(state, Some(AttachmentStatus::Detached | AttachmentStatus::Detaching))
        })
        .find_map(|attachment| attachment.vpc_id);
    Found {
        spec: Spec { vpc: vpc.map(Ref::new) },
        outputs: Outputs { id: id.clone() },
        tags: ec2::tags_of(gateway.tags),
        readiness: Readiness::Ready,
        id,
    }
}
