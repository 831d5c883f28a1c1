//! The life of a task, from `PROVISIONING` to `STOPPED`.

use super::{Event, Status, Task, agent, get, get_mut};
use crate::services::ec2::interface;
use crate::services::ecs::reachability::{self, Obstacle};
use crate::services::ecs::script::Failure;
use crate::services::ecs::{self, scheduler, service, task_definition};
use crate::services::elb::target::{self, Health};
use crate::world::{Site, Span, Wait};

/// Why a task ends.
#[derive(Clone, Debug)]
pub struct Ending {
    /// As a code: `UserInitiated`.
    pub code: &'static str,
    /// In words.
    pub reason: String,
}

/// How long an agent that polls waits where nothing else takes time.
const POLL: Span = Span::seconds(5);

/// How long an agent waits before it tries again to reach something.
const RETRY: Span = Span::seconds(15);

/// Takes a task a step further, if it still is where it was when the step was planned.
pub fn step(site: &mut Site<'_>, id: &str, from: Status) {
    let Some(task) = get(site, id).filter(|task| task.status == from).cloned() else { return };
    match from {
        Status::Provisioning => attach(site, &task),
        Status::Pending => prepare(site, &task),
        Status::Activating => run(site, id),
        Status::Running | Status::Stopped => {}
        Status::Deactivating => drain(site, &task),
        Status::Stopping => stop_containers(site, &task),
        Status::Deprovisioning => finish(site, &task),
    }
}

fn go_on(site: &mut Site<'_>, id: &str, to: Status, wait: Wait) {
    let Some(task) = get_mut(site, id) else { return };
    task.status = to;
    let step = Event::Step { task: id.to_owned(), from: to };
    site.later(wait, ecs::Event::Task(step));
}

/// Attaches the interface.
fn attach(site: &mut Site<'_>, task: &Task) {
    if let Some(attachment) = &task.attachment {
        let network = task.placement.network.clone().unwrap_or_else(|| unreachable_network(task));
        let description = site.arn("ecs", &format!("attachment/{}", attachment.id));
        let new = interface::NewInterface {
            subnet: &attachment.subnet,
            groups: &network.security_groups,
            description: &description,
            sort: "interface",
            requester: "amazon-ecs",
            public: network.is_public(),
        };
        match interface::attach(site, &new) {
            Err(refused) => {
                let subnet = &attachment.subnet;
                let reason = format!(
                    "Unexpected EC2 error while attempting to Create Network Interface with \
                     public IP assignment {} in subnet '{subnet}': {}",
                    if network.is_public() { "enabled" } else { "disabled" },
                    refused.code
                );
                return fail_to_start(site, task, reason, None);
            }
            Ok(made) => {
                let now = site.now();
                let name = interface::private_name(site, &made, &made.private_ip);
                let Some(task) = get_mut(site, &task.id) else { return };
                task.times.connected = Some(now);
                if let Some(attachment) = &mut task.attachment {
                    attachment.status = "ATTACHED".to_owned();
                    attachment.mac = Some(interface::mac(&made));
                    attachment.interface = Some(made.id);
                    attachment.address = Some(made.private_ip);
                    attachment.name = name;
                }
            }
        }
    }
    let now = site.now();
    if let Some(task) = get_mut(site, &task.id) {
        task.times.pull_started = Some(now);
    }
    go_on(site, &task.id, Status::Pending, Wait::TaskStarting);
}

fn unreachable_network(task: &Task) -> ecs::shape::AwsVpc {
    let subnets = task.attachment.iter().map(|attachment| attachment.subnet.clone()).collect();
    ecs::shape::AwsVpc { subnets, security_groups: Vec::new(), assign_public_ip: None }
}

/// Tries again to reach what the containers need, until it gives up. What comes within reach in the
/// meantime is fetched.
fn retry(site: &mut Site<'_>, task: &Task, obstacle: Obstacle) {
    let now = site.now();
    let gives_up = match task.gives_up {
        Some(gives_up) => gives_up,
        None => now + site.takes(Wait::TaskUnreachable),
    };
    if gives_up <= now {
        return fail_to_start(site, task, obstacle.reason, obstacle.container);
    }
    if let Some(task) = get_mut(site, &task.id) {
        task.gives_up = Some(gives_up);
    }
    let step = Event::Step { task: task.id.clone(), from: Status::Pending };
    site.after(now.until(gives_up).min(RETRY), ecs::Event::Task(step));
}

/// Fetches what the containers need and starts them.
fn prepare(site: &mut Site<'_>, task: &Task) {
    if let Some(obstacle) = reachability::obstacle(site, task) {
        return retry(site, task, obstacle);
    }
    let digests = match agent::prepare(site, task) {
        Ok(digests) => digests,
        Err(unable) => return fail_to_start(site, task, unable.reason, unable.container),
    };
    let now = site.now();
    if let Some(task) = get_mut(site, &task.id) {
        task.times.pull_stopped = Some(now);
        for (container, digest) in task.containers.iter_mut().zip(digests) {
            container.digest = Some(digest);
        }
    }
    if task.targets.is_empty() {
        run(site, &task.id);
    } else {
        register(site, task);
        go_on(site, &task.id, Status::Activating, Wait::ServiceSchedule);
    }
}

fn register(site: &mut Site<'_>, task: &Task) {
    let address = get(site, &task.id).and_then(|task| task.attachment.as_ref()?.address.clone());
    let healthy = task.doom != Some(Failure::Unhealthy);
    let mut registered = Vec::new();
    for mut target in task.targets.clone() {
        let name = task.group.trim_start_matches("service:");
        let event = if let Some(address) =
            address.clone().filter(|_| target::exists(site, &target.group))
        {
            target::register(site, &target.group, &address, target.port, healthy);
            target.address = Some(address);
            format!("(service {name}) registered 1 targets in (target-group {})", target.group)
        } else {
            let group = &target.group;
            format!(
                "(service {name}) was unable to register targets in (target-group {group}) with \
                 (error TargetGroupNotFound)"
            )
        };
        if let Some(key) = &task.service {
            service::note(site, key, event);
        }
        registered.push(target);
    }
    if let Some(task) = get_mut(site, &task.id) {
        task.targets = registered;
    }
}

/// The containers run.
fn run(site: &mut Site<'_>, id: &str) {
    let now = site.now();
    let Some(task) = get_mut(site, id) else { return };
    task.status = Status::Running;
    task.times.started = Some(now);
    let task = task.clone();
    agent::say(site, &task, |container| format!("{}: started", container.name));
    if matches!(task.doom, Some(Failure::Exit { .. } | Failure::OutOfMemory)) {
        let event = Event::Fail { task: id.to_owned() };
        site.later(Wait::TaskFailing, ecs::Event::Task(event));
    }
    scheduler::nudge(site, &task);
}

/// The first essential container of a running task ends as it was scripted.
pub fn fail(site: &mut Site<'_>, id: &str) {
    let running = |task: &&Task| task.status == Status::Running && !task.stopping;
    let Some(task) = get(site, id).filter(running).cloned() else { return };
    let (code, reason) = match task.doom {
        Some(Failure::Exit { code }) => (code, None),
        Some(Failure::OutOfMemory) => {
            (137, Some("OutOfMemoryError: Container killed due to memory usage".to_owned()))
        }
        _ => return,
    };
    let culprit = task.containers.iter().position(|container| container.essential).unwrap_or(0);
    agent::say(site, &task, |container| format!("{}: exiting with code {code}", container.name));
    deregister(site, &task);
    let now = site.now();
    if let Some(task) = get_mut(site, id) {
        for (index, container) in task.containers.iter_mut().enumerate() {
            // The others are killed after the essential one.
            container.exit_code = Some(if index == culprit { code } else { 137 });
        }
        if let Some(container) = task.containers.get_mut(culprit) {
            container.reason = reason;
        }
        task.times.execution_stopped = Some(now);
    }
    let ending = Ending {
        code: "EssentialContainerExited",
        reason: "Essential container in task exited".to_owned(),
    };
    mark(site, id, ending);
    scheduler::failed(site, &task);
    go_on(site, id, Status::Deprovisioning, Wait::TaskProvisioning);
}

fn fail_to_start(site: &mut Site<'_>, task: &Task, reason: String, container: Option<usize>) {
    if let Some(task) = get_mut(site, &task.id) {
        let container = container.and_then(|index| task.containers.get_mut(index));
        if let Some(container) = container {
            container.reason = Some(reason.clone());
        }
    }
    mark(site, &task.id, Ending { code: "TaskFailedToStart", reason });
    scheduler::failed(site, task);
    go_on(site, &task.id, Status::Deprovisioning, Wait::TaskProvisioning);
}

fn mark(site: &mut Site<'_>, id: &str, ending: Ending) {
    let now = site.now();
    let Some(task) = get_mut(site, id) else { return };
    task.stopping = true;
    task.healthy = false;
    task.times.stopping.get_or_insert(now);
    task.stop_code.get_or_insert_with(|| ending.code.to_owned());
    task.stopped_reason.get_or_insert(ending.reason);
}

/// Ends a task, from wherever it is. Its targets drain before its containers are told.
pub fn end(site: &mut Site<'_>, id: &str, ending: Ending) {
    let Some(task) = get(site, id).filter(|task| !task.stopping).cloned() else { return };
    mark(site, id, ending);
    match task.status {
        Status::Provisioning | Status::Pending => {
            go_on(site, id, Status::Deprovisioning, Wait::TaskProvisioning);
        }
        _ if deregister(site, &task) => {
            go_on(site, id, Status::Deactivating, Wait::ServiceSchedule);
        }
        _ => go_on(site, id, Status::Stopping, Wait::TaskStopping),
    }
    scheduler::nudge(site, &task);
}

/// Takes a task out of its target groups; whether it was in one.
fn deregister(site: &mut Site<'_>, task: &Task) -> bool {
    let mut any = false;
    for target in &task.targets {
        if let Some(address) = &target.address {
            target::deregister(site, &target.group, address, target.port);
            any = true;
            if let Some(key) = &task.service {
                let name = task.group.trim_start_matches("service:");
                let group = &target.group;
                let event =
                    format!("(service {name}) deregistered 1 targets in (target-group {group})");
                service::note(site, key, event);
            }
        }
    }
    if any && let Some(key) = &task.service {
        let name = task.group.trim_start_matches("service:");
        let event = format!("(service {name}) has begun draining connections on 1 tasks.");
        service::note(site, key, event);
    }
    any
}

/// Waits for the targets to be gone.
fn drain(site: &mut Site<'_>, task: &Task) {
    let draining = task.targets.iter().any(|target| {
        let address = target.address.as_deref();
        address.and_then(|address| target::health(site, &target.group, address, target.port))
            == Some(Health::Draining)
    });
    if draining {
        let step = Event::Step { task: task.id.clone(), from: Status::Deactivating };
        let wait = site.takes(Wait::ServiceSchedule).max(POLL);
        site.after(wait, ecs::Event::Task(step));
    } else {
        go_on(site, &task.id, Status::Stopping, Wait::TaskStopping);
        scheduler::nudge(site, task);
    }
}

fn stop_containers(site: &mut Site<'_>, task: &Task) {
    let now = site.now();
    if let Some(task) = get_mut(site, &task.id) {
        task.times.execution_stopped = Some(now);
        for container in &mut task.containers {
            container.exit_code.get_or_insert(0);
        }
    }
    go_on(site, &task.id, Status::Deprovisioning, Wait::TaskProvisioning);
    for container in &task.containers {
        if let Some(log) = container.log.clone() {
            let line = format!("{}: stopped", container.name);
            site.later(Wait::LateLogs, ecs::Event::Task(Event::LateLogs { log, line }));
        }
    }
}

fn finish(site: &mut Site<'_>, task: &Task) {
    let attached = task.attachment.as_ref().and_then(|attachment| attachment.interface.clone());
    if let Some(id) = attached {
        interface::release(site, &id);
    }
    let now = site.now();
    if let Some(task) = get_mut(site, &task.id) {
        task.status = Status::Stopped;
        task.times.stopped = Some(now);
        if let Some(attachment) = &mut task.attachment {
            attachment.status = "DELETED".to_owned();
        }
    }
    task_definition::let_go(site, &task.definition);
    let event = Event::Forget { task: task.id.clone() };
    site.later(Wait::TaskForgotten, ecs::Event::Task(event));
    scheduler::nudge(site, task);
}
