//! `landfall apply`, and the run that it shares with `landfall destroy`.

use std::io::stderr;
use std::path::Path;
use std::process::ExitCode;

use landfall_apply::Limits;
use landfall_plan::{Goal, Outcome};
use landfall_view::progress::Elapsed;
use landfall_view::{outcome_text, outputs, plan_text, progress, receipt};

use tokio::time::Instant;

use crate::args::ApplyArgs;
use crate::commands::apply_saved;
use crate::door::{Door, STATE};
use crate::error::CommandError;
use crate::session::{Planned, Session};
use crate::terminal::Terminal;
use crate::{confirm, interrupt, saved_plan};

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
    let ended = converge(&session, planned, args.yes, terminal).await?;
    if door.is_sandbox() {
        terminal.print(&what_next(&args.stack.spec.spec));
    }
    Ok(ended)
}

/// Carries out a plan that has been shown, once that is agreed to, and says how it ended.
pub async fn converge(
    session: &Session,
    planned: Planned,
    yes: bool,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let outcome = if planned.plan.is_empty() {
        // Only what is live can be told of.
        let things = planned.observed.live.iter();
        let things = things.filter_map(|live| Some((live.address_in(&session.stack.name)?, live)));
        let outputs = things.map(|(address, live)| (address, live.outputs.clone())).collect();
        Outcome { outputs, ..Outcome::default() }
    } else {
        if !planned.obstacles.is_empty() {
            return Err(session.findings(planned.obstacles));
        }
        if !confirm::agreed(yes, "Apply these changes?", terminal) {
            return Err(CommandError::new("nothing was changed"));
        }
        let outcome = carry_out(session, &planned, terminal).await;
        let place = |address: &_, path: &_| session.place(address, path);
        terminal.print(&outcome_text::render(&planned.plan, &outcome, &place, &terminal.out()));
        outcome
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

/// How long the run lasts, by the clock that it runs by.
fn elapsed() -> Elapsed {
    let start = Instant::now();
    Box::new(move || start.elapsed())
}

/// Runs a plan with progress on standard error.
pub async fn carry_out(session: &Session, planned: &Planned, terminal: &Terminal) -> Outcome {
    let how = terminal.err();
    let mut progress = match how.interactive {
        true => progress::live(&planned.plan, &how, elapsed()),
        false => progress::plain(Box::new(stderr()), &planned.plan, elapsed()),
    };
    let outcome = landfall_apply::apply(
        &planned.plan,
        &planned.observed,
        session.cloud.clone(),
        Limits::default(),
        &mut |event| progress.event(&event),
        interrupt::watch(),
    )
    .await;
    progress.finish();
    outcome
}
