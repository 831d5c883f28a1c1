"""Prints as JSON what exists in an account: a map per kind, by id, ARN or name.

For comparing before with after, so ids are kept, order is made stable, and what changes by itself
(dates, running counts, events) is left out. A kind that the endpoint cannot list is
{"!error": why}, and so is a detail that it cannot tell.
"""
import datetime
import json
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

# Not what somebody declared, but what time does to it.
VOLATILE = {
    "AvailableIpAddressCount", "ResponseMetadata", "createdAt", "creationTime", "currentServiceRevisions", "deployments", "events", "LastModified",
    "LatestRestorableTime", "pendingCount", "pendingTasksCount", "registeredAt", "registeredBy",
    "RoleLastUsed", "runningCount", "runningTasksCount", "State", "statistics", "storedBytes",
    "taskSets",
}
# Lists whose order means nothing, beside all that hold tags.
SETS = {
    "Associations", "AvailabilityZones", "Attachments", "IpPermissions", "IpPermissionsEgress",
    "IpRanges", "Ipv6Ranges", "LoadBalancerArns", "PrefixListIds", "PropagatingVgws", "Routes",
    "SecurityGroups", "UserIdGroupPairs", "availabilityZones", "compatibilities",
    "requiresAttributes", "requiresCompatibilities", "securityGroups", "subnets",
}
TAGS = {"Tags", "tags", "TagList", "tagList"}

config = Config(retries={"max_attempts": 2}, max_pool_connections=16)
session = boto3.Session()
ec2, ecr, elb, ecs, iam, logs = (
    session.client(name, config=config)
    for name in ("ec2", "ecr", "elbv2", "ecs", "iam", "logs")
)


def tidy(value, key=None):
    """Without what is volatile, tags as a map, sets sorted."""
    if isinstance(value, dict):
        return {
            name: tidy(inner, name)
            for name, inner in value.items()
            if name not in VOLATILE and not isinstance(inner, datetime.datetime)
        }
    if isinstance(value, list):
        if key in TAGS:
            pairs = ({name.lower(): text for name, text in tag.items()} for tag in value)
            return {pair["key"]: pair.get("value") for pair in pairs}
        items = [tidy(inner) for inner in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if key in SETS else items
    return value


def pages(client, operation, key, **arguments):
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page[key]
    else:
        yield from getattr(client, operation)(**arguments)[key]


def or_error(ask):
    try:
        return ask()
    except Exception as error:  # an emulator can fail in any way
        return {"!error": f"{type(error).__name__}: {error}"[:300]}


def listing(client, operation, key, name, **arguments):
    """A kind whose listing tells all."""
    return lambda: {item[name]: item for item in pages(client, operation, key, **arguments)}


def chunks(items, size):
    return (items[start:start + size] for start in range(0, len(items), size))


def detail(item, key, ask):
    item[key] = or_error(ask)


def repositories():
    found = listing(ecr, "describe_repositories", "repositories", "repositoryName")()
    for name, item in found.items():
        detail(item, "tags", lambda: ecr.list_tags_for_resource(resourceArn=item["repositoryArn"])["tags"])
        try:
            item["lifecyclePolicy"] = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])
        except ecr.exceptions.LifecyclePolicyNotFoundException:
            pass
        except Exception as error:
            item["lifecyclePolicy"] = {"!error": str(error)[:300]}
    return found


def elb_tags(found):
    for arns in chunks(list(found), 20):
        for described in elb.describe_tags(ResourceArns=arns)["TagDescriptions"]:
            found[described["ResourceArn"]]["Tags"] = described["Tags"]
    return found


def attributes(answer):
    return {pair["Key"]: pair.get("Value") for pair in answer["Attributes"]}


def load_balancers():
    found = elb_tags(listing(elb, "describe_load_balancers", "LoadBalancers", "LoadBalancerArn")())
    for arn, item in found.items():
        detail(item, "Attributes", lambda: attributes(elb.describe_load_balancer_attributes(LoadBalancerArn=arn)))
    return found


def target_groups():
    found = elb_tags(listing(elb, "describe_target_groups", "TargetGroups", "TargetGroupArn")())
    for arn, item in found.items():
        detail(item, "Attributes", lambda: attributes(elb.describe_target_group_attributes(TargetGroupArn=arn)))
    return found


def listeners():
    found = {}
    for balancer in pages(elb, "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        found.update(listing(elb, "describe_listeners", "Listeners", "ListenerArn", LoadBalancerArn=arn)())
    return elb_tags(found)


def cluster_list():
    arns = list(pages(ecs, "list_clusters", "clusterArns"))
    for some in chunks(arns, 100):
        for item in ecs.describe_clusters(clusters=some, include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"]:
            if item["status"] == "ACTIVE":
                yield item


def clusters():
    return {item["clusterName"]: item for item in cluster_list()}


def services():
    found = {}
    for cluster in cluster_list():
        name = cluster["clusterArn"]
        for some in chunks(list(pages(ecs, "list_services", "serviceArns", cluster=name)), 10):
            for item in ecs.describe_services(cluster=name, services=some, include=["TAGS"])["services"]:
                if item["status"] != "INACTIVE":
                    found[item["serviceArn"]] = item
    return found


def task_definitions():
    found = {}
    for arn in pages(ecs, "list_task_definitions", "taskDefinitionArns", status="ACTIVE"):
        answer = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
        found[arn] = dict(answer["taskDefinition"], tags=answer.get("tags", []))
    return found


def roles():
    found = {}
    for item in pages(iam, "list_roles", "Roles"):
        if item["Path"].startswith("/aws-service-role/"):
            continue
        name = item["RoleName"]
        found[name] = item
        # ListRoles leaves tags out.
        detail(item, "Tags", lambda: list(pages(iam, "list_role_tags", "Tags", RoleName=name)))
        detail(item, "AttachedPolicies", lambda: sorted(
            policy["PolicyArn"]
            for policy in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)))
        detail(item, "InlinePolicies", lambda: {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in pages(iam, "list_role_policies", "PolicyNames", RoleName=name)})
    return found


def policies():
    found = listing(iam, "list_policies", "Policies", "Arn", Scope="Local")()
    for arn, item in found.items():
        detail(item, "Document", lambda: iam.get_policy_version(
            PolicyArn=arn, VersionId=item["DefaultVersionId"])["PolicyVersion"]["Document"])
        detail(item, "Tags", lambda: list(pages(iam, "list_policy_tags", "Tags", PolicyArn=arn)))
    return found


def log_groups():
    found = listing(logs, "describe_log_groups", "logGroups", "logGroupName")()
    for item in found.values():
        arn = item["arn"].removesuffix(":*")
        detail(item, "tags", lambda: logs.list_tags_for_resource(resourceArn=arn)["tags"])
    return found


KINDS = {
    "vpcs": listing(ec2, "describe_vpcs", "Vpcs", "VpcId"),
    "subnets": listing(ec2, "describe_subnets", "Subnets", "SubnetId"),
    "internet_gateways": listing(ec2, "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "route_tables": listing(ec2, "describe_route_tables", "RouteTables", "RouteTableId"),
    "security_groups": listing(ec2, "describe_security_groups", "SecurityGroups", "GroupId"),
    "repositories": repositories,
    "load_balancers": load_balancers,
    "target_groups": target_groups,
    "listeners": listeners,
    "clusters": clusters,
    "services": services,
    "task_definitions": task_definitions,
    "roles": roles,
    "policies": policies,
    "log_groups": log_groups,
}

with ThreadPoolExecutor(6) as pool:
    asked = {kind: pool.submit(or_error, ask) for kind, ask in KINDS.items()}
    print(json.dumps({kind: tidy(answer.result()) for kind, answer in asked.items()}, sort_keys=True, default=str))
