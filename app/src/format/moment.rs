//! Points in time.

use model::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How long ago something was, seen from `now`; after 30 days its date.
#[must_use]
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now.0 - at.0).div_euclid(1_000_000);
    match seconds {
        // Clocks differ a little; what lies further ahead is dated.
        -60..5 => "just now".to_owned(),
        5..MINUTE => format!("{seconds}s ago"),
        MINUTE..HOUR => format!("{}m ago", seconds / MINUTE),
        HOUR..DAY => format!("{}h ago", seconds / HOUR),
        DAY..2_592_000 => format!("{}d ago", seconds / DAY),
        _ => date(at),
    }
}

/// The exact time in UTC, to the millisecond.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    let civil = Civil::of(at);
    format!(
        "{} {:02}:{:02}:{:02}.{:03} UTC",
        date(at),
        civil.hour,
        civil.minute,
        civil.second,
        civil.millisecond
    )
}

/// The time for programs (RFC 3339), to the millisecond.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    let Civil { year, month, day, hour, minute, second, millisecond } = Civil::of(at);
    let month = month + 1;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// The day and the time of day in UTC, like `22 Nov 2026` and `10:34:56`.
#[must_use]
pub fn day_and_clock(at: Timestamp) -> (String, String) {
    let civil = Civil::of(at);
    (date(at), format!("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second))
}

fn date(at: Timestamp) -> String {
    let civil = Civil::of(at);
    let month = usize::try_from(civil.month).ok().and_then(|month| MONTHS.get(month));
    format!("{} {} {}", civil.day, month.unwrap_or(&""), civil.year)
}

struct Civil {
    year: i64,
    /// From 0.
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millisecond: i64,
}

impl Civil {
    /// Days to dates as in Howard Hinnant's `civil_from_days`, in years that
    /// begin in March. Smaller in the browser than a calendar library.
    fn of(at: Timestamp) -> Self {
        let millis = at.as_unix_millis();
        let seconds = millis.div_euclid(1_000);
        let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12;
        Self {
            year: year_of_era + era * 400 + i64::from(month < 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            hour: of_day / HOUR,
            minute: of_day / MINUTE % 60,
            second: of_day % 60,
            millisecond: millis.rem_euclid(1_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn exact_times_are_utc() {
        assert_eq!(exact(at("2026-11-22T12:00:00.123456+02:00")), "22 Nov 2026 10:00:00.123 UTC");
        assert_eq!(exact(at("2024-02-29T23:59:59Z")), "29 Feb 2024 23:59:59.000 UTC");
        assert_eq!(exact(at("2025-03-01T00:00:00Z")), "1 Mar 2025 00:00:00.000 UTC");
        assert_eq!(exact(at("2100-12-31T00:00:00Z")), "31 Dec 2100 00:00:00.000 UTC");
        assert_eq!(exact(Timestamp(-1)), "31 Dec 1969 23:59:59.999 UTC");
    }

    #[test]
    fn programs_read_the_same_time() {
        for text in
            ["2026-11-22T10:00:00.123Z", "2024-02-29T00:00:00.000Z", "1969-12-31T23:59:59.999Z"]
        {
            assert_eq!(iso(at(text)), text);
        }
    }

    #[test]
    fn relative_times_end_in_dates() {
        let now = at("2026-11-22T10:00:00Z");
        let of = |text| relative(at(text), now);
        assert_eq!(of("2026-11-22T10:00:30Z"), "just now");
        assert_eq!(of("2026-11-22T09:59:57Z"), "just now");
        assert_eq!(of("2026-11-22T09:59:18Z"), "42s ago");
        assert_eq!(of("2026-11-22T09:01:00Z"), "59m ago");
        assert_eq!(of("2026-11-21T10:00:01Z"), "23h ago");
        assert_eq!(of("2026-11-19T09:00:00Z"), "3d ago");
        assert_eq!(of("2026-10-01T00:00:00Z"), "1 Oct 2026");
        assert_eq!(of("2026-11-23T09:00:00Z"), "23 Nov 2026");
    }
}
