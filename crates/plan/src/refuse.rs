//! What a plan refuses, so that AWS need not refuse it halfway.

use landfall_model::{
    Address, Declared, Finding, KindInfo, KindRules, Live, Path, Place, Readiness, reference, tags,
};
use serde_json::{Map, Value};

use crate::change::{Change, Order};
use crate::decide::{Decider, Fate, overlay};
use crate::diff;
use crate::graph::References;
use crate::identity::{same_identity, uniquely_named};

impl Decider<'_> {
    /// A thing that has to go before its replacement comes cannot go while others hold it in place.
    pub fn held(&mut self, declared: &Declared, references: &References) {
        let address = &declared.address;
        let (Some(info), Some(Fate::Replaced { live, order: Order::DeleteFirst, .. })) =
            (self.catalogue.kind(&address.kind), self.fates.get(address))
        else {
            return;
        };
        if self.room.contains_key(&(address.clone(), live.id.clone())) {
            return;
        }
        let Some(holder) = self.holder(address, live, references) else { return };
        let unique = uniquely_named(&info.rules);
        let forced = self.forced_by(declared, info, live);
        let because = forced
            .as_ref()
            .map(|path| format!(", because `{path}` cannot change in place"))
            .unwrap_or_default();
        let leave_out = match info.rules.naming {
            Some(naming) if naming.field == unique => ", or leave it out",
            _ => "",
        };
        self.findings.push(
            Finding::error(
                Place::Field(address.clone(), forced.unwrap_or_else(|| Path::field(unique))),
                format!(
                    "{address} has to be replaced{because}; a new one of the same `{unique}` needs \
                     the old one gone, and AWS keeps that while {holder} uses it"
                ),
            )
            .help(format!(
                "give it another `{unique}`{leave_out}: then the new one comes first, \
                 {holder} moves over, and the old one goes last"
            )),
        );
    }

    /// A resource that stays and keeps AWS from deleting a thing.
    fn holder<'r>(
        &self,
        address: &'r Address,
        live: &Live,
        references: &'r References,
    ) -> Option<&'r Address> {
        let held_by = self.catalogue.kind(&address.kind)?.rules.held_by;
        references.to(address).find(|from| {
            let kept = match self.fates.get(from) {
                Some(Fate::Kept { live, .. }) => Some(live),
                _ => None,
            };
            held_by.contains(&from.kind.as_str())
                && kept.is_some_and(|from| mentions(&from.spec, &live.outputs))
        })
    }

    /// The same for a thing that makes room for another resource.
    pub fn held_for_another(&mut self, changes: &[Change], references: &References) {
        for change in changes.iter().filter(|change| change.deletes()) {
            let Some(live) = &change.live else { continue };
            let going = &change.address;
            let Some(coming) = self.room.get(&(going.clone(), live.id.clone())) else { continue };
            let Some(info) = self.catalogue.kind(&coming.kind) else { continue };
            let Some(holder) = self.holder(going, live, references) else { continue };
            let unique = uniquely_named(&info.rules);
            self.findings.push(
                Finding::error(
                    Place::Field(coming.clone(), Path::field(unique)),
                    format!(
                        "{coming} takes over what has to be unique from {going}, and AWS keeps \
                         that while {holder} uses it"
                    ),
                )
                .help(format!(
                    "give {coming} another `{unique}`: then it comes first, {holder} moves over, \
                     and {going} goes last"
                )),
            );
        }
    }

    /// The field that forces a replacement.
    fn forced_by(&self, declared: &Declared, info: &KindInfo, live: &Live) -> Option<Path> {
        let spec = reference::resolve(&declared.spec, &|reference| self.known(reference));
        let want = self.stack.secrets.conceal(&(info.canonical)(&spec).ok()?);
        let want = overlay(&info.rules, &declared.lifecycle, &want, &live.spec);
        let mut fields = diff::fields(&info.rules, &want, &live.spec).into_iter();
        fields.find(|field| field.forces_replacement).map(|field| field.path)
    }

    /// A thing of the same identity that is not the stack's must not be touched, and AWS will not
    /// let us make another.
    pub fn stranger(&mut self, declared: &Declared, rules: &KindRules, want: &Value) {
        let Some(name) = same_identity(rules, want) else { return };
        let stranger = self.observed.live.iter().find(|live| {
            live.kind == rules.name
                && !matches!(live.readiness, Readiness::Leaving(_))
                && (live.address_in(&self.stack.name).is_none() || self.outlives_spec(live))
                && same_identity(rules, &live.spec).as_ref() == Some(&name)
        });
        let Some(stranger) = stranger else { return };
        let whose = match stranger.owner() {
            Some(owner) if self.outlives_spec(stranger) => {
                format!("it is retained as {}, which this spec no longer names", owner.address)
            }
            Some(owner) => format!("it belongs to {} of stack {}", owner.address, owner.stack),
            None => "no stack of landfall's made it".to_owned(),
        };
        let naming = uniquely_named(rules);
        self.findings.push(
            Finding::error(
                Place::Field(declared.address.clone(), Path::field(naming)),
                format!("{} exists already, and {whose}", stranger.id),
            )
            .help(format!(
                "give {} another `{naming}`, or refer to the existing one through `lookup`",
                declared.address
            )),
        );
    }

    /// Whether a thing of the stack stays though the spec no longer names it.
    fn outlives_spec(&self, live: &Live) -> bool {
        let address = live.address_in(&self.stack.name);
        address.is_some_and(|address| !self.stack.resources.contains_key(&address))
            && live.tags.get(tags::LIFECYCLE).is_some_and(|word| word == "retain")
    }

    /// Nothing that is to be kept may be deleted or replaced.
    pub fn guard(&mut self, changes: &[Change]) {
        for change in changes.iter().filter(|change| change.deletes()) {
            if !change.lifecycle.prevent_destroy {
                continue;
            }
            let verb = if change.creates() { "replaced" } else { "deleted" };
            let forced = change.fields.iter().find(|field| field.forces_replacement);
            let why = forced.map(|field| format!(" (`{}` cannot change in place)", field.path));
            let path = forced.map(|field| field.path.clone()).unwrap_or_default();
            self.findings.push(
                Finding::error(
                    Place::Field(change.address.clone(), path),
                    format!(
                        "{} would be {verb}{}, and its lifecycle says prevent_destroy",
                        change.address,
                        why.unwrap_or_default()
                    ),
                )
                .help("take `prevent_destroy` off and apply, if that is what you want"),
            );
        }
    }
}

/// Whether a live thing's fields hold one of another thing's outputs.
fn mentions(spec: &Value, outputs: &Map<String, Value>) -> bool {
    match spec {
        Value::String(text) => outputs.values().any(|output| output == text),
        Value::Array(items) => items.iter().any(|item| mentions(item, outputs)),
        Value::Object(fields) => fields.values().any(|value| mentions(value, outputs)),
        _ => false,
    }
}
