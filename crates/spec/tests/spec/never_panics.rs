use proptest::prelude::*;

use crate::wrong;

/// Pieces of which specs, and what is nearly one, are made.
const PIECES: [&str; 44] = [
    "stack",
    "resources",
    "lookup",
    "outputs",
    "variables",
    "tags",
    "vpc",
    "main",
    "cidr",
    "security_group",
    "ecs_service",
    "cluster",
    "containers",
    "environment",
    "PASSWORD",
    "trust",
    "file",
    "lifecycle",
    "ignore_changes",
    "depends_on",
    ": ",
    ":\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "\"",
    "'",
    "${",
    "}",
    "$${",
    "var.x",
    "vpc.main.id",
    "&a ",
    "*a",
    "<<: ",
    "é",
    "|\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        wrong(&text);
    }

    #[test]
    fn nearly_a_spec(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        wrong(&pieces.concat());
        wrong(&format!("stack: s\nresources:\n  {}", pieces.concat()));
    }

    #[test]
    fn a_spec_with_a_hole(at in 0..2000usize, length in 0..20usize, filling in ".{0,3}") {
        let mut text: Vec<char> = crate::good::SPEC.chars().collect();
        let at = at.min(text.len());
        let end = (at + length).min(text.len());
        text.splice(at..end, filling.chars());
        wrong(&text.into_iter().collect::<String>());
    }
}
