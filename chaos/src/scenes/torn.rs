//! The last frame of the spool is half written.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::Journal;
use crate::load::{BUSY, Load};
use crate::process::{Server, Start, Victim, signal};
use crate::verify::verify;
use crate::{Failure, Outcome, Stage};

/// Kills a server whose spool is full, tears the end of its last file in
/// different ways, and counts.
///
/// # Errors
/// When a run is lost, doubled or changed, when the tear is not reported, or when
/// a server cannot be started.
pub async fn torn_frame(stage: &Stage) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let start = Start::on_free_port()?;
    let journal = Arc::new(Journal::default());
    // A frame that says more than there is, half a prefix, and zeros.
    let tears: [&[u8]; 3] = [&[200, 0, 0, 0, 1, 2, 3, 4, 5, 6], &[9, 0, 0], &[0; 4096]];
    for tear in tears {
        let mut server = Server::start(stage, data.path(), &start).await?;
        let load = Load::start(stage, &server.base, Arc::clone(&journal), BUSY)?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let engine = server.engine().ok_or("there is no engine to hang")?;
        signal("-STOP", engine).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        load.stop().await;
        server.kill(Victim::Server).await?;
        // It sees that its parent is gone once it goes on.
        signal("-CONT", engine).await?;
        newest_segment(&data.path().join("spool"))?.write_all(tear)?;
        let server = Server::start(stage, data.path(), &start).await?;
        let torn = server.metric("runs_spool_torn_bytes").await?;
        if torn != tear.len() as f64 {
            return Err(format!("{} torn bytes were reported as {torn}", tear.len()).into());
        }
        server.stop().await?;
    }
    let server = Server::start(stage, data.path(), &start).await?;
    let verdict = verify(&server, &journal).await?;
    server.stop().await?;
    Ok(Outcome::Held(verdict))
}

fn newest_segment(spool: &Path) -> Result<File, Failure> {
    let mut segments: Vec<_> = fs::read_dir(spool)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "frames"))
        .collect();
    segments.sort();
    let newest = segments.pop().ok_or("the spool has no segment")?;
    Ok(File::options().append(true).open(newest)?)
}
