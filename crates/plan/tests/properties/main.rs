//! What holds for every plan: the catalogue, the spec and the world before it may be any.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod any_input;
mod bounds;
mod found;
mod history;
mod kinds;
mod performer;
mod wishes;
mod world;
