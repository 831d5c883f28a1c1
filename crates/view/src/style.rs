//! How text may look.

use std::fmt::Display;

/// How text may look. The caller decides; nothing here detects anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// How many columns there are.
    pub width: usize,
    /// Whether somebody watches a terminal, so that lines may be drawn again.
    pub interactive: bool,
}

/// Below this, lines overflow rather than fall to pieces.
const NARROWEST: usize = 40;

impl Style {
    pub(crate) fn paint(&self) -> Paint {
        Paint { colour: self.colour }
    }

    pub(crate) fn columns(&self) -> usize {
        self.width.max(NARROWEST)
    }
}

/// Colours, forced on or off: `console` would otherwise look at the terminal by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    colour: bool,
}

/// What a colour means. One meaning, one colour, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    /// It comes.
    Good,
    /// It changes.
    Caution,
    /// It makes room for another.
    Exchange,
    /// It goes, or it failed.
    Bad,
    /// It is there for whoever looks twice.
    Dim,
    /// The name of a thing.
    Name,
    /// It moves right now.
    Busy,
}

impl Paint {
    /// No colours at all.
    pub(crate) const NONE: Paint = Paint { colour: false };

    pub(crate) fn tone(self, tone: Tone, text: impl Display) -> String {
        let style = console::Style::new().force_styling(self.colour);
        let style = match tone {
            Tone::Plain => return text.to_string(),
            Tone::Good => style.green(),
            Tone::Caution => style.yellow(),
            Tone::Exchange => style.magenta(),
            Tone::Bad => style.red(),
            Tone::Dim => style.dim(),
            Tone::Name => style.bold(),
            Tone::Busy => style.cyan(),
        };
        style.apply_to(text).to_string()
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.tone(Tone::Dim, text)
    }

    pub(crate) fn name(self, text: impl Display) -> String {
        self.tone(Tone::Name, text)
    }
}
