//! Sees to it that deleted agents are erased.

use std::time::Duration;

use store::Store;

use crate::error::Chain;

/// From an erasure to the first time that its files are dropped, and from there to the
/// second, when they are old enough. It is also looked whether something was written behind
/// it, by another server or a request that was under way.
const PERIOD: Duration = Duration::from_secs(45);
/// The first and the longest pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Erases what an earlier process left of deleted agents, then what is left of those
/// that this one deletes, until it is dropped. All of it is out of sight already, so
/// nobody waits for it.
pub(crate) async fn look_after(store: Store) {
    loop {
        finish(&store).await;
        for _ in 0..2 {
            tokio::time::sleep(PERIOD).await;
            finish(&store).await;
            while let Err(error) = store.drop_replaced_parts().await {
                tracing::warn!(error = %Chain(&error), "files of deleted agents stay a while longer");
                tokio::time::sleep(PERIOD).await;
            }
        }
        store.wait_for_deletion().await;
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
