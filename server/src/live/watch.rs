//! Notices that other processes have written runs into the same database.

use std::sync::Weak;
use std::time::Duration;

use store::{FOREIGN_DELAY_US, Store};
use tokio::time::sleep;

use super::{Shared, lock};

/// How often the engine is asked while anybody follows anything.
const PERIOD: Duration = Duration::from_secs(1);
/// Other processes' rows are read only when they are as old as this.
const DELAY: Duration = Duration::from_micros(FOREIGN_DELAY_US.unsigned_abs() + 100_000);

/// Watches as long as there are streams to tell.
pub(super) fn begin(live: Weak<Shared>, store: Store) {
    tokio::spawn(async move {
        let mut newest = None;
        loop {
            sleep(PERIOD).await;
            let Some(live) = live.upgrade() else { return };
            if live.closing.is_cancelled() {
                return;
            }
            if lock(&live.feeds).is_empty() {
                newest = None;
                continue;
            }
            // An engine that does not answer now is asked again in a moment.
            let Ok(block) = store.newest_block().await else { continue };
            let has_changed = newest.is_none_or(|newest| newest != block);
            newest = Some(block);
            if has_changed {
                sleep(DELAY).await;
                live.elsewhere.send_modify(|count| *count = count.wrapping_add(1));
            }
        }
    });
}
