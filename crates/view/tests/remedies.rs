//! What is said about each refusal that AWS is known for: the whole text of the failure.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod sample;

use std::time::Duration;

use landfall_model::{CloudError, Going, Holder, Refusal};
use landfall_plan::{Action, Cause, Census, Change, Failure, Op, Outcome, Plan};
use landfall_view::{left_text, outcome_text};
use sample::*;
use serde_json::json;

/// A refused call: operation, code, message.
type Refused = (&'static str, &'static str, &'static str);

fn error((operation, code, message): Refused) -> CloudError {
    let denied = ["AccessDenied", "UnauthorizedOperation"].iter().any(|word| code.contains(word));
    let denied = denied || message.contains("not authorized to perform:");
    CloudError {
        operation: operation.to_owned(),
        refusal: if denied { Refusal::Denied } else { Refusal::Refused },
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: None,
    }
}

/// The text of one failure, from its heading to the last piece of advice.
fn told(address: &str, op: Op, cause: Cause) -> String {
    let action = if op == Op::Delete { Action::Delete } else { Action::Create };
    let plan: Plan = of(vec![Change {
        live: Some(live(address, "thing-1", json!({}))),
        ..change(address, action, landfall_plan::Because::Missing)
    }]);
    let failure = Failure { address: at(address), op, cause };
    let outcome = Outcome { failed: vec![failure], ..Outcome::default() };
    let text = outcome_text::render(&plan, &outcome, &|_, _| None, &NARROW);
    let text = text.split_once("\n\n").unwrap().1;
    text.split_once("\n\nWhat was done stays done.").unwrap().0.to_owned()
}

fn refusals(rows: &[(&str, Refused)]) -> String {
    let texts = rows.iter().map(|(address, refused)| {
        let op = if refused.0.contains(":Delete") { Op::Delete } else { Op::Create };
        told(address, op, Cause::Refused(Box::new(error(*refused))))
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b";

#[test]
fn quotas() {
    insta::assert_snapshot!(refusals(&[
        (
            "vpc.main",
            ("ec2:CreateVpc", "VpcLimitExceeded", "The maximum number of VPCs has been reached.",)
        ),
        (
            "nat.a",
            (
                "ec2:AllocateAddress",
                "AddressLimitExceeded",
                "The maximum number of addresses has been reached.",
            )
        ),
        (
            "security_group.alb",
            (
                "ec2:CreateSecurityGroup",
                "SecurityGroupLimitExceeded",
                "The maximum number of security groups has been reached.",
            )
        ),
        (
            "security_group.alb",
            (
                "ec2:AuthorizeSecurityGroupIngress",
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached.",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "TooManyLoadBalancers",
                "You have reached the maximum number of load balancers",
            )
        ),
        (
            "ecr_repository.app",
            (
                "ecr:CreateRepository",
                "LimitExceededException",
                "The repository cannot be created because the limit of repositories is reached",
            )
        ),
        (
            "iam_role.task",
            ("iam:CreateRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000",)
        ),
        (
            "iam_role.task",
            (
                "iam:AttachRolePolicy",
                "LimitExceeded",
                "Cannot exceed quota for PoliciesPerRole: 10",
            )
        ),
        (
            "ecs_service.app",
            ("ecs:CreateService", "LimitExceededException", "The limit of services is reached",)
        ),
        (
            "listener.http",
            (
                "elasticloadbalancing:CreateListener",
                "TooManyUniqueTargetGroupsPerLoadBalancer",
                "You have reached the maximum number of unique target groups",
            )
        ),
    ]));
}

#[test]
fn load_balancing() {
    let unsupported = "The certificate 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b' must have a fully-qualified domain name, a supported signature, and a supported key size.";
    assert!(unsupported.contains(CERTIFICATE));
    insta::assert_snapshot!(refusals(&[
        (
            "listener.https",
            ("elasticloadbalancing:CreateListener", "UnsupportedCertificate", unsupported)
        ),
        (
            "listener.https",
            (
                "elasticloadbalancing:CreateListener",
                "CertificateNotFound",
                "Certificate 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b' not found",
            )
        ),
        (
            "listener.https",
            (
                "elasticloadbalancing:CreateListener",
                "TargetGroupAssociationLimit",
                "The following target groups cannot be associated with more than one load balancer: x",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "ValidationError",
                "At least two subnets in two different Availability Zones must be specified",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "InvalidConfigurationRequest",
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "InvalidSubnet",
                "Not enough IP space available in subnet-0a1. ELB requires at least 8 free IP addresses in each subnet.",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "InvalidSubnet",
                "VPC vpc-0a1 has no internet gateway",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "OperationNotPermitted",
                "This AWS account currently does not support creating load balancers. For more information, please contact AWS Support.",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:DeleteLoadBalancer",
                "OperationNotPermitted",
                "Load balancer 'arn:x' cannot be deleted because deletion protection is enabled",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "InvalidConfigurationRequest",
                "Access Denied for bucket: shop-logs. Please check S3bucket permission",
            )
        ),
    ]));
}

#[test]
fn roles_and_containers() {
    insta::assert_snapshot!(refusals(&[
        (
            "ecs_service.app",
            (
                "ecs:CreateService",
                "InvalidParameterException",
                "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
            )
        ),
        (
            "load_balancer.main",
            (
                "elasticloadbalancing:CreateLoadBalancer",
                "OperationNotPermitted",
                "The service linked role could not be created",
            )
        ),
        (
            "ecs_service.app",
            (
                "ecs:CreateService",
                "InvalidParameterException",
                "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-task' that was provided for this task.",
            )
        ),
        (
            "task_definition.app",
            ("ecs:RegisterTaskDefinition", "ClientException", "Role is not valid")
        ),
        (
            "iam_role.task",
            (
                "iam:CreateRole",
                "MalformedPolicyDocument",
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/nobody\"",
            )
        ),
        (
            "ecr_repository.app",
            (
                "ecr:SetRepositoryPolicy",
                "InvalidParameterException",
                "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
            )
        ),
        (
            "ecs_service.app",
            (
                "ecs:CreateService",
                "InvalidParameterException",
                "The target group with targetGroupArn arn:x does not have an associated load balancer.",
            )
        ),
        (
            "ecs_service.app",
            (
                "ecs:CreateService",
                "InvalidParameterException",
                "Creation of service was not idempotent.",
            )
        ),
        (
            "ecs_service.app",
            (
                "ecs:CreateService",
                "ClientException",
                "Capacity is unavailable at this time. Please try again later or in a different availability zone",
            )
        ),
        (
            "ecs_service.app",
            (
                "ecs:CreateService",
                "ClientException",
                "You've reached the limit on the number of vCPUs you can run concurrently",
            )
        ),
        (
            "ecr_repository.app",
            (
                "ecr:PutImage",
                "ImageTagAlreadyExistsException",
                "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
            )
        ),
        (
            "ecr_repository.app",
            (
                "ecr:DeleteRepository",
                "RepositoryNotEmptyException",
                "The repository with name 'app' cannot be deleted because it still contains images",
            )
        ),
        (
            "log_group.app",
            (
                "logs:DeleteLogGroup",
                "ValidationException",
                "The log group has deletion protection enabled.",
            )
        ),
        (
            "log_group.app",
            (
                "logs:CreateLogGroup",
                "InvalidParameterException",
                "The specified KMS key does not exist or is not allowed to be used with LogGroup 'app'",
            )
        ),
    ]));
}

#[test]
fn networks() {
    insta::assert_snapshot!(refusals(&[
        (
            "subnet.a",
            (
                "ec2:CreateSubnet",
                "InvalidParameterValue",
                "Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b.",
            )
        ),
        (
            "subnet.a",
            (
                "ec2:CreateSubnet",
                "InvalidSubnet.Conflict",
                "The CIDR '10.0.0.0/24' conflicts with another subnet",
            )
        ),
        (
            "subnet.a",
            (
                "ec2:CreateNetworkInterface",
                "InsufficientFreeAddressesInSubnet",
                "The specified subnet does not have enough free addresses to satisfy the request.",
            )
        ),
        (
            "internet_gateway.main",
            (
                "ec2:AttachInternetGateway",
                "Resource.AlreadyAssociated",
                "resource vpc-1 is already associated with internet gateway igw-1",
            )
        ),
        (
            "vpc.main",
            (
                "ec2:CreateVpc",
                "PendingVerification",
                "Your account is currently being verified. Verification normally takes less than 2 hours.",
            )
        ),
    ]));
}

#[test]
fn bad_ends() {
    let ends = [
        ("load_balancer.main", "InsufficientFreeAddressesInSubnet"),
        (
            "ecs_service.app",
            "(service app) was unable to place a task. Reason: Capacity is unavailable at this time.",
        ),
        ("ecs_service.app", "ECS deployment circuit breaker: tasks failed to start."),
        ("subnet.a", "AWS could not make it"),
    ];
    let texts =
        ends.map(|(address, why)| told(address, Op::AwaitReady, Cause::NeverReady(why.to_owned())));
    let because = "0 of 2 tasks running: (service app) was unable to place a task. Reason: Capacity is unavailable at this time.";
    let waited = Cause::TimedOut {
        because: because.to_owned(),
        after: Duration::from_secs(1800),
        last: None,
    };
    let waited = told("ecs_service.app", Op::AwaitReady, waited);
    insta::assert_snapshot!(texts.join("\n\n") + "\n\n" + &waited);
}

/// Denials in the words of each service, and by each sort of policy.
const DENIALS: &[(&str, Refused)] = &[
    (
        "vpc.main",
        (
            "ec2:CreateVpc",
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:us-east-1:123456789012:vpc/* because no identity-based policy allows the ec2:CreateVpc action. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q",
        ),
    ),
    (
        "iam_role.task",
        (
            "iam:CreateRole",
            "AccessDenied",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:CreateRole on resource: role shop-task because no identity-based policy allows the iam:CreateRole action",
        ),
    ),
    (
        "ecs_service.app",
        (
            "ecs:CreateService",
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: ecs:CreateService on resource: arn:aws:ecs:us-east-1:123456789012:service/shop/app because no identity-based policy allows the ecs:CreateService action",
        ),
    ),
    (
        "task_definition.app",
        (
            "ecs:RegisterTaskDefinition",
            "ClientException",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/shop-task because no identity-based policy allows the iam:PassRole action",
        ),
    ),
    (
        "ecr_repository.app",
        (
            "ecr:CreateRepository",
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:TagResource on resource: arn:aws:ecr:us-east-1:123456789012:repository/app because no permissions boundary allows the ecr:TagResource action",
        ),
    ),
    (
        "log_group.app",
        (
            "logs:CreateLogGroup",
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:123456789012:log-group:app:log-stream: because no service control policy allows the logs:CreateLogGroup action",
        ),
    ),
    (
        "load_balancer.main",
        (
            "elasticloadbalancing:CreateLoadBalancer",
            "AccessDenied",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:CreateServiceLinkedRole on resource: arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing because no session policy allows the iam:CreateServiceLinkedRole action",
        ),
    ),
    (
        "ecs_service.app",
        (
            "ecs:CreateService",
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:CreateService on resource: arn:aws:ecs:us-east-1:123456789012:service/shop/app with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1",
        ),
    ),
    (
        "ecs_service.app",
        (
            "ecs:CreateService",
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:CreateService on resource: arn:aws:ecs:us-east-1:123456789012:service/shop/app with an explicit deny in an identity-based policy",
        ),
    ),
    ("log_group.app", ("logs:DescribeLogGroups", "AccessDeniedException", "Access denied")),
];

#[test]
fn denials() {
    insta::assert_snapshot!(refusals(DENIALS));
}

#[test]
fn a_denial_is_advice_for_a_command_too() {
    let texts = DENIALS.iter().map(|(_, refused)| outcome_text::permission(&error(*refused)));
    insta::assert_snapshot!(texts.map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n"));
}

fn holder(what: &str, going: Going) -> Holder {
    let id = what.split(' ').next().unwrap();
    let show = format!("aws ec2 describe-network-interfaces --network-interface-ids {id}");
    Holder { what: what.to_owned(), going, show }
}

#[test]
fn holders() {
    let refused = error((
        "ec2:DeleteSecurityGroup",
        "DependencyViolation",
        "resource sg-1 has a dependent object",
    ));
    let held = |holders: Vec<Holder>, seconds| Cause::Held {
        holders,
        after: Duration::from_secs(seconds),
        last: Box::new(refused.clone()),
    };
    let instance = holder("eni-1 of the EC2 instance i-1", Going::Not);
    let leaving = holder("eni-2 of the load balancer web", Going::ByItself);
    let many: Vec<Holder> =
        (0..8).map(|i| holder(&format!("eni-{i} of the EC2 instance i-{i}"), Going::Not)).collect();
    let texts = [
        told("security_group.alb", Op::Delete, held(vec![instance.clone()], 35)),
        told("security_group.alb", Op::Delete, held(vec![instance, leaving.clone()], 35)),
        told("security_group.alb", Op::Delete, held(vec![leaving], 1200)),
        told("security_group.alb", Op::Delete, held(many, 0)),
        told("iam_role.task", Op::Delete, held(vec![holder("the inline policy x", Going::Not)], 1)),
    ];
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn a_census() {
    use landfall_model::Leftover;
    let plan = destroy();
    let step = |id| plan.steps.step(id);
    let done = plan.steps.ids().map(step).map(|step| (step.address.clone(), step.op));
    let complete = Outcome { done: done.collect(), ..Outcome::default() };
    let insights = Leftover {
        what: "log group /aws/ecs/containerinsights/shop/performance".to_owned(),
        why: "Container Insights made it for the cluster".to_owned(),
        cost: Some("about $0.03 per GB and month of stored events".to_owned()),
        remove: Some(
            "aws logs delete-log-group --log-group-name /aws/ecs/containerinsights/shop/performance"
                .to_owned(),
        ),
    };
    let render = |outcome: &Outcome, census: &Census| {
        left_text::render(&plan, outcome, census, &|_| None, &NARROW)
    };
    let again = Census { again: vec![at("log_group.app")], ..Census::default() };
    let others = Census { others: vec![insights], ..again.clone() };
    // The load balancer could not be deleted, as far as the run knows; by now it has gone, and the
    // group behind it is still there.
    let failure = Failure {
        address: at("load_balancer.main"),
        op: Op::Delete,
        cause: Cause::Refused(Box::new(error(("elb:Delete", "Internal", "?")))),
    };
    let open: Vec<_> = complete
        .done
        .iter()
        .filter(|(address, _)| address.kind == "security_group")
        .cloned()
        .collect();
    let done = complete.done.iter().filter(|(address, _)| {
        !["security_group", "load_balancer"].contains(&address.kind.as_str())
    });
    let failed = Outcome {
        done: done.cloned().collect(),
        failed: vec![failure],
        not_started: open,
        ..Outcome::default()
    };
    let group = everything().into_iter().find(|live| live.kind == "security_group");
    let mut late = live("log_group.late", "/ecs/shop-late", json!({}));
    late.kind = "log_group".to_owned();
    let left = Some(group.into_iter().chain([late]).collect());
    let reread = Census { left, ..Census::default() };
    let denied = Census {
        unread: Some(Box::new(error(("ec2:DescribeTags", "UnauthorizedOperation", "no")))),
        ..Census::default()
    };
    let texts = [
        render(&complete, &again),
        render(&complete, &others),
        render(&failed, &reread),
        render(&failed, &denied),
    ];
    insta::assert_snapshot!(texts.join("────\n"));
}
