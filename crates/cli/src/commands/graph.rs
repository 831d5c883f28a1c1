//! `landfall graph`.

use std::process::ExitCode;

use landfall_aws::registry;
use landfall_plan::{Observed, References};
use landfall_view::graph::{self, Format};

use crate::args::{GraphArgs, GraphFormat};
use crate::error::CommandError;
use crate::session;
use crate::terminal::Terminal;

pub fn run(args: &GraphArgs, terminal: &Terminal) -> Result<ExitCode, CommandError> {
    let stack = session::load(&args.spec, terminal)?.stack;
    let references = References::new(&stack, &Observed::default(), &registry::catalogue());
    let format = match args.format {
        GraphFormat::Dot => Format::Dot,
        GraphFormat::Mermaid => Format::Mermaid,
    };
    terminal.print(&graph::render(&stack, &references, format));
    Ok(ExitCode::SUCCESS)
}
