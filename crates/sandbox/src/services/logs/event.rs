//! Log events: what is written to a stream, and what is read from one.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group;
use super::name::{bad_token, check_stream, invalid, limit};
use super::stream;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Span, Time};

/// A log event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEvent {
    /// When it happened.
    pub timestamp: Time,
    /// What happened.
    pub message: String,
    /// When it came.
    pub ingested: Time,
}

impl LogEvent {
    /// Logs API, PutLogEvents: the message in UTF-8, plus 26 bytes.
    pub fn size(&self) -> u64 {
        size(&self.message)
    }
}

fn size(message: &str) -> u64 {
    u64::try_from(message.len()).unwrap_or(u64::MAX).saturating_add(26)
}

const BATCH: u64 = 1_048_576;
const DAY: Span = Span::minutes(24 * 60);

/// The input of PutLogEvents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
    // No longer looked at (Logs API, PutLogEvents).
    #[serde(default, rename = "sequenceToken")]
    _token: Option<String>,
    // Entities show up in CloudWatch alone.
    #[serde(default, rename = "entity")]
    _entity: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InputEvent {
    timestamp: u64,
    message: String,
}

/// PutLogEvents.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    check_stream(&input.log_stream_name)?;
    check_batch(&input.log_events)?;
    let (now, caller) = (site.now(), site.world.caller);
    let group = group::of_mut(site, &input.log_group_name)?;
    if !group.streams.contains_key(&input.log_stream_name) {
        return Err(stream::not_found());
    }
    let mut taken = Vec::new();
    let (mut too_old, mut expired, mut too_new) = (None, None, None);
    for (place, event) in input.log_events.into_iter().enumerate() {
        let timestamp = Time(event.timestamp);
        // Logs API, PutLogEvents: not more than 2 hours ahead, not older than 14 days or the
        // retention of the group. The caller may live by another clock than the sandbox's: the
        // nearer one counts. On AWS, they are the same.
        let clock = nearer(timestamp, now, caller);
        if clock.until(timestamp) > Span::minutes(120) {
            too_new = too_new.or(Some(place));
        } else if timestamp < clock - Span::minutes(14 * 24 * 60) {
            too_old = Some(place + 1);
        } else if timestamp < group.horizon(clock) {
            expired = Some(place + 1);
        } else {
            taken.push(LogEvent { timestamp, message: event.message, ingested: now });
        }
    }
    let streams = &mut group.streams;
    let stream = streams.get_mut(&input.log_stream_name).ok_or_else(stream::not_found)?;
    taken.into_iter().for_each(|event| stream.take(event));
    let rejected = [too_old, expired, too_new].iter().any(Option::is_some);
    let rejected = rejected.then(|| {
        json!({
            "tooNewLogEventStartIndex": too_new,
            "tooOldLogEventEndIndex": too_old,
            "expiredLogEventEndIndex": expired,
        })
    });
    Ok(json!({ "nextSequenceToken": stream.token(), "rejectedLogEventsInfo": rejected }))
}

fn nearer(timestamp: Time, now: Time, caller: Option<Time>) -> Time {
    let away = |clock: Time| clock.0.abs_diff(timestamp.0);
    caller.filter(|caller| away(*caller) < away(now)).unwrap_or(now)
}

/// Logs API, PutLogEvents: the rules for a batch.
fn check_batch(events: &[InputEvent]) -> Result<(), Refused> {
    if !(1..=10_000).contains(&events.len()) {
        let message = "1 validation error detected: Value at 'logEvents' failed to satisfy \
                       constraint: Member must have length between 1 and 10000";
        return Err(invalid(message));
    }
    if events.iter().any(|event| event.message.is_empty()) {
        let message = "1 validation error detected: Value '' at 'logEvents.member.message' failed \
                       to satisfy constraint: Member must have length greater than or equal to 1";
        return Err(invalid(message));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        let message = "Log events in a single PutLogEvents request must be in chronological order.";
        return Err(invalid(message));
    }
    let bytes = events.iter().map(|event| size(&event.message)).sum::<u64>();
    if bytes > BATCH {
        let message = format!("Upload too large: {bytes} bytes exceeds limit of {BATCH}");
        return Err(invalid(message));
    }
    let first = events.first().map_or(Time(0), |event| Time(event.timestamp));
    let last = events.last().map_or(Time(0), |event| Time(event.timestamp));
    if first.until(last) > DAY {
        let message = "The batch of log events in a single PutLogEvents request cannot span more \
                       than 24 hours.";
        return Err(invalid(message));
    }
    Ok(())
}

/// The input of GetLogEvents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Get {
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_identifier: Option<String>,
    log_stream_name: String,
    #[serde(default)]
    start_time: Option<u64>,
    #[serde(default)]
    end_time: Option<u64>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    start_from_head: bool,
    // Nothing is masked.
    #[serde(default, rename = "unmask")]
    _unmask: bool,
}

/// GetLogEvents: a window on the events of a stream, which the tokens move on or back. At an end
/// the same token comes back.
pub fn get(site: &mut Site<'_>, input: Get) -> Answer {
    let most = limit(input.limit, 10_000, 10_000)?;
    let (name, identifier) =
        (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
    let group = group::of(site, group::name_of(site, name, identifier)?)?;
    let stream = group.streams.get(&input.log_stream_name).ok_or_else(stream::not_found)?;
    let horizon = group.horizon(site.now());
    let events = stream.events.iter().filter(|event| {
        event.timestamp >= horizon
            && input.start_time.is_none_or(|start| event.timestamp.0 >= start)
            && input.end_time.is_none_or(|end| event.timestamp.0 < end)
    });
    let events = events.collect::<Vec<_>>();
    let (start, end) = match input.next_token.as_deref().map(parse) {
        None if input.start_from_head => (0, most),
        None => (events.len().saturating_sub(most), events.len()),
        Some(Some(Token::Forward(start))) => (start, start.saturating_add(most)),
        Some(Some(Token::Backward(end))) => (end.saturating_sub(most), end),
        Some(None) => return Err(bad_token()),
    };
    let end = end.min(events.len());
    let start = start.min(end);
    let window = events.iter().skip(start).take(end - start);
    let window = window.map(|event| {
        json!({
            "timestamp": event.timestamp.0,
            "message": event.message,
            "ingestionTime": event.ingested.0,
        })
    });
    Ok(json!({
        "events": window.collect::<Vec<_>>(),
        "nextForwardToken": format!("f/{end:056}/s"),
        "nextBackwardToken": format!("b/{start:056}/s"),
    }))
}

enum Token {
    Forward(usize),
    Backward(usize),
}

fn parse(token: &str) -> Option<Token> {
    let place = |rest: &str| rest.strip_suffix("/s").filter(|d| d.len() == 56)?.parse().ok();
    match token.split_at_checked(2)? {
        ("f/", rest) => place(rest).map(Token::Forward),
        ("b/", rest) => place(rest).map(Token::Backward),
        _ => None,
    }
}
