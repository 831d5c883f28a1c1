//! The state file: one world that separate processes see, one after the other.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::world::World;

/// The version of the file's format that this build reads and writes.
pub const VERSION: u32 = 1;

/// Why a state file cannot be used. It is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process uses it.
    #[error("the sandbox in {} is in use by process {holder}", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// The other process's id, as far as it told.
        holder: String,
    },
    /// A newer landfall wrote it.
    #[error(
        "{} was written by a newer landfall: its format is {found}, and this one reads {VERSION}",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// It is damaged.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// It cannot be read or written.
    #[error("{}: {error}", path.display())]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// The state file, locked for as long as this lives.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Written<W> {
    landfall_sandbox: u32,
    world: W,
}

#[derive(Deserialize)]
struct Version {
    landfall_sandbox: u32,
}

impl Store {
    /// Locks a state file and reads the world in it; a file that does not exist yet holds none.
    pub fn open(path: &Path) -> Result<(Store, Option<World>), StoreError> {
        let store = Store::lock(path)?;
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((store, None)),
            Err(error) => return Err(unreachable(path)(error)),
        };
        // The version first: a newer file need not fit in any other way.
        let Version { landfall_sandbox: found } =
            serde_json::from_slice(&text).map_err(|error| damaged(path, &error))?;
        if found > VERSION {
            return Err(StoreError::Newer { path: path.to_owned(), found });
        }
        let written: Written<World> =
            serde_json::from_slice(&text).map_err(|error| damaged(path, &error))?;
        Ok((store, Some(written.world)))
    }

    /// Locks a state file whatever is in it, in order to write it anew.
    pub fn lock(path: &Path) -> Result<Store, StoreError> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(unreachable(path))?;
        }
        let lock_path = path.with_extension("lock");
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(unreachable(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is only told; not to know is no reason to fail otherwise.
                let _ = lock.read_to_string(&mut holder);
                return Err(StoreError::InUse { path: path.to_owned(), holder });
            }
            Err(fs::TryLockError::Error(error)) => return Err(unreachable(&lock_path)(error)),
        }
        let told = lock.set_len(0).and_then(|()| lock.rewind());
        told.and_then(|()| write!(lock, "{}", std::process::id()))
            .map_err(unreachable(&lock_path))?;
        Ok(Store { path: path.to_owned(), _lock: lock })
    }

    /// Writes the world. Whoever reads the file finds the old world or the new one, whole.
    pub fn save(&self, world: &World) -> Result<(), StoreError> {
        let written = Written { landfall_sandbox: VERSION, world };
        let text = serde_json::to_vec(&written).map_err(|error| damaged(&self.path, &error))?;
        let draft = self.path.with_extension("new");
        write_private(&draft, &text).map_err(unreachable(&draft))?;
        fs::rename(&draft, &self.path).map_err(unreachable(&self.path))
    }
}

/// Writes a file that only its owner may read: environment variables stand in it, as in AWS.
fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text)
}

fn unreachable(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| StoreError::Unreachable { path: path.clone(), error }
}

fn damaged(path: &Path, error: &serde_json::Error) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Delays, Span};

    fn file() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deep/sandbox.json");
        (directory, path)
    }

    #[test]
    fn a_world_survives_its_process() {
        let (_directory, path) = file();
        let mut world = World::new(7, Delays::AsOnAws);
        world.advance(world.now + Span::seconds(5));
        let _ = world.site("eu-west-1");
        {
            let (store, none) = Store::open(&path).expect("a store");
            assert!(none.is_none());
            store.save(&world).expect("saved");
        }
        let (_, read) = Store::open(&path).expect("a store");
        let read = read.expect("a world");
        assert_eq!((read.now, read.chance), (world.now, world.chance));
        assert_eq!(read.regions, world.regions);
    }

    #[test]
    fn one_process_at_a_time() {
        let (_directory, path) = file();
        let _first = Store::open(&path).expect("a store");
        let second = Store::open(&path).expect_err("a refusal");
        let message = second.to_string();
        assert!(message.contains(&std::process::id().to_string()), "{message}");
    }

    #[test]
    fn what_cannot_be_read_stays_as_it_is() {
        for (text, expected) in [
            ("", "is damaged"),
            ("{\"landfall_sandbox\": 1, \"world\": {\"now\": ", "is damaged"),
            ("{\"landfall_sandbox\": 1, \"world\": {}}", "missing field"),
            ("{\"landfall_sandbox\": 99, \"universe\": {}}", "a newer landfall"),
            ("{\"other\": 1}", "is damaged"),
        ] {
            let (_directory, path) = file();
            drop(Store::open(&path).expect("a store"));
            fs::write(&path, text).expect("written");
            let message = Store::open(&path).expect_err("a refusal").to_string();
            assert!(message.contains(expected), "{message}");
            assert_eq!(fs::read_to_string(&path).expect("read"), text);
        }
    }
}
