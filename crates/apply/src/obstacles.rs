//! What stands in the way of a plan's deletions, asked before anything is touched.

use futures_util::future::try_join_all;
use landfall_model::{Cloud, CloudError, Finding, Path, Place};
use landfall_plan::Plan;

/// Asks every kind what stands in the way of the deletions that a plan holds: images in a
/// repository, deletion protection. Reads only.
pub async fn obstacles(plan: &Plan, cloud: &dyn Cloud) -> Result<Vec<Finding>, CloudError> {
    let asked = plan.changes.iter().filter(|change| change.deletes()).map(|change| async move {
        let Some(live) = &change.live else { return Ok(None) };
        let obstacle = cloud.obstacle(live, change.declared.as_ref()).await?;
        Ok(obstacle.map(|obstacle| {
            let place = Place::Field(change.address.clone(), Path::default());
            Finding::error(place, format!("{} cannot be deleted: {obstacle}", change.address))
        }))
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}
