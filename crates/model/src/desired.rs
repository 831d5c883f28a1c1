//! What a spec asks for, parsed and checked.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Address, Path, Reference, Secrets, Tags};

/// What the author of the spec wants to be left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Fields that belong to somebody else once the thing exists.
    pub ignore_changes: Vec<Path>,
    /// Refuse every plan that would delete or replace it.
    pub prevent_destroy: bool,
    /// Leave it in AWS when the stack goes.
    pub retain: bool,
}

/// A resource that the spec declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Its address.
    pub address: Address,
    /// Its fields as written, variables filled in, references as tokens. Not canonical yet: a
    /// name that the spec leaves out depends on the generation.
    pub spec: Value,
    /// Tags of the stack and its own.
    pub tags: Tags,
    /// Resources that have to be ready first though no field says so.
    pub depends_on: Vec<Address>,
    /// What is to be left alone.
    pub lifecycle: Lifecycle,
}

/// A question about something that exists and is not ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupDeclared {
    /// `kind.name` below `lookup:`.
    pub address: Address,
    /// The question; references to other lookups are tokens.
    pub spec: Value,
}

/// A value that a run prints at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputDeclared {
    /// The value; references are tokens.
    pub value: Value,
    /// What it is, in the author's words.
    pub description: Option<String>,
}

/// A parsed and checked spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// The stack's name.
    pub name: String,
    /// The region that the spec names; otherwise the environment's.
    pub region: Option<String>,
    /// The only account that this spec may work in.
    pub account: Option<String>,
    /// Lookups in the order of the spec.
    pub lookups: IndexMap<Address, LookupDeclared>,
    /// Resources in the order of the spec.
    pub resources: IndexMap<Address, Declared>,
    /// Outputs in the order of the spec.
    pub outputs: IndexMap<String, OutputDeclared>,
    /// The values of its secret variables. They are written nowhere.
    #[serde(skip)]
    pub secrets: Secrets,
}

impl Declared {
    /// The references of a field.
    pub fn references(&self, field: &str) -> Vec<Reference> {
        self.spec.get(field).map(crate::reference::references).unwrap_or_default()
    }
}
