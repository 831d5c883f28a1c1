//! Tests of log groups, streams and events.

use serde_json::{Value, json};

use super::write::{exists, write};
use crate::probe::Probe;
use crate::world::{BEGINNING, Span};

fn with_group(input: Value) -> Probe {
    let mut probe = Probe::new();
    let mut whole = json!({ "logGroupName": "web" });
    for (key, value) in input.as_object().into_iter().flatten() {
        whole[key] = value.clone();
    }
    probe.ask("logs", "CreateLogGroup", whole);
    probe
}

#[test]
fn a_new_group_is_read_back_with_both_its_arns() {
    let mut probe = with_group(json!({ "tags": { "a": "b" } }));
    let groups = probe.ask("logs", "DescribeLogGroups", json!({ "logGroupNamePrefix": "w" }));
    let group = &groups["logGroups"][0];
    let arn = "arn:aws:logs:us-east-1:111122223333:log-group:web";
    assert_eq!(group["logGroupArn"], arn);
    assert_eq!(group["arn"], format!("{arn}:*"));
    assert_eq!(group["logGroupClass"], "STANDARD");
    assert_eq!(group["storedBytes"], 0);
    assert_eq!(group["creationTime"], BEGINNING.0);
    assert!(group["retentionInDays"].is_null());
    let tags = probe.ask("logs", "ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(tags["tags"], json!({ "a": "b" }));
    probe.ask("logs", "DeleteLogGroup", json!({ "logGroupName": "web" }));
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn groups_are_refused_as_by_logs() {
    let mut probe = with_group(json!({}));
    let named = |name: &str| json!({ "logGroupName": name });
    let key = "arn:aws:kms:us-east-1:111122223333:key/gone";
    for (operation, input, code) in [
        ("CreateLogGroup", named("web"), "ResourceAlreadyExistsException"),
        ("CreateLogGroup", named("a b"), "InvalidParameterException"),
        ("CreateLogGroup", named(""), "InvalidParameterException"),
        ("CreateLogGroup", named(&"a".repeat(513)), "InvalidParameterException"),
        ("CreateLogGroup", named("aws/x"), "InvalidParameterException"),
        (
            "CreateLogGroup",
            json!({ "logGroupName": "x", "kmsKeyId": key }),
            "InvalidParameterException",
        ),
        ("DeleteLogGroup", named("gone"), "ResourceNotFoundException"),
        (
            "PutRetentionPolicy",
            json!({ "logGroupName": "web", "retentionInDays": 2 }),
            "InvalidParameterException",
        ),
        (
            "PutRetentionPolicy",
            json!({ "logGroupName": "gone", "retentionInDays": 1 }),
            "ResourceNotFoundException",
        ),
        ("DescribeLogGroups", json!({ "limit": 51 }), "InvalidParameterException"),
        (
            "DescribeLogGroups",
            json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "b" }),
            "InvalidParameterException",
        ),
        ("DescribeLogGroups", json!({ "nextToken": "x" }), "InvalidParameterException"),
        (
            "DescribeLogStreams",
            json!({ "logGroupName": "web", "orderBy": "LastEventTime",
                    "logStreamNamePrefix": "a" }),
            "InvalidParameterException",
        ),
        (
            "ListTagsForResource",
            json!({ "resourceArn": "arn:aws:logs:us-east-1:111122223333:log-group:web:*" }),
            "InvalidParameterException",
        ),
        (
            "DeleteSubscriptionFilter",
            json!({ "logGroupName": "web", "filterName": "gone" }),
            "ResourceNotFoundException",
        ),
        ("DeleteResourcePolicy", json!({ "policyName": "gone" }), "ResourceNotFoundException"),
        ("StartLiveTail", json!({}), "UnknownOperationException"),
    ] {
        assert_eq!(probe.refused("logs", operation, input.clone()), code, "{operation} {input}");
    }
}

#[test]
fn what_is_protected_cannot_be_deleted() {
    let mut probe = with_group(json!({ "deletionProtectionEnabled": true }));
    let group = json!({ "logGroupName": "web" });
    assert_eq!(probe.refused("logs", "DeleteLogGroup", group.clone()), "ValidationException");
    let off = json!({ "logGroupIdentifier": "web", "deletionProtectionEnabled": false });
    probe.ask("logs", "PutLogGroupDeletionProtection", off);
    probe.ask("logs", "DeleteLogGroup", group);
}

#[test]
fn events_are_taken_in_order_and_not_of_any_age() {
    let mut probe = with_group(json!({}));
    let stream = json!({ "logGroupName": "web", "logStreamName": "s" });
    probe.ask("logs", "CreateLogStream", stream.clone());
    let refused = probe.refused("logs", "CreateLogStream", stream);
    assert_eq!(refused, "ResourceAlreadyExistsException");
    let now = BEGINNING.0;
    let put = |events: &[(u64, &str)]| {
        let events = events.iter().map(|(at, text)| json!({ "timestamp": at, "message": text }));
        json!({ "logGroupName": "web", "logStreamName": "s",
                "logEvents": events.collect::<Vec<_>>() })
    };
    let day = Span::minutes(24 * 60).0;
    for events in
        [&[(now, "b"), (now - 1, "a")][..], &[(now - day - 1, "a"), (now, "b")], &[], &[(now, "")]]
    {
        let code = probe.refused("logs", "PutLogEvents", put(events));
        assert_eq!(code, "InvalidParameterException", "{events:?}");
    }
    let fresh = probe.ask("logs", "PutLogEvents", put(&[(now - 1, "first"), (now, "second")]));
    assert!(fresh["rejectedLogEventsInfo"].is_null());
    let old = probe.ask("logs", "PutLogEvents", put(&[(now - 15 * day, "old")]));
    assert_eq!(old["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1);
    let soon = Span::minutes(121).0;
    let new = probe.ask("logs", "PutLogEvents", put(&[(now, "third"), (now + soon, "new")]));
    assert_eq!(new["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"], 1);
    let far = now + 300 * day;
    probe.world.caller = Some(crate::world::Time(far));
    let clock = probe.ask("logs", "PutLogEvents", put(&[(far, "other clock")]));
    assert!(clock["rejectedLogEventsInfo"].is_null());
    let old = probe.ask("logs", "PutLogEvents", put(&[(far - 15 * day, "old")]));
    assert_eq!(old["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1);
    let all = json!({ "logGroupName": "web", "logStreamName": "s" });
    let events = probe.ask("logs", "GetLogEvents", all);
    assert_eq!(texts(&events), ["first", "second", "third", "other clock"]);
}

fn texts(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().into_iter().flatten();
    events.filter_map(|event| event["message"].as_str()).collect()
}

#[test]
fn events_are_read_forward_and_backward_and_filtered() {
    let mut probe = with_group(json!({}));
    let lines = ["one", "two ERROR", "three", "four"].map(str::to_owned);
    assert!(write(&mut probe.world.site("us-east-1"), "web", "s", &lines, false));
    let get = |extra: Value| {
        let mut input = json!({ "logGroupName": "web", "logStreamName": "s", "limit": 3 });
        for (key, value) in extra.as_object().into_iter().flatten() {
            input[key] = value.clone();
        }
        input
    };
    let tail = probe.ask("logs", "GetLogEvents", get(json!({})));
    assert_eq!(texts(&tail), ["two ERROR", "three", "four"]);
    let back = json!({ "nextToken": tail["nextBackwardToken"] });
    assert_eq!(texts(&probe.ask("logs", "GetLogEvents", get(back))), ["one"]);
    let head = probe.ask("logs", "GetLogEvents", get(json!({ "startFromHead": true })));
    assert_eq!(texts(&head), ["one", "two ERROR", "three"]);
    let on = json!({ "nextToken": head["nextForwardToken"] });
    let end = probe.ask("logs", "GetLogEvents", get(on));
    assert_eq!(texts(&end), ["four"]);
    let still = json!({ "nextToken": end["nextForwardToken"] });
    let still = probe.ask("logs", "GetLogEvents", get(still));
    assert!(texts(&still).is_empty());
    assert_eq!(still["nextForwardToken"], end["nextForwardToken"]);
    let filter = json!({ "logGroupName": "web", "filterPattern": "ERROR" });
    assert_eq!(texts(&probe.ask("logs", "FilterLogEvents", filter)), ["two ERROR"]);
}

#[test]
fn a_late_writer_brings_a_group_back_bare() {
    let mut probe = with_group(json!({ "tags": { "a": "b" } }));
    let retention = json!({ "logGroupName": "web", "retentionInDays": 7 });
    probe.ask("logs", "PutRetentionPolicy", retention);
    probe.ask("logs", "DeleteLogGroup", json!({ "logGroupName": "web" }));
    let mut site = probe.world.site("us-east-1");
    let lines = ["late".to_owned()];
    assert!(!write(&mut site, "web", "s", &lines, false));
    assert!(!exists(&site, "web"));
    assert!(write(&mut site, "web", "s", &lines, true));
    assert!(exists(&site, "web"));
    let groups = probe.ask("logs", "DescribeLogGroups", json!({}));
    assert!(groups["logGroups"][0]["retentionInDays"].is_null());
    let tags = probe.ask("logs", "ListTagsLogGroup", json!({ "logGroupName": "web" }));
    assert_eq!(tags["tags"], json!({}));
}

#[test]
fn filters_have_their_limits() {
    let mut probe = with_group(json!({}));
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:f";
    let put = |name: &str, arn: &str| {
        json!({ "logGroupName": "web", "filterName": name, "filterPattern": "",
                "destinationArn": arn })
    };
    probe.ask("logs", "PutSubscriptionFilter", put("a", arn));
    probe.ask("logs", "PutSubscriptionFilter", put("b", arn));
    probe.ask("logs", "PutSubscriptionFilter", put("b", arn));
    let code = probe.refused("logs", "PutSubscriptionFilter", put("c", arn));
    assert_eq!(code, "LimitExceededException");
    let kinesis = "arn:aws:kinesis:us-east-1:111122223333:stream/s";
    let code = probe.refused("logs", "PutSubscriptionFilter", put("a", kinesis));
    assert_eq!(code, "InvalidParameterException");
    let filters = json!({ "logGroupName": "web" });
    let filters = probe.ask("logs", "DescribeSubscriptionFilters", filters);
    assert_eq!(filters["subscriptionFilters"][0]["distribution"], "ByLogStream");
    let metric = json!({ "logGroupName": "web", "filterName": "m", "filterPattern": "ERROR",
        "metricTransformations":
            [{ "metricName": "n", "metricNamespace": "s", "metricValue": "1" }] });
    probe.ask("logs", "PutMetricFilter", metric);
    let groups = probe.ask("logs", "DescribeLogGroups", json!({}));
    assert_eq!(groups["logGroups"][0]["metricFilterCount"], 1);
}
