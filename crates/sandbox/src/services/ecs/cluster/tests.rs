use serde_json::json;

use crate::probe::Probe;
use crate::world::Span;

#[test]
fn a_plain_cluster_is_active_at_once_and_answers_the_same_call_again() {
    let mut probe = Probe::with_delays(1);
    let made = probe.ask("ecs", "CreateCluster", json!({ "clusterName": "one" }));
    let cluster = &made["cluster"];
    assert_eq!(cluster["status"], "ACTIVE");
    assert_eq!(cluster["clusterArn"], "arn:aws:ecs:us-east-1:111122223333:cluster/one");
    assert_eq!(cluster["settings"], json!([{ "name": "containerInsights", "value": "disabled" }]));
    assert_eq!(probe.ask("ecs", "CreateCluster", json!({ "clusterName": "one" })), made);
    let _ = Span::seconds(1);
}
