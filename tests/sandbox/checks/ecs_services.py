import functools

ecs = client("ecs")
ec2 = client("ec2")
elb = client("elbv2")
soon = functools.partial(eventually, seconds=5)

INVALID = "InvalidParameterException"
CLIENT = "ClientException"
CLUSTER = "services"


@functools.cache
def account():
    return client("sts").get_caller_identity()["Account"]


def arn(resource):
    return f"arn:aws:ecs:us-east-1:{account()}:{resource}"


def patient(call, **arguments):
    """The call, once new roles are known everywhere."""

    def attempt():
        try:
            return call(**arguments)
        except ClientError as error:
            assert "role" in str(error), error
            return None

    return soon(attempt)


def make_cluster(name, **arguments):
    patient(ecs.create_cluster, clusterName=name, **arguments)
    return soon(lambda: active(name))


def active(name):
    found = ecs.describe_clusters(clusters=[name])["clusters"]
    return bool(found) and found[0]["status"] == "ACTIVE" and name


@functools.cache
def cluster():
    """A cluster in which everything is ready."""
    try:
        client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    except ClientError:
        pass
    return make_cluster(CLUSTER)


@functools.cache
def vpc():
    found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])
    return found["Vpcs"][0]["VpcId"]


@functools.cache
def subnets():
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc()]}])["Subnets"]
    return [one["SubnetId"] for one in sorted(found, key=lambda one: one["AvailabilityZone"])][:2]


@functools.cache
def group():
    made = ec2.create_security_group(GroupName="services", Description="tasks", VpcId=vpc())
    return made["GroupId"]


def network(public="ENABLED", **changes):
    given = {"subnets": subnets(), "securityGroups": [group()], "assignPublicIp": public, **changes}
    return {"awsvpcConfiguration": given}


@functools.cache
def role(name):
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}'
    )
    made = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    return made["Role"]["Arn"]


def define(family, container=None, **changes):
    """A definition of one container `app` that answers on port 80: its ARN."""
    app = {
        "name": "app",
        "image": "public.ecr.aws/nginx/nginx:1",
        "portMappings": [{"containerPort": 80}],
        **(container or {}),
    }
    given = {
        "family": family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [app],
        **changes,
    }
    given = {key: value for key, value in given.items() if value is not None}
    return ecs.register_task_definition(**given)["taskDefinition"]["taskDefinitionArn"]


@functools.cache
def web():
    return define("services-web")


@functools.cache
def on_instances():
    """A definition that runs on instances, of which there are none."""
    small = {"memory": 128}
    rest = {"networkMode": "bridge", "requiresCompatibilities": ["EC2"], "cpu": None}
    return define("services-instances", small, memory=None, **rest)


def asked(name, **changes):
    given = {
        "cluster": cluster(),
        "serviceName": name,
        "taskDefinition": web(),
        "desiredCount": 0,
        "launchType": "FARGATE",
        "networkConfiguration": network(),
        **changes,
    }
    return {key: value for key, value in given.items() if value is not None}


def create(name, **changes):
    return patient(ecs.create_service, **asked(name, **changes))["service"]


def wrong(name, code=INVALID, **changes):
    """Why this service cannot be made."""
    return refused(code, ecs.create_service, **asked(name, **changes))


def look(name, *include, **where):
    where = {"cluster": cluster(), **where}
    return ecs.describe_services(services=[name], include=list(include), **where)["services"][0]


def update(name, **changes):
    return ecs.update_service(cluster=cluster(), service=name, **changes)["service"]


def delete(name):
    return ecs.delete_service(cluster=cluster(), service=name, force=True)["service"]


def steady(name):
    """The service, once it is."""

    def attempt():
        service = look(name)
        [first, *others] = service["deployments"]
        done = first.get("rolloutState") == "COMPLETED" and not others
        return done and service["runningCount"] == service["desiredCount"] and service

    return soon(attempt)


def listed(**filters):
    filters = {"cluster": cluster(), **filters}
    return ecs.list_tasks(**filters)["taskArns"]


def task(name, **where):
    where = {"cluster": cluster(), **where}
    found = ecs.describe_tasks(tasks=[name], include=["TAGS"], **where)["tasks"]
    return found and found[0]


def launch(**changes):
    given = {
        "cluster": cluster(),
        "taskDefinition": web(),
        "launchType": "FARGATE",
        "networkConfiguration": network(),
        **changes,
    }
    given = {key: value for key, value in given.items() if value is not None}
    return patient(ecs.run_task, **given)


def until(name, status):
    """The task, once it has this status."""

    def attempt():
        found = task(name)
        return found and found["lastStatus"] == status and found

    return soon(attempt)


def messages(service):
    return [event["message"] for event in service["events"]]


def details(task):
    [attachment] = task["attachments"]
    return {one["name"]: one["value"] for one in attachment["details"]}


@functools.cache
def balanced(name):
    """A target group behind a listener of its own load balancer."""
    target = elb.create_target_group(
        Name=name, Protocol="HTTP", Port=80, VpcId=vpc(), TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(
        TargetGroupArn=target,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
    )
    made = elb.create_load_balancer(Name=name, Subnets=subnets(), SecurityGroups=[group()])
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target}],
    )
    return target


def behind(target, name="app", port=80):
    return [{"targetGroupArn": target, "containerName": name, "containerPort": port}]


# New services


@check
def a_new_service_has_one_primary_deployment():
    service = create("svc-new", desiredCount=1)
    assert service["serviceArn"] == arn(f"service/{CLUSTER}/svc-new"), service
    assert service["clusterArn"] == arn(f"cluster/{CLUSTER}"), service
    assert service["status"] == "ACTIVE" and service["desiredCount"] == 1, service
    assert service["taskDefinition"] == web(), service
    assert service["createdAt"].year > 2000 and service["createdBy"].startswith("arn:aws:"), service
    [deployment] = service["deployments"]
    assert deployment["id"].startswith("ecs-svc/"), deployment
    assert deployment["status"] == "PRIMARY", deployment
    assert deployment["rolloutState"] == "IN_PROGRESS", deployment
    assert deployment["taskDefinition"] == web(), deployment
    assert deployment["desiredCount"] == 1 and deployment["failedTasks"] == 0, deployment
    delete("svc-new")


@check
def a_new_service_has_defaults():
    service = create("svc-defaults")
    configuration = service["deploymentConfiguration"]
    assert configuration["maximumPercent"] == 200, configuration
    assert configuration["minimumHealthyPercent"] == 100, configuration
    breaker = configuration["deploymentCircuitBreaker"]
    assert breaker["enable"] is False and breaker["rollback"] is False, breaker
    expected = {
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": False,
        "enableExecuteCommand": False,
        "propagateTags": "NONE",
        "loadBalancers": [],
        "serviceRegistries": [],
        "placementConstraints": [],
        "placementStrategy": [],
    }
    for key, value in expected.items():
        assert service[key] == value, (key, service[key])
    assert service["roleArn"].endswith("/AWSServiceRoleForECS"), service
    delete("svc-defaults")


@check
def the_network_of_a_service_is_read_back():
    service = create("svc-network", networkConfiguration=network(subnets=subnets()[:1]))
    shown = service["networkConfiguration"]["awsvpcConfiguration"]
    assert shown["subnets"] == subnets()[:1] and shown["securityGroups"] == [group()], shown
    assert shown["assignPublicIp"] == "ENABLED", shown
    plain = {"awsvpcConfiguration": {"subnets": subnets()}}
    shown = create("svc-network-2", networkConfiguration=plain)["networkConfiguration"]
    assert shown["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED", shown
    delete("svc-network")
    delete("svc-network-2")


@check
def a_service_becomes_steady():
    create("svc-steady", desiredCount=2)
    service = steady("svc-steady")
    assert service["runningCount"] == 2 and service["pendingCount"] == 0, service
    [deployment] = service["deployments"]
    assert deployment["runningCount"] == 2, deployment
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} completed."
    delete("svc-steady")


@check
def what_happens_to_a_service_is_in_its_events():
    create("svc-events", desiredCount=1)
    steady("svc-events")
    reached = "(service svc-events) has reached a steady state."
    soon(lambda: reached in messages(look("svc-events")))
    service = look("svc-events")
    started = [one for one in messages(service) if "has started 1 tasks: (task " in one]
    assert started and started[0].startswith("(service svc-events) "), messages(service)
    times = [event["createdAt"] for event in service["events"]]
    assert times == sorted(times, reverse=True), times
    assert len({event["id"] for event in service["events"]}) == len(times)
    delete("svc-events")


@check
def a_service_needs_a_cluster_and_a_definition_that_are_there():
    wrong("svc-no-cluster", "ClusterNotFoundException", cluster="services-nowhere")
    assert wrong("svc-no-definition", CLIENT, taskDefinition="services-none") == (
        "TaskDefinition not found."
    )
    retired = define("services-retired")
    ecs.deregister_task_definition(taskDefinition=retired)
    assert wrong("svc-retired", CLIENT, taskDefinition=retired) == "TaskDefinition is inactive"


@check
def a_service_can_be_made_for_the_newest_revision_of_a_family():
    define("services-family")
    newest = define("services-family")
    assert create("svc-family", taskDefinition="services-family")["taskDefinition"] == newest
    delete("svc-family")


@check
def awsvpc_wants_a_network():
    message = wrong("svc-no-network", networkConfiguration=None)
    assert message == (
        "Network Configuration must be provided when networkMode 'awsvpc' is specified."
    ), message


@check
def subnets_and_groups_have_to_be_there():
    message = wrong("svc-subnet", networkConfiguration=network(subnets=["subnet-0123456789abcdef0"]))
    assert "InvalidSubnetID.NotFound" in message, message
    message = wrong("svc-group", networkConfiguration=network(securityGroups=["sg-0123456789abcdef0"]))
    assert "InvalidGroup.NotFound" in message, message


@check
def subnets_and_groups_have_limits():
    # ECS API, AwsVpcConfiguration: 16 subnets, 5 security groups.
    wrong("svc-subnets", networkConfiguration=network(subnets=subnets()[:1] * 17))
    wrong("svc-groups", networkConfiguration=network(securityGroups=[group()] * 6))


@check
def a_network_is_only_for_awsvpc():
    wrong("svc-bridge", taskDefinition=on_instances(), launchType="EC2")


@check
def fargate_wants_a_definition_for_it():
    message = wrong("svc-unfit", taskDefinition=on_instances(), networkConfiguration=None)
    assert "does not support" in message and "FARGATE" in message, message


@check
def a_service_has_a_name_of_letters_digits_hyphens_and_underscores():
    for name in ["two words", "dotted.name", "x" * 256]:
        wrong(name)


@check
def a_service_of_that_name_is_not_made_twice():
    create("svc-twice")
    assert wrong("svc-twice", desiredCount=1) == "Creation of service was not idempotent."
    delete("svc-twice")


@check
def a_service_is_made_once_for_a_token():
    first = create("svc-token", clientToken="svc-token")
    second = create("svc-token", clientToken="svc-token")
    assert first["serviceArn"] == second["serviceArn"]
    assert first["createdAt"] == second["createdAt"]
    delete("svc-token")


@check
def replicas_are_counted_and_daemons_are_not():
    wrong("svc-negative", desiredCount=-1)
    rest = {"launchType": "EC2", "taskDefinition": on_instances(), "networkConfiguration": None}
    wrong("svc-daemon", schedulingStrategy="DAEMON", desiredCount=1, **rest)
    made = create("svc-daemon", schedulingStrategy="DAEMON", desiredCount=None, **rest)
    assert made["schedulingStrategy"] == "DAEMON" and made["desiredCount"] == 0, made
    configuration = made["deploymentConfiguration"]
    # ECS API, DeploymentConfiguration: the defaults of daemons.
    assert configuration["maximumPercent"] == 100, configuration
    assert configuration["minimumHealthyPercent"] == 0, configuration
    delete("svc-daemon")


@check
def daemons_do_not_run_on_fargate():
    wrong("svc-fargate-daemon", schedulingStrategy="DAEMON", desiredCount=None)


@check
def a_service_has_a_launch_type_or_capacity_providers():
    strategy = [{"capacityProvider": "FARGATE", "weight": 1}]
    message = wrong("svc-both", capacityProviderStrategy=strategy)
    assert "both a launch type and capacity provider strategy" in message, message


@check
def capacity_providers_of_a_service_are_those_of_its_cluster():
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    wrong("svc-foreign", launchType=None, capacityProviderStrategy=strategy)


@check
def placement_is_not_for_fargate():
    spread = [{"type": "spread", "field": "attribute:ecs.availability-zone"}]
    wrong("svc-spread", placementStrategy=spread)
    wrong("svc-distinct", placementConstraints=[{"type": "distinctInstance"}])


@check
def percentages_must_not_block_deployments():
    for maximum, minimum in [(100, 100), (200, 101), (200, -1)]:
        percent = {"maximumPercent": maximum, "minimumHealthyPercent": minimum}
        wrong("svc-percent", deploymentConfiguration=percent)


@check
def a_circuit_breaker_is_read_back():
    breaker = {"enable": True, "rollback": True}
    percent = {"maximumPercent": 150, "minimumHealthyPercent": 50}
    given = {"deploymentCircuitBreaker": breaker, **percent}
    shown = create("svc-breaker", deploymentConfiguration=given)["deploymentConfiguration"]
    assert percent.items() <= shown.items(), shown
    assert breaker.items() <= shown["deploymentCircuitBreaker"].items(), shown
    delete("svc-breaker")


@check
def a_platform_version_has_to_exist():
    wrong("svc-platform", "PlatformUnknownException", platformVersion="9.9.9")
    made = create("svc-platform", platformVersion="1.4.0")
    assert made["platformVersion"] == "1.4.0", made
    delete("svc-platform")


@check
def commands_need_a_task_role():
    message = wrong("svc-exec", enableExecuteCommand=True)
    assert "taskRoleArn" in message, message
    able = define("services-exec", taskRoleArn=role("services-exec"))
    made = create("svc-exec", taskDefinition=able, enableExecuteCommand=True)
    assert made["enableExecuteCommand"] is True, made
    delete("svc-exec")


@check
def a_grace_period_is_for_services_behind_load_balancers():
    message = wrong("svc-grace", healthCheckGracePeriodSeconds=60)
    assert "only valid for services configured to use load balancers" in message, message


# Describing and listing


@check
def services_are_described_by_name_and_arn():
    made = create("svc-named")
    for name in ["svc-named", made["serviceArn"]]:
        assert look(name)["serviceArn"] == made["serviceArn"]
    answer = ecs.describe_services(cluster=cluster(), services=["svc-named", "svc-nowhere"])
    assert [one["serviceName"] for one in answer["services"]] == ["svc-named"], answer
    missing = {"arn": arn(f"service/{CLUSTER}/svc-nowhere"), "reason": "MISSING"}
    assert answer["failures"] == [missing], answer
    delete("svc-named")


@check
def one_to_ten_services_are_described_at_once():
    names = [f"svc-{number}" for number in range(11)]
    refused(INVALID, ecs.describe_services, cluster=cluster(), services=names)
    refused(INVALID, ecs.describe_services, cluster=cluster(), services=[])
    gone = "ClusterNotFoundException"
    refused(gone, ecs.describe_services, cluster="services-nowhere", services=["svc"])


@check
def tags_of_a_service_are_shown_on_request_alone():
    given = [{"key": "Team", "value": "one"}]
    made = create("svc-tags", tags=given)
    assert tags(made["tags"]) == {"Team": "one"}, made
    assert not look("svc-tags").get("tags")
    assert tags(look("svc-tags", "TAGS")["tags"]) == {"Team": "one"}
    name = made["serviceArn"]
    ecs.tag_resource(resourceArn=name, tags=[{"key": "More", "value": "2"}])
    ecs.untag_resource(resourceArn=name, tagKeys=["Team"])
    assert tags(ecs.list_tags_for_resource(resourceArn=name)["tags"]) == {"More": "2"}
    delete("svc-tags")


@check
def services_are_listed_in_pages_by_what_they_are():
    where = make_cluster("services-listed")
    made = {create(f"svc-page-{number}", cluster=where)["serviceArn"] for number in range(3)}
    rest = {"launchType": "EC2", "taskDefinition": on_instances(), "networkConfiguration": None}
    other = create("svc-page-ec2", cluster=where, **rest)["serviceArn"]
    first = ecs.list_services(cluster=where, maxResults=3)
    assert len(first["serviceArns"]) == 3 and first["nextToken"], first
    second = ecs.list_services(cluster=where, maxResults=3, nextToken=first["nextToken"])
    assert set(first["serviceArns"]) | set(second["serviceArns"]) == made | {other}, second
    assert not second.get("nextToken"), second
    fargate = ecs.list_services(cluster=where, launchType="FARGATE")["serviceArns"]
    assert set(fargate) == made, fargate
    assert ecs.list_services(cluster=where, launchType="EC2")["serviceArns"] == [other]
    assert ecs.list_services(cluster=where, schedulingStrategy="DAEMON")["serviceArns"] == []


@check
def ten_services_are_listed_where_nothing_else_is_said():
    # ECS API, ListServices: up to 10 results.
    where = make_cluster("services-many")
    for number in range(11):
        create(f"svc-many-{number}", cluster=where)
    answer = ecs.list_services(cluster=where)
    assert len(answer["serviceArns"]) == 10 and answer["nextToken"], answer


# Changing services


@check
def a_service_is_scaled_without_a_new_deployment():
    create("svc-scaled", desiredCount=1)
    before = steady("svc-scaled")["deployments"][0]["id"]
    assert update("svc-scaled", desiredCount=3)["desiredCount"] == 3
    soon(lambda: look("svc-scaled")["runningCount"] == 3)
    update("svc-scaled", desiredCount=0)
    soon(lambda: look("svc-scaled")["runningCount"] == 0)
    assert look("svc-scaled")["deployments"][0]["id"] == before
    delete("svc-scaled")


@check
def a_new_definition_is_a_new_deployment():
    first, second = define("services-next"), define("services-next")
    create("svc-next", taskDefinition=first, desiredCount=1)
    old = steady("svc-next")["deployments"][0]["id"]
    updated = update("svc-next", taskDefinition=second)
    statuses = [one["status"] for one in updated["deployments"]]
    assert statuses == ["PRIMARY", "ACTIVE"], statuses
    assert updated["deployments"][0]["taskDefinition"] == second
    assert updated["deployments"][1]["id"] == old
    service = steady("svc-next")
    assert service["taskDefinition"] == second, service
    [name] = listed(serviceName="svc-next")
    assert task(name)["taskDefinitionArn"] == second
    delete("svc-next")


@check
def a_deployment_can_be_forced():
    create("svc-forced", desiredCount=1)
    before = steady("svc-forced")["deployments"][0]["id"]
    old = listed(serviceName="svc-forced")
    updated = update("svc-forced", forceNewDeployment=True)
    assert updated["deployments"][0]["id"] != before, updated
    assert steady("svc-forced")["deployments"][0]["id"] != before
    assert set(listed(serviceName="svc-forced")).isdisjoint(old)
    delete("svc-forced")


@check
def how_a_service_deploys_is_changed_without_a_deployment():
    create("svc-settings")
    before = look("svc-settings")["deployments"][0]["id"]
    percent = {"maximumPercent": 150, "minimumHealthyPercent": 50}
    shown = update("svc-settings", deploymentConfiguration=percent)
    assert percent.items() <= shown["deploymentConfiguration"].items(), shown
    assert shown["deployments"][0]["id"] == before, shown
    changed = update("svc-settings", enableECSManagedTags=True, propagateTags="SERVICE")
    assert changed["enableECSManagedTags"] is True, changed
    assert changed["propagateTags"] == "SERVICE", changed
    # What was not said stays.
    assert percent.items() <= look("svc-settings")["deploymentConfiguration"].items()
    delete("svc-settings")


@check
def a_new_network_is_a_new_deployment():
    create("svc-moved")
    before = look("svc-moved")["deployments"][0]["id"]
    moved = update("svc-moved", networkConfiguration=network(subnets=subnets()[1:]))
    assert moved["deployments"][0]["id"] != before, moved
    shown = moved["networkConfiguration"]["awsvpcConfiguration"]
    assert shown["subnets"] == subnets()[1:], shown
    delete("svc-moved")


@check
def what_is_no_service_cannot_be_changed():
    gone = "ServiceNotFoundException"
    refused(gone, ecs.update_service, cluster=cluster(), service="svc-nowhere", desiredCount=1)
    refused(gone, ecs.delete_service, cluster=cluster(), service="svc-nowhere")
    refused(gone, ecs.list_tasks, cluster=cluster(), serviceName="svc-nowhere")
    gone = "ClusterNotFoundException"
    refused(gone, ecs.update_service, cluster="services-nowhere", service="svc", desiredCount=1)


@check
def a_service_is_not_changed_to_what_it_cannot_be():
    create("svc-stays")
    call = functools.partial(ecs.update_service, cluster=cluster(), service="svc-stays")
    refused(CLIENT, call, taskDefinition="services-none")
    refused(INVALID, call, desiredCount=-1)
    percent = {"maximumPercent": 100, "minimumHealthyPercent": 100}
    refused(INVALID, call, deploymentConfiguration=percent)
    missing = network(subnets=["subnet-0123456789abcdef0"])
    refused(INVALID, call, networkConfiguration=missing)
    delete("svc-stays")


# Deleting services


@check
def a_service_with_tasks_is_not_deleted_unless_forced():
    create("svc-kept", desiredCount=1)
    message = refused(INVALID, ecs.delete_service, cluster=cluster(), service="svc-kept")
    assert message == "The service cannot be stopped while it is scaled above 0.", message
    update("svc-kept", desiredCount=0)
    deleted = ecs.delete_service(cluster=cluster(), service="svc-kept")["service"]
    assert deleted["status"] == "DRAINING", deleted


@check
def a_deleted_service_drains_and_is_inactive_then():
    create("svc-drained", desiredCount=1)
    steady("svc-drained")
    name = look("svc-drained")["serviceArn"]
    deleted = delete("svc-drained")
    assert deleted["status"] == "DRAINING" and deleted["desiredCount"] == 0, deleted
    soon(lambda: look("svc-drained")["status"] == "INACTIVE")
    assert name not in ecs.list_services(cluster=cluster(), maxResults=100)["serviceArns"]
    soon(lambda: listed(serviceName="svc-drained") == [])
    code = "ServiceNotActiveException"
    refused(code, ecs.update_service, cluster=cluster(), service="svc-drained", desiredCount=1)


@check
def the_name_of_a_deleted_service_is_free_once_it_is_inactive():
    create("svc-again", desiredCount=1)
    steady("svc-again")
    delete("svc-again")
    message = wrong("svc-again")
    assert message == "Unable to Start a service that is still Draining.", message
    soon(lambda: look("svc-again")["status"] == "INACTIVE")
    assert create("svc-again")["status"] == "ACTIVE"
    delete("svc-again")


@check
def a_cluster_with_a_service_cannot_be_deleted():
    where = make_cluster("services-busy")
    create("svc-busy", cluster=where)
    assert ecs.describe_clusters(clusters=[where])["clusters"][0]["activeServicesCount"] == 1
    refused("ClusterContainsServicesException", ecs.delete_cluster, cluster=where)
    ecs.delete_service(cluster=where, service="svc-busy")
    soon(lambda: look("svc-busy", cluster=where)["status"] == "INACTIVE")
    assert ecs.delete_cluster(cluster=where)["cluster"]["status"] == "INACTIVE"


# Tasks of services


@check
def a_task_of_a_service_says_whose_it_is():
    create("svc-tasks", desiredCount=1)
    deployment = steady("svc-tasks")["deployments"][0]["id"]
    [name] = listed(serviceName="svc-tasks")
    found = task(name)
    assert name.startswith(arn(f"task/{CLUSTER}/")), name
    expected = {
        "group": "service:svc-tasks",
        "startedBy": deployment,
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "connectivity": "CONNECTED",
        "healthStatus": "UNKNOWN",
        "cpu": "256",
        "memory": "512",
        "taskDefinitionArn": web(),
    }
    for key, value in expected.items():
        assert found.get(key) == value, (key, found.get(key))
    times = [found[key] for key in ["createdAt", "pullStartedAt", "pullStoppedAt", "startedAt"]]
    assert times == sorted(times), times
    [container] = found["containers"]
    assert container["name"] == "app" and container["lastStatus"] == "RUNNING", container
    assert container["imageDigest"].startswith("sha256:") and container["runtimeId"], container
    assert container["containerArn"].startswith(arn(f"container/{CLUSTER}/")), container
    delete("svc-tasks")


@check
def a_task_has_an_interface_of_its_own():
    create("svc-interface", desiredCount=1)
    steady("svc-interface")
    [name] = listed(serviceName="svc-interface")
    found = task(name)
    [attachment] = found["attachments"]
    assert attachment["type"] == "ElasticNetworkInterface", attachment
    assert attachment["status"] == "ATTACHED", attachment
    at = details(found)
    assert at["subnetId"] in subnets(), at
    [interface] = found["containers"][0]["networkInterfaces"]
    assert interface["privateIpv4Address"] == at["privateIPv4Address"], interface
    [shown] = ec2.describe_network_interfaces(NetworkInterfaceIds=[at["networkInterfaceId"]])[
        "NetworkInterfaces"
    ]
    assert shown["PrivateIpAddress"] == at["privateIPv4Address"], shown
    assert [one["GroupId"] for one in shown["Groups"]] == [group()], shown
    assert shown["Status"] == "in-use" and shown["Association"]["PublicIp"], shown
    delete("svc-interface")
    until(name, "STOPPED")
    missing = "InvalidNetworkInterfaceID.NotFound"
    gone = [at["networkInterfaceId"]]
    refused(missing, ec2.describe_network_interfaces, NetworkInterfaceIds=gone)


@check
def groups_of_tasks_cannot_be_deleted():
    own = ec2.create_security_group(GroupName="services-own", Description="own", VpcId=vpc())
    create("svc-group-held", desiredCount=1, networkConfiguration=network(securityGroups=[own["GroupId"]]))
    steady("svc-group-held")
    refused("DependencyViolation", ec2.delete_security_group, GroupId=own["GroupId"])
    [name] = listed(serviceName="svc-group-held")
    delete("svc-group-held")
    until(name, "STOPPED")
    ec2.delete_security_group(GroupId=own["GroupId"])


@check
def a_stopped_task_of_a_service_is_replaced():
    create("svc-replaced", desiredCount=1)
    steady("svc-replaced")
    [first] = listed(serviceName="svc-replaced")
    ecs.stop_task(cluster=cluster(), task=first, reason="enough")
    stopped = until(first, "STOPPED")
    assert stopped["stopCode"] == "UserInitiated", stopped
    assert stopped["stoppedReason"] == "enough", stopped
    soon(lambda: look("svc-replaced")["runningCount"] == 1)
    [second] = listed(serviceName="svc-replaced")
    assert second != first
    assert first in listed(serviceName="svc-replaced", desiredStatus="STOPPED")
    delete("svc-replaced")


@check
def tasks_that_are_scaled_away_say_so():
    create("svc-less", desiredCount=1)
    deployment = steady("svc-less")["deployments"][0]["id"]
    [name] = listed(serviceName="svc-less")
    update("svc-less", desiredCount=0)
    stopped = until(name, "STOPPED")
    assert stopped["stopCode"] == "ServiceSchedulerInitiated", stopped
    reason = f"Scaling activity initiated by (deployment {deployment})"
    assert stopped["stoppedReason"] == reason, stopped
    delete("svc-less")


@check
def tasks_get_tags_of_their_service_and_of_ecs():
    create(
        "svc-propagates",
        desiredCount=1,
        tags=[{"key": "Team", "value": "one"}],
        propagateTags="SERVICE",
        enableECSManagedTags=True,
    )
    [name] = soon(lambda: listed(serviceName="svc-propagates"))
    expected = {
        "Team": "one",
        "aws:ecs:clusterName": CLUSTER,
        "aws:ecs:serviceName": "svc-propagates",
    }
    assert tags(task(name)["tags"]) == expected, task(name)
    delete("svc-propagates")


@check
def a_service_uses_capacity_providers():
    strategy = [
        {"capacityProvider": "FARGATE", "weight": 0, "base": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0},
    ]
    where = make_cluster(
        "services-providers",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=strategy,
    )
    made = create("svc-default", cluster=where, launchType=None, desiredCount=3)
    assert made["capacityProviderStrategy"] == strategy and "launchType" not in made, made
    names = soon(lambda: len(found := listed(cluster=where)) == 3 and found)
    tasks = ecs.describe_tasks(cluster=where, tasks=names)["tasks"]
    used = sorted(one["capacityProviderName"] for one in tasks)
    assert used == ["FARGATE", "FARGATE_SPOT", "FARGATE_SPOT"], used
    change = {"capacityProviderStrategy": strategy[:1]}
    # ECS API, UpdateService: another strategy needs a new deployment.
    refused(INVALID, ecs.update_service, cluster=where, service="svc-default", **change)
    ecs.delete_service(cluster=where, service="svc-default", force=True)


@check
def tasks_are_protected_from_being_scaled_away():
    create("svc-protected", desiredCount=1)
    steady("svc-protected")
    [name] = listed(serviceName="svc-protected")
    answer = ecs.update_task_protection(
        cluster=cluster(), tasks=[name], protectionEnabled=True, expiresInMinutes=2880
    )
    [protected] = answer["protectedTasks"]
    assert protected["protectionEnabled"] is True and protected["expirationDate"], answer
    found = ecs.get_task_protection(cluster=cluster(), tasks=[name])["protectedTasks"]
    assert [one["taskArn"] for one in found] == [name], found
    ecs.update_task_protection(cluster=cluster(), tasks=[name], protectionEnabled=False)
    found = ecs.get_task_protection(cluster=cluster(), tasks=[name])["protectedTasks"]
    assert found[0]["protectionEnabled"] is False, found
    refused(
        INVALID,
        ecs.update_task_protection,
        cluster=cluster(),
        tasks=[name],
        protectionEnabled=True,
        expiresInMinutes=2881,
    )
    delete("svc-protected")


# Load balancers


@check
def a_target_group_has_to_be_behind_a_load_balancer():
    idle = elb.create_target_group(
        Name="svc-idle", Protocol="HTTP", Port=80, VpcId=vpc(), TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    message = wrong("svc-idle", loadBalancers=behind(idle))
    assert message == (
        f"The target group with targetGroupArn {idle} does not have an associated load balancer."
    ), message


@check
def a_target_group_has_to_be_there():
    gone = f"arn:aws:elasticloadbalancing:us-east-1:{account()}:targetgroup/none/0123456789abcdef"
    wrong("svc-no-target", loadBalancers=behind(gone))


@check
def the_balanced_port_is_one_of_the_definition_s():
    target = balanced("svc-ports")
    message = wrong("svc-ports", loadBalancers=behind(target, name="other"))
    assert message == "The container other does not exist in the task definition.", message
    message = wrong("svc-ports", loadBalancers=behind(target, port=8080))
    assert message == "The container app did not have a container port 8080 defined.", message


@check
def tasks_in_awsvpc_mode_are_registered_by_address():
    target = elb.create_target_group(
        Name="svc-instance", Protocol="HTTP", Port=80, VpcId=vpc(), TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    made = elb.create_load_balancer(Name="svc-instance", Subnets=subnets())
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    where = made["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(LoadBalancerArn=where, Protocol="HTTP", Port=80, DefaultActions=forward)
    message = wrong("svc-instance", loadBalancers=behind(target))
    assert "incompatible with the awsvpc network mode" in message, message


@check
def tasks_are_registered_with_their_target_group_until_they_go():
    target = balanced("svc-balanced")
    made = create("svc-balanced", desiredCount=2, loadBalancers=behind(target))
    assert made["loadBalancers"] == behind(target), made
    assert made["healthCheckGracePeriodSeconds"] == 0, made

    def states():
        found = elb.describe_target_health(TargetGroupArn=target)["TargetHealthDescriptions"]
        return [one["TargetHealth"]["State"] for one in found]

    soon(lambda: states() == ["healthy", "healthy"])
    steady("svc-balanced")
    found = elb.describe_target_health(TargetGroupArn=target)["TargetHealthDescriptions"]
    targets = {(one["Target"]["Id"], one["Target"]["Port"]) for one in found}
    tasks = [task(name) for name in listed(serviceName="svc-balanced")]
    assert targets == {(details(one)["privateIPv4Address"], 80) for one in tasks}, targets
    registered = f"(service svc-balanced) registered 1 targets in (target-group {target})"
    events = messages(look("svc-balanced"))
    assert registered in events or registered.replace("1 targets", "2 targets") in events, events
    delete("svc-balanced")
    soon(lambda: look("svc-balanced")["status"] == "INACTIVE")
    soon(lambda: states() == [])


@check
def a_service_can_be_put_behind_a_load_balancer_later():
    target = balanced("svc-later")
    create("svc-later")
    before = look("svc-later")["deployments"][0]["id"]
    changed = update(
        "svc-later", loadBalancers=behind(target), healthCheckGracePeriodSeconds=30
    )
    assert changed["loadBalancers"] == behind(target), changed
    assert changed["healthCheckGracePeriodSeconds"] == 30, changed
    assert changed["deployments"][0]["id"] != before, changed
    assert update("svc-later", loadBalancers=[])["loadBalancers"] == []
    delete("svc-later")


# What goes wrong


@check
def a_task_without_its_image_says_so():
    image = f"{account()}.dkr.ecr.us-east-1.amazonaws.com/svc-missing:v1"
    given = define("services-missing", {"image": image}, executionRoleArn=role("services-missing"))
    [started] = launch(taskDefinition=given)["tasks"]
    stopped = until(started["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart", stopped
    assert stopped["stoppedReason"].startswith("CannotPullContainerError: "), stopped
    reason = stopped["containers"][0]["reason"]
    assert reason.startswith("CannotPullContainerError: ") and "not found" in reason, reason


@check
def a_task_without_its_log_group_says_so():
    options = {
        "awslogs-group": "/services/none",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "app",
    }
    log = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    given = define("services-unlogged", log, executionRoleArn=role("services-unlogged"))
    [started] = launch(taskDefinition=given)["tasks"]
    stopped = until(started["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart", stopped
    reason = stopped["stoppedReason"]
    assert reason.startswith("ResourceInitializationError: failed to validate logger args"), reason
    assert "The specified log group does not exist" in reason, reason


@check
def a_task_without_a_way_out_of_its_subnet_gives_up():
    # In the default VPC an internet gateway serves public addresses alone.
    [started] = launch(networkConfiguration=network("DISABLED"))["tasks"]
    stopped = until(started["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart", stopped
    assert "CannotPullContainerError" in stopped["stoppedReason"], stopped
    assert "i/o timeout" in stopped["stoppedReason"], stopped


def unhealthy(name, rollback):
    """A service whose second deployment cannot pull its image: the two definitions, the old and the
    new deployment."""
    image = f"{account()}.dkr.ecr.us-east-1.amazonaws.com/{name}:v1"
    good = define(name)
    bad = define(name, {"image": image}, executionRoleArn=role(name))
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": rollback}}
    create(name, taskDefinition=good, desiredCount=1, deploymentConfiguration=breaker)
    old = steady(name)["deployments"][0]["id"]
    changed = patient(ecs.update_service, cluster=cluster(), service=name, taskDefinition=bad)
    return good, bad, old, changed["service"]["deployments"][0]["id"]


@check
def a_failed_deployment_is_rolled_back():
    good, _, old, new = unhealthy("svc-back", True)

    def back():
        service = look("svc-back")
        [first, *others] = service["deployments"]
        done = first["rolloutState"] == "COMPLETED" and not others
        return done and first["id"] != new and service

    service = soon(back)
    assert service["taskDefinition"] == good, service
    assert service["runningCount"] == 1, service
    events = messages(service)
    failed = f"(service svc-back) (deployment {new}) deployment failed: tasks failed to start."
    assert failed in events, events
    assert f"(service svc-back) rolling back to deployment {old}." in events, events
    records = ecs.list_service_deployments(cluster=cluster(), service="svc-back")
    statuses = [one["status"] for one in records["serviceDeployments"]]
    assert statuses == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"], statuses
    delete("svc-back")


@check
def a_failed_deployment_stays_where_nothing_is_rolled_back():
    _, bad, _, new = unhealthy("svc-failed", False)

    def failed():
        first = look("svc-failed")["deployments"][0]
        return first["rolloutState"] == "FAILED" and first

    first = soon(failed)
    assert first["id"] == new and first["taskDefinition"] == bad, first
    # ECS guide, circuit breaker: three tasks at least have to fail.
    assert first["failedTasks"] >= 3, first
    assert first["rolloutStateReason"] == "ECS deployment circuit breaker: tasks failed to start."
    # The old task still runs.
    assert look("svc-failed")["runningCount"] == 1
    delete("svc-failed")


@check
def without_instances_tasks_are_not_placed():
    rest = {"launchType": "EC2", "taskDefinition": on_instances(), "networkConfiguration": None}
    create("svc-unplaced", desiredCount=1, **rest)
    placed = "(service svc-unplaced) was unable to place a task because no container instance met"
    soon(lambda: any(one.startswith(placed) for one in messages(look("svc-unplaced"))))
    assert look("svc-unplaced")["runningCount"] == 0
    message = refused(
        INVALID, ecs.run_task, cluster=cluster(), taskDefinition=on_instances(), launchType="EC2"
    )
    assert message == "No Container Instances were found in your cluster.", message
    delete("svc-unplaced")


# Deployments


@check
def deployments_and_revisions_of_a_service_are_recorded():
    create("svc-records", desiredCount=1)
    current = steady("svc-records")
    [record] = ecs.list_service_deployments(cluster=cluster(), service="svc-records")[
        "serviceDeployments"
    ]
    assert record["status"] == "SUCCESSFUL" and record["finishedAt"], record
    name = record["serviceDeploymentArn"]
    assert name.startswith(arn(f"service-deployment/{CLUSTER}/svc-records/")), name
    [shown] = ecs.describe_service_deployments(serviceDeploymentArns=[name])["serviceDeployments"]
    assert shown["serviceArn"] == current["serviceArn"], shown
    assert shown["targetServiceRevision"]["runningTaskCount"] == 1, shown
    assert shown["deploymentCircuitBreaker"]["status"] == "DISABLED", shown
    revision = record["targetServiceRevisionArn"]
    assert revision.startswith(arn(f"service-revision/{CLUSTER}/svc-records/")), revision
    [shown] = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"]
    assert shown["taskDefinition"] == web() and shown["launchType"] == "FARGATE", shown
    [image] = shown["containerImages"]
    assert image["containerName"] == "app" and image["imageDigest"].startswith("sha256:"), image
    assert [one["arn"] for one in current["currentServiceRevisions"]] == [revision], current
    delete("svc-records")


@check
def a_newer_deployment_ends_the_one_in_progress():
    create("svc-newer", desiredCount=1)
    update("svc-newer", forceNewDeployment=True)
    steady("svc-newer")

    def statuses(**filters):
        answer = ecs.list_service_deployments(cluster=cluster(), service="svc-newer", **filters)
        return [one["status"] for one in answer["serviceDeployments"]]

    assert statuses() == ["SUCCESSFUL", "STOPPED"], statuses()
    assert statuses(status=["STOPPED"]) == ["STOPPED"]
    delete("svc-newer")


@check
def a_deployment_can_be_stopped_and_rolled_back():
    good, other = define("services-halt"), define("services-halt")
    create("svc-halt", taskDefinition=good, desiredCount=1)
    steady("svc-halt")
    name = update("svc-halt", taskDefinition=other)["currentServiceDeployment"]
    stopped = ecs.stop_service_deployment(serviceDeploymentArn=name, stopType="ROLLBACK")
    assert stopped["serviceDeploymentArn"] == name, stopped

    def state():
        [found] = ecs.describe_service_deployments(serviceDeploymentArns=[name])["serviceDeployments"]
        return found["status"] == "ROLLBACK_SUCCESSFUL" and found

    assert soon(state)["rollback"]["serviceRevisionArn"]
    assert look("svc-halt")["taskDefinition"] == good
    delete("svc-halt")


# Tasks of their own


@check
def a_task_runs_until_it_is_stopped():
    answer = launch(startedBy="somebody", tags=[{"key": "Team", "value": "one"}])
    assert answer["failures"] == [], answer
    [started] = answer["tasks"]
    assert started["lastStatus"] == "PROVISIONING", started
    assert started["desiredStatus"] == "RUNNING", started
    assert started["group"] == "family:services-web", started
    assert started["startedBy"] == "somebody", started
    assert tags(started["tags"]) == {"Team": "one"}, started
    name = started["taskArn"]
    until(name, "RUNNING")
    assert listed(startedBy="somebody") == [name]
    stopping = ecs.stop_task(cluster=cluster(), task=name)["task"]
    assert stopping["desiredStatus"] == "STOPPED", stopping
    stopped = until(name, "STOPPED")
    assert stopped["stopCode"] == "UserInitiated" and stopped["stoppedAt"], stopped
    assert stopped["stoppedReason"] == "Task stopped by user", stopped
    assert stopped["containers"][0]["lastStatus"] == "STOPPED", stopped
    assert listed(startedBy="somebody") == []
    assert listed(startedBy="somebody", desiredStatus="STOPPED") == [name]


@check
def up_to_ten_tasks_are_run_at_once():
    answer = launch(count=3, group="batch")
    assert {one["group"] for one in answer["tasks"]} == {"batch"}, answer
    assert len({one["taskArn"] for one in answer["tasks"]}) == 3, answer
    call = functools.partial(ecs.run_task, cluster=cluster(), taskDefinition=web())
    fargate = {"launchType": "FARGATE", "networkConfiguration": network()}
    refused(INVALID, call, count=11, **fargate)
    for one in answer["tasks"]:
        ecs.stop_task(cluster=cluster(), task=one["taskArn"])


@check
def what_a_task_overrides_is_read_back():
    environment = [{"name": "COLOUR", "value": "red"}]
    container = {"name": "app", "command": ["true"], "environment": environment}
    [started] = launch(overrides={"containerOverrides": [container], "cpu": "512", "memory": "1024"})[
        "tasks"
    ]
    [shown] = started["overrides"]["containerOverrides"]
    assert container.items() <= shown.items(), shown
    assert (started["cpu"], started["memory"]) == ("512", "1024"), started
    ecs.stop_task(cluster=cluster(), task=started["taskArn"])
    unknown = {"containerOverrides": [{"name": "other", "command": ["true"]}]}
    refused(
        INVALID,
        ecs.run_task,
        cluster=cluster(),
        taskDefinition=web(),
        launchType="FARGATE",
        networkConfiguration=network(),
        overrides=unknown,
    )


@check
def a_task_needs_a_cluster_a_definition_and_a_network():
    fargate = {"launchType": "FARGATE", "networkConfiguration": network()}
    gone = "ClusterNotFoundException"
    refused(gone, ecs.run_task, cluster="services-nowhere", taskDefinition=web(), **fargate)
    refused(CLIENT, ecs.run_task, cluster=cluster(), taskDefinition="services-none", **fargate)
    message = refused(
        INVALID, ecs.run_task, cluster=cluster(), taskDefinition=web(), launchType="FARGATE"
    )
    assert "Network Configuration must be provided" in message, message


@check
def tasks_are_run_once_for_a_token():
    token = {"clientToken": "services-once"}
    first, second = launch(**token), launch(**token)
    assert first["tasks"][0]["taskArn"] == second["tasks"][0]["taskArn"]
    refused(
        "ConflictException",
        ecs.run_task,
        cluster=cluster(),
        taskDefinition=web(),
        launchType="FARGATE",
        networkConfiguration=network(),
        count=2,
        **token,
    )
    ecs.stop_task(cluster=cluster(), task=first["tasks"][0]["taskArn"])


@check
def an_unknown_task_is_a_failure():
    nobody = "0" * 32
    answer = ecs.describe_tasks(cluster=cluster(), tasks=[nobody])
    assert answer["tasks"] == [], answer
    missing = {"arn": arn(f"task/{CLUSTER}/{nobody}"), "reason": "MISSING"}
    assert answer["failures"] == [missing], answer
    refused(INVALID, ecs.describe_tasks, cluster=cluster(), tasks=[])
    refused(INVALID, ecs.stop_task, cluster=cluster(), task=nobody)


@check
def tasks_are_listed_by_what_they_are():
    where = make_cluster("services-tasks")
    given = define("services-other")
    names = [launch(cluster=where, taskDefinition=given)["tasks"][0]["taskArn"] for _ in range(3)]
    assert set(listed(cluster=where, family="services-other")) == set(names)
    assert listed(cluster=where, family="services-web") == []
    assert set(listed(cluster=where, launchType="FARGATE")) == set(names)
    assert listed(cluster=where, launchType="EC2") == []
    assert listed(cluster=where, desiredStatus="STOPPED") == []
    first = ecs.list_tasks(cluster=where, maxResults=2)
    assert len(first["taskArns"]) == 2, first
    second = ecs.list_tasks(cluster=where, maxResults=2, nextToken=first["nextToken"])
    assert sorted(first["taskArns"] + second["taskArns"]) == sorted(names), second
    refused("ClusterContainsTasksException", ecs.delete_cluster, cluster=where)
    for name in names:
        ecs.stop_task(cluster=where, task=name)


@check
def commands_are_run_only_where_they_are_enabled():
    [started] = launch()["tasks"]
    until(started["taskArn"], "RUNNING")
    refused(
        INVALID,
        ecs.execute_command,
        cluster=cluster(),
        task=started["taskArn"],
        command="true",
        interactive=True,
    )
    ecs.stop_task(cluster=cluster(), task=started["taskArn"])


@check
def commands_are_run_in_sessions():
    able = define("services-session", taskRoleArn=role("services-session"))
    [started] = launch(taskDefinition=able, enableExecuteCommand=True)["tasks"]
    assert started["enableExecuteCommand"] is True, started
    running = until(started["taskArn"], "RUNNING")

    def agent():
        [found] = task(started["taskArn"])["containers"][0]["managedAgents"]
        return found["name"] == "ExecuteCommandAgent" and found["lastStatus"] == "RUNNING"

    soon(agent)
    answer = ecs.execute_command(
        cluster=cluster(), task=started["taskArn"], command="true", interactive=True
    )
    assert answer["containerName"] == "app" and answer["interactive"] is True, answer
    assert answer["containerArn"] == running["containers"][0]["containerArn"], answer
    assert answer["session"]["sessionId"].startswith("ecs-execute-command-"), answer
    assert answer["session"]["streamUrl"].startswith("wss://") and answer["session"]["tokenValue"]
    ecs.stop_task(cluster=cluster(), task=started["taskArn"])


@check
def a_definition_that_a_task_uses_is_deleted_later():
    given = define("services-used")
    [started] = launch(taskDefinition=given)["tasks"]
    until(started["taskArn"], "RUNNING")
    ecs.deregister_task_definition(taskDefinition=given)
    ecs.delete_task_definitions(taskDefinitions=[given])
    shown = ecs.describe_task_definition(taskDefinition=given)["taskDefinition"]
    assert shown["status"] == "DELETE_IN_PROGRESS", shown
    assert task(started["taskArn"])["lastStatus"] == "RUNNING"
    ecs.stop_task(cluster=cluster(), task=started["taskArn"])
