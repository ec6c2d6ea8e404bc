//! Points in time.

use model::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How long ago something was, seen from `now`; after 30 days its date, so many
/// minutes east of UTC.
#[must_use]
pub fn relative(at: Timestamp, now: Timestamp, offset: i64) -> String {
    let seconds = (now.0 - at.0).div_euclid(1_000_000);
    match seconds {
        // Clocks differ a little; what lies further ahead is dated.
        -60..5 => "just now".to_owned(),
        5..MINUTE => format!("{seconds}s ago"),
        MINUTE..HOUR => format!("{}m ago", seconds / MINUTE),
        HOUR..DAY => format!("{}h ago", seconds / HOUR),
        DAY..2_592_000 => format!("{}d ago", seconds / DAY),
        _ => date(&Civil::of(east(at, offset))),
    }
}

/// The exact time in UTC, to the millisecond.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    exact_in(at, 0)
}

/// The exact time so many minutes east of UTC, to the millisecond, with its zone.
#[must_use]
pub fn exact_in(at: Timestamp, offset: i64) -> String {
    let civil = Civil::of(east(at, offset));
    format!(
        "{} {:02}:{:02}:{:02}.{:03} {}",
        date(&civil),
        civil.hour,
        civil.minute,
        civil.second,
        civil.millisecond,
        zone(offset)
    )
}

/// The time for programs (RFC 3339), to the millisecond.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    let Civil { year, month, day, hour, minute, second, millisecond, .. } = Civil::of(at);
    let month = month + 1;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// The name of the zone so many minutes east of UTC, like `UTC+5:30`.
#[must_use]
pub fn zone(offset: i64) -> String {
    let sign = if offset < 0 { '\u{2212}' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The same moment as a clock shows it that is so many minutes east of UTC.
#[must_use]
pub fn east(at: Timestamp, offset: i64) -> Timestamp {
    Timestamp(at.0.saturating_add(offset.saturating_mul(60_000_000)))
}

/// The year of a moment, in UTC.
#[must_use]
pub fn year(at: Timestamp) -> i64 {
    Civil::of(at).year
}

/// A stretch of time up to `to` as a person writes it, like `28 Nov,
/// 12:00–13:30` or `1–28 Feb 2025`. The year that everybody knows is left out.
#[must_use]
pub fn stretch(from: Timestamp, to: Timestamp, known_year: Option<i64>) -> String {
    let is_days = [from, to].iter().all(|at| at.0.rem_euclid(DAY * 1_000_000) == 0);
    let last = if is_days { Timestamp((to.0 - DAY * 1_000_000).max(from.0)) } else { to };
    let (one, two) = (Civil::of(from), Civil::of(last));
    let is_one_year = one.year == two.year;
    let year = |civil: &Civil| match Some(civil.year) == known_year {
        true => String::new(),
        false => format!(" {}", civil.year),
    };
    let day = |civil: &Civil, year: String| format!("{} {}{year}", civil.day, month(civil));
    let first_year = if is_one_year { String::new() } else { year(&one) };
    let is_one_day = is_one_year && (one.month, one.day) == (two.month, two.day);
    if is_days {
        return match (is_one_day, is_one_year && one.month == two.month) {
            (true, _) => day(&two, year(&two)),
            (_, true) => format!("{}–{}", one.day, day(&two, year(&two))),
            _ => format!("{} – {}", day(&one, first_year), day(&two, year(&two))),
        };
    }
    let has_seconds = [from, to].iter().any(|at| at.0.rem_euclid(MINUTE * 1_000_000) != 0);
    let clock = |civil: &Civil| match has_seconds {
        true => format!("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second),
        false => format!("{:02}:{:02}", civil.hour, civil.minute),
    };
    if is_one_day || is_end_of(&one, to) {
        return format!("{}, {}–{}", day(&one, year(&one)), clock(&one), clock(&two));
    }
    format!(
        "{}, {} – {}, {}",
        day(&one, first_year),
        clock(&one),
        day(&two, year(&two)),
        clock(&two)
    )
}

/// A moment as a person writes it, like `28 Nov, 12:00`; a day where `is_day`.
#[must_use]
pub fn moment(at: Timestamp, is_day: bool, known_year: Option<i64>) -> String {
    let civil = Civil::of(at);
    let year = match Some(civil.year) == known_year {
        true => String::new(),
        false => format!(" {}", civil.year),
    };
    let day = format!("{} {}{year}", civil.day, month(&civil));
    match (is_day, civil.second) {
        (true, _) => day,
        (false, 0) => format!("{day}, {:02}:{:02}", civil.hour, civil.minute),
        (false, second) => format!("{day}, {:02}:{:02}:{second:02}", civil.hour, civil.minute),
    }
}

/// Whether `to` is the midnight that ends a day.
fn is_end_of(day: &Civil, to: Timestamp) -> bool {
    let before = Civil::of(Timestamp(to.0 - 1));
    to.0.rem_euclid(DAY * 1_000_000) == 0
        && (before.year, before.month, before.day) == (day.year, day.month, day.day)
}

/// Round moments from `from` up to `to`, as a clock shows them, and how they are
/// named below an axis; at most `most`.
#[must_use]
pub fn round_moments(from: Timestamp, to: Timestamp, most: usize) -> Vec<(Timestamp, String)> {
    const SECOND: i64 = 1_000_000;
    for seconds in [1, 10, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
    {
        let step = seconds * SECOND;
        let first = from.0.div_euclid(step) + i64::from(from.0.rem_euclid(step) != 0);
        let end = to.0.div_euclid(step) + i64::from(to.0.rem_euclid(step) != 0);
        if end - first <= most as i64 {
            return (first..end).map(|number| named(Timestamp(number * step))).collect();
        }
    }
    let step = DAY * SECOND;
    let first = from.0.div_euclid(step) + i64::from(from.0.rem_euclid(step) != 0);
    let days: Vec<(Timestamp, Civil)> = (first..)
        .take_while(|number| number * step < to.0)
        .map(|number| (Timestamp(number * step), Civil::of(Timestamp(number * step))))
        .collect();
    let steps: [fn(&Civil) -> bool; 6] = [
        |_| true,
        |day| day.weekday == 0,
        |day| day.day == 1,
        |day| day.day == 1 && day.month % 3 == 0,
        |day| day.day == 1 && day.month == 0,
        |day| day.day == 1 && day.month == 0 && day.year % 5 == 0,
    ];
    let round = steps.iter().map(|is_round| {
        days.iter().filter(|(_, day)| is_round(day)).map(|(at, _)| named(*at)).collect::<Vec<_>>()
    });
    round.into_iter().find(|round| round.len() <= most).unwrap_or_default()
}

/// A round moment: a time of day, or the day that it begins.
fn named(at: Timestamp) -> (Timestamp, String) {
    let civil = Civil::of(at);
    let name = match (is_midnight(&civil), civil.month, civil.day) {
        (true, 0, 1) => format!("{} {}", month(&civil), civil.year),
        (true, ..) => format!("{} {}", civil.day, month(&civil)),
        _ if civil.second != 0 => {
            format!("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second)
        }
        _ => format!("{:02}:{:02}", civil.hour, civil.minute),
    };
    (at, name)
}

fn is_midnight(civil: &Civil) -> bool {
    (civil.hour, civil.minute, civil.second) == (0, 0, 0)
}

fn month(civil: &Civil) -> &'static str {
    usize::try_from(civil.month).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"")
}

fn date(civil: &Civil) -> String {
    format!("{} {} {}", civil.day, month(civil), civil.year)
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
    /// From Monday, which is 0.
    weekday: i64,
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
            // 1 January 1970 was a Thursday.
            weekday: (days + 3).rem_euclid(7),
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
        let of = |text| relative(at(text), now, 0);
        assert_eq!(of("2026-11-22T10:00:30Z"), "just now");
        assert_eq!(of("2026-11-22T09:59:57Z"), "just now");
        assert_eq!(of("2026-11-22T09:59:18Z"), "42s ago");
        assert_eq!(of("2026-11-22T09:01:00Z"), "59m ago");
        assert_eq!(of("2026-11-21T10:00:01Z"), "23h ago");
        assert_eq!(of("2026-11-19T09:00:00Z"), "3d ago");
        assert_eq!(of("2026-10-01T00:00:00Z"), "1 Oct 2026");
        assert_eq!(of("2026-11-23T09:00:00Z"), "23 Nov 2026");
    }

    #[test]
    fn a_clock_elsewhere_shows_another_day() {
        let late = at("2026-11-28T23:30:00Z");
        assert_eq!(exact_in(late, 60), "29 Nov 2026 00:30:00.000 UTC+1");
        assert_eq!(exact_in(late, -210), "28 Nov 2026 20:00:00.000 UTC\u{2212}3:30");
        assert_eq!([0, 330, -480].map(zone), ["UTC", "UTC+5:30", "UTC\u{2212}8"]);
        assert_eq!(relative(late, at("2027-01-28T00:00:00Z"), 60), "29 Nov 2026");
    }

    #[test]
    fn stretches_of_time_read_as_people_write_them() {
        let of = |from, to| stretch(at(from), at(to), Some(2026));
        assert_eq!(of("2026-11-28T12:00:00Z", "2026-11-28T13:30:00Z"), "28 Nov, 12:00–13:30");
        assert_eq!(of("2025-11-28T12:00:00Z", "2025-11-28T13:30:00Z"), "28 Nov 2025, 12:00–13:30");
        assert_eq!(of("2026-11-28T12:00:10Z", "2026-11-28T12:00:20Z"), "28 Nov, 12:00:10–12:00:20");
        assert_eq!(of("2026-11-28T22:00:00Z", "2026-11-29T00:00:00Z"), "28 Nov, 22:00–00:00");
        assert_eq!(
            of("2026-11-28T22:00:00Z", "2026-11-29T02:00:00Z"),
            "28 Nov, 22:00 – 29 Nov, 02:00"
        );
        assert_eq!(of("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"), "28 Nov");
        assert_eq!(of("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), "1–28 Feb");
        assert_eq!(of("2026-11-28T00:00:00Z", "2026-12-04T00:00:00Z"), "28 Nov – 3 Dec");
        assert_eq!(of("2025-12-28T00:00:00Z", "2026-01-04T00:00:00Z"), "28 Dec 2025 – 3 Jan");
        assert_eq!(moment(at("2026-10-01T10:30:00Z"), false, Some(2026)), "1 Oct, 10:30");
        assert_eq!(moment(at("2026-10-01T00:00:00Z"), true, None), "1 Oct 2026");
    }

    #[test]
    fn an_axis_names_round_moments() {
        let names = |from, to| -> Vec<String> {
            round_moments(at(from), at(to), 5).into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(
            names("2026-11-28T09:17:00Z", "2026-11-28T10:17:00Z"),
            ["09:30", "09:45", "10:00", "10:15"]
        );
        // Whatever the zone: its bars may begin at half past.
        assert_eq!(
            names("2026-11-28T09:30:00Z", "2026-11-30T09:30:00Z"),
            ["12:00", "29 Nov", "12:00", "30 Nov"]
        );
        // Monday, then the beginnings of months.
        assert_eq!(names("2026-11-20T00:00:00Z", "2026-12-04T00:00:00Z"), ["23 Nov", "30 Nov"]);
        assert_eq!(
            names("2026-10-20T00:00:00Z", "2027-01-28T00:00:00Z"),
            ["1 Nov", "1 Dec", "Jan 2027"]
        );
        assert_eq!(
            names("2026-10-20T00:00:00Z", "2026-10-22T00:00:00Z"),
            ["20 Oct", "12:00", "21 Oct", "12:00"]
        );
        assert_eq!(names("2026-11-28T12:00:01Z", "2026-11-28T12:00:03Z"), ["12:00:01", "12:00:02"]);
        assert_eq!(names("2026-10-20T00:00:00Z", "2026-10-20T00:00:00Z"), Vec::<String>::new());
    }
}
