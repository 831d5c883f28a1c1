//! Cuts a text at its `${…}`. `$${` is a literal `${`.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    Text(&'t str),
    /// What stands between `${` and `}`, trimmed.
    Hole(&'t str),
}

/// A `${` without its `}`, with all that follows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unclosed<'t>(pub &'t str);

pub(crate) fn cut(text: &str) -> Result<Vec<Part<'_>>, Unclosed<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            // The first dollar goes, the rest stays.
            parts.push(Part::Text(&rest[..at - 1]));
            parts.push(Part::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        parts.push(Part::Text(&rest[..at]));
        let length = rest[at..].find('}').ok_or(Unclosed(&rest[at..]))?;
        parts.push(Part::Hole(rest[at + 2..at + length].trim()));
        rest = &rest[at + length + 1..];
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| *part != Part::Text(""));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_their_holes() {
        assert_eq!(cut("plain $x"), Ok(vec![Part::Text("plain $x")]));
        assert_eq!(cut("${ var.a }"), Ok(vec![Part::Hole("var.a")]));
        assert_eq!(
            cut("a${b}c${d}"),
            Ok(vec![Part::Text("a"), Part::Hole("b"), Part::Text("c"), Part::Hole("d")])
        );
        assert_eq!(
            cut("$${aws:username}"),
            Ok(vec![Part::Text("${"), Part::Text("aws:username}")])
        );
        assert_eq!(cut("x${y"), Err(Unclosed("${y")));
    }
}
