//! `landfall validate`.

use std::process::ExitCode;

use crate::args::SpecArgs;
use crate::error::CommandError;
use crate::session;
use crate::terminal::Terminal;

pub fn run(args: &SpecArgs, terminal: &Terminal) -> Result<ExitCode, CommandError> {
    let loaded = session::load(args, terminal)?;
    let (resources, lookups) = (loaded.stack.resources.len(), loaded.stack.lookups.len());
    let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    terminal.print(&format!(
        "{} is valid: stack {}, {}, {}.\n",
        args.spec.display(),
        loaded.stack.name,
        counted(resources, "resource"),
        counted(lookups, "lookup"),
    ));
    Ok(ExitCode::SUCCESS)
}
