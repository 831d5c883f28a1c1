import functools

ecs = client("ecs")
soon = functools.partial(eventually, seconds=5)

INVALID = "InvalidParameterException"
CLIENT = "ClientException"
GONE = "ClusterNotFoundException"


@functools.cache
def linked():
    """In a new account ECS makes its role on first use; a cluster with providers needs it."""
    try:
        client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    except ClientError:
        pass


def patient(call, **arguments):
    """The call, once the service-linked role is known everywhere."""
    linked()

    def attempt():
        try:
            return call(**arguments)
        except ClientError as error:
            assert "service linked role" in str(error), error
            return None

    return soon(attempt)


def make(name, **arguments):
    return patient(ecs.create_cluster, clusterName=name, **arguments)["cluster"]


@functools.cache
def shared():
    return make("definitions")["clusterName"]


def described(name, *include):
    return ecs.describe_clusters(clusters=[name], include=list(include))["clusters"][0]


@functools.cache
def account():
    return client("sts").get_caller_identity()["Account"]


def arn(resource):
    return f"arn:aws:ecs:us-east-1:{account()}:{resource}"


def app(**changes):
    return {"name": "app", "image": "public.ecr.aws/nginx/nginx:1", **changes}


def fargate(family, *containers, **changes):
    """What registers a definition for Fargate; None takes a member away."""
    given = {
        "family": family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": list(containers) or [app()],
        **changes,
    }
    return {key: value for key, value in given.items() if value is not None}


def register(family, *containers, **changes):
    answer = ecs.register_task_definition(**fargate(family, *containers, **changes))
    return answer["taskDefinition"]


def bad(family, *containers, **changes):
    """Why this cannot be registered."""
    given = fargate(family, *containers, **changes)
    return refused(CLIENT, ecs.register_task_definition, **given)


def pages(call, member, **arguments):
    """All items of a list, page by page, and the sizes of the pages."""
    items, sizes, token = [], [], {}
    while True:
        answer = call(**arguments, **token)
        items += answer[member]
        sizes.append(len(answer[member]))
        if not answer.get("nextToken"):
            return items, sizes
        token = {"nextToken": answer["nextToken"]}


def setting(cluster):
    found = [one["value"] for one in cluster["settings"] if one["name"] == "containerInsights"]
    return found[0]


# Clusters


@check
def a_new_cluster_is_active_and_empty():
    cluster = make("defs-new")
    assert cluster["clusterArn"] == arn("cluster/defs-new"), cluster
    assert cluster["status"] == "ACTIVE", cluster
    counts = ["registeredContainerInstancesCount", "runningTasksCount", "pendingTasksCount"]
    assert all(cluster[count] == 0 for count in [*counts, "activeServicesCount"]), cluster
    for empty in ["statistics", "tags", "capacityProviders", "defaultCapacityProviderStrategy"]:
        assert cluster[empty] == [], cluster
    assert setting(cluster) == "disabled", cluster


@check
def a_cluster_without_a_name_is_called_default():
    assert ecs.create_cluster()["cluster"]["clusterName"] == "default"
    answer = ecs.describe_clusters()
    assert [one["clusterName"] for one in answer["clusters"]] == ["default"], answer
    ecs.delete_cluster(cluster="default")


@check
def a_cluster_that_is_made_again_is_the_same_one():
    first, second = make("defs-twice"), make("defs-twice")
    assert first["clusterArn"] == second["clusterArn"]
    assert second["status"] == "ACTIVE"


@check
def a_cluster_is_described_by_name_and_by_arn():
    made = make("defs-named")
    answer = ecs.describe_clusters(clusters=["defs-named", shared()])
    assert {one["clusterName"] for one in answer["clusters"]} == {"defs-named", shared()}
    assert answer["failures"] == []
    assert described(made["clusterArn"])["clusterName"] == "defs-named"


@check
def an_unknown_cluster_is_a_failure_and_no_refusal():
    answer = ecs.describe_clusters(clusters=["defs-nowhere", shared()])
    assert [one["clusterName"] for one in answer["clusters"]] == [shared()], answer
    missing = {"arn": arn("cluster/defs-nowhere"), "reason": "MISSING"}
    assert answer["failures"] == [missing], answer


@check
def at_most_a_hundred_clusters_are_described_at_once():
    names = [f"defs-many-{number}" for number in range(101)]
    refused(INVALID, ecs.describe_clusters, clusters=names)


@check
def details_of_a_cluster_are_shown_on_request_alone():
    make("defs-details", tags=[{"key": "Team", "value": "one"}])
    plain = described("defs-details")
    assert plain["tags"] == plain["settings"] == plain["statistics"] == [], plain
    full = described("defs-details", "TAGS", "SETTINGS", "STATISTICS")
    assert tags(full["tags"]) == {"Team": "one"}, full
    assert setting(full) == "disabled", full
    statistics = {one["name"]: one["value"] for one in full["statistics"]}
    assert statistics["runningFargateTasksCount"] == "0", statistics
    assert statistics["activeEC2ServiceCount"] == "0", statistics


@check
def container_insights_are_set_and_changed():
    on = [{"name": "containerInsights", "value": "enabled"}]
    assert setting(make("defs-insights", settings=on)) == "enabled"
    more = [{"name": "containerInsights", "value": "enhanced"}]
    changed = ecs.update_cluster_settings(cluster="defs-insights", settings=more)["cluster"]
    assert setting(changed) == "enhanced", changed
    off = [{"name": "containerInsights", "value": "disabled"}]
    assert setting(ecs.update_cluster(cluster="defs-insights", settings=off)["cluster"]) == "disabled"
    assert setting(described("defs-insights", "SETTINGS")) == "disabled"


@check
def settings_that_do_not_exist_are_refused():
    for given in [
        {"name": "containerOutsights", "value": "enabled"},
        {"name": "containerInsights", "value": "perhaps"},
    ]:
        refused(INVALID, ecs.create_cluster, clusterName="defs-wrong", settings=[given])
        refused(INVALID, ecs.update_cluster_settings, cluster=shared(), settings=[given])


@check
def the_configuration_of_commands_is_read_back_on_request():
    log = {"cloudWatchLogGroupName": "/exec", "s3BucketName": "logs", "s3KeyPrefix": "exec"}
    execute = {"kmsKeyId": "alias/exec", "logging": "OVERRIDE", "logConfiguration": log}
    make("defs-exec", configuration={"executeCommandConfiguration": execute})
    assert "configuration" not in described("defs-exec")
    shown = described("defs-exec", "CONFIGURATIONS")["configuration"]["executeCommandConfiguration"]
    assert shown["logging"] == "OVERRIDE" and shown["kmsKeyId"] == "alias/exec", shown
    assert log.items() <= shown["logConfiguration"].items(), shown
    changed = {"executeCommandConfiguration": {"logging": "NONE"}}
    ecs.update_cluster(cluster="defs-exec", configuration=changed)
    shown = described("defs-exec", "CONFIGURATIONS")["configuration"]["executeCommandConfiguration"]
    assert shown["logging"] == "NONE", shown


@check
def commands_cannot_be_logged_elsewhere_without_saying_where():
    # ECS API, ExecuteCommandConfiguration: OVERRIDE needs a logConfiguration.
    execute = {"executeCommandConfiguration": {"logging": "OVERRIDE"}}
    refused(INVALID, ecs.create_cluster, clusterName="defs-override", configuration=execute)


@check
def a_cluster_has_a_name_of_letters_digits_hyphens_and_underscores():
    for name in ["two words", "dotted.name", "x" * 256]:
        refused(INVALID, ecs.create_cluster, clusterName=name)
    assert make("defs_Under-Score_9")["clusterName"] == "defs_Under-Score_9"
    longest = "x" * 255
    assert make(longest)["clusterName"] == longest
    ecs.delete_cluster(cluster=longest)


@check
def clusters_are_listed_in_pages():
    made = {make(f"defs-page-{number}")["clusterArn"] for number in range(3)}
    found, sizes = pages(ecs.list_clusters, "clusterArns", maxResults=2)
    assert made <= set(found) and len(found) == len(set(found)), found
    assert len(sizes) > 1 and max(sizes) <= 2, sizes


@check
def lists_refuse_tokens_and_sizes_that_cannot_be():
    refused(INVALID, ecs.list_clusters, nextToken="nonsense")
    refused(INVALID, ecs.list_clusters, maxResults=0)
    refused(INVALID, ecs.list_clusters, maxResults=101)


@check
def a_deleted_cluster_is_inactive_and_no_longer_listed():
    made = make("defs-deleted")
    assert ecs.delete_cluster(cluster="defs-deleted")["cluster"]["status"] == "INACTIVE"
    assert described("defs-deleted")["status"] == "INACTIVE"
    assert made["clusterArn"] not in pages(ecs.list_clusters, "clusterArns")[0]


@check
def a_deleted_cluster_can_be_made_again():
    make("defs-again", tags=[{"key": "Old", "value": "yes"}])
    ecs.delete_cluster(cluster="defs-again")
    assert make("defs-again")["status"] == "ACTIVE"
    assert described("defs-again", "TAGS")["tags"] == []


@check
def what_is_no_cluster_cannot_be_changed_or_deleted():
    refused(GONE, ecs.delete_cluster, cluster="defs-nowhere")
    refused(GONE, ecs.update_cluster, cluster="defs-nowhere", settings=[])
    on = [{"name": "containerInsights", "value": "enabled"}]
    refused(GONE, ecs.update_cluster_settings, cluster="defs-nowhere", settings=on)
    refused(GONE, ecs.list_container_instances, cluster="defs-nowhere")
    put = {"capacityProviders": [], "defaultCapacityProviderStrategy": []}
    refused(GONE, ecs.put_cluster_capacity_providers, cluster="defs-nowhere", **put)


@check
def a_deleted_cluster_cannot_be_deleted_again():
    make("defs-dead")
    ecs.delete_cluster(cluster="defs-dead")
    refused(GONE, ecs.delete_cluster, cluster="defs-dead")
    refused(GONE, ecs.list_services, cluster="defs-dead")


@check
def a_cluster_can_have_a_namespace_for_its_services():
    # ECS API, ClusterServiceConnectDefaultsRequest: ECS makes it; it is shown by its ARN.
    cluster = make("defs-connect", serviceConnectDefaults={"namespace": "defs-connect"})
    shown = cluster["serviceConnectDefaults"]["namespace"]
    assert shown.startswith("arn:aws:servicediscovery:us-east-1:"), shown
    soon(lambda: described("defs-connect")["status"] == "ACTIVE")


# Capacity providers


@check
def a_cluster_has_the_capacity_providers_that_it_was_given():
    strategy = [{"capacityProvider": "FARGATE", "weight": 1, "base": 2}]
    providers = ["FARGATE", "FARGATE_SPOT"]
    made = make("defs-providers", capacityProviders=providers, defaultCapacityProviderStrategy=strategy)
    assert made["status"] in ["PROVISIONING", "ACTIVE"], made
    soon(lambda: described("defs-providers")["status"] == "ACTIVE")
    cluster = described("defs-providers", "ATTACHMENTS")
    assert sorted(cluster["capacityProviders"]) == providers, cluster
    assert cluster["defaultCapacityProviderStrategy"] == strategy, cluster


@check
def capacity_providers_of_a_cluster_are_replaced_all_at_once():
    make("defs-put", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    soon(lambda: described("defs-put")["status"] == "ACTIVE")
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 3}]

    def put():
        try:
            return ecs.put_cluster_capacity_providers(
                cluster="defs-put",
                capacityProviders=["FARGATE_SPOT"],
                defaultCapacityProviderStrategy=strategy,
            )
        except ecs.exceptions.UpdateInProgressException:
            return None

    changed = soon(put)["cluster"]
    assert changed["capacityProviders"] == ["FARGATE_SPOT"], changed
    # ECS API, CapacityProviderStrategyItem: a base is 0 unless something else is said.
    expected = [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0}]
    assert changed["defaultCapacityProviderStrategy"] == expected, changed


@check
def a_default_strategy_is_about_the_cluster_s_own_providers():
    make("defs-foreign")
    strategy = [{"capacityProvider": "FARGATE", "weight": 1}]
    given = {"capacityProviders": ["FARGATE_SPOT"], "defaultCapacityProviderStrategy": strategy}
    refused(INVALID, ecs.put_cluster_capacity_providers, cluster="defs-foreign", **given)
    refused(INVALID, ecs.create_cluster, clusterName="defs-foreign-2", **given)


@check
def a_strategy_has_one_base_and_weights_within_bounds():
    make("defs-bases")
    both = {"cluster": "defs-bases", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]}
    for items in [
        [("FARGATE", 1, 1), ("FARGATE_SPOT", 1, 1)],
        [("FARGATE", 1001, 0)],
        [("FARGATE", 1, 100001)],
    ]:
        strategy = [dict(zip(["capacityProvider", "weight", "base"], item)) for item in items]
        refused(
            INVALID,
            ecs.put_cluster_capacity_providers,
            defaultCapacityProviderStrategy=strategy,
            **both,
        )


@check
def an_unknown_capacity_provider_cannot_be_given_to_a_cluster():
    refused(
        INVALID,
        ecs.put_cluster_capacity_providers,
        cluster=shared(),
        capacityProviders=["defs-unknown"],
        defaultCapacityProviderStrategy=[],
    )


@check
def the_providers_of_fargate_are_always_there():
    answer = ecs.describe_capacity_providers(capacityProviders=["FARGATE", "FARGATE_SPOT"])
    found = {one["name"]: one for one in answer["capacityProviders"]}
    assert set(found) == {"FARGATE", "FARGATE_SPOT"}, answer
    for name, provider in found.items():
        assert provider["status"] == "ACTIVE", provider
        assert provider["capacityProviderArn"].endswith(f":capacity-provider/{name}"), provider
    everyone = ecs.describe_capacity_providers()["capacityProviders"]
    assert {"FARGATE", "FARGATE_SPOT"} <= {one["name"] for one in everyone}, everyone


@check
def an_unknown_capacity_provider_is_a_failure():
    answer = ecs.describe_capacity_providers(capacityProviders=["defs-unknown"])
    assert answer["capacityProviders"] == [], answer
    missing = {"arn": arn("capacity-provider/defs-unknown"), "reason": "MISSING"}
    assert answer["failures"] == [missing], answer


# Task definitions


@check
def a_registered_definition_is_active_and_knows_where_it_can_run():
    made = register("defs-fresh")
    assert made["taskDefinitionArn"] == arn("task-definition/defs-fresh:1"), made
    assert (made["family"], made["revision"], made["status"]) == ("defs-fresh", 1, "ACTIVE")
    assert sorted(made["compatibilities"])[:2] == ["EC2", "FARGATE"], made
    assert made["requiresCompatibilities"] == ["FARGATE"], made
    assert (made["cpu"], made["memory"]) == ("256", "512"), made
    assert made["volumes"] == made["placementConstraints"] == [], made
    assert made["registeredBy"].startswith("arn:aws:"), made
    assert made["registeredAt"].year > 2000, made


@check
def containers_get_defaults():
    [container] = register("defs-defaults", app(portMappings=[{"containerPort": 80}]))[
        "containerDefinitions"
    ]
    assert container["cpu"] == 0 and container["essential"] is True, container
    assert container["environment"] == container["mountPoints"] == container["volumesFrom"] == []
    # ECS API, PortMapping: in awsvpc mode the host's port is the container's.
    expected = [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    assert container["portMappings"] == expected, container
    assert "memory" not in container and "command" not in container, container


@check
def a_container_health_check_gets_defaults():
    # ECS API, HealthCheck.
    health = {"command": ["CMD-SHELL", "true"]}
    [container] = register("defs-health", app(healthCheck=health))["containerDefinitions"]
    shown = container["healthCheck"]
    assert shown["command"] == health["command"], shown
    assert (shown["interval"], shown["timeout"], shown["retries"]) == (30, 5, 3), shown


@check
def a_container_health_check_has_bounds():
    for wrong in [{"interval": 4}, {"timeout": 61 * 5}, {"retries": 11}, {"startPeriod": 301}]:
        health = {"command": ["CMD-SHELL", "true"], **wrong}
        bad("defs-health-bounds", app(healthCheck=health))


@check
def everything_that_is_said_of_a_container_is_read_back():
    given = {
        "name": "app",
        "image": "public.ecr.aws/nginx/nginx:1",
        "cpu": 128,
        "memory": 512,
        "memoryReservation": 256,
        "essential": True,
        "entryPoint": ["/bin/sh", "-c"],
        "command": ["echo", "$HOME"],
        "environment": [{"name": "COLOUR", "value": "red"}],
        "user": "1000:1000",
        "workingDirectory": "/srv",
        "readonlyRootFilesystem": True,
        "interactive": True,
        "pseudoTerminal": True,
        "stopTimeout": 60,
        "startTimeout": 90,
        "dockerLabels": {"owner": "me"},
        "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 2048}],
        "linuxParameters": {"initProcessEnabled": True},
        "restartPolicy": {"enabled": True, "ignoredExitCodes": [0], "restartAttemptPeriod": 180},
        "versionConsistency": "disabled",
        "systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}],
    }
    register("defs-whole", given)
    answer = ecs.describe_task_definition(taskDefinition="defs-whole")
    [shown] = answer["taskDefinition"]["containerDefinitions"]
    for key, value in given.items():
        assert shown.get(key) == value, (key, shown.get(key))


@check
def each_registration_is_a_new_revision():
    numbers = [register("defs-counted")["revision"] for _ in range(3)]
    assert numbers == [1, 2, 3], numbers


@check
def a_definition_is_described_by_family_revision_and_arn():
    first, second = register("defs-found"), register("defs-found")
    for given, revision in [
        ("defs-found", 2),
        ("defs-found:1", 1),
        (second["taskDefinitionArn"], 2),
        (first["taskDefinitionArn"], 1),
    ]:
        answer = ecs.describe_task_definition(taskDefinition=given)
        assert answer["taskDefinition"]["revision"] == revision, (given, answer)


@check
def what_is_no_definition_cannot_be_described():
    register("defs-one")
    for name in ["defs-nothing", "defs-one:99"]:
        message = refused(CLIENT, ecs.describe_task_definition, taskDefinition=name)
        assert message == "Unable to describe task definition.", message


@check
def tags_of_a_definition_are_answered_on_request_alone():
    given = [{"key": "Team", "value": "one"}]
    answer = ecs.register_task_definition(**fargate("defs-tagged", tags=given))
    assert tags(answer["tags"]) == {"Team": "one"}, answer
    name = answer["taskDefinition"]["taskDefinitionArn"]
    assert not ecs.describe_task_definition(taskDefinition=name).get("tags")
    shown = ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])
    assert tags(shown["tags"]) == {"Team": "one"}, shown


@check
def in_bridge_mode_the_host_s_port_is_left_open():
    # ECS API, PortMapping: 0 is a port that is chosen at the start.
    made = register(
        "defs-bridge",
        app(memory=128, portMappings=[{"containerPort": 80}]),
        networkMode="bridge",
        requiresCompatibilities=["EC2"],
        cpu=None,
        memory=None,
    )
    [port] = made["containerDefinitions"][0]["portMappings"]
    assert port == {"containerPort": 80, "hostPort": 0, "protocol": "tcp"}, port
    assert "FARGATE" not in made["compatibilities"] and "EC2" in made["compatibilities"], made
    assert made["networkMode"] == "bridge" and "cpu" not in made, made


@check
def fargate_wants_awsvpc_and_a_size():
    assert "awsvpc" in bad("defs-mode", networkMode="bridge")
    assert "cpu" in bad("defs-no-cpu", cpu=None)
    assert "memory" in bad("defs-no-memory", memory=None)


@check
def fargate_has_sizes_in_pairs():
    for cpu, memory in [("256", "4096"), ("300", "512"), ("512", "512"), ("1024", "9216")]:
        message = bad("defs-pairs", cpu=cpu, memory=memory)
        assert "No Fargate configuration exists for given values" in message, message
    for cpu, memory in [("256", "2048"), ("1024", "8192"), ("4096", "30720"), ("16384", "122880")]:
        made = register("defs-pairs", cpu=cpu, memory=memory)
        assert (made["cpu"], made["memory"]) == (cpu, memory), made


@check
def sizes_can_be_given_in_larger_units():
    # ECS API, RegisterTaskDefinition: converted to whole CPU units and MiB.
    made = register("defs-units", cpu=".5 vCPU", memory="1 GB")
    assert (made["cpu"], made["memory"]) == ("512", "1024"), made


@check
def a_definition_has_a_family_of_letters_digits_hyphens_and_underscores():
    for family in ["two words", "dotted.name", "x" * 256]:
        bad(family)
    assert register("defs_Family-9")["family"] == "defs_Family-9"


@check
def a_definition_has_containers_of_different_names():
    given = fargate("defs-none", containerDefinitions=[])
    refused(CLIENT, ecs.register_task_definition, **given)
    bad("defs-same", app(), app())
    bad("defs-odd", app(name="two words"))


@check
def a_container_has_an_image_and_a_name():
    assert "image" in bad("defs-no-image", {"name": "app"})
    assert "name" in bad("defs-no-name", {"image": "nginx"})


@check
def a_definition_has_an_essential_container():
    bad("defs-needless", app(essential=False))
    made = register("defs-partly", app(), app(name="more", essential=False))
    essential = {one["name"]: one["essential"] for one in made["containerDefinitions"]}
    assert essential == {"app": True, "more": False}, essential


@check
def outside_of_fargate_a_container_says_how_much_memory_it_needs():
    rest = {"networkMode": "bridge", "requiresCompatibilities": ["EC2"]}
    message = bad("defs-unsized", app(), cpu=None, memory=None, **rest)
    assert "memory" in message, message
    bad("defs-swapped", app(memory=128, memoryReservation=256), cpu=None, memory=None, **rest)
    register("defs-sized", app(memoryReservation=64), cpu=None, memory=None, **rest)


@check
def ports_of_host_and_container_match_in_awsvpc_mode():
    bad("defs-ports", app(portMappings=[{"containerPort": 80, "hostPort": 8080}]))
    made = register("defs-udp", app(portMappings=[{"containerPort": 53, "protocol": "udp"}]))
    [port] = made["containerDefinitions"][0]["portMappings"]
    assert port == {"containerPort": 53, "hostPort": 53, "protocol": "udp"}, port


@check
def links_do_not_go_with_awsvpc():
    message = bad("defs-links", app(links=["more"]), app(name="more"))
    assert "awsvpc" in message or "inks" in message, message


@check
def what_is_fetched_for_a_task_needs_an_execution_role():
    secret = [{"name": "KEY", "valueFrom": "/defs/key"}]
    message = bad("defs-secret", app(secrets=secret))
    assert "executionRoleArn" in message, message
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/x", "awslogs-region": "us-east-1"}}
    message = bad("defs-log", app(logConfiguration=log))
    assert "execution role ARN to support log driver awslogs" in message, message
    image = f"{account()}.dkr.ecr.us-east-1.amazonaws.com/app:1"
    message = bad("defs-ecr", app(image=image))
    assert "execution role ARN to support ECR images" in message, message


@check
def roles_are_given_by_arn_or_name():
    assert bad("defs-role", taskRoleArn="arn:aws:iam::12:role/x") == "Role is not valid"
    role = f"arn:aws:iam::{account()}:role/defs"
    made = register("defs-role-ok", taskRoleArn=role, executionRoleArn=role)
    assert made["taskRoleArn"] == made["executionRoleArn"] == role, made


@check
def mount_points_name_volumes_that_are_there():
    mount = [{"sourceVolume": "data", "containerPath": "/data"}]
    message = bad("defs-mount", app(mountPoints=mount))
    assert "Unknown volume 'data'" in message, message
    made = register("defs-mounted", app(mountPoints=mount), volumes=[{"name": "data"}])
    [shown] = made["containerDefinitions"][0]["mountPoints"]
    assert shown["sourceVolume"] == "data" and shown["containerPath"] == "/data", shown
    assert [one["name"] for one in made["volumes"]] == ["data"], made


@check
def a_volume_of_efs_is_read_back():
    efs = {
        "fileSystemId": "fs-0123456789abcdef0",
        "transitEncryption": "ENABLED",
        "authorizationConfig": {"accessPointId": "fsap-0123456789abcdef0", "iam": "ENABLED"},
    }
    made = register("defs-efs", volumes=[{"name": "data", "efsVolumeConfiguration": efs}])
    shown = made["volumes"][0]["efsVolumeConfiguration"]
    assert efs.items() <= shown.items() and shown["rootDirectory"] == "/", shown
    efs["transitEncryption"] = "DISABLED"
    # ECS API, EFSAuthorizationConfig: needs transit encryption.
    bad("defs-efs-open", volumes=[{"name": "data", "efsVolumeConfiguration": efs}])


@check
def volumes_have_different_names():
    bad("defs-volumes", volumes=[{"name": "data"}, {"name": "data"}])


@check
def containers_do_not_wait_for_each_other_in_a_circle():
    def after(*names):
        return [{"containerName": name, "condition": "START"} for name in names]

    one, other = app(dependsOn=after("other")), app(name="other", dependsOn=after("app"))
    bad("defs-circle", one, other)
    bad("defs-self", app(dependsOn=after("app")))
    bad("defs-unknown", app(dependsOn=after("nobody")))
    register("defs-chain", one, app(name="other"))


@check
def containers_wait_only_for_what_can_come():
    def after(condition):
        return [{"containerName": "other", "condition": condition}]

    # ECS API, ContainerDependency: HEALTHY needs a health check, an end must not be essential.
    bad("defs-healthy", app(dependsOn=after("HEALTHY")), app(name="other"))
    bad("defs-success", app(dependsOn=after("SUCCESS")), app(name="other"))
    register("defs-init", app(dependsOn=after("SUCCESS")), app(name="other", essential=False))


@check
def storage_of_a_task_has_bounds():
    for size in [20, 201]:
        bad("defs-storage", ephemeralStorage={"sizeInGiB": size})
    made = register("defs-storage", ephemeralStorage={"sizeInGiB": 21})
    assert made["ephemeralStorage"] == {"sizeInGiB": 21}, made


@check
def a_platform_is_read_back():
    platform = {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert register("defs-arm", runtimePlatform=platform)["runtimePlatform"] == platform
    wrong = {"cpuArchitecture": "SPARC", "operatingSystemFamily": "LINUX"}
    given = fargate("defs-sparc", runtimePlatform=wrong)
    try:
        ecs.register_task_definition(**given)
    except ClientError as error:
        assert error.response["Error"]["Code"] in [CLIENT, INVALID], error
    else:
        raise AssertionError("not refused")


@check
def what_a_definition_needs_of_an_instance_is_told():
    role = f"arn:aws:iam::{account()}:role/defs"
    options = {"awslogs-group": "/x", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "x"}
    log = {"logDriver": "awslogs", "options": options}
    made = register(
        "defs-needs", app(logConfiguration=log), executionRoleArn=role, taskRoleArn=role
    )
    needs = {one["name"] for one in made["requiresAttributes"]}
    for name in [
        "ecs.capability.task-eni",
        "com.amazonaws.ecs.capability.task-iam-role",
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "ecs.capability.execution-role-awslogs",
    ]:
        assert name in needs, needs


@check
def fargate_does_not_run_privileged_containers():
    assert "privileged" in bad("defs-privileged", app(privileged=True))


@check
def environment_and_secrets_have_names_of_their_own():
    role = f"arn:aws:iam::{account()}:role/defs"
    environment = [{"name": "ONE", "value": "1"}, {"name": "TWO", "value": "2"}]
    made = register("defs-variables", app(environment=environment))
    shown = made["containerDefinitions"][0]["environment"]
    # The order means nothing and is not kept.
    assert sorted(shown, key=lambda one: one["name"]) == environment, shown
    secret = [{"name": "ONE", "valueFrom": "/defs/one"}]
    message = bad(
        "defs-clash", app(environment=environment, secrets=secret), executionRoleArn=role
    )
    assert "secret name must be unique" in message, message


@check
def definitions_are_listed_by_family_status_and_order():
    arns = [register("defs-listed")["taskDefinitionArn"] for _ in range(3)]
    ecs.deregister_task_definition(taskDefinition=arns[1])

    def listed(**arguments):
        return ecs.list_task_definitions(familyPrefix="defs-listed", **arguments)["taskDefinitionArns"]

    assert listed() == [arns[0], arns[2]], listed()
    assert listed(sort="DESC") == [arns[2], arns[0]]
    assert listed(status="INACTIVE") == [arns[1]]
    everything = pages(ecs.list_task_definitions, "taskDefinitionArns", maxResults=50)[0]
    assert {arns[0], arns[2]} <= set(everything)


@check
def definitions_are_listed_in_pages_in_the_order_of_their_revisions():
    arns = [register("defs-paged")["taskDefinitionArn"] for _ in range(11)]
    asked = {"familyPrefix": "defs-paged", "maxResults": 4}
    found, sizes = pages(ecs.list_task_definitions, "taskDefinitionArns", **asked)
    assert found == arns and sizes == [4, 4, 3], (found, sizes)


@check
def families_are_listed_by_prefix_and_status():
    register("defs-family-a")
    gone = register("defs-family-b")
    ecs.deregister_task_definition(taskDefinition=gone["taskDefinitionArn"])

    def families(**arguments):
        return ecs.list_task_definition_families(familyPrefix="defs-family", **arguments)["families"]

    assert families() == ["defs-family-a", "defs-family-b"], families()
    assert families(status="ACTIVE") == ["defs-family-a"]
    assert families(status="INACTIVE") == ["defs-family-b"]
    assert families(status="ALL") == ["defs-family-a", "defs-family-b"]


@check
def a_deregistered_definition_is_inactive_and_still_described():
    made = register("defs-retired")
    name = made["taskDefinitionArn"]
    answer = ecs.deregister_task_definition(taskDefinition=name)["taskDefinition"]
    assert answer["status"] == "INACTIVE" and answer["deregisteredAt"].year > 2000, answer
    shown = ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    assert shown["status"] == "INACTIVE", shown
    # A family alone means its newest active revision.
    refused(CLIENT, ecs.describe_task_definition, taskDefinition="defs-retired")


@check
def numbers_of_revisions_are_not_used_again():
    made = register("defs-numbers")
    ecs.deregister_task_definition(taskDefinition=made["taskDefinitionArn"])
    assert register("defs-numbers")["revision"] == 2


@check
def what_is_no_definition_cannot_be_deregistered():
    register("defs-there")
    for name in ["defs-there:99", "defs-nothing:1"]:
        refused(CLIENT, ecs.deregister_task_definition, taskDefinition=name)


@check
def an_active_definition_cannot_be_deleted():
    name = register("defs-active")["taskDefinitionArn"]
    answer = ecs.delete_task_definitions(taskDefinitions=[name])
    assert answer["taskDefinitions"] == [], answer
    assert [one["arn"] for one in answer["failures"]] == [name], answer


@check
def a_deregistered_definition_is_deleted_after_a_while():
    name = register("defs-gone")["taskDefinitionArn"]
    ecs.deregister_task_definition(taskDefinition=name)
    answer = ecs.delete_task_definitions(taskDefinitions=[name])
    [deleted] = answer["taskDefinitions"]
    assert deleted["status"] == "DELETE_IN_PROGRESS" and answer["failures"] == [], answer
    assert deleted["deleteRequestedAt"].year > 2000, deleted
    listed = ecs.list_task_definitions(familyPrefix="defs-gone", status="INACTIVE")
    assert listed["taskDefinitionArns"] == [], listed


@check
def at_most_ten_definitions_are_deleted_at_once():
    names = [f"defs-many:{number}" for number in range(1, 12)]
    refused(INVALID, ecs.delete_task_definitions, taskDefinitions=names)


# Tags


@check
def a_cluster_s_tags_are_added_changed_and_taken_away():
    name = make("defs-tags", tags=[{"key": "a", "value": "1"}])["clusterArn"]
    new = [{"key": "a", "value": "2"}, {"key": "b", "value": ""}]
    ecs.tag_resource(resourceArn=name, tags=new)
    assert tags(ecs.list_tags_for_resource(resourceArn=name)["tags"]) == {"a": "2", "b": ""}
    ecs.untag_resource(resourceArn=name, tagKeys=["a", "never"])
    assert tags(described("defs-tags", "TAGS")["tags"]) == {"b": ""}


@check
def a_definition_s_tags_are_added_and_taken_away():
    name = register("defs-tagged-later")["taskDefinitionArn"]
    ecs.tag_resource(resourceArn=name, tags=[{"key": "a", "value": "1"}])
    assert tags(ecs.list_tags_for_resource(resourceArn=name)["tags"]) == {"a": "1"}
    ecs.untag_resource(resourceArn=name, tagKeys=["a"])
    assert ecs.list_tags_for_resource(resourceArn=name)["tags"] == []


@check
def tags_have_limits():
    name = make("defs-tag-limits")["clusterArn"]
    many = [{"key": f"key-{number}", "value": "x"} for number in range(51)]
    refused(INVALID, ecs.tag_resource, resourceArn=name, tags=many)
    refused(INVALID, ecs.create_cluster, clusterName="defs-tag-limits-2", tags=many)
    own = [{"key": "aws:mine", "value": "x"}]
    refused(INVALID, ecs.tag_resource, resourceArn=name, tags=own)
    ecs.tag_resource(resourceArn=name, tags=many[:50])
    refused(INVALID, ecs.tag_resource, resourceArn=name, tags=many[50:])
    assert len(ecs.list_tags_for_resource(resourceArn=name)["tags"]) == 50


@check
def what_is_not_there_has_no_tags():
    nowhere = arn("cluster/defs-nowhere")
    refused(GONE, ecs.list_tags_for_resource, resourceArn=nowhere)
    refused(GONE, ecs.tag_resource, resourceArn=nowhere, tags=[{"key": "a", "value": "1"}])
    refused(INVALID, ecs.list_tags_for_resource, resourceArn="no-arn")


# Settings


@check
def an_account_setting_is_set_listed_and_taken_back():
    name = "fargateTaskRetirementWaitPeriod"
    put = ecs.put_account_setting_default(name=name, value="14")["setting"]
    assert put["name"] == name and put["value"] == "14", put
    assert put["principalArn"].endswith(":root"), put
    listed = ecs.list_account_settings(name=name, effectiveSettings=True)["settings"]
    assert [one["value"] for one in listed] == ["14"], listed
    ecs.put_account_setting_default(name=name, value="7")


@check
def settings_that_were_never_set_have_effective_values():
    found, _ = pages(ecs.list_account_settings, "settings", effectiveSettings=True)
    values = {one["name"]: one["value"] for one in found}
    assert values["serviceLongArnFormat"] == values["taskLongArnFormat"] == "enabled", values
    assert values["awsvpcTrunking"] == "disabled", values


@check
def account_settings_that_do_not_exist_are_refused():
    refused(INVALID, ecs.put_account_setting, name="colour", value="red")
    refused(INVALID, ecs.put_account_setting, name="awsvpcTrunking", value="perhaps")
    refused(INVALID, ecs.list_account_settings, name="colour")


@check
def container_insights_of_new_clusters_come_from_the_account():
    ecs.put_account_setting_default(name="containerInsights", value="enabled")
    try:
        assert setting(make("defs-account-insights")) == "enabled"
    finally:
        ecs.put_account_setting_default(name="containerInsights", value="disabled")


# Container instances and their attributes


@check
def a_cluster_for_fargate_has_no_instances():
    assert ecs.list_container_instances(cluster=shared())["containerInstanceArns"] == []
    attributes = ecs.list_attributes(cluster=shared(), targetType="container-instance")
    assert attributes["attributes"] == [], attributes


@check
def an_unknown_instance_is_a_failure():
    nobody = "0" * 32
    answer = ecs.describe_container_instances(cluster=shared(), containerInstances=[nobody])
    assert answer["containerInstances"] == [], answer
    assert [one["reason"] for one in answer["failures"]] == ["MISSING"], answer
    refused(
        INVALID,
        ecs.deregister_container_instance,
        cluster=shared(),
        containerInstance=nobody,
    )


@check
def attributes_are_of_instances_that_are_there():
    given = {"name": "rack", "value": "1", "targetType": "container-instance", "targetId": "0" * 32}
    refused("TargetNotFoundException", ecs.put_attributes, cluster=shared(), attributes=[given])
