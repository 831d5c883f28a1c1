//! Actions that find out who is asking.

use std::collections::BTreeMap;

use super::super::constraint::{invalid, one_of, within};
use super::accept::Scene;
use super::{CognitoConfig, JwtConfig, OidcConfig};
use crate::refused::Refused;

/// What both sorts of authentication have in common.
struct Session<'a> {
    cookie: &'a mut Option<String>,
    scope: &'a mut Option<String>,
    timeout: &'a mut Option<i64>,
    behaviour: &'a mut Option<String>,
    extra: &'a Option<BTreeMap<String, String>>,
}

/// ELB API, AuthenticateOidcActionConfig: the defaults that AWS reads back.
fn session(session: Session<'_>) -> Result<(), Refused> {
    session.cookie.get_or_insert_with(|| "AWSELBAuthSessionCookie".to_owned());
    session.scope.get_or_insert_with(|| "openid".to_owned());
    let timeout = *session.timeout.get_or_insert(604_800);
    within("sessionTimeout", timeout, 1, 604_800)?;
    let behaviour = session.behaviour.get_or_insert_with(|| "authenticate".to_owned());
    one_of("onUnauthenticatedRequest", behaviour, &["deny", "allow", "authenticate"])?;
    if session.extra.as_ref().is_some_and(|extra| extra.len() > 10) {
        return Err(invalid("At most 10 extra parameters can be specified"));
    }
    Ok(())
}

/// ELB API, AuthenticateOidcActionConfig: a new action brings its secret; a changed one may go on
/// with the one it has.
pub(super) fn oidc(scene: Scene<'_>, config: &mut OidcConfig) -> Result<(), Refused> {
    let endpoints = [
        &config.issuer,
        &config.authorization_endpoint,
        &config.token_endpoint,
        &config.user_info_endpoint,
    ];
    endpoints.into_iter().try_for_each(|url| is_https(url))?;
    if config.use_existing_client_secret.take() == Some(true) {
        if config.client_secret.is_some() {
            return Err(invalid("A client secret cannot be specified with the existing one"));
        }
        let mut before =
            scene.before.iter().filter_map(|old| old.authenticate_oidc_config.as_ref());
        config.client_secret = before.next().and_then(|old| old.client_secret.clone());
    }
    if config.client_secret.is_none() {
        return Err(invalid("A client secret must be specified"));
    }
    session(Session {
        cookie: &mut config.session_cookie_name,
        scope: &mut config.scope,
        timeout: &mut config.session_timeout,
        behaviour: &mut config.on_unauthenticated_request,
        extra: &config.authentication_request_extra_params,
    })
}

/// ELB API, AuthenticateCognitoActionConfig.
pub(super) fn cognito(config: &mut CognitoConfig) -> Result<(), Refused> {
    let arn = &config.user_pool_arn;
    if !arn.starts_with("arn:aws:cognito-idp:") {
        return Err(invalid(format!("'{arn}' is not a valid user pool ARN")));
    }
    session(Session {
        cookie: &mut config.session_cookie_name,
        scope: &mut config.scope,
        timeout: &mut config.session_timeout,
        behaviour: &mut config.on_unauthenticated_request,
        extra: &config.authentication_request_extra_params,
    })
}

/// ELB API, JwtValidationActionConfig.
pub(super) fn jwt(config: &JwtConfig) -> Result<(), Refused> {
    is_https(&config.jwks_endpoint)?;
    let formats = ["single-string", "string-array", "space-separated-values"];
    config
        .additional_claims
        .iter()
        .flatten()
        .try_for_each(|claim| one_of("additionalClaims.member.format", &claim.format, &formats))
}

fn is_https(url: &str) -> Result<(), Refused> {
    match url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) {
        true => Ok(()),
        false => Err(invalid(format!("'{url}' is not a valid HTTPS URL"))),
    }
}
