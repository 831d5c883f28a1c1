//! `landfall completions`.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Arguments;
use crate::error::CommandError;

pub fn run(shell: Shell) -> Result<ExitCode, CommandError> {
    let mut command = Arguments::command();
    clap_complete::generate(shell, &mut command, "landfall", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
