//! landfall.
fn main() {}
