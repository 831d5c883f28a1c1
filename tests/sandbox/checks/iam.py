# What AWS answers here was recorded against AWS by others (localstack's validated tests of IAM and
# STS, 2026-02) unless a comment names the guide or the API reference.
import re
import urllib.parse

iam = client("iam")
# Sends also what botocore would refuse itself.
raw = boto3.client(
    "iam", config=Config(retries={"total_max_attempts": 1}, parameter_validation=False)
)
ACCOUNT = client("sts").get_caller_identity()["Account"]
AWS_POLICY = "arn:aws:iam::aws:policy/"
EXECUTION = AWS_POLICY + "service-role/AmazonECSTaskExecutionRolePolicy"
READ_ONLY = AWS_POLICY + "ReadOnlyAccess"


def policy_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def trust(principal=None, **more):
    principal = principal or {"Service": "ecs-tasks.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def permission(action="s3:GetObject", **more):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(name, **more):
    document = more.pop("AssumeRolePolicyDocument", trust())
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **more)["Role"]


def policy(name, **more):
    document = more.pop("PolicyDocument", permission())
    return iam.create_policy(PolicyName=name, PolicyDocument=document, **more)["Policy"]


def user(name, **more):
    return iam.create_user(UserName=name, **more)["User"]


def group(name, **more):
    return iam.create_group(GroupName=name, **more)["Group"]


def as_tags(**pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def many_tags(count, prefix="k"):
    return [{"Key": f"{prefix}{at}", "Value": "v"} for at in range(count)]


def all_pages(call, member, **arguments):
    """All items of a list, and how many there were on each page."""
    items, sizes = [], []
    while True:
        page = call(**arguments)
        items += page[member]
        sizes.append(len(page[member]))
        assert page["IsTruncated"] == ("Marker" in page), page
        if not page["IsTruncated"]:
            return items, sizes
        arguments["Marker"] = page["Marker"]


def status_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("not refused")


# Roles


@check
def a_new_role_is_answered_with_id_arn_path_and_date():
    made = role("made")
    assert made["RoleName"] == "made" and made["Path"] == "/"
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/made", made["Arn"]
    assert re.fullmatch(r"AROA[A-Z0-9]{17}", made["RoleId"]), made["RoleId"]
    assert made["CreateDate"].tzinfo is not None and made["CreateDate"].microsecond == 0
    assert made["AssumeRolePolicyDocument"] == json.loads(trust())
    assert "Tags" not in made and "PermissionsBoundary" not in made and "RoleLastUsed" not in made


@check
def create_role_does_not_answer_description_and_longest_session():
    made = role("quiet", Description="said", MaxSessionDuration=7200)
    assert "Description" not in made and "MaxSessionDuration" not in made, made
    read = iam.get_role(RoleName="quiet")["Role"]
    assert (read["Description"], read["MaxSessionDuration"]) == ("said", 7200), read


@check
def create_role_answers_the_trust_policy_as_it_was_sent():
    sent = trust({"Service": ["ecs-tasks.amazonaws.com"]}, Action=["sts:AssumeRole"])
    made = role("echo", AssumeRolePolicyDocument=sent)
    assert made["AssumeRolePolicyDocument"] == json.loads(sent), made


@check
def a_role_is_read_with_its_defaults():
    role("plain")
    read = iam.get_role(RoleName="plain")["Role"]
    assert read["MaxSessionDuration"] == 3600 and read["RoleLastUsed"] == {}, read
    for absent in ("Description", "Tags", "PermissionsBoundary"):
        assert absent not in read, read


@check
def a_role_keeps_path_and_tags():
    made = role("with-path", Path="/a/b/", Tags=as_tags(team="web", empty=""))
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/a/b/with-path"
    assert tags(made["Tags"]) == {"team": "web", "empty": ""}
    read = iam.get_role(RoleName="with-path")["Role"]
    assert read["Path"] == "/a/b/" and tags(read["Tags"]) == {"team": "web", "empty": ""}
    assert read["RoleId"] == made["RoleId"]


@check
def roles_are_listed_without_tags_boundary_and_last_use():
    boundary = policy("listed-boundary")["Arn"]
    role("listed", Path="/listed/", Tags=as_tags(a="b"), PermissionsBoundary=boundary)
    listed = iam.list_roles(PathPrefix="/listed/")["Roles"]
    assert [one["RoleName"] for one in listed] == ["listed"], listed
    assert listed[0]["MaxSessionDuration"] == 3600
    for absent in ("Tags", "PermissionsBoundary", "RoleLastUsed"):
        assert absent not in listed[0], listed[0]


@check
def a_path_prefix_is_a_prefix_of_text():
    role("prefix-one", Path="/prefix/one/")
    role("prefix-two", Path="/prefix/two/")
    names = lambda prefix: sorted(r["RoleName"] for r in iam.list_roles(PathPrefix=prefix)["Roles"])
    assert names("/prefix/") == ["prefix-one", "prefix-two"]
    assert names("/prefix/o") == ["prefix-one"]
    assert names("/prefix/three/") == []


@check
def roles_are_listed_in_pages():
    for at in range(5):
        role(f"paged-{at}", Path="/paged/")
    items, sizes = all_pages(iam.list_roles, "Roles", PathPrefix="/paged/", MaxItems=2)
    assert [one["RoleName"] for one in items] == [f"paged-{at}" for at in range(5)]
    assert sizes == [2, 2, 1], sizes
    assert iam.list_roles(PathPrefix="/paged/", MaxItems=5)["IsTruncated"] is False


@check
def an_unknown_marker_is_refused():
    assert "Marker" in refused("ValidationError", iam.list_roles, Marker="nonsense")


@check
def a_page_has_between_1_and_1000_items():
    for bad in (0, 1001):
        refused("ValidationError", raw.list_roles, MaxItems=bad)


@check
def a_second_role_of_a_name_is_refused_whatever_its_case():
    # IAM guide, quotas: names are unique and not distinguished by case.
    role("Twice")
    arguments = dict(AssumeRolePolicyDocument=trust())
    said = refused("EntityAlreadyExists", iam.create_role, RoleName="Twice", **arguments)
    assert said == "Role with name Twice already exists.", said
    refused("EntityAlreadyExists", iam.create_role, RoleName="tWICE", **arguments)
    assert status_of(iam.create_role, RoleName="Twice", **arguments) == 409


@check
def names_of_roles_keep_to_letters_and_length():
    for bad in ("with space", "a/b", "a:b", "ä", "r" * 65):
        refused("ValidationError", iam.create_role, RoleName=bad, AssumeRolePolicyDocument=trust())
    role("good+=,.@-_1")
    role("r" * 64)


@check
def paths_begin_and_end_with_a_slash():
    for bad in ("a/", "/a", "a"):
        refused(
            "ValidationError",
            iam.create_role,
            RoleName="bad-path",
            Path=bad,
            AssumeRolePolicyDocument=trust(),
        )
    refused(
        "ValidationError",
        iam.create_role,
        RoleName="bad-path",
        Path="/" + "p" * 511 + "/",
        AssumeRolePolicyDocument=trust(),
    )


@check
def sessions_last_between_one_and_twelve_hours():
    # IAM API, CreateRole: MaxSessionDuration between 3600 and 43200.
    for bad in (3599, 43201):
        refused(
            "ValidationError",
            raw.create_role,
            RoleName="bad-session",
            AssumeRolePolicyDocument=trust(),
            MaxSessionDuration=bad,
        )
    role("long-session", MaxSessionDuration=43200)
    refused("ValidationError", raw.update_role, RoleName="long-session", MaxSessionDuration=60)


@check
def a_description_has_at_most_1000_characters():
    # IAM API, CreateRole.
    role("talkative", Description="d" * 1000)
    refused(
        "ValidationError",
        iam.create_role,
        RoleName="too-talkative",
        AssumeRolePolicyDocument=trust(),
        Description="d" * 1001,
    )


@check
def update_role_changes_what_is_sent_and_nothing_else():
    role("updated", Description="old", MaxSessionDuration=7200)
    iam.update_role(RoleName="updated", Description="new")
    read = iam.get_role(RoleName="updated")["Role"]
    assert (read["Description"], read["MaxSessionDuration"]) == ("new", 7200), read
    iam.update_role(RoleName="updated", MaxSessionDuration=3600)
    read = iam.get_role(RoleName="updated")["Role"]
    assert (read["Description"], read["MaxSessionDuration"]) == ("new", 3600), read
    iam.update_role(RoleName="updated")
    assert iam.get_role(RoleName="updated")["Role"]["Description"] == "new"


@check
def update_role_description_answers_the_role_in_short():
    role("described", MaxSessionDuration=7200)
    answer = iam.update_role_description(RoleName="described", Description="so it is")["Role"]
    assert answer["Description"] == "so it is" and answer["RoleName"] == "described"
    assert "MaxSessionDuration" not in answer and "RoleLastUsed" not in answer, answer


@check
def a_trust_policy_can_be_replaced():
    role("retrusted")
    new = trust({"Service": "ec2.amazonaws.com"})
    iam.update_assume_role_policy(RoleName="retrusted", PolicyDocument=new)
    read = iam.get_role(RoleName="retrusted")["Role"]
    assert read["AssumeRolePolicyDocument"] == json.loads(new), read


@check
def a_trust_policy_names_who_may_assume_the_role():
    role("strict")
    update = lambda document, said: said in refused(
        "MalformedPolicyDocument",
        iam.update_assume_role_policy,
        RoleName="strict",
        PolicyDocument=document,
    )
    assert update("{", "This policy contains invalid Json")
    assert update(trust(Action="s3:GetObject"), "may only specify STS AssumeRole actions")
    assert update(trust(Resource="*"), "Has prohibited field Resource")
    assert update(permission("sts:AssumeRole"), "Has prohibited field Resource")


@check
def a_trust_policy_needs_a_principal():
    document = json.loads(trust())
    del document["Statement"][0]["Principal"]
    refused(
        "MalformedPolicyDocument",
        iam.create_role,
        RoleName="nobodys",
        AssumeRolePolicyDocument=json.dumps(document),
    )


@check
def a_principal_has_to_be_there():
    # terraform-provider-aws retries "Invalid principal in policy" for this.
    for principal in (
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody-of-that-name"},
        {"Service": "no-such-service.amazonaws.com"},
    ):
        said = refused(
            "MalformedPolicyDocument",
            iam.create_role,
            RoleName="untrusted",
            AssumeRolePolicyDocument=trust(principal),
        )
        assert said.startswith("Invalid principal in policy"), said


@check
def an_account_as_principal_becomes_its_root():
    # IAM guide, "Principal": the account id is a short form of the ARN of its root.
    role("for-account", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))
    read = iam.get_role(RoleName="for-account")["Role"]["AssumeRolePolicyDocument"]
    assert read["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, read


@check
def a_deleted_principal_leaves_its_id_in_the_trust_policy():
    # IAM guide, "Principal": the ARN becomes the unique id once the role is deleted.
    made = role("trusted-one")

    def create():
        try:
            return role("truster", AssumeRolePolicyDocument=trust({"AWS": made["Arn"]}))
        except ClientError as error:
            assert error.response["Error"]["Code"] == "MalformedPolicyDocument"

    eventually(create)
    read = lambda: iam.get_role(RoleName="truster")["Role"]["AssumeRolePolicyDocument"]
    assert read()["Statement"][0]["Principal"]["AWS"] == made["Arn"]
    iam.delete_role(RoleName="trusted-one")
    eventually(lambda: read()["Statement"][0]["Principal"]["AWS"] == made["RoleId"], seconds=5)


@check
def a_trust_policy_has_at_most_2048_characters():
    # IAM guide, quotas: role trust policy length.
    long = trust(Condition={"StringEquals": {"aws:PrincipalTag/x": "v" * 2048}})
    said = refused(
        "LimitExceeded", iam.create_role, RoleName="wordy", AssumeRolePolicyDocument=long
    )
    assert said == "Cannot exceed quota for ACLSizePerRole: 2048", said


@check
def a_role_that_is_not_there_is_refused_by_every_call():
    name = dict(RoleName="absent")
    for call, more in (
        (iam.get_role, {}),
        (iam.delete_role, {}),
        (iam.update_role, dict(Description="d")),
        (iam.update_assume_role_policy, dict(PolicyDocument=trust())),
        (iam.list_role_policies, {}),
        (iam.list_attached_role_policies, {}),
        (iam.list_role_tags, {}),
        (iam.tag_role, dict(Tags=as_tags(a="b"))),
        (iam.untag_role, dict(TagKeys=["a"])),
        (iam.list_instance_profiles_for_role, {}),
        (iam.put_role_policy, dict(PolicyName="p", PolicyDocument=permission())),
        (iam.get_role_policy, dict(PolicyName="p")),
        (iam.delete_role_policy, dict(PolicyName="p")),
        (iam.attach_role_policy, dict(PolicyArn=READ_ONLY)),
        (iam.put_role_permissions_boundary, dict(PermissionsBoundary=READ_ONLY)),
    ):
        said = refused("NoSuchEntity", call, **name, **more)
        assert said == "The role with name absent cannot be found.", said
    assert status_of(iam.get_role, **name) == 404


@check
def a_role_is_deleted_only_once_nothing_hangs_on_it():
    role("hung")
    iam.attach_role_policy(RoleName="hung", PolicyArn=READ_ONLY)
    said = refused("DeleteConflict", iam.delete_role, RoleName="hung")
    assert said == "Cannot delete entity, must detach all policies first.", said
    assert status_of(iam.delete_role, RoleName="hung") == 409
    iam.detach_role_policy(RoleName="hung", PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName="hung", PolicyName="p", PolicyDocument=permission())
    said = refused("DeleteConflict", iam.delete_role, RoleName="hung")
    assert said == "Cannot delete entity, must delete policies first.", said
    iam.delete_role_policy(RoleName="hung", PolicyName="p")
    iam.delete_role(RoleName="hung")
    refused("NoSuchEntity", iam.delete_role, RoleName="hung")


@check
def a_role_made_again_has_another_id():
    first = role("again")["RoleId"]
    iam.delete_role(RoleName="again")
    assert role("again")["RoleId"] != first


# Tags


@check
def tags_of_a_role_are_added_replaced_and_removed():
    role("tagged", Tags=as_tags(one="1"))
    iam.tag_role(RoleName="tagged", Tags=as_tags(one="uno", two="2"))
    assert tags(iam.list_role_tags(RoleName="tagged")["Tags"]) == {"one": "uno", "two": "2"}
    iam.untag_role(RoleName="tagged", TagKeys=["one", "never-there"])
    assert tags(iam.list_role_tags(RoleName="tagged")["Tags"]) == {"two": "2"}
    iam.untag_role(RoleName="tagged", TagKeys=["two"])
    assert iam.list_role_tags(RoleName="tagged")["Tags"] == []


@check
def tag_keys_of_roles_are_not_told_apart_by_case():
    role("cased", Tags=as_tags(Key="1"))
    iam.tag_role(RoleName="cased", Tags=as_tags(kEY="2"))
    assert tags(iam.list_role_tags(RoleName="cased")["Tags"]) == {"kEY": "2"}
    for pair in (("same", "same"), ("same", "SAME")):
        twice = [{"Key": key, "Value": ""} for key in pair]
        said = refused("InvalidInput", iam.tag_role, RoleName="cased", Tags=twice)
        assert said.startswith("Duplicate tag keys found."), said


@check
def tag_keys_of_policies_are_told_apart_by_case():
    arn = policy("cased", Tags=as_tags(a="lower", A="upper"))["Arn"]
    assert tags(iam.list_policy_tags(PolicyArn=arn)["Tags"]) == {"a": "lower", "A": "upper"}
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert tags(iam.list_policy_tags(PolicyArn=arn)["Tags"]) == {"A": "upper"}
    twice = [{"Key": "x", "Value": ""}, {"Key": "x", "Value": ""}]
    assert refused("InvalidInput", iam.tag_policy, PolicyArn=arn, Tags=twice)


@check
def tags_keep_to_lengths_and_letters():
    role("tag-rules")
    for bad in (
        {"Key": "k" * 129, "Value": "v"},
        {"Key": "k", "Value": "v" * 257},
        {"Key": "k!", "Value": "v"},
        {"Key": "k", "Value": "v#"},
    ):
        refused("ValidationError", iam.tag_role, RoleName="tag-rules", Tags=[bad])
        refused(
            "ValidationError",
            iam.create_role,
            RoleName="tag-rules-broken",
            AssumeRolePolicyDocument=trust(),
            Tags=[bad],
        )
    good = [{"Key": "k" * 128, "Value": "v" * 256}, {"Key": "a b_.:/=+-@é", "Value": "x y"}]
    iam.tag_role(RoleName="tag-rules", Tags=good)


@check
def tag_keys_to_remove_keep_to_the_rules_too():
    role("untag-rules")
    for bad in (["k" * 129], ["k!"], [f"k{at}" for at in range(51)]):
        refused("ValidationError", iam.untag_role, RoleName="untag-rules", TagKeys=bad)


@check
def a_call_takes_at_most_50_tags():
    said = refused(
        "ValidationError",
        iam.create_role,
        RoleName="many-tags",
        AssumeRolePolicyDocument=trust(),
        Tags=many_tags(51),
    )
    assert "Member must have length less than or equal to 50" in said, said


@check
def a_thing_has_at_most_50_tags():
    role("full", Tags=many_tags(50))
    said = refused("LimitExceeded", iam.tag_role, RoleName="full", Tags=as_tags(one="more"))
    assert said == "The number of tags has reached the maximum limit.", said
    iam.tag_role(RoleName="full", Tags=[{"Key": "k0", "Value": "changed"}])
    items, sizes = all_pages(iam.list_role_tags, "Tags", RoleName="full", MaxItems=20)
    assert sizes == [20, 20, 10] and tags(items)["k0"] == "changed", sizes


# Inline policies


@check
def an_inline_policy_is_put_read_replaced_and_deleted():
    role("inline")
    put = lambda action: iam.put_role_policy(
        RoleName="inline", PolicyName="own", PolicyDocument=permission(action)
    )
    put("s3:GetObject")
    put("s3:PutObject")
    read = iam.get_role_policy(RoleName="inline", PolicyName="own")
    assert (read["RoleName"], read["PolicyName"]) == ("inline", "own")
    assert read["PolicyDocument"] == json.loads(permission("s3:PutObject")), read
    listed = iam.list_role_policies(RoleName="inline")
    assert listed["PolicyNames"] == ["own"] and listed["IsTruncated"] is False
    iam.delete_role_policy(RoleName="inline", PolicyName="own")
    assert iam.list_role_policies(RoleName="inline")["PolicyNames"] == []
    for call in (iam.get_role_policy, iam.delete_role_policy):
        said = refused("NoSuchEntity", call, RoleName="inline", PolicyName="own")
        assert said == "The role policy with name own cannot be found.", said


@check
def inline_policies_are_listed_in_pages():
    role("inline-pages")
    for at in range(3):
        iam.put_role_policy(
            RoleName="inline-pages", PolicyName=f"p{at}", PolicyDocument=permission()
        )
    call, name = iam.list_role_policies, "inline-pages"
    items, sizes = all_pages(call, "PolicyNames", RoleName=name, MaxItems=2)
    assert items == ["p0", "p1", "p2"] and sizes == [2, 1], items


@check
def a_document_comes_back_with_what_is_encoded_in_it():
    role("encoded")
    document = permission("apigateway:PUT", Resource="arn:aws:apigateway:us-east-1::/tags/a%3Ab+c")
    iam.put_role_policy(RoleName="encoded", PolicyName="p", PolicyDocument=document)
    read = iam.get_role_policy(RoleName="encoded", PolicyName="p")["PolicyDocument"]
    assert read == json.loads(document), read


@check
def documents_travel_url_encoded():
    # IAM API, GetRolePolicy: "URL-encoded compliant with RFC 3986"; botocore decodes it.
    role("on-the-wire")
    bodies = []
    event, note = "before-parse.iam.GetRole", lambda response_dict, **_: bodies.append(
        response_dict["body"].decode()
    )
    iam.meta.events.register(event, note)
    try:
        iam.get_role(RoleName="on-the-wire")
    finally:
        iam.meta.events.unregister(event, note)
    found = re.search("<AssumeRolePolicyDocument>(.*)</AssumeRolePolicyDocument>", bodies[0])
    text = found.group(1)
    assert re.fullmatch(r"[A-Za-z0-9_.~%-]+", text), text
    assert json.loads(urllib.parse.unquote(text)) == json.loads(trust())


@check
def inline_policies_of_a_role_have_10240_characters_together():
    # IAM guide, quotas: white space does not count.
    role("inline-size")
    big = permission("s3:" + "x" * 6000)
    put = lambda name, document: dict(
        RoleName="inline-size", PolicyName=name, PolicyDocument=document
    )
    iam.put_role_policy(**put("one", big))
    said = refused("LimitExceeded", iam.put_role_policy, **put("two", big))
    assert said == "Maximum policy size of 10240 bytes exceeded for role inline-size", said
    iam.put_role_policy(**put("three", permission().replace(" ", " " * 2000)))


@check
def an_inline_policy_is_a_permission():
    role("inline-bad")
    for document in ("not json", trust(), permission("GetObject"), '{"Version": "2012-10-17"}'):
        refused(
            "MalformedPolicyDocument",
            iam.put_role_policy,
            RoleName="inline-bad",
            PolicyName="p",
            PolicyDocument=document,
        )


@check
def users_and_groups_have_inline_policies_too():
    user("inline-user")
    group("inline-group")
    document = permission()
    iam.put_user_policy(UserName="inline-user", PolicyName="p", PolicyDocument=document)
    iam.put_group_policy(GroupName="inline-group", PolicyName="p", PolicyDocument=document)
    read = iam.get_user_policy(UserName="inline-user", PolicyName="p")
    assert read["UserName"] == "inline-user" and read["PolicyDocument"] == json.loads(document)
    read = iam.get_group_policy(GroupName="inline-group", PolicyName="p")
    assert read["GroupName"] == "inline-group" and read["PolicyDocument"] == json.loads(document)
    assert iam.list_user_policies(UserName="inline-user")["PolicyNames"] == ["p"]
    assert iam.list_group_policies(GroupName="inline-group")["PolicyNames"] == ["p"]
    iam.delete_user_policy(UserName="inline-user", PolicyName="p")
    iam.delete_group_policy(GroupName="inline-group", PolicyName="p")
    missing = dict(GroupName="inline-group", PolicyName="p")
    said = refused("NoSuchEntity", iam.get_group_policy, **missing)
    assert said == "The group policy with name p cannot be found.", said


# Managed policies


@check
def a_new_policy_is_answered_with_everything_but_description():
    made = policy("complete", Path="/p/", Description="about", Tags=as_tags(a="b"))
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:policy/p/complete"
    assert re.fullmatch(r"ANPA[A-Z0-9]{17}", made["PolicyId"]), made["PolicyId"]
    assert made["DefaultVersionId"] == "v1" and made["IsAttachable"] is True
    assert made["AttachmentCount"] == 0 and made["PermissionsBoundaryUsageCount"] == 0
    assert made["CreateDate"] == made["UpdateDate"] and tags(made["Tags"]) == {"a": "b"}
    assert "Description" not in made, made
    read = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert read["Description"] == "about" and tags(read["Tags"]) == {"a": "b"}


@check
def a_policy_without_tags_and_description_is_read_so():
    made = policy("bare")
    assert "Tags" not in made, made
    read = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert read["Tags"] == [] and "Description" not in read, read


@check
def a_second_policy_of_a_name_is_refused_even_on_another_path():
    policy("policy-twice")
    for more in ({}, {"Path": "/elsewhere/"}):
        said = refused(
            "EntityAlreadyExists",
            iam.create_policy,
            PolicyName="policy-twice",
            PolicyDocument=permission(),
            **more,
        )
        assert "policy-twice already exists" in said, said


@check
def a_policy_document_keeps_to_the_grammar():
    bad = lambda document: refused(
        "MalformedPolicyDocument", iam.create_policy, PolicyName="bad", PolicyDocument=document
    )
    assert bad("no json") == "Syntax errors in policy."
    assert bad(trust()) in (
        "Policy document should not specify a principal.",
        "Policy statement must contain resources.",
    )
    assert "2012-10-17 or greater" in bad(permission().replace("2012-10-17", "2008-10-17"))
    assert bad(permission(Effect="Maybe")) == "Syntax errors in policy."
    assert bad(permission(Colour="red")) == "Syntax errors in policy."
    assert bad(permission("GetObject")).startswith("Actions/Conditions must be prefaced by a")
    assert bad(permission("a:b:c")) == "Actions/Condition can contain only one colon."
    assert bad(permission([])) == "Policy statement must contain actions."
    assert bad(permission(Resource=[])) == "Policy statement must contain resources."
    assert bad(permission(Resource="bucket")) == 'Resource bucket must be in ARN format or "*".'
    assert bad(permission(Effect="allow")) == "The policy failed legacy parsing"


@check
def arns_in_a_policy_keep_to_their_form():
    bad = lambda resource: refused(
        "MalformedPolicyDocument",
        iam.create_policy,
        PolicyName="bad-arn",
        PolicyDocument=permission(Resource=resource),
    )
    assert bad("arn:aws:s3::bucket") == "The policy failed legacy parsing"
    assert "cannot contain region information" in bad("arn:aws:iam:us-east-1::role/a")
    assert "can not contain region information" in bad("arn:aws:s3:us-east-1::bucket")
    assert bad("arn:aws:iam:::machine").startswith("IAM resource path must either be")
    assert bad("arn:moon:s3:::b") == (
        'Partition "moon" is not valid for resource "arn:moon:s3:::b".'
    )


@check
def statement_ids_are_unique_and_alphanumeric():
    one = {"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = lambda *statements: json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements)}
    )
    bad = lambda text: refused(
        "MalformedPolicyDocument", iam.create_policy, PolicyName="bad-sid", PolicyDocument=text
    )
    assert bad(document(one, one)) == "Statement IDs (SID) in a single policy must be unique."
    # IAM guide, grammar: sid_string is alphanumeric in IAM.
    assert "alpha" in bad(document({**one, "Sid": "a-b"}))
    policy("no-sids", PolicyDocument=document({**one, "Sid": ""}, {**one, "Sid": ""}))


@check
def dates_in_conditions_are_dates():
    date = lambda text: permission(Condition={"DateLessThan": {"aws:CurrentTime": text}})
    policy("dated", PolicyDocument=date("2026-12-31T23:59:59Z"))
    refused(
        "MalformedPolicyDocument",
        iam.create_policy,
        PolicyName="ill-dated",
        PolicyDocument=date("tomorrow"),
    )


@check
def a_policy_document_has_at_most_6144_characters():
    # IAM guide, quotas: white space does not count.
    document = permission("s3:" + "x" * 6144)
    said = refused(
        "LimitExceeded", iam.create_policy, PolicyName="too-big", PolicyDocument=document
    )
    assert said == "Cannot exceed quota for PolicySize: 6144", said
    policy("white", PolicyDocument=permission().replace(" ", " " * 2000))


@check
def names_of_policies_keep_to_letters_and_length():
    for bad in ("with space", "a/b", "p" * 129):
        refused(
            "ValidationError", iam.create_policy, PolicyName=bad, PolicyDocument=permission()
        )
    policy("p" * 128)


@check
def a_policy_that_is_not_there_is_refused():
    arn = policy_arn("absent")
    for call in (iam.get_policy, iam.delete_policy, iam.list_policy_versions, iam.list_policy_tags):
        said = refused("NoSuchEntity", call, PolicyArn=arn)
        assert arn in said, said
    said = refused("NoSuchEntity", iam.get_policy_version, PolicyArn=arn, VersionId="v1")
    assert said == f"Policy {arn} version v1 does not exist or is not attachable.", said
    said = refused("NoSuchEntity", iam.list_entities_for_policy, PolicyArn=arn)
    assert said == f"Policy {arn} does not exist or is not attachable.", said


@check
def versions_are_numbered_and_listed_newest_first():
    arn = policy("versions")["Arn"]
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission("s3:PutObject"))
    made = made["PolicyVersion"]
    assert made["VersionId"] == "v2" and made["IsDefaultVersion"] is False
    assert "Document" not in made, made
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission(), SetAsDefault=True)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    shown = [(one["VersionId"], one["IsDefaultVersion"]) for one in versions]
    assert shown == [("v3", True), ("v2", False), ("v1", False)], shown
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"


@check
def a_version_is_read_with_its_document():
    arn = policy("version-read")["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission("s3:PutObject"))
    read = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert read["Document"] == json.loads(permission("s3:PutObject"))
    assert read["IsDefaultVersion"] is False and read["CreateDate"]
    said = refused("NoSuchEntity", iam.get_policy_version, PolicyArn=arn, VersionId="v9")
    assert said == f"Policy {arn} version v9 does not exist or is not attachable.", said
    refused("ValidationError", iam.get_policy_version, PolicyArn=arn, VersionId="first")


@check
def a_policy_has_at_most_five_versions_and_numbers_do_not_come_again():
    arn = policy("five")["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission())
    new = dict(PolicyArn=arn, PolicyDocument=permission())
    said = refused("LimitExceeded", iam.create_policy_version, **new)
    assert said.startswith("A managed policy can have up to 5 versions."), said
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    assert iam.create_policy_version(**new)["PolicyVersion"]["VersionId"] == "v6"


@check
def the_default_version_is_set_and_cannot_be_deleted():
    arn = policy("default")["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission())
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    said = refused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v2")
    assert said == "Cannot delete the default version of a policy.", said
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    refused("NoSuchEntity", iam.delete_policy_version, PolicyArn=arn, VersionId="v1")
    refused("NoSuchEntity", iam.set_default_policy_version, PolicyArn=arn, VersionId="v1")


@check
def a_policy_with_several_versions_is_not_deleted():
    # IAM API, DeletePolicy: other versions have to be deleted first.
    arn = policy("with-versions")["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission())
    assert "more than one version" in refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.delete_policy, PolicyArn=arn)


@check
def an_attached_policy_is_not_deleted():
    arn = policy("attached-somewhere")["Arn"]
    role("attaches")
    iam.attach_role_policy(RoleName="attaches", PolicyArn=arn)
    said = refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    assert said == "Cannot delete a policy attached to entities.", said
    iam.detach_role_policy(RoleName="attaches", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


@check
def a_policy_counts_its_attachments():
    arn = policy("counted")["Arn"]
    role("counts")
    user("counts")
    iam.attach_role_policy(RoleName="counts", PolicyArn=arn)
    iam.attach_role_policy(RoleName="counts", PolicyArn=arn)
    iam.attach_user_policy(UserName="counts", PolicyArn=arn)
    iam.put_user_permissions_boundary(UserName="counts", PermissionsBoundary=arn)
    read = iam.get_policy(PolicyArn=arn)["Policy"]
    assert read["AttachmentCount"] == 2 and read["PermissionsBoundaryUsageCount"] == 1, read


@check
def policies_are_listed_by_scope_and_path():
    policy("mine", Path="/mine/")
    listed = iam.list_policies(Scope="Local", PathPrefix="/mine/")["Policies"]
    assert [one["PolicyName"] for one in listed] == ["mine"], listed
    assert "Tags" not in listed[0] and "Description" not in listed[0], listed[0]
    aws = all_pages(iam.list_policies, "Policies", Scope="AWS")[0]
    assert aws and all(one["Arn"].startswith(AWS_POLICY) for one in aws)
    assert EXECUTION in [one["Arn"] for one in aws]


@check
def only_attached_policies_are_listed_on_demand():
    arn = policy("only-attached", Path="/only/")["Arn"]
    policy("not-attached", Path="/only/")
    role("only-attached")
    iam.attach_role_policy(RoleName="only-attached", PolicyArn=arn)
    listed = iam.list_policies(OnlyAttached=True, PathPrefix="/only/")["Policies"]
    assert [one["Arn"] for one in listed] == [arn], listed


@check
def policies_used_as_boundaries_are_listed_on_demand():
    # IAM API, ListPolicies: PolicyUsageFilter.
    bounds = policy("bounds", Path="/usage/")["Arn"]
    permits = policy("permits", Path="/usage/")["Arn"]
    role("bounded-by", PermissionsBoundary=bounds)
    iam.attach_role_policy(RoleName="bounded-by", PolicyArn=permits)
    arns = lambda usage: [
        one["Arn"]
        for one in iam.list_policies(PathPrefix="/usage/", PolicyUsageFilter=usage)["Policies"]
    ]
    assert arns("PermissionsBoundary") == [bounds]
    assert arns("PermissionsPolicy") == [permits]


@check
def policies_of_aws_are_read_and_cannot_be_changed():
    read = iam.get_policy(PolicyArn=EXECUTION)["Policy"]
    assert read["Path"] == "/service-role/" and read["Description"] and read["Tags"] == []
    document = iam.get_policy_version(PolicyArn=EXECUTION, VersionId=read["DefaultVersionId"])
    assert "Statement" in document["PolicyVersion"]["Document"]
    said = refused("AccessDenied", iam.delete_policy, PolicyArn=EXECUTION)
    assert said == "Cannot delete policies outside your own account.", said
    version = dict(PolicyArn=EXECUTION, VersionId="v1")
    refused("AccessDenied", iam.delete_policy_version, **version)
    refused("AccessDenied", iam.set_default_policy_version, **version)
    assert status_of(iam.delete_policy, PolicyArn=EXECUTION) == 403


@check
def who_has_a_policy_is_listed_by_kind():
    arn = policy("shared")["Arn"]
    role("shares")
    user("shares")
    group("shares")
    iam.attach_role_policy(RoleName="shares", PolicyArn=arn)
    iam.attach_user_policy(UserName="shares", PolicyArn=arn)
    iam.attach_group_policy(GroupName="shares", PolicyArn=arn)
    found = iam.list_entities_for_policy(PolicyArn=arn)
    assert [one["RoleName"] for one in found["PolicyRoles"]] == ["shares"]
    assert found["PolicyRoles"][0]["RoleId"].startswith("AROA")
    assert [one["UserName"] for one in found["PolicyUsers"]] == ["shares"]
    assert [one["GroupName"] for one in found["PolicyGroups"]] == ["shares"]
    found = iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="User")
    assert found["PolicyRoles"] == [] and found["PolicyGroups"] == [] and found["PolicyUsers"]


# Attachments


@check
def policies_are_attached_once_and_detached():
    role("attached")
    for _ in range(2):
        iam.attach_role_policy(RoleName="attached", PolicyArn=EXECUTION)
    listed = iam.list_attached_role_policies(RoleName="attached")
    expected = {"PolicyName": "AmazonECSTaskExecutionRolePolicy", "PolicyArn": EXECUTION}
    assert listed["AttachedPolicies"] == [expected] and listed["IsTruncated"] is False, listed
    iam.detach_role_policy(RoleName="attached", PolicyArn=EXECUTION)
    assert iam.list_attached_role_policies(RoleName="attached")["AttachedPolicies"] == []
    said = refused(
        "NoSuchEntity", iam.detach_role_policy, RoleName="attached", PolicyArn=EXECUTION
    )
    assert said == f"Policy {EXECUTION} was not found.", said


@check
def only_policies_that_are_there_are_attached():
    role("attach-bad")
    absent = policy_arn("absent")
    said = refused(
        "NoSuchEntity", iam.attach_role_policy, RoleName="attach-bad", PolicyArn=absent
    )
    assert said == f"Policy {absent} does not exist or is not attachable.", said
    for bad in ("longpolicynamebutnoarn", "short"):
        refused(
            "ValidationError", raw.attach_role_policy, RoleName="attach-bad", PolicyArn=bad
        )


@check
def a_role_has_at_most_ten_attached_policies():
    # IAM guide, quotas: managed policies per role, 10 unless raised.
    role("ten")
    arns = [policy(f"ten-{at:02}")["Arn"] for at in range(11)]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName="ten", PolicyArn=arn)
    one_more = dict(RoleName="ten", PolicyArn=arns[10])
    said = refused("LimitExceeded", iam.attach_role_policy, **one_more)
    assert said == "Cannot exceed quota for PoliciesPerRole: 10", said
    call = iam.list_attached_role_policies
    items, sizes = all_pages(call, "AttachedPolicies", RoleName="ten", MaxItems=4)
    assert sizes == [4, 4, 2] and sorted(one["PolicyArn"] for one in items) == arns[:10]


@check
def attached_policies_are_listed_by_path():
    role("by-path")
    arn = policy("by-path", Path="/by-path/")["Arn"]
    iam.attach_role_policy(RoleName="by-path", PolicyArn=arn)
    iam.attach_role_policy(RoleName="by-path", PolicyArn=READ_ONLY)
    listed = iam.list_attached_role_policies(RoleName="by-path", PathPrefix="/by-path/")
    assert [one["PolicyArn"] for one in listed["AttachedPolicies"]] == [arn], listed


@check
def users_and_groups_are_attached_to_as_well():
    user("attached-user")
    group("attached-group")
    iam.attach_user_policy(UserName="attached-user", PolicyArn=READ_ONLY)
    iam.attach_group_policy(GroupName="attached-group", PolicyArn=READ_ONLY)
    of_user = iam.list_attached_user_policies(UserName="attached-user")["AttachedPolicies"]
    of_group = iam.list_attached_group_policies(GroupName="attached-group")["AttachedPolicies"]
    assert of_user == of_group == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    iam.detach_user_policy(UserName="attached-user", PolicyArn=READ_ONLY)
    iam.detach_group_policy(GroupName="attached-group", PolicyArn=READ_ONLY)
    refused(
        "NoSuchEntity", iam.detach_user_policy, UserName="attached-user", PolicyArn=READ_ONLY
    )


# Boundaries


@check
def a_boundary_is_set_read_and_removed():
    arn = policy("boundary")["Arn"]
    made = role("bounded", PermissionsBoundary=arn)
    expected = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    assert made["PermissionsBoundary"] == expected, made
    iam.delete_role_permissions_boundary(RoleName="bounded")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="bounded")["Role"]
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=READ_ONLY)
    read = iam.get_role(RoleName="bounded")["Role"]["PermissionsBoundary"]
    assert read["PermissionsBoundaryArn"] == READ_ONLY, read


@check
def a_boundary_is_a_policy_that_is_there():
    role("badly-bounded")
    for call, more in (
        (iam.put_role_permissions_boundary, dict(RoleName="badly-bounded")),
        (iam.create_role, dict(RoleName="unmade", AssumeRolePolicyDocument=trust())),
    ):
        absent = policy_arn("absent")
        said = refused("NoSuchEntity", call, PermissionsBoundary=absent, **more)
        assert said == f"Scope ARN: {absent} does not exist or is not attachable.", said
        none = f"arn:aws:iam::{ACCOUNT}:not_a_policy/invalid"
        said = refused("InvalidInput", call, PermissionsBoundary=none, **more)
        assert said == f"ARN {none} is not valid.", said


# Instance profiles


@check
def an_instance_profile_is_made_read_and_deleted():
    make = dict(InstanceProfileName="machine", Path="/m/")
    made = iam.create_instance_profile(**make)["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/m/machine"
    assert re.fullmatch(r"AIPA[A-Z0-9]{17}", made["InstanceProfileId"]), made
    assert made["Roles"] == [] and made["Path"] == "/m/" and "Tags" not in made, made
    read = iam.get_instance_profile(InstanceProfileName="machine")["InstanceProfile"]
    assert read["Tags"] == [] and read["InstanceProfileId"] == made["InstanceProfileId"]
    said = refused("EntityAlreadyExists", iam.create_instance_profile, **make)
    assert said == "Instance Profile machine already exists.", said
    iam.delete_instance_profile(InstanceProfileName="machine")
    for call in (iam.get_instance_profile, iam.delete_instance_profile):
        said = refused("NoSuchEntity", call, InstanceProfileName="machine")
        assert said == "Instance Profile machine cannot be found.", said


@check
def an_instance_profile_has_one_role():
    iam.create_instance_profile(InstanceProfileName="one-role")
    first, second = role("profile-first"), role("profile-second")
    add = lambda one: dict(InstanceProfileName="one-role", RoleName=one["RoleName"])
    iam.add_role_to_instance_profile(**add(first))
    said = refused("LimitExceeded", iam.add_role_to_instance_profile, **add(second))
    assert said == "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", said
    roles = iam.get_instance_profile(InstanceProfileName="one-role")["InstanceProfile"]["Roles"]
    assert [one["RoleId"] for one in roles] == [first["RoleId"]], roles
    assert roles[0]["AssumeRolePolicyDocument"] == json.loads(trust())
    listed = iam.list_instance_profiles_for_role(RoleName="profile-first")["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in listed] == ["one-role"], listed


@check
def role_and_instance_profile_hold_each_other():
    iam.create_instance_profile(InstanceProfileName="holding")
    role("held")
    both = dict(InstanceProfileName="holding", RoleName="held")
    iam.add_role_to_instance_profile(**both)
    expected = "Cannot delete entity, must remove roles from instance profile first."
    assert refused("DeleteConflict", iam.delete_role, RoleName="held") == expected
    profile = dict(InstanceProfileName="holding")
    assert refused("DeleteConflict", iam.delete_instance_profile, **profile) == expected
    iam.remove_role_from_instance_profile(**both)
    said = refused("NoSuchEntity", iam.remove_role_from_instance_profile, **both)
    assert said == "Role held in Instance Profile holding cannot be found.", said
    iam.delete_role(RoleName="held")
    iam.delete_instance_profile(**profile)


@check
def role_and_instance_profile_have_to_be_there():
    iam.create_instance_profile(InstanceProfileName="lonely")
    role("lonely")
    for call in (iam.add_role_to_instance_profile, iam.remove_role_from_instance_profile):
        said = refused("NoSuchEntity", call, InstanceProfileName="absent", RoleName="lonely")
        assert said == "Instance Profile absent cannot be found.", said
        said = refused("NoSuchEntity", call, InstanceProfileName="lonely", RoleName="absent")
        assert said == "The role with name absent cannot be found.", said


@check
def instance_profiles_are_tagged_and_listed():
    make = dict(InstanceProfileName="tagged", Path="/tagged/", Tags=as_tags(a="1"))
    assert tags(iam.create_instance_profile(**make)["InstanceProfile"]["Tags"]) == {"a": "1"}
    name = dict(InstanceProfileName="tagged")
    iam.tag_instance_profile(Tags=as_tags(A="2"), **name)
    assert tags(iam.list_instance_profile_tags(**name)["Tags"]) == {"a": "1", "A": "2"}
    iam.untag_instance_profile(TagKeys=["a"], **name)
    read = iam.get_instance_profile(**name)["InstanceProfile"]
    assert tags(read["Tags"]) == {"A": "2"}, read
    listed = iam.list_instance_profiles(PathPrefix="/tagged/")["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in listed] == ["tagged"] and "Tags" not in listed[0]


# Users, groups, access keys


@check
def a_user_is_made_read_and_deleted():
    made = user("person", Path="/people/", Tags=as_tags(a="b"))
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/people/person"
    assert re.fullmatch(r"AIDA[A-Z0-9]{17}", made["UserId"]), made["UserId"]
    assert tags(made["Tags"]) == {"a": "b"} and "PasswordLastUsed" not in made
    read = iam.get_user(UserName="person")["User"]
    assert read == made, read
    listed = iam.list_users(PathPrefix="/people/")["Users"]
    assert [one["UserName"] for one in listed] == ["person"] and "Tags" not in listed[0]
    said = refused("EntityAlreadyExists", iam.create_user, UserName="person")
    assert said == "User with name person already exists.", said
    iam.delete_user(UserName="person")
    for call in (iam.get_user, iam.delete_user):
        said = refused("NoSuchEntity", call, UserName="person")
        assert said == "The user with name person cannot be found.", said


@check
def a_user_is_renamed_with_all_that_is_the_users():
    made = user("old-name")
    group("renaming")
    iam.add_user_to_group(GroupName="renaming", UserName="old-name")
    key = iam.create_access_key(UserName="old-name")["AccessKey"]["AccessKeyId"]
    iam.update_user(UserName="old-name", NewUserName="new-name", NewPath="/moved/")
    read = iam.get_user(UserName="new-name")["User"]
    assert read["UserId"] == made["UserId"]
    assert read["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/moved/new-name", read
    refused("NoSuchEntity", iam.get_user, UserName="old-name")
    listed = iam.list_access_keys(UserName="new-name")["AccessKeyMetadata"]
    assert [(one["AccessKeyId"], one["UserName"]) for one in listed] == [(key, "new-name")]
    members = iam.get_group(GroupName="renaming")["Users"]
    assert [one["UserName"] for one in members] == ["new-name"], members


@check
def a_user_is_deleted_only_once_nothing_hangs_on_it():
    user("hung")
    name = dict(UserName="hung")
    conflict = lambda: refused("DeleteConflict", iam.delete_user, **name)
    iam.attach_user_policy(PolicyArn=READ_ONLY, **name)
    assert conflict() == "Cannot delete entity, must detach all policies first."
    iam.detach_user_policy(PolicyArn=READ_ONLY, **name)
    iam.put_user_policy(PolicyName="p", PolicyDocument=permission(), **name)
    assert conflict() == "Cannot delete entity, must delete policies first."
    iam.delete_user_policy(PolicyName="p", **name)
    key = iam.create_access_key(**name)["AccessKey"]["AccessKeyId"]
    conflict()
    iam.delete_access_key(AccessKeyId=key, **name)
    group("hanging")
    iam.add_user_to_group(GroupName="hanging", **name)
    conflict()
    iam.remove_user_from_group(GroupName="hanging", **name)
    iam.delete_user(**name)


@check
def tags_of_users_are_changed():
    user("tagged-user")
    iam.tag_user(UserName="tagged-user", Tags=as_tags(a="1", b="2"))
    iam.tag_user(UserName="tagged-user", Tags=as_tags(A="3"))
    iam.untag_user(UserName="tagged-user", TagKeys=["B"])
    assert tags(iam.list_user_tags(UserName="tagged-user")["Tags"]) == {"A": "3"}


@check
def access_keys_are_made_listed_switched_and_deleted():
    user("keys")
    made = iam.create_access_key(UserName="keys")["AccessKey"]
    assert re.fullmatch(r"AKIA[A-Z0-9]{16}", made["AccessKeyId"]), made["AccessKeyId"]
    assert len(made["SecretAccessKey"]) == 40 and made["Status"] == "Active"
    assert made["UserName"] == "keys" and made["CreateDate"]
    key = dict(UserName="keys", AccessKeyId=made["AccessKeyId"])
    iam.update_access_key(Status="Inactive", **key)
    listed = iam.list_access_keys(UserName="keys")["AccessKeyMetadata"]
    assert [one["Status"] for one in listed] == ["Inactive"] and "SecretAccessKey" not in listed[0]
    used = iam.get_access_key_last_used(AccessKeyId=made["AccessKeyId"])
    assert used["UserName"] == "keys"
    assert used["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}, used
    iam.delete_access_key(**key)
    assert iam.list_access_keys(UserName="keys")["AccessKeyMetadata"] == []
    refused("NoSuchEntity", iam.delete_access_key, **key)


@check
def a_user_has_at_most_two_access_keys():
    user("two-keys")
    ids = {iam.create_access_key(UserName="two-keys")["AccessKey"]["AccessKeyId"] for _ in range(2)}
    assert len(ids) == 2
    said = refused("LimitExceeded", iam.create_access_key, UserName="two-keys")
    assert said == "Cannot exceed quota for AccessKeysPerUser: 2", said
    refused("NoSuchEntity", iam.create_access_key, UserName="absent")


@check
def a_group_has_members():
    made = group("members", Path="/g/")
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/g/members"
    assert re.fullmatch(r"AGPA[A-Z0-9]{17}", made["GroupId"]), made["GroupId"]
    user("member")
    both = dict(GroupName="members", UserName="member")
    for _ in range(2):
        iam.add_user_to_group(**both)
    found = iam.get_group(GroupName="members")
    assert found["Group"]["GroupId"] == made["GroupId"] and found["IsTruncated"] is False
    assert [one["UserName"] for one in found["Users"]] == ["member"], found
    groups = iam.list_groups_for_user(UserName="member")["Groups"]
    assert [one["GroupName"] for one in groups] == ["members"], groups
    refused("DeleteConflict", iam.delete_group, GroupName="members")
    iam.remove_user_from_group(**both)
    assert iam.get_group(GroupName="members")["Users"] == []
    iam.delete_group(GroupName="members")
    refused("NoSuchEntity", iam.delete_group, GroupName="members")


@check
def leaving_a_group_where_one_is_not_is_no_error():
    user("outsider")
    group("insiders")
    iam.remove_user_from_group(GroupName="insiders", UserName="outsider")
    refused("NoSuchEntity", iam.remove_user_from_group, GroupName="absent", UserName="outsider")
    refused("NoSuchEntity", iam.add_user_to_group, GroupName="insiders", UserName="absent")
    refused("NoSuchEntity", iam.add_user_to_group, GroupName="absent", UserName="outsider")


@check
def a_group_is_renamed():
    made = group("group-old")
    group("group-taken")
    taken = dict(GroupName="group-old", NewGroupName="group-taken")
    said = refused("EntityAlreadyExists", iam.update_group, **taken)
    assert said == "Group with name group-taken already exists.", said
    iam.update_group(GroupName="group-old", NewGroupName="group-new", NewPath="/n/")
    found = iam.get_group(GroupName="group-new")["Group"]
    assert found["GroupId"] == made["GroupId"] and found["Path"] == "/n/", found
    refused("NoSuchEntity", iam.get_group, GroupName="group-old")


@check
def a_login_profile_belongs_to_a_user():
    user("login")
    name = dict(UserName="login")
    made = iam.create_login_profile(Password="Secret-Word-1", **name)["LoginProfile"]
    assert made["UserName"] == "login" and made["PasswordResetRequired"] is False
    refused("EntityAlreadyExists", iam.create_login_profile, Password="Secret-Word-1", **name)
    iam.update_login_profile(PasswordResetRequired=True, **name)
    assert iam.get_login_profile(**name)["LoginProfile"]["PasswordResetRequired"] is True
    refused("DeleteConflict", iam.delete_user, **name)
    iam.delete_login_profile(**name)
    said = refused("NoSuchEntity", iam.get_login_profile, **name)
    assert said == "Login Profile for User login cannot be found.", said


# OpenID Connect providers


def provider(host, **more):
    made = iam.create_open_id_connect_provider(
        Url=f"https://{host}", **{"ThumbprintList": ["a" * 40], **more}
    )
    return made["OpenIDConnectProviderArn"]


@check
def an_oidc_provider_is_made_read_and_deleted():
    arn = provider("one.example.com/path", ClientIDList=["sts.amazonaws.com"], Tags=as_tags(a="b"))
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/one.example.com/path", arn
    read = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert read["Url"] == "one.example.com/path" and read["CreateDate"], read
    assert read["ClientIDList"] == ["sts.amazonaws.com"] and read["ThumbprintList"] == ["a" * 40]
    assert tags(read["Tags"]) == {"a": "b"}
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert {"Arn": arn} in listed, listed
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    refused("NoSuchEntity", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
    refused("NoSuchEntity", iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=arn)


@check
def an_oidc_provider_keeps_to_the_rules():
    create = iam.create_open_id_connect_provider
    thumbprint = dict(ThumbprintList=["a" * 40])
    provider("twice.example.com")
    said = refused("EntityAlreadyExists", create, Url="https://twice.example.com", **thumbprint)
    assert said == "Provider with url https://twice.example.com already exists.", said
    refused("ValidationError", create, Url="example.org", **thumbprint)
    url = "https://rules.example.com"
    refused("ValidationError", create, Url=url, ThumbprintList=["a" * 39 + "bc"])
    six = [letter * 40 for letter in "abcdef"]
    said = refused("InvalidInput", create, Url=url, ThumbprintList=six)
    assert said == "Thumbprint list must contain fewer than 5 entries.", said
    clients = [str(at) for at in range(101)]
    said = refused("LimitExceeded", create, Url=url, ClientIDList=clients, **thumbprint)
    assert said == "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100", said


@check
def clients_and_thumbprints_of_a_provider_change():
    arn = dict(OpenIDConnectProviderArn=provider("changes.example.com"))
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(ClientID="one", **arn)
    iam.add_client_id_to_open_id_connect_provider(ClientID="two", **arn)
    iam.remove_client_id_from_open_id_connect_provider(ClientID="one", **arn)
    iam.remove_client_id_from_open_id_connect_provider(ClientID="never", **arn)
    prints = ["c" * 40, "d" * 40]
    iam.update_open_id_connect_provider_thumbprint(ThumbprintList=prints, **arn)
    read = iam.get_open_id_connect_provider(**arn)
    assert read["ClientIDList"] == ["two"] and sorted(read["ThumbprintList"]) == prints, read
    iam.tag_open_id_connect_provider(Tags=as_tags(a="1", A="2"), **arn)
    iam.untag_open_id_connect_provider(TagKeys=["A"], **arn)
    assert tags(iam.list_open_id_connect_provider_tags(**arn)["Tags"]) == {"a": "1"}


@check
def a_role_trusts_an_oidc_provider():
    arn = provider("token.example.com")
    document = trust(
        {"Federated": arn},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringLike": {"token.example.com:sub": "repo:me/*"}},
    )
    role("federated", AssumeRolePolicyDocument=document)
    read = iam.get_role(RoleName="federated")["Role"]["AssumeRolePolicyDocument"]
    assert read == json.loads(document), read


# Service-linked roles


@check
def a_service_linked_role_is_made_for_its_service():
    made = iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")["Role"]
    assert made["RoleName"] == "AWSServiceRoleForBatch"
    assert made["Path"] == "/aws-service-role/batch.amazonaws.com/"
    principal = made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert principal in (
        {"Service": "batch.amazonaws.com"},
        {"Service": ["batch.amazonaws.com"]},
    ), principal
    attached = iam.list_attached_role_policies(RoleName="AWSServiceRoleForBatch")
    names = [one["PolicyName"] for one in attached["AttachedPolicies"]]
    assert names == ["BatchServiceRolePolicy"], names
    again = dict(AWSServiceName="batch.amazonaws.com")
    said = refused("InvalidInput", iam.create_service_linked_role, **again)
    assert "AWSServiceRoleForBatch has been taken in this account" in said, said


@check
def a_service_linked_role_has_a_suffix_only_where_the_service_allows():
    create = iam.create_service_linked_role
    made = create(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine")["Role"]
    assert made["RoleName"] == "AWSServiceRoleForAutoScaling_mine", made
    suffixed = dict(AWSServiceName="ecs.amazonaws.com", CustomSuffix="mine")
    said = refused("InvalidInput", create, **suffixed)
    assert said == "Custom suffix is not allowed for ecs.amazonaws.com", said
    # IAM API, CreateServiceLinkedRole: InvalidInput for a service without such roles.
    refused("InvalidInput", create, AWSServiceName="nothing.amazonaws.com")


@check
def a_service_linked_role_is_aws_s_own():
    # IAM guide, "Edit a service-linked role": only the description can be changed.
    name = dict(RoleName="AWSServiceRoleForRDS")
    iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    for call, more in (
        (iam.delete_role, {}),
        (iam.attach_role_policy, dict(PolicyArn=READ_ONLY)),
        (iam.put_role_policy, dict(PolicyName="p", PolicyDocument=permission())),
        (iam.update_assume_role_policy, dict(PolicyDocument=trust())),
    ):
        refused("UnmodifiableEntity", call, **name, **more)
    iam.update_role(Description="mine", **name)
    assert iam.get_role(**name)["Role"]["Description"] == "mine"


@check
def a_service_linked_role_is_deleted_by_a_task():
    made = iam.create_service_linked_role(AWSServiceName="mq.amazonaws.com")["Role"]
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/mq.amazonaws.com/{made['RoleName']}/"), task
    status = lambda: iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]
    eventually(lambda: status() == "SUCCEEDED")
    refused("NoSuchEntity", iam.get_role, RoleName=made["RoleName"])


# The account


def details(**arguments):
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    found = {name: [] for name in lists}
    while True:
        page = iam.get_account_authorization_details(**arguments)
        for name in lists:
            found[name] += page[name]
        if not page["IsTruncated"]:
            return found
        arguments["Marker"] = page["Marker"]


@check
def the_account_s_details_show_a_role_with_its_policies():
    arn = policy("details-policy")["Arn"]
    made = role("details", Path="/details/", Tags=as_tags(a="b"), PermissionsBoundary=READ_ONLY)
    iam.attach_role_policy(RoleName="details", PolicyArn=arn)
    iam.put_role_policy(RoleName="details", PolicyName="own", PolicyDocument=permission())
    iam.create_instance_profile(InstanceProfileName="details")
    iam.add_role_to_instance_profile(InstanceProfileName="details", RoleName="details")
    found = details(Filter=["Role"])
    assert not found["Policies"] and not found["UserDetailList"] and not found["GroupDetailList"]
    (shown,) = [one for one in found["RoleDetailList"] if one["RoleName"] == "details"]
    assert (shown["RoleId"], shown["Path"]) == (made["RoleId"], "/details/")
    assert shown["AssumeRolePolicyDocument"] == json.loads(trust())
    assert shown["AttachedManagedPolicies"] == [{"PolicyName": "details-policy", "PolicyArn": arn}]
    own = {"PolicyName": "own", "PolicyDocument": json.loads(permission())}
    assert shown["RolePolicyList"] == [own], shown
    assert tags(shown["Tags"]) == {"a": "b"} and shown["RoleLastUsed"] == {}
    assert shown["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    (profile,) = shown["InstanceProfileList"]
    assert profile["InstanceProfileName"] == "details"
    assert [one["RoleName"] for one in profile["Roles"]] == ["details"]


@check
def the_account_s_details_show_users_and_groups():
    user("detailed", Tags=as_tags(a="b"))
    group("detailed")
    iam.add_user_to_group(GroupName="detailed", UserName="detailed")
    iam.attach_group_policy(GroupName="detailed", PolicyArn=READ_ONLY)
    iam.put_user_policy(UserName="detailed", PolicyName="p", PolicyDocument=permission())
    found = details(Filter=["User", "Group"])
    assert not found["RoleDetailList"] and not found["Policies"]
    (shown,) = [one for one in found["UserDetailList"] if one["UserName"] == "detailed"]
    assert shown["GroupList"] == ["detailed"] and tags(shown["Tags"]) == {"a": "b"}, shown
    assert shown["UserPolicyList"][0]["PolicyDocument"] == json.loads(permission())
    (shown,) = [one for one in found["GroupDetailList"] if one["GroupName"] == "detailed"]
    attached = [one["PolicyArn"] for one in shown["AttachedManagedPolicies"]]
    assert attached == [READ_ONLY] and shown["GroupPolicyList"] == [], shown


@check
def the_account_s_details_show_policies_with_all_versions():
    arn = policy("detailed-policy")["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=permission("s3:PutObject"))
    found = details(Filter=["LocalManagedPolicy"])["Policies"]
    assert all(one["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:") for one in found)
    (shown,) = [one for one in found if one["Arn"] == arn]
    versions = {one["VersionId"]: one for one in shown["PolicyVersionList"]}
    assert set(versions) == {"v1", "v2"} and versions["v1"]["IsDefaultVersion"] is True
    assert versions["v2"]["Document"] == json.loads(permission("s3:PutObject"))
    assert shown["DefaultVersionId"] == "v1" and shown["AttachmentCount"] == 0


@check
def the_account_s_details_come_in_pages():
    for at in range(3):
        role(f"details-page-{at}")
    whole = [one["RoleName"] for one in details(Filter=["Role"])["RoleDetailList"]]
    first = iam.get_account_authorization_details(Filter=["Role"], MaxItems=2)
    assert len(first["RoleDetailList"]) == 2 and first["IsTruncated"] and first["Marker"], first
    paged = details(Filter=["Role"], MaxItems=2)["RoleDetailList"]
    assert [one["RoleName"] for one in paged] == whole


@check
def the_account_s_summary_has_counts_and_quotas():
    before = iam.get_account_summary()["SummaryMap"]
    role("summed")
    policy("summed")
    after = iam.get_account_summary()["SummaryMap"]
    assert after["Roles"] == before["Roles"] + 1 and after["Policies"] == before["Policies"] + 1
    for quota, most in (
        ("RolesQuota", 1000),
        ("PoliciesQuota", 1500),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("RolePolicySizeQuota", 10240),
        ("PolicySizeQuota", 6144),
        ("VersionsPerPolicyQuota", 5),
        ("AssumeRolePolicySizeQuota", 2048),
        ("AccessKeysPerUserQuota", 2),
    ):
        assert after[quota] == most, (quota, after[quota])


@check
def the_account_has_one_alias():
    iam.create_account_alias(AccountAlias="checks-of-iam")
    assert iam.list_account_aliases()["AccountAliases"] == ["checks-of-iam"]
    refused("ValidationError", iam.create_account_alias, AccountAlias="Bad_Alias")
    refused("NoSuchEntity", iam.delete_account_alias, AccountAlias="another")
    iam.delete_account_alias(AccountAlias="checks-of-iam")
    assert iam.list_account_aliases()["AccountAliases"] == []


@check
def the_account_has_a_password_policy_or_none():
    said = refused("NoSuchEntity", iam.get_account_password_policy)
    assert said == f"The Password Policy with domain name {ACCOUNT} cannot be found.", said
    iam.update_account_password_policy()
    read = iam.get_account_password_policy()["PasswordPolicy"]
    assert read["MinimumPasswordLength"] == 6 and read["ExpirePasswords"] is False, read
    assert "MaxPasswordAge" not in read, read
    iam.update_account_password_policy(MinimumPasswordLength=12, MaxPasswordAge=90)
    read = iam.get_account_password_policy()["PasswordPolicy"]
    assert read["MinimumPasswordLength"] == 12 and read["ExpirePasswords"] is True, read
    refused("ValidationError", iam.update_account_password_policy, MinimumPasswordLength=129)
    iam.delete_account_password_policy()
    refused("NoSuchEntity", iam.delete_account_password_policy)


@check
def a_simulation_tells_what_a_role_may_do():
    made = role("simulated")
    iam.put_role_policy(
        RoleName="simulated", PolicyName="p", PolicyDocument=permission("s3:PutObject")
    )
    found = iam.simulate_principal_policy(
        PolicySourceArn=made["Arn"],
        ActionNames=["s3:PutObject", "s3:GetObject"],
        ResourceArns=["arn:aws:s3:::bucket"],
    )["EvaluationResults"]
    decisions = {one["EvalActionName"]: one["EvalDecision"] for one in found}
    assert decisions == {"s3:PutObject": "allowed", "s3:GetObject": "implicitDeny"}, decisions
    assert found[0]["EvalResourceName"] == "arn:aws:s3:::bucket"
    assert found[0]["ResourceSpecificResults"][0]["EvalResourceDecision"] == "allowed"


@check
def a_missing_parameter_is_a_validation_error():
    refused("ValidationError", raw.create_role, RoleName="without-trust")
    refused("ValidationError", raw.get_role)
