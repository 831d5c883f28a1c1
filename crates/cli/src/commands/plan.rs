//! `landfall plan`.

use std::process::ExitCode;

use landfall_plan::Goal;
use landfall_view::{plan_json, plan_text, receipt};

use crate::args::PlanArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::saved_plan;
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
    let goal = if args.destroy { Goal::Destroy } else { Goal::Converge };
    let planned = session.plan(goal).await?;
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
    if let Some(path) = &args.out {
        saved_plan::write(path, &session.save(&planned, goal, saved_plan::salt())?)?;
        let path = path.display();
        terminal.note(&format!("Saved in {path}. `landfall apply {path}` carries it out.\n"));
    }
    match args.exit_code && !planned.plan.is_empty() {
        true => Ok(ExitCode::from(CHANGES)),
        false => Ok(ExitCode::SUCCESS),
    }
}
