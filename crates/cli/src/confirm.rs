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
    if yes {
        return true;
    }
    terminal.print(&format!("\n{question} [y/N] "));
    let mut answer = String::new();
    match std::io::stdin().read_line(&mut answer) {
        Ok(_) => matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"),
        Err(_) => false,
    }
}
