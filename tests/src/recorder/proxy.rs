//! Forwards requests, each with its delay and its fault.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, TRANSFER_ENCODING,
};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::Shared;
use super::classify::classify;
use super::connection::{Breaker, Connection};
use super::fault::{Answer, Fault, Kind, REQUEST_ID, Victim, When};

type Upstream = Client<HttpConnector, Full<Bytes>>;

/// About one connection, so neither side may pass them on.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    TRANSFER_ENCODING,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // No idle connections: reusing one that the emulator just closed would look like its failure.
    let upstream: Upstream =
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let breaker = Breaker::default();
        let connection = Connection::new(stream, breaker.clone());
        let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| {
                // A task of its own: a client that goes away must not undo what it asked for.
                let call = tokio::spawn(call(Arc::clone(&shared), upstream.clone(), request));
                let breaker = breaker.clone();
                async move {
                    let answer = call.await.ok().flatten();
                    answer.ok_or_else(|| {
                        breaker.pull();
                        std::io::Error::other("no answer")
                    })
                }
            });
            // A broken connection is the client's affair.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service)
                .await;
        });
    }
}

/// One call from arrival to answer. None: the connection is to break.
async fn call(
    shared: Arc<Shared>,
    upstream: Upstream,
    request: Request<Incoming>,
) -> Option<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    let text = String::from_utf8_lossy(&body);
    let operation = classify(&parts, &text);
    let (ticket, fault) = shared.log().arrive(&operation, &text);
    let delay = shared.delay();

    pause(delay / 2).await;
    let injected = |fault: &Fault| fault.kind.answer(&operation).map(respond);
    let answer = match &fault {
        Some(fault) if fault.when == When::Before => injected(fault),
        _ => {
            let answer = forward(&shared.upstream, &upstream, parts, body).await;
            fault.as_ref().map_or(Some(answer), injected)
        }
    };
    if let Some(Fault { kind: Kind::Kill(victim), .. }) = &fault {
        kill(victim).await;
    } else {
        pause(delay - delay / 2).await;
    }

    let logged = answer.as_ref().map(|(status, response)| {
        (status.as_u16(), String::from_utf8_lossy(&response.body).into_owned())
    });
    shared.log().leave(&ticket, logged);
    answer.map(|(status, reply)| reply.into_response(status))
}

/// An answer's headers and body.
struct Reply {
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    fn into_response(self, status: StatusCode) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = status;
        *response.headers_mut() = self.headers;
        response
    }
}

async fn forward(
    endpoint: &str,
    upstream: &Upstream,
    parts: Parts,
    body: Bytes,
) -> (StatusCode, Reply) {
    match exchange(endpoint, upstream, parts, body).await {
        Ok(answer) => answer,
        Err(error) => {
            let body = Bytes::from(format!("the recorder cannot reach {endpoint}: {error}"));
            (StatusCode::BAD_GATEWAY, Reply { headers: HeaderMap::new(), body })
        }
    }
}

async fn exchange(
    endpoint: &str,
    upstream: &Upstream,
    parts: Parts,
    body: Bytes,
) -> Result<(StatusCode, Reply), Box<dyn std::error::Error + Send + Sync>> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = parts.method;
    *request.uri_mut() = format!("{endpoint}{path}").parse::<Uri>()?;
    *request.headers_mut() = parts.headers;
    strip(request.headers_mut());
    let (mut parts, body) = upstream.request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    strip(&mut parts.headers);
    Ok((parts.status, Reply { headers: parts.headers, body }))
}

fn strip(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn respond(answer: Answer) -> (StatusCode, Reply) {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        headers.insert(name, value.parse().expect("a fault's code is fit for a header"));
    };
    set(CONTENT_TYPE, answer.content_type);
    set(HeaderName::from_static("x-amzn-requestid"), REQUEST_ID);
    if let Some(error_type) = &answer.error_type {
        set(HeaderName::from_static("x-amzn-errortype"), error_type);
    }
    let status = StatusCode::from_u16(answer.status).expect("a fault's status is valid");
    (status, Reply { headers, body: answer.body.into() })
}

async fn kill(victim: &Victim) {
    for _ in 0..2000 {
        if let Some(pid) = victim.pid() {
            let pid = pid.to_string();
            let _ = Command::new("kill").args(["-KILL", &pid]).stderr(Stdio::null()).status();
            return;
        }
        pause(Duration::from_millis(5)).await;
    }
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
