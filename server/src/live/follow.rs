//! One client's stream: what it missed, then what arrives.

use std::collections::VecDeque;
use std::time::Duration;

use futures::Stream;
use model::RunId;
use shares::Held;
use store::{ArrivalCursor, ListRequest, OrgStore};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::feed::PAGE;
use super::{Arrived, Batch, Live};
use crate::error::{ApiError, Chain};

/// How often it is checked that the client may still read.
const RECHECK: Duration = Duration::from_secs(10);

/// What a client is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Where a stream goes on that ended after this.
    pub cursor: ArrivalCursor,
    /// The run that arrived and its JSON; `None` at the beginning, which only
    /// says where the stream stands.
    pub run: Option<(RunId, std::sync::Arc<str>)>,
    /// Whether more is ready to be sent right after.
    pub has_more: bool,
}

/// A client's stream.
pub struct Follow<Check> {
    live: Live,
    store: OrgStore,
    request: ListRequest,
    cursor: ArrivalCursor,
    feed: broadcast::Receiver<Batch>,
    may_read: Check,
    _room: Held,
}

impl Live {
    /// A stream of the runs that match and arrive after `after`, or from now on.
    /// It ends when `may_read` says so, the agent is deleted or the server stops.
    ///
    /// # Errors
    /// 429 when the organization or key has its share of the streams, 503 when
    /// there are no more.
    pub fn follow<Check, Answer>(
        &self,
        store: OrgStore,
        request: ListRequest,
        after: Option<ArrivalCursor>,
        may_read: Check,
    ) -> Result<Follow<Check>, ApiError>
    where
        Check: Fn() -> Answer + Send + Sync + 'static,
        Answer: Future<Output = bool> + Send,
    {
        let room = self.room(store.holder())?;
        // Before anything is read, so that nothing falls between the two.
        let feed = self.feed(&store, &request);
        let cursor = after.unwrap_or_else(|| store.arrivals_end());
        Ok(Follow { live: self.clone(), store, request, cursor, feed, may_read, _room: room })
    }
}

impl<Check, Answer> Follow<Check>
where
    Check: Fn() -> Answer + Send + Sync + 'static,
    Answer: Future<Output = bool> + Send,
{
    /// What the client is told, as long as it listens.
    pub fn told(mut self) -> impl Stream<Item = Told> + Send {
        async_stream::stream! {
            yield Told { cursor: self.cursor.clone(), run: None, has_more: false };
            let mut checked = Instant::now();
            let mut is_behind = true;
            let mut ready = VecDeque::new();
            loop {
                if checked.elapsed() >= RECHECK {
                    if !(self.may_read)().await {
                        return;
                    }
                    checked = Instant::now();
                }
                if is_behind {
                    match self.missed().await {
                        Some((found, has_more)) => {
                            ready.extend(found);
                            is_behind = has_more;
                        }
                        None => return,
                    }
                } else {
                    tokio::select! {
                        batch = self.feed.recv() => match batch {
                            Ok(batch) => ready.extend(batch.iter().cloned()),
                            Err(RecvError::Lagged(_)) => is_behind = true,
                            Err(RecvError::Closed) => return,
                        },
                        () = sleep_until(checked + RECHECK) => {}
                        () = self.live.0.closing.cancelled() => return,
                    }
                }
                while let Some(arrived) = ready.pop_front() {
                    let Arrived { writer, stamp, id, json } = arrived;
                    if !self.cursor.covers(writer, stamp) {
                        self.cursor.advance(writer, stamp);
                        let has_more = !ready.is_empty();
                        let cursor = self.cursor.clone();
                        yield Told { cursor, run: Some((id, json)), has_more };
                    }
                }
            }
        }
    }

    /// What arrived after the cursor, and whether that is not all. `None` ends the stream.
    async fn missed(&self) -> Option<(Vec<Arrived>, bool)> {
        match self.store.arrivals(&self.request, &self.cursor, PAGE).await {
            Ok(found) => {
                let found = found?;
                let (origin, org) = (&self.live.0.public_url, &self.store.org().slug);
                let items = found.items.into_iter();
                let items = items.filter_map(|item| Arrived::of(item, origin, org)).collect();
                Some((items, found.has_more))
            }
            Err(error) => {
                // The client comes again by itself, and goes on where it was.
                tracing::warn!(error = %Chain(&error), "cannot read what a stream missed");
                None
            }
        }
    }
}
