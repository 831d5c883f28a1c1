//! Failures of load balancers by script: which of the next ones are never provisioned.

use serde::{Deserialize, Serialize};

use crate::world::Site;

/// A load balancer that ends as `failed` in place of `active`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Its name, or `*` for any.
    pub name: String,
    /// AWS's reason.
    #[serde(default)]
    pub reason: String,
    /// So many of them; all where there is no number.
    #[serde(default)]
    pub times: Option<u32>,
}

/// Why a load balancer of this name is not going to be provisioned, if so.
pub(super) fn draw(site: &mut Site<'_>, name: &str) -> Option<String> {
    let scripts = &mut site.world.stillborn;
    let fits = |script: &&mut Script| {
        ["*", name].contains(&script.name.as_str()) && script.times != Some(0)
    };
    let script = scripts.iter_mut().find(fits)?;
    script.times = script.times.map(|times| times - 1);
    Some(script.reason.clone())
}
