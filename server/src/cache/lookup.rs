//! Finding an answer, first in memory, then in the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{AgentSlug, Run};
use moka::sync::Cache;
use store::{AnswerKey, CachedAnswer, Elsewhere, Org, OrgId, OrgStore, StoreError};
use tokio::sync::mpsc::Sender;

use super::answer::Answer;
use super::flight::{Flights, Joined};
use super::keeper::{self, ToKeep};
use crate::clock::now;

/// How long a request waits for a look at the store. A provider takes longer still,
/// but who has no stored answer must not pay much for not having it.
pub const PATIENCE: Duration = Duration::from_millis(50);
/// Memory for answers.
const MEMORY_BYTES: u64 = 64 * 1024 * 1024;
/// An answer of this size is read from the store each time.
const MAX_BYTES: usize = 1024 * 1024;
/// How long an answer is given without knowing the number of its agent, which is
/// known once its run is in the store.
const UNNUMBERED: Duration = Duration::from_secs(5);

/// What an answer is found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The organization.
    pub org: OrgId,
    /// The agent.
    pub agent: AgentSlug,
    /// Version and input.
    pub key: AnswerKey,
}

/// What a look-up found.
#[derive(Clone, Debug)]
pub enum Found {
    /// An answer.
    Hit(Arc<Answer>),
    /// None.
    Nothing,
    /// One that is older than it may be.
    TooOld,
}

#[derive(Clone)]
struct Remembered {
    answer: Arc<Answer>,
    /// The agent's number; unset right after the run.
    agent: Option<u64>,
    since: Instant,
    /// How many agents were deleted before.
    deletions: u64,
}

impl Remembered {
    fn is_recent(&self, store: &OrgStore) -> bool {
        self.since.elapsed() < UNNUMBERED && self.deletions == store.deletions()
    }
}

/// Why the cache cannot say whether it has an answer.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The store takes longer than a request may wait.
    #[error("the cache does not answer in time")]
    Slow,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Answers that can be given again. Cheap to clone.
#[derive(Clone)]
pub struct AnswerCache {
    patience: Duration,
    memory: Cache<CacheKey, Remembered>,
    flights: Flights,
    keeper: Sender<ToKeep>,
}

impl AnswerCache {
    /// An empty one; no request waits longer than `patience` for a look at the store.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        let memory = Cache::builder()
            .max_capacity(MEMORY_BYTES)
            .weigher(|_, it: &Remembered| u32::try_from(it.answer.size()).unwrap_or(u32::MAX))
            .build();
        Self { patience, memory, flights: Flights::default(), keeper: keeper::start() }
    }

    /// The answer to a request, if there is one that is young enough.
    ///
    /// # Errors
    /// When the store fails, or takes longer than a request may wait for it; then the
    /// look goes on, and what it finds is remembered.
    pub async fn find(
        &self,
        store: &OrgStore,
        key: &CacheKey,
        max_age: Option<Duration>,
    ) -> Result<Found, LookError> {
        if let Some(answer) = self.recent(store, key) {
            return Ok(if_young(answer, max_age));
        }
        let (this, store, key) = (self.clone(), store.clone(), key.clone());
        let look = tokio::spawn(async move { this.look(&store, &key, max_age).await });
        match tokio::time::timeout(self.patience, look).await {
            Ok(Ok(found)) => Ok(found?),
            Ok(Err(_)) | Err(_) => Err(LookError::Slow),
        }
    }

    /// An answer so new that its agent need not be asked for.
    #[must_use]
    pub fn recent(&self, store: &OrgStore, key: &CacheKey) -> Option<Arc<Answer>> {
        let found = self.memory.get(key).filter(|found| found.agent.is_none())?;
        found.is_recent(store).then_some(found.answer)
    }

    async fn look(
        &self,
        store: &OrgStore,
        key: &CacheKey,
        max_age: Option<Duration>,
    ) -> Result<Found, StoreError> {
        let agent = store.agent_number(&key.agent).await?;
        if let Some(answer) = self.remembered(store, key, agent) {
            return Ok(if_young(answer, max_age));
        }
        let Some(agent) = agent else { return Ok(Found::Nothing) };
        let Some(kept) = store.cached_answer(agent, key.key).await? else {
            return Ok(Found::Nothing);
        };
        let run: Option<Run> = store.run(kept.run).await?;
        let Some(answer) = run.as_ref().and_then(Answer::of) else { return Ok(Found::Nothing) };
        let answer = Arc::new(answer);
        self.remember(store, key.clone(), Arc::clone(&answer), Some(agent));
        Ok(if_young(answer, max_age))
    }

    /// Becomes the one request that asks, or waits for it.
    pub async fn join(&self, key: &CacheKey) -> Joined {
        self.flights.join(key).await
    }

    /// Keeps an answer.
    pub fn keep(&self, store: &OrgStore, key: CacheKey, answer: Answer) {
        let kept = CachedAnswer { run: answer.run, created_at: answer.created_at };
        let (agent, answer_key) = (key.agent.clone(), key.key);
        self.remember(store, key, Arc::new(answer), None);
        let to_keep = ToKeep {
            store: store.clone(),
            deletions: store.deletions(),
            agent,
            key: answer_key,
            answer: kept,
        };
        if self.keeper.try_send(to_keep).is_err() {
            tracing::debug!("too many answers wait to be kept; one is forgotten");
        }
    }

    fn remember(&self, store: &OrgStore, key: CacheKey, answer: Arc<Answer>, agent: Option<u64>) {
        if answer.size() <= MAX_BYTES {
            let (since, deletions) = (Instant::now(), store.deletions());
            self.memory.insert(key, Remembered { answer, agent, since, deletions });
        }
    }

    /// An answer in memory, if it belongs to the agent that has the name now.
    fn remembered(
        &self,
        store: &OrgStore,
        key: &CacheKey,
        agent: Option<u64>,
    ) -> Option<Arc<Answer>> {
        let found = self.memory.get(key)?;
        let holds = match found.agent {
            Some(number) => agent == Some(number),
            None => found.is_recent(store),
        };
        if !holds {
            self.memory.invalidate(key);
        }
        holds.then_some(found.answer)
    }
}

impl Elsewhere for AnswerCache {
    fn agent_deleted(&self, org: &Org, agent: &AgentSlug) {
        for (key, _) in &self.memory {
            if key.org == org.id && key.agent == *agent {
                self.memory.invalidate(key.as_ref());
            }
        }
    }
}

fn if_young(answer: Arc<Answer>, max_age: Option<Duration>) -> Found {
    let age = Duration::from_micros(u64::try_from(now().0 - answer.created_at.0).unwrap_or(0));
    if max_age.is_some_and(|most| age > most) { Found::TooOld } else { Found::Hit(answer) }
}
