//! `vpc`: a network of one's own.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, Tenancy as AwsTenancy, Vpc as AwsVpc, VpcAttributeName,
    VpcCidrBlockStateCode, VpcIpv6CidrBlockAssociation, VpcState,
};
use futures_util::future::try_join;
use landfall_model::types::Target;
use landfall_model::{
    Await, CloudError, Detail, Field, Finding, KindRules, On, Readiness, TagChange, Tags, Transient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::Aws;
use crate::batch::each;
use crate::cidr::Cidr;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::ec2;

/// `vpc`.
pub enum Vpc {}

/// A VPC in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its IPv4 block, from /16 to /28.
    pub cidr: Cidr,
    /// Whether it also has an IPv6 block (a /56 of Amazon's). Default: no.
    #[serde(default)]
    pub ipv6: bool,
    /// Whether Amazon's DNS server answers in it. Default: yes.
    #[serde(default = "yes")]
    pub dns_support: bool,
    /// Whether things with public addresses get DNS names. Private DNS names of endpoints need it.
    /// Default: no.
    #[serde(default)]
    pub dns_hostnames: bool,
    /// Whether instances run on hardware of their own by default.
    #[serde(default)]
    pub instance_tenancy: Tenancy,
}

/// The hardware that instances run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tenancy {
    /// Shared with others, unless an instance says otherwise.
    #[default]
    Default,
    /// Shared with nobody.
    Dedicated,
}

fn yes() -> bool {
    true
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its id.
    pub id: String,
    /// Its IPv4 block.
    pub cidr: String,
    /// Its IPv6 block, once AWS has allotted it.
    pub ipv6_cidr: Option<String>,
}

impl Target for Vpc {
    const KIND: &'static str = "vpc";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "vpc-";
}

impl Kind for Vpc {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("cidr"),
            Field::mutable("ipv6"),
            Field::mutable("dns_support").after_create(),
            Field::mutable("dns_hostnames").after_create(),
            Field::immutable("instance_tenancy"),
        ],
        name_tag: true,
        late_outputs: &["ipv6_cidr"],
        transients: &[
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
                message: "",
                // Interfaces hold their subnet first; by now AWS only has to notice that all is gone.
                budget: Duration::from_secs(5 * 60),
                because: "what was in it is still going away",
            },
        ],
        await_ready: Await::Usable,
        ..KindRules::new("vpc", "ec2", "ec2:vpc")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            spec.cidr.check_network("cidr", "VPC").into_iter().collect();
        if spec.dns_hostnames && !spec.dns_support {
            let message = "AWS gives DNS names only where its DNS server answers";
            let help = "leave `dns_support` on, or `dns_hostnames` off";
            findings.push(Finding::field("dns_hostnames", message).help(help));
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let call = aws.ec2.describe_vpcs().set_filters(Some(ec2::owned(scope)));
        let vpcs = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        each(vpcs.named("ec2:DescribeVpcs")?, |vpc| read(aws, vpc, scope.detail)).await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let tenancy = match want.instance_tenancy {
            Tenancy::Default => None,
            Tenancy::Dedicated => Some(AwsTenancy::Dedicated),
        };
        let answer = aws
            .ec2
            .create_vpc()
            .cidr_block(want.cidr.as_str())
            .set_amazon_provided_ipv6_cidr_block(want.ipv6.then_some(true))
            .set_instance_tenancy(tenancy)
            .tag_specifications(ec2::specification(ResourceType::Vpc, tags))
            .send()
            .await
            .named("ec2:CreateVpc")?;
        let vpc = answer.vpc.unwrap_or_else(|| AwsVpc::builder().build());
        Ok(Made { outputs: outputs(&vpc), id: vpc.vpc_id.unwrap_or_default() })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let (id, is) = (&live.id, &live.spec);
        if want.ipv6 && !is.ipv6 {
            let call = aws.ec2.associate_vpc_cidr_block().vpc_id(id);
            let call = call.amazon_provided_ipv6_cidr_block(true);
            call.send().await.named("ec2:AssociateVpcCidrBlock")?;
        }
        if !want.ipv6 && is.ipv6 {
            release_ipv6(aws, id).await?;
        }
        // One attribute per call, and no names without the server that answers for them.
        let support = (want.dns_support != is.dns_support).then_some(want.dns_support);
        let hostnames = (want.dns_hostnames != is.dns_hostnames).then_some(want.dns_hostnames);
        if support == Some(true) {
            set_dns_support(aws, id, true).await?;
        }
        if let Some(on) = hostnames {
            let call = aws.ec2.modify_vpc_attribute().vpc_id(id);
            let call = call.enable_dns_hostnames(ec2::boolean(on));
            call.send().await.named("ec2:ModifyVpcAttribute")?;
        }
        if support == Some(false) {
            set_dns_support(aws, id, false).await?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ec2::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.ec2.delete_vpc().vpc_id(&live.id);
        call.send().await.or_missing("ec2:DeleteVpc").map(drop)
    }
}

async fn set_dns_support(aws: &Aws, id: &str, on: bool) -> Result<(), CloudError> {
    let call = aws.ec2.modify_vpc_attribute().vpc_id(id).enable_dns_support(ec2::boolean(on));
    call.send().await.named("ec2:ModifyVpcAttribute").map(drop)
}

async fn release_ipv6(aws: &Aws, id: &str) -> Result<(), CloudError> {
    let Some(vpc) = ec2::vpc(aws, id).await? else { return Ok(()) };
    for block in ipv6_blocks(&vpc) {
        let call = aws.ec2.disassociate_vpc_cidr_block();
        let call = call.set_association_id(block.association_id.clone());
        call.send().await.or_missing("ec2:DisassociateVpcCidrBlock")?;
    }
    Ok(())
}

/// The IPv6 blocks that Amazon has given the VPC, or is about to. Blocks of other pools are not
/// modelled, so they are left alone.
pub(crate) fn ipv6_blocks(vpc: &AwsVpc) -> impl Iterator<Item = &VpcIpv6CidrBlockAssociation> {
    vpc.ipv6_cidr_block_association_set().iter().filter(|block| {
        let state = block.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        let here = matches!(
            state,
            None | Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating)
        );
        here && block.ipv6_pool.as_deref().is_none_or(|pool| pool == "Amazon")
    })
}

/// Amazon's IPv6 block, once it is there. The create call answers an empty one.
pub(crate) fn ipv6_block(vpc: &AwsVpc) -> Option<String> {
    ipv6_blocks(vpc).find_map(|block| block.ipv6_cidr_block.clone().filter(|net| !net.is_empty()))
}

fn outputs(vpc: &AwsVpc) -> Outputs {
    Outputs {
        id: vpc.vpc_id.clone().unwrap_or_default(),
        cidr: vpc.cidr_block.clone().unwrap_or_default(),
        ipv6_cidr: ipv6_block(vpc),
    }
}

async fn attribute(
    aws: &Aws,
    id: &str,
    name: VpcAttributeName,
) -> Result<Option<bool>, CloudError> {
    let call = aws.ec2.describe_vpc_attribute().vpc_id(id).attribute(name.clone());
    let answer = call.send().await.or_missing("ec2:DescribeVpcAttribute")?;
    let value = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value);
    Ok(answer.and_then(|answer| match name {
        VpcAttributeName::EnableDnsSupport => value(answer.enable_dns_support),
        _ => value(answer.enable_dns_hostnames),
    }))
}

async fn read(aws: &Aws, vpc: AwsVpc, detail: Detail) -> Result<Found<Vpc>, CloudError> {
    let outputs = outputs(&vpc);
    let id = outputs.id.clone();
    let (support, hostnames) = match detail {
        Detail::Identity => (None, None),
        Detail::Full => {
            try_join(
                attribute(aws, &id, VpcAttributeName::EnableDnsSupport),
                attribute(aws, &id, VpcAttributeName::EnableDnsHostnames),
            )
            .await?
        }
    };
    let ipv6 = ipv6_blocks(&vpc).next().is_some();
    let readiness = match vpc.state {
        Some(VpcState::Pending) => Readiness::Pending("pending".to_owned()),
        _ if ipv6 && outputs.ipv6_cidr.is_none() => Readiness::Pending("its IPv6 block".to_owned()),
        _ => Readiness::Ready,
    };
    let spec = Spec {
        cidr: Cidr::new(outputs.cidr.clone()),
        ipv6,
        dns_support: support.unwrap_or(true),
        dns_hostnames: hostnames.unwrap_or(false),
        instance_tenancy: match vpc.instance_tenancy {
            Some(AwsTenancy::Dedicated) => Tenancy::Dedicated,
            _ => Tenancy::Default,
        },
    };
    Ok(Found { id, spec, outputs, tags: ec2::tags_of(vpc.tags), readiness })
}
