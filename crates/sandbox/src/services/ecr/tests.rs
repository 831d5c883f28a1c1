//! Tests of the registry.

use serde_json::{Value, json};

use super::pull::pull;
use crate::probe::Probe;
use crate::world::Span;

const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:aa","size":7},"layers":[{"digest":"sha256:bb","size":35}]}"#;

fn with_repository() -> Probe {
    let mut probe = Probe::new();
    probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "web" }));
    probe
}

fn push(probe: &mut Probe, manifest: &str, tag: &str) -> Result<Value, (String, String)> {
    let input = json!({ "repositoryName": "web", "imageManifest": manifest, "imageTag": tag });
    probe.call("ecr", "PutImage", input)
}

#[test]
fn a_new_repository_has_the_defaults_of_ecr() {
    let mut probe = Probe::new();
    let made = probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "a/web" }));
    let repository = &made["repository"];
    assert_eq!(repository["repositoryUri"], "111122223333.dkr.ecr.us-east-1.amazonaws.com/a/web");
    assert_eq!(repository["imageTagMutability"], "MUTABLE");
    assert_eq!(repository["imageScanningConfiguration"], json!({ "scanOnPush": false }));
    assert_eq!(repository["encryptionConfiguration"], json!({ "encryptionType": "AES256" }));
    let described = probe.ask("ecr", "DescribeRepositories", json!({}));
    assert_eq!(described["repositories"][0], *repository);
    probe.ask("ecr", "DeleteRepository", json!({ "repositoryName": "a/web" }));
    assert!(probe.world.is_pristine());
}

#[test]
fn repositories_are_refused_as_by_ecr() {
    let mut probe = with_repository();
    let eight = json!([{ "filterType": "WILDCARD", "filter": "dev*" }]);
    for (input, code) in [
        (json!({ "repositoryName": "web" }), "RepositoryAlreadyExistsException"),
        (json!({ "repositoryName": "Web" }), "InvalidParameterException"),
        (json!({ "repositoryName": "a" }), "InvalidParameterException"),
        (json!({ "repositoryName": "a//b" }), "InvalidParameterException"),
        (json!({ "repositoryName": "a-" }), "InvalidParameterException"),
        (json!({ "repositoryName": "a.-b" }), "InvalidParameterException"),
        (json!({ "repositoryName": "ab", "colour": "red" }), "InvalidParameterException"),
        (
            json!({ "repositoryName": "ab", "tags": [{ "Key": "aws:x", "Value": "" }] }),
            "InvalidTagParameterException",
        ),
        (
            json!({ "repositoryName": "ab", "imageTagMutability": "IMMUTABLE",
                    "imageTagMutabilityExclusionFilters": eight }),
            "InvalidParameterException",
        ),
        (
            json!({ "repositoryName": "ab", "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION" }),
            "InvalidParameterException",
        ),
    ] {
        assert_eq!(probe.refused("ecr", "CreateRepository", input.clone()), code, "{input}");
    }
    let missing = json!({ "repositoryNames": ["web", "gone"] });
    let code = probe.refused("ecr", "DescribeRepositories", missing);
    assert_eq!(code, "RepositoryNotFoundException");
}

#[test]
fn tags_move_only_where_they_may() {
    let other = MANIFEST.replace("35", "36");
    for (mutability, filter, tag, moves) in [
        ("MUTABLE", None, "v1", true),
        ("IMMUTABLE", None, "v1", false),
        ("IMMUTABLE_WITH_EXCLUSION", Some("v*"), "v1", true),
        ("IMMUTABLE_WITH_EXCLUSION", Some("w*"), "v1", false),
        ("MUTABLE_WITH_EXCLUSION", Some("v*"), "v1", false),
        ("MUTABLE_WITH_EXCLUSION", Some("*2"), "v1", true),
    ] {
        let mut probe = with_repository();
        let filter = filter.map(|filter| json!([{ "filterType": "WILDCARD", "filter": filter }]));
        let mut input = json!({ "repositoryName": "web", "imageTagMutability": mutability });
        if let Some(filter) = filter {
            input["imageTagMutabilityExclusionFilters"] = filter;
        }
        probe.ask("ecr", "PutImageTagMutability", input);
        push(&mut probe, MANIFEST, tag).expect("a first image");
        let again = push(&mut probe, MANIFEST, tag).expect_err("the same again");
        assert_eq!(again.0, "ImageAlreadyExistsException");
        match push(&mut probe, &other, tag) {
            Ok(_) => assert!(moves, "{mutability} {tag}"),
            Err((code, _)) => {
                assert!(!moves, "{mutability} {tag}");
                assert_eq!(code, "ImageTagAlreadyExistsException");
            }
        }
    }
}

#[test]
fn an_image_goes_with_its_last_tag() {
    let mut probe = with_repository();
    push(&mut probe, MANIFEST, "a").expect("an image");
    push(&mut probe, MANIFEST, "b").expect("another tag");
    let images = probe.ask("ecr", "DescribeImages", json!({ "repositoryName": "web" }));
    assert_eq!(images["imageDetails"][0]["imageTags"], json!(["a", "b"]));
    assert_eq!(images["imageDetails"][0]["imageSizeInBytes"], 42);
    let code = probe.refused("ecr", "DeleteRepository", json!({ "repositoryName": "web" }));
    assert_eq!(code, "RepositoryNotEmptyException");
    for (tag, left) in [("a", 1), ("b", 0)] {
        let input = json!({ "repositoryName": "web", "imageIds": [{ "imageTag": tag }] });
        let gone = probe.ask("ecr", "BatchDeleteImage", input);
        assert_eq!(gone["imageIds"][0]["imageTag"], tag);
        let list = probe.ask("ecr", "ListImages", json!({ "repositoryName": "web" }));
        assert_eq!(list["imageIds"].as_array().map(Vec::len), Some(left));
    }
    let input = json!({ "repositoryName": "web", "imageIds": [{ "imageTag": "a" }] });
    let failed = probe.ask("ecr", "BatchGetImage", input.clone());
    assert_eq!(failed["failures"][0]["failureCode"], "ImageNotFound");
    assert_eq!(probe.refused("ecr", "DescribeImages", input), "ImageNotFoundException");
}

#[test]
fn lifecycle_policies_are_checked() {
    let mut probe = with_repository();
    let code = probe.refused("ecr", "GetLifecyclePolicy", json!({ "repositoryName": "web" }));
    assert_eq!(code, "LifecyclePolicyNotFoundException");
    let expire = json!({ "type": "expire" });
    let any = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5 });
    let old = json!({ "tagStatus": "untagged", "countType": "sinceImagePushed",
                      "countUnit": "days", "countNumber": 14 });
    let with = |base: &Value, key: &str, value: Value| {
        let mut changed = base.clone();
        changed[key] = value;
        changed
    };
    let rule = |priority: u64, selection: &Value| json!({ "rulePriority": priority, "selection": selection, "action": expire });
    for (rules, good) in [
        (json!([rule(1, &old), rule(2, &any)]), true),
        (json!([rule(1, &any), rule(2, &old)]), false),
        (json!([rule(1, &old), rule(1, &any)]), false),
        (json!([rule(0, &any)]), false),
        (json!([]), false),
        (json!([rule(1, &with(&any, "countUnit", json!("days")))]), false),
        (json!([rule(1, &with(&any, "countNumber", json!(0)))]), false),
        (json!([rule(1, &with(&any, "tagStatus", json!("tagged")))]), false),
        (json!([rule(1, &with(&any, "tagPrefixList", json!(["v"])))]), false),
        (json!([rule(1, &with(&any, "colour", json!("red")))]), false),
        (json!([rule(1, &with(&any, "countUnit", Value::Null))]), false),
    ] {
        let text = json!({ "rules": rules }).to_string();
        let input = json!({ "repositoryName": "web", "lifecyclePolicyText": text });
        let put = probe.call("ecr", "PutLifecyclePolicy", input);
        match put {
            Ok(_) => assert!(good, "{text}"),
            Err((code, message)) => {
                assert!(!good, "{text}: {message}");
                assert_eq!(code, "InvalidParameterException");
                assert!(message.contains("'LifecyclePolicyText'"), "{message}");
            }
        }
    }
    let kept = probe.ask("ecr", "GetLifecyclePolicy", json!({ "repositoryName": "web" }));
    assert!(kept["lifecyclePolicyText"].as_str().is_some_and(|text| text.contains("any")));
}

#[test]
fn repository_policies_are_checked_and_laid_out_anew() {
    let mut probe = with_repository();
    let code = probe.refused("ecr", "GetRepositoryPolicy", json!({ "repositoryName": "web" }));
    assert_eq!(code, "RepositoryPolicyNotFoundException");
    let good = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "AWS": "111122223333" }, "Action": "ecr:BatchGetImage" }] });
    let mut resource = good.clone();
    resource["Statement"][0]["Resource"] = json!("*");
    let mut action = good.clone();
    action["Statement"][0]["Action"] = json!("s3:*");
    let mut principal = good.clone();
    principal["Statement"][0]["Principal"] = json!({ "AWS": "nobody" });
    for text in [resource, action, principal, json!({})].iter().map(Value::to_string) {
        let input = json!({ "repositoryName": "web", "policyText": text });
        let code = probe.refused("ecr", "SetRepositoryPolicy", input);
        assert_eq!(code, "InvalidParameterException", "{text}");
    }
    let input = json!({ "repositoryName": "web", "policyText": good.to_string() });
    let set = probe.ask("ecr", "SetRepositoryPolicy", input);
    let text = set["policyText"].as_str().expect("a text");
    assert!(text.starts_with("{\n  \"Version\" : "), "{text}");
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), good);
}

#[test]
fn own_images_must_exist_to_be_pulled() {
    let mut probe = with_repository();
    let pushed = push(&mut probe, MANIFEST, "latest").expect("an image");
    let digest = pushed["image"]["imageId"]["imageDigest"].as_str().expect("a digest").to_owned();
    let site = probe.world.site("us-east-1");
    let own = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web";
    for reference in ["", ":latest", &format!("@{digest}"), &format!(":x@{digest}")] {
        assert_eq!(pull(&site, &format!("{own}{reference}")), Ok(digest.clone()), "{reference}");
    }
    let words = pull(&site, &format!("{own}:v2")).expect_err("no image");
    let start = "CannotPullContainerError: pull image manifest has been retried 1 time(s): ";
    assert!(words.starts_with(start) && words.ends_with("web:v2: not found"), "{words}");
    assert!(pull(&site, &own.replace("/web", "/gone")).is_err());
    assert!(pull(&site, &own.replace("us-east-1", "eu-west-1")).is_err());
    assert_ne!(pull(&site, "nginx"), pull(&site, "nginx:1"));
    assert!(pull(&site, "nginx").is_ok());
}

#[test]
fn scans_take_time_and_are_rationed() {
    let mut probe = Probe::with_delays(1);
    probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "web" }));
    push(&mut probe, MANIFEST, "a").expect("an image");
    let image = json!({ "repositoryName": "web", "imageId": { "imageTag": "a" } });
    let code = probe.refused("ecr", "DescribeImageScanFindings", image.clone());
    assert_eq!(code, "ScanNotFoundException");
    probe.ask("ecr", "StartImageScan", image.clone());
    let status = |probe: &mut Probe| {
        let found = probe.ask("ecr", "DescribeImageScanFindings", image.clone());
        found["imageScanStatus"]["status"].as_str().map(str::to_owned)
    };
    assert_eq!(status(&mut probe).as_deref(), Some("IN_PROGRESS"));
    probe.pass(Span::minutes(10));
    assert_eq!(status(&mut probe).as_deref(), Some("COMPLETE"));
    assert_eq!(probe.refused("ecr", "StartImageScan", image), "LimitExceededException");
}

#[test]
fn a_layer_is_uploaded_in_parts_that_follow_each_other() {
    let mut probe = with_repository();
    let upload = probe.ask("ecr", "InitiateLayerUpload", json!({ "repositoryName": "web" }));
    let id = upload["uploadId"].clone();
    let part = |first: u64, last: u64, blob: &str| {
        json!({ "repositoryName": "web", "uploadId": id, "partFirstByte": first,
                "partLastByte": last, "layerPartBlob": blob })
    };
    let digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let complete =
        |digest: &str| json!({ "repositoryName": "web", "uploadId": id, "layerDigests": [digest] });
    let code = probe.refused("ecr", "CompleteLayerUpload", complete(digest));
    assert_eq!(code, "EmptyUploadException");
    probe.ask("ecr", "UploadLayerPart", part(0, 1, "YWI="));
    let code = probe.refused("ecr", "UploadLayerPart", part(3, 3, "Yw=="));
    assert_eq!(code, "InvalidLayerPartException");
    probe.ask("ecr", "UploadLayerPart", part(2, 2, "Yw=="));
    let code = probe.refused("ecr", "CompleteLayerUpload", complete("sha256:00"));
    assert_eq!(code, "InvalidLayerException");
    probe.ask("ecr", "CompleteLayerUpload", complete(digest));
    let check = json!({ "repositoryName": "web", "layerDigests": [digest, "sha256:00"] });
    let layers = probe.ask("ecr", "BatchCheckLayerAvailability", check);
    assert_eq!(layers["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(layers["layers"][1]["layerAvailability"], "UNAVAILABLE");
}

#[test]
fn a_creation_template_keeps_what_an_update_does_not_say() {
    let mut probe = Probe::new();
    let input = json!({ "prefix": "team", "appliedFor": ["PULL_THROUGH_CACHE"],
        "description": "a", "imageTagMutability": "IMMUTABLE" });
    probe.ask("ecr", "CreateRepositoryCreationTemplate", input.clone());
    let code = probe.refused("ecr", "CreateRepositoryCreationTemplate", input);
    assert_eq!(code, "TemplateAlreadyExistsException");
    let update = json!({ "prefix": "team", "description": "b" });
    let updated = probe.ask("ecr", "UpdateRepositoryCreationTemplate", update);
    let template = &updated["repositoryCreationTemplate"];
    assert_eq!(template["description"], "b");
    assert_eq!(template["imageTagMutability"], "IMMUTABLE");
    probe.ask("ecr", "DeleteRepositoryCreationTemplate", json!({ "prefix": "team" }));
    assert!(probe.world.is_pristine());
}
