//! Identical requests at one time: one asks, the others wait for its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::lookup::CacheKey;

/// How the one that asks has fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Asking,
    /// There is an answer to be found now.
    Answered,
    Failed,
}

/// The requests that are on their way.
#[derive(Clone, Default)]
pub struct Flights(Arc<Mutex<HashMap<CacheKey, watch::Receiver<Progress>>>>);

/// What a request is to do.
pub enum Joined {
    /// Ask.
    First(FlightGuard),
    /// Look again: another request got an answer.
    Answered,
    /// Ask for itself: another request got none.
    Failed,
}

/// Held by the one that asks. Dropped, it lets the others go on by themselves.
pub struct FlightGuard {
    flights: Flights,
    key: CacheKey,
    progress: watch::Sender<Progress>,
}

impl Flights {
    /// Becomes the one that asks, or waits for it.
    pub async fn join(&self, key: &CacheKey) -> Joined {
        let mut waiting = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match flights.get(key) {
                Some(waiting) => waiting.clone(),
                None => {
                    let (progress, waiting) = watch::channel(Progress::Asking);
                    flights.insert(key.clone(), waiting);
                    let flights = self.clone();
                    return Joined::First(FlightGuard { flights, key: key.clone(), progress });
                }
            }
        };
        // An error means that the sender is gone, which drops only after it has told.
        let told = waiting.wait_for(|progress| *progress != Progress::Asking).await;
        match told.map(|progress| *progress) {
            Ok(Progress::Answered) => Joined::Answered,
            _ => Joined::Failed,
        }
    }
}

impl FlightGuard {
    /// Lets the others look again.
    pub fn answered(self) {
        let _ = self.progress.send(Progress::Answered);
    }
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.progress.send_if_modified(|progress| {
            let is_open = *progress == Progress::Asking;
            if is_open {
                *progress = Progress::Failed;
            }
            is_open
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{AgentSlug, VersionId};
    use store::{AnswerKey, OrgId};

    use super::*;

    fn key(input: u128) -> CacheKey {
        let key = AnswerKey { version: VersionId(1), input };
        CacheKey { org: OrgId(1), agent: AgentSlug::new("a").unwrap(), key }
    }

    fn first(joined: Joined) -> FlightGuard {
        match joined {
            Joined::First(guard) => guard,
            _ => panic!("another is asking"),
        }
    }

    #[tokio::test]
    async fn others_wait_and_hear_how_it_went() {
        let flights = Flights::default();
        for succeeds in [true, false] {
            let guard = first(flights.join(&key(1)).await);
            drop(first(flights.join(&key(2)).await));
            let waiting = {
                let flights = flights.clone();
                tokio::spawn(async move { matches!(flights.join(&key(1)).await, Joined::Answered) })
            };
            tokio::time::sleep(Duration::from_millis(10)).await;
            assert!(!waiting.is_finished());
            if succeeds {
                guard.answered()
            } else {
                drop(guard)
            }
            assert_eq!(waiting.await.unwrap(), succeeds);
        }
        drop(first(flights.join(&key(1)).await));
    }
}
