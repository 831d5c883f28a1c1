//! `subnet`: a part of a VPC, in one availability zone.

use std::net::Ipv6Addr;
use std::time::Duration;

use aws_sdk_ec2::types::{
    ResourceType, Subnet as AwsSubnet, SubnetCidrBlockStateCode, SubnetIpv6CidrBlockAssociation,
    SubnetState,
};
use ipnet::Ipv6Net;
use landfall_model::types::{Ref, Target};
use landfall_model::{
    CloudError, Field, Finding, KindRules, On, Readiness, Refusal, TagChange, Tags, Transient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::cidr::Cidr;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::kinds::vpc::{self, Vpc};
use crate::services::ec2::{self, filter};

/// `subnet`.
pub enum Subnet {}

/// A subnet in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The VPC that it is a part of.
    pub vpc: Ref<Vpc>,
    /// Its IPv4 block, from /16 to /28, inside the VPC's.
    pub cidr: Cidr,
    /// Which /64 of the VPC's IPv6 block it has, from 0 to 255. Absent: none.
    pub ipv6_block: Option<u8>,
    /// Its availability zone, such as `us-east-1a`. Absent: AWS chooses one.
    pub availability_zone: Option<String>,
    /// Whether instances in it get a public address unless they say otherwise. (ECS tasks on
    /// Fargate say so themselves, by `assign_public_ip`.) Default: no.
    #[serde(default)]
    pub map_public_ip: bool,
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its id.
    pub id: String,
    /// Its IPv4 block.
    pub cidr: String,
    /// Its IPv6 block, if it has one.
    pub ipv6_cidr: Option<String>,
    /// Its availability zone.
    pub availability_zone: String,
}

impl Target for Subnet {
    const KIND: &'static str = "subnet";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "subnet-";
}

/// Not AWS's code but ours, for what no call of AWS refuses: the block is only not there yet.
const IPV6_PENDING: &str = "Ipv6CidrBlock.Pending";

const fn ipv6_pending(on: On) -> Transient {
    Transient {
        on,
        code: IPV6_PENDING,
        message: "",
        budget: Duration::from_secs(2 * 60),
        because: "AWS is allotting the VPC's IPv6 block",
    }
}

impl Kind for Subnet {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("vpc").identity(),
            Field::immutable("cidr").identity(),
            Field::mutable("ipv6_block"),
            Field::immutable("availability_zone").unmanaged_if_absent(),
            Field::mutable("map_public_ip").after_create(),
        ],
        name_tag: true,
        transients: &[
            Transient {
                on: On::Create,
                code: "InvalidVpcID.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new VPC everywhere yet",
            },
            ipv6_pending(On::Create),
            ipv6_pending(On::Update),
            Transient {
                on: On::Update,
                code: "InvalidSubnetID.NotFound",
                message: "",
                budget: Duration::from_secs(60),
                because: "EC2 does not know the new subnet everywhere yet",
            },
            Transient {
                on: On::Delete,
                code: "DependencyViolation",
                message: "",
                budget: Duration::from_secs(20 * 60),
                because: "network interfaces of what was in it are still going away",
            },
        ],
        exclusive: &[&["vpc", "ipv6_block"]],
        held_by: &["load_balancer", "ecs_service"],
        ..KindRules::new("subnet", "ec2", "ec2:subnet")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        spec.cidr.check_network("cidr", "subnet").into_iter().collect()
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let call = aws.ec2.describe_subnets().set_filters(Some(ec2::owned(scope)));
        let subnets = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        Ok(subnets.named("ec2:DescribeSubnets")?.into_iter().map(found).collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let ipv6 = match want.ipv6_block {
            Some(number) => Some(ipv6_of(aws, want.vpc.as_str(), number).await?),
            None => None,
        };
        let answer = aws
            .ec2
            .create_subnet()
            .vpc_id(want.vpc.as_str())
            .cidr_block(want.cidr.as_str())
            .set_ipv6_cidr_block(ipv6)
            .set_availability_zone(want.availability_zone.clone())
            .tag_specifications(ec2::specification(ResourceType::Subnet, tags))
            .send()
            .await
            .named("ec2:CreateSubnet")?;
        let subnet = answer.subnet.unwrap_or_else(|| AwsSubnet::builder().build());
        Ok(Made { outputs: outputs(&subnet), id: subnet.subnet_id.unwrap_or_default() })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let id = &live.id;
        if want.map_public_ip != live.spec.map_public_ip {
            let call = aws.ec2.modify_subnet_attribute().subnet_id(id);
            let call = call.map_public_ip_on_launch(ec2::boolean(want.map_public_ip));
            call.send().await.named("ec2:ModifySubnetAttribute")?;
        }
        if want.ipv6_block == live.spec.ipv6_block {
            return Ok(());
        }
        // A subnet has one IPv6 block, so the old one has to go first. What the new one is, is
        // asked before anything goes.
        let next = match want.ipv6_block {
            Some(number) => Some(ipv6_of(aws, want.vpc.as_str(), number).await?),
            None => None,
        };
        if live.spec.ipv6_block.is_some() {
            let call = aws.ec2.describe_subnets().filters(filter("subnet-id", [id]));
            let answer = call.send().await.named("ec2:DescribeSubnets")?;
            for block in answer.subnets().iter().flat_map(ipv6_blocks) {
                let call = aws.ec2.disassociate_subnet_cidr_block();
                let call = call.set_association_id(block.association_id.clone());
                call.send().await.or_missing("ec2:DisassociateSubnetCidrBlock")?;
            }
        }
        if let Some(next) = next {
            let call = aws.ec2.associate_subnet_cidr_block().subnet_id(id).ipv6_cidr_block(next);
            call.send().await.named("ec2:AssociateSubnetCidrBlock")?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ec2::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.ec2.delete_subnet().subnet_id(&live.id);
        call.send().await.or_missing("ec2:DeleteSubnet").map(drop)
    }
}

/// A /64 of a VPC's IPv6 block, by its number.
async fn ipv6_of(aws: &Aws, vpc: &str, number: u8) -> Result<String, CloudError> {
    let found = ec2::vpc(aws, vpc).await?;
    let refused = |code: Option<&str>, message: String| CloudError {
        refusal: Refusal::Refused,
        code: code.map(str::to_owned),
        ..CloudError::unexpected("ec2:DescribeVpcs", message)
    };
    let known = found.as_ref().is_none_or(|found| vpc::ipv6_blocks(found).next().is_some());
    match found.as_ref().and_then(vpc::ipv6_block) {
        Some(block) => numbered(&block, number).ok_or_else(|| {
            refused(None, format!("{block} of {vpc} has no /64 with the number {number}"))
        }),
        None if known => Err(refused(Some(IPV6_PENDING), format!("{vpc} has no IPv6 block yet"))),
        None => Err(refused(None, format!("{vpc} has no IPv6 block of Amazon's"))),
    }
}

fn numbered(block: &str, number: u8) -> Option<String> {
    let block = block.parse::<Ipv6Net>().ok().filter(|block| block.prefix_len() <= 56)?;
    let address = u128::from(block.network()) | (u128::from(number) << 64);
    Some(Ipv6Net::new(Ipv6Addr::from(address), 64).ok()?.to_string())
}

/// The number of a /64 within the /56 that Amazon gives a VPC.
fn number(block: &str) -> Option<u8> {
    let block = block.parse::<Ipv6Net>().ok()?;
    u8::try_from(block.network().segments()[3] & 0xff).ok()
}

fn ipv6_blocks(subnet: &AwsSubnet) -> impl Iterator<Item = &SubnetIpv6CidrBlockAssociation> {
    subnet.ipv6_cidr_block_association_set().iter().filter(|block| {
        let state = block.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        !matches!(
            state,
            Some(
                SubnetCidrBlockStateCode::Disassociated
                    | SubnetCidrBlockStateCode::Disassociating
                    | SubnetCidrBlockStateCode::Failed
                    | SubnetCidrBlockStateCode::Failing
            )
        )
    })
}

fn outputs(subnet: &AwsSubnet) -> Outputs {
    Outputs {
        id: subnet.subnet_id.clone().unwrap_or_default(),
        cidr: subnet.cidr_block.clone().unwrap_or_default(),
        ipv6_cidr: ipv6_blocks(subnet).find_map(|block| block.ipv6_cidr_block.clone()),
        availability_zone: subnet.availability_zone.clone().unwrap_or_default(),
    }
}

fn found(subnet: AwsSubnet) -> Found<Subnet> {
    let outputs = outputs(&subnet);
    Found {
        id: outputs.id.clone(),
        spec: Spec {
            vpc: Ref::new(subnet.vpc_id.unwrap_or_default()),
            cidr: Cidr::new(outputs.cidr.clone()),
            ipv6_block: outputs.ipv6_cidr.as_deref().and_then(number),
            availability_zone: subnet.availability_zone,
            map_public_ip: subnet.map_public_ip_on_launch.unwrap_or(false),
        },
        outputs,
        tags: ec2::tags_of(subnet.tags),
        readiness: match subnet.state {
            Some(SubnetState::Pending) => Readiness::Pending("pending".to_owned()),
            Some(SubnetState::Failed | SubnetState::FailedInsufficientCapacity) => {
                Readiness::Failed("AWS could not make it".to_owned())
            }
            _ => Readiness::Ready,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_a_number() {
        let block = numbered("2600:1f18:12:ab00::/56", 7);
        assert_eq!(block.as_deref(), Some("2600:1f18:12:ab07::/64"));
        assert_eq!(number("2600:1f18:12:ab07::/64"), Some(7));
        assert_eq!(numbered("2600:1f18:12:ab00::/60", 7), None);
    }
}
