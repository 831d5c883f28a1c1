import datetime
import functools
import itertools
import re

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


def elb():
    return client("elbv2")


def denied(call, **arguments):
    """Refused, where what AWS says to it is known less well than that it does."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("not refused")


@functools.cache
def vpc():
    """A VPC with an internet gateway and IPv6."""
    ec2 = client("ec2")
    made = ec2.create_vpc(CidrBlock="10.40.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=made["VpcId"])
    return made["VpcId"]


@functools.cache
def subnets():
    """One in each of three zones."""
    return [subnet(zone, f"10.40.{at}.0/24") for at, zone in enumerate(ZONES)]


def subnet(zone, cidr, **more):
    made = client("ec2").create_subnet(VpcId=vpc(), AvailabilityZone=zone, CidrBlock=cidr, **more)
    return made["Subnet"]["SubnetId"]


@functools.cache
def dual_subnets():
    """Two with IPv6."""
    found = client("ec2").describe_vpcs(VpcIds=[vpc()])["Vpcs"][0]
    block = found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].split("::/")[0]
    head, last = block.rsplit(":", 1)
    made = []
    for at, zone in enumerate(ZONES[:2]):
        cidr = f"{head}:{int(last, 16) + at:x}::/64"
        made.append(subnet(zone, f"10.40.{50 + at}.0/24", Ipv6CidrBlock=cidr))
    return made


@functools.cache
def default_subnets():
    """Two of the default VPC, which is another one."""
    wanted = [{"Name": "default-for-az", "Values": ["true"]}]
    found = client("ec2").describe_subnets(Filters=wanted)["Subnets"]
    return [one["SubnetId"] for one in sorted(found, key=lambda one: one["AvailabilityZone"])][:2]


@functools.cache
def default_vpc():
    wanted = [{"Name": "is-default", "Values": ["true"]}]
    return client("ec2").describe_vpcs(Filters=wanted)["Vpcs"][0]["VpcId"]


@functools.cache
def security_group(name="elb-checks", where=None):
    made = client("ec2").create_security_group(
        GroupName=name, Description="checks", VpcId=where or vpc()
    )
    return made["GroupId"]


def balancer(name, **more):
    """A load balancer in two zones, internal unless something else is said."""
    arguments = {"Scheme": "internal", **more}
    if "SubnetMappings" not in arguments:
        arguments.setdefault("Subnets", subnets()[:2])
    return elb().create_load_balancer(Name=name, **arguments)["LoadBalancers"][0]


@functools.cache
def shared():
    """The ARN of an application load balancer for listeners."""
    return balancer("elb-shared")["LoadBalancerArn"]


@functools.cache
def network():
    """The ARN of a network load balancer for listeners."""
    return balancer("elb-network", Type="network")["LoadBalancerArn"]


_ports = itertools.count(1000)


def listener(actions=None, **more):
    """A listener on a port of its own."""
    arguments = {"LoadBalancerArn": shared(), "Protocol": "HTTP", "Port": next(_ports), **more}
    made = elb().create_listener(DefaultActions=actions or [fixed()], **arguments)
    return made["Listeners"][0]


def group(name, **more):
    arguments = {"Protocol": "HTTP", "Port": 80, "VpcId": vpc(), "TargetType": "ip", **more}
    return elb().create_target_group(Name=name, **arguments)["TargetGroups"][0]


def fixed(status="404"):
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status}}


def forward(arn):
    return {"Type": "forward", "TargetGroupArn": arn}


def path(*values):
    return {"Field": "path-pattern", "Values": list(values)}


def rule(of, priority, conditions=None, actions=None, **more):
    made = elb().create_rule(
        ListenerArn=of,
        Priority=priority,
        Conditions=conditions or [path(f"/{priority}")],
        Actions=actions or [fixed()],
        **more,
    )
    return made["Rules"][0]


def unknown(arn):
    """An ARN of the same shape that leads nowhere."""
    return arn[:-16] + "0123456789abcdef"


def attributes(answer):
    return {one["Key"]: one["Value"] for one in answer["Attributes"]}


def described(arn):
    return elb().describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]


def active(arn):
    eventually(lambda: described(arn)["State"]["Code"] == "active")


def tags_of(arn):
    return tags(elb().describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])


@functools.cache
def certificate(domain):
    """The ARN of a certificate that was imported."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.TraditionalOpenSSL
    secret = key.private_bytes(pem, plain, serialization.NoEncryption())
    made = client("acm").import_certificate(Certificate=signed.public_bytes(pem), PrivateKey=secret)
    return made["CertificateArn"]


def https(domain, **more):
    arguments = {"Certificates": [{"CertificateArn": certificate(domain)}], **more}
    return listener(Protocol="HTTPS", **arguments)


# Load balancers


@check
def a_new_load_balancer_comes_back_in_full():
    made = balancer("elb-full", Scheme="internet-facing", SecurityGroups=[security_group()])
    arn = made["LoadBalancerArn"]
    shape = r"arn:aws:elasticloadbalancing:us-east-1:\d{12}:loadbalancer/app/elb-full/[0-9a-f]{16}"
    assert re.fullmatch(shape, arn), arn
    assert re.fullmatch(r"elb-full-\d+\.us-east-1\.elb\.amazonaws\.com", made["DNSName"]), made
    assert made["LoadBalancerName"] == "elb-full"
    assert isinstance(made["CreatedTime"], datetime.datetime)
    assert made["Scheme"] == "internet-facing" and made["Type"] == "application"
    assert made["VpcId"] == vpc() and made["IpAddressType"] == "ipv4"
    assert made["State"]["Code"] == "provisioning", made["State"]
    assert made["SecurityGroups"] == [security_group()]
    zones = {one["ZoneName"]: one for one in made["AvailabilityZones"]}
    assert set(zones) == set(ZONES[:2]), zones
    assert {one["SubnetId"] for one in zones.values()} == set(subnets()[:2])
    assert all(one.get("LoadBalancerAddresses", []) == [] for one in zones.values())


@check
def a_load_balancer_is_in_the_hosted_zone_of_its_type_and_region():
    # AWS General Reference, "Elastic Load Balancing endpoints and quotas".
    assert described(shared())["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"
    assert described(network())["CanonicalHostedZoneId"] == "Z26RNL4JYFTOTI"


@check
def an_internal_load_balancer_says_so_in_its_name():
    assert described(shared())["Scheme"] == "internal"
    assert described(shared())["DNSName"].startswith("internal-elb-shared-")


@check
def a_load_balancer_faces_the_internet_where_nothing_is_said():
    made = elb().create_load_balancer(Name="elb-facing", Subnets=subnets()[:2])
    assert made["LoadBalancers"][0]["Scheme"] == "internet-facing"
    assert not made["LoadBalancers"][0]["DNSName"].startswith("internal-")


@check
def a_load_balancer_is_provisioned_before_it_is_active():
    made = balancer("elb-states")
    assert made["State"]["Code"] == "provisioning"
    active(made["LoadBalancerArn"])
    elb().get_waiter("load_balancer_available").wait(Names=["elb-states"])


@check
def a_load_balancer_without_groups_has_the_default_group():
    wanted = [{"Name": "vpc-id", "Values": [vpc()]}, {"Name": "group-name", "Values": ["default"]}]
    default = client("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"]
    assert described(shared())["SecurityGroups"] == [default]


@check
def load_balancer_names_have_rules():
    create = functools.partial(elb().create_load_balancer, Subnets=subnets()[:2])
    for name in ["x" * 33, "a_b", "a.b", "-a", "a-", "internal-a"]:
        refused("ValidationError", create, Name=name)
    assert balancer("x" * 32)["LoadBalancerName"] == "x" * 32


@check
def a_load_balancer_has_a_scheme_a_type_and_addresses_that_there_are():
    create = functools.partial(elb().create_load_balancer, Name="elb-bad", Subnets=subnets()[:2])
    refused("ValidationError", create, Scheme="public")
    refused("ValidationError", create, Type="classic")
    refused("ValidationError", create, IpAddressType="ipv5")


@check
def an_application_load_balancer_needs_two_zones():
    said = refused(
        "ValidationError", elb().create_load_balancer, Name="elb-one", Subnets=subnets()[:1]
    )
    assert "two different Availability Zones" in said, said
    refused("ValidationError", elb().create_load_balancer, Name="elb-none")


@check
def two_subnets_of_a_zone_are_refused():
    again = subnet(ZONES[0], "10.40.60.0/24")
    places = [*subnets()[:2], again]
    said = refused(
        "InvalidConfigurationRequest", elb().create_load_balancer, Name="elb-zone", Subnets=places
    )
    assert "same Availability Zone" in said, said
    client("ec2").delete_subnet(SubnetId=again)


@check
def an_unknown_subnet_is_refused():
    places = [subnets()[0], "subnet-0123456789abcdef0"]
    refused("SubnetNotFound", elb().create_load_balancer, Name="elb-subnet", Subnets=places)


@check
def subnets_of_two_vpcs_are_refused():
    places = [subnets()[0], default_subnets()[1]]
    refused(
        "InvalidConfigurationRequest", elb().create_load_balancer, Name="elb-vpcs", Subnets=places
    )


@check
def subnets_and_mappings_are_refused_together():
    mappings = [{"SubnetId": one} for one in subnets()[:2]]
    arguments = {"Name": "elb-both", "Subnets": subnets()[:2], "SubnetMappings": mappings}
    refused("ValidationError", elb().create_load_balancer, **arguments)
    made = balancer("elb-mapped", SubnetMappings=mappings)
    assert {one["SubnetId"] for one in made["AvailabilityZones"]} == set(subnets()[:2])


@check
def an_unknown_security_group_is_refused():
    create = functools.partial(elb().create_load_balancer, Name="elb-group", Subnets=subnets()[:2])
    refused("InvalidSecurityGroup", create, SecurityGroups=["sg-0123456789abcdef0"])


@check
def a_security_group_of_another_vpc_is_refused():
    other = security_group("elb-elsewhere", default_vpc())
    create = functools.partial(elb().create_load_balancer, Name="elb-group", Subnets=subnets()[:2])
    refused("InvalidConfigurationRequest", create, SecurityGroups=[other])


@check
def the_internet_needs_a_gateway():
    ec2 = client("ec2")
    lonely = ec2.create_vpc(CidrBlock="10.41.0.0/16")["Vpc"]["VpcId"]
    places = []
    for at, zone in enumerate(ZONES[:2]):
        cidr = f"10.41.{at}.0/24"
        made = ec2.create_subnet(VpcId=lonely, AvailabilityZone=zone, CidrBlock=cidr)
        places.append(made["Subnet"]["SubnetId"])
    try:
        said = refused(
            "InvalidSubnet", elb().create_load_balancer, Name="elb-lonely", Subnets=places
        )
        assert "no internet gateway" in said, said
    finally:
        for one in places:
            ec2.delete_subnet(SubnetId=one)
        ec2.delete_vpc(VpcId=lonely)


@check
def the_same_settings_are_the_same_load_balancer():
    # ELB API, CreateLoadBalancer: idempotent.
    first = balancer("elb-again")
    assert balancer("elb-again")["LoadBalancerArn"] == first["LoadBalancerArn"]


@check
def other_settings_under_the_same_name_are_refused():
    balancer("elb-other")
    said = refused(
        "DuplicateLoadBalancerName",
        elb().create_load_balancer,
        Name="elb-other",
        Subnets=subnets()[1:3],
        Scheme="internal",
    )
    assert "elb-other" in said, said


@check
def load_balancers_are_found_by_name_and_by_arn():
    for how in [{"Names": ["elb-shared"]}, {"LoadBalancerArns": [shared()]}]:
        found = elb().describe_load_balancers(**how)["LoadBalancers"]
        assert [one["LoadBalancerArn"] for one in found] == [shared()], how
    everything = elb().get_paginator("describe_load_balancers").paginate()
    assert shared() in [one["LoadBalancerArn"] for page in everything for one in page["LoadBalancers"]]


@check
def unknown_load_balancers_are_not_found():
    describe = elb().describe_load_balancers
    said = refused("LoadBalancerNotFound", describe, Names=["elb-nowhere"])
    assert "elb-nowhere" in said, said
    refused("LoadBalancerNotFound", describe, Names=["elb-shared", "elb-nowhere"])
    refused("LoadBalancerNotFound", describe, LoadBalancerArns=[unknown(shared())])


@check
def what_is_no_arn_of_a_load_balancer_is_refused():
    for arn in ["elb-shared", shared().replace("loadbalancer/", "balancer/")]:
        refused("ValidationError", elb().describe_load_balancers, LoadBalancerArns=[arn])
    refused("ValidationError", elb().describe_load_balancer_attributes, LoadBalancerArn="elb-shared")


@check
def load_balancers_come_in_pages():
    shared(), network()
    first = elb().describe_load_balancers(PageSize=1)
    assert len(first["LoadBalancers"]) == 1 and first["NextMarker"]
    second = elb().describe_load_balancers(PageSize=1, Marker=first["NextMarker"])
    assert second["LoadBalancers"][0] != first["LoadBalancers"][0]
    last = elb().describe_load_balancers()
    assert not last.get("NextMarker"), last.get("NextMarker")


@check
def a_page_has_at_most_400_load_balancers():
    refused("ValidationError", elb().describe_load_balancers, PageSize=401)


@check
def a_protected_load_balancer_stays():
    arn = balancer("elb-protected")["LoadBalancerArn"]
    key = "deletion_protection.enabled"

    def protect(value):
        set_to = [{"Key": key, "Value": value}]
        elb().modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=set_to)

    protect("true")
    said = refused("OperationNotPermitted", elb().delete_load_balancer, LoadBalancerArn=arn)
    assert "deletion protection" in said, said
    protect("false")
    elb().delete_load_balancer(LoadBalancerArn=arn)
    refused("LoadBalancerNotFound", elb().describe_load_balancers, LoadBalancerArns=[arn])


@check
def a_load_balancer_can_be_deleted_twice():
    # ELB API, DeleteLoadBalancer: "If the load balancer does not exist, … the call succeeds".
    arn = balancer("elb-twice")["LoadBalancerArn"]
    elb().delete_load_balancer(LoadBalancerArn=arn)
    elb().delete_load_balancer(LoadBalancerArn=arn)
    refused("LoadBalancerNotFound", elb().describe_load_balancer_attributes, LoadBalancerArn=arn)
    elb().get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn])


@check
def listeners_and_rules_go_with_their_load_balancer():
    arn = balancer("elb-goes")["LoadBalancerArn"]
    to = group("elb-goes")["TargetGroupArn"]
    port = listener([forward(to)], LoadBalancerArn=arn)["ListenerArn"]
    one = rule(port, 1)["RuleArn"]
    elb().delete_load_balancer(LoadBalancerArn=arn)
    refused("ListenerNotFound", elb().describe_listeners, ListenerArns=[port])
    refused("RuleNotFound", elb().describe_rules, RuleArns=[one])
    refused("LoadBalancerNotFound", elb().describe_listeners, LoadBalancerArn=arn)
    found = elb().describe_target_groups(TargetGroupArns=[to])["TargetGroups"][0]
    assert found["LoadBalancerArns"] == []
    elb().delete_target_group(TargetGroupArn=to)


@check
def attributes_of_an_application_load_balancer_have_defaults():
    arn = balancer("elb-defaults", Scheme="internet-facing")["LoadBalancerArn"]
    found = attributes(elb().describe_load_balancer_attributes(LoadBalancerArn=arn))
    for key, value in {
        "access_logs.s3.enabled": "false",
        "access_logs.s3.bucket": "",
        "access_logs.s3.prefix": "",
        "connection_logs.s3.enabled": "false",
        "idle_timeout.timeout_seconds": "60",
        "client_keep_alive.seconds": "3600",
        "deletion_protection.enabled": "false",
        "routing.http2.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "waf.fail_open.enabled": "false",
        "load_balancing.cross_zone.enabled": "true",
        "zonal_shift.config.enabled": "false",
        "ipv6.deny_all_igw_traffic": "false",
    }.items():
        assert found.get(key) == value, (key, found.get(key))


@check
def attributes_of_a_network_load_balancer_have_defaults():
    found = attributes(elb().describe_load_balancer_attributes(LoadBalancerArn=network()))
    for key, value in {
        "access_logs.s3.enabled": "false",
        "deletion_protection.enabled": "false",
        "load_balancing.cross_zone.enabled": "false",
        "dns_record.client_routing_policy": "any_availability_zone",
        "zonal_shift.config.enabled": "false",
    }.items():
        assert found.get(key) == value, (key, found.get(key))
    assert "idle_timeout.timeout_seconds" not in found


@check
def attributes_of_a_load_balancer_can_be_set():
    arn = balancer("elb-attributes")["LoadBalancerArn"]
    wanted = {
        "idle_timeout.timeout_seconds": "120",
        "routing.http2.enabled": "false",
        "routing.http.desync_mitigation_mode": "strictest",
        "client_keep_alive.seconds": "60",
    }
    listed = [{"Key": key, "Value": value} for key, value in wanted.items()]
    answer = elb().modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=listed)
    assert wanted.items() <= attributes(answer).items(), answer
    kept = attributes(elb().describe_load_balancer_attributes(LoadBalancerArn=arn))
    assert wanted.items() <= kept.items()
    assert kept["deletion_protection.enabled"] == "false"


@check
def attributes_of_a_load_balancer_are_checked():
    modify = functools.partial(elb().modify_load_balancer_attributes, LoadBalancerArn=shared())
    for key, value in [
        ("colour", "red"),
        ("idle_timeout.timeout_seconds", "4001"),
        ("idle_timeout.timeout_seconds", "soon"),
        ("routing.http2.enabled", "yes"),
        ("routing.http.desync_mitigation_mode", "lazy"),
    ]:
        refused("ValidationError", modify, Attributes=[{"Key": key, "Value": value}])
    refused("ValidationError", modify, Attributes=[])


@check
def an_application_load_balancer_always_balances_across_zones():
    # ELB API, LoadBalancerAttribute: always true for application load balancers.
    off = [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}]
    modify = elb().modify_load_balancer_attributes
    denied(modify, LoadBalancerArn=shared(), Attributes=off)
    on = [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
    answer = modify(LoadBalancerArn=network(), Attributes=on)
    assert attributes(answer)["load_balancing.cross_zone.enabled"] == "true"
    modify(LoadBalancerArn=network(), Attributes=off)


@check
def security_groups_are_replaced():
    arn = balancer("elb-groups")["LoadBalancerArn"]
    wanted = [security_group(), security_group("elb-checks-2")]
    answer = elb().set_security_groups(LoadBalancerArn=arn, SecurityGroups=wanted)
    assert set(answer["SecurityGroupIds"]) == set(wanted), answer
    assert set(described(arn)["SecurityGroups"]) == set(wanted)


@check
def security_groups_of_a_load_balancer_exist():
    change = functools.partial(elb().set_security_groups, LoadBalancerArn=shared())
    refused("InvalidSecurityGroup", change, SecurityGroups=["sg-0123456789abcdef0"])
    other = security_group("elb-elsewhere", default_vpc())
    refused("InvalidConfigurationRequest", change, SecurityGroups=[other])
    groups = [security_group()]
    refused(
        "LoadBalancerNotFound",
        elb().set_security_groups,
        LoadBalancerArn=unknown(shared()),
        SecurityGroups=groups,
    )


@check
def subnets_are_replaced():
    arn = balancer("elb-subnets")["LoadBalancerArn"]
    answer = elb().set_subnets(LoadBalancerArn=arn, Subnets=subnets()[1:3])
    zones = {one["ZoneName"]: one["SubnetId"] for one in answer["AvailabilityZones"]}
    assert zones == dict(zip(ZONES[1:3], subnets()[1:3])), zones
    assert answer["IpAddressType"] == "ipv4"
    kept = {one["SubnetId"] for one in described(arn)["AvailabilityZones"]}
    assert kept == set(subnets()[1:3])


@check
def replaced_subnets_have_the_same_rules():
    change = functools.partial(elb().set_subnets, LoadBalancerArn=shared())
    refused("ValidationError", change, Subnets=subnets()[:1])
    refused("SubnetNotFound", change, Subnets=[subnets()[0], "subnet-0123456789abcdef0"])
    refused("InvalidConfigurationRequest", change, Subnets=default_subnets())
    other = {"LoadBalancerArn": unknown(shared()), "Subnets": subnets()[:2]}
    refused("LoadBalancerNotFound", elb().set_subnets, **other)


@check
def both_protocols_need_subnets_with_ipv6():
    create = functools.partial(elb().create_load_balancer, Name="elb-dual-bad", Scheme="internal")
    said = refused("ValidationError", create, Subnets=subnets()[:2], IpAddressType="dualstack")
    assert "IPv6" in said, said
    change = {"LoadBalancerArn": shared(), "IpAddressType": "dualstack"}
    refused("ValidationError", elb().set_ip_address_type, **change)


@check
def a_load_balancer_can_have_both_protocols():
    made = balancer("elb-dual", Subnets=dual_subnets(), IpAddressType="dualstack")
    arn = made["LoadBalancerArn"]
    assert made["IpAddressType"] == "dualstack"
    for wanted in ["ipv4", "dualstack"]:
        answer = elb().set_ip_address_type(LoadBalancerArn=arn, IpAddressType=wanted)
        assert answer["IpAddressType"] == wanted
        assert described(arn)["IpAddressType"] == wanted
    refused(
        "ValidationError", elb().set_ip_address_type, LoadBalancerArn=arn, IpAddressType="ipv6"
    )


@check
def an_ipv6_target_group_needs_a_load_balancer_with_both_protocols():
    # aws-load-balancer tools report: "You cannot associate an IPv6 target group with a load
    # balancer that has an 'ipv4' IP address type".
    six = group("elb-six", IpAddressType="ipv6")
    assert six["IpAddressType"] == "ipv6"
    denied(
        elb().create_listener,
        LoadBalancerArn=shared(),
        Protocol="HTTP",
        Port=next(_ports),
        DefaultActions=[forward(six["TargetGroupArn"])],
    )
    both = balancer("elb-six", Subnets=dual_subnets(), IpAddressType="dualstack")
    made = listener([forward(six["TargetGroupArn"])], LoadBalancerArn=both["LoadBalancerArn"])
    assert made["DefaultActions"][0]["TargetGroupArn"] == six["TargetGroupArn"]


@check
def the_interfaces_of_a_load_balancer_are_its_own():
    arn = balancer("elb-interfaces")["LoadBalancerArn"]
    path_of = arn.split("loadbalancer/")[1]
    wanted = [{"Name": "description", "Values": [f"ELB {path_of}"]}]
    describe = functools.partial(client("ec2").describe_network_interfaces, Filters=wanted)
    found = eventually(lambda: describe()["NetworkInterfaces"], seconds=3)
    assert {one["SubnetId"] for one in found} == set(subnets()[:2])
    assert all(one["RequesterId"] == "amazon-elb" for one in found)
    assert all(one["RequesterManaged"] and one["Status"] == "in-use" for one in found)
    elb().delete_load_balancer(LoadBalancerArn=arn)
    eventually(lambda: not describe()["NetworkInterfaces"])


@check
def a_subnet_and_a_group_stay_while_a_load_balancer_has_them():
    ec2 = client("ec2")
    places = [subnet(zone, f"10.40.{70 + at}.0/24") for at, zone in enumerate(ZONES[:2])]
    inside = ec2.create_security_group(GroupName="elb-inside", Description="x", VpcId=vpc())
    inside = inside["GroupId"]
    arn = balancer("elb-holds", Subnets=places, SecurityGroups=[inside])["LoadBalancerArn"]
    active(arn)
    refused("DependencyViolation", ec2.delete_subnet, SubnetId=places[0])
    refused("DependencyViolation", ec2.delete_security_group, GroupId=inside)
    elb().delete_load_balancer(LoadBalancerArn=arn)

    def gone(call, **arguments):
        try:
            call(**arguments)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "DependencyViolation", error
            return False
        return True

    eventually(lambda: gone(ec2.delete_security_group, GroupId=inside))
    for one in places:
        eventually(lambda: gone(ec2.delete_subnet, SubnetId=one))


@check
def a_network_load_balancer_is_content_with_one_zone():
    made = balancer("elb-net", Type="network", Subnets=subnets()[:1])
    assert "/net/elb-net/" in made["LoadBalancerArn"] and made["Type"] == "network"
    hexes = made["LoadBalancerArn"].rsplit("/", 1)[1]
    assert made["DNSName"] == f"elb-net-{hexes}.elb.us-east-1.amazonaws.com", made["DNSName"]
    assert not made.get("SecurityGroups"), made
    assert [one["SubnetId"] for one in made["AvailabilityZones"]] == subnets()[:1]


@check
def a_network_load_balancer_has_groups_from_the_start_or_never():
    # ELB API, SetSecurityGroups.
    change = elb().set_security_groups
    groups = [security_group()]
    refused(
        "InvalidConfigurationRequest", change, LoadBalancerArn=network(), SecurityGroups=groups
    )
    made = balancer("elb-net-groups", Type="network", SecurityGroups=groups)
    assert made["SecurityGroups"] == groups
    other = [security_group("elb-checks-2")]
    answer = change(LoadBalancerArn=made["LoadBalancerArn"], SecurityGroups=other)
    assert answer["SecurityGroupIds"] == other


@check
def a_network_load_balancer_can_have_elastic_ip_addresses():
    ec2 = client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    allocation = address["AllocationId"]
    mapping = [{"SubnetId": subnets()[0], "AllocationId": allocation}]
    arguments = {"Type": "network", "Scheme": "internet-facing", "SubnetMappings": mapping}
    made = balancer("elb-elastic", **arguments)
    arn = made["LoadBalancerArn"]
    given = described(arn)["AvailabilityZones"][0]["LoadBalancerAddresses"]
    assert given[0]["AllocationId"] == allocation, given
    assert given[0]["IpAddress"] == address["PublicIp"], given
    create = elb().create_load_balancer
    refused("ResourceInUse", create, Name="elb-elastic-2", **arguments)
    elb().delete_load_balancer(LoadBalancerArn=arn)
    released = functools.partial(ec2.describe_addresses, AllocationIds=[allocation])
    eventually(lambda: not released()["Addresses"][0].get("AssociationId"))
    ec2.release_address(AllocationId=allocation)
    refused("AllocationIdNotFound", create, Name="elb-elastic-3", **arguments)


@check
def a_network_load_balancer_can_have_private_addresses():
    # A subnet of its own: in another one somebody may have been given the address.
    mapping = [{"SubnetId": subnet(ZONES[0], "10.40.80.0/24"), "PrivateIPv4Address": "10.40.80.200"}]
    made = balancer("elb-private", Type="network", SubnetMappings=mapping)
    given = made["AvailabilityZones"][0]["LoadBalancerAddresses"]
    assert given[0]["PrivateIPv4Address"] == "10.40.80.200", given
    denied(
        elb().create_load_balancer,
        Name="elb-private-2",
        Type="network",
        Scheme="internal",
        SubnetMappings=[{"SubnetId": subnets()[0], "PrivateIPv4Address": "10.99.0.1"}],
    )


# Target groups


@check
def a_new_target_group_comes_back_in_full():
    made = group("elb-web")
    shape = r"arn:aws:elasticloadbalancing:us-east-1:\d{12}:targetgroup/elb-web/[0-9a-f]{16}"
    assert re.fullmatch(shape, made["TargetGroupArn"]), made["TargetGroupArn"]
    expected = {
        "TargetGroupName": "elb-web",
        "Protocol": "HTTP",
        "ProtocolVersion": "HTTP1",
        "Port": 80,
        "VpcId": vpc(),
        "TargetType": "ip",
        "IpAddressType": "ipv4",
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "Matcher": {"HttpCode": "200"},
    }
    for key, value in expected.items():
        assert made.get(key) == value, (key, made.get(key))
    found = elb().describe_target_groups(TargetGroupArns=[made["TargetGroupArn"]])
    assert expected.items() <= found["TargetGroups"][0].items()
    assert found["TargetGroups"][0]["LoadBalancerArns"] == []


@check
def targets_are_instances_where_nothing_is_said():
    made = elb().create_target_group(Name="elb-instance", Protocol="HTTP", Port=80, VpcId=vpc())
    assert made["TargetGroups"][0]["TargetType"] == "instance"


@check
def a_target_group_of_grpc_has_defaults_of_its_own():
    made = group("elb-grpc", ProtocolVersion="GRPC")
    assert made["ProtocolVersion"] == "GRPC"
    assert made["HealthCheckPath"] == "/AWS.ALB/healthcheck", made["HealthCheckPath"]
    assert made["Matcher"] == {"GrpcCode": "12"}, made["Matcher"]


@check
def a_target_group_of_tcp_has_defaults_of_its_own():
    made = group("elb-tcp", Protocol="TCP")
    assert made["HealthCheckProtocol"] == "TCP" and made["HealthCheckTimeoutSeconds"] == 10, made
    assert made["HealthCheckIntervalSeconds"] == 30
    assert (made["HealthyThresholdCount"], made["UnhealthyThresholdCount"]) == (5, 2), made
    assert "HealthCheckPath" not in made and "Matcher" not in made
    assert "ProtocolVersion" not in made
    # NLB guide, "Health checks": 6 seconds and 200-399 for HTTP.
    made = group("elb-tcp-http", Protocol="TCP", HealthCheckProtocol="HTTP")
    assert made["HealthCheckTimeoutSeconds"] == 6 and made["HealthCheckPath"] == "/"
    assert made["Matcher"] == {"HttpCode": "200-399"}, made["Matcher"]


@check
def a_target_group_of_functions_is_nowhere():
    made = elb().create_target_group(Name="elb-lambda", TargetType="lambda")["TargetGroups"][0]
    assert not {"Protocol", "Port", "VpcId"} & set(made), made
    assert made["HealthCheckEnabled"] is False
    assert made["HealthCheckIntervalSeconds"] == 35 and made["HealthCheckTimeoutSeconds"] == 30
    denied(elb().create_target_group, Name="elb-lambda-2", TargetType="lambda", Port=80)


@check
def a_health_check_is_kept_as_it_was_wanted():
    wanted = {
        "HealthCheckProtocol": "HTTPS",
        "HealthCheckPort": "8443",
        "HealthCheckPath": "/health?deep=1",
        "HealthCheckIntervalSeconds": 15,
        "HealthCheckTimeoutSeconds": 10,
        "HealthyThresholdCount": 3,
        "UnhealthyThresholdCount": 4,
        "Matcher": {"HttpCode": "200,301-304"},
    }
    made = group("elb-health", **wanted)
    assert wanted.items() <= made.items(), made


@check
def a_health_check_can_be_changed():
    arn = group("elb-change")["TargetGroupArn"]
    changed = elb().modify_target_group(
        TargetGroupArn=arn,
        HealthCheckPath="/up",
        HealthCheckIntervalSeconds=10,
        HealthyThresholdCount=2,
        Matcher={"HttpCode": "204"},
    )["TargetGroups"][0]
    assert changed["HealthCheckPath"] == "/up" and changed["HealthCheckIntervalSeconds"] == 10
    assert changed["HealthyThresholdCount"] == 2 and changed["Matcher"] == {"HttpCode": "204"}
    assert changed["HealthCheckTimeoutSeconds"] == 5 and changed["UnhealthyThresholdCount"] == 2
    found = elb().describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert found == changed
    refused("TargetGroupNotFound", elb().modify_target_group, TargetGroupArn=unknown(arn))


@check
def target_group_names_have_rules():
    create = functools.partial(
        elb().create_target_group, Protocol="HTTP", Port=80, VpcId=vpc(), TargetType="ip"
    )
    for name in ["x" * 33, "a_b", "a.b", "-a", "a-"]:
        refused("ValidationError", create, Name=name)


@check
def a_target_group_has_protocol_port_and_vpc():
    whole = {"Name": "elb-part", "Protocol": "HTTP", "Port": 80, "VpcId": vpc()}
    for left in ["Protocol", "Port", "VpcId"]:
        part = {key: value for key, value in whole.items() if key != left}
        refused("ValidationError", elb().create_target_group, **part)


@check
def a_target_group_has_values_that_there_are():
    whole = {"Name": "elb-bad", "Protocol": "HTTP", "Port": 80, "VpcId": vpc(), "TargetType": "ip"}
    for wrong in [
        {"Protocol": "FTP"},
        {"Port": 70000},
        {"TargetType": "task"},
        {"ProtocolVersion": "HTTP3"},
        {"IpAddressType": "ipv5"},
        {"HealthCheckIntervalSeconds": 301},
        {"HealthCheckTimeoutSeconds": 121},
        {"HealthyThresholdCount": 11},
        {"UnhealthyThresholdCount": 11},
        {"HealthCheckProtocol": "FTP"},
        {"HealthCheckPath": "up"},
        {"Matcher": {"HttpCode": "600"}},
        {"Matcher": {"HttpCode": "ok"}},
    ]:
        code = denied(elb().create_target_group, **{**whole, **wrong})
        assert code == "ValidationError", (wrong, code)


@check
def a_health_check_may_not_last_longer_than_its_interval():
    create = functools.partial(group, "elb-long")
    same = {"HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 10}
    refused("ValidationError", create, **same)
    assert group("elb-short", HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=9)


@check
def a_check_by_tcp_has_neither_path_nor_matcher():
    # awsdocs/aws-cloudformation-user-guide#186 has code and message.
    create = functools.partial(group, "elb-tcp-bad", Protocol="TCP")
    said = refused("InvalidConfigurationRequest", create, Matcher={"HttpCode": "200"})
    assert "not supported for TCP health checks" in said, said
    denied(create, HealthCheckPath="/")


@check
def an_unknown_vpc_is_refused():
    refused("ValidationError", functools.partial(group, "elb-vpc"), VpcId="vpc-0123456789abcdef0")


@check
def the_same_settings_are_the_same_target_group():
    first = group("elb-same")
    assert group("elb-same")["TargetGroupArn"] == first["TargetGroupArn"]
    refused("DuplicateTargetGroupName", functools.partial(group, "elb-same"), Port=81)


@check
def target_groups_are_found_by_name_arn_and_load_balancer():
    to = group("elb-find")["TargetGroupArn"]
    arn = balancer("elb-find")["LoadBalancerArn"]
    listener([forward(to)], LoadBalancerArn=arn)
    for how in [{"Names": ["elb-find"]}, {"TargetGroupArns": [to]}, {"LoadBalancerArn": arn}]:
        found = elb().describe_target_groups(**how)["TargetGroups"]
        assert [one["TargetGroupArn"] for one in found] == [to], how
        assert found[0]["LoadBalancerArns"] == [arn]


@check
def unknown_target_groups_are_not_found():
    arn = group("elb-known")["TargetGroupArn"]
    describe = elb().describe_target_groups
    refused("TargetGroupNotFound", describe, Names=["elb-nowhere"])
    refused("TargetGroupNotFound", describe, Names=["elb-known", "elb-nowhere"])
    refused("TargetGroupNotFound", describe, TargetGroupArns=[unknown(arn)])
    refused("LoadBalancerNotFound", describe, LoadBalancerArn=unknown(shared()))
    refused("ValidationError", describe, TargetGroupArns=["elb-known"])
    for call in [elb().describe_target_group_attributes, elb().describe_target_health]:
        refused("TargetGroupNotFound", call, TargetGroupArn=unknown(arn))


@check
def target_groups_come_in_pages():
    for at in range(3):
        group(f"elb-page-{at}")
    pages = elb().get_paginator("describe_target_groups").paginate(
        PaginationConfig={"PageSize": 2}
    )
    pages = [[one["TargetGroupName"] for one in page["TargetGroups"]] for page in pages]
    assert all(len(page) <= 2 for page in pages), pages
    names = [name for page in pages for name in page]
    assert {"elb-page-0", "elb-page-1", "elb-page-2"} <= set(names)
    assert len(names) == len(set(names))


@check
def a_target_group_in_use_stays():
    to = group("elb-used")["TargetGroupArn"]
    port = listener([forward(to)])["ListenerArn"]
    said = refused("ResourceInUse", elb().delete_target_group, TargetGroupArn=to)
    assert "in use by a listener or a rule" in said, said
    elb().delete_listener(ListenerArn=port)
    elb().delete_target_group(TargetGroupArn=to)
    refused("TargetGroupNotFound", elb().describe_target_groups, TargetGroupArns=[to])


@check
def a_target_group_of_a_rule_stays():
    to = group("elb-ruled")["TargetGroupArn"]
    one = rule(listener()["ListenerArn"], 1, actions=[forward(to)])["RuleArn"]
    refused("ResourceInUse", elb().delete_target_group, TargetGroupArn=to)
    elb().modify_rule(RuleArn=one, Actions=[fixed()])
    elb().delete_target_group(TargetGroupArn=to)


@check
def a_target_group_is_of_one_load_balancer():
    to = group("elb-single")["TargetGroupArn"]
    listener([forward(to)])
    arn = balancer("elb-single")["LoadBalancerArn"]
    create = functools.partial(listener, LoadBalancerArn=arn)
    said = refused("TargetGroupAssociationLimit", create, actions=[forward(to)])
    assert "cannot be associated with more than one load balancer" in said, said
    port = listener(LoadBalancerArn=arn)["ListenerArn"]
    refused(
        "TargetGroupAssociationLimit", functools.partial(rule, port, 1), actions=[forward(to)]
    )


@check
def attributes_of_a_target_group_have_defaults():
    arn = group("elb-tg-defaults")["TargetGroupArn"]
    found = attributes(elb().describe_target_group_attributes(TargetGroupArn=arn))
    for key, value in {
        "deregistration_delay.timeout_seconds": "300",
        "stickiness.enabled": "false",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "86400",
        "stickiness.app_cookie.duration_seconds": "86400",
        "stickiness.app_cookie.cookie_name": "",
        "slow_start.duration_seconds": "0",
        "load_balancing.algorithm.type": "round_robin",
        "load_balancing.algorithm.anomaly_mitigation": "off",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
        "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
        "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
    }.items():
        assert found.get(key) == value, (key, found.get(key))


@check
def attributes_of_a_network_target_group_have_defaults():
    arn = group("elb-net-defaults", Protocol="TCP")["TargetGroupArn"]
    found = attributes(elb().describe_target_group_attributes(TargetGroupArn=arn))
    for key, value in {
        "deregistration_delay.timeout_seconds": "300",
        "deregistration_delay.connection_termination.enabled": "false",
        "stickiness.enabled": "false",
        "stickiness.type": "source_ip",
        "proxy_protocol_v2.enabled": "false",
        "preserve_client_ip.enabled": "false",
        "target_health_state.unhealthy.connection_termination.enabled": "true",
    }.items():
        assert found.get(key) == value, (key, found.get(key))
    arn = group("elb-net-instance", Protocol="TCP", TargetType="instance")["TargetGroupArn"]
    found = attributes(elb().describe_target_group_attributes(TargetGroupArn=arn))
    assert found["preserve_client_ip.enabled"] == "true"


@check
def a_function_has_one_attribute():
    made = elb().create_target_group(Name="elb-lambda-keys", TargetType="lambda")["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    found = attributes(elb().describe_target_group_attributes(TargetGroupArn=arn))
    assert found["lambda.multi_value_headers.enabled"] == "false", found
    assert "deregistration_delay.timeout_seconds" not in found


@check
def attributes_of_a_target_group_can_be_set():
    arn = group("elb-tg-set")["TargetGroupArn"]
    wanted = {
        "deregistration_delay.timeout_seconds": "5",
        "stickiness.enabled": "true",
        "stickiness.type": "app_cookie",
        "stickiness.app_cookie.cookie_name": "SESSION",
        "load_balancing.algorithm.type": "least_outstanding_requests",
    }
    listed = [{"Key": key, "Value": value} for key, value in wanted.items()]
    answer = elb().modify_target_group_attributes(TargetGroupArn=arn, Attributes=listed)
    assert wanted.items() <= attributes(answer).items(), answer
    kept = attributes(elb().describe_target_group_attributes(TargetGroupArn=arn))
    assert wanted.items() <= kept.items() and kept["slow_start.duration_seconds"] == "0"


@check
def attributes_of_a_target_group_are_checked():
    arn = group("elb-tg-bad")["TargetGroupArn"]
    modify = functools.partial(elb().modify_target_group_attributes, TargetGroupArn=arn)
    for key, value in [
        ("colour", "red"),
        ("deregistration_delay.timeout_seconds", "3601"),
        ("deregistration_delay.timeout_seconds", "-1"),
        ("slow_start.duration_seconds", "29"),
        ("stickiness.enabled", "yes"),
        ("load_balancing.algorithm.type", "random"),
    ]:
        refused("ValidationError", modify, Attributes=[{"Key": key, "Value": value}])


@check
def mitigation_of_anomalies_goes_with_weighted_random():
    # ELB API, TargetGroupAttribute.
    arn = group("elb-anomaly")["TargetGroupArn"]
    modify = functools.partial(elb().modify_target_group_attributes, TargetGroupArn=arn)
    on = {"Key": "load_balancing.algorithm.anomaly_mitigation", "Value": "on"}
    denied(modify, Attributes=[on])
    by = {"Key": "load_balancing.algorithm.type", "Value": "weighted_random"}
    assert attributes(modify(Attributes=[by, on]))[on["Key"]] == "on"


# Targets


def health(arn, **more):
    return elb().describe_target_health(TargetGroupArn=arn, **more)["TargetHealthDescriptions"]


@check
def a_target_without_a_load_balancer_is_unused():
    arn = group("elb-unused", Port=8080)["TargetGroupArn"]
    assert health(arn) == []
    elb().register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.40.0.100"}])
    (one,) = health(arn)
    assert one["Target"]["Id"] == "10.40.0.100" and one["Target"]["Port"] == 8080, one
    assert one["Target"]["AvailabilityZone"] == ZONES[0], one
    assert one["HealthCheckPort"] == "8080", one
    assert one["TargetHealth"]["State"] == "unused", one
    assert one["TargetHealth"]["Reason"] == "Target.NotInUse", one
    assert one["TargetHealth"]["Description"], one


@check
def a_target_is_what_its_id_and_port_are():
    arn = group("elb-ports")["TargetGroupArn"]
    register = functools.partial(elb().register_targets, TargetGroupArn=arn)
    for port in [80, 81, 80]:
        register(Targets=[{"Id": "10.40.1.100", "Port": port}])
    assert sorted(one["Target"]["Port"] for one in health(arn)) == [80, 81]
    elb().deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "10.40.1.100", "Port": 81}])
    assert [one["Target"]["Port"] for one in health(arn)] == [80]


@check
def a_target_that_is_not_registered_can_be_asked_for_and_deregistered():
    arn = group("elb-strange")["TargetGroupArn"]
    targets = [{"Id": "10.40.0.101", "Port": 80}]
    (one,) = health(arn, Targets=targets)
    assert one["TargetHealth"]["State"] == "unused", one
    assert one["TargetHealth"]["Reason"] == "Target.NotRegistered", one
    # ELB API, DeregisterTargets: "If the specified target does not exist, the action returns
    # successfully."
    elb().deregister_targets(TargetGroupArn=arn, Targets=targets)


@check
def an_address_outside_of_the_vpc_needs_a_zone():
    # aws-load-balancer-controller#3714 and #561 have both messages.
    arn = group("elb-outside")["TargetGroupArn"]
    register = functools.partial(elb().register_targets, TargetGroupArn=arn)
    refused("ValidationError", register, Targets=[{"Id": "10.99.0.1"}])
    register(Targets=[{"Id": "10.99.0.1", "AvailabilityZone": "all"}])
    assert health(arn)[0]["Target"]["AvailabilityZone"] == "all"
    own = [{"Id": "10.40.0.102", "AvailabilityZone": "all"}]
    said = refused("ValidationError", register, Targets=own)
    assert "cannot have its Availability Zone overridden" in said, said


@check
def what_is_no_target_is_refused():
    arn = group("elb-no-target")["TargetGroupArn"]
    register = elb().register_targets
    for target in ["server", "300.1.1.1", "i-0123456789abcdef0"]:
        denied(register, TargetGroupArn=arn, Targets=[{"Id": target}])
    denied(register, TargetGroupArn=arn, Targets=[{"Id": "10.40.0.103", "Port": 70000}])
    instances = group("elb-instances", TargetType="instance")["TargetGroupArn"]
    missing = [{"Id": "i-0123456789abcdef0"}]
    refused("InvalidTarget", register, TargetGroupArn=instances, Targets=missing)


@check
def targets_are_of_target_groups_that_exist():
    arn = unknown(group("elb-some")["TargetGroupArn"])
    targets = [{"Id": "10.40.0.104"}]
    for call in [elb().register_targets, elb().deregister_targets]:
        refused("TargetGroupNotFound", call, TargetGroupArn=arn, Targets=targets)


@check
def a_target_that_nobody_is_becomes_unhealthy_and_drains():
    arn = balancer("elb-drain")["LoadBalancerArn"]
    to = group("elb-drain")["TargetGroupArn"]
    listener([forward(to)], LoadBalancerArn=arn)
    targets = [{"Id": "10.40.0.105", "Port": 80}]
    elb().register_targets(TargetGroupArn=to, Targets=targets)
    state = lambda: health(to)[0]["TargetHealth"]
    assert state()["State"] in ("initial", "unhealthy"), state()
    assert state()["Reason"].startswith(("Elb.", "Target.")), state()
    active(arn)
    eventually(lambda: state()["State"] == "unhealthy")
    assert state()["Reason"] == "Target.Timeout", state()
    elb().deregister_targets(TargetGroupArn=to, Targets=targets)
    assert state()["State"] == "draining", state()
    assert state()["Reason"] == "Target.DeregistrationInProgress", state()
    eventually(lambda: health(to) == [])


@check
def a_target_in_a_zone_without_the_load_balancer_is_unused():
    arn = balancer("elb-zone-2")["LoadBalancerArn"]
    to = group("elb-zone-2")["TargetGroupArn"]
    listener([forward(to)], LoadBalancerArn=arn)
    elb().register_targets(TargetGroupArn=to, Targets=[{"Id": "10.40.2.100"}])
    (one,) = health(to)
    assert one["TargetHealth"]["State"] == "unused", one
    assert one["TargetHealth"]["Reason"] == "Target.NotInUse", one
    elb().set_subnets(LoadBalancerArn=arn, Subnets=subnets())
    assert health(to)[0]["TargetHealth"]["State"] != "unused"


# Listeners


@check
def a_new_listener_comes_back_in_full():
    to = group("elb-listener")["TargetGroupArn"]
    made = listener([forward(to)], Port=80)
    shape = shared().replace(":loadbalancer/", ":listener/") + r"/[0-9a-f]{16}"
    assert re.fullmatch(shape, made["ListenerArn"]), made["ListenerArn"]
    assert made["LoadBalancerArn"] == shared()
    assert made["Protocol"] == "HTTP" and made["Port"] == 80
    assert not {"Certificates", "SslPolicy", "AlpnPolicy"} & set(made), made
    (action,) = made["DefaultActions"]
    assert action["Type"] == "forward" and action["TargetGroupArn"] == to


@check
def a_forward_is_read_back_in_both_forms():
    to = group("elb-forms")["TargetGroupArn"]
    config = {"TargetGroups": [{"TargetGroupArn": to}]}
    for action in [forward(to), {"Type": "forward", "ForwardConfig": config}]:
        (found,) = listener([action])["DefaultActions"]
        assert found["TargetGroupArn"] == to, found
        assert found["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": to, "Weight": 1}]
        assert found["ForwardConfig"]["TargetGroupStickinessConfig"]["Enabled"] is False


@check
def a_forward_can_be_weighted():
    one, two = (group(f"elb-weight-{at}")["TargetGroupArn"] for at in range(2))
    groups = [{"TargetGroupArn": one, "Weight": 9}, {"TargetGroupArn": two, "Weight": 1}]
    sticky = {"Enabled": True, "DurationSeconds": 60}
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}
    (found,) = listener([{"Type": "forward", "ForwardConfig": config}])["DefaultActions"]
    by_group = lambda listed: sorted(listed, key=lambda each: each["TargetGroupArn"])
    assert by_group(found["ForwardConfig"]["TargetGroups"]) == by_group(groups)
    assert found["ForwardConfig"]["TargetGroupStickinessConfig"] == sticky
    assert "TargetGroupArn" not in found
    too_heavy = [{"TargetGroupArn": one, "Weight": 1000}]
    heavy = {"Type": "forward", "ForwardConfig": {"TargetGroups": too_heavy}}
    refused("ValidationError", listener, actions=[heavy])


@check
def a_redirect_says_what_stays():
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    (found,) = listener([{"Type": "redirect", "RedirectConfig": config}])["DefaultActions"]
    assert found["RedirectConfig"] == {
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    }, found


@check
def a_redirect_leads_somewhere_else():
    redirect = lambda **config: [{"Type": "redirect", "RedirectConfig": config}]
    refused("InvalidLoadBalancerAction", listener, actions=redirect(StatusCode="HTTP_301"))
    refused("ValidationError", listener, actions=redirect(Path="/x", StatusCode="HTTP_303"))
    refused("ValidationError", listener, actions=redirect(Port="http", StatusCode="HTTP_301"))
    refused("ValidationError", listener, actions=redirect(Path="x", StatusCode="HTTP_301"))
    denied(listener, actions=[{"Type": "redirect"}])


@check
def a_fixed_response_is_read_back():
    config = {"StatusCode": "503", "ContentType": "application/json", "MessageBody": "{}"}
    (found,) = listener([{"Type": "fixed-response", "FixedResponseConfig": config}])[
        "DefaultActions"
    ]
    assert found["FixedResponseConfig"] == config, found
    for wrong, code in [
        ({"StatusCode": "302"}, "ValidationError"),
        ({"ContentType": "image/png"}, "InvalidLoadBalancerAction"),
        ({"MessageBody": "x" * 1025}, "ValidationError"),
    ]:
        action = {"Type": "fixed-response", "FixedResponseConfig": {**config, **wrong}}
        refused(code, listener, actions=[action])


@check
def a_listener_does_something_that_there_is():
    refused("ValidationError", listener, actions=[{"Type": "drop"}])
    refused("ValidationError", listener, actions=[{"Type": "forward"}])
    create = functools.partial(elb().create_listener, LoadBalancerArn=shared(), Protocol="HTTP")
    refused("ValidationError", create, Port=999, DefaultActions=[])


@check
def a_port_has_one_listener():
    first = listener()
    said = refused("DuplicateListener", listener, Port=first["Port"], actions=[fixed("503")])
    assert shared() in said, said
    # terraform-provider-aws#35121: the same settings are the same listener.
    assert listener(Port=first["Port"])["ListenerArn"] == first["ListenerArn"]


@check
def a_listener_has_a_port_and_a_protocol_of_its_load_balancer():
    refused("ValidationError", listener, Port=65536)
    refused("ValidationError", listener, Protocol="TCP")
    refused("ValidationError", listener, Protocol="FTP")
    create = functools.partial(elb().create_listener, DefaultActions=[fixed()])
    refused("ValidationError", create, LoadBalancerArn=shared(), Port=998)
    refused("ValidationError", create, LoadBalancerArn=shared(), Protocol="HTTP")


@check
def a_listener_is_of_things_that_exist():
    refused("LoadBalancerNotFound", listener, LoadBalancerArn=unknown(shared()))
    refused("ValidationError", listener, LoadBalancerArn="elb-shared")
    to = group("elb-exists")["TargetGroupArn"]
    refused("TargetGroupNotFound", listener, actions=[forward(unknown(to))])
    refused("ValidationError", listener, actions=[forward("elb-exists")])


@check
def a_target_group_of_another_vpc_is_refused():
    to = group("elb-elsewhere", VpcId=default_vpc())["TargetGroupArn"]
    said = refused("InvalidConfigurationRequest", listener, actions=[forward(to)])
    assert "different VPC" in said, said


@check
def a_target_group_fits_its_load_balancer():
    tcp = group("elb-fit-tcp", Protocol="TCP")["TargetGroupArn"]
    http = group("elb-fit-http")["TargetGroupArn"]
    denied(listener, actions=[forward(tcp)])
    denied(listener, actions=[forward(http)], LoadBalancerArn=network(), Protocol="TCP")
    made = listener([forward(tcp)], LoadBalancerArn=network(), Protocol="TCP")
    assert made["DefaultActions"][0]["TargetGroupArn"] == tcp


@check
def a_network_load_balancer_only_forwards():
    denied(listener, LoadBalancerArn=network(), Protocol="TCP")
    denied(listener, LoadBalancerArn=network(), Protocol="HTTP")


@check
def a_listener_can_be_changed():
    made = listener()
    arn, port = made["ListenerArn"], next(_ports)
    changed = elb().modify_listener(ListenerArn=arn, Port=port)["Listeners"][0]
    assert changed["Port"] == port and changed["DefaultActions"] == made["DefaultActions"]
    to = group("elb-modify")["TargetGroupArn"]
    changed = elb().modify_listener(ListenerArn=arn, DefaultActions=[forward(to)])["Listeners"][0]
    assert changed["ListenerArn"] == arn and changed["Port"] == port
    assert changed["DefaultActions"][0]["TargetGroupArn"] == to
    assert elb().describe_listeners(ListenerArns=[arn])["Listeners"] == [changed]
    denied(elb().modify_listener, ListenerArn=arn, Port=listener()["Port"])
    refused("ListenerNotFound", elb().modify_listener, ListenerArn=unknown(arn), Port=997)


@check
def listeners_are_found_by_arn_and_by_load_balancer():
    arn = balancer("elb-listeners")["LoadBalancerArn"]
    made = [listener(LoadBalancerArn=arn)["ListenerArn"] for _ in range(3)]
    for how in [{"LoadBalancerArn": arn}, {"ListenerArns": made}]:
        found = elb().describe_listeners(**how)["Listeners"]
        assert {one["ListenerArn"] for one in found} == set(made), how
    refused("ValidationError", elb().describe_listeners)
    refused("ListenerNotFound", elb().describe_listeners, ListenerArns=[unknown(made[0])])
    pages = elb().get_paginator("describe_listeners").paginate(
        LoadBalancerArn=arn, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Listeners"]) for page in pages] == [2, 1]


@check
def a_listener_is_deleted_once():
    arn = listener()["ListenerArn"]
    elb().delete_listener(ListenerArn=arn)
    refused("ListenerNotFound", elb().delete_listener, ListenerArn=arn)
    refused("ValidationError", elb().delete_listener, ListenerArn="listener")


@check
def https_needs_a_certificate_that_exists():
    said = refused("ValidationError", listener, Protocol="HTTPS")
    assert "certificate must be specified" in said, said
    account = shared().split(":")[4]
    number = "00000000-0000-0000-0000-000000000000"
    for region in ["us-east-1", "us-west-2"]:
        arn = f"arn:aws:acm:{region}:{account}:certificate/{number}"
        given = [{"CertificateArn": arn}]
        refused("CertificateNotFound", listener, Protocol="HTTPS", Certificates=given)
    given = [{"CertificateArn": certificate(f"{at}.example.com")} for at in "ab"]
    refused("ValidationError", listener, Protocol="HTTPS", Certificates=given)


@check
def https_is_read_back():
    policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    made = https("a.example.com", SslPolicy=policy)
    assert made["Protocol"] == "HTTPS" and made["SslPolicy"] == policy
    assert made["Certificates"] == [{"CertificateArn": certificate("a.example.com")}], made
    assert made["MutualAuthentication"]["Mode"] == "off", made
    assert https("a.example.com")["SslPolicy"] == "ELBSecurityPolicy-2016-08"


@check
def an_unknown_security_policy_is_refused():
    refused("SSLPolicyNotFound", https, domain="a.example.com", SslPolicy="ELBSecurityPolicy-0")


@check
def http_has_no_certificate():
    given = [{"CertificateArn": certificate("a.example.com")}]
    denied(listener, Certificates=given)
    denied(listener, SslPolicy="ELBSecurityPolicy-2016-08")


@check
def https_can_become_http():
    arn = https("a.example.com")["ListenerArn"]
    plain = elb().modify_listener(ListenerArn=arn, Protocol="HTTP")["Listeners"][0]
    assert plain["Protocol"] == "HTTP"
    assert not plain.get("Certificates") and not plain.get("SslPolicy"), plain


@check
def a_listener_can_have_more_certificates():
    default, other = certificate("a.example.com"), certificate("b.example.com")
    arn = https("a.example.com")["ListenerArn"]
    named = lambda one: {"ListenerArn": arn, "Certificates": [{"CertificateArn": one}]}
    added = elb().add_listener_certificates(**named(other))["Certificates"]
    assert [one["CertificateArn"] for one in added] == [other], added
    listing = lambda: {
        one["CertificateArn"]: one["IsDefault"]
        for one in elb().describe_listener_certificates(ListenerArn=arn)["Certificates"]
    }
    assert listing() == {default: True, other: False}, listing()
    refused("OperationNotPermitted", elb().remove_listener_certificates, **named(default))
    elb().remove_listener_certificates(**named(other))
    assert listing() == {default: True}
    bad = default[:-12] + "0" * 12
    refused("CertificateNotFound", elb().add_listener_certificates, **named(bad))
    refused(
        "ListenerNotFound", elb().describe_listener_certificates, ListenerArn=unknown(arn)
    )


@check
def a_certificate_in_use_stays():
    acm = client("acm")
    used = certificate("used.example.com")
    arn = https("used.example.com")["ListenerArn"]
    users = lambda: acm.describe_certificate(CertificateArn=used)["Certificate"]["InUseBy"]
    eventually(lambda: users() == [shared()], seconds=3)
    refused("ResourceInUseException", acm.delete_certificate, CertificateArn=used)
    elb().delete_listener(ListenerArn=arn)
    eventually(lambda: users() == [])
    acm.delete_certificate(CertificateArn=used)


@check
def tls_of_a_network_load_balancer_has_a_certificate_and_alpn():
    to = group("elb-tls", Protocol="TLS")["TargetGroupArn"]
    of = {"LoadBalancerArn": network(), "Protocol": "TLS"}
    refused("ValidationError", listener, actions=[forward(to)], **of)
    given = [{"CertificateArn": certificate("a.example.com")}]
    made = listener([forward(to)], Certificates=given, AlpnPolicy=["HTTP2Preferred"], **of)
    assert made["Protocol"] == "TLS" and made["AlpnPolicy"] == ["HTTP2Preferred"]
    assert made["Certificates"] == given and made["SslPolicy"]


@check
def attributes_of_a_listener_can_be_set():
    arn = listener()["ListenerArn"]
    found = attributes(elb().describe_listener_attributes(ListenerArn=arn))
    assert found["routing.http.response.server.enabled"] == "true", found
    off = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
    answer = elb().modify_listener_attributes(ListenerArn=arn, Attributes=off)
    assert attributes(answer)["routing.http.response.server.enabled"] == "false"
    kept = attributes(elb().describe_listener_attributes(ListenerArn=arn))
    assert kept["routing.http.response.server.enabled"] == "false"
    refused(
        "ListenerNotFound", elb().describe_listener_attributes, ListenerArn=unknown(arn)
    )
    denied(
        elb().modify_listener_attributes,
        ListenerArn=arn,
        Attributes=[{"Key": "colour", "Value": "red"}],
    )


@check
def a_tcp_listener_has_an_idle_timeout():
    to = group("elb-idle", Protocol="TCP")["TargetGroupArn"]
    arn = listener([forward(to)], LoadBalancerArn=network(), Protocol="TCP")["ListenerArn"]
    found = attributes(elb().describe_listener_attributes(ListenerArn=arn))
    assert found == {"tcp.idle_timeout.seconds": "350"}, found
    wanted = [{"Key": "tcp.idle_timeout.seconds", "Value": "6000"}]
    answer = elb().modify_listener_attributes(ListenerArn=arn, Attributes=wanted)
    assert attributes(answer) == {"tcp.idle_timeout.seconds": "6000"}


@check
def who_is_asked_who_they_are_is_read_back_without_the_secret():
    config = {
        "Issuer": "https://example.com",
        "AuthorizationEndpoint": "https://example.com/authorize",
        "TokenEndpoint": "https://example.com/token",
        "UserInfoEndpoint": "https://example.com/user",
        "ClientId": "client",
        "ClientSecret": "secret",
    }
    ask = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": config}
    made = https("a.example.com", actions=[ask, {**fixed(), "Order": 2}])
    first, second = made["DefaultActions"]
    assert (first["Type"], second["Type"]) == ("authenticate-oidc", "fixed-response")
    assert (first["Order"], second["Order"]) == (1, 2)
    found = first["AuthenticateOidcConfig"]
    assert "ClientSecret" not in found and found["ClientId"] == "client"
    assert found["Scope"] == "openid" and found["SessionTimeout"] == 604800
    assert found["SessionCookieName"] == "AWSELBAuthSessionCookie"
    assert found["OnUnauthenticatedRequest"] == "authenticate"
    # Only HTTPS asks.
    denied(listener, actions=[ask, {**fixed(), "Order": 2}])


# Rules


@check
def a_new_rule_comes_back_in_full():
    of = listener()["ListenerArn"]
    made = rule(of, 10, [path("/api/*")])
    shape = of.replace(":listener/", ":listener-rule/") + r"/[0-9a-f]{16}"
    assert re.fullmatch(shape, made["RuleArn"]), made["RuleArn"]
    assert made["Priority"] == "10" and made["IsDefault"] is False
    (condition,) = made["Conditions"]
    assert condition["Field"] == "path-pattern" and condition["Values"] == ["/api/*"]
    assert condition["PathPatternConfig"] == {"Values": ["/api/*"]}, condition
    assert made["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
    assert elb().describe_rules(RuleArns=[made["RuleArn"]])["Rules"] == [made]


@check
def a_listener_has_a_default_rule():
    of = listener()
    (found,) = elb().describe_rules(ListenerArn=of["ListenerArn"])["Rules"]
    assert found["Priority"] == "default" and found["IsDefault"] is True
    assert found["Conditions"] == []
    assert found["Actions"] == of["DefaultActions"]
    elb().modify_listener(ListenerArn=of["ListenerArn"], DefaultActions=[fixed("503")])
    (found,) = elb().describe_rules(ListenerArn=of["ListenerArn"])["Rules"]
    assert found["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "503"


@check
def the_default_rule_goes_with_its_listener():
    of = listener()["ListenerArn"]
    default = elb().describe_rules(ListenerArn=of)["Rules"][0]["RuleArn"]
    refused("OperationNotPermitted", elb().delete_rule, RuleArn=default)
    refused("OperationNotPermitted", elb().modify_rule, RuleArn=default, Actions=[fixed("503")])
    places = [{"RuleArn": default, "Priority": 1}]
    refused("OperationNotPermitted", elb().set_rule_priorities, RulePriorities=places)


@check
def all_conditions_are_read_back():
    header = {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}
    wanted = [
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "http-header", "HttpHeaderConfig": header},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
    ]
    made = rule(listener()["ListenerArn"], 1, wanted)
    found = {one["Field"]: one for one in made["Conditions"]}
    for condition in wanted:
        assert condition.items() <= found[condition["Field"]].items(), found
    assert found["host-header"]["Values"] == ["*.example.com"], found


@check
def conditions_have_rules():
    of = listener()["ListenerArn"]
    create = functools.partial(rule, of, 1)
    for conditions in [
        [{"Field": "colour", "Values": ["red"]}],
        [path()],
        [path("/a"), path("/b")],
        [path("/" + "x" * 128)],
        [path(*(f"/{at}" for at in range(6)))],
        [{"Field": "path-pattern"}],
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["somewhere"]}}],
        [{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}}],
        [{**path("/a"), "PathPatternConfig": {"Values": ["/b"]}}],
    ]:
        code = denied(create, conditions=conditions)
        assert code == "ValidationError", (conditions, code)
    denied(elb().create_rule, ListenerArn=of, Priority=1, Conditions=[], Actions=[fixed()])


@check
def a_priority_is_of_one_rule():
    of = listener()["ListenerArn"]
    rule(of, 5)
    said = refused("PriorityInUse", functools.partial(rule, of, 5), conditions=[path("/other")])
    assert "5" in said, said
    refused("ValidationError", functools.partial(rule, of, 50001))
    rule(listener()["ListenerArn"], 5)


@check
def a_rule_is_of_things_that_exist():
    of = listener()["ListenerArn"]
    refused("ListenerNotFound", functools.partial(rule, unknown(of), 1))
    refused("ValidationError", functools.partial(rule, "listener", 1))
    to = unknown(group("elb-rule")["TargetGroupArn"])
    refused("TargetGroupNotFound", functools.partial(rule, of, 1), actions=[forward(to)])
    one = unknown(rule(of, 1)["RuleArn"])
    refused("RuleNotFound", elb().describe_rules, RuleArns=[one])
    refused("RuleNotFound", elb().modify_rule, RuleArn=one, Actions=[fixed()])
    refused("RuleNotFound", elb().delete_rule, RuleArn=one)
    refused("ListenerNotFound", elb().describe_rules, ListenerArn=unknown(of))
    refused("ValidationError", elb().describe_rules)


@check
def a_rule_can_be_changed():
    arn = rule(listener()["ListenerArn"], 1, [path("/a")])["RuleArn"]
    # ELB API, RuleCondition: several only in PathPatternConfig.
    both = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/b", "/c"]}}
    changed = elb().modify_rule(RuleArn=arn, Conditions=[both])["Rules"][0]
    assert changed["Conditions"][0]["PathPatternConfig"] == both["PathPatternConfig"], changed
    assert changed["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
    to = group("elb-rule-change")["TargetGroupArn"]
    changed = elb().modify_rule(RuleArn=arn, Actions=[forward(to)])["Rules"][0]
    assert changed["Conditions"][0]["PathPatternConfig"] == both["PathPatternConfig"], changed
    assert changed["Priority"] == "1"
    assert changed["Actions"][0]["TargetGroupArn"] == to
    refused("ValidationError", elb().modify_rule, RuleArn=arn)


@check
def rules_come_in_the_order_of_their_priorities():
    of = listener()["ListenerArn"]
    for priority in [30, 4, 200]:
        rule(of, priority)
    found = elb().describe_rules(ListenerArn=of)["Rules"]
    assert [one["Priority"] for one in found] == ["4", "30", "200", "default"], found
    pages = elb().get_paginator("describe_rules").paginate(
        ListenerArn=of, PaginationConfig={"PageSize": 3}
    )
    assert [len(page["Rules"]) for page in pages] == [3, 1]


@check
def priorities_can_change_places():
    of = listener()["ListenerArn"]
    one, two, three = (rule(of, priority)["RuleArn"] for priority in [1, 2, 3])
    swapped = [{"RuleArn": one, "Priority": 2}, {"RuleArn": two, "Priority": 1}]
    answer = elb().set_rule_priorities(RulePriorities=swapped)["Rules"]
    assert {each["RuleArn"]: each["Priority"] for each in answer} == {one: "2", two: "1"}
    found = elb().describe_rules(ListenerArn=of)["Rules"]
    assert [each["RuleArn"] for each in found][:3] == [two, one, three]
    taken = [{"RuleArn": one, "Priority": 3}]
    refused("PriorityInUse", elb().set_rule_priorities, RulePriorities=taken)
    lost = [{"RuleArn": unknown(one), "Priority": 9}]
    refused("RuleNotFound", elb().set_rule_priorities, RulePriorities=lost)


@check
def a_rule_is_deleted_once():
    of = listener()["ListenerArn"]
    arn = rule(of, 1)["RuleArn"]
    elb().delete_rule(RuleArn=arn)
    refused("RuleNotFound", elb().delete_rule, RuleArn=arn)
    assert len(elb().describe_rules(ListenerArn=of)["Rules"]) == 1


@check
def a_network_load_balancer_has_no_rules():
    to = group("elb-net-rule", Protocol="TCP")["TargetGroupArn"]
    of = listener([forward(to)], LoadBalancerArn=network(), Protocol="TCP")["ListenerArn"]
    denied(functools.partial(rule, of, 1), actions=[forward(to)])


# Tags


@check
def everything_can_be_tagged_as_it_is_made():
    wanted = [{"Key": "Name", "Value": "web"}, {"Key": "empty", "Value": ""}]
    arn = balancer("elb-tags", Tags=wanted)["LoadBalancerArn"]
    to = group("elb-tags", Tags=wanted)["TargetGroupArn"]
    port = listener(LoadBalancerArn=arn, Tags=wanted)["ListenerArn"]
    one = rule(port, 1, Tags=wanted)["RuleArn"]
    everything = [arn, to, port, one]
    found = elb().describe_tags(ResourceArns=everything)["TagDescriptions"]
    assert {each["ResourceArn"] for each in found} == set(everything)
    for each in found:
        assert tags(each["Tags"]) == {"Name": "web", "empty": ""}, each


@check
def tags_are_added_replaced_and_removed():
    first, second = (group(f"elb-tags-{at}")["TargetGroupArn"] for at in range(2))
    both = [first, second]
    add = lambda **given: elb().add_tags(
        ResourceArns=both, Tags=[{"Key": key, "Value": value} for key, value in given.items()]
    )
    assert tags_of(first) == {}
    add(a="1", b="2")
    add(b="3", c="4")
    assert tags_of(first) == tags_of(second) == {"a": "1", "b": "3", "c": "4"}
    elb().remove_tags(ResourceArns=[first], TagKeys=["a", "b", "other"])
    assert tags_of(first) == {"c": "4"} and len(tags_of(second)) == 3


@check
def a_key_is_given_once():
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    arn = group("elb-dup-tags")["TargetGroupArn"]
    refused("DuplicateTagKeys", elb().add_tags, ResourceArns=[arn], Tags=twice)
    create = functools.partial(elb().create_load_balancer, Subnets=subnets()[:2])
    refused("DuplicateTagKeys", create, Name="elb-dup-tags", Tags=twice)


@check
def a_thing_has_at_most_50_tags():
    arn = group("elb-many-tags")["TargetGroupArn"]
    many = [{"Key": f"k{at}", "Value": "v"} for at in range(50)]
    elb().add_tags(ResourceArns=[arn], Tags=many)
    more = [{"Key": "one-more", "Value": "v"}]
    refused("TooManyTags", elb().add_tags, ResourceArns=[arn], Tags=more)
    assert len(tags_of(arn)) == 50
    elb().add_tags(ResourceArns=[arn], Tags=[{"Key": "k0", "Value": "other"}])
    assert tags_of(arn)["k0"] == "other"


@check
def tags_have_rules():
    add = functools.partial(elb().add_tags, ResourceArns=[group("elb-bad-tags")["TargetGroupArn"]])
    for key, value in [("aws:owner", "x"), ("k" * 129, "x"), ("k", "v" * 257)]:
        denied(add, Tags=[{"Key": key, "Value": value}])


@check
def tags_are_of_things_that_exist():
    add = functools.partial(elb().add_tags, Tags=[{"Key": "a", "Value": "b"}])
    to = group("elb-tag-target")["TargetGroupArn"]
    port = listener()["ListenerArn"]
    for arn, code in [
        (shared(), "LoadBalancerNotFound"),
        (to, "TargetGroupNotFound"),
        (port, "ListenerNotFound"),
        (rule(port, 1)["RuleArn"], "RuleNotFound"),
    ]:
        refused(code, add, ResourceArns=[unknown(arn)])
        refused(code, elb().describe_tags, ResourceArns=[unknown(arn)])
        refused(code, elb().remove_tags, ResourceArns=[unknown(arn)], TagKeys=["a"])
    refused("ValidationError", add, ResourceArns=["elb-shared"])


@check
def tags_of_at_most_20_things_are_described():
    # ELB API, DescribeTags: up to 20 resources in a single call.
    refused("ValidationError", elb().describe_tags, ResourceArns=[shared()] * 21)


# The account


@check
def the_account_has_limits():
    found = {one["Name"]: one["Max"] for one in elb().describe_account_limits()["Limits"]}
    for name in [
        "application-load-balancers",
        "network-load-balancers",
        "target-groups",
        "listeners-per-application-load-balancer",
        "rules-per-application-load-balancer",
        "targets-per-application-load-balancer",
    ]:
        assert int(found[name]) > 0, found
    assert found["application-load-balancers"] == "50"


@check
def security_policies_are_described():
    every = elb().describe_ssl_policies()["SslPolicies"]
    assert {"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-2-2021-06"} <= {
        one["Name"] for one in every
    }
    (one,) = elb().describe_ssl_policies(Names=["ELBSecurityPolicy-TLS13-1-2-2021-06"])["SslPolicies"]
    assert set(one["SslProtocols"]) == {"TLSv1.2", "TLSv1.3"}, one
    assert one["Ciphers"][0] == {"Name": "TLS_AES_128_GCM_SHA256", "Priority": 1}, one["Ciphers"]
    assert set(one["SupportedLoadBalancerTypes"]) >= {"application", "network"}, one
    refused("SSLPolicyNotFound", elb().describe_ssl_policies, Names=["ELBSecurityPolicy-0"])


@check
def an_application_load_balancer_can_be_a_target():
    # NLB guide, "Use Application Load Balancers as targets": a listener on the group's port.
    arn = balancer("elb-behind")["LoadBalancerArn"]
    of = group("elb-behind", Protocol="TCP", TargetType="alb", Port=8081)
    assert of["HealthCheckProtocol"] == "HTTP" and of["TargetType"] == "alb", of
    to = of["TargetGroupArn"]
    targets = [{"Id": arn, "Port": 8081}]
    denied(elb().register_targets, TargetGroupArn=to, Targets=targets)
    port = listener(LoadBalancerArn=arn, Port=8081)["ListenerArn"]
    elb().register_targets(TargetGroupArn=to, Targets=targets)
    assert [one["Target"]["Id"] for one in health(to)] == [arn]
    said = refused("ResourceInUse", elb().delete_listener, ListenerArn=port)
    assert "in use by registered target" in said, said
    elb().deregister_targets(TargetGroupArn=to, Targets=targets)
    eventually(lambda: health(to) == [])
    elb().delete_listener(ListenerArn=port)
