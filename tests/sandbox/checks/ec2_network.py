import contextlib
import datetime
import json
import re

NOWHERE = "0123456789abcdef0"


def ec2():
    return client("ec2")


def is_id(text, prefix):
    return re.fullmatch(prefix + "-[0-9a-f]{17}", text) is not None


def tagged(sort, **values):
    listed = [{"Key": key, "Value": value} for key, value in values.items()]
    return [{"ResourceType": sort, "Tags": listed}]


def by(name, *values):
    return [{"Name": name, "Values": list(values)}]


def ids(listed, member):
    return {item[member] for item in listed}


def quietly(call, **arguments):
    with contextlib.suppress(Exception):
        return call(**arguments)


def sweep(vpc):
    """Deletes a VPC with all that is in it."""
    of_vpc = by("vpc-id", vpc)
    api = ec2()
    for nat in api.describe_nat_gateways(Filters=of_vpc)["NatGateways"]:
        quietly(api.delete_nat_gateway, NatGatewayId=nat["NatGatewayId"])
    for endpoint in api.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"]:
        quietly(api.delete_vpc_endpoints, VpcEndpointIds=[endpoint["VpcEndpointId"]])

    def interfaces():
        return api.describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"]

    for interface in interfaces():
        quietly(api.delete_network_interface, NetworkInterfaceId=interface["NetworkInterfaceId"])
    quietly(eventually, look=lambda: not interfaces(), seconds=5)
    for subnet in api.describe_subnets(Filters=of_vpc)["Subnets"]:
        quietly(api.delete_subnet, SubnetId=subnet["SubnetId"])
    for gateway in api.describe_internet_gateways(
        Filters=by("attachment.vpc-id", vpc)
    )["InternetGateways"]:
        gateway = gateway["InternetGatewayId"]
        quietly(api.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
        quietly(api.delete_internet_gateway, InternetGatewayId=gateway)
    for gateway in api.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"]:
        if any(with_["VpcId"] == vpc for with_ in gateway["Attachments"]):
            gateway = gateway["EgressOnlyInternetGatewayId"]
            quietly(
                api.delete_egress_only_internet_gateway, EgressOnlyInternetGatewayId=gateway
            )
    for table in api.describe_route_tables(Filters=of_vpc)["RouteTables"]:
        for association in table["Associations"]:
            quietly(
                api.disassociate_route_table,
                AssociationId=association["RouteTableAssociationId"],
            )
        quietly(api.delete_route_table, RouteTableId=table["RouteTableId"])
    for acl in api.describe_network_acls(Filters=of_vpc)["NetworkAcls"]:
        quietly(api.delete_network_acl, NetworkAclId=acl["NetworkAclId"])
    for group in api.describe_security_groups(Filters=of_vpc)["SecurityGroups"]:
        quietly(api.delete_security_group, GroupId=group["GroupId"])
    quietly(api.delete_vpc, VpcId=vpc)


@contextlib.contextmanager
def network(cidr="10.0.0.0/16", **more):
    vpc = ec2().create_vpc(CidrBlock=cidr, **more)["Vpc"]["VpcId"]
    try:
        yield vpc
    finally:
        quietly(sweep, vpc=vpc)


@contextlib.contextmanager
def address(**more):
    made = ec2().allocate_address(Domain="vpc", **more)
    try:
        yield made
    finally:
        quietly(
            eventually,
            look=lambda: quietly(ec2().release_address, AllocationId=made["AllocationId"]),
            seconds=5,
        )


def subnet_in(vpc, cidr="10.0.1.0/24", **more):
    return ec2().create_subnet(VpcId=vpc, CidrBlock=cidr, **more)["Subnet"]["SubnetId"]


def gateway_of(vpc):
    gateway = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2().attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return gateway


def main_table(vpc):
    found = ec2().describe_route_tables(
        Filters=by("vpc-id", vpc) + by("association.main", "true")
    )
    (table,) = found["RouteTables"]
    return table


def table_in(vpc):
    return ec2().create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]


def routes(table):
    (found,) = ec2().describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return found["Routes"]


def route_to(table, destination):
    keys = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"]
    found = [route for route in routes(table) if destination in [route.get(key) for key in keys]]
    return found[0] if found else None


def interface_in(subnet, **more):
    made = ec2().create_network_interface(SubnetId=subnet, **more)
    return made["NetworkInterface"]["NetworkInterfaceId"]


def nat_state(nat):
    (found,) = ec2().describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"]
    return found


# VPCs


@check
def a_new_vpc_is_pending_with_its_defaults():
    made = ec2().create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc", Name="a"))
    made = made["Vpc"]
    try:
        assert is_id(made["VpcId"], "vpc"), made
        assert made["State"] == "pending", made
        assert made["CidrBlock"] == "10.0.0.0/16" and made["IsDefault"] is False, made
        assert made["InstanceTenancy"] == "default", made
        assert made["DhcpOptionsId"].startswith("dopt-"), made
        assert re.fullmatch("[0-9]{12}", made["OwnerId"]), made
        assert tags(made["Tags"]) == {"Name": "a"}, made
        (block,) = made["CidrBlockAssociationSet"]
        assert block["AssociationId"].startswith("vpc-cidr-assoc-"), block
        assert block["CidrBlock"] == "10.0.0.0/16", block
        (found,) = ec2().describe_vpcs(VpcIds=[made["VpcId"]])["Vpcs"]
        assert found["State"] == "available", found
        assert found["CidrBlockAssociationSet"][0]["CidrBlockState"]["State"] == "associated"
        assert tags(found["Tags"]) == {"Name": "a"}, found
    finally:
        sweep(made["VpcId"])


@check
def a_vpc_comes_with_a_table_an_acl_and_a_group():
    with network() as vpc:
        (table,) = ec2().describe_route_tables(Filters=by("vpc-id", vpc))["RouteTables"]
        (association,) = table["Associations"]
        assert association["Main"] is True and "SubnetId" not in association, table
        assert association["AssociationState"]["State"] == "associated", table
        (route,) = table["Routes"]
        assert route["GatewayId"] == "local" and route["Origin"] == "CreateRouteTable", route
        assert route["DestinationCidrBlock"] == "10.0.0.0/16", route
        assert route["State"] == "active", route
        (acl,) = ec2().describe_network_acls(Filters=by("vpc-id", vpc))["NetworkAcls"]
        assert acl["IsDefault"] is True, acl
        (group,) = ec2().describe_security_groups(Filters=by("vpc-id", vpc))["SecurityGroups"]
        assert group["GroupName"] == "default", group
        assert group["Description"] == "default VPC security group", group


@check
def a_vpc_has_between_16_and_28_bits():
    for cidr in ["10.0.0.0/15", "10.0.0.0/29"]:
        refused("InvalidVpc.Range", ec2().create_vpc, CidrBlock=cidr)
    for cidr in ["10.0.0.0", "10.0.0.0/33", "10.0.0.256/16", "net"]:
        refused("InvalidParameterValue", ec2().create_vpc, CidrBlock=cidr)


@check
def a_vpc_needs_a_block():
    refused("MissingParameter", ec2().create_vpc)


@check
def the_block_of_a_vpc_loses_its_host_bits():
    # EC2 API, CreateVpc: 100.68.0.18/18 becomes 100.68.0.0/18.
    with network("100.68.0.18/18") as vpc:
        (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert found["CidrBlock"] == "100.68.0.0/18", found


@check
def a_region_has_five_vpcs():
    made = []
    try:
        there = len(ec2().describe_vpcs()["Vpcs"])
        for _ in range(there, 5):
            made.append(ec2().create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])
        refused("VpcLimitExceeded", ec2().create_vpc, CidrBlock="10.9.0.0/16")
    finally:
        for vpc in made:
            ec2().delete_vpc(VpcId=vpc)


@check
def a_dedicated_vpc_can_become_a_default_one():
    with network(InstanceTenancy="dedicated") as vpc:
        (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert found["InstanceTenancy"] == "dedicated", found
        ec2().modify_vpc_tenancy(VpcId=vpc, InstanceTenancy="default")
        (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert found["InstanceTenancy"] == "default", found


@check
def dns_attributes_of_a_vpc_change_one_at_a_time():
    with network() as vpc:

        def value(attribute, member):
            found = ec2().describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
            assert found["VpcId"] == vpc, found
            return found[member]["Value"]

        assert value("enableDnsSupport", "EnableDnsSupport") is True
        assert value("enableDnsHostnames", "EnableDnsHostnames") is False
        metrics = "EnableNetworkAddressUsageMetrics"
        assert value("enableNetworkAddressUsageMetrics", metrics) is False
        ec2().modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        assert value("enableDnsHostnames", "EnableDnsHostnames") is True
        assert value("enableDnsSupport", "EnableDnsSupport") is True
        ec2().modify_vpc_attribute(VpcId=vpc, **{metrics: {"Value": True}})
        assert value("enableNetworkAddressUsageMetrics", metrics) is True
        # EC2 API, ModifyVpcAttribute: one attribute a request.
        refused(
            "InvalidParameterCombination",
            ec2().modify_vpc_attribute,
            VpcId=vpc,
            EnableDnsHostnames={"Value": False},
            EnableDnsSupport={"Value": False},
        )
        assert value("enableDnsHostnames", "EnableDnsHostnames") is True


@check
def an_unknown_vpc_is_refused_everywhere():
    unknown = "vpc-" + NOWHERE
    for call, more in [
        (ec2().delete_vpc, {}),
        (ec2().create_subnet, {"CidrBlock": "10.0.0.0/24"}),
        (ec2().create_route_table, {}),
        (ec2().create_network_acl, {}),
        (ec2().describe_vpc_attribute, {"Attribute": "enableDnsSupport"}),
        (ec2().modify_vpc_attribute, {"EnableDnsSupport": {"Value": True}}),
        (ec2().create_security_group, {"GroupName": "g", "Description": "d"}),
    ]:
        message = refused("InvalidVpcID.NotFound", call, VpcId=unknown, **more)
        assert unknown in message, message
    message = refused("InvalidVpcID.NotFound", ec2().describe_vpcs, VpcIds=[unknown])
    assert message == f"The vpc ID '{unknown}' does not exist", message


@check
def filters_find_vpcs():
    with network("10.77.0.0/16", TagSpecifications=tagged("vpc", Name="f", two="2")) as vpc:
        (own,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        association = own["CidrBlockAssociationSet"][0]["AssociationId"]
        for name, value, other in [
            ("cidr", "10.77.0.0/16", "10.78.0.0/16"),
            ("cidr-block-association.cidr-block", "10.77.0.0/16", "10.78.0.0/16"),
            ("cidr-block-association.association-id", association, "vpc-cidr-assoc-0"),
            ("vpc-id", vpc, "vpc-0"),
            ("is-default", "false", "true"),
            ("state", "available", "pending"),
            ("owner-id", own["OwnerId"], "111111111111"),
            ("dhcp-options-id", own["DhcpOptionsId"], "dopt-0"),
            ("tag:Name", "f", "g"),
            ("tag-key", "two", "three"),
            ("tag:Name", "?", "f?"),
            ("cidr", "10.77.*", "10.78.*"),
        ]:
            found = ec2().describe_vpcs(Filters=by(name, value))["Vpcs"]
            assert vpc in ids(found, "VpcId"), name
            found = ec2().describe_vpcs(Filters=by(name, other))["Vpcs"]
            assert vpc not in ids(found, "VpcId"), name
        both = by("tag:Name", "f") + by("tag:two", "3")
        assert ec2().describe_vpcs(Filters=both)["Vpcs"] == []
        either = by("tag:Name", "g", "f")
        assert ids(ec2().describe_vpcs(Filters=either)["Vpcs"], "VpcId") == {vpc}


@check
def an_unknown_filter_is_refused():
    for call in [
        ec2().describe_vpcs,
        ec2().describe_subnets,
        ec2().describe_route_tables,
        ec2().describe_internet_gateways,
        ec2().describe_network_acls,
        ec2().describe_security_groups,
        ec2().describe_addresses,
        ec2().describe_vpc_endpoints,
        ec2().describe_instances,
    ]:
        refused("InvalidParameterValue", call, Filters=by("colour", "red"))


@check
def a_made_up_page_token_is_refused():
    # boto3#2673 shows the answer of DescribeVpcs.
    for call in [
        ec2().describe_vpcs,
        ec2().describe_subnets,
        ec2().describe_security_groups,
        ec2().describe_network_interfaces,
    ]:
        refused("InvalidParameterValue", call, NextToken="more")


@check
def subnets_come_in_pages():
    with network() as vpc:
        made = {subnet_in(vpc, f"10.0.{at}.0/24") for at in range(7)}
        of_vpc = by("vpc-id", vpc)
        first = ec2().describe_subnets(Filters=of_vpc, MaxResults=5)
        assert len(first["Subnets"]) == 5 and first["NextToken"], first
        token = first["NextToken"]
        second = ec2().describe_subnets(Filters=of_vpc, MaxResults=5, NextToken=token)
        assert len(second["Subnets"]) == 2 and not second.get("NextToken"), second
        assert ids(first["Subnets"] + second["Subnets"], "SubnetId") == made
        pages = ec2().get_paginator("describe_subnets").paginate(
            Filters=of_vpc, PaginationConfig={"PageSize": 5}
        )
        assert [len(page["Subnets"]) for page in pages] == [5, 2]


@check
def a_vpc_with_something_in_it_stays():
    with network() as vpc:

        def stays():
            message = refused("DependencyViolation", ec2().delete_vpc, VpcId=vpc)
            assert vpc in message, message

        subnet = subnet_in(vpc)
        stays()
        ec2().delete_subnet(SubnetId=subnet)
        gateway = gateway_of(vpc)
        stays()
        ec2().detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2().delete_internet_gateway(InternetGatewayId=gateway)
        table = table_in(vpc)
        stays()
        ec2().delete_route_table(RouteTableId=table)
        acl = ec2().create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        stays()
        ec2().delete_network_acl(NetworkAclId=acl)
        group = ec2().create_security_group(VpcId=vpc, GroupName="g", Description="d")
        stays()
        ec2().delete_security_group(GroupId=group["GroupId"])
        ec2().delete_vpc(VpcId=vpc)
        refused("InvalidVpcID.NotFound", ec2().delete_vpc, VpcId=vpc)
        # What came with it went with it.
        assert ec2().describe_route_tables(Filters=by("vpc-id", vpc))["RouteTables"] == []
        assert ec2().describe_network_acls(Filters=by("vpc-id", vpc))["NetworkAcls"] == []
        assert ec2().describe_security_groups(Filters=by("vpc-id", vpc))["SecurityGroups"] == []


@check
def a_vpc_can_have_more_blocks():
    with network() as vpc:
        made = ec2().associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.1.0.0/16")
        block = made["CidrBlockAssociation"]
        assert made["VpcId"] == vpc and block["CidrBlock"] == "10.1.0.0/16", made
        assert block["CidrBlockState"]["State"] in ["associating", "associated"], made
        (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert ids(found["CidrBlockAssociationSet"], "CidrBlock") == {"10.0.0.0/16", "10.1.0.0/16"}
        # A local route leads to each.
        locals_ = {route["DestinationCidrBlock"] for route in main_table(vpc)["Routes"]}
        assert locals_ == {"10.0.0.0/16", "10.1.0.0/16"}, locals_
        subnet = subnet_in(vpc, "10.1.2.0/24")
        own = block["AssociationId"]
        refused("InvalidCidr.InUse", ec2().disassociate_vpc_cidr_block, AssociationId=own)
        ec2().delete_subnet(SubnetId=subnet)
        gone = ec2().disassociate_vpc_cidr_block(AssociationId=own)["CidrBlockAssociation"]
        assert gone["AssociationId"] == own, gone
        first = found["CidrBlockAssociationSet"][0]["AssociationId"]
        refused("OperationNotPermitted", ec2().disassociate_vpc_cidr_block, AssociationId=first)
        unknown = "vpc-cidr-assoc-" + NOWHERE
        code = "InvalidVpcCidrBlockAssociationID.NotFound"
        refused(code, ec2().disassociate_vpc_cidr_block, AssociationId=unknown)


@check
def blocks_of_a_vpc_neither_overlap_nor_mix_private_ranges():
    # VPC guide, "IPv4 CIDR block association restrictions".
    with network() as vpc:
        associate = ec2().associate_vpc_cidr_block
        refused("CidrConflict", associate, VpcId=vpc, CidrBlock="10.0.128.0/17")
        refused("InvalidVpc.Range", associate, VpcId=vpc, CidrBlock="192.168.0.0/16")
        refused("InvalidVpc.Range", associate, VpcId=vpc, CidrBlock="10.8.0.0/12")
        for at in range(1, 5):
            associate(VpcId=vpc, CidrBlock=f"10.{at}.0.0/16")
        refused("CidrLimitExceeded", associate, VpcId=vpc, CidrBlock="10.5.0.0/16")


@check
def amazon_gives_a_vpc_ipv6():
    with network(AmazonProvidedIpv6CidrBlock=True) as vpc:

        def block():
            (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
            (block,) = found["Ipv6CidrBlockAssociationSet"]
            return block if block["Ipv6CidrBlockState"]["State"] == "associated" else None

        block = eventually(block)
        assert block["Ipv6CidrBlock"].endswith("::/56"), block
        assert block["Ipv6Pool"] == "Amazon", block
        assert block["NetworkBorderGroup"] == "us-east-1", block
        destinations = [r.get("DestinationIpv6CidrBlock") for r in main_table(vpc)["Routes"]]
        assert block["Ipv6CidrBlock"] in destinations, destinations
        # VPC guide, "Default network ACL": entries 101 and 32768 are of IPv6.
        (acl,) = ec2().describe_network_acls(Filters=by("vpc-id", vpc))["NetworkAcls"]
        numbers = {(e["RuleNumber"], e.get("Ipv6CidrBlock")) for e in acl["Entries"]}
        assert (101, "::/0") in numbers and (32768, "::/0") in numbers, numbers
        # VPC guide, "Default security groups": everything may leave by IPv6 as well.
        (group,) = ec2().describe_security_groups(Filters=by("vpc-id", vpc))["SecurityGroups"]
        (permission,) = group["IpPermissionsEgress"]
        assert permission["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}], group


@check
def ipv6_can_come_later_and_opens_the_defaults():
    with network() as vpc:
        made = ec2().associate_vpc_cidr_block(VpcId=vpc, AmazonProvidedIpv6CidrBlock=True)
        own = made["Ipv6CidrBlockAssociation"]["AssociationId"]
        assert made["Ipv6CidrBlockAssociation"]["Ipv6CidrBlockState"]["State"] == "associating"
        (acl,) = ec2().describe_network_acls(Filters=by("vpc-id", vpc))["NetworkAcls"]
        assert {101, 32768} <= {entry["RuleNumber"] for entry in acl["Entries"]}, acl
        (group,) = ec2().describe_security_groups(Filters=by("vpc-id", vpc))["SecurityGroups"]
        (permission,) = group["IpPermissionsEgress"]
        assert permission["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}], group
        assert permission["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}], group
        ec2().disassociate_vpc_cidr_block(AssociationId=own)

        def gone():
            (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
            states = found.get("Ipv6CidrBlockAssociationSet", [])
            return all(b["Ipv6CidrBlockState"]["State"] == "disassociated" for b in states)

        eventually(gone)


@check
def the_default_vpc_has_a_subnet_in_every_zone():
    (vpc,) = ec2().describe_vpcs(Filters=by("is-default", "true"))["Vpcs"]
    assert vpc["CidrBlock"] == "172.31.0.0/16" and vpc["IsDefault"] is True, vpc
    zones = ec2().describe_availability_zones()["AvailabilityZones"]
    subnets = ec2().describe_subnets(Filters=by("default-for-az", "true"))["Subnets"]
    assert ids(subnets, "AvailabilityZone") == ids(zones, "ZoneName"), subnets
    for subnet in subnets:
        assert subnet["VpcId"] == vpc["VpcId"] and subnet["MapPublicIpOnLaunch"], subnet
        assert subnet["CidrBlock"].endswith("/20"), subnet
    names = ec2().describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute="enableDnsHostnames")
    assert names["EnableDnsHostnames"]["Value"] is True, names
    refused("DefaultVpcAlreadyExists", ec2().create_default_vpc)


@check
def a_zone_has_one_default_subnet():
    code = "DefaultSubnetAlreadyExistsInAvailabilityZone"
    refused(code, ec2().create_default_subnet, AvailabilityZone="us-east-1a")


# Subnets


@check
def a_new_subnet_has_its_defaults():
    with network() as vpc:
        made = ec2().create_subnet(
            VpcId=vpc,
            CidrBlock="10.0.1.0/24",
            AvailabilityZone="us-east-1b",
            TagSpecifications=tagged("subnet", Name="s"),
        )["Subnet"]
        (found,) = ec2().describe_subnets(SubnetIds=[made["SubnetId"]])["Subnets"]
        for subnet in [made, found]:
            assert is_id(subnet["SubnetId"], "subnet"), subnet
            assert subnet["VpcId"] == vpc and subnet["CidrBlock"] == "10.0.1.0/24", subnet
            assert subnet["AvailabilityZone"] == "us-east-1b", subnet
            assert re.fullmatch("use1-az[1-6]", subnet["AvailabilityZoneId"]), subnet
            # VPC guide, "Subnet sizing": five addresses are AWS's.
            assert subnet["AvailableIpAddressCount"] == 251, subnet
            assert subnet["DefaultForAz"] is False, subnet
            assert subnet["MapPublicIpOnLaunch"] is False, subnet
            assert subnet["AssignIpv6AddressOnCreation"] is False, subnet
            assert subnet["Ipv6CidrBlockAssociationSet"] == [], subnet
            arn = f"arn:aws:ec2:us-east-1:{subnet['OwnerId']}:subnet/{subnet['SubnetId']}"
            assert subnet["SubnetArn"] == arn, subnet
            assert tags(subnet["Tags"]) == {"Name": "s"}, subnet
        assert found["State"] == "available", found


@check
def a_subnet_tells_of_its_host_names():
    with network() as vpc:
        (found,) = ec2().describe_subnets(SubnetIds=[subnet_in(vpc)])["Subnets"]
        assert found["EnableDns64"] is False and found["Ipv6Native"] is False, found
        assert found["PrivateDnsNameOptionsOnLaunch"] == {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        }, found
        assert found["MapCustomerOwnedIpOnLaunch"] is False, found


@check
def a_subnet_may_not_overlap_another():
    with network() as vpc:
        subnet_in(vpc, "10.0.1.0/24")
        for cidr in ["10.0.1.0/24", "10.0.0.0/20", "10.0.1.128/25"]:
            refused("InvalidSubnet.Conflict", ec2().create_subnet, VpcId=vpc, CidrBlock=cidr)
        subnet_in(vpc, "10.0.2.0/24")


@check
def a_subnet_lies_in_its_vpc():
    with network() as vpc:
        for cidr in ["10.1.0.0/24", "10.0.0.0/15", "10.0.0.0/29"]:
            refused("InvalidSubnet.Range", ec2().create_subnet, VpcId=vpc, CidrBlock=cidr)
        refused("InvalidParameterValue", ec2().create_subnet, VpcId=vpc, CidrBlock="ten")
        refused("MissingParameter", ec2().create_subnet, VpcId=vpc)


@check
def a_subnet_lies_in_a_zone_that_there_is():
    with network() as vpc:
        asked = {"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}
        for zone in ["us-east-1z", "eu-west-1a"]:
            refused("InvalidParameterValue", ec2().create_subnet, AvailabilityZone=zone, **asked)
        zones = ec2().describe_availability_zones(ZoneNames=["us-east-1c"])["AvailabilityZones"]
        made = ec2().create_subnet(AvailabilityZoneId=zones[0]["ZoneId"], **asked)["Subnet"]
        assert made["AvailabilityZone"] == "us-east-1c", made


@check
def filters_find_subnets():
    with network() as vpc:
        subnet = subnet_in(vpc, "10.0.9.0/26", AvailabilityZone="us-east-1a")
        other = subnet_in(vpc, "10.0.8.0/24", AvailabilityZone="us-east-1b")
        ec2().create_tags(Resources=[subnet], Tags=[{"Key": "tier", "Value": "web"}])
        (own,) = ec2().describe_subnets(SubnetIds=[subnet])["Subnets"]
        for name, value in [
            ("availability-zone", "us-east-1a"),
            ("availabilityZone", "us-east-1a"),
            ("availability-zone-id", own["AvailabilityZoneId"]),
            ("available-ip-address-count", "59"),
            ("cidr-block", "10.0.9.0/26"),
            ("cidrBlock", "10.0.9.0/26"),
            ("subnet-id", subnet),
            ("subnet-arn", own["SubnetArn"]),
            ("tag:tier", "web"),
            ("tag-key", "tier"),
        ]:
            found = ec2().describe_subnets(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["Subnets"], "SubnetId") == {subnet}, name
        for name, value in [
            ("state", "available"),
            ("default-for-az", "false"),
            ("owner-id", own["OwnerId"]),
            ("map-public-ip-on-launch", "false"),
        ]:
            found = ec2().describe_subnets(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["Subnets"], "SubnetId") == {subnet, other}, name


@check
def attributes_of_a_subnet_change():
    with network() as vpc:
        subnet = subnet_in(vpc)

        def modified(member, **change):
            ec2().modify_subnet_attribute(SubnetId=subnet, **change)
            return ec2().describe_subnets(SubnetIds=[subnet])["Subnets"][0][member]

        for value in [True, False]:
            on_launch = {"MapPublicIpOnLaunch": {"Value": value}}
            assert modified("MapPublicIpOnLaunch", **on_launch) is value
        options = modified(
            "PrivateDnsNameOptionsOnLaunch",
            EnableResourceNameDnsARecordOnLaunch={"Value": True},
        )
        assert options["EnableResourceNameDnsARecord"] is True, options
        options = modified(
            "PrivateDnsNameOptionsOnLaunch", PrivateDnsHostnameTypeOnLaunch="resource-name"
        )
        assert options["HostnameType"] == "resource-name", options
        # EC2 API, ModifySubnetAttribute: one attribute at a time.
        refused(
            "InvalidParameterCombination",
            ec2().modify_subnet_attribute,
            SubnetId=subnet,
            MapPublicIpOnLaunch={"Value": True},
            EnableDns64={"Value": True},
        )
        refused(
            "InvalidSubnetID.NotFound",
            ec2().modify_subnet_attribute,
            SubnetId="subnet-" + NOWHERE,
            MapPublicIpOnLaunch={"Value": True},
        )


@check
def a_subnet_can_have_ipv6():
    with network(AmazonProvidedIpv6CidrBlock=True) as vpc:
        (found,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        of_vpc = found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
        cidr = of_vpc.replace("::/56", "::/64")
        subnet = subnet_in(vpc)
        # EC2 API, ModifySubnetAttribute: only where the subnet has a block.
        refused(
            "InvalidParameterValue",
            ec2().modify_subnet_attribute,
            SubnetId=subnet,
            AssignIpv6AddressOnCreation={"Value": True},
        )
        made = ec2().associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=cidr)
        own = made["Ipv6CidrBlockAssociation"]["AssociationId"]
        assert own.startswith("subnet-cidr-assoc-"), made
        (found,) = ec2().describe_subnets(SubnetIds=[subnet])["Subnets"]
        (block,) = found["Ipv6CidrBlockAssociationSet"]
        assert block["Ipv6CidrBlock"] == cidr, found
        assert block["Ipv6CidrBlockState"]["State"] == "associated", found
        ec2().modify_subnet_attribute(
            SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": True}
        )
        (found,) = ec2().describe_subnets(SubnetIds=[subnet])["Subnets"]
        assert found["AssignIpv6AddressOnCreation"] is True, found
        refused(
            "InvalidSubnet.Conflict",
            ec2().create_subnet,
            VpcId=vpc,
            CidrBlock="10.0.2.0/24",
            Ipv6CidrBlock=cidr,
        )
        gone = ec2().disassociate_subnet_cidr_block(AssociationId=own)
        assert gone["SubnetId"] == subnet, gone
        (found,) = ec2().describe_subnets(SubnetIds=[subnet])["Subnets"]
        states = [b["Ipv6CidrBlockState"]["State"] for b in found["Ipv6CidrBlockAssociationSet"]]
        assert set(states) <= {"disassociated", "disassociating"}, found


@check
def a_subnet_with_an_interface_stays():
    with network() as vpc:
        subnet = subnet_in(vpc)
        interface = interface_in(subnet)
        message = refused("DependencyViolation", ec2().delete_subnet, SubnetId=subnet)
        text = f"The subnet '{subnet}' has dependencies and cannot be deleted."
        assert message == text, message
        (found,) = ec2().describe_subnets(SubnetIds=[subnet])["Subnets"]
        assert found["AvailableIpAddressCount"] == 250, found
        ec2().delete_network_interface(NetworkInterfaceId=interface)
        ec2().delete_subnet(SubnetId=subnet)
        refused("InvalidSubnetID.NotFound", ec2().delete_subnet, SubnetId=subnet)
        refused("InvalidSubnetID.NotFound", ec2().describe_subnets, SubnetIds=[subnet])


# Internet gateways


@check
def a_new_gateway_is_attached_to_nothing():
    made = ec2().create_internet_gateway(TagSpecifications=tagged("internet-gateway", Name="i"))
    made = made["InternetGateway"]
    own = made["InternetGatewayId"]
    try:
        assert is_id(own, "igw") and made["Attachments"] == [], made
        assert re.fullmatch("[0-9]{12}", made["OwnerId"]), made
        assert tags(made["Tags"]) == {"Name": "i"}, made
        (found,) = ec2().describe_internet_gateways(InternetGatewayIds=[own])["InternetGateways"]
        assert found == made, found
    finally:
        ec2().delete_internet_gateway(InternetGatewayId=own)
    refused(
        "InvalidInternetGatewayID.NotFound", ec2().delete_internet_gateway, InternetGatewayId=own
    )


@check
def a_gateway_and_a_vpc_have_one_another():
    with network() as vpc:
        gateway = gateway_of(vpc)
        (found,) = ec2().describe_internet_gateways(Filters=by("attachment.vpc-id", vpc))[
            "InternetGateways"
        ]
        assert found["InternetGatewayId"] == gateway, found
        assert found["Attachments"] == [{"State": "available", "VpcId": vpc}], found
        states = by("internet-gateway-id", gateway) + by("attachment.state", "available")
        assert len(ec2().describe_internet_gateways(Filters=states)["InternetGateways"]) == 1
        attach = ec2().attach_internet_gateway
        refused("Resource.AlreadyAssociated", attach, InternetGatewayId=gateway, VpcId=vpc)
        other = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        try:
            refused("InvalidParameterValue", attach, InternetGatewayId=other, VpcId=vpc)
            refused(
                "Gateway.NotAttached",
                ec2().detach_internet_gateway,
                InternetGatewayId=other,
                VpcId=vpc,
            )
        finally:
            ec2().delete_internet_gateway(InternetGatewayId=other)
        message = refused(
            "DependencyViolation", ec2().delete_internet_gateway, InternetGatewayId=gateway
        )
        assert gateway in message, message


@check
def gateways_and_vpcs_of_an_attachment_exist():
    with network() as vpc:
        refused(
            "InvalidInternetGatewayID.NotFound",
            ec2().attach_internet_gateway,
            InternetGatewayId="igw-" + NOWHERE,
            VpcId=vpc,
        )
        gateway = gateway_of(vpc)
        refused(
            "InvalidVpcID.NotFound",
            ec2().attach_internet_gateway,
            InternetGatewayId=gateway,
            VpcId="vpc-" + NOWHERE,
        )


@check
def a_gateway_stays_while_public_addresses_are_mapped():
    with network() as vpc, address() as public:
        gateway = gateway_of(vpc)
        interface = interface_in(subnet_in(vpc))
        association = ec2().associate_address(
            AllocationId=public["AllocationId"], NetworkInterfaceId=interface
        )["AssociationId"]
        message = refused(
            "DependencyViolation",
            ec2().detach_internet_gateway,
            InternetGatewayId=gateway,
            VpcId=vpc,
        )
        assert "mapped public address" in message, message
        ec2().disassociate_address(AssociationId=association)
        ec2().detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


@check
def an_egress_only_gateway_is_attached_from_the_start():
    with network(AmazonProvidedIpv6CidrBlock=True) as vpc:
        made = ec2().create_egress_only_internet_gateway(
            VpcId=vpc,
            TagSpecifications=tagged("egress-only-internet-gateway", Name="e"),
        )["EgressOnlyInternetGateway"]
        own = made["EgressOnlyInternetGatewayId"]
        assert is_id(own, "eigw"), made
        assert made["Attachments"] == [{"State": "attached", "VpcId": vpc}], made
        table = table_in(vpc)
        ec2().create_route(
            RouteTableId=table,
            DestinationIpv6CidrBlock="::/0",
            EgressOnlyInternetGatewayId=own,
        )
        route = route_to(table, "::/0")
        assert route["EgressOnlyInternetGatewayId"] == own, route
        refused("DependencyViolation", ec2().delete_vpc, VpcId=vpc)
        gone = ec2().delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=own)
        assert gone["ReturnCode"] is True, gone
        assert route_to(table, "::/0")["State"] == "blackhole"


# Route tables


@check
def a_new_table_has_the_local_route_alone():
    with network() as vpc:
        made = ec2().create_route_table(
            VpcId=vpc, TagSpecifications=tagged("route-table", Name="r")
        )["RouteTable"]
        assert is_id(made["RouteTableId"], "rtb") and made["VpcId"] == vpc, made
        assert made["Associations"] == [] and made["PropagatingVgws"] == [], made
        assert made["Routes"] == [
            {
                "DestinationCidrBlock": "10.0.0.0/16",
                "GatewayId": "local",
                "Origin": "CreateRouteTable",
                "State": "active",
            }
        ], made
        assert tags(made["Tags"]) == {"Name": "r"}, made
        refused(
            "InvalidRouteTableID.NotFound",
            ec2().describe_route_tables,
            RouteTableIds=["rtb-" + NOWHERE],
        )


@check
def a_subnet_has_one_table():
    with network() as vpc:
        subnet, table, other = subnet_in(vpc), table_in(vpc), table_in(vpc)
        made = ec2().associate_route_table(RouteTableId=table, SubnetId=subnet)
        own = made["AssociationId"]
        assert own.startswith("rtbassoc-"), made
        assert made["AssociationState"]["State"] in ["associating", "associated"], made
        (found,) = ec2().describe_route_tables(Filters=by("association.subnet-id", subnet))[
            "RouteTables"
        ]
        (association,) = found["Associations"]
        assert found["RouteTableId"] == association["RouteTableId"] == table, found
        assert association["SubnetId"] == subnet and association["Main"] is False, found
        assert association["RouteTableAssociationId"] == own, found
        refused(
            "Resource.AlreadyAssociated",
            ec2().associate_route_table,
            RouteTableId=other,
            SubnetId=subnet,
        )
        refused("DependencyViolation", ec2().delete_route_table, RouteTableId=table)
        moved = ec2().replace_route_table_association(AssociationId=own, RouteTableId=other)
        assert moved["NewAssociationId"] != own, moved
        refused("InvalidAssociationID.NotFound", ec2().disassociate_route_table, AssociationId=own)
        ec2().delete_route_table(RouteTableId=table)
        ec2().disassociate_route_table(AssociationId=moved["NewAssociationId"])
        ec2().delete_route_table(RouteTableId=other)


@check
def the_main_table_stays_until_another_is_main():
    with network() as vpc:
        main = main_table(vpc)
        own = main["Associations"][0]["RouteTableAssociationId"]
        refused("DependencyViolation", ec2().delete_route_table, RouteTableId=main["RouteTableId"])
        refused("InvalidParameterValue", ec2().disassociate_route_table, AssociationId=own)
        table = table_in(vpc)
        ec2().replace_route_table_association(AssociationId=own, RouteTableId=table)
        assert main_table(vpc)["RouteTableId"] == table
        ec2().delete_route_table(RouteTableId=main["RouteTableId"])
        refused(
            "InvalidRouteTableID.NotFound",
            ec2().delete_route_table,
            RouteTableId=main["RouteTableId"],
        )


@check
def a_deleted_subnet_leaves_its_table():
    with network() as vpc:
        subnet, table = subnet_in(vpc), table_in(vpc)
        ec2().associate_route_table(RouteTableId=table, SubnetId=subnet)
        ec2().delete_subnet(SubnetId=subnet)
        (found,) = ec2().describe_route_tables(RouteTableIds=[table])["RouteTables"]
        assert found["Associations"] == [], found


@check
def a_route_leads_to_the_internet():
    with network() as vpc:
        gateway, table = gateway_of(vpc), table_in(vpc)
        to_all = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
        assert ec2().create_route(GatewayId=gateway, **to_all)["Return"] is True
        route = route_to(table, "0.0.0.0/0")
        assert route["GatewayId"] == gateway and route["Origin"] == "CreateRoute", route
        assert route["State"] == "active", route
        ec2().delete_route(**to_all)
        assert route_to(table, "0.0.0.0/0") is None
        message = refused("InvalidRoute.NotFound", ec2().delete_route, **to_all)
        assert "0.0.0.0/0" in message and table in message, message


@check
def a_destination_has_one_route():
    with network() as vpc:
        gateway, table = gateway_of(vpc), table_in(vpc)
        interface = interface_in(subnet_in(vpc))
        to_all = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
        ec2().create_route(GatewayId=gateway, **to_all)
        again = {"NetworkInterfaceId": interface, **to_all}
        message = refused("RouteAlreadyExists", ec2().create_route, **again)
        assert message == "The route identified by 0.0.0.0/0 already exists.", message
        ec2().replace_route(**again)
        route = route_to(table, "0.0.0.0/0")
        assert route["NetworkInterfaceId"] == interface and "GatewayId" not in route, route


@check
def only_a_route_that_is_there_is_replaced():
    with network() as vpc:
        gateway, table = gateway_of(vpc), table_in(vpc)
        message = refused(
            "InvalidParameterValue",
            ec2().replace_route,
            RouteTableId=table,
            DestinationCidrBlock="10.9.0.0/16",
            GatewayId=gateway,
        )
        assert "Use CreateRoute instead" in message, message


@check
def a_route_leads_through_something_of_its_vpc():
    with network() as vpc:
        table = table_in(vpc)
        asked = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
        create = ec2().create_route
        for member, unknown, code in [
            ("GatewayId", "igw-", "InvalidGatewayID.NotFound"),
            ("NatGatewayId", "nat-", "InvalidNatGatewayID.NotFound"),
            ("NetworkInterfaceId", "eni-", "InvalidNetworkInterfaceID.NotFound"),
            ("TransitGatewayId", "tgw-", "InvalidTransitGatewayID.NotFound"),
            ("VpcPeeringConnectionId", "pcx-", "InvalidVpcPeeringConnectionID.NotFound"),
        ]:
            refused(code, create, **{member: unknown + NOWHERE}, **asked)
        loose = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        try:
            # A gateway that is attached elsewhere, or nowhere.
            refused("InvalidParameterValue", create, GatewayId=loose, **asked)
        finally:
            ec2().delete_internet_gateway(InternetGatewayId=loose)
        refused("MissingParameter", create, **asked)
        unknown = {"RouteTableId": "rtb-" + NOWHERE, "DestinationCidrBlock": "0.0.0.0/0"}
        refused(
            "InvalidRouteTableID.NotFound", create, GatewayId=gateway_of(vpc), **unknown
        )


@check
def the_local_route_cannot_be_deleted():
    with network() as vpc:
        table = table_in(vpc)
        message = refused(
            "InvalidParameterValue",
            ec2().delete_route,
            RouteTableId=table,
            DestinationCidrBlock="10.0.0.0/16",
        )
        assert "local route" in message, message


@check
def a_route_inside_the_vpc_leads_to_an_interface():
    # VPC guide, "Route table concepts": more specific than the local route.
    with network() as vpc:
        gateway, table = gateway_of(vpc), table_in(vpc)
        asked = {"RouteTableId": table, "DestinationCidrBlock": "10.0.3.0/24"}
        refused("InvalidParameterValue", ec2().create_route, GatewayId=gateway, **asked)
        interface = interface_in(subnet_in(vpc))
        ec2().create_route(NetworkInterfaceId=interface, **asked)
        assert route_to(table, "10.0.3.0/24")["NetworkInterfaceId"] == interface


@check
def a_route_outlives_its_target_as_a_black_hole():
    with network() as vpc:
        table, interface = table_in(vpc), interface_in(subnet_in(vpc))
        ec2().create_route(
            RouteTableId=table,
            DestinationCidrBlock="192.0.2.0/24",
            NetworkInterfaceId=interface,
        )
        assert route_to(table, "192.0.2.0/24")["State"] in ["active", "blackhole"]
        ec2().delete_network_interface(NetworkInterfaceId=interface)
        assert route_to(table, "192.0.2.0/24")["State"] == "blackhole"


@check
def filters_find_route_tables():
    with network() as vpc:
        gateway, table, subnet = gateway_of(vpc), table_in(vpc), subnet_in(vpc)
        association = ec2().associate_route_table(RouteTableId=table, SubnetId=subnet)
        ec2().create_route(
            RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
        )
        for name, value in [
            ("association.main", "false"),
            ("association.subnet-id", subnet),
            ("association.route-table-id", table),
            ("association.route-table-association-id", association["AssociationId"]),
            ("route-table-id", table),
            ("route.destination-cidr-block", "0.0.0.0/0"),
            ("route.gateway-id", gateway),
            ("route.origin", "CreateRoute"),
        ]:
            found = ec2().describe_route_tables(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["RouteTables"], "RouteTableId") == {table}, name
        found = ec2().describe_route_tables(
            Filters=by("vpc-id", vpc) + by("route.state", "blackhole")
        )
        assert found["RouteTables"] == [], found


@check
def a_table_and_a_subnet_are_of_one_network():
    with network() as vpc, network("10.1.0.0/16") as other:
        message = refused(
            "InvalidParameterValue",
            ec2().associate_route_table,
            RouteTableId=table_in(other),
            SubnetId=subnet_in(vpc),
        )
        assert "different networks" in message, message


# Elastic IP addresses


@check
def an_address_is_allocated_and_released():
    with address(TagSpecifications=tagged("elastic-ip", Name="a")) as made:
        own = made["AllocationId"]
        assert is_id(own, "eipalloc") and made["Domain"] == "vpc", made
        assert re.fullmatch(r"(\d+\.){3}\d+", made["PublicIp"]), made
        assert made["PublicIpv4Pool"] == "amazon", made
        assert made["NetworkBorderGroup"] == "us-east-1", made
        (found,) = ec2().describe_addresses(AllocationIds=[own])["Addresses"]
        assert found["PublicIp"] == made["PublicIp"] and "AssociationId" not in found, found
        assert tags(found["Tags"]) == {"Name": "a"}, found
        (found,) = ec2().describe_addresses(PublicIps=[made["PublicIp"]])["Addresses"]
        assert found["AllocationId"] == own, found
        for filters in [
            by("allocation-id", own),
            by("public-ip", made["PublicIp"]),
            by("tag:Name", "a"),
        ]:
            found = ec2().describe_addresses(Filters=filters)["Addresses"]
            assert ids(found, "AllocationId") == {own}, filters
        ec2().release_address(AllocationId=own)
        refused("InvalidAllocationID.NotFound", ec2().release_address, AllocationId=own)
        refused("InvalidAllocationID.NotFound", ec2().describe_addresses, AllocationIds=[own])
        refused("InvalidAddress.NotFound", ec2().describe_addresses, PublicIps=[made["PublicIp"]])


@check
def a_region_has_five_addresses():
    made = []
    try:
        there = len(ec2().describe_addresses()["Addresses"])
        for _ in range(there, 5):
            made.append(ec2().allocate_address(Domain="vpc")["AllocationId"])
        refused("AddressLimitExceeded", ec2().allocate_address, Domain="vpc")
    finally:
        for own in made:
            ec2().release_address(AllocationId=own)


@check
def an_address_is_put_on_an_interface():
    with network() as vpc, address() as public:
        own = public["AllocationId"]
        interface = interface_in(subnet_in(vpc))
        associate = ec2().associate_address
        # EC2 API, AssociateAddress: the VPC needs an internet gateway.
        refused(
            "Gateway.NotAttached", associate, AllocationId=own, NetworkInterfaceId=interface
        )
        gateway_of(vpc)
        made = associate(AllocationId=own, NetworkInterfaceId=interface)
        assert made["AssociationId"].startswith("eipassoc-"), made
        (found,) = ec2().describe_addresses(AllocationIds=[own])["Addresses"]
        assert found["AssociationId"] == made["AssociationId"], found
        assert found["NetworkInterfaceId"] == interface, found
        assert found["PrivateIpAddress"].startswith("10.0.1."), found
        assert found["NetworkInterfaceOwnerId"], found
        (seen,) = ec2().describe_network_interfaces(NetworkInterfaceIds=[interface])[
            "NetworkInterfaces"
        ]
        assert seen["Association"]["PublicIp"] == public["PublicIp"], seen
        assert seen["Association"]["AllocationId"] == own, seen
        message = refused("InvalidIPAddress.InUse", ec2().release_address, AllocationId=own)
        assert public["PublicIp"] in message, message
        ec2().disassociate_address(AssociationId=made["AssociationId"])
        refused(
            "InvalidAssociationID.NotFound",
            ec2().disassociate_address,
            AssociationId=made["AssociationId"],
        )
        (found,) = ec2().describe_addresses(AllocationIds=[own])["Addresses"]
        assert "AssociationId" not in found and "NetworkInterfaceId" not in found, found


@check
def an_address_moves_unless_that_is_forbidden():
    with network() as vpc, address() as public:
        gateway_of(vpc)
        own, subnet = public["AllocationId"], subnet_in(vpc)
        one, other = interface_in(subnet), interface_in(subnet)
        ec2().associate_address(AllocationId=own, NetworkInterfaceId=one)
        refused(
            "Resource.AlreadyAssociated",
            ec2().associate_address,
            AllocationId=own,
            NetworkInterfaceId=other,
            AllowReassociation=False,
        )
        ec2().associate_address(
            AllocationId=own, NetworkInterfaceId=other, AllowReassociation=True
        )
        (found,) = ec2().describe_addresses(AllocationIds=[own])["Addresses"]
        assert found["NetworkInterfaceId"] == other, found


@check
def a_secondary_address_can_be_public_too():
    with network() as vpc, address() as first, address() as second:
        gateway_of(vpc)
        made = ec2().create_network_interface(
            SubnetId=subnet_in(vpc), SecondaryPrivateIpAddressCount=1
        )["NetworkInterface"]
        interface = made["NetworkInterfaceId"]
        (private,) = [
            ip["PrivateIpAddress"] for ip in made["PrivateIpAddresses"] if not ip["Primary"]
        ]
        ec2().associate_address(AllocationId=first["AllocationId"], NetworkInterfaceId=interface)
        ec2().associate_address(
            AllocationId=second["AllocationId"],
            NetworkInterfaceId=interface,
            PrivateIpAddress=private,
        )
        (found,) = ec2().describe_network_interfaces(NetworkInterfaceIds=[interface])[
            "NetworkInterfaces"
        ]
        seen = {
            ip["PrivateIpAddress"]: ip["Association"]["PublicIp"]
            for ip in found["PrivateIpAddresses"]
        }
        assert seen[private] == second["PublicIp"], found
        assert seen[found["PrivateIpAddress"]] == first["PublicIp"], found
        assert found["Association"]["PublicIp"] == first["PublicIp"], found


@check
def an_association_needs_what_it_joins():
    with network() as vpc, address() as public:
        gateway_of(vpc)
        refused(
            "InvalidAllocationID.NotFound",
            ec2().associate_address,
            AllocationId="eipalloc-" + NOWHERE,
            NetworkInterfaceId=interface_in(subnet_in(vpc)),
        )
        refused(
            "InvalidNetworkInterfaceID.NotFound",
            ec2().associate_address,
            AllocationId=public["AllocationId"],
            NetworkInterfaceId="eni-" + NOWHERE,
        )


# NAT gateways


@check
def a_nat_gateway_is_pending_then_available():
    with network() as vpc, address() as public:
        gateway_of(vpc)
        subnet = subnet_in(vpc)
        made = ec2().create_nat_gateway(
            SubnetId=subnet,
            AllocationId=public["AllocationId"],
            TagSpecifications=tagged("natgateway", Name="n"),
        )["NatGateway"]
        own = made["NatGatewayId"]
        assert is_id(own, "nat") and made["State"] == "pending", made
        assert made["SubnetId"] == subnet and made["VpcId"] == vpc, made
        assert made["ConnectivityType"] == "public", made
        assert isinstance(made["CreateTime"], datetime.datetime), made
        assert tags(made["Tags"]) == {"Name": "n"}, made
        eventually(lambda: nat_state(own)["State"] == "available")
        (own_address,) = nat_state(own)["NatGatewayAddresses"]
        assert own_address["PublicIp"] == public["PublicIp"], own_address
        assert own_address["AllocationId"] == public["AllocationId"], own_address
        assert own_address["PrivateIp"].startswith("10.0.1."), own_address
        (interface,) = ec2().describe_network_interfaces(
            NetworkInterfaceIds=[own_address["NetworkInterfaceId"]]
        )["NetworkInterfaces"]
        assert interface["InterfaceType"] == "nat_gateway", interface
        assert interface["Description"] == f"Interface for NAT Gateway {own}", interface
        assert interface["RequesterManaged"] is True, interface
        assert interface["Status"] == "in-use" and interface["Groups"] == [], interface


@check
def a_nat_gateway_holds_its_address_until_it_is_deleted():
    with network() as vpc, address() as public:
        gateway = gateway_of(vpc)
        subnet, allocation = subnet_in(vpc), public["AllocationId"]
        own = ec2().create_nat_gateway(SubnetId=subnet, AllocationId=allocation)
        own = own["NatGateway"]["NatGatewayId"]
        eventually(lambda: nat_state(own)["State"] == "available")
        refused("InvalidIPAddress.InUse", ec2().release_address, AllocationId=allocation)
        refused("DependencyViolation", ec2().delete_subnet, SubnetId=subnet)
        refused(
            "DependencyViolation",
            ec2().detach_internet_gateway,
            InternetGatewayId=gateway,
            VpcId=vpc,
        )
        (found,) = ec2().describe_addresses(AllocationIds=[allocation])["Addresses"]
        refused(
            "AuthFailure", ec2().disassociate_address, AssociationId=found["AssociationId"]
        )
        gone = ec2().delete_nat_gateway(NatGatewayId=own)
        assert gone == {"NatGatewayId": own, "ResponseMetadata": gone["ResponseMetadata"]}
        eventually(lambda: nat_state(own)["State"] == "deleted")
        assert nat_state(own)["DeleteTime"] >= nat_state(own)["CreateTime"]
        ec2().release_address(AllocationId=allocation)
        ec2().delete_subnet(SubnetId=subnet)
        ec2().detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2().delete_internet_gateway(InternetGatewayId=gateway)


@check
def a_public_nat_gateway_fails_without_an_internet_gateway():
    # VPC guide, "Troubleshoot NAT gateways": Gateway.NotAttached.
    with network() as vpc, address() as public:
        own = ec2().create_nat_gateway(
            SubnetId=subnet_in(vpc), AllocationId=public["AllocationId"]
        )["NatGateway"]["NatGatewayId"]
        eventually(lambda: nat_state(own)["State"] == "failed")
        found = nat_state(own)
        assert found["FailureCode"] == "Gateway.NotAttached", found
        assert vpc in found["FailureMessage"], found


@check
def a_private_nat_gateway_has_no_public_address():
    with network() as vpc:
        own = ec2().create_nat_gateway(SubnetId=subnet_in(vpc), ConnectivityType="private")
        own = own["NatGateway"]["NatGatewayId"]
        eventually(lambda: nat_state(own)["State"] == "available")
        found = nat_state(own)
        assert found["ConnectivityType"] == "private", found
        assert all("PublicIp" not in address for address in found["NatGatewayAddresses"]), found


@check
def a_public_nat_gateway_needs_a_subnet_and_an_address():
    with network() as vpc, address() as public:
        create = ec2().create_nat_gateway
        refused("MissingParameter", create, SubnetId=subnet_in(vpc))
        refused(
            "InvalidAllocationID.NotFound",
            create,
            SubnetId=subnet_in(vpc, "10.0.2.0/24"),
            AllocationId="eipalloc-" + NOWHERE,
        )
        refused(
            "InvalidSubnetID.NotFound",
            create,
            SubnetId="subnet-" + NOWHERE,
            AllocationId=public["AllocationId"],
        )


@check
def an_unknown_nat_gateway_is_refused():
    unknown = "nat-" + NOWHERE
    refused("NatGatewayNotFound", ec2().describe_nat_gateways, NatGatewayIds=[unknown])
    refused("NatGatewayNotFound", ec2().delete_nat_gateway, NatGatewayId=unknown)


@check
def filters_find_nat_gateways():
    with network() as vpc:
        subnet = subnet_in(vpc)
        own = ec2().create_nat_gateway(
            SubnetId=subnet,
            ConnectivityType="private",
            TagSpecifications=tagged("natgateway", role="out"),
        )["NatGateway"]["NatGatewayId"]
        eventually(lambda: nat_state(own)["State"] == "available")
        for name, value in [
            ("nat-gateway-id", own),
            ("state", "available"),
            ("subnet-id", subnet),
            ("vpc-id", vpc),
            ("tag:role", "out"),
        ]:
            found = ec2().describe_nat_gateways(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["NatGateways"], "NatGatewayId") == {own}, name
        found = ec2().describe_nat_gateways(Filters=by("vpc-id", vpc) + by("state", "deleted"))
        assert found["NatGateways"] == [], found


@check
def a_client_token_makes_one_nat_gateway():
    with network() as vpc:
        subnet = subnet_in(vpc)
        asked = {"SubnetId": subnet, "ConnectivityType": "private", "ClientToken": "nat-one"}
        one = ec2().create_nat_gateway(**asked)
        two = ec2().create_nat_gateway(**asked)
        assert one["ClientToken"] == "nat-one", one
        assert one["NatGateway"]["NatGatewayId"] == two["NatGateway"]["NatGatewayId"], two
        refused(
            "IdempotentParameterMismatch",
            ec2().create_nat_gateway,
            **{**asked, "SubnetId": subnet_in(vpc, "10.0.2.0/24")},
        )


# VPC endpoints


@check
def a_gateway_endpoint_puts_routes_into_tables():
    with network() as vpc:
        table = table_in(vpc)
        service = "com.amazonaws.us-east-1.s3"
        made = ec2().create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=service,
            RouteTableIds=[table],
            TagSpecifications=tagged("vpc-endpoint", Name="s3"),
        )["VpcEndpoint"]
        own = made["VpcEndpointId"]
        assert is_id(own, "vpce") and made["VpcEndpointType"] == "Gateway", made
        assert made["State"] == "available" and made["ServiceName"] == service, made
        assert made["RouteTableIds"] == [table] and made["SubnetIds"] == [], made
        assert json.loads(made["PolicyDocument"])["Statement"][0]["Effect"] == "Allow", made
        assert made["PrivateDnsEnabled"] is False and made["Groups"] == [], made
        assert made["RequesterManaged"] is False and made["NetworkInterfaceIds"] == [], made
        assert isinstance(made["CreationTimestamp"], datetime.datetime), made
        assert tags(made["Tags"]) == {"Name": "s3"}, made
        (lists,) = ec2().describe_prefix_lists(Filters=by("prefix-list-name", service))[
            "PrefixLists"
        ]
        route = route_to(table, lists["PrefixListId"])
        assert route["GatewayId"] == own and route["State"] == "active", route
        refused("DependencyViolation", ec2().delete_vpc, VpcId=vpc)
        # The route goes with the endpoint alone.
        refused(
            "InvalidParameterValue",
            ec2().delete_route,
            RouteTableId=table,
            DestinationPrefixListId=lists["PrefixListId"],
        )
        ec2().modify_vpc_endpoint(VpcEndpointId=own, RemoveRouteTableIds=[table])
        assert route_to(table, lists["PrefixListId"]) is None
        ec2().modify_vpc_endpoint(VpcEndpointId=own, AddRouteTableIds=[table])
        assert route_to(table, lists["PrefixListId"]) is not None
        assert ec2().delete_vpc_endpoints(VpcEndpointIds=[own])["Unsuccessful"] == []
        eventually(lambda: route_to(table, lists["PrefixListId"]) is None)


@check
def a_table_leads_to_a_service_once():
    with network() as vpc:
        table = table_in(vpc)
        asked = {
            "VpcId": vpc,
            "ServiceName": "com.amazonaws.us-east-1.dynamodb",
            "RouteTableIds": [table],
        }
        ec2().create_vpc_endpoint(**asked)
        message = refused("RouteAlreadyExists", ec2().create_vpc_endpoint, **asked)
        assert table in message, message


@check
def an_interface_endpoint_has_interfaces():
    with network() as vpc:
        for attribute in ["EnableDnsSupport", "EnableDnsHostnames"]:
            ec2().modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
        subnet = subnet_in(vpc)
        group = ec2().create_security_group(VpcId=vpc, GroupName="ends", Description="d")
        group = group["GroupId"]
        made = ec2().create_vpc_endpoint(
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.us-east-1.logs",
            SubnetIds=[subnet],
            SecurityGroupIds=[group],
            PrivateDnsEnabled=True,
        )["VpcEndpoint"]
        own = made["VpcEndpointId"]
        assert made["State"] == "pending" and made["VpcEndpointType"] == "Interface", made

        def available():
            (found,) = ec2().describe_vpc_endpoints(VpcEndpointIds=[own])["VpcEndpoints"]
            return found if found["State"] == "available" else None

        found = eventually(available)
        assert found["SubnetIds"] == [subnet] and found["PrivateDnsEnabled"] is True, found
        assert found["Groups"] == [{"GroupId": group, "GroupName": "ends"}], found
        assert any("vpce.amazonaws.com" in e["DnsName"] for e in found["DnsEntries"]), found
        names = [entry["DnsName"] for entry in found["DnsEntries"]]
        assert "logs.us-east-1.amazonaws.com" in names, names
        (interface,) = ec2().describe_network_interfaces(
            NetworkInterfaceIds=found["NetworkInterfaceIds"]
        )["NetworkInterfaces"]
        assert interface["InterfaceType"] == "vpc_endpoint", interface
        assert interface["Description"] == f"VPC Endpoint Interface {own}", interface
        assert interface["SubnetId"] == subnet and interface["RequesterManaged"], interface
        assert ids(interface["Groups"], "GroupId") == {group}, interface
        refused("DependencyViolation", ec2().delete_security_group, GroupId=group)
        refused("DependencyViolation", ec2().delete_subnet, SubnetId=subnet)
        # PrivateLink guide: the name of a service is taken once in a VPC.
        refused(
            "InvalidParameter",
            ec2().create_vpc_endpoint,
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.us-east-1.logs",
            SubnetIds=[subnet],
            PrivateDnsEnabled=True,
        )
        ec2().delete_vpc_endpoints(VpcEndpointIds=[own])

        def free():
            asked = by("network-interface-id", interface["NetworkInterfaceId"])
            return not ec2().describe_network_interfaces(Filters=asked)["NetworkInterfaces"]

        eventually(free)
        ec2().delete_subnet(SubnetId=subnet)


@check
def private_names_need_dns_in_the_vpc():
    with network() as vpc:
        message = refused(
            "InvalidParameter",
            ec2().create_vpc_endpoint,
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.us-east-1.logs",
            SubnetIds=[subnet_in(vpc)],
            PrivateDnsEnabled=True,
        )
        assert "enableDnsHostnames" in message, message


@check
def an_endpoint_leads_to_a_service_that_there_is():
    with network() as vpc:
        create = ec2().create_vpc_endpoint
        unknown = "com.amazonaws.us-east-1.nothing"
        message = refused("InvalidServiceName", create, VpcId=vpc, ServiceName=unknown)
        assert message == f"The Vpc Endpoint Service '{unknown}' does not exist", message
        message = refused(
            "InvalidParameter",
            create,
            VpcId=vpc,
            VpcEndpointType="Gateway",
            ServiceName="com.amazonaws.us-east-1.logs",
        )
        assert "does not match available service types" in message, message


@check
def subnets_of_an_endpoint_lie_in_different_zones():
    with network() as vpc:
        zone = {"AvailabilityZone": "us-east-1a"}
        subnets = [subnet_in(vpc, "10.0.1.0/24", **zone), subnet_in(vpc, "10.0.2.0/24", **zone)]
        refused(
            "DuplicateSubnetsInSameZone",
            ec2().create_vpc_endpoint,
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.us-east-1.ecr.api",
            SubnetIds=subnets,
            PrivateDnsEnabled=False,
        )


@check
def the_policy_of_an_endpoint_is_kept_and_reset():
    with network() as vpc:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "*"}
            ],
        }
        own = ec2().create_vpc_endpoint(
            VpcId=vpc,
            ServiceName="com.amazonaws.us-east-1.s3",
            PolicyDocument=json.dumps(policy),
        )["VpcEndpoint"]["VpcEndpointId"]

        def read():
            (found,) = ec2().describe_vpc_endpoints(VpcEndpointIds=[own])["VpcEndpoints"]
            return json.loads(found["PolicyDocument"])

        assert read() == policy
        ec2().modify_vpc_endpoint(VpcEndpointId=own, ResetPolicy=True)
        assert read()["Statement"][0]["Action"] == "*", read()
        ec2().modify_vpc_endpoint(VpcEndpointId=own, PolicyDocument=json.dumps(policy))
        assert read() == policy


@check
def an_unknown_endpoint_is_told_of():
    unknown = "vpce-" + NOWHERE
    refused(
        "InvalidVpcEndpointId.NotFound", ec2().describe_vpc_endpoints, VpcEndpointIds=[unknown]
    )
    (gone,) = ec2().delete_vpc_endpoints(VpcEndpointIds=[unknown])["Unsuccessful"]
    assert gone["ResourceId"] == unknown, gone
    assert gone["Error"]["Code"] == "InvalidVpcEndpoint.NotFound", gone


@check
def filters_find_endpoints():
    with network() as vpc:
        service = "com.amazonaws.us-east-1.s3"
        own = ec2().create_vpc_endpoint(VpcId=vpc, ServiceName=service)["VpcEndpoint"]
        own = own["VpcEndpointId"]
        ec2().create_tags(Resources=[own], Tags=[{"Key": "k", "Value": "v"}])
        for name, value in [
            ("service-name", service),
            ("vpc-endpoint-id", own),
            ("vpc-endpoint-state", "available"),
            ("vpc-endpoint-type", "Gateway"),
            ("tag:k", "v"),
        ]:
            found = ec2().describe_vpc_endpoints(Filters=by("vpc-id", vpc) + by(name, value))
            assert ids(found["VpcEndpoints"], "VpcEndpointId") == {own}, name
        interfaces = by("vpc-id", vpc) + by("vpc-endpoint-type", "Interface")
        assert ec2().describe_vpc_endpoints(Filters=interfaces)["VpcEndpoints"] == []


@check
def services_of_endpoints_are_listed():
    name = "com.amazonaws.us-east-1.ecr.dkr"
    found = ec2().describe_vpc_endpoint_services(ServiceNames=[name])
    assert found["ServiceNames"] == [name], found
    (service,) = found["ServiceDetails"]
    assert service["ServiceType"] == [{"ServiceType": "Interface"}], service
    assert service["Owner"] == "amazon" and service["AcceptanceRequired"] is False, service
    assert service["PrivateDnsName"].endswith("dkr.ecr.us-east-1.amazonaws.com"), service
    assert "us-east-1a" in service["AvailabilityZones"], service
    gateways = ec2().describe_vpc_endpoint_services(
        Filters=by("service-type", "Gateway") + by("owner", "amazon")
    )
    assert {"com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"} <= set(
        gateways["ServiceNames"]
    ), gateways["ServiceNames"]
    refused(
        "InvalidServiceName", ec2().describe_vpc_endpoint_services, ServiceNames=["com.nothing"]
    )


# Network ACLs


@check
def a_new_acl_denies_everything():
    with network() as vpc:
        made = ec2().create_network_acl(VpcId=vpc, TagSpecifications=tagged("network-acl", Name="n"))
        made = made["NetworkAcl"]
        assert is_id(made["NetworkAclId"], "acl") and made["IsDefault"] is False, made
        assert made["Associations"] == [] and tags(made["Tags"]) == {"Name": "n"}, made
        assert sorted(entry["Egress"] for entry in made["Entries"]) == [False, True], made
        for entry in made["Entries"]:
            assert entry["RuleNumber"] == 32767 and entry["RuleAction"] == "deny", entry
            assert entry["Protocol"] == "-1" and entry["CidrBlock"] == "0.0.0.0/0", entry


@check
def the_default_acl_lets_everything_through_and_stays():
    with network() as vpc:
        subnet = subnet_in(vpc)
        (acl,) = ec2().describe_network_acls(Filters=by("default", "true") + by("vpc-id", vpc))[
            "NetworkAcls"
        ]
        entries = {(e["Egress"], e["RuleNumber"], e["RuleAction"]) for e in acl["Entries"]}
        assert entries == {
            (True, 100, "allow"),
            (True, 32767, "deny"),
            (False, 100, "allow"),
            (False, 32767, "deny"),
        }, entries
        (association,) = acl["Associations"]
        assert association["SubnetId"] == subnet, acl
        assert association["NetworkAclAssociationId"].startswith("aclassoc-"), acl
        refused(
            "InvalidParameterValue",
            ec2().delete_network_acl,
            NetworkAclId=acl["NetworkAclId"],
        )


@check
def entries_of_an_acl_come_change_and_go():
    with network() as vpc:
        acl = ec2().create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        asked = {
            "NetworkAclId": acl,
            "RuleNumber": 110,
            "Egress": False,
            "RuleAction": "allow",
            "Protocol": "6",
            "PortRange": {"From": 80, "To": 443},
            "CidrBlock": "10.0.0.0/8",
        }

        def entry():
            (found,) = ec2().describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
            entries = [entry for entry in found["Entries"] if entry["RuleNumber"] == 110]
            return entries[0] if entries else None

        ec2().create_network_acl_entry(**asked)
        assert entry() == {key: asked[key] for key in asked if key != "NetworkAclId"}, entry()
        refused("NetworkAclEntryAlreadyExists", ec2().create_network_acl_entry, **asked)
        ec2().replace_network_acl_entry(**{**asked, "RuleAction": "deny"})
        assert entry()["RuleAction"] == "deny"
        which = {"NetworkAclId": acl, "RuleNumber": 110, "Egress": False}
        ec2().delete_network_acl_entry(**which)
        assert entry() is None
        code = "InvalidNetworkAclEntry.NotFound"
        refused(code, ec2().delete_network_acl_entry, **which)
        refused(code, ec2().replace_network_acl_entry, **asked)


@check
def an_entry_of_an_acl_has_a_number_and_ports():
    with network() as vpc:
        acl = ec2().create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        asked = {
            "NetworkAclId": acl,
            "Egress": True,
            "RuleAction": "allow",
            "CidrBlock": "0.0.0.0/0",
        }
        create = ec2().create_network_acl_entry
        for number in [0, 32767]:
            refused("InvalidParameterValue", create, RuleNumber=number, Protocol="-1", **asked)
        # EC2 API, CreateNetworkAclEntry: TCP and UDP need ports, ICMP a type and a code.
        refused("MissingParameter", create, RuleNumber=1, Protocol="6", **asked)
        refused("MissingParameter", create, RuleNumber=1, Protocol="1", **asked)
        create(RuleNumber=1, Protocol="1", IcmpTypeCode={"Type": -1, "Code": -1}, **asked)
        (found,) = ec2().describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
        (entry,) = [e for e in found["Entries"] if e["RuleNumber"] == 1]
        assert entry["IcmpTypeCode"] == {"Type": -1, "Code": -1}, entry


@check
def a_subnet_moves_to_another_acl():
    with network() as vpc:
        subnet = subnet_in(vpc)
        of_subnet = by("association.subnet-id", subnet)
        (default,) = ec2().describe_network_acls(Filters=of_subnet)["NetworkAcls"]
        (association,) = [a for a in default["Associations"] if a["SubnetId"] == subnet]
        acl = ec2().create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        moved = ec2().replace_network_acl_association(
            AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
        )
        assert moved["NewAssociationId"] != association["NetworkAclAssociationId"], moved
        (found,) = ec2().describe_network_acls(Filters=of_subnet)["NetworkAcls"]
        assert found["NetworkAclId"] == acl, found
        refused("DependencyViolation", ec2().delete_network_acl, NetworkAclId=acl)
        ec2().replace_network_acl_association(
            AssociationId=moved["NewAssociationId"], NetworkAclId=default["NetworkAclId"]
        )
        ec2().delete_network_acl(NetworkAclId=acl)
        refused("InvalidNetworkAclID.NotFound", ec2().delete_network_acl, NetworkAclId=acl)
        refused("InvalidNetworkAclID.NotFound", ec2().describe_network_acls, NetworkAclIds=[acl])


# Prefix lists


@check
def aws_keeps_prefix_lists_of_its_gateways():
    name = "com.amazonaws.us-east-1.s3"
    (found,) = ec2().describe_prefix_lists(Filters=by("prefix-list-name", name))["PrefixLists"]
    assert found["PrefixListName"] == name and found["Cidrs"], found
    (managed,) = ec2().describe_managed_prefix_lists(Filters=by("prefix-list-name", name))[
        "PrefixLists"
    ]
    assert managed["PrefixListId"] == found["PrefixListId"], managed
    assert managed["OwnerId"] == "AWS" and managed["AddressFamily"] == "IPv4", managed
    assert managed["PrefixListArn"].startswith("arn:aws:ec2:us-east-1:aws:prefix-list/"), managed


def own_list(*cidrs, name="own", **more):
    made = ec2().create_managed_prefix_list(
        PrefixListName=name,
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": cidr, "Description": "of " + cidr} for cidr in cidrs],
        **more,
    )["PrefixList"]
    return made["PrefixListId"]


def settled(prefix_list):
    (found,) = ec2().describe_managed_prefix_lists(PrefixListIds=[prefix_list])["PrefixLists"]
    return found if found["State"].endswith("-complete") else None


@check
def a_prefix_list_has_versions():
    own = own_list("10.0.0.0/8", TagSpecifications=tagged("prefix-list", Name="p"))
    found = eventually(lambda: settled(own))
    assert own.startswith("pl-") and found["State"] == "create-complete", found
    assert found["Version"] == 1 and found["MaxEntries"] == 5, found
    assert found["OwnerId"].isdigit() and tags(found["Tags"]) == {"Name": "p"}, found
    entries = ec2().get_managed_prefix_list_entries(PrefixListId=own)["Entries"]
    assert entries == [{"Cidr": "10.0.0.0/8", "Description": "of 10.0.0.0/8"}], entries
    modify = ec2().modify_managed_prefix_list
    refused(
        "PrefixListVersionMismatch",
        modify,
        PrefixListId=own,
        CurrentVersion=7,
        AddEntries=[{"Cidr": "10.1.0.0/16"}],
    )
    modify(
        PrefixListId=own,
        CurrentVersion=1,
        PrefixListName="renamed",
        AddEntries=[{"Cidr": "192.168.0.0/16"}],
        RemoveEntries=[{"Cidr": "10.0.0.0/8"}],
    )
    found = eventually(lambda: settled(own))
    assert found["State"] == "modify-complete" and found["Version"] == 2, found
    assert found["PrefixListName"] == "renamed", found
    entries = ec2().get_managed_prefix_list_entries(PrefixListId=own)["Entries"]
    assert [entry["Cidr"] for entry in entries] == ["192.168.0.0/16"], entries
    entries = ec2().get_managed_prefix_list_entries(PrefixListId=own, TargetVersion=1)["Entries"]
    assert [entry["Cidr"] for entry in entries] == ["10.0.0.0/8"], entries
    ec2().delete_managed_prefix_list(PrefixListId=own)

    def gone():
        listed = ec2().describe_managed_prefix_lists(Filters=by("prefix-list-id", own))
        return not listed["PrefixLists"]

    eventually(gone)
    refused(
        "InvalidPrefixListID.NotFound", ec2().delete_managed_prefix_list, PrefixListId=own
    )


@check
def a_prefix_list_in_use_stays():
    # EC2 API, DeleteManagedPrefixList: all references have to be removed first. Whether the call is
    # refused or the list ends as delete-failed (terraform-provider-aws#20991), it stays.
    with network() as vpc:
        own = own_list("10.0.0.0/8")
        eventually(lambda: settled(own))

        def stays():
            quietly(ec2().delete_managed_prefix_list, PrefixListId=own)

            def rests():
                (found,) = ec2().describe_managed_prefix_lists(PrefixListIds=[own])["PrefixLists"]
                return not found["State"].endswith("-in-progress")

            eventually(rests)

        group = ec2().create_security_group(VpcId=vpc, GroupName="g", Description="d")["GroupId"]
        rule = [
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": own}],
            }
        ]
        ec2().authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
        stays()
        ec2().revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
        table, gateway = table_in(vpc), gateway_of(vpc)
        ec2().create_route(RouteTableId=table, DestinationPrefixListId=own, GatewayId=gateway)
        assert route_to(table, own)["GatewayId"] == gateway
        stays()
        ec2().delete_route(RouteTableId=table, DestinationPrefixListId=own)
        ec2().delete_managed_prefix_list(PrefixListId=own)


# DHCP options, zones, and what is the same for all


@check
def dhcp_options_are_made_and_given_to_a_vpc():
    with network() as vpc:
        made = ec2().create_dhcp_options(
            DhcpConfigurations=[
                {"Key": "domain-name", "Values": ["example.com"]},
                {"Key": "domain-name-servers", "Values": ["10.0.0.2", "10.0.0.3"]},
            ],
            TagSpecifications=tagged("dhcp-options", Name="d"),
        )["DhcpOptions"]
        own = made["DhcpOptionsId"]
        assert is_id(own, "dopt") and tags(made["Tags"]) == {"Name": "d"}, made
        (found,) = ec2().describe_dhcp_options(DhcpOptionsIds=[own])["DhcpOptions"]
        options = {
            option["Key"]: [value["Value"] for value in option["Values"]]
            for option in found["DhcpConfigurations"]
        }
        assert options == {
            "domain-name": ["example.com"],
            "domain-name-servers": ["10.0.0.2", "10.0.0.3"],
        }, found
        ec2().associate_dhcp_options(DhcpOptionsId=own, VpcId=vpc)
        (seen,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert seen["DhcpOptionsId"] == own, seen
        refused("DependencyViolation", ec2().delete_dhcp_options, DhcpOptionsId=own)
        ec2().associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc)
        (seen,) = ec2().describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert seen["DhcpOptionsId"] == "default", seen
        ec2().delete_dhcp_options(DhcpOptionsId=own)


@check
def zones_and_regions_are_listed():
    zones = ec2().describe_availability_zones()["AvailabilityZones"]
    assert {"us-east-1a", "us-east-1b", "us-east-1c"} <= ids(zones, "ZoneName"), zones
    for zone in zones:
        assert zone["State"] == "available" and zone["RegionName"] == "us-east-1", zone
        assert zone["ZoneType"] == "availability-zone", zone
        assert zone["OptInStatus"] == "opt-in-not-required", zone
        assert re.fullmatch(r"use1-az\d", zone["ZoneId"]), zone
    (one,) = ec2().describe_availability_zones(Filters=by("zone-name", "us-east-1b"))[
        "AvailabilityZones"
    ]
    assert one["ZoneName"] == "us-east-1b", one
    refused("InvalidParameterValue", ec2().describe_availability_zones, ZoneNames=["us-east-1z"])
    regions = ec2().describe_regions()["Regions"]
    assert {"us-east-1", "eu-central-1"} <= ids(regions, "RegionName"), regions
    (own,) = ec2().describe_regions(RegionNames=["eu-west-1"])["Regions"]
    assert own["Endpoint"] == "ec2.eu-west-1.amazonaws.com", own


@check
def a_dry_run_changes_nothing():
    before = len(ec2().describe_vpcs()["Vpcs"])
    message = refused(
        "DryRunOperation", ec2().create_vpc, CidrBlock="10.0.0.0/16", DryRun=True
    )
    assert "Request would have succeeded" in message, message
    refused("DryRunOperation", ec2().create_internet_gateway, DryRun=True)
    assert len(ec2().describe_vpcs()["Vpcs"]) == before


@check
def instances_are_looked_for_by_id_and_filter():
    unknown = "i-" + NOWHERE
    refused("InvalidInstanceID.NotFound", ec2().describe_instances, InstanceIds=[unknown])
    refused("InvalidInstanceID.Malformed", ec2().describe_instances, InstanceIds=["web"])
    with network() as vpc:
        filters = by("vpc-id", vpc) + by("instance-state-name", "running")
        assert ec2().describe_instances(Filters=filters)["Reservations"] == []
        assert ec2().describe_instances(Filters=by("tag:Name", "nobody"))["Reservations"] == []


@check
def flow_logs_are_of_a_vpc():
    with network() as vpc:
        made = ec2().create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination="arn:aws:s3:::nobodys-logs-of-flows",
            TagSpecifications=tagged("vpc-flow-log", Name="f"),
        )
        if made.get("Unsuccessful"):  # the bucket has to be one's own on AWS
            return
        (own,) = made["FlowLogIds"]
        (found,) = ec2().describe_flow_logs(Filter=by("resource-id", vpc))["FlowLogs"]
        assert found["FlowLogId"] == own and found["FlowLogStatus"] == "ACTIVE", found
        assert found["TrafficType"] == "ALL" and found["MaxAggregationInterval"] == 600, found
        assert tags(found["Tags"]) == {"Name": "f"}, found
        assert ec2().delete_flow_logs(FlowLogIds=[own])["Unsuccessful"] == []
        assert ec2().describe_flow_logs(Filter=by("resource-id", vpc))["FlowLogs"] == []
