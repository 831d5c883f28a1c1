//! YAML to located declarations: variables, references, schema, and errors with line and hint.
//!
//! [`load()`] reads a spec from the disk, [`parse()`] from a text. Both find everything that is wrong
//! with it in one run. The text becomes a tree in which every key and value knows its place; the
//! tree is walked together with the JSON Schemas of the catalogue, and becomes a
//! [`landfall_model::Stack`] whose references are tokens. [`Source`] tells afterwards where each
//! resource and field stands, and shows findings with their line.

mod common_fields;
mod credential;
mod cycles;
mod documents;
mod editor_schema;
mod fields;
mod head;
mod interpolation;
mod judge;
mod leaf;
mod load;
mod parse;
mod reader;
mod reference_field;
mod render;
mod resource;
mod scalar;
mod shape;
mod source;
mod suggest;
mod text;
mod tree;
mod variables;
mod yaml;

pub use documents::{Documents, NoDocuments};
pub use editor_schema::schema;
pub use load::{Input, load};
pub use parse::{Given, Loaded, parse};
pub use render::Problems;
pub use source::{Location, Source};
pub use variables::secrets;
