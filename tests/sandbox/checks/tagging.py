GONE = "there-is-no-such-repository"


def tagging():
    return client("resourcegroupstaggingapi")


def account():
    return client("sts").get_caller_identity()["Account"]


def arn(service, rest):
    return f"arn:aws:{service}:{tagging().meta.region_name}:{account()}:{rest}"


def group(name, **tagged):
    client("logs").create_log_group(logGroupName=name, **({"tags": tagged} if tagged else {}))
    return arn("logs", f"log-group:{name}")


def repository(name, **tagged):
    listed = [{"Key": key, "Value": value} for key, value in tagged.items()]
    made = client("ecr").create_repository(repositoryName=name, tags=listed)
    return made["repository"]["repositoryArn"]


def soon(look):
    return eventually(look, seconds=5)


def found(key, *values, **asked):
    """What has a tag, by ARN. The index comes late: ask eventually."""
    pages = tagging().get_paginator("get_resources").paginate(
        TagFilters=[{"Key": key, "Values": list(values)}], **asked)
    listed = [one for page in pages for one in page["ResourceTagMappingList"]]
    return {one["ResourceARN"].removesuffix(":*"): tags(one["Tags"]) for one in listed}


@check
def what_has_tags_is_found_by_them_after_a_while():
    made = {group("found/a", found_by="x", other="y"), repository("found-b", found_by="x")}
    soon(lambda: set(found("found_by")) == made)
    assert found("found_by")[arn("logs", "log-group:found/a")] == {"found_by": "x", "other": "y"}
    assert found("found-by") == {}


@check
def a_filter_has_values_of_which_one_must_match():
    one, two, three = [group(f"values/{value}", one_of=value) for value in ["1", "2", "3"]]
    soon(lambda: len(found("one_of")) == 3)
    assert set(found("one_of", "1")) == {one}
    assert set(found("one_of", "1", "3")) == {one, three}
    assert found("one_of", "4") == {}


@check
def all_filters_must_match():
    both = group("filters/both", first="1", second="2")
    group("filters/one", first="1")
    soon(lambda: len(found("first")) == 2)
    answer = tagging().get_resources(TagFilters=[{"Key": "first", "Values": ["1"]}, {"Key": "second"}])
    listed = [one["ResourceARN"].removesuffix(":*") for one in answer["ResourceTagMappingList"]]
    assert listed == [both], answer
    assert answer["PaginationToken"] == "", answer


@check
def types_are_services_or_kinds_of_theirs():
    of_logs, of_ecr = group("types/a", of_type="x"), repository("types-b", of_type="x")
    soon(lambda: len(found("of_type")) == 2)
    for types, wanted in [(["logs"], {of_logs}), (["logs:log-group"], {of_logs}),
                          (["ecr:repository"], {of_ecr}), (["ec2:vpc"], set()),
                          (["ecr", "logs"], {of_logs, of_ecr})]:
        listed = set(found("of_type", ResourceTypeFilters=types))
        assert listed == wanted, (types, listed)


@check
def resources_are_got_by_their_arns():
    one = group("by-arn/one", by_arn="x")
    group("by-arn/two", by_arn="x")
    soon(lambda: len(found("by_arn")) == 2)
    answer = tagging().get_resources(ResourceARNList=[one])["ResourceTagMappingList"]
    assert [listed["ResourceARN"] for listed in answer] == [one], answer


@check
def resources_come_in_pages():
    made = {group(f"pages/{place}", paged="x") for place in range(3)}
    soon(lambda: len(found("paged")) == 3)
    first = tagging().get_resources(TagFilters=[{"Key": "paged"}], ResourcesPerPage=2)
    assert len(first["ResourceTagMappingList"]) == 2 and first["PaginationToken"], first
    rest = tagging().get_resources(TagFilters=[{"Key": "paged"}], ResourcesPerPage=2,
                                   PaginationToken=first["PaginationToken"])
    assert len(rest["ResourceTagMappingList"]) == 1 and rest["PaginationToken"] == "", rest
    both = first["ResourceTagMappingList"] + rest["ResourceTagMappingList"]
    assert {one["ResourceARN"].removesuffix(":*") for one in both} == made, both


@check
def what_does_not_go_together_is_refused():
    # API reference, GetResources.
    code, one = "InvalidParameterException", arn("logs", "log-group:x")
    for asked in [
        {"ResourceARNList": [one], "TagFilters": [{"Key": "a"}]},
        {"ResourceARNList": [one], "ResourceTypeFilters": ["logs"]},
        {"ResourcesPerPage": 101},
        {"ResourcesPerPage": 0},
        {"TagsPerPage": 99},
        {"TagsPerPage": 501},
        {"ExcludeCompliantResources": True},
        {"TagFilters": [{"Values": ["x"]}]},
    ]:
        refused(code, tagging().get_resources, **asked)


@check
def a_token_that_was_not_given_is_refused():
    try:
        tagging().get_resources(PaginationToken="no-token-of-this-list")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in ("InvalidParameterException", "PaginationTokenExpiredException"), error
    else:
        raise AssertionError("not refused")


@check
def several_resources_are_tagged_at_once():
    one, two = group("at-once/one"), repository("at-once-two", kept="y")
    answer = tagging().tag_resources(ResourceARNList=[one, two], Tags={"at_once": "x"})
    assert answer["FailedResourcesMap"] == {}, answer
    assert client("logs").list_tags_for_resource(resourceArn=one)["tags"] == {"at_once": "x"}
    listed = client("ecr").list_tags_for_resource(resourceArn=two)["tags"]
    assert tags(listed) == {"at_once": "x", "kept": "y"}, listed
    soon(lambda: set(found("at_once")) == {one, two})


@check
def several_resources_lose_tags_at_once():
    one, two = group("lose/one", a="1", b="2"), repository("lose-two", a="1")
    answer = tagging().untag_resources(ResourceARNList=[one, two], TagKeys=["a", "never-there"])
    assert answer["FailedResourcesMap"] == {}, answer
    assert client("logs").list_tags_for_resource(resourceArn=one)["tags"] == {"b": "2"}
    assert client("ecr").list_tags_for_resource(resourceArn=two)["tags"] == []


@check
def what_is_not_there_is_told_and_the_rest_is_tagged():
    one, gone = group("partly/one"), arn("ecr", f"repository/{GONE}")
    answer = tagging().tag_resources(ResourceARNList=[one, gone], Tags={"partly": "x"})
    failed = answer["FailedResourcesMap"]
    assert list(failed) == [gone], failed
    assert failed[gone]["StatusCode"] == 400 and failed[gone]["ErrorCode"], failed
    assert failed[gone]["ErrorMessage"], failed
    assert client("logs").list_tags_for_resource(resourceArn=one)["tags"] == {"partly": "x"}


@check
def tagging_has_its_rules():
    one = group("rules")
    code = "InvalidParameterException"
    refused(code, tagging().tag_resources, ResourceARNList=[one], Tags={})
    refused(code, tagging().tag_resources, ResourceARNList=[one], Tags={"aws:mine": "x"})
    refused(code, tagging().tag_resources, ResourceARNList=["this-is-no-arn"], Tags={"a": "b"})
    refused(code, tagging().tag_resources, ResourceARNList=[one] * 21, Tags={"a": "b"})
    refused(code, tagging().untag_resources, ResourceARNList=["this-is-no-arn"], TagKeys=["a"])


@check
def resources_of_ec2_are_tagged_as_well():
    vpc = client("ec2").create_vpc(CidrBlock="10.77.0.0/24")["Vpc"]["VpcId"]
    one = arn("ec2", f"vpc/{vpc}")
    answer = tagging().tag_resources(ResourceARNList=[one], Tags={"of_ec2": "x"})
    assert answer["FailedResourcesMap"] == {}, answer
    found_tags = client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]
    assert tags(found_tags) == {"of_ec2": "x"}, found_tags
    soon(lambda: set(found("of_ec2", ResourceTypeFilters=["ec2:vpc"])) == {one})
    client("ec2").delete_vpc(VpcId=vpc)


@check
def keys_that_are_in_use_are_told():
    group("keys", key_in_use="x")

    def told():
        pages = tagging().get_paginator("get_tag_keys").paginate()
        return "key_in_use" in [key for page in pages for key in page["TagKeys"]]

    soon(told)


@check
def values_of_a_key_are_told_once():
    for place, value in enumerate(["a", "b", "b"]):
        group(f"values-of/{place}", value_of=value)

    def told():
        pages = tagging().get_paginator("get_tag_values").paginate(Key="value_of")
        return sorted(value for page in pages for value in page["TagValues"]) == ["a", "b"]

    soon(told)
    assert tagging().get_tag_values(Key="key-of-nothing")["TagValues"] == []


@check
def a_changed_tag_is_found_by_its_new_value():
    one = group("changed", changes="before")
    soon(lambda: set(found("changes", "before")) == {one})
    client("logs").tag_resource(resourceArn=one, tags={"changes": "after"})
    soon(lambda: set(found("changes", "after")) == {one})
    assert found("changes", "before") == {}


@check
def without_tag_policies_everything_complies():
    one = group("complies", complies="x")
    soon(lambda: set(found("complies")) == {one})
    answer = tagging().get_resources(TagFilters=[{"Key": "complies"}], IncludeComplianceDetails=True)
    details = answer["ResourceTagMappingList"][0]["ComplianceDetails"]
    assert details["ComplianceStatus"] is True, answer
    assert tagging().get_compliance_summary()["SummaryList"] == []
