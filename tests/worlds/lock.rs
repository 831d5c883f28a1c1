//! The lock, in virtual time: two runs at once, leases that run out, holders that lose theirs.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use landfall_aws::ledger::{Lost, NotTaken};
use landfall_model::journal::Unlocked;
use landfall_sandbox::sandbox::{Call, Sandbox};
use landfall_sandbox::schedule::{Refusal, Schedule};
use landfall_tests::contest::{Runner, addresses, ended, in_sandbox};
use landfall_tests::simulated;
use landfall_tests::target::workspace_dir;
use tokio::time::sleep;

/// A thing that is made only once a load balancer is ready, after minutes.
const SLOW: &str = "
stack: slow
region: us-east-1
lookup:
  vpc: { default: { default: true } }
  subnets: { default: { vpc: lookup.vpc.default } }
resources:
  security_group:
    alb: { vpc: lookup.vpc.default }
  load_balancer:
    main: { security_groups: [security_group.alb], subnets: lookup.subnets.default }
  log_group:
    late: { depends_on: [load_balancer.main] }
";

fn tutorial() -> String {
    fs::read_to_string(workspace_dir().join("specs/tutorial.yaml")).unwrap()
}

fn calls<'a>(log: &'a [Call], operation: &str) -> Vec<&'a Call> {
    log.iter().filter(|call| call.operation == operation).collect()
}

fn refusing(operations: &[&str]) -> Schedule {
    let refusals = operations.iter().map(|operation| Refusal {
        operation: (*operation).to_owned(),
        status: 400,
        code: "AccessDeniedException".to_owned(),
        message: "not today".to_owned(),
        times: None,
    });
    Schedule { refusals: refusals.collect(), ..Schedule::default() }
}

fn no_address_twice(sandbox: &Sandbox, seed: u64) {
    let all = addresses(sandbox);
    let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(!all.is_empty() && twice.is_empty(), "seed {seed}: {twice:?}");
}

#[test]
fn without_the_lock_two_applies_still_double_nothing() {
    for (spec, things, seeds) in [(tutorial().as_str(), 13, 20), (simulated::THIRTY, 30, 5)] {
        for seed in 0..seeds {
            in_sandbox(seed, async |sandbox: Arc<Sandbox>| {
                let ana = Runner::new("ana@laptop", spec, &sandbox).await;
                let bob = Runner::new("bob@desk", spec, &sandbox).await;
                let late = Duration::from_millis(seed * 130 % 900);
                let (one, other) = tokio::join!(ana.apply(false), async {
                    sleep(late).await;
                    bob.apply(false).await
                });
                one.unwrap();
                other.unwrap();
                no_address_twice(&sandbox, seed);
                // What one could not do because of the other, the next run does.
                let run = ana.apply(true).await.unwrap();
                assert!(run.outcome.is_complete(), "seed {seed}: {run:?}");
                assert_eq!(addresses(&sandbox).len(), things, "seed {seed}");
                no_address_twice(&sandbox, seed);
            });
        }
    }
}

#[test]
fn a_lease_runs_out_by_itself() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let bob = Runner::new("bob@desk", SLOW, &sandbox).await;
        drop(ana.begin().await.unwrap());
        let NotTaken::Held(holder) = bob.begin().await.unwrap_err() else { panic!("not held") };
        assert_eq!(holder.begun.unwrap().who, "ana@laptop");
        sleep(Duration::from_secs(58)).await;
        assert!(matches!(bob.begin().await, Err(NotTaken::Held(_))));
        // Whoever waits for it gets it a minute after its last word.
        let began = tokio::time::Instant::now();
        let lease = bob.acquire(true, Duration::from_secs(600)).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert_eq!(lease.number(), 2);
        // What its run had in flight was over when the lease was.
        assert!(lease.all_was_over(bob.cloud.aws().now()));
    });
}

#[test]
fn a_lease_is_kept_as_long_as_its_run_lasts() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let bob = Runner::new("bob@desk", SLOW, &sandbox).await;
        let journal = ana.begin().await.unwrap();
        sleep(Duration::from_secs(600)).await;
        assert!(matches!(bob.begin().await, Err(NotTaken::Held(_))));
        assert_eq!(journal.close(ended()).await, None);
        let before = bob.cloud.aws().now() + 1;
        let lease = bob.acquire(true, Duration::ZERO).await.unwrap();
        // A plan that was made before the end of the other run may be wrong.
        assert!(lease.all_was_over(before) && !lease.all_was_over(before - 2000));
    });
}

#[test]
fn a_holder_that_cannot_renew_begins_nothing_new() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let cut = async {
            sleep(Duration::from_secs(20)).await;
            sandbox.disturb(refusing(&["logs:PutLogEvents", "logs:CreateLogStream"]));
        };
        let (run, ()) = tokio::join!(ana.apply(true), cut);
        let run = run.unwrap();
        assert_eq!(run.lost, Some(Lost::Lapsed));
        let open: Vec<String> =
            run.outcome.not_started.iter().map(|(address, _)| address.to_string()).collect();
        assert!(open.contains(&"log_group.late".to_owned()), "{run:?}");
        assert!(!addresses(&sandbox).contains(&"log_group.late".to_owned()));
        assert!(run.problem.unwrap().contains("AccessDeniedException"));
    });
}

#[test]
fn a_holder_whose_lines_are_refused_keeps_the_lock_all_the_same() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let bob = Runner::new("bob@desk", SLOW, &sandbox).await;
        sandbox.disturb(refusing(&["logs:PutLogEvents"]));
        let later = async {
            sleep(Duration::from_secs(100)).await;
            bob.begin().await.map(drop)
        };
        let (run, refused) = tokio::join!(ana.apply(true), later);
        let run = run.unwrap();
        assert!(run.outcome.is_complete() && run.lost.is_none(), "{run:?}");
        assert!(run.problem.unwrap().contains("AccessDeniedException"));
        assert!(matches!(refused, Err(NotTaken::Held(_))), "{refused:?}");
    });
}

#[test]
fn whoever_frees_the_lock_of_a_living_run_stops_it() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let bob = Runner::new("bob@desk", SLOW, &sandbox).await;
        let by = Unlocked { who: "bob@desk".to_owned(), caller: "arn:bob".to_owned() };
        let freed = async {
            sleep(Duration::from_secs(20)).await;
            let holder = bob.ledger().holder(&|_| false).await.unwrap().unwrap();
            bob.ledger().unlock(holder.run, by.clone()).await.unwrap();
            assert_eq!(bob.ledger().holder(&|_| false).await.unwrap(), None);
            let lease = bob.acquire(true, Duration::ZERO).await.unwrap();
            // The other run may go on for a while.
            assert!(!lease.all_was_over(bob.cloud.aws().now()));
        };
        let (run, ()) = tokio::join!(ana.apply(true), freed);
        let run = run.unwrap();
        assert_eq!(run.lost, Some(Lost::Unlocked(by.clone())));
        assert!(!addresses(&sandbox).contains(&"log_group.late".to_owned()));
    });
}

#[test]
fn a_run_beside_the_lock_neither_takes_nor_hides_it() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let bob = Runner::new("bob@desk", SLOW, &sandbox).await;
        let holds = ana.begin().await.unwrap();
        for _ in 0..2 {
            let beside = bob.acquire(false, Duration::ZERO).await.unwrap();
            let journal = beside.open(bob.begun(), &[]).await;
            assert!(matches!(bob.begin().await, Err(NotTaken::Held(_))));
            // It must not take the other's lock with its journals.
            assert!(!journal.remove_all().await.unwrap());
            journal.close(ended()).await;
            let NotTaken::Held(holder) = bob.begin().await.unwrap_err() else { panic!("free") };
            assert_eq!((holder.run, holder.begun.unwrap().who.as_str()), (1, "ana@laptop"));
        }
        holds.close(ended()).await;
        assert_eq!(bob.begin().await.unwrap().number(), 4);
    });
}

#[test]
fn a_group_that_is_deleted_under_those_who_wait_begins_anew() {
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let bob = Runner::new("bob@desk", SLOW, &sandbox).await;
        let holds = ana.begin().await.unwrap();
        let destroyed = async {
            sleep(Duration::from_secs(30)).await;
            assert!(holds.remove_all().await.unwrap());
        };
        let waits = bob.acquire(true, Duration::from_secs(300));
        let (lease, ()) = tokio::join!(waits, destroyed);
        assert_eq!(lease.unwrap().number(), 1);
        assert_eq!(calls(&sandbox.log(), "PutRetentionPolicy").len(), 2);
    });
}

/// Answers get lost: a run may make its log stream and be told that it exists.
#[test]
fn lost_answers_never_give_the_lock_to_two() {
    let unclear = AtomicUsize::new(0);
    for seed in 0..20 {
        in_sandbox(seed, async |sandbox: Arc<Sandbox>| {
            let holders = AtomicUsize::new(0);
            let (holders, sandbox) = (&holders, &sandbox);
            let work = |who: &'static str| async move {
                let runner = Runner::new(who, SLOW, sandbox).await;
                for _ in 0..2 {
                    let lease = loop {
                        match runner.acquire(true, Duration::from_secs(1200)).await {
                            Ok(lease) => break lease,
                            // So many answers in a row are lost that the SDK gives up.
                            Err(NotTaken::Failed(_)) => sleep(Duration::from_secs(5)).await,
                            Err(NotTaken::Held(holder)) => panic!("seed {seed}: {holder:?}"),
                        }
                    };
                    assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "seed {seed}: {who}");
                    let journal = lease.open(runner.begun(), &[]).await;
                    sleep(Duration::from_secs(25)).await;
                    assert_eq!(*journal.lost().borrow(), None);
                    holders.fetch_sub(1, Ordering::SeqCst);
                    journal.close(ended()).await;
                }
            };
            sandbox.disturb(Schedule { seed, resets_after: 150, ..Schedule::default() });
            tokio::join!(work("ana"), work("bob"), work("eve"));
            // A stream whose making was answered to nobody.
            let log = sandbox.log();
            let made = calls(&log, "CreateLogStream");
            let lost = made.iter().filter(|call| call.outcome == "reset after").count();
            unclear.fetch_add(lost, Ordering::SeqCst);
        });
    }
    assert!(unclear.load(Ordering::SeqCst) > 10, "no answer was lost");
}

#[test]
fn the_lock_takes_five_calls() {
    let of_lock = |sandbox: &Sandbox, from: usize| {
        let calls = sandbox.log().split_off(from);
        let group = |call: &Call| call.input["logGroupName"] == "/landfall/slow";
        calls.into_iter().filter(group).map(|call| call.operation).collect::<Vec<_>>()
    };
    in_sandbox(1, async |sandbox: Arc<Sandbox>| {
        let ana = Runner::new("ana@laptop", SLOW, &sandbox).await;
        let (is_gone, waiting) = (|_: &_| false, |_: &_| {});
        let bid = landfall_aws::ledger::Bid {
            new_stack: true,
            locked: true,
            patience: Duration::ZERO,
            is_gone: &is_gone,
            waiting: &waiting,
        };
        let lease = ana.ledger().acquire(bid).await.unwrap();
        lease.open(ana.begun(), &[]).await.close(ended()).await;
        let first = of_lock(&sandbox, 0);
        assert_eq!(
            first,
            [
                "CreateLogGroup",
                "PutRetentionPolicy",
                "CreateLogStream",
                "PutLogEvents",
                "PutLogEvents"
            ]
        );
        let from = sandbox.log().len();
        ana.begin().await.unwrap().close(ended()).await;
        assert_eq!(
            of_lock(&sandbox, from),
            [
                "DescribeLogStreams",
                "GetLogEvents",
                "CreateLogStream",
                "PutLogEvents",
                "PutLogEvents"
            ]
        );
    });
}
