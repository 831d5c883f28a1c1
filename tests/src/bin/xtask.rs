//! Measurements and long trials, built with optimisation, unlike the tests: `cargo xtask no-op-plan`,
//! `cargo xtask seeds`, `cargo xtask torture`.

use std::process::ExitCode;

use landfall_tests::{measure, torture};

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("no-op-plan") => measure::no_op_plan(),
        Some("seeds") => measure::seeds(std::env::args().nth(2).as_deref()),
        Some("torture") => torture::full::main(&std::env::args().skip(2).collect::<Vec<String>>()),
        _ => {
            eprintln!(
                "usage: cargo xtask no-op-plan | seeds [COUNT] | torture [SEEDS] [PART OF A NAME]"
            );
            ExitCode::FAILURE
        }
    }
}
