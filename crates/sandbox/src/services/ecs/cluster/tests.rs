use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::State;
use crate::world::Span;

/// An account that has used ECS before, so that its service-linked role is there.
fn used() -> Probe {
    let mut probe = Probe::with_delays(1);
    let _ = probe.call("ecs", "CreateCluster", json!({}));
    probe.ask("ecs", "DeleteCluster", json!({ "cluster": "default" }));
    probe.pass(Span::minutes(120));
    probe
}

fn status(probe: &mut Probe, name: &str) -> Value {
    let described = probe.ask("ecs", "DescribeClusters", json!({ "clusters": [name] }));
    described["clusters"][0]["status"].clone()
}

#[test]
fn a_plain_cluster_is_active_at_once_and_answers_the_same_call_again() {
    let mut probe = used();
    let made = probe.ask("ecs", "CreateCluster", json!({ "clusterName": "one" }));
    let cluster = &made["cluster"];
    assert_eq!(cluster["status"], "ACTIVE");
    assert_eq!(cluster["clusterArn"], "arn:aws:ecs:us-east-1:111122223333:cluster/one");
    assert_eq!(cluster["settings"], json!([{ "name": "containerInsights", "value": "disabled" }]));
    assert_eq!(probe.ask("ecs", "CreateCluster", json!({ "clusterName": "one" })), made);
    let other = json!({
        "clusterName": "one",
        "settings": [{ "name": "containerInsights", "value": "enabled" }],
    });
    assert_eq!(probe.refused("ecs", "CreateCluster", other), "InvalidParameterException");
    probe.ask("ecs", "DeleteCluster", json!({ "cluster": "one" }));
    assert_eq!(status(&mut probe, "one"), "INACTIVE");
    let again = json!({ "cluster": "one" });
    assert_eq!(probe.refused("ecs", "DeleteCluster", again), "ClusterNotFoundException");
    probe.pass(Span::minutes(120));
    assert_eq!(probe.world.site("us-east-1").region().ecs, State::default());
}

#[test]
fn attachments_take_time_to_come_and_to_go() {
    let mut probe = used();
    let input = json!({
        "clusterName": "one",
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [{ "capacityProvider": "FARGATE", "weight": 1 }],
    });
    let made = probe.ask("ecs", "CreateCluster", input);
    assert_eq!(made["cluster"]["status"], "PROVISIONING");
    assert_eq!(made["cluster"]["attachmentsStatus"], "UPDATE_IN_PROGRESS");
    let strategy = json!([{ "capacityProvider": "FARGATE", "weight": 1, "base": 0 }]);
    assert_eq!(made["cluster"]["defaultCapacityProviderStrategy"], strategy);
    let delete = json!({ "cluster": "one" });
    assert_eq!(probe.refused("ecs", "DeleteCluster", delete.clone()), "UpdateInProgressException");
    probe.pass(Span::minutes(1));
    assert_eq!(status(&mut probe, "one"), "ACTIVE");
    let put = json!({
        "cluster": "one",
        "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [],
    });
    probe.ask("ecs", "PutClusterCapacityProviders", put.clone());
    let busy = probe.refused("ecs", "PutClusterCapacityProviders", put);
    assert_eq!(busy, "UpdateInProgressException");
    probe.pass(Span::minutes(1));
    let deleted = probe.ask("ecs", "DeleteCluster", delete);
    assert_eq!(deleted["cluster"]["status"], "DEPROVISIONING");
    probe.pass(Span::minutes(1));
    assert_eq!(status(&mut probe, "one"), "INACTIVE");
    probe.pass(Span::minutes(120));
    assert_eq!(probe.world.site("us-east-1").region().ecs, State::default());
}

#[test]
fn details_are_shown_on_request() {
    let mut probe = used();
    let log = json!({ "cloudWatchLogGroupName": "commands" });
    let input = json!({
        "clusterName": "one",
        "tags": [{ "key": "a", "value": "b" }],
        "configuration": {
            "executeCommandConfiguration": { "logging": "OVERRIDE", "logConfiguration": log },
        },
    });
    probe.ask("ecs", "CreateCluster", input);
    let described = probe.ask("ecs", "DescribeClusters", json!({ "clusters": ["one", "two"] }));
    let cluster = &described["clusters"][0];
    assert_eq!((&cluster["tags"], &cluster["settings"]), (&json!([]), &json!([])));
    assert_eq!(cluster["configuration"], Value::Null);
    let missing = "arn:aws:ecs:us-east-1:111122223333:cluster/two";
    assert_eq!(described["failures"], json!([{ "arn": missing, "reason": "MISSING" }]));
    let include = ["TAGS", "SETTINGS", "CONFIGURATIONS", "STATISTICS", "ATTACHMENTS"];
    let input = json!({ "clusters": ["one"], "include": include });
    let described = probe.ask("ecs", "DescribeClusters", input);
    let cluster = &described["clusters"][0];
    assert_eq!(cluster["tags"], json!([{ "key": "a", "value": "b" }]));
    let log = &cluster["configuration"]["executeCommandConfiguration"]["logConfiguration"];
    assert_eq!(log["cloudWatchEncryptionEnabled"], false);
    assert_eq!(cluster["statistics"].as_array().map(Vec::len), Some(8));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut probe = used();
    let fargate = || json!(["FARGATE", "FARGATE_SPOT"]);
    let two_bases = json!([
        { "capacityProvider": "FARGATE", "base": 1 },
        { "capacityProvider": "FARGATE_SPOT", "base": 1 },
    ]);
    let strategy = json!([{ "capacityProvider": "FARGATE" }]);
    let execute = |logging: &str, log: Value| {
        let execute = json!({ "logging": logging, "logConfiguration": log });
        json!({ "configuration": { "executeCommandConfiguration": execute } })
    };
    for input in [
        json!({ "clusterName": "a.b" }),
        json!({ "clusterName": "a".repeat(256) }),
        json!({ "settings": [{ "name": "colour", "value": "red" }] }),
        json!({ "settings": [{ "name": "containerInsights", "value": "on" }] }),
        json!({ "capacityProviders": ["nobody"] }),
        json!({ "defaultCapacityProviderStrategy": strategy }),
        json!({ "capacityProviders": fargate(), "defaultCapacityProviderStrategy": two_bases }),
        json!({ "tags": [{ "key": "aws:a", "value": "b" }] }),
        json!({ "colour": "red" }),
        execute("OVERRIDE", Value::Null),
        execute("NONE", json!({ "s3BucketName": "b" })),
    ] {
        let code = probe.refused("ecs", "CreateCluster", input.clone());
        assert_eq!(code, "InvalidParameterException", "{input}");
    }
    for operation in ["DeleteCluster", "UpdateCluster", "ListContainerInstances"] {
        let code = probe.refused("ecs", operation, json!({ "cluster": "nobody" }));
        assert_eq!(code, "ClusterNotFoundException", "{operation}");
    }
    let many: Vec<String> = (0..101).map(|number| format!("c{number}")).collect();
    let code = probe.refused("ecs", "DescribeClusters", json!({ "clusters": many }));
    assert_eq!(code, "InvalidParameterException");
}

#[test]
fn clusters_are_listed_in_pages() {
    let mut probe = used();
    for name in ["a", "b", "c"] {
        probe.ask("ecs", "CreateCluster", json!({ "clusterName": name }));
    }
    let first = probe.ask("ecs", "ListClusters", json!({ "maxResults": 2 }));
    assert_eq!(first["clusterArns"].as_array().map(Vec::len), Some(2));
    let rest = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let rest = probe.ask("ecs", "ListClusters", rest);
    assert_eq!(
        (rest["clusterArns"].as_array().map(Vec::len), &rest["nextToken"]),
        (Some(1), &Value::Null)
    );
    for input in [json!({ "maxResults": 101 }), json!({ "nextToken": "nonsense" })] {
        assert_eq!(probe.refused("ecs", "ListClusters", input), "InvalidParameterException");
    }
}

#[test]
fn a_service_connect_namespace_is_attached() {
    let mut probe = used();
    probe.ask("ecs", "CreateCluster", json!({ "clusterName": "one" }));
    let input = json!({ "cluster": "one", "serviceConnectDefaults": { "namespace": "inner" } });
    let updated = probe.ask("ecs", "UpdateCluster", input.clone());
    assert_eq!(updated["cluster"]["attachments"][0]["type"], "sc");
    let arn = updated["cluster"]["serviceConnectDefaults"]["namespace"].clone();
    assert!(arn.as_str().is_some_and(|arn| arn.contains(":namespace/ns-")), "{arn}");
    probe.pass(Span::minutes(1));
    let same = probe.ask("ecs", "UpdateCluster", input);
    assert_eq!(same["cluster"]["serviceConnectDefaults"]["namespace"], arn);
    assert_eq!(same["cluster"]["attachments"][0]["status"], "ATTACHED");
}

#[test]
fn tags_are_changed_by_arn() {
    let mut probe = used();
    let made = probe.ask("ecs", "CreateCluster", json!({ "clusterName": "one" }));
    let arn = made["cluster"]["clusterArn"].clone();
    let tags = json!([{ "key": "a", "value": "1" }, { "key": "b", "value": "2" }]);
    probe.ask("ecs", "TagResource", json!({ "resourceArn": arn, "tags": tags }));
    probe.ask("ecs", "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] }));
    let listed = probe.ask("ecs", "ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(listed["tags"], json!([{ "key": "b", "value": "2" }]));
    for (arn, code) in [
        ("arn:aws:ecs:us-east-1:111122223333:cluster/nobody", "ClusterNotFoundException"),
        ("arn:aws:ecs:us-east-1:111122223333:task-definition/a:1", "ResourceNotFoundException"),
        ("one", "InvalidParameterException"),
    ] {
        let code_is = probe.refused("ecs", "ListTagsForResource", json!({ "resourceArn": arn }));
        assert_eq!(code_is, code, "{arn}");
    }
}
