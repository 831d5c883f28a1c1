//! The sandbox's clock. It runs along with the runtime's: where that one is paused (in process),
//! waiting takes no real time; elsewhere it runs faster by a factor.

use std::time::Duration;

use tokio::time::Instant;

use crate::world::{Span, Time};

/// A clock that began at some moment and runs at some speed.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    at: Time,
    speed: f64,
}

impl Clock {
    /// A clock that shows `at` now, and runs `speed` times as fast as the runtime's.
    pub fn new(at: Time, speed: f64) -> Clock {
        Clock { began: Instant::now(), at, speed }
    }

    /// What it shows.
    pub fn now(&self) -> Time {
        self.at + scaled(self.began.elapsed(), self.speed)
    }
}

fn scaled(real: Duration, speed: f64) -> Span {
    let millis = real.as_secs_f64() * 1000.0 * speed;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
    Span(millis as u64)
}
