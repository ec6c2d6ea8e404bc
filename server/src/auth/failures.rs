//! Slows down those who keep failing to sign in or to show a valid key.
//!
//! Only failures count, so that nobody is slowed down by success. Once the
//! budget of a source is used up, its attempts are refused unseen until the
//! budget has grown again.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// Sources remembered; past that, those that failed longest ago are forgotten.
const MAX_SOURCES: u64 = 10_000;

/// Counts failures by source. Keys are to be small: hash what a stranger writes.
pub struct Failures<K: Hash + Eq + Clone + Send + Sync + 'static> {
    quota: Quota,
    budgets: Cache<K, Arc<DefaultDirectRateLimiter>>,
    blocked_until: Cache<K, Instant>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Failures<K> {
    /// A source may fail `burst` times at once, and once more each `period` after that.
    #[must_use]
    pub fn new(burst: NonZeroU32, period: Duration) -> Self {
        // `with_period` refuses a period of zero only.
        let quota = Quota::with_period(period)
            .unwrap_or_else(|| Quota::per_second(burst))
            .allow_burst(burst);
        // Left alone for that long, a budget is whole again and need not be remembered.
        let whole_again = period.saturating_mul(burst.get().saturating_add(1));
        Self {
            quota,
            budgets: Cache::builder()
                .max_capacity(MAX_SOURCES)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(whole_again)
                .build(),
            blocked_until: Cache::builder()
                .max_capacity(MAX_SOURCES)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(whole_again)
                .build(),
            clock: DefaultClock::default(),
        }
    }

    /// How long a source has to wait; `None` when it may try.
    #[must_use]
    pub fn wait(&self, source: &K) -> Option<Duration> {
        let until = self.blocked_until.get(source)?;
        let wait = until.checked_duration_since(Instant::now());
        if wait.is_none() {
            self.blocked_until.invalidate(source);
        }
        wait
    }

    /// Counts one failure.
    pub fn record(&self, source: &K) {
        let new = || Arc::new(RateLimiter::direct(self.quota));
        let budget = self.budgets.get_with_by_ref(source, new);
        if let Err(not_until) = budget.check() {
            let wait = not_until.wait_time_from(self.clock.now());
            self.blocked_until.insert(source.clone(), Instant::now() + wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_blocked_once_its_budget_is_used_up() {
        let failures = Failures::new(NonZeroU32::new(3).unwrap(), Duration::from_secs(60));
        for _ in 0..3 {
            failures.record(&1);
            assert_eq!(failures.wait(&1), None);
        }
        failures.record(&1);
        assert!(failures.wait(&1).unwrap() > Duration::from_secs(30));
        assert_eq!(failures.wait(&2), None);
    }

    #[test]
    fn many_sources_take_bounded_memory() {
        let failures = Failures::new(NonZeroU32::MIN, Duration::from_secs(3_600));
        for source in 0..5 * MAX_SOURCES {
            failures.record(&source);
            failures.record(&source);
        }
        failures.budgets.run_pending_tasks();
        failures.blocked_until.run_pending_tasks();
        assert!(failures.budgets.entry_count() <= MAX_SOURCES);
        assert!(failures.blocked_until.entry_count() <= MAX_SOURCES);
        assert!(failures.wait(&(5 * MAX_SOURCES - 1)).is_some(), "the newest is not forgotten");
    }
}
