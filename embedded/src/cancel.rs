//! Stops queries whose client went away.
//!
//! The engine takes no query id from outside, so every request runs with a
//! mark of its own in `log_comment`, and is killed by that mark on a
//! connection that does nothing else.

use crate::engine::{Engine, Session, run};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// A request on its way through a worker.
#[derive(Debug)]
pub(crate) struct Task {
    mark: String,
    cancelled: AtomicBool,
    phase: AtomicU8,
}

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const DONE: u8 = 2;

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Task {
    /// A task that waits for a worker.
    pub(crate) fn new() -> Arc<Self> {
        let mark = format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let (cancelled, phase) = (AtomicBool::new(false), AtomicU8::new(WAITING));
        Arc::new(Self { mark, cancelled, phase })
    }

    /// What `log_comment` says while it runs.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// Starts it; `false` when nobody waits for it any more.
    pub(crate) fn start(&self) -> bool {
        self.phase.store(RUNNING, Ordering::SeqCst);
        !self.is_cancelled()
    }

    /// Says that nothing of it is left in the engine.
    pub(crate) fn finish(&self) {
        self.phase.store(DONE, Ordering::SeqCst);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    fn phase(&self) -> u8 {
        self.phase.load(Ordering::SeqCst)
    }
}

/// Cancels a task when it is dropped, unless the task is done.
pub(crate) struct CancelOnDrop {
    task: Arc<Task>,
    killer: Killer,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if self.task.phase() != DONE {
            self.killer.cancel(&self.task);
        }
    }
}

/// A handle on the thread that kills.
#[derive(Clone)]
pub(crate) struct Killer {
    orders: Sender<Order>,
}

enum Order {
    Kill(Arc<Task>),
    Stop,
}

/// A KILL that arrives before its query has no effect, so it is repeated,
/// after a pause that doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Killer {
    /// Starts the thread, which runs until [`Killer::stop`].
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub(crate) fn start(engine: Arc<Engine>) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (orders, incoming) = channel();
        let thread = thread::Builder::new()
            .name("engine-killer".to_owned())
            .stack_size(crate::pool::STACK)
            .spawn(move || kill_all(&engine, &incoming))?;
        Ok((Self { orders }, thread))
    }

    /// A guard that cancels `task` when it is dropped too early.
    pub(crate) fn guard(&self, task: &Arc<Task>) -> CancelOnDrop {
        CancelOnDrop { task: Arc::clone(task), killer: self.clone() }
    }

    /// Cancels a task now, or before it begins.
    pub(crate) fn cancel(&self, task: &Arc<Task>) {
        task.cancelled.store(true, Ordering::SeqCst);
        // Without the thread the engine is going down, and the task with it.
        let _ = self.orders.send(Order::Kill(Arc::clone(task)));
    }

    /// Ends the thread. To be called when no task is left.
    pub(crate) fn stop(&self) {
        // It fails only when the thread has ended already.
        let _ = self.orders.send(Order::Stop);
    }
}

fn kill_all(engine: &Engine, incoming: &Receiver<Order>) {
    let mut doomed: Vec<Arc<Task>> = Vec::new();
    let mut pause = FIRST_PAUSE;
    loop {
        let next = if doomed.is_empty() {
            incoming.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            incoming.recv_timeout(pause)
        };
        match next {
            Ok(Order::Kill(task)) => {
                doomed.push(task);
                pause = FIRST_PAUSE;
            }
            Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(LONGEST_PAUSE),
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        }
        doomed.retain(|task| task.phase() != DONE);
        let marks: Vec<_> = doomed
            .iter()
            .filter(|task| task.phase() == RUNNING)
            .map(|task| format!("'{}'", task.mark))
            .collect();
        if !marks.is_empty() {
            kill(engine, &marks);
        }
    }
}

fn kill(engine: &Engine, marks: &[String]) {
    // SYNC can hang for a minute; ASYNC stops the query just as soon.
    let marks = marks.join(", ");
    let sql = format!("KILL QUERY WHERE Settings['log_comment'] IN ({marks}) ASYNC");
    let killed = engine
        .session(&Session::default(), "killer")
        .and_then(|mut connection| run(&mut connection, &sql));
    if let Err(exception) = killed {
        tracing::warn!("cannot cancel a query: {}", exception.render(engine.version()).trim_end());
    }
}
