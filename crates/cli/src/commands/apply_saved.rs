//! `landfall apply FILE`, where the file is a saved plan.
//!
//! It does not ask: somebody looked at the plan and said to carry it out.

use std::process::ExitCode;

use landfall_plan::Goal;
use landfall_plan::saved::Saved;
use landfall_view::plan_text;

use super::{apply, destroy};
use crate::args::ApplyArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::Session;
use crate::terminal::Terminal;

pub async fn run(
    saved: Saved,
    args: &ApplyArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let session = Session::of_saved(saved, &args.stack.spec, door, terminal).await?;
    let (planned, goal) = session.resume(terminal).await?;
    terminal.print(&plan_text::render(&planned.plan, &session.header, &terminal.out()));
    match goal {
        Goal::Converge => apply::converge(&session, planned, args, true, terminal).await,
        Goal::Destroy => destroy::tear_down(&session, planned, args, false, true, terminal).await,
    }
}
