//! Who holds on to a thing that is to go: asked once a refusal lasts, then rarely.

use std::time::Duration;

use landfall_model::{Cloud, CloudError, Going, Holder, Live};
use landfall_plan::Cause;
use tokio::time::Instant;

/// How long a refusal lasts before it is asked who is behind it. Most pass sooner.
const LASTING: Duration = Duration::from_secs(5);
/// How often it is asked again while AWS or the stack is taking the holders away.
const AGAIN: Duration = Duration::from_secs(60);
/// How often it is asked again while there is somebody else's: it may be on its way out.
const AGAIN_IF_FOREIGN: Duration = Duration::from_secs(15);
/// How long somebody else's thing has to stay before it is taken to stay for good.
const STAYS: Duration = Duration::from_secs(30);
/// The same for one of which AWS does not tell whether it goes: tasks stop within two minutes, and
/// targets are drained for five by default.
const STAYS_IF_UNKNOWN: Duration = Duration::from_secs(8 * 60);

/// Who holds on to a thing, as far as it was asked.
pub(crate) struct Blockers<'a> {
    cloud: &'a dyn Cloud,
    live: &'a Live,
    start: Instant,
    asked: Option<Instant>,
    /// Each with when it was first seen.
    holders: Vec<(Instant, Holder)>,
}

impl<'a> Blockers<'a> {
    pub fn new(cloud: &'a dyn Cloud, live: &'a Live) -> Blockers<'a> {
        Blockers { cloud, live, start: Instant::now(), asked: None, holders: Vec::new() }
    }

    /// Asks if it is time to.
    pub async fn look(&mut self) {
        let foreign = self.holders.iter().any(|(_, holder)| holder.going == Going::Not);
        let pause = if foreign { AGAIN_IF_FOREIGN } else { AGAIN };
        let due = match self.asked {
            None => self.start.elapsed() >= LASTING,
            Some(asked) => asked.elapsed() >= pause,
        };
        if due {
            self.ask().await;
        }
    }

    /// Asks. Where that is refused it stays unknown: the deletion has its own refusal to tell.
    pub async fn ask(&mut self) {
        let now = Instant::now();
        self.asked = Some(now);
        let Ok(found) = self.cloud.holders(self.live).await else { return };
        let before = std::mem::take(&mut self.holders);
        let seen = |holder: &Holder| {
            let same = before
                .iter()
                .find(|(_, known)| known.what == holder.what && known.going == holder.going);
            same.map_or(now, |(since, _)| *since)
        };
        self.holders = found.into_iter().map(|holder| (seen(&holder), holder)).collect();
    }

    /// Whether somebody holds on who is not going to let go.
    pub fn are_staying(&self) -> bool {
        self.holders.iter().any(|(since, holder)| match holder.going {
            Going::Not => since.elapsed() >= STAYS,
            Going::Unknown => since.elapsed() >= STAYS_IF_UNKNOWN,
            Going::ByItself | Going::InTurn => false,
        })
    }

    /// What is waited for, in words: who is least likely to go, and how many others.
    pub fn words(&self) -> Option<String> {
        let stubborn = |(_, holder): &&(Instant, Holder)| match holder.going {
            Going::Not => 0,
            Going::Unknown => 1,
            Going::InTurn => 2,
            Going::ByItself => 3,
        };
        let (_, first) = self.holders.iter().min_by_key(stubborn)?;
        Some(match self.holders.len() - 1 {
            0 => format!("held by {first}"),
            more => format!("held by {first}, and {more} more"),
        })
    }

    /// The failure that they are, if there are any.
    pub fn cause(&self, last: &CloudError) -> Option<Cause> {
        let holders: Vec<Holder> = self.holders.iter().map(|(_, holder)| holder.clone()).collect();
        let after = self.start.elapsed();
        (!holders.is_empty()).then(|| Cause::Held { holders, after, last: Box::new(last.clone()) })
    }
}
