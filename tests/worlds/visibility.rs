//! Late visibility: reads of the past, roles that others don't know yet, a service-linked role that
//! is only being made, tasks that write after their log group is gone.

use std::sync::Arc;

use landfall_plan::Goal;
use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::schedule::{Refusal, Schedule};
use landfall_sandbox::world::{Delays, Span, World};
use landfall_tests::simulated::{self, Life};
use landfall_tests::stack;

/// Three reads of ten are answered as of up to five seconds ago.
fn late(seed: u64) -> Schedule {
    Schedule { seed, stale_reads: 300, stale_by: Span::seconds(5), ..Schedule::default() }
}

/// Lives under many seeds, in accounts that have never used a service before.
fn lives(spec: &str, seeds: std::ops::Range<u64>) -> Vec<Life> {
    let stack = stack::parse(spec).unwrap();
    let count = seeds.end - seeds.start;
    let lives = seeds.map(|seed| simulated::life(&stack, seed, &late(seed)));
    let (lived, failed): (Vec<_>, Vec<_>) = lives.partition(Result::is_ok);
    let failed: Vec<String> = failed.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} of {count}:\n{}", failed.len(), failed.join("\n────\n"));
    lived.into_iter().map(Result::unwrap).collect()
}

#[test]
fn late_reads_in_a_new_account_lose_nothing() {
    let lives = lives(simulated::THIRTY, 0..16);
    // The delays were there: something was refused, and passed.
    let refused = |what: &str| {
        lives.iter().any(|life| life.calls.iter().any(|call| call.outcome.contains(what)))
    };
    assert!(refused("InvalidParameterException"), "no service had to wait for a role");
    assert!(refused("DependencyViolation"), "no group had to wait for an interface");
}

#[test]
fn a_log_group_that_a_late_line_makes_again_goes_as_well() {
    let create = "options: { awslogs-create-group: \"true\" } }";
    let spec = simulated::THIRTY
        .replace("stream_prefix: web }", &format!("stream_prefix: web, {create}"))
        .replace("stream_prefix: api }", &format!("stream_prefix: api, {create}"));
    assert!(spec.matches(create).count() == 2);
    let lives = lives(&spec, 0..6);
    let again = lives.iter().filter(|life| !life.census.again.is_empty()).count();
    assert!(again > 0, "no line was late enough");
}

#[test]
fn a_denial_is_not_taken_for_something_late() {
    let stack = stack::parse(simulated::THIRTY).unwrap();
    // Code and words are those of a delay, too: what AWS may not do in turn has no code of its own.
    let refusal = Refusal {
        operation: "ecs:CreateService".to_owned(),
        status: 400,
        code: "InvalidParameterException".to_owned(),
        message: "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: \
                  iam:PassRole, so ECS was unable to assume the role"
            .to_owned(),
        times: None,
    };
    let schedule = Schedule { refusals: vec![refusal], ..late(1) };
    let told = simulated::life(&stack, 1, &schedule).map(|_| ()).unwrap_err();
    assert!(told.contains("iam:PassRole"), "{told}");
    assert_eq!(told.matches("cause: Refused(").count(), 2, "one for each service: {told}");
    assert!(!told.contains("TimedOut"), "{told}");
}

#[test]
fn a_role_that_can_never_be_assumed_is_told_after_a_while() {
    simulated::in_virtual_time(async {
        let sandbox = Arc::new(Sandbox::new(World::new(1, Delays::AsOnAws), 1.0));
        let refusal = Refusal {
            operation: "ecs:CreateService".to_owned(),
            status: 400,
            code: "InvalidParameterException".to_owned(),
            message: "ECS was unable to assume the role 'arn:x' that was provided for this task."
                .to_owned(),
            times: None,
        };
        sandbox.disturb(Schedule { refusals: vec![refusal], ..Schedule::default() });
        let stack = stack::parse(simulated::THIRTY).unwrap();
        let cloud = stack::in_process(&sandbox).await;
        let told = stack::converge(&stack, &cloud, Goal::Converge).await.unwrap_err();
        assert!(told.contains("because: \"ECS cannot assume the new role yet\""), "{told}");
        // Densely at first, and for two minutes.
        let log = sandbox.log();
        let tries = log.iter().filter(|call| call.operation == "CreateService");
        let tries: Vec<_> = tries.filter(|call| call.outcome != "ok").map(|call| call.at).collect();
        assert!((40..200).contains(&tries.len()), "{} tries", tries.len());
        // Everything else is there, and nothing is made twice once the role can be used.
        let count = |operation: &str| {
            let log = sandbox.log();
            log.iter().filter(|call| call.operation == operation && call.outcome == "ok").count()
        };
        assert_eq!(
            (count("CreateVpc"), count("CreateLoadBalancer"), count("CreateRole")),
            (1, 1, 3)
        );
        sandbox.disturb(Schedule::default());
        stack::converge(&stack, &cloud, Goal::Converge).await.unwrap();
        assert_eq!(
            (count("CreateVpc"), count("CreateLoadBalancer"), count("CreateRole")),
            (1, 1, 3)
        );
        assert_eq!(count("CreateService"), 2);
        let (plan, _) = stack::plan(&stack, &cloud, Goal::Converge).await.unwrap();
        assert!(plan.is_empty(), "{:#?}", plan.changes);
    });
}
