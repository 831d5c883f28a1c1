//! How long something took, for people: `0.3 s`, `48 s`, `4 min 05 s`.

use std::time::Duration;

/// A duration in words: tenths while they matter.
pub(crate) fn words(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    match seconds.round() as u64 {
        whole @ ..60 => format!("{whole} s"),
        whole @ ..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        whole => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_fits_the_length() {
        let words = [0.04, 0.3, 9.96, 48.2, 245.0, 3725.0].map(Duration::from_secs_f64).map(words);
        assert_eq!(words, ["0.0 s", "0.3 s", "10 s", "48 s", "4 min 05 s", "1 h 02 min"]);
    }
}
