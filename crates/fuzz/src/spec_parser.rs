//! Any text as a spec: it becomes a stack that can be planned, or findings that can be shown.

use landfall_model::{Catalogue, Finding};
use landfall_plan::{Goal, Observed, plan};
use landfall_spec::{Given, Loaded, NoDocuments, Source};

const FILE: &str = "spec.yaml";

/// Reads bytes as a spec of a catalogue.
///
/// # Panics
///
/// Where a finding is about no place in the text, or cannot be shown, or where what was read
/// without findings cannot be planned.
pub fn check(bytes: &[u8], catalogue: &Catalogue) {
    // Bytes that are no text are refused before there is anything to parse.
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_text(text, catalogue);
    }
}

/// The same for a text; what it is read as, if it is let through.
pub(crate) fn check_text(text: &str, catalogue: &Catalogue) -> Option<Loaded> {
    match landfall_spec::parse(FILE, text, &Given::default(), catalogue, &NoDocuments) {
        Ok(loaded) => {
            check_findings(&loaded.warnings, &loaded.source, text);
            check_stack(&loaded, catalogue);
            Some(loaded)
        }
        Err(problems) => {
            assert!(!problems.findings.is_empty(), "refused without a finding");
            check_findings(&problems.findings, &problems.source, text);
            problems.render(true, 0);
            None
        }
    }
}

fn check_findings(findings: &[Finding], source: &Source, text: &str) {
    for finding in findings {
        let Some(location) = source.location_of(&finding.place) else {
            panic!("a finding without a place: {finding:?}");
        };
        assert!(location.file == FILE, "{location:?}");
        let shown = text.get(location.start..location.end);
        assert!(shown.is_some(), "not within the text: {location:?}, {finding:?}");
        let before = &text[..location.start];
        assert!(location.line == before.matches('\n').count() + 1, "{location:?}");
    }
    for width in [40, 100] {
        let shown = source.render_all(findings, false, width);
        // What steers a terminal, and the marks around references, are for nobody's eyes.
        let turns = |letter| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let hostile = |letter: char| letter.is_control() && letter != '\n' || turns(letter);
        assert!(!shown.contains(hostile), "{shown:?}");
    }
}

/// What `validate` lets through, `plan` takes.
fn check_stack(loaded: &Loaded, catalogue: &Catalogue) {
    for address in loaded.stack.resources.keys() {
        let place = loaded.source.locate(address, &landfall_model::Path::default());
        assert!(place.is_some(), "{address} stands nowhere");
    }
    for goal in [Goal::Converge, Goal::Destroy] {
        let planned = plan(&loaded.stack, &Observed::default(), catalogue, goal);
        if let Err(findings) = planned {
            panic!("it cannot be planned: {findings:?}");
        }
    }
}
