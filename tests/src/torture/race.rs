//! Two runs at once that know nothing of each other, as with the lock switched off. Either may fail
//! at what the other does, but nothing is doubled, and the same command then finds all as it should
//! be.

use std::time::Duration;

use super::rehearsal::{Rehearsal, doubled};
use super::run::run_two;
use super::trial::Schedule as Try;

/// The second run begins at the same time, or so many steps later.
pub fn schedules<'a>(rehearsal: &'a Rehearsal<'_>, count: u32) -> Vec<Try<'a>> {
    let apart = (0..count).map(|step| Duration::from_millis(10) * step);
    apart.map(|apart| Box::new(move || race(rehearsal, apart)) as Try<'a>).collect()
}

fn race(rehearsal: &Rehearsal<'_>, apart: Duration) -> Result<(), String> {
    let case = rehearsal.case;
    let world = run_two(rehearsal.begin.clone(), &case.stack, case.goal, apart);
    let judged = match &doubled(&world)[..] {
        // How many revisions a family has depends on who was first.
        [] => rehearsal.converges(world),
        doubled => Err(format!("doubled: {doubled:?}")),
    };
    judged.map_err(|why| rehearsal.about(&format!("two, {} ms apart", apart.as_millis()), &why))
}
