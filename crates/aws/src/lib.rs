//! AWS: the only crate that knows its SDK.
//!
//! - [`kinds`]: one file per resource kind; [`registry`] lists them, one line each.
//! - [`lookups`]: one file per thing that a spec can look up.
//! - [`kind`]: the trait that a kind implements; `erased` makes all kinds look alike.
//! - [`services`]: what the kinds of one AWS service share: tags, batched reads.
//! - `holders` names what is in the way of a deletion, `leftovers` what a stack leaves behind.
//! - [`ledger`]: the lock and the journal of a stack, in its log group.
//! - [`checks`]: offline rules that look at several resources at once.

mod batch;
mod calls;
pub mod checks;
pub mod cidr;
mod clients;
mod clock;
mod erased;
mod error;
mod holders;
pub mod kind;
pub mod kinds;
pub mod ledger;
mod leftovers;
pub mod lookups;
mod pace;
pub mod registry;
mod requests;
pub mod services;
mod sweep;
mod tokens;
mod unanswered;

pub use aws_credential_types::Credentials;
pub use calls::Calls;
pub use clients::{Aws, Connection, Embedded};
pub use erased::AwsCloud;
pub use sweep::Sweep;
