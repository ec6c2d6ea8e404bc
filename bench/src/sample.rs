//! Calls of one kind, timed.

use std::time::{Duration, Instant};

use crate::Failure;

/// How long one row may take; what is slow is called less often.
const PATIENCE: Duration = Duration::from_secs(20);
/// So often it is called however slow it is.
const AT_LEAST: usize = 3;

/// What calls took, and how much the last one found.
#[derive(Default)]
pub struct Samples {
    pub times: Vec<Duration>,
    pub found: Option<u64>,
}

/// Calls with the numbers from 1 and times each, after a call with 0 that warms up.
pub async fn sample(
    repeat: usize,
    call: impl AsyncFn(usize) -> Result<u64, Failure>,
) -> Result<Samples, Failure> {
    call(0).await?;
    let mut samples = Samples::default();
    let begun = Instant::now();
    for round in 1..=repeat {
        if round > AT_LEAST && begun.elapsed() > PATIENCE {
            break;
        }
        let at = Instant::now();
        samples.found = Some(call(round).await?);
        samples.times.push(at.elapsed());
    }
    Ok(samples)
}

/// The time below which this share of the calls stayed.
pub fn quantile(sorted: &[Duration], share: f64) -> Option<Duration> {
    let index = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(index).copied()
}
