//! Charts as SVG paths.
//!
//! Crates for charts draw whole pictures with fonts and colours of their own;
//! these take their colours from the style sheet, light and dark, and their
//! texts from the page, so that they grow with the reader's font size.

use std::fmt::Write as _;

use crate::data::stats::ShapeDoc;

/// The height of every field.
const HEIGHT: f64 = 100.0;
/// The share of its place that a bar fills.
const FILL: f64 = 0.86;
/// What is there is seen, however little it is beside the rest.
const LEAST: f64 = 2.5;

/// Bars on top of one another, the first at the bottom. Each layer has one
/// value for each place.
#[must_use]
pub fn stacked(layers: &[(&str, &str, Vec<f64>)], top: f64) -> Vec<ShapeDoc> {
    let places = layers.iter().map(|(_, _, values)| values.len()).max().unwrap_or(0);
    let mut heights = vec![0.0; places];
    let shape = |(label, class, values): &(&str, &str, Vec<f64>)| {
        let mut path = String::new();
        for (place, (value, height)) in values.iter().zip(&mut heights).enumerate() {
            if *value <= 0.0 || top <= 0.0 {
                continue;
            }
            let own = (value / top * HEIGHT).max(LEAST).min(HEIGHT - *height);
            let (left, low, high) = (place as f64, HEIGHT - *height, HEIGHT - *height - own);
            // Writing to a string cannot fail.
            let _ = write!(
                path,
                "M{left} {low}V{high}H{right}V{low}z",
                low = short(low),
                high = short(high),
                right = short(left + FILL)
            );
            *height += own;
        }
        ShapeDoc { label: (*label).to_owned(), class: format!("bar-{class}"), path }
    };
    layers.iter().map(shape).collect()
}

/// A line through the middle of each place; it breaks where there is no value,
/// and a value between two breaks is a short dash.
#[must_use]
pub fn line(label: &str, class: &str, values: &[Option<f64>], top: f64) -> ShapeDoc {
    let mut path = String::new();
    let mut is_drawing = false;
    for (place, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|_| top > 0.0) else {
            is_drawing = false;
            continue;
        };
        let y = short(HEIGHT - (value / top * HEIGHT).min(HEIGHT));
        let has_next = values.get(place + 1).is_some_and(Option::is_some);
        let (left, right) = (place as f64, place as f64 + FILL);
        let _ = match (is_drawing, has_next) {
            (false, false) => write!(path, "M{} {y}H{}", short(left), short(right)),
            (false, true) => write!(path, "M{} {y}", short(left + 0.5)),
            (true, _) => write!(path, "L{} {y}", short(left + 0.5)),
        };
        is_drawing = true;
    }
    ShapeDoc { label: label.to_owned(), class: format!("line-{class}"), path }
}

/// With at most two decimals.
fn short(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_stand_on_one_another() {
        let shapes = stacked(&[("a", "a", vec![1.0, 0.0]), ("b", "b", vec![1.0, 2.0])], 2.0);
        assert_eq!(shapes[0].path, "M0 100V50H0.86V100z");
        assert_eq!(shapes[1].path, "M0 50V0H0.86V50zM1 100V0H1.86V100z");
    }

    #[test]
    fn little_is_seen_and_nothing_overflows() {
        let shapes = stacked(&[("a", "a", vec![1_000.0]), ("b", "b", vec![1.0])], 1_001.0);
        assert!(shapes[1].path.starts_with("M0 0.1V0"), "{}", shapes[1].path);
        assert_eq!(stacked(&[("a", "a", vec![0.0])], 0.0)[0].path, "");
    }

    #[test]
    fn lines_break_where_nothing_is_known() {
        let values = [Some(1.0), Some(2.0), None, Some(2.0), None];
        assert_eq!(line("a", "a", &values, 2.0).path, "M0.5 50L1.5 0M3 0H3.86");
    }
}
