//! What holds roles and policies.

use landfall_model::{Going, Holder};

use super::{Asking, Holders};
use crate::batch::each;
use crate::error::Answer;
use crate::services::iam;

/// Who a policy is attached to.
pub(super) async fn of_policy(asking: Asking<'_>, arn: &str) -> Holders {
    let pages = asking.aws.iam.list_entities_for_policy().policy_arn(arn).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.or_missing("iam:ListEntitiesForPolicy")?.unwrap_or_default();
    let show = format!("aws iam list-entities-for-policy --policy-arn {arn}");
    let roles = pages.iter().flat_map(|page| page.policy_roles());
    let roles: Vec<String> = roles.filter_map(|role| role.role_name.clone()).collect();
    let of_roles = each(roles, |role| {
        let show = show.clone();
        async move {
            let answer = asking.aws.iam.get_role().role_name(&role).send().await;
            let answer = answer.or_missing("iam:GetRole")?;
            let what = format!("the role {role}, which it is attached to");
            Ok(match answer.and_then(|answer| answer.role) {
                Some(found) => asking.present(&what, &iam::tags_of(found.tags.as_deref()), show),
                None => Holder { what, going: Going::ByItself, show },
            })
        }
    });
    let mut holders = of_roles.await?;
    let users = pages.iter().flat_map(|page| page.policy_users());
    let users = users.filter_map(|user| Some(("user", user.user_name.as_ref()?)));
    let groups = pages.iter().flat_map(|page| page.policy_groups());
    let groups = groups.filter_map(|group| Some(("group", group.group_name.as_ref()?)));
    holders.extend(users.chain(groups).map(|(sort, name)| Holder {
        what: format!("the {sort} {name}, which it is attached to"),
        going: Going::Not,
        show: show.clone(),
    }));
    Ok(holders)
}

/// What is attached to a role. What was there when the plan was made is taken off by the deletion
/// itself; this came later.
pub(super) async fn of_role(asking: Asking<'_>, name: &str) -> Holders {
    let iam = &asking.aws.iam;
    let attached = iam.list_attached_role_policies().role_name(name).into_paginator();
    let attached = attached.items().send().collect::<Result<Vec<_>, _>>().await;
    let attached = attached.or_missing("iam:ListAttachedRolePolicies")?.unwrap_or_default();
    let inline = iam.list_role_policies().role_name(name).into_paginator();
    let inline = inline.items().send().collect::<Result<Vec<_>, _>>().await;
    let inline = inline.or_missing("iam:ListRolePolicies")?.unwrap_or_default();
    let profiles = iam.list_instance_profiles_for_role().role_name(name).into_paginator();
    let profiles = profiles.items().send().collect::<Result<Vec<_>, _>>().await;
    let profiles = profiles.or_missing("iam:ListInstanceProfilesForRole")?.unwrap_or_default();
    let holder = |what: String, list: &str| Holder {
        what,
        going: Going::Not,
        show: format!("aws iam {list} --role-name {name}"),
    };
    let attached = attached.into_iter().map(|policy| {
        let policy = policy.policy_arn.unwrap_or_default();
        holder(format!("the attached policy {policy}"), "list-attached-role-policies")
    });
    let inline = inline
        .into_iter()
        .map(|policy| holder(format!("the inline policy {policy}"), "list-role-policies"));
    let profiles = profiles.into_iter().map(|profile| {
        let profile = profile.instance_profile_name;
        holder(format!("the instance profile {profile}"), "list-instance-profiles-for-role")
    });
    Ok(attached.chain(inline).chain(profiles).collect())
}
