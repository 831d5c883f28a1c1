//! A plan kept in a file: what it was made from, so that later exactly it is carried out.
//!
//! A plan is a pure function of the stack and of what was observed, so these two are what the file
//! holds. The plan as it was shown stands in it too, for people and for programs that judge it
//! before it is carried out; whoever reads the file plans again and refuses one that shows
//! something else.
//!
//! The digest tells a file that was damaged or changed on its way. It is no signature: whoever
//! can write the file can write the digest.

mod file;
mod fit;
mod moved;
mod proof;

use indexmap::IndexMap;
use landfall_model::{Address, Catalogue, Finding, Live, Path, Secrets, Stack};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decide::{Goal, Observed};
use crate::{Plan, plan};

pub use file::{FORMAT, Unusable, is_saved_plan, read, write};
pub use fit::fit;
pub use moved::{How, Moved};
pub use proof::Proofs;

/// Hides what looks like a secret in a value, given where in a resource it stands.
pub type Veil<'a> = &'a dyn Fn(&Path, &Value) -> Value;

/// A plan as a file keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The plan as it was shown: the document of `plan --json`, without a receipt.
    pub plan: Value,
    /// What it is to reach.
    pub goal: Goal,
    /// The spec, with references in the place of secrets.
    pub stack: Stack,
    /// What was read from AWS, with references in the place of secrets.
    pub observed: Observed,
    /// By which secrets are recognised when they are given again.
    pub secrets: Proofs,
    /// Where in the spec things and their fields stand, as `specs/shop.yaml:12:5`. What is said of
    /// the thing itself stands at the empty path.
    pub places: IndexMap<Address, IndexMap<String, String>>,
}

impl Saved {
    /// Keeps what a plan was made from, without a single secret. `show` is the document of a plan.
    /// The findings are about values that would be secrets in the file.
    pub fn new(
        stack: &Stack,
        observed: &Observed,
        goal: Goal,
        catalogue: &Catalogue,
        salt: String,
        veil: Veil<'_>,
        show: &dyn Fn(&Plan) -> Value,
    ) -> Result<Saved, Vec<Finding>> {
        let observed = observed.concealed(stack, catalogue).into_owned();
        let mut observed = observed.only_compared(stack, catalogue);
        observed.live = observed.live.iter().map(|live| veiled(live, veil)).collect();
        let concealed = concealed(stack);
        let plain: Vec<Finding> =
            concealed.resources.values().flat_map(|declared| file::plain(declared, veil)).collect();
        if !plain.is_empty() {
            return Err(plain);
        }
        let plan = show(&plan(stack, &observed, catalogue, goal)?);
        let secrets = Proofs::of(&stack.secrets, salt);
        Ok(Saved { plan, goal, stack: concealed, observed, secrets, places: IndexMap::new() })
    }

    /// The spec that was planned, given its secrets again.
    pub fn revealed(&self, secrets: Secrets) -> Stack {
        let mut stack = self.stack.clone();
        for declared in stack.resources.values_mut() {
            declared.spec = secrets.reveal(&declared.spec);
        }
        stack.secrets = secrets;
        stack
    }

    /// Where in the spec a field stands, or what is nearest to it: the field around it, then the
    /// thing itself.
    pub fn place(&self, address: &Address, path: &Path) -> Option<&str> {
        let places = self.places.get(address)?;
        (0..=path.0.len()).rev().find_map(|length| {
            let above = Path(path.0[..length].to_vec()).to_string();
            places.get(&above).map(String::as_str)
        })
    }
}

/// The spec with references in the place of secrets.
fn concealed(stack: &Stack) -> Stack {
    let mut concealed = stack.clone();
    for declared in concealed.resources.values_mut() {
        declared.spec = stack.secrets.conceal(&declared.spec);
    }
    concealed.secrets = Secrets::default();
    concealed
}

fn veiled(live: &Live, veil: Veil<'_>) -> Live {
    Live { spec: veil(&Path::default(), &live.spec), ..live.clone() }
}
