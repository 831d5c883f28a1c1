//! The sandbox on a loopback port, for the AWS CLI, boto3 and Terraform.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::sandbox::{Reply, Sandbox};

/// The largest body that is read. AWS's own limits are far below.
const MOST: u64 = 8 << 20;

/// Binds a port. Only a loopback address is taken: whoever can connect can change the world.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    if !address.ip().is_loopback() {
        let message = format!("{address} is no loopback address");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    TcpListener::bind(address).await
}

/// Answers requests until it is dropped.
pub async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>) {
    loop {
        // A connection that broke before it was accepted is none of ours.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let sandbox = Arc::clone(&sandbox);
        tokio::spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&sandbox), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away in the middle is its own affair.
            let _ = connection.await;
        });
    }
}

async fn respond(
    sandbox: Arc<Sandbox>,
    request: Request<Incoming>,
) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    if body.size_hint().lower() > MOST {
        return Ok(too_large());
    }
    // A body that does not say how long it is may be too long all the same.
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let Ok(body) = Limited::new(body, most).collect().await else { return Ok(too_large()) };
    let body = body.to_bytes();
    match sandbox.answer(&Request::from_parts(head, body)) {
        Reply::Answer(response) => Ok(response.map(Full::new)),
        Reply::Silence => std::future::pending().await,
        // Whoever is at the other end of a connection, the server cannot end more than that.
        Reply::Reset | Reply::Death => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    }
}

fn too_large() -> Response<Full<Bytes>> {
    let mut response =
        Response::new(Full::from("The request is larger than any that AWS takes.\n"));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
