//! Slows down those who keep failing to sign in or to show a valid key.
//!
//! Only failures count, so that nobody is slowed down by success. Once the
//! budget of a source is used up, its attempts are refused unseen until the
//! budget has grown again.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use moka::sync::Cache;

/// Sources remembered before those without recent failures are forgotten.
const MAX_SOURCES: usize = 10_000;

/// Counts failures by source.
pub struct Failures<K: Hash + Eq + Clone + Send + Sync + 'static> {
    budget: DefaultKeyedRateLimiter<K>,
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
        Self {
            budget: RateLimiter::keyed(quota),
            blocked_until: Cache::builder().max_capacity(MAX_SOURCES as u64).build(),
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
        if self.budget.len() > MAX_SOURCES {
            self.budget.retain_recent();
        }
        if let Err(not_until) = self.budget.check_key(source) {
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
}
