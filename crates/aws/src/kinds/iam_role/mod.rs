//! `iam_role`: a role of IAM, with who may take it on and what it may do.

mod read;
mod spec;
mod write;

use std::time::Duration;

use landfall_model::types::Target;
use landfall_model::{
    CloudError, Field, Finding, Interruption, KindRules, Naming, On, TagChange, Tags, Transient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::iam;

pub use spec::Spec;

/// `iam_role`.
pub enum IamRole {}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The id by which AWS tells it from a later role of the same name.
    pub unique_id: String,
}

impl Target for IamRole {
    const KIND: &'static str = "iam_role";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

const AT_WORK: &str = "IAM is still at work on another change of the role";

impl Kind for IamRole {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::immutable("path"),
            Field::mutable("trusted_services"),
            Field::mutable("trust").document(),
            Field::mutable("managed_policies").after_create(),
            Field::mutable("inline_policies").after_create().documents(),
            Field::mutable("permissions_boundary"),
            // These two take a read of their own.
            Field::mutable("description").unmanaged_if_absent(),
            Field::mutable("max_session_duration").unmanaged_if_absent(),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 64,
            underscores: true,
            lower_case: false,
            stable: true,
        }),
        transients: &[
            Transient {
                on: On::Create,
                code: "MalformedPolicyDocument",
                message: "Invalid principal in policy",
                budget: Duration::from_secs(60),
                because: "IAM does not know a principal of the trust policy everywhere yet",
            },
            Transient {
                on: On::Update,
                code: "MalformedPolicyDocument",
                message: "Invalid principal in policy",
                budget: Duration::from_secs(60),
                because: "IAM does not know a principal of the trust policy everywhere yet",
            },
            Transient {
                on: On::Update,
                code: "NoSuchEntity",
                message: "",
                budget: Duration::from_secs(30),
                because: "IAM does not know the new role or policy everywhere yet",
            },
            Transient {
                on: On::Update,
                code: "ConcurrentModification",
                message: "",
                budget: Duration::from_secs(30),
                because: "IAM is still at work on another change of the role",
            },
            Transient {
                on: On::Delete,
                code: "ConcurrentModification",
                message: "",
                budget: Duration::from_secs(30),
                because: "IAM is still at work on another change of the role",
            },
            Transient {
                on: On::Delete,
                code: "DeleteConflict",
                message: "",
                budget: Duration::from_secs(2 * 60),
                because: "IAM still counts policies as attached to the role",
            },
            Transient::within(30, On::Create, "ConcurrentModification", "", AT_WORK),
            Transient::within(
                30,
                On::Create,
                "NoSuchEntity",
                "",
                "IAM does not know the new permissions boundary everywhere yet",
            ),
            // IAM API reference, common to its operations: a name that was deleted just now.
            Transient::within(2 * 60, On::Create, "EntityTemporarilyUnmodifiable", "", AT_WORK),
            Transient::within(2 * 60, On::Update, "EntityTemporarilyUnmodifiable", "", AT_WORK),
            Transient::within(2 * 60, On::Delete, "EntityTemporarilyUnmodifiable", "", AT_WORK),
        ],
        interruption: Interruption {
            create_first: None,
            delete_first: Some("tasks get no credentials in between"),
        },
        ..KindRules::new("iam_role", "iam", "iam:role")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        spec.check()
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        read::find(aws, scope).await
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        write::create(aws, want, tags).await
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        write::update(aws, live, want).await
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        iam::retag_role(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        write::delete(aws, live).await
    }
}
