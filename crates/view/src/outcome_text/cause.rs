//! Why a step failed, in sentences. What AWS said stands as AWS said it.

use landfall_model::{CloudError, Path, Refusal};
use landfall_plan::Cause;

use crate::duration;
use crate::fit::printable;

/// How many of those who hold on to a thing are named.
const HOLDERS: usize = 5;

/// How the engine marks a failure of its own.
pub(super) const DEFECT: &str = "landfall failed inside";

/// The cause as sentences, each a paragraph.
pub(super) fn sentences(cause: &Cause) -> Vec<String> {
    match cause {
        Cause::Refused(error) => refused(error),
        Cause::TimedOut { because, after, last } => {
            let after = duration::words(*after);
            let mut said = vec![format!("Gave up after {after}: {}", clean(because))];
            if let Some(error) = last {
                said.push("The last answer was:".to_owned());
                said.extend(refused(error));
            }
            said
        }
        Cause::Held { holders, after, last } => {
            let mut said = refused(last);
            said.push(match after.as_secs() {
                0 => "It is held by:".to_owned(),
                _ => format!("For {} now it has been held by:", duration::words(*after)),
            });
            let shown = holders.iter().take(HOLDERS);
            said.extend(shown.map(|holder| format!("- {}", clean(&holder.to_string()))));
            if holders.len() > HOLDERS {
                said.push(format!("- and {} more", holders.len() - HOLDERS));
            }
            said
        }
        Cause::NeverReady(why) if why.starts_with(DEFECT) => vec![clean(why)],
        Cause::NeverReady(why) => vec![format!("AWS says: {}", clean(why))],
        Cause::NotConverging(paths) => vec![format!(
            "AWS took the change, but goes on answering another value in {}.",
            joined(paths)
        )],
        Cause::Moved(path) => vec![format!(
            "{path} is another one now than when this was planned, and it can't change in place."
        )],
        Cause::Vanished => {
            vec!["It is gone from AWS, though landfall did not delete it.".to_owned()]
        }
        Cause::Unresolved(reference) => {
            vec![format!("It needs {reference}, and that value never came to be.")]
        }
    }
}

/// The cause on one line, for progress and journals.
pub fn line(cause: &Cause) -> String {
    match cause {
        Cause::Refused(error) => match &error.code {
            Some(code) => format!("{code}: {}", message(error)),
            None => message(error),
        },
        Cause::Held { holders, .. } => match holders.as_slice() {
            [] => "held".to_owned(),
            [one] => format!("held by {}", clean(&one.to_string())),
            [first, more @ ..] => {
                format!("held by {}, and {} more", clean(&first.to_string()), more.len())
            }
        },
        other => sentences(other).into_iter().next().unwrap_or_default(),
    }
}

fn refused(error: &CloudError) -> Vec<String> {
    let operation = &error.operation;
    let head = match (error.refusal, &error.code) {
        (Refusal::Failed, Some(code)) => format!("AWS failed at {operation} with {}:", clean(code)),
        (Refusal::Unreachable, _) => format!("{operation} got no answer:"),
        (_, Some(code)) => format!("AWS refused {operation} with {}:", clean(code)),
        (_, None) => format!("{operation} failed:"),
    };
    vec![head, message(error)]
}

/// AWS's message, without the kilobyte of cipher that EC2 adds to a denial.
pub(super) fn message(error: &CloudError) -> String {
    let text = match error.message.split_once("Encoded authorization failure message:") {
        Some((before, _)) => before.trim_end(),
        None => error.message.as_str(),
    };
    match text.trim().is_empty() {
        true => "(no message)".to_owned(),
        false => clean(text.trim()),
    }
}

fn clean(text: &str) -> String {
    printable(text).into_owned()
}

fn joined(paths: &[Path]) -> String {
    let names: Vec<String> = paths.iter().map(Path::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "its fields".to_owned(),
    }
}
