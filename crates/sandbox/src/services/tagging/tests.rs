//! Tests of the index and of what is asked of it.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::Region;
use crate::world::Span;

fn arns(probe: &mut Probe, input: Value) -> Vec<String> {
    let found = probe.ask("tagging", "GetResources", input);
    let list = found["ResourceTagMappingList"].as_array().expect("a list");
    list.iter().filter_map(|one| one["ResourceARN"].as_str()).map(str::to_owned).collect()
}

fn group(probe: &mut Probe, name: &str, stage: &str) {
    let input = json!({ "logGroupName": name, "tags": { "stage": stage } });
    probe.ask("logs", "CreateLogGroup", input);
}

#[test]
fn the_index_lags_and_shows_ghosts() {
    let mut probe = Probe::with_delays(3);
    group(&mut probe, "web", "prod");
    assert!(arns(&mut probe, json!({})).is_empty(), "a new thing comes late");
    probe.pass(Span::minutes(1));
    assert_eq!(arns(&mut probe, json!({})).len(), 1);
    let untag = json!({ "logGroupName": "web", "tags": ["stage"] });
    probe.ask("logs", "UntagLogGroup", untag);
    probe.pass(Span::minutes(1));
    let found = probe.ask("tagging", "GetResources", json!({}));
    assert_eq!(found["ResourceTagMappingList"][0]["Tags"], json!([]), "previously tagged");
    probe.ask("logs", "DeleteLogGroup", json!({ "logGroupName": "web" }));
    probe.pass(Span::minutes(30));
    assert_eq!(arns(&mut probe, json!({})).len(), 1, "a deleted thing stays");
    probe.pass(Span::minutes(4 * 60));
    assert!(arns(&mut probe, json!({})).is_empty());
    assert!(probe.world.is_pristine());
}

#[test]
fn without_delays_there_is_neither_lag_nor_ghost() {
    let mut probe = Probe::new();
    group(&mut probe, "web", "prod");
    assert_eq!(arns(&mut probe, json!({})).len(), 1);
    probe.ask("logs", "DeleteLogGroup", json!({ "logGroupName": "web" }));
    assert!(arns(&mut probe, json!({})).is_empty());
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn filters_narrow_and_pages_add_up() {
    let mut probe = Probe::new();
    for (name, stage) in [("a", "prod"), ("b", "test"), ("c", "dev")] {
        group(&mut probe, name, stage);
    }
    let tags = json!([{ "Key": "x", "Value": "y" }]);
    let repository = json!({ "repositoryName": "web", "tags": tags });
    probe.ask("ecr", "CreateRepository", repository);
    let stages = |values: Value| json!({ "TagFilters": [{ "Key": "stage", "Values": values }] });
    for (input, count) in [
        (json!({}), 4),
        (stages(json!([])), 3),
        (stages(json!(["prod", "dev"])), 2),
        (json!({ "TagFilters": [{ "Key": "stage" }, { "Key": "x" }] }), 0),
        (json!({ "ResourceTypeFilters": ["ecr"] }), 1),
        (json!({ "ResourceTypeFilters": ["logs:log-group", "ecr:repository"] }), 4),
        (json!({ "ResourceTypeFilters": ["logs:log"] }), 0),
        (json!({ "ResourceTypeFilters": ["ec2"] }), 0),
        (json!({ "ResourceARNList": ["arn:aws:logs:us-east-1:111122223333:log-group:a"] }), 1),
        (json!({ "IncludeComplianceDetails": true, "ExcludeCompliantResources": true }), 0),
    ] {
        assert_eq!(arns(&mut probe, input.clone()).len(), count, "{input}");
    }
    let first = probe.ask("tagging", "GetResources", json!({ "ResourcesPerPage": 3 }));
    let token = first["PaginationToken"].clone();
    let next = json!({ "ResourcesPerPage": 3, "PaginationToken": token });
    assert_eq!(arns(&mut probe, next.clone()).len(), 1);
    assert_eq!(probe.ask("tagging", "GetResources", next)["PaginationToken"], "");
    let keys = probe.ask("tagging", "GetTagKeys", json!({}));
    assert_eq!(keys["TagKeys"], json!(["stage", "x"]));
    let values = probe.ask("tagging", "GetTagValues", json!({ "Key": "stage" }));
    assert_eq!(values["TagValues"], json!(["dev", "prod", "test"]));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let mut probe = Probe::new();
    let list = json!(["arn:aws:ecr:us-east-1:111122223333:repository/web"]);
    for input in [
        json!({ "ResourceARNList": list, "TagFilters": [{ "Key": "a" }] }),
        json!({ "ResourceARNList": list, "ResourcesPerPage": 5 }),
        json!({ "ResourceARNList": ["web"] }),
        json!({ "ResourcesPerPage": 0 }),
        json!({ "ResourcesPerPage": 101 }),
        json!({ "TagsPerPage": 99 }),
        json!({ "PaginationToken": "x" }),
        json!({ "TagFilters": [{ "Values": ["a"] }] }),
        json!({ "ExcludeCompliantResources": true }),
        json!({ "ResourceTypeFilters": ["a b"] }),
    ] {
        let code = probe.refused("tagging", "GetResources", input.clone());
        assert_eq!(code, "InvalidParameterException", "{input}");
    }
}

#[test]
fn services_are_asked_to_tag_what_is_theirs() {
    let mut probe = Probe::new();
    group(&mut probe, "web", "prod");
    probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "web" }));
    let arn =
        |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:111122223333:{rest}");
    let (log_group, repository) = (arn("logs", "log-group:web"), arn("ecr", "repository/web"));
    let gone = arn("ecr", "repository/gone");
    let list = json!([log_group, repository, gone]);
    let tagged = json!({ "ResourceARNList": list, "Tags": { "team": "a" } });
    let failed = probe.ask("tagging", "TagResources", tagged)["FailedResourcesMap"].clone();
    assert_eq!(failed.as_object().map(serde_json::Map::len), Some(1), "{failed}");
    assert_eq!(failed[&gone]["ErrorCode"], "RepositoryNotFoundException");
    let filter = json!({ "TagFilters": [{ "Key": "team", "Values": ["a"] }] });
    assert_eq!(arns(&mut probe, filter.clone()).len(), 2);
    let untag = json!({ "ResourceARNList": [log_group, repository], "TagKeys": ["team"] });
    let failed = probe.ask("tagging", "UntagResources", untag)["FailedResourcesMap"].clone();
    assert_eq!(failed, json!({}));
    assert!(arns(&mut probe, filter).is_empty());
}

#[test]
fn a_region_is_the_same_after_it_was_written_down() {
    let mut probe = Probe::with_delays(1);
    group(&mut probe, "web", "prod");
    let tags = json!([{ "Key": "a", "Value": "b" }]);
    probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "web", "tags": tags }));
    let image = json!({ "repositoryName": "web", "imageManifest": "{}", "imageTag": "a" });
    probe.ask("ecr", "PutImage", image);
    let request = json!({ "DomainName": "example.org", "IdempotencyToken": "a", "Tags": tags });
    probe.ask("acm", "RequestCertificate", request);
    probe.ask("kms", "CreateKey", json!({}));
    probe.pass(Span::minutes(1));
    let region = &probe.world.regions["us-east-1"];
    let written = serde_json::to_string(region).expect("JSON");
    assert_eq!(serde_json::from_str::<Region>(&written).expect("a region"), *region);
}
