//! Network interfaces, and what they belong to. EC2 tells it by the description that each service
//! gives its interfaces
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>).

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ec2::types::{
    AttachmentStatus, Filter, NatGatewayState, NetworkInterface, NetworkInterfaceStatus, State,
};
use futures_util::future::try_join3;
use landfall_model::{CloudError, Going, Holder, Tags};

use super::{Asking, Holders};
use crate::Aws;
use crate::error::Answer;
use crate::services::ec2::{filter, tags_of};
use crate::services::elb;

/// What an interface belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Parent {
    LoadBalancer(String),
    NatGateway(String),
    Endpoint(String),
    Instance(String),
    Task(Option<String>),
    Lambda(String),
    /// Another service's, in that service's words.
    Service(String),
    /// Nothing, by itself.
    Nothing(String),
}

/// How it is with a parent that can be asked for.
enum Standing {
    Here(Tags),
    Gone,
}

/// The interfaces that match filters, as holders: one for each thing that they belong to.
pub(super) async fn matching(asking: Asking<'_>, filters: Vec<Filter>) -> Holders {
    let call = asking.aws.ec2.describe_network_interfaces().set_filters(Some(filters));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    holders(asking, found.named("ec2:DescribeNetworkInterfaces")?).await
}

/// The same of interfaces that have a public address.
pub(super) async fn with_public_address(asking: Asking<'_>, vpc: &str) -> Holders {
    let call = asking.aws.ec2.describe_network_interfaces().filters(filter("vpc-id", [vpc]));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let mut found = found.named("ec2:DescribeNetworkInterfaces")?;
    found.retain(|one| one.association.as_ref().is_some_and(|held| held.public_ip.is_some()));
    holders(asking, found).await
}

async fn holders(asking: Asking<'_>, interfaces: Vec<NetworkInterface>) -> Holders {
    let mut families: BTreeMap<(Parent, Option<String>), Vec<NetworkInterface>> = BTreeMap::new();
    for interface in interfaces {
        let elsewhere = interface.owner_id.clone().filter(|owner| *owner != asking.aws.account);
        families.entry((parent(&interface), elsewhere)).or_default().push(interface);
    }
    let of = |sort: fn(&Parent) -> Option<&String>| -> Vec<String> {
        families.keys().filter_map(|(parent, _)| sort(parent).cloned()).collect()
    };
    let (balancers, gateways, endpoints) = try_join3(
        load_balancers(
            asking.aws,
            of(|parent| if let Parent::LoadBalancer(name) = parent { Some(name) } else { None }),
        ),
        nat_gateways(
            asking.aws,
            of(|parent| if let Parent::NatGateway(id) = parent { Some(id) } else { None }),
        ),
        endpoints(
            asking.aws,
            of(|parent| if let Parent::Endpoint(id) = parent { Some(id) } else { None }),
        ),
    )
    .await?;
    let holders = families.into_iter().map(|((parent, elsewhere), members)| {
        let standing = match &parent {
            Parent::LoadBalancer(name) => Some(balancers.get(name)),
            Parent::NatGateway(id) => Some(gateways.get(id)),
            Parent::Endpoint(id) => Some(endpoints.get(id)),
            _ => None,
        };
        // Whoever is not listed any more is gone; but another account's are never listed.
        let standing =
            standing.filter(|_| elsewhere.is_none()).map(|known| known.unwrap_or(&Standing::Gone));
        holder(asking, &parent, elsewhere.as_deref(), standing, &members)
    });
    Ok(holders.collect())
}

fn holder(
    asking: Asking<'_>,
    parent: &Parent,
    elsewhere: Option<&str>,
    standing: Option<&Standing>,
    members: &[NetworkInterface],
) -> Holder {
    let ids: Vec<&str> = members.iter().filter_map(|one| one.network_interface_id()).collect();
    let whose = match parent {
        Parent::LoadBalancer(name) => format!(" of the load balancer {name}"),
        Parent::NatGateway(id) => format!(" of the NAT gateway {id}"),
        Parent::Endpoint(id) => format!(" of the VPC endpoint {id}"),
        Parent::Instance(id) => format!(" of the EC2 instance {id}"),
        Parent::Task(Some(service)) => format!(" of tasks of the ECS service {service}"),
        Parent::Task(None) => " of an ECS task".to_owned(),
        Parent::Lambda(function) => format!(" of the Lambda function {function}"),
        Parent::Service(words) | Parent::Nothing(words) if words.is_empty() => String::new(),
        Parent::Service(words) | Parent::Nothing(words) => format!(" ({words})"),
    };
    let what = match ids.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{} network interfaces", many.len()),
    };
    let place = elsewhere.map(|account| format!(", in account {account}")).unwrap_or_default();
    let what = format!("{what}{whose}{place}");
    let show =
        format!("aws ec2 describe-network-interfaces --network-interface-ids {}", ids.join(" "));
    let going = match (parent, standing) {
        (_, Some(Standing::Gone)) => Going::ByItself,
        (_, Some(Standing::Here(tags))) => return asking.present(&what, tags, show),
        _ if members.iter().all(is_leaving) => Going::ByItself,
        (Parent::Instance(_), _) => Going::Not,
        _ if elsewhere.is_some() => Going::Not,
        (Parent::Nothing(_), _) => {
            let tags = members.first().map(|one| tags_of(one.tag_set.clone()));
            return asking.present(&what, &tags.unwrap_or_default(), show);
        }
        _ => Going::Unknown,
    };
    Holder { what, going, show }
}

/// Whether AWS is taking an interface away that it made itself: unattached it has no use any more.
fn is_leaving(interface: &NetworkInterface) -> bool {
    let attachment = interface.attachment.as_ref().and_then(|held| held.status.as_ref());
    let managed = interface.requester_managed.unwrap_or(false);
    matches!(attachment, Some(AttachmentStatus::Detaching))
        || managed && interface.status == Some(NetworkInterfaceStatus::Available)
}

fn parent(interface: &NetworkInterface) -> Parent {
    let words = interface.description().unwrap_or_default();
    let after = |start: &str| words.strip_prefix(start).map(str::to_owned);
    let attachment = interface.attachment.as_ref();
    if let Some(instance) = attachment.and_then(|held| held.instance_id.clone()) {
        return Parent::Instance(instance);
    }
    // `app/name/id`; a classic one has only its name, and is not asked for.
    if let Some(name) = after("ELB ").and_then(|path| Some(path.split('/').nth(1)?.to_owned())) {
        return Parent::LoadBalancer(name);
    }
    if let Some(gateway) = after("Interface for NAT Gateway ") {
        return Parent::NatGateway(gateway);
    }
    if let Some(endpoint) = after("VPC Endpoint Interface ") {
        return Parent::Endpoint(endpoint);
    }
    if words.contains(":ecs:") && words.contains(":attachment/") {
        let tags = tags_of(interface.tag_set.clone());
        return Parent::Task(tags.get("aws:ecs:serviceName").cloned());
    }
    if let Some(function) = after("AWS Lambda VPC ENI-") {
        // Behind the function's name stands a UUID, whose five parts hyphens hold together.
        let parts: Vec<&str> = function.split('-').collect();
        let name = parts.get(..parts.len().saturating_sub(5)).unwrap_or_default();
        let name = if name.is_empty() { function.clone() } else { name.join("-") };
        return Parent::Lambda(name);
    }
    match interface.requester_managed.unwrap_or(false) {
        true => Parent::Service(words.to_owned()),
        false => Parent::Nothing(words.to_owned()),
    }
}

/// Load balancers by name.
async fn load_balancers(
    aws: &Aws,
    names: Vec<String>,
) -> Result<HashMap<String, Standing>, CloudError> {
    let found = elb::existing(&names, |names| async {
        let call = aws.elb.describe_load_balancers().set_names(Some(names));
        let answer = call.send().await;
        let answer = answer.or_missing("elasticloadbalancing:DescribeLoadBalancers")?;
        Ok(answer.map(|answer| answer.load_balancers.unwrap_or_default()))
    });
    let found = found.await?;
    let arns: Vec<String> = found.iter().filter_map(|one| one.load_balancer_arn.clone()).collect();
    let tags = elb::tags_of(aws, &arns).await?;
    let standings = found.into_iter().filter_map(|one| {
        let tags = tags.get(&one.load_balancer_arn?).cloned().unwrap_or_default();
        Some((one.load_balancer_name?, Standing::Here(tags)))
    });
    Ok(standings.collect())
}

async fn nat_gateways(
    aws: &Aws,
    ids: Vec<String>,
) -> Result<HashMap<String, Standing>, CloudError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let call = aws.ec2.describe_nat_gateways().filter(filter("nat-gateway-id", ids));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let standings = found.named("ec2:DescribeNatGateways")?.into_iter().filter_map(|one| {
        let leaves = [NatGatewayState::Deleting, NatGatewayState::Deleted];
        let gone = one.state.as_ref().is_some_and(|state| leaves.contains(state));
        let standing = if gone { Standing::Gone } else { Standing::Here(tags_of(one.tags)) };
        Some((one.nat_gateway_id?, standing))
    });
    Ok(standings.collect())
}

async fn endpoints(aws: &Aws, ids: Vec<String>) -> Result<HashMap<String, Standing>, CloudError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let call = aws.ec2.describe_vpc_endpoints().filters(filter("vpc-endpoint-id", ids));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let standings = found.named("ec2:DescribeVpcEndpoints")?.into_iter().filter_map(|one| {
        let gone = matches!(one.state, Some(State::Deleting | State::Deleted));
        let standing = if gone { Standing::Gone } else { Standing::Here(tags_of(one.tags)) };
        Some((one.vpc_endpoint_id?, standing))
    });
    Ok(standings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(description: &str, managed: bool) -> Parent {
        let interface = NetworkInterface::builder().description(description);
        parent(&interface.requester_managed(managed).build())
    }

    #[test]
    fn a_description_tells_whose_an_interface_is() {
        let text = str::to_owned;
        assert_eq!(of("ELB app/web/0a1b", true), Parent::LoadBalancer(text("web")));
        assert_eq!(of("ELB old", true), Parent::Service(text("ELB old")));
        let gateway = of("Interface for NAT Gateway nat-1", true);
        assert_eq!(gateway, Parent::NatGateway(text("nat-1")));
        assert_eq!(of("VPC Endpoint Interface vpce-1", true), Parent::Endpoint(text("vpce-1")));
        let task = "arn:aws:ecs:us-east-1:123456789012:attachment/0c8f";
        assert_eq!(of(task, true), Parent::Task(None));
        let lambda = "AWS Lambda VPC ENI-my-fn-1a2b3c4d-0000-1111-2222-333344445555";
        assert_eq!(of(lambda, true), Parent::Lambda(text("my-fn")));
        let database = of("RDSNetworkInterface", true);
        assert_eq!(database, Parent::Service(text("RDSNetworkInterface")));
        assert_eq!(of("", false), Parent::Nothing(String::new()));
    }
}
