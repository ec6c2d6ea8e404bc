//! Finds out whether an engine hangs, and when it answers again.

use std::future::Future;
use std::sync::Weak;
use std::time::Duration;

use clickhouse::error::Error;
use tokio::time::{sleep, timeout};

use super::Breaker;

/// How often to look.
const TICK: Duration = Duration::from_millis(250);
/// How long nothing may be heard before the engine is asked whether it is there.
const QUIET: Duration = Duration::from_millis(500);
/// How long the answer to `SELECT 1` may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many such questions in a row stay without an answer before the breaker opens.
const UNANSWERED: u32 = 2;

/// Opens and closes a breaker for as long as anybody has it. `ask` asks the engine
/// for as little as there is, on a connection that no breaker guards.
pub(crate) async fn watch<F>(breaker: Weak<Breaker>, ask: impl Fn() -> F)
where
    F: Future<Output = Result<(), Error>>,
{
    let mut unanswered = 0;
    loop {
        sleep(TICK).await;
        match breaker.upgrade() {
            None => return,
            Some(breaker) if !breaker.is_open() && breaker.silence() < QUIET => {
                unanswered = 0;
                continue;
            }
            Some(_) => {}
        }
        let answer = timeout(PATIENCE, ask()).await;
        let Some(breaker) = breaker.upgrade() else { return };
        match answer {
            // A refusal of what was asked is an answer too.
            Ok(Ok(()) | Err(Error::BadResponse(_))) => {
                unanswered = 0;
                breaker.hear();
                breaker.close();
            }
            // There is nobody: requests fail by themselves, and at once.
            Ok(Err(_)) => unanswered = 0,
            Err(_) => {
                unanswered += 1;
                if unanswered >= UNANSWERED && breaker.silence() >= QUIET {
                    breaker.open();
                }
            }
        }
    }
}
