"""Makes one thing of every kind that snapshot.py lists."""
import json

import boto3

PROBE = {"Key": "made", "Value": "yes"}
ec2, elb, ecs, iam = (boto3.client(name) for name in ("ec2", "elbv2", "ecs", "iam"))


def tagged(kind):
    return [{"ResourceType": kind, "Tags": [PROBE]}]


vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
    for n, zone in enumerate("ab")
]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
group = ec2.create_security_group(GroupName="probe", Description="probe", VpcId=vpc)["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
boto3.client("ecr").create_repository(repositoryName="probe", tags=[PROBE])
boto3.client("logs").create_log_group(logGroupName="probe", tags={"made": "yes"})
balancer = elb.create_load_balancer(Name="probe", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]
targets = elb.create_target_group(Name="probe", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]
elb.create_listener(
    LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
    DefaultActions=[{"Type": "forward", "TargetGroupArn": targets["TargetGroupArn"]}])
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
iam.create_role(RoleName="probe", AssumeRolePolicyDocument=json.dumps(trust), Tags=[PROBE])
iam.put_role_policy(RoleName="probe", PolicyName="own", PolicyDocument=allow)
iam.attach_role_policy(
    RoleName="probe", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
iam.create_policy(PolicyName="probe", PolicyDocument=allow, Tags=[PROBE])
ecs.create_cluster(clusterName="probe", tags=[{"key": "made", "value": "yes"}])
ecs.register_task_definition(
    family="probe", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
    containerDefinitions=[{"name": "web", "image": "nginx", "portMappings": [{"containerPort": 80}]}])
def create_service(**service):
    while True:
        try:
            return ecs.create_service(**service)
        except ecs.exceptions.InvalidParameterException as error:
            # In a new account AWS makes the role on first use.
            if "service linked role" not in str(error):
                raise


create_service(
    cluster="probe", serviceName="probe", taskDefinition="probe", desiredCount=1, launchType="FARGATE",
    networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}})
