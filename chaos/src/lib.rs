//! Kills, starves and confuses a real server under load, and checks that every
//! run that it acknowledged is there, once, whatever happened.
//!
//! Each scene starts servers of its own on a folder of its own and ends them by
//! their process ids. Times are reported and never judged.

#![allow(clippy::print_stderr, reason = "whoever runs it reads what happens")]

mod engine;
mod journal;
mod load;
mod marked;
mod process;
mod queries;
pub mod scenes;
pub mod templates;
mod verify;

use std::path::PathBuf;

pub use verify::Verdict;

/// Why a scene could not be played, or what it found.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How scenes are played.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The program to torment.
    pub program: PathBuf,
    /// The library of its engine, if it does not find it itself.
    pub libchdb: Option<PathBuf>,
    /// The same seed sends the same runs and picks the same victims.
    pub seed: u64,
    /// Clients that send at once.
    pub clients: usize,
}

/// How a scene ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Everything acknowledged is there, once.
    Held(Verdict),
    /// Every search was answered, or refused with a reason.
    Answered(scenes::Asked),
    /// Guesses beyond the limits were refused, and others signed in.
    SignedIn(scenes::SignIns),
    /// Every template was rendered, or refused with a reason.
    Rendered(scenes::Rendered),
    /// One flooded, and another was served all the same.
    Fair(scenes::Fairness),
    /// This machine cannot play the scene, for this reason.
    Skipped(String),
}
