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
const FRESH_AFTER_CHECK: Duration = Duration::from_secs(2);
/// The pause between two checks.
const PERIOD: Duration = Duration::from_millis(500);
/// Checking ends once nobody has asked for so long.
const IDLE: Duration = Duration::from_secs(600);
/// The deadline of a check.
const PATIENCE_S: &str = "2";

/// One number that differs once a row of the small tables was written. Rows that
/// a merge removes change it too, which costs a few queries and harms nobody.
const FINGERPRINT_QUERY: &str = "SELECT groupBitXor(row) FROM (
    SELECT cityHash64('agents', org, slug, id, updated_at) AS row FROM agents
    UNION ALL SELECT cityHash64('keys', hash, updated_at) FROM api_keys
    UNION ALL SELECT cityHash64('members', account, org, updated_at) FROM members
    UNION ALL SELECT cityHash64('organizations', id, slug, name) FROM organizations
    UNION ALL SELECT cityHash64('sessions', token_hash, updated_at) FROM sessions WHERE ended = 1)";

/// The last fingerprint of the small tables, shared by all clones of a store.
#[derive(Default)]
pub(crate) struct ChangeWatcher(Mutex<Changes>);

#[derive(Default)]
struct Changes {
    fingerprint: Option<u64>,
    /// What was read before this may be old.
    stable_since: Option<Instant>,
    /// When the last check began.
    checked_at: Option<Instant>,
    asked: Option<Instant>,
    is_watching: bool,
}

impl Changes {
    fn is_fresh(&self, read: Instant) -> bool {
        let unchanged = || self.stable_since.is_some_and(|since| read > since);
        let is_checked = || self.checked_at.is_some_and(|at| at.elapsed() < FRESH_AFTER_CHECK);
        read.elapsed() < FRESH || (is_checked() && unchanged())
    }

    fn record(&mut self, fingerprint: u64, began: Instant) {
        if self.fingerprint != Some(fingerprint) {
            self.fingerprint = Some(fingerprint);
            self.stable_since = Some(Instant::now());
        }
        self.checked_at = Some(began);
    }
}

impl ChangeWatcher {
    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Whether organizations, members, keys, ended sessions and agents are still
    /// what they were when a reading of them began, as far as is known: a change
    /// that another process makes is noticed within two seconds.
    #[must_use]
    pub fn is_fresh(&self, read: Instant) -> bool {
        let mut changes = self.change_watcher.lock();
        changes.asked = Some(Instant::now());
        if !changes.is_watching
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            changes.is_watching = true;
            runtime.spawn(watch(Arc::downgrade(&self.change_watcher), self.client.clone()));
        }
        changes.is_fresh(read)
    }
}

async fn watch(change_watcher: Weak<ChangeWatcher>, client: Client) {
    loop {
        let began = Instant::now();
        let fingerprint = read_fingerprint(&client).await;
        let Some(change_watcher) = change_watcher.upgrade() else { return };
        {
            let mut changes = change_watcher.lock();
            match fingerprint {
                Ok(fingerprint) => changes.record(fingerprint, began),
                Err(error) => tracing::debug!(%error, "cannot check the small tables for changes"),
            }
            if changes.asked.is_none_or(|asked| asked.elapsed() > IDLE) {
                changes.is_watching = false;
                return;
            }
        }
        drop(change_watcher);
        tokio::time::sleep(PERIOD).await;
    }
}

async fn read_fingerprint(client: &Client) -> Result<u64, StoreError> {
    let query = client.query(FINGERPRINT_QUERY).with_setting("max_execution_time", PATIENCE_S);
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
        assert!(Changes::default().is_fresh(ago(100)));
        assert!(!Changes::default().is_fresh(ago(1_100)));
    }

    #[test]
    fn what_was_read_is_good_until_a_look_finds_a_change() {
        let mut changes = Changes::default();
        changes.record(1, ago(100));
        assert!(!changes.is_fresh(ago(1_500)), "read before the first look");
        changes.stable_since = Some(ago(5_000));
        changes.record(1, ago(100));
        assert!(changes.is_fresh(ago(4_000)));
        changes.record(2, ago(100));
        assert!(!changes.is_fresh(ago(4_000)));
    }

    #[test]
    fn looks_of_long_ago_count_no_more() {
        let mut changes = Changes::default();
        changes.record(1, ago(2_100));
        changes.stable_since = Some(ago(9_000));
        assert!(!changes.is_fresh(ago(4_000)));
    }
}
