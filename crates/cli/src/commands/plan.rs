//! `landfall plan`.

use std::process::ExitCode;

use landfall_plan::Goal;
use landfall_view::{plan_json, plan_text, receipt};

use crate::args::PlanArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::Session;
use crate::terminal::Terminal;

/// With `--exit-code`: there is something to do.
const CHANGES: u8 = 2;

pub async fn run(
    args: &PlanArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let planned = session.plan(Goal::Converge).await?;
    let receipt = session.receipt(&planned.plan);
    if args.json {
        let document = plan_json::document(&planned.plan, &session.header, &receipt);
        terminal.print(&format!("{document:#}\n"));
    } else {
        terminal.print(&plan_text::render(&planned.plan, &session.header, &terminal.out()));
        terminal.print(&format!("{}\n", receipt::line(&receipt)));
    }
    if !planned.obstacles.is_empty() {
        return Err(session.findings(planned.obstacles));
    }
    match args.exit_code && !planned.plan.is_empty() {
        true => Ok(ExitCode::from(CHANGES)),
        false => Ok(ExitCode::SUCCESS),
    }
}
