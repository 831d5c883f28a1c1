//! Fields that take a resource: its address, bare, or a literal id or ARN.

use std::sync::Arc;

use landfall_model::reference::{Root, is_known, sole};
use landfall_model::{Address, Reference};
use serde_json::Value;

use crate::fields::{Frame, Trail};
use crate::leaf::{describe_scalar, shown};
use crate::reader::Reader;
use crate::shape::Wanted;
use crate::suggest::{self, article};
use crate::text::Scope;
use crate::tree::{Node, Scalar, Span};

/// What a field that takes a resource got.
pub(crate) struct Found {
    pub value: Value,
    /// Whether it stands for several things.
    pub is_list: bool,
}

impl Found {
    fn one(value: String) -> Option<Found> {
        Some(Found { value: Value::String(value), is_list: false })
    }
}

impl Reader<'_> {
    /// A field that takes one resource.
    pub fn reference(
        &mut self,
        node: &Arc<Node>,
        wanted: Wanted<'_>,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Value> {
        let found = self.reference_or_list(node, wanted, trail, frame)?;
        if found.is_list {
            let written = node.scalar().map(|scalar| shown(&scalar.text)).unwrap_or_default();
            self.error_with(
                node.span,
                format!("`{trail}` takes one {}, but {written} is a list", wanted.kind),
                format!("take {} by its id, or declare a lookup of one", article(wanted.kind)),
            );
            return None;
        }
        Some(found.value)
    }

    /// A field or element of a list that takes a resource, or a lookup that yields several.
    pub fn reference_or_list(
        &mut self,
        node: &Arc<Node>,
        wanted: Wanted<'_>,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Found> {
        let Some(scalar) = node.scalar() else {
            self.wrong_type(node, &article(wanted.kind), trail);
            return None;
        };
        let span = node.pointer(trail.key);
        let raw = &scalar.text;
        let text = match raw.contains("${") {
            true => self.text(raw, node.span, frame.scope)?.value,
            false => raw.clone(),
        };
        if !is_known(&text) {
            let is_list = sole(&text).is_some_and(|reference| {
                matches!(reference.root, Root::Lookup(_))
                    && reference.output == format!("{}s", wanted.output)
            });
            return Some(Found { value: Value::String(text), is_list });
        }
        if !wanted.literal.is_empty() && text.starts_with(wanted.literal) {
            return Found::one(text);
        }
        if text.starts_with("lookup.") {
            return self.lookup_address(&text, span, wanted, trail);
        }
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            [kind, name] if self.kind(kind).is_some() && Address::is_name(name) => {
                self.resource_address(&Address::new(*kind, *name), span, wanted, trail, frame)
            }
            [kind, name, _] if self.kind(kind).is_some() => {
                let message = format!("`{trail}` takes a resource, not one of its outputs");
                self.error_with(span, message, format!("write `{kind}.{name}`"));
                None
            }
            [kind, name] if Address::is_name(name) && self.misspelt(kind, wanted) => {
                let message = format!("there is no kind `{kind}`");
                let kinds = self.kind_names();
                self.error_about(span, message, kind, "kinds", kinds);
                None
            }
            _ if wanted.literal.is_empty() && !text.is_empty() => Found::one(text),
            _ => {
                self.neither(scalar, &text, span, wanted, trail);
                None
            }
        }
    }

    /// Whether a text of the form `a.b` is an address of a kind that doesn't exist, and not a name.
    fn misspelt(&self, kind: &str, wanted: Wanted<'_>) -> bool {
        let kinds = self.kind_names();
        let like = suggest::closest(kind, kinds);
        match wanted.literal.is_empty() {
            true => like == Some(wanted.kind),
            false => like.is_some(),
        }
    }

    fn resource_address(
        &mut self,
        address: &Address,
        span: Span,
        wanted: Wanted<'_>,
        trail: &Trail<'_>,
        frame: &Frame<'_>,
    ) -> Option<Found> {
        if address.kind != wanted.kind {
            let message = format!(
                "`{trail}` takes {}, but {address} is {}",
                article(wanted.kind),
                article(&address.kind)
            );
            match self.example(wanted.kind) {
                Some(other) => {
                    let help = format!("write the address of one, such as `{other}`");
                    self.error_with(span, message, help);
                }
                None => self.error(span, message),
            }
            return None;
        }
        if frame.scope == Scope::Lookup {
            self.resource_out_of_reach(address, span, frame.scope);
            return None;
        }
        if !self.declares(address, span) {
            return None;
        }
        Found::one(Reference::resource(address.clone(), wanted.output).token())
    }

    fn lookup_address(
        &mut self,
        text: &str,
        span: Span,
        wanted: Wanted<'_>,
        trail: &Trail<'_>,
    ) -> Option<Found> {
        let parts: Vec<&str> = text.split('.').collect();
        let (kind, name) = match parts.as_slice() {
            ["lookup", kind, name] => (*kind, *name),
            ["lookup", kind, name, _] => {
                let message = format!("`{trail}` takes a lookup, not one of its outputs");
                self.error_with(span, message, format!("write `lookup.{kind}.{name}`"));
                return None;
            }
            _ => {
                let message = format!("`{}` is no address of a lookup", shown(text));
                self.error_with(span, message, "an address is `lookup.kind.name`");
                return None;
            }
        };
        let Some(info) = self.lookup(kind) else {
            let lookups = self.lookup_names();
            let message = format!("there is no lookup of the kind `{kind}`");
            self.error_about(span, message, kind, "lookups", lookups);
            return None;
        };
        if info.yields != wanted.kind {
            let message = format!(
                "`{trail}` takes {}, but {text} is {}",
                article(wanted.kind),
                article(info.yields)
            );
            self.error(span, message);
            return None;
        }
        let address = Address::new(kind, name);
        if !self.declares_lookup(&address, span) {
            return None;
        }
        let has = |output: &str| info.outputs.iter().any(|known| known == output);
        let many = format!("{}s", wanted.output);
        let is_list = !has(wanted.output) && has(&many);
        if !is_list && !has(wanted.output) {
            let message = format!(
                "`{trail}` needs the {} of {}, which {text} doesn't tell",
                wanted.output,
                article(wanted.kind)
            );
            self.error(span, message);
            return None;
        }
        let output = if is_list { many.as_str() } else { wanted.output };
        let token = Reference::lookup(address, output).token();
        Some(Found { value: Value::String(token), is_list })
    }

    /// A resource of a kind.
    fn example(&self, kind: &str) -> Option<&Address> {
        if self.is_many() {
            return None;
        }
        self.resources.keys().find(|known| known.kind == kind)
    }

    fn neither(
        &mut self,
        scalar: &Scalar,
        text: &str,
        span: Span,
        wanted: Wanted<'_>,
        trail: &Trail<'_>,
    ) {
        let found = describe_scalar(&Scalar { text: text.to_owned(), plain: scalar.plain });
        let message = format!("`{trail}` takes {}, found {found}", article(wanted.kind));
        let address = Address::new(wanted.kind, text);
        let example = self.example(wanted.kind);
        let mut help = match example {
            _ if self.resources.contains_key(&address) => format!("did you mean `{address}`?"),
            Some(example) => format!("write its address, such as `{example}`"),
            None => format!("write its address, `{}.NAME`", wanted.kind),
        };
        if !wanted.literal.is_empty() && !help.starts_with("did") {
            help.push_str(&format!(", or a literal that starts with `{}`", wanted.literal));
        }
        self.error_with(span, message, help);
    }
}
