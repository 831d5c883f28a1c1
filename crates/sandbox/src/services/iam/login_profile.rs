//! Passwords of users.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{exists, missing, validation};
use super::{State, date, user};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// That a user has a password; which one, nobody needs to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// When it was made.
    pub created: Time,
    /// Whether it has to be changed at the next sign-in.
    pub reset_required: bool,
}

impl LoginProfile {
    fn shown(&self, name: &str) -> Value {
        json!({
            "UserName": name,
            "CreateDate": date(self.created),
            "PasswordResetRequired": self.reset_required,
        })
    }
}

fn unknown(name: &str) -> Refused {
    missing(format!("Login Profile for User {name} cannot be found."))
}

/// IAM guide, "Set an account password policy": 8 characters and three kinds of them, unless the
/// account has a policy of its own.
fn check(state: &State, password: &str) -> Result<(), Refused> {
    let refuse = |message: String| Err(Refused::new("PasswordPolicyViolation", message));
    let least = state.password_policy.as_ref().map_or(8, |policy| policy.minimum_password_length);
    if (password.chars().count() as i64) < least {
        return refuse(format!("Password should have a minimum length of {least}"));
    }
    let has = |test: fn(char) -> bool| password.chars().any(test);
    let kinds = [
        (has(|letter| letter.is_ascii_uppercase()), "uppercase letter"),
        (has(|letter| letter.is_ascii_lowercase()), "lowercase letter"),
        (has(|letter| letter.is_ascii_digit()), "number"),
        (has(|letter| !letter.is_ascii_alphanumeric()), "symbol"),
    ];
    let required = match &state.password_policy {
        None if kinds.iter().filter(|(has, _)| *has).count() < 3 => {
            return refuse("Password must conform to the account password policy".to_owned());
        }
        None => [false; 4],
        Some(policy) => [
            policy.require_uppercase_characters,
            policy.require_lowercase_characters,
            policy.require_numbers,
            policy.require_symbols,
        ],
    };
    let lacking = kinds.iter().zip(required).find(|((has, _), required)| *required && !has);
    match lacking {
        Some(((_, kind), _)) => refuse(format!("Password should have at least one {kind}")),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    #[serde(default)]
    user_name: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    password_reset_required: bool,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let (Some(name), Some(password)) = (input.user_name, input.password) else {
        return Err(validation("Must specify userName and password"));
    };
    let now = site.now();
    let state = &mut site.global_mut().iam;
    if user::find(state, &name)?.login.is_some() {
        return Err(exists(format!("Login Profile for user {name} already exists.")));
    }
    check(state, &password)?;
    let login = LoginProfile { created: now, reset_required: input.password_reset_required };
    let shown = login.shown(&name);
    user::find_mut(state, &name)?.login = Some(login);
    Ok(json!({ "LoginProfile": shown }))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct One {
    user_name: Option<String>,
}

pub(super) fn get(site: &mut Site<'_>, input: One) -> Answer {
    let name = input.user_name.unwrap_or_default();
    let user = user::find(&site.global().iam, &name)?;
    let login = user.login.as_ref().ok_or_else(|| unknown(&name))?;
    Ok(json!({ "LoginProfile": login.shown(&name) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Update {
    user_name: String,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    password_reset_required: Option<bool>,
}

pub(super) fn update(site: &mut Site<'_>, input: Update) -> Answer {
    let state = &mut site.global_mut().iam;
    let name = &input.user_name;
    if user::find(state, name)?.login.is_none() {
        return Err(unknown(name));
    }
    input.password.iter().try_for_each(|password| check(state, password))?;
    if let Some(login) = &mut user::find_mut(state, name)?.login {
        login.reset_required = input.password_reset_required.unwrap_or(login.reset_required);
    }
    Ok(Value::Null)
}

pub(super) fn delete(site: &mut Site<'_>, input: One) -> Answer {
    let name = input.user_name.unwrap_or_default();
    let user = user::find_mut(&mut site.global_mut().iam, &name)?;
    user.login.take().ok_or_else(|| unknown(&name))?;
    Ok(Value::Null)
}
