//! What the kinds themselves have to say: canonical forms, offline rules, unique identities.

use std::collections::HashMap;

use landfall_model::catalogue::Declaration;
use landfall_model::path::Segment;
use landfall_model::{Address, Declared, Finding, KindInfo, Path, Place, Stack};
use serde_json::Value;

use crate::reader::Reader;

impl Reader<'_> {
    /// Asks the kinds about every resource that had no errors, and the catalogue about all of them
    /// together if none had.
    pub fn judge(&mut self, stack: &Stack, clean: &[Address]) {
        let mut canonical = Vec::new();
        for address in clean {
            let (Some(kind), Some(declared)) =
                (self.kind(&address.kind), stack.resources.get(address))
            else {
                continue;
            };
            let spec = named(kind, &stack.name, declared);
            match (kind.canonical)(&spec) {
                Ok(value) => {
                    for finding in (kind.check)(&value) {
                        self.findings.push(as_written(finding.of(address), kind, &spec, &value));
                    }
                    canonical.push(Judged { address, kind, spec, value });
                }
                Err(message) => {
                    let path = culprit(kind, &spec, &message);
                    let place = Place::Field(address.clone(), path);
                    self.findings.push(Finding::error(place, message));
                }
            }
        }
        self.same_identities(&canonical);
        if canonical.len() == self.resources.len() {
            let declarations: Vec<Declaration<'_>> = canonical
                .iter()
                .map(|judged| Declaration { address: judged.address, spec: &judged.value })
                .collect();
            for finding in self.catalogue.together.iter().flat_map(|check| check(&declarations)) {
                let of = |judged: &&Judged<'_>| match &finding.place {
                    Place::Field(address, _) => address == judged.address,
                    _ => false,
                };
                let finding = match canonical.iter().find(of) {
                    Some(j) => as_written(finding, j.kind, &j.spec, &j.value),
                    None => finding,
                };
                self.findings.push(finding);
            }
        }
    }

    /// Two resources that AWS would take for the same thing.
    fn same_identities(&mut self, canonical: &[Judged<'_>]) {
        let mut seen: HashMap<(&str, Vec<String>), &Address> = HashMap::new();
        for Judged { address, kind, value, .. } in canonical {
            let fields: Vec<&str> = kind
                .rules
                .fields
                .iter()
                .filter(|field| field.identity)
                .map(|field| field.name)
                .collect();
            // References to the same output are the same value, known or not.
            let values: Option<Vec<String>> = fields
                .iter()
                .map(|field| value.get(field).filter(|v| !v.is_null()).map(Value::to_string))
                .collect();
            let Some(values) = values.filter(|values| !values.is_empty()) else { continue };
            let key = (kind.rules.name, values);
            let Some(other) = seen.get(&key) else {
                seen.insert(key, address);
                continue;
            };
            let path = Path::field(fields.first().copied().unwrap_or(""));
            let message = format!("{address} has the same {} as {other}", fields.join(" and "));
            let place = Place::Field((*address).clone(), path);
            let finding = Finding::error(place, message);
            self.findings.push(finding.help("AWS takes the two for one thing; change one of them"));
        }
    }
}

/// A resource without errors.
struct Judged<'a> {
    address: &'a Address,
    kind: &'a KindInfo,
    /// As written, its name filled in.
    spec: Value,
    /// The same in canonical form.
    value: Value,
}

/// The fields of a resource with the name that its first generation gets by default.
fn named(kind: &KindInfo, stack: &str, declared: &Declared) -> Value {
    let mut spec = declared.spec.clone();
    if let (Some(naming), Some(fields)) = (kind.rules.naming, spec.as_object_mut()) {
        fields
            .entry(naming.field)
            .or_insert_with(|| naming.default_name(stack, &declared.address.name, 1).into());
    }
    spec
}

/// The finding with the path as in the spec: canonical lists may stand in another order.
fn as_written(mut finding: Finding, kind: &KindInfo, spec: &Value, canonical: &Value) -> Finding {
    if let Place::Field(_, path) = &mut finding.place
        && path.0.iter().any(|segment| matches!(segment, Segment::Index(_)))
    {
        *path = path_as_written(path, kind, spec, canonical);
    }
    finding
}

fn path_as_written(path: &Path, kind: &KindInfo, spec: &Value, canonical: &Value) -> Path {
    // The lists on the way are cut to the one element, so that it is the first one here and there.
    let mut cut = spec.clone();
    let (mut in_cut, mut in_canonical, mut written) =
        (Path::default(), Path::default(), Path::default());
    for segment in &path.0 {
        let index = match segment {
            Segment::Key(key) => {
                for path in [&mut in_cut, &mut in_canonical, &mut written] {
                    *path = path.key(key);
                }
                continue;
            }
            Segment::Index(index) => *index,
        };
        in_canonical = in_canonical.index(index);
        let Some(wanted) = in_canonical.get(canonical) else { return written };
        let items = in_cut.get(&cut).and_then(Value::as_array).cloned().unwrap_or_default();
        let only = |item: &Value| {
            let mut only = cut.clone();
            in_cut.set(&mut only, Some(&Value::Array(vec![item.clone()])));
            only
        };
        let found = items.iter().position(|item| {
            let canonical = (kind.canonical)(&only(item)).ok();
            canonical.as_ref().and_then(|canonical| in_cut.index(0).get(canonical)) == Some(wanted)
        });
        let Some(found) = found else { return written };
        cut = only(&items[found]);
        in_cut = in_cut.index(0);
        written = written.index(found);
    }
    written
}

/// The field that a kind's complaint is about: the one without which the complaint is another.
/// Types complain about the first thing that is wrong with them, in the order of the fields.
fn culprit(kind: &KindInfo, spec: &Value, complaint: &str) -> Path {
    let mut path = Path::default();
    loop {
        let below: Vec<Segment> = match path.get(spec) {
            Some(Value::Object(map)) => map.keys().cloned().map(Segment::Key).collect(),
            // To take out of a list is to move the rest of it, but the first wrong one stays first.
            Some(Value::Array(items)) => (0..items.len()).map(Segment::Index).collect(),
            _ => return path,
        };
        let blamed = below.into_iter().find(|segment| {
            let without = without(spec, &path, segment);
            (kind.canonical)(&without).err().as_deref() != Some(complaint)
        });
        let Some(segment) = blamed else { return path };
        path.0.push(segment);
        if path.0.len() > 8 {
            return path;
        }
    }
}

fn without(spec: &Value, path: &Path, segment: &Segment) -> Value {
    let mut spec = spec.clone();
    let mut part = path.get(&spec).cloned().unwrap_or_default();
    match (&mut part, segment) {
        (Value::Object(map), Segment::Key(key)) => {
            map.shift_remove(key);
        }
        (Value::Array(items), Segment::Index(index)) if *index < items.len() => {
            items.remove(*index);
        }
        _ => {}
    }
    match path.0.is_empty() {
        true => spec = part,
        false => path.set(&mut spec, Some(&part)),
    }
    spec
}
