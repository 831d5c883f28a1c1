//! Permissions boundaries of roles and users.

use serde::Deserialize;
use serde_json::Value;

use super::grants::{self, Holder};
use super::refusal::{missing, not_an_arn};
use super::{State, name};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// A boundary has to be a managed policy that there is.
pub(super) fn check(state: &State, arn: &str) -> Result<(), Refused> {
    name::arn("permissionsBoundary", arn)?;
    if !arn.contains(":policy/") {
        return Err(not_an_arn(arn));
    }
    if grants::is_policy(state, arn) {
        return Ok(());
    }
    Err(missing(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}

fn put(site: &mut Site<'_>, holder: Holder, of: &str, arn: String) -> Answer {
    let state = &mut site.global_mut().iam;
    holder.grants_mut(state, of)?;
    check(state, &arn)?;
    holder.grants_mut(state, of)?.boundary = Some(arn);
    Ok(Value::Null)
}

fn delete(site: &mut Site<'_>, holder: Holder, of: &str) -> Answer {
    let grants = holder.grants_mut(&mut site.global_mut().iam, of)?;
    if grants.boundary.take().is_some() {
        return Ok(Value::Null);
    }
    let title = holder.title();
    Err(missing(format!("{title} {of} does not have a permissions boundary.")))
}

macro_rules! boundaries {
    ($module:ident, $holder:expr, $parameter:literal) => {
        pub(super) mod $module {
            use super::*;

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct Put {
                #[serde(rename = $parameter)]
                of: String,
                permissions_boundary: String,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct Delete {
                #[serde(rename = $parameter)]
                of: String,
            }

            pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
                super::put(site, $holder, &input.of, input.permissions_boundary)
            }

            pub fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
                super::delete(site, $holder, &input.of)
            }
        }
    };
}

boundaries!(of_role, Holder::Role, "RoleName");
boundaries!(of_user, Holder::User, "UserName");
