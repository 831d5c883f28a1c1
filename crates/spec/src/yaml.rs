//! YAML text to a located tree: duplicate keys refused, aliases on a budget, merge keys resolved.
//!
//! This sits on the events of serde-saphyr's parser and not on its deserialiser, because a field's
//! schema decides what a scalar means, and every key needs its place.

use std::collections::HashMap;
use std::sync::Arc;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, Span as YamlSpan, Tag,
};

use crate::tree::{Data, Entry, Node, Scalar, Span};

/// How many values a file may hold, repetitions by alias included. A fleet of 5,000 resources has
/// about 300,000.
const MAX_VALUES: usize = 1_000_000;
/// How deep maps and lists may nest; the walks over the tree recurse.
const MAX_DEPTH: usize = 64;

/// Something wrong with the file as YAML.
pub(crate) struct Fault {
    pub span: Span,
    pub message: String,
    pub help: Option<String>,
}

/// The tree of a file, if it could be read at all, and everything wrong with it.
pub(crate) struct Composed {
    pub root: Option<Arc<Node>>,
    pub faults: Vec<Fault>,
}

/// Reads one file.
pub(crate) fn compose(file: usize, text: &str) -> Composed {
    let mut composer = Composer {
        file,
        text,
        open: Vec::new(),
        anchors: HashMap::new(),
        values: 0,
        documents: 0,
        root: None,
        faults: Vec::new(),
    };
    let mut options = Options::default();
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    options.set_emit_comments(false);
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => composer.take(event, span),
            Err(error) => Err(composer.unreadable(&error)),
        };
        if let Err(fault) = step {
            composer.faults.push(fault);
            return Composed { root: None, faults: composer.faults };
        }
    }
    Composed { root: composer.root, faults: composer.faults }
}

struct Composer<'t> {
    file: usize,
    text: &'t str,
    open: Vec<Open>,
    anchors: HashMap<usize, Arc<Node>>,
    values: usize,
    documents: usize,
    root: Option<Arc<Node>>,
    faults: Vec<Fault>,
}

/// A list or map that has not ended yet.
struct Open {
    start: Span,
    anchor: usize,
    children: Children,
}

enum Children {
    List(Vec<Arc<Node>>),
    Map(OpenMap),
}

#[derive(Default)]
struct OpenMap {
    entries: Vec<Entry>,
    seen: HashMap<Arc<str>, Span>,
    key: Option<(Scalar, Span)>,
    merged: Vec<Arc<Node>>,
}

impl Composer<'_> {
    fn take(&mut self, event: Event<'_>, at: YamlSpan) -> Result<(), Fault> {
        let span = self.span(at.start, at.end);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(fault(span, "a second document in one file")
                        .help("a spec is one YAML document: remove the `---` line"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = self.tag(tag.as_deref(), span);
                let span = self.without_end(span);
                let plain = style == ScalarStyle::Plain && !tagged;
                if text.contains(['\u{1}', '\u{2}']) {
                    self.faults.push(fault(span, "a control character in a text"));
                }
                let scalar = Scalar { text: text.into_owned(), plain };
                self.add(Node::new(span, Data::Scalar(scalar)), anchor)?;
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node
                    .ok_or_else(|| fault(span, "an alias inside the very value that it repeats"))?;
                self.spend(node.size, span, true)?;
                self.place(node, span)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), span);
                self.open.push(Open { start: span, anchor, children: Children::List(Vec::new()) });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), span);
                let children = Children::Map(OpenMap::default());
                self.open.push(Open { start: span, anchor, children });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let data = match open.children {
            Children::List(items) => Data::List(items),
            Children::Map(map) => Data::Map(self.merge(map, open.start)?),
        };
        let span = Span { end: end.end.max(open.start.end), ..open.start };
        self.add(Node::new(span, data), open.anchor)
    }

    /// Adds what `<<` brings in, where the map does not say otherwise.
    fn merge(&mut self, map: OpenMap, span: Span) -> Result<Vec<Entry>, Fault> {
        let OpenMap { mut entries, mut seen, merged, .. } = map;
        for source in merged {
            for entry in source.entries() {
                if !seen.contains_key(&entry.key) {
                    self.spend(entry.value.size, span, true)?;
                    seen.insert(entry.key.clone(), entry.key_span);
                    entries.push(entry.clone());
                }
            }
        }
        Ok(entries)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        let span = node.span;
        // Children have been counted on their own.
        let own = match &node.data {
            Data::Scalar(_) => node.size,
            Data::List(_) | Data::Map(_) => 1,
        };
        self.spend(own, span, false)?;
        let node = Arc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        self.place(node, span)
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, node: Arc<Node>, span: Span) -> Result<(), Fault> {
        if node.height + self.open.len() > MAX_DEPTH {
            return Err(fault(span, too_deep()));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.children {
            Children::List(items) => items.push(node),
            Children::Map(map) => match map.key.take() {
                None => {
                    let key = node.scalar().cloned().ok_or_else(|| {
                        fault(span, "a list or map in the place of a key")
                            .help("quote a text that starts with `{` or `[`")
                    })?;
                    map.key = Some((key, span));
                }
                Some((key, key_span)) => {
                    // Finding the line takes a pass over the file, so not for ever more of them.
                    let text = (self.faults.len() < 100).then_some(self.text);
                    self.faults.extend(map.insert(key, key_span, node, text));
                }
            },
        }
        Ok(())
    }

    fn spend(&mut self, values: usize, span: Span, repeated: bool) -> Result<(), Fault> {
        self.values = self.values.saturating_add(values);
        if self.values <= MAX_VALUES {
            return Ok(());
        }
        Err(if repeated {
            fault(span, format!("aliases blow this file up to more than {MAX_VALUES} values"))
                .help("repeat less, or write a variable")
        } else {
            fault(span, format!("more than {MAX_VALUES} values in one file"))
        })
    }

    /// Whether a tag makes the scalar a text. Tags that mean something to other tools are refused.
    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        match tag.core_suffix() {
            Some("str") => true,
            Some("int" | "float" | "bool" | "null" | "map" | "seq") => false,
            _ => {
                self.faults.push(
                    fault(span, format!("the YAML tag `{}` means nothing here", tag.original()))
                        .help("refer to a resource by its address, or to an output by `${…}`"),
                );
                false
            }
        }
    }

    fn unreadable(&self, error: &ScanError) -> Fault {
        let at = *error.marker();
        let mut span = self.span(at, at);
        let line_start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[line_start..].lines().next().unwrap_or("");
        let rest = &self.text[span.start..];
        span.end = span.start + rest.chars().next().map_or(0, char::len_utf8);
        let info = error.info();
        let help = if line.contains("${") {
            Some("inside { } and [ ], a text with `${…}` needs quotes")
        } else if line.len() > line.trim_start().len()
            && line[..line.len() - line.trim_start().len()].contains('\t')
        {
            Some("indent with spaces, not with tabs")
        } else if line.contains(": *") || line.contains("- *") || line.contains("[*") {
            Some("a `*` of its own needs quotes: \"*\"")
        } else if info.contains("mapping values") {
            Some("a text with `: ` in it needs quotes")
        } else {
            None
        };
        let message = match error.kind() {
            ErrorKind::RecursionLimitExceeded => too_deep(),
            _ => format!("this is not YAML: {info}"),
        };
        let mut fault = fault(span, message);
        fault.help = help.map(str::to_owned);
        fault
    }

    /// The span of a block scalar reaches to the next token; it shall end with its text.
    fn without_end(&self, span: Span) -> Span {
        let text = &self.text[span.start..span.end];
        Span { end: span.start + text.trim_end().len(), ..span }
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        // Offsets are clamped to characters, so that no odd marker can break the rendering.
        let clamp = |mark: Marker| {
            let mut at = mark.byte_offset().unwrap_or(0).min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (clamp(start), clamp(end));
        Span { file: self.file, start, end: end.max(start) }
    }
}

impl OpenMap {
    fn insert(
        &mut self,
        key: Scalar,
        span: Span,
        value: Arc<Node>,
        text: Option<&str>,
    ) -> Option<Fault> {
        let name: Arc<str> = key.text.as_str().into();
        if let Some(first) = self.seen.get(&name) {
            let mut duplicate = fault(span, format!("duplicate key `{name}`"));
            duplicate.help = text.map(|text| {
                let line = text[..first.start].matches('\n').count() + 1;
                format!("it is first set in line {line}; keep one of the two")
            });
            return Some(duplicate);
        }
        self.seen.insert(Arc::clone(&name), span);
        if key.plain && key.text == "<<" {
            return self.merge(span, value);
        }
        self.entries.push(Entry { key: name, key_span: span, value });
        None
    }

    fn merge(&mut self, span: Span, value: Arc<Node>) -> Option<Fault> {
        let sources = match &value.data {
            Data::Map(_) => vec![value],
            Data::List(items) => items.clone(),
            Data::Scalar(_) => Vec::new(),
        };
        let maps = !sources.is_empty() && sources.iter().all(|s| matches!(s.data, Data::Map(_)));
        self.merged = sources;
        (!maps).then(|| fault(span, "`<<` takes a map, or a list of maps"))
    }
}

fn too_deep() -> String {
    format!("maps and lists nest deeper than {MAX_DEPTH} levels")
}

fn fault(span: Span, message: impl Into<String>) -> Fault {
    Fault { span, message: message.into(), help: None }
}

impl Fault {
    fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }
}
