//! The spec's references as a drawing: an arrow leads from a thing to what it needs.
//!
//! Lookups, which exist and are not the stack's, are dashed; so is an arrow that stands for
//! nothing but `depends_on`.

use std::collections::BTreeMap;

use landfall_model::{Address, Root, Stack, reference};
use landfall_plan::References;

/// A language for drawings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Graphviz: `landfall graph SPEC | dot -Tsvg`.
    Dot,
    /// Mermaid, which GitHub draws in Markdown.
    Mermaid,
}

/// An arrow between two nodes, by their numbers.
struct Arrow {
    from: usize,
    to: usize,
    /// The fields that say so.
    fields: Vec<String>,
}

impl Arrow {
    fn is_order_only(&self) -> bool {
        self.fields == ["depends_on"]
    }
}

/// What is drawn.
struct Drawing<'a> {
    /// Kind and name, in the order of the spec; the stack's own first.
    nodes: Vec<&'a Address>,
    /// Where the lookups begin among the nodes.
    lookups_from: usize,
    arrows: Vec<Arrow>,
}

/// The graph as text in the given language.
pub fn render(stack: &Stack, references: &References, format: Format) -> String {
    let drawing = Drawing::new(stack, references);
    match format {
        Format::Dot => dot(stack, &drawing),
        Format::Mermaid => mermaid(stack, &drawing),
    }
}

impl<'a> Drawing<'a> {
    fn new(stack: &'a Stack, references: &References) -> Drawing<'a> {
        let nodes: Vec<&Address> = stack.resources.keys().chain(stack.lookups.keys()).collect();
        let lookups_from = stack.resources.len();
        let number = |address: &Address, lookup: bool| match lookup {
            true => stack.lookups.get_index_of(address).map(|at| at + lookups_from),
            false => stack.resources.get_index_of(address),
        };
        let mut arrows = Vec::new();
        for (from, address) in nodes.iter().enumerate() {
            let is_lookup = from >= lookups_from;
            let mut targets: BTreeMap<usize, Vec<String>> = BTreeMap::new();
            if !is_lookup {
                for (to, fields) in references.of(address) {
                    if let Some(to) = number(to, false) {
                        targets.entry(to).or_default().extend(fields.iter().cloned());
                    }
                }
            }
            let spec = match is_lookup {
                true => stack.lookups.get(*address).map(|lookup| &lookup.spec),
                false => stack.resources.get(*address).map(|declared| &declared.spec),
            };
            for (field, value) in spec.and_then(|spec| spec.as_object()).into_iter().flatten() {
                for reference in reference::references(value) {
                    let Root::Lookup(to) = &reference.root else { continue };
                    let Some(to) = number(to, true).filter(|to| *to != from) else { continue };
                    let fields = targets.entry(to).or_default();
                    if !fields.contains(field) {
                        fields.push(field.clone());
                    }
                }
            }
            arrows.extend(targets.into_iter().map(|(to, fields)| Arrow { from, to, fields }));
        }
        Drawing { nodes, lookups_from, arrows }
    }
}

fn dot(stack: &Stack, drawing: &Drawing<'_>) -> String {
    // Names hold no quotes: the parser takes letters, digits, `-` and `_` only.
    let label = |at: usize| {
        let address = drawing.nodes[at];
        let prefix = if at >= drawing.lookups_from { "lookup." } else { "" };
        format!("{prefix}{address}")
    };
    let mut text = format!(
        "digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n  edge [color=\"#888888\"];\n\n",
        stack.name
    );
    for (at, address) in drawing.nodes.iter().enumerate() {
        let look = if at >= drawing.lookups_from { ", style=\"rounded,dashed\"" } else { "" };
        text += &format!(
            "  \"{}\" [label=\"{}\\n{}\"{look}];\n",
            label(at),
            address.kind,
            address.name
        );
    }
    text += if drawing.arrows.is_empty() { "" } else { "\n" };
    for arrow in &drawing.arrows {
        let look = if arrow.is_order_only() { ", style=dashed" } else { "" };
        text += &format!(
            "  \"{}\" -> \"{}\" [tooltip=\"{}\"{look}];\n",
            label(arrow.from),
            label(arrow.to),
            arrow.fields.join(", ")
        );
    }
    text + "}\n"
}

fn mermaid(stack: &Stack, drawing: &Drawing<'_>) -> String {
    // Numbers, since addresses hold characters and words that mean something to Mermaid.
    let mut text = format!("---\ntitle: {}\n---\nflowchart LR\n", stack.name);
    for (at, address) in drawing.nodes.iter().enumerate() {
        let (open, close) = if at >= drawing.lookups_from { ("([", "])") } else { ("[", "]") };
        text += &format!("  n{at}{open}\"{}<br/><b>{}</b>\"{close}\n", address.kind, address.name);
    }
    for arrow in &drawing.arrows {
        let line = if arrow.is_order_only() { "-.->" } else { "-->" };
        text += &format!("  n{} {line} n{}\n", arrow.from, arrow.to);
    }
    if drawing.lookups_from < drawing.nodes.len() {
        let lookups: Vec<String> =
            (drawing.lookups_from..drawing.nodes.len()).map(|at| format!("n{at}")).collect();
        text += "  classDef lookup stroke-dasharray: 4 3\n";
        text += &format!("  class {} lookup\n", lookups.join(","));
    }
    text
}
