use std::sync::mpsc;
use std::time::Duration;

use model::incoming::SchemaHint;
use model::slug::InvalidSlug;
use model::{NewRun, OrgSlug, Run, Timestamp};
use store::{Org, OrgId};

use super::*;
use crate::disk::Disk;
use crate::frame::{FrameError, Hashed};
use crate::ledger::{Batch, Plan};
use crate::quarantine::Quarantine;

const PATIENCE: Duration = Duration::from_secs(30);

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Slug(#[from] InvalidSlug),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Answer(#[from] oneshot::error::RecvError),
    #[error(transparent)]
    Call(#[from] mpsc::RecvTimeoutError),
    #[error(transparent)]
    Release(#[from] mpsc::SendError<()>),
    #[error("the writer's thread panicked")]
    Thread,
    #[error("the disk took what it should not")]
    Taken,
    #[error("there is no such run")]
    NoRun,
}

type Checked = Result<(), Unusable>;
type Answer = oneshot::Receiver<io::Result<Vec<RunId>>>;

struct Bench {
    _dir: tempfile::TempDir,
    shared: Arc<Shared>,
    writer: Writer,
    thread: JoinHandle<()>,
}

fn bench(
    wait_for_disk: impl FnMut(&File) -> io::Result<()> + Send + 'static,
) -> Result<Bench, Unusable> {
    let dir = tempfile::tempdir()?;
    let path = dir.path();
    let disk = Disk::new(path, u64::MAX);
    let shared = Arc::new(Shared::new(path.into(), disk, Quarantine::open(path)?));
    let (writer, thread) = Writer::start_with(path.into(), 1, Arc::clone(&shared), wait_for_disk)?;
    Ok(Bench { _dir: dir, shared, writer, thread })
}

impl Bench {
    fn append(&self, n: u128, soon: bool) -> Result<Answer, Unusable> {
        let org = Org {
            id: OrgId(1),
            slug: OrgSlug::new("acme")?,
            name: String::new(),
            created_at: Timestamp(0),
        };
        let run: Run = serde_json::from_value(serde_json::json!({
            "id": RunId::from_u128(7 << 76 | n), "agent": "a", "schema": 1,
            "created_at": "2026-11-22T10:00:00Z", "status": "success", "input": null,
            "output": null, "error": null, "version": {"id": "0".repeat(32)},
            "completions": [], "tool_calls": [], "reasoning": [], "latency_ms": null,
            "time_to_first_token_ms": null, "cost_usd": null, "usage": {},
            "conversation_id": null, "metadata": {}, "environment": null, "source": "api",
            "cached_from": null, "trace_id": null, "span_id": null, "parent_run_id": null,
            "input_preview": "", "output_preview": "",
        }))?;
        let runs = [Hashed {
            new: NewRun { run, client_key: None, schema: SchemaHint::Number(1) },
            hash: 0,
        }];
        let frame = Encoded::runs(&org, &runs, Timestamp(0))?;
        let (reply, answer) = oneshot::channel();
        let pieces = vec![Piece { frame, runs: None, key: 0 }];
        self.writer.append(Append { pieces, soon, reply })?;
        Ok(answer)
    }

    fn can_be_read(&self, n: u128) -> bool {
        self.shared.ledger().find(1, RunId::from_u128(7 << 76 | n)).is_some()
    }

    /// How many frames can be drained now, and how many of them are to be written.
    fn planned(&self) -> (usize, usize) {
        match self.shared.ledger().plan(Batch { runs: u64::MAX, bytes: u64::MAX }) {
            Some(Plan::Runs(frames, _)) => {
                (frames.len(), frames.iter().filter(|frame| !frame.withdrawn).count())
            }
            _ => (0, 0),
        }
    }

    fn end(self) -> Checked {
        drop(self.writer);
        self.thread.join().map_err(|_| Unusable::Thread)
    }
}

#[test]
fn who_is_in_a_hurry_waits_for_no_disk_and_passes_nobody() -> Checked {
    let (called, calls) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let bench = bench(move |_| {
        called.send(()).map_err(io::Error::other)?;
        released.recv().map_err(io::Error::other)
    })?;
    let mut patient = bench.append(1, false)?;
    calls.recv_timeout(PATIENCE)?;
    // The disk is busy with the first frame now, and stays so.
    assert!(bench.append(2, true)?.blocking_recv()?.is_ok());
    assert!(patient.try_recv().is_err());
    assert!(bench.can_be_read(2) && !bench.can_be_read(1));
    assert_eq!(bench.planned(), (0, 0), "frames are drained in the order of the file");
    let late = bench.append(3, false)?;
    release.send(())?;
    assert!(patient.blocking_recv()?.is_ok());
    assert!(bench.can_be_read(1));
    release.send(())?;
    assert!(late.blocking_recv()?.is_ok());
    assert_eq!(bench.planned(), (3, 3));
    drop(release);
    bench.end()
}

#[test]
fn what_the_disk_did_not_take_is_neither_read_nor_drained() -> Checked {
    let mut results = vec![Ok(()), Err(io::Error::other("the disk is broken")), Ok(())].into_iter();
    let bench = bench(move |_| results.next().unwrap_or(Ok(())))?;
    assert!(bench.append(1, false)?.blocking_recv()?.is_ok());
    let refused = bench.append(2, false)?.blocking_recv()?.err().ok_or(Unusable::Taken)?;
    assert!(refused.to_string().contains("broken"), "{refused}");
    assert!(!bench.can_be_read(2));
    assert!(bench.append(3, false)?.blocking_recv()?.is_ok());
    let place =
        bench.shared.ledger().find(1, RunId::from_u128(7 << 76 | 3)).ok_or(Unusable::NoRun)?.0;
    assert_eq!(place.segment, 2, "what follows goes to another file");
    assert_eq!(bench.planned(), (3, 2));
    assert_eq!(bench.shared.ledger().undrained_runs(), 2);
    bench.end()
}
