//! The commands, one file each.

pub mod apply;
pub mod apply_saved;
pub mod completions;
pub mod destroy;
pub mod graph;
pub mod history;
pub mod output;
pub mod plan;
pub mod sandbox;
pub mod schema;
pub mod unlock;
pub mod validate;
