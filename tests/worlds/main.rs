//! Whole stacks, by the real binary, in the sandbox and against emulators that others wrote: what
//! exists afterwards is asked of the endpoint, and what was called of the log in front of it.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod budget;
mod life;
mod rollout;
mod saved;
mod secrets;
