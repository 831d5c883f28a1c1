//! AWS's refusals, in landfall's words.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use landfall_model::{CloudError, Refusal};

/// Turns the SDK's results into landfall's.
pub(crate) trait Answer<T> {
    /// The answer, or what AWS said, under the operation's name (`ecs:CreateCluster`).
    fn named(self, operation: &str) -> Result<T, CloudError>;

    /// The same, where a thing that does not exist is an answer too.
    fn or_missing(self, operation: &str) -> Result<Option<T>, CloudError>;
}

impl<T, E> Answer<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    SdkError<E, HttpResponse>: RequestId,
{
    fn named(self, operation: &str) -> Result<T, CloudError> {
        self.map_err(|error| translate(operation, &error))
    }

    fn or_missing(self, operation: &str) -> Result<Option<T>, CloudError> {
        match self.named(operation) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.refusal == Refusal::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn translate<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    SdkError<E, HttpResponse>: RequestId,
{
    let request_id = error.request_id().map(str::to_owned);
    let (refusal, code, message) = match error {
        SdkError::ServiceError(refused) => {
            let code = refused.err().code().map(str::to_owned);
            let message = refused.err().message().map(str::to_owned);
            let failed = refused.raw().status().is_server_error();
            let refusal = match code.as_deref() {
                // AWS refuses calls that come too fast with a server's error, too.
                Some(code) if failed && !is_throttling(code) => Refusal::Failed,
                None if failed => Refusal::Failed,
                code => code.map_or(Refusal::Unexpected, refusal_of),
            };
            // Some services give a denial of what the call does in turn (`iam:PassRole`) a code of
            // their own.
            let denied = message.as_deref().is_some_and(|it| it.contains(NOT_AUTHORIZED));
            let refusal = if denied { Refusal::Denied } else { refusal };
            (refusal, code, message.unwrap_or_else(|| causes(refused.err())))
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
            let causes = causes(error);
            let lacking = ["credential", "identity", "no providers in chain"]
                .iter()
                .any(|word| causes.to_lowercase().contains(word));
            let refusal = if lacking { Refusal::NoCredentials } else { Refusal::Unreachable };
            (refusal, None, causes)
        }
        SdkError::TimeoutError(_) => (Refusal::Unreachable, None, "no answer in time".to_owned()),
        SdkError::ResponseError(_) => (Refusal::Failed, None, causes(error)),
        other => (Refusal::Unexpected, None, causes(other)),
    };
    CloudError { operation: operation.to_owned(), refusal, code, message, request_id }
}

/// What every service says of who may not do something
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
const NOT_AUTHORIZED: &str = " is not authorized to perform: ";

/// The sort of a refusal by AWS's code. The services have no common list: EC2 says
/// `InvalidVpcID.NotFound`, IAM `NoSuchEntity`, ECS `ClusterNotFoundException`.
fn refusal_of(code: &str) -> Refusal {
    let denied = ["AccessDenied", "UnauthorizedOperation", "NotAuthorized"];
    let credentials = [
        "AuthFailure",
        "ExpiredToken",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
        "IncompleteSignature",
    ];
    if code.contains("NotFound") || code.contains("NoSuchEntity") {
        Refusal::NotFound
    } else if denied.iter().any(|word| code.contains(word)) {
        Refusal::Denied
    } else if credentials.iter().any(|word| code.contains(word)) {
        Refusal::NoCredentials
    } else {
        Refusal::Refused
    }
}

/// Whether AWS says that calls come too fast.
pub(crate) fn is_throttling(code: &str) -> bool {
    ["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown", "BandwidthLimitExceeded"]
        .iter()
        .any(|word| code.contains(word))
}

/// An error and what caused it, from the outside in, each said once.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        let text = error.to_string();
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
        at = error.source();
    }
    said.join(": ")
}
