//! What landfall costs: CPU and memory of whole runs, and calls.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::binary;
use crate::target::workspace_dir;
use crate::world::World;

/// Runs a command and prints its exit status, CPU seconds and largest resident set. The kernel
/// counts them for whoever waits for a child; Python's library can ask, Rust's cannot.
const MEASURED: &str = "
import os, sys
null = os.open(os.devnull, os.O_WRONLY)
quiet = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
# Linux counts in KiB, macOS in bytes.
unit = 1 if sys.platform == 'darwin' else 1024
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
";

/// What a run took.
#[derive(Clone, Copy, Debug)]
struct Usage {
    status: i32,
    cpu_seconds: f64,
    memory_bytes: f64,
}

/// CPU and memory of a plan with nothing to do, for the tutorial stack on moto, over five runs.
pub fn no_op_plan() -> ExitCode {
    let world = World::moto();
    let spec = workspace_dir().join("specs/tutorial.yaml");
    let landfall = binary::path();
    let apply = measured(&world, landfall, &["apply", &spec.to_string_lossy(), "--yes"]);
    assert_eq!(apply.status, 0, "the tutorial stack cannot be applied");
    world.recorder.clear();
    let plan = || measured(&world, landfall, &["plan", &spec.to_string_lossy(), "--exit-code"]);
    let runs: Vec<Usage> = (0..5).map(|_| plan()).collect();
    assert!(runs.iter().all(|run| run.status == 0), "the plan is not empty: {runs:?}");
    let most = |of: fn(&Usage) -> f64| runs.iter().map(of).fold(0.0, f64::max);
    println!(
        "no-op plan of specs/tutorial.yaml, the most of {} runs: {:.3} s CPU, {:.1} MiB, {} calls",
        runs.len(),
        most(|run| run.cpu_seconds),
        most(|run| run.memory_bytes) / f64::from(1 << 20),
        world.recorder.calls().len() / runs.len(),
    );
    ExitCode::SUCCESS
}

fn measured(world: &World, program: &Path, arguments: &[&str]) -> Usage {
    let mut python: Command = world.command(crate::venv::program("python3"));
    let output = python.args(["-c", MEASURED]).arg(program).args(arguments).output();
    let output = output.expect("Python runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|part| part.parse().ok()).collect();
    match numbers[..] {
        #[expect(clippy::cast_possible_truncation, reason = "an exit status is small")]
        [status, cpu_seconds, memory_bytes] => {
            Usage { status: status as i32, cpu_seconds, memory_bytes }
        }
        _ => panic!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    }
}
