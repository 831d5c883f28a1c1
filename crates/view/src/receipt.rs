//! What a run took.

use std::time::Duration;

use crate::count::of;
use crate::duration;

/// What a run took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Receipt {
    /// How many resources it was about.
    pub resources: usize,
    /// How many calls AWS answered.
    pub calls: usize,
    /// How many of them could change something.
    pub writes: usize,
    /// How many calls were repeats of one that failed.
    pub retries: usize,
    /// How long calls were put off in all, in seconds, because AWS took them no faster.
    pub put_off: f64,
    /// How long it took.
    pub seconds: f64,
}

/// The receipt as one line: `17 resources · 23 API calls (0 writes) · 0.4 s`.
pub fn line(receipt: &Receipt) -> String {
    let retries = match receipt.retries {
        0 => String::new(),
        1 => ", 1 retry".to_owned(),
        many => format!(", {many} retries"),
    };
    let put_off = Duration::try_from_secs_f64(receipt.put_off).unwrap_or_default();
    let put_off = match put_off < Duration::from_millis(50) {
        true => String::new(),
        false => format!(", put off for {} by AWS's limits", duration::words(put_off)),
    };
    format!(
        "{} · {} ({}{retries}{put_off}) · {}",
        of(receipt.resources, "resource"),
        of(receipt.calls, "API call"),
        of(receipt.writes, "write"),
        duration::words(Duration::try_from_secs_f64(receipt.seconds).unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line() {
        let nothing = Receipt { resources: 17, calls: 23, seconds: 0.41, ..Receipt::default() };
        assert_eq!(line(&nothing), "17 resources · 23 API calls (0 writes) · 0.4 s");
        let much = Receipt {
            resources: 1,
            calls: 1,
            writes: 1,
            retries: 3,
            put_off: 12.3,
            seconds: 187.4,
        };
        let told = "1 resource · 1 API call (1 write, 3 retries, put off for 12 s by AWS's limits)";
        assert_eq!(line(&much), format!("{told} · 3 min 07 s"));
    }
}
