//! Writes down which run answered what, some at a time.

use std::collections::HashMap;
use std::time::Duration;

use model::AgentSlug;
use store::{AnswerKey, CachedAnswer, OrgId, OrgStore};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::error::Chain;

/// Answers that wait to be written; more are forgotten, which costs a call later.
const BACKLOG: usize = 50_000;
const PAUSE: Duration = Duration::from_millis(300);
/// How often an answer is tried whose agent is not in the store yet.
const TRIES: u32 = 100;

/// An answer to be written down.
pub(super) struct ToKeep {
    pub(super) store: OrgStore,
    /// How many agents were deleted before.
    pub(super) deletions: u64,
    pub(super) agent: AgentSlug,
    pub(super) key: AnswerKey,
    pub(super) answer: CachedAnswer,
}

/// What waits of an organization.
struct OfOrg {
    store: OrgStore,
    deletions: u64,
    answers: Vec<(AgentSlug, AnswerKey, CachedAnswer)>,
}

type Waiting = HashMap<OrgId, OfOrg>;

/// Begins to write; ends once the sender is gone and all is written.
pub(super) fn start() -> Sender<ToKeep> {
    let (sender, receiver) = channel(BACKLOG);
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(keep(receiver));
    }
    sender
}

async fn keep(mut receiver: Receiver<ToKeep>) {
    let mut waiting = Waiting::new();
    let mut tries = 0;
    loop {
        if waiting.is_empty() {
            tries = 0;
            match receiver.recv().await {
                Some(first) => put(&mut waiting, first),
                None => return,
            }
        }
        tokio::time::sleep(PAUSE).await;
        while let Ok(more) = receiver.try_recv() {
            put(&mut waiting, more);
        }
        tries += 1;
        waiting = write(waiting).await;
        if tries > TRIES {
            waiting.clear();
        }
    }
}

fn put(waiting: &mut Waiting, new: ToKeep) {
    let ToKeep { store, deletions, agent, key, answer } = new;
    let org = store.org().id;
    let new = || OfOrg { store, deletions, answers: Vec::new() };
    let of_org = waiting.entry(org).or_insert_with(new);
    if of_org.deletions != deletions {
        // Some may be of a deleted agent, and must not become those of one with its name.
        of_org.answers.clear();
        of_org.deletions = deletions;
    }
    of_org.answers.push((agent, key, answer));
}

/// Gives back what could not be written yet.
async fn write(waiting: Waiting) -> Waiting {
    let mut left = Waiting::new();
    for (org, OfOrg { store, deletions, answers }) in waiting {
        if store.deletions() != deletions {
            continue;
        }
        match store.keep_answers(answers).await {
            Ok(unknown) if unknown.is_empty() => {}
            Ok(unknown) => {
                left.insert(org, OfOrg { store, deletions, answers: unknown });
            }
            // A lost entry costs a call of the provider, no more.
            Err(error) => tracing::warn!(cause = %Chain(&error), "cached answers are not kept"),
        }
    }
    left
}
