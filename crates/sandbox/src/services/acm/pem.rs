//! PEM, as far as it shows that something is plausible.

use aws_smithy_types::base64;

/// The bytes of the blocks of a text, each with its label.
pub fn blocks(text: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        let label = line.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        loop {
            match lines.next()? {
                line if line == end => break,
                line => body.push_str(line),
            }
        }
        blocks.push((label.to_owned(), base64::decode(&body).ok()?));
    }
    (!blocks.is_empty()).then_some(blocks)
}
