//! All kinds and lookups that this build knows.

use indexmap::IndexMap;
use serde_json::Value;

use crate::{Address, Finding, KindRules};

/// Reads a spec value into the kind's type and writes it back: unknown keys refused, defaults
/// filled in, sets sorted, documents canonical.
pub type Canonical = fn(&Value) -> Result<Value, String>;

/// A kind: its rules, its schema, and what can be asked of it offline.
#[derive(Clone, Debug)]
pub struct KindInfo {
    /// What the kind says about itself.
    pub rules: KindRules,
    /// The JSON Schema of its spec.
    pub schema: Value,
    /// What other resources can refer to.
    pub outputs: Vec<String>,
    /// Makes a spec value canonical.
    pub canonical: Canonical,
    /// Judges a canonical value offline.
    pub check: fn(&Value) -> Vec<Finding>,
}

/// A lookup: something that exists and is read, never written.
#[derive(Clone, Debug)]
pub struct LookupInfo {
    /// The key under `lookup:`.
    pub name: &'static str,
    /// The kind of thing that it yields, for fields that take such a thing (`vpc`, `subnet`).
    pub yields: &'static str,
    /// The JSON Schema of its question.
    pub schema: Value,
    /// What it answers.
    pub outputs: Vec<String>,
}

/// A resource as a check across resources sees it.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'a> {
    /// Its address.
    pub address: &'a Address,
    /// Its canonical fields; references are tokens.
    pub spec: &'a Value,
}

/// An offline rule that looks at several resources at once.
pub type CheckTogether = fn(&[Declaration<'_>]) -> Vec<Finding>;

/// All kinds and lookups that this build knows, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Kinds by name.
    pub kinds: IndexMap<&'static str, KindInfo>,
    /// Lookups by name.
    pub lookups: IndexMap<&'static str, LookupInfo>,
    /// Checks that look at several resources at once.
    pub together: Vec<CheckTogether>,
}

impl Catalogue {
    /// A kind by its name.
    pub fn kind(&self, name: &str) -> Option<&KindInfo> {
        self.kinds.get(name)
    }
}
