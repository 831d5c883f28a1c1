//! Runs moto or ministack on a free loopback port.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt;

use crate::{loopback, target, venv};

const WATCHDOG: &str = include_str!("watchdog.py");
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// Which emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Good at EC2, IAM, ECR and logs.
    Moto,
    /// Good at ECS; an account per 12-digit access key.
    Ministack,
}

/// A running emulator, which ends with this value or with the test process, however that ends.
pub struct Emulator {
    program: Program,
    port: u16,
    log: PathBuf,
    watchdog: Child,
    lifeline: Option<ChildStdin>,
}

impl Emulator {
    /// Starts a moto of its own.
    pub fn moto() -> Self {
        Self::start(Program::Moto)
    }

    /// Starts a ministack of its own.
    pub fn ministack() -> Self {
        Self::start(Program::Ministack)
    }

    /// The moto that all tests of this process can share, in an account each.
    pub fn shared_moto() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Emulator>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::moto())))
    }

    /// The ministack that all tests of this process can share, in an account each.
    pub fn shared_ministack() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Emulator>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::ministack())))
    }

    /// Which emulator this is.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Its URL, without a slash at the end.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Forgets everything in every account, so not for a shared emulator.
    pub fn reset(&self) {
        let target = match self.program {
            Program::Moto => "POST /moto-api/reset",
            Program::Ministack => "POST /_ministack/reset",
        };
        loopback::exchange(self.port, target, "", "").expect("the emulator can be reset");
    }

    /// What the emulator wrote to stdout and stderr.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn start(program: Program) -> Self {
        // Another process can take the port between our look and the emulator's bind.
        for _ in 0..5 {
            let mut emulator = Self::launch(program, loopback::free_port());
            if emulator.comes_up() {
                return emulator;
            }
        }
        panic!("{program:?} found its port taken five times in a row");
    }

    fn launch(program: Program, port: u16) -> Self {
        let log = log_path(program);
        let output = File::create(&log)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", log.display()));
        let stderr = output.try_clone().expect("a file handle can be cloned");
        let mut command = Command::new(venv::program("python3"));
        command.args(["-I", "-S", "-c", WATCHDOG]).arg(target::worlds_dir("scratch"));
        for name in inherited_settings() {
            command.env_remove(name);
        }
        configure(&mut command, program, port);
        let mut watchdog = command
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(stderr)
            // A Ctrl-C in the terminal is for the tests; the emulator follows by its lifeline.
            .process_group(0)
            .spawn()
            .expect("the environment's python3 runs");
        let lifeline = watchdog.stdin.take();
        Self { program, port, log, watchdog, lifeline }
    }

    /// Waits until it answers. False when its port was taken.
    fn comes_up(&mut self) -> bool {
        let health = match self.program {
            Program::Moto => "GET /moto-api/",
            Program::Ministack => "GET /_ministack/health",
        };
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = self.watchdog.try_wait().expect("a child can be waited for") {
                let log = self.log();
                assert!(log.contains("in use"), "{:?} ended with {status}:\n{log}", self.program);
                return false;
            }
            // Both say so once they are bound: an answer alone could be a stranger's on our port.
            let bound = self.log().contains("Running on http");
            if bound && loopback::exchange(self.port, health, "", "").is_ok() {
                return true;
            }
            std::thread::sleep(POLL);
        }
        panic!("{:?} did not answer within {START_LIMIT:?}:\n{}", self.program, self.log());
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let asked = Instant::now();
        while let Ok(None) = self.watchdog.try_wait() {
            if asked.elapsed() > Duration::from_secs(5) {
                let _ = self.watchdog.kill();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // After a failed test the log is evidence.
        if !std::thread::panicking() {
            let _ = std::fs::remove_file(&self.log);
        }
    }
}

/// Settings of the developer's shell that would change what an emulator does.
fn inherited_settings() -> impl Iterator<Item = String> {
    let ours = ["AWS_", "MOTO_", "MINISTACK_", "LOCALSTACK_", "PYTHON"];
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(move |name| ours.iter().any(|prefix| name.starts_with(prefix)))
}

fn configure(command: &mut Command, program: Program, port: u16) {
    let port = port.to_string();
    match program {
        Program::Moto => {
            command
                .arg(venv::program("moto_server"))
                .args(["-H", "127.0.0.1", "-p", &port])
                .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
                .env("MOTO_ECS_SERVICE_RUNNING", "2");
        }
        Program::Ministack => {
            command
                .arg(venv::program("ministack"))
                .env("BIND_HOST", "127.0.0.1")
                .env("GATEWAY_PORT", &port)
                // Its extra listeners have fixed ports, and with Docker it would run containers.
                .env("IOT_MTLS_ENABLED", "0")
                .env("SFTP_ENABLED", "0")
                .env("PERSIST_STATE", "0")
                .env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        }
    }
}

/// A new log file's path. Logs of shared emulators and failed tests stay behind: those older than
/// a day go.
fn log_path(program: Program) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let dir = target::worlds_dir("logs");
    let old = std::time::SystemTime::now() - Duration::from_secs(24 * 3600);
    for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|data| data.modified());
        if modified.is_ok_and(|time| time < old) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    let name = format!("{program:?}").to_lowercase();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    dir.join(format!("{name}-{}-{count}.log", std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    #[test]
    fn both_start_and_end_with_their_value() {
        for start in [Emulator::moto, Emulator::ministack] {
            let began = Instant::now();
            let emulator = start();
            let (program, port) = (emulator.program(), emulator.port());
            eprintln!("{program:?} answers after {:?}", began.elapsed());
            assert!(emulator.log().contains(&emulator.endpoint()), "{}", emulator.log());
            emulator.reset();
            let ended = Instant::now();
            drop(emulator);
            eprintln!("{program:?} is gone after {:?}", ended.elapsed());
            assert!(loopback::exchange(port, "GET /", "", "").is_err());
        }
    }

    #[test]
    fn a_taken_port_is_noticed() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(!Emulator::launch(Program::Ministack, port).comes_up());
        assert!(!Emulator::launch(Program::Moto, port).comes_up());
    }

    /// Stands for a test process that is killed: a shell holds the lifeline, and dies.
    #[test]
    fn the_emulator_ends_when_the_other_end_of_its_lifeline_does() {
        let scratch = tempfile::tempdir().unwrap();
        let mut watchdog = Command::new(venv::program("python3"))
            .args(["-I", "-S", "-c", WATCHDOG])
            .arg(scratch.path())
            .args(["sh", "-c", "echo $$; exec sleep 60"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(watchdog.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let alive = || {
            let kill = Command::new("kill").args(["-0", pid.trim()]).stderr(Stdio::null()).status();
            kill.unwrap().success()
        };
        assert!(alive());
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1, "its home");
        drop(watchdog.stdin.take());
        watchdog.wait().unwrap();
        assert!(!alive());
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
