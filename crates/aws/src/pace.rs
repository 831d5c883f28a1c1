//! Keeps to the pace that AWS takes calls at. AWS gives each service's reads and writes a bucket of
//! tokens that refills slowly (EC2 API reference, "Request throttling"; "Request throttling for the
//! Amazon ECS API"), and tells nobody how full it is. So calls go as fast as they come until AWS
//! refuses one; from then on they go at intervals, which grow when one is refused and shrink when
//! they are taken.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::time::{Instant, sleep_until};

use crate::calls::{Calls, may_write};
use crate::error::is_throttling;

/// The interval that the first refusal leads to.
const FIRST: Duration = Duration::from_millis(100);
/// The longest interval; no bucket of AWS's refills more slowly.
const LONGEST: Duration = Duration::from_secs(5);
/// Below this, calls go as they come again.
const SHORTEST: Duration = Duration::from_millis(20);
/// How long a call is put off in all. Its signature holds for five minutes.
const PATIENCE: Duration = Duration::from_secs(4 * 60);

/// An HTTP client that adapts to what AWS takes.
#[derive(Debug)]
pub(crate) struct Paced<T> {
    http: T,
    calls: Calls,
    paces: Paces,
}

/// The pace of each host's reads and writes.
#[derive(Clone, Debug, Default)]
struct Paces(Arc<Mutex<HashMap<(String, bool), Pace>>>);

#[derive(Clone, Copy, Debug)]
struct Pace {
    interval: Duration,
    /// When the next call may go.
    next: Instant,
    /// When the interval last grew: what was sent before tells nothing new.
    grown: Instant,
}

impl Pace {
    fn new(now: Instant) -> Pace {
        Pace { interval: Duration::ZERO, next: now, grown: now }
    }

    /// When a call that comes now may go.
    fn slot(&mut self, now: Instant) -> Instant {
        let slot = self.next.max(now);
        self.next = slot + self.interval;
        slot
    }

    fn refused(&mut self, sent: Instant, now: Instant) {
        if sent < self.grown {
            return;
        }
        self.interval = (self.interval * 2).clamp(FIRST, LONGEST);
        self.grown = now;
        self.next = self.next.max(now + self.interval);
    }

    fn taken(&mut self) {
        self.interval -= self.interval / 20;
        if self.interval < SHORTEST {
            self.interval = Duration::ZERO;
        }
    }
}

impl Paces {
    fn with<T>(&self, key: &(String, bool), act: impl FnOnce(&mut Pace) -> T) -> T {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(paces.entry(key.clone()).or_insert_with(|| Pace::new(Instant::now())))
    }
}

impl Paced<SharedHttpClient> {
    pub(crate) fn around(http: SharedHttpClient, calls: &Calls) -> SharedHttpClient {
        SharedHttpClient::new(Paced { http, calls: calls.clone(), paces: Paces::default() })
    }
}

impl HttpClient for Paced<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let http = self.http.http_connector(settings, components);
        let Paced { calls, paces, .. } = self;
        SharedHttpConnector::new(Paced { http, calls: calls.clone(), paces: paces.clone() })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.http.validate_base_client_config(components, config)
    }
}

impl HttpConnector for Paced<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (http, calls, paces) = (self.http.clone(), self.calls.clone(), self.paces.clone());
        let key = (bucket(&request), may_write(&request));
        HttpConnectorFuture::new(async move {
            let start = Instant::now();
            let mut request = Some(request);
            loop {
                let slot = paces.with(&key, |pace| pace.slot(Instant::now()));
                calls.waited(slot.saturating_duration_since(Instant::now()));
                sleep_until(slot).await;
                let again = request.as_ref().and_then(HttpRequest::try_clone);
                let Some(this) = request.take() else {
                    return Err(ConnectorError::user("a request that cannot be repeated".into()));
                };
                let sent = Instant::now();
                let response = http.call(this).await?;
                let (response, throttled) = is_throttled(response).await?;
                if !throttled {
                    paces.with(&key, Pace::taken);
                    return Ok(response);
                }
                paces.with(&key, |pace| pace.refused(sent, Instant::now()));
                calls.throttled();
                request = again;
                if request.is_none() || start.elapsed() > PATIENCE {
                    return Ok(response);
                }
            }
        })
    }
}

/// Which bucket a request draws from: that of the service that it is signed for.
fn bucket(request: &HttpRequest) -> String {
    let signed = request.headers().get("authorization").unwrap_or_default();
    // Credential=AKID/20260101/us-east-1/ecs/aws4_request
    let scope = signed.split("Credential=").nth(1).unwrap_or_default();
    scope.split('/').skip(2).take(2).collect::<Vec<_>>().join("/")
}

/// Whether an answer says that calls come too fast; the answer is whole afterwards.
async fn is_throttled(mut response: HttpResponse) -> Result<(HttpResponse, bool), ConnectorError> {
    let status = response.status().as_u16();
    if !matches!(status, 400 | 429 | 503) {
        return Ok((response, false));
    }
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let body = ByteStream::new(body).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let code = code(response.headers().get("x-amzn-errortype"), &body);
    *response.body_mut() = SdkBody::from(body.to_vec());
    Ok((response, status == 429 || code.is_some_and(|code| is_throttling(&code))))
}

/// The error code in the body of a refusal, or in its header, by the service's protocol.
fn code(header: Option<&str>, body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let between = |start: &str, end: char| {
        let (_, rest) = text.split_once(start)?;
        Some(rest.split(end).next().unwrap_or_default().to_owned())
    };
    let in_json = || {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        Some(value.get("__type")?.as_str()?.to_owned())
    };
    header.map(str::to_owned).or_else(|| between("<Code>", '<')).or_else(in_json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_every_protocol() {
        let xml = b"<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors>";
        assert_eq!(code(None, xml).as_deref(), Some("RequestLimitExceeded"));
        let json = br#"{"__type":"com.amazonaws#ThrottlingException","message":"Rate exceeded"}"#;
        assert!(is_throttling(&code(None, json).unwrap()));
        assert_eq!(
            code(Some("ThrottlingException"), b"{}").as_deref(),
            Some("ThrottlingException")
        );
        assert_eq!(code(None, b"Throttling is not JSON"), None);
    }

    #[test]
    fn intervals_grow_once_for_calls_that_were_sent_together() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        assert_eq!(pace.slot(now), now);
        pace.refused(now, now + Duration::from_millis(10));
        pace.refused(now, now + Duration::from_millis(11));
        assert_eq!(pace.interval, FIRST);
        pace.refused(now + Duration::from_millis(12), now + Duration::from_millis(20));
        assert_eq!(pace.interval, FIRST * 2);
        let slots = [pace.slot(now), pace.slot(now)];
        assert_eq!(slots[1] - slots[0], FIRST * 2);
        (0..100).for_each(|_| pace.taken());
        assert_eq!(pace.interval, Duration::ZERO);
    }
}
