//! Variables: declared in the spec, given from outside.

use indexmap::{IndexMap, IndexSet};
use landfall_model::{Address, Finding, Place};

use crate::credential::is_secret_name;
use crate::leaf::describe_scalar;
use crate::parse::Given;
use crate::reader::Reader;
use crate::scalar;
use crate::suggest;
use crate::text::Scope;
use crate::tree::{Data, Entry, Node, Scalar, Span};
use crate::yaml;

/// What environment variables that set a variable begin with.
const PREFIX: &str = "LANDFALL_VAR_";
const FIELDS: [&str; 3] = ["default", "description", "type"];
const TYPES: [&str; 4] = ["string", "integer", "number", "boolean"];

pub(crate) struct Variable {
    /// `None` where there is none or it is wrong; that has been reported.
    pub value: Option<Scalar>,
}

/// A value from outside, and how it came.
struct Outside {
    value: Scalar,
    origin: String,
}

impl Reader<'_> {
    /// Reads the section `variables` and what is given from outside.
    pub fn read_variables(&mut self, root: &Node, given: &Given) {
        let section = root.get("variables");
        let declared = section.map(|section| self.section_entries(section)).unwrap_or_default();
        let names: IndexSet<String> = declared.iter().map(|entry| entry.key.to_string()).collect();
        let mut outside = self.outside(given, &names);
        for entry in declared {
            if !Address::is_name(&entry.key) {
                self.bad_name(entry);
                continue;
            }
            let given = outside.swap_remove(&*entry.key);
            let value = self.read_variable(entry, given);
            self.variables.insert(entry.key.to_string(), Variable { value });
        }
    }

    fn read_variable(&mut self, entry: &Entry, given: Option<Outside>) -> Option<Scalar> {
        let node = &entry.value;
        let mark = self.findings.len();
        let (default, wanted) = match &node.data {
            Data::Scalar(_) => (Some(node), None),
            Data::Map(_) => {
                for field in node.entries() {
                    if !FIELDS.contains(&&*field.key) {
                        let message = format!("unknown field `{}` in a variable", field.key);
                        self.error_about(field.key_span, message, &field.key, "fields", FIELDS);
                    }
                }
                let wanted = node.get("type").and_then(|field| self.variable_type(field));
                (node.get("default").map(|field| &field.value), wanted)
            }
            Data::List(_) => {
                let message = format!("the variable `{}` can't be a list", entry.key);
                self.error_with(entry.key_span, message, "it is a text, a number or a boolean");
                return None;
            }
        };
        let default = default.filter(|node| !node.is_null());
        let default = match default.map(|node| (node.scalar(), node)) {
            None => None,
            Some((None, node)) => {
                let message = format!("the default of `{}` can't be a list or map", entry.key);
                let help = "it is a text, a number or a boolean";
                self.error_with(node.pointer(entry.key_span), message, help);
                return None;
            }
            Some((Some(scalar), node)) => {
                // A default made of a variable without value has none either, and that is known.
                let text = self.text(&scalar.text, node.span, Scope::Variables)?;
                Some((Scalar { text: text.value, plain: scalar.plain }, node.span))
            }
        };
        if self.failed_since(mark) {
            return None;
        }
        match (given, default) {
            (Some(given), default) => {
                let like = default.map(|(default, _)| default);
                self.given_value(entry, given, wanted, like)
            }
            (None, Some((value, span))) => self.of_type(entry, value, wanted, span, "its default"),
            (None, None) => {
                let name = &entry.key;
                self.error_with(
                    entry.key_span,
                    format!("variable `{name}` has no value"),
                    format!("give it by --var {name}=…, {PREFIX}{name} or a default"),
                );
                None
            }
        }
    }

    fn variable_type(&mut self, field: &Entry) -> Option<&'static str> {
        let written = field.value.scalar().map_or("", |scalar| scalar.text.as_str());
        let known = TYPES.into_iter().find(|known| *known == written);
        if known.is_none() {
            let span = field.value.pointer(field.key_span);
            let message = format!("there is no type `{}`", crate::leaf::shown(written));
            self.error_with(span, message, suggest::help(written, "types", TYPES));
        }
        known
    }

    /// A value from outside has no quotes to tell texts from numbers: its type is the declared
    /// one, or that of the default.
    fn given_value(
        &mut self,
        entry: &Entry,
        given: Outside,
        wanted: Option<&'static str>,
        default: Option<Scalar>,
    ) -> Option<Scalar> {
        let Outside { mut value, origin } = given;
        if value.text.contains(['\u{1}', '\u{2}']) {
            let message = format!("a control character in the variable `{}`", entry.key);
            self.error(entry.key_span, message);
            return None;
        }
        if wanted.is_none() && default.is_some_and(|default| default.typed().is_string()) {
            value.plain = false;
        }
        self.of_type(entry, value, wanted, entry.key_span, &origin)
    }

    fn of_type(
        &mut self,
        entry: &Entry,
        mut value: Scalar,
        wanted: Option<&'static str>,
        span: Span,
        origin: &str,
    ) -> Option<Scalar> {
        let Some(wanted) = wanted else { return Some(value) };
        let text = value.text.as_str();
        let right = match wanted {
            "integer" => scalar::integer(text).is_some(),
            "number" => scalar::number(text).is_some(),
            "boolean" => scalar::boolean(text).is_some(),
            _ => true,
        };
        if right {
            value.plain = wanted != "string";
            return Some(value);
        }
        let found = match is_secret_name(&entry.key) {
            true => "something else".to_owned(),
            false => describe_scalar(&Scalar { plain: false, ..value }),
        };
        let message = format!(
            "variable `{}` takes {}, but {origin} gives {found}",
            entry.key,
            suggest::article(wanted)
        );
        self.error(span, message);
        None
    }

    /// All values from outside, the highest last: environment, files in their order, `--var`.
    fn outside(&mut self, given: &Given, declared: &IndexSet<String>) -> IndexMap<String, Outside> {
        let mut outside = IndexMap::new();
        for (name, value) in &given.env {
            if let Some(short) = name.strip_prefix(PREFIX) {
                let value = Scalar { text: value.clone(), plain: true };
                outside.insert(short.to_owned(), Outside { value, origin: name.clone() });
            }
        }
        for (name, text) in &given.var_files {
            self.read_var_file(name, text, declared, &mut outside);
        }
        for (name, value) in &given.vars {
            if !declared.contains(name) {
                let names = declared.iter().map(|name| name.as_str());
                self.findings.push(
                    Finding::error(
                        Place::Nowhere,
                        format!("--var gives `{name}`, but this spec has no such variable"),
                    )
                    .help(suggest::help(name, "variables", names)),
                );
                continue;
            }
            let value = Scalar { text: value.clone(), plain: true };
            outside.insert(name.clone(), Outside { value, origin: "--var".to_owned() });
        }
        outside
    }

    fn read_var_file(
        &mut self,
        name: &str,
        text: &str,
        declared: &IndexSet<String>,
        outside: &mut IndexMap<String, Outside>,
    ) {
        let file = self.source.add_file(name, text.to_owned());
        let composed = yaml::compose(file, text);
        self.faults(composed.faults);
        let Some(root) = composed.root else { return };
        self.source.cover_credentials(&root);
        for entry in root.entries() {
            if is_secret_name(&entry.key) {
                self.source.covered.push(entry.value.span);
            }
        }
        if !root.is_null() && !matches!(root.data, Data::Map(_)) {
            let span = self.source.first_line(root.span);
            self.error(span, "a file of variables is a map of names and values");
            return;
        }
        for entry in root.entries() {
            if !declared.contains(&*entry.key) {
                let names = declared.iter().map(|name| name.as_str());
                let message = format!("this spec has no variable `{}`", entry.key);
                self.error_about(entry.key_span, message, &entry.key, "variables", names);
                continue;
            }
            match entry.value.scalar() {
                Some(value) if !value.is_null() => {
                    let value = value.clone();
                    outside.insert(entry.key.to_string(), Outside { value, origin: name.into() });
                }
                Some(_) => {}
                None => {
                    let span = entry.value.pointer(entry.key_span);
                    let message = format!("the variable `{}` can't be a list or map", entry.key);
                    self.error(span, message);
                }
            }
        }
    }
}
