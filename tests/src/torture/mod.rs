//! Runs that are killed, cut off, refused, stopped and raced against each other, at every call they
//! make. What is tried stands here; each file knows one way to be hurt, and what has to hold all the
//! same.

pub mod case;
pub mod full;
pub mod interrupt;
pub mod killed_on_moto;
pub mod lagging;
pub mod lock;
pub mod portrait;
pub mod race;
pub mod refusal;
pub mod rehearsal;
pub mod run;
pub mod single_call;
pub mod strangers;
pub mod succession;
pub mod throttle;
pub mod trial;
