//! What every part of the reading shares: the catalogue, the names that the spec declares, and the
//! findings so far.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use landfall_model::{Address, Catalogue, Finding, KindInfo, LookupInfo, Severity};

use crate::documents::Documents;
use crate::source::Source;
use crate::suggest;
use crate::tree::{Node, Span};
use crate::variables::Variable;

/// From here on suggestions are left out: nobody reads them, and they take long to find.
const MANY: usize = 200;

/// The region, as far as the spec says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    Unset,
    Known(String),
    /// Written, but wrong; that has been reported.
    Broken,
}

pub(crate) struct Reader<'a> {
    pub catalogue: &'a Catalogue,
    pub documents: &'a dyn Documents,
    pub source: Source,
    pub findings: Vec<Finding>,
    pub variables: IndexMap<String, Variable>,
    /// `None` where it is missing or wrong; that has been reported.
    pub stack: Option<String>,
    pub region: Region,
    pub resources: IndexMap<Address, Span>,
    pub lookups: IndexMap<Address, Span>,
    /// Documents that have been read; `None` where one could not be.
    pub read: HashMap<PathBuf, Option<Arc<Node>>>,
    /// How many bytes interpolation has made so far.
    pub expanded: usize,
}

impl<'a> Reader<'a> {
    pub fn new(catalogue: &'a Catalogue, documents: &'a dyn Documents, source: Source) -> Self {
        Reader {
            catalogue,
            documents,
            source,
            findings: Vec::new(),
            variables: IndexMap::new(),
            stack: None,
            region: Region::Unset,
            resources: IndexMap::new(),
            lookups: IndexMap::new(),
            read: HashMap::new(),
            expanded: 0,
        }
    }

    pub fn error(&mut self, span: Span, message: impl Into<String>) {
        let place = self.source.place(span);
        self.findings.push(Finding::error(place, message));
    }

    pub fn error_with(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let place = self.source.place(span);
        self.findings.push(Finding::error(place, message).help(help));
    }

    /// An error about a misspelt name, with what may have been meant.
    pub fn error_about<'n>(
        &mut self,
        span: Span,
        message: impl Into<String>,
        word: &str,
        what: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        match self.is_many() {
            false => self.error_with(span, message, suggest::help(word, what, names)),
            true => self.error(span, message),
        }
    }

    /// Whether there are so many findings that suggestions are left out.
    pub fn is_many(&self) -> bool {
        self.findings.len() >= MANY
    }

    /// Whether any error came up since there were that many findings.
    pub fn failed_since(&self, mark: usize) -> bool {
        self.findings.get(mark..).is_some_and(has_error)
    }

    pub fn kind(&self, name: &str) -> Option<&'a KindInfo> {
        self.catalogue.kinds.get(name)
    }

    pub fn lookup(&self, name: &str) -> Option<&'a LookupInfo> {
        self.catalogue.lookups.get(name)
    }

    pub fn kind_names(&self) -> impl Iterator<Item = &'static str> + use<'a> {
        self.catalogue.kinds.keys().copied()
    }

    pub fn lookup_names(&self) -> impl Iterator<Item = &'static str> + use<'a> {
        self.catalogue.lookups.keys().copied()
    }

    /// Reports a resource that the spec does not declare; whether it does.
    pub fn declares(&mut self, address: &Address, span: Span) -> bool {
        if self.resources.contains_key(address) {
            return true;
        }
        self.missing(address, span, "");
        false
    }

    /// The same for a lookup.
    pub fn declares_lookup(&mut self, address: &Address, span: Span) -> bool {
        if self.lookups.contains_key(address) {
            return true;
        }
        self.missing(address, span, "lookup.");
        false
    }

    fn missing(&mut self, address: &Address, span: Span, prefix: &str) {
        let (what, declared) = match prefix.is_empty() {
            true => ("resource", &self.resources),
            false => ("lookup", &self.lookups),
        };
        let message = format!("there is no {what} `{prefix}{address}` in this spec");
        if self.is_many() {
            self.error(span, message);
            return;
        }
        let same = declared.keys().filter(|known| known.kind == address.kind);
        let known: Vec<&str> = same.take(1000).map(|known| known.name.as_str()).collect();
        let help = match suggest::closest(&address.name, known.iter().copied()) {
            Some(name) => format!("did you mean `{prefix}{}.{name}`?", address.kind),
            None if known.is_empty() => format!("this spec declares no {} at all", address.kind),
            None => suggest::choices(&format!("names of {}", address.kind), &known),
        };
        self.error_with(span, message, help);
    }
}

pub(crate) fn has_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
