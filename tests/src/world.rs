//! An endpoint with a recorder in front: what a test of whole stacks runs against.

use std::ffi::OsStr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::{Emulator, Program};
use crate::recorder::Recorder;
use crate::served::Served;
use crate::{loopback, venv};

/// The region that clients use.
pub const REGION: &str = "us-east-1";

const SNAPSHOT: &str = include_str!("snapshot.py");

/// What a world runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Our own strict one.
    Sandbox,
    /// Good at EC2, IAM, ECR and logs.
    Moto,
    /// Good at ECS.
    Ministack,
}

/// The endpoint itself.
pub enum Upstream {
    /// Our own strict one, in this process.
    Sandbox(Served),
    /// One that others wrote.
    Emulator(Arc<Emulator>),
}

/// An endpoint, a recorder in front of it, and one account's credentials.
pub struct World {
    /// The endpoint itself, for a look that leaves no trace in the log.
    pub upstream: Upstream,
    /// The proxy that the client under test talks to.
    pub recorder: Recorder,
    account: String,
    credentials: Vec<(&'static str, String)>,
    /// Holds the empty AWS configuration files.
    files: TempDir,
}

impl Upstream {
    /// Its URL, without a slash at the end.
    pub fn endpoint(&self) -> String {
        match self {
            Upstream::Sandbox(served) => served.endpoint(),
            Upstream::Emulator(emulator) => emulator.endpoint(),
        }
    }
}

impl World {
    /// A sandbox of its own, with AWS's delays, in which ten minutes are a second.
    pub fn sandbox() -> Self {
        Self::in_sandbox(Served::start(1, 600.0))
    }

    /// A sandbox that runs already.
    pub fn in_sandbox(served: Served) -> Self {
        let key = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let credentials = key.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self::new(
            Upstream::Sandbox(served),
            landfall_sandbox::world::ACCOUNT.to_owned(),
            credentials,
        )
    }

    /// The sandbox that it runs on.
    pub fn served(&self) -> &Served {
        match &self.upstream {
            Upstream::Sandbox(served) => served,
            Upstream::Emulator(_) => panic!("this world is no sandbox"),
        }
    }

    /// A moto of its own.
    pub fn moto() -> Self {
        let key = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let credentials = key.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self::new(
            Upstream::Emulator(Emulator::moto().into()),
            "123456789012".to_owned(),
            credentials,
        )
    }

    /// A ministack of its own.
    pub fn ministack() -> Self {
        Self::in_ministack(Emulator::ministack().into(), "123456789012".to_owned())
    }

    /// A new account in the moto that this process shares: cheaper, but with a session token.
    pub fn shared_moto() -> Self {
        let emulator = Emulator::shared_moto();
        let account = new_account();
        let credentials = assume_account(&emulator, &account);
        Self::new(Upstream::Emulator(emulator), account, credentials)
    }

    /// A new account in the ministack that this process shares.
    pub fn shared_ministack() -> Self {
        Self::in_ministack(Emulator::shared_ministack(), new_account())
    }

    fn in_ministack(emulator: Arc<Emulator>, account: String) -> Self {
        // ministack takes a 12-digit access key for the account.
        let credentials = vec![
            ("AWS_ACCESS_KEY_ID", account.clone()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ];
        Self::new(Upstream::Emulator(emulator), account, credentials)
    }

    fn new(upstream: Upstream, account: String, credentials: Vec<(&'static str, String)>) -> Self {
        let files = TempDir::new().expect("a temporary directory can be made");
        for name in ["config", "credentials"] {
            std::fs::write(files.path().join(name), "").expect("a temporary file can be written");
        }
        let recorder = Recorder::start(&upstream.endpoint());
        Self { upstream, recorder, account, credentials, files }
    }

    /// What it runs on.
    pub fn flavour(&self) -> Flavour {
        match &self.upstream {
            Upstream::Sandbox(_) => Flavour::Sandbox,
            Upstream::Emulator(emulator) => match emulator.program() {
                Program::Moto => Flavour::Moto,
                Program::Ministack => Flavour::Ministack,
            },
        }
    }

    /// The account that the credentials belong to.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The environment for the client under test, whose calls are recorded.
    pub fn env(&self) -> Vec<(String, String)> {
        self.env_for(&self.recorder.endpoint())
    }

    /// Variables of this process that would lead a client elsewhere: remove them before setting
    /// [`env`](Self::env).
    pub fn unset(&self) -> Vec<String> {
        std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy"))
            .collect()
    }

    /// A command with this world's environment, whose calls are recorded.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.command_for(program, &self.recorder.endpoint())
    }

    /// What exists, read from the endpoint itself: a map per kind, by id, ARN or name. A kind that
    /// the endpoint cannot list is `{"!error": "why"}`.
    pub fn snapshot(&self) -> Value {
        let text = self.python(SNAPSHOT, &[]);
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("snapshot.py wrote no JSON: {error}\n{text}"))
    }

    /// Runs a Python script with boto3 on the endpoint itself, as another client behind our back:
    /// nothing of it is recorded. Answers its stdout; panics when it fails.
    pub fn python(&self, script: &str, args: &[&str]) -> String {
        self.run_python(&self.upstream.endpoint(), script, args)
    }

    /// Like [`python`](Self::python), but recorded.
    pub fn recorded_python(&self, script: &str, args: &[&str]) -> String {
        self.run_python(&self.recorder.endpoint(), script, args)
    }

    fn run_python(&self, endpoint: &str, script: &str, args: &[&str]) -> String {
        let mut command = self.command_for(venv::program("python3"), endpoint);
        command.env("AWS_DEFAULT_REGION", REGION).args(["-c", script]).args(args);
        let output = command.output().expect("the environment's python3 runs");
        assert!(
            output.status.success(),
            "a script failed ({}):\n{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("a script writes UTF-8")
    }

    fn command_for(&self, program: impl AsRef<OsStr>, endpoint: &str) -> Command {
        let mut command = Command::new(program);
        for name in self.unset() {
            command.env_remove(name);
        }
        command.envs(self.env_for(endpoint));
        command
    }

    fn env_for(&self, endpoint: &str) -> Vec<(String, String)> {
        let file = |name| self.files.path().join(name).display().to_string();
        let fixed = [
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            // Not merely unset: a client would look in the home directory.
            ("AWS_CONFIG_FILE", file("config")),
            ("AWS_SHARED_CREDENTIALS_FILE", file("credentials")),
        ];
        let all = fixed.into_iter().chain(self.credentials.clone());
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// 12 digits that no other world of this process has.
fn new_account() -> String {
    static LAST: AtomicU64 = AtomicU64::new(200_000_000_000);
    (LAST.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

/// moto finds the account by the access key, and a role's session has one in the role's account.
fn assume_account(emulator: &Emulator, account: &str) -> Vec<(&'static str, String)> {
    let headers = "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/\
         aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n";
    let body = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=world&\
         RoleArn=arn:aws:iam::{account}:role/world"
    );
    let answer = loopback::exchange(emulator.port(), "POST /", headers, &body)
        .expect("moto gives credentials for any role");
    let element = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ]
    .map(|(variable, name)| {
        let value = element(name).unwrap_or_else(|| panic!("no {name} in moto's answer: {answer}"));
        (variable, value)
    })
    .to_vec()
}

#[cfg(test)]
mod tests;
