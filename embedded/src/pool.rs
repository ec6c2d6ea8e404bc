//! Threads that run what blocks: the engine's calls.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Stack of each thread. The engine's parser recurses, and aborts the process
/// on the 2 MB that a thread has by default.
pub(crate) const STACK: usize = 8 << 20;

type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of threads and a bounded queue before them.
pub(crate) struct Pool {
    jobs: Mutex<Option<Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The queue is full, or the pool is closed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl Pool {
    /// Starts `workers` threads; up to `queue` jobs wait for one.
    ///
    /// # Errors
    ///
    /// When the system has no threads to give.
    pub(crate) fn start(name: &str, workers: usize, queue: usize) -> std::io::Result<Self> {
        let (jobs, waiting) = bounded::<Job>(queue);
        let threads = (0..workers)
            .map(|index| {
                let waiting: Receiver<Job> = waiting.clone();
                thread::Builder::new().name(format!("{name}-{index}")).stack_size(STACK).spawn(
                    move || {
                        for job in waiting {
                            // A job that panics must not take the worker along.
                            let _ = catch_unwind(AssertUnwindSafe(job));
                        }
                    },
                )
            })
            .collect::<std::io::Result<_>>()?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), threads: Mutex::new(threads) })
    }

    /// Queues a job.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Refused> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        match jobs.as_ref().map(|jobs| jobs.try_send(Box::new(job))) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => Err(Refused),
        }
    }

    /// Takes no more jobs and waits until those it has are done. Blocks.
    pub(crate) fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let threads: Vec<_> =
            self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        for thread in threads {
            // It cannot have panicked: jobs are caught.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn jobs_beyond_the_queue_are_refused_and_the_rest_run() {
        let pool = Pool::start("test", 1, 1).unwrap();
        let (release, wait) = channel::<()>();
        let (started, running) = channel();
        pool.run(move || {
            started.send(()).unwrap();
            wait.recv().unwrap();
        })
        .unwrap();
        running.recv().unwrap();
        let (done, last) = channel();
        pool.run(move || done.send(()).unwrap()).unwrap();
        assert_eq!(pool.run(|| {}), Err(Refused));
        release.send(()).unwrap();
        pool.close();
        last.recv().unwrap();
        assert_eq!(pool.run(|| {}), Err(Refused));
    }
}
