//! Whether the cache may answer a request, and what it has for it.

use std::sync::Arc;

use http::HeaderMap;
use model::derive::Split;
use model::digest::blake3_128;
use model::sameness;
use store::{AnswerKey, OrgStore};

use super::api::Api;
use super::ask::Ask;
use super::cached;
use super::labels::{CacheMode, Labels, Members, member};
use crate::cache::{Answer, AnswerCache, CacheKey, FlightGuard, Found, Joined, LookError};
use crate::error::Chain;

/// What is to be done with a request.
pub enum Looked {
    /// It is answered already.
    Hit(Box<Hit>),
    /// The provider has to be asked.
    Ask {
        /// `miss` or `bypass`.
        outcome: &'static str,
        /// Why.
        reason: &'static str,
        /// How the answer is kept; `None` when it is not.
        keep: Option<Keep>,
    },
}

/// An answer to be given again.
pub struct Hit {
    /// The answer.
    pub answer: Arc<Answer>,
    /// It in the form that the client wants.
    pub text: String,
}

/// Where an answer is kept.
pub struct Keep {
    /// What it will be found by.
    pub key: CacheKey,
    /// Held while others wait for the answer.
    pub guard: Option<FlightGuard>,
}

/// Looks whether a request is answered already, and waits for one that is just
/// being answered.
///
/// `variant` tells apart requests that ask the same of the provider in another way.
pub async fn look(cache: &AnswerCache, store: &OrgStore, ask: &Ask, variant: u128) -> Looked {
    if ask.labels.cache == CacheMode::Never {
        return Looked::Ask { outcome: "bypass", reason: "use_cache is never", keep: None };
    }
    let Some(AnswerKey { version, input }) = ask.answer_key else {
        let reason = "the request goes on from what the provider keeps";
        return Looked::Ask { outcome: "bypass", reason, keep: None };
    };
    let key = CacheKey {
        org: store.org().id,
        agent: ask.labels.agent.clone(),
        key: AnswerKey { version, input: input ^ variant },
    };
    if let Some(reason) = unsuitable(ask) {
        // A later request that insists on the cache may find it.
        let keep = Some(Keep { key, guard: None });
        return Looked::Ask { outcome: "bypass", reason, keep };
    }
    let miss = |reason, key, guard| {
        let keep = Some(Keep { key, guard });
        Looked::Ask { outcome: "miss", reason, keep }
    };
    let none = match find(cache, store, ask, &key).await {
        Ok(hit) => return Looked::Hit(hit),
        Err(reason) if [UNREADABLE, SLOW].contains(&reason) => {
            let keep = Some(Keep { key, guard: None });
            return Looked::Ask { outcome: "bypass", reason, keep };
        }
        Err(reason) => reason,
    };
    let guard = match cache.join(&key).await {
        // Whoever asked before may have been answered in between.
        Joined::First(guard) if cache.recent(store, &key).is_none() => {
            return miss(none, key, Some(guard));
        }
        Joined::First(guard) => Some(guard),
        Joined::Answered | Joined::Failed => None,
    };
    match find(cache, store, ask, &key).await {
        Ok(hit) => Looked::Hit(hit),
        Err(reason) => miss(reason, key, guard),
    }
}

const UNREADABLE: &str = "the cache cannot be read";
const SLOW: &str = "the cache does not answer in time";

async fn find(
    cache: &AnswerCache,
    store: &OrgStore,
    ask: &Ask,
    key: &CacheKey,
) -> Result<Box<Hit>, &'static str> {
    match cache.find(store, key, ask.labels.cache_max_age).await {
        Ok(Found::Hit(answer)) => match cached::text(ask, &answer) {
            Some(text) => Ok(Box::new(Hit { answer, text })),
            None => Err("the stored answer has another form"),
        },
        Ok(Found::Nothing) => Err("no stored answer"),
        Ok(Found::TooOld) => Err("the stored answer is too old"),
        Err(LookError::Slow) => Err(SLOW),
        Err(error) => {
            tracing::warn!(cause = %Chain(&error), "the cache cannot be read");
            Err(UNREADABLE)
        }
    }
}

/// Why the cache does not answer unless it is told to.
fn unsuitable(ask: &Ask) -> Option<&'static str> {
    if ask.labels.cache == CacheMode::Always {
        return None;
    }
    let version = &ask.sent.split.version;
    if version.temperature != Some(0.0) {
        return Some("the temperature is not 0");
    }
    let has_tools = version.tools.as_ref().is_some_and(|tools| !tools.is_empty());
    has_tools.then_some("the request has tools")
}

/// Whether the answer depends on more than the request says.
fn has_state(api: Api, members: &Members<'_>) -> bool {
    if api != Api::Responses {
        return false;
    }
    ["previous_response_id", "conversation"].into_iter().any(|name| member(members, name).is_some())
        || member(members, "background") == Some("true")
}

/// What of a request beside its body can change the answer: the query string, and
/// headers that turn features on. 0 when it has neither.
#[must_use]
pub fn variant(query: Option<&str>, headers: &HeaderMap) -> u128 {
    let mut features: Vec<(&str, &[u8])> = headers
        .iter()
        .filter(|(name, _)| name.as_str().ends_with("-beta"))
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let query = query.unwrap_or_default();
    if query.is_empty() && features.is_empty() {
        return 0;
    }
    features.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    for part in [query.as_bytes()]
        .into_iter()
        .chain(features.into_iter().flat_map(|(name, value)| [name.as_bytes(), value]))
    {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    blake3_128(&hasher)
}

/// What an answer to a request is found by, which takes as long as the request is large;
/// `None` when the answer depends on more than the request says, or is not to be found.
#[must_use]
pub fn key_of(
    api: Api,
    labels: &Labels,
    split: &Split,
    members: &Members<'_>,
) -> Option<AnswerKey> {
    if labels.cache == CacheMode::Never || has_state(api, members) {
        return None;
    }
    // Answers of one API are no answers of another.
    let input = sameness::hash(&split.input) ^ (api as u128);
    Some(AnswerKey { version: split.version.id(), input })
}
