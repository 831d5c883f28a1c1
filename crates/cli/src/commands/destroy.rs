//! `landfall destroy`.

use std::process::ExitCode;

use landfall_model::Cloud;
use landfall_plan::{Census, Goal, Outcome};
use landfall_view::{left_text, outcome_text, plan_text, receipt};

use crate::args::{ApplyArgs, DestroyArgs};
use crate::confirm;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::{Planned, Session};
use crate::terminal::Terminal;
use crate::under_lock::{self, Job};

pub async fn run(
    DestroyArgs { apply: args, keep_history }: &DestroyArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    confirm::possible(args.yes, "destroy", terminal)?;
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let planned = session.plan(Goal::Destroy).await?;
    terminal.print(&plan_text::render(&planned.plan, &session.header, &terminal.out()));
    tear_down(&session, planned, args, *keep_history, args.yes, terminal).await
}

/// Carries out a plan that has been shown, once that is agreed to, and says what is left.
pub async fn tear_down(
    session: &Session,
    mut planned: Planned,
    args: &ApplyArgs,
    keep_history: bool,
    yes: bool,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    if !planned.obstacles.is_empty() {
        return Err(session.findings(planned.obstacles));
    }
    let mut outcome = Outcome::default();
    if !planned.plan.is_empty() {
        let mut job = Job {
            command: "destroy",
            goal: Goal::Destroy,
            spec: args.stack.spec.spec.display().to_string(),
            lock: &args.lock,
            yes,
            question: "Delete all of this?",
            declined: "nothing was deleted",
            remove_history: false,
        };
        if !confirm::agreed(yes, job.question, terminal) {
            return Err(CommandError::new(job.declined));
        }
        let question = "Delete the history of its runs, too, once all is gone?";
        job.remove_history = !keep_history && confirm::not_declined(yes, question, terminal);
        let ran = under_lock::run(&job, session, planned, terminal).await?;
        planned = ran.planned;
        outcome = ran.outcome.unwrap_or_default();
        let place = |address: &_, path: &_| session.place(address, path);
        terminal.print(&outcome_text::render(&planned.plan, &outcome, &place, &terminal.out()));
    }
    let census = match planned.plan.changes.is_empty() {
        true => Census::default(),
        false => landfall_apply::census(&planned.plan, &outcome, session.cloud.as_ref()).await,
    };
    let cost = |kind: &str| {
        let info = session.cloud.catalogue().kind(kind);
        info.and_then(|info| info.rules.cost).map(str::to_owned)
    };
    let how = terminal.out();
    terminal.print(&left_text::render(&planned.plan, &outcome, &census, &cost, &how));
    terminal.print(&format!("{}\n", receipt::line(&session.receipt(&planned.plan))));
    if outcome.is_complete() { Ok(ExitCode::SUCCESS) } else { Err(CommandError::Said) }
}
