//! `make chaos`: every scene, one after another.

#![allow(clippy::print_stderr, reason = "whoever runs it reads what happens")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chaos::{Failure, Outcome, Stage, scenes};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

/// Kills, starves and confuses a server under load, and counts what it acknowledged.
#[derive(Parser)]
struct Options {
    /// How often server or engine are killed.
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// How long the engine is kept away, in seconds.
    #[arg(long, default_value_t = 60)]
    away: u64,
    /// How long searches are thought up, in seconds.
    #[arg(long, default_value_t = 600)]
    searching: u64,
    /// How long templates are thought up, in seconds.
    #[arg(long, default_value_t = 600)]
    templating: u64,
    /// How long one key floods the server, in seconds.
    #[arg(long, default_value_t = 30)]
    flooding: u64,
    /// Play these scenes only.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Scene>,
    /// The program to torment.
    #[arg(long, default_value = "target/release/runs")]
    program: PathBuf,
    /// Repeats an earlier game.
    #[arg(long)]
    seed: Option<u64>,
    /// Clients that send at once.
    #[arg(long, default_value_t = 6)]
    clients: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scene {
    Kills,
    Absence,
    FullDisk,
    TornFrame,
    WrongClock,
    Deletion,
    Searches,
    SignIns,
    HungEngine,
    Templates,
    UnfairNeighbour,
}

/// A run that searches do not find for longer fails the scene of the neighbour.
const MOST_HIDDEN: Duration = Duration::from_secs(5);
/// No scene of any size takes longer.
const LONGEST: Duration = Duration::from_secs(3_600);

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(rand::random);
    let stage = Stage {
        program: options.program.clone(),
        libchdb: std::env::var_os("RUNS_LIBCHDB").map(PathBuf::from),
        seed,
        clients: options.clients,
    };
    eprintln!("chaos with --seed {seed}");
    let mut failures = 0;
    for scene in Scene::value_variants() {
        if !options.only.is_empty() && !options.only.contains(scene) {
            continue;
        }
        eprintln!("{scene:?}");
        let began = Instant::now();
        // Dropping a scene ends its servers.
        let played = tokio::select! {
            played = tokio::time::timeout(LONGEST, play(*scene, &stage, &options)) => played,
            () = stopped() => return ExitCode::FAILURE,
        };
        match played.unwrap_or_else(|_| Err("the scene took too long".into())) {
            Ok(Outcome::Held(verdict)) => eprintln!(
                "  held: {} runs acknowledged and there once, {} requests refused for now, \
                 {} runs without an answer of which {} are there; {:.0?}",
                verdict.acknowledged,
                verdict.refusals,
                verdict.unanswered.0,
                verdict.unanswered.1,
                began.elapsed()
            ),
            Ok(Outcome::Answered(asked)) => eprintln!(
                "  held: {} searches answered, {} refused with a reason, {} halved; {:.0?}",
                asked.answered,
                asked.refused,
                asked.halved,
                began.elapsed()
            ),
            Ok(Outcome::SignedIn(sign_ins)) => eprintln!(
                "  held: {} guesses checked, {} refused unseen; a sign-in took {:.0?} with the \
                 server for itself and {:.0?} at most beside them; {:.0?}",
                sign_ins.checked,
                sign_ins.refused,
                sign_ins.quiet,
                sign_ins.beside,
                began.elapsed()
            ),
            Ok(Outcome::Rendered(all)) => eprintln!(
                "  held: {} templates rendered, {} refused with a reason of which {} ended their \
                 process, {} told to wait, the neighbour waited {:.1?} at most; {:.0?}",
                all.rendered,
                all.refused,
                all.ended,
                all.busy,
                all.slowest_neighbour,
                began.elapsed()
            ),
            Ok(Outcome::Fair(fairness)) => eprintln!(
                "  held: alone {}\n  beside the flood {}\n  {} requests of the flood taken, {} refused; {:.0?}",
                fairness.quiet,
                fairness.flooded,
                fairness.flood.0,
                fairness.flood.1,
                began.elapsed()
            ),
            Ok(Outcome::Skipped(reason)) => eprintln!("  skipped: {reason}"),
            Err(error) => {
                eprintln!("  FAILED: {error}");
                failures += 1;
            }
        }
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Completes when somebody asks this program to stop.
async fn stopped() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => std::future::pending().await,
    }
}

async fn play(scene: Scene, stage: &Stage, options: &Options) -> Result<Outcome, Failure> {
    match scene {
        Scene::Kills => scenes::kills(stage, options.rounds).await,
        Scene::Absence => scenes::absence(stage, Duration::from_secs(options.away)).await,
        Scene::FullDisk => scenes::full_disk(stage).await,
        Scene::TornFrame => scenes::torn_frame(stage).await,
        Scene::WrongClock => scenes::wrong_clock(stage).await,
        Scene::SignIns => scenes::sign_ins(stage).await,
        Scene::Deletion => scenes::deletion(stage).await,
        Scene::UnfairNeighbour => {
            scenes::unfair_neighbour(stage, Duration::from_secs(options.flooding), MOST_HIDDEN)
                .await
        }
        Scene::Searches => scenes::searches(stage, Duration::from_secs(options.searching)).await,
        Scene::HungEngine => scenes::hung_engine(stage).await,
        Scene::Templates => scenes::templates(stage, Duration::from_secs(options.templating)).await,
    }
}
