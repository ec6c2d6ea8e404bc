//! The reader of one search.

use std::sync::Arc;
use std::time::Duration;

use store::{ListRequest, OrgStore};
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Arrived, Batch, Key, Shared, lock};
use crate::error::Chain;

/// Reads follow each other no faster than this, however many runs come in.
const PACE: Duration = Duration::from_millis(100);
/// Runs of one read.
pub(super) const PAGE: u32 = 500;
/// How long a reader rests after an error.
const REST: Duration = Duration::from_secs(2);
/// How often a reader looks whether anybody still follows.
const LOOK_ROUND: Duration = Duration::from_secs(5);

/// Reads until nobody follows, the agent is gone, or the server stops.
pub(super) async fn run(
    live: Arc<Shared>,
    key: Key,
    store: OrgStore,
    request: ListRequest,
    sender: broadcast::Sender<Batch>,
) {
    let mut here = store.arrivals_signal();
    let mut elsewhere = live.elsewhere.subscribe();
    let mut cursor = store.arrivals_end();
    let mut last_read = Instant::now();
    loop {
        let wake = async {
            tokio::select! {
                changed = here.changed() => changed.is_ok(),
                changed = elsewhere.changed() => changed.is_ok(),
                () = sleep(LOOK_ROUND) => false,
                () = live.closing.cancelled() => false,
            }
        };
        let is_woken = wake.await;
        if live.closing.is_cancelled() || is_abandoned(&live, &key, &sender) {
            return;
        }
        if !is_woken {
            continue;
        }
        sleep_until(last_read + PACE).await;
        here.mark_unchanged();
        loop {
            last_read = Instant::now();
            match store.arrivals(&request, &cursor, PAGE).await {
                Ok(Some(found)) => {
                    for arrival in &found.items {
                        cursor.advance(arrival.writer, arrival.stamp);
                    }
                    let batch: Batch = found
                        .items
                        .into_iter()
                        .filter_map(|it| Arrived::of(it, &live.public_url, &store.org().slug))
                        .collect();
                    if !batch.is_empty() {
                        // Without followers the next look round ends this.
                        let _ = sender.send(batch);
                    }
                    if !found.has_more {
                        break;
                    }
                }
                Ok(None) => {
                    lock(&live.feeds).remove(&key);
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "cannot read what arrived; trying again");
                    sleep(REST).await;
                    // What the error held up is read at the next turn.
                    here.mark_changed();
                    break;
                }
            }
        }
    }
}

/// Whether nobody follows any more; then the reader is taken off the list, so
/// that whoever comes now begins a new one.
fn is_abandoned(live: &Shared, key: &Key, sender: &broadcast::Sender<Batch>) -> bool {
    let mut feeds = lock(&live.feeds);
    let is_abandoned = sender.receiver_count() == 0;
    if is_abandoned {
        feeds.remove(key);
    }
    is_abandoned
}
