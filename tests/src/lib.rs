//! Test support: AWS emulators with a recording proxy in front, and the real `landfall` binary.
//!
//! A test makes a [`world::World`], runs [`binary::Landfall`] against it, then asks the world what
//! was called (its recorder) and what exists (its snapshot).

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod binary;
pub mod contest;
pub mod emulator;
mod loopback;
pub mod measure;
pub mod recorder;
pub mod served;
pub mod simulated;
pub mod stack;
pub mod target;
pub mod torture;
pub mod venv;
pub mod world;
