//! Rules that are taken away.

use serde::Deserialize;
use serde_json::{Value, json};

use super::authorize::Short;
use super::permission::{IpPermission, wanted};
use super::{Rule, check_id, missing};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::security_group::describe::permissions;
use crate::services::ec2::security_group::{SecurityGroup, chosen};
use crate::world::Site;

/// The input of `RevokeSecurityGroupIngress` and `RevokeSecurityGroupEgress`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Revoke {
    group_id: Option<String>,
    group_name: Option<String>,
    security_group_rule_id: Vec<String>,
    ip_permissions: Vec<IpPermission>,
    cidr_ip: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    ip_protocol: Option<String>,
    source_security_group_name: Option<String>,
    source_security_group_owner_id: Option<String>,
}

/// Takes away what lets something in.
pub fn ingress(site: &mut Site<'_>, input: Revoke) -> Answer {
    revoke(site, input, false)
}

/// Takes away what lets something out.
pub fn egress(site: &mut Site<'_>, input: Revoke) -> Answer {
    revoke(site, input, true)
}

/// EC2 API, RevokeSecurityGroupIngress: an unknown rule is an error, and nothing is revoked, but in
/// default VPCs it is only told of. Descriptions do not have to match.
fn revoke(site: &mut Site<'_>, input: Revoke, egress: bool) -> Answer {
    let state = &site.region().ec2;
    let group = chosen(state, input.group_id.as_deref(), input.group_name.as_deref())?;
    let short = Short {
        cidr: input.cidr_ip,
        from: input.from_port,
        to: input.to_port,
        protocol: input.ip_protocol,
        group: input.source_security_group_name,
        owner: input.source_security_group_owner_id,
    };
    let given = short.or(input.ip_permissions, egress)?;
    let mut unknown = Vec::new();
    let gone = if input.security_group_rule_id.is_empty() {
        let in_default = state.vpcs.get(&group.vpc).is_some_and(|vpc| vpc.default);
        let mut gone = Vec::new();
        for (permission, description) in wanted(state, group, &given)? {
            let same = |rule: &&Rule| rule.egress == egress && rule.permission == permission;
            match group.rules.iter().find(same) {
                Some(rule) => gone.push(rule.id.clone()),
                None if in_default => {
                    unknown.push(Rule::new(String::new(), egress, permission, description));
                }
                None => return Err(not_there()),
            }
        }
        gone
    } else if given.is_empty() {
        by_id(group, &input.security_group_rule_id, egress)?
    } else {
        let message =
            "The parameter securityGroupRuleIds may not be used in combination with ipPermissions";
        return Err(Refused::new("InvalidParameterCombination", message));
    };
    let id = group.id.clone();
    let Some(group) = site.region_mut().ec2.groups.get_mut(&id) else { return Err(not_there()) };
    let (revoked, kept): (Vec<Rule>, Vec<Rule>) =
        group.rules.drain(..).partition(|rule| gone.contains(&rule.id));
    group.rules = kept;
    let revoked: Vec<Value> = revoked.iter().map(|rule| rule.revoked(&id)).collect();
    Ok(json!({
        "return": true,
        "unknownIpPermissionSet": (!unknown.is_empty()).then(|| permissions(unknown.iter())),
        "revokedSecurityGroupRuleSet": revoked,
    }))
}

fn by_id(group: &SecurityGroup, ids: &[String], egress: bool) -> Result<Vec<String>, Refused> {
    for id in ids {
        check_id(id)?;
        if !group.rules.iter().any(|rule| rule.id == *id && rule.egress == egress) {
            return Err(missing(id));
        }
    }
    Ok(ids.to_vec())
}

/// The refusal of a rule that a group does not have, by its permission.
pub(super) fn not_there() -> Refused {
    let message = "The specified rule does not exist in this security group.";
    Refused::new("InvalidPermission.NotFound", message)
}
