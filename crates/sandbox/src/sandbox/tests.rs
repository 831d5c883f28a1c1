//! Tests of what goes wrong, and when.

use http::header::AUTHORIZATION;
use serde_json::json;

use super::*;
use crate::schedule::{At, Refusal, Throttle};
use crate::world::{Delays, Span};

fn sandbox(schedule: Schedule) -> Sandbox {
    let sandbox = Sandbox::new(World::new(1, Delays::None), 0.0);
    sandbox.disturb(schedule);
    sandbox
}

fn request(operation: &str, input: &Value) -> Request<Bytes> {
    let scope = "a/20260101/us-east-1/ecr/aws4_request";
    let signature = "0".repeat(64);
    let signed =
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={signature}");
    let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
    let request = Request::post("/").header(AUTHORIZATION, signed).header("x-amz-target", target);
    request.body(Bytes::from(input.to_string())).expect("a request")
}

fn create(sandbox: &Sandbox) -> Reply {
    sandbox.answer(&request("CreateRepository", &json!({ "repositoryName": "app" })))
}

/// How many repositories the sandbox tells of, or the code of its refusal.
fn told(sandbox: &Sandbox) -> Result<usize, String> {
    let Reply::Answer(response) = sandbox.answer(&request("DescribeRepositories", &json!({})))
    else {
        panic!("no answer")
    };
    let answer: Value = serde_json::from_slice(response.body()).expect("JSON");
    match answer["repositories"].as_array() {
        Some(all) => Ok(all.len()),
        None => Err(answer["__type"].as_str().unwrap_or_default().to_owned()),
    }
}

/// How many repositories there are.
fn there(sandbox: &Sandbox) -> usize {
    sandbox.with_world(|world| world.site("us-east-1").region().ecr.repositories.len())
}

#[test]
fn a_connection_is_reset_before_or_after_the_effect() {
    let before = sandbox(Schedule { resets_before: 1000, ..Schedule::default() });
    assert!(matches!(create(&before), Reply::Reset));
    assert_eq!(there(&before), 0);
    let after = sandbox(Schedule { resets_after: 1000, ..Schedule::default() });
    assert!(matches!(create(&after), Reply::Reset));
    assert_eq!(there(&after), 1);
}

#[test]
fn an_answer_can_be_lost_though_the_effect_is_there() {
    let sandbox = sandbox(Schedule { timeouts: 1000, ..Schedule::default() });
    assert!(matches!(create(&sandbox), Reply::Silence));
    assert_eq!(there(&sandbox), 1);
}

#[test]
fn an_internal_error_has_no_effect() {
    let sandbox = sandbox(Schedule { server_errors: 1000, ..Schedule::default() });
    assert!(matches!(create(&sandbox), Reply::Answer(response) if response.status() == 500));
    assert_eq!(there(&sandbox), 0);
}

#[test]
fn a_single_call_can_go_wrong() {
    let at = vec![At { call: 2, fault: Fault::ServerErrorAfter }];
    let sandbox = sandbox(Schedule { at, ..Schedule::default() });
    assert_eq!(told(&sandbox), Ok(0));
    assert!(matches!(create(&sandbox), Reply::Answer(response) if response.status() == 500));
    assert_eq!(there(&sandbox), 1);
    assert_eq!(told(&sandbox), Ok(1));
}

#[test]
fn the_client_dies_before_or_after_the_effect_of_a_call() {
    for after_effect in [false, true] {
        let kill = Kill { call: 2, after_effect };
        let sandbox = sandbox(Schedule { kill: Some(kill), ..Schedule::default() });
        assert_eq!(told(&sandbox), Ok(0));
        assert!(matches!(create(&sandbox), Reply::Death));
        assert_eq!(there(&sandbox), usize::from(after_effect));
    }
}

#[test]
fn a_stale_read_shows_the_world_as_it_was() {
    let stale_by = Span::seconds(5);
    let sandbox = sandbox(Schedule { stale_reads: 1000, stale_by, ..Schedule::default() });
    assert!(matches!(create(&sandbox), Reply::Answer(_)));
    // The clock stands still, so some reads are as old as the write and some are older.
    let seen: Vec<usize> = (0..50).map(|_| told(&sandbox).expect("an answer")).collect();
    assert!(seen.contains(&0), "{seen:?}");
    sandbox.with_world(|world| world.advance(world.now + Span::seconds(6)));
    assert!((0..50).all(|_| told(&sandbox) == Ok(1)));
}

#[test]
fn a_throttled_call_has_no_effect_and_says_so() {
    let throttle = Some(Throttle { burst: 1, per_second: 1 });
    let sandbox = sandbox(Schedule { throttle, ..Schedule::default() });
    assert_eq!(told(&sandbox), Ok(0));
    assert_eq!(told(&sandbox), Err("ThrottlingException".to_owned()));
    sandbox.with_world(|world| world.advance(world.now + Span::seconds(2)));
    assert_eq!(told(&sandbox), Ok(0));
}

#[test]
fn a_scripted_refusal_is_given_so_many_times() {
    let refusal = Refusal {
        operation: "ecr:DescribeRepositories".to_owned(),
        status: 400,
        code: "AccessDeniedException".to_owned(),
        message: "no".to_owned(),
        times: Some(1),
    };
    let sandbox = sandbox(Schedule { refusals: vec![refusal], ..Schedule::default() });
    assert_eq!(told(&sandbox), Err("AccessDeniedException".to_owned()));
    assert_eq!(told(&sandbox), Ok(0));
    let outcomes: Vec<String> = sandbox.log().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, ["AccessDeniedException", "ok"]);
}

#[test]
fn an_account_that_is_empty_again_begins_anew() {
    let sandbox = sandbox(Schedule::default());
    let fresh = |sandbox: &Sandbox| sandbox.with_world(|world| world.chance == Chance::of(1));
    assert!(matches!(create(&sandbox), Reply::Answer(_)));
    sandbox.close().expect("closed");
    assert!(!fresh(&sandbox));
    let delete = request("DeleteRepository", &json!({ "repositoryName": "app" }));
    assert!(matches!(sandbox.answer(&delete), Reply::Answer(response) if response.status() == 200));
    sandbox.close().expect("closed");
    assert!(fresh(&sandbox));
}
