//! Sample runs for an organization that has none.

use model::{CompleteContext, IncomingRun, NewRun, Source};
use store::OrgStore;

use crate::context::AppContext;
use crate::error::AppError;

/// Enough for pages, searches and numbers to look like life.
const RUNS: u32 = 2_000;
/// How long the answer waits until lists show the runs.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// Runs that are stored at once.
const BATCH: usize = 500;

/// Stores sample runs; gives how many there are now. Doing it again changes little.
///
/// # Errors
/// `unavailable` when the store is away.
pub async fn load(store: &OrgStore) -> Result<u32, AppError> {
    let AppContext { door, price, .. } = AppContext::current()?;
    let made = tokio::task::spawn_blocking(move || {
        let now = crate::read::now();
        let complete = |text: String| {
            let context = CompleteContext {
                now,
                random: rand::random(),
                default_source: Source::Import,
                price: &price,
            };
            IncomingRun::parse(&text).and_then(|run| run.complete(&context)).ok()
        };
        samples::demo_runs(now, RUNS).filter_map(complete).collect::<Vec<NewRun>>()
    });
    let runs = made.await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "sample runs failed");
        AppError::internal()
    })?;
    let count = runs.len();
    let mut runs = runs.into_iter();
    loop {
        let batch: Vec<NewRun> = runs.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        door.accept(store, batch).await?;
    }
    // The page that follows lists them.
    door.settle(PATIENCE).await;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
