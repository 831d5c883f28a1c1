//! Moments, for people and for programs: in UTC, so that they mean the same everywhere.

/// A moment, in milliseconds since 1970, taken apart.
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    seconds: u64,
}

/// Days into dates, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// civil_from_days.
fn parts(millis: u64) -> Parts {
    let seconds = millis / 1000;
    let days = i64::try_from(seconds / 86_400).unwrap_or(i64::MAX / 2) + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Parts { year, month, day, seconds: seconds % 86_400 }
}

impl Parts {
    fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60)
    }
}

/// `2026-11-22 23:07:04`
pub(crate) fn words(millis: u64) -> String {
    let parts = parts(millis);
    format!("{} {}", parts.date(), parts.time())
}

/// `2026-11-22T23:07:04Z`
pub(crate) fn iso(millis: u64) -> String {
    let parts = parts(millis);
    format!("{}T{}Z", parts.date(), parts.time())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_days_and_new_years_are_where_they_should_be() {
        let moments = [0, 951_782_399_999, 951_782_400_000, 1_735_689_599_000, 1_795_388_824_000];
        assert_eq!(
            moments.map(words),
            [
                "1970-01-01 00:00:00",
                "2000-02-28 23:59:59",
                "2000-02-29 00:00:00",
                "2024-12-31 23:59:59",
                "2026-11-22 23:07:04",
            ]
        );
        assert_eq!(iso(1_795_388_824_000), "2026-11-22T23:07:04Z");
    }
}
