//! ExecuteCommand: a session is begun, but nobody answers at its address.

use serde::Deserialize;
use serde_json::json;

use super::describe::find;
use super::get;
use crate::operations::Answer;
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
    // ECS API, ExecuteCommand: "The name of the container ... is only required for tasks with
    // multiple containers."
    let container = match (&input.container, task.containers.as_slice()) {
        (Some(name), containers) => containers.iter().find(|container| container.name == *name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let container = container.ok_or_else(|| {
        invalid("A container name must be specified for tasks with multiple containers.")
    })?;
    let (arn, cluster) = (task.arn.clone(), task.cluster_arn.clone());
    let container_arn = format!("{}/{}", arn.replacen(":task/", ":container/", 1), container.id);
    let name = container.name.clone();
    let session = format!("ecs-execute-command-{}", site.world.chance.hex(17));
    let token = site.world.chance.hex(64);
    let region = &site.name;
    Ok(json!({
        "clusterArn": cluster,
        "taskArn": arn,
        "containerArn": container_arn,
        "containerName": name,
        "interactive": true,
        "session": {
            "sessionId": session,
            "streamUrl": format!(
                "wss://ssmmessages.{region}.amazonaws.com/v1/data-channel/{session}?role=\
                 publish_subscribe"
            ),
            "tokenValue": token,
        },
    }))
}
