//! Runs a plan against a [`Cloud`](landfall_model::Cloud), the only thing it knows of AWS.
//!
//! - [`observe`](observe()) reads what a plan needs.
//! - [`apply()`] walks the plan's steps: whatever is ready, longest way first.
//! - [`census()`] looks at the end of a destroy for what is left.
//! - `perform` does one step; `retry` is the one home of waiting for
//!   AWS to catch up, `blockers` names who keeps it from deleting something, and `twins` keeps runs
//!   without the lock from making things twice.

mod blockers;
mod census;
mod look;
pub mod observe;
mod obstacles;
mod perform;
mod retry;
mod scheduler;
mod twins;
mod world;

pub use census::census;
pub use observe::observe;
pub use obstacles::obstacles;
pub use scheduler::{Limits, Stop, apply};
