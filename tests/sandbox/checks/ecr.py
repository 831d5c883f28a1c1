import base64
import datetime
import hashlib

OCI = "application/vnd.oci.image.manifest.v1+json"
GONE = "there-is-no-such-repository"


def ecr():
    return client("ecr")


def account():
    return client("sts").get_caller_identity()["Account"]


def repository(name, **options):
    return ecr().create_repository(repositoryName=name, **options)["repository"]


def described(name):
    return ecr().describe_repositories(repositoryNames=[name])["repositories"][0]


def blob(name, content):
    """Uploads a layer; moto asks for none with an image, and refuses to upload one."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    try:
        upload = ecr().initiate_layer_upload(repositoryName=name)["uploadId"]
        ecr().upload_layer_part(repositoryName=name, uploadId=upload, partFirstByte=0,
                                partLastByte=len(content) - 1, layerPartBlob=content)
        ecr().complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[digest])
    except (ClientError, AssertionError):
        pass
    return {"digest": digest, "size": len(content)}


def manifest(name, content):
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", **blob(name, b"{}" + content)}
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **blob(name, content)}
    return json.dumps({"schemaVersion": 2, "mediaType": OCI, "config": config, "layers": [layer]})


def push(name, tag=None, content=b"a layer"):
    """Pushes an image; gives its digest."""
    options = {"imageTag": tag} if tag else {}
    image = ecr().put_image(repositoryName=name, imageManifest=manifest(name, content), **options)
    return image["image"]["imageId"]["imageDigest"]


@check
def a_new_repository_has_what_ecr_fills_in():
    made = repository("defaults/web")
    region = ecr().meta.region_name
    assert made["registryId"] == account(), made
    assert made["repositoryArn"] == f"arn:aws:ecr:{region}:{account()}:repository/defaults/web"
    host = f"{account()}.dkr.ecr.{region}.amazonaws.com"
    assert made["repositoryUri"] == f"{host}/defaults/web", made
    assert isinstance(made["createdAt"], datetime.datetime), made
    assert made["imageTagMutability"] == "MUTABLE", made
    assert made["imageScanningConfiguration"] == {"scanOnPush": False}, made
    assert made["encryptionConfiguration"] == {"encryptionType": "AES256"}, made
    assert "imageTagMutabilityExclusionFilters" not in made, made
    assert described("defaults/web") == made


@check
def what_a_repository_is_created_with_is_read_back():
    repository("options", imageTagMutability="IMMUTABLE",
               imageScanningConfiguration={"scanOnPush": True},
               encryptionConfiguration={"encryptionType": "AES256"},
               tags=[{"Key": "stage", "Value": "test"}, {"Key": "empty", "Value": ""}])
    found = described("options")
    assert found["imageTagMutability"] == "IMMUTABLE", found
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}, found
    assert "tags" not in found, found
    listed = ecr().list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    assert tags(listed) == {"stage": "test", "empty": ""}, listed


@check
def a_repository_encrypted_by_kms_shows_the_arn_of_the_managed_key():
    # ECR API, EncryptionConfiguration: without kmsKey, the AWS managed key of ECR.
    made = repository("with-kms", encryptionConfiguration={"encryptionType": "KMS"})
    encryption = made["encryptionConfiguration"]
    assert encryption["encryptionType"] == "KMS", made
    assert encryption["kmsKey"].startswith("arn:aws:kms:"), made
    assert ":key/" in encryption["kmsKey"], made


@check
def a_repository_exists_once():
    repository("once")
    message = refused("RepositoryAlreadyExistsException", ecr().create_repository,
                      repositoryName="once")
    assert message == ("The repository with name 'once' already exists in the registry with id "
                       f"'{account()}'"), message


@check
def names_of_repositories_are_lower_case_words():
    for name in ["Upper", "with space", "-dash", "dash-", "a//b", "/a", "under___score", "a..b"]:
        refused("InvalidParameterException", ecr().create_repository, repositoryName=name)


@check
def names_of_repositories_may_have_paths_and_separators():
    for name in ["a1/b2/c3", "under_score", "under__score", "dot.dot", "many---dashes", "42"]:
        assert repository(name)["repositoryName"] == name


@check
def names_of_repositories_have_at_most_256_characters():
    assert len(repository("n" * 256)["repositoryName"]) == 256
    refused("InvalidParameterException", ecr().create_repository, repositoryName="n" * 257)


@check
def a_repository_may_not_be_given_an_unknown_mutability():
    message = refused("InvalidParameterException", ecr().create_repository,
                      repositoryName="unknown-mutability", imageTagMutability="SOMETIMES")
    assert "imageTagMutability" in message, message


@check
def a_key_is_for_kms_encryption_alone():
    key = f"arn:aws:kms:{ecr().meta.region_name}:{account()}:key/{'0' * 8}-0000-0000-0000-{'0' * 12}"
    refused("InvalidParameterException", ecr().create_repository, repositoryName="aes-with-key",
            encryptionConfiguration={"encryptionType": "AES256", "kmsKey": key})


@check
def tags_in_the_reserved_namespace_are_refused():
    refused("InvalidTagParameterException", ecr().create_repository, repositoryName="reserved-tag",
            tags=[{"Key": "aws:mine", "Value": "x"}])


@check
def a_repository_has_at_most_50_tags():
    fifty = [{"Key": f"key-{place}", "Value": "x"} for place in range(50)]
    more = [{"Key": "one-more", "Value": "x"}]
    arn = repository("fifty-tags", tags=fifty)["repositoryArn"]
    refused("TooManyTagsException", ecr().tag_resource, resourceArn=arn, tags=more)
    refused("TooManyTagsException", ecr().create_repository, repositoryName="fifty-one-tags",
            tags=fifty + more)
    # What is there already can be overwritten.
    ecr().tag_resource(resourceArn=arn, tags=[{"Key": "key-0", "Value": "y"}])
    listed = tags(ecr().list_tags_for_resource(resourceArn=arn)["tags"])
    assert len(listed) == 50 and listed["key-0"] == "y", listed


@check
def tags_are_added_changed_and_taken_off():
    arn = repository("tagged", tags=[{"Key": "a", "Value": "1"}])["repositoryArn"]
    ecr().tag_resource(resourceArn=arn, tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    listed = ecr().list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags(listed) == {"a": "2", "b": "3"}, listed
    ecr().untag_resource(resourceArn=arn, tagKeys=["a", "never-there"])
    listed = ecr().list_tags_for_resource(resourceArn=arn)["tags"]
    assert listed == [{"Key": "b", "Value": "3"}], listed


@check
def tags_of_what_is_not_there_are_refused():
    arn = f"arn:aws:ecr:{ecr().meta.region_name}:{account()}:repository/{GONE}"
    code = "RepositoryNotFoundException"
    refused(code, ecr().list_tags_for_resource, resourceArn=arn)
    refused(code, ecr().tag_resource, resourceArn=arn, tags=[{"Key": "a", "Value": "b"}])
    refused(code, ecr().untag_resource, resourceArn=arn, tagKeys=["a"])
    refused("InvalidParameterException", ecr().list_tags_for_resource, resourceArn="no-arn")


@check
def repositories_are_described_by_name_and_all_of_them():
    for name in ["by-name-1", "by-name-2"]:
        repository(name)
    found = ecr().describe_repositories(repositoryNames=["by-name-1", "by-name-2"])["repositories"]
    assert {one["repositoryName"] for one in found} == {"by-name-1", "by-name-2"}, found
    pages = ecr().get_paginator("describe_repositories").paginate()
    every = {one["repositoryName"] for page in pages for one in page["repositories"]}
    assert {"by-name-1", "by-name-2"} <= every, every
    own = ecr().describe_repositories(registryId=account(), repositoryNames=["by-name-1"])
    assert len(own["repositories"]) == 1, own


@check
def one_unknown_repository_among_several_fails_the_description():
    repository("known-one")
    message = refused("RepositoryNotFoundException", ecr().describe_repositories,
                      repositoryNames=["known-one", GONE])
    assert message == (f"The repository with name '{GONE}' does not exist in the registry with id "
                       f"'{account()}'"), message


@check
def repositories_come_in_pages():
    names = {f"paged-{place}" for place in range(3)}
    for name in names:
        repository(name)
    seen, token, pages = [], None, 0
    while True:
        more = {"nextToken": token} if token else {}
        page = ecr().describe_repositories(maxResults=2, **more)
        assert 1 <= len(page["repositories"]) <= 2, page
        seen += [one["repositoryName"] for one in page["repositories"]]
        pages, token = pages + 1, page.get("nextToken")
        if not token:
            break
    assert pages >= 2 and len(set(seen)) == len(seen) and names <= set(seen), seen


@check
def pages_of_repositories_have_their_rules():
    repository("page-rules")
    code = "InvalidParameterException"
    # ECR API, DescribeRepositories: paging "cannot be used when you specify repositories".
    refused(code, ecr().describe_repositories, repositoryNames=["page-rules"], maxResults=5)
    refused(code, ecr().describe_repositories, maxResults=1001)
    refused(code, ecr().describe_repositories, nextToken="no-token-of-ecr")


@check
def a_deleted_repository_is_told_once_more_and_gone():
    made = repository("to-delete")
    gone = ecr().delete_repository(repositoryName="to-delete")["repository"]
    for member in ["repositoryArn", "registryId", "repositoryName", "repositoryUri", "createdAt"]:
        assert gone[member] == made[member], gone
    refused("RepositoryNotFoundException", ecr().describe_repositories,
            repositoryNames=["to-delete"])
    refused("RepositoryNotFoundException", ecr().delete_repository, repositoryName="to-delete")
    assert repository("to-delete")["repositoryName"] == "to-delete"


@check
def a_repository_with_images_is_deleted_by_force_alone():
    repository("not-empty")
    push("not-empty", "v1")
    message = refused("RepositoryNotEmptyException", ecr().delete_repository,
                      repositoryName="not-empty")
    assert "still contains images" in message, message
    refused("RepositoryNotEmptyException", ecr().delete_repository, repositoryName="not-empty",
            force=False)
    ecr().delete_repository(repositoryName="not-empty", force=True)
    refused("RepositoryNotFoundException", ecr().describe_repositories,
            repositoryNames=["not-empty"])


@check
def the_mutability_of_tags_is_changed():
    repository("change-mutability")
    answer = ecr().put_image_tag_mutability(repositoryName="change-mutability",
                                            imageTagMutability="IMMUTABLE")
    assert answer["imageTagMutability"] == "IMMUTABLE", answer
    assert answer["repositoryName"] == "change-mutability", answer
    assert answer["registryId"] == account(), answer
    assert described("change-mutability")["imageTagMutability"] == "IMMUTABLE"
    refused("RepositoryNotFoundException", ecr().put_image_tag_mutability, repositoryName=GONE,
            imageTagMutability="MUTABLE")


@check
def mutability_may_have_exclusions():
    filters = [{"filterType": "WILDCARD", "filter": "dev-*"}]
    made = repository("exclusions", imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
                      imageTagMutabilityExclusionFilters=filters)
    assert made["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION", made
    assert made["imageTagMutabilityExclusionFilters"] == filters, made
    push("exclusions", "dev-1", b"first")
    push("exclusions", "dev-1", b"second")
    push("exclusions", "v1", b"third")
    refused("ImageTagAlreadyExistsException", ecr().put_image, repositoryName="exclusions",
            imageManifest=manifest("exclusions", b"fourth"), imageTag="v1")


@check
def exclusions_belong_to_a_mutability_that_has_them():
    filters = [{"filterType": "WILDCARD", "filter": "dev-*"}]
    refused("InvalidParameterException", ecr().create_repository, repositoryName="no-exclusions",
            imageTagMutability="IMMUTABLE", imageTagMutabilityExclusionFilters=filters)
    refused("InvalidParameterException", ecr().create_repository, repositoryName="no-exclusions",
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION")
    repository("no-exclusions")


@check
def scans_on_push_are_switched_on_and_off():
    repository("scan-on-push")
    for switch in [True, False]:
        answer = ecr().put_image_scanning_configuration(
            repositoryName="scan-on-push", imageScanningConfiguration={"scanOnPush": switch})
        assert answer["imageScanningConfiguration"] == {"scanOnPush": switch}, answer
        assert answer["repositoryName"] == "scan-on-push", answer
        found = described("scan-on-push")
        assert found["imageScanningConfiguration"] == {"scanOnPush": switch}, found
    refused("RepositoryNotFoundException", ecr().put_image_scanning_configuration,
            repositoryName=GONE, imageScanningConfiguration={"scanOnPush": True})


@check
def the_scanning_of_several_repositories_is_told_in_one_call():
    arn = repository("scanning", imageScanningConfiguration={"scanOnPush": True})["repositoryArn"]
    answer = ecr().batch_get_repository_scanning_configuration(repositoryNames=["scanning", GONE])
    found = answer["scanningConfigurations"]
    assert len(found) == 1 and found[0]["repositoryArn"] == arn, answer
    assert found[0]["scanOnPush"] is True, answer
    assert found[0]["scanFrequency"] == "SCAN_ON_PUSH", answer
    failure = answer["failures"][0]
    assert failure["repositoryName"] == GONE, answer
    assert failure["failureCode"] == "REPOSITORY_NOT_FOUND", answer


RULE = {
    "rulePriority": 1,
    "description": "old ones go",
    "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
                  "countNumber": 14},
    "action": {"type": "expire"},
}


@check
def a_lifecycle_policy_is_put_read_and_deleted():
    repository("lifecycle")
    code = "LifecyclePolicyNotFoundException"
    refused(code, ecr().get_lifecycle_policy, repositoryName="lifecycle")
    text = json.dumps({"rules": [RULE]}, indent=2)
    put = ecr().put_lifecycle_policy(repositoryName="lifecycle", lifecyclePolicyText=text)
    assert put["registryId"] == account() and put["repositoryName"] == "lifecycle", put
    got = ecr().get_lifecycle_policy(repositoryName="lifecycle")
    assert json.loads(got["lifecyclePolicyText"]) == {"rules": [RULE]}, got
    assert isinstance(got["lastEvaluatedAt"], datetime.datetime), got
    gone = ecr().delete_lifecycle_policy(repositoryName="lifecycle")
    assert json.loads(gone["lifecyclePolicyText"]) == {"rules": [RULE]}, gone
    refused(code, ecr().delete_lifecycle_policy, repositoryName="lifecycle")


@check
def lifecycle_policies_have_a_repository():
    code, text = "RepositoryNotFoundException", json.dumps({"rules": [RULE]})
    refused(code, ecr().put_lifecycle_policy, repositoryName=GONE, lifecyclePolicyText=text)
    refused(code, ecr().get_lifecycle_policy, repositoryName=GONE)
    refused(code, ecr().delete_lifecycle_policy, repositoryName=GONE)


@check
def lifecycle_rules_must_make_sense():
    # ECR guide, "Lifecycle policy parameters".
    repository("lifecycle-rules")

    def but(**selection):
        return {**RULE, "selection": {**RULE["selection"], **selection}}

    tagged = {"tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 3}
    everything = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3}
    for rules in [
        [],
        [but(countNumber=0)],
        [but(tagStatus="sometimes")],
        [but(countUnit="weeks")],
        [but(colour="red")],
        [but(tagPrefixList=["v"])],
        [{**RULE, "selection": tagged}],
        [{**RULE, "action": {"type": "keep"}}],
        [RULE, RULE],
        [{**RULE, "rulePriority": 1, "selection": everything}, {**RULE, "rulePriority": 2}],
        [{key: value for key, value in RULE.items() if key != "action"}],
    ]:
        text = json.dumps({"rules": rules}).ljust(100)
        refused("InvalidParameterException", ecr().put_lifecycle_policy,
                repositoryName="lifecycle-rules", lifecyclePolicyText=text)
    refused("InvalidParameterException", ecr().put_lifecycle_policy,
            repositoryName="lifecycle-rules", lifecyclePolicyText="no JSON " * 20)


@check
def a_preview_tells_what_a_lifecycle_policy_would_expire():
    repository("preview")
    code = "LifecyclePolicyPreviewNotFoundException"
    refused(code, ecr().get_lifecycle_policy_preview, repositoryName="preview")
    refused("LifecyclePolicyNotFoundException", ecr().start_lifecycle_policy_preview,
            repositoryName="preview")
    push("preview", "v1", b"one")
    push("preview", "v2", b"two")
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}
    text = json.dumps({"rules": [{**RULE, "selection": selection}]})
    begun = ecr().start_lifecycle_policy_preview(repositoryName="preview", lifecyclePolicyText=text)
    assert begun["status"] == "IN_PROGRESS", begun

    def complete():
        preview = ecr().get_lifecycle_policy_preview(repositoryName="preview")
        return preview if preview["status"] == "COMPLETE" else None

    preview = eventually(complete)
    assert preview["summary"]["expiringImageTotalCount"] == 1, preview
    result = preview["previewResults"][0]
    assert result["action"] == {"type": "EXPIRE"} and result["appliedRulePriority"] == 1, preview


STATEMENT = {
    "Sid": "pull",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}


@check
def a_repository_policy_is_set_read_and_deleted():
    repository("policy")
    code = "RepositoryPolicyNotFoundException"
    refused(code, ecr().get_repository_policy, repositoryName="policy")
    put = ecr().set_repository_policy(repositoryName="policy", policyText=json.dumps(POLICY))
    assert put["registryId"] == account() and put["repositoryName"] == "policy", put
    got = ecr().get_repository_policy(repositoryName="policy")
    assert json.loads(got["policyText"]) == POLICY, got
    gone = ecr().delete_repository_policy(repositoryName="policy")
    assert json.loads(gone["policyText"]) == POLICY, gone
    refused(code, ecr().delete_repository_policy, repositoryName="policy")


@check
def repository_policies_must_be_policies():
    repository("policy-rules")
    for text in ["no JSON", "{}", json.dumps({**POLICY, "Statement": []}),
                 json.dumps({**POLICY, "Statement": [{**STATEMENT, "Effect": "Maybe"}]})]:
        refused("InvalidParameterException", ecr().set_repository_policy,
                repositoryName="policy-rules", policyText=text)
    refused("RepositoryNotFoundException", ecr().set_repository_policy, repositoryName=GONE,
            policyText=json.dumps(POLICY))


@check
def a_pushed_image_is_told_with_its_digest():
    repository("push")
    text = manifest("push", b"pushed")
    image = ecr().put_image(repositoryName="push", imageManifest=text, imageTag="v1")["image"]
    assert image["imageId"]["imageTag"] == "v1", image
    # The digest of an image is that of its manifest's bytes (OCI image specification).
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    assert image["imageId"]["imageDigest"] == digest, image
    assert image["repositoryName"] == "push" and image["registryId"] == account(), image
    assert image["imageManifest"] == text and image["imageManifestMediaType"] == OCI, image


@check
def a_described_image_has_tags_size_and_time():
    repository("describe")
    digest = push("describe", "v1", b"0123456789")
    text = manifest("describe", b"0123456789")
    ecr().put_image(repositoryName="describe", imageManifest=text, imageTag="latest")
    detail = ecr().describe_images(repositoryName="describe")["imageDetails"]
    assert len(detail) == 1, detail
    detail = detail[0]
    assert detail["imageDigest"] == digest and sorted(detail["imageTags"]) == ["latest", "v1"], detail
    assert detail["registryId"] == account() and detail["repositoryName"] == "describe", detail
    assert isinstance(detail["imagePushedAt"], datetime.datetime), detail
    assert detail["imageSizeInBytes"] > 0, detail
    assert detail["imageManifestMediaType"] == OCI, detail
    assert detail["artifactMediaType"] == "application/vnd.oci.image.config.v1+json", detail


@check
def the_same_image_under_the_same_tag_exists_already():
    repository("same-image")
    push("same-image", "v1")
    message = refused("ImageAlreadyExistsException", ecr().put_image, repositoryName="same-image",
                      imageManifest=manifest("same-image", b"a layer"), imageTag="v1")
    assert "already exists in the repository with name 'same-image'" in message, message


@check
def a_mutable_tag_moves_and_leaves_an_untagged_image():
    repository("moving-tag")
    first, second = push("moving-tag", "v1", b"first"), push("moving-tag", "v1", b"second")
    listed = ecr().list_images(repositoryName="moving-tag")["imageIds"]
    assert {"imageDigest": first} in listed, listed
    assert {"imageDigest": second, "imageTag": "v1"} in listed, listed
    assert len(listed) == 2, listed
    details = ecr().describe_images(repositoryName="moving-tag", imageIds=[{"imageDigest": first}])
    assert "imageTags" not in details["imageDetails"][0], details


@check
def an_immutable_tag_stays_where_it_is():
    repository("immutable", imageTagMutability="IMMUTABLE")
    push("immutable", "v1", b"first")
    message = refused("ImageTagAlreadyExistsException", ecr().put_image, repositoryName="immutable",
                      imageManifest=manifest("immutable", b"second"), imageTag="v1")
    assert "'v1'" in message and "immutable" in message, message
    push("immutable", "v2", b"second")


@check
def images_are_pushed_to_a_repository_that_is_there():
    text = json.dumps({"schemaVersion": 2, "mediaType": OCI, "layers": []})
    refused("RepositoryNotFoundException", ecr().put_image, repositoryName=GONE,
            imageManifest=text, imageTag="v1")
    refused("RepositoryNotFoundException", ecr().list_images, repositoryName=GONE)
    refused("RepositoryNotFoundException", ecr().describe_images, repositoryName=GONE)
    refused("RepositoryNotFoundException", ecr().batch_get_image, repositoryName=GONE,
            imageIds=[{"imageTag": "v1"}])


@check
def a_pushed_image_must_have_the_digest_that_is_given():
    repository("digest")
    refused("ImageDigestDoesNotMatchException", ecr().put_image, repositoryName="digest",
            imageManifest=manifest("digest", b"x"), imageTag="v1", imageDigest="sha256:" + "0" * 64)


@check
def images_are_listed_by_tag_status():
    repository("tag-status")
    first, second = push("tag-status", "v1", b"first"), push("tag-status", "v1", b"second")

    def listed(status):
        answer = ecr().list_images(repositoryName="tag-status", filter={"tagStatus": status})
        return {one["imageDigest"] for one in answer["imageIds"]}

    assert listed("TAGGED") == {second}, listed("TAGGED")
    assert listed("UNTAGGED") == {first}, listed("UNTAGGED")
    assert listed("ANY") == {first, second}, listed("ANY")
    details = ecr().describe_images(repositoryName="tag-status", filter={"tagStatus": "UNTAGGED"})
    assert [one["imageDigest"] for one in details["imageDetails"]] == [first], details


@check
def images_come_in_pages():
    repository("image-pages")
    digests = {push("image-pages", f"v{place}", f"{place}".encode()) for place in range(3)}
    first = ecr().describe_images(repositoryName="image-pages", maxResults=2)
    assert len(first["imageDetails"]) == 2 and first["nextToken"], first
    rest = ecr().describe_images(repositoryName="image-pages", maxResults=2,
                                 nextToken=first["nextToken"])
    assert len(rest["imageDetails"]) == 1 and not rest.get("nextToken"), rest
    found = {one["imageDigest"] for one in first["imageDetails"] + rest["imageDetails"]}
    assert found == digests, found
    pages = ecr().get_paginator("list_images").paginate(
        repositoryName="image-pages", PaginationConfig={"PageSize": 1})
    pages = [page["imageIds"] for page in pages]
    assert [len(page) for page in pages] == [1, 1, 1], pages


@check
def an_unknown_image_is_refused_by_its_name():
    repository("unknown-image")
    message = refused("ImageNotFoundException", ecr().describe_images,
                      repositoryName="unknown-image", imageIds=[{"imageTag": "v9"}])
    assert "imageTag:'v9'" in message and "unknown-image" in message, message


@check
def images_are_got_by_tag_and_digest_and_failures_are_told():
    repository("batch-get")
    digest = push("batch-get", "v1")
    answer = ecr().batch_get_image(repositoryName="batch-get", imageIds=[
        {"imageTag": "v1"}, {"imageTag": "v9"}])
    assert answer["images"][0]["imageId"] == {"imageDigest": digest, "imageTag": "v1"}, answer
    assert json.loads(answer["images"][0]["imageManifest"])["schemaVersion"] == 2, answer
    failure = answer["failures"][0]
    assert failure["imageId"] == {"imageTag": "v9"}, answer
    assert failure["failureCode"] == "ImageNotFound", answer
    assert failure["failureReason"] == "Requested image not found", answer
    by_digest = ecr().batch_get_image(repositoryName="batch-get", imageIds=[{"imageDigest": digest}])
    assert by_digest["images"][0]["imageId"]["imageDigest"] == digest, by_digest
    assert by_digest["failures"] == [], by_digest


@check
def an_image_goes_with_its_last_tag():
    # ECR API, BatchDeleteImage: "If you remove the last tag from an image, the image is deleted".
    repository("last-tag")
    digest, text = push("last-tag", "v1"), manifest("last-tag", b"a layer")
    ecr().put_image(repositoryName="last-tag", imageManifest=text, imageTag="v2")
    gone = ecr().batch_delete_image(repositoryName="last-tag", imageIds=[{"imageTag": "v1"}])
    assert gone["imageIds"] == [{"imageDigest": digest, "imageTag": "v1"}], gone
    assert gone["failures"] == [], gone
    listed = ecr().list_images(repositoryName="last-tag")["imageIds"]
    assert listed == [{"imageDigest": digest, "imageTag": "v2"}], listed
    ecr().batch_delete_image(repositoryName="last-tag", imageIds=[{"imageTag": "v2"}])
    assert ecr().list_images(repositoryName="last-tag")["imageIds"] == []
    again = ecr().batch_delete_image(repositoryName="last-tag", imageIds=[{"imageTag": "v2"}])
    assert again["imageIds"] == [], again
    assert again["failures"][0]["failureCode"] == "ImageNotFound", again


@check
def an_image_is_deleted_by_digest_with_all_its_tags():
    repository("by-digest")
    digest, text = push("by-digest", "v1"), manifest("by-digest", b"a layer")
    ecr().put_image(repositoryName="by-digest", imageManifest=text, imageTag="v2")
    gone = ecr().batch_delete_image(repositoryName="by-digest", imageIds=[{"imageDigest": digest}])
    assert {one["imageDigest"] for one in gone["imageIds"]} == {digest}, gone
    assert gone["failures"] == [], gone
    assert ecr().list_images(repositoryName="by-digest")["imageIds"] == []


@check
def a_batch_tells_what_is_wrong_with_each_image_id():
    repository("batch-failures")
    push("batch-failures", "v1")
    code = {}
    for name, image in [("digest", {"imageDigest": "no-digest"}), ("none", {}),
                        ("other", {"imageTag": "v1", "imageDigest": "sha256:" + "0" * 64})]:
        answer = ecr().batch_delete_image(repositoryName="batch-failures", imageIds=[image])
        assert answer["imageIds"] == [], answer
        code[name] = answer["failures"][0]["failureCode"]
    assert code["digest"] == "InvalidImageDigest", code
    assert code["none"] == "MissingDigestAndTag", code
    assert code["other"] in ("ImageTagDoesNotMatchDigest", "ImageNotFound"), code


@check
def a_layer_is_uploaded_and_there():
    repository("layers")
    content = b"the bytes of a layer"
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    begun = ecr().initiate_layer_upload(repositoryName="layers")
    upload = begun["uploadId"]
    assert begun["partSize"] > 0, begun
    refused("InvalidLayerPartException", ecr().upload_layer_part, repositoryName="layers",
            uploadId=upload, partFirstByte=5, partLastByte=4 + len(content), layerPartBlob=content)
    part = ecr().upload_layer_part(repositoryName="layers", uploadId=upload, partFirstByte=0,
                                   partLastByte=len(content) - 1, layerPartBlob=content)
    assert part["lastByteReceived"] == len(content) - 1, part
    done = ecr().complete_layer_upload(repositoryName="layers", uploadId=upload,
                                       layerDigests=[digest])
    assert done["layerDigest"] == digest and done["uploadId"] == upload, done
    layers = ecr().batch_check_layer_availability(repositoryName="layers", layerDigests=[
        digest, "sha256:" + "0" * 64])["layers"]
    available = {one["layerDigest"]: one["layerAvailability"] for one in layers}
    assert available == {digest: "AVAILABLE", "sha256:" + "0" * 64: "UNAVAILABLE"}, layers
    assert layers[0].get("layerSize", layers[1].get("layerSize")) == len(content), layers


@check
def an_upload_must_have_been_begun():
    repository("no-upload")
    refused("UploadNotFoundException", ecr().complete_layer_upload, repositoryName="no-upload",
            uploadId="00000000-0000-0000-0000-000000000000", layerDigests=["sha256:" + "0" * 64])
    refused("RepositoryNotFoundException", ecr().initiate_layer_upload, repositoryName=GONE)


@check
def an_image_that_was_not_scanned_has_no_findings():
    repository("no-scan")
    push("no-scan", "v1")
    refused("ScanNotFoundException", ecr().describe_image_scan_findings, repositoryName="no-scan",
            imageId={"imageTag": "v1"})
    refused("ImageNotFoundException", ecr().describe_image_scan_findings, repositoryName="no-scan",
            imageId={"imageTag": "v9"})
    refused("ImageNotFoundException", ecr().start_image_scan, repositoryName="no-scan",
            imageId={"imageTag": "v9"})
    refused("RepositoryNotFoundException", ecr().start_image_scan, repositoryName=GONE,
            imageId={"imageTag": "v1"})


@check
def the_token_to_log_in_is_for_the_user_aws_and_lasts_12_hours():
    data = ecr().get_authorization_token()["authorizationData"]
    assert len(data) == 1, data
    user, password = base64.b64decode(data[0]["authorizationToken"]).decode().split(":", 1)
    assert user == "AWS" and password, user
    region = ecr().meta.region_name
    endpoint = f"https://{account()}.dkr.ecr.{region}.amazonaws.com"
    assert data[0]["proxyEndpoint"] == endpoint, data
    assert isinstance(data[0]["expiresAt"], datetime.datetime), data


@check
def a_registry_policy_is_put_read_and_deleted():
    code = "RegistryPolicyNotFoundException"
    refused(code, ecr().get_registry_policy)
    refused(code, ecr().delete_registry_policy)
    region = ecr().meta.region_name
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "replicate", "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account()}:root"},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": f"arn:aws:ecr:{region}:{account()}:repository/*"}]}
    put = ecr().put_registry_policy(policyText=json.dumps(policy))
    assert put["registryId"] == account(), put
    assert json.loads(ecr().get_registry_policy()["policyText"]) == policy
    gone = ecr().delete_registry_policy()
    assert json.loads(gone["policyText"]) == policy, gone
    refused(code, ecr().get_registry_policy)
    refused("InvalidParameterException", ecr().put_registry_policy, policyText="no JSON")


@check
def the_registry_replicates_where_it_is_told_to():
    region = ecr().meta.region_name
    before = ecr().describe_registry()
    assert before["registryId"] == account(), before
    assert before["replicationConfiguration"] == {"rules": []}, before
    to = "eu-central-1" if region != "eu-central-1" else "us-east-1"
    rules = {"rules": [{"destinations": [{"region": to, "registryId": account()}],
                        "repositoryFilters": [{"filter": "prod", "filterType": "PREFIX_MATCH"}]}]}
    put = ecr().put_replication_configuration(replicationConfiguration=rules)
    assert put["replicationConfiguration"] == rules, put
    assert ecr().describe_registry()["replicationConfiguration"] == rules
    ecr().put_replication_configuration(replicationConfiguration={"rules": []})
    assert ecr().describe_registry()["replicationConfiguration"] == {"rules": []}
    own = {"rules": [{"destinations": [{"region": region, "registryId": account()}]}]}
    refused("InvalidParameterException", ecr().put_replication_configuration,
            replicationConfiguration=own)


@check
def the_registry_scans_as_it_is_told_to():
    before = ecr().get_registry_scanning_configuration()
    assert before["registryId"] == account(), before
    assert before["scanningConfiguration"] == {"scanType": "BASIC", "rules": []}, before
    rules = [{"scanFrequency": "SCAN_ON_PUSH",
              "repositoryFilters": [{"filter": "prod-*", "filterType": "WILDCARD"}]}]
    put = ecr().put_registry_scanning_configuration(scanType="BASIC", rules=rules)
    assert put["registryScanningConfiguration"] == {"scanType": "BASIC", "rules": rules}, put
    after = ecr().get_registry_scanning_configuration()["scanningConfiguration"]
    assert after == {"scanType": "BASIC", "rules": rules}, after
    continuous = [{**rules[0], "scanFrequency": "CONTINUOUS_SCAN"}]
    refused("InvalidParameterException", ecr().put_registry_scanning_configuration,
            scanType="BASIC", rules=continuous)
    ecr().put_registry_scanning_configuration(scanType="BASIC", rules=[])


@check
def a_pull_through_cache_rule_is_created_read_and_deleted():
    made = ecr().create_pull_through_cache_rule(ecrRepositoryPrefix="cached",
                                                upstreamRegistryUrl="public.ecr.aws")
    assert made["ecrRepositoryPrefix"] == "cached" and made["registryId"] == account(), made
    assert made["upstreamRegistryUrl"] == "public.ecr.aws", made
    assert isinstance(made["createdAt"], datetime.datetime), made
    refused("PullThroughCacheRuleAlreadyExistsException", ecr().create_pull_through_cache_rule,
            ecrRepositoryPrefix="cached", upstreamRegistryUrl="public.ecr.aws")
    found = ecr().describe_pull_through_cache_rules(ecrRepositoryPrefixes=["cached"])
    found = found["pullThroughCacheRules"]
    assert len(found) == 1 and found[0]["upstreamRegistryUrl"] == "public.ecr.aws", found
    ecr().delete_pull_through_cache_rule(ecrRepositoryPrefix="cached")
    code = "PullThroughCacheRuleNotFoundException"
    refused(code, ecr().describe_pull_through_cache_rules, ecrRepositoryPrefixes=["cached"])
    refused(code, ecr().delete_pull_through_cache_rule, ecrRepositoryPrefix="cached")


@check
def a_repository_creation_template_is_created_updated_and_deleted():
    made = ecr().create_repository_creation_template(
        prefix="team", description="first", appliedFor=["PULL_THROUGH_CACHE"],
        imageTagMutability="IMMUTABLE", resourceTags=[{"Key": "team", "Value": "a"}])
    template = made["repositoryCreationTemplate"]
    assert made["registryId"] == account() and template["prefix"] == "team", made
    assert template["encryptionConfiguration"] == {"encryptionType": "AES256"}, made
    refused("TemplateAlreadyExistsException", ecr().create_repository_creation_template,
            prefix="team", appliedFor=["REPLICATION"])
    ecr().update_repository_creation_template(prefix="team", description="second")
    found = ecr().describe_repository_creation_templates(prefixes=["team"])
    found = found["repositoryCreationTemplates"][0]
    assert found["description"] == "second" and found["imageTagMutability"] == "IMMUTABLE", found
    ecr().delete_repository_creation_template(prefix="team")
    refused("TemplateNotFoundException", ecr().delete_repository_creation_template, prefix="team")


@check
def settings_of_the_account_are_read_and_put():
    name = "BASIC_SCAN_TYPE_VERSION"
    assert ecr().get_account_setting(name=name)["value"] == "AWS_NATIVE"
    put = ecr().put_account_setting(name=name, value="CLAIR")
    assert put == {**put, "name": name, "value": "CLAIR"}, put
    assert ecr().get_account_setting(name=name)["value"] == "CLAIR"
    ecr().put_account_setting(name=name, value="AWS_NATIVE")
    refused("InvalidParameterException", ecr().put_account_setting, name=name, value="GUESS")
