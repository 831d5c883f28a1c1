//! Moments and spans of the sandbox's own clock.

use std::fmt;
use std::ops::{Add, Sub};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

/// When a new world begins: 2026-01-01T00:00:00Z.
pub const BEGINNING: Time = Time(1_767_225_600_000);

impl Span {
    /// A span of whole seconds.
    pub const fn seconds(seconds: u64) -> Span {
        Span(seconds * 1000)
    }

    /// A span of whole minutes.
    pub const fn minutes(minutes: u64) -> Span {
        Span::seconds(minutes * 60)
    }
}

impl Time {
    /// As the XML protocols write it: `2026-01-01T00:00:00.000Z`.
    pub fn iso(self) -> String {
        let seconds = i64::try_from(self.0 / 1000).unwrap_or(i64::MAX);
        let whole = DateTime::from_secs(seconds).fmt(Format::DateTime).unwrap_or_default();
        format!("{}.{:03}Z", whole.trim_end_matches('Z'), self.0 % 1000)
    }

    /// As the JSON protocols write it: seconds since 1970.
    pub fn epoch(self) -> serde_json::Value {
        #[expect(clippy::cast_precision_loss, reason = "exact for the next 280,000 years")]
        let seconds = self.0 as f64 / 1000.0;
        seconds.into()
    }

    /// How long ago that was at `now`; nothing for the future.
    pub fn until(self, now: Time) -> Span {
        Span(now.0.saturating_sub(self.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;

    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Time {
    type Output = Time;

    fn sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.iso())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_each_protocol_writes_them() {
        let moment = BEGINNING + Span(61_002);
        assert_eq!(moment.iso(), "2026-01-01T00:01:01.002Z");
        assert_eq!(moment.epoch(), serde_json::json!(1_767_225_661.002));
    }
}
