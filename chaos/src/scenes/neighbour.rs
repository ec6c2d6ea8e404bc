//! One key floods every door while another organization goes on as before.

mod flood;
mod quiet;

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use self::flood::Flood;
use self::quiet::Neighbour;
pub use self::quiet::Service;
use crate::process::{KEY, Server, Start};
use crate::verify::wait_until_drained;
use crate::{Failure, Outcome, Stage};

/// Nobody shares with the neighbour for so long first.
const QUIET: Duration = Duration::from_secs(10);

/// How the neighbour was served, alone and beside the flood.
#[derive(Clone, Debug)]
pub struct Fairness {
    /// While it was alone.
    pub quiet: Service,
    /// While the other flooded.
    pub flooded: Service,
    /// Requests of the flood that were taken in, and that were refused by status 429.
    pub flood: (u64, u64),
}

/// Floods a server for so long by one key of one organization, and measures what
/// another one notices.
///
/// # Errors
/// When a request of the other organization is refused, when searches do not find a
/// run of its for longer than `most`, or when a server cannot be started.
pub async fn unfair_neighbour(
    stage: &Stage,
    length: Duration,
    most: Duration,
) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let server = Server::start(stage, data.path(), &Start::on_free_port()?).await?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&stage.program);
        command
            .args(arguments)
            .env("RUNS_DATA_DIR", data.path())
            .env_remove("RUNS_ORG")
            .stderr(Stdio::inherit());
        if let Some(libchdb) = &stage.libchdb {
            command.env("RUNS_LIBCHDB", libchdb);
        }
        command
    };
    run(&["org", "create", "quiet"]).stdout(Stdio::null()).status().await?;
    let made = run(&["key", "create", "--org", "quiet", "--scope", "ingest,read"]).output().await?;
    let made = String::from_utf8(made.stdout)?;
    let key = made.lines().map(str::trim).find(|line| line.starts_with("rk_"));
    let key = key.ok_or_else(|| format!("no key was made: {made}"))?;

    let mut neighbour = Neighbour::new(&server.base, key, most)?;
    neighbour.settle_in().await?;
    wait_until_drained(&server).await?;
    let quiet = neighbour.live(QUIET).await?;
    let began = Instant::now();
    let flood = Flood::start(stage, &server.base, KEY)?;
    let flooded = neighbour.live(length).await;
    let flood = flood.stop().await;
    let flooded = flooded
        .map_err(|error| format!("beside the flood, after {:.1?}: {error}", began.elapsed()))?;
    server.stop().await?;
    Ok(Outcome::Fair(Fairness { quiet, flooded, flood }))
}
