//! Findings as people read them: what is wrong, where, the line with a caret, and what to do.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use landfall_model::{Finding, Severity};

use crate::source::{File, Source};
use crate::tree::Span;

/// How many findings are shown in full.
const SHOWN: usize = 100;
/// The longest line that is shown; of a longer one only its place.
const LONGEST_LINE: usize = 2000;

/// Why a spec can't be used: all that is wrong with it, in the order of the file.
#[derive(Clone, Debug)]
pub struct Problems {
    /// What is wrong, warnings included.
    pub findings: Vec<Finding>,
    /// The files, as far as they could be read.
    pub source: Source,
}

impl Problems {
    /// All findings as text, the first hundred in full.
    pub fn render(&self, colour: bool, width: usize) -> String {
        self.source.render_all(&self.findings, colour, width)
    }
}

/// A text without what would do something to the terminal: control characters, and those that turn
/// the direction of the text.
fn harmless(text: &str) -> String {
    let hostile = |letter: char| {
        letter.is_control() && letter != '\n'
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(hostile, "\u{fffd}")
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false, 100))
    }
}

impl std::error::Error for Problems {}

impl Source {
    /// A finding as text, in the manner of rustc. Credentials in the shown line are covered.
    pub fn render(&self, finding: &Finding, colour: bool, width: usize) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let said = |text: &str| harmless(&self.secrets.hide(text));
        let message = said(&finding.message);
        let mut group = Group::with_title(level.primary_title(message.as_str()));
        if let Some(span) = self.span_of(&finding.place) {
            group = self.excerpt(group, span);
        }
        let help = finding.help.as_deref().map(said);
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(width.max(40)).render(&[group])
    }

    /// Findings as text, the first hundred in full, with a count behind them.
    pub fn render_all(&self, findings: &[Finding], colour: bool, width: usize) -> String {
        let mut text: String = findings
            .iter()
            .take(SHOWN)
            .map(|finding| self.render(finding, colour, width) + "\n\n")
            .collect();
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let counted = |n: usize, what: &str| match n {
            0 => None,
            1 => Some(format!("1 {what}")),
            n => Some(format!("{n} {what}s")),
        };
        let counts: Vec<String> = [counted(errors, "error"), counted(warnings, "warning")]
            .into_iter()
            .flatten()
            .collect();
        text.push_str(&counts.join(", "));
        if findings.len() > SHOWN {
            text.push_str(&format!(", the first {SHOWN} shown"));
        }
        if !findings.is_empty() {
            text.push('\n');
        }
        text
    }

    fn excerpt<'a>(&'a self, group: Group<'a>, span: Span) -> Group<'a> {
        let Some(file) = self.files.get(span.file) else { return group };
        let span = self.first_line(span);
        let (number, start) = file.line(span.start);
        let line = file.text[start..].lines().next().unwrap_or("");
        if line.len() > LONGEST_LINE {
            let column = self.location(span).column;
            let origin = Origin::path(file.name.as_str()).line(number).char_column(column);
            return group.element(origin);
        }
        let shown = self.cover(file, span.file, start, line);
        let from = (span.start - start).min(shown.len());
        let to = (span.end.saturating_sub(start)).clamp(from, shown.len());
        group.element(
            Snippet::source(shown)
                .path(file.name.as_str())
                .line_start(number)
                .annotation(AnnotationKind::Primary.span(from..to)),
        )
    }

    /// The line with asterisks in place of credentials, byte for byte.
    fn cover(&self, file: &File, index: usize, start: usize, line: &str) -> String {
        let mut shown = self.secrets.cover(line);
        for secret in self.covered.iter().filter(|secret| secret.file == index) {
            let from = secret.start.clamp(start, start + line.len()) - start;
            let to = secret.end.clamp(start, start + line.len()) - start;
            if from < to && file.text.is_char_boundary(start + from) {
                shown.replace_range(from..to, &"*".repeat(to - from));
            }
        }
        // These have two bytes, and so has what stands in for them: the caret stays in its place.
        // Others that would do something to the terminal are replaced by the renderer.
        shown.replace(|letter| matches!(letter, '\u{80}'..='\u{9f}'), "·")
    }
}
