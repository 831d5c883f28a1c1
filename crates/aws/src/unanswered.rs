//! Writes whose answer is lost: the connection broke, time ran out, or AWS failed inside. They may
//! have had their effect, so the SDK must not blindly send them again; the engine looks first.

use std::io;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;

use crate::calls::may_write;

/// How long a call may go unanswered.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// Marks the answer to a write, for the classifier, which sees no request.
const MARK: &str = "landfall-write";

/// An HTTP client that never lets a write look as if it could be repeated.
#[derive(Debug)]
pub(crate) struct OnceOnly<T>(T);

impl OnceOnly<SharedHttpClient> {
    pub(crate) fn around(http: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(OnceOnly(http))
    }
}

impl HttpClient for OnceOnly<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(OnceOnly(self.0.http_connector(settings, components)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        self.0.validate_base_client_config(components, config)
    }
}

impl HttpConnector for OnceOnly<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let write = may_write(&request);
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answered = tokio::time::timeout(ANSWERED_WITHIN, answer).await;
            let late = |_| ConnectorError::timeout(io::Error::from(io::ErrorKind::TimedOut).into());
            match answered.map_err(late).and_then(|answer| answer) {
                Ok(mut response) if write => {
                    response.headers_mut().insert(MARK, "true");
                    Ok(response)
                }
                // As "other" the SDK doesn't take it for something that passes.
                Err(error) if write => Err(ConnectorError::other(error.into(), None)),
                answered => answered,
            }
        })
    }
}

/// Forbids the SDK to repeat a write that AWS failed at, unless AWS says that it only was too fast.
#[derive(Debug)]
pub(crate) struct LookFirst;

impl ClassifyRetry for LookFirst {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        previous: &RetryAction,
    ) -> RetryAction {
        let response = context.response();
        let write = response.is_some_and(|response| response.headers().get(MARK).is_some());
        let throttled = matches!(
            previous,
            RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind: ErrorKind::ThrottlingError,
                ..
            })
        );
        match write && !throttled && previous.should_retry() {
            true => RetryAction::RetryForbidden,
            false => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "look before a write is repeated"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
