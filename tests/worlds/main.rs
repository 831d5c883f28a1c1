//! Whole stacks, by the real binary, in the sandbox and against emulators that others wrote: what
//! exists afterwards is asked of the endpoint, and what was called of the log in front of it.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod blockers;
mod budget;
mod half_failures;
mod history;
mod interrupts;
mod life;
mod lock;
mod lock_runs;
mod nothing_lost;
mod rollout;
mod saved;
mod secrets;
mod visibility;
