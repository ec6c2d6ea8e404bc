//! Makes up believable runs.
//!
//! `runs demo` loads a few thousand of them and the benchmark millions. Each is
//! the JSON text of a run as `POST /v1/runs` takes it, on one line, so that
//! samples come in through the same door as everything else.
//!
//! The runs are deterministic: a seed and a number of runs a day fix what
//! happens on every day of history, and asking for `count` runs gives the last
//! ones before `end`. Asking again later therefore gives the same runs with the
//! same ids, and a few new ones.

mod agents;
mod attempts;
mod calendar;
mod documented;
mod language;
mod models;
mod out;
mod people;
mod record;
mod rng;
mod run;
mod scene;
mod wire;

use std::ops::RangeInclusive;

use model::Timestamp;

use crate::calendar::Slot;
pub use crate::documented::DOCUMENTED_RUN;
pub use crate::language::Language;

/// What runs to make up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Other seeds give other runs.
    pub seed: u64,
    /// The newest run is not newer than this.
    pub end: Timestamp,
    /// How many; they spread over about 30 days, whose runs a day follow from this.
    pub count: u32,
    /// How many agents, of very different sizes; the first eight are of different kinds.
    pub agents: u32,
    /// Languages that customers speak, the most frequent first.
    pub languages: Vec<Language>,
    /// Share of runs that keep the exact exchanges with their providers, in percent.
    pub wire_percent: u32,
}

impl Options {
    /// Eight agents and every language, as `runs demo` loads them, but for the exchanges.
    #[must_use]
    pub fn new(end: Timestamp, count: u32) -> Self {
        Self {
            seed: 20_250_328,
            end,
            count,
            agents: 8,
            languages: Language::ALL.to_vec(),
            wire_percent: 70,
        }
    }
}

/// Made-up runs, the oldest first.
#[derive(Debug)]
pub struct Samples {
    options: Options,
    days: RangeInclusive<u32>,
    slots: std::vec::IntoIter<Slot>,
    left_out: usize,
}

impl Samples {
    /// The last `count` runs before the end.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let (days, left_out) = calendar::window(&options);
        Self { options, days, slots: Vec::new().into_iter(), left_out: left_out as usize }
    }

    /// Appends the JSON text of the next run to `out`, which lets a caller use
    /// one buffer for many; false when there are no more.
    pub fn write_next(&mut self, out: &mut String) -> bool {
        let Some(slot) = self.next_slot() else { return false };
        run::write(&self.options, &slot, out);
        true
    }

    fn next_slot(&mut self) -> Option<Slot> {
        loop {
            let end = self.options.end;
            if let Some(slot) = self.slots.find(|slot| slot.at <= end) {
                return Some(slot);
            }
            let day = self.days.next()?;
            self.slots = calendar::plan(&self.options, day).into_iter();
            let before_end = self.slots.by_ref().filter(|slot| slot.at <= end);
            before_end.take(std::mem::take(&mut self.left_out)).for_each(drop);
        }
    }
}

impl Iterator for Samples {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut text = String::with_capacity(6_000);
        self.write_next(&mut text).then_some(text)
    }
}

/// `count` runs for people to look at: the run that the documentation shows,
/// and then the newest of eight agents up to `end`, the oldest first.
pub fn demo_runs(end: Timestamp, count: u32) -> impl Iterator<Item = String> {
    let documented = (count > 0).then(|| {
        let mut text = String::new();
        documented::write(&mut text);
        text
    });
    // Every prompt page has something to show.
    let options = Options { wire_percent: 100, ..Options::new(end, count.saturating_sub(1)) };
    documented.into_iter().chain(Samples::new(options))
}
