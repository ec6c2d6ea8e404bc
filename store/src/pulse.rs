//! Notices changes of the small tables, so that what was read from them stays
//! good until then.
//!
//! Keys, members and agents are wanted by every request and change seldom. One
//! cheap query a moment looks at all of them together, while there are requests,
//! and spares each request queries of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use clickhouse::Client;

use crate::{Store, StoreError};

/// How long what was read is good without another look.
const FRESH: Duration = Duration::from_secs(1);
/// How long it is good after a look that found nothing changed.
const LOOK_FRESH: Duration = Duration::from_secs(2);
/// The pause between two looks.
const PERIOD: Duration = Duration::from_millis(500);
/// Nobody looks any longer once nobody has asked for so long.
const IDLE: Duration = Duration::from_secs(600);
/// The answer to a look is not waited for longer.
const PATIENCE_S: &str = "2";

/// One number that differs once a row of the small tables was written. Rows that
/// a merge removes change it too, which costs a few queries and harms nobody.
const LOOK: &str = "SELECT groupBitXor(row) FROM (
    SELECT cityHash64('agents', org, slug, id, updated_at) AS row FROM agents
    UNION ALL SELECT cityHash64('keys', hash, updated_at) FROM api_keys
    UNION ALL SELECT cityHash64('members', account, org, updated_at) FROM members
    UNION ALL SELECT cityHash64('organizations', id, slug, name) FROM organizations
    UNION ALL SELECT cityHash64('sessions', token_hash, updated_at) FROM sessions WHERE ended = 1)";

/// What the looks have seen, shared by all clones of a store.
#[derive(Default)]
pub(crate) struct Pulse(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    print: Option<u64>,
    /// What was read before this may be old.
    stable_since: Option<Instant>,
    /// When the last look began.
    looked: Option<Instant>,
    asked: Option<Instant>,
    is_looking: bool,
}

impl Seen {
    fn is_fresh(&self, read: Instant) -> bool {
        let unchanged = || self.stable_since.is_some_and(|since| read > since);
        let looked = || self.looked.is_some_and(|looked| looked.elapsed() < LOOK_FRESH);
        read.elapsed() < FRESH || (looked() && unchanged())
    }

    fn note(&mut self, print: u64, began: Instant) {
        if self.print != Some(print) {
            self.print = Some(print);
            self.stable_since = Some(Instant::now());
        }
        self.looked = Some(began);
    }
}

impl Pulse {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Whether organizations, members, keys, ended sessions and agents are still
    /// what they were when a reading of them began, as far as is known: a change
    /// that another process makes is noticed within two seconds.
    #[must_use]
    pub fn is_fresh(&self, read: Instant) -> bool {
        let mut seen = self.pulse.lock();
        seen.asked = Some(Instant::now());
        if !seen.is_looking
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            seen.is_looking = true;
            runtime.spawn(watch(Arc::downgrade(&self.pulse), self.client.clone()));
        }
        seen.is_fresh(read)
    }
}

async fn watch(pulse: Weak<Pulse>, client: Client) {
    loop {
        let began = Instant::now();
        let print = look(&client).await;
        let Some(pulse) = pulse.upgrade() else { return };
        {
            let mut seen = pulse.lock();
            match print {
                Ok(print) => seen.note(print, began),
                Err(error) => tracing::debug!(%error, "the small tables cannot be looked at"),
            }
            if seen.asked.is_none_or(|asked| asked.elapsed() > IDLE) {
                seen.is_looking = false;
                return;
            }
        }
        drop(pulse);
        tokio::time::sleep(PERIOD).await;
    }
}

async fn look(client: &Client) -> Result<u64, StoreError> {
    let query = client.query(LOOK).with_setting("max_execution_time", PATIENCE_S);
    Ok(query.fetch_one().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ago(millis: u64) -> Instant {
        Instant::now().checked_sub(Duration::from_millis(millis)).unwrap()
    }

    #[test]
    fn what_was_read_is_good_for_a_moment() {
        assert!(Seen::default().is_fresh(ago(100)));
        assert!(!Seen::default().is_fresh(ago(1_100)));
    }

    #[test]
    fn what_was_read_is_good_until_a_look_finds_a_change() {
        let mut seen = Seen::default();
        seen.note(1, ago(100));
        assert!(!seen.is_fresh(ago(1_500)), "read before the first look");
        seen.stable_since = Some(ago(5_000));
        seen.note(1, ago(100));
        assert!(seen.is_fresh(ago(4_000)));
        seen.note(2, ago(100));
        assert!(!seen.is_fresh(ago(4_000)));
    }

    #[test]
    fn looks_of_long_ago_count_no_more() {
        let mut seen = Seen::default();
        seen.note(1, ago(2_100));
        seen.stable_since = Some(ago(9_000));
        assert!(!seen.is_fresh(ago(4_000)));
    }
}
