//! A strict AWS in memory. It speaks AWS's wire protocols, takes as long as AWS takes, on a clock
//! of its own, and fails by a seed. A referee: it shares nothing with the providers it judges.

pub mod clock;
pub mod connector;
#[cfg(test)]
mod deletion_order;
pub mod inventory;
pub mod operations;
pub mod page;
#[cfg(test)]
mod probe;
pub mod protocol;
pub mod refused;
pub mod router;
pub mod sandbox;
pub mod schedule;
pub mod server;
pub mod services;
pub mod signature;
pub mod store;
pub mod tags;
pub mod world;
