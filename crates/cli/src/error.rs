//! Why a command failed, for people.

use std::process::ExitCode;

use console::style;
use landfall_apply::observe::Unreadable;
use landfall_model::{CloudError, Refusal};
use landfall_spec::{Problems, Source};
use landfall_view::outcome_text;

use crate::terminal::Terminal;

/// Why a command failed.
pub enum CommandError {
    /// A sentence, and what to do.
    Told {
        /// What happened.
        message: String,
        /// What to do about it.
        hints: Vec<String>,
    },
    /// Findings in a spec.
    Findings(Box<Problems>),
    /// All has been said already.
    Said,
}

impl CommandError {
    pub fn new(message: impl Into<String>) -> CommandError {
        CommandError::Told { message: message.into(), hints: Vec::new() }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> CommandError {
        if let CommandError::Told { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }

    /// A read that failed before anything was done.
    pub fn unreadable(unreadable: Unreadable, source: &Source) -> CommandError {
        let error = CommandError::from(unreadable.error);
        let Some(lookup) = unreadable.lookup else { return error };
        let CommandError::Told { message, hints } = error else { return error };
        let place = source.locate_lookup(&lookup).map(|place| format!("{place}: "));
        let message = format!("{}lookup.{lookup}: {message}", place.unwrap_or_default());
        CommandError::Told { message, hints }
    }

    /// Says it and gives the exit code.
    pub fn report(self, terminal: &Terminal) -> ExitCode {
        let how = terminal.err();
        match self {
            CommandError::Told { message, hints } => {
                let label = style("error:").red().bold().force_styling(how.colour);
                let mut text = format!("{label} {message}\n");
                for hint in hints {
                    let label = style("help:").cyan().bold().force_styling(how.colour);
                    text.push_str(&format!("{label} {hint}\n"));
                }
                terminal.note(&text);
            }
            CommandError::Findings(problems) => {
                terminal.note(&problems.render(how.colour, how.width));
            }
            CommandError::Said => {}
        }
        ExitCode::from(1)
    }
}

impl From<Problems> for CommandError {
    fn from(problems: Problems) -> Self {
        CommandError::Findings(Box::new(problems))
    }
}

impl From<CloudError> for CommandError {
    fn from(error: CloudError) -> Self {
        let message = error.to_string();
        match error.refusal {
            Refusal::NoCredentials if error.operation == "connect" => {
                CommandError::new("no AWS region is set")
                    .hint("name one with `region:` in the spec, AWS_REGION, or `aws configure`")
            }
            Refusal::NoCredentials if error.code.is_none() => {
                CommandError::new(format!("no AWS credentials were found ({})", error.message))
                    .hint("log in with `aws sso login` or `aws configure`, or set AWS_PROFILE")
                    .hint("in CI set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or assume a role")
            }
            Refusal::NoCredentials => CommandError::new(message).hint(
                "the credentials are not valid (any more): log in again, or check AWS_PROFILE",
            ),
            Refusal::Unreachable => CommandError::new(message)
                .hint("check the network, the region, and AWS_ENDPOINT_URL if it is set"),
            Refusal::Denied => {
                CommandError::new(message).hint(outcome_text::permission(&error).join("\n"))
            }
            _ => CommandError::new(message),
        }
    }
}
