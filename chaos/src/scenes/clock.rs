//! The machine's clock is wrong, and set right between two starts.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;

use crate::journal::Journal;
use crate::load::{BUSY, Load};
use crate::process::{Server, Start, Victim};
use crate::verify::verify;
use crate::{Failure, Outcome, Stage};

/// How far the clock is off in each start, as `faketime` reads it.
const OFFSETS: [&str; 4] = ["-30d", "+20h", "-2d", "+0"];

/// Starts servers with clocks that are off, kills each, and counts.
///
/// # Errors
/// When a run is lost, doubled or changed, or a server cannot be started.
pub async fn wrong_clock(stage: &Stage) -> Result<Outcome, Failure> {
    let found = Command::new("faketime").arg("--version").stdout(Stdio::null()).status().await;
    if !found.is_ok_and(|status| status.success()) {
        return Ok(Outcome::Skipped("faketime is not installed".to_owned()));
    }
    let data = tempfile::tempdir()?;
    let mut start = Start::on_free_port()?;
    let journal = Arc::new(Journal::default());
    for offset in OFFSETS {
        start.wrapper = ["faketime", "-f", offset].map(str::to_owned).to_vec();
        let mut server = Server::start(stage, data.path(), &start).await?;
        let load = Load::start(stage, &server.base, Arc::clone(&journal), BUSY)?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.kill(Victim::Server).await?;
        load.stop().await;
    }
    start.wrapper.clear();
    let server = Server::start(stage, data.path(), &start).await?;
    let verdict = verify(&server, &journal).await?;
    server.stop().await?;
    Ok(Outcome::Held(verdict))
}
