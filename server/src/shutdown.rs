//! Ending on request.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Completes at the first SIGTERM or SIGINT.
///
/// # Errors
/// When signals cannot be listened to.
pub fn requested() -> std::io::Result<impl Future<Output = ()>> {
    // Listening begins here, before anything is started that must be stopped.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// How the requests under way come to their end once the server is to stop. Cheap
/// to clone.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Cancelled first: nothing new is begun, and what would go on for ever ends.
    pub closing: CancellationToken,
    /// Cancelled after a while: answers that are still coming are cut off, and what
    /// came of them is kept.
    pub cutting: CancellationToken,
    /// Work that goes on when its client is gone, and must be done before the end.
    pub finishing: TaskTracker,
}
