//! AWS's clock: this machine's, put right by the dates of AWS's answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// AWS's clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    local: SharedTimeSource,
    bounds: Arc<Mutex<Bounds>>,
}

/// How far AWS's clock is ahead of ours, in milliseconds: at least, and at most. A date has whole
/// seconds and was written somewhen during the call; each answer narrows it down further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    least: i64,
    most: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { least: i64::MIN, most: i64::MAX }
    }
}

impl Bounds {
    /// Takes in a date that came with the answer to a call.
    fn narrow(&mut self, date: i64, sent: i64, received: i64) {
        let least = date - received;
        let most = (date + 1000 - sent).max(least);
        *self = Bounds { least: self.least.max(least), most: self.most.min(most) };
        if self.least > self.most {
            // One of the clocks was set: only the newest answer counts.
            *self = Bounds { least, most };
        }
    }

    /// None, as far as that can be true: most clocks are right.
    fn ahead(self) -> i64 {
        0.clamp(self.least, self.most)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::by(SharedTimeSource::new(SystemTimeSource::new()))
    }
}

impl Clock {
    /// A clock by another one of this machine's.
    pub(crate) fn by(local: SharedTimeSource) -> Clock {
        Clock { local, bounds: Arc::default() }
    }

    /// What it shows, in milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        let ahead = self.bounds.lock().unwrap_or_else(PoisonError::into_inner).ahead();
        u64::try_from(self.local().saturating_add(ahead)).unwrap_or(0)
    }

    /// What this machine's shows, in milliseconds since 1970.
    pub(crate) fn local(&self) -> i64 {
        let since = self.local.now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Reads the date of an answer to a call that was sent at `sent` by this machine's clock.
    pub(crate) fn heed(&self, answer: &HttpResponse, sent: i64) {
        let date = answer.headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let Some(date) = date else { return };
        let received = self.local();
        let mut bounds = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        bounds.narrow(date.secs().saturating_mul(1000), sent, received);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_whole_seconds_leave_a_right_clock_alone() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.ahead(), 0);
        bounds.narrow(1000, 1900, 1990);
        bounds.narrow(2000, 2010, 2050);
        assert_eq!(bounds.ahead(), 0);
    }

    #[test]
    fn a_wrong_clock_is_put_right_more_closely_with_each_answer() {
        // AWS is 5,300 ms ahead; the calls take 40 ms, and the date is written in their middle.
        let mut bounds = Bounds::default();
        for sent in (0..20_000).step_by(130) {
            bounds.narrow((sent + 20 + 5300) / 1000 * 1000, sent, sent + 40);
        }
        assert!((5240..=5360).contains(&bounds.ahead()), "{bounds:?}");
        // Then it is set back by an hour.
        bounds.narrow(1_000_000 - 3_600_000, 1_000_000, 1_000_040);
        assert!((-3_601_000..=-3_599_000).contains(&bounds.ahead()), "{bounds:?}");
    }
}
