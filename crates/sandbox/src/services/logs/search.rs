//! FilterLogEvents: a search through the streams of a group.

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::name::{bad_token, invalid, limit};
use super::pattern::Pattern;
use super::{group, stream};
use crate::operations::Answer;
use crate::page;
use crate::world::Site;

/// The input of FilterLogEvents.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Filter {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Vec<String>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<u64>,
    end_time: Option<u64>,
    filter_pattern: String,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
    // Events of several streams always come interleaved, and nothing is masked.
    #[serde(rename = "interleaved")]
    _interleaved: bool,
    #[serde(rename = "unmask")]
    _unmask: bool,
}

/// FilterLogEvents.
pub fn filter(site: &mut Site<'_>, input: Filter) -> Answer {
    let most = limit(input.limit, 10_000, 10_000)?;
    let (names, prefix) = (&input.log_stream_names, input.log_stream_name_prefix.as_deref());
    if !names.is_empty() && prefix.is_some() {
        let message = "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.";
        return Err(invalid(message));
    }
    let pattern = Pattern::read(&input.filter_pattern)?;
    let (name, identifier) =
        (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
    let group = group::of(site, group::name_of(site, name, identifier)?)?;
    if names.iter().any(|name| !group.streams.contains_key(name)) {
        return Err(stream::not_found());
    }
    let horizon = group.horizon(site.now());
    let streams = group.streams.values().filter(|stream| {
        (names.is_empty() || names.contains(&stream.name))
            && prefix.is_none_or(|prefix| stream.name.starts_with(prefix))
    });
    let events = streams.flat_map(|stream| stream.events.iter().map(move |event| (stream, event)));
    let mut events = events
        .enumerate()
        .filter(|(_, (_, event))| {
            event.timestamp >= horizon
                && input.start_time.is_none_or(|start| event.timestamp.0 >= start)
                && input.end_time.is_none_or(|end| event.timestamp.0 <= end)
                && pattern.matches(&event.message)
        })
        .collect::<Vec<_>>();
    events.sort_by_key(|(_, (_, event))| event.timestamp);
    if input.start_from_head == Some(false) {
        events.reverse();
    }
    let events = events.into_iter().map(|(place, (stream, event))| {
        let seed = format!("{} {place} {}", stream.name, event.timestamp);
        let hash = Sha256::digest(seed)
            .iter()
            .take(8)
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        json!({
            "logStreamName": stream.name,
            "timestamp": event.timestamp.0,
            "message": event.message,
            "ingestionTime": event.ingested.0,
            "eventId": format!("{:036}{hash:020}", event.timestamp.0),
        })
    });
    let scope = format!("events {} {names:?} {prefix:?} {}", group.name, input.filter_pattern);
    let (events, next) = page::page(events.collect(), most, input.next_token.as_deref(), &scope)
        .map_err(|page::BadToken| bad_token())?;
    // Logs API: searchedLogStreams is always empty by now.
    Ok(json!({ "events": events, "searchedLogStreams": [], "nextToken": next }))
}
