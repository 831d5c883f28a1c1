//! Tests of the service as a whole.

use serde_json::{Value, json};

use super::assume::{self, Unusable};
use crate::probe::Probe;
use crate::world::Span;

const ECS_TASKS: &str = "ecs-tasks.amazonaws.com";

fn trust(principal: &Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole",
        }],
    })
    .to_string()
}

fn permission(action: &str) -> String {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn decoded(text: &Value) -> Value {
    let text = text.as_str().expect("a document");
    let text = percent_encoding::percent_decode_str(text).decode_utf8().expect("a text");
    serde_json::from_str(&text).expect("a document")
}

fn create_role(probe: &mut Probe, name: &str, principal: &Value) -> Value {
    let document = trust(principal);
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": document });
    probe.ask("iam", "CreateRole", input)["Role"].clone()
}

fn create_policy(probe: &mut Probe, name: &str) -> String {
    let input = json!({ "PolicyName": name, "PolicyDocument": permission("s3:GetObject") });
    let answer = probe.ask("iam", "CreatePolicy", input);
    answer["Policy"]["Arn"].as_str().expect("an ARN").to_owned()
}

fn service(name: &str) -> Value {
    json!({ "Service": name })
}

#[test]
fn a_role_is_read_back_as_it_was_made() {
    let mut probe = Probe::new();
    let input = json!({
        "RoleName": "app", "Path": "/team/", "Description": "runs", "MaxSessionDuration": "7200",
        "AssumeRolePolicyDocument": trust(&json!({ "Service": [ECS_TASKS] })),
        "Tags": [{ "Key": "Stack", "Value": "x" }],
        "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess",
    });
    probe.ask("iam", "CreateRole", input);
    let role = probe.ask("iam", "GetRole", json!({ "RoleName": "app" }))["Role"].clone();
    assert_eq!(role["Arn"], "arn:aws:iam::111122223333:role/team/app");
    assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("runs"), &json!(7200)));
    assert_eq!(role["Tags"], json!([{ "Key": "Stack", "Value": "x" }]));
    assert_eq!(role["PermissionsBoundary"]["PermissionsBoundaryType"], "Policy");
    assert_eq!(role["RoleLastUsed"], json!({}));
    assert_eq!(role["CreateDate"], "2026-01-01T00:00:00Z");
    let id = role["RoleId"].as_str().expect("an id");
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    let statement = decoded(&role["AssumeRolePolicyDocument"])["Statement"][0].clone();
    assert_eq!(statement["Principal"], service(ECS_TASKS), "a list of one is that one");
    let listed = probe.ask("iam", "ListRoles", json!({ "PathPrefix": "/team/" }))["Roles"].clone();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert!(listed[0].get("Tags").is_none_or(Value::is_null));
}

#[test]
fn roles_that_break_the_rules_are_refused() {
    let mut probe = Probe::new();
    create_role(&mut probe, "app", &service(ECS_TASKS));
    let good = trust(&service(ECS_TASKS));
    let role = |name: &str, document: &str| json!({ "RoleName": name, "AssumeRolePolicyDocument": document });
    let with = |member: &str, value: Value| {
        let mut input = role("other", &good);
        input[member] = value;
        input
    };
    let nobody = json!({ "AWS": "arn:aws:iam::111122223333:role/nobody" });
    let many: Vec<Value> =
        (0..51).map(|at| json!({ "Key": format!("k{at}"), "Value": "" })).collect();
    for (input, code) in [
        (role("APP", &good), "EntityAlreadyExists"),
        (role("a b", &good), "ValidationError"),
        (role(&"r".repeat(65), &good), "ValidationError"),
        (role("other", "{"), "MalformedPolicyDocument"),
        (role("other", &trust(&nobody)), "MalformedPolicyDocument"),
        (role("other", &trust(&service("ecs-task.amazonaws.com"))), "MalformedPolicyDocument"),
        (role("other", &trust(&json!({ "Machine": "x" }))), "MalformedPolicyDocument"),
        (with("Path", json!("team")), "ValidationError"),
        (with("MaxSessionDuration", json!("3599")), "ValidationError"),
        (with("MaxSessionDuration", json!("43201")), "ValidationError"),
        (with("PermissionsBoundary", json!("arn:aws:iam::aws:policy/Nothing")), "NoSuchEntity"),
        (with("PermissionsBoundary", json!("a-policy-without-an-arn")), "ValidationError"),
        (
            with("Tags", json!([{ "Key": "a", "Value": "" }, { "Key": "A", "Value": "" }])),
            "InvalidInput",
        ),
        (with("Tags", json!([{ "Key": "aws:a", "Value": "" }])), "InvalidInput"),
        (with("Tags", json!(many)), "ValidationError"),
        (with("Colour", json!("red")), "ValidationError"),
    ] {
        assert_eq!(probe.refused("iam", "CreateRole", input.clone()), code, "{input}");
    }
}

#[test]
fn a_role_goes_only_once_nothing_hangs_on_it() {
    let mut probe = Probe::new();
    create_role(&mut probe, "app", &service(ECS_TASKS));
    let role = || json!({ "RoleName": "app" });
    let policy = create_policy(&mut probe, "read");
    let attachment = json!({ "RoleName": "app", "PolicyArn": policy });
    let inline = json!({ "RoleName": "app", "PolicyName": "own" });
    let mut put = inline.clone();
    put["PolicyDocument"] = json!(permission("s3:*"));
    let profile = json!({ "InstanceProfileName": "machine" });
    let with_role = json!({ "InstanceProfileName": "machine", "RoleName": "app" });
    probe.ask("iam", "CreateInstanceProfile", profile.clone());
    for (hang, input, unhang, undo) in [
        ("AttachRolePolicy", &attachment, "DetachRolePolicy", &attachment),
        ("PutRolePolicy", &put, "DeleteRolePolicy", &inline),
        ("AddRoleToInstanceProfile", &with_role, "RemoveRoleFromInstanceProfile", &with_role),
    ] {
        probe.ask("iam", hang, input.clone());
        assert_eq!(probe.refused("iam", "DeleteRole", role()), "DeleteConflict", "{hang}");
        if hang == "AttachRolePolicy" {
            let arn = json!({ "PolicyArn": policy });
            assert_eq!(probe.refused("iam", "DeletePolicy", arn), "DeleteConflict");
        }
        probe.ask("iam", unhang, undo.clone());
        assert_eq!(probe.refused("iam", unhang, undo.clone()), "NoSuchEntity", "{unhang}");
    }
    probe.ask("iam", "DeleteRole", role());
    probe.ask("iam", "DeletePolicy", json!({ "PolicyArn": policy }));
    probe.ask("iam", "DeleteInstanceProfile", profile);
    assert_eq!(probe.refused("iam", "GetRole", role()), "NoSuchEntity");
    assert!(probe.world.global.is_pristine());
}

#[test]
fn a_role_has_at_most_ten_attached_policies_and_so_much_text() {
    let mut probe = Probe::new();
    create_role(&mut probe, "app", &service(ECS_TASKS));
    for at in 0..10 {
        let policy = create_policy(&mut probe, &format!("p{at}"));
        let input = json!({ "RoleName": "app", "PolicyArn": policy });
        probe.ask("iam", "AttachRolePolicy", input.clone());
        probe.ask("iam", "AttachRolePolicy", input);
    }
    let one_more = json!({
        "RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    });
    assert_eq!(probe.refused("iam", "AttachRolePolicy", one_more), "LimitExceeded");
    for (arn, code) in [
        ("arn:aws:iam::aws:policy/NothingOfTheKind", "NoSuchEntity"),
        ("not-the-arn-of-any-policy", "ValidationError"),
        ("arn:aws:iam::111122223333:policies", "InvalidInput"),
        (
            "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy",
            "PolicyNotAttachable",
        ),
    ] {
        let input = json!({ "RoleName": "app", "PolicyArn": arn });
        assert_eq!(probe.refused("iam", "AttachRolePolicy", input), code, "{arn}");
    }
    let long = permission(&format!("s3:{}", "x".repeat(6000)));
    let put = |name: &str| json!({ "RoleName": "app", "PolicyName": name, "PolicyDocument": long });
    probe.ask("iam", "PutRolePolicy", put("one"));
    probe.ask("iam", "PutRolePolicy", put("one"));
    assert_eq!(probe.refused("iam", "PutRolePolicy", put("two")), "LimitExceeded");
}

#[test]
fn a_policy_has_at_most_five_versions_and_one_is_in_force() {
    let mut probe = Probe::new();
    let arn = create_policy(&mut probe, "read");
    let version = |action: &str, default: bool| {
        json!({
            "PolicyArn": arn, "PolicyDocument": permission(action),
            "SetAsDefault": default.to_string(),
        })
    };
    let one = |id: &str| json!({ "PolicyArn": arn, "VersionId": id });
    for at in 2..=5 {
        probe.ask("iam", "CreatePolicyVersion", version(&format!("s3:Get{at}"), at == 3));
    }
    let refused = probe.refused("iam", "CreatePolicyVersion", version("s3:*", false));
    assert_eq!(refused, "LimitExceeded");
    assert_eq!(probe.refused("iam", "DeletePolicyVersion", one("v3")), "DeleteConflict");
    assert_eq!(probe.refused("iam", "DeletePolicyVersion", one("v9")), "NoSuchEntity");
    assert_eq!(probe.refused("iam", "DeletePolicyVersion", one("3")), "ValidationError");
    let delete = json!({ "PolicyArn": arn });
    assert_eq!(probe.refused("iam", "DeletePolicy", delete.clone()), "DeleteConflict");
    probe.ask("iam", "DeletePolicyVersion", one("v2"));
    let made = probe.ask("iam", "CreatePolicyVersion", version("s3:*", true));
    assert_eq!(made["PolicyVersion"]["VersionId"], "v6", "numbers do not come again");
    let shown = probe.ask("iam", "GetPolicyVersion", one("v6"))["PolicyVersion"].clone();
    assert_eq!(decoded(&shown["Document"])["Statement"][0]["Action"], "s3:*");
    let versions = probe.ask("iam", "ListPolicyVersions", delete)["Versions"].clone();
    let ids: Vec<&Value> =
        versions.as_array().expect("a list").iter().map(|one| &one["VersionId"]).collect();
    assert_eq!(ids, ["v6", "v5", "v4", "v3", "v1"]);
}

#[test]
fn other_services_hear_of_roles_and_their_changes_later() {
    let mut probe = Probe::with_delays(3);
    let arn = create_role(&mut probe, "app", &service(ECS_TASKS))["Arn"].clone();
    let arn = arn.as_str().expect("an ARN").to_owned();
    let usable = |probe: &mut Probe, service: &str| {
        assume::by_service(&probe.world.site("us-east-1"), &arn, service)
    };
    assert_eq!(usable(&mut probe, ECS_TASKS), Err(Unusable::Unknown));
    let by_role =
        json!({ "RoleName": "second", "AssumeRolePolicyDocument": trust(&json!({ "AWS": arn })) });
    let refused = probe.refused("iam", "CreateRole", by_role.clone());
    assert_eq!(refused, "MalformedPolicyDocument", "a new principal is not known at once");
    probe.pass(Span::seconds(12));
    assert_eq!(usable(&mut probe, ECS_TASKS), Ok(()));
    assert_eq!(usable(&mut probe, "ec2.amazonaws.com"), Err(Unusable::Untrusted));
    probe.ask("iam", "CreateRole", by_role);
    let document = trust(&service("ec2.amazonaws.com"));
    let update = json!({ "RoleName": "app", "PolicyDocument": document });
    probe.ask("iam", "UpdateAssumeRolePolicy", update);
    assert_eq!(usable(&mut probe, ECS_TASKS), Ok(()), "the old policy still holds");
    probe.pass(Span::seconds(12));
    assert_eq!(usable(&mut probe, ECS_TASKS), Err(Unusable::Untrusted));
    assert_eq!(usable(&mut probe, "ec2.amazonaws.com"), Ok(()));
    probe.ask("iam", "DeleteRole", json!({ "RoleName": "app" }));
    create_role(&mut probe, "app", &service(ECS_TASKS));
    assert_eq!(usable(&mut probe, ECS_TASKS), Err(Unusable::Unknown), "made anew, it is new");
}

#[test]
fn conditions_on_the_source_hold_for_the_account_only() {
    let mut probe = Probe::new();
    for (name, account, usable) in
        [("ours", "111122223333", Ok(())), ("theirs", "999999999999", Err(Unusable::Untrusted))]
    {
        let document = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": service(ECS_TASKS), "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": { "aws:SourceAccount": account },
                "ArnLike": { "aws:SourceArn": format!("arn:aws:ecs:us-east-1:{account}:*") },
            },
        }] });
        let document = document.to_string();
        let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": document });
        let arn = probe.ask("iam", "CreateRole", role)["Role"]["Arn"].clone();
        let site = probe.world.site("us-east-1");
        let arn = arn.as_str().expect("an ARN");
        assert_eq!(assume::by_service(&site, arn, ECS_TASKS), usable, "{name}");
    }
}

#[test]
fn a_deleted_principal_shows_as_its_id_and_does_not_come_back() {
    let mut probe = Probe::new();
    let first = create_role(&mut probe, "first", &service(ECS_TASKS));
    create_role(&mut probe, "second", &json!({ "AWS": [first["Arn"], "111122223333"] }));
    let principals = |probe: &mut Probe| {
        let role = probe.ask("iam", "GetRole", json!({ "RoleName": "second" }));
        decoded(&role["Role"]["AssumeRolePolicyDocument"])["Statement"][0]["Principal"]["AWS"]
            .clone()
    };
    let root = "arn:aws:iam::111122223333:root";
    assert_eq!(principals(&mut probe), json!([first["Arn"], root]));
    probe.ask("iam", "DeleteRole", json!({ "RoleName": "first" }));
    assert_eq!(principals(&mut probe), json!([first["RoleId"], root]));
    create_role(&mut probe, "first", &service(ECS_TASKS));
    assert_eq!(principals(&mut probe), json!([first["RoleId"], root]));
    let dead = trust(&json!({ "AWS": first["RoleId"] }));
    let update = json!({ "RoleName": "second", "PolicyDocument": dead });
    let refused = probe.refused("iam", "UpdateAssumeRolePolicy", update);
    assert_eq!(refused, "MalformedPolicyDocument");
}

#[test]
fn a_service_linked_role_is_made_on_first_use_and_belongs_to_aws() {
    let mut probe = Probe::with_delays(5);
    let usable = |probe: &mut Probe| {
        assume::service_linked(&mut probe.world.site("us-east-1"), "ecs.amazonaws.com")
    };
    assert!(!usable(&mut probe));
    assert!(!usable(&mut probe));
    probe.pass(Span::seconds(15));
    assert!(usable(&mut probe));
    assert!(probe.world.global.is_pristine(), "it does not count");
    let name = json!({ "RoleName": "AWSServiceRoleForECS" });
    let role = probe.ask("iam", "GetRole", name.clone())["Role"].clone();
    assert_eq!(role["Path"], "/aws-service-role/ecs.amazonaws.com/");
    assert_eq!(probe.refused("iam", "DeleteRole", name.clone()), "UnmodifiableEntity");
    let describe = json!({ "RoleName": "AWSServiceRoleForECS", "Description": "ours" });
    probe.ask("iam", "UpdateRole", describe.clone());
    probe.ask("iam", "UpdateRoleDescription", describe);
    let longer = json!({ "RoleName": "AWSServiceRoleForECS", "MaxSessionDuration": "7200" });
    assert_eq!(probe.refused("iam", "UpdateRole", longer), "UnmodifiableEntity");
    let again = json!({ "AWSServiceName": "ecs.amazonaws.com" });
    assert_eq!(probe.refused("iam", "CreateServiceLinkedRole", again.clone()), "InvalidInput");
    let task = probe.ask("iam", "DeleteServiceLinkedRole", name.clone())["DeletionTaskId"].clone();
    let status = |probe: &mut Probe| {
        let id = json!({ "DeletionTaskId": task });
        probe.ask("iam", "GetServiceLinkedRoleDeletionStatus", id)["Status"].clone()
    };
    assert_eq!(status(&mut probe), "IN_PROGRESS");
    probe.pass(Span::seconds(15));
    assert_eq!(status(&mut probe), "SUCCEEDED");
    assert_eq!(probe.refused("iam", "GetRole", name), "NoSuchEntity");
    probe.ask("iam", "CreateServiceLinkedRole", again);
    assert!(!usable(&mut probe));
}

#[test]
fn an_update_keeps_the_description_that_it_does_not_name() {
    let mut probe = Probe::new();
    create_role(&mut probe, "app", &service(ECS_TASKS));
    let describe = json!({ "RoleName": "app", "Description": "runs" });
    probe.ask("iam", "UpdateRoleDescription", describe);
    let longer = json!({ "RoleName": "app", "MaxSessionDuration": "7200" });
    probe.ask("iam", "UpdateRole", longer);
    probe.ask("iam", "UpdateRole", json!({ "RoleName": "app" }));
    let role = probe.ask("iam", "GetRole", json!({ "RoleName": "app" }))["Role"].clone();
    assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("runs"), &json!(7200)));
}

#[test]
fn the_whole_account_is_listed_in_pages() {
    let mut probe = Probe::new();
    let arn = create_policy(&mut probe, "read");
    for name in ["a", "b", "c"] {
        create_role(&mut probe, name, &service(ECS_TASKS));
        let input = json!({ "RoleName": name, "PolicyArn": arn });
        probe.ask("iam", "AttachRolePolicy", input);
    }
    probe.ask("iam", "CreateUser", json!({ "UserName": "u" }));
    probe.ask("iam", "CreateGroup", json!({ "GroupName": "g" }));
    let input = json!({ "GroupName": "g", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    probe.ask("iam", "AttachGroupPolicy", input);
    let mut input = json!({ "MaxItems": "2" });
    let mut count = 0;
    loop {
        let page = probe.ask("iam", "GetAccountAuthorizationDetails", input.clone());
        for list in ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"] {
            count += page[list].as_array().map_or(0, Vec::len);
        }
        if page["IsTruncated"] == false {
            break;
        }
        input["Marker"] = page["Marker"].clone();
    }
    assert_eq!(count, 7, "a user, a group, three roles and two policies");
    let only = json!({ "Filter": ["LocalManagedPolicy"] });
    let page = probe.ask("iam", "GetAccountAuthorizationDetails", only);
    assert_eq!(page["Policies"][0]["AttachmentCount"], 3);
    assert!(page["Policies"][0]["PolicyVersionList"][0]["Document"].is_string());
    let entities = probe.ask("iam", "ListEntitiesForPolicy", json!({ "PolicyArn": arn }));
    assert_eq!(entities["PolicyRoles"].as_array().map(Vec::len), Some(3));
    let bad = json!({ "Marker": "nowhere" });
    assert_eq!(probe.refused("iam", "ListRoles", bad), "ValidationError");
}

#[test]
fn a_user_goes_only_once_nothing_hangs_on_it() {
    let mut probe = Probe::new();
    let user = || json!({ "UserName": "u" });
    probe.ask("iam", "CreateUser", user());
    probe.ask("iam", "CreateGroup", json!({ "GroupName": "g" }));
    let member = json!({ "UserName": "u", "GroupName": "g" });
    probe.ask("iam", "AddUserToGroup", member.clone());
    assert_eq!(probe.refused("iam", "DeleteUser", user()), "DeleteConflict");
    assert_eq!(probe.refused("iam", "DeleteGroup", json!({ "GroupName": "g" })), "DeleteConflict");
    probe.ask("iam", "RemoveUserFromGroup", member);
    let key = probe.ask("iam", "CreateAccessKey", user())["AccessKey"]["AccessKeyId"].clone();
    probe.ask("iam", "CreateAccessKey", user());
    assert_eq!(probe.refused("iam", "CreateAccessKey", user()), "LimitExceeded");
    assert_eq!(probe.refused("iam", "DeleteUser", user()), "DeleteConflict");
    let deactivate = json!({ "UserName": "u", "AccessKeyId": key, "Status": "Inactive" });
    probe.ask("iam", "UpdateAccessKey", deactivate);
    let keys = probe.ask("iam", "ListAccessKeys", user())["AccessKeyMetadata"].clone();
    assert_eq!(keys[0]["Status"], "Inactive");
    for key in keys.as_array().expect("a list") {
        let input = json!({ "UserName": "u", "AccessKeyId": key["AccessKeyId"] });
        probe.ask("iam", "DeleteAccessKey", input);
    }
    let weak = json!({ "UserName": "u", "Password": "password" });
    assert_eq!(probe.refused("iam", "CreateLoginProfile", weak), "PasswordPolicyViolation");
    probe.ask("iam", "CreateLoginProfile", json!({ "UserName": "u", "Password": "Correct-4" }));
    assert_eq!(probe.refused("iam", "DeleteUser", user()), "DeleteConflict");
    probe.ask("iam", "DeleteLoginProfile", user());
    probe.ask("iam", "DeleteUser", user());
    probe.ask("iam", "DeleteGroup", json!({ "GroupName": "g" }));
    assert!(probe.world.global.is_pristine());
}

#[test]
fn simulations_say_what_the_policies_say() {
    let mut probe = Probe::new();
    let arn = create_role(&mut probe, "app", &service(ECS_TASKS))["Arn"].clone();
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*" },
        { "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::b/secret" },
    ] });
    let put = json!({
        "RoleName": "app", "PolicyName": "own", "PolicyDocument": document.to_string(),
    });
    probe.ask("iam", "PutRolePolicy", put);
    for (action, resource, decision) in [
        ("s3:GetObject", "arn:aws:s3:::b/plain", "allowed"),
        ("s3:getobject", "arn:aws:s3:::b/plain", "allowed"),
        ("s3:PutObject", "arn:aws:s3:::b/plain", "implicitDeny"),
        ("s3:GetObject", "arn:aws:s3:::b/secret", "explicitDeny"),
    ] {
        let input = json!({
            "PolicySourceArn": arn, "ActionNames": [action], "ResourceArns": [resource],
        });
        let answer = probe.ask("iam", "SimulatePrincipalPolicy", input);
        assert_eq!(answer["EvaluationResults"][0]["EvalDecision"], decision, "{action} {resource}");
    }
}

#[test]
fn tag_keys_differ_by_case_on_all_but_roles_and_users() {
    let mut probe = Probe::new();
    let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "A", "Value": "2" }]);
    let trust = trust(&json!({ "Service": "ecs-tasks.amazonaws.com" }));
    let role =
        json!({ "RoleName": "app", "AssumeRolePolicyDocument": trust, "Tags": tags.clone() });
    assert_eq!(probe.refused("iam", "CreateRole", role), "InvalidInput");
    let profile = json!({ "InstanceProfileName": "app", "Tags": tags.clone() });
    let made = probe.ask("iam", "CreateInstanceProfile", profile);
    assert_eq!(made["InstanceProfile"]["Tags"].as_array().map(Vec::len), Some(2));
    let untag = json!({ "InstanceProfileName": "app", "TagKeys": ["A"] });
    probe.ask("iam", "UntagInstanceProfile", untag);
    let left = probe.ask("iam", "ListInstanceProfileTags", json!({ "InstanceProfileName": "app" }));
    assert_eq!(left["Tags"], json!([{ "Key": "a", "Value": "1" }]));
}

#[test]
fn policies_of_aws_are_out_of_reach() {
    let mut probe = Probe::new();
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let version = json!({ "PolicyArn": arn, "VersionId": "v1" });
    for (operation, input) in [
        ("DeletePolicy", json!({ "PolicyArn": arn })),
        ("DeletePolicyVersion", version.clone()),
        ("SetDefaultPolicyVersion", version),
    ] {
        assert_eq!(probe.refused("iam", operation, input), "AccessDenied", "{operation}");
    }
}
