//! `landfall`: one file per command. The only crate that prints.

mod args;
mod commands;
mod confirm;
mod door;
mod error;
mod interrupt;
mod process;
mod saved_plan;
mod scribe;
mod session;
mod terminal;
mod under_lock;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::door::Door;
use crate::error::CommandError;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(arguments.color);
    let sandbox = arguments.command.stack().filter(|stack| stack.sandbox);
    let runtime = match door::runtime(sandbox.is_some()) {
        Ok(runtime) => runtime,
        Err(error) => {
            return CommandError::new(format!("cannot start: {error}")).report(&terminal);
        }
    };
    let result = runtime.block_on(async {
        let door = match sandbox {
            Some(stack) => Door::to_sandbox(stack.faults.as_deref())?,
            None => Door::Aws,
        };
        let result = match &arguments.command {
            Command::Validate(args) => commands::validate::run(args, &terminal),
            Command::Plan(args) => commands::plan::run(args, &door, &terminal).await,
            Command::Apply(args) => commands::apply::run(args, &door, &terminal).await,
            Command::Destroy(args) => commands::destroy::run(args, &door, &terminal).await,
            Command::Output(args) => commands::output::run(args, &door, &terminal).await,
            Command::History(args) => commands::history::run(args, &door, &terminal).await,
            Command::Unlock(args) => commands::unlock::run(args, &door, &terminal).await,
            Command::Sandbox(command) => commands::sandbox::run(command, &terminal).await,
            Command::Graph(args) => commands::graph::run(args, &terminal),
            Command::Schema => commands::schema::run(&terminal),
            Command::Completions { shell } => commands::completions::run(*shell),
        };
        door.close()?;
        result
    });
    // What an abandoned run left in flight must not hold up the exit.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => error.report(&terminal),
    }
}
