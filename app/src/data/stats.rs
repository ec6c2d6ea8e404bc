//! Figures and charts, as texts and paths that need no more than drawing.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// What stands above a list of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewDoc {
    /// Figures of the runs that match.
    pub figures: Vec<FigureDoc>,
    /// Runs of the playground that match and are in none of these figures.
    pub excluded: Option<ExcludedDoc>,
    /// The runs over time; `None` where there are none.
    pub histogram: Option<HistogramDoc>,
    /// From when on runs are counted, where earlier ones are not.
    pub since: Option<Timestamp>,
}

/// One figure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureDoc {
    /// What it is.
    pub label: String,
    /// How much.
    pub value: String,
    /// Whether it is bad news.
    pub is_bad: bool,
}

/// Runs over time, from which a stretch can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistogramDoc {
    /// The drawing.
    pub chart: ChartDoc,
    /// Its bars.
    pub axis: AxisDoc,
    /// What lies before the drawing, in words; empty where nothing does.
    pub earlier: String,
}

/// The stretches of time that drawings have bars for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisDoc {
    /// Where each bar begins, and where the last one ends, in microseconds since 1970.
    pub edges: Vec<i64>,
    /// Whether bars are whole days of UTC.
    pub has_days: bool,
    /// Where each bar begins, as a search writes it.
    pub starts: Vec<String>,
    /// The last moment of each bar, as a search writes it.
    pub ends: Vec<String>,
    /// The search without what it says about the time.
    pub without_time: String,
    /// What follows the time in the search for the runs of a bar.
    pub rest: String,
}

impl AxisDoc {
    /// How many bars there are.
    #[must_use]
    pub fn bars(&self) -> usize {
        self.starts.len()
    }

    /// The search for the runs of these bars, in either order.
    #[must_use]
    pub fn q(&self, one: usize, other: usize) -> Option<String> {
        let (start, end) = (self.starts.get(one.min(other))?, self.ends.get(one.max(other))?);
        let time = format!("time:{start}..{end}");
        // A space at the end says that the last word is whole.
        Some(if self.rest.is_empty() { time } else { format!("{time} {}", self.rest) })
    }

    /// Where these bars begin and end.
    #[must_use]
    pub fn span(&self, first: usize, last: usize) -> Option<(Timestamp, Timestamp)> {
        Some((Timestamp(*self.edges.get(first)?), Timestamp(*self.edges.get(last + 1)?)))
    }
}

/// A drawing on a field that is as wide as it has bars, and 100 high.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartDoc {
    /// What it shows.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// What is drawn, from back to front.
    pub shapes: Vec<ShapeDoc>,
    /// The lines across it, from the lowest.
    pub ticks: Vec<TickDoc>,
    /// The values of each bar, in words.
    pub said: Vec<String>,
}

/// A line across a drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickDoc {
    /// What it stands for.
    pub label: String,
    /// How high it is, in thousandths of the field.
    pub permille: u32,
}

/// One shape of a drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeDoc {
    /// What it stands for.
    pub label: String,
    /// How it looks: `bar-success`, `line-p95` and so on.
    pub class: String,
    /// Its outline, as SVG writes it.
    pub path: String,
}

/// The page of figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatsDoc {
    /// The search, as the address has it.
    pub q: String,
    /// The search as it is written, where it cannot be read but is understood.
    #[serde(default)]
    pub mend: Option<String>,
    /// What the address asks for that cannot be followed, in words.
    pub notice: Option<String>,
    /// From when on runs are counted, where earlier ones are not.
    pub since: Option<Timestamp>,
    /// Runs of the playground that are in none of these figures.
    pub excluded: Option<ExcludedDoc>,
    /// Figures of all runs.
    pub figures: Vec<FigureDoc>,
    /// The bars of the charts.
    pub axis: AxisDoc,
    /// Figures over time.
    pub charts: Vec<ChartDoc>,
    /// The same as a table: how long each row is, the headings, and the rows.
    pub over_time: TableDoc,
    /// Runs by a property.
    pub groups: Option<TableDoc>,
    /// The ways to divide the time.
    pub buckets: Vec<ChoiceDoc>,
    /// The ways to group.
    pub properties: Vec<ChoiceDoc>,
}

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDoc {
    /// Its heading.
    pub title: String,
    /// What the first column holds.
    pub subject: String,
    /// The headings of the other columns.
    pub heads: Vec<String>,
    /// The rows.
    pub rows: Vec<TableRowDoc>,
    /// What is missing, in words.
    pub notice: Option<String>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRowDoc {
    /// What the row is about; empty for a bar of the charts.
    pub subject: String,
    /// Which bar of the charts it is, if it is one.
    pub bar: Option<u32>,
    /// The search for its runs, if there is one; the bar has its own.
    pub q: Option<String>,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Runs that figures leave out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedDoc {
    /// How many.
    pub runs: u64,
    /// The search whose figures have them in.
    pub q: String,
}

/// A way to divide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceDoc {
    /// What it is called.
    pub label: String,
    /// What the address says for it.
    pub by: String,
    /// Whether it is chosen.
    pub is_current: bool,
}
