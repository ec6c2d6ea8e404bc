//! The engine is away: killed again and again, then hung.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::journal::Journal;
use crate::load::Load;
use crate::process::{Server, Start, Victim, signal};
use crate::verify::verify;
use crate::{Failure, Outcome, Stage};

/// Every run is read back in the end, so there should not be millions.
const CALM: Duration = Duration::from_millis(250);
/// How long the engine hangs after it was killed for a while.
const HANG: Duration = Duration::from_secs(10);

/// Keeps the engine away for so long; doors must stay open.
///
/// # Errors
/// When a run is lost, doubled or changed, when nothing is accepted meanwhile, or
/// when a server cannot be started.
pub async fn absence(stage: &Stage, away: Duration) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let start = Start::on_free_port()?;
    let mut server = Server::start(stage, data.path(), &start).await?;
    let journal = Arc::new(Journal::default());
    let load = Load::start(stage, &server.base, Arc::clone(&journal), CALM)?;
    // The key must have been seen once to be known while the engine is away.
    tokio::time::sleep(Duration::from_millis(500)).await;

    let before = journal.acknowledged();
    let began = Instant::now();
    while began.elapsed() < away {
        server.kill(Victim::Engine).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let meanwhile = journal.acknowledged() - before;
    eprintln!("  {meanwhile} runs acknowledged without an engine");
    server.wait_until_ready().await?;

    let before = journal.acknowledged();
    let hung = server.engine().ok_or("there is no engine to hang")?;
    signal("-STOP", hung).await?;
    tokio::time::sleep(HANG).await;
    let in_hang = journal.acknowledged() - before;
    signal("-CONT", hung).await?;
    eprintln!("  {in_hang} runs acknowledged while the engine hung");

    load.stop().await;
    server.wait_until_ready().await?;
    if meanwhile == 0 || in_hang == 0 {
        return Err("nothing was accepted while the engine was away".into());
    }
    let verdict = verify(&server, &journal).await?;
    eprintln!("  all listed {:.1?} after the engine was back", verdict.listed_after);
    server.stop().await?;
    Ok(Outcome::Held(verdict))
}
