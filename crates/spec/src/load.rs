//! Reads a spec and what belongs to it from the disk.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use landfall_model::{Catalogue, Finding, Place};

use crate::documents::Documents;
use crate::parse::{Given, Loaded, parse};
use crate::render::Problems;
use crate::source::Source;
use crate::tree::Span;

/// The largest file that is read.
const MAX_BYTES: u64 = 4 << 20;

/// Values for variables, as the command line has them.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// `--var name=value`; these win over everything else.
    pub vars: IndexMap<String, String>,
    /// `--var-file`; later ones win.
    pub var_files: Vec<PathBuf>,
    /// The environment. Only what begins with `LANDFALL_VAR_` is looked at; it wins over defaults.
    pub env: Vec<(String, String)>,
}

/// Reads a spec and finds everything that can be found wrong with it offline.
pub fn load(path: &Path, input: &Input, catalogue: &Catalogue) -> Result<Loaded, Problems> {
    let text = read_spec(path)?;
    let given = given(input)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    parse(&path.display().to_string(), &text, &given, catalogue, &Beside { folder })
}

/// Reads the files of variables.
pub(crate) fn given(input: &Input) -> Result<Given, Problems> {
    let mut given = Given { vars: input.vars.clone(), env: input.env.clone(), ..Given::default() };
    for file in &input.var_files {
        given.var_files.push((file.display().to_string(), read_spec(file)?));
    }
    Ok(given)
}

/// The files beside a spec.
struct Beside {
    folder: PathBuf,
}

impl Documents for Beside {
    fn read(&self, path: &Path) -> Result<String, String> {
        let bytes = read(&self.folder.join(path))?;
        String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
    }
}

fn read_spec(path: &Path) -> Result<String, Problems> {
    let name = path.display().to_string();
    let bytes = read(path).map_err(|why| {
        let finding = Finding::error(Place::Nowhere, format!("{name} {why}"));
        Problems { findings: vec![finding], source: Source::default() }
    })?;
    String::from_utf8(bytes).map_err(|error| {
        // Up to the first wrong byte the lossy text is the file's own, so the place is right.
        let at = error.utf8_error().valid_up_to();
        let help = match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it looks like UTF-16; save it as UTF-8",
            _ => "save it as UTF-8",
        };
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let mut source = Source::default();
        let file = source.add_file(&name, text);
        let span = Span { file, start: at, end: at + '\u{fffd}'.len_utf8() };
        let message = format!("not UTF-8: the byte {:#04x}", error.as_bytes()[at]);
        let finding = Finding::error(source.place(span), message).help(help);
        Problems { findings: vec![finding], source }
    })
}

/// The bytes of a file, or why they can't be had.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
        ErrorKind::IsADirectory => "is a directory, not a file".to_owned(),
        _ => format!("can't be read: {error}"),
    };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err("is a directory, not a file".to_owned());
    }
    let too_large = |size: String| {
        format!("is too large: {size}, and {} MiB are read at most", MAX_BYTES >> 20)
    };
    if metadata.len() > MAX_BYTES {
        return Err(too_large(format!("{:.1} MiB", metadata.len() as f64 / f64::from(1 << 20))));
    }
    // What is no plain file may hold more than it says.
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large("it goes on and on".to_owned()));
    }
    Ok(bytes)
}
