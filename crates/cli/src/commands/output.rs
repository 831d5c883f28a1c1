//! `landfall output`.

use std::process::ExitCode;

use landfall_plan::Goal;
use landfall_view::outputs;

use crate::args::OutputArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::Session;
use crate::terminal::Terminal;

pub async fn run(
    args: &OutputArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let observed = session.plan(Goal::Converge).await?.observed;
    let live = observed.live.iter();
    let things = live
        .filter_map(|live| Some((live.address_in(&session.stack.name)?, live.outputs.clone())))
        .collect();
    let mut found = session.outputs(&observed, &things);
    if let Some(name) = &args.name {
        let Some(value) = found.shift_remove(name) else {
            let known: Vec<&String> = session.stack.outputs.keys().collect();
            let known = known.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            let hint =
                if known.is_empty() { "it has none".to_owned() } else { format!("it has {known}") };
            return Err(CommandError::new(format!("the spec has no output `{name}`")).hint(hint));
        };
        if !landfall_model::reference::is_value_known(&value) {
            return Err(CommandError::new(format!("`{name}` is not known before an apply")));
        }
        let text = match value.as_str() {
            Some(text) if !args.json => text.to_owned(),
            _ => value.to_string(),
        };
        terminal.print(&format!("{text}\n"));
        return Ok(ExitCode::SUCCESS);
    }
    match args.json {
        true => terminal.print(&format!("{:#}\n", outputs::json(&found))),
        false => terminal.print(&outputs::text(&found, &terminal.out())),
    }
    Ok(ExitCode::SUCCESS)
}
