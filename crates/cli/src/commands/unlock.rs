//! `landfall unlock`.

use std::process::ExitCode;

use landfall_aws::ledger::Ledger;
use landfall_model::journal::Unlocked;
use landfall_view::lock_text;

use crate::args::UnlockArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::Session;
use crate::terminal::Terminal;
use crate::{confirm, process};

pub async fn run(
    args: &UnlockArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let (aws, stack) = (session.cloud.aws(), &session.stack.name);
    let ledger = Ledger::new(aws, stack);
    let Some(holder) = ledger.holder(&process::is_gone).await? else {
        terminal.print(&format!("Nobody holds the lock of {stack}.\n"));
        return Ok(ExitCode::SUCCESS);
    };
    let now = aws.now();
    let (held, expiry) = (lock_text::held(stack, &holder, now), lock_text::expiry(&holder, now));
    terminal.print(&format!("{held};\n{expiry}.\n"));
    confirm::possible(args.yes, "unlock", terminal)?;
    let question = "Free it? A run that is still alive begins nothing new once it notices.";
    if !confirm::agreed(args.yes, question, terminal) {
        return Err(CommandError::new("the lock is as it was"));
    }
    let by = Unlocked { who: process::who(), caller: aws.caller.clone() };
    ledger.unlock(holder.run, by).await?;
    terminal.print("The lock is free.\n");
    Ok(ExitCode::SUCCESS)
}
