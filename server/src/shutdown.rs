//! Ending on request.

use tokio::signal::unix::{SignalKind, signal};

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
