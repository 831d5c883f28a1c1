//! The door in process: the AWS SDK's HTTP client, answered by a sandbox.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::Request;
use tokio::sync::{Notify, oneshot};

use crate::sandbox::{Reply, Sandbox};

/// How long a call is on its way, there and back: a round trip within a continent.
const ROUND_TRIP: Duration = Duration::from_millis(40);

/// An HTTP client whose every request a sandbox answers.
#[derive(Clone, Debug)]
pub struct Connector {
    sandbox: Arc<Sandbox>,
    death: Death,
}

/// What the death of the client is.
#[derive(Clone, Debug)]
enum Death {
    /// That of the process.
    OfProcess,
    /// Somebody else is told, and sees to it that the client does nothing more.
    Told(Arc<Notify>),
}

impl Connector {
    /// The door to a sandbox.
    pub fn new(sandbox: Arc<Sandbox>) -> Connector {
        Connector { sandbox, death: Death::OfProcess }
    }

    /// The same for a client that can die without its process: whoever waits for `death` has to
    /// drop it.
    pub fn mortal(sandbox: Arc<Sandbox>, death: Arc<Notify>) -> Connector {
        Connector { sandbox, death: Death::Told(death) }
    }

    /// As the SDK takes it.
    pub fn into_shared(self) -> SharedHttpClient {
        SharedHttpClient::new(self)
    }
}

/// The sandbox's clock, for the SDK's signatures and rate limits.
#[derive(Clone, Debug)]
pub struct SandboxTime(Arc<Sandbox>);

impl SandboxTime {
    /// The clock of a sandbox.
    pub fn new(sandbox: Arc<Sandbox>) -> SandboxTime {
        SandboxTime(sandbox)
    }

    /// As the SDK takes it.
    pub fn into_shared(self) -> SharedTimeSource {
        SharedTimeSource::new(self)
    }
}

impl TimeSource for SandboxTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.now().0)
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Connector { sandbox, death } = self.clone();
        HttpConnectorFuture::new(async move {
            let request = plain(request)?;
            // What is on the wire arrives, also when the client no longer waits for it.
            let (deliver, delivered) = oneshot::channel();
            tokio::spawn(async move {
                tokio::time::sleep(ROUND_TRIP / 2).await;
                let reply = sandbox.answer(&request);
                if let Reply::Death = reply {
                    // As SIGKILL would: nothing is unwound, nothing is flushed.
                    match death {
                        Death::OfProcess => std::process::abort(),
                        Death::Told(death) => death.notify_one(),
                    }
                }
                tokio::time::sleep(ROUND_TRIP / 2).await;
                let _ = deliver.send(reply);
            });
            match delivered.await {
                Ok(Reply::Answer(response)) => {
                    let response = response.map(SdkBody::from);
                    HttpResponse::try_from(response)
                        .map_err(|error| ConnectorError::other(error.into(), None))
                }
                Ok(Reply::Silence | Reply::Death) => std::future::pending().await,
                Ok(Reply::Reset) | Err(_) => {
                    let reset = io::Error::from(io::ErrorKind::ConnectionReset);
                    Err(ConnectorError::io(reset.into()))
                }
            }
        })
    }
}

fn plain(request: HttpRequest) -> Result<Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let body = body.bytes().map(Bytes::copy_from_slice);
    let body = body.ok_or_else(|| ConnectorError::user("a body that streams".into()))?;
    Ok(Request::from_parts(head, body))
}
