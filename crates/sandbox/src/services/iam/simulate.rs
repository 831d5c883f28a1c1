//! Simulations: what policies would say about actions (IAM guide, "Policy evaluation logic").

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{self, Purpose};
use super::refusal::{invalid, missing};
use super::statement::{Context, Statement};
use super::{State, grants, listing, policy};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// A policy under its name and with its kind.
struct Source {
    name: String,
    kind: &'static str,
    statements: Vec<Statement>,
}

impl Source {
    fn of(name: String, kind: &'static str, text: &str) -> Source {
        Source { name, kind, statements: document::parsed(text) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ContextEntry {
    context_key_name: String,
    #[serde(default)]
    context_key_values: Vec<String>,
    #[serde(default, rename = "ContextKeyType")]
    _context_key_type: Option<String>,
}

macro_rules! simulation {
    ($name:ident { $($own:tt)* }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "PascalCase")]
        pub(super) struct $name {
            $($own)*
            #[serde(default)]
            permissions_boundary_policy_input_list: Vec<String>,
            action_names: Vec<String>,
            #[serde(default)]
            resource_arns: Vec<String>,
            #[serde(default)]
            resource_policy: Option<String>,
            #[serde(default, rename = "ResourceOwner")]
            _resource_owner: Option<String>,
            #[serde(default, rename = "CallerArn")]
            _caller_arn: Option<String>,
            #[serde(default)]
            context_entries: Vec<ContextEntry>,
            #[serde(default, rename = "ResourceHandlingOption")]
            _resource_handling_option: Option<String>,
            #[serde(default)]
            max_items: Option<i64>,
            #[serde(default)]
            marker: Option<String>,
        }

        impl $name {
            fn simulation(self) -> Simulation {
                Simulation {
                    boundaries: self.permissions_boundary_policy_input_list,
                    actions: self.action_names,
                    resources: self.resource_arns,
                    resource_policy: self.resource_policy,
                    context: self.context_entries,
                    max_items: self.max_items,
                    marker: self.marker,
                }
            }
        }
    };
}

simulation!(Custom {
    policy_input_list: Vec<String>,
});

simulation!(Principal {
    policy_source_arn: String,
    #[serde(default)]
    policy_input_list: Vec<String>,
});

struct Simulation {
    boundaries: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    resource_policy: Option<String>,
    context: Vec<ContextEntry>,
    max_items: Option<i64>,
    marker: Option<String>,
}

pub(super) fn custom(_: &mut Site<'_>, mut input: Custom) -> Answer {
    let sources = given(&std::mem::take(&mut input.policy_input_list))?;
    input.simulation().run(&sources, None)
}

pub(super) fn principal(site: &mut Site<'_>, mut input: Principal) -> Answer {
    let state = &site.global().iam;
    let arn = std::mem::take(&mut input.policy_source_arn);
    let mut sources = given(&std::mem::take(&mut input.policy_input_list))?;
    let (own, boundary) = of_principal(state, &arn)?;
    sources.extend(own);
    input.simulation().run(&sources, boundary.as_deref())
}

/// Policies that stand in the call.
fn given(texts: &[String]) -> Result<Vec<Source>, Refused> {
    let read = |(at, text): (usize, &String)| {
        let read = document::read(text, Purpose::Inline);
        read.map_err(|refused| invalid(format!("Invalid Entity: {}", refused.message)))?;
        Ok(Source::of(format!("PolicyInputList.{}", at + 1), "IAM Policy", text))
    };
    texts.iter().enumerate().map(read).collect()
}

/// The policies of a user, group or role, with those of a user's groups, and the boundary's text.
fn of_principal(state: &State, arn: &str) -> Result<(Vec<Source>, Option<String>), Refused> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let mut holders = grants::all(state);
    holders.retain(|held| {
        let word = held.holder.word();
        held.name == name && arn.ends_with(&format!(":{word}{}{name}", held.path))
    });
    let Some(held) = holders.first() else {
        return Err(missing(format!("The entity with ARN {arn} cannot be found.")));
    };
    let kind = held.holder.word();
    let of = |kind: &'static str, name: &str, grants: &grants::Grants| {
        let documents = grants.documents(state, &format!("{kind}_{name}"));
        let source = |(name, text): (String, String)| Source::of(name, "IAM Policy", &text);
        documents.into_iter().map(source).collect::<Vec<_>>()
    };
    let mut sources = of(kind, held.name, held.grants);
    if let Some(user) = state.users.get(name).filter(|_| kind == "user") {
        let groups = user.groups.iter().filter_map(|group| state.groups.get(group));
        sources.extend(groups.flat_map(|group| of("group", &group.name, &group.grants)));
    }
    let boundary = held.grants.boundary.as_ref();
    Ok((sources, boundary.and_then(|arn| policy::default_document(state, arn))))
}

impl Simulation {
    fn run(self, sources: &[Source], boundary: Option<&str>) -> Answer {
        if self.resource_policy.is_some() {
            return Err(invalid("The sandbox does not simulate resource policies"));
        }
        let context: Context = self
            .context
            .into_iter()
            .map(|entry| (entry.context_key_name.to_lowercase(), entry.context_key_values))
            .collect();
        let mut boundaries = given(&self.boundaries)?;
        boundaries.extend(boundary.map(|text| Source::of("Boundary".to_owned(), "none", text)));
        let resources = match self.resources.is_empty() {
            true => vec!["*".to_owned()],
            false => self.resources,
        };
        let mut results = Vec::new();
        for action in &self.actions {
            if !action.contains(':') {
                return Err(invalid(format!("Invalid Entity: Action {action} is not valid")));
            }
            for resource in &resources {
                results.push(result(sources, &boundaries, action, resource, &context));
            }
        }
        let marker = self.marker.as_deref();
        listing::answer("EvaluationResults", results, self.max_items, marker, "")
    }
}

fn result(
    sources: &[Source],
    boundaries: &[Source],
    action: &str,
    resource: &str,
    context: &Context,
) -> Value {
    let (mut decision, matched) = decide(sources, action, resource, context);
    let mut within = Value::Null;
    if !boundaries.is_empty() {
        let (bound, _) = decide(boundaries, action, resource, context);
        within = json!({ "AllowedByPermissionsBoundary": bound == "allowed" });
        decision = match (decision, bound) {
            (_, "explicitDeny") => "explicitDeny",
            ("allowed", "implicitDeny") => "implicitDeny",
            (own, _) => own,
        };
    }
    json!({
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision,
        "MatchedStatements": matched,
        "MissingContextValues": [],
        "PermissionsBoundaryDecisionDetail": within,
        "EvalDecisionDetails": {},
        "ResourceSpecificResults": [{
            "EvalResourceName": resource,
            "EvalResourceDecision": decision,
            "MatchedStatements": matched,
            "MissingContextValues": [],
            "PermissionsBoundaryDecisionDetail": within,
        }],
    })
}

/// A denial counts for more than any permission, and what nobody allows is denied.
fn decide(
    sources: &[Source],
    action: &str,
    resource: &str,
    context: &Context,
) -> (&'static str, Vec<Value>) {
    let about = |statement: &&Statement| {
        statement.is_about(action) && statement.is_on(resource) && statement.holds(context)
    };
    let matching = |allows: bool| -> Vec<Value> {
        sources
            .iter()
            .filter(|source| {
                source.statements.iter().filter(about).any(|statement| statement.allows == allows)
            })
            .map(|source| json!({ "SourcePolicyId": source.name, "SourcePolicyType": source.kind }))
            .collect()
    };
    let denials = matching(false);
    if !denials.is_empty() {
        return ("explicitDeny", denials);
    }
    match matching(true) {
        none if none.is_empty() => ("implicitDeny", none),
        permissions => ("allowed", permissions),
    }
}
