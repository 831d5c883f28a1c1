//! Log streams.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::LogEvent;
use super::group::{self, Group};
use super::name::{check_stream, invalid, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// A log stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// Since when it exists.
    pub created: Time,
    /// Its events in the order of their time; of the same time, in the order in which they came.
    pub events: Vec<LogEvent>,
    /// When the last events came.
    pub ingested: Option<Time>,
}

impl Stream {
    /// A stream without events.
    pub fn new(name: &str, now: Time) -> Stream {
        Stream { name: name.to_owned(), created: now, events: Vec::new(), ingested: None }
    }

    /// Takes an event to its place.
    pub fn take(&mut self, event: LogEvent) {
        self.ingested = Some(event.ingested);
        let place = self.events.partition_point(|known| known.timestamp <= event.timestamp);
        self.events.insert(place, event);
    }

    /// Logs API, PutLogEvents: a token comes with every answer, though none is asked for any more.
    pub fn token(&self) -> String {
        format!("{:056}", self.events.len() + 1)
    }

    fn describe(&self, group: &Group) -> Value {
        json!({
            "logStreamName": self.name,
            "creationTime": self.created.0,
            "firstEventTimestamp": self.events.first().map(|event| event.timestamp.0),
            "lastEventTimestamp": self.events.last().map(|event| event.timestamp.0),
            "lastIngestionTime": self.ingested.map(|time| time.0),
            "uploadSequenceToken": self.token(),
            "arn": format!("{}:log-stream:{}", group.arn, self.name),
            // Logs API, LogStream: no longer reported, always zero.
            "storedBytes": 0,
        })
    }
}

/// The refusal that there is no such stream.
pub fn not_found() -> Refused {
    Refused::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

/// The input of what asks for a stream alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Named {
    log_group_name: String,
    log_stream_name: String,
}

/// CreateLogStream.
pub fn create(site: &mut Site<'_>, input: Named) -> Answer {
    check_stream(&input.log_stream_name)?;
    let stream = Stream::new(&input.log_stream_name, site.now());
    let group = group::of_mut(site, &input.log_group_name)?;
    if group.streams.contains_key(&input.log_stream_name) {
        let message = "The specified log stream already exists";
        return Err(Refused::new("ResourceAlreadyExistsException", message));
    }
    group.streams.insert(input.log_stream_name, stream);
    Ok(Value::Null)
}

/// DeleteLogStream.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let group = group::of_mut(site, &input.log_group_name)?;
    if !group.streams.contains_key(&input.log_stream_name) {
        return Err(not_found());
    }
    group::check_unprotected(group)?;
    group.streams.remove(&input.log_stream_name);
    Ok(Value::Null)
}

/// The input of DescribeLogStreams.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Order,
    descending: bool,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
enum Order {
    #[default]
    LogStreamName,
    LastEventTime,
}

/// DescribeLogStreams.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let (name, identifier) =
        (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
    let name = group::name_of(site, name, identifier)?;
    let prefix = input.log_stream_name_prefix.as_deref();
    if prefix.is_some() && input.order_by == Order::LastEventTime {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let group = group::of(site, name)?;
    let streams = group.streams.values();
    let streams = streams.filter(|s| prefix.is_none_or(|prefix| s.name.starts_with(prefix)));
    let mut streams = streams.collect::<Vec<_>>();
    if input.order_by == Order::LastEventTime {
        streams.sort_by_key(|s| s.events.last().map_or(s.created, |event| event.timestamp));
    }
    if input.descending {
        streams.reverse();
    }
    let streams = streams.into_iter().map(|stream| stream.describe(group)).collect();
    let scope = format!("streams {name} {prefix:?} {:?} {}", input.order_by, input.descending);
    let (streams, next) = paged(streams, input.limit, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "logStreams": streams, "nextToken": next }))
}
