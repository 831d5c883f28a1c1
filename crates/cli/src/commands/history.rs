//! `landfall history`.

use std::process::ExitCode;

use landfall_aws::ledger::Ledger;
use landfall_view::{history_json, history_text};

use crate::args::HistoryArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::session::Session;
use crate::terminal::Terminal;

pub async fn run(
    args: &HistoryArgs,
    door: &Door,
    terminal: &Terminal,
) -> Result<ExitCode, CommandError> {
    let session = Session::open(&args.stack.spec, door, terminal).await?;
    let aws = session.cloud.aws();
    let ledger = Ledger::new(aws, &session.stack.name);
    let (header, how) = (&session.header, terminal.out());
    let (document, text) = match args.run {
        Some(number) => {
            let Some(run) = ledger.run(number).await? else {
                let message = format!("{} has no run {number} on record", session.stack.name);
                return Err(CommandError::new(message).hint(format!(
                    "`landfall history {}` lists the runs; they are kept for 90 days",
                    args.stack.spec.spec.display()
                )));
            };
            let now = aws.now();
            (history_json::one(&run, now, header), history_text::one(&run, now, header, &how))
        }
        None => {
            let (runs, more) = ledger.runs(args.last).await?;
            let now = aws.now();
            let text = history_text::list(&runs, more, now, header, &how);
            (history_json::list(&runs, now, header), text)
        }
    };
    terminal.print(&if args.json { format!("{document:#}\n") } else { text });
    Ok(ExitCode::SUCCESS)
}
