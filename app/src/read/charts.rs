//! Charts of figures over time.

use model::Micros;
use model::stats::{Bucket, Figures, Latencies, Stats};

use super::chart;
use super::narrowing::{Searches, following, without_time};
use super::scale::{Measure, Scale, scale};
use super::stats::{last_moment, written};
use crate::data::stats::{AxisDoc, ChartDoc};
use crate::format;

/// The bars that the charts of these figures share.
pub(super) fn axis(stats: &Stats, searches: &Searches<'_>) -> AxisDoc {
    let bucket = stats.bucket.unwrap_or(Bucket::Day);
    let starts = stats.buckets.iter().map(|it| it.start);
    let end = stats.buckets.last().map(|it| bucket.next(it.start));
    AxisDoc {
        edges: starts.clone().chain(end).map(|at| at.0).collect(),
        has_days: bucket.micros().is_none_or(|length| length >= model::time::DAY_US),
        starts: starts.clone().map(written).collect(),
        ends: starts.map(|start| last_moment(bucket, bucket.next(start))).collect(),
        without_time: without_time(searches.asked).to_string(),
        rest: following(&without_time(searches.counted)),
    }
}

fn series(stats: &Stats, of: impl Fn(&Figures) -> Option<u64>) -> Vec<Option<f64>> {
    stats.buckets.iter().map(|it| of(&it.figures).map(|value| value as f64)).collect()
}

fn known(values: Vec<Option<f64>>) -> Vec<f64> {
    values.into_iter().map(Option::unwrap_or_default).collect()
}

pub(super) fn highest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().copied().fold(0.0, f64::max)
}

fn chart_of(stats: &Stats, title: &str, scale: &Scale) -> ChartDoc {
    let bucket = stats.bucket.unwrap_or(Bucket::Day);
    let ends = stats.buckets.first().zip(stats.buckets.last());
    let time =
        ends.map(|(first, last)| format::stretch(first.start, bucket.next(last.start), None));
    ChartDoc {
        title: title.to_owned(),
        summary: format!("{title}, {} UTC", time.unwrap_or_default()),
        ticks: scale.ticks.clone(),
        ..ChartDoc::default()
    }
}

impl ChartDoc {
    /// With the rest of its summary, and the values of each bar, in words.
    fn saying(mut self, stats: &Stats, rest: &str, said: impl Fn(&Figures) -> String) -> Self {
        self.summary = format!("{}: {rest}", self.summary);
        self.said = stats.buckets.iter().map(|it| said(&it.figures)).collect();
        self
    }
}

/// Runs, stacked by how they ended.
pub(super) fn runs_chart(stats: &Stats) -> ChartDoc {
    let all = known(series(stats, |it| Some(it.count)));
    let succeeded = known(series(stats, |it| Some(it.count - it.failure_count.min(it.count))));
    let failed = known(series(stats, |it| Some(it.failure_count)));
    let scale = scale(highest(&all), Measure::Runs);
    let rest = format!(
        "{} in all, {} failed, at most {} at a time",
        format::count(stats.total.count),
        format::count(stats.total.failure_count),
        format::count(highest(&all) as u64)
    );
    let said = |it: &Figures| match it.failure_count {
        0 => format::runs(it.count),
        failed => format!("{}, {} failed", format::runs(it.count), format::count(failed)),
    };
    let shapes = chart::stacked(
        &[("Succeeded", "success", succeeded), ("Failed", "failure", failed)],
        scale.top,
    );
    ChartDoc { shapes, ..chart_of(stats, "Runs", &scale) }.saying(stats, &rest, said)
}

/// The charts of a page of figures.
pub(super) fn charts(stats: &Stats) -> Vec<ChartDoc> {
    if stats.bucket.is_none() || stats.buckets.is_empty() {
        return Vec::new();
    }
    vec![runs_chart(stats), latency_chart(stats), cost_chart(stats), tokens_chart(stats)]
}

fn latency_chart(stats: &Stats) -> ChartDoc {
    let of = |pick: fn(&Figures) -> Option<Micros>| series(stats, |it| pick(it).map(|us| us.0));
    let (p50, p95, p99) =
        (of(|it| it.latency.p50), of(|it| it.latency.p95), of(|it| it.latency.p99));
    let scale = scale(highest(p99.iter().chain(&p95).flatten()), Measure::Micros);
    let total = &stats.total.latency;
    let words = |value: Option<Micros>| value.map_or("unknown".to_owned(), format::duration);
    let rest = format!(
        "half of the runs within {}, 95% within {}, 99% within {}",
        words(total.p50),
        words(total.p95),
        words(total.p99)
    );
    let said = |it: &Figures| {
        let Latencies { p50, p95, p99 } = it.latency;
        match (p50, p95, p99) {
            (None, None, None) => "unknown".to_owned(),
            _ => format!("p50 {}, p95 {}, p99 {}", words(p50), words(p95), words(p99)),
        }
    };
    let shapes = vec![
        chart::line("p99", "p99", &p99, scale.top),
        chart::line("p95", "p95", &p95, scale.top),
        chart::line("p50", "p50", &p50, scale.top),
    ];
    ChartDoc { shapes, ..chart_of(stats, "Latency", &scale) }.saying(stats, &rest, said)
}

fn cost_chart(stats: &Stats) -> ChartDoc {
    let cost = known(series(stats, |it| it.cost.map(|cost| cost.0)));
    let scale = scale(highest(&cost), Measure::NanoUsd);
    let words = |it: &Figures| it.cost.map_or("unknown".to_owned(), format::money);
    let rest = format!("{} in all", words(&stats.total));
    let shapes = chart::stacked(&[("Cost", "plain", cost)], scale.top);
    ChartDoc { shapes, ..chart_of(stats, "Cost", &scale) }.saying(stats, &rest, words)
}

fn tokens_chart(stats: &Stats) -> ChartDoc {
    let input = known(series(stats, |it| it.input_tokens));
    let output = known(series(stats, |it| it.output_tokens));
    let sums: Vec<f64> = input.iter().zip(&output).map(|(input, output)| input + output).collect();
    let scale = scale(highest(&sums), Measure::Tokens);
    let words = |it: &Figures| {
        let said = |value: Option<u64>| value.map_or("unknown".to_owned(), format::tokens);
        format!("{} in, {} out", said(it.input_tokens), said(it.output_tokens))
    };
    let shapes = chart::stacked(&[("In", "plain", input), ("Out", "second", output)], scale.top);
    ChartDoc { shapes, ..chart_of(stats, "Tokens", &scale) }.saying(
        stats,
        &words(&stats.total),
        words,
    )
}

#[cfg(test)]
mod tests {
    use model::stats::{BucketFigures, By};
    use model::{SearchQuery, Timestamp};

    use super::*;
    use crate::read::stats::stats_doc;

    #[test]
    fn bars_say_their_values_and_lead_to_their_runs() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let bucket = |start, count, failure_count, nanos| BucketFigures {
            start: at(start),
            figures: Figures {
                count,
                failure_count,
                cost: Some(model::NanoUsd(nanos)),
                ..Figures::default()
            },
        };
        let stats = Stats {
            bucket: Some(Bucket::Hour),
            buckets: vec![
                bucket("2026-11-28T12:00:00Z", 12, 3, 6_100),
                bucket("2026-11-28T13:00:00Z", 0, 0, 0),
            ],
            ..Stats::default()
        };
        let query = SearchQuery::parse("status:failure time:24h").unwrap();
        let doc =
            stats_doc(&stats, &Searches::same(&query), String::new(), &By::default(), &[], None);
        assert_eq!(doc.charts[0].said, ["12 runs, 3 failed", "0 runs"]);
        assert_eq!(doc.charts[2].said, ["$0.0000061", "$0"]);
        assert_eq!(
            doc.axis.q(1, 0).as_deref(),
            Some("time:2026-11-28T12:00Z..2026-11-28T13:59:59.999999Z status:failure")
        );
        assert_eq!(doc.axis.q(0, 2), None);
        let span = (at("2026-11-28T12:00:00Z"), at("2026-11-28T14:00:00Z"));
        assert_eq!(doc.axis.span(0, 1), Some(span));
        assert!(doc.charts[0].summary.starts_with("Runs, 28 Nov 2026, 12:00–14:00 UTC: "));
        assert_eq!(doc.over_time.rows.len(), 1);
    }
}
