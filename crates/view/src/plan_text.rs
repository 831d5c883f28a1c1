//! A plan for a person: what will happen, and nothing else.
//!
//! One block per thing that comes or changes, in the order of the spec, then what goes. What stays
//! as it is counts only in the last line.

mod block;
mod creation;
pub(crate) mod differences;
mod heading;

use landfall_plan::{Action, Change, Plan};

use crate::count::{self, Counts};
use crate::style::Style;
use crate::{Header, fit, header};
use block::Block;
use creation::Context;

/// The plan as text, with a line feed behind its last line.
pub fn render(plan: &Plan, header: &Header, style: &Style) -> String {
    let mut lines = header::lines(header, style);
    let context = Context::new(plan);
    let mut changes: Vec<&Change> =
        plan.changes.iter().filter(|change| change.action != Action::Keep).collect();
    // Stable, so that the spec's order stays within each group.
    changes.sort_by_key(|change| match change.action {
        Action::Delete => 1,
        Action::Retain => 2,
        _ => 0,
    });
    if let Some(tags) = context.shared_tags_line() {
        let words = format!("everything created is tagged {tags}");
        lines.extend(fit::fold(&words, style.columns()).iter().map(|line| style.paint().dim(line)));
    }
    let blocks: Vec<Block> =
        changes.iter().map(|change| Block::new(change, &context, style)).collect();
    lines.extend(block::lines(&blocks, style));
    lines.push(String::new());
    lines.extend(fit::wrap(&summary(plan, style), style.columns()));
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `Plan: 3 to create, 12 unchanged.`
fn summary(plan: &Plan, style: &Style) -> String {
    let counts = Counts::in_plan(plan);
    let paint = style.paint();
    if counts.acting() > 0 {
        let words = count::list(&[
            (counts.create, "to create"),
            (counts.update, "to change"),
            (counts.replace, "to replace"),
            (counts.delete, "to delete"),
            (counts.retain, "to retain"),
            (counts.keep, "unchanged"),
        ]);
        return format!("{} {words}.", paint.name("Plan:"));
    }
    let none = paint.name("No changes.");
    match (counts.keep, counts.retain) {
        (0, 0) => format!("{none} The stack has nothing in AWS."),
        (0, retain) => format!("{none} {} in AWS, as the lifecycle says.", stay(retain)),
        (1, _) => format!("{none} 1 resource is as the spec says."),
        (keep, _) => format!("{none} {keep} resources are as the spec says."),
    }
}

fn stay(number: usize) -> String {
    let verb = if number == 1 { "stays" } else { "stay" };
    format!("{} {verb}", count::of(number, "resource"))
}
