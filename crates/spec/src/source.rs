//! The loaded files, and where in them everything stands.

use std::fmt;
use std::sync::Arc;

use landfall_model::path::Segment;
use landfall_model::{Address, Path, Place, Secrets};

use crate::credential;
use crate::tree::{Data, Node, Span};

/// The loaded files. It finds the place of every resource, field, lookup and output, and shows
/// findings with the line that they are about.
#[derive(Clone, Default)]
pub struct Source {
    pub(crate) files: Vec<File>,
    pub(crate) root: Option<Arc<Node>>,
    /// What is never shown.
    pub(crate) covered: Vec<Span>,
    /// Values that are never shown, wherever they stand.
    pub(crate) secrets: Box<Secrets>,
}

#[derive(Clone)]
pub(crate) struct File {
    pub name: String,
    pub text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// A place in a file, as people count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file's name as given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Debug for Source {
    /// Names only: the texts may hold what nobody should see.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.iter().map(|file| &file.name)).finish()
    }
}

impl Source {
    /// The text of the spec itself, variables and documents left out.
    pub fn spec_text(&self) -> Option<&str> {
        let file = self.root.as_ref()?.span.file;
        Some(&self.files.get(file)?.text)
    }

    /// Where a field of a resource stands; where it is not written, what is nearest: the field
    /// around it, then the resource itself.
    pub fn locate(&self, address: &Address, path: &Path) -> Option<Location> {
        self.field(address, path).map(|span| self.location(span))
    }

    /// Where every resource and every field that is written in one stands.
    pub fn places(&self) -> Vec<(Address, Path, Location)> {
        let mut found = Vec::new();
        let kinds = self.root.as_ref().and_then(|root| root.get("resources"));
        for kind in kinds.map(|section| section.value.entries()).unwrap_or_default() {
            for entry in kind.value.entries() {
                let address = Address::new(&*kind.key, &*entry.key);
                let mut paths = vec![Path::default()];
                written(&entry.value, &Path::default(), &mut paths);
                for path in paths {
                    let location = self.locate(&address, &path);
                    found.extend(location.map(|location| (address.clone(), path, location)));
                }
            }
        }
        found
    }

    /// Where a lookup stands.
    pub fn locate_lookup(&self, address: &Address) -> Option<Location> {
        self.below("lookup", &[&address.kind, &address.name]).map(|(span, _)| self.location(span))
    }

    /// Where an output stands.
    pub fn locate_output(&self, name: &str) -> Option<Location> {
        self.below("outputs", &[name]).map(|(span, _)| self.location(span))
    }

    /// Where a finding points, if it points into these files.
    pub fn location_of(&self, place: &Place) -> Option<Location> {
        self.span_of(place).map(|span| self.location(span))
    }

    pub(crate) fn span_of(&self, place: &Place) -> Option<Span> {
        match place {
            Place::Source { file, start, end } => {
                let file = self.files.iter().position(|known| known.name == *file)?;
                Some(Span { file, start: *start, end: *end })
            }
            Place::Field(address, path) => self.field(address, path),
            Place::Nowhere => None,
        }
    }

    pub(crate) fn field(&self, address: &Address, path: &Path) -> Option<Span> {
        let (mut found, mut node) = self.below("resources", &[&address.kind, &address.name])?;
        for segment in &path.0 {
            let next = match (segment, &node.data) {
                (Segment::Key(key), _) => node.get(key).map(|entry| (entry.key_span, &entry.value)),
                (Segment::Index(index), Data::List(items)) => {
                    items.get(*index).map(|item| (found, item))
                }
                _ => None,
            };
            let Some((key, value)) = next else { break };
            node = value;
            found = node.pointer(match segment {
                Segment::Key(_) => key,
                Segment::Index(_) => self.first_line(node.span),
            });
        }
        Some(found)
    }

    /// The key of the entry below a section, and its value.
    fn below(&self, section: &str, names: &[&str]) -> Option<(Span, &Arc<Node>)> {
        let section = self.root.as_ref()?.get(section)?;
        let mut found = (section.key_span, &section.value);
        for name in names {
            let entry = found.1.get(name)?;
            found = (entry.key_span, &entry.value);
        }
        Some(found)
    }

    /// The part of a span that lies on its first line.
    pub(crate) fn first_line(&self, span: Span) -> Span {
        let Some(file) = self.files.get(span.file) else { return span };
        let shown = file.text.get(span.start..span.end).unwrap_or("");
        let length = shown.lines().next().map_or(0, |line| line.trim_end().len());
        Span { end: span.start + length, ..span }
    }

    pub(crate) fn add_file(&mut self, name: &str, text: String) -> usize {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let file = File { name: name.to_owned(), lines: lines.collect(), text };
        self.files.push(file);
        self.files.len() - 1
    }

    /// Covers what looks like a credential in a file's tree.
    pub(crate) fn cover_credentials(&mut self, root: &Node) {
        credential::covered(root, &mut self.covered);
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        match self.files.get(span.file) {
            Some(file) => {
                Place::Source { file: file.name.clone(), start: span.start, end: span.end }
            }
            None => Place::Nowhere,
        }
    }

    pub(crate) fn location(&self, span: Span) -> Location {
        let Some(file) = self.files.get(span.file) else {
            return Location { file: String::new(), line: 1, column: 1, start: 0, end: 0 };
        };
        let (line, start) = file.line(span.start);
        let column = file.text.get(start..span.start).map_or(0, |text| text.chars().count()) + 1;
        Location { file: file.name.clone(), line, column, start: span.start, end: span.end }
    }
}

/// The paths of everything below a node.
fn written(node: &Node, at: &Path, found: &mut Vec<Path>) {
    // Aliases in aliases have more places than there are bytes.
    const MOST: usize = 10_000;
    let mut below = |path: Path, node: &Node| {
        if found.len() < MOST {
            found.push(path.clone());
            written(node, &path, found);
        }
    };
    match &node.data {
        Data::Scalar(_) => {}
        Data::Map(entries) => {
            entries.iter().for_each(|entry| below(at.key(&entry.key), &entry.value));
        }
        Data::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| below(at.index(index), item));
        }
    }
}

impl File {
    /// The number of the line in which a byte lies, from 1, and where that line begins.
    pub fn line(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        (line, self.lines.get(line - 1).copied().unwrap_or(0))
    }
}
