//! Asking before something is done.

use crate::error::CommandError;
use crate::terminal::Terminal;

/// Refuses early to run where nobody can be asked and `--yes` was not given.
pub fn possible(yes: bool, verb: &str, terminal: &Terminal) -> Result<(), CommandError> {
    if yes || terminal.can_ask() {
        return Ok(());
    }
    Err(CommandError::new(format!("there is no terminal to ask in, so nothing was done to {verb}"))
        .hint(format!("`landfall {verb} --yes` goes ahead without asking")))
}

/// Asks; only `yes` and `y` agree.
pub fn agreed(yes: bool, question: &str, terminal: &Terminal) -> bool {
    yes || answer(&format!("{question} [y/N]"), terminal)
        .is_some_and(|answer| matches!(answer.as_str(), "y" | "yes"))
}

/// Asks; only `no` and `n` disagree.
pub fn not_declined(yes: bool, question: &str, terminal: &Terminal) -> bool {
    yes || answer(&format!("{question} [Y/n]"), terminal)
        .is_some_and(|answer| !matches!(answer.as_str(), "n" | "no"))
}

fn answer(question: &str, terminal: &Terminal) -> Option<String> {
    terminal.print(&format!("\n{question} "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    Some(answer.trim().to_lowercase())
}
