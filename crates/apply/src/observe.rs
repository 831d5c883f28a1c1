//! Reads what a plan needs: lookups and live things, side by side.

use futures_util::future::try_join;
use indexmap::IndexMap;
use landfall_model::{
    Address, Catalogue, Cloud, CloudError, Detail, KindRules, LookupDeclared, Query, Reference,
    Root, Stack, Wanted, reference,
};
use landfall_plan::{Goal, Observed, Target, answers};
use serde_json::{Map, Value};

type Answers = IndexMap<Address, Map<String, Value>>;

/// A read that failed, with the lookup that it was for, if it was for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The lookup.
    pub lookup: Option<Address>,
    /// What AWS said.
    pub error: CloudError,
}

impl From<CloudError> for Unreadable {
    fn from(error: CloudError) -> Self {
        Unreadable { lookup: None, error }
    }
}

/// Reads everything that a plan for the stack needs. Writes nothing.
pub async fn observe(
    stack: &Stack,
    cloud: &dyn Cloud,
    target: Target,
    goal: Goal,
) -> Result<Observed, Unreadable> {
    let mut observed = Observed { target, ..Observed::default() };
    let find = |lookups: Answers| async {
        let observed = Observed { target: observed.target.clone(), lookups, ..Observed::default() };
        let query = Query {
            stack: stack.name.clone(),
            wanted: wanted(stack, &observed, cloud.catalogue()),
            whole_stack: true,
            detail: if goal == Goal::Destroy { Detail::Identity } else { Detail::Full },
        };
        cloud.find(&query).await.map_err(Unreadable::from)
    };
    if located_by_lookup(stack, cloud.catalogue()) {
        observed.lookups = lookups(stack, cloud, &observed.target).await?;
        observed.live = find(observed.lookups.clone()).await?;
    } else if goal == Goal::Destroy {
        // What is there is told by tags; what it was made for no longer matters.
        observed.live = find(Answers::default()).await?;
    } else {
        let both = try_join(lookups(stack, cloud, &observed.target), find(Answers::default()));
        (observed.lookups, observed.live) = both.await?;
    }
    Ok(observed)
}

/// Answers the lookups, each as soon as those that it builds on are answered.
async fn lookups(stack: &Stack, cloud: &dyn Cloud, target: &Target) -> Result<Answers, Unreadable> {
    let mut observed = Observed { target: target.clone(), ..Observed::default() };
    let mut open: Vec<&LookupDeclared> = stack.lookups.values().collect();
    while !open.is_empty() {
        let mut asked = Vec::new();
        let mut later = Vec::new();
        for question in open {
            let known = |reference: &Reference| answers(&observed, reference);
            let spec = reference::resolve(&question.spec, &known);
            match reference::is_value_known(&spec) {
                true => asked.push(LookupDeclared { address: question.address.clone(), spec }),
                false => later.push(question),
            }
        }
        if asked.is_empty() {
            let first = later.first().map(|question| question.address.clone());
            let error =
                CloudError::unexpected("lookup", "it builds on something that has no answer");
            return Err(Unreadable { lookup: first, error });
        }
        let found = cloud.lookup(&asked).await;
        for (question, answer) in asked.into_iter().zip(found) {
            let lookup = Some(question.address.clone());
            let answer = answer.map_err(|error| Unreadable { lookup, error })?;
            observed.lookups.insert(question.address, answer);
        }
        open = later;
    }
    Ok(observed.lookups)
}

/// Whether some thing can be found only once a lookup has been answered.
fn located_by_lookup(stack: &Stack, catalogue: &Catalogue) -> bool {
    stack.resources.values().any(|declared| {
        let Some(info) = catalogue.kind(&declared.address.kind) else { return false };
        info.rules.fields.iter().filter(|field| field.locates).any(|field| {
            let references = declared.references(field.name);
            references.iter().any(|reference| matches!(reference.root, Root::Lookup(_)))
        })
    })
}

/// What to look for: every declared thing, with its fields as far as they can be foretold.
fn wanted(stack: &Stack, observed: &Observed, catalogue: &Catalogue) -> Vec<Wanted> {
    let named: IndexMap<&Address, Option<String>> = stack
        .resources
        .values()
        .map(|declared| {
            let info = catalogue.kind(&declared.address.kind);
            let known = |reference: &Reference| answers(observed, reference);
            let spec = reference::resolve(&declared.spec, &known);
            (&declared.address, info.and_then(|info| name_of(stack, info.rules, declared, &spec)))
        })
        .collect();
    let known = |reference: &Reference| {
        answers(observed, reference).or_else(|| {
            let address = reference.address()?;
            let rules = &catalogue.kind(&address.kind)?.rules;
            let name = named.get(address)?.as_ref()?;
            match reference.output.as_str() {
                "name" => Some(Value::String(name.clone())),
                "arn" => Some(Value::String(foretold_arn(rules, name, &observed.target)?)),
                _ => None,
            }
        })
    };
    stack
        .resources
        .values()
        .map(|declared| {
            let mut spec = reference::resolve(&declared.spec, &known);
            let info = catalogue.kind(&declared.address.kind);
            let naming = info.and_then(|info| info.rules.naming);
            if let (Some(naming), Some(Some(name)), Value::Object(spec)) =
                (naming, named.get(&declared.address), &mut spec)
            {
                spec.insert(naming.field.to_owned(), Value::String(name.clone()));
            }
            let spec = info.and_then(|info| (info.canonical)(&spec).ok());
            Wanted { address: declared.address.clone(), spec, id: None }
        })
        .collect()
}

fn name_of(
    stack: &Stack,
    rules: KindRules,
    declared: &landfall_model::Declared,
    spec: &Value,
) -> Option<String> {
    let naming = rules.naming?;
    match spec.get(naming.field) {
        Some(Value::String(name)) => reference::is_known(name).then(|| name.clone()),
        _ => Some(naming.default_name(&stack.name, &declared.address.name, 1)),
    }
}

fn foretold_arn(rules: &KindRules, name: &str, target: &Target) -> Option<String> {
    let arn = rules.predictable_arn?;
    Some(
        arn.replace("{partition}", &target.partition)
            .replace("{region}", &target.region)
            .replace("{account}", &target.account)
            .replace("{name}", name),
    )
}
