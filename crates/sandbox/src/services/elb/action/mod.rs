//! Actions of listeners and rules, as they come and as AWS reads them back.

pub mod accept;
mod authenticate;
mod forward;
mod redirect;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is done with a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Action {
    /// `forward`, `redirect`, `fixed-response`, `authenticate-oidc`, …
    #[serde(rename = "Type")]
    pub sort: String,
    /// Where to forward to, if that is one target group.
    #[serde(default)]
    pub target_group_arn: Option<String>,
    /// Where to forward to.
    #[serde(default)]
    pub forward_config: Option<ForwardConfig>,
    /// Where to redirect to.
    #[serde(default)]
    pub redirect_config: Option<RedirectConfig>,
    /// What to answer.
    #[serde(default)]
    pub fixed_response_config: Option<FixedResponseConfig>,
    /// Whom to ask who it is, by OpenID Connect.
    #[serde(default)]
    pub authenticate_oidc_config: Option<OidcConfig>,
    /// The same by Cognito.
    #[serde(default)]
    pub authenticate_cognito_config: Option<CognitoConfig>,
    /// Which tokens are good.
    #[serde(default)]
    pub jwt_validation_config: Option<JwtConfig>,
    /// Its place among several.
    #[serde(default)]
    pub order: Option<i64>,
}

/// Where a forward action leads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct ForwardConfig {
    /// The target groups.
    pub target_groups: Vec<TargetGroupTuple>,
    /// Whether clients stay with a target group.
    pub target_group_stickiness_config: Option<Stickiness>,
}

/// A target group and its share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct TargetGroupTuple {
    /// The target group's ARN.
    pub target_group_arn: Option<String>,
    /// Its share, from 0 to 999.
    pub weight: Option<i64>,
}

/// Whether clients stay with a target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Stickiness {
    /// Whether they do.
    pub enabled: Option<bool>,
    /// For how long.
    pub duration_seconds: Option<i64>,
}

/// Where a redirect leads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RedirectConfig {
    /// `HTTP`, `HTTPS` or `#{protocol}`.
    #[serde(default)]
    pub protocol: Option<String>,
    /// A port or `#{port}`.
    #[serde(default)]
    pub port: Option<String>,
    /// The host, in which `#{host}` may stand.
    #[serde(default)]
    pub host: Option<String>,
    /// The path, in which `#{path}` may stand.
    #[serde(default)]
    pub path: Option<String>,
    /// The query, in which `#{query}` may stand.
    #[serde(default)]
    pub query: Option<String>,
    /// `HTTP_301` or `HTTP_302`.
    pub status_code: String,
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct FixedResponseConfig {
    /// The body.
    #[serde(default)]
    pub message_body: Option<String>,
    /// The status.
    pub status_code: String,
    /// The body's type.
    #[serde(default)]
    pub content_type: Option<String>,
}

/// An identity provider that speaks OpenID Connect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct OidcConfig {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    user_info_endpoint: String,
    client_id: String,
    #[serde(default)]
    client_secret: Option<String>,
    #[serde(default)]
    session_cookie_name: Option<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    session_timeout: Option<i64>,
    #[serde(default)]
    authentication_request_extra_params: Option<BTreeMap<String, String>>,
    #[serde(default)]
    on_unauthenticated_request: Option<String>,
    #[serde(default)]
    use_existing_client_secret: Option<bool>,
}

/// A Cognito user pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CognitoConfig {
    user_pool_arn: String,
    user_pool_client_id: String,
    user_pool_domain: String,
    #[serde(default)]
    session_cookie_name: Option<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    session_timeout: Option<i64>,
    #[serde(default)]
    authentication_request_extra_params: Option<BTreeMap<String, String>>,
    #[serde(default)]
    on_unauthenticated_request: Option<String>,
}

/// Which tokens are good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct JwtConfig {
    jwks_endpoint: String,
    issuer: String,
    #[serde(default)]
    additional_claims: Option<Vec<Claim>>,
}

/// A claim that tokens have to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Claim {
    format: String,
    name: String,
    values: Vec<String>,
}

impl Action {
    /// The target groups that it forwards to.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let config = self.forward_config.iter().flat_map(|config| &config.target_groups);
        config.filter_map(|tuple| tuple.target_group_arn.as_deref())
    }

    /// As AWS reads it back: secrets stay inside.
    pub fn described(&self) -> Value {
        let mut value = json!(self);
        for config in ["AuthenticateOidcConfig", "AuthenticateCognitoConfig"] {
            let Some(Value::Object(fields)) = value.get_mut(config) else { continue };
            fields.shift_remove("ClientSecret");
            fields.shift_remove("UseExistingClientSecret");
            if let Some(Value::Object(pairs)) = fields.get("AuthenticationRequestExtraParams") {
                let entries: Vec<Value> = pairs
                    .iter()
                    .map(|(key, value)| json!({ "key": key, "value": value }))
                    .collect();
                fields.insert(
                    "AuthenticationRequestExtraParams".to_owned(),
                    json!({ "entry": entries }),
                );
            }
        }
        value
    }
}
