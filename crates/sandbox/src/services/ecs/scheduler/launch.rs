//! The start of a service's tasks.

use serde_json::json;

use crate::services::ecs::cluster;
use crate::services::ecs::deployment;
use crate::services::ecs::placement;
use crate::services::ecs::service::{self, Service};
use crate::services::ecs::shape::PropagateTags;
use crate::services::ecs::task::{self, NewTask, Target, Task};
use crate::services::ecs::task_definition::{self, TaskDefinition};
use crate::tags::Tags;
use crate::world::{Site, Span, Time};

/// What came of a start.
pub(super) enum Launched {
    /// All tasks were started.
    All,
    /// None was; it may be tried again at a time.
    No(Option<Time>),
}

/// Starts so many tasks of a service's newest deployment.
pub(super) fn launch(site: &mut Site<'_>, key: &str, count: usize) -> Launched {
    let Some(service) = service::get(site, key).cloned() else { return Launched::No(None) };
    let cluster = cluster::resolve(site, Some(&service.cluster)).cloned();
    let Some(cluster) = cluster else { return Launched::No(None) };
    if !service.workload.placement.is_fargate() {
        let message = format!(
            "(service {}) was unable to place a task because no container instance met all of its \
             requirements. Reason: No Container Instances were found in your cluster. For more \
             information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
            service.name
        );
        return unable(site, key, count, message, false);
    }
    let definition = task_definition::resolve(site, &service.workload.definition).cloned();
    let Some(definition) = definition else {
        let message = format!(
            "(service {}) failed to launch a task with (error TaskDefinition not found.).",
            service.name
        );
        return unable(site, key, count, message, false);
    };
    if let Err(refused) = placement::check_roles(site, &placement::roles(&definition.definition)) {
        let message = format!(
            "(service {}) failed to launch a task with (error {}).",
            service.name, refused.message
        );
        return unable(site, key, count, message, true);
    }
    let mut started = Vec::new();
    for _ in 0..count {
        let new = new_task(site, key, &service, &cluster, &definition);
        started.push(task::start(site, new));
    }
    let list: Vec<String> = started.iter().map(|id| format!("(task {id})")).collect();
    let message =
        format!("(service {}) has started {count} tasks: {}.", service.name, list.join(" "));
    service::note(site, key, message);
    if let Some(service) = service::get_mut(site, key) {
        service.mind.steady = false;
    }
    Launched::All
}

fn new_task<'a>(
    site: &Site<'_>,
    key: &str,
    service: &'a Service,
    cluster: &'a cluster::Cluster,
    definition: &'a TaskDefinition,
) -> NewTask<'a> {
    let alive: Vec<&Task> = {
        let all = site.region().ecs.tasks.values();
        all.filter(|task| task.is_of(key) && !task.stopping).collect()
    };
    let placement = &service.workload.placement;
    // Spread over the subnets, and so over the zones.
    let subnets = placement.network.iter().flat_map(|network| &network.subnets);
    let there = |subnet: &&String| {
        let attachments = alive.iter().filter_map(|task| task.attachment.as_ref());
        attachments.filter(|attachment| attachment.subnet == **subnet).count()
    };
    let subnet = subnets.min_by_key(there).cloned();
    let on = |provider: &str| {
        let on = alive.iter().filter(|task| task.provider.as_deref() == Some(provider)).count();
        i64::try_from(on).unwrap_or(i64::MAX)
    };
    let targets = service.workload.load_balancers.iter().filter_map(|balancer| {
        let port = u16::try_from(balancer.container_port?).ok()?;
        Some(Target { group: balancer.target_group_arn.clone()?, port, address: None })
    });
    NewTask {
        cluster,
        definition,
        placement,
        subnet,
        provider: placement.provider(on),
        group: format!("service:{}", service.name),
        started_by: service.deployments.first().map(|primary| primary.id.clone()),
        service: Some(key.to_owned()),
        targets: targets.collect(),
        overrides: json!({}),
        execute_command: service.settings.execute_command,
        tags: tags(service, definition),
    }
}

fn tags(service: &Service, definition: &TaskDefinition) -> Tags {
    let mut tags = match service.settings.propagate_tags {
        PropagateTags::TaskDefinition => definition.tags.clone(),
        PropagateTags::Service => service.tags.clone(),
        PropagateTags::None => Tags::new(),
    };
    if service.settings.managed_tags {
        tags.insert("aws:ecs:clusterName".to_owned(), service.cluster.clone());
        tags.insert("aws:ecs:serviceName".to_owned(), service.name.clone());
    }
    tags
}

/// Says once why tasks cannot be started. A circuit breaker counts that as failures; without one it
/// is tried again only if that can help.
fn unable(site: &mut Site<'_>, key: &str, count: usize, message: String, again: bool) -> Launched {
    let now = site.now();
    let Some(service) = service::get(site, key) else { return Launched::No(None) };
    let said = service
        .events
        .iter()
        .take_while(|event| !event.message.ends_with("has reached a steady state."))
        .any(|event| event.message == message);
    if !said {
        service::note(site, key, message);
    }
    let Some(service) = service::get_mut(site, key) else { return Launched::No(None) };
    let by = service.deployments.first().map(|primary| primary.id.clone()).unwrap_or_default();
    for _ in 0..count {
        deployment::count_failure(service, &by, now);
    }
    service.mind.failing = true;
    service.mind.steady = false;
    let watched = super::breaker(service).is_some();
    let pause = Span::seconds(10);
    Launched::No((again || watched).then_some(now + pause))
}
