//! The pure part of loading: texts in, a stack or findings out.

use indexmap::IndexMap;
use landfall_model::reference::display;
use landfall_model::{Address, Catalogue, Finding, Place, Severity, Stack, Tags};

use crate::documents::Documents;
use crate::reader::{Reader, has_error};
use crate::render::Problems;
use crate::source::Source;
use crate::tree::{Data, Node};
use crate::yaml;

/// Values for variables, from outside the spec.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--var name=value`; these win over everything else.
    pub vars: IndexMap<String, String>,
    /// Name and text of each `--var-file`; later ones win.
    pub var_files: Vec<(String, String)>,
    /// The environment. Only what begins with `LANDFALL_VAR_` is looked at; it wins over defaults.
    pub env: Vec<(String, String)>,
}

/// A spec without errors.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it asks for.
    pub stack: Stack,
    /// Where everything stands.
    pub source: Source,
    /// What is worth a look.
    pub warnings: Vec<Finding>,
}

/// Reads a spec from its text and finds everything that is wrong with it.
pub fn parse(
    file_name: &str,
    text: &str,
    given: &Given,
    catalogue: &Catalogue,
    documents: &dyn Documents,
) -> Result<Loaded, Problems> {
    let mut source = Source::default();
    let file = source.add_file(file_name, text.to_owned());
    let composed = yaml::compose(file, text);
    let mut reader = Reader::new(catalogue, documents, source);
    let readable = composed.faults.is_empty();
    reader.faults(composed.faults);
    let stack = match composed.root {
        Some(root) => {
            reader.source.cover_credentials(&root);
            reader.source.root = Some(root.clone());
            reader.read_spec(&root, given)
        }
        None => {
            if readable {
                let span = crate::tree::Span { file, start: 0, end: 0 };
                let help = "a spec begins with `stack: NAME`; `landfall schema` tells the rest";
                reader.error_with(span, "the file is empty", help);
            }
            Stack::default()
        }
    };
    reader.finish(stack)
}

impl Reader<'_> {
    fn read_spec(&mut self, root: &Node, given: &Given) -> Stack {
        if !matches!(root.data, Data::Map(_)) {
            let span = self.source.first_line(root.span);
            let help = "it begins with `stack: NAME`";
            self.error_with(span, "a spec is a map of sections", help);
            return Stack::default();
        }
        self.read_names(root);
        self.read_variables(root, given);
        let mut stack = self.read_head(root);
        let tags = root.get("tags").map(|entry| self.read_tags(entry)).unwrap_or_default();
        self.read_lookups(root, &mut stack);
        let clean = self.read_resources(root, &tags, &mut stack);
        if let Some(section) = root.get("outputs") {
            for entry in self.section_entries(section) {
                if !Address::is_name(&entry.key) {
                    self.bad_name(entry);
                } else if let Some(output) = self.read_output(entry) {
                    stack.outputs.insert(entry.key.to_string(), output);
                }
            }
        }
        stack.secrets = (*self.source.secrets).clone();
        self.find_cycles(&stack);
        self.judge(&stack, &clean);
        stack
    }

    fn read_lookups(&mut self, root: &Node, stack: &mut Stack) {
        let kinds = root.get("lookup").map(|section| section.value.entries());
        for kind in kinds.unwrap_or_default() {
            let Some(info) = self.lookup(&kind.key) else { continue };
            for entry in kind.value.entries() {
                let address = Address::new(&*kind.key, &*entry.key);
                if self.lookups.contains_key(&address) {
                    let lookup = self.read_lookup(entry, address.clone(), info);
                    stack.lookups.insert(address, lookup);
                }
            }
        }
    }

    /// Reads all resources; the addresses of those without errors.
    fn read_resources(&mut self, root: &Node, tags: &Tags, stack: &mut Stack) -> Vec<Address> {
        let mut clean = Vec::new();
        let kinds = root.get("resources").map(|section| section.value.entries());
        for kind in kinds.unwrap_or_default() {
            let Some(info) = self.kind(&kind.key) else { continue };
            for entry in kind.value.entries() {
                let address = Address::new(&*kind.key, &*entry.key);
                if !self.resources.contains_key(&address) {
                    continue;
                }
                let mark = self.findings.len();
                let declared = self.read_resource(entry, address.clone(), info, tags);
                if !self.failed_since(mark) {
                    clean.push(address.clone());
                }
                stack.resources.insert(address, declared);
            }
        }
        clean
    }

    fn finish(self, stack: Stack) -> Result<Loaded, Problems> {
        let source = self.source;
        let findings = in_order(&source, self.findings);
        match has_error(&findings) {
            true => Err(Problems { findings, source }),
            false => Ok(Loaded { stack, source, warnings: findings }),
        }
    }
}

/// Findings in the order of the files, each once; those about no place first. Fields become places
/// in the source.
fn in_order(source: &Source, findings: Vec<Finding>) -> Vec<Finding> {
    let mut placed: Vec<_> = findings
        .into_iter()
        .map(|mut finding| {
            let span = source.span_of(&finding.place);
            // Kinds quote values as they see them, tokens included.
            finding.message = display(&finding.message);
            if let (Some(span), Place::Field(..)) = (span, &finding.place) {
                finding.place = source.place(span);
            }
            (span, finding)
        })
        .collect();
    // Errors before warnings about the same place.
    placed.sort_by_key(|(span, finding)| (*span, finding.severity == Severity::Warning));
    let mut findings: Vec<Finding> = placed.into_iter().map(|(_, finding)| finding).collect();
    findings.dedup();
    findings
}
