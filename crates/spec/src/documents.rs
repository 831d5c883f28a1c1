//! Files beside the spec: `file: PATH`.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::fields::{Frame, Trail};
use crate::reader::Reader;
use crate::text::Scope;
use crate::tree::{Data, Entry, Node, Scalar, Span};
use crate::yaml;

/// Reads the files that a spec names, by their paths relative to the spec.
pub trait Documents {
    /// The text of a file, or why it can't be had ("does not exist").
    fn read(&self, path: &Path) -> Result<String, String>;
}

/// No files at all: for texts that don't come from a disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDocuments;

impl Documents for NoDocuments {
    fn read(&self, _: &Path) -> Result<String, String> {
        Err("can't be read from here".to_owned())
    }
}

impl Reader<'_> {
    /// A document: a map, JSON text, or the name of a file that holds one.
    pub fn document(
        &mut self,
        node: &Arc<Node>,
        name: &str,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        match &node.data {
            Data::Map(entries) if entries.len() == 1 && &*entries[0].key == "file" => {
                let root = self.document_file(&entries[0])?;
                self.free(&root, trail, frame)
            }
            Data::Map(_) | Data::List(_) => self.free(node, trail, frame),
            Data::Scalar(scalar) => {
                let json = self.json_text(scalar, node.span, frame.scope)?;
                match json {
                    Some(json) => self.free(&json, trail, frame),
                    None => {
                        let expected = format!("a {name}");
                        self.wrong_type(node, &expected, trail);
                        let help = "write it as a map, as JSON text, or `{ file: PATH }`";
                        if let Some(finding) = self.findings.last_mut() {
                            finding.help = Some(help.to_owned());
                        }
                        None
                    }
                }
            }
        }
    }

    /// The document in a text; `Some(None)` where it is no JSON.
    fn json_text(
        &mut self,
        scalar: &Scalar,
        span: Span,
        scope: Scope,
    ) -> Option<Option<Arc<Node>>> {
        let is_json = |text: &str| text.trim_start().starts_with(['{', '[']);
        if is_json(&scalar.text)
            && let Ok(value) = serde_json::from_str::<Value>(&scalar.text)
        {
            return Some(Some(from_json(&value, span)));
        }
        // The whole of it, or a part that is not a JSON string, may stand in a variable.
        let text = self.text(&scalar.text, span, scope)?;
        if !is_json(&text.value) {
            return Some(None);
        }
        match serde_json::from_str::<Value>(&text.value) {
            Ok(value) => Some(Some(from_json(&value, span))),
            Err(error) => {
                self.error(span, format!("this is not JSON: {error}"));
                None
            }
        }
    }

    fn document_file(&mut self, entry: &Entry) -> Option<Arc<Node>> {
        let node = &entry.value;
        let Some(scalar) = node.scalar().filter(|scalar| !scalar.is_null()) else {
            self.error(entry.key_span, "`file` takes the path of a file");
            return None;
        };
        let path = self.text(&scalar.text, node.span, Scope::Fixed)?.value;
        if let Some(read) = self.read.get(Path::new(&path)) {
            return read.clone();
        }
        let root = self.read_document(&path, node.span);
        self.read.insert(path.into(), root.clone());
        root
    }

    fn read_document(&mut self, path: &str, span: Span) -> Option<Arc<Node>> {
        let text = match self.documents.read(Path::new(path)) {
            Ok(text) => text,
            Err(why) => {
                let help = "the path is taken from the folder of the spec";
                self.error_with(span, format!("the file `{path}` {why}"), help);
                return None;
            }
        };
        let file = self.source.add_file(path, text.clone());
        let composed = yaml::compose(file, &text);
        if !composed.faults.is_empty()
            && let Ok(value) = serde_json::from_str::<Value>(&text)
        {
            // JSON with tabs, say, which YAML refuses.
            return Some(from_json(&value, Span { file, start: 0, end: 0 }));
        }
        let broken = !composed.faults.is_empty();
        self.faults(composed.faults);
        match composed.root {
            Some(root) => {
                self.source.cover_credentials(&root);
                Some(root)
            }
            None if broken => None,
            None => {
                self.error(span, format!("the file `{path}` is empty"));
                None
            }
        }
    }

    /// Takes over what was wrong with a file as YAML.
    pub fn faults(&mut self, faults: Vec<yaml::Fault>) {
        for fault in faults {
            match fault.help {
                Some(help) => self.error_with(fault.span, fault.message, help),
                None => self.error(fault.span, fault.message),
            }
        }
    }
}

fn from_json(value: &Value, span: Span) -> Arc<Node> {
    let scalar = |text: String, plain| Data::Scalar(Scalar { text, plain });
    let data = match value {
        Value::Null => scalar("null".to_owned(), true),
        Value::Bool(_) | Value::Number(_) => scalar(value.to_string(), true),
        Value::String(text) => scalar(text.clone(), false),
        Value::Array(items) => Data::List(items.iter().map(|item| from_json(item, span)).collect()),
        Value::Object(map) => Data::Map(
            map.iter()
                .map(|(key, value)| Entry {
                    key: key.as_str().into(),
                    key_span: span,
                    value: from_json(value, span),
                })
                .collect(),
        ),
    };
    Arc::new(Node::new(span, data))
}
