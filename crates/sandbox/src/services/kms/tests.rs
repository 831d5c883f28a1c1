//! Tests of keys.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::world::Span;

fn key(probe: &mut Probe) -> Value {
    probe.ask("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone()
}

#[test]
fn a_key_is_deleted_after_its_window_with_its_aliases() {
    let mut probe = Probe::new();
    let id = key(&mut probe);
    let alias = json!({ "AliasName": "alias/web", "TargetKeyId": id });
    probe.ask("kms", "CreateAlias", alias.clone());
    assert_eq!(probe.refused("kms", "CreateAlias", alias), "AlreadyExistsException");
    let described = probe.ask("kms", "DescribeKey", json!({ "KeyId": "alias/web" }));
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
    let schedule = json!({ "KeyId": id, "PendingWindowInDays": 7 });
    probe.ask("kms", "ScheduleKeyDeletion", schedule.clone());
    assert_eq!(probe.refused("kms", "ScheduleKeyDeletion", schedule), "KMSInvalidStateException");
    probe.pass(Span::minutes(7 * 24 * 60 - 1));
    assert!(!probe.world.is_pristine());
    probe.pass(Span::minutes(1));
    assert!(probe.world.is_pristine());
}

#[test]
fn a_key_that_is_kept_after_all_is_disabled() {
    let mut probe = Probe::new();
    let id = key(&mut probe);
    probe.ask("kms", "ScheduleKeyDeletion", json!({ "KeyId": id }));
    probe.ask("kms", "CancelKeyDeletion", json!({ "KeyId": id }));
    probe.pass(Span::minutes(31 * 24 * 60));
    let described = probe.ask("kms", "DescribeKey", json!({ "KeyId": id }));
    assert_eq!(described["KeyMetadata"]["KeyState"], "Disabled");
    let refused = probe.refused("kms", "EnableKeyRotation", json!({ "KeyId": id }));
    assert_eq!(refused, "DisabledException");
    assert_eq!(
        probe.refused("kms", "DescribeKey", json!({ "KeyId": "gone" })),
        "NotFoundException"
    );
}
