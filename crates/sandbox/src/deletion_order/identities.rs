//! What holds roles, policies, users and groups.

use serde_json::{Value, json};

use super::{Case, text};
use crate::probe::Probe;

const DELETE_ROLE: &str = "IAM API, DeleteRole: it must have no policies and no instance profile";
const DELETE_POLICY: &str = "IAM API, DeletePolicy: detach it and delete its other versions first";
const DELETE_USER: &str = "IAM API, DeleteUser: delete what belongs to the user first";

pub(super) fn cases() -> Vec<Case> {
    let conflict = "DeleteConflict";
    vec![
        Case {
            pair: ("a role", "an attached policy"),
            source: DELETE_ROLE,
            code: conflict,
            make: |probe| {
                let policy = attached(probe);
                assert!(policy.ends_with("policy/read"));
                ("iam", "DeleteRole", json!({ "RoleName": "app" }))
            },
        },
        Case {
            pair: ("a role", "an inline policy"),
            source: DELETE_ROLE,
            code: conflict,
            make: |probe| {
                role(probe);
                let input = json!({
                    "RoleName": "app", "PolicyName": "own", "PolicyDocument": document(),
                });
                probe.ask("iam", "PutRolePolicy", input);
                ("iam", "DeleteRole", json!({ "RoleName": "app" }))
            },
        },
        Case {
            pair: ("a role", "an instance profile"),
            source: DELETE_ROLE,
            code: conflict,
            make: |probe| {
                profile(probe);
                ("iam", "DeleteRole", json!({ "RoleName": "app" }))
            },
        },
        Case {
            pair: ("an instance profile", "its role"),
            source: "IAM API, DeleteInstanceProfile: it must not have an associated role",
            code: conflict,
            make: |probe| {
                profile(probe);
                ("iam", "DeleteInstanceProfile", json!({ "InstanceProfileName": "app" }))
            },
        },
        Case {
            pair: ("a policy", "a role"),
            source: DELETE_POLICY,
            code: conflict,
            make: |probe| {
                let policy = attached(probe);
                ("iam", "DeletePolicy", json!({ "PolicyArn": policy }))
            },
        },
        Case {
            pair: ("a policy", "a version of it that is not the default"),
            source: DELETE_POLICY,
            code: conflict,
            make: |probe| {
                let policy = policy(probe);
                let input = json!({ "PolicyArn": policy, "PolicyDocument": document() });
                probe.ask("iam", "CreatePolicyVersion", input);
                ("iam", "DeletePolicy", json!({ "PolicyArn": policy }))
            },
        },
        Case {
            pair: ("a policy's default version", "the policy"),
            source: "IAM API, DeletePolicyVersion: not the default version",
            code: conflict,
            make: |probe| {
                let policy = policy(probe);
                let input = json!({ "PolicyArn": policy, "VersionId": "v1" });
                ("iam", "DeletePolicyVersion", input)
            },
        },
        Case {
            pair: ("a user", "an access key"),
            source: DELETE_USER,
            code: conflict,
            make: |probe| {
                user(probe);
                probe.ask("iam", "CreateAccessKey", json!({ "UserName": "deployer" }));
                ("iam", "DeleteUser", json!({ "UserName": "deployer" }))
            },
        },
        Case {
            pair: ("a user", "an attached policy"),
            source: DELETE_USER,
            code: conflict,
            make: |probe| {
                user(probe);
                let policy = policy(probe);
                let input = json!({ "UserName": "deployer", "PolicyArn": policy });
                probe.ask("iam", "AttachUserPolicy", input);
                ("iam", "DeleteUser", json!({ "UserName": "deployer" }))
            },
        },
        Case {
            pair: ("a user", "an inline policy"),
            source: DELETE_USER,
            code: conflict,
            make: |probe| {
                user(probe);
                let input = json!({
                    "UserName": "deployer", "PolicyName": "own", "PolicyDocument": document(),
                });
                probe.ask("iam", "PutUserPolicy", input);
                ("iam", "DeleteUser", json!({ "UserName": "deployer" }))
            },
        },
        Case {
            pair: ("a user", "a group"),
            source: DELETE_USER,
            code: conflict,
            make: |probe| {
                member(probe);
                ("iam", "DeleteUser", json!({ "UserName": "deployer" }))
            },
        },
        Case {
            pair: ("a group", "a user"),
            source: "IAM API, DeleteGroup: it must have no users and no policies",
            code: conflict,
            make: |probe| {
                member(probe);
                ("iam", "DeleteGroup", json!({ "GroupName": "deployers" }))
            },
        },
    ]
}

fn document() -> String {
    let statement = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn role(probe: &mut Probe) {
    let statement = json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": { "Service": "ecs-tasks.amazonaws.com" },
    });
    let trust: Value = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let input = json!({ "RoleName": "app", "AssumeRolePolicyDocument": trust.to_string() });
    probe.ask("iam", "CreateRole", input);
}

fn policy(probe: &mut Probe) -> String {
    let input = json!({ "PolicyName": "read", "PolicyDocument": document() });
    text(&probe.ask("iam", "CreatePolicy", input), "/Policy/Arn")
}

fn attached(probe: &mut Probe) -> String {
    role(probe);
    let policy = policy(probe);
    probe.ask("iam", "AttachRolePolicy", json!({ "RoleName": "app", "PolicyArn": policy }));
    policy
}

fn profile(probe: &mut Probe) {
    role(probe);
    probe.ask("iam", "CreateInstanceProfile", json!({ "InstanceProfileName": "app" }));
    let input = json!({ "InstanceProfileName": "app", "RoleName": "app" });
    probe.ask("iam", "AddRoleToInstanceProfile", input);
}

fn user(probe: &mut Probe) {
    probe.ask("iam", "CreateUser", json!({ "UserName": "deployer" }));
}

fn member(probe: &mut Probe) {
    user(probe);
    probe.ask("iam", "CreateGroup", json!({ "GroupName": "deployers" }));
    let input = json!({ "GroupName": "deployers", "UserName": "deployer" });
    probe.ask("iam", "AddUserToGroup", input);
}
