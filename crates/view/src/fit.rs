//! Makes text fit into columns.

use std::borrow::Cow;

/// How many columns a text takes; ANSI colours take none.
pub(crate) fn width(text: &str) -> usize {
    console::measure_text_width(text)
}

/// Text with spaces behind it up to a width.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Whether a character may move the cursor or turn the direction of the text around.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from outside, without anything that would steer the terminal.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    match text.contains(is_hostile) {
        true => Cow::Owned(text.replace(is_hostile, " ")),
        false => Cow::Borrowed(text),
    }
}

/// The longest start of a text that takes at most so many columns.
fn start_of(text: &str, room: usize) -> &str {
    // Measured as a whole, since some characters change the width of the one before.
    let end = |(at, c): &(usize, char)| width(&text[..at + c.len_utf8()]) > room;
    text.char_indices().find(end).map_or(text, |(at, _)| &text[..at])
}

/// The longest end of a text that takes at most so many columns.
fn end_of(text: &str, room: usize) -> &str {
    let end = |(at, _): &(usize, char)| width(&text[*at..]) > room;
    text.char_indices().rev().find(end).map_or(text, |(at, c)| &text[at + c.len_utf8()..])
}

/// A text cut in the middle: both ends of an ARN or a URL tell more than its middle.
pub(crate) fn cut_middle(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let left = room.saturating_sub(1);
    let tail = left / 2;
    format!("{}…{}", start_of(text, left - tail), end_of(text, tail))
}

/// Two texts cut so that what differs between them stays in sight.
pub(crate) fn cut_pair(one: &str, other: &str, room: usize) -> (String, String) {
    if width(one) <= room && width(other) <= room {
        return (one.to_owned(), other.to_owned());
    }
    let pairs = one.chars().zip(other.chars());
    let same: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (head, one_rest, other_rest) = (&one[..same], &one[same..], &other[same..]);
    let pairs = one_rest.chars().rev().zip(other_rest.chars().rev());
    let same: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let tail = &one_rest[one_rest.len() - same..];
    let middles = [&one_rest[..one_rest.len() - same], &other_rest[..other_rest.len() - same]];
    let widest = middles.iter().map(|middle| width(middle)).max().unwrap_or(0);
    // What is left beside the difference goes to the common start, since names begin there.
    let spare = room.saturating_sub(widest);
    let tail_room = (spare / 3).max(spare.saturating_sub(width(head)));
    let tail = cut_end(tail, tail_room);
    let head = cut_middle(head, spare.saturating_sub(width(&tail)));
    let join = |middle| cut_middle(&format!("{head}{middle}{tail}"), room);
    (join(middles[0]), join(middles[1]))
}

/// A text cut at its end; colours in it count for nothing and are ended.
pub(crate) fn cut_end(text: &str, room: usize) -> String {
    console::truncate_str(text, room, "…").into_owned()
}

/// A text in lines of at most so many columns, broken at spaces; a longer word overflows its line
/// only where `hard` says that it must not be broken.
fn break_lines(text: &str, room: usize, hard: bool) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = width(&line) + 1 + width(word);
        if !line.is_empty() && needed > room {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        let mut rest = word;
        while hard && width(rest) > room {
            let piece = start_of(rest, room);
            let piece = if piece.is_empty() { rest } else { piece };
            lines.push(piece.to_owned());
            rest = &rest[piece.len()..];
        }
        line.push_str(rest);
    }
    lines.push(line);
    lines
}

/// Prose in lines. Long words (ARNs, URLs) stay whole, so that they can be copied.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    text.lines().flat_map(|line| break_lines(line, room, false)).collect()
}

/// Text in lines that never overflow, nothing left out.
pub(crate) fn fold(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let indent = text.len() - text.trim_start_matches(' ').len();
    if width(text) <= room || indent >= room {
        return vec![text.to_owned()];
    }
    let mut lines = break_lines(&text[indent..], room - indent, true);
    lines.iter_mut().for_each(|line| line.insert_str(0, &text[..indent]));
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_middle_goes_first() {
        assert_eq!(cut_middle("arn:aws:iam::123456789012:role/x", 16), "arn:aws:…:role/x");
    }

    #[test]
    fn what_differs_stays_in_sight() {
        let url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1.";
        let (one, other) = cut_pair(&format!("{url}4.2"), &format!("{url}5.0"), 24);
        assert_eq!((&*one, &*other), ("1234567890…com/app:1.4.2", "1234567890…com/app:1.5.0"));
    }

    /// Narrow and wide characters. None that joins with its neighbours: where those are cut apart,
    /// widths don't add up.
    const ANY: &str = "[ -~à-ÿ日本語🌀]{0,60}";

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn cut_text_fits(text in ANY, other in ANY, room in 8usize..40) {
            prop_assert!(width(&cut_middle(&text, room)) <= room);
            let (one, two) = cut_pair(&text, &other, room);
            prop_assert!(width(&one) <= room && width(&two) <= room);
            for line in fold(&text, room) {
                prop_assert!(width(&line) <= room || text.starts_with("        "));
            }
        }

        #[test]
        fn folding_loses_nothing(text in "[a-z ]{0,60}", room in 8usize..40) {
            let joined: String = fold(&text, room).concat();
            prop_assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        }
    }
}
