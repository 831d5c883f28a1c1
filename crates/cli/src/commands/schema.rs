//! `landfall schema`.

use std::process::ExitCode;

use landfall_aws::registry;

use crate::error::CommandError;
use crate::terminal::Terminal;

pub fn run(terminal: &Terminal) -> Result<ExitCode, CommandError> {
    terminal.print(&format!("{:#}\n", landfall_spec::schema(&registry::catalogue())));
    Ok(ExitCode::SUCCESS)
}
