//! The moments that conditions compare with (IAM guide, "Date condition operators": ISO 8601 or
//! seconds).

/// Whether a text is a moment.
pub(super) fn is_moment(text: &str) -> bool {
    if text.contains("${") || text.parse::<i64>().is_ok() {
        return true;
    }
    match text.split_once(['T', 't']) {
        None => is_date(text),
        Some((date, time)) => is_date(date) && (time.is_empty() || is_time(time)),
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year] => number(year, 1..=4).is_some(),
        [year, month] => number(year, 1..=4).is_some() && within(month, 1, 12),
        [year, month, day] => {
            number(year, 1..=4).is_some() && within(month, 1, 12) && within(day, 1, 31)
        }
        _ => false,
    }
}

fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    is_clock(clock) && is_zone(zone)
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let hour = parts.first().is_some_and(|hour| number(hour, 1..=2).is_some_and(|hour| hour < 24));
    let rest = parts.get(1..).is_some_and(|rest| rest.iter().all(|part| within(part, 0, 59)));
    hour && rest && parts.len() <= 3 && number(fraction, 1..=9).is_some()
}

fn is_zone(text: &str) -> bool {
    match text.strip_prefix(['+', '-']) {
        None => ["", "Z", "z"].contains(&text),
        Some(offset) => match offset.split_once(':') {
            None => within(offset, 0, 23),
            Some((hours, minutes)) => within(hours, 0, 23) && within(minutes, 0, 59),
        },
    }
}

/// Whether a text is a number of two digits within bounds.
fn within(text: &str, least: u32, most: u32) -> bool {
    number(text, 2..=2).is_some_and(|number| (least..=most).contains(&number))
}

/// The number that a text of so many digits stands for.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && digits.contains(&text.len()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_with_or_without_a_time_or_seconds() {
        for good in [
            "2026-07-01T13:20:15Z",
            "2026-12-13T21:20:37.593194+00:00",
            "2026-12-13t2:00:00+23",
            "2026-07",
            "26T",
            "-1700000000",
            "${aws:CurrentTime}",
        ] {
            assert!(is_moment(good), "{good}");
        }
        for bad in [
            "soon",
            "2026-13",
            "2026-07-01T25:00:00Z",
            "2026-07-01T13:00:00+1",
            "2026-07-01T13:00:00.1234567890Z",
            "99999999999999999999",
        ] {
            assert!(!is_moment(bad), "{bad}");
        }
    }
}
