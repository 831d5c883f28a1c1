//! Measurements, built with optimisation, unlike the tests: `cargo xtask no-op-plan`,
//! `cargo xtask seeds`.

use std::process::ExitCode;

use landfall_tests::measure;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("no-op-plan") => measure::no_op_plan(),
        Some("seeds") => measure::seeds(std::env::args().nth(2).as_deref()),
        Some("torture") => measure::torture(1),
        _ => {
            eprintln!("usage: cargo xtask no-op-plan | seeds [COUNT]");
            ExitCode::FAILURE
        }
    }
}
