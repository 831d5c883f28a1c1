//! ExecuteCommand, which always fails: there is nothing to run a command in.

use serde::Deserialize;

use super::describe::find;
use super::get;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::cluster;
use crate::services::ecs::refusal::invalid;
use crate::world::Site;

/// The input of ExecuteCommand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExecuteCommand {
    command: String,
    interactive: bool,
    task: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    container: Option<String>,
}

/// ExecuteCommand.
pub fn execute(site: &mut Site<'_>, input: ExecuteCommand) -> Answer {
    let cluster = cluster::named(site, input.cluster.as_deref())?.name.clone();
    let task = get(site, &find(&input.task)?).filter(|task| task.cluster == cluster);
    let task = task.ok_or_else(|| invalid("The referenced task was not found."))?;
    if !input.interactive {
        return Err(invalid("Interactive is the only mode supported currently."));
    }
    if input.command.is_empty() {
        return Err(invalid("Command cannot be empty."));
    }
    if let Some(name) = &input.container
        && !task.containers.iter().any(|container| container.name == *name)
    {
        return Err(invalid(format!("The container {name} was not found in the task.")));
    }
    if !task.is_running() || !task.execute_command {
        return Err(invalid(
            "The execute command failed because execute command was not enabled when the task was \
             run or the execute command agent isn't running. Wait and try again or run a new task \
             with execute command enabled and try again.",
        ));
    }
    let message = "The execute command failed due to an internal error. Try again later.";
    Err(Refused::new("TargetNotConnectedException", message))
}
