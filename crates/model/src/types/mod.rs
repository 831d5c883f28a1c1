//! Types that kinds build their specs from. Normalisation lives here, so that what AWS answers and
//! what the spec says come out equal when they mean the same.

mod document;
mod policy;
mod reference_to;
mod set;

pub use document::{DOCUMENT, Document, Form};
pub use policy::{Policy, PolicyForm};
pub use reference_to::{REFERENCE, Ref, Target};
pub use set::Set;
