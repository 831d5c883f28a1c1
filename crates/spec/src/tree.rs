//! A YAML file as a tree that remembers where everything stood.

use std::sync::Arc;

/// A stretch of one of the loaded files, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Span {
    /// Which file, by its place in the [`crate::Source`].
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

/// A value and where it stood. Aliases share nodes, so a tree is cheap however often it repeats.
#[derive(Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub data: Data,
    /// How much it holds, repetitions by alias included: one for each value, more for long texts.
    pub size: usize,
    /// How deep it goes.
    pub height: usize,
}

#[derive(Debug)]
pub(crate) enum Data {
    Scalar(Scalar),
    List(Vec<Arc<Node>>),
    Map(Vec<Entry>),
}

/// A text as written. What it means depends on what the field wants, so it stays a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub text: String,
    /// Whether it stood without quotes, so that it may also be a number, a boolean or nothing.
    pub plain: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: Arc<str>,
    pub key_span: Span,
    pub value: Arc<Node>,
}

impl Node {
    pub fn new(span: Span, data: Data) -> Node {
        let (size, height) = match &data {
            Data::Scalar(scalar) => (weight(&scalar.text), 1),
            Data::List(items) => measure(items.iter().map(|item| (0, item))),
            Data::Map(entries) => {
                measure(entries.iter().map(|entry| (weight(&entry.key), &entry.value)))
            }
        };
        Node { span, data, size, height }
    }

    /// The entries of a map; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether nothing was written, or `null`.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// Where a finding about this value points: a list or map that goes over several lines is
    /// shown by its key.
    pub fn pointer(&self, key: Span) -> Span {
        match &self.data {
            Data::Scalar(scalar) if !scalar.text.is_empty() && !scalar.text.contains('\n') => {
                self.span
            }
            _ => key,
        }
    }
}

fn weight(text: &str) -> usize {
    1 + text.len() / 32
}

fn measure<'a>(children: impl Iterator<Item = (usize, &'a Arc<Node>)>) -> (usize, usize) {
    let (size, height) = children.fold((0usize, 0usize), |(size, height), (key, child)| {
        (size.saturating_add(key).saturating_add(child.size), height.max(child.height))
    });
    (size.saturating_add(1), height + 1)
}
