//! Whether an answer is XML that any client can read.

use xmlparser::{ElementEnd, Token, Tokenizer};

/// Why a text is not well-formed, if it is not.
pub fn fault(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    for token in Tokenizer::from(text) {
        match token {
            Ok(Token::ElementStart { local, .. }) => open.push(local.as_str()),
            Ok(Token::ElementEnd { end: ElementEnd::Close(_, local), .. }) => {
                let opened = open.pop();
                if opened != Some(local.as_str()) {
                    return Some(format!("{local} ends where {opened:?} is open"));
                }
            }
            Ok(Token::ElementEnd { end: ElementEnd::Empty, .. }) => {
                open.pop();
            }
            Ok(_) => {}
            Err(error) => return Some(error.to_string()),
        }
    }
    (!open.is_empty()).then(|| format!("{open:?} never end"))
}
