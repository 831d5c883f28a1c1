//! Runs that are killed, cut off and raced against each other, at every call they make.

pub mod case;
pub mod portrait;
pub mod run;
pub mod single_call;
