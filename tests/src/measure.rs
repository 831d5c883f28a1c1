//! What landfall costs: CPU and memory of whole runs, and calls.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use landfall_sandbox::schedule::Schedule;

use crate::target::workspace_dir;
use crate::world::World;
use crate::{binary, simulated, stack};

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

/// Applies and destroys a stack of 30 resources in the sandbox, under one seed after the other, with
/// all of AWS's delays.
pub fn seeds(count: Option<&str>) -> ExitCode {
    let Ok(count) = count.unwrap_or("1000").parse::<u64>() else {
        eprintln!("how many seeds, as a number");
        return ExitCode::FAILURE;
    };
    let stack = stack::parse(simulated::THIRTY).expect("the spec is right");
    let (mut calls, mut waited) = (0, Duration::ZERO);
    let before = cpu_seconds();
    for seed in 0..count {
        let life = simulated::life(&stack, seed, &Schedule::default());
        let life = life.unwrap_or_else(|why| panic!("{why}"));
        calls += life.calls.len();
        waited += life.waited;
    }
    println!(
        "{} resources applied and destroyed under {count} seeds: {:.1} s CPU, {calls} calls, \
         {:.1} h in the sandbox, nothing left each time",
        stack.resources.len(),
        cpu_seconds() - before,
        waited.as_secs_f64() / 3600.0,
    );
    ExitCode::SUCCESS
}

/// What this process has used so far, as the kernel counts it.
fn cpu_seconds() -> f64 {
    // Fields 14 and 15 of proc(5)'s stat are hundredths of a second; the name in field 2 can hold
    // spaces, but ends in the last parenthesis.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
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
