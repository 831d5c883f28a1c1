//! Quotas: which one was reached, and how to ask for more.
//!
//! The codes are those of each service's API reference; numbers and quota codes are those of Service
//! Quotas (<https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>).

use landfall_model::CloudError;

use super::Advice;

struct Quota {
    /// What the operation begins with.
    operation: &'static str,
    /// What AWS's code begins with.
    code: &'static str,
    /// What is limited, and how much of it there is unless somebody asked for more.
    what: &'static str,
    /// The service and the quota, as Service Quotas calls them.
    quota: (&'static str, &'static str),
    /// What else helps.
    instead: &'static str,
}

const fn quota(
    operation: &'static str,
    code: &'static str,
    what: &'static str,
    quota: (&'static str, &'static str),
    instead: &'static str,
) -> Quota {
    Quota { operation, code, what, quota, instead }
}

const UNUSED: &str = "Delete what is no longer used";

#[rustfmt::skip]
const QUOTAS: &[Quota] = &[
    quota("ec2:", "VpcLimitExceeded", "5 VPCs in a region",
        ("vpc", "L-F678F1CE"), "Delete a VPC that is no longer used, or let the stack live in one that is there (`lookup: vpc`)"),
    quota("ec2:", "AddressLimitExceeded", "5 Elastic IP addresses in a region",
        ("ec2", "L-0263D0A3"), "Release addresses that are attached to nothing (aws ec2 describe-addresses shows them without an AssociationId)"),
    quota("ec2:", "SecurityGroupLimitExceeded", "2,500 security groups in a region",
        ("vpc", "L-E79EC296"), UNUSED),
    quota("ec2:", "RulesPerSecurityGroupLimitExceeded", "60 rules in a security group, in each direction",
        ("vpc", "L-0EA8095F"), "Join blocks that are next to each other, or split the rules between two groups"),
    quota("ec2:", "SecurityGroupsPerInterfaceLimitExceeded", "5 security groups on a network interface",
        ("vpc", "L-2AFB9258"), "Name fewer groups"),
    quota("ec2:", "SubnetLimitExceeded", "200 subnets in a VPC",
        ("vpc", "L-407747CB"), UNUSED),
    quota("ec2:", "InternetGatewayLimitExceeded", "5 internet gateways in a region",
        ("vpc", "L-A4707A72"), UNUSED),
    quota("ec2:", "RouteTableLimitExceeded", "200 route tables in a VPC",
        ("vpc", "L-589F43AA"), UNUSED),
    quota("ec2:", "RouteLimitExceeded", "500 routes in a table",
        ("vpc", "L-93826ACB"), "Join destinations that are next to each other"),
    quota("ec2:", "NatGatewayLimitExceeded", "5 NAT gateways in an availability zone",
        ("vpc", "L-FE5A380F"), UNUSED),
    quota("elasticloadbalancing:", "TooManyLoadBalancers", "50 application load balancers in a region",
        ("elasticloadbalancing", "L-53DA6B97"), "Delete one that is no longer used, or share one (`lookup: load_balancer`)"),
    quota("elasticloadbalancing:", "TooManyTargetGroups", "3,000 target groups in a region",
        ("elasticloadbalancing", "L-B22855CB"), UNUSED),
    quota("elasticloadbalancing:", "TooManyListeners", "50 listeners of a load balancer",
        ("elasticloadbalancing", "L-B6DF7632"), UNUSED),
    quota("ecr:CreateRepository", "LimitExceeded", "100,000 repositories in a region",
        ("ecr", "L-CFEB8E8D"), UNUSED),
    quota("iam:CreateRole", "LimitExceeded", "1,000 roles in an account",
        ("iam", "L-FE177D64"), UNUSED),
    quota("iam:CreatePolicy", "LimitExceeded", "1,500 policies of its own in an account",
        ("iam", "L-E95E4862"), UNUSED),
    quota("iam:AttachRolePolicy", "LimitExceeded", "10 managed policies on a role",
        ("iam", "L-0DA4ABF3"), "Join policies, or write one of them as an inline policy"),
    quota("ecs:CreateCluster", "LimitExceeded", "10,000 clusters in a region",
        ("ecs", "L-21C621EB"), UNUSED),
    quota("ecs:CreateService", "LimitExceeded", "5,000 services in a cluster",
        ("ecs", "L-9EF96962"), "Delete services that are no longer used, or use another cluster"),
    quota("logs:CreateLogGroup", "LimitExceeded", "1,000,000 log groups in a region",
        ("logs", "L-D2832119"), UNUSED),
];

/// What to do about a quota that was reached, if that is it.
pub(super) fn of(error: &CloudError) -> Option<Vec<Advice>> {
    let code = error.code.as_deref()?;
    let known = QUOTAS
        .iter()
        .find(|quota| error.operation.starts_with(quota.operation) && code.starts_with(quota.code));
    if let Some(Quota { what, quota: (service, quota), instead, .. }) = known {
        // IAM's quotas are kept in one region for all.
        let region = if *service == "iam" { " --region us-east-1" } else { "" };
        return Some(vec![
            Advice::Say(format!(
                "The account has reached a quota: {what}, unless more were asked for. {instead}, or ask for more; small increases come within minutes:"
            )),
            Advice::Copy(format!(
                "aws service-quotas get-service-quota --service-code {service} --quota-code {quota}{region}"
            )),
            Advice::Copy(format!(
                "https://console.aws.amazon.com/servicequotas/home/services/{service}/quotas/{quota}"
            )),
        ]);
    }
    is_quota(code).then(|| {
        let service = service(error.operation.split(':').next().unwrap_or_default(), code);
        vec![
            Advice::Say(
                "The account has reached a quota in this region. Delete what is no longer used, or ask for more in Service Quotas; small increases come within minutes:"
                    .to_owned(),
            ),
            Advice::Copy(format!("aws service-quotas list-service-quotas --service-code {service}")),
            Advice::Copy(format!(
                "https://console.aws.amazon.com/servicequotas/home/services/{service}/quotas"
            )),
        ]
    })
}

fn is_quota(code: &str) -> bool {
    let code = code.trim_end_matches("Exception");
    code.ends_with("LimitExceeded")
        || code.ends_with("QuotaExceeded")
        || code.starts_with("TooMany")
}

/// The quota's service, as Service Quotas calls it: EC2's network quotas are VPC's.
fn service<'a>(service: &'a str, code: &str) -> &'a str {
    let of_vpc = ["Vpc", "Gateway", "Rules", "NetworkInterface", "NetworkAcl"];
    match service {
        "ec2" if of_vpc.iter().any(|word| code.contains(word)) => "vpc",
        other => other,
    }
}
