//! AWS takes only so many calls at a time: a plan of 500 resources and an apply of 200 come to their
//! end without an error all the same.

use landfall_model::Stack;
use landfall_plan::Goal;
use landfall_sandbox::inventory;
use landfall_sandbox::schedule::{Schedule, Throttle};
use landfall_sandbox::world::{Delays, World};
use serde_json::{Map, Value, json};

use super::run::{is_converged_under, run};
use super::trial::Schedule as Try;
use crate::stack;

/// Buckets as AWS has them, by its documentation: EC2's for most changes (50, and 5 a second), that
/// of ECS's services and that of ECS's clusters ("Request throttling for the Amazon ECS API"), and
/// one that is tighter than any.
const BUCKETS: &[Throttle] = &[
    Throttle { burst: 50, per_second: 5 },
    Throttle { burst: 50, per_second: 20 },
    Throttle { burst: 20, per_second: 1 },
    Throttle { burst: 3, per_second: 2 },
];

/// A plan of 500 resources and an apply of 200, for each bucket.
pub fn schedules() -> Vec<Try<'static>> {
    let each = BUCKETS.iter().flat_map(|bucket| {
        let plan: Try<'static> = Box::new(|| plans(*bucket));
        let apply: Try<'static> = Box::new(|| applies(*bucket));
        [plan, apply]
    });
    each.collect()
}

/// So many resources of the kinds of which a stack has many, a fifth of each.
fn fleet(count: usize) -> Stack {
    let of = |field: &dyn Fn(usize) -> Value| -> Map<String, Value> {
        (0..count / 5).map(|at| (format!("n{at}"), field(at))).collect()
    };
    let trusted = json!({ "trusted_services": ["ecs-tasks.amazonaws.com"] });
    let spec = json!({
        "stack": "fleet",
        "region": "us-east-1",
        "lookup": { "vpc": { "default": { "default": true } } },
        "resources": {
            "log_group": of(&|_| json!({ "retention_days": 7 })),
            "ecr_repository": of(&|_| json!({ "scan_on_push": true })),
            "iam_role": of(&|_| trusted.clone()),
            "security_group": of(&|at| json!({
                "vpc": "lookup.vpc.default",
                "ingress": [{ "port": 80 + at, "cidr": "10.0.0.0/8" }],
            })),
            "task_definition": of(&|at| json!({
                "cpu": 256,
                "memory": 512,
                "network_mode": "awsvpc",
                "task_role": format!("iam_role.n{at}"),
                "containers": { "app": { "image": "public.ecr.aws/nginx/nginx:1" } },
            })),
        },
    });
    stack::load(&spec).unwrap_or_else(|why| panic!("the fleet: {why}"))
}

fn throttled(bucket: Throttle) -> Schedule {
    Schedule { throttle: Some(bucket), ..Schedule::default() }
}

fn plans(bucket: Throttle) -> Result<(), String> {
    let fleet = fleet(500);
    let made = run(World::new(1, Delays::AsOnAws), &fleet, Goal::Converge, Schedule::default());
    made.complete()?;
    is_converged_under(made.world, &fleet, Goal::Converge, throttled(bucket))
        .map_err(|why| format!("a plan of 500 within {bucket:?}: {why}"))
}

fn applies(bucket: Throttle) -> Result<(), String> {
    let fleet = fleet(200);
    let about = |why| format!("200 within {bucket:?}: {why}");
    let begin = World::new(1, Delays::AsOnAws).accustomed();
    let made = run(begin, &fleet, Goal::Converge, throttled(bucket));
    made.complete().map_err(about)?;
    let gone = run(made.world, &fleet, Goal::Destroy, throttled(bucket));
    gone.complete().map_err(about)?;
    let mut world = gone.world;
    world.rest();
    match inventory::json(&world)["regions"]["us-east-1"].as_object().is_none_or(Map::is_empty) {
        true => Ok(()),
        false => Err(about(format!("something is left:\n{}", inventory::text(&world)))),
    }
}
