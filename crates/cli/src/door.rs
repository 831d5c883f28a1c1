//! Which AWS a command works on: the one over the net, or the sandbox in this process.

use std::io;
use std::path::Path;
use std::sync::Arc;

use landfall_aws::Embedded;
use landfall_sandbox::connector::{Connector, SandboxTime};
use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::store::{Store, StoreError};
use landfall_sandbox::world::{Delays, World};
use tokio::runtime::{Builder, Runtime};

use crate::error::CommandError;

/// The sandbox's state file, below the working directory.
pub const STATE: &str = ".landfall/sandbox.json";

/// The seed of a world that nobody began otherwise.
const SEED: u64 = 1;

/// Which AWS a command works on.
pub enum Door {
    /// The one over the net.
    Aws,
    /// The sandbox.
    Sandbox(Arc<Sandbox>),
}

/// A runtime for it. The sandbox's time is the runtime's: as nobody but the sandbox is waited for,
/// the runtime skips all waiting.
pub fn runtime(sandbox: bool) -> io::Result<Runtime> {
    match sandbox {
        true => Builder::new_current_thread().enable_all().start_paused(true).build(),
        false => Builder::new_multi_thread().enable_all().build(),
    }
}

impl Door {
    /// Opens the sandbox's state file.
    pub fn to_sandbox(faults: Option<&Path>) -> Result<Door, CommandError> {
        let (store, world) = Store::open(Path::new(STATE))?;
        let sandbox = Sandbox::new(world.unwrap_or_else(|| World::new(SEED, Delays::AsOnAws)), 1.0);
        sandbox.keep(store);
        if let Some(path) = faults {
            sandbox.disturb(schedule(path)?);
        }
        Ok(Door::Sandbox(Arc::new(sandbox)))
    }

    /// Whether it is the sandbox.
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Door::Sandbox(_))
    }

    /// What the SDK is to talk to instead of AWS.
    pub fn embedded(&self) -> Option<Embedded> {
        let Door::Sandbox(sandbox) = self else { return None };
        Some(Embedded {
            http: Connector::new(Arc::clone(sandbox)).into_shared(),
            time: SandboxTime::new(Arc::clone(sandbox)).into_shared(),
            seed: sandbox.with_world(|world| world.chance.draw()),
            name: format!("the sandbox ({STATE})"),
        })
    }

    /// Ends the command's work on it.
    pub fn close(&self) -> Result<(), CommandError> {
        match self {
            Door::Aws => Ok(()),
            Door::Sandbox(sandbox) => Ok(sandbox.close()?),
        }
    }
}

/// Reads a file of what goes wrong.
pub fn schedule(path: &Path) -> Result<Schedule, CommandError> {
    let unreadable = |why: String| CommandError::new(format!("{}: {why}", path.display()));
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| {
        unreadable(error.to_string()).hint("docs/sandbox.md lists what can go wrong")
    })
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> CommandError {
        let hint = match &error {
            StoreError::InUse { .. } => "wait for it, or work in another directory",
            StoreError::Newer { .. } => {
                "use that landfall, or begin anew with `landfall sandbox reset`"
            }
            StoreError::Damaged { .. } => "begin anew with `landfall sandbox reset`",
            StoreError::Unreachable { .. } => "the sandbox keeps its state there",
        };
        CommandError::new(error.to_string()).hint(hint)
    }
}
