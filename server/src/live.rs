//! New runs as they arrive: one reader for each search that somebody follows,
//! however many follow it.
//!
//! A reader polls when this process has written runs of its organization, and
//! when a look at the engine's parts says that anybody has. What it finds goes to
//! all who follow; each of them knows by its cursor what it has had already.

mod feed;
mod follow;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{OrgSlug, RunId};
use shares::{Budget, Held, Holder};
use store::{ListRequest, OrgId, OrgStore, Store};
use tokio::sync::{broadcast, watch as signal};
use tokio_util::sync::CancellationToken;

pub use follow::{Follow, Told};

use crate::error::ApiError;
use crate::limits::refusal;

/// Batches that a slow client may be behind before it reads for itself.
const BATCHES_BEHIND: usize = 64;

/// A run that arrived, ready to be sent.
#[derive(Clone, Debug)]
pub struct Arrived {
    writer: u64,
    stamp: i64,
    id: RunId,
    /// The run as an item of a list.
    json: Arc<str>,
}

type Batch = Arc<[Arrived]>;

/// What is followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    org: OrgId,
    agent: Option<String>,
    schema: Option<u32>,
    q: String,
}

/// All streams of this server. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    public_url: Arc<str>,
    feeds: Mutex<HashMap<Key, broadcast::Sender<Batch>>>,
    /// Streams that are open, of which organizations have shares.
    streams: Budget,
    /// Changes when any process may have written runs.
    elsewhere: signal::Sender<u64>,
    closing: CancellationToken,
}

impl Live {
    /// No stream yet, of at most `streams`. `closing` ends all of them.
    #[must_use]
    pub fn new(
        store: Store,
        public_url: Arc<str>,
        streams: Budget,
        closing: CancellationToken,
    ) -> Self {
        let (elsewhere, _) = signal::channel(0);
        let live = Self(Arc::new(Shared {
            public_url,
            feeds: Mutex::default(),
            streams,
            elsewhere,
            closing,
        }));
        watch::begin(Arc::downgrade(&live.0), store);
        live
    }

    /// Streams that are open now.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        usize::try_from(self.0.streams.usage(0).all).unwrap_or(usize::MAX)
    }

    /// # Errors
    /// 429 when the organization or key has its share of the streams, 503 when
    /// there are no more.
    fn room(&self, holder: Holder) -> Result<Held, ApiError> {
        let room = self.0.streams.take(holder, 1);
        room.map_err(|refused| refusal("too_many_streams", "live streams", refused))
    }

    /// What the reader of a search finds from now on; begins the reader if there is none.
    fn feed(&self, store: &OrgStore, request: &ListRequest) -> broadcast::Receiver<Batch> {
        let key = Key {
            org: store.org().id,
            agent: request.agent.as_ref().map(ToString::to_string),
            schema: request.schema,
            q: request.query.to_string(),
        };
        let mut feeds = lock(&self.0.feeds);
        if let Some(sender) = feeds.get(&key) {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BATCHES_BEHIND);
        feeds.insert(key.clone(), sender.clone());
        tokio::spawn(feed::run(Arc::clone(&self.0), key, store.clone(), request.clone(), sender));
        receiver
    }
}

impl Arrived {
    fn of(arrival: store::Arrival, origin: &str, org: &OrgSlug) -> Option<Self> {
        let store::Arrival { writer, stamp, mut item } = arrival;
        crate::rest::links::Links { origin, org }.fill_item(&mut item);
        let json = serde_json::to_string(&item).ok()?;
        Some(Self { writer, stamp, id: item.id, json: json.into() })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
