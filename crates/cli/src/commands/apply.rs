//! `landfall apply`.

use std::path::Path;
use std::process::ExitCode;

use landfall_plan::{Goal, Outcome};
use landfall_view::{outcome_text, outputs, plan_text, receipt};

use crate::args::ApplyArgs;
use crate::commands::apply_saved;
use crate::door::{Door, STATE};
use crate::error::CommandError;
use crate::session::{Planned, Session};
use crate::terminal::Terminal;
use crate::under_lock::{self, Job};
use crate::{confirm, saved_plan};

pub async fn run(
    args: &ApplyArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    if let Some(saved) = saved_plan::read(&args.stack.spec.spec)? {
        return apply_saved::run(saved, args, door, terminal).await;
    }
    confirm::possible(args.yes, "apply", terminal)?;
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let planned = session.plan(Goal::Converge).await?;
    terminal.print(&plan_text::render(&planned.plan, &session.header, &terminal.out()));
    let ended = converge(&session, planned, args, args.yes, terminal).await?;
    if door.is_sandbox() {
        terminal.print(&what_next(&args.stack.spec.spec));
    }
    Ok(ended)
}

/// Carries out a plan that has been shown, once that is agreed to, and says how it ended.
pub async fn converge(
    session: &Session,
    mut planned: Planned,
    args: &ApplyArgs,
    yes: bool,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let mut outcome = None;
    if !planned.plan.is_empty() {
        if !planned.obstacles.is_empty() {
            return Err(session.findings(planned.obstacles));
        }
        let job = Job {
            command: "apply",
            goal: Goal::Converge,
            spec: args.stack.spec.spec.display().to_string(),
            lock: &args.lock,
            yes,
            question: "Apply these changes?",
            declined: "nothing was changed",
            remove_history: false,
        };
        if !confirm::agreed(yes, job.question, terminal) {
            return Err(CommandError::new(job.declined));
        }
        let ran = under_lock::run(&job, session, planned, terminal).await?;
        (planned, outcome) = (ran.planned, ran.outcome);
    }
    let outcome = match outcome {
        Some(outcome) => {
            let place = |address: &_, path: &_| session.place(address, path);
            terminal.print(&outcome_text::render(&planned.plan, &outcome, &place, &terminal.out()));
            outcome
        }
        None => {
            // Only what is live can be told of.
            let things = planned.observed.live.iter();
            let things =
                things.filter_map(|live| Some((live.address_in(&session.stack.name)?, live)));
            let outputs = things.map(|(address, live)| (address, live.outputs.clone())).collect();
            Outcome { outputs, ..Outcome::default() }
        }
    };
    let printed = session.outputs(&planned.observed, &outcome.outputs);
    terminal.print(&outputs::text(&printed, &terminal.out()));
    terminal.print(&format!("{}\n", receipt::line(&session.receipt(&planned.plan))));
    if !outcome.is_complete() {
        return Err(CommandError::Said);
    }
    Ok(ExitCode::SUCCESS)
}

/// What a newcomer may want to try next.
fn what_next(spec: &Path) -> String {
    let spec = spec.display();
    format!(
        "\nThis was the sandbox, an AWS in memory: nothing of it is on AWS, and waiting\n\
         took no time. What there is stands in {STATE}. Try next:\n\
         \n  landfall plan {spec} --sandbox       shows that nothing is left to do\
         \n  change a line of {spec}, and plan again\
         \n  landfall destroy {spec} --sandbox    takes everything away\n"
    )
}
