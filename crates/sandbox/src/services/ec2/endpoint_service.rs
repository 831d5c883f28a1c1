//! The services that endpoints lead to.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::{self, Filter};
use super::listing::{self, Asked};
use super::vpc_block::unsupported;
use super::zone;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// Services with gateway endpoints.
const GATEWAY: &[&str] = &["dynamodb", "s3"];

/// Services with interface endpoints. PrivateLink guide, "AWS services that integrate".
const INTERFACE: &[&str] = &[
    "acm-pca",
    "application-autoscaling",
    "appmesh-envoy-management",
    "athena",
    "autoscaling",
    "bedrock-runtime",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codepipeline",
    "config",
    "dynamodb",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "elasticache",
    "elasticfilesystem",
    "elasticloadbalancing",
    "email-smtp",
    "events",
    "execute-api",
    "glue",
    "guardduty-data",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "rds-data",
    "redshift",
    "s3",
    "sagemaker.api",
    "sagemaker.runtime",
    "secretsmanager",
    "servicediscovery",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "synthetics",
    "transfer",
    "xray",
];

/// A service that endpoints lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointService {
    /// `com.amazonaws.us-east-1.logs`
    pub name: String,
    /// `logs`
    pub short: &'static str,
    /// `Gateway` or `Interface`.
    pub sort: &'static str,
}

impl EndpointService {
    /// The name that is looked up where private DNS is on.
    pub fn private_dns_name(&self, region: &str) -> Option<String> {
        if self.sort == "Gateway" {
            return None;
        }
        Some(match self.short.split_once('.') {
            Some(("ecr", "dkr")) => format!("dkr.ecr.{region}.amazonaws.com"),
            Some((service, part)) => format!("{part}.{service}.{region}.amazonaws.com"),
            None => format!("{}.{region}.amazonaws.com", self.short),
        })
    }

    fn view(&self, region: &str) -> Value {
        let zones: Vec<String> = zone::zones(region).into_iter().map(|zone| zone.name).collect();
        let private = self.private_dns_name(region);
        let names: Option<Vec<Value>> =
            private.as_ref().map(|name| vec![json!({ "privateDnsName": name })]);
        let base = match self.sort {
            "Gateway" => format!("{}.{region}.amazonaws.com", self.short),
            _ => format!("{}.{region}.vpce.amazonaws.com", self.short),
        };
        json!({
            "serviceName": self.name,
            "serviceId": format!("vpce-svc-{}", self.digits()),
            "serviceType": [{ "serviceType": self.sort }],
            "serviceRegion": region,
            "availabilityZoneSet": zones,
            "owner": "amazon",
            "baseEndpointDnsNameSet": [base],
            "privateDnsName": private,
            "privateDnsNameSet": names,
            "privateDnsNameVerificationState": "verified",
            "vpcEndpointPolicySupported": true,
            "acceptanceRequired": false,
            "managesVpcEndpoints": false,
            "supportedIpAddressTypeSet": ["ipv4"],
            "tagSet": [],
        })
    }

    fn digits(&self) -> String {
        let sum =
            self.name.bytes().chain(self.sort.bytes()).fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3_u64)
            });
        format!("0{sum:016x}")
    }
}

/// All services of a region.
pub fn services(region: &str) -> Vec<EndpointService> {
    let of = |sort: &'static str| {
        let name = move |short: &&'static str| EndpointService {
            name: format!("com.amazonaws.{region}.{short}"),
            short,
            sort,
        };
        if sort == "Gateway" { GATEWAY.iter().map(name) } else { INTERFACE.iter().map(name) }
    };
    let mut services: Vec<EndpointService> = of("Gateway").chain(of("Interface")).collect();
    services.sort_by(|one, other| one.name.cmp(&other.name));
    services
}

/// The service of a name that has endpoints of this sort.
pub fn service(region: &str, name: &str, sort: &str) -> Result<EndpointService, Refused> {
    let mut of_name: Vec<EndpointService> = services(region);
    of_name.retain(|own| own.name == name);
    if let Some(at) = of_name.iter().position(|own| own.sort == sort) {
        return Ok(of_name.swap_remove(at));
    }
    if of_name.is_empty() {
        let message = format!("The Vpc Endpoint Service '{name}' does not exist");
        return Err(Refused::new("InvalidServiceName", message));
    }
    let sorts: Vec<&str> = of_name.iter().map(|own| own.sort).collect();
    let message = format!(
        "Endpoint type ({sort}) does not match available service types ([{}]).",
        sorts.join(", ")
    );
    Err(Refused::new("InvalidParameter", message))
}

/// The input of `DescribeVpcEndpointServices`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DescribeVpcEndpointServices {
    service_name: Vec<String>,
    filter: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
    service_region: Vec<String>,
}

/// `DescribeVpcEndpointServices`.
pub fn describe(site: &mut Site<'_>, input: DescribeVpcEndpointServices) -> Answer {
    let region = site.name.clone();
    let elsewhere = input.service_region.iter().any(|name| *name != region);
    unsupported(elsewhere, "ServiceRegion")?;
    let mut services = services(&region);
    for name in &input.service_name {
        if !services.iter().any(|service| service.name == *name) {
            let message = format!("The Vpc Endpoint Service '{name}' does not exist");
            return Err(Refused::new("InvalidServiceName", message));
        }
    }
    services.retain(|own| input.service_name.is_empty() || input.service_name.contains(&own.name));
    let known =
        ["owner", "service-name", "service-region", "service-type", "supported-ip-address-types"];
    filter::known(&input.filter, &known)?;
    let kept = filter::filtered(
        services,
        &input.filter,
        |_| &filter::UNTAGGED,
        |service, name| {
            Some(vec![match name {
                "owner" => "amazon".to_owned(),
                "service-name" => service.name.clone(),
                "service-region" => region.clone(),
                "service-type" => service.sort.to_owned(),
                _ => "ipv4".to_owned(),
            }])
        },
    )?;
    let mut names: Vec<String> = kept.iter().map(|service| service.name.clone()).collect();
    names.dedup();
    let views = kept.iter().map(|service| service.view(&region)).collect();
    let asked = Asked {
        ids: &input.service_name,
        filters: &input.filter,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let mut answer = listing::paged("serviceDetailSet", views, &asked, (1, 1000))?;
    answer["serviceNameSet"] = names.into();
    Ok(answer)
}
