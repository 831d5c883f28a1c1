use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::State;
use crate::world::Span;

const GROUP: &str = "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:1:\
                     autoScalingGroupName/web";

fn create(more: Value) -> Value {
    let mut input = json!({
        "name": "web",
        "autoScalingGroupProvider": { "autoScalingGroupArn": GROUP },
    });
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    input
}

#[test]
fn a_provider_has_a_life() {
    let mut probe = Probe::with_delays(1);
    let _ = probe.call("ecs", "CreateCluster", json!({}));
    probe.pass(Span::minutes(5));
    let input = create(json!({ "tags": [{ "key": "a", "value": "b" }] }));
    let made = probe.ask("ecs", "CreateCapacityProvider", input.clone());
    let group = &made["capacityProvider"]["autoScalingGroupProvider"];
    assert_eq!(group["managedScaling"]["status"], "DISABLED");
    assert_eq!(group["managedDraining"], "ENABLED");
    assert_eq!(probe.refused("ecs", "CreateCapacityProvider", input), "ClientException");
    let put = json!({
        "cluster": "default",
        "capacityProviders": ["web"],
        "defaultCapacityProviderStrategy": [],
    });
    probe.ask("ecs", "PutClusterCapacityProviders", put);
    let delete = json!({ "capacityProvider": "web" });
    assert_eq!(probe.refused("ecs", "DeleteCapacityProvider", delete.clone()), "ClientException");
    probe.pass(Span::minutes(5));
    probe.ask("ecs", "DeleteCluster", json!({ "cluster": "default" }));
    probe.pass(Span::minutes(5));

    let update = json!({
        "name": "web",
        "autoScalingGroupProvider": { "managedScaling": { "targetCapacity": 50 } },
    });
    let updated = probe.ask("ecs", "UpdateCapacityProvider", update.clone());
    assert_eq!(updated["capacityProvider"]["updateStatus"], "UPDATE_IN_PROGRESS");
    assert_eq!(probe.refused("ecs", "UpdateCapacityProvider", update), "UpdateInProgressException");
    probe.pass(Span::minutes(5));
    probe.ask("ecs", "DeleteCapacityProvider", delete.clone());
    probe.pass(Span::minutes(5));
    let described = probe.ask("ecs", "DescribeCapacityProviders", json!({}));
    assert_eq!(described["capacityProviders"][2]["status"], "INACTIVE");
    assert_eq!(probe.refused("ecs", "DeleteCapacityProvider", delete), "ClientException");
    probe.pass(Span::minutes(120));
    assert_eq!(probe.world.site("us-east-1").region().ecs, State::default());
}

#[test]
fn what_cannot_be_is_refused() {
    let mut probe = Probe::new();
    let _ = probe.call("ecs", "CreateCluster", json!({}));
    let protection = json!({
        "autoScalingGroupArn": GROUP,
        "managedTerminationProtection": "ENABLED",
    });
    let capacity =
        json!({ "autoScalingGroupArn": GROUP, "managedScaling": { "targetCapacity": 101 } });
    for (more, code) in [
        (json!({ "name": "ecs-web" }), "InvalidParameterException"),
        (json!({ "name": "a b" }), "InvalidParameterException"),
        (json!({ "autoScalingGroupProvider": null }), "InvalidParameterException"),
        (json!({ "autoScalingGroupProvider": protection }), "InvalidParameterException"),
        (json!({ "autoScalingGroupProvider": capacity }), "InvalidParameterException"),
    ] {
        let input = create(more);
        assert_eq!(probe.refused("ecs", "CreateCapacityProvider", input.clone()), code, "{input}");
    }
    let delete = json!({ "capacityProvider": "FARGATE" });
    assert_eq!(probe.refused("ecs", "DeleteCapacityProvider", delete), "ClientException");
}
