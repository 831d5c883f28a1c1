//! Images as the agent of a task pulls them.

use crate::world::Site;

/// Pulls an image: its digest, or the agent's words for why it cannot. Images of other registries
/// are always there.
pub fn pull(_site: &Site<'_>, _image: &str) -> Result<String, String> {
    Ok(format!("sha256:{}", "0".repeat(64)))
}
