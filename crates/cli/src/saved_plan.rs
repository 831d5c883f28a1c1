//! Saved plans on the disk.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use landfall_aws::registry;
use landfall_plan::saved::{self, Saved, Unusable};

use crate::error::CommandError;

/// The version that is in the file: plans of another one are refused.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The largest saved plan that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Sixteen bytes as hexadecimal digits that no other file has.
pub fn salt() -> String {
    // The standard library keys its hashers at random.
    let draw = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", draw(), draw())
}

/// Writes a saved plan. It is there as a whole or not at all, and only its owner may read it.
pub fn write(path: &Path, plan: &Saved) -> Result<(), CommandError> {
    let text = saved::write(plan, VERSION)
        .map_err(|error| CommandError::new(format!("{}: {error}", path.display())))?;
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let message = format!("the plan could not be saved in {}: no plain file", path.display());
        return Err(CommandError::new(message));
    }
    let beside = beside(path);
    let written = create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // What is half written must not lie around.
        let _ = fs::remove_file(&beside);
        CommandError::new(format!("the plan could not be saved in {}: {error}", path.display()))
    })
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    path.with_file_name(format!(".{}.{}", name.unwrap_or_default(), std::process::id()))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The start of a file that is a saved plan by what stands in it, and the rest to be read; `None` for
/// anything else.
fn open(path: &Path) -> Option<(File, Vec<u8>)> {
    // What cannot be read is told of as the spec that it may be.
    let file = File::open(path).ok()?;
    // To look into a pipe is to empty it.
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return None;
    }
    let mut bytes = Vec::new();
    (&file).take(256).read_to_end(&mut bytes).ok()?;
    saved::is_saved_plan(&bytes).then_some((file, bytes))
}

/// Refuses a saved plan where a spec is wanted.
pub fn no_plan(path: &Path) -> Result<(), CommandError> {
    match open(path) {
        None => Ok(()),
        Some(_) => {
            let path = path.display();
            Err(CommandError::new(format!("{path} is a saved plan, and this takes a spec"))
                .hint(format!("`landfall apply {path}` carries it out")))
        }
    }
}

/// Reads a file that is a saved plan by what stands in it; `None` for anything else.
pub fn read(path: &Path) -> Result<Option<Saved>, CommandError> {
    let Some((file, mut bytes)) = open(path) else { return Ok(None) };
    let refused = |why: String| {
        let message = format!("{} is not used, and nothing was done: {why}", path.display());
        CommandError::new(message)
    };
    let again = "plan again: `landfall plan SPEC --out FILE`";
    (&file).take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| refused(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refused(format!("more than {} MiB are not read", MAX_BYTES >> 20)));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Unusable::Damaged("it is not UTF-8".to_owned()))
        .map_err(|error| refused(error.to_string()).hint(again))?;
    let plan = saved::read(&text, VERSION, &registry::catalogue()).map_err(|error| {
        let refused = refused(error.to_string());
        match error {
            Unusable::OtherFormat(_) | Unusable::OtherVersion { .. } => {
                refused.hint(format!("use that landfall, or {again}"))
            }
            Unusable::Damaged(_) | Unusable::Tampered(_) => refused.hint(again),
        }
    })?;
    Ok(Some(plan))
}
