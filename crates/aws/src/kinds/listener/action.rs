//! Actions in AWS's words.

use aws_sdk_elasticloadbalancingv2::types::{
    Action as AwsAction, ActionTypeEnum, FixedResponseActionConfig, ForwardActionConfig,
    RedirectActionConfig, RedirectActionStatusCodeEnum, TargetGroupStickinessConfig,
    TargetGroupTuple,
};
use landfall_model::CloudError;
use landfall_model::types::Ref;

use super::spec::{Action, FixedResponse, Redirect, Share, Weighted, plain_text};
use crate::services::elb::{meant, word};

impl Action {
    /// The action as AWS tells it. One that the spec has no words for (signing in, say) comes out
    /// as none at all, so it shows as a difference.
    pub(super) fn of(actions: &[AwsAction]) -> Action {
        let [action] = actions else { return Action::default() };
        let read = match &action.r#type {
            Some(ActionTypeEnum::Forward) => forward(action),
            Some(ActionTypeEnum::Redirect) => {
                Action { redirect: action.redirect_config.as_ref().map(redirect), ..none() }
            }
            Some(ActionTypeEnum::FixedResponse) => {
                let response = action.fixed_response_config.as_ref().map(fixed_response);
                Action { fixed_response: response, ..none() }
            }
            _ => none(),
        };
        read.canonical()
    }

    /// The action as AWS takes it.
    pub(super) fn to_aws(&self) -> Result<AwsAction, CloudError> {
        let action = AwsAction::builder();
        let action = if let Some(group) = &self.forward {
            action.r#type(ActionTypeEnum::Forward).target_group_arn(group.as_str())
        } else if let Some(weighted) = &self.forward_weighted {
            action.r#type(ActionTypeEnum::Forward).forward_config(weighted.to_aws())
        } else if let Some(redirect) = &self.redirect {
            action.r#type(ActionTypeEnum::Redirect).redirect_config(redirect.to_aws())
        } else if let Some(response) = &self.fixed_response {
            let config = FixedResponseActionConfig::builder()
                .status_code(response.status_code.to_string())
                .content_type(&response.content_type)
                .set_message_body(response.message_body.clone());
            action.r#type(ActionTypeEnum::FixedResponse).fixed_response_config(config.build())
        } else {
            return Err(CloudError::unexpected("listener", "the action says nothing"));
        };
        Ok(action.build())
    }
}

fn none() -> Action {
    Action::default()
}

/// AWS tells a plain forward as a target group, as a configuration with one target group, or both.
fn forward(action: &AwsAction) -> Action {
    let config = action.forward_config.as_ref();
    let groups = config.map(ForwardActionConfig::target_groups).unwrap_or_default();
    if groups.is_empty() {
        return Action { forward: action.target_group_arn.as_ref().map(Ref::new), ..none() };
    }
    let stickiness = config.and_then(|config| config.target_group_stickiness_config.as_ref());
    let stickiness = stickiness.filter(|stickiness| stickiness.enabled == Some(true));
    let weighted = Weighted {
        target_groups: groups
            .iter()
            .map(|group| Share {
                target_group: Ref::new(group.target_group_arn.as_deref().unwrap_or_default()),
                weight: group.weight.unwrap_or(1),
            })
            .collect(),
        stickiness: stickiness.and_then(|stickiness| stickiness.duration_seconds),
    };
    Action { forward_weighted: Some(weighted), ..none() }
}

impl Weighted {
    fn to_aws(&self) -> ForwardActionConfig {
        let groups = self.target_groups.iter().map(|share| {
            let group = TargetGroupTuple::builder().target_group_arn(share.target_group.as_str());
            group.weight(share.weight).build()
        });
        let stickiness = TargetGroupStickinessConfig::builder()
            .enabled(self.stickiness.is_some())
            .set_duration_seconds(self.stickiness);
        ForwardActionConfig::builder()
            .set_target_groups(Some(groups.collect()))
            .target_group_stickiness_config(stickiness.build())
            .build()
    }
}

fn redirect(config: &RedirectActionConfig) -> Redirect {
    let code = config.status_code.as_ref();
    Redirect {
        // `#{protocol}` and `#{port}`, the request's own, are neither a word nor a number.
        protocol: config.protocol.as_deref().and_then(meant),
        port: config.port.as_ref().and_then(|port| port.parse().ok()),
        host: config.host.clone(),
        path: config.path.clone(),
        query: config.query.clone(),
        status_code: match code {
            Some(RedirectActionStatusCodeEnum::Http302) => 302,
            _ => 301,
        },
    }
}

impl Redirect {
    fn to_aws(&self) -> RedirectActionConfig {
        RedirectActionConfig::builder()
            .set_protocol(self.protocol.map(|protocol| word(&protocol).to_uppercase()))
            .set_port(self.port.map(|port| port.to_string()))
            .set_host(self.host.clone())
            .set_path(self.path.clone())
            .set_query(self.query.clone())
            .status_code(match self.status_code {
                302 => RedirectActionStatusCodeEnum::Http302,
                _ => RedirectActionStatusCodeEnum::Http301,
            })
            .build()
    }
}

fn fixed_response(config: &FixedResponseActionConfig) -> FixedResponse {
    let code = config.status_code.as_ref().and_then(|code| code.parse().ok());
    let content_type = config.content_type.clone().filter(|text| !text.is_empty());
    FixedResponse {
        status_code: code.unwrap_or_default(),
        content_type: content_type.unwrap_or_else(plain_text),
        message_body: config.message_body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(config: ForwardActionConfig) -> Action {
        let action = AwsAction::builder().r#type(ActionTypeEnum::Forward);
        Action::of(&[action.target_group_arn("arn:a").forward_config(config).build()])
    }

    fn group(arn: &str, weight: i32) -> TargetGroupTuple {
        TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build()
    }

    #[test]
    fn a_plain_forward_is_plain_in_every_form() {
        let plain = Action { forward: Some(Ref::new("arn:a")), ..none() };
        let off = TargetGroupStickinessConfig::builder().enabled(false).duration_seconds(3600);
        let config = ForwardActionConfig::builder().target_groups(group("arn:a", 1));
        assert_eq!(told(config.clone().build()), plain);
        assert_eq!(told(config.target_group_stickiness_config(off.build()).build()), plain);
        let bare = AwsAction::builder().r#type(ActionTypeEnum::Forward).target_group_arn("arn:a");
        assert_eq!(Action::of(&[bare.build()]), plain);
    }

    #[test]
    fn weights_survive_the_way_there_and_back() {
        let weighted = told(
            ForwardActionConfig::builder()
                .target_groups(group("arn:b", 20))
                .target_groups(group("arn:a", 80))
                .build(),
        );
        let again = weighted.to_aws().map(|action| Action::of(&[action]));
        assert_eq!(again, Ok(weighted));
    }

    #[test]
    fn placeholders_for_the_request_s_own_are_nothing() {
        let config = RedirectActionConfig::builder()
            .protocol("HTTPS")
            .port("443")
            .host("#{host}")
            .path("/#{path}")
            .query("#{query}")
            .status_code(RedirectActionStatusCodeEnum::Http301);
        let action = AwsAction::builder().r#type(ActionTypeEnum::Redirect);
        let read = Action::of(&[action.redirect_config(config.build()).build()]);
        let redirect = read.redirect.unwrap();
        assert_eq!((redirect.host, redirect.path, redirect.query), (None, None, None));
        assert_eq!(redirect.port, Some(443));
    }
}
