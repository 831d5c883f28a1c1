//! Builds and runs the real `landfall`.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::recorder::Victim;
use crate::target;
use crate::world::World;

const POLL: Duration = Duration::from_millis(5);

/// The path of the binary, built from the sources as they are, once per process.
/// `LANDFALL_BIN` names another one, such as a release that is to be tested.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| match std::env::var_os("LANDFALL_BIN") {
        Some(path) => path.into(),
        None => target::exclusively("build", build),
    })
}

fn build() -> PathBuf {
    let profile = target::profile_dir();
    let profile = profile.file_name().and_then(OsStr::to_str).expect("a profile has a name");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // All of the workspace: another choice of packages has other features, and would compile the
    // AWS SDK once more.
    command
        .args(["build", "--workspace", "--bins", "--quiet"])
        .args(["--profile", if profile == "debug" { "dev" } else { profile }])
        .arg("--target-dir")
        .arg(target::target_dir())
        .current_dir(target::workspace_dir());
    for name in of_the_outer_cargo() {
        command.env_remove(name);
    }
    let output = command.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "`cargo build --workspace --bins` failed ({}):\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    target::profile_dir().join(format!("landfall{}", std::env::consts::EXE_SUFFIX))
}

/// What `cargo test` tells the test about itself. Some build scripts (ring's) ask to run again when
/// such a variable changes, and all that depends on them, the SDK, would be compiled again.
fn of_the_outer_cargo() -> impl Iterator<Item = OsString> {
    const NAMES: [&str; 7] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
        "NUM_JOBS",
    ];
    const PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_"];
    std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        NAMES.contains(&name.as_ref()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// A run of `landfall` to be started.
pub struct Landfall {
    command: Command,
    input: Option<String>,
    victim: Option<Victim>,
    limit: Duration,
}

/// Removes what the shell says to landfall, AWS or about CI.
fn without_settings(mut command: Command) -> Command {
    let set: Vec<OsString> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let prefixes = ["AWS_", "LANDFALL_", "GITHUB_", "CLICOLOR"];
        let speaks = text == "CI" || prefixes.iter().any(|prefix| text.starts_with(prefix));
        if speaks && !set.contains(&name) {
            command.env_remove(&name);
        }
    }
    command
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit status; minus the signal's number when a signal ended it.
    pub status: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
    /// Wall time.
    pub seconds: f64,
    /// The largest resident set in bytes, where /proc tells. Sampled: growth in the last 5 ms of a
    /// run can be missed.
    pub max_rss: Option<u64>,
}

impl Landfall {
    /// In `world`'s environment and without the shell's settings for landfall, AWS or CI.
    pub fn new(world: &World) -> Self {
        Self::of(without_settings(world.command(path())))
    }

    /// Without an endpoint, and without the shell's settings for landfall, AWS or CI.
    pub fn alone() -> Self {
        let mut command = without_settings(Command::new(path()));
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        Self::of(command)
    }

    fn of(command: Command) -> Self {
        Self { command, input: None, victim: None, limit: Duration::from_secs(120) }
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets the working directory.
    pub fn cwd(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Sets what it reads from stdin, which is empty else.
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable from its environment.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Makes it the victim of a [`Kind::Kill`](crate::recorder::Kind::Kill).
    pub fn victim(mut self, victim: &Victim) -> Self {
        self.victim = Some(victim.clone());
        self
    }

    /// Sets after which time a run counts as hung and is killed (2 minutes else).
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts it.
    pub fn spawn(mut self) -> Running {
        let input = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let started = Instant::now();
        let mut child = self
            .command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {:?}: {error}", self.command));
        if let Some(victim) = &self.victim {
            victim.is(child.id());
        }
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), self.input) {
            // A thread of its own, as a pipe holds only so much; a program may not read it all.
            std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        }
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        let shown = format!("{:?}", self.command);
        let child = Leashed(child);
        Running { child, stdout, stderr, started, max_rss: None, limit: self.limit, shown }
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A child that ends with its owner, such as a test that fails before it waits.
struct Leashed(Child);

impl Drop for Leashed {
    fn drop(&mut self) {
        let _ = self.0.kill(); // does nothing when it was waited for
        let _ = self.0.wait();
    }
}

/// A run that was started; killed when dropped.
pub struct Running {
    child: Leashed,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    started: Instant,
    max_rss: Option<u64>,
    limit: Duration,
    shown: String,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Sends a signal, as `INT`, `TERM` or `KILL`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -s {name} {}", self.pid());
    }

    /// Has it ended?
    pub fn ended(&mut self) -> bool {
        self.child.0.try_wait().expect("a child can be waited for").is_some()
    }

    /// Waits for its end. Panics when that takes longer than the limit.
    pub fn wait(mut self) -> Output {
        while !self.ended() {
            self.max_rss = max_rss(self.pid()).or(self.max_rss);
            if self.started.elapsed() > self.limit {
                let _ = self.child.0.kill();
                let shown = std::mem::take(&mut self.shown);
                panic!("had to be killed: {shown}\n{}", self.finish());
            }
            std::thread::sleep(POLL);
        }
        self.finish()
    }

    fn finish(mut self) -> Output {
        let status = self.child.0.wait().expect("a child can be waited for");
        let seconds = self.started.elapsed().as_secs_f64();
        let signal = status.signal().map_or(-1, |signal| -signal);
        Output {
            status: status.code().unwrap_or(signal),
            stdout: self.stdout.join().expect("reading stdout does not panic"),
            stderr: self.stderr.join().expect("reading stderr does not panic"),
            seconds,
            max_rss: self.max_rss,
        }
    }
}

fn max_rss(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

impl Output {
    /// Asserts the exit status, and shows all output when it is another.
    #[track_caller]
    pub fn expect_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "exit status\n{self}");
        self
    }
}

/// All of it, for failure messages.
impl std::fmt::Display for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, stdout, stderr, seconds, .. } = self;
        write!(
            formatter,
            "status {status} after {seconds:.2} s\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::{At, Fault, Kind, When};

    /// The runner, with a shell in the place of landfall.
    fn shell(script: &str) -> Landfall {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        Landfall::of(command)
    }

    #[test]
    fn landfall_itself_can_be_built_and_started() {
        let began = Instant::now();
        assert!(path().is_file(), "{}", path().display());
        eprintln!("found {} after {:?}", path().display(), began.elapsed());
        let world = World::shared_ministack();
        let output = Landfall::new(&world).args(["--version"]).run();
        assert_eq!(output.status, 0, "{output}");
    }

    #[test]
    fn a_run_tells_all_that_it_did() {
        let dir = tempfile::tempdir().unwrap();
        let input = "x".repeat(200_000);
        let run = shell("cat | wc -c; echo $1 $EXTRA $PWD; echo bad >&2; sleep 0.1; exit 7")
            .args(["one"])
            .env("EXTRA", "two")
            .cwd(dir.path())
            .stdin(input)
            .run()
            .expect_status(7);
        let place = dir.path().canonicalize().unwrap();
        let lines: Vec<&str> = run.stdout.lines().map(str::trim).collect();
        assert_eq!(lines, ["200000", &format!("one two {}", place.display())]);
        assert_eq!(run.stderr, "bad\n");
        assert!(run.seconds >= 0.1 && run.seconds < 5.0, "{run}");
        if cfg!(target_os = "linux") {
            assert!(run.max_rss.is_some_and(|bytes| bytes > 100_000), "{:?}", run.max_rss);
        }
    }

    #[test]
    fn without_input_stdin_is_empty() {
        assert_eq!(shell("cat").run().expect_status(0).stdout, "");
    }

    #[test]
    fn signals_and_the_limit_end_a_run() {
        let mut running = shell("exec sleep 60").spawn();
        assert!(!running.ended());
        running.signal("TERM");
        assert_eq!(running.wait().status, -15);

        let hung = shell("echo begun; exec sleep 60").limit(Duration::from_millis(300));
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| hung.run()));
        let message = *panic.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("begun"), "{message}");
    }

    #[test]
    fn a_recorder_can_kill_a_run() {
        let world = World::shared_ministack();
        let victim = Victim::new();
        let kind = Kind::Kill(victim.clone());
        world.recorder.fault(Fault { at: At::Call(1), when: When::Before, kind });
        let script = "import boto3; boto3.client('ecs').list_clusters()";
        let mut command = world.command(crate::venv::program("python3"));
        command.env("AWS_DEFAULT_REGION", "us-east-1").args(["-c", script]);
        let output = Landfall::of(command).victim(&victim).run();
        assert_eq!(output.status, -9, "{output}{}", world.recorder);
    }
}
