//! Refusals and failed states that have a remedy of their own, as a table. The first row that fits
//! holds. Codes and messages are AWS's; what has no code of its own is known by its message.

use landfall_model::CloudError;

use super::Advice;

struct Row {
    /// What the operation begins with.
    operation: &'static str,
    /// What AWS's code begins with; empty for any.
    code: &'static str,
    /// What AWS's message contains, in lower case; empty for any.
    message: &'static str,
    /// What to do.
    say: &'static str,
    /// A command that helps; `{arn}` is the first ARN that AWS's message names.
    copy: &'static str,
}

const fn row(
    operation: &'static str,
    code: &'static str,
    message: &'static str,
    say: &'static str,
    copy: &'static str,
) -> Row {
    Row { operation, code, message, say, copy }
}

const ELB: &str = "elasticloadbalancing:";
const SERVICE_LINKED: &str = "In an account that has never used the service AWS makes a service-linked role first. It takes some seconds; if it never comes, make it:";
const CERTIFICATE: &str = "A listener takes a certificate only once it is issued. Until the DNS records or e-mails prove the domain it is pending, and after 72 hours it has failed. It also has to be in the load balancer's region, for a domain name, with a key of RSA 2048 or more, or of P-256 or P-384. What is the matter:";
const CERTIFICATE_COMMAND: &str = "aws acm describe-certificate --certificate-arn {arn} --query 'Certificate.[Status,FailureReason,KeyAlgorithm,DomainValidationOptions]'";
const TWO_ZONES: &str = "An application load balancer needs subnets in at least two availability zones, one in each. Name another subnet in `subnets`:";
const SUBNETS: &str = "aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZone,AvailableIpAddressCount,CidrBlock]'";
const FULL: &str = "A subnet has no addresses left. A load balancer wants 8 free ones in each of its subnets, and every Fargate task takes one. Free some, or name a larger subnet:";
const ZONE: &str = "The zone does not exist in this region, or takes nothing new. Write one of these in `availability_zone`, or leave the field out:";
const ZONES: &str = "aws ec2 describe-availability-zones --query 'AvailabilityZones[].ZoneName'";
const UNTRUSTED: &str = "A new role is known everywhere after some seconds, so this is the role itself: it has to exist and to trust tasks. At the role, write:";
const TRUST: &str = "trusted_services: [ecs-tasks.amazonaws.com]";
const PRINCIPAL: &str = "A principal of the policy does not exist, or not any more: look for a misspelt account, role or user. One that was deleted stands there as an id (AROA..., AIDA...).";
const LEASE: &str = "A target group takes one load balancer at a time. Give each load balancer a target group of its own.";

#[rustfmt::skip]
const REFUSALS: &[Row] = &[
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
    row("ecs:", "", "service linked role", SERVICE_LINKED,
        "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"),
    row(ELB, "", "service linked role", SERVICE_LINKED,
        "aws iam create-service-linked-role --aws-service-name elasticloadbalancing.amazonaws.com"),
    row("ecs:", "", "unable to assume", UNTRUSTED, TRUST),
    row("ecs:", "ClientException", "role is not valid", UNTRUSTED, TRUST),
    row("ecs:", "InvalidParameterException", "verify that the ecs service role", UNTRUSTED, TRUST),
    row("iam:", "MalformedPolicyDocument", "principal", PRINCIPAL, ""),
    row("ecr:", "InvalidParameterException", "invalid repository policy", PRINCIPAL, ""),
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
    row(ELB, "UnsupportedCertificate", "", CERTIFICATE, CERTIFICATE_COMMAND),
    row(ELB, "CertificateNotFound", "", CERTIFICATE, CERTIFICATE_COMMAND),
    row(ELB, "", "at least two subnets", TWO_ZONES, SUBNETS),
    row(ELB, "", "multiple subnets in the same availability zone", TWO_ZONES, SUBNETS),
    row(ELB, "InvalidSubnet", "not enough ip space", FULL, SUBNETS),
    row(ELB, "InvalidSubnet", "no internet gateway",
        "A load balancer that faces the internet needs an internet gateway in its VPC, and a route to it. Declare an `internet_gateway`, or write `scheme: internal`.", ""),
    row("ec2:", "InsufficientFreeAddressesInSubnet", "", FULL, SUBNETS),
    row("", "", "not have enough free addresses", FULL, SUBNETS),
    row("ec2:CreateSubnet", "InvalidParameterValue", "availability", ZONE, ZONES),
    row(ELB, "AvailabilityZoneNotSupported", "", ZONE, ZONES),
    row(ELB, "", "cannot be created in this az", ZONE, ZONES),
    row(ELB, "TargetGroupAssociationLimit", "", LEASE, ""),
    row(ELB, "OperationNotPermitted", "does not support creating load balancers",
        "AWS has not opened load balancers for this account yet, as with some new ones. Only AWS can: open a case with AWS Support.", ""),
    row(ELB, "OperationNotPermitted", "deletion protection",
        "It is protected from deletion. Set `deletion_protection: false` at {address}, apply that, then destroy.", ""),
    row(ELB, "InvalidConfigurationRequest", "access denied for bucket",
        "The bucket's policy has to let the load balancer write its logs (s3:PutObject for logdelivery.elasticloadbalancing.amazonaws.com).", ""),
    row("logs:DeleteLogGroup", "", "deletion protection",
        "It is protected from deletion. Set `deletion_protection: false` at {address}, apply that, then destroy.", ""),
    row("logs:", "", "kms key does not exist or is not allowed",
        "The key's policy has to let CloudWatch Logs use it: allow kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey* and kms:Describe* to logs.<region>.amazonaws.com.", ""),
    row("ecr:DeleteRepository", "RepositoryNotEmpty", "",
        "Images came after the plan was made. Delete them, or set `force_delete: true` at {address}.", ""),
    row("", "ImageTagAlreadyExists", "",
        "The repository's tags are immutable, so a tag is pushed once. Push under another tag, or except this one with `tag_mutability_exclusions`.", ""),
    row("ecs:", "", "does not have an associated load balancer",
        "ECS takes a target group only once a listener or rule sends something to it. Declare a `listener` that forwards to it.", ""),
    row("ecs:", "", "creation of service was not idempotent",
        "A service of that name is there already, and it is not the stack's. Give {address} another name, or delete the other one.", ""),
    row("ec2:", "InvalidSubnet.Conflict", "",
        "The block overlaps with that of another subnet of the VPC. Choose another `cidr`:",
        "aws ec2 describe-subnets --query 'Subnets[].[VpcId,SubnetId,CidrBlock]'"),
    row("ec2:", "Resource.AlreadyAssociated", "",
        "The VPC has an internet gateway already, and it has only one. Use that one, or detach it first.", ""),
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    row("", "OptInRequired", "",
        "The account has not opted in to this service or region. Enable it in the account's settings.", ""),
    row("", "PendingVerification", "",
        "AWS is still verifying the account. It takes up to four hours; then run the same command again.", ""),
    row("", "Blocked", "",
        "AWS has blocked the account. Only AWS can tell why: open a case with AWS Support.", ""),
    row("", "InsufficientInstanceCapacity", "", CAPACITY, ""),
    row("", "", "capacity is unavailable", CAPACITY, ""),
    row("ecs:", "", "number of vcpus you can run concurrently", VCPUS, VCPUS_COMMAND),
];

const CAPACITY: &str = "AWS has no room for it in these zones just now. Run the same command again later, or name subnets in further availability zones.";
const VCPUS: &str = "The account has reached its quota of Fargate vCPUs. Stop tasks that are no longer needed, or ask for more:";
const VCPUS_COMMAND: &str =
    "aws service-quotas get-service-quota --service-code fargate --quota-code L-3032A538";

/// Failed states; the operation is the kind. Those that are known by AWS's words come first.
#[rustfmt::skip]
const STATES: &[Row] = &[
    row("ecs_service", "", "capacity is unavailable", CAPACITY, ""),
    row("ecs_service", "", "number of vcpus you can run concurrently", VCPUS, VCPUS_COMMAND),
    row("load_balancer", "", "",
        "A load balancer that failed stays failed. Mend what AWS names (mostly subnets without enough free addresses, or without a route to the internet); the next apply makes a new one in its place:",
        SUBNETS),
    row("subnet", "", "", "Make it in another availability zone, or later in the same.", ""),
    row("ecs_cluster", "", "", "Look at its capacity providers, and apply again.", ""),
];

/// The remedy for a refusal, if there is one of its own.
pub(super) fn of_refusal(error: &CloudError) -> Option<Vec<Advice>> {
    let code = error.code.as_deref().unwrap_or_default();
    find(REFUSALS, &error.operation, code, &error.message)
}

/// The remedy for a thing of a kind that came to a bad end, if there is one of its own.
pub(super) fn of_state(kind: &str, why: &str) -> Option<Vec<Advice>> {
    find(STATES, kind, "", why)
}

/// The remedy for what a thing of a kind waits for, if there is one of its own.
pub(super) fn of_wait(kind: &str, because: &str) -> Option<Vec<Advice>> {
    let split = STATES.iter().position(|row| row.message.is_empty()).unwrap_or(STATES.len());
    find(&STATES[..split], kind, "", because)
}

fn find(rows: &[Row], operation: &str, code: &str, message: &str) -> Option<Vec<Advice>> {
    let lower = message.to_lowercase();
    let row = rows.iter().find(|row| {
        operation.starts_with(row.operation)
            && code.starts_with(row.code)
            && lower.contains(row.message)
    })?;
    let mut advice = vec![Advice::Say(row.say.to_owned())];
    match (row.copy.contains("{arn}"), arn(message)) {
        (true, Some(arn)) => advice.push(Advice::Copy(row.copy.replace("{arn}", arn))),
        (true, None) => advice.push(Advice::Copy(row.copy.replace("{arn}", "<arn>"))),
        (false, _) if row.copy.is_empty() => {}
        (false, _) => advice.push(Advice::Copy(row.copy.to_owned())),
    }
    Some(advice)
}

/// The first ARN of a text.
fn arn(text: &str) -> Option<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "'\"(),".contains(c));
    words.map(|word| word.trim_end_matches('.')).find(|word| word.starts_with("arn:"))
}
