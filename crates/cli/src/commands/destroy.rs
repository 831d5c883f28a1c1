//! `landfall destroy`.

use std::process::ExitCode;

use landfall_model::Cloud;
use landfall_plan::Goal;
use landfall_view::{left_text, outcome_text, plan_text, receipt};

use super::apply::carry_out;
use crate::args::ApplyArgs;
use crate::confirm;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::{Planned, Session};
use crate::terminal::Terminal;

pub async fn run(
    args: &ApplyArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    confirm::possible(args.yes, "destroy", terminal)?;
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let planned = session.plan(Goal::Destroy).await?;
    terminal.print(&plan_text::render(&planned.plan, &session.header, &terminal.out()));
    tear_down(&session, planned, args.yes, terminal).await
}

/// Carries out a plan that has been shown, once that is agreed to, and says what is left.
pub async fn tear_down(
    session: &Session,
    planned: Planned,
    yes: bool,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    if !planned.obstacles.is_empty() {
        return Err(session.findings(planned.obstacles));
    }
    let mut outcome = Default::default();
    if !planned.plan.is_empty() {
        if !confirm::agreed(yes, "Delete all of this?", terminal) {
            return Err(CommandError::new("nothing was deleted"));
        }
        outcome = carry_out(session, &planned, terminal).await;
        let place = |address: &_, path: &_| session.place(address, path);
        terminal.print(&outcome_text::render(&planned.plan, &outcome, &place, &terminal.out()));
    }
    let cost = |kind: &str| {
        let info = session.cloud.catalogue().kind(kind);
        info.and_then(|info| info.rules.cost).map(str::to_owned)
    };
    terminal.print(&left_text::render(&planned.plan, &outcome, &cost, &terminal.out()));
    terminal.print(&format!("{}\n", receipt::line(&session.receipt(&planned.plan))));
    if outcome.is_complete() { Ok(ExitCode::SUCCESS) } else { Err(CommandError::Said) }
}
