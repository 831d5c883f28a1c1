//! What a stack leaves behind that no kind stands for: what AWS made beside it, images, and what
//! carries the stack's tag by somebody else's hand.

use std::time::Duration;

use futures_util::future::try_join4;
use landfall_model::{Aftermath, CloudError, Leftover, Live, tags};
use serde_json::Value;

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::services::ec2::filter;

type Leftovers = Result<Vec<Leftover>, CloudError>;

/// What there is. Where all went well, only what AWS makes by itself is looked for.
pub(crate) async fn after(aws: &Aws, after: &Aftermath<'_>) -> Leftovers {
    let tagged = !after.left.is_empty();
    let clusters = after.gone.iter().filter(|live| watched(live)).map(|live| name_of(live));
    let clusters: Vec<String> = clusters.collect();
    let repositories = after.left.iter().filter(|live| live.kind == "ecr_repository");
    let repositories: Vec<String> = repositories.map(|live| live.id.clone()).collect();
    let all = try_join4(
        each(clusters, |cluster| insights(aws, cluster)),
        each(repositories, |repository| images(aws, repository)),
        async { if tagged { addresses(aws, after.stack).await } else { Ok(Vec::new()) } },
        async { if tagged { interfaces(aws, after.stack).await } else { Ok(Vec::new()) } },
    );
    let (insights, images, addresses, interfaces) = all.await?;
    let of_kinds = insights.into_iter().chain(images).flatten();
    Ok(of_kinds.chain(addresses).chain(interfaces).collect())
}

/// How long the agent of a stopped task may still hand in log lines.
const LAST_WORDS: Duration = Duration::from_secs(40);

/// How long something may come back. Late lines make a log group anew only where the task's log
/// driver is told to.
pub(crate) fn lingers(gone: &[&Live]) -> Duration {
    let makes_groups = |live: &&&Live| {
        let containers = live.spec.get("containers").and_then(Value::as_object);
        let mut containers = containers.into_iter().flat_map(|all| all.values());
        containers.any(|container| {
            let create = container.pointer("/logging/options/awslogs-create-group");
            create.and_then(Value::as_str) == Some("true")
        })
    };
    let tasks = gone.iter().filter(|live| live.kind == "task_definition");
    if tasks.clone().any(|live| makes_groups(&live)) { LAST_WORDS } else { Duration::ZERO }
}

/// Whether a thing is a cluster with Container Insights.
fn watched(live: &Live) -> bool {
    let insights = live.spec.get("container_insights").and_then(Value::as_str);
    live.kind == "ecs_cluster" && insights.is_some_and(|insights| insights != "disabled")
}

fn name_of(live: &Live) -> String {
    live.spec.get("name").and_then(Value::as_str).unwrap_or(&live.id).to_owned()
}

/// Container Insights keeps its events in a log group that stays when the cluster goes
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-ECS.html>).
async fn insights(aws: &Aws, cluster: String) -> Leftovers {
    let folder = format!("/aws/ecs/containerinsights/{cluster}/");
    let call = aws.logs.describe_log_groups().log_group_name_prefix(folder).into_paginator();
    let groups = call.items().send().collect::<Result<Vec<_>, _>>().await;
    let groups = groups.named("logs:DescribeLogGroups")?.into_iter();
    let leftovers = groups.filter_map(|group| group.log_group_name).map(|name| Leftover {
        what: format!("log group {name}"),
        why: "Container Insights made it for the cluster".to_owned(),
        cost: Some("about $0.03 per GB and month of stored events".to_owned()),
        remove: Some(format!("aws logs delete-log-group --log-group-name {name}")),
    });
    Ok(leftovers.collect())
}

/// The images of a repository that stays.
async fn images(aws: &Aws, name: String) -> Leftovers {
    let call = aws.ecr.describe_images().repository_name(&name).into_paginator();
    let images = call.items().send().collect::<Result<Vec<_>, _>>().await;
    let images = images.or_missing("ecr:DescribeImages")?.unwrap_or_default();
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let bytes: i64 = images.iter().filter_map(|image| image.image_size_in_bytes).sum();
    let count =
        if images.len() == 1 { "1 image".to_owned() } else { format!("{} images", images.len()) };
    Ok(vec![Leftover {
        what: format!("{count} in the repository {name}"),
        why: format!("{} are kept with it", size(bytes)),
        cost: Some("about $0.10 per GB and month".to_owned()),
        remove: Some(format!("aws ecr delete-repository --repository-name {name} --force")),
    }])
}

/// Bytes in words.
fn size(bytes: i64) -> String {
    let tenths_of_megabytes = bytes / 100_000;
    match tenths_of_megabytes {
        small if small < 10_000 => format!("{}.{} MB", small / 10, small % 10),
        large => format!("{}.{} GB", large / 10_000, large / 1000 % 10),
    }
}

/// Elastic IP addresses that carry the stack's tag.
async fn addresses(aws: &Aws, stack: &str) -> Leftovers {
    let tagged = filter(format!("tag:{}", tags::STACK), [stack]);
    let answer = aws.ec2.describe_addresses().filters(tagged).send().await;
    let found = answer.named("ec2:DescribeAddresses")?.addresses.unwrap_or_default().into_iter();
    let leftovers = found.map(|one| {
        let (ip, id) = (one.public_ip.unwrap_or_default(), one.allocation_id.unwrap_or_default());
        let why = match one.network_interface_id {
            Some(interface) => format!("it carries the stack's tag, and is on {interface}"),
            None => "it carries the stack's tag, and is attached to nothing".to_owned(),
        };
        Leftover {
            what: format!("Elastic IP address {ip} ({id})"),
            why,
            cost: Some("about $3.60 a month".to_owned()),
            remove: Some(format!("aws ec2 release-address --allocation-id {id}")),
        }
    });
    Ok(leftovers.collect())
}

/// Network interfaces that carry the stack's tag and are attached to nothing.
async fn interfaces(aws: &Aws, stack: &str) -> Leftovers {
    let tagged = filter(format!("tag:{}", tags::STACK), [stack]);
    let call = aws.ec2.describe_network_interfaces().filters(tagged);
    let call = call.filters(filter("status", ["available"])).into_paginator();
    let found = call.items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.named("ec2:DescribeNetworkInterfaces")?.into_iter();
    let leftovers = found.filter_map(|one| one.network_interface_id).map(|id| Leftover {
        what: format!("network interface {id}"),
        why: "it carries the stack's tag, and is attached to nothing".to_owned(),
        cost: None,
        remove: Some(format!("aws ec2 delete-network-interface --network-interface-id {id}")),
    });
    Ok(leftovers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_words() {
        assert_eq!(size(0), "0.0 MB");
        assert_eq!(size(12_345_678), "12.3 MB");
        assert_eq!(size(2_550_000_000), "2.5 GB");
    }
}
