//! Failures of tasks by script: what is going to happen to the next tasks of a family.

use serde::{Deserialize, Serialize};

use crate::world::Site;

/// What happens to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Its image is not there.
    ImageNotFound,
    /// Its secrets cannot be reached, as in a subnet without a way out.
    SecretUnreachable,
    /// Its first essential container ends soon after its start.
    Exit {
        /// With this code.
        code: i32,
    },
    /// It runs, but fails its health checks: its load balancer's, or those of its containers that
    /// have some. Without any, nothing happens to it.
    Unhealthy,
    /// Its first essential container is killed for its memory.
    OutOfMemory,
}

/// What happens to the next tasks of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The family, or one of its revisions as `family:revision`, or `*` for all.
    pub family: String,
    /// What happens.
    pub failure: Failure,
    /// To so many tasks; to all where there is no number.
    pub times: Option<u32>,
}

/// Adds a script. The first one that fits a task is played.
pub fn set(site: &mut Site<'_>, script: Script) {
    site.region_mut().ecs.scripts.push(script);
}

/// Takes away the scripts of a family, or all.
pub fn clear(site: &mut Site<'_>, family: Option<&str>) {
    let scripts = &mut site.region_mut().ecs.scripts;
    scripts.retain(|script| family.is_some_and(|family| family != script.family));
}

/// What is going to happen to a new task of this family and revision (`family:revision`).
pub(super) fn draw(site: &mut Site<'_>, family: &str, revision: &str) -> Option<Failure> {
    let scripts = &mut site.region_mut().ecs.scripts;
    let fits = |script: &Script| ["*", family, revision].contains(&script.family.as_str());
    let at = scripts.iter().position(|script| fits(script) && script.times != Some(0))?;
    let script = scripts.get_mut(at)?;
    let failure = script.failure;
    script.times = script.times.map(|times| times - 1);
    if script.times == Some(0) {
        scripts.remove(at);
    }
    Some(failure)
}
