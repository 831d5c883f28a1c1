# What AWS answers here was recorded against AWS by others (localstack's validated tests, 2026-02)
# unless a comment names another source.
sts = client("sts")
# Sends also what botocore would refuse itself.
raw = boto3.client(
    "sts", config=Config(retries={"total_max_attempts": 1}, parameter_validation=False)
)
ACCOUNT = sts.get_caller_identity()["Account"]


def role_for(principal, name, **more):
    """The ARN of a role that a principal may assume."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:*", **more}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
    return made["Role"]


def mine(name, **more):
    return role_for({"AWS": ACCOUNT}, name, **more)


def assume(arn, **more):
    """Assumes a role that may still be on its way to STS."""

    def attempt():
        try:
            return sts.assume_role(**{"RoleArn": arn, "RoleSessionName": "me", **more})
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied", error

    return eventually(attempt)


@check
def the_caller_is_told_with_account_and_arn():
    caller = client("sts").get_caller_identity()
    assert len(caller["Account"]) == 12 and caller["Account"].isdigit(), caller
    assert caller["Arn"].startswith("arn:aws:"), caller
    assert f":{caller['Account']}:" in caller["Arn"], caller
    assert caller["UserId"], caller


@check
def an_assumed_role_has_credentials_for_an_hour():
    role = mine("assumed")
    answer = assume(role["Arn"])
    user = answer["AssumedRoleUser"]
    assert user["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/assumed/me", user
    assert user["AssumedRoleId"] == f"{role['RoleId']}:me", user
    keys = answer["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA") and len(keys["AccessKeyId"]) == 20, keys
    assert len(keys["SecretAccessKey"]) == 40 and len(keys["SessionToken"]) > 100
    lasts = (keys["Expiration"] - role["CreateDate"]).total_seconds()
    assert lasts >= 3590, lasts
    assert "PackedPolicySize" not in answer, answer


@check
def an_assumed_role_can_be_narrowed_down():
    role = mine("narrowed")
    policy = json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    })
    answer = assume(role["Arn"], Policy=policy)
    assert 0 < answer["PackedPolicySize"] <= 100, answer
    # STS API, AssumeRole: a session policy has at most 2,048 characters.
    long = policy + " " * 2048
    refused(
        "ValidationError",
        sts.assume_role,
        RoleArn=role["Arn"],
        RoleSessionName="me",
        Policy=long,
    )


@check
def a_role_that_trusts_others_is_not_assumed():
    role = role_for({"Service": "ec2.amazonaws.com"}, "others")
    arguments = dict(RoleArn=role["Arn"], RoleSessionName="me")
    said = refused("AccessDenied", sts.assume_role, **arguments)
    assert "is not authorized to perform: sts:AssumeRole on resource: " + role["Arn"] in said, said
    absent = f"arn:aws:iam::{ACCOUNT}:role/absent"
    refused("AccessDenied", sts.assume_role, RoleArn=absent, RoleSessionName="me")


@check
def a_session_name_keeps_to_letters_and_length():
    arn = f"arn:aws:iam::{ACCOUNT}:role/any"
    for name in ("a:b", "with space", "s" * 65):
        said = refused("ValidationError", sts.assume_role, RoleArn=arn, RoleSessionName=name)
        assert "'roleSessionName' failed to satisfy constraint" in said, said


@check
def the_arn_of_a_role_has_the_form_of_one():
    for arn in ("nothing-valid-in-here", "arn:a:a::aaaaaaaaaa:", "arn:a:::something/test-role"):
        said = refused("ValidationError", sts.assume_role, RoleArn=arn, RoleSessionName="me")
        assert said == f"{arn} is invalid", said


@check
def a_session_lasts_no_longer_than_the_role_allows():
    # STS API, AssumeRole: from 900 seconds to the role's own limit, an hour unless told.
    role = mine("short")
    assume(role["Arn"], DurationSeconds=3600)
    for seconds in (899, 3601, 43201):
        refused(
            "ValidationError",
            raw.assume_role,
            RoleArn=role["Arn"],
            RoleSessionName="me",
            DurationSeconds=seconds,
        )


@check
def an_external_id_has_to_be_the_right_one():
    # IAM guide, "Access to accounts owned by third parties".
    condition = {"StringEquals": {"sts:ExternalId": "word"}}
    role = mine("guarded", Condition=condition)
    assume(role["Arn"], ExternalId="word")
    for more in ({}, {"ExternalId": "other"}):
        arguments = dict(RoleArn=role["Arn"], RoleSessionName="me", **more)
        refused("AccessDenied", sts.assume_role, **arguments)


@check
def session_tags_are_unique_and_include_the_transitive_ones():
    role = mine("tagged-session")
    assume(role["Arn"], Tags=[{"Key": "a", "Value": "1"}], TransitiveTagKeys=["a"])
    arguments = dict(RoleArn=role["Arn"], RoleSessionName="me")
    tag = lambda key: {"Key": key, "Value": "v"}
    said = refused(
        "InvalidParameterValue",
        sts.assume_role,
        Tags=[tag("a")],
        TransitiveTagKeys=["b"],
        **arguments,
    )
    assert said.startswith("The specified transitive tag key must be included"), said
    said = refused("InvalidParameterValue", sts.assume_role, Tags=[tag("a"), tag("A")], **arguments)
    assert said.startswith("Duplicate tag keys found."), said


@check
def a_session_token_lasts_between_15_minutes_and_36_hours():
    # STS API, GetSessionToken.
    keys = sts.get_session_token()["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA") and keys["SessionToken"] and keys["Expiration"]
    for seconds in (899, 129601):
        refused("ValidationError", raw.get_session_token, DurationSeconds=seconds)


@check
def a_federated_user_has_a_name_and_credentials():
    answer = sts.get_federation_token(Name="visitor", DurationSeconds=900)
    user = answer["FederatedUser"]
    assert user["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/visitor", user
    assert user["FederatedUserId"] == f"{ACCOUNT}:visitor", user
    assert answer["PackedPolicySize"] == 0
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    refused("ValidationError", raw.get_federation_token, Name="n" * 33)
    refused("ValidationError", raw.get_federation_token, Name="visitor", DurationSeconds=899)
    refused("ValidationError", raw.get_federation_token, Name="visitor", Policy="x" * 2049)


@check
def a_key_tells_its_account():
    # STS API, GetAccessKeyInfo.
    iam = client("iam")
    iam.create_user(UserName="with-key")
    key = iam.create_access_key(UserName="with-key")["AccessKey"]["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    refused("ValidationError", raw.get_access_key_info, AccessKeyId="short")
