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

use crate::sandbox::{Reply, Sandbox};

/// How long a call is on its way, there and back: a round trip within a continent.
const ROUND_TRIP: Duration = Duration::from_millis(40);

/// An HTTP client whose every request a sandbox answers.
#[derive(Clone, Debug)]
pub struct Connector(Arc<Sandbox>);

impl Connector {
    /// The door to a sandbox.
    pub fn new(sandbox: Arc<Sandbox>) -> Connector {
        Connector(sandbox)
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
        let sandbox = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let request = plain(request)?;
            tokio::time::sleep(ROUND_TRIP / 2).await;
            let reply = sandbox.answer(&request);
            tokio::time::sleep(ROUND_TRIP / 2).await;
            match reply {
                Reply::Answer(response) => {
                    let response = response.map(SdkBody::from);
                    HttpResponse::try_from(response)
                        .map_err(|error| ConnectorError::other(error.into(), None))
                }
                Reply::Reset => {
                    let reset = io::Error::from(io::ErrorKind::ConnectionReset);
                    Err(ConnectorError::io(reset.into()))
                }
                Reply::Silence => std::future::pending().await,
                // As SIGKILL would: nothing is unwound, nothing is flushed.
                Reply::Death => std::process::abort(),
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
