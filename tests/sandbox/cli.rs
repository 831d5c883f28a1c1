//! The AWS CLI against the sandbox: every kind is made, found by a filter, changed and deleted.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use landfall_tests::venv;
use landfall_tests::world::{REGION, World};

/// A line per command: what the answer is kept as (`=`), has to be (`==`) or has to become (`~=`),
/// and the command. `{name}` stands for what was kept; `file:NAME` for a document of `FILES`.
const SCRIPT: &str = r#"
vpc = ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId
{vpc} == ec2 describe-vpcs --filters Name=cidr,Values=10.0.0.0/16 --query Vpcs[].VpcId
- ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames
True == ec2 describe-vpc-attribute --vpc-id {vpc} --attribute enableDnsHostnames --query EnableDnsHostnames.Value
a = ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.0.0/24 --availability-zone us-east-1a --query Subnet.SubnetId
b = ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24 --availability-zone us-east-1b --query Subnet.SubnetId
- ec2 modify-subnet-attribute --subnet-id {a} --map-public-ip-on-launch
{a} == ec2 describe-subnets --filters Name=vpc-id,Values={vpc} Name=map-public-ip-on-launch,Values=true --query Subnets[].SubnetId
gateway = ec2 create-internet-gateway --query InternetGateway.InternetGatewayId
- ec2 attach-internet-gateway --internet-gateway-id {gateway} --vpc-id {vpc}
{gateway} == ec2 describe-internet-gateways --filters Name=attachment.vpc-id,Values={vpc} --query InternetGateways[].InternetGatewayId
table = ec2 create-route-table --vpc-id {vpc} --query RouteTable.RouteTableId
- ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {gateway}
association = ec2 associate-route-table --route-table-id {table} --subnet-id {a} --query AssociationId
{table} == ec2 describe-route-tables --filters Name=association.subnet-id,Values={a} --query RouteTables[].RouteTableId
group = ec2 create-security-group --vpc-id {vpc} --group-name web --description web --query GroupId
- ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port 80 --cidr 0.0.0.0/0
80 == ec2 describe-security-groups --filters Name=group-name,Values=web --query SecurityGroups[].IpPermissions[].FromPort
- ec2 create-tags --resources {group} --tags Key=team,Value=web
{group} == ec2 describe-tags --filters Name=key,Values=team --query Tags[].ResourceId
balancer = elbv2 create-load-balancer --name main --subnets {a} {b} --security-groups {group} --query LoadBalancers[].LoadBalancerArn
active ~= elbv2 describe-load-balancers --names main --query LoadBalancers[].State.Code
- elbv2 modify-load-balancer-attributes --load-balancer-arn {balancer} --attributes Key=idle_timeout.timeout_seconds,Value=30
30 == elbv2 describe-load-balancer-attributes --load-balancer-arn {balancer} --query Attributes[?Key==`idle_timeout.timeout_seconds`].Value
target = elbv2 create-target-group --name app --protocol HTTP --port 80 --vpc-id {vpc} --target-type ip --query TargetGroups[].TargetGroupArn
- elbv2 modify-target-group --target-group-arn {target} --health-check-path /health
/health == elbv2 describe-target-groups --names app --query TargetGroups[].HealthCheckPath
listener = elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn={target} --query Listeners[].ListenerArn
- elbv2 modify-listener --listener-arn {listener} --port 8080
8080 == elbv2 describe-listeners --load-balancer-arn {balancer} --query Listeners[].Port
uri = ecr create-repository --repository-name app --query repository.repositoryUri
- ecr put-image-tag-mutability --repository-name app --image-tag-mutability IMMUTABLE
IMMUTABLE == ecr describe-repositories --repository-names app --query repositories[].imageTagMutability
role = iam create-role --role-name app --assume-role-policy-document file:trust --query Role.Arn
- iam update-role --role-name app --description changed
{role} == iam list-roles --path-prefix / --query Roles[?Description==`changed`].Arn
policy = iam create-policy --policy-name read --policy-document file:policy --query Policy.Arn
- iam attach-role-policy --role-name app --policy-arn {policy}
{policy} == iam list-attached-role-policies --role-name app --query AttachedPolicies[].PolicyArn
v2 == iam create-policy-version --policy-arn {policy} --policy-document file:policy --query PolicyVersion.VersionId
- logs create-log-group --log-group-name /app
- logs put-retention-policy --log-group-name /app --retention-in-days 7
7 == logs describe-log-groups --log-group-name-prefix /a --query logGroups[].retentionInDays
cluster = ecs create-cluster --cluster-name main --query cluster.clusterArn
- ecs update-cluster-settings --cluster main --settings name=containerInsights,value=enabled
enabled == ecs describe-clusters --clusters main --include SETTINGS --query clusters[].settings[].value
app:1 == ecs register-task-definition --cli-input-json file:task --query join(`:`,[taskDefinition.family,to_string(taskDefinition.revision)])
service = ecs create-service --cluster main --service-name app --task-definition app --desired-count 1 --launch-type FARGATE --network-configuration awsvpcConfiguration={subnets=[{a}],securityGroups=[{group}],assignPublicIp=ENABLED} --load-balancers targetGroupArn={target},containerName=app,containerPort=80 --query service.serviceArn
1 ~= ecs describe-services --cluster main --services app --query services[].runningCount
{service} == ecs list-services --cluster main --launch-type FARGATE --query serviceArns
- ecs update-service --cluster main --service app --desired-count 2
2 == ecs describe-services --cluster main --services app --query services[].desiredCount
- ecs delete-service --cluster main --service app --force
INACTIVE ~= ecs describe-services --cluster main --services app --query services[].status
- ecs deregister-task-definition --task-definition app:1
- ecs delete-task-definitions --task-definitions app:1
- ecs delete-cluster --cluster main
- logs delete-log-group --log-group-name /app
- iam detach-role-policy --role-name app --policy-arn {policy}
- iam delete-policy-version --policy-arn {policy} --version-id v2
- iam delete-policy --policy-arn {policy}
- iam delete-role --role-name app
- ecr delete-repository --repository-name app
- elbv2 delete-listener --listener-arn {listener}
- elbv2 delete-target-group --target-group-arn {target}
- elbv2 delete-load-balancer --load-balancer-arn {balancer}
- ec2 disassociate-route-table --association-id {association}
- ec2 delete-route-table --route-table-id {table}
until ec2 delete-security-group --group-id {group}
- ec2 delete-subnet --subnet-id {a}
- ec2 delete-subnet --subnet-id {b}
- ec2 detach-internet-gateway --internet-gateway-id {gateway} --vpc-id {vpc}
- ec2 delete-internet-gateway --internet-gateway-id {gateway}
- ec2 delete-vpc --vpc-id {vpc}
"#;

const FILES: [(&str, &str); 3] = [
    (
        "trust",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}"#,
    ),
    (
        "policy",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
            "Resource": "*"}]}"#,
    ),
    (
        "task",
        r#"{"family": "app", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"name": "app",
            "image": "nginx:1", "portMappings": [{"containerPort": 80}]}]}"#,
    ),
];

#[test]
fn the_aws_cli_takes_every_kind_through_its_life() {
    let world = World::sandbox();
    let before = world.snapshot();
    let files = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        fs::write(files.path().join(name), text).unwrap();
    }
    let aws = |arguments: &str, kept: &BTreeMap<String, String>| {
        let mut text = arguments.replace("file:", &format!("file://{}/", files.path().display()));
        for (name, value) in kept {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        let mut command = world.command(venv::program("aws"));
        command
            .env("AWS_DEFAULT_REGION", REGION)
            .args(["--output", "text"])
            .args(text.split_whitespace());
        let output = command.output().expect("the AWS CLI runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match output.status.success() {
            true => Ok(said(&output.stdout)),
            false => Err(said(&output.stderr)),
        }
    };
    let mut kept = BTreeMap::new();
    for line in SCRIPT.lines().filter(|line| !line.is_empty()) {
        if let Some(command) = line.strip_prefix("until ") {
            // The load balancer's interfaces outlive it for a while.
            while let Err(why) = aws(command, &kept) {
                assert!(why.contains("DependencyViolation"), "{line}\n{why}");
            }
        } else if let Some(command) = line.strip_prefix("- ") {
            aws(command, &kept).unwrap_or_else(|why| panic!("{line}\n{why}"));
        } else if let Some((expected, command)) = line.split_once(" == ") {
            let answer = aws(command, &kept).unwrap_or_else(|why| panic!("{line}\n{why}"));
            let expected = kept.iter().fold(expected.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            });
            assert_eq!(answer, expected, "{line}");
        } else if let Some((expected, command)) = line.split_once(" ~= ") {
            let began = Instant::now();
            while aws(command, &kept).as_deref() != Ok(expected) {
                assert!(began.elapsed() < Duration::from_secs(60), "{line}");
            }
        } else if let Some((name, command)) = line.split_once(" = ") {
            let answer = aws(command, &kept).unwrap_or_else(|why| panic!("{line}\n{why}"));
            assert!(!answer.is_empty() && answer != "None", "{line}\n{answer}");
            kept.insert(name.to_owned(), answer);
        } else {
            panic!("not a line of the script: {line}");
        }
    }
    assert_eq!(world.snapshot(), before);
}
