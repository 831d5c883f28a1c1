//! Which calls a piece of work makes: their operations and AWS's ids of the requests.

use std::cell::RefCell;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use landfall_model::Request;

tokio::task_local! {
    /// What the work of this task has called so far. The SDK makes its calls within the task.
    static RECORD: RefCell<Record>;
}

/// What a piece of work has called.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Calls that may have changed something and were answered, each try for itself.
    pub changing: Vec<Request>,
    /// How many tries got no answer, or one that leaves open whether they had an effect.
    pub lost: usize,
}

/// Does a piece of work and tells what it called.
pub(crate) async fn recorded<T>(work: impl Future<Output = T>) -> (T, Record) {
    RECORD
        .scope(RefCell::default(), async {
            let done = work.await;
            (done, RECORD.with(RefCell::take))
        })
        .await
}

/// Notes a try and what came of it.
pub(crate) fn note(
    operation: &str,
    reads_only: bool,
    answer: &Result<HttpResponse, ConnectorError>,
) {
    // Outside of a recording nobody wants to know.
    let _ = RECORD.try_with(|record| {
        let mut record = record.borrow_mut();
        let Ok(answer) = answer else {
            record.lost += 1;
            return;
        };
        record.lost += usize::from(answer.status().as_u16() >= 500);
        if let Some(id) = request_id(answer).filter(|_| !reads_only) {
            record.changing.push(Request { operation: operation.to_owned(), id });
        }
    });
}

/// The services have no common header ("Request IDs" in the AWS SDKs' guides).
fn request_id(answer: &HttpResponse) -> Option<String> {
    let headers = answer.headers();
    let names = ["x-amzn-requestid", "x-amz-request-id", "x-amz-requestid"];
    names.iter().find_map(|name| headers.get(*name)).map(str::to_owned)
}

/// The service and operation of a request: `ecs:CreateService`. The service stands in the
/// signature (IAM user guide, "Elements of an AWS API request signature").
pub(crate) fn name(request: &HttpRequest, operation: &str) -> String {
    let signature = request.headers().get("authorization").unwrap_or_default();
    let scope = signature.split_once("Credential=").map_or("", |(_, scope)| scope);
    match scope.split('/').nth(3) {
        Some(service) => format!("{service}:{operation}"),
        None => operation.to_owned(),
    }
}
