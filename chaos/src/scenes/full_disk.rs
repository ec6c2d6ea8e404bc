//! The spool's disk fills up while the engine hangs.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::journal::Journal;
use crate::load::{BUSY, Load};
use crate::process::{Server, Start, signal};
use crate::verify::verify;
use crate::{Failure, Outcome, Stage};

/// A server that waits for a hung engine takes in little, so it must not be larger.
const DISK: &str = "size=4m";
const FULL_PATIENCE: Duration = Duration::from_secs(120);

/// A small disk of its own for the spool, taken away when dropped.
struct Disk<'a>(&'a Path);

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        // Lazily, since a server that was killed a moment ago may hold it still.
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Fills the disk, frees it, and counts.
///
/// # Errors
/// When a run is lost, doubled or changed, when a full disk is not said, or when a
/// server cannot be started.
pub async fn full_disk(stage: &Stage) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let spool = data.path().join("spool");
    std::fs::create_dir_all(&spool)?;
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", DISK, "runs-chaos"])
        .arg(&spool)
        .stderr(Stdio::null())
        .status()
        .await;
    if !mount.is_ok_and(|status| status.success()) {
        return Ok(Outcome::Skipped("mounting a small disk takes more rights".to_owned()));
    }
    let disk = Disk(&spool);
    let verdict = fill(stage, data.path()).await;
    drop(disk);
    verdict.map(Outcome::Held)
}

async fn fill(stage: &Stage, data: &Path) -> Result<crate::Verdict, Failure> {
    let start = Start::on_free_port()?;
    let mut server = Server::start(stage, data, &start).await?;
    let journal = Arc::new(Journal::default());
    let load = Load::start(stage, &server.base, Arc::clone(&journal), BUSY)?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let engine = server.engine().ok_or("there is no engine to hang")?;
    signal("-STOP", engine).await?;
    let began = Instant::now();
    while journal.entries().refusals == 0 && began.elapsed() < FULL_PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let at_full = journal.acknowledged();
    signal("-CONT", engine).await?;
    if journal.entries().refusals == 0 {
        return Err("the disk never filled up".into());
    }
    eprintln!(
        "  full after {at_full} runs; free bytes: {}",
        server.metric("runs_spool_disk_free_bytes").await?
    );
    let began = Instant::now();
    while journal.acknowledged() == at_full && began.elapsed() < FULL_PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eprintln!("  accepting again {:.1?} after the engine was back", began.elapsed());
    load.stop().await;
    server.wait_until_ready().await?;
    let verdict = verify(&server, &journal).await?;
    server.stop().await?;
    Ok(verdict)
}
