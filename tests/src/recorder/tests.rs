use std::time::{Duration, Instant};

use super::*;
use crate::world::World;

/// Prints the error's code of each call that failed.
const CALLS: &str = "
import boto3, sys
from botocore.config import Config
config = Config(retries={'total_max_attempts': 1})
for name in sys.argv[1:]:
    service, operation = name.split(':')
    arguments = {
        'create_vpc': {'CidrBlock': '10.0.0.0/16'}, 'create_cluster': {'clusterName': 'probe'},
        'create_log_group': {'logGroupName': 'probe'}, 'create_repository': {'repositoryName': 'probe'},
    }.get(operation, {})
    try:
        getattr(boto3.client(service, config=config), operation)(**arguments)
        print('ok')
    except Exception as error:
        response = getattr(error, 'response', None)
        print(response['Error']['Code'] + ' ' + response['Error']['Message'] if response else type(error).__name__)
";

fn names(calls: &[Call]) -> Vec<String> {
    calls.iter().map(|call| format!("{}:{}", call.service, call.operation)).collect()
}

#[test]
fn calls_of_every_protocol_are_named_in_order() {
    let world = World::shared_moto();
    let asked = [
        "ec2:describe_vpcs",
        "ec2:create_vpc",
        "elbv2:describe_load_balancers",
        "iam:list_roles",
        "ecs:create_cluster",
        "ecr:get_authorization_token",
        "logs:create_log_group",
        "sts:get_caller_identity",
    ];
    let answers = world.recorded_python(CALLS, &asked);
    assert_eq!(answers, "ok\n".repeat(asked.len()), "{}", world.recorder);
    let calls = world.recorder.calls();
    let expected = [
        "ec2:DescribeVpcs",
        "ec2:CreateVpc",
        "elasticloadbalancing:DescribeLoadBalancers",
        "iam:ListRoles",
        "ecs:CreateCluster",
        "ecr:GetAuthorizationToken",
        "logs:CreateLogGroup",
        "sts:GetCallerIdentity",
    ];
    assert_eq!(names(&calls), expected);
    let writes = ["ec2:CreateVpc", "ecs:CreateCluster", "logs:CreateLogGroup"];
    assert_eq!(names(&world.recorder.writes()), writes);
    assert!(calls.iter().enumerate().all(|(index, call)| call.seq == index + 1));
    assert!(calls.iter().all(|call| call.status == 200 && call.in_flight == 1));
    assert!(calls[1].body.contains("CidrBlock=10.0.0.0"), "{}", calls[1].body);
    assert!(calls[1].response.contains("<vpcId>"), "{}", calls[1].response);
    assert_eq!(world.recorder.depth(), calls.len());
    let shown = world.recorder.to_string();
    assert!(shown.starts_with("8 calls, 3 writes (*), depth 8\n"), "{shown}");
    world.recorder.clear();
    assert!(world.recorder.calls().is_empty());
}

#[test]
fn a_fault_speaks_the_call_s_protocol() {
    let world = World::shared_moto();
    let asked =
        ["ec2:describe_vpcs", "iam:list_roles", "ecs:list_clusters", "logs:describe_log_groups"];
    let every = |kind| Fault { at: At::Every(1), when: When::Before, kind };
    let denied = Kind::Status(403, "AccessDenied".to_owned(), "not <you>".to_owned());
    let outcomes = [
        (denied, ["AccessDenied not <you>"; 4]),
        (
            Kind::Throttle,
            [
                "RequestLimitExceeded Rate exceeded",
                "Throttling Rate exceeded",
                "ThrottlingException Rate exceeded",
                "ThrottlingException Rate exceeded",
            ],
        ),
        (
            Kind::Internal,
            [
                "InternalError injected internal failure",
                "InternalFailure injected internal failure",
                "ServerException injected internal failure",
                "InternalServerError injected internal failure",
            ],
        ),
        (Kind::Reset, ["ConnectionClosedError"; 4]),
    ];
    for (kind, expected) in outcomes {
        world.recorder.clear_faults();
        world.recorder.fault(every(kind));
        let answers = world.recorded_python(CALLS, &asked);
        assert_eq!(answers.lines().collect::<Vec<_>>(), expected, "{}", world.recorder);
    }
    world.recorder.clear_faults();
    assert_eq!(world.recorded_python(CALLS, &asked[..1]), "ok\n");
}

#[test]
fn a_reset_is_a_reset() {
    use std::io::{ErrorKind, Read, Write};

    let recorder = Recorder::start("http://127.0.0.1:9");
    recorder.fault(Fault { at: At::Call(1), when: When::Before, kind: Kind::Reset });
    for expected in [Some(ErrorKind::ConnectionReset), None] {
        let mut stream = std::net::TcpStream::connect(recorder.address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        let error = stream.read_to_string(&mut answer).err().map(|error| error.kind());
        assert_eq!(error, expected, "{answer}");
    }
    let statuses: Vec<u16> = recorder.calls().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [0, 502], "{recorder}");
}

#[test]
fn a_fault_hits_the_call_it_names_before_or_after_its_effect() {
    for (when, exists) in [(When::Before, false), (When::After, true)] {
        let world = World::shared_ministack();
        let second = At::Operation("ecs:CreateCluster".to_owned(), 1);
        world.recorder.fault(Fault { at: second, when, kind: Kind::Internal });
        let asked = ["ecs:list_clusters", "ecs:create_cluster", "ecr:create_repository"];
        let answers = world.recorded_python(CALLS, &asked);
        assert_eq!(answers, "ok\nServerException injected internal failure\nok\n");
        let snapshot = world.snapshot();
        assert_eq!(snapshot["clusters"]["probe"].is_object(), exists, "{snapshot}");
        assert!(snapshot["repositories"]["probe"].is_object());
        let faults: Vec<bool> =
            world.recorder.calls().iter().map(|call| call.fault.is_some()).collect();
        assert_eq!(faults, [false, true, false]);
    }
}

#[test]
fn the_client_can_be_killed_at_a_write() {
    for (when, exists) in [(When::Before, false), (When::After, true)] {
        let world = World::shared_ministack();
        let victim = Victim::new();
        let kind = Kind::Kill(victim.clone());
        world.recorder.fault(Fault { at: At::Write(2), when, kind });
        let mut child = world
            .command(crate::venv::program("python3"))
            .env("AWS_DEFAULT_REGION", crate::world::REGION)
            .args(["-c", CALLS, "ecs:list_clusters", "ecr:create_repository"])
            .args(["ecs:create_cluster", "logs:create_log_group"])
            .spawn()
            .unwrap();
        victim.is(child.id());
        let status = child.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        world.recorder.settle();
        assert_eq!(names(&world.recorder.writes()), ["ecr:CreateRepository", "ecs:CreateCluster"]);
        let snapshot = world.snapshot();
        assert_eq!(snapshot["clusters"]["probe"].is_object(), exists, "{}", world.recorder);
        assert_eq!(snapshot["log_groups"], serde_json::json!({}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delay_shows_which_calls_run_in_parallel() {
    const LEVELS: &str = "
import boto3, sys
from concurrent.futures import ThreadPoolExecutor
ecs = boto3.client('ecs')
with ThreadPoolExecutor(4) as pool:
    for _ in range(3):
        list(pool.map(lambda _: ecs.list_clusters(), range(4)))
";
    let world = World::shared_ministack();
    world.recorder.delay(Duration::from_millis(300));
    world.recorded_python(LEVELS, &[]);
    let calls = world.recorder.calls();
    assert_eq!((calls.len(), world.recorder.depth()), (12, 3), "{}", world.recorder);
    assert_eq!(world.recorder.max_in_flight(), 4, "{}", world.recorder);
    let took = |call: &Call| call.ended.unwrap() - call.started;
    assert!(calls.iter().all(|call| took(call) >= Duration::from_millis(300)));
}

#[test]
fn a_call_outlives_its_client() {
    use std::io::{Read, Write};

    let upstream = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let recorder = Recorder::start(&format!("http://{}", upstream.local_addr().unwrap()));
    recorder.delay(Duration::from_millis(200));
    let mut stream = std::net::TcpStream::connect(recorder.address).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi").unwrap();
    let began = Instant::now();
    while recorder.calls().is_empty() && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(stream);
    let (mut forwarded, _) = upstream.accept().unwrap();
    // An answer ahead of its request is a protocol error.
    let mut request = Vec::new();
    while !request.ends_with(b"hi") {
        let mut part = [0; 1024];
        let read = forwarded.read(&mut part).unwrap();
        assert_ne!(read, 0, "{}", String::from_utf8_lossy(&request));
        request.extend_from_slice(&part[..read]);
    }
    forwarded.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
    recorder.settle();
    let calls = recorder.calls();
    assert_eq!((calls[0].status, calls[0].response.as_str()), (200, "done"));
}
