//! AWS's calls for the log group of a stack's runs.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::{InputLogEvent, OrderBy, OutputLogEvent};
use landfall_model::journal::Run;
use landfall_model::{CloudError, Refusal};
use tokio::time::sleep;

use super::TAG;
use crate::Aws;
use crate::error::Answer;
use crate::requests::recorded;

/// How long the events of a run are kept, in days.
const RETENTION: i32 = 90;
/// What all streams begin with.
const PREFIX: &str = "run-";
/// How many streams a page of `logs:DescribeLogStreams` has at most.
const PAGE: usize = 50;
/// How many empty pages in a row may come before the end of a stream is believed.
const EMPTY_PAGES: usize = 3;

/// The log group of a stack's runs.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    aws: Aws,
    stack: String,
    group: String,
}

/// What came of making a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creation {
    /// It is ours.
    Made,
    /// It exists. It may be ours where an answer was lost before.
    Exists { maybe_ours: bool },
    /// There is no such group.
    NoGroup,
}

/// The name of a run's stream. Digits in front let names sort as numbers do.
fn name(run: u64) -> String {
    format!("{PREFIX}{run:06}")
}

/// The run of a stream, and whether the stream is its own or one of its signs of life.
fn run_of(stream: &str) -> Option<(u64, bool)> {
    let rest = stream.strip_prefix(PREFIX)?;
    let (run, sign) = rest.split_once('.').map_or((rest, None), |(run, sign)| (run, Some(sign)));
    Some((run.parse().ok()?, sign.is_none()))
}

impl Streams {
    pub fn new(aws: Aws, stack: &str) -> Streams {
        Streams { aws, stack: stack.to_owned(), group: format!("/landfall/{stack}") }
    }

    pub fn group(&self) -> &str {
        &self.group
    }

    /// AWS's time, in milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.aws.now()
    }

    /// Makes the group; false where there is one.
    pub async fn create_group(&self) -> Result<bool, CloudError> {
        let made = while_at_work(|| async {
            let call = self.aws.logs.create_log_group().log_group_name(&self.group);
            let made = call.tags(TAG, &self.stack).send().await;
            made.named("logs:CreateLogGroup").map(drop)
        });
        match made.await {
            Ok(()) => Ok(true),
            Err(error) if exists(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lets events go after a while.
    pub async fn limit_retention(&self) -> Result<(), CloudError> {
        while_at_work(|| async {
            let call = self.aws.logs.put_retention_policy().log_group_name(&self.group);
            let put = call.retention_in_days(RETENTION).send().await;
            put.named("logs:PutRetentionPolicy").map(drop)
        })
        .await
    }

    /// Deletes the group and all that is in it. One that is gone already is no error.
    pub async fn delete_group(&self) -> Result<(), CloudError> {
        while_at_work(|| async {
            let call = self.aws.logs.delete_log_group().log_group_name(&self.group);
            call.send().await.or_missing("logs:DeleteLogGroup").map(drop)
        })
        .await
    }

    /// The newest runs, without their lines, the newest first; `None` where there is no group.
    pub async fn newest(&self, most: usize) -> Result<Option<Vec<Run>>, CloudError> {
        let mut runs: Vec<Run> = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = self.aws.logs.describe_log_streams().log_group_name(&self.group);
            let call = call.log_stream_name_prefix(PREFIX).order_by(OrderBy::LogStreamName);
            let call = call.descending(true).limit(i32::try_from(PAGE).unwrap_or(i32::MAX));
            let answer = call.set_next_token(token).send().await;
            let Some(page) = answer.or_missing("logs:DescribeLogStreams")? else {
                return Ok(None);
            };
            for stream in page.log_streams.unwrap_or_default() {
                let named = stream.log_stream_name.as_deref().and_then(run_of);
                let Some((number, own)) = named else { continue };
                let created = stream.creation_time.map_or(0, unsigned);
                let known = runs.iter().position(|run| run.number == number);
                let known = known.unwrap_or_else(|| {
                    runs.push(Run { number, created, ..Run::default() });
                    runs.len() - 1
                });
                let run = &mut runs[known];
                run.seen = run.seen.max(created);
                if own {
                    run.created = created;
                }
            }
            token = page.next_token;
            // The last one may go on on the next page.
            if token.is_none() || runs.len() > most {
                break;
            }
        }
        runs.sort_by_key(|run| std::cmp::Reverse(run.number));
        runs.truncate(most.max(PAGE));
        Ok(Some(runs))
    }

    /// Makes the stream of a run.
    pub async fn create(&self, run: u64) -> Result<Creation, CloudError> {
        self.create_named(&name(run)).await
    }

    /// A sign of life of a run that cannot write into its stream.
    pub async fn create_sign(&self, run: u64, sign: u64) -> Result<(), CloudError> {
        self.create_named(&format!("{}.{sign:06}", name(run))).await.map(drop)
    }

    async fn create_named(&self, stream: &str) -> Result<Creation, CloudError> {
        let call = self.aws.logs.create_log_stream().log_group_name(&self.group);
        let (answer, record) = recorded(call.log_stream_name(stream).send()).await;
        match answer.named("logs:CreateLogStream") {
            Ok(_) => Ok(Creation::Made),
            Err(error) if exists(&error) => Ok(Creation::Exists { maybe_ours: record.lost > 0 }),
            Err(error) if error.refusal == Refusal::NotFound => Ok(Creation::NoGroup),
            Err(error) => Err(error),
        }
    }

    /// Writes lines with their times, in milliseconds since 1970, in one call.
    pub async fn put(&self, run: u64, lines: &[(u64, String)]) -> Result<(), CloudError> {
        const OPERATION: &str = "logs:PutLogEvents";
        let mut events = Vec::new();
        for (at, line) in lines {
            let at = i64::try_from(*at).unwrap_or(i64::MAX);
            let event = InputLogEvent::builder().timestamp(at).message(line).build();
            let odd = |error: aws_smithy_types::error::operation::BuildError| {
                CloudError::unexpected(OPERATION, error.to_string())
            };
            events.push(event.map_err(odd)?);
        }
        let call = self.aws.logs.put_log_events().log_group_name(&self.group);
        let call = call.log_stream_name(name(run)).set_log_events(Some(events));
        let answer = call.send().await.named(OPERATION)?;
        match answer.rejected_log_events_info {
            None => Ok(()),
            Some(_) => {
                let message = "CloudWatch Logs took some lines to be too old or too new";
                Err(CloudError::unexpected(OPERATION, message))
            }
        }
    }

    /// The run with its last lines: as many as fit on a page of `logs:GetLogEvents` (1 MB or 10,000
    /// events), or so many.
    pub async fn end_of(&self, mut run: Run, most: Option<i32>) -> Result<Run, CloudError> {
        let mut token: Option<String> = None;
        for _ in 0..EMPTY_PAGES {
            let call = self.aws.logs.get_log_events().log_group_name(&self.group);
            let call = call.log_stream_name(name(run.number)).start_from_head(false);
            let page = call.set_limit(most).set_next_token(token.clone()).send().await;
            let page = page.named("logs:GetLogEvents")?;
            let events = page.events.unwrap_or_default();
            let at_end = page.next_backward_token.is_none() || page.next_backward_token == token;
            // A page may be empty though there are more (GetLogEvents, nextToken).
            if !events.is_empty() || at_end {
                run.read(events.into_iter().filter_map(event));
                break;
            }
            token = page.next_backward_token;
        }
        Ok(run)
    }

    /// All that a run has written.
    pub async fn whole(&self, number: u64) -> Result<Run, CloudError> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = self.aws.logs.get_log_events().log_group_name(&self.group);
            let call = call.log_stream_name(name(number)).start_from_head(true);
            let page = call.set_next_token(token.clone()).send().await;
            let page = page.named("logs:GetLogEvents")?;
            all.extend(page.events.unwrap_or_default().into_iter().filter_map(event));
            // At the end the same token comes back.
            if page.next_forward_token.is_none() || page.next_forward_token == token {
                break;
            }
            token = page.next_forward_token;
        }
        let created = all.iter().map(|(_, _, ingested)| *ingested).min().unwrap_or(0);
        let mut run = Run { number, created, ..Run::default() };
        run.read(all);
        Ok(run)
    }
}

fn event(event: OutputLogEvent) -> Option<(String, u64, u64)> {
    let at = unsigned(event.timestamp?);
    Some((event.message?, at, event.ingestion_time.map_or(at, unsigned)))
}

fn unsigned(moment: i64) -> u64 {
    u64::try_from(moment).unwrap_or(0)
}

fn exists(error: &CloudError) -> bool {
    error.code.as_deref() == Some("ResourceAlreadyExistsException")
}

/// Makes a call, again while CloudWatch Logs is at work on another change of the same group.
async fn while_at_work<F>(mut call: impl FnMut() -> F) -> Result<(), CloudError>
where
    F: Future<Output = Result<(), CloudError>>,
{
    for _ in 0..30 {
        match call().await {
            Err(error) if error.code.as_deref() == Some("OperationAbortedException") => {
                sleep(Duration::from_secs(1)).await;
            }
            done => return done,
        }
    }
    call().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_runs() {
        assert_eq!(name(42), "run-000042");
        assert_eq!(run_of(&name(1_000_000)), Some((1_000_000, true)));
        assert_eq!(run_of("run-000042.000007"), Some((42, false)));
        assert_eq!(run_of("run-one"), None);
        assert_eq!(run_of("other"), None);
    }
}
