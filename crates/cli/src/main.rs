//! `landfall`: one file per command. The only crate that prints.

mod args;
mod commands;
mod confirm;
mod error;
mod interrupt;
mod session;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::error::CommandError;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(arguments.color);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return CommandError::new(format!("cannot start: {error}")).report(&terminal);
        }
    };
    let result = runtime.block_on(async {
        match arguments.command {
            Command::Validate(args) => commands::validate::run(&args, &terminal),
            Command::Plan(args) => commands::plan::run(&args, &terminal).await,
            Command::Apply(args) => commands::apply::run(&args, &terminal).await,
            Command::Destroy(args) => commands::destroy::run(&args, &terminal).await,
            Command::Output(args) => commands::output::run(&args, &terminal).await,
            Command::Graph(args) => commands::graph::run(&args, &terminal),
            Command::Schema => commands::schema::run(&terminal),
            Command::Completions { shell } => commands::completions::run(shell),
        }
    });
    // What an abandoned run left in flight must not hold up the exit.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => error.report(&terminal),
    }
}
