//! The scales of charts: round numbers, and how they are written.

use model::{Micros, NanoUsd};

use crate::data::stats::TickDoc;
use crate::format;

/// Most lines across a chart.
const LINES: f64 = 4.0;

/// What a chart measures, in the unit that its values are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A number of runs.
    Runs,
    /// A number of tokens.
    Tokens,
    /// Billionths of a dollar.
    NanoUsd,
    /// Microseconds.
    Micros,
}

/// What the top of a chart stands for, and the lines across it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scale {
    /// A round number, no less than any value.
    pub top: f64,
    /// Round numbers up to it, from the lowest.
    pub ticks: Vec<TickDoc>,
}

/// The scale for values up to `highest`.
#[must_use]
pub fn scale(highest: f64, measure: Measure) -> Scale {
    if highest <= 0.0 {
        return Scale::default();
    }
    let step = step(highest / LINES, measure);
    let lines = (highest / step).ceil().max(1.0);
    let ticks = (1..=lines as u64).map(|line| TickDoc {
        label: label((line as f64 * step) as u64, measure),
        permille: (line as f64 / lines * 1_000.0).round() as u32,
    });
    Scale { top: lines * step, ticks: ticks.collect() }
}

/// The smallest round number that is no less than this.
fn step(least: f64, measure: Measure) -> f64 {
    const SECOND: f64 = 1e6;
    const CLOCK: [f64; 15] = [
        10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
        18_000.0, 36_000.0, 86_400.0,
    ];
    if measure == Measure::Micros && least > 5.0 * SECOND {
        let clock = CLOCK.iter().map(|seconds| seconds * SECOND).find(|step| *step >= least);
        if let Some(step) = clock {
            return step;
        }
    }
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|digit| digit * power).find(|it| *it >= least);
    step.unwrap_or(power * 10.0).max(1.0)
}

fn label(value: u64, measure: Measure) -> String {
    match measure {
        Measure::Runs => format::count(value),
        Measure::Tokens => tidy(&format::tokens(value), 0),
        Measure::NanoUsd => tidy(&format::money(NanoUsd(value)), 2),
        Measure::Micros => {
            let text = format::duration(Micros(value));
            let text = text.strip_suffix(" 00 s").or(text.strip_suffix(" 00 m")).unwrap_or(&text);
            tidy(text, 0)
        }
    }
}

/// A number without zeros at its end; so many decimals stay, if any do.
fn tidy(text: &str, decimals: usize) -> String {
    let Some((whole, rest)) = text.split_once('.') else { return text.to_owned() };
    let unit = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, unit) = rest.split_at(unit);
    let kept = digits.trim_end_matches('0').len();
    match kept {
        0 => format!("{whole}{unit}"),
        kept => {
            let digits = digits.get(..kept.max(decimals.min(digits.len()))).unwrap_or(digits);
            format!("{whole}.{digits}{unit}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(highest: f64, measure: Measure) -> Vec<String> {
        scale(highest, measure).ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn lines_stand_at_round_numbers() {
        assert_eq!(labels(1.0, Measure::Runs), ["1"]);
        assert_eq!(labels(3.0, Measure::Runs), ["1", "2", "3"]);
        assert_eq!(labels(7.0, Measure::Runs), ["2", "4", "6", "8"]);
        assert_eq!(labels(1_234.0, Measure::Runs), ["500", "1,000", "1,500"]);
        assert_eq!(labels(37_000.0, Measure::Tokens), ["10k", "20k", "30k", "40k"]);
        assert_eq!(labels(2_100_000.0, Measure::Tokens), ["1M", "2M", "3M"]);
        assert_eq!(labels(0.0, Measure::Runs), Vec::<String>::new());
    }

    #[test]
    fn small_costs_keep_their_digits() {
        assert_eq!(
            labels(6_100.0, Measure::NanoUsd),
            ["$0.000002", "$0.000004", "$0.000006", "$0.000008"]
        );
        assert_eq!(labels(3.0, Measure::NanoUsd), ["$0.000000001", "$0.000000002", "$0.000000003"]);
        assert_eq!(labels(250_000_000.0, Measure::NanoUsd), ["$0.10", "$0.20", "$0.30"]);
        assert_eq!(labels(1_400_000_000.0, Measure::NanoUsd), ["$0.50", "$1", "$1.50"]);
    }

    #[test]
    fn times_are_divided_as_clocks_divide_them() {
        assert_eq!(labels(812_400.0, Measure::Micros), ["500 ms", "1 s"]);
        assert_eq!(labels(3_400_000.0, Measure::Micros), ["1 s", "2 s", "3 s", "4 s"]);
        assert_eq!(labels(50_000_000.0, Measure::Micros), ["15 s", "30 s", "45 s", "1 m"]);
        assert_eq!(labels(400_000_000.0, Measure::Micros), ["2 m", "4 m", "6 m", "8 m"]);
        assert_eq!(labels(9_000_000_000.0, Measure::Micros), ["1 h", "2 h", "3 h"]);
    }

    #[test]
    fn no_value_is_above_the_top() {
        for highest in [1.0, 2.5, 9.99, 123.0, 99_999.0, 7e15] {
            let scale = scale(highest, Measure::Micros);
            assert!(scale.top >= highest, "{highest}");
            assert_eq!(scale.ticks.last().map(|tick| tick.permille), Some(1_000));
        }
    }
}
