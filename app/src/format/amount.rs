//! Counts, money, durations and sizes.

use model::{CostSource, Micros, NanoUsd};

/// A whole number with commas between thousands.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of runs.
#[must_use]
pub fn runs(value: u64) -> String {
    if value == 1 { "1 run".to_owned() } else { format!("{} runs", count(value)) }
}

/// The count of a list, with a plus when counting stopped early.
#[must_use]
pub fn list_count(value: u64, is_exact: bool) -> String {
    if is_exact { count(value) } else { format!("{}+", count(value)) }
}

/// Money with the digits that matter: two behind a dollar and more, else two
/// from the first that is not zero, so that amounts of one size line up.
#[must_use]
pub fn money(value: NanoUsd) -> String {
    const DOLLAR: u64 = 1_000_000_000;
    let nanos = value.0;
    if nanos == 0 {
        return "$0".to_owned();
    }
    if nanos >= DOLLAR {
        // Rounded to cents first, so that 1.999 becomes 2.00.
        let cents = nanos.saturating_add(5_000_000) / 10_000_000;
        return format!("${}.{:02}", count(cents / 100), cents % 100);
    }
    let places = nanos.ilog10();
    let step = 10_u64.pow(places.saturating_sub(1));
    let rounded = (nanos + step / 2) / step * step;
    if rounded >= DOLLAR {
        return "$1.00".to_owned();
    }
    let mut text = format!("{rounded:09}");
    text.truncate(10_usize.saturating_sub(rounded.ilog10() as usize));
    format!("$0.{text}")
}

/// A cost, and who says so when that is no list of prices.
#[must_use]
pub fn cost(value: Option<NanoUsd>, source: Option<CostSource>) -> String {
    match (value, source) {
        (None, _) => "unknown".to_owned(),
        (Some(value), Some(CostSource::Provider)) => format!("{} (from provider)", money(value)),
        (Some(value), _) => money(value),
    }
}

/// Money with every digit that there is.
#[must_use]
pub fn exact_money(value: NanoUsd) -> String {
    const DOLLAR: u64 = 1_000_000_000;
    let rest = format!("{:09}", value.0 % DOLLAR);
    let rest = rest.trim_end_matches('0');
    let dollars = count(value.0 / DOLLAR);
    if rest.is_empty() { format!("${dollars}") } else { format!("${dollars}.{rest}") }
}

/// A duration with three digits, in the unit that fits.
#[must_use]
pub fn duration(value: Micros) -> String {
    const SECOND: u64 = 1_000_000;
    let micros = value.0;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..9_950 => {
            let tenths = (micros + 50) / 100;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        9_950..999_500 => format!("{} ms", (micros + 500) / 1_000),
        999_500..9_995_000 => {
            let hundredths = (micros + 5_000) / 10_000;
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
        9_995_000..59_950_000 => {
            let tenths = (micros + 50_000) / 100_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => {
            let seconds = micros.saturating_add(SECOND / 2) / SECOND;
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            if hours > 0 {
                format!("{} h {minutes:02} m", count(hours))
            } else {
                format!("{minutes} m {:02} s", seconds % 60)
            }
        }
    }
}

/// A number of tokens for a narrow column: whole up to 9,999, then in thousands.
#[must_use]
pub fn tokens(value: u64) -> String {
    match value {
        0..10_000 => count(value),
        10_000..99_950 => {
            let tenths = (value + 50) / 100;
            format!("{}.{}k", tenths / 10, tenths % 10)
        }
        99_950..999_500 => format!("{}k", (value + 500) / 1_000),
        _ => {
            let hundredths = value.saturating_add(5_000) / 10_000;
            format!("{}.{:02}M", count(hundredths / 100), hundredths % 100)
        }
    }
}

/// A size in bytes, in the unit that fits.
#[must_use]
pub fn bytes(value: u64) -> String {
    const KB: u64 = 1_024;
    const MB: u64 = KB * KB;
    const GB: u64 = MB * KB;
    let tenths_of = |unit: u64, name: &str| {
        let tenths = value.saturating_add(unit / 20) / (unit / 10);
        format!("{}.{} {name}", count(tenths / 10), tenths % 10)
    };
    match value {
        0..KB => format!("{value} B"),
        KB..MB => format!("{} KB", (value + KB / 2) / KB),
        MB..GB => tenths_of(MB, "MB"),
        _ => tenths_of(GB, "GB"),
    }
}

/// A share of a whole, from 0 to 1, in percent.
#[must_use]
pub fn share(value: f64) -> String {
    match value * 100.0 {
        0.0 => "0%".to_owned(),
        percent if percent < 0.05 => "<0.1%".to_owned(),
        percent if percent < 99.95 => format!("{percent:.1}%"),
        percent if percent < 100.0 => ">99.9%".to_owned(),
        _ => "100%".to_owned(),
    }
}

/// A sampling temperature, as short as it can be said.
#[must_use]
pub fn temperature(value: f64) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(list_count(10_000, false), "10,000+");
        assert_eq!([0, 1, 2_000].map(runs), ["0 runs", "1 run", "2,000 runs"]);
    }

    #[test]
    fn money_keeps_the_digits_that_matter() {
        let of = |nanos| money(NanoUsd(nanos));
        assert_eq!(of(0), "$0");
        assert_eq!(of(1), "$0.000000001");
        assert_eq!(of(6_100), "$0.0000061");
        assert_eq!(of(6_149), "$0.0000061");
        assert_eq!(of(1_234_567), "$0.0012");
        assert_eq!(of(9_960_000), "$0.010");
        assert_eq!(of(30_000_000), "$0.030");
        assert_eq!(of(100_000), "$0.00010");
        assert_eq!(of(100_000_000), "$0.10");
        assert_eq!(of(123_000_000), "$0.12");
        assert_eq!(of(996_000_000), "$1.00");
        assert_eq!(of(1_999_000_000), "$2.00");
        assert_eq!(of(1_234_560_000_000), "$1,234.56");
        assert_eq!(of(u64::MAX), "$18,446,744,073.70");
    }

    #[test]
    fn a_cost_says_where_it_is_from() {
        let value = Some(NanoUsd(30_000_000));
        assert_eq!(cost(None, None), "unknown");
        assert_eq!(cost(value, None), "$0.030");
        assert_eq!(cost(value, Some(CostSource::Prices)), "$0.030");
        assert_eq!(cost(value, Some(CostSource::Provider)), "$0.030 (from provider)");
    }

    #[test]
    fn nothing_of_a_small_cost_is_cut_off() {
        // The column of costs has room for so many characters.
        let longest = (0..9).map(|power| money(NanoUsd(10_u64.pow(power) * 96)).len()).max();
        assert_eq!(longest, Some("$0.000000096".len()));
        let of = |nanos| exact_money(NanoUsd(nanos));
        assert_eq!(of(0), "$0");
        assert_eq!(of(1), "$0.000000001");
        assert_eq!(of(1_234_567), "$0.001234567");
        assert_eq!(of(1_234_500_000_000), "$1,234.5");
    }

    #[test]
    fn durations_keep_three_digits() {
        let of = |micros| duration(Micros(micros));
        assert_eq!(of(0), "0 µs");
        assert_eq!(of(1_250), "1.3 ms");
        assert_eq!(of(9_960), "10 ms");
        assert_eq!(of(812_400), "812 ms");
        assert_eq!(of(999_600), "1.00 s");
        assert_eq!(of(2_414_000), "2.41 s");
        assert_eq!(of(9_996_000), "10.0 s");
        assert_eq!(of(59_949_999), "59.9 s");
        assert_eq!(of(59_950_000), "1 m 00 s");
        assert_eq!(of(125_000_000), "2 m 05 s");
        assert_eq!(of(3_725_000_000), "1 h 02 m");
    }

    #[test]
    fn shares_round_neither_to_nothing_nor_to_all() {
        assert_eq!(
            [0.0, 0.0001, 0.042, 0.9999, 1.0].map(share),
            ["0%", "<0.1%", "4.2%", ">99.9%", "100%"]
        );
    }

    #[test]
    fn tokens_and_sizes_fit_a_column() {
        assert_eq!(tokens(9_999), "9,999");
        assert_eq!(tokens(12_340), "12.3k");
        assert_eq!(tokens(99_949), "99.9k");
        assert_eq!(tokens(99_950), "100k");
        assert_eq!(tokens(999_500), "1.00M");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(2_048), "2 KB");
        assert_eq!(bytes(20 * 1_024 * 1_024), "20.0 MB");
        assert_eq!(bytes(8 * 1_024 * 1_024 * 1_024), "8.0 GB");
    }
}
