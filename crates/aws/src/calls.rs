//! Watches the calls that go over the wire, each try for itself: how many, which, and what time it
//! is by their answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;

use crate::clock::Clock;
use crate::requests;

/// How many calls were made.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    all: AtomicUsize,
    writes: AtomicUsize,
    retries: AtomicUsize,
    waited_ms: AtomicU64,
}

impl Calls {
    /// All calls, tries that were repeated among them.
    pub fn all(&self) -> usize {
        self.0.all.load(Ordering::Relaxed)
    }

    /// Calls that may change something.
    pub fn writes(&self) -> usize {
        self.0.writes.load(Ordering::Relaxed)
    }

    /// Calls that repeat one that was throttled or lost.
    pub fn retries(&self) -> usize {
        self.0.retries.load(Ordering::Relaxed)
    }

    /// How long calls were put off, in all, since AWS took them no faster.
    pub fn put_off(&self) -> Duration {
        Duration::from_millis(self.0.waited_ms.load(Ordering::Relaxed))
    }

    pub(crate) fn throttled(&self) {
        self.0.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn waited(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.waited_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn count(&self, request: &HttpRequest) {
        self.0.all.fetch_add(1, Ordering::Relaxed);
        if may_write(request) {
            self.0.writes.fetch_add(1, Ordering::Relaxed);
        }
        // `amz-sdk-request: attempt=2; max=8`
        let tried = request.headers().get("amz-sdk-request");
        if tried.is_some_and(|tried| !tried.starts_with("attempt=1")) {
            self.0.retries.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An HTTP client that counts, and sets a clock by the answers.
    pub(crate) fn counting(&self, http: SharedHttpClient, clock: &Clock) -> SharedHttpClient {
        SharedHttpClient::new(Counting { calls: self.clone(), clock: clock.clone(), http })
    }
}

/// Whether a request may change something.
pub(crate) fn may_write(request: &HttpRequest) -> bool {
    !operation(request).is_some_and(is_read)
}

/// The operation of a request: a header in the JSON protocols, a form field in the query ones.
fn operation(request: &HttpRequest) -> Option<&str> {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next();
    }
    let body = std::str::from_utf8(request.body().bytes()?).ok()?;
    body.split('&').find_map(|field| field.strip_prefix("Action="))
}

fn is_read(operation: &str) -> bool {
    ["Describe", "Get", "List", "BatchGet"].iter().any(|verb| operation.starts_with(verb))
}

#[derive(Debug)]
struct Counting<T> {
    calls: Calls,
    clock: Clock,
    http: T,
}

impl HttpClient for Counting<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let http = self.http.http_connector(settings, components);
        let (calls, clock) = (self.calls.clone(), self.clock.clone());
        SharedHttpConnector::new(Counting { calls, clock, http })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.http.validate_base_client_config(components, config)
    }
}

impl HttpConnector for Counting<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.calls.count(&request);
        let operation = operation(&request).unwrap_or_default();
        let (name, reads_only) = (requests::name(&request, operation), is_read(operation));
        let (clock, sent) = (self.clock.clone(), self.clock.local());
        let call = self.http.call(request);
        HttpConnectorFuture::new(async move {
            let answer = call.await;
            requests::note(&name, reads_only, &answer);
            if let Ok(answer) = &answer {
                clock.heed(answer, sent);
            }
            answer
        })
    }
}
