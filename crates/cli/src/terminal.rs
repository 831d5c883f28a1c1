//! What the output goes to.

use std::io::{self, IsTerminal, Write};
use std::sync::{PoisonError, RwLock};

use landfall_model::Secrets;
use landfall_view::Style;

use crate::args::Color;

/// What standard output and standard error are, and how to write to them.
pub struct Terminal {
    color: Color,
    secrets: RwLock<Secrets>,
}

/// The width of lines where no terminal tells.
const WIDTH: usize = 100;

impl Terminal {
    pub fn new(color: Color) -> Terminal {
        Terminal { color, secrets: RwLock::default() }
    }

    /// Keeps secrets out of all that is printed from now on, whoever let them in.
    pub fn keep_out(&self, secrets: &Secrets) {
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = secrets.clone();
    }

    fn hidden(&self, text: &str) -> String {
        self.secrets.read().unwrap_or_else(PoisonError::into_inner).hide(text)
    }

    /// How to write to standard output.
    pub fn out(&self) -> Style {
        self.style(console::Term::stdout())
    }

    /// How to write to standard error.
    pub fn err(&self) -> Style {
        self.style(console::Term::stderr())
    }

    fn style(&self, term: console::Term) -> Style {
        let interactive = term.is_term();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let colour = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => interactive && wanted,
        };
        let width = term.size_checked().map_or(WIDTH, |(_, columns)| usize::from(columns));
        Style { colour, width, interactive }
    }

    /// Whether there is somebody to ask.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Prints to standard output. A reader that has gone away (`| head`) is no error.
    pub fn print(&self, text: &str) {
        let text = self.hidden(text);
        let mut out = io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints to standard error.
    pub fn note(&self, text: &str) {
        let text = self.hidden(text);
        let mut err = io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}
