//! Figures and charts, as texts and paths that need no more than drawing.

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
    /// What is missing, in words.
    pub notice: Option<String>,
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
    /// What each bar says.
    pub labels: Vec<String>,
    /// Where each bar begins, as a search writes it.
    pub starts: Vec<String>,
    /// The last moment of each bar, as a search writes it.
    pub ends: Vec<String>,
    /// The search without what it says about the time.
    pub without_time: String,
    /// What lies before the drawing, in words; empty where nothing does.
    pub earlier: String,
}

/// A drawing on a field that is `width` wide and 100 high.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartDoc {
    /// What it shows.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// How wide the field is: one for each stretch of time.
    pub width: u32,
    /// What is drawn, from back to front.
    pub shapes: Vec<ShapeDoc>,
    /// What the top of the field stands for.
    pub top: String,
    /// What the middle of the field stands for; empty where nothing is said of it.
    pub middle: String,
    /// Where the time begins.
    pub from: String,
    /// Where the time ends.
    pub to: String,
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
    /// What the address asks for that cannot be followed, or what is missing, in words.
    pub notice: Option<String>,
    /// Runs of the playground that are in none of these figures.
    pub excluded: Option<ExcludedDoc>,
    /// Figures of all runs.
    pub figures: Vec<FigureDoc>,
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
    /// What the row is about.
    pub subject: String,
    /// The search for its runs, if there is one.
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
