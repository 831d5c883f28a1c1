GONE = "/there/is/no/such/group"
MISSING_GROUP = "The specified log group does not exist."


def logs():
    return client("logs")


def account():
    return client("sts").get_caller_identity()["Account"]


def group(name, **options):
    logs().create_log_group(logGroupName=name, **options)
    return described(name)


def described(name):
    found = logs().describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((one for one in found if one["logGroupName"] == name), None)


def stream(group_name, name, lines=()):
    """A stream with a line for each second until now; gives when the first was."""
    logs().create_log_stream(logGroupName=group_name, logStreamName=name)
    begin = int(time.time() * 1000) - 1000 * len(lines)
    if lines:
        put(group_name, name, [(begin + 1000 * place, line) for place, line in enumerate(lines)])
    return begin


def put(group_name, name, events):
    events = [{"timestamp": at, "message": message} for at, message in events]
    return logs().put_log_events(logGroupName=group_name, logStreamName=name, logEvents=events)


def texts(answer):
    return [event["message"] for event in answer["events"]]


def filtered(**asked):
    """The lines that a search finds, through all pages."""
    pages = logs().get_paginator("filter_log_events").paginate(**asked)
    return [line for page in pages for line in texts(page)]


@check
def a_new_group_is_told_with_both_its_arns():
    made = group("new/group")
    arn = f"arn:aws:logs:{logs().meta.region_name}:{account()}:log-group:new/group"
    assert made["arn"] == f"{arn}:*" and made["logGroupArn"] == arn, made
    assert made["storedBytes"] == 0 and made["metricFilterCount"] == 0, made
    assert isinstance(made["creationTime"], int) and made["creationTime"] > 10**12, made
    assert made["logGroupClass"] == "STANDARD", made
    assert "retentionInDays" not in made and "kmsKeyId" not in made, made


@check
def a_group_exists_once():
    group("group-once")
    message = refused("ResourceAlreadyExistsException", logs().create_log_group,
                      logGroupName="group-once")
    assert message == "The specified log group already exists", message


@check
def names_of_groups_have_their_letters():
    for name in ["with space", "with:colon", "with*star", "with@at", "n" * 513]:
        refused("InvalidParameterException", logs().create_log_group, logGroupName=name)
    for name in ["/slashes/and-dashes_1", "dots.and#hashes", "n" * 512]:
        assert group(name)["logGroupName"] == name


@check
def names_of_groups_may_not_begin_as_those_of_aws():
    # Logs API, CreateLogGroup: "Log group names can't start with the string aws/".
    refused("InvalidParameterException", logs().create_log_group, logGroupName="aws/mine")
    group("/aws/mine")


@check
def an_unknown_group_is_refused_everywhere():
    code = "ResourceNotFoundException"
    for call, arguments in [
        (logs().delete_log_group, {}),
        (logs().put_retention_policy, {"retentionInDays": 7}),
        (logs().delete_retention_policy, {}),
        (logs().create_log_stream, {"logStreamName": "s"}),
        (logs().delete_log_stream, {"logStreamName": "s"}),
        (logs().describe_log_streams, {}),
        (logs().get_log_events, {"logStreamName": "s"}),
        (logs().filter_log_events, {}),
        (logs().describe_subscription_filters, {}),
        (logs().list_tags_log_group, {}),
        (logs().put_log_events, {"logStreamName": "s",
                                 "logEvents": [{"timestamp": int(time.time() * 1000), "message": "x"}]}),
    ]:
        message = refused(code, call, logGroupName=GONE, **arguments)
        assert message == MISSING_GROUP, (call, message)


@check
def a_deleted_group_is_gone():
    group("group-to-delete")
    stream("group-to-delete", "s", ["line"])
    logs().delete_log_group(logGroupName="group-to-delete")
    assert described("group-to-delete") is None
    refused("ResourceNotFoundException", logs().delete_log_group, logGroupName="group-to-delete")
    group("group-to-delete")
    assert logs().describe_log_streams(logGroupName="group-to-delete")["logStreams"] == []


@check
def retention_is_put_changed_and_taken_off():
    group("retention")
    for days in [1, 14, 3653]:
        logs().put_retention_policy(logGroupName="retention", retentionInDays=days)
        assert described("retention")["retentionInDays"] == days
    logs().delete_retention_policy(logGroupName="retention")
    assert "retentionInDays" not in described("retention")
    logs().delete_retention_policy(logGroupName="retention")


@check
def retention_has_its_values():
    group("retention-values")
    for days in [0, 2, 6, 10, 366, 4000]:
        refused("InvalidParameterException", logs().put_retention_policy,
                logGroupName="retention-values", retentionInDays=days)


@check
def groups_are_described_by_prefix_and_by_pattern():
    for name in ["/find/Web/a", "/find/Web/b", "/find/worker"]:
        group(name)

    def names(**asked):
        return [one["logGroupName"] for one in logs().describe_log_groups(**asked)["logGroups"]]

    assert names(logGroupNamePrefix="/find/Web") == ["/find/Web/a", "/find/Web/b"]
    assert names(logGroupNamePrefix="/find/web") == []
    # Logs API, DescribeLogGroups: the pattern does not look at upper and lower case.
    assert names(logGroupNamePattern="nd/web") == ["/find/Web/a", "/find/Web/b"]
    assert names(logGroupNamePrefix=GONE) == []
    refused("InvalidParameterException", logs().describe_log_groups, logGroupNamePrefix="/find",
            logGroupNamePattern="web")


@check
def groups_are_described_by_identifier_and_class():
    group("class/standard")
    group("class/infrequent", logGroupClass="INFREQUENT_ACCESS")
    assert described("class/infrequent")["logGroupClass"] == "INFREQUENT_ACCESS"
    found = logs().describe_log_groups(logGroupNamePrefix="class/",
                                       logGroupClass="INFREQUENT_ACCESS")["logGroups"]
    assert [one["logGroupName"] for one in found] == ["class/infrequent"], found
    arn = found[0]["logGroupArn"]
    found = logs().describe_log_groups(logGroupIdentifiers=[arn])["logGroups"]
    assert [one["logGroupArn"] for one in found] == [arn], found


@check
def groups_come_in_pages_by_name():
    names = [f"/pages/{place}" for place in range(5)]
    for name in reversed(names):
        group(name)
    first = logs().describe_log_groups(logGroupNamePrefix="/pages/", limit=2)
    assert len(first["logGroups"]) == 2 and first["nextToken"], first
    pages = logs().get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/pages/", PaginationConfig={"PageSize": 2})
    pages = [[one["logGroupName"] for one in page["logGroups"]] for page in pages]
    assert pages == [names[:2], names[2:4], names[4:]], pages


@check
def pages_of_groups_have_at_most_50():
    for limit in [0, 51]:
        try:
            refused("InvalidParameterException", logs().describe_log_groups, limit=limit)
        except Exception as error:
            # boto3 knows the lower bound itself.
            assert limit == 0 and "ParamValidation" in type(error).__name__, error
    refused("InvalidParameterException", logs().describe_log_groups, nextToken="no-token-of-logs")


@check
def groups_are_listed_with_name_arn_and_class():
    made = group("/listed/web")
    group("/listed/worker")
    found = logs().list_log_groups(logGroupNamePattern="listed/web")["logGroups"]
    assert found == [{"logGroupName": "/listed/web", "logGroupArn": made["logGroupArn"],
                      "logGroupClass": "STANDARD"}], found


@check
def tags_come_with_a_new_group():
    arn = group("tags/new", tags={"stage": "test", "empty": ""})["logGroupArn"]
    assert logs().list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "test", "empty": ""}
    by_name = logs().list_tags_log_group(logGroupName="tags/new")["tags"]
    assert by_name == {"stage": "test", "empty": ""}, by_name


@check
def tags_are_added_changed_and_taken_off():
    arn = group("tags/change", tags={"a": "1"})["logGroupArn"]
    logs().tag_resource(resourceArn=arn, tags={"a": "2", "b": "3"})
    assert logs().list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "2", "b": "3"}
    logs().untag_resource(resourceArn=arn, tagKeys=["a", "never-there"])
    assert logs().list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "3"}


@check
def tags_are_changed_by_the_name_of_the_group_as_well():
    group("tags/by-name")
    logs().tag_log_group(logGroupName="tags/by-name", tags={"a": "1", "b": "2"})
    logs().untag_log_group(logGroupName="tags/by-name", tags=["a"])
    assert logs().list_tags_log_group(logGroupName="tags/by-name")["tags"] == {"b": "2"}


@check
def a_group_has_at_most_50_tags():
    arn = group("tags/fifty", tags={f"key-{place}": "x" for place in range(50)})["logGroupArn"]
    refused("TooManyTagsException", logs().tag_resource, resourceArn=arn, tags={"one-more": "x"})
    assert len(logs().list_tags_for_resource(resourceArn=arn)["tags"]) == 50


@check
def tags_of_aws_are_refused():
    refused("InvalidParameterException", logs().create_log_group, logGroupName="tags/of-aws",
            tags={"aws:mine": "x"})


@check
def tags_of_an_unknown_group_are_refused():
    arn = f"arn:aws:logs:{logs().meta.region_name}:{account()}:log-group:{GONE}"
    refused("ResourceNotFoundException", logs().list_tags_for_resource, resourceArn=arn)
    refused("ResourceNotFoundException", logs().tag_resource, resourceArn=arn, tags={"a": "b"})
    refused("ResourceNotFoundException", logs().untag_resource, resourceArn=arn, tagKeys=["a"])


@check
def a_group_is_encrypted_with_a_key_that_is_there():
    made = client("kms").create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": f"arn:aws:iam::{account()}:root",
                      "Service": f"logs.{logs().meta.region_name}.amazonaws.com"}}]}))
    key = made["KeyMetadata"]["Arn"]
    assert group("encrypted", kmsKeyId=key)["kmsKeyId"] == key
    logs().disassociate_kms_key(logGroupName="encrypted")
    assert "kmsKeyId" not in described("encrypted")
    logs().associate_kms_key(logGroupName="encrypted", kmsKeyId=key)
    assert described("encrypted")["kmsKeyId"] == key
    gone = key[:-4] + ("0000" if not key.endswith("0000") else "1111")
    refused("InvalidParameterException", logs().create_log_group, logGroupName="encrypted-by-none",
            kmsKeyId=gone)
    assert described("encrypted-by-none") is None


@check
def a_new_stream_is_empty():
    group("stream/new")
    logs().create_log_stream(logGroupName="stream/new", logStreamName="web/app/1")
    found = logs().describe_log_streams(logGroupName="stream/new")["logStreams"]
    assert len(found) == 1, found
    region = logs().meta.region_name
    arn = f"arn:aws:logs:{region}:{account()}:log-group:stream/new:log-stream:web/app/1"
    assert found[0]["arn"] == arn and found[0]["logStreamName"] == "web/app/1", found
    assert found[0]["creationTime"] > 10**12 and found[0]["storedBytes"] == 0, found
    assert "firstEventTimestamp" not in found[0] and "lastIngestionTime" not in found[0], found


@check
def a_stream_exists_once_in_its_group():
    for name in ["stream/once", "stream/other"]:
        group(name)
        logs().create_log_stream(logGroupName=name, logStreamName="s")
    message = refused("ResourceAlreadyExistsException", logs().create_log_stream,
                      logGroupName="stream/once", logStreamName="s")
    assert message == "The specified log stream already exists", message


@check
def names_of_streams_have_neither_colon_nor_star():
    group("stream/names")
    for name in ["with:colon", "with*star", "n" * 513]:
        refused("InvalidParameterException", logs().create_log_stream, logGroupName="stream/names",
                logStreamName=name)
    for name in ["with space", "brackets[1]", "n" * 512]:
        logs().create_log_stream(logGroupName="stream/names", logStreamName=name)


@check
def a_deleted_stream_is_gone():
    group("stream/delete")
    stream("stream/delete", "s", ["line"])
    logs().delete_log_stream(logGroupName="stream/delete", logStreamName="s")
    assert logs().describe_log_streams(logGroupName="stream/delete")["logStreams"] == []
    message = refused("ResourceNotFoundException", logs().delete_log_stream,
                      logGroupName="stream/delete", logStreamName="s")
    assert message == "The specified log stream does not exist.", message
    refused("ResourceNotFoundException", logs().get_log_events, logGroupName="stream/delete",
            logStreamName="s")


@check
def streams_are_described_by_prefix_in_order_and_in_pages():
    group("stream/order")
    for name in ["b", "a1", "a2"]:
        logs().create_log_stream(logGroupName="stream/order", logStreamName=name)

    def names(**asked):
        found = logs().describe_log_streams(logGroupName="stream/order", **asked)["logStreams"]
        return [one["logStreamName"] for one in found]

    assert names() == ["a1", "a2", "b"]
    assert names(descending=True) == ["b", "a2", "a1"]
    assert names(logStreamNamePrefix="a") == ["a1", "a2"]
    pages = logs().get_paginator("describe_log_streams").paginate(
        logGroupName="stream/order", PaginationConfig={"PageSize": 2})
    assert [len(page["logStreams"]) for page in pages] == [2, 1]
    arn = described("stream/order")["logGroupArn"]
    found = logs().describe_log_streams(logGroupIdentifier=arn)["logStreams"]
    assert len(found) == 3, found


@check
def streams_are_ordered_by_their_last_event():
    group("stream/by-time")
    now = int(time.time() * 1000)
    for name, ago in [("first", 3000), ("third", 1000), ("second", 2000)]:
        logs().create_log_stream(logGroupName="stream/by-time", logStreamName=name)
        put("stream/by-time", name, [(now - ago, name)])

    def in_order():
        found = logs().describe_log_streams(logGroupName="stream/by-time", orderBy="LastEventTime",
                                            descending=True)["logStreams"]
        return [one["logStreamName"] for one in found] == ["third", "second", "first"]

    eventually(in_order)
    # Logs API, DescribeLogStreams: no prefix where the order is by time.
    refused("InvalidParameterException", logs().describe_log_streams, logGroupName="stream/by-time",
            orderBy="LastEventTime", logStreamNamePrefix="f")


@check
def events_are_written_and_read_in_order():
    group("events/read")
    begin = stream("events/read", "s", ["one", "two", "three"])

    def read():
        answer = logs().get_log_events(logGroupName="events/read", logStreamName="s",
                                       startFromHead=True)
        return answer if len(answer["events"]) == 3 else None

    answer = eventually(read)
    assert texts(answer) == ["one", "two", "three"], answer
    assert [one["timestamp"] for one in answer["events"]] == [begin, begin + 1000, begin + 2000]
    assert all(one["ingestionTime"] > 10**12 for one in answer["events"]), answer
    assert answer["nextForwardToken"].startswith("f/"), answer
    assert answer["nextBackwardToken"].startswith("b/"), answer


@check
def a_stream_tells_when_its_events_were():
    group("events/times")
    begin = stream("events/times", "s", ["one", "two"])

    def told():
        found = logs().describe_log_streams(logGroupName="events/times")["logStreams"][0]
        return found if "lastIngestionTime" in found else None

    found = eventually(told)
    assert found["firstEventTimestamp"] == begin, (found, begin)
    assert found["lastEventTimestamp"] == begin + 1000, (found, begin)
    assert found["uploadSequenceToken"], found


@check
def events_are_read_in_pages_to_an_end_that_stays():
    # Logs API, GetLogEvents: "If you have reached the end of the stream, it returns the same token
    # you passed in."
    group("events/pages")
    stream("events/pages", "s", ["1", "2", "3"])

    def page(**more):
        return logs().get_log_events(logGroupName="events/pages", logStreamName="s",
                                     startFromHead=True, limit=2, **more)

    first = eventually(lambda: (lambda got: got if len(got["events"]) == 2 else None)(page()))
    assert texts(first) == ["1", "2"], first
    second = page(nextToken=first["nextForwardToken"])
    assert texts(second) == ["3"], second
    third = page(nextToken=second["nextForwardToken"])
    assert texts(third) == [], third
    assert third["nextForwardToken"] == second["nextForwardToken"], third
    refused("InvalidParameterException", logs().get_log_events, logGroupName="events/pages",
            logStreamName="s", nextToken="no-token-of-logs")


@check
def without_a_wish_the_last_events_are_read():
    group("events/tail")
    begin = stream("events/tail", "s", ["1", "2", "3"])

    def tail():
        return texts(logs().get_log_events(logGroupName="events/tail", logStreamName="s", limit=2))

    eventually(lambda: tail() == ["2", "3"])
    # Logs API, GetLogEvents: from startTime on, and before endTime.
    some = logs().get_log_events(logGroupName="events/tail", logStreamName="s",
                                 startTime=begin + 1000, endTime=begin + 2000)
    assert texts(some) == ["2"], some


@check
def batches_of_events_have_their_rules():
    group("events/rules")
    logs().create_log_stream(logGroupName="events/rules", logStreamName="s")
    now, day = int(time.time() * 1000), 24 * 3600 * 1000
    for events in [
        [(now, "later"), (now - 1000, "earlier")],
        [(now - day - 60_000, "old"), (now, "new")],
        [(now, "x" * 200_000)] * 6,
    ]:
        try:
            put("events/rules", "s", events)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidParameterException", error
        else:
            raise AssertionError(f"{len(events)} events from {events[0][0]} were taken")
    message = None
    try:
        put("events/rules", "gone", [(now, "x")])
    except ClientError as error:
        message = error.response["Error"]["Message"]
    assert message == "The specified log stream does not exist.", message


@check
def events_that_are_too_old_or_too_new_are_rejected_by_their_place():
    # Logs API, PutLogEvents: not older than 14 days, not more than 2 hours ahead.
    group("events/age")
    logs().create_log_stream(logGroupName="events/age", logStreamName="s")
    now, hour = int(time.time() * 1000), 3600 * 1000
    fresh = put("events/age", "s", [(now - hour, "fresh"), (now, "new")])
    assert "rejectedLogEventsInfo" not in fresh, fresh
    old = put("events/age", "s", [(now - 15 * 24 * hour, "old")])
    # The first event that is not too old would be the one after it.
    assert old["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}, old
    soon = put("events/age", "s", [(now, "now"), (now + 3 * hour, "soon")])
    assert soon["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}, soon


@check
def a_search_goes_through_all_streams_in_the_order_of_time():
    group("search/all")
    now = int(time.time() * 1000)
    for name, events in [("a", [(now - 4000, "1 ERROR"), (now - 1000, "4")]),
                         ("b", [(now - 3000, "2"), (now - 2000, "3 ERROR")])]:
        logs().create_log_stream(logGroupName="search/all", logStreamName=name)
        put("search/all", name, events)
    asked = {"logGroupName": "search/all"}
    eventually(lambda: filtered(**asked) == ["1 ERROR", "2", "3 ERROR", "4"], seconds=5)
    assert filtered(**asked, filterPattern="ERROR") == ["1 ERROR", "3 ERROR"]
    assert filtered(**asked, logStreamNames=["b"]) == ["2", "3 ERROR"]
    assert filtered(**asked, logStreamNamePrefix="a") == ["1 ERROR", "4"]
    assert filtered(**asked, startTime=now - 3000, endTime=now - 2000) == ["2", "3 ERROR"]
    answer = logs().filter_log_events(**asked, limit=1)
    event = answer["events"][0]
    assert event["logStreamName"] == "a" and event["eventId"] and event["ingestionTime"], event
    assert answer["nextToken"], answer


@check
def a_search_has_its_rules():
    group("search/rules")
    stream("search/rules", "s", ["line"])
    refused("InvalidParameterException", logs().filter_log_events, logGroupName="search/rules",
            logStreamNames=["s"], logStreamNamePrefix="s")
    refused("ResourceNotFoundException", logs().filter_log_events, logGroupName="search/rules",
            logStreamNames=["gone"])


@check
def patterns_of_terms_are_understood():
    lines = ["an ERROR of disk", "a WARN of net", "an INFO", "ERROR and retry"]
    for pattern, places in [
        ("ERROR", [0, 3]),
        ("error", []),
        ("ERROR disk", [0]),
        ("?ERROR ?WARN", [0, 1, 3]),
        ("ERROR -retry", [0]),
        ('"of net"', [1]),
        ("", [0, 1, 2, 3]),
    ]:
        found = logs().test_metric_filter(filterPattern=pattern, logEventMessages=lines)["matches"]
        numbers = [one["eventNumber"] - 1 for one in found]
        assert numbers == places, (pattern, found)


@check
def patterns_of_json_are_understood():
    # Logs guide, "Filter pattern syntax": selectors of JSON.
    lines = ['{"level": "error", "code": 500, "user": {"name": "ann"}, "tags": ["a", "b"]}',
             '{"level": "info", "code": 200, "user": null}', "no JSON"]
    for pattern, places in [
        ('{ $.level = "error" }', [0]),
        ('{ $.level != "error" }', [1]),
        ("{ $.code >= 400 }", [0]),
        ('{ $.user.name = "a*" }', [0]),
        ('{ $.tags[1] = "b" }', [0]),
        ("{ $.user IS NULL }", [1]),
        ("{ $.tags NOT EXISTS }", [1]),
        ('{ ($.level = "info") && ($.code < 300) }', [1]),
        ('{ $.level = "info" || $.code = 500 }', [0, 1]),
    ]:
        found = logs().test_metric_filter(filterPattern=pattern, logEventMessages=lines)["matches"]
        assert [one["eventNumber"] - 1 for one in found] == places, (pattern, found)


@check
def patterns_of_fields_between_blanks_are_understood():
    line = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 404 1534'
    fields = "[ip, id, user, timestamp, request, status_code = 4*, size > 1000]"
    found = logs().test_metric_filter(filterPattern=fields, logEventMessages=[line])["matches"]
    values = found[0]["extractedValues"]
    assert values["$ip"] == "127.0.0.1" and values["$status_code"] == "404", values
    assert values["$request"] == "GET /apache_pb.gif HTTP/1.0", values
    fields = "[..., status_code = 2*, size]"
    found = logs().test_metric_filter(filterPattern=fields, logEventMessages=[line])["matches"]
    assert found == [], found


def metric(**more):
    return [{"metricName": "errors", "metricNamespace": "checks", "metricValue": "1", **more}]


@check
def a_metric_filter_is_put_read_and_deleted():
    group("metric/filter")
    logs().put_metric_filter(logGroupName="metric/filter", filterName="errors",
                             filterPattern="ERROR", metricTransformations=metric(defaultValue=0.0))
    found = logs().describe_metric_filters(logGroupName="metric/filter")["metricFilters"]
    assert len(found) == 1, found
    found = found[0]
    assert found["filterName"] == "errors" and found["filterPattern"] == "ERROR", found
    assert found["logGroupName"] == "metric/filter" and found["creationTime"] > 10**12, found
    transformation = found["metricTransformations"][0]
    assert transformation["metricName"] == "errors" and transformation["metricValue"] == "1", found
    assert transformation["defaultValue"] == 0.0, found
    assert described("metric/filter")["metricFilterCount"] == 1
    logs().delete_metric_filter(logGroupName="metric/filter", filterName="errors")
    assert logs().describe_metric_filters(logGroupName="metric/filter")["metricFilters"] == []
    refused("ResourceNotFoundException", logs().delete_metric_filter,
            logGroupName="metric/filter", filterName="errors")


@check
def metric_filters_are_found_by_prefix_and_by_metric():
    group("metric/found")
    for name in ["web-errors", "web-warnings", "worker-errors"]:
        logs().put_metric_filter(logGroupName="metric/found", filterName=name, filterPattern="",
                                 metricTransformations=metric(metricName=name))

    def names(**asked):
        found = logs().describe_metric_filters(**asked)["metricFilters"]
        return [one["filterName"] for one in found]

    found = names(logGroupName="metric/found", filterNamePrefix="web")
    assert found == ["web-errors", "web-warnings"], found
    found = names(metricName="worker-errors", metricNamespace="checks")
    assert found == ["worker-errors"], found
    refused("ResourceNotFoundException", logs().describe_metric_filters, logGroupName=GONE)


@check
def metric_filters_have_their_rules():
    group("metric/rules")
    refused("ResourceNotFoundException", logs().put_metric_filter, logGroupName=GONE,
            filterName="f", filterPattern="", metricTransformations=metric())
    refused("InvalidParameterException", logs().put_metric_filter, logGroupName="metric/rules",
            filterName="with:colon", filterPattern="", metricTransformations=metric())
    # Logs API, MetricTransformation: no default value together with dimensions.
    dimensions = metric(defaultValue=0.0, dimensions={"level": "$.level"})
    refused("InvalidParameterException", logs().put_metric_filter, logGroupName="metric/rules",
            filterName="f", filterPattern="{ $.level = * }", metricTransformations=dimensions)


@check
def a_metric_filter_is_put_anew_under_its_name():
    group("metric/again")
    for pattern in ["ERROR", "WARN"]:
        logs().put_metric_filter(logGroupName="metric/again", filterName="f",
                                 filterPattern=pattern, metricTransformations=metric())
    found = logs().describe_metric_filters(logGroupName="metric/again")["metricFilters"]
    assert [one["filterPattern"] for one in found] == ["WARN"], found


@check
def subscription_filters_need_a_destination():
    group("subscription")
    for arn in ["no-arn", f"arn:aws:sqs:{logs().meta.region_name}:{account()}:queue"]:
        refused("InvalidParameterException", logs().put_subscription_filter,
                logGroupName="subscription", filterName="f", filterPattern="", destinationArn=arn)
    stream_arn = f"arn:aws:kinesis:{logs().meta.region_name}:{account()}:stream/s"
    # Kinesis is written to with a role.
    refused("InvalidParameterException", logs().put_subscription_filter,
            logGroupName="subscription", filterName="f", filterPattern="",
            destinationArn=stream_arn)
    found = logs().describe_subscription_filters(logGroupName="subscription")
    assert found["subscriptionFilters"] == [], found
    refused("ResourceNotFoundException", logs().delete_subscription_filter,
            logGroupName="subscription", filterName="f")


@check
def a_resource_policy_is_put_read_and_deleted():
    document = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]})
    put = logs().put_resource_policy(policyName="events", policyDocument=document)["resourcePolicy"]
    assert put["policyName"] == "events" and json.loads(put["policyDocument"]), put
    assert put["lastUpdatedTime"] > 10**12, put
    found = logs().describe_resource_policies()["resourcePolicies"]
    assert [one["policyName"] for one in found] == ["events"], found
    logs().delete_resource_policy(policyName="events")
    assert logs().describe_resource_policies()["resourcePolicies"] == []
    refused("ResourceNotFoundException", logs().delete_resource_policy, policyName="events")
    refused("InvalidParameterException", logs().put_resource_policy, policyName="bad",
            policyDocument="no JSON")


@check
def a_query_definition_is_put_changed_and_deleted():
    text = "fields @timestamp, @message | limit 20"
    group("query/definition")
    made = logs().put_query_definition(name="queries/last", queryString=text,
                                       logGroupNames=["query/definition"])["queryDefinitionId"]
    logs().put_query_definition(name="queries/newest", queryString=text, queryDefinitionId=made)
    found = logs().describe_query_definitions(queryDefinitionNamePrefix="queries/")
    found = found["queryDefinitions"]
    assert len(found) == 1 and found[0]["queryDefinitionId"] == made, found
    assert found[0]["name"] == "queries/newest" and found[0]["queryString"] == text, found
    assert found[0]["lastModified"] > 10**12, found
    assert logs().delete_query_definition(queryDefinitionId=made)["success"] is True
    refused("ResourceNotFoundException", logs().delete_query_definition, queryDefinitionId=made)


@check
def a_query_runs_and_is_complete():
    group("query/run")
    begin = stream("query/run", "s", ["first", "second ERROR", "third"]) // 1000
    eventually(lambda: len(filtered(logGroupName="query/run")) == 3)

    def results():
        query = logs().start_query(
            logGroupName="query/run", startTime=begin - 60, endTime=begin + 60,
            queryString="fields @timestamp, @message | filter @message like /ERROR/ | limit 5")

        def complete():
            answer = logs().get_query_results(queryId=query["queryId"])
            return answer if answer["status"] == "Complete" else None

        return eventually(complete)["results"]

    found = eventually(results)
    row = {one["field"]: one["value"] for one in found[0]}
    assert len(found) == 1 and row["@message"] == "second ERROR", found
    assert row["@timestamp"] and row["@ptr"], found


@check
def queries_have_a_group_and_an_id_that_are_there():
    refused("ResourceNotFoundException", logs().start_query, logGroupName=GONE, startTime=1,
            endTime=2, queryString="fields @message")
    group("query/rules")
    refused("MalformedQueryException", logs().start_query, logGroupName="query/rules", startTime=1,
            endTime=2, queryString="this is no query at all")
    refused("ResourceNotFoundException", logs().get_query_results,
            queryId="00000000-0000-0000-0000-000000000000")


@check
def a_destination_is_put_given_a_policy_and_deleted():
    # A destination only says where logs would go; its target need not be written to at first.
    found = logs().describe_destinations(DestinationNamePrefix="none-of-these")
    assert found["destinations"] == [], found
    refused("ResourceNotFoundException", logs().delete_destination, destinationName="none-of-these")
    refused("ResourceNotFoundException", logs().put_destination_policy,
            destinationName="none-of-these", accessPolicy="{}")


@check
def what_is_protected_cannot_be_deleted():
    group("protected", deletionProtectionEnabled=True)
    assert described("protected")["deletionProtectionEnabled"] is True
    refused("ValidationException", logs().delete_log_group, logGroupName="protected")
    logs().put_log_group_deletion_protection(logGroupIdentifier="protected",
                                             deletionProtectionEnabled=False)
    logs().delete_log_group(logGroupName="protected")
    assert described("protected") is None
