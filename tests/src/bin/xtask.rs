//! Measurements: `cargo xtask no-op-plan`. Built with optimisation, unlike the tests.

use std::process::ExitCode;

use landfall_tests::measure;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("no-op-plan") => measure::no_op_plan(),
        _ => {
            eprintln!("usage: cargo xtask no-op-plan");
            ExitCode::FAILURE
        }
    }
}
