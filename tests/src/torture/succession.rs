//! Where AWS lets the old and the new thing of a replacement be side by side, the new one comes first,
//! those that use the old one move over, and only then the old one goes: by the order of the calls.

use super::rehearsal::Rehearsal;
use super::trial::Schedule as Try;

/// What makes a thing, what moves over to it, and what takes the old one away.
const SUCCESSIONS: &[(&str, &[&str], &str)] = &[
    ("CreateTargetGroup", &["ModifyListener", "CreateListener"], "DeleteTargetGroup"),
    ("CreateTargetGroup", &["UpdateService"], "DeleteTargetGroup"),
    ("CreateSecurityGroup", &["UpdateService"], "DeleteSecurityGroup"),
    ("CreateSubnet", &["UpdateService"], "DeleteSubnet"),
    ("CreateLoadBalancer", &["CreateListener"], "DeleteLoadBalancer"),
];

/// One for each succession that the case has.
pub fn schedules<'a>(rehearsal: &'a Rehearsal<'_>) -> Vec<Try<'a>> {
    let calls: Vec<&str> = rehearsal.calls.iter().map(|call| call.operation.as_str()).collect();
    let has = |operation: &str| calls.contains(&operation);
    let successions = SUCCESSIONS.iter().filter(|(make, moves, take)| {
        has(make) && has(take) && moves.iter().any(|operation| has(operation))
    });
    successions.map(|one| Box::new(move || in_order(rehearsal, *one)) as Try<'a>).collect()
}

fn in_order(
    rehearsal: &Rehearsal<'_>,
    (make, moves, take): (&str, &[&str], &str),
) -> Result<(), String> {
    let calls = || rehearsal.calls.iter().map(|call| call.operation.as_str());
    let made = calls().rposition_of(make);
    let moved = calls().skip(made).position(|operation| moves.contains(&operation));
    let taken = calls().position(|operation| operation == take).unwrap_or_default();
    match moved.map(|moved| made + moved) {
        Some(moved) if moved < taken => Ok(()),
        moved => Err(rehearsal.about(
            take,
            &format!("{make} at call {made}, {moves:?} at {moved:?}, {take} at {taken}"),
        )),
    }
}

/// The last place of something.
trait LastPlace {
    fn rposition_of(self, operation: &str) -> usize;
}

impl<'a, I: Iterator<Item = &'a str>> LastPlace for I {
    fn rposition_of(self, operation: &str) -> usize {
        self.enumerate().filter(|(_, other)| *other == operation).last().map_or(0, |(at, _)| at)
    }
}
