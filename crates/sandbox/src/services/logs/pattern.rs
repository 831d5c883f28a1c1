//! Filter patterns of plain terms. Logs guide, "Filter pattern syntax".

use super::name::invalid;
use crate::refused::Refused;

/// A pattern that lines can be held against.
#[derive(Debug, Default)]
pub struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. Those for JSON, for fields between blanks and with regular expressions are
    /// not understood.
    pub fn read(text: &str) -> Result<Pattern, Refused> {
        let text = text.trim();
        if text.starts_with(['{', '[']) || text.contains('%') {
            return Err(invalid(format!(
                "Invalid filter pattern: the sandbox evaluates patterns of plain terms alone, \
                 not {text}"
            )));
        }
        let mut pattern = Pattern::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (terms, after) = match rest.split_at_checked(1) {
                Some(("?", after)) => (&mut pattern.any, after),
                Some(("-", after)) => (&mut pattern.none, after),
                _ => (&mut pattern.all, rest),
            };
            let (term, left) = match after.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or_else(|| invalid("Invalid filter pattern: a quote is not closed"))?,
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            terms.push(term.to_owned());
            rest = left.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a line matches.
    pub fn matches(&self, line: &str) -> bool {
        let has = |term: &String| line.contains(term.as_str());
        // Logs guide: with other terms beside them, optional terms do not matter.
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || !self.all.is_empty() || self.any.iter().any(has))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_by_logs() {
        for (pattern, line, matches) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR disk", "disk: ERROR", true),
            ("ERROR disk", "net: ERROR", false),
            ("?ERROR ?WARN", "a WARN", true),
            ("?ERROR ?WARN", "an INFO", false),
            ("ERROR -retry", "ERROR, will retry", false),
            ("\"two words\"", "here two words are", true),
            ("\"two words\"", "words two", false),
        ] {
            let read = Pattern::read(pattern).expect("a pattern");
            assert_eq!(read.matches(line), matches, "{pattern} on {line}");
        }
        assert!(Pattern::read("{ $.level = \"error\" }").is_err());
        assert!(Pattern::read("\"open").is_err());
    }
}
