//! From the rules that a group has to those that it should have.

use std::collections::HashMap;

use aws_sdk_ec2::types::IpPermission;
use landfall_model::CloudError;
use landfall_model::types::Set;

use super::Rule;
use crate::Aws;
use crate::error::Answer;

/// Which of a group's two lists is meant.
#[derive(Clone, Copy)]
pub enum Direction {
    Ingress,
    Egress,
}

/// What to do to a group's rules. Rules that stay are never taken away, not even to change what
/// they say about themselves.
pub struct RuleChange {
    authorize: Vec<IpPermission>,
    describe: Vec<IpPermission>,
    revoke: Vec<IpPermission>,
}

impl RuleChange {
    pub fn between(live: &Set<Rule>, want: &Set<Rule>) -> RuleChange {
        let mut going: HashMap<String, &Rule> =
            live.without(want).map(|rule| (rule.key(), rule)).collect();
        let (mut authorize, mut describe) = (Vec::new(), Vec::new());
        for rule in want.without(live) {
            match going.remove(&rule.key()) {
                Some(_) => describe.push(rule.permission()),
                None => authorize.push(rule.permission()),
            }
        }
        let revoke = live.without(want).filter(|rule| going.contains_key(&rule.key()));
        RuleChange { authorize, describe, revoke: revoke.map(Rule::permission).collect() }
    }

    /// Makes the calls that are needed: at most one each to add, describe and take away.
    pub async fn make(self, aws: &Aws, id: &str, direction: Direction) -> Result<(), CloudError> {
        if !self.authorize.is_empty() {
            authorize(aws, id, direction, self.authorize).await?;
        }
        if !self.describe.is_empty() {
            describe(aws, id, direction, self.describe).await?;
        }
        if !self.revoke.is_empty() {
            revoke(aws, id, direction, self.revoke).await?;
        }
        Ok(())
    }
}

async fn authorize(
    aws: &Aws,
    id: &str,
    direction: Direction,
    rules: Vec<IpPermission>,
) -> Result<(), CloudError> {
    match direction {
        Direction::Ingress => {
            let call = aws.ec2.authorize_security_group_ingress().group_id(id);
            let answer = call.set_ip_permissions(Some(rules)).send().await;
            answer.named("ec2:AuthorizeSecurityGroupIngress").map(drop)
        }
        Direction::Egress => {
            let call = aws.ec2.authorize_security_group_egress().group_id(id);
            let answer = call.set_ip_permissions(Some(rules)).send().await;
            answer.named("ec2:AuthorizeSecurityGroupEgress").map(drop)
        }
    }
}

async fn describe(
    aws: &Aws,
    id: &str,
    direction: Direction,
    rules: Vec<IpPermission>,
) -> Result<(), CloudError> {
    match direction {
        Direction::Ingress => {
            let call = aws.ec2.update_security_group_rule_descriptions_ingress().group_id(id);
            let answer = call.set_ip_permissions(Some(rules)).send().await;
            answer.named("ec2:UpdateSecurityGroupRuleDescriptionsIngress").map(drop)
        }
        Direction::Egress => {
            let call = aws.ec2.update_security_group_rule_descriptions_egress().group_id(id);
            let answer = call.set_ip_permissions(Some(rules)).send().await;
            answer.named("ec2:UpdateSecurityGroupRuleDescriptionsEgress").map(drop)
        }
    }
}

/// A rule that is gone already is no error.
async fn revoke(
    aws: &Aws,
    id: &str,
    direction: Direction,
    rules: Vec<IpPermission>,
) -> Result<(), CloudError> {
    match direction {
        Direction::Ingress => {
            let call = aws.ec2.revoke_security_group_ingress().group_id(id);
            let answer = call.set_ip_permissions(Some(rules)).send().await;
            answer.or_missing("ec2:RevokeSecurityGroupIngress").map(drop)
        }
        Direction::Egress => {
            let call = aws.ec2.revoke_security_group_egress().group_id(id);
            let answer = call.set_ip_permissions(Some(rules)).send().await;
            answer.or_missing("ec2:RevokeSecurityGroupEgress").map(drop)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_touched() {
        let rules =
            |json: serde_json::Value| -> Set<Rule> { serde_json::from_value(json).unwrap() };
        let live = rules(serde_json::json!([
            {"port": 80, "cidr": "10.0.0.0/8"},
            {"port": 81, "cidr": "10.0.0.0/8", "description": "old"},
            {"port": 82, "cidr": "10.0.0.0/8"},
        ]));
        let want = rules(serde_json::json!([
            {"port": 80, "cidr": "10.0.0.0/8"},
            {"port": 81, "cidr": "10.0.0.0/8", "description": "new"},
            {"port": 83, "cidr": "10.0.0.0/8"},
        ]));
        let change = RuleChange::between(&live, &want);
        let ports = |permissions: &[IpPermission]| -> Vec<Option<i32>> {
            permissions.iter().map(|permission| permission.from_port).collect()
        };
        assert_eq!(ports(&change.authorize), [Some(83)]);
        assert_eq!(ports(&change.describe), [Some(81)]);
        assert_eq!(ports(&change.revoke), [Some(82)]);
    }
}
