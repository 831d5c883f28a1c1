//! Requests that no SDK would send.

use std::io::{Read, Write};
use std::net::TcpStream;

use landfall_tests::served::Served;

/// Sends bytes and reads whatever comes back.
fn exchange(served: &Served, request: &[u8]) -> String {
    let address = served.endpoint().replace("http://", "");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).unwrap_or(0);
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "the connection ended: {text:?}");
            continue;
        };
        let length = head.to_lowercase();
        let length = length.split_once("content-length: ").and_then(|(_, rest)| {
            rest.lines().next().and_then(|length| length.trim().parse::<usize>().ok())
        });
        if read == 0 || length.is_some_and(|length| body.len() >= length) {
            return text;
        }
    }
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into()
}

fn signed(service: &str) -> String {
    let signature = "0".repeat(64);
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature={signature}\r\n"
    )
}

#[test]
fn what_no_sdk_sends_is_refused_and_changes_nothing() {
    let served = Served::start(1, 1.0);
    let before = served.sandbox.with_world(|world| world.is_pristine());
    assert!(before);
    let create = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16";
    let target = "X-Amz-Target: AmazonEC2ContainerServiceV20141113.CreateCluster\r\n";
    let ecs = format!("{}{target}", signed("ecs"));
    for (request, status, said) in [
        (post("", create), 403, "MissingAuthenticationToken"),
        (post("Authorization: Basic YTpi\r\n", create), 403, "IncompleteSignature"),
        (post(&signed("ec2"), "Version=2016-11-15"), 400, "MissingAction"),
        (post(&signed("ec2"), "Action=CreateVpc&Version=1999-01-01"), 400, "InvalidAction"),
        (post(&signed("ec2"), "%%%=%ff&=&Action=CreateVpc"), 400, "MalformedQueryString"),
        (post(&signed("ec2"), &format!("{create}&Colour=red")), 400, "Colour"),
        (post(&signed("ec2"), &format!("{create}&CidrBlock=1")), 400, "more than once"),
        (post(&signed("nowhere"), create), 400, "no service nowhere"),
        (post(&ecs, "{\"clusterName\": "), 400, "SerializationException"),
        (post(&ecs, "[1, 2]"), 400, "SerializationException"),
        (post(&ecs, "{\"clusterName\": 7}"), 400, "clusterName"),
        (post(&ecs, "{\"clusterName\": \"a\", \"colour\": \"red\"}"), 400, "colour"),
        (post(&signed("ecs"), "{}"), 400, "UnknownOperationException"),
    ] {
        let answer = exchange(&served, &request);
        let request = String::from_utf8_lossy(&request).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}\n{answer}");
        assert!(answer.contains(said), "{request}\n{answer}");
    }
    assert!(served.sandbox.with_world(|world| world.is_pristine()));
}

#[test]
fn a_body_of_100_mb_is_not_read() {
    let served = Served::start(1, 1.0);
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\n{}", signed("ec2"));
    let request = format!("{head}Content-Length: {}\r\n\r\nAction=", 100 << 20);
    let answer = exchange(&served, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // Whoever comes next is served.
    let answer = exchange(&served, &post(&signed("ec2"), "Version=2016-11-15"));
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn half_a_request_leaves_the_sandbox_as_it_is() {
    let served = Served::start(1, 1.0);
    let address = served.endpoint().replace("http://", "");
    for half in
        ["POST / HT", "POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\nAction=CreateVpc", "\0\0\0"]
    {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(half.as_bytes()).unwrap();
    }
    let answer = exchange(&served, &post("", ""));
    assert!(answer.contains("MissingAuthenticationToken"), "{answer}");
    assert!(served.sandbox.with_world(|world| world.is_pristine()));
}
