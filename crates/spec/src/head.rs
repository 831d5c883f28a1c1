//! The head of a spec: its sections, `stack`, `region`, `account`, and the names it declares.

use indexmap::IndexMap;
use landfall_model::{Address, Stack};

use crate::leaf::describe_scalar;
use crate::reader::{Reader, Region};
use crate::text::Scope;
use crate::tree::{Data, Entry, Node, Span};

const SECTIONS: [&str; 8] =
    ["stack", "region", "account", "variables", "tags", "lookup", "resources", "outputs"];
/// The longest name of a stack: names of resources begin with it, and some may have 32 characters.
const LONGEST_STACK: usize = 40;

impl Reader<'_> {
    /// Checks the sections and collects the names of all lookups and resources.
    pub fn read_names(&mut self, root: &Node) {
        for entry in root.entries() {
            if !SECTIONS.contains(&&*entry.key) {
                let message = format!("unknown section `{}`", entry.key);
                self.error_about(entry.key_span, message, &entry.key, "sections", SECTIONS);
            }
        }
        let kinds: Vec<&str> = self.kind_names().collect();
        self.resources = self.declared(root, "resources", "kind", &kinds);
        let lookups: Vec<&str> = self.lookup_names().collect();
        self.lookups = self.declared(root, "lookup", "lookup of the kind", &lookups);
    }

    fn declared(
        &mut self,
        root: &Node,
        section: &str,
        what: &str,
        kinds: &[&str],
    ) -> IndexMap<Address, Span> {
        let mut found = IndexMap::new();
        let Some(section) = root.get(section) else { return found };
        for kind in self.section_entries(section) {
            if !kinds.contains(&&*kind.key) {
                let message = format!("there is no {what} `{}`", kind.key);
                let names = kinds.iter().copied();
                self.error_about(kind.key_span, message, &kind.key, "kinds", names);
                continue;
            }
            for entry in self.section_entries(kind) {
                match Address::is_name(&entry.key) {
                    true => {
                        let address = Address::new(&*kind.key, &*entry.key);
                        found.insert(address, entry.key_span);
                    }
                    false => self.bad_name(entry),
                }
            }
        }
        found
    }

    /// The entries of a map that people name themselves.
    pub fn section_entries<'n>(&mut self, section: &'n Entry) -> &'n [Entry] {
        if !matches!(section.value.data, Data::Map(_)) && !section.value.is_null() {
            let message = format!("`{}` takes a map of names", section.key);
            self.error(section.value.pointer(section.key_span), message);
        }
        section.value.entries()
    }

    pub fn bad_name(&mut self, entry: &Entry) {
        self.error_with(
            entry.key_span,
            format!("`{}` is not a name", crate::leaf::shown(&entry.key)),
            "a name is a letter, then letters, digits, `-` or `_`",
        );
    }

    /// Reads `stack`, `region` and `account`. Variables have to be there already.
    pub fn read_head(&mut self, root: &Node) -> Stack {
        self.stack = self.read_stack(root);
        let region = self.head_text(root, "region", is_region, "a region is `us-east-1`, say");
        self.region = match (&region, root.get("region")) {
            (Some(region), _) => Region::Known(region.clone()),
            (None, Some(entry)) if !entry.value.is_null() => Region::Broken,
            (None, _) => Region::Unset,
        };
        let account =
            self.head_text(root, "account", is_account, "an account is a number of 12 digits");
        Stack { name: self.stack.clone().unwrap_or_default(), region, account, ..Stack::default() }
    }

    fn read_stack(&mut self, root: &Node) -> Option<String> {
        if root.get("stack").is_none_or(|entry| entry.value.is_null()) {
            let at = root.entries().first().map_or(root.span, |entry| entry.key_span);
            let help = "begin with `stack: NAME`; landfall marks what it makes with this name";
            self.error_with(at, "the spec does not name its stack", help);
            return None;
        }
        let help =
            "a stack's name is a letter, then letters, digits or hyphens, 40 characters at most";
        self.head_text(root, "stack", is_stack, help)
    }

    fn head_text(
        &mut self,
        root: &Node,
        key: &str,
        right: fn(&str) -> bool,
        help: &str,
    ) -> Option<String> {
        let entry = root.get(key).filter(|entry| !entry.value.is_null())?;
        let span = entry.value.pointer(entry.key_span);
        let Some(scalar) = entry.value.scalar() else {
            self.error(span, format!("`{key}` takes a text"));
            return None;
        };
        let text = self.text(&scalar.text, entry.value.span, Scope::Variables)?;
        if !right(&text.value) {
            let found = match text.secret {
                true => "something else".to_owned(),
                false => describe_scalar(&crate::tree::Scalar { text: text.value, plain: false }),
            };
            self.error_with(span, format!("`{key}` can't be {found}"), help);
            return None;
        }
        Some(text.value)
    }
}

fn is_stack(name: &str) -> bool {
    name.len() <= LONGEST_STACK
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let lower = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) if words.len() >= 2 => {
            !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && words.iter().all(lower)
        }
        _ => false,
    }
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}
