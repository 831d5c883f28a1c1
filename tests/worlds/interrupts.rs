//! Signals, as a CI runner sends them that stops a job: SIGINT, then SIGTERM.

use std::time::{Duration, Instant};

use landfall_tests::binary::{Landfall, Running};
use landfall_tests::served::Served;
use landfall_tests::target::workspace_dir;
use landfall_tests::world::World;

const SPEC: &str = "specs/own-vpc.yaml";

/// A world in which a load balancer takes a quarter of a minute or more to come up.
fn slow() -> World {
    World::in_sandbox(Served::start(1, 10.0))
}

fn apply(world: &World) -> Landfall {
    Landfall::new(world).args(["apply", SPEC, "--yes"]).cwd(workspace_dir())
}

fn until(running: &mut Running, what: &str, so: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < limit && !running.ended(), "never came to it: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_second_signal_stops_at_once_and_the_next_run_goes_on() {
    let world = slow();
    let mut running = apply(&world).spawn();
    // Once while planning, then as long as it is waited for.
    let waits = || world.recorder.count("DescribeLoadBalancers") > 3;
    until(&mut running, "waiting for the load balancer", waits);
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(500));
    assert!(!running.ended(), "the first signal cut off what was in flight");
    let second = Instant::now();
    running.signal("TERM");
    let output = running.wait();
    assert!(second.elapsed() < Duration::from_secs(5), "{:?} {output}", second.elapsed());
    assert_eq!(output.status, 1, "{output}");
    assert!(output.stderr.contains("nothing new begins"), "{output}");
    assert!(output.stdout.contains("Abandoned in flight"), "{output}");
    assert!(output.stdout.contains("load_balancer.main"), "{output}");

    world.recorder.clear();
    apply(&world).run().expect_status(0);
    assert_eq!(world.recorder.count("CreateLoadBalancer"), 0, "{}", world.recorder);
    assert_eq!(world.recorder.count("CreateVpc"), 0, "{}", world.recorder);
    let plan = ["plan", SPEC, "--exit-code"];
    Landfall::new(&world).args(plan).cwd(workspace_dir()).run().expect_status(0);
}

#[test]
fn the_first_signal_ends_what_is_in_flight_and_begins_nothing() {
    let world = slow();
    let mut running = apply(&world).spawn();
    until(&mut running, "CreateVpc", || world.recorder.count("CreateVpc") > 0);
    running.signal("INT");
    let output = running.wait();
    assert_eq!(output.status, 1, "{output}");
    assert!(!output.stdout.contains("Abandoned"), "{output}");
    assert!(output.stdout.contains("because the run was stopped"), "{output}");
    assert_eq!(world.recorder.count("CreateService"), 0, "{}", world.recorder);
    apply(&world).run().expect_status(0);
    assert_eq!(world.recorder.count("CreateVpc"), 1, "{}", world.recorder);
}
