//! Trust policies: who may assume a role. Roles and users are kept by their unique ids, as AWS
//! does: what is made anew under an old name is somebody else (IAM guide, "AWS JSON policy
//! elements: Principal").

use serde_json::{Map, Value, json};

use super::document::{self, Purpose};
use super::refusal::{malformed, over_quota};
use super::statement::{Context, Statement, matches, texts};
use super::{State, caller, service_principal};
use crate::refused::Refused;
use crate::world::{ACCOUNT, Time};

/// Who asks for a role.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asking<'a> {
    /// A service, by its principal.
    Service(&'a str),
    /// A user or role of the account, by its unique id.
    Entity(&'a str),
}

/// Reads a trust policy and gives it the form in which it is kept.
pub(super) fn accept(state: &State, now: Time, text: &str) -> Result<String, Refused> {
    let document = document::read(text, Purpose::Trust)?;
    // IAM guide, quotas: role trust policies have 2,048 characters, white space left out.
    if document::size(text) > 2048 {
        return Err(over_quota("ACLSizePerRole", 2048));
    }
    let keep = |kind: &str, name: &str| kept(state, now, kind, name);
    let mut document = mapped(document, &keep)?;
    if let Some(fields) = document.as_object_mut()
        && !fields.contains_key("Version")
    {
        fields.shift_insert(0, "Version".to_owned(), json!("2008-10-17"));
    }
    Ok(document.to_string())
}

/// A kept trust policy as it is shown: ARNs of what there is, ids of what is gone.
pub(super) fn shown(state: &State, kept: &str) -> String {
    let document: Value = serde_json::from_str(kept).unwrap_or_default();
    let show = |kind: &str, name: &str| {
        let arn = if kind == "AWS" { arn_of(state, name) } else { None };
        Ok(arn.unwrap_or_else(|| name.to_owned()))
    };
    mapped(document, &show).map(|document| document.to_string()).unwrap_or_default()
}

/// Whether a kept trust policy lets somebody do an action such as `sts:AssumeRole`.
pub(super) fn allows(kept: &str, asking: Asking<'_>, action: &str, context: &Context) -> bool {
    let statements = document::parsed(kept);
    let about = |statement: &&Statement| {
        let principals = &statement.principals;
        let named = principals.named.iter().any(|(kind, name)| is_meant(kind, name, asking));
        named != principals.all_but && statement.is_about(action) && statement.holds(context)
    };
    let (yes, no): (Vec<_>, Vec<_>) =
        statements.iter().filter(about).partition(|statement| statement.allows);
    !yes.is_empty() && no.is_empty()
}

fn is_meant(kind: &str, name: &str, asking: Asking<'_>) -> bool {
    match (kind, asking) {
        ("Service", Asking::Service(service)) => name == service,
        ("AWS", Asking::Entity(id)) => name == "*" || name == id || name == root(ACCOUNT),
        _ => false,
    }
}

/// A document with each of its principals turned into something else.
fn mapped(
    mut document: Value,
    map: &impl Fn(&str, &str) -> Result<String, Refused>,
) -> Result<Value, Refused> {
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    for statement in statements {
        for field in ["Principal", "NotPrincipal"] {
            let Some(Value::Object(kinds)) = statement.get_mut(field) else { continue };
            let mut turned = Map::new();
            for (kind, names) in kinds.iter() {
                let names = texts(names);
                let mut names = names
                    .iter()
                    .map(|name| map(kind, name).map(Value::from))
                    .collect::<Result<Vec<Value>, Refused>>()?;
                // AWS gives a list of one back as that one.
                let only = if names.len() == 1 { names.pop() } else { None };
                let names = only.unwrap_or_else(|| Value::from(names));
                turned.insert(kind.clone(), names);
            }
            *kinds = turned;
        }
    }
    Ok(document)
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The form in which a principal is kept.
fn kept(state: &State, now: Time, kind: &str, name: &str) -> Result<String, Refused> {
    let refuse =
        |kind: &str| Err(malformed(format!("Invalid principal in policy: \"{kind}\":\"{name}\"")));
    match kind {
        "Service" if service_principal::is_known(name) => Ok(name.to_owned()),
        "Service" => refuse("SERVICE"),
        "Federated" => {
            const OPEN: &[&str] = &[
                "accounts.google.com",
                "cognito-identity.amazonaws.com",
                "graph.facebook.com",
                "www.amazon.com",
            ];
            let provider = ["arn:aws:iam::*:oidc-provider/*", "arn:aws:iam::*:saml-provider/*"]
                .iter()
                .any(|pattern| matches(pattern, name))
                && name.split(':').nth(4).is_some_and(is_account);
            if provider || OPEN.contains(&name) { Ok(name.to_owned()) } else { refuse("FEDERATED") }
        }
        "CanonicalUser" => Ok(name.to_owned()),
        "AWS" => match entity(state, now, name) {
            Some(kept) => Ok(kept),
            None => refuse("AWS"),
        },
        _ => Err(malformed("Invalid principal in policy")),
    }
}

fn entity(state: &State, now: Time, name: &str) -> Option<String> {
    if name == "*" {
        return Some(name.to_owned());
    }
    if is_account(name) {
        return Some(root(name));
    }
    if let Some(id) = id_of(state, now, |arn, id| id == name || arn == name) {
        return Some(id);
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", "iam", "", account, "root"] if is_account(account) => Some(name.to_owned()),
        // Whether another account has it, the sandbox cannot know.
        ["arn", "aws", "iam", "", account, resource]
            if is_account(account)
                && *account != ACCOUNT
                && (resource.starts_with("role/") || resource.starts_with("user/"))
                && !resource.contains('*') =>
        {
            Some(name.to_owned())
        }
        ["arn", "aws", "sts", "", account, resource]
            if is_account(account)
                && (resource.starts_with("assumed-role/")
                    || resource.starts_with("federated-user/")) =>
        {
            Some(name.to_owned())
        }
        _ => None,
    }
}

/// The unique id of a role or user that a test finds by ARN or id and that has got about.
fn id_of(state: &State, now: Time, test: impl Fn(&str, &str) -> bool) -> Option<String> {
    if test(&caller::arn(), caller::ID) {
        return Some(caller::ID.to_owned());
    }
    let roles = state.roles.values().filter(|role| role.trust_known_at(now).is_some());
    let mut roles = roles.map(|role| (&role.arn, &role.id));
    let users = state.users.values().filter(|user| user.known_from <= now);
    let mut users = users.map(|user| (&user.arn, &user.id));
    roles
        .find(|(arn, id)| test(arn, id))
        .or_else(|| users.find(|(arn, id)| test(arn, id)))
        .map(|(_, id)| id.clone())
}

fn arn_of(state: &State, id: &str) -> Option<String> {
    if id == caller::ID {
        return Some(caller::arn());
    }
    let role = state.roles.values().find(|role| role.id == id).map(|role| role.arn.clone());
    role.or_else(|| state.users.values().find(|user| user.id == id).map(|user| user.arn.clone()))
}
