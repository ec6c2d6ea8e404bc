//! Slows down those who keep failing to sign in or to show a valid key.
//!
//! An attempt is counted before it is checked, so that many at once are no way
//! around the limit, and taken back when it succeeds, so that nobody is slowed
//! down by success. Once the budget of a source is used up, its attempts are
//! refused unseen until the budget has grown again.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// Sources remembered; past that, those that tried longest ago are forgotten.
const MAX_SOURCES: u64 = 10_000;

/// Counts failures by source. Keys are to be small: hash what a stranger writes.
///
/// A bucket of the generic cell rate algorithm, of which a token can be given back.
pub struct Failures<K: Hash + Eq + Clone + Send + Sync + 'static> {
    period: Duration,
    /// The time in which a budget that is used up becomes whole.
    burst: Duration,
    /// When each source's budget is whole again.
    budgets: Cache<K, Arc<Mutex<Instant>>>,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Failures<K> {
    /// A source may fail `burst` times at once, and once more each `period` after that.
    #[must_use]
    pub fn new(burst: NonZeroU32, period: Duration) -> Self {
        let burst = period.saturating_mul(burst.get());
        Self {
            period,
            burst,
            budgets: Cache::builder()
                .max_capacity(MAX_SOURCES)
                .eviction_policy(EvictionPolicy::lru())
                // Left alone for that long, a budget is whole and need not be remembered.
                .time_to_idle(burst.saturating_add(period))
                .build(),
        }
    }

    /// Counts an attempt of a source before it is checked.
    ///
    /// # Errors
    /// How long the source has to wait, when its budget is used up; nothing is counted then.
    pub fn count(&self, source: &K) -> Result<(), Duration> {
        let now = Instant::now();
        let budget = self.budgets.get_with_by_ref(source, || Arc::new(Mutex::new(now)));
        let mut whole_at = budget.lock().unwrap_or_else(PoisonError::into_inner);
        let next = (*whole_at).max(now) + self.period;
        let wait = (next - now).saturating_sub(self.burst);
        if !wait.is_zero() {
            return Err(wait);
        }
        *whole_at = next;
        Ok(())
    }

    /// Takes back an attempt that was counted and did not fail.
    pub fn forgive(&self, source: &K) {
        if let Some(budget) = self.budgets.get(source) {
            let mut whole_at = budget.lock().unwrap_or_else(PoisonError::into_inner);
            *whole_at = whole_at.checked_sub(self.period).unwrap_or(*whole_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_source_is_blocked_once_its_budget_is_used_up() {
        let failures = Failures::new(NonZeroU32::new(3).unwrap(), HOUR);
        for _ in 0..3 {
            assert_eq!(failures.count(&1), Ok(()));
        }
        assert!(failures.count(&1).unwrap_err() > HOUR / 2);
        assert_eq!(failures.count(&2), Ok(()));
    }

    #[test]
    fn what_did_not_fail_is_taken_back() {
        let failures = Failures::new(NonZeroU32::MIN, HOUR);
        for _ in 0..5 {
            assert_eq!(failures.count(&1), Ok(()));
            assert!(failures.count(&1).is_err(), "one that is under way counts");
            failures.forgive(&1);
        }
        failures.forgive(&2);
        assert_eq!(failures.count(&2), Ok(()));
    }

    #[test]
    fn of_many_at_once_no_more_pass_than_one_after_another() {
        let failures = Failures::new(NonZeroU32::new(10).unwrap(), HOUR);
        let passed = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..120).map(|_| scope.spawn(|| failures.count(&1).is_ok())).collect();
            tries.into_iter().map(|it| it.join().unwrap()).filter(|ok| *ok).count()
        });
        assert_eq!(passed, 10);
    }

    #[test]
    fn many_sources_take_bounded_memory() {
        let failures = Failures::new(NonZeroU32::MIN, HOUR);
        for source in 0..5 * MAX_SOURCES {
            let _ = failures.count(&source);
        }
        failures.budgets.run_pending_tasks();
        assert!(failures.budgets.entry_count() <= MAX_SOURCES);
        assert!(failures.count(&(5 * MAX_SOURCES - 1)).is_err(), "the newest is not forgotten");
    }
}
