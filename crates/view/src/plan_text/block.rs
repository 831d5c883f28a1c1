//! The block of lines of one change, and how blocks stand below each other.

use landfall_plan::{Action, Change};

use super::creation::{self, Context};
use super::{differences, heading};
use crate::fit::{self, pad, width};
use crate::style::{Style, Tone};

/// The column in which addresses begin.
const ADDRESS: usize = 4;
/// The column in which the lines below an address begin.
pub(super) const BODY: usize = 6;

/// One change, laid out.
pub(super) struct Block {
    sigil: (&'static str, Tone),
    address: String,
    /// What is about to go has its id, so that it can be looked at first.
    id: Option<String>,
    reason: Option<String>,
    reason_tone: Tone,
    body: Vec<String>,
}

impl Block {
    pub(super) fn new(change: &Change, context: &Context<'_>, style: &Style) -> Block {
        let room = style.columns() - BODY;
        let body = match change.action {
            Action::Create => creation::lines(change, context, room, style.paint()),
            Action::Update | Action::Replace(_) => {
                differences::lines(&change.fields, room, style.paint())
            }
            Action::Delete | Action::Retain | Action::Keep => Vec::new(),
        };
        let interruption = change.interruption.map(|text| format!("! {text}"));
        let interruption = interruption.iter().flat_map(|text| fit::wrap(text, room));
        let interruption = interruption.map(|line| style.paint().tone(Tone::Caution, line));
        let body = interruption.chain(body).collect();
        let id = match change.action {
            Action::Delete | Action::Retain => change.live.as_ref(),
            _ => None,
        };
        Block {
            sigil: heading::sigil(change.action),
            address: change.address.to_string(),
            id: id.map(|live| fit::printable(heading::short_id(&live.id)).into_owned()),
            reason: heading::reason(change, context.stack)
                .map(|reason| fit::printable(&reason).into_owned()),
            // Why something is replaced is no aside.
            reason_tone: match change.action {
                Action::Replace(_) => Tone::Exchange,
                _ => Tone::Dim,
            },
            body,
        }
    }

    /// All lines of the block.
    fn lines(&self, address: usize, id: usize, style: &Style) -> Vec<String> {
        let mut lines = self.head(address, id, style);
        lines.extend(self.body.iter().map(|line| format!("{:BODY$}{line}", "")));
        lines
    }

    /// The first line or lines. Bare blocks stand in columns, whose widths are given.
    fn head(&self, address: usize, id: usize, style: &Style) -> Vec<String> {
        let paint = style.paint();
        let sigil = paint.tone(self.sigil.1, format!("{:>3}", self.sigil.0));
        let mut line = format!("{sigil} {}", paint.name(&self.address));
        if let Some(text) = &self.id {
            let text = fit::cut_middle(text, id);
            line = pad(&line, ADDRESS + address) + "  " + &paint.dim(text);
        }
        let Some(reason) = &self.reason else { return vec![line] };
        let before = if self.id.is_some() { ADDRESS + address + 2 + id } else { width(&line) };
        if before + 2 + width(reason) <= style.columns() {
            return vec![format!(
                "{}  {}",
                pad(&line, before),
                paint.tone(self.reason_tone, reason)
            )];
        }
        let below = fit::fold(reason, style.columns() - BODY);
        let below =
            below.iter().map(|part| format!("{:BODY$}{}", "", paint.tone(self.reason_tone, part)));
        std::iter::once(line).chain(below).collect()
    }
}

/// All blocks: bare ones in columns, an empty line around the others.
pub(super) fn lines(blocks: &[Block], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for group in blocks.chunk_by(|a, b| is_row(a) && is_row(b)) {
        lines.push(String::new());
        let widest = |of: &dyn Fn(&Block) -> usize| group.iter().map(of).max().unwrap_or(0);
        let address = widest(&|block| width(&block.address)).min(style.columns() / 2);
        // A third leaves room for the short reasons; long ones go to a line of their own.
        let id = widest(&|block| block.id.as_deref().map_or(0, width)).min(style.columns() / 3);
        lines.extend(group.iter().flat_map(|block| block.lines(address, id, style)));
    }
    lines
}

fn is_row(block: &Block) -> bool {
    block.id.is_some()
}
