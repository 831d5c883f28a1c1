//! Why a saved plan no longer fits what is in AWS.

use landfall_model::{Address, Path};
use landfall_plan::saved::{How, Moved};
use landfall_plan::{Delta, FieldChange};

use crate::fit::{self, printable};
use crate::plan_text::differences;
use crate::style::{Style, Tone};

/// The column in which what has moved begins.
const BODY: usize = 4;

/// What has moved, one block per thing, with a line feed behind its last line. `place` says where in
/// the spec a field is.
pub fn render(
    moved: &[Moved],
    place: &dyn Fn(&Address, &Path) -> Option<String>,
    style: &Style,
) -> String {
    let paint = style.paint();
    let mut lines = Vec::new();
    for thing in moved.chunk_by(|one, other| one.address == other.address) {
        let Some(first) = thing.first() else { continue };
        let mark = paint.tone(Tone::Bad, "✗");
        let mut head = format!("{mark} {}", paint.name(&first.address));
        if let Some(place) = place(&first.address, &path(&first.how)) {
            head += &format!("  {}", paint.dim(place));
        }
        lines.push(head);
        let body = thing.iter().flat_map(|moved| sentences(&moved.how, style));
        lines.extend(body.map(|line| format!("{:BODY$}{line}", "").trim_end().to_owned()));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The field that it is about; the empty path where it is the thing itself.
fn path(how: &How) -> Path {
    match how {
        How::Field { path, .. } | How::Answer { path, .. } => path.clone(),
        How::Gone { .. } | How::Another { .. } | How::Appeared { .. } | How::Recovered => {
            Path::default()
        }
    }
}

fn sentences(how: &How, style: &Style) -> Vec<String> {
    let room = style.columns() - BODY;
    let said = |text: String| fit::wrap(&printable(&text), room);
    let values = |path: &Path, was: &Option<_>, is: &Option<_>| {
        let delta = Delta::Value { before: was.clone(), after: is.clone() };
        let path = path.clone();
        let field = FieldChange { path, delta, document: false, forces_replacement: false };
        differences::lines(&[field], room, style.paint())
    };
    match how {
        How::Field { path, was, is } => values(path, was, is),
        How::Answer { path, reference, was, is } => {
            let mut lines = said(format!("{path} would be given {reference}, which has moved:"));
            let answer = Path::field(&reference.to_string());
            lines.extend(values(&answer, was, is).into_iter().map(|line| format!("  {line}")));
            lines
        }
        How::Gone { id } => said(format!("it is gone: {id}")),
        How::Another { was, is } => said(format!("it is another one now: {was} → {is}")),
        How::Appeared { id } => {
            said(format!("it would be created, and exists already, not as planned: {id}"))
        }
        How::Recovered => {
            said("it would be replaced because it had failed, and has come up since".to_owned())
        }
    }
}
