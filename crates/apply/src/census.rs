//! The end of a destroy: what the stack still has in AWS, read anew.

use std::collections::HashSet;

use futures_util::future::try_join;
use landfall_model::{
    Aftermath, Cloud, CloudError, Detail, KindRules, Leftover, Live, Query, Readiness, Wanted,
};
use landfall_plan::{Action, Census, Change, Op, Outcome, Plan};

/// Looks for what the stack still has. Where all went well that is only what others may have made
/// anew meanwhile, or beside the stack; what came back is deleted once more.
pub async fn census(plan: &Plan, outcome: &Outcome, cloud: &dyn Cloud) -> Census {
    let mut census = Census::default();
    // Whoever stopped the run at once wants no more calls.
    if outcome.in_flight.is_empty()
        && let Err(error) = take(plan, outcome, cloud, &mut census).await
    {
        census.unread = Some(Box::new(error));
    }
    census
}

async fn take(
    plan: &Plan,
    outcome: &Outcome,
    cloud: &dyn Cloud,
    census: &mut Census,
) -> Result<(), CloudError> {
    let done: HashSet<_> = outcome.done.iter().map(|(address, op)| (address, *op)).collect();
    let (gone, kept): (Vec<&Change>, Vec<&Change>) = plan
        .changes
        .iter()
        .filter(|change| change.deletes() || change.action == Action::Retain)
        .partition(|change| done.contains(&(&change.address, Op::Delete)));
    let gone: Vec<&Live> = gone.into_iter().filter_map(|change| change.live.as_ref()).collect();
    tokio::time::sleep(cloud.lingers(&gone)).await;
    let again = deleted_again(plan, &gone, cloud);
    let left = left(plan, outcome, &gone, &kept, cloud);
    let (again, (left, others)) = try_join(again, left).await?;
    census.again = again;
    census.left = left;
    census.others = others;
    Ok(())
}

/// What the stack still has, and what else there is of it.
async fn left(
    plan: &Plan,
    outcome: &Outcome,
    gone: &[&Live],
    kept: &[&Change],
    cloud: &dyn Cloud,
) -> Result<(Option<Vec<Live>>, Vec<Leftover>), CloudError> {
    let kept: Vec<&Live> = kept.iter().filter_map(|change| change.live.as_ref()).collect();
    let found = match outcome.is_complete() {
        // What was retained was read when the plan was made.
        true => None,
        false => {
            let query = Query {
                stack: plan.stack.clone(),
                wanted: kept.iter().filter_map(|live| wanted(plan, live)).collect(),
                whole_stack: true,
                detail: Detail::Identity,
            };
            // An index or a list that is late may still show what has just gone.
            let is_gone =
                |live: &Live| gone.iter().any(|gone| gone.kind == live.kind && gone.id == live.id);
            let mut found = cloud.find(&query).await?;
            found.retain(|live| {
                live.address_in(&plan.stack).is_some()
                    && !matches!(live.readiness, Readiness::Leaving(_))
                    && !is_gone(live)
            });
            Some(found)
        }
    };
    let here: Vec<&Live> = match &found {
        Some(found) => found.iter().collect(),
        None => kept,
    };
    let after = Aftermath { stack: &plan.stack, gone, left: &here };
    let others = cloud.leftovers(&after).await?;
    Ok((found, others))
}

/// Deletes what somebody made anew under the name of something that was deleted: a line that is
/// written late makes its log group (terraform-aws-eks-cluster#67). Such a thing has no tags; one
/// that has some was made on purpose.
async fn deleted_again(
    plan: &Plan,
    gone: &[&Live],
    cloud: &dyn Cloud,
) -> Result<Vec<landfall_model::Address>, CloudError> {
    let comes_back = |kind: &str| {
        let rules: Option<&KindRules> = cloud.catalogue().kind(kind).map(|info| &info.rules);
        rules.is_some_and(|rules| rules.comes_back)
    };
    let suspects = gone.iter().filter(|live| comes_back(&live.kind));
    let wanted: Vec<Wanted> = suspects.filter_map(|live| wanted(plan, live)).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let query = Query {
        stack: plan.stack.clone(),
        wanted: wanted.clone(),
        whole_stack: false,
        detail: Detail::Identity,
    };
    let mut again = Vec::new();
    for found in cloud.find(&query).await?.into_iter().filter(|found| found.tags.is_empty()) {
        let was = wanted.iter().find(|wanted| {
            wanted.address.kind == found.kind && wanted.id.as_deref() == Some(found.id.as_str())
        });
        if let Some(was) = was {
            cloud.delete(&found, None).await?;
            again.push(was.address.clone());
        }
    }
    Ok(again)
}

/// A thing as something to look for.
fn wanted(plan: &Plan, live: &Live) -> Option<Wanted> {
    let (spec, id) = (Some(live.spec.clone()), Some(live.id.clone()));
    live.address_in(&plan.stack).map(|address| Wanted { address, spec, id })
}
