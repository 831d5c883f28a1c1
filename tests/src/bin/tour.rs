//! The main job in one command: applies the tutorial stack to an AWS emulator on this machine,
//! plans it again, shows a change, and destroys it. No AWS account, nothing left behind.

use std::process::{Command, ExitCode, Stdio};

use landfall_tests::world::World;
use landfall_tests::{binary, target};

fn main() -> ExitCode {
    let spec = std::env::args().nth(1).unwrap_or_else(|| "specs/tutorial.yaml".to_owned());
    eprintln!("Starting an AWS emulator (moto) on this machine; the first time it is installed.");
    let world = World::moto();
    let tour: [&[&str]; 4] = [
        &["apply", &spec, "--yes"],
        &["plan", &spec],
        &["plan", &spec, "--var", "image_tag=v2"],
        &["destroy", &spec, "--yes"],
    ];
    for arguments in tour {
        eprintln!("\n$ landfall {}", arguments.join(" "));
        let mut landfall: Command = world.command(binary::path());
        landfall.args(arguments).current_dir(target::workspace_dir()).stdin(Stdio::null());
        match landfall.status() {
            Ok(status) if status.success() => {}
            Ok(_) => return ExitCode::FAILURE,
            Err(error) => {
                eprintln!("landfall cannot be started: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    eprintln!(
        "\nThat was an emulator. On AWS it is the same: log in, then `landfall plan {spec}`.\n\
         Change a line of {spec} and run the tour again, or read docs/ for the spec language."
    );
    ExitCode::SUCCESS
}
