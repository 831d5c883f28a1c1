//! The vocabulary of landfall: what the other crates say to each other. No IO.
//!
//! - [`Address`] names a resource, [`Reference`] one of its outputs.
//! - A resource's fields travel as a JSON value whose strings may hold references that are not
//!   known yet ([`mod@reference`]).
//! - [`KindRules`] is what a kind declares about itself, as data; a [`Catalogue`] holds them all.
//! - [`Live`] is a thing that exists in AWS, in the words of the spec.
//! - [`Cloud`] is the one door to AWS.
//! - [`journal`] is what a run writes down, [`lease`] who holds the lock by it.

pub mod address;
pub mod catalogue;
pub mod cloud;
pub mod desired;
pub mod error;
pub mod field;
pub mod finding;
pub mod holder;
pub mod journal;
pub mod lease;
pub mod leftover;
pub mod live;
pub mod naming;
pub mod path;
pub mod reference;
pub mod request;
pub mod secrets;
pub mod tags;
pub mod types;

pub use address::Address;
pub use catalogue::{Catalogue, KindInfo, LookupInfo};
pub use cloud::{Aftermath, Cloud, Detail, Query, Wanted, Work};
pub use desired::{Declared, Lifecycle, LookupDeclared, OutputDeclared, Stack};
pub use error::{CloudError, Refusal};
pub use field::{Await, Change, Field, Implied, Interruption, KindRules, On, Transient, Wait};
pub use finding::{Finding, Place, Severity};
pub use holder::{Going, Holder};
pub use leftover::Leftover;
pub use live::{Created, Live, Readiness};
pub use naming::Naming;
pub use path::Path;
pub use reference::{Reference, Root};
pub use request::Request;
pub use secrets::Secrets;
pub use tags::{Owner, TagChange, Tags};
