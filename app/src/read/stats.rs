//! Figures of runs for reading.

use model::Timestamp;
use model::search::{Expr, JsonLiteral, Precision, SearchQuery, TimeBound};
use model::stats::{Bucket, By, Figures, GroupBy, Grouping, Stats};
use store::DayCount;

use super::chart;
use super::charts::{axis, charts, highest, runs_chart};
use super::narrowing::{Searches, narrowed};
use crate::data::stats::{
    ChoiceDoc, FigureDoc, HistogramDoc, OverviewDoc, ShapeDoc, StatsDoc, TableDoc, TableRowDoc,
};
use crate::format;

/// Among fewer runs none is an exception.
const FEW_RUNS: u64 = 50;

/// What stands above a list; `recent` are the figures from where most runs begin,
/// when that is not the beginning.
#[must_use]
pub fn overview(stats: &Stats, recent: Option<&Stats>, searches: &Searches<'_>) -> OverviewDoc {
    let mut histogram = histogram(recent.unwrap_or(stats), searches);
    if let (Some(histogram), Some(recent)) = (&mut histogram, recent) {
        let earlier = stats.total.count.saturating_sub(recent.total.count);
        histogram.earlier = match earlier {
            0 => String::new(),
            count => earlier_runs(count),
        };
    }
    OverviewDoc {
        figures: figures(&stats.total),
        excluded: None,
        histogram,
        since: since_when(stats),
    }
}

/// Where most runs begin, when less than a hundredth of them would take half of
/// the drawing or more for themselves.
#[must_use]
pub fn late_begin(stats: &Stats) -> Option<Timestamp> {
    let total: u64 = stats.buckets.iter().map(|it| it.figures.count).sum();
    let mut before = 0;
    let begin = stats.buckets.iter().position(|it| {
        before += it.figures.count;
        before * 100 > total
    })?;
    let is_late = total >= FEW_RUNS && begin * 2 >= stats.buckets.len();
    stats.buckets.get(begin).filter(|_| is_late).map(|it| it.start)
}

/// The runs of a few days as bars.
#[must_use]
pub fn day_bars(days: &[DayCount]) -> Vec<ShapeDoc> {
    let of = |pick: fn(&DayCount) -> u64| days.iter().map(|day| pick(day) as f64).collect();
    let all: Vec<f64> = of(|day| day.runs);
    let succeeded = of(|day| day.runs.saturating_sub(day.failures));
    let failed = of(|day| day.failures);
    chart::stacked(
        &[("Succeeded", "success", succeeded), ("Failed", "failure", failed)],
        highest(&all),
    )
}

/// A search for those runs of another one that began at this moment or later.
#[must_use]
pub fn since(query: &SearchQuery, begin: Timestamp) -> Option<SearchQuery> {
    let time = SearchQuery::parse(&format!("time:>={}", written(begin))).ok()?;
    let all = time.conjuncts().iter().chain(query.conjuncts()).cloned().collect();
    SearchQuery::new(Expr::And(all)).ok()
}

/// The page of figures of a search.
#[must_use]
pub fn stats_doc(
    stats: &Stats,
    searches: &Searches<'_>,
    q: String,
    by: &By,
    keys: &[String],
    problem: Option<String>,
) -> StatsDoc {
    StatsDoc {
        q,
        mend: None,
        notice: problem,
        since: since_when(stats),
        excluded: None,
        figures: [figures(&stats.total), more_figures(&stats.total)].concat(),
        axis: axis(stats, searches),
        charts: charts(stats),
        over_time: over_time(stats),
        groups: stats.by.as_ref().map(|by| groups(stats, by, searches.counted)),
        buckets: bucket_choices(by),
        properties: group_choices(by, keys),
    }
}

fn earlier_runs(count: u64) -> String {
    let unit = if count == 1 { "run" } else { "runs" };
    format!("{} earlier {unit} not shown", format::count(count))
}

/// From when on runs are counted, where earlier ones are not.
fn since_when(stats: &Stats) -> Option<Timestamp> {
    stats.from.filter(|_| !stats.is_complete)
}

fn figure(label: &str, value: Option<String>) -> FigureDoc {
    FigureDoc {
        label: label.to_owned(),
        value: value.unwrap_or_else(|| "–".to_owned()),
        is_bad: false,
    }
}

fn figures(total: &Figures) -> Vec<FigureDoc> {
    let failed = total.error_rate.map(format::share);
    vec![
        figure("Runs", Some(format::count(total.count))),
        FigureDoc { is_bad: total.failure_count > 0, ..figure("Failed", failed) },
        figure("Cost", total.cost.map(format::money)),
        figure("Latency p50", total.latency.p50.map(format::duration)),
        figure("p95", total.latency.p95.map(format::duration)),
    ]
}

fn more_figures(total: &Figures) -> Vec<FigureDoc> {
    vec![
        figure("p99", total.latency.p99.map(format::duration)),
        figure("Input tokens", total.input_tokens.map(format::tokens)),
        figure("Output tokens", total.output_tokens.map(format::tokens)),
    ]
}

fn histogram(stats: &Stats, searches: &Searches<'_>) -> Option<HistogramDoc> {
    stats.bucket?;
    Some(HistogramDoc {
        chart: runs_chart(stats),
        axis: axis(stats, searches),
        earlier: String::new(),
    })
}

/// A moment as a search writes it, as short as it can be said.
pub(super) fn written(at: Timestamp) -> String {
    let precision = match at.0 {
        us if us % model::time::DAY_US == 0 => Precision::Day,
        us if us % 60_000_000 == 0 => Precision::Minute,
        us if us % 1_000_000 == 0 => Precision::Second,
        _ => Precision::Micro,
    };
    TimeBound::Moment { at, precision }.to_string()
}

/// The last moment before `next`; a range of whole days ends with a day.
pub(super) fn last_moment(bucket: Bucket, next: Timestamp) -> String {
    match bucket {
        Bucket::Day | Bucket::Week | Bucket::Month => {
            written(Timestamp(next.0 - model::time::DAY_US))
        }
        _ => written(Timestamp(next.0 - 1)),
    }
}

const HEADS: [&str; 8] =
    ["Runs", "Failed", "Cost", "Input tokens", "Output tokens", "p50", "p95", "p99"];

fn cells(figures: &Figures) -> Vec<String> {
    let Figures { latency, .. } = figures;
    let failed = match figures.failure_count {
        0 => String::new(),
        count => {
            let share = figures.error_rate.map(format::share).unwrap_or_default();
            format!("{} ({share})", format::count(count))
        }
    };
    vec![
        format::count(figures.count),
        failed,
        figures.cost.map(format::money).unwrap_or_default(),
        figures.input_tokens.map(format::tokens).unwrap_or_default(),
        figures.output_tokens.map(format::tokens).unwrap_or_default(),
        latency.p50.map(format::duration).unwrap_or_default(),
        latency.p95.map(format::duration).unwrap_or_default(),
        latency.p99.map(format::duration).unwrap_or_default(),
    ]
}

fn table(subject: &str, rows: Vec<TableRowDoc>) -> TableDoc {
    TableDoc {
        title: String::new(),
        subject: subject.to_owned(),
        heads: HEADS.map(str::to_owned).to_vec(),
        rows,
        notice: None,
    }
}

/// The newest first, without the stretches in which nothing happened.
fn over_time(stats: &Stats) -> TableDoc {
    let bars = (0_u32..).zip(&stats.buckets).collect::<Vec<_>>().into_iter().rev();
    let rows = bars.filter(|(_, it)| it.figures.count > 0).map(|(bar, it)| TableRowDoc {
        subject: String::new(),
        bar: Some(bar),
        q: None,
        cells: cells(&it.figures),
    });
    table("Time", rows.collect())
}

/// The page of a search that cannot be read: no figures, and how it is written
/// where that is known.
#[must_use]
pub fn unreadable_doc(q: String, by: &By, problem: String, mend: Option<String>) -> StatsDoc {
    StatsDoc {
        notice: Some(problem),
        mend,
        figures: Vec::new(),
        groups: None,
        ..stats_doc(&Stats::default(), &Searches::same(&SearchQuery::default()), q, by, &[], None)
    }
}

fn groups(stats: &Stats, by: &Grouping, counted: &SearchQuery) -> TableDoc {
    let rows = stats.groups.iter().map(|group| TableRowDoc {
        bar: None,
        subject: if group.value.is_empty() { "none".to_owned() } else { group.value.clone() },
        q: match (by, group.value.as_str()) {
            (_, "") => Some(format!("-{by}:*")),
            (Grouping::Property(_), value) => Some(format!("{by}:{}", quoted(value))),
            // Several values, or the beginning of a long one.
            (_, value) if value.starts_with('[') || value.ends_with('…') => None,
            // Numbers and texts of the same digits are one group.
            (_, value) => Some(format!("{by}:{}", JsonLiteral::bare(value))),
        }
        .map(|own| narrowed(&own, counted)),
        cells: cells(&group.figures),
    });
    let subject = match by {
        Grouping::Property(property) => capital(property.as_str()),
        Grouping::Metadata(_) => by.to_string(),
    };
    let mut table = TableDoc { title: format!("By {by}"), ..table(&subject, rows.collect()) };
    table.notice = stats.has_more_groups.then(|| "Showing only the largest groups.".to_owned());
    table
}

/// A value as a search writes it.
fn quoted(value: &str) -> String {
    let is_bare = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if is_bare {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn bucket_choices(by: &By) -> Vec<ChoiceDoc> {
    let choice = |bucket: Option<Bucket>, label: &str| ChoiceDoc {
        label: label.to_owned(),
        by: By { bucket, group: by.group.clone() }.to_string(),
        is_current: by.bucket == bucket,
    };
    let mut choices = vec![
        choice(None, "Auto"),
        choice(Some(Bucket::Minute), "Minute"),
        choice(Some(Bucket::Hour), "Hour"),
        choice(Some(Bucket::Day), "Day"),
        choice(Some(Bucket::Week), "Week"),
        choice(Some(Bucket::Month), "Month"),
    ];
    if let Some(bucket) = by.bucket.filter(|_| !choices.iter().any(|choice| choice.is_current)) {
        choices.push(choice(Some(bucket), &capital(bucket.as_str())));
    }
    choices
}

/// Properties, some keys of metadata, and what is chosen now.
fn group_choices(by: &By, keys: &[String]) -> Vec<ChoiceDoc> {
    // All runs of this page are of one agent.
    let properties = GroupBy::ALL.iter().filter(|property| **property != GroupBy::Agent);
    let mut groups: Vec<Grouping> = properties.map(|property| (*property).into()).collect();
    groups.extend(keys.iter().map(|key| Grouping::Metadata(key.clone())));
    if let Some(chosen) = by.group.as_ref().filter(|group| !groups.contains(group)) {
        groups.push(chosen.clone());
    }
    groups
        .into_iter()
        .map(|group| ChoiceDoc {
            label: match &group {
                Grouping::Property(property) => capital(property.as_str()),
                Grouping::Metadata(key) => key.clone(),
            },
            is_current: by.group.as_ref() == Some(&group),
            by: By { bucket: by.bucket, group: Some(group) }.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use model::stats::BucketFigures;

    use super::*;

    #[test]
    fn bars_are_searches_that_end_before_the_next_begins() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let start = at("2026-11-22T10:00:00Z");
        assert_eq!(written(start), "2026-11-22T10:00Z");
        assert_eq!(
            last_moment(Bucket::Hour, Bucket::Hour.next(start)),
            "2026-11-22T10:59:59.999999Z"
        );
        let month = at("2026-02-01T00:00:00Z");
        assert_eq!(written(month), "2026-02-01");
        assert_eq!(last_moment(Bucket::Month, Bucket::Month.next(month)), "2026-02-28");
        for text in
            ["time:2026-02-01..2026-02-28", "time:2026-11-22T10:00Z..2026-11-22T10:59:59.999999Z"]
        {
            assert_eq!(SearchQuery::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_few_early_runs_do_not_flatten_the_rest() {
        let bucket = |at: i64, count| BucketFigures {
            start: Timestamp(at * model::time::DAY_US),
            figures: Figures { count, ..Figures::default() },
        };
        let stats = |counts: &[u64]| Stats {
            buckets: (0..).zip(counts).map(|(at, count)| bucket(at, *count)).collect(),
            ..Stats::default()
        };
        let begin =
            |counts: &[u64]| late_begin(&stats(counts)).map(|at| at.0 / model::time::DAY_US);
        assert_eq!(begin(&[1, 0, 0, 0, 900, 900]), Some(4));
        assert_eq!(begin(&[100, 0, 0, 0, 900, 900]), None);
        assert_eq!(begin(&[1, 900, 0, 0, 0, 900]), None);
        assert_eq!(begin(&[0, 0, 0, 1, 2]), None);
        assert_eq!(begin(&[]), None);
    }

    #[test]
    fn what_began_later_is_a_search_of_its_own() {
        let query = SearchQuery::parse("status:failure refund").unwrap();
        let since = since(&query, Timestamp(20_000 * model::time::DAY_US)).unwrap();
        assert_eq!(since.to_string(), "time:>=2024-10-04 status:failure refund");
    }

    #[test]
    fn groups_are_searches() {
        for (value, q) in [("gpt-4o", "gpt-4o"), ("a b", "\"a b\""), ("a\"b", "\"a\\\"b\"")] {
            assert_eq!(quoted(value), q);
            assert!(SearchQuery::parse(&format!("model:{q}")).is_ok());
        }
    }
}
