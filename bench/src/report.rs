//! The table that the benchmark prints.

use std::time::Duration;

/// Rows of figures beside their budgets.
pub struct Report {
    runs: u64,
    rows: Vec<[String; 6]>,
}

impl Report {
    pub fn new(runs: u64) -> Self {
        Self { runs, rows: Vec::new() }
    }

    /// A row of timings in milliseconds: p50, p95, p99 and the slowest.
    pub fn timings(&mut self, what: &str, budget: &str, mut samples: Vec<Duration>) {
        samples.sort_unstable();
        let at = |share: f64| {
            let index = ((samples.len() as f64 * share).ceil() as usize).saturating_sub(1);
            samples.get(index).map_or_else(String::new, |sample| milliseconds(*sample))
        };
        self.row(what, budget, [at(0.50), at(0.95), at(0.99), at(1.0)]);
    }

    /// A row of a median and a 99th percentile.
    pub fn pair(&mut self, what: &str, budget: &str, [p50, p99]: [f64; 2]) {
        let figure = |ms: f64| format!("{ms:.2}");
        self.row(what, budget, [figure(p50), String::new(), figure(p99), String::new()]);
    }

    /// A row of one figure.
    pub fn figure(&mut self, what: &str, budget: &str, figure: String) {
        self.row(what, budget, [figure, String::new(), String::new(), String::new()]);
    }

    fn row(&mut self, what: &str, budget: &str, figures: [String; 4]) {
        let [a, b, c, d] = figures;
        eprintln!("  {what}: {a} {b}");
        self.rows.push([what.to_owned(), budget.to_owned(), a, b, c, d]);
    }

    /// Prints the table as Markdown.
    pub fn print(&self) {
        let head = ["what", "budget (p95)", "p50 or figure", "p95", "p99", "slowest"];
        println!("\n{} runs; times in ms\n", self.runs);
        println!("| {} |", head.join(" | "));
        println!("|{}", " --- |".repeat(head.len()));
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
        let index = ((samples.len() as f64 * share).ceil() as usize).saturating_sub(1);
        samples.get(index).map_or(f64::NAN, |sample| sample.as_secs_f64() * 1e3)
    };
    shares.map(|share| at(after, share) - at(before, share))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}
