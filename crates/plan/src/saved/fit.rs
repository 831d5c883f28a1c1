//! Whether a saved plan still fits what is in AWS: it does where nothing has moved that it would
//! touch. What is already as it wants falls away, so a plan whose run was cut off goes on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use landfall_model::{
    Address, Catalogue, KindInfo, Lifecycle, Live, Path, Readiness, Reference, Root, Stack, Tags,
    reference, tags,
};
use serde_json::Value;

use super::Veil;
use super::moved::{How, Moved};
use crate::change::{Action, Because, Change, FieldChange, Order};
use crate::decide::{Observed, answers, as_created, overlay};
use crate::graph::References;
use crate::identity::collide;
use crate::{Plan, Room, diff, order};

/// What is left of a saved plan, with the things as they are now. `stack` is the saved one with
/// its secrets, `planned` the plan for it from `then`, which was observed when the plan was made;
/// `now` was just observed.
pub fn fit(
    stack: &Stack,
    planned: &Plan,
    (then, now): (&Observed, &Observed),
    catalogue: &Catalogue,
    veil: Veil<'_>,
) -> Result<Plan, Vec<Moved>> {
    let (then, now) = (then.concealed(stack, catalogue), now.concealed(stack, catalogue));
    let mut fitter = Fitter {
        stack,
        then: &then,
        now: &now,
        catalogue,
        veil,
        planned,
        owned: now.owned(&stack.name),
        done: HashSet::new(),
        moved: BTreeMap::new(),
    };
    let changes = fitter.changes();
    if !fitter.moved.is_empty() {
        return Err(fitter.moved.into_values().flatten().collect());
    }
    let references = References::new(stack, &now, catalogue);
    let mut room = Room::new();
    loop {
        let ordered = order::order(stack, &changes, catalogue, &references, &room);
        let known = room.len();
        room.extend(ordered.blocked);
        if room.len() == known {
            return Ok(Plan { changes, steps: ordered.steps, ..planned.clone() });
        }
    }
}

struct Fitter<'a> {
    stack: &'a Stack,
    then: &'a Observed,
    now: &'a Observed,
    catalogue: &'a Catalogue,
    veil: Veil<'a>,
    planned: &'a Plan,
    /// The stack's things as they are now.
    owned: BTreeMap<Address, Vec<&'a Live>>,
    /// Wanted things at which nothing is left to do.
    done: HashSet<&'a Address>,
    /// What has moved, by the change's place in the plan.
    moved: BTreeMap<usize, Vec<Moved>>,
}

impl<'a> Fitter<'a> {
    /// What is left of each change, in the order of the plan.
    fn changes(&mut self) -> Vec<Change> {
        let mut left: HashMap<usize, Vec<Change>> = HashMap::new();
        for at in self.in_order() {
            let change = &self.planned.changes[at];
            let fitted = match change.action {
                Action::Keep | Action::Retain => self.kept(change),
                Action::Create => self.created(at, change, None),
                Action::Update => self.updated(at, change),
                Action::Replace(order) => self.replaced(at, change, order),
                Action::Delete => self.deleted(at, change),
            };
            if fitted.iter().any(|left| left.want.is_some() && !left.acts()) {
                self.done.insert(&change.address);
            }
            left.insert(at, fitted);
        }
        (0..self.planned.changes.len()).filter_map(|at| left.remove(&at)).flatten().collect()
    }

    /// The places of the changes, what others wait for first.
    fn in_order(&self) -> Vec<usize> {
        let steps = &self.planned.steps;
        let stepped = steps.in_order().unwrap_or_default();
        let stepped: Vec<usize> = stepped.into_iter().map(|id| steps.step(id).change).collect();
        let seen: HashSet<usize> = stepped.iter().copied().collect();
        let still = (0..self.planned.changes.len()).filter(|at| !seen.contains(at));
        let mut first = HashSet::new();
        still.chain(stepped).filter(|at| first.insert(*at)).collect()
    }

    fn report(&mut self, at: usize, how: How) {
        let address = self.planned.changes[at].address.clone();
        self.moved.entry(at).or_default().push(Moved { address, how });
    }

    /// The stack's thing of this identifier.
    fn by_id(&self, address: &Address, id: &str) -> Option<&'a Live> {
        self.owned.get(address)?.iter().copied().find(|live| live.id == id)
    }

    /// The thing that a change is to leave behind, if it is there already.
    fn standing(&self, change: &Change) -> Option<&'a Live> {
        let live = change.live.as_ref();
        match change.creates() {
            false => self.by_id(&change.address, &live?.id),
            true => self.owned.get(&change.address)?.iter().copied().find(|there| {
                there.generation() == change.generation
                    && live.is_none_or(|before| before.id != there.id)
            }),
        }
    }

    /// What a reference stands for now, as far as it will still do so after the run.
    fn answer(&self, reference: &Reference) -> Option<Value> {
        let Some(address) = reference.address() else { return answers(self.now, reference) };
        let wanted = |change: &&Change| change.want.is_some() && change.address == *address;
        let change = self.planned.changes.iter().find(wanted)?;
        let rules = &self.catalogue.kind(&address.kind)?.rules;
        let changes = change.acts() && !self.done.contains(address);
        if changes && rules.revised_outputs.contains(&&*reference.output) {
            return None;
        }
        self.standing(change)?.outputs.get(&reference.output).cloned()
    }

    /// The wanted fields with everything answered that is known by now.
    fn want(&self, change: &Change, info: &KindInfo, live: &Live) -> Value {
        let want = change.want.as_ref().unwrap_or(&Value::Null);
        let want = reference::resolve(want, &|reference| self.answer(reference));
        let secrets = &self.stack.secrets;
        let want = (info.canonical)(&secrets.reveal(&want)).unwrap_or(want);
        overlay(&info.rules, &Lifecycle::default(), &secrets.conceal(&want), &live.spec)
    }

    /// A thing that the plan leaves alone may have moved as it likes.
    fn kept(&self, change: &Change) -> Vec<Change> {
        let same = change.live.as_ref().and_then(|live| self.by_id(&change.address, &live.id));
        vec![Change { live: same.cloned(), ..change.clone() }]
    }

    /// A thing that the plan makes, beside one that it replaces or not.
    fn created(&mut self, at: usize, change: &Change, old: Option<&Live>) -> Vec<Change> {
        let Some(info) = self.catalogue.kind(&change.address.kind) else { return Vec::new() };
        if let Some(live) = self.standing(change) {
            let mut left = self.continued(at, change, info, live);
            // What it replaces is all that is left of the old generation.
            left.extend(old.map(|old| Change {
                action: Action::Delete,
                because: Because::LeftOver,
                fields: Vec::new(),
                live: Some(old.clone()),
                want: None,
                tags: Tags::new(),
                generation: old.generation(),
                ..change.clone()
            }));
            return left;
        }
        let others = self.owned.get(&change.address).into_iter().flatten();
        let mut others =
            others.filter(|live| change.live.as_ref().is_none_or(|old| old.id != live.id));
        let stranger = others.next().copied().or_else(|| {
            let want = change.want.as_ref()?;
            self.now.live.iter().find(|live| {
                live.kind == info.rules.name
                    && !matches!(live.readiness, Readiness::Leaving(_))
                    && live.address_in(&self.stack.name).is_none()
                    && collide(&info.rules, want, &live.spec)
            })
        });
        if let Some(stranger) = stranger {
            self.report(at, How::Appeared { id: stranger.id.clone() });
        }
        self.rely(at, change, None);
        vec![change.clone()]
    }

    /// A thing that the plan makes, and that is there: a run of this plan, or of the same spec,
    /// made it.
    fn continued(
        &mut self,
        at: usize,
        change: &Change,
        info: &KindInfo,
        live: &Live,
    ) -> Vec<Change> {
        let want = self.want(change, info, live);
        let want = overlay(&info.rules, &change.lifecycle, &want, &live.spec);
        let bare = as_created(info, &want);
        let tagged = change.tags.iter().all(|(key, value)| live.tags.get(key) == Some(value));
        let fields = diff::fields(&info.rules, &want, &live.spec);
        let begun = fields.is_empty() || diff::fields(&info.rules, &bare, &live.spec).is_empty();
        if !tagged || !begun {
            self.report(at, How::Appeared { id: live.id.clone() });
        }
        let (action, because) = match fields.is_empty() {
            true => (Action::Keep, Because::Equal),
            false => (Action::Update, Because::Differs),
        };
        if !fields.is_empty() {
            let heads = fields.iter().map(|field| field.path.head().to_owned()).collect();
            self.rely(at, change, Some(heads));
        }
        let tags = change.tags.clone().into_iter().chain(live.tags.clone()).collect();
        vec![Change { action, because, fields, live: Some(live.clone()), tags, ..change.clone() }]
    }

    fn updated(&mut self, at: usize, change: &Change) -> Vec<Change> {
        let (Some(info), Some(before)) =
            (self.catalogue.kind(&change.address.kind), change.live.as_ref())
        else {
            return Vec::new();
        };
        let Some(live) = self.same(at, change, before) else { return vec![change.clone()] };
        let want = self.want(change, info, live);
        let fields = self.touched(at, change, before, &want, live);
        let heads = fields.iter().map(|field| field.path.head().to_owned()).collect();
        self.rely(at, change, Some(heads));
        let want = self.rebased(at, change, info, &fields, live);
        let tags = rebased_tags(change, &fields, live);
        let (action, because) = match fields.is_empty() {
            true => (Action::Keep, Because::Equal),
            false => (Action::Update, change.because.clone()),
        };
        let live = Some(live.clone());
        vec![Change { action, because, fields, live, want: Some(want), tags, ..change.clone() }]
    }

    fn replaced(&mut self, at: usize, change: &Change, order: Order) -> Vec<Change> {
        let (Some(info), Some(before)) =
            (self.catalogue.kind(&change.address.kind), change.live.as_ref())
        else {
            return Vec::new();
        };
        if self.standing(change).is_some() {
            let old = self.by_id(&change.address, &before.id);
            return self.created(at, change, old);
        }
        if order == Order::DeleteFirst && self.by_id(&change.address, &before.id).is_none() {
            // A run of this plan may have come so far.
            let (action, because) = (Action::Create, Because::Missing);
            let fields = Vec::new();
            let change = Change { action, because, live: None, fields, ..change.clone() };
            return self.created(at, &change, None);
        }
        let Some(live) = self.same(at, change, before) else { return vec![change.clone()] };
        if matches!(change.because, Because::Failed(_))
            && !matches!(live.readiness, Readiness::Failed(_))
        {
            self.report(at, How::Recovered);
        }
        let want = self.want(change, info, live);
        self.touched(at, change, before, &want, live);
        self.guarded(at, before, live);
        self.rely(at, change, None);
        let want = change.want.as_ref().unwrap_or(&Value::Null);
        let want = Some(overlay(&info.rules, &change.lifecycle, want, &live.spec));
        vec![Change { live: Some(live.clone()), want, ..change.clone() }]
    }

    fn deleted(&mut self, at: usize, change: &Change) -> Vec<Change> {
        let Some(before) = &change.live else { return Vec::new() };
        let Some(live) = self.by_id(&change.address, &before.id) else { return Vec::new() };
        self.guarded(at, before, live);
        vec![Change { live: Some(live.clone()), ..change.clone() }]
    }

    /// The thing of a change as it is now, if it is still the same.
    fn same(&mut self, at: usize, change: &Change, before: &Live) -> Option<&'a Live> {
        let live = self.by_id(&change.address, &before.id);
        if let Some(live) = live.filter(|live| live.generation() == before.generation()) {
            return Some(live);
        }
        let other = self.owned.get(&change.address).and_then(|there| there.first());
        let how = match other {
            Some(other) => How::Another { was: before.id.clone(), is: other.id.clone() },
            None => How::Gone { id: before.id.clone() },
        };
        self.report(at, how);
        None
    }

    /// What the plan would change and is not as it wants already.
    fn touched(
        &mut self,
        at: usize,
        change: &Change,
        before: &Live,
        want: &Value,
        live: &Live,
    ) -> Vec<FieldChange> {
        let (tagged, was_tagged) = (by_key(&live.tags), by_key(&before.tags));
        let wanted_tags = by_key(&change.tags);
        let mut left = Vec::new();
        for field in &change.fields {
            let path = &field.path;
            let (want, was, is) = match path.head() {
                "tags" => (&wanted_tags, &was_tagged, &tagged),
                _ => (want, &before.spec, &live.spec),
            };
            let (want, was, is) = (at_path(path, want), at_path(path, was), at_path(path, is));
            if is == want && !field.forces_replacement {
                continue;
            }
            // What was read then is in the file without secrets.
            let veiled = |value: Option<Value>| value.map(|value| (self.veil)(path, &value));
            let (was, is) = (veiled(was), veiled(is));
            match was == is {
                true => left.push(field.clone()),
                false => self.report(at, How::Field { path: path.clone(), was, is }),
            }
        }
        left
    }

    /// Whether somebody has said since that a thing is to stay.
    fn guarded(&mut self, at: usize, before: &Live, live: &Live) {
        let says = |live: &Live| live.tags.get(tags::LIFECYCLE).cloned();
        let (was, is) = (says(before), says(live));
        if is.is_some() && was != is {
            let path = Path::field("tags").key(tags::LIFECYCLE);
            let (was, is) = (was.map(Value::String), is.map(Value::String));
            self.report(at, How::Field { path, was, is });
        }
    }

    /// The wanted fields, but for those that the plan does not touch: they stay as they are.
    fn rebased(
        &mut self,
        at: usize,
        change: &Change,
        info: &KindInfo,
        fields: &[FieldChange],
        live: &Live,
    ) -> Value {
        let mut want = change.want.clone().unwrap_or_default();
        for field in diff::fields(&info.rules, &want, &live.spec) {
            let path = &field.path;
            if fields.iter().any(|touched| touched.path.covers(path)) {
                continue;
            }
            if fields.iter().any(|touched| path.covers(&touched.path)) {
                // What a touched field stood in has become something else.
                let was = change.live.as_ref().and_then(|before| at_path(path, &before.spec));
                let veiled = |value: Option<Value>| value.map(|value| (self.veil)(path, &value));
                let (was, is) = (veiled(was), veiled(at_path(path, &live.spec)));
                self.report(at, How::Field { path: path.clone(), was, is });
                continue;
            }
            path.set(&mut want, path.get(&live.spec));
        }
        want
    }

    /// Reports values that a change would write, that came from elsewhere, and that are others
    /// now. Without fields all of them are written.
    fn rely(&mut self, at: usize, change: &Change, heads: Option<BTreeSet<String>>) {
        let Some(Value::Object(declared)) = &change.declared else { return };
        for (head, value) in declared {
            if heads.as_ref().is_some_and(|heads| !heads.contains(head)) {
                continue;
            }
            let open = change.want.as_ref().and_then(|want| want.get(head));
            let open = open.map(reference::references).unwrap_or_default();
            for reference in reference::references(value) {
                // What is known only in the run is asked for then.
                if open.contains(&reference) || reference.root == Root::Variable {
                    continue;
                }
                let (was, is) = (self.answer_then(&reference), self.answer(&reference));
                if was != is {
                    let path = Path::field(head);
                    self.report(at, How::Answer { path, reference, was, is });
                }
            }
        }
    }

    /// What a reference stood for when the plan was made.
    fn answer_then(&self, reference: &Reference) -> Option<Value> {
        let Some(address) = reference.address() else { return answers(self.then, reference) };
        let wanted = |change: &&Change| change.want.is_some() && change.address == *address;
        let change = self.planned.changes.iter().find(wanted)?;
        change.live.as_ref()?.outputs.get(&reference.output).cloned()
    }
}

/// The wanted tags, but for those that the plan does not touch: they stay as they are.
fn rebased_tags(change: &Change, fields: &[FieldChange], live: &Live) -> Tags {
    let touched = |key: &str| {
        let path = Path::field("tags").key(key);
        fields.iter().any(|field| field.path == path)
    };
    let wanted = change.tags.iter().filter(|(key, _)| touched(key));
    let others = live.tags.iter().filter(|(key, _)| !touched(key));
    wanted.chain(others).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn by_key(tags: &Tags) -> Value {
    let tags = tags.iter().map(|(key, value)| (key.clone(), Value::String(value.clone())));
    Value::Object([("tags".to_owned(), Value::Object(tags.collect()))].into_iter().collect())
}

fn at_path(path: &Path, value: &Value) -> Option<Value> {
    path.get(value).filter(|value| !value.is_null()).cloned()
}
