//! The fields of a role, brought to one form: what AWS answers and what a spec says in short are
//! the same value.

use std::collections::BTreeMap;

use landfall_model::types::{Policy, Ref, Set};
use landfall_model::{Finding, reference};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::kinds::iam_policy::IamPolicy;
use crate::services::iam;
use crate::services::policies::{self, Sort};

/// A role in the spec.
// `remote` leaves the traits themselves to us: see their implementations below.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(title = "Spec")]
pub struct Spec {
    /// Its name, unique in the account. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// Where it stands among the account's roles, such as `/team/`. Default: `/`.
    #[serde(default = "root")]
    pub path: String,
    /// The AWS services that may take it on, such as `ecs-tasks.amazonaws.com`. Short for a `trust`
    /// that allows them `sts:AssumeRole`.
    #[serde(default)]
    pub trusted_services: Set<String>,
    /// Who may take it on, as an IAM policy, where `trusted_services` does not say it all.
    pub trust: Option<Policy>,
    /// Managed policies that it has: the stack's own, ARNs, or AWS's own by their names with the
    /// path (`service-role/AmazonECSTaskExecutionRolePolicy`). Default: none.
    #[serde(default)]
    pub managed_policies: Set<Ref<IamPolicy>>,
    /// Policies of its own, by their names. Default: none.
    #[serde(default)]
    pub inline_policies: BTreeMap<String, Policy>,
    /// The managed policy that bounds what it may do at most. Default: none.
    pub permissions_boundary: Option<Ref<IamPolicy>>,
    /// What it is for. Absent: left as it is.
    pub description: Option<String>,
    /// How long a session may last at most, in seconds, from 3600 to 43200. Absent: left as it is;
    /// AWS starts with 3600.
    pub max_session_duration: Option<i32>,
}

pub(super) fn root() -> String {
    "/".to_owned()
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Spec::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(Spec::canonical)
    }
}

impl Spec {
    /// The one form of all specs that mean the same role: the short form of a trust policy where it
    /// has one, and names for AWS's own policies.
    pub(super) fn canonical(mut self) -> Spec {
        if self.trusted_services.is_empty()
            && let Some(services) = self.trust.as_ref().and_then(services_of)
        {
            self.trusted_services = services;
            self.trust = None;
        }
        self.managed_policies = self.managed_policies.iter().map(by_name).collect();
        self.permissions_boundary = self.permissions_boundary.as_ref().map(by_name);
        self
    }

    /// The trust policy as JSON.
    pub(super) fn trust_policy(&self) -> String {
        if let Some(trust) = &self.trust {
            return trust.to_json();
        }
        let services: Vec<&String> = self.trusted_services.iter().collect();
        let services = match services.as_slice() {
            [service] => json!(service),
            services => json!(services),
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": services },
                "Action": "sts:AssumeRole",
            }],
        })
        .to_string()
    }
}

/// The services of a trust policy that says no more than the short form.
fn services_of(trust: &Policy) -> Option<Set<String>> {
    let document = trust.value().as_object()?;
    // Without variables in the policy both versions of the language mean the same.
    if document.contains_key("Id") {
        return None;
    }
    let [statement] = document.get("Statement")?.as_array()?.as_slice() else { return None };
    let statement = statement.as_object()?;
    let plain = statement.iter().all(|(key, value)| match key.as_str() {
        "Effect" => value == "Allow",
        "Action" => value == "sts:AssumeRole",
        key => key == "Principal",
    });
    if !plain || !statement.contains_key("Effect") || !statement.contains_key("Action") {
        return None;
    }
    let principal = statement.get("Principal")?.as_object().filter(|sorts| sorts.len() == 1)?;
    let services = match principal.get("Service")? {
        Value::String(service) => return Some([service.clone()].into_iter().collect()),
        Value::Array(services) if !services.is_empty() => {
            services.iter().map(|it| it.as_str().map(str::to_owned))
        }
        _ => return None,
    };
    services.collect::<Option<Vec<String>>>().map(|services| services.into_iter().collect())
}

/// AWS's own policy by its name, whatever the partition; any other as it is.
fn by_name(policy: &Ref<IamPolicy>) -> Ref<IamPolicy> {
    let parts: Vec<&str> = policy.as_str().splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", "aws", name] => {
            Ref::new(name.strip_prefix("policy/").unwrap_or(name))
        }
        _ => policy.clone(),
    }
}

/// The ARN of a policy that may go by its name.
pub(super) fn arn_of(partition: &str, policy: &Ref<IamPolicy>) -> String {
    match policy.as_str() {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        name => format!("arn:{partition}:iam::aws:policy/{name}"),
    }
}

/// What IAM lets one role have: sizes without white space, counts that can be raised up to the
/// second number (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const MAX_INLINE_SIZE: usize = 10_240;
const MAX_TRUST_SIZE: (usize, usize) = (2048, 8192);
const MAX_MANAGED: (usize, usize) = (10, 25);

/// AWS's own policies that people attach to roles of containers and that don't stand at the root.
const UNDER_SERVICE_ROLE: [&str; 10] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonEC2ContainerServiceAutoscaleRole",
    "AmazonEC2ContainerServiceEventsRole",
    "AmazonEC2ContainerServiceRole",
    "AmazonEC2ContainerServiceforEC2Role",
    "AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity",
    "AmazonECSInfrastructureRolePolicyForVolumes",
    "AmazonECSInfrastructureRoleforExpressGatewayServices",
    "AmazonECSTaskExecutionRolePolicy",
];

impl Spec {
    pub(super) fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(iam::check_name(&self.name, 64, "a role"));
        findings.extend(iam::check_path(&self.path));
        findings.extend(self.description.as_deref().and_then(iam::check_description));
        self.check_trust(&mut findings);
        self.check_managed(&mut findings);
        self.check_inline(&mut findings);
        let valid = 3600..=43_200;
        if self.max_session_duration.is_some_and(|seconds| !valid.contains(&seconds)) {
            let message = "a session lasts from 3600 (one hour) to 43200 seconds (twelve)";
            findings.push(Finding::field("max_session_duration", message));
        }
        findings
    }

    fn check_trust(&self, findings: &mut Vec<Finding>) {
        if let Some(trust) = &self.trust {
            if !self.trusted_services.is_empty() {
                let message = "a role has `trusted_services` or `trust`, not both";
                let finding = Finding::field("trust", message);
                findings.push(finding.help("name the services in the policy, too"));
            }
            findings.extend(policies::check(trust, Sort::Trust, "trust"));
            let (usual, most) = MAX_TRUST_SIZE;
            if let Some(size) = policies::size(trust).filter(|size| *size > usual) {
                let message = format!("a trust policy has at most {usual} characters, not {size}");
                let finding = Finding::field("trust", message);
                findings.push(match size <= most {
                    true => finding.warning().help("unless the account's quota has been raised"),
                    false => finding,
                });
            }
        } else if self.trusted_services.is_empty() {
            let message = "a role says who may take it on: `trusted_services`, or `trust`";
            let finding = Finding::field("trusted_services", message);
            findings.push(finding.help("for tasks: `trusted_services: [ecs-tasks.amazonaws.com]`"));
        }
        for (index, service) in self.trusted_services.iter().enumerate() {
            let shaped = service.contains('.')
                && service.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
            if reference::is_known(service) && !shaped {
                let message = format!("`{service}` is not the name of a service");
                let finding = Finding::field(&format!("trusted_services[{index}]"), message);
                findings.push(finding.help("such a name looks like `ecs-tasks.amazonaws.com`"));
            }
        }
    }

    fn check_managed(&self, findings: &mut Vec<Finding>) {
        let count = self.managed_policies.len();
        let (usual, most) = MAX_MANAGED;
        if count > usual {
            let message = format!("IAM attaches at most {usual} policies to a role, not {count}");
            let finding = Finding::field("managed_policies", message);
            findings.push(match count <= most {
                true => finding.warning().help("unless the account's quota has been raised"),
                false => finding.help("put some of them together"),
            });
        }
        for (index, policy) in self.managed_policies.iter().enumerate() {
            findings.extend(check_reference(policy, &format!("managed_policies[{index}]")));
        }
        let boundary = self.permissions_boundary.as_ref();
        findings.extend(boundary.and_then(|it| check_reference(it, "permissions_boundary")));
    }

    fn check_inline(&self, findings: &mut Vec<Finding>) {
        for (name, policy) in &self.inline_policies {
            let at = format!("inline_policies.{name}");
            if !iam::is_name(name) || name.len() > 128 {
                let message =
                    "the name of an inline policy has at most 128 letters, digits and +=,.@_-";
                findings.push(Finding::field(&at, message));
            }
            findings.extend(policies::check(policy, Sort::Identity, &at));
        }
        let sizes: Option<Vec<usize>> = self.inline_policies.values().map(policies::size).collect();
        let size: usize = sizes.unwrap_or_default().iter().sum();
        if size > MAX_INLINE_SIZE {
            let message = format!(
                "the inline policies of a role have at most {MAX_INLINE_SIZE} characters together, \
                 not {size}"
            );
            let finding = Finding::field("inline_policies", message);
            findings.push(finding.help("make some of them an `iam_policy`"));
        }
    }
}

fn check_reference(policy: &Ref<IamPolicy>, at: &str) -> Option<Finding> {
    if !policy.is_known() {
        return None;
    }
    let text = policy.as_str();
    if UNDER_SERVICE_ROLE.contains(&text) {
        let finding = Finding::field(at, format!("AWS keeps {text} under `service-role/`"));
        return Some(finding.help(format!("write `service-role/{text}`")));
    }
    let sound = match text.strip_prefix("arn:") {
        Some(rest) => rest.contains(":iam:") && rest.contains(":policy/"),
        // None of AWS's own has a dot in its name; an address has.
        None => text.split('/').all(|part| iam::is_name(part) && !part.contains('.')),
    };
    (!sound).then(|| {
        let message = format!("`{text}` is neither an address, an ARN nor a policy of AWS's own");
        Finding::field(at, message)
            .help("AWS's own look like `service-role/AmazonECSTaskExecutionRolePolicy`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Spec {
        serde_json::from_value(value).expect("a role")
    }

    fn statement(rest: Value) -> Value {
        let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole" });
        for (key, value) in rest.as_object().into_iter().flatten() {
            statement[key] = value.clone();
        }
        json!({ "trust": { "Version": "2012-10-17", "Statement": [statement] } })
    }

    #[test]
    fn a_trust_policy_that_fits_is_shown_in_short() {
        let short = read(json!({ "trusted_services": ["ecs-tasks.amazonaws.com"] }));
        let one = statement(json!({ "Principal": { "Service": "ecs-tasks.amazonaws.com" } }));
        assert_eq!(read(one), short);
        let sid = json!({ "Principal": { "Service": ["ecs-tasks.amazonaws.com"] }, "Sid": "" });
        assert_eq!(read(statement(sid)), short);
        let trust: Value = serde_json::from_str(&short.trust_policy()).expect("JSON");
        assert_eq!(read(json!({ "trust": trust })), short);

        let two = read(json!({ "trusted_services": ["b.amazonaws.com", "a.amazonaws.com"] }));
        let trust: Value = serde_json::from_str(&two.trust_policy()).expect("JSON");
        assert_eq!(read(json!({ "trust": trust })), two);
    }

    #[test]
    fn any_other_trust_policy_stays_itself() {
        let service = json!({ "Service": "ecs-tasks.amazonaws.com" });
        for more in [
            json!({ "Principal": service, "Condition": { "Bool": { "a:b": "true" } } }),
            json!({ "Principal": service, "Sid": "Tasks" }),
            json!({ "Principal": service, "Effect": "Deny" }),
            json!({ "Principal": service, "Action": ["sts:AssumeRole", "sts:TagSession"] }),
            json!({ "Principal": { "AWS": "123456789012" } }),
            json!({ "Principal": { "AWS": "*", "Service": "ecs-tasks.amazonaws.com" } }),
            json!({ "Principal": "*" }),
        ] {
            let role = read(statement(more));
            assert!(role.trust.is_some() && role.trusted_services.is_empty(), "{role:?}");
        }
    }

    #[test]
    fn what_is_canonical_stays_so() {
        let role = read(json!({
            "trusted_services": ["ecs-tasks.amazonaws.com"],
            "managed_policies": ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"],
            "inline_policies": { "read": { "Statement": [{ "Effect": "Allow" }] } },
        }));
        let written = serde_json::to_value(&role).expect("JSON");
        assert_eq!(read(written), role);
    }

    #[test]
    fn policies_of_aws_go_by_their_names() {
        let name = "service-role/AmazonECSTaskExecutionRolePolicy";
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        let own = "arn:aws:iam::123456789012:policy/own";
        let role = read(json!({ "managed_policies": [arn, own], "permissions_boundary": arn }));
        let names: Vec<&str> = role.managed_policies.iter().map(Ref::as_str).collect();
        assert_eq!(names, [own, name]);
        assert_eq!(arn_of("aws", &Ref::new(name)), arn);
        assert_eq!(arn_of("aws", &Ref::new(own)), own);
        assert_eq!(role.permissions_boundary, Some(Ref::new(name)));
    }

    #[test]
    fn both_or_neither_sort_of_trust_is_an_error() {
        let messages = |role: &Spec| -> Vec<String> {
            role.check().into_iter().map(|finding| finding.message).collect()
        };
        assert_eq!(messages(&read(json!({}))).len(), 1);
        let mut both = statement(json!({ "Principal": { "Service": "a.amazonaws.com" } }));
        both["trusted_services"] = json!(["b.amazonaws.com"]);
        assert_eq!(messages(&read(both)), ["a role has `trusted_services` or `trust`, not both"]);
    }

    #[test]
    fn mistaken_policies_are_found() {
        let finding = |policy: &str| check_reference(&Ref::new(policy), "managed_policies[0]");
        assert!(finding("ReadOnlyAccess").is_none());
        assert!(finding("arn:aws:iam::123456789012:policy/own").is_none());
        assert!(finding("iam_polcy.app").is_some());
        let help = finding("AmazonECSTaskExecutionRolePolicy").and_then(|finding| finding.help);
        assert_eq!(help.as_deref(), Some("write `service-role/AmazonECSTaskExecutionRolePolicy`"));
    }
}
