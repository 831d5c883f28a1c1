//! The lock, by the real binary: who is told what, and what becomes of those who wait or die.

use std::time::Duration;

use landfall_aws::ledger::{Bid, Journal, Ledger};
use landfall_model::journal::Begun;
use landfall_sandbox::schedule::{Refusal, Schedule};
use landfall_tests::binary::Landfall;
use landfall_tests::contest::ended;
use landfall_tests::recorder::{At, Fault, Kind, Victim, When};
use landfall_tests::target::workspace_dir;
use landfall_tests::world::World;
use landfall_tests::{served::Served, stack};

use crate::life::run;

const SPEC: &str = "specs/nextjs-registry.yaml";

/// The lock in the hands of somebody else, in this process.
struct Elsewhere {
    runtime: tokio::runtime::Runtime,
    journal: Option<Journal>,
}

impl Elsewhere {
    fn holds(world: &World, stack: &str) -> Elsewhere {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let journal = runtime.block_on(async {
            let cloud = stack::cloud(world).await;
            let (is_gone, waiting) = (|_: &_| false, |_: &_| {});
            let bid = Bid {
                new_stack: true,
                locked: true,
                patience: Duration::ZERO,
                is_gone: &is_gone,
                waiting: &waiting,
            };
            let lease = Ledger::new(cloud.aws(), stack).acquire(bid).await.unwrap();
            let begun = Begun {
                who: "ana@laptop".to_owned(),
                command: "apply".to_owned(),
                ..Begun::default()
            };
            lease.open(begun, &[]).await
        });
        Elsewhere { runtime, journal: Some(journal) }
    }

    fn lets_go(mut self) {
        let problem = self.runtime.block_on(self.journal.take().unwrap().close(ended()));
        assert_eq!(problem, None);
    }
}

fn stack_of(spec: &str) -> String {
    let text = std::fs::read_to_string(workspace_dir().join(spec)).unwrap();
    let name = text.lines().find_map(|line| line.strip_prefix("stack:")).unwrap();
    name.trim().to_owned()
}

#[test]
fn an_apply_says_who_holds_the_lock_and_unlock_frees_it() {
    // By the time of this machine, as the leases of its runs are.
    let world = World::in_sandbox(Served::start(1, 1.0));
    let stack = stack_of(SPEC);
    let _elsewhere = Elsewhere::holds(&world, &stack);
    let before = world.snapshot();
    let refused = run(&world, &["apply", SPEC, "--yes"]).expect_status(1);
    let shown = run(&world, &["unlock", SPEC]).expect_status(1);
    assert_eq!(world.snapshot(), before);
    let freed = run(&world, &["unlock", SPEC, "--yes"]).expect_status(0);
    let nobody = run(&world, &["unlock", SPEC, "--yes"]).expect_status(0);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[moment]");
    settings.add_filter(r"\d+(\.\d)? s\b", "[time]");
    settings.bind(|| {
        let texts = [refused.stderr, shown.stdout, shown.stderr, freed.stdout, nobody.stdout];
        insta::assert_snapshot!(texts.join("----\n"));
    });
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    let history = run(&world, &["history", SPEC]).expect_status(0);
    assert!(history.stdout.contains("unlocked") || history.stdout.contains("running"), "{history}");
}

#[test]
fn whoever_waited_plans_anew_and_shows_it() {
    let world = World::in_sandbox(Served::start(1, 1.0));
    let stack = stack_of(SPEC);
    let elsewhere = Elsewhere::holds(&world, &stack);
    world.recorder.clear();
    let waiting = Landfall::new(&world)
        .args(["apply", SPEC, "--yes", "--lock-timeout", "5m"])
        .cwd(workspace_dir())
        .spawn();
    while world.recorder.count("DescribeLogStreams") < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // What the other run made.
    let other = run(&world, &["apply", SPEC, "--yes", "--no-lock"]).expect_status(0);
    assert!(other.stdout.contains("1 created"), "{other}");
    elsewhere.lets_go();
    let waited = waiting.wait().expect_status(0);
    assert!(waited.stderr.contains("Waiting: ana@laptop"), "{waited}");
    assert!(waited.stdout.contains("Another run has been at work"), "{waited}");
    assert!(waited.stdout.contains("No changes."), "{waited}");
    assert_eq!(world.recorder.count("CreateRepository"), 1, "{}", world.recorder);
}

#[test]
fn two_applies_at_once_make_everything_once() {
    let world = World::in_sandbox(Served::start(1, 60.0));
    let spec = "specs/tutorial.yaml";
    let start = || {
        let landfall = Landfall::new(&world).args(["apply", spec, "--yes"]);
        landfall.cwd(workspace_dir()).spawn()
    };
    let runs = [start(), start()].map(|run| run.wait());
    let count = |text: &str| runs.iter().filter(|run| run.stdout.contains(text)).count();
    assert_eq!(count("13 created"), 1, "{}\n{}", runs[0], runs[1]);
    for run in runs.iter().filter(|run| run.status != 0) {
        assert!(run.stderr.contains("holds the lock of enterprise-app"), "{run}");
    }
    let calls = world.recorder.calls();
    let made = |operation: &str| {
        calls.iter().filter(|call| call.is(operation) && call.status == 200).count()
    };
    let operations = ["CreateSecurityGroup", "CreateRole", "CreateLoadBalancer", "CreateService"];
    assert_eq!(operations.map(made), [2, 2, 1, 1], "{}", world.recorder);
    run(&world, &["plan", spec, "--exit-code"]).expect_status(0);
}

#[test]
fn the_lock_of_a_killed_run_is_free_at_once_on_its_machine() {
    let world = World::sandbox();
    let victim = Victim::new();
    let at = At::Operation("ecr:CreateRepository".to_owned(), 1);
    let kind = Kind::Kill(victim.clone());
    world.recorder.fault(Fault { at, when: When::Before, kind });
    let killed = Landfall::new(&world).args(["apply", SPEC, "--yes"]).cwd(workspace_dir());
    let killed = killed.victim(&victim).run();
    assert_eq!(killed.status, -9, "{killed}");
    world.recorder.settle();
    world.recorder.clear_faults();
    run(&world, &["apply", SPEC, "--yes"]).expect_status(0);
    run(&world, &["plan", SPEC, "--exit-code"]).expect_status(0);
}

#[test]
fn a_lock_that_may_not_be_taken_is_told_before_anything_is_touched() {
    let world = World::sandbox();
    let refusal = Refusal {
        operation: "logs:CreateLogGroup".to_owned(),
        status: 400,
        code: "AccessDeniedException".to_owned(),
        message: "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: \
                  logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:111122223333:log-group:\
                  /landfall/nextjs-registry because no identity-based policy allows the \
                  logs:CreateLogGroup action"
            .to_owned(),
        times: None,
    };
    let schedule = Schedule { refusals: vec![refusal], ..Schedule::default() };
    world.served().sandbox.disturb(schedule);
    let before = world.snapshot();
    let refused = run(&world, &["apply", SPEC, "--yes"]).expect_status(1);
    assert_eq!(world.snapshot(), before);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[id]");
    settings.bind(|| insta::assert_snapshot!(refused.stderr));
    let without = run(&world, &["apply", SPEC, "--yes", "--no-lock"]).expect_status(0);
    assert!(without.stderr.contains("warning: this run writes no journal"), "{without}");
}
