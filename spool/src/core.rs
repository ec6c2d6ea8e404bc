//! An open spool.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, FutureExt};
use model::{AgentSlug, Run, RunId};
use store::{Forgotten, Org, OrgId, Store, Undrained};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::checkpoint::Checkpoint;
use crate::control;
use crate::disk::Disk;
use crate::door::DoorError;
use crate::drain::Drainer;
use crate::frame::{self, Encoded};
use crate::options::{OpenError, SpoolOptions};
use crate::quarantine::{Quarantine, Quarantined};
use crate::recover::{Found, recover};
use crate::segment::{self, Place};
use crate::shared::Shared;
use crate::writer::{Append, Piece, Writer, ended};

/// How long the removal of an agent waits for its frames to leave the disk.
const FORGET_PATIENCE: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// An open spool: its thread, its drainer and its lock.
pub(crate) struct Core {
    pub(crate) shared: Arc<Shared>,
    writer: Mutex<Option<Writer>>,
    ending: Mutex<Option<Ending>>,
    /// Tells the drainer to end once nothing is left.
    closing: CancellationToken,
    /// Given back when the spool is closed.
    lock: Mutex<Option<File>>,
}

struct Ending {
    thread: JoinHandle<()>,
    drainer: tokio::task::JoinHandle<()>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("dir", &self.shared.dir).finish_non_exhaustive()
    }
}

impl Core {
    pub(crate) async fn open(options: SpoolOptions, store: Store) -> Result<Arc<Self>, OpenError> {
        let dir = options.dir.clone();
        let failed = |cause| OpenError::Io { dir: dir.clone(), cause };
        let lock = take_lock(&options).await?;
        let (engine_dir, batch_runs) = (options.engine_dir.clone(), options.batch_runs);
        let prepared = spawn_blocking(move || prepare(&options)).await;
        let (shared, checkpoint, found) =
            prepared.map_err(io::Error::other).flatten().map_err(failed)?;
        let shared = Arc::new(shared);
        let (writer, thread) =
            Writer::start(shared.dir.clone(), found.next_segment, Arc::clone(&shared))
                .map_err(failed)?;
        let core = Arc::new(Self {
            shared: Arc::clone(&shared),
            writer: Mutex::new(Some(writer)),
            ending: Mutex::default(),
            closing: CancellationToken::new(),
            lock: Mutex::new(Some(lock)),
        });
        store.put_behind(Arc::clone(&core) as Arc<dyn Undrained>);
        let weak = Arc::downgrade(&core);
        let drainer = Drainer::new(weak, shared, store, checkpoint, engine_dir, batch_runs)
            .beginning_with(found.under_way);
        let drainer = tokio::spawn(drainer.run(core.closing.clone()));
        *core.ending.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Ending { thread, drainer });
        Ok(core)
    }

    /// Appends frames, all or none; returns once they are on disk, or with `soon`
    /// once the system has them. Gives the runs that a deletion drops.
    pub(crate) async fn append(&self, pieces: Vec<Piece>, soon: bool) -> io::Result<Vec<RunId>> {
        let (reply, answer) = oneshot::channel();
        self.with_writer(|writer| writer.append(Append { pieces, soon, reply }))?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Begins a new segment, so that the others can go once they are drained.
    pub(crate) async fn rotate(&self) -> io::Result<()> {
        let answer = self.with_writer(Writer::rotate)?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Lets commands on this machine reach the spool until it is closed.
    pub(crate) fn serve_commands(self: &Arc<Self>, store: Store) {
        tokio::spawn(control::serve(Arc::clone(self), store, self.closing.clone()));
    }

    pub(crate) async fn quarantined(
        &self,
        org: Option<OrgId>,
        limit: usize,
    ) -> Result<Vec<Quarantined>, DoorError> {
        let shared = Arc::clone(&self.shared);
        spawn_blocking(move || shared.quarantine.list(org, limit))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(DoorError::Disk)
    }

    fn with_writer<T>(&self, work: impl FnOnce(&Writer) -> io::Result<T>) -> io::Result<T> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().map_or_else(|| Err(ended()), work)
    }

    /// Waits until all that was accepted so far is drained; tells whether it was in time.
    pub(crate) async fn settle(&self, patience: Duration) -> bool {
        let wanted = self.shared.ledger().next_sequence();
        let mut progress = self.shared.progress.subscribe();
        let settled = progress.wait_for(|first| *first >= wanted);
        tokio::time::timeout(patience, settled).await.is_ok_and(|settled| settled.is_ok())
    }

    /// Takes nothing more in, drains what is there within the deadline, and lets
    /// go of the folder's files. What is left waits for the next start.
    pub(crate) async fn close(&self, deadline: Duration) {
        self.shared.is_closed.store(true, Ordering::Relaxed);
        let began = Instant::now();
        let is_drained = self.settle(deadline).await;
        if let Err(error) = self.rotate().await {
            tracing::debug!(%error, "the last segment of the spool stays");
        }
        self.closing.cancel();
        // The thread ends once it has written all that it was given.
        drop(self.writer.lock().unwrap_or_else(PoisonError::into_inner).take());
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Ending { thread, drainer }) = ending {
            // An insert that hangs is left to its end, which comes with the process.
            let patience = deadline.saturating_sub(began.elapsed()).max(Duration::from_secs(1));
            if tokio::time::timeout(patience, drainer).await.is_err() {
                tracing::warn!("the drainer of the spool does not end");
            }
            if spawn_blocking(move || thread.join()).await.is_err() {
                tracing::error!("the thread of the spool did not end well");
            }
        }
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        if !is_drained {
            let runs = self.shared.ledger().undrained_runs();
            tracing::warn!(runs, "runs stay in the spool until the next start");
        }
    }
}

/// Everything but the threads and the drainer, and what the last process left.
fn prepare(options: &SpoolOptions) -> io::Result<(Shared, Checkpoint, Found)> {
    let dir = &options.dir;
    let quarantine = Quarantine::open(dir)?;
    let disk = Disk::new(dir, options.max_bytes);
    let shared = Shared::new(dir.clone(), disk, quarantine);
    let (checkpoint, mark) = Checkpoint::open(dir)?;
    let found = recover(&shared, mark)?;
    shared.torn_bytes.store(found.torn_bytes, Ordering::Relaxed);
    if found.frames > 0 {
        let runs = shared.ledger().undrained_runs();
        tracing::info!(frames = found.frames, runs, "the spool holds runs of the last process");
    }
    Ok((shared, checkpoint, found))
}

/// One process per folder. The lock goes with the process, however it ends.
async fn take_lock(options: &SpoolOptions) -> Result<File, OpenError> {
    let dir = &options.dir;
    let failed = |cause| OpenError::Io { dir: dir.clone(), cause };
    fs::create_dir_all(dir).map_err(failed)?;
    // Runs are nobody's business but the owner's.
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    let file = open_lock(dir).map_err(failed)?;
    let deadline = Instant::now() + options.lock_patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(OpenError::InUse { dir: dir.clone() });
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
        }
    }
}

fn open_lock(dir: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(dir.join("lock"))
}

impl Undrained for Core {
    fn find(&self, org: OrgId, id: RunId) -> BoxFuture<'_, Option<Run>> {
        let Some((place, nth)) = self.shared.ledger().find(org.0, id) else {
            return futures::future::ready(None).boxed();
        };
        let dir = self.shared.dir.clone();
        async move {
            // A frame that went away meanwhile is drained: the store has the run.
            spawn_blocking(move || read_one(&dir, place, nth)).await.ok().flatten()
        }
        .boxed()
    }

    fn wait_until_drained(&self, org: OrgId, id: RunId, patience: Duration) -> BoxFuture<'_, ()> {
        // From here on, so that no progress is missed between a look and the wait.
        let mut progress = self.shared.progress.subscribe();
        async move {
            let drained = async {
                while self.shared.ledger().find(org.0, id).is_some() {
                    if progress.changed().await.is_err() {
                        return;
                    }
                }
            };
            // What takes longer is read from here.
            let _ = tokio::time::timeout(patience, drained).await;
        }
        .boxed()
    }

    fn find_aside(&self, org: OrgId, id: RunId) -> BoxFuture<'_, Option<Run>> {
        let shared = Arc::clone(&self.shared);
        async move { spawn_blocking(move || shared.quarantine.find(org, id)).await.ok().flatten() }
            .boxed()
    }

    fn holds_agent<'a>(
        &'a self,
        org: OrgId,
        agent: &'a AgentSlug,
    ) -> BoxFuture<'a, io::Result<bool>> {
        async move {
            if self.shared.ledger().holds_agent(org.0, agent) {
                return Ok(true);
            }
            let (shared, agent) = (Arc::clone(&self.shared), agent.clone());
            spawn_blocking(move || shared.quarantine.holds_agent(org, &agent))
                .await
                .map_err(io::Error::other)
                .flatten()
        }
        .boxed()
    }

    fn forget_agent<'a>(
        &'a self,
        org: &'a Org,
        agent: &'a AgentSlug,
        key: Option<u64>,
    ) -> BoxFuture<'a, io::Result<Forgotten>> {
        async move {
            let frame = Encoded::deletion(org, agent, key).map_err(io::Error::other)?;
            let runs = self.append(vec![Piece { frame, runs: None, key: 0 }], false).await?;
            self.shared.quarantine.hide_agent(org.id, agent);
            let (rotated, shared) = (self.with_writer(Writer::rotate), Arc::clone(&self.shared));
            // The drainer carries the deletion out; nobody else waits for the disk.
            let gone = tokio::spawn(async move {
                match rotated {
                    Ok(answer) => drop(answer.await),
                    Err(error) => tracing::debug!(%error, "a segment of the spool stays open"),
                }
                let last = shared.ledger().last_sealed_segment();
                wait_until_gone(&shared, last).await
            });
            Ok(Forgotten { runs, gone: async move { gone.await.unwrap_or(false) }.boxed() })
        }
        .boxed()
    }
}

fn read_one(dir: &Path, place: Place, nth: usize) -> Option<Run> {
    let payload = segment::read_frame(dir, place).ok()?;
    frame::unpack_one(&payload, nth)
        .inspect_err(|error| tracing::error!(?place, %error, "cannot read a run of the spool"))
        .ok()
}

/// Waits until no segment up to this one is left, within bounds; tells whether none is.
async fn wait_until_gone(shared: &Shared, last: Option<u64>) -> bool {
    let Some(last) = last else { return true };
    let deadline = Instant::now() + FORGET_PATIENCE;
    while shared.ledger().oldest_segment().is_some_and(|oldest| oldest <= last) {
        if Instant::now() >= deadline {
            tracing::warn!(
                "the spool still holds frames of a deleted agent; they go once it is drained"
            );
            return false;
        }
        shared.hurry.store(true, Ordering::Relaxed);
        shared.arrived.notify_one();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}
