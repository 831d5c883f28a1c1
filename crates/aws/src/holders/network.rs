//! What holds VPCs and their parts.

use futures_util::FutureExt;
use landfall_model::{Holder, Tags};

use super::{Asking, Holders, all, interfaces, named};
use crate::error::Answer;
use crate::services::ec2::{filter, tags_of};

/// Interfaces that are in a group, and other groups whose rules name it.
pub(super) async fn of_security_group(asking: Asking<'_>, id: &str) -> Holders {
    all(vec![
        interfaces::matching(asking, vec![filter("group-id", [id])]).boxed(),
        naming_groups(asking, id, "ip-permission.group-id").boxed(),
        naming_groups(asking, id, "egress.ip-permission.group-id").boxed(),
    ])
    .await
}

async fn naming_groups(asking: Asking<'_>, id: &str, by: &str) -> Holders {
    let call = asking.aws.ec2.describe_security_groups().filters(filter(by, [id]));
    let groups = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let groups = groups.named("ec2:DescribeSecurityGroups")?.into_iter();
    // A group may name itself and still be deleted.
    let others = groups.filter(|group| group.group_id.as_deref() != Some(id));
    let holders = others.map(|group| {
        let (other, name) = (group.group_id.unwrap_or_default(), group.group_name);
        let what = format!("a rule of the security group {other} ({})", name.unwrap_or_default());
        let show = format!("aws ec2 describe-security-groups --group-ids {other}");
        asking.present(&what, &tags_of(group.tags), show)
    });
    Ok(holders.collect())
}

/// Interfaces in a subnet.
pub(super) async fn of_subnet(asking: Asking<'_>, id: &str) -> Holders {
    interfaces::matching(asking, vec![filter("subnet-id", [id])]).await
}

/// Public addresses in a VPC keep its internet gateway attached.
pub(super) async fn of_internet_gateway(asking: Asking<'_>, vpc: &str) -> Holders {
    interfaces::with_public_address(asking, vpc).await
}

/// The subnets that a route table serves.
pub(super) async fn of_route_table(asking: Asking<'_>, id: &str) -> Holders {
    let call = asking.aws.ec2.describe_route_tables().filters(filter("route-table-id", [id]));
    let tables = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let tables = tables.named("ec2:DescribeRouteTables")?;
    let served = tables.iter().flat_map(|table| table.associations());
    let subnets: Vec<String> =
        served.filter_map(|association| association.subnet_id.clone()).collect();
    if subnets.is_empty() {
        return Ok(Vec::new());
    }
    let call = asking.aws.ec2.describe_subnets().filters(filter("subnet-id", subnets));
    let subnets = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let subnets = subnets.named("ec2:DescribeSubnets")?.into_iter();
    let holders = subnets.map(|one| part(asking, "subnet", one.subnet_id, tags_of(one.tags)));
    Ok(holders.collect())
}

/// What is in a VPC, but for what AWS deletes together with it.
pub(super) async fn of_vpc(asking: Asking<'_>, id: &str) -> Holders {
    all(vec![
        subnets(asking, id).boxed(),
        groups(asking, id).boxed(),
        gateways(asking, id).boxed(),
        nat_gateways(asking, id).boxed(),
        endpoints(asking, id).boxed(),
        route_tables(asking, id).boxed(),
        network_acls(asking, id).boxed(),
        egress_only_gateways(asking, id).boxed(),
        vpn_gateways(asking, id).boxed(),
    ])
    .await
}

/// A part of a VPC. `aws ec2 describe-<sort>s` shows it.
fn part(asking: Asking<'_>, sort: &str, id: Option<String>, tags: Tags) -> Holder {
    let id = id.unwrap_or_default();
    let command = sort.to_lowercase().replace(' ', "-");
    let option = match sort {
        "security group" => "group-ids".to_owned(),
        _ => format!("{command}-ids"),
    };
    let show = format!("aws ec2 describe-{command}s --{option} {id}");
    asking.present(&named(sort, &id, &tags), &tags, show)
}

async fn subnets(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_subnets().filters(filter("vpc-id", [vpc]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeSubnets")?.into_iter();
    Ok(found.map(|one| part(asking, "subnet", one.subnet_id, tags_of(one.tags))).collect())
}

async fn groups(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_security_groups().filters(filter("vpc-id", [vpc]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeSecurityGroups")?.into_iter();
    let own = found.filter(|group| group.group_name.as_deref() != Some("default"));
    let holders = own.map(|group| {
        let mut tags = tags_of(group.tags);
        tags.entry("Name".to_owned()).or_insert(group.group_name.unwrap_or_default());
        part(asking, "security group", group.group_id, tags)
    });
    Ok(holders.collect())
}

async fn gateways(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_internet_gateways();
    let call = call.filters(filter("attachment.vpc-id", [vpc]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeInternetGateways")?.into_iter();
    let holders = found
        .map(|one| part(asking, "internet gateway", one.internet_gateway_id, tags_of(one.tags)));
    Ok(holders.collect())
}

async fn nat_gateways(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_nat_gateways().filter(filter("vpc-id", [vpc]));
    let call = call.filter(filter("state", ["pending", "available", "failed"]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeNatGateways")?.into_iter();
    let holders =
        found.map(|one| part(asking, "NAT gateway", one.nat_gateway_id, tags_of(one.tags)));
    Ok(holders.collect())
}

async fn endpoints(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_vpc_endpoints().filters(filter("vpc-id", [vpc]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeVpcEndpoints")?.into_iter();
    let holders =
        found.map(|one| part(asking, "VPC endpoint", one.vpc_endpoint_id, tags_of(one.tags)));
    Ok(holders.collect())
}

async fn route_tables(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_route_tables().filters(filter("vpc-id", [vpc]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeRouteTables")?.into_iter();
    let own = found.filter(|table| !table.associations().iter().any(|one| one.main == Some(true)));
    let holders = own.map(|one| part(asking, "route table", one.route_table_id, tags_of(one.tags)));
    Ok(holders.collect())
}

async fn network_acls(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_network_acls().filters(filter("vpc-id", [vpc]));
    let call = call.filters(filter("default", ["false"]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeNetworkAcls")?.into_iter();
    let holders =
        found.map(|one| part(asking, "network ACL", one.network_acl_id, tags_of(one.tags)));
    Ok(holders.collect())
}

async fn egress_only_gateways(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_egress_only_internet_gateways();
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeEgressOnlyInternetGateways")?.into_iter();
    // EC2 has no filter for them by VPC.
    let here = found.filter(|gateway| {
        gateway.attachments().iter().any(|one| one.vpc_id.as_deref() == Some(vpc))
    });
    let sort = "egress-only internet gateway";
    let holders =
        here.map(|one| part(asking, sort, one.egress_only_internet_gateway_id, tags_of(one.tags)));
    Ok(holders.collect())
}

async fn vpn_gateways(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_vpn_gateways();
    let call = call.filters(filter("attachment.vpc-id", [vpc]));
    let call = call.filters(filter("attachment.state", ["attached", "attaching"]));
    let answer = call.send().await.named("ec2:DescribeVpnGateways");
    let found = answer?.vpn_gateways.unwrap_or_default().into_iter();
    let holders =
        found.map(|one| part(asking, "VPN gateway", one.vpn_gateway_id, tags_of(one.tags)));
    Ok(holders.collect())
}
