//! The inputs that a target begins with, and the words of its language.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The inputs of a target, in the order of their names: `fuzz/corpus/TARGET/`.
///
/// # Errors
///
/// Where the folder or a file cannot be read.
pub fn inputs(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder().join("corpus").join(target))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        inputs.push((name, fs::read(path)?));
    }
    inputs.sort();
    Ok(inputs)
}

/// The words of a target's language, in libFuzzer's form: `fuzz/dictionaries/TARGET.dict` has one
/// in quotes on each line, with the escapes of C.
///
/// # Errors
///
/// Where the file cannot be read.
pub fn words(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(folder().join("dictionaries").join(format!("{target}.dict")))?;
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    Ok(quoted.map(unescaped).collect())
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        match (first, more) {
            (b'\\', [b'x', high, low, more @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
                bytes.push(digit(*high) * 16 + digit(*low));
                rest = more;
            }
            (b'\\', [escaped, more @ ..]) => {
                bytes.push(*escaped);
                rest = more;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unescaped() {
        assert_eq!(unescaped(r#"a\x0a\"\\z"#), b"a\n\"\\z");
    }
}
