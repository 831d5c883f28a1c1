//! What has to hold for any input: the bodies of the fuzz targets.
//!
//! A target is a function that takes bytes and panics where something does not hold. cargo-fuzz
//! runs them guided by coverage (`fuzz/`), the tests of this crate run them over the corpus and over
//! mutations of it, bounded and on stable Rust. Everything that a run finds goes into the corpus.

pub mod corpus;
pub mod mutation;
pub mod reference_resolver;
pub mod sandbox_decoder;
pub mod spec_parser;
mod wire;
mod xml;

#[expect(clippy::unwrap_used, reason = "it serves tests only")]
#[path = "../../spec/tests/spec/toy.rs"]
mod toy;

pub use landfall_model::Catalogue;

/// A small catalogue in the manner of the real one, which would bring the AWS SDK along.
pub fn catalogue() -> Catalogue {
    toy::catalogue()
}
