//! What the author of a kind writes. See `docs/adding-a-kind.md`.

use std::future::Future;

use landfall_model::{Address, CloudError, Detail, Finding, KindRules, Readiness, TagChange, Tags};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Aws, Sweep};

/// A resource kind: what it looks like in a spec, and AWS's calls for it.
///
/// A kind makes calls and nothing else: it neither retries nor sleeps nor prints, and the diff that
/// decides whether it is called is not its own.
pub trait Kind: Send + Sync + Sized + 'static {
    /// Fields, names, order, known delays: data.
    const RULES: KindRules;

    /// The fields in the spec. Reading AWS yields the same type, so its defaults are AWS's
    /// defaults, and what AWS doesn't order is a [`landfall_model::types::Set`].
    type Spec: Serialize + DeserializeOwned + JsonSchema + Clone + PartialEq + Send + Sync;

    /// What other resources can refer to. All of it is known once the create call has answered,
    /// but for those that [`KindRules::late_outputs`] names.
    type Outputs: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync;

    /// Offline rules beyond the types. Strings that hold a reference are to be passed over
    /// ([`landfall_model::reference::is_known`]); an empty name means the default one.
    fn check(_spec: &Self::Spec) -> Vec<Finding> {
        Vec::new()
    }

    /// Reads things: all that the stack owns and all that bear a wanted name, in as few calls as
    /// the API allows; or, for a scope that is not the whole stack, only the wanted ones. The one
    /// reader: plans, checks after a change, readiness and discovery all go through it.
    fn find(
        aws: &Aws,
        scope: &Scope<'_, Self>,
    ) -> impl Future<Output = Result<Vec<Found<Self>>, CloudError>> + Send;

    /// Makes the thing in exactly one call that changes anything, tags included. Fields marked
    /// `after_create` are left to [`Kind::update`].
    fn create(
        aws: &Aws,
        want: &Self::Spec,
        tags: &Tags,
    ) -> impl Future<Output = Result<Made<Self>, CloudError>> + Send;

    /// Brings the fields from what is to what is wanted. It may stop halfway: it is called again
    /// with what is then.
    fn update(
        aws: &Aws,
        live: &Found<Self>,
        want: &Self::Spec,
    ) -> impl Future<Output = Result<(), CloudError>> + Send;

    /// Changes the tags.
    fn retag(
        aws: &Aws,
        live: &Found<Self>,
        change: &TagChange,
    ) -> impl Future<Output = Result<(), CloudError>> + Send;

    /// What stands in the way of deleting it and has to be decided by a person.
    fn obstacle(
        _aws: &Aws,
        _live: &Found<Self>,
        _declared: Option<&Self::Spec>,
    ) -> impl Future<Output = Result<Option<String>, CloudError>> + Send {
        async { Ok(None) }
    }

    /// Deletes it. One that is gone already is no error. `declared` is its spec while there is one.
    fn delete(
        aws: &Aws,
        live: &Found<Self>,
        declared: Option<&Self::Spec>,
    ) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// A thing that exists.
pub struct Found<K: Kind> {
    /// AWS's identifier, as the kind's calls take it.
    pub id: String,
    /// Its fields.
    pub spec: K::Spec,
    /// What others can refer to.
    pub outputs: K::Outputs,
    /// Its tags.
    pub tags: Tags,
    /// Whether it can be used.
    pub readiness: Readiness,
}

/// What a create call answered.
pub struct Made<K: Kind> {
    /// AWS's identifier.
    pub id: String,
    /// What others can refer to.
    pub outputs: K::Outputs,
}

/// A thing to look for.
pub struct Want<K: Kind> {
    /// Its address.
    pub address: Address,
    /// Its fields as far as they are known; strings may hold references.
    pub spec: Option<K::Spec>,
    /// AWS's identifier, once known.
    pub id: Option<String>,
}

/// What to look for.
pub struct Scope<'a, K: Kind> {
    /// The stack.
    pub stack: &'a str,
    /// Things to look for by name or id.
    pub wanted: Vec<Want<K>>,
    /// Whether to find everything else that the stack owns, too.
    pub whole_stack: bool,
    /// How much of each thing is needed.
    pub detail: Detail,
    /// Reads that several kinds share.
    pub sweep: &'a Sweep,
}

impl<K: Kind> Scope<'_, K> {
    /// The wanted things' values of a string field, as far as they are known.
    pub fn wanted_names(&self, name: impl Fn(&K::Spec) -> &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .wanted
            .iter()
            .filter_map(|want| want.spec.as_ref().map(&name))
            .filter(|name| !name.is_empty() && landfall_model::reference::is_known(name))
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The identifiers of wanted things that have one.
    pub fn wanted_ids(&self) -> Vec<String> {
        self.wanted.iter().filter_map(|want| want.id.clone()).collect()
    }

    /// Whether a thing with these tags or this identifier is in the scope: the stack's, or wanted.
    pub fn covers(&self, id: &str, tags: &Tags) -> bool {
        let wanted = self.wanted.iter().any(|want| want.id.as_deref() == Some(id));
        let owner = landfall_model::Owner::from_tags(tags);
        wanted
            || owner.is_some_and(|owner| {
                owner.stack == self.stack
                    && (self.whole_stack
                        || self.wanted.iter().any(|want| want.address == owner.address))
            })
    }
}
