//! The table that the benchmark prints.

use std::time::Duration;

use crate::sample::{Samples, quantile};

const HEAD: [&str; 8] =
    ["what", "budget (p95)", "p50 or figure", "p95", "p99", "old p50", "old p95", "old ÷ new"];

/// Rows of figures beside their budgets and beside the old table's.
pub struct Report {
    runs: u64,
    rows: Vec<[String; 8]>,
}

/// What the old table took for the same.
pub enum Beside {
    Samples(Samples),
    /// It had no such search.
    Inexpressible,
}

impl Report {
    pub fn new(runs: u64) -> Self {
        Self { runs, rows: Vec::new() }
    }

    /// A row of timings in milliseconds: p50, p95 and p99.
    pub fn timings(&mut self, what: &str, budget: &str, samples: Vec<Duration>) {
        self.row(what.to_owned(), budget, figures(samples), thrice(""));
    }

    /// A row of timings with the old table's beside them: how often its median is ours.
    pub fn compare(&mut self, what: &str, budget: &str, new: Samples, beside: Beside) {
        let median = |times: &[Duration]| {
            let mut sorted = times.to_vec();
            sorted.sort_unstable();
            quantile(&sorted, 0.50).unwrap_or_default().as_secs_f64()
        };
        let mut what = what.to_owned();
        let mut found = new.found.map(|found| format!("{found} found"));
        let old = match beside {
            Beside::Inexpressible => thrice("n/a"),
            Beside::Samples(old) => {
                found = found.zip(old.found).map(|(found, old)| format!("{found}, old {old}"));
                let ratio = median(&old.times) / median(&new.times);
                let [p50, p95, _] = figures(old.times);
                [p50, p95, format!("{ratio:.1}")]
            }
        };
        if let Some(found) = found {
            what.push_str(&format!(" ({found})"));
        }
        self.row(what, budget, figures(new.times), old);
    }

    /// A row of a median and a 99th percentile.
    pub fn pair(&mut self, what: &str, budget: &str, [p50, p99]: [f64; 2]) {
        let figure = |ms: f64| format!("{ms:.2}");
        let figures = [figure(p50), String::new(), figure(p99)];
        self.row(what.to_owned(), budget, figures, thrice(""));
    }

    /// A row of one figure.
    pub fn figure(&mut self, what: &str, budget: &str, figure: String) {
        self.figure_beside(what, budget, figure, String::new());
    }

    /// A row of one figure and the old table's.
    pub fn figure_beside(&mut self, what: &str, budget: &str, figure: String, old: String) {
        let figures = [figure, String::new(), String::new()];
        self.row(what.to_owned(), budget, figures, [old, String::new(), String::new()]);
    }

    fn row(&mut self, what: String, budget: &str, new: [String; 3], old: [String; 3]) {
        let ([a, b, c], [d, e, f]) = (new, old);
        eprintln!("  {what}: {a} {b} | {d} {f}");
        self.rows.push([what, budget.to_owned(), a, b, c, d, e, f]);
    }

    /// Prints the table as Markdown.
    pub fn print(&self) {
        println!("\n{} runs; times in ms\n", self.runs);
        println!("| {} |", HEAD.join(" | "));
        println!("|{}", " --- |".repeat(HEAD.len()));
        for row in &self.rows {
            println!("| {} |", row.join(" | "));
        }
    }
}

/// By how many milliseconds percentiles grew.
pub fn added(before: &[Duration], after: &[Duration], shares: [f64; 2]) -> [f64; 2] {
    let at = |samples: &[Duration], share: f64| {
        let mut samples = samples.to_vec();
        samples.sort_unstable();
        quantile(&samples, share).map_or(f64::NAN, |sample| sample.as_secs_f64() * 1e3)
    };
    shares.map(|share| at(after, share) - at(before, share))
}

fn thrice(text: &str) -> [String; 3] {
    [(); 3].map(|()| text.to_owned())
}

fn figures(mut samples: Vec<Duration>) -> [String; 3] {
    samples.sort_unstable();
    [0.50, 0.95, 0.99].map(|share| {
        let at = quantile(&samples, share);
        at.map_or_else(String::new, |at| format!("{:.1}", at.as_secs_f64() * 1e3))
    })
}
