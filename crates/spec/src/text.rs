//! Fills in the `${…}` of a text: variables by their values, everything else by tokens.

use landfall_model::{Address, Finding, Reference};

use crate::interpolation::{Part, Unclosed, cut};
use crate::reader::{Reader, Region};
use crate::suggest;
use crate::tree::{Scalar, Span};

/// How many bytes all interpolations of a spec may make together.
const MAX_EXPANDED: usize = 64 << 20;

/// What a text may refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The head of the spec: variables only.
    Variables,
    /// What has to be known before anything is asked of AWS: variables, stack, a given region.
    Fixed,
    /// Other lookups and the target, too.
    Lookup,
    /// Everything.
    Resource,
    /// Everything.
    Output,
}

/// A text with everything filled in.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub value: String,
    /// Whether there was a `${…}` in it.
    pub interpolated: bool,
    /// The variable's value, where the text was one variable and nothing else.
    pub sole: Option<Scalar>,
    /// Whether a variable with a secret's name went into it, or a secret one.
    pub secret: bool,
    /// Whether a secret variable went into it, so that it is kept out of all that is shown.
    pub kept: bool,
}

/// What a `${…}` stands for.
enum Filling {
    Variable { value: Scalar, secret: bool, kept: bool },
    Text(String),
}

impl Reader<'_> {
    /// Fills in a text; `None` where something was wrong with it, which has been reported.
    pub fn text(&mut self, raw: &str, span: Span, scope: Scope) -> Option<Text> {
        if !raw.contains("${") {
            self.warn_of_bare_output(raw, span, scope);
            let value = raw.to_owned();
            return Some(Text { value, ..Text::default() });
        }
        let parts = match cut(raw) {
            Ok(parts) => parts,
            Err(Unclosed(rest)) => {
                let at = self.within(span, rest);
                self.error_with(at, "`${` without its `}`", "write `$${` for a literal `${`");
                return None;
            }
        };
        let single = parts.len() == 1;
        let mut text = Text::default();
        let mut whole = true;
        for part in parts {
            match part {
                Part::Text(part) => text.value.push_str(part),
                Part::Hole(hole) => {
                    text.interpolated = true;
                    match self.filling(hole, span, scope) {
                        None => whole = false,
                        Some(Filling::Text(filling)) => text.value.push_str(&filling),
                        Some(Filling::Variable { value, secret, kept }) => {
                            text.value.push_str(&value.text);
                            text.secret |= secret;
                            text.kept |= kept;
                            text.sole = single.then_some(value);
                        }
                    }
                }
            }
            // Checked as it grows, so that variables in variables can't fill the memory.
            if self.expanded + text.value.len() > MAX_EXPANDED {
                if self.expanded <= MAX_EXPANDED {
                    self.expanded = MAX_EXPANDED + 1;
                    let message = format!(
                        "variables blow this spec up to more than {} MiB",
                        MAX_EXPANDED >> 20
                    );
                    self.error(span, message);
                }
                return None;
            }
        }
        self.expanded += text.value.len();
        whole.then_some(text)
    }

    fn filling(&mut self, hole: &str, span: Span, scope: Scope) -> Option<Filling> {
        let at = self.within(span, hole);
        let parts: Vec<&str> = hole.split('.').collect();
        match parts.as_slice() {
            ["var", name] => self.variable(name, at, scope),
            ["stack"] if scope != Scope::Variables => self.stack.clone().map(Filling::Text),
            ["region"] if scope != Scope::Variables && self.region != Region::Unset => {
                match &self.region {
                    Region::Known(region) => Some(Filling::Text(region.clone())),
                    _ => None,
                }
            }
            ["stack" | "region" | "account" | "partition"]
                if matches!(scope, Scope::Variables | Scope::Fixed) =>
            {
                let help = match hole {
                    "region" => {
                        "only what the spec itself says can stand here: give it a `region:`"
                    }
                    _ => "only what the spec itself says can stand here, such as `${var.name}`",
                };
                self.error_with(at, format!("`${{{hole}}}` is not known here"), help);
                None
            }
            ["region" | "account" | "partition"] => {
                Some(Filling::Text(Reference::target(hole).token()))
            }
            ["lookup", kind, name, output] => {
                let address = Address::new(*kind, *name);
                self.lookup_output(address, output, at, scope)
            }
            ["lookup", kind, name] if self.lookup(kind).is_some() => {
                let outputs = self.lookup(kind).map(|info| info.outputs.clone());
                let address = format!("lookup.{kind}.{name}");
                self.output_left_out(&address, outputs.unwrap_or_default(), at)
            }
            [kind, name, output] if names(&parts) => {
                self.resource_output(Address::new(*kind, *name), output, at, scope)
            }
            [kind, name] if self.kind(kind).is_some() => {
                let outputs = self.kind(kind).map(|info| info.outputs.clone());
                self.output_left_out(&format!("{kind}.{name}"), outputs.unwrap_or_default(), at)
            }
            _ => {
                let help = if self.variables.contains_key(hole) {
                    format!("did you mean `${{var.{hole}}}`?")
                } else {
                    format!(
                        "write `$${{{hole}}}` for a literal `${{{hole}}}`, or refer to `var.NAME`, \
                         `stack`, `region`, `account`, `partition`, `kind.name.output` or \
                         `lookup.kind.name.output`"
                    )
                };
                self.error_with(at, format!("`${{{hole}}}` refers to nothing"), help);
                None
            }
        }
    }

    fn variable(&mut self, name: &str, at: Span, scope: Scope) -> Option<Filling> {
        if let Some(variable) = self.variables.get(name) {
            let (value, kept) = (variable.value.clone(), variable.secret);
            if kept && scope != Scope::Resource {
                let help = "only fields of resources can hold one: tags, names, outputs and \
                            lookups are there to be seen";
                self.error_with(at, format!("`{name}` is a secret, which can't stand here"), help);
                return None;
            }
            let secret = kept || crate::credential::is_secret_name(name);
            return value.map(|value| Filling::Variable { value, secret, kept });
        }
        let message = format!("there is no variable `{name}` here");
        match self.is_many() {
            true => self.error(at, message),
            false => {
                let known = self.variables.keys().map(|name| name.as_str());
                let help = suggest::help(name, "variables", known);
                self.error_with(at, message, help);
            }
        }
        None
    }

    fn resource_output(
        &mut self,
        address: Address,
        output: &str,
        at: Span,
        scope: Scope,
    ) -> Option<Filling> {
        let Some(kind) = self.kind(&address.kind) else {
            let message = format!("there is no kind `{}`", address.kind);
            let kinds = self.kind_names();
            self.error_about(at, message, &address.kind, "kinds", kinds);
            return None;
        };
        if !matches!(scope, Scope::Resource | Scope::Output) {
            self.resource_out_of_reach(&address, at, scope);
            return None;
        }
        if !self.declares(&address, at) {
            return None;
        }
        if !kind.outputs.iter().any(|known| known == output) {
            let message = format!("{} has no output `{output}`", suggest::article(&address.kind));
            let outputs = kind.outputs.iter().map(|output| output.as_str());
            self.error_about(at, message, output, "outputs", outputs);
            return None;
        }
        Some(Filling::Text(Reference::resource(address, output).token()))
    }

    fn lookup_output(
        &mut self,
        address: Address,
        output: &str,
        at: Span,
        scope: Scope,
    ) -> Option<Filling> {
        let Some(info) = self.lookup(&address.kind) else {
            let message = format!("there is no lookup of the kind `{}`", address.kind);
            let lookups = self.lookup_names();
            self.error_about(at, message, &address.kind, "lookups", lookups);
            return None;
        };
        if matches!(scope, Scope::Variables | Scope::Fixed) {
            self.resource_out_of_reach(&address, at, scope);
            return None;
        }
        if !self.declares_lookup(&address, at) {
            return None;
        }
        if !info.outputs.iter().any(|known| known == output) {
            let message = format!("the lookup `{}` has no output `{output}`", address.kind);
            let outputs = info.outputs.iter().map(|output| output.as_str());
            self.error_about(at, message, output, "outputs", outputs);
            return None;
        }
        Some(Filling::Text(Reference::lookup(address, output).token()))
    }

    /// A reference to something that is only known once it has been asked for or made.
    pub fn resource_out_of_reach(&mut self, address: &Address, at: Span, scope: Scope) {
        let (message, help) = match scope {
            Scope::Lookup => (
                format!("a lookup can't refer to the resource {address}"),
                "lookups are asked before anything is made; they may refer to each other",
            ),
            _ => (
                format!("{address} is not known here"),
                "only what the spec itself says can stand here, such as `${var.name}`",
            ),
        };
        self.error_with(at, message, help);
    }

    fn output_left_out(
        &mut self,
        address: &str,
        outputs: Vec<String>,
        at: Span,
    ) -> Option<Filling> {
        let outputs: Vec<&str> = outputs.iter().map(|output| output.as_str()).collect();
        let help = match outputs.first() {
            Some(first) => format!(
                "write `${{{address}.{first}}}`, say; {}",
                suggest::choices("outputs", &outputs)
            ),
            None => "it has no outputs".to_owned(),
        };
        self.error_with(at, format!("`${{{address}}}` does not say which output"), help);
        None
    }

    /// A text that is an output's name and nothing else was most likely meant as the output.
    fn warn_of_bare_output(&mut self, raw: &str, span: Span, scope: Scope) {
        if !matches!(scope, Scope::Resource | Scope::Output) || raw.len() > 200 {
            return;
        }
        let parts: Vec<&str> = raw.split('.').collect();
        let declared = match parts.as_slice() {
            [kind, name] | [kind, name, _] if self.kind(kind).is_some() => {
                self.resources.contains_key(&Address::new(*kind, *name))
            }
            ["lookup", kind, name, _] if self.lookup(kind).is_some() => {
                self.lookups.contains_key(&Address::new(*kind, *name))
            }
            _ => false,
        };
        if declared {
            let place = self.source.place(span);
            let meant = if parts.len() == 2 { format!("{raw}.OUTPUT") } else { raw.to_owned() };
            self.findings.push(
                Finding::error(place, format!("`{raw}` is only a text here"))
                    .warning()
                    .help(format!("write `${{{meant}}}` for the output")),
            );
        }
    }

    /// The stretch of the source that a piece of a text came from; the whole text where escapes or
    /// folding hide it.
    fn within(&self, span: Span, piece: &str) -> Span {
        let source = self.source.files.get(span.file);
        let raw = source.and_then(|file| file.text.get(span.start..span.end)).unwrap_or("");
        match raw.find(piece) {
            Some(at) if !piece.is_empty() => {
                let start = span.start + at;
                Span { start, end: start + piece.len(), ..span }
            }
            _ => span,
        }
    }
}

fn names(parts: &[&str]) -> bool {
    parts.iter().all(|part| Address::is_name(part))
}
