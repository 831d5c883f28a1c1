//! A run that changes something: it takes the lock, writes its journal, and stops when it is told
//! to or has lost the lock.

use std::io::stderr;

use landfall_apply::{Limits, Stop};
use landfall_aws::ledger::{Bid, Journal, Lease, Ledger, Lost, NotTaken};
use landfall_model::journal::{Begun, digest};
use landfall_model::{CloudError, Refusal};
use landfall_plan::{Goal, Outcome, Plan};
use landfall_view::progress::Elapsed;
use landfall_view::{lock_text, outcome_text, plan_text, progress};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::args::LockArgs;
use crate::error::CommandError;
use crate::scribe::{self, Scribe};
use crate::session::{Planned, Session};
use crate::terminal::Terminal;
use crate::{confirm, interrupt, process};

/// What is to be done under the lock.
pub struct Job<'a> {
    pub command: &'static str,
    pub goal: Goal,
    /// The spec's path as given.
    pub spec: String,
    pub lock: &'a LockArgs,
    pub yes: bool,
    /// What is asked before a plan that was not shown yet.
    pub question: &'static str,
    /// What is said where the answer is no.
    pub declined: &'static str,
    /// Whether all journals of the stack go with it, if everything else went.
    pub remove_history: bool,
}

/// What came of it.
pub struct Ran {
    /// The plan that was carried out.
    pub planned: Planned,
    /// How it ended; `None` where under the lock nothing was left to do.
    pub outcome: Option<Outcome>,
}

/// Takes the lock and carries out a plan that was shown and agreed to. Where another run was at
/// work in between, it is made anew, and shown again if it is another one.
pub async fn run(
    job: &Job<'_>,
    session: &Session,
    planned: Planned,
    terminal: &Terminal,
) -> Result<Ran, CommandError> {
    let Some(lease) = take(job, session, &planned, terminal).await? else {
        let outcome = Some(carry_out(job, session, &planned, None, terminal).await);
        return Ok(Ran { planned, outcome });
    };
    let fresh = !job.lock.no_lock && !lease.all_was_over(planned.read_at);
    let begun = begun(job, session);
    let (journal, planned) = match fresh {
        false => (lease.open(begun, &scribe::planned(&planned.plan)).await, planned),
        true => {
            let journal = lease.open(begun, &[]).await;
            match again(job, session, &planned, terminal).await {
                Ok(planned) => {
                    scribe::planned(&planned.plan).iter().for_each(|entry| journal.note(entry));
                    journal.flush().await;
                    (journal, planned)
                }
                Err(error) => {
                    close(job, session, journal, &untouched(&planned.plan), terminal).await;
                    return Err(error);
                }
            }
        }
    };
    let outcome = match planned.plan.is_empty() {
        true => None,
        false => Some(carry_out(job, session, &planned, Some(&journal), terminal).await),
    };
    close(job, session, journal, outcome.as_ref().unwrap_or(&Outcome::default()), terminal).await;
    Ok(Ran { planned, outcome })
}

/// Takes the lock; without one (`--no-lock`) a place for the journal, if it can be had.
async fn take(
    job: &Job<'_>,
    session: &Session,
    planned: &Planned,
    terminal: &Terminal,
) -> Result<Option<Lease>, CommandError> {
    let aws = session.cloud.aws();
    let stack = &session.stack.name;
    let theirs = |live: &landfall_model::Live| live.address_in(stack).is_none();
    let waiting = |holder: &_| terminal.note(&lock_text::waiting(stack, holder, aws.now()));
    let bid = Bid {
        new_stack: planned.observed.live.iter().all(theirs),
        locked: !job.lock.no_lock,
        patience: job.lock.lock_timeout,
        is_gone: &process::is_gone,
        waiting: &waiting,
    };
    match Ledger::new(aws, stack).acquire(bid).await {
        Ok(lease) => Ok(Some(lease)),
        Err(NotTaken::Held(holder)) => {
            let now = aws.now();
            let error = CommandError::new(lock_text::held(stack, &holder, now))
                .hint(format!(
                    "{}; --lock-timeout 10m waits for it",
                    lock_text::expiry(&holder, now)
                ))
                .hint(format!(
                    "`landfall unlock {}` frees the lock of a run that is known to be dead",
                    job.spec
                ));
            Err(error)
        }
        Err(NotTaken::Failed(error)) if job.lock.no_lock => {
            terminal.note(&format!("warning: this run writes no journal: {error}\n"));
            Ok(None)
        }
        Err(NotTaken::Failed(error)) => Err(not_taken(stack, error)),
    }
}

fn not_taken(stack: &str, error: CloudError) -> CommandError {
    let message =
        format!("the lock of {stack} could not be taken, so nothing was changed: {error}");
    let told = match error.refusal {
        Refusal::Denied => {
            let advice = outcome_text::missing_permission(&error);
            CommandError::new(message).hint(advice.join("\n"))
        }
        _ => CommandError::new(message),
    };
    told.hint("--no-lock goes ahead without it; then nobody else may be at work on the stack")
}

fn begun(job: &Job<'_>, session: &Session) -> Begun {
    Begun {
        who: process::who(),
        caller: session.cloud.aws().caller.clone(),
        command: job.command.to_owned(),
        landfall: env!("CARGO_PKG_VERSION").to_owned(),
        spec: job.spec.clone(),
        digest: session.source.spec_text().map(digest).unwrap_or_default(),
        process: process::this(),
        ..Begun::default()
    }
}

/// How a run ends that is given up before its first step.
fn untouched(plan: &Plan) -> Outcome {
    let steps = plan.steps.ids().map(|id| plan.steps.step(id));
    let not_started = steps.map(|step| (step.address.clone(), step.op)).collect();
    Outcome { not_started, ..Outcome::default() }
}

/// Plans anew, since another run was at work while the plan was made. A plan that looks the same as
/// the one that was agreed to needs no other answer.
async fn again(
    job: &Job<'_>,
    session: &Session,
    shown: &Planned,
    terminal: &Terminal,
) -> Result<Planned, CommandError> {
    let planned = session.again(job.goal, terminal).await?;
    let text =
        |planned: &Planned| plan_text::render(&planned.plan, &session.header, &terminal.out());
    let (before, now) = (text(shown), text(&planned));
    if before == now {
        return Ok(planned);
    }
    let told =
        "\nAnother run has been at work since this plan was made. It is another one now:\n\n";
    terminal.print(&format!("{told}{now}"));
    if !planned.obstacles.is_empty() {
        return Err(session.findings(planned.obstacles));
    }
    if !planned.plan.is_empty() && !confirm::agreed(job.yes, job.question, terminal) {
        return Err(CommandError::new(job.declined));
    }
    Ok(planned)
}

/// How long the run lasts, by the clock that it runs by.
fn elapsed() -> Elapsed {
    let start = Instant::now();
    Box::new(move || start.elapsed())
}

/// Runs a plan with progress on standard error.
async fn carry_out(
    job: &Job<'_>,
    session: &Session,
    planned: &Planned,
    journal: Option<&Journal>,
    terminal: &Terminal,
) -> Outcome {
    let how = terminal.err();
    let mut progress = match how.interactive {
        true => progress::live(&planned.plan, &how, elapsed()),
        false => progress::plain(Box::new(stderr()), &planned.plan, elapsed()),
    };
    let mut scribe = Scribe::new(&planned.plan);
    let outcome = landfall_apply::apply(
        &planned.plan,
        &planned.observed,
        session.cloud.clone(),
        Limits { beside_others: job.lock.no_lock, ..Limits::default() },
        &mut |event| {
            progress.event(&event);
            if let (Some(journal), Some(entry)) = (journal, scribe.entry(&event)) {
                journal.note(&entry);
            }
        },
        stop(journal.map(Journal::lost)),
    )
    .await;
    progress.finish();
    outcome
}

/// How far the run may go on: as far as the user wants, and no new step without the lock.
fn stop(lost: Option<watch::Receiver<Option<Lost>>>) -> watch::Receiver<Stop> {
    let mut asked = interrupt::watch();
    let Some(mut lost) = lost else { return asked };
    let (sender, receiver) = watch::channel(Stop::Run);
    tokio::spawn(async move {
        loop {
            let wish = tokio::select! {
                changed = asked.changed() => match changed {
                    Ok(()) => *asked.borrow_and_update(),
                    Err(_) => return,
                },
                Ok(()) = lost.changed() => Stop::Drain,
                () = sender.closed() => return,
            };
            if *sender.borrow() == Stop::Run || wish == Stop::Abandon {
                sender.send_replace(wish);
            }
        }
    });
    receiver
}

/// Ends the journal, or removes it with those of all runs before. Says what went wrong with it.
async fn close(
    job: &Job<'_>,
    session: &Session,
    journal: Journal,
    outcome: &Outcome,
    terminal: &Terminal,
) {
    let stack = &session.stack.name;
    let lost = journal.lost().borrow().clone();
    let how = match lost {
        None => None,
        Some(Lost::Lapsed) => Some("no sign of life of this run reached AWS in time".to_owned()),
        Some(Lost::Unlocked(by)) => Some(format!("{} ({}) has freed it", by.who, by.caller)),
    };
    if let Some(how) = how {
        let told = format!("warning: the lock of {stack} was lost on the way: {how}\n");
        terminal.note(&told);
    }
    if job.remove_history && outcome.is_complete() {
        match journal.remove_all().await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                terminal.note(&format!("warning: the history of {stack} is left: {error}\n"));
            }
        }
    }
    let number = journal.number();
    if let Some(problem) = journal.close(scribe::ended(outcome)).await {
        terminal.note(&format!("warning: the journal of run {number}: {problem}\n"));
    }
}
