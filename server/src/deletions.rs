//! Sees to it that deleted agents are erased.

use std::time::Duration;

use store::Store;

use crate::error::Chain;

/// How long after a deletion it is looked whether something was written behind it, by
/// another server or a request that was under way.
const LATECOMERS: Duration = Duration::from_secs(30);
/// The first and the longest pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Erases what an earlier process left of deleted agents, then what is left of those
/// that this one deletes, until it is dropped. All of it is out of sight already, so
/// nobody waits for it.
pub(crate) async fn look_after(store: Store) {
    finish(&store).await;
    loop {
        store.wait_for_deletion().await;
        finish(&store).await;
        tokio::time::sleep(LATECOMERS).await;
        finish(&store).await;
    }
}

/// Tries until it succeeds.
async fn finish(store: &Store) {
    let mut pause = FIRST_PAUSE;
    loop {
        match store.finish_deletions().await {
            Ok(0) => return,
            Ok(agents) => {
                tracing::info!(agents, "erased what was left of deleted agents");
                return;
            }
            Err(error) => tracing::warn!(
                error = %Chain(&error),
                "cannot erase deleted agents now; it is tried again"
            ),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
