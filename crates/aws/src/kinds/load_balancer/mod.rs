//! `load_balancer`: an application load balancer.

mod spec;

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType as AwsIpAddressType, LoadBalancer as AwsLoadBalancer, LoadBalancerAttribute,
    LoadBalancerSchemeEnum, LoadBalancerStateEnum, LoadBalancerTypeEnum,
};
use futures_util::future::try_join;
use landfall_model::types::Target;
use landfall_model::{
    Await, CloudError, Detail, Field, Finding, Implied, Interruption, KindRules, Naming, On,
    Readiness, TagChange, Tags, Transient, Wait,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::spec::{
    DesyncMitigationMode, IpAddressType, Logs, Scheme, Spec, XffHeaderProcessingMode,
};
use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::elb::{self, Attributes, word};

/// How many attributes one call changes at most.
const ATTRIBUTES_AT_ONCE: usize = 20;

/// `load_balancer`.
pub enum LoadBalancer {}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The host name at which it can be reached.
    pub dns_name: String,
    /// The Route 53 hosted zone of that host name, for an alias record.
    pub zone_id: String,
    /// `app/name/id`, by which CloudWatch's metrics know it.
    pub arn_suffix: String,
}

impl Target for LoadBalancer {
    const KIND: &'static str = "load_balancer";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

fn outputs(balancer: &AwsLoadBalancer) -> Outputs {
    let arn = balancer.load_balancer_arn.clone().unwrap_or_default();
    Outputs {
        name: balancer.load_balancer_name.clone().unwrap_or_default(),
        dns_name: balancer.dns_name.clone().unwrap_or_default(),
        zone_id: balancer.canonical_hosted_zone_id.clone().unwrap_or_default(),
        arn_suffix: elb::arn_suffix(&arn),
        arn,
    }
}

const NEW: &str = "Elastic Load Balancing does not know the new load balancer everywhere yet";
const NEW_SUBNET: &str = "Elastic Load Balancing does not know the new subnet yet";
const NEW_GROUP: &str = "Elastic Load Balancing does not know the new security group yet";

impl Kind for LoadBalancer {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::immutable("scheme"),
            Field::mutable("ip_address_type"),
            Field::mutable("subnets"),
            Field::mutable("security_groups").unmanaged_if_absent(),
            Field::mutable("idle_timeout").after_create(),
            Field::mutable("client_keep_alive").after_create(),
            Field::mutable("deletion_protection").after_create(),
            Field::mutable("http2").after_create(),
            Field::mutable("drop_invalid_header_fields").after_create(),
            Field::mutable("desync_mitigation_mode").after_create(),
            Field::mutable("preserve_host_header").after_create(),
            Field::mutable("xff_header_processing_mode").after_create(),
            Field::mutable("xff_client_port").after_create(),
            Field::mutable("tls_version_and_cipher_suite_headers").after_create(),
            Field::mutable("waf_fail_open").after_create(),
            Field::mutable("zonal_shift").after_create(),
            Field::mutable("access_logs").after_create(),
            Field::mutable("connection_logs").after_create(),
            Field::mutable("health_check_logs").after_create(),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 32,
            underscores: false,
            lower_case: false,
            stable: false,
        }),
        // AWS refuses an internet-facing one in a VPC without an internet gateway, and refuses to
        // detach the gateway while the load balancer's nodes hold public addresses.
        implied: &[Implied { other: "internet_gateway", via: "vpc", wait: Wait::Settled }],
        transients: &[
            Transient::within(60, On::Create, "SubnetNotFound", "", NEW_SUBNET),
            Transient::within(60, On::Create, "InvalidSecurityGroup", "", NEW_GROUP),
            Transient::within(60, On::Update, "InvalidSecurityGroup", "", NEW_GROUP),
            Transient::within(
                20,
                On::Create,
                "InvalidSubnet",
                "no internet gateway",
                "Elastic Load Balancing does not know yet that the gateway is attached",
            ),
            Transient::within(30, On::Update, "LoadBalancerNotFound", "", NEW),
            // A bucket's policy takes a while to hold; terraform-provider-aws waits for it, too.
            Transient::within(
                60,
                On::Update,
                "InvalidConfigurationRequest",
                "access denied for bucket",
                "S3 does not know the bucket's policy everywhere yet",
            ),
        ],
        await_ready: Await::Usable,
        replace_failed: true,
        cost: Some("about $16 a month, and more with its traffic"),
        interruption: Interruption {
            create_first: Some(
                "its DNS name changes: who still uses the old one is cut off when that goes",
            ),
            delete_first: Some(
                "nothing answers until the new one is active, some minutes, and under another DNS name",
            ),
        },
        ..KindRules::new(
            "load_balancer",
            "elasticloadbalancing",
            "elasticloadbalancing:loadbalancer",
        )
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        spec.check()
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let (balancers, tags) = match scope.whole_stack {
            true => estate(aws, scope).await?,
            false => wanted(aws, scope).await?,
        };
        each(balancers, |balancer| async {
            let arn = balancer.load_balancer_arn.clone().unwrap_or_default();
            let tags = tags.get(&arn).cloned().unwrap_or_default();
            read(aws, balancer, tags, scope.detail).await
        })
        .await
        .map(|found| found.into_iter().flatten().collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let groups = want.security_groups.as_ref();
        let answer = aws
            .elb
            .create_load_balancer()
            .name(&want.name)
            .r#type(LoadBalancerTypeEnum::Application)
            .scheme(LoadBalancerSchemeEnum::from(word(&want.scheme).replace('_', "-").as_str()))
            .ip_address_type(aws_ip_address_type(want.ip_address_type))
            .set_subnets(Some(want.subnets.iter().map(String::from).collect()))
            .set_security_groups(groups.map(|groups| groups.iter().map(String::from).collect()))
            .set_tags(Some(elb::tags(tags)))
            .send()
            .await
            .named("elasticloadbalancing:CreateLoadBalancer")?;
        let balancer = answer.load_balancers.unwrap_or_default().pop().ok_or_else(|| {
            CloudError::unexpected(
                "elasticloadbalancing:CreateLoadBalancer",
                "the answer holds no load balancer",
            )
        })?;
        let outputs = outputs(&balancer);
        Ok(Made { id: outputs.arn.clone(), outputs })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let (elb, arn, is) = (&aws.elb, &live.id, &live.spec);
        if want.subnets != is.subnets {
            let subnets = want.subnets.iter().map(String::from).collect();
            let call = elb.set_subnets().load_balancer_arn(arn).set_subnets(Some(subnets));
            call.send().await.named("elasticloadbalancing:SetSubnets")?;
        }
        if let Some(groups) = &want.security_groups
            && want.security_groups != is.security_groups
        {
            let groups = groups.iter().map(String::from).collect();
            let call = elb.set_security_groups().load_balancer_arn(arn);
            let call = call.set_security_groups(Some(groups));
            call.send().await.named("elasticloadbalancing:SetSecurityGroups")?;
        }
        if want.ip_address_type != is.ip_address_type {
            let call = elb.set_ip_address_type().load_balancer_arn(arn);
            let call = call.ip_address_type(aws_ip_address_type(want.ip_address_type));
            call.send().await.named("elasticloadbalancing:SetIpAddressType")?;
        }
        for attributes in is.attributes_towards(want).chunks(ATTRIBUTES_AT_ONCE) {
            modify(aws, arn, attributes.to_vec()).await?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        elb::retag(aws, &live.id, change).await
    }

    async fn obstacle(
        aws: &Aws,
        live: &Found<Self>,
        declared: Option<&Spec>,
    ) -> Result<Option<String>, CloudError> {
        if declared.is_some_and(|spec| !spec.deletion_protection) {
            return Ok(None);
        }
        let attributes = attributes(aws, &live.id).await?;
        let protected = attributes.and_then(|all| all.flag(spec::DELETION_PROTECTION));
        Ok(protected.unwrap_or(false).then(|| {
            let name = &live.outputs.name;
            let how = match declared {
                Some(_) => "set `deletion_protection: false` first",
                None => "switch that off in AWS first",
            };
            format!("{name} is protected from deletion; {how}")
        }))
    }

    async fn delete(
        aws: &Aws,
        live: &Found<Self>,
        declared: Option<&Spec>,
    ) -> Result<(), CloudError> {
        let delete = || async {
            let call = aws.elb.delete_load_balancer().load_balancer_arn(&live.id);
            call.send().await.or_missing("elasticloadbalancing:DeleteLoadBalancer").map(drop)
        };
        let unprotected = declared.is_some_and(|spec| !spec.deletion_protection);
        match delete().await {
            // Protected by hand, or by a spec that was never applied since: what the spec says now
            // holds. Asking beforehand would cost every deletion a call.
            Err(error) if unprotected && error.code.as_deref() == Some("OperationNotPermitted") => {
                let off = LoadBalancerAttribute::builder().key(spec::DELETION_PROTECTION);
                modify(aws, &live.id, vec![off.value("false").build()]).await?;
                delete().await
            }
            answer => answer,
        }
    }
}

fn aws_ip_address_type(wanted: IpAddressType) -> AwsIpAddressType {
    AwsIpAddressType::from(word(&wanted).replace('_', "-").as_str())
}

async fn modify(
    aws: &Aws,
    arn: &str,
    attributes: Vec<LoadBalancerAttribute>,
) -> Result<(), CloudError> {
    let call = aws.elb.modify_load_balancer_attributes().load_balancer_arn(arn);
    let call = call.set_attributes(Some(attributes));
    call.send().await.named("elasticloadbalancing:ModifyLoadBalancerAttributes").map(drop)
}

async fn attributes(aws: &Aws, arn: &str) -> Result<Option<Attributes>, CloudError> {
    let call = aws.elb.describe_load_balancer_attributes().load_balancer_arn(arn);
    let answer = call.send().await;
    let answer = answer.or_missing("elasticloadbalancing:DescribeLoadBalancerAttributes")?;
    Ok(answer.map(|answer| {
        let pairs = answer.attributes.unwrap_or_default().into_iter();
        Attributes::new(pairs.map(|attribute| (attribute.key, attribute.value)))
    }))
}

type Described = (Vec<AwsLoadBalancer>, Arc<HashMap<String, Tags>>);

/// Of all load balancers those that the stack owns or that bear a wanted name.
async fn estate(aws: &Aws, scope: &Scope<'_, LoadBalancer>) -> Result<Described, CloudError> {
    let estate = &scope.sweep.balancing;
    let (all, tags) = try_join(estate.load_balancers(aws), estate.tags(aws)).await?;
    let names = scope.wanted_names(|spec| &spec.name);
    let none = Tags::new();
    let ours = all.iter().filter(|balancer| {
        let name = balancer.load_balancer_name.as_deref().unwrap_or_default();
        let arn = balancer.load_balancer_arn.as_deref().unwrap_or_default();
        names.iter().any(|wanted| wanted == name)
            || scope.covers(arn, tags.get(arn).unwrap_or(&none))
    });
    Ok((ours.cloned().collect(), tags))
}

/// The wanted ones by ARN or name, and no others: they may be asked for again and again.
async fn wanted(aws: &Aws, scope: &Scope<'_, LoadBalancer>) -> Result<Described, CloudError> {
    let ids = scope.wanted_ids();
    let by_arn = elb::existing(&ids, |arns| async {
        let call = aws.elb.describe_load_balancers().set_load_balancer_arns(Some(arns));
        let answer = call.send().await;
        let answer = answer.or_missing("elasticloadbalancing:DescribeLoadBalancers")?;
        Ok(answer.map(|answer| answer.load_balancers.unwrap_or_default()))
    });
    let names = elb::names_without_id(scope, |spec| &spec.name);
    let by_name = elb::existing(&names, |names| async {
        let call = aws.elb.describe_load_balancers().set_names(Some(names));
        let answer = call.send().await;
        let answer = answer.or_missing("elasticloadbalancing:DescribeLoadBalancers")?;
        Ok(answer.map(|answer| answer.load_balancers.unwrap_or_default()))
    });
    let (mut found, named) = try_join(by_arn, by_name).await?;
    found.extend(named);
    // One that is known by its ARN is asked again and again how far it is; its tags tell nothing.
    let tell = scope.detail == Detail::Full || !names.is_empty();
    let arns = found.iter().filter_map(|one| one.load_balancer_arn.clone()).filter(|_| tell);
    let tags = elb::tags_of(aws, &arns.collect::<Vec<_>>()).await?;
    Ok((found, Arc::new(tags)))
}

/// Reads the rest of one; nothing if it has gone meanwhile.
async fn read(
    aws: &Aws,
    balancer: AwsLoadBalancer,
    tags: Tags,
    detail: Detail,
) -> Result<Option<Found<LoadBalancer>>, CloudError> {
    let outputs = outputs(&balancer);
    let attributes = match detail {
        Detail::Identity => Some(Attributes::new([])),
        Detail::Full => attributes(aws, &outputs.arn).await?,
    };
    let Some(attributes) = attributes else { return Ok(None) };
    let spec = Spec::of(&balancer, &attributes);
    let state = balancer.state;
    let code = state.as_ref().and_then(|state| state.code.clone());
    let reason = state.and_then(|state| state.reason).filter(|reason| !reason.is_empty());
    let readiness = match code {
        Some(LoadBalancerStateEnum::Provisioning) => Readiness::Pending("provisioning".to_owned()),
        Some(LoadBalancerStateEnum::Failed) => {
            Readiness::Failed(reason.unwrap_or_else(|| "AWS gives no reason".to_owned()))
        }
        // An impaired one routes traffic; it lacks what it needs to grow.
        _ => Readiness::Ready,
    };
    Ok(Some(Found { id: outputs.arn.clone(), spec, outputs, tags, readiness }))
}
