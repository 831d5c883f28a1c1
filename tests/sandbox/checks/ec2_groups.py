import contextlib
import re

NOWHERE = "0123456789abcdef0"


def ec2():
    return client("ec2")


def is_id(text, prefix):
    return re.fullmatch(prefix + "-[0-9a-f]{17}", text) is not None


def tagged(sort, **values):
    listed = [{"Key": key, "Value": value} for key, value in values.items()]
    return [{"ResourceType": sort, "Tags": listed}]


def pairs(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


def by(name, *values):
    return [{"Name": name, "Values": list(values)}]


def ids(listed, member):
    return {item[member] for item in listed}


def sweep(vpc):
    """Deletes a VPC with the interfaces, subnets and groups in it."""
    of_vpc = by("vpc-id", vpc)
    for interface in ec2().describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"]:
        ec2().delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    for subnet in ec2().describe_subnets(Filters=of_vpc)["Subnets"]:
        ec2().delete_subnet(SubnetId=subnet["SubnetId"])
    groups = ec2().describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    for group in groups:
        for way, permissions in [
            ("ingress", group["IpPermissions"]),
            ("egress", group["IpPermissionsEgress"]),
        ]:
            if permissions:
                revoke = getattr(ec2(), "revoke_security_group_" + way)
                with contextlib.suppress(Exception):
                    revoke(GroupId=group["GroupId"], IpPermissions=permissions)
    for group in groups:
        if group["GroupName"] != "default":
            ec2().delete_security_group(GroupId=group["GroupId"])
    ec2().delete_vpc(VpcId=vpc)


@contextlib.contextmanager
def network(cidr="10.0.0.0/16", **more):
    vpc = ec2().create_vpc(CidrBlock=cidr, **more)["Vpc"]["VpcId"]
    try:
        yield vpc
    finally:
        with contextlib.suppress(Exception):
            sweep(vpc)


def group_in(vpc, name="web", **more):
    made = ec2().create_security_group(VpcId=vpc, GroupName=name, Description="d", **more)
    return made["GroupId"]


def group(own):
    (found,) = ec2().describe_security_groups(GroupIds=[own])["SecurityGroups"]
    return found


def rules(own, egress=None):
    found = ec2().describe_security_group_rules(Filters=by("group-id", own))
    found = found["SecurityGroupRules"]
    return [rule for rule in found if egress is None or rule["IsEgress"] is egress]


def tcp(port, *cidrs, **more):
    ranges = [{"CidrIp": cidr} for cidr in cidrs]
    permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **more}
    return {**permission, "IpRanges": ranges} if ranges else permission


def allow(own, *permissions, **more):
    return ec2().authorize_security_group_ingress(
        GroupId=own, IpPermissions=list(permissions), **more
    )


def refused_rule(code, own, *permissions):
    return refused(
        code,
        ec2().authorize_security_group_ingress,
        GroupId=own,
        IpPermissions=list(permissions),
    )


def subnet_in(vpc, cidr="10.0.1.0/24"):
    return ec2().create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]


def interface_in(subnet, **more):
    return ec2().create_network_interface(SubnetId=subnet, **more)["NetworkInterface"]


def interface(own):
    (found,) = ec2().describe_network_interfaces(NetworkInterfaceIds=[own])["NetworkInterfaces"]
    return found


# Groups


@check
def a_new_group_lets_everything_out():
    with network() as vpc:
        made = ec2().create_security_group(
            VpcId=vpc,
            GroupName="web",
            Description="of the web",
            TagSpecifications=tagged("security-group", Name="w"),
        )
        own = made["GroupId"]
        assert is_id(own, "sg") and tags(made["Tags"]) == {"Name": "w"}, made
        found = group(own)
        assert found["GroupName"] == "web" and found["Description"] == "of the web", found
        assert found["VpcId"] == vpc and re.fullmatch("[0-9]{12}", found["OwnerId"]), found
        assert tags(found["Tags"]) == {"Name": "w"}, found
        assert found["IpPermissions"] == [], found
        assert found["IpPermissionsEgress"] == [
            {
                "IpProtocol": "-1",
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            }
        ], found
        (rule,) = rules(own)
        assert rule["IsEgress"] is True and rule["CidrIpv4"] == "0.0.0.0/0", rule
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("-1", -1, -1), rule


@check
def a_group_has_an_arn():
    with network() as vpc:
        made = ec2().create_security_group(VpcId=vpc, GroupName="arn", Description="d")
        found = group(made["GroupId"])
        arn = f"arn:aws:ec2:us-east-1:{found['OwnerId']}:security-group/{made['GroupId']}"
        assert made["SecurityGroupArn"] == found["SecurityGroupArn"] == arn, (made, found)


@check
def the_default_group_lets_its_members_in():
    with network() as vpc:
        (found,) = ec2().describe_security_groups(
            Filters=by("vpc-id", vpc) + by("group-name", "default")
        )["SecurityGroups"]
        (permission,) = found["IpPermissions"]
        assert permission["IpProtocol"] == "-1" and permission["IpRanges"] == [], found
        (pair,) = permission["UserIdGroupPairs"]
        assert pair == {"GroupId": found["GroupId"], "UserId": found["OwnerId"]}, found
        message = refused(
            "CannotDelete", ec2().delete_security_group, GroupId=found["GroupId"]
        )
        assert "cannot be deleted by a user" in message, message


@check
def group_names_are_unique_in_their_vpc():
    with network() as vpc, network("10.1.0.0/16") as other:
        group_in(vpc, "Web")
        for name in ["Web", "web"]:  # EC2 API, CreateSecurityGroup: case-insensitive
            message = refused(
                "InvalidGroup.Duplicate",
                ec2().create_security_group,
                VpcId=vpc,
                GroupName=name,
                Description="d",
            )
            assert f"The security group '{name}' already exists for VPC '{vpc}'" in message
        group_in(other, "Web")


@check
def the_same_group_name_twice_is_refused():
    with network() as vpc:
        group_in(vpc, "twice")
        refused(
            "InvalidGroup.Duplicate",
            ec2().create_security_group,
            VpcId=vpc,
            GroupName="twice",
            Description="other",
        )


@check
def group_names_have_rules():
    # EC2 API, CreateSecurityGroup.
    with network() as vpc:
        for name in ["default", "sg-mine", "w\u00e9b", "a|b", "x" * 256]:
            refused(
                "InvalidParameterValue",
                ec2().create_security_group,
                VpcId=vpc,
                GroupName=name,
                Description="d",
            )
        signs = "a b ._-:/()#,@[]+=&;{}!$*"
        assert group(group_in(vpc, signs))["GroupName"] == signs
        assert len(group(group_in(vpc, "x" * 255))["GroupName"]) == 255


@check
def group_descriptions_have_rules():
    with network() as vpc:
        for description in ["a|b", "x" * 256, "\u00e9", "<b>"]:
            refused(
                "InvalidParameterValue",
                ec2().create_security_group,
                VpcId=vpc,
                GroupName="g",
                Description=description,
            )
        refused(
            "MissingParameter",
            ec2().create_security_group,
            VpcId=vpc,
            GroupName="g",
            Description="",
        )


@check
def groups_of_the_default_vpc_can_be_named():
    own = ec2().create_security_group(GroupName="named-one", Description="d")["GroupId"]
    try:
        (found,) = ec2().describe_security_groups(GroupNames=["named-one"])["SecurityGroups"]
        assert found["GroupId"] == own, found
        ec2().authorize_security_group_ingress(
            GroupName="named-one", IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="10.0.0.0/8"
        )
        (permission,) = group(own)["IpPermissions"]
        assert permission["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}], permission
    finally:
        ec2().delete_security_group(GroupName="named-one")
    refused("InvalidGroup.NotFound", ec2().describe_security_groups, GroupNames=["named-one"])
    refused("InvalidGroup.NotFound", ec2().describe_security_groups, GroupIds=[own])


@check
def an_unknown_group_is_refused_everywhere():
    unknown = "sg-" + NOWHERE
    for call, more in [
        (ec2().delete_security_group, {}),
        (ec2().authorize_security_group_ingress, {"IpPermissions": [tcp(80, "10.0.0.0/8")]}),
        (ec2().authorize_security_group_egress, {"IpPermissions": [tcp(80, "10.0.0.0/8")]}),
        (ec2().revoke_security_group_ingress, {"IpPermissions": [tcp(80, "10.0.0.0/8")]}),
        (
            ec2().modify_security_group_rules,
            {
                "SecurityGroupRules": [
                    {
                        "SecurityGroupRuleId": "sgr-" + NOWHERE,
                        "SecurityGroupRule": {
                            "IpProtocol": "tcp",
                            "FromPort": 1,
                            "ToPort": 1,
                            "CidrIpv4": "10.0.0.0/8",
                        },
                    }
                ]
            },
        ),
    ]:
        message = refused("InvalidGroup.NotFound", call, GroupId=unknown, **more)
        assert message == f"The security group '{unknown}' does not exist", message


@check
def what_is_no_group_id_is_malformed():
    refused("InvalidGroupId.Malformed", ec2().describe_security_groups, GroupIds=["web"])
    refused("InvalidGroupId.Malformed", ec2().delete_security_group, GroupId="web")


@check
def filters_find_groups():
    with network() as vpc:
        other = group_in(vpc, "other")
        own = group_in(vpc, "found", TagSpecifications=tagged("security-group", role="x"))
        allow(
            own,
            tcp(8080, "10.7.0.0/16"),
            tcp(8081, UserIdGroupPairs=[{"GroupId": other}]),
            tcp(8082, Ipv6Ranges=[{"CidrIpv6": "2001:db8::/32"}]),
        )
        for name, value in [
            ("group-id", own),
            ("group-name", "found"),
            ("group-name", "fou*"),
            ("tag:role", "x"),
            ("tag-key", "role"),
            ("ip-permission.cidr", "10.7.0.0/16"),
            ("ip-permission.from-port", "8080"),
            ("ip-permission.to-port", "8081"),
            ("ip-permission.protocol", "tcp"),
            ("ip-permission.group-id", other),
            ("ip-permission.ipv6-cidr", "2001:db8::/32"),
        ]:
            found = ec2().describe_security_groups(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["SecurityGroups"], "GroupId") == {own}, name
        for name, value in [
            ("egress.ip-permission.cidr", "0.0.0.0/0"),
            ("description", "d"),
            ("owner-id", group(own)["OwnerId"]),
        ]:
            found = ec2().describe_security_groups(Filters=by("vpc-id", vpc) + by(name, value))
            assert {own, other} <= ids(found["SecurityGroups"], "GroupId"), name


@check
def groups_come_in_pages():
    with network() as vpc:
        made = {group_in(vpc, f"p{at}") for at in range(6)}
        of_vpc = by("vpc-id", vpc)
        first = ec2().describe_security_groups(Filters=of_vpc, MaxResults=5)
        assert len(first["SecurityGroups"]) == 5, first
        second = ec2().describe_security_groups(
            Filters=of_vpc, MaxResults=5, NextToken=first["NextToken"]
        )
        assert len(second["SecurityGroups"]) == 2 and not second.get("NextToken"), second
        seen = ids(first["SecurityGroups"] + second["SecurityGroups"], "GroupId")
        assert len(seen) == 7 and made < seen, seen


@check
def a_group_that_another_refers_to_stays():
    with network() as vpc:
        web, app = group_in(vpc, "web"), group_in(vpc, "app")
        allow(app, tcp(80, UserIdGroupPairs=[{"GroupId": web}]))
        message = refused("DependencyViolation", ec2().delete_security_group, GroupId=web)
        assert message == f"resource {web} has a dependent object", message
        ec2().delete_security_group(GroupId=app)
        ec2().delete_security_group(GroupId=web)
        refused("InvalidGroup.NotFound", ec2().delete_security_group, GroupId=web)


@check
def a_group_that_refers_to_itself_can_go():
    with network() as vpc:
        own = group_in(vpc)
        allow(own, tcp(80, UserIdGroupPairs=[{"GroupId": own}]))
        ec2().delete_security_group(GroupId=own)


@check
def a_group_of_an_interface_stays():
    with network() as vpc:
        own = group_in(vpc)
        made = interface_in(subnet_in(vpc), Groups=[own])["NetworkInterfaceId"]
        refused("DependencyViolation", ec2().delete_security_group, GroupId=own)
        ec2().delete_network_interface(NetworkInterfaceId=made)
        ec2().delete_security_group(GroupId=own)


@check
def groups_for_a_vpc_are_listed():
    with network() as vpc:
        own = group_in(vpc, "listed")
        found = ec2().get_security_groups_for_vpc(VpcId=vpc)["SecurityGroupForVpcs"]
        assert {"listed", "default"} == ids(found, "GroupName"), found
        (one,) = [item for item in found if item["GroupId"] == own]
        assert one["PrimaryVpcId"] == vpc and one["Description"] == "d", one


# Rules


@check
def a_rule_has_an_id_and_tags():
    with network() as vpc:
        own = group_in(vpc)
        made = allow(
            own,
            tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "https"}]),
            TagSpecifications=tagged("security-group-rule", Name="r"),
        )
        assert made["Return"] is True, made
        (rule,) = made["SecurityGroupRules"]
        assert is_id(rule["SecurityGroupRuleId"], "sgr"), rule
        (found,) = rules(own, egress=False)
        for rule in [rule, found]:
            assert rule["GroupId"] == own and rule["IsEgress"] is False, rule
            assert rule["IpProtocol"] == "tcp" and rule["CidrIpv4"] == "10.0.0.0/8", rule
            assert (rule["FromPort"], rule["ToPort"]) == (443, 443), rule
            assert rule["Description"] == "https", rule
            assert tags(rule["Tags"]) == {"Name": "r"}, rule
            assert re.fullmatch("[0-9]{12}", rule["GroupOwnerId"]), rule
        assert found["SecurityGroupRuleId"] == rule["SecurityGroupRuleId"], found


@check
def a_rule_has_an_arn():
    with network() as vpc:
        own = group_in(vpc)
        (rule,) = allow(own, tcp(443, "10.0.0.0/8"))["SecurityGroupRules"]
        arn = rule["SecurityGroupRuleArn"]
        tail = f":{rule['GroupOwnerId']}:security-group-rule/{rule['SecurityGroupRuleId']}"
        assert arn == "arn:aws:ec2:us-east-1" + tail, rule


@check
def each_peer_is_a_rule_of_its_own():
    with network() as vpc:
        own, other = group_in(vpc), group_in(vpc, "other")
        made = allow(
            own,
            tcp(
                80,
                "10.0.0.0/8",
                "192.168.0.0/16",
                Ipv6Ranges=[{"CidrIpv6": "::/0"}],
                UserIdGroupPairs=[{"GroupId": other, "Description": "app"}],
            ),
        )["SecurityGroupRules"]
        assert len(made) == 4, made
        (pair,) = [rule for rule in rules(own, egress=False) if "ReferencedGroupInfo" in rule]
        assert pair["ReferencedGroupInfo"]["GroupId"] == other, pair
        assert pair["Description"] == "app" and "CidrIpv4" not in pair, pair
        (permission,) = group(own)["IpPermissions"]
        assert len(permission["IpRanges"]) == 2, permission
        assert permission["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}], permission
        (seen,) = permission["UserIdGroupPairs"]
        assert seen["GroupId"] == other and seen["Description"] == "app", permission


@check
def a_rule_can_refer_to_a_prefix_list():
    with network() as vpc:
        own = group_in(vpc)
        (listed,) = ec2().describe_prefix_lists(
            Filters=by("prefix-list-name", "com.amazonaws.us-east-1.s3")
        )["PrefixLists"]
        listed = listed["PrefixListId"]
        ec2().authorize_security_group_egress(
            GroupId=own, IpPermissions=[tcp(443, PrefixListIds=[{"PrefixListId": listed}])]
        )
        assert [r.get("PrefixListId") for r in rules(own) if r["FromPort"] == 443] == [listed]
        (permission,) = [p for p in group(own)["IpPermissionsEgress"] if "FromPort" in p]
        assert permission["PrefixListIds"] == [{"PrefixListId": listed}], permission


@check
def a_rule_is_there_once():
    with network() as vpc:
        own = group_in(vpc)
        allow(own, tcp(22, "10.0.0.0/8"))
        message = refused_rule("InvalidPermission.Duplicate", own, tcp(22, "10.0.0.0/8"))
        text = (
            'the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" '
            "already exists"
        )
        assert message == text, message
        described = tcp(22, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "other"}])
        refused_rule("InvalidPermission.Duplicate", own, described)
        ec2().authorize_security_group_egress(
            GroupId=own, IpPermissions=[tcp(22, "10.0.0.0/8")]
        )


@check
def a_rule_twice_in_a_request_is_refused():
    with network() as vpc:
        own = group_in(vpc)
        message = refused_rule(
            "InvalidParameterValue", own, tcp(22, "10.0.0.0/8"), tcp(22, "10.0.0.0/8")
        )
        assert message == "The same permission must not appear multiple times", message
        assert rules(own, egress=False) == []


@check
def all_rules_of_a_request_are_made_or_none():
    with network() as vpc:
        own = group_in(vpc)
        allow(own, tcp(22, "10.0.0.0/8"))
        refused_rule(
            "InvalidPermission.Duplicate", own, tcp(23, "10.0.0.0/8"), tcp(22, "10.0.0.0/8")
        )
        assert [rule["FromPort"] for rule in rules(own, egress=False)] == [22]


@check
def ports_of_a_rule_are_in_range_and_order():
    with network() as vpc:
        own = group_in(vpc)
        for first, last in [(443, 80), (0, 65536), (-1, 80)]:
            permission = {**tcp(1, "10.0.0.0/8"), "FromPort": first, "ToPort": last}
            refused_rule("InvalidParameterValue", own, permission)
        # EC2 API, IpPermission: TCP and UDP need both ports.
        refused_rule(
            "InvalidParameterValue",
            own,
            {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
        )
        allow(own, {**tcp(0, "10.0.0.0/8"), "ToPort": 65535})


@check
def blocks_of_a_rule_are_blocks():
    with network() as vpc:
        own = group_in(vpc)
        for cidr in ["10.0.0.0/33", "10.0.0", "all"]:
            message = refused_rule("InvalidParameterValue", own, tcp(80, cidr))
            assert message == f"CIDR block {cidr} is malformed", message
        refused_rule(
            "InvalidParameterValue", own, tcp(80, Ipv6Ranges=[{"CidrIpv6": "10.0.0.0/8"}])
        )


@check
def the_protocol_of_a_rule_is_known():
    with network() as vpc:
        own = group_in(vpc)
        for protocol in ["tcpp", "256"]:
            permission = {**tcp(80, "10.0.0.0/8"), "IpProtocol": protocol}
            refused_rule("InvalidParameterValue", own, permission)
        # Numbers of known protocols become their names.
        allow(own, {**tcp(80, "10.0.0.0/8"), "IpProtocol": "6"})
        allow(own, {**tcp(53, "10.0.0.0/8"), "IpProtocol": "17"})
        seen = {rule["IpProtocol"] for rule in rules(own, egress=False)}
        assert seen == {"tcp", "udp"}, seen


@check
def all_traffic_has_no_ports():
    with network() as vpc:
        own = group_in(vpc)
        allow(own, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]})
        (permission,) = group(own)["IpPermissions"]
        assert "FromPort" not in permission and "ToPort" not in permission, permission
        (rule,) = rules(own, egress=False)
        assert (rule["FromPort"], rule["ToPort"]) == (-1, -1), rule


@check
def icmp_has_a_type_and_a_code():
    with network() as vpc:
        own = group_in(vpc)
        icmp = {
            "IpProtocol": "icmp",
            "FromPort": 8,
            "ToPort": -1,
            "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        }
        allow(own, icmp)
        (permission,) = group(own)["IpPermissions"]
        assert (permission["FromPort"], permission["ToPort"]) == (8, -1), permission
        refused_rule("InvalidPermission.Duplicate", own, icmp)


@check
def new_rules_have_to_be_given():
    with network() as vpc:
        own = group_in(vpc)
        refused("MissingParameter", ec2().authorize_security_group_ingress, GroupId=own)


@check
def the_other_group_of_a_rule_is_of_the_same_network():
    with network() as vpc, network("10.1.0.0/16") as elsewhere:
        own = group_in(vpc)
        unknown = tcp(80, UserIdGroupPairs=[{"GroupId": "sg-" + NOWHERE}])
        refused_rule("InvalidGroup.NotFound", own, unknown)
        other = tcp(80, UserIdGroupPairs=[{"GroupId": group_in(elsewhere)}])
        refused_rule("InvalidGroup.NotFound", own, other)


@check
def a_group_has_sixty_rules_each_way():
    # VPC quotas, "Inbound or outbound rules per security group".
    with network() as vpc:
        own = group_in(vpc)
        allow(own, *[tcp(port, "10.0.0.0/8") for port in range(1, 61)])
        refused_rule("RulesPerSecurityGroupLimitExceeded", own, tcp(61, "10.0.0.0/8"))
        allow(own, tcp(61, Ipv6Ranges=[{"CidrIpv6": "::/0"}]))


@check
def rules_are_revoked_by_what_they_are():
    with network() as vpc:
        own = group_in(vpc)
        permission = tcp(80, "10.0.0.0/8", "192.168.0.0/16")
        allow(own, permission)
        gone = ec2().revoke_security_group_ingress(
            GroupId=own, IpPermissions=[tcp(80, "10.0.0.0/8")]
        )
        assert gone["Return"] is True, gone
        (left,) = rules(own, egress=False)
        assert left["CidrIpv4"] == "192.168.0.0/16", left
        ec2().revoke_security_group_egress(
            GroupId=own,
            IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        )
        assert group(own)["IpPermissionsEgress"] == []


@check
def a_revoked_rule_is_told_of():
    # EC2 API, RevokeSecurityGroupIngress: revokedSecurityGroupRuleSet.
    with network() as vpc:
        own = group_in(vpc)
        (made,) = allow(own, tcp(80, "10.0.0.0/8"))["SecurityGroupRules"]
        gone = ec2().revoke_security_group_ingress(
            GroupId=own, SecurityGroupRuleIds=[made["SecurityGroupRuleId"]]
        )
        (rule,) = gone["RevokedSecurityGroupRules"]
        assert rule["SecurityGroupRuleId"] == made["SecurityGroupRuleId"], gone
        assert rule["GroupId"] == own and rule["CidrIpv4"] == "10.0.0.0/8", gone


@check
def rules_are_revoked_by_id():
    with network() as vpc:
        own = group_in(vpc)
        made = allow(own, tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8"))["SecurityGroupRules"]
        ec2().revoke_security_group_ingress(
            GroupId=own, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]]
        )
        left = ids(rules(own, egress=False), "SecurityGroupRuleId")
        assert left == {made[1]["SecurityGroupRuleId"]}, left


@check
def a_rule_that_is_not_there_cannot_be_revoked():
    with network() as vpc:
        own = group_in(vpc)
        revoke = ec2().revoke_security_group_ingress
        message = refused(
            "InvalidPermission.NotFound",
            revoke,
            GroupId=own,
            IpPermissions=[tcp(80, "10.0.0.0/8")],
        )
        assert message == "The specified rule does not exist in this security group.", message
        refused(
            "InvalidSecurityGroupRuleId.NotFound",
            revoke,
            GroupId=own,
            SecurityGroupRuleIds=["sgr-" + NOWHERE],
        )


@check
def rules_are_found_by_id_and_group():
    with network() as vpc:
        own, other = group_in(vpc), group_in(vpc, "other")
        made = allow(own, tcp(80, "10.0.0.0/8"))["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        (found,) = ec2().describe_security_group_rules(SecurityGroupRuleIds=[made])[
            "SecurityGroupRules"
        ]
        assert found["GroupId"] == own, found
        both = ec2().describe_security_group_rules(Filters=by("group-id", own, other))
        assert len(both["SecurityGroupRules"]) == 3, both
        one = ec2().describe_security_group_rules(Filters=by("security-group-rule-id", made))
        assert ids(one["SecurityGroupRules"], "SecurityGroupRuleId") == {made}, one
        ec2().create_tags(Resources=[made], Tags=pairs(role="in"))
        found = ec2().describe_security_group_rules(Filters=by("tag:role", "in"))
        assert ids(found["SecurityGroupRules"], "SecurityGroupRuleId") == {made}, found


@check
def an_unknown_rule_is_refused():
    refused(
        "InvalidSecurityGroupRuleId.NotFound",
        ec2().describe_security_group_rules,
        SecurityGroupRuleIds=["sgr-" + NOWHERE],
    )
    refused(
        "InvalidSecurityGroupRuleId.Malformed",
        ec2().describe_security_group_rules,
        SecurityGroupRuleIds=["rule"],
    )


@check
def a_rule_can_be_modified():
    with network() as vpc:
        own = group_in(vpc)
        (made,) = allow(
            own, tcp(80, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "old"}])
        )["SecurityGroupRules"]
        rule = made["SecurityGroupRuleId"]
        answer = ec2().modify_security_group_rules(
            GroupId=own,
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": rule,
                    "SecurityGroupRule": {
                        "IpProtocol": "tcp",
                        "FromPort": 8080,
                        "ToPort": 8081,
                        "CidrIpv4": "192.168.0.0/16",
                        "Description": "new",
                    },
                }
            ],
        )
        assert answer["Return"] is True, answer
        (found,) = rules(own, egress=False)
        assert found["SecurityGroupRuleId"] == rule, found
        assert (found["FromPort"], found["ToPort"]) == (8080, 8081), found
        assert found["CidrIpv4"] == "192.168.0.0/16" and found["Description"] == "new", found


@check
def a_modified_rule_keeps_the_sort_of_its_peer():
    # EC2 API, ModifySecurityGroupRules: "You can't modify the type of source or destination."
    with network() as vpc:
        own = group_in(vpc)
        made = allow(own, tcp(80, "10.0.0.0/8"))["SecurityGroupRules"][0]["SecurityGroupRuleId"]

        def update(rule, **change):
            change = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **change}
            return [{"SecurityGroupRuleId": rule, "SecurityGroupRule": change}]

        modify = ec2().modify_security_group_rules
        refused(
            "InvalidParameterValue",
            modify,
            GroupId=own,
            SecurityGroupRules=update(made, CidrIpv6="::/0"),
        )
        refused(
            "InvalidSecurityGroupRuleId.NotFound",
            modify,
            GroupId=own,
            SecurityGroupRules=update("sgr-" + NOWHERE, CidrIpv4="10.0.0.0/8"),
        )
        assert rules(own, egress=False)[0]["CidrIpv4"] == "10.0.0.0/8"


@check
def a_rule_may_not_become_another_that_is_there():
    with network() as vpc:
        own = group_in(vpc)
        made = allow(own, tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8"))["SecurityGroupRules"]
        refused(
            "InvalidPermission.Duplicate",
            ec2().modify_security_group_rules,
            GroupId=own,
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": made[0]["SecurityGroupRuleId"],
                    "SecurityGroupRule": {
                        "IpProtocol": "tcp",
                        "FromPort": 81,
                        "ToPort": 81,
                        "CidrIpv4": "10.0.0.0/8",
                    },
                }
            ],
        )


@check
def descriptions_of_rules_change():
    with network() as vpc:
        own = group_in(vpc)
        allow(own, tcp(80, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "old"}]))
        update = ec2().update_security_group_rule_descriptions_ingress
        permission = tcp(80, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "new"}])
        assert update(GroupId=own, IpPermissions=[permission])["Return"] is True
        assert rules(own, egress=False)[0]["Description"] == "new"
        update(GroupId=own, IpPermissions=[tcp(80, "10.0.0.0/8")])
        assert not rules(own, egress=False)[0].get("Description")
        refused(
            "InvalidPermission.NotFound",
            update,
            GroupId=own,
            IpPermissions=[tcp(81, "10.0.0.0/8")],
        )


@check
def descriptions_of_rules_change_by_id():
    with network() as vpc:
        own = group_in(vpc)
        (rule,) = rules(own, egress=True)
        ec2().update_security_group_rule_descriptions_egress(
            GroupId=own,
            SecurityGroupRuleDescriptions=[
                {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "Description": "all"}
            ],
        )
        assert rules(own, egress=True)[0]["Description"] == "all"


@check
def descriptions_of_rules_have_rules():
    with network() as vpc:
        own = group_in(vpc)
        for description in ["x" * 256, "a|b", "<b>"]:
            ranges = [{"CidrIp": "10.0.0.0/8", "Description": description}]
            refused_rule("InvalidParameterValue", own, tcp(80, IpRanges=ranges))


@check
def blocks_of_rules_lose_their_host_bits():
    with network() as vpc:
        own = group_in(vpc)
        allow(own, tcp(80, "10.1.2.3/8"))
        (rule,) = rules(own, egress=False)
        assert rule["CidrIpv4"] == "10.0.0.0/8", rule
        refused_rule("InvalidPermission.Duplicate", own, tcp(80, "10.0.0.0/8"))


# Interfaces


@check
def a_new_interface_has_its_defaults():
    with network() as vpc:
        subnet = subnet_in(vpc)
        made = interface_in(
            subnet,
            Description="own",
            TagSpecifications=tagged("network-interface", Name="i"),
        )
        own = made["NetworkInterfaceId"]
        assert is_id(own, "eni") and made["Status"] == "pending", made
        found = interface(own)
        assert found["Status"] == "available" and "Attachment" not in found, found
        for seen in [made, found]:
            assert seen["SubnetId"] == subnet and seen["VpcId"] == vpc, seen
            assert seen["Description"] == "own" and seen["InterfaceType"] == "interface", seen
            assert seen["SourceDestCheck"] is True, seen
            assert seen["RequesterManaged"] is False, seen
            assert re.fullmatch("([0-9a-f]{2}:){5}[0-9a-f]{2}", seen["MacAddress"]), seen
            assert seen["PrivateIpAddress"].startswith("10.0.1."), seen
            (ip,) = seen["PrivateIpAddresses"]
            assert ip["Primary"] is True, seen
            assert ip["PrivateIpAddress"] == seen["PrivateIpAddress"], seen
            assert [g["GroupName"] for g in seen["Groups"]] == ["default"], seen
            assert tags(seen["TagSet"]) == {"Name": "i"}, seen
            assert seen["AvailabilityZone"].startswith("us-east-1"), seen


@check
def an_interface_has_the_address_that_is_asked_for():
    with network() as vpc:
        subnet = subnet_in(vpc)
        made = interface_in(subnet, PrivateIpAddress="10.0.1.77")
        assert made["PrivateIpAddress"] == "10.0.1.77", made
        create = ec2().create_network_interface
        message = refused(
            "InvalidIPAddress.InUse", create, SubnetId=subnet, PrivateIpAddress="10.0.1.77"
        )
        assert message == "Address 10.0.1.77 is in use.", message
        for ip in ["10.0.2.5", "10.0.1.1", "10.0.1.255", "ten"]:
            refused("InvalidParameterValue", create, SubnetId=subnet, PrivateIpAddress=ip)


@check
def an_interface_needs_a_subnet_that_there_is():
    refused(
        "InvalidSubnetID.NotFound",
        ec2().create_network_interface,
        SubnetId="subnet-" + NOWHERE,
    )


@check
def an_interface_has_groups_of_its_vpc():
    with network() as vpc, network("10.1.0.0/16") as other:
        subnet, own = subnet_in(vpc), group_in(vpc)
        made = interface_in(subnet, Groups=[own])
        assert made["Groups"] == [{"GroupId": own, "GroupName": "web"}], made
        create = ec2().create_network_interface
        refused("InvalidGroup.NotFound", create, SubnetId=subnet, Groups=["sg-" + NOWHERE])
        refused("InvalidParameter", create, SubnetId=subnet, Groups=[group_in(other)])
        # VPC quotas, "Security groups per network interface".
        six = [group_in(vpc, f"g{at}") for at in range(6)]
        refused("SecurityGroupsPerInterfaceLimitExceeded", create, SubnetId=subnet, Groups=six)


@check
def attributes_of_an_interface_change_one_at_a_time():
    with network() as vpc:
        own = interface_in(subnet_in(vpc))["NetworkInterfaceId"]
        modify = ec2().modify_network_interface_attribute
        modify(NetworkInterfaceId=own, Description={"Value": "new"})
        modify(NetworkInterfaceId=own, SourceDestCheck={"Value": False})
        web = group_in(vpc)
        modify(NetworkInterfaceId=own, Groups=[web])
        found = interface(own)
        assert found["Description"] == "new" and found["SourceDestCheck"] is False, found
        assert ids(found["Groups"], "GroupId") == {web}, found
        seen = ec2().describe_network_interface_attribute(
            NetworkInterfaceId=own, Attribute="description"
        )
        assert seen["Description"]["Value"] == "new", seen
        seen = ec2().describe_network_interface_attribute(
            NetworkInterfaceId=own, Attribute="groupSet"
        )
        assert ids(seen["Groups"], "GroupId") == {web}, seen
        refused(
            "InvalidParameterCombination",
            modify,
            NetworkInterfaceId=own,
            Description={"Value": "x"},
            SourceDestCheck={"Value": True},
        )


@check
def an_interface_can_have_more_addresses():
    with network() as vpc:
        own = interface_in(subnet_in(vpc))["NetworkInterfaceId"]
        made = ec2().assign_private_ip_addresses(
            NetworkInterfaceId=own, SecondaryPrivateIpAddressCount=2
        )
        assert made["NetworkInterfaceId"] == own, made
        assert len(made["AssignedPrivateIpAddresses"]) == 2, made
        found = interface(own)
        assert len(found["PrivateIpAddresses"]) == 3, found
        assert [ip["Primary"] for ip in found["PrivateIpAddresses"]].count(True) == 1, found
        ips = [ip["PrivateIpAddress"] for ip in found["PrivateIpAddresses"] if not ip["Primary"]]
        ec2().unassign_private_ip_addresses(NetworkInterfaceId=own, PrivateIpAddresses=ips[:1])
        left = [ip["PrivateIpAddress"] for ip in interface(own)["PrivateIpAddresses"]]
        assert len(left) == 2 and ips[0] not in left and ips[1] in left, left
        refused(
            "InvalidParameterValue",
            ec2().unassign_private_ip_addresses,
            NetworkInterfaceId=own,
            PrivateIpAddresses=["10.0.1.250", "10.0.1.251"],
        )


@check
def filters_find_interfaces():
    with network() as vpc:
        subnet, web = subnet_in(vpc), group_in(vpc)
        made = interface_in(subnet, Groups=[web], Description="mine")
        other = interface_in(subnet)["NetworkInterfaceId"]
        own = made["NetworkInterfaceId"]
        ec2().create_tags(Resources=[own], Tags=pairs(role="x"))
        for name, value in [
            ("network-interface-id", own),
            ("group-id", web),
            ("group-name", "web"),
            ("description", "mine"),
            ("private-ip-address", made["PrivateIpAddress"]),
            ("addresses.private-ip-address", made["PrivateIpAddress"]),
            ("mac-address", interface(own)["MacAddress"]),
            ("tag:role", "x"),
        ]:
            found = ec2().describe_network_interfaces(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["NetworkInterfaces"], "NetworkInterfaceId") == {own}, name
        for name, value in [
            ("subnet-id", subnet),
            ("status", "available"),
            ("interface-type", "interface"),
            ("requester-managed", "false"),
        ]:
            found = ec2().describe_network_interfaces(Filters=by("vpc-id", vpc) + by(name, value))
            found = ids(found["NetworkInterfaces"], "NetworkInterfaceId")
            assert found == {own, other}, name


@check
def an_interface_is_deleted_once():
    with network() as vpc:
        own = interface_in(subnet_in(vpc))["NetworkInterfaceId"]
        ec2().delete_network_interface(NetworkInterfaceId=own)
        code = "InvalidNetworkInterfaceID.NotFound"
        message = refused(code, ec2().delete_network_interface, NetworkInterfaceId=own)
        assert message == f"The networkInterface ID '{own}' does not exist", message
        refused(code, ec2().describe_network_interfaces, NetworkInterfaceIds=[own])


@check
def a_client_token_makes_one_interface():
    with network() as vpc:
        asked = {"SubnetId": subnet_in(vpc), "ClientToken": "interface-one"}
        one = ec2().create_network_interface(**asked)
        two = ec2().create_network_interface(**asked)
        assert one["ClientToken"] == "interface-one", one
        one, two = one["NetworkInterface"], two["NetworkInterface"]
        assert one["NetworkInterfaceId"] == two["NetworkInterfaceId"], two
        refused(
            "IdempotentParameterMismatch",
            ec2().create_network_interface,
            Description="other",
            **asked,
        )


# Tags


@check
def tags_come_change_and_go():
    with network() as vpc:

        def now():
            found = ec2().describe_tags(Filters=by("resource-id", vpc))["Tags"]
            return {tag["Key"]: tag["Value"] for tag in found}

        ec2().create_tags(Resources=[vpc], Tags=pairs(a="1", b="2"))
        ec2().create_tags(Resources=[vpc], Tags=pairs(b="3", c=""))
        assert now() == {"a": "1", "b": "3", "c": ""}, now()
        (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert tags(found["Tags"]) == now(), found
        # EC2 API, DeleteTags: with a value only where it is that.
        ec2().delete_tags(Resources=[vpc], Tags=pairs(a="other"))
        assert "a" in now()
        ec2().delete_tags(Resources=[vpc], Tags=pairs(a="1"))
        ec2().delete_tags(Resources=[vpc], Tags=[{"Key": "b"}])
        ec2().delete_tags(Resources=[vpc], Tags=[{"Key": "never"}])
        assert now() == {"c": ""}, now()


@check
def all_tags_go_where_none_is_named():
    # EC2 API, DeleteTags: "If you omit this parameter, we delete all user-defined tags".
    with network() as vpc:
        ec2().create_tags(Resources=[vpc], Tags=pairs(a="1", b="2"))
        ec2().delete_tags(Resources=[vpc])
        assert ec2().describe_tags(Filters=by("resource-id", vpc))["Tags"] == []


@check
def tags_are_described():
    with network() as vpc:
        own = group_in(vpc)
        ec2().create_tags(Resources=[vpc, own], Tags=pairs(described="yes"))
        found = ec2().describe_tags(Filters=by("key", "described"))["Tags"]
        assert {(tag["ResourceId"], tag["ResourceType"]) for tag in found} == {
            (vpc, "vpc"),
            (own, "security-group"),
        }, found
        for filters in [
            by("resource-type", "vpc") + by("key", "described"),
            by("resource-id", vpc),
            by("tag:described", "yes") + by("resource-type", "vpc"),
            by("value", "y?s") + by("resource-id", vpc),
        ]:
            found = ec2().describe_tags(Filters=filters)["Tags"]
            assert [tag["ResourceId"] for tag in found] == [vpc], filters


@check
def tags_go_with_what_has_them():
    with network() as vpc:
        own = group_in(vpc, TagSpecifications=tagged("security-group", gone="soon"))
        assert len(ec2().describe_tags(Filters=by("resource-id", own))["Tags"]) == 1
        ec2().delete_security_group(GroupId=own)
        eventually(lambda: not ec2().describe_tags(Filters=by("resource-id", own))["Tags"])


@check
def keys_of_tags_have_rules():
    with network() as vpc:
        create = ec2().create_tags
        for given in [
            [{"Key": "aws:mine", "Value": "v"}],
            [{"Key": "k" * 129, "Value": "v"}],
            [{"Key": "k", "Value": "v" * 257}],
        ]:
            refused("InvalidParameterValue", create, Resources=[vpc], Tags=given)
        create(Resources=[vpc], Tags=[{"Key": "k" * 128, "Value": "v" * 256}])


@check
def a_key_twice_is_refused():
    with network() as vpc:
        twice = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]
        message = refused(
            "InvalidParameterValue", ec2().create_tags, Resources=[vpc], Tags=twice
        )
        assert message == "Duplicate tag key 'k' specified.", message


@check
def fifty_tags_are_the_most():
    with network() as vpc:
        create = ec2().create_tags
        create(Resources=[vpc], Tags=pairs(**{f"k{at}": "v" for at in range(50)}))
        refused("TagLimitExceeded", create, Resources=[vpc], Tags=pairs(one="more"))
        create(Resources=[vpc], Tags=pairs(k0="other"))


@check
def tags_are_for_things_that_there_are():
    with network() as vpc:
        create, given = ec2().create_tags, pairs(k="v")
        for own, code in [
            ("vpc-" + NOWHERE, "InvalidVpcID.NotFound"),
            ("subnet-" + NOWHERE, "InvalidSubnetID.NotFound"),
            ("sg-" + NOWHERE, "InvalidGroup.NotFound"),
            ("rtb-" + NOWHERE, "InvalidRouteTableID.NotFound"),
            ("igw-" + NOWHERE, "InvalidInternetGatewayID.NotFound"),
            ("eni-" + NOWHERE, "InvalidNetworkInterfaceID.NotFound"),
        ]:
            refused(code, create, Resources=[vpc, own], Tags=given)
        assert ec2().describe_tags(Filters=by("resource-id", vpc))["Tags"] == []


@check
def what_is_no_id_has_no_tags():
    refused("InvalidID", ec2().create_tags, Resources=["web"], Tags=pairs(k="v"))


@check
def tags_of_a_create_call_are_for_what_it_makes():
    for sort in ["subnet", "nothing"]:
        refused(
            "InvalidParameterValue",
            ec2().create_vpc,
            CidrBlock="10.0.0.0/16",
            TagSpecifications=tagged(sort, k="v"),
        )


@check
def tags_come_in_pages():
    with network() as vpc:
        ec2().create_tags(Resources=[vpc], Tags=pairs(**{f"k{at}": "v" for at in range(7)}))
        own = by("resource-id", vpc)
        first = ec2().describe_tags(Filters=own, MaxResults=5)
        assert len(first["Tags"]) == 5, first
        second = ec2().describe_tags(Filters=own, MaxResults=5, NextToken=first["NextToken"])
        assert len(second["Tags"]) == 2 and not second.get("NextToken"), second
        assert len(ids(first["Tags"] + second["Tags"], "Key")) == 7
