//! Queries of CloudWatch Logs Insights: `fields`, `display`, `filter`, `sort` and `limit`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::{bad_token, invalid};
use super::query_text::{Event as Found, Query};
use super::{Event, group};
use crate::operations::Answer;
use crate::page;
use crate::refused::Refused;
use crate::world::{Site, Span, Time, Wait};

/// A query that was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    groups: Vec<String>,
    text: String,
    begun: Time,
    complete: Time,
    stopped: bool,
    rows: Vec<Vec<(String, String)>>,
    matched: usize,
    scanned: usize,
    bytes: u64,
}

impl Run {
    fn status(&self, now: Time) -> &'static str {
        match (self.stopped, self.complete <= now) {
            (true, _) => "Cancelled",
            (false, true) => "Complete",
            (false, false) => "Running",
        }
    }
}

/// The input of StartQuery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Start {
    // Queries of all languages but that of Logs are malformed here.
    #[serde(default, rename = "queryLanguage")]
    _language: Option<String>,
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_names: Vec<String>,
    #[serde(default)]
    log_group_identifiers: Vec<String>,
    start_time: u64,
    end_time: u64,
    query_string: String,
    #[serde(default)]
    limit: Option<usize>,
}

/// How long results can be had: "query results are available for 7 days" (Logs guide).
const KEPT: Span = Span::minutes(7 * 24 * 60);

/// StartQuery. Logs API: at most 50 groups, at most 10,000 results.
pub fn start(site: &mut Site<'_>, input: Start) -> Answer {
    let given = [
        input.log_group_name.is_some(),
        !input.log_group_names.is_empty(),
        !input.log_group_identifiers.is_empty(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        let message = "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be \
                       specified.";
        return Err(invalid(message));
    }
    let identifiers = input.log_group_identifiers.iter();
    let identified = identifiers.map(|identifier| group::name_in(site, identifier));
    let mut names = identified.collect::<Result<Vec<_>, _>>()?;
    names.extend(input.log_group_name.iter().chain(&input.log_group_names).map(String::as_str));
    if names.len() > 50 || input.limit.is_some_and(|limit| !(1..=10_000).contains(&limit)) {
        return Err(invalid("A query has at most 50 log groups and 10000 results."));
    }
    if input.start_time > input.end_time {
        return Err(invalid("Query start time must not be after its end time."));
    }
    let groups = names.iter().map(|name| group::of(site, name)).collect::<Result<Vec<_>, _>>()?;
    let query = Query::read(&input.query_string).ok_or_else(|| {
        let message = format!("The sandbox does not understand the query: {}", input.query_string);
        Refused::new("MalformedQueryException", message)
    })?;
    let now = site.now();
    let within = input.start_time.saturating_mul(1000)..=input.end_time.saturating_mul(1000);
    let events = groups.iter().flat_map(|group| {
        let horizon = group.horizon(now);
        let events = group.streams.values().flat_map(move |stream| {
            stream.events.iter().enumerate().map(move |(place, event)| Found {
                group: group.name.clone(),
                stream: stream.name.clone(),
                place,
                event: event.clone(),
            })
        });
        events.filter(move |found| found.event.timestamp >= horizon)
    });
    let events = events.filter(|found| within.contains(&found.event.timestamp.0));
    let events = events.collect::<Vec<_>>();
    let (scanned, bytes) =
        (events.len(), events.iter().map(|found| found.event.size()).sum::<u64>());
    let (matched, rows) = query.run(events, input.limit);
    let names = names.into_iter().map(str::to_owned).collect();
    let id = site.world.chance.uuid();
    let run = Run {
        groups: names,
        text: input.query_string,
        begun: now,
        complete: now + site.takes(Wait::LogQuery),
        stopped: false,
        rows,
        matched,
        scanned,
        bytes,
    };
    site.region_mut().logs.runs.insert(id.clone(), run);
    site.after(KEPT, Event::ForgetQuery { id: id.clone() });
    Ok(json!({ "queryId": id }))
}

/// The input of GetQueryResults and StopQuery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct One {
    query_id: String,
}

fn not_found() -> Refused {
    Refused::new("ResourceNotFoundException", "The specified query does not exist.")
}

/// GetQueryResults.
pub fn results(site: &mut Site<'_>, input: One) -> Answer {
    let now = site.now();
    let run = site.region().logs.runs.get(&input.query_id).ok_or_else(not_found)?;
    let done = run.status(now) == "Complete";
    let rows = run.rows.iter().filter(|_| done).map(|row| {
        let row = row.iter().map(|(field, value)| json!({ "field": field, "value": value }));
        row.collect::<Vec<_>>()
    });
    let told = |count: usize| if done { count } else { 0 };
    Ok(json!({
        "queryLanguage": "CWLI",
        "results": rows.collect::<Vec<_>>(),
        "statistics": {
            "recordsMatched": told(run.matched),
            "recordsScanned": told(run.scanned),
            "estimatedRecordsSkipped": 0,
            "bytesScanned": if done { run.bytes } else { 0 },
            "estimatedBytesSkipped": 0,
            "logGroupsScanned": told(run.groups.len()),
        },
        "status": run.status(now),
    }))
}

/// StopQuery: one that has ended cannot be stopped.
pub fn stop(site: &mut Site<'_>, input: One) -> Answer {
    let now = site.now();
    let run = site.region_mut().logs.runs.get_mut(&input.query_id).ok_or_else(not_found)?;
    let status = run.status(now);
    if status != "Running" {
        let message = format!("Query with ID {} has ended with status: {status}", input.query_id);
        return Err(invalid(message));
    }
    run.stopped = true;
    Ok(json!({ "success": true }))
}

/// The input of DescribeQueries.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    log_group_name: Option<String>,
    status: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
    query_language: Option<String>,
}

/// DescribeQueries: the latest ones first.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let most = super::name::limit(input.max_results, 1000, 1000)?;
    let now = site.now();
    let runs = site.region().logs.runs.iter().filter(|(_, run)| {
        input.log_group_name.as_ref().is_none_or(|name| run.groups.contains(name))
            && input.status.as_ref().is_none_or(|status| status == run.status(now))
            && input.query_language.as_ref().is_none_or(|language| language == "CWLI")
    });
    let mut runs = runs.collect::<Vec<_>>();
    runs.sort_by_key(|(_, run)| std::cmp::Reverse(run.begun));
    let runs = runs.into_iter().map(|(id, run)| {
        json!({
            "queryLanguage": "CWLI",
            "queryId": id,
            "queryString": run.text,
            "status": run.status(now),
            "createTime": run.begun.0,
            "logGroupName": run.groups.first(),
        })
    });
    let runs = runs.collect::<Vec<Value>>();
    let scope = format!("queries {:?} {:?}", input.log_group_name, input.status);
    let (runs, next) = page::page(runs, most, input.next_token.as_deref(), &scope)
        .map_err(|page::BadToken| bad_token())?;
    Ok(json!({ "queries": runs, "nextToken": next }))
}

/// Forgets a query and its results.
pub fn forget(site: &mut Site<'_>, id: &str) {
    site.region_mut().logs.runs.remove(id);
}
