//! What a person or a program reads: plans and events in, text out. No IO of its own, but for the
//! live progress, which draws on stderr.
//!
//! - [`plan_text`] and [`plan_json`] show a plan, [`graph`] the spec's references.
//! - [`moved_text`] says why a saved plan no longer fits; [`secret`] is what hides secrets in all of
//!   them.
//! - [`progress`] shows a run while it lasts; [`outcome_text`] and [`left_text`] say how it ended.
//! - [`outputs`] and [`receipt`] are what stands below.
//! - [`lock_text`] says who holds the lock, [`history_text`] and [`history_json`] what runs there were.
//!
//! Nothing here asks the terminal: colour and width come in with a [`Style`], so that what is
//! printed is a function of what is passed.

mod count;
mod duration;
mod fit;
pub mod graph;
mod header;
pub mod history_json;
pub mod history_text;
pub mod left_text;
pub mod lock_text;
mod moment;
pub mod moved_text;
pub mod outcome_text;
pub mod outputs;
pub mod plan_json;
pub mod plan_text;
pub mod progress;
pub mod receipt;
pub mod secret;
mod standing;
mod style;
mod text_diff;
mod value_text;
mod words;

pub use header::Header;
pub use receipt::Receipt;
pub use style::Style;

#[cfg(test)]
extern crate self as landfall_view;

/// The samples of the tests in `tests/`, for those that need to look inside.
#[cfg(test)]
#[path = "../tests/sample/mod.rs"]
mod sample;
