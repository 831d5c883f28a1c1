//! The text of a saved plan: written, read, and refused where it is not what was written.

use std::fmt::Write;

use landfall_model::{Address, Catalogue, Declared, Finding, Path, Place, Root, reference};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Saved, Veil};

/// The name of the format, with its version.
pub const FORMAT: &str = "landfall.saved-plan/1";
/// The name of the format in any version.
const NAME: &str = "landfall.saved-plan/";
/// What a digest begins with.
const SHA256: &str = "sha256:";

/// Why a file is no plan to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It ends too early, or is no JSON for another reason.
    #[error("it is cut off or damaged ({0})")]
    Damaged(String),
    /// It is of another version of the format.
    #[error("its format is `{0}`, and this landfall reads `{FORMAT}`")]
    OtherFormat(String),
    /// Another version of landfall wrote it, whose plans may mean something else.
    #[error("landfall {found} wrote it, and this is landfall {this}")]
    OtherVersion {
        /// The version that wrote it.
        found: String,
        /// The version that reads it.
        this: String,
    },
    /// It is not what was written.
    #[error("it was changed after it was written ({0})")]
    Tampered(String),
}

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    landfall: &'a str,
    digest: &'a str,
    #[serde(flatten)]
    saved: &'a Saved,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    landfall: String,
    digest: String,
}

/// Whether a text is meant as a saved plan, of whatever version and in whatever state, rather than
/// as a spec.
pub fn is_saved_plan(text: &[u8]) -> bool {
    let start = &text[..text.len().min(256)];
    let start = start.trim_ascii_start();
    start.starts_with(b"{") && start.windows(NAME.len()).any(|part| part == NAME.as_bytes())
}

/// The text of a saved plan. `landfall` is the version that writes it.
pub fn write(saved: &Saved, landfall: &str) -> Result<String, serde_json::Error> {
    let blank = Written { format: FORMAT, landfall, digest: SHA256, saved };
    let blank = serde_json::to_string_pretty(&blank)? + "\n";
    let digest = format!("\"digest\": \"{}\"", digest(&blank));
    Ok(blank.replacen(&format!("\"digest\": \"{SHA256}\""), &digest, 1))
}

/// Reads a saved plan. Only what this version wrote, byte by byte, is taken.
pub fn read(text: &str, landfall: &str, catalogue: &Catalogue) -> Result<Saved, Unusable> {
    let damaged = |error: serde_json::Error| Unusable::Damaged(error.to_string());
    let value: Value = serde_json::from_str(text).map_err(damaged)?;
    if let Some(format) = value.get("format").and_then(Value::as_str)
        && format != FORMAT
    {
        return Err(Unusable::OtherFormat(format.to_owned()));
    }
    let tampered = |error: serde_json::Error| Unusable::Tampered(error.to_string());
    let head: Head = serde_json::from_value(value.clone()).map_err(tampered)?;
    if head.format != FORMAT {
        return Err(Unusable::OtherFormat(head.format));
    }
    let blank = text.replacen(&format!("\"{}\"", head.digest), &format!("\"{SHA256}\""), 1);
    if digest(&blank) != head.digest {
        return Err(Unusable::Tampered("its digest does not fit".to_owned()));
    }
    if head.landfall != landfall {
        let this = landfall.to_owned();
        return Err(Unusable::OtherVersion { found: head.landfall, this });
    }
    let mut rest = value;
    if let Value::Object(fields) = &mut rest {
        for key in ["format", "landfall", "digest"] {
            fields.shift_remove(key);
        }
    }
    let saved: Saved = serde_json::from_value(rest).map_err(tampered)?;
    match inconsistency(&saved, catalogue) {
        None => Ok(saved),
        Some(why) => Err(Unusable::Tampered(why)),
    }
}

fn digest(text: &str) -> String {
    let mut digest = SHA256.to_owned();
    for byte in Sha256::digest(text) {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

/// What landfall never writes so.
fn inconsistency(saved: &Saved, catalogue: &Catalogue) -> Option<String> {
    let stack = &saved.stack;
    let kinds = stack.resources.keys().map(|address| address.kind.as_str());
    let kinds = kinds.chain(saved.observed.live.iter().map(|live| live.kind.as_str()));
    for kind in kinds {
        if catalogue.kind(kind).is_none() {
            return Some(format!("there is no kind `{kind}`"));
        }
    }
    for (address, declared) in &stack.resources {
        if *address != declared.address {
            return Some(format!("{address} is called {}", declared.address));
        }
        let known = |to: &Address| stack.resources.contains_key(to);
        let unknown = declared.depends_on.iter().find(|to| !known(to)).cloned();
        let unknown = unknown.or_else(|| {
            let mut references = reference::references(&declared.spec).into_iter();
            references.find_map(|reference| match reference.root {
                Root::Resource(to) => (!known(&to)).then_some(to),
                _ => None,
            })
        });
        if let Some(to) = unknown {
            return Some(format!("{address} refers to {to}, which is not in it"));
        }
    }
    let misnamed = stack
        .lookups
        .iter()
        .find(|(address, lookup)| **address != lookup.address)
        .map(|(at, _)| at);
    if let Some(address) = misnamed {
        return Some(format!("lookup.{address} has another name"));
    }
    let mut references = stack.resources.values().flat_map(|d| reference::references(&d.spec));
    let unproven = references.find(|reference| {
        reference.root == Root::Variable
            && !saved.secrets.names().any(|name| name == reference.output)
    });
    unproven.map(|reference| format!("nothing is said of the secret {}", reference.output))
}

/// Values of a resource that are hidden wherever a plan is shown, and so must not be in a file.
pub(super) fn plain(declared: &Declared, veil: Veil<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    differing(&declared.spec, &veil(&Path::default(), &declared.spec), Path::default(), &mut found);
    found
        .into_iter()
        .map(|path| {
            let message = format!("a saved plan would hold the value of `{path}`, a secret");
            Finding::error(Place::Field(declared.address.clone(), path), message).help(
                "keep it in Secrets Manager or SSM Parameter Store, or take it from a variable \
                 with `secret: true`",
            )
        })
        .collect()
}

fn differing(value: &Value, veiled: &Value, path: Path, found: &mut Vec<Path>) {
    match (value, veiled) {
        (value, veiled) if value == veiled => {}
        (Value::Object(map), Value::Object(veiled)) => {
            for (key, value) in map {
                let veiled = veiled.get(key).unwrap_or(&Value::Null);
                differing(value, veiled, path.key(key), found);
            }
        }
        (Value::Array(items), Value::Array(veiled)) => {
            for (index, (item, veiled)) in items.iter().zip(veiled).enumerate() {
                differing(item, veiled, path.index(index), found);
            }
        }
        _ => found.push(path),
    }
}
