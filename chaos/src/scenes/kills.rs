//! Server and engine are killed at random moments under load.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::journal::Journal;
use crate::load::{BUSY, Load};
use crate::process::{Server, Start, Victim};
use crate::verify::{verify, wait_until_drained};
use crate::{Failure, Outcome, Stage};

/// Plays so many rounds on one data folder, then counts.
///
/// # Errors
/// When a run is lost, doubled or changed, or a server cannot be started.
pub async fn kills(stage: &Stage, rounds: u32) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let start = Start::on_free_port()?;
    let journal = Arc::new(Journal::default());
    let mut rng = ChaCha8Rng::seed_from_u64(stage.seed);
    let mut server = Server::start(stage, data.path(), &start).await?;
    let load = Load::start(stage, &server.base, Arc::clone(&journal), BUSY)?;
    let (mut deaths, mut slowest_ready) = ([0_u32; 2], Duration::ZERO);
    for round in 1..=rounds {
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..900))).await;
        let victim = if rng.random_ratio(1, 2) { Victim::Server } else { Victim::Engine };
        // Now and then both, as when memory runs out.
        if rng.random_ratio(1, 5) {
            server.kill(Victim::Engine).await?;
        }
        server.kill(victim).await?;
        deaths[usize::from(victim == Victim::Engine)] += 1;
        let began = Instant::now();
        if victim == Victim::Server {
            server = Server::start(stage, data.path(), &start).await?;
        } else if rng.random_ratio(2, 3) {
            // Else the next round finds it dead or just born.
            server.wait_until_ready().await?;
        }
        slowest_ready = slowest_ready.max(began.elapsed());
        if round % 10 == 0 || round == rounds {
            eprintln!("  round {round}: {} runs acknowledged", journal.acknowledged());
        }
    }
    server.wait_until_ready().await?;
    load.stop().await;
    // A last crash with a full spool: how long until lists show all of it?
    server.kill(Victim::Server).await?;
    let server = Server::start(stage, data.path(), &start).await?;
    let listed_after = wait_until_drained(&server).await?;
    eprintln!(
        "  killed {} servers and {} engines; ready again after {slowest_ready:.1?} at most; \
         after the last crash ready in {:.1?} and all listed {listed_after:.1?} later",
        deaths[0], deaths[1], server.ready_after
    );
    let verdict = verify(&server, &journal).await?;
    server.stop().await?;
    Ok(Outcome::Held(verdict))
}
