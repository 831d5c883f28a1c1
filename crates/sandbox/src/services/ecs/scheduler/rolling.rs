//! Rolling updates: how many tasks of which deployment are started and stopped.

use super::launch::{self, Launched};
use crate::services::ecs::deployment::RolloutState;
use crate::services::ecs::service::{self, Service, configuration::SchedulingStrategy};
use crate::services::ecs::task::{self, Status, Task};
use crate::world::{Site, Time};

/// What there is of a service, as far as a plan needs to know.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    desired: usize,
    /// Tasks of the newest deployment that are to run, and those of them that are up.
    new: usize,
    new_up: usize,
    /// The same of all other deployments.
    old: usize,
    old_up: usize,
    /// How many tasks there may be, and how many have to be up.
    most: usize,
    least: usize,
}

/// What to do next: how many new tasks to start, how many old ones to stop beyond those that are
/// not up, and how many new ones are too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Plan {
    start: usize,
    stop_old: usize,
    stop_old_down: bool,
    stop_new: usize,
}

/// ECS guide, "Deploy Amazon ECS services by replacing tasks": never more tasks than
/// `maximumPercent`, never fewer up than `minimumHealthyPercent`; old ones go as new ones come,
/// or before, where there is no room for new ones.
fn plan(count: Count) -> Plan {
    let Count { desired, new, new_up, old, old_up, most, least } = count;
    let missing = desired.saturating_sub(new);
    let room = most.saturating_sub(new + old);
    let start = missing.min(room);
    let cramped = start < missing;
    let keep = if cramped { 0 } else { desired.saturating_sub(new_up) };
    let spare = (new_up + old_up).saturating_sub(least);
    Plan {
        start,
        stop_old: old_up.saturating_sub(keep).min(spare),
        // Old ones that are not up help nobody, unless new ones are not up either.
        stop_old_down: old > old_up && (cramped || new_up >= desired),
        stop_new: new.saturating_sub(desired),
    }
}

/// Starts and stops tasks. Tells until when it is kept from more.
pub(super) fn act(site: &mut Site<'_>, key: &str) -> Option<Time> {
    let service = service::get(site, key)?.clone();
    let primary = service.deployments.first()?.clone();
    let alive: Vec<Task> = {
        let all = site.region().ecs.tasks.values();
        all.filter(|task| task.is_of(key) && !task.stopping).cloned().collect()
    };
    let (new, old): (Vec<&Task>, Vec<&Task>) =
        alive.iter().partition(|task| task.is_by(&primary.id));
    let up = |tasks: &[&Task]| tasks.iter().filter(|task| task.healthy).count();
    let count = limits(
        &service,
        Count {
            new: new.len(),
            new_up: up(&new),
            old: old.len(),
            old_up: up(&old),
            ..Count::default()
        },
    );
    let failed = primary.state == RolloutState::Failed;
    let plan = plan(count);
    // A failed deployment is left as it is: its old tasks stay, no new ones are started.
    let plan = if failed { Plan { stop_new: plan.stop_new, ..Plan::default() } } else { plan };
    let mut blocked = stop_old(site, key, &service, &old, plan);
    blocked = later(blocked, stop_new(site, key, &service, &new, plan));
    if plan.start == 0 {
        return blocked;
    }
    let now = site.now();
    if let Some(until) = service.mind.not_before.filter(|until| *until > now) {
        return later(blocked, Some(until));
    }
    match launch::launch(site, key, plan.start) {
        Launched::All => blocked,
        Launched::No(again) => later(blocked, again),
    }
}

fn later(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// ECS API, DeploymentConfiguration: the maximum is rounded down, the minimum up.
fn limits(service: &Service, count: Count) -> Count {
    let desired = match service.settings.scheduling {
        SchedulingStrategy::Replica => usize::try_from(service.desired).unwrap_or_default(),
        // One on each instance, and there are none.
        SchedulingStrategy::Daemon => 0,
    };
    let percent = |percent: Option<i64>| usize::try_from(percent.unwrap_or(100)).unwrap_or(100);
    let most = desired * percent(service.configuration.maximum_percent) / 100;
    let least = (desired * percent(service.configuration.minimum_healthy_percent)).div_ceil(100);
    Count { desired, most, least, ..count }
}

fn stop_old(
    site: &mut Site<'_>,
    key: &str,
    service: &Service,
    old: &[&Task],
    plan: Plan,
) -> Option<Time> {
    let down = old.iter().filter(|task| !task.healthy && plan.stop_old_down);
    let up = old.iter().filter(|task| task.healthy).take(plan.stop_old);
    let chosen: Vec<&Task> = down.chain(up).copied().collect();
    stop(site, key, service, &chosen)
}

/// Those that are not up go first, then the youngest.
fn stop_new(
    site: &mut Site<'_>,
    key: &str,
    service: &Service,
    new: &[&Task],
    plan: Plan,
) -> Option<Time> {
    let mut order = new.to_vec();
    order.sort_by_key(|task| (task.healthy, std::cmp::Reverse(task.times.created)));
    order.truncate(plan.stop_new);
    stop(site, key, service, &order)
}

/// Stops tasks. Tells until when protected ones are kept.
fn stop(site: &mut Site<'_>, key: &str, service: &Service, tasks: &[&Task]) -> Option<Time> {
    let now = site.now();
    let (kept, gone): (Vec<&Task>, Vec<&Task>) =
        tasks.iter().partition(|task| task.is_protected(now));
    if gone.is_empty() {
        return kept.iter().filter_map(|task| task.protected).min();
    }
    let by = service.deployments.first().map(|primary| primary.id.clone()).unwrap_or_default();
    let running: Vec<&&Task> = gone.iter().filter(|task| task.status >= Status::Running).collect();
    if !running.is_empty() {
        let list: Vec<String> = running.iter().map(|task| format!("(task {})", task.id)).collect();
        let (name, many) = (&service.name, running.len());
        let event =
            format!("(service {name}) has stopped {many} running tasks: {}.", list.join(" "));
        service::note(site, key, event);
    }
    if let Some(service) = service::get_mut(site, key) {
        service.mind.steady = false;
    }
    for task in gone {
        let ending = super::scaled(&by);
        task::end(site, &task.id, ending);
    }
    kept.iter().filter_map(|task| task.protected).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a rolling update in which every started task is up at the next look.
    fn play(desired: usize, most: usize, least: usize) -> Vec<(usize, usize)> {
        let mut count =
            Count { desired, most, least, old: desired, old_up: desired, ..Count::default() };
        let mut seen = Vec::new();
        while count.old > 0 || count.new_up < desired {
            let plan = plan(count);
            count.old -= plan.stop_old;
            count.old_up -= plan.stop_old;
            assert!(count.new_up + count.old_up >= least, "{seen:?}");
            count.new += plan.start;
            assert!(count.new + count.old <= most, "{seen:?}");
            seen.push((plan.start, plan.stop_old));
            assert!(seen.len() < 50, "{seen:?}");
            count.new_up = count.new;
        }
        seen
    }

    #[test]
    fn a_rolling_update_stays_within_its_percentages() {
        // (start, stop) at each look.
        assert_eq!(play(2, 4, 2), [(2, 0), (0, 2)]);
        assert_eq!(play(2, 3, 2), [(1, 0), (0, 1), (1, 0), (0, 1)]);
        assert_eq!(play(2, 2, 1), [(0, 1), (1, 0), (0, 1), (1, 0)]);
        assert_eq!(play(1, 1, 0), [(0, 1), (1, 0)]);
        assert_eq!(play(4, 8, 2), [(4, 0), (0, 4)]);
        play(10, 11, 9);
        play(7, 7, 3);
    }

    #[test]
    fn surplus_tasks_go_and_missing_ones_come() {
        let count = Count { desired: 1, most: 2, least: 1, new: 3, new_up: 3, ..Count::default() };
        assert_eq!(plan(count).stop_new, 2);
        let count = Count { desired: 3, most: 6, least: 3, new: 1, new_up: 1, ..Count::default() };
        assert_eq!(plan(count).start, 2);
        let count = Count { desired: 1, most: 2, least: 1, old: 1, new: 1, ..Count::default() };
        assert_eq!(plan(count), Plan::default());
    }
}
