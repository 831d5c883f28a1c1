//! Variables: declared in the spec, given from outside.

use indexmap::{IndexMap, IndexSet};
use landfall_model::secrets::SHORTEST;
use landfall_model::{Address, Catalogue, Finding, Place, Secrets};
use serde_json::Value;

use crate::credential::is_secret_name;
use crate::documents::NoDocuments;
use crate::leaf::describe_scalar;
use crate::load::{Input, given};
use crate::parse::Given;
use crate::reader::{Reader, has_error};
use crate::render::Problems;
use crate::scalar;
use crate::source::Source;
use crate::suggest;
use crate::text::Scope;
use crate::tree::{Data, Entry, Node, Scalar, Span};
use crate::yaml;

/// What environment variables that set a variable begin with.
const PREFIX: &str = "LANDFALL_VAR_";
const FIELDS: [&str; 4] = ["default", "description", "type", "secret"];
const TYPES: [&str; 4] = ["string", "integer", "number", "boolean"];

pub(crate) struct Variable {
    /// `None` where there is none or it is wrong; that has been reported.
    pub value: Option<Scalar>,
    /// Whether nobody may see it.
    pub secret: bool,
}

/// The values of secret variables from outside, each of which has to be given. Values of other
/// variables in files and in the environment don't matter here.
pub fn secrets(names: &[&str], input: &Input) -> Result<Secrets, Problems> {
    let given = given(input)?;
    let catalogue = Catalogue::default();
    let mut reader = Reader::new(&catalogue, &NoDocuments, Source::default());
    let declared = Declared {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        secrets: names.iter().map(|name| (*name).to_owned()).collect(),
        whole: false,
    };
    let mut outside = reader.outside(&given, &declared);
    for name in names {
        match outside.swap_remove(*name) {
            Some(given) => reader.keep_secret(name, &given.value, Place::Nowhere),
            None => {
                let message = format!("the secret `{name}` has no value");
                let help = format!("a saved plan does not hold it: give it by {PREFIX}{name}");
                reader.findings.push(Finding::error(Place::Nowhere, message).help(help));
            }
        }
    }
    match has_error(&reader.findings) {
        true => Err(Problems { findings: reader.findings, source: reader.source }),
        false => Ok(*reader.source.secrets),
    }
}

/// Which variables there are.
struct Declared {
    names: IndexSet<String>,
    secrets: IndexSet<String>,
    /// Whether that is all of them, so that others in files are mistakes.
    whole: bool,
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
        let names = declared.iter().map(|entry| entry.key.to_string()).collect();
        let secrets = declared.iter().filter(|entry| is_secret(entry));
        let secrets = secrets.map(|entry| entry.key.to_string()).collect();
        let mut outside = self.outside(given, &Declared { names, secrets, whole: true });
        for entry in declared {
            if !Address::is_name(&entry.key) {
                self.bad_name(entry);
                continue;
            }
            let given = outside.swap_remove(&*entry.key);
            let secret = is_secret(entry);
            let value = match secret {
                true => self.read_secret(entry, given),
                false => self.read_variable(entry, given),
            };
            self.variables.insert(entry.key.to_string(), Variable { value, secret });
        }
    }

    /// A variable whose value nobody may see. It comes from outside and is a text.
    fn read_secret(&mut self, entry: &Entry, given: Option<Outside>) -> Option<Scalar> {
        let (name, mark) = (&entry.key, self.findings.len());
        for field in entry.value.entries() {
            match &*field.key {
                "secret" | "description" => {}
                "default" => {
                    self.source.covered.push(field.value.span);
                    let help = format!(
                        "it would stand in the spec for all to see; give it by {PREFIX}{name} or \
                         a file"
                    );
                    self.error_with(field.key_span, "a secret has no default", help);
                }
                "type" => {
                    self.error_with(field.key_span, "a secret has no type", "it is always a text");
                }
                other => {
                    let message = format!("unknown field `{other}` in a variable");
                    self.error_about(field.key_span, message, other, "fields", FIELDS);
                }
            }
        }
        let Some(Outside { mut value, .. }) = given else {
            self.error_with(
                entry.key_span,
                format!("the secret `{name}` has no value"),
                format!("give it by {PREFIX}{name} or a file of variables"),
            );
            return None;
        };
        let place = self.source.place(entry.key_span);
        self.keep_secret(name, &value, place);
        if self.failed_since(mark) {
            return None;
        }
        // A text, whatever it looks like.
        value.plain = false;
        Some(value)
    }

    /// Keeps a value out of all that is shown.
    fn keep_secret(&mut self, name: &str, value: &Scalar, place: Place) {
        if value.text.contains(['\u{1}', '\u{2}']) {
            let message = format!("a control character in the secret `{name}`");
            self.findings.push(Finding::error(place, message));
        } else if value.text.chars().count() < SHORTEST {
            let message = format!("the secret `{name}` has less than {SHORTEST} characters");
            let help = "what is so short stands in other words too, and can't be kept out of them";
            self.findings.push(Finding::error(place, message).help(help));
        } else {
            self.source.secrets.insert(name, value.text.as_str());
        }
    }

    fn read_variable(&mut self, entry: &Entry, given: Option<Outside>) -> Option<Scalar> {
        let node = &entry.value;
        let mark = self.findings.len();
        let (default, wanted) = match &node.data {
            Data::Scalar(_) => (Some(node), None),
            Data::Map(_) => {
                for field in node.entries() {
                    if &*field.key == "secret"
                        && !matches!(field.value.scalar().map(Scalar::typed), Some(Value::Bool(_)))
                    {
                        self.error(
                            field.value.pointer(field.key_span),
                            "`secret` takes `true` or `false`",
                        );
                    }
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
    fn outside(&mut self, given: &Given, declared: &Declared) -> IndexMap<String, Outside> {
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
            if !declared.names.contains(name) {
                let names = declared.names.iter().map(|name| name.as_str());
                let whose = if declared.whole {
                    "this spec has no such variable"
                } else {
                    "it is no secret of this plan"
                };
                self.findings.push(
                    Finding::error(Place::Nowhere, format!("--var gives `{name}`, but {whose}"))
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
        declared: &Declared,
        outside: &mut IndexMap<String, Outside>,
    ) {
        let file = self.source.add_file(name, text.to_owned());
        let composed = yaml::compose(file, text);
        self.faults(composed.faults);
        let Some(root) = composed.root else { return };
        self.source.cover_credentials(&root);
        for entry in root.entries() {
            if is_secret_name(&entry.key) || declared.secrets.contains(&*entry.key) {
                self.source.covered.push(entry.value.span);
            }
        }
        if !root.is_null() && !matches!(root.data, Data::Map(_)) {
            let span = self.source.first_line(root.span);
            self.error(span, "a file of variables is a map of names and values");
            return;
        }
        for entry in root.entries() {
            if !declared.names.contains(&*entry.key) {
                if !declared.whole {
                    continue;
                }
                let names = declared.names.iter().map(|name| name.as_str());
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

/// Whether a variable says that its value is a secret.
fn is_secret(entry: &Entry) -> bool {
    let says = entry.value.get("secret").and_then(|field| field.value.scalar());
    says.is_some_and(|says| says.typed() == Value::Bool(true))
}
