//! When runs happen: every day has its runs, whatever the moment of asking, so
//! that asking again later gives the same runs and a few new ones.

use model::Timestamp;
use model::time::DAY_US;

use crate::rng::Rng;
use crate::{Options, agents};

/// Runs of the days of a week from Monday, in percent of the average.
const WEEK: [u32; 7] = [115, 118, 120, 117, 110, 62, 58];
/// Runs of the hours of a day (UTC), in any unit.
const HOURS: [u32; 24] =
    [14, 10, 8, 8, 9, 14, 26, 48, 72, 86, 92, 88, 80, 88, 96, 98, 92, 80, 64, 50, 42, 36, 28, 20];
/// The days that `count` runs are spread over, about.
const DAYS: u32 = 30;

/// A run to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) at: Timestamp,
    /// The day since 1970.
    pub(crate) day: u32,
    /// Its number within the day.
    pub(crate) index: u32,
    /// The agent's number.
    pub(crate) agent: u32,
    /// The first run of the same episode, a conversation for example.
    pub(crate) first_at: Timestamp,
    pub(crate) first_index: u32,
}

impl Slot {
    /// Its place within the episode, from 0.
    pub(crate) fn turn(&self) -> u32 {
        self.index - self.first_index
    }

    /// The number of its stream of chance.
    pub(crate) fn stream(&self) -> u64 {
        stream(self.day, self.index)
    }

    /// The number of the stream of the first run of its episode.
    pub(crate) fn first_stream(&self) -> u64 {
        stream(self.day, self.first_index)
    }
}

/// The highest bit tells these streams from those of whole days.
fn stream(day: u32, index: u32) -> u64 {
    1 << 63 | u64::from(day) << 32 | u64::from(index)
}

/// The number of days from 1970 to a time.
pub(crate) fn day_of(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(DAY_US)).unwrap_or(0)
}

/// How many runs a day has.
pub(crate) fn runs_of_day(options: &Options, day: u32) -> u32 {
    // 1970 began on a Thursday.
    let share = WEEK[(day as usize + 3) % 7];
    let hundredths = u64::from(options.count) * u64::from(share) / u64::from(DAYS);
    // The remainder goes to some of the days, so that the sum comes out right.
    let extra = u64::from(Rng::new(options.seed, u64::from(day)).below(100));
    u32::try_from((hundredths + extra) / 100).unwrap_or(u32::MAX).max(1)
}

/// The runs of a day in the order of their times.
pub(crate) fn plan(options: &Options, day: u32) -> Vec<Slot> {
    let count = runs_of_day(options, day);
    // The first number was spent on the count.
    let mut rng = Rng::new(options.seed, u64::from(day));
    rng.below(100);
    let shares = agents::shares(options.agents);
    let mut slots = Vec::with_capacity(count as usize);
    while (slots.len() as u32) < count {
        let first_index = slots.len() as u32;
        let agent = rng.weighted(&shares);
        let first_at = moment(&mut rng, day);
        let length = agents::episode_length(agent, &mut rng).min(count - first_index);
        let mut at = first_at;
        for turn in 0..length {
            let index = first_index + turn;
            slots.push(Slot { at, day, index, agent, first_at, first_index });
            at.0 += i64::from(rng.between(25_000, 260_000)) * 1_000 + i64::from(rng.below(1_000));
        }
    }
    slots.sort_by_key(|slot| (slot.at, slot.index));
    slots
}

/// A moment of a day, by the rhythm of its hours.
fn moment(rng: &mut Rng, day: u32) -> Timestamp {
    let total: u32 = HOURS.iter().sum();
    let mut rest = rng.below(total);
    let mut hour = 0;
    for (index, weight) in HOURS.iter().enumerate() {
        match rest.checked_sub(*weight) {
            Some(less) => rest = less,
            None => {
                hour = index as i64;
                break;
            }
        }
    }
    let within = i64::from(rng.below(3_600_000)) * 1_000 + i64::from(rng.below(1_000));
    Timestamp(i64::from(day) * DAY_US + hour * 3_600_000_000 + within)
}

/// The days and how many of their first runs to leave out, so that exactly
/// `count` runs are left before the end.
pub(crate) fn window(options: &Options) -> (std::ops::RangeInclusive<u32>, u32) {
    let last = day_of(options.end);
    let mut first = last;
    let mut have = 0u32;
    loop {
        // A conversation begun yesterday may go on after the end.
        let may_pass_end = first + 1 >= last;
        have += if may_pass_end {
            plan(options, first).iter().filter(|slot| slot.at <= options.end).count() as u32
        } else {
            runs_of_day(options, first)
        };
        if have >= options.count || first == 0 {
            return (first..=last, have.saturating_sub(options.count));
        }
        first -= 1;
    }
}
