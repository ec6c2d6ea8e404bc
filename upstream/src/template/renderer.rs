//! Keeps a few workers ready and shares them out.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::process::{Failed, Process};
use super::{TemplateError, is_template};

/// A worker that held more than this is replaced, so that its memory is given back.
const LARGE: usize = 4_000_000;
/// How long a request waits for its turn.
const TURN_PATIENCE: Duration = Duration::from_secs(5);

/// How templates are rendered.
#[derive(Clone, Debug)]
pub struct RendererOptions {
    /// The program of the workers. It must call [`serve_templates`](super::serve_templates)
    /// and do nothing before that.
    pub executable: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Most workers at once. One organization has at most half of them at a time.
    pub workers: usize,
    /// How long the templates of a request may take together.
    pub deadline: Duration,
}

impl RendererOptions {
    /// This very program with these arguments, in up to four processes.
    ///
    /// # Errors
    /// When the path of the running program cannot be told.
    pub fn new(args: Vec<OsString>) -> io::Result<Self> {
        let executable = std::env::current_exe()?;
        Ok(Self { executable, args, workers: 4, deadline: Duration::from_secs(3) })
    }
}

/// Renders templates in processes of their own, each of which is replaced when a
/// template ends it. Cheap to clone.
#[derive(Clone)]
pub struct TemplateRenderer(Kind);

#[derive(Clone)]
enum Kind {
    Workers(Arc<Workers>),
    #[cfg(any(test, feature = "test-util"))]
    Here,
}

struct Workers {
    options: RendererOptions,
    idle: Mutex<Vec<Process>>,
    room: Arc<Semaphore>,
    /// The turns of each organization that has one now.
    turns: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl std::fmt::Debug for TemplateRenderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TemplateRenderer")
    }
}

impl TemplateRenderer {
    /// One that starts its workers when they are wanted.
    #[must_use]
    pub fn new(options: RendererOptions) -> Self {
        let room = Arc::new(Semaphore::new(options.workers.max(1)));
        let workers = Workers { options, idle: Mutex::default(), room, turns: Mutex::default() };
        Self(Kind::Workers(Arc::new(workers)))
    }

    /// For tests of what has nothing to do with what templates can break: renders
    /// right here, without a deadline and without another process.
    #[cfg(any(test, feature = "test-util"))]
    #[must_use]
    pub fn here() -> Self {
        Self(Kind::Here)
    }

    /// Starts a worker, so that the first request need not wait for that.
    pub fn warm(&self) {
        match &self.0 {
            Kind::Workers(workers) => workers.refill(),
            #[cfg(any(test, feature = "test-util"))]
            Kind::Here => {}
        }
    }

    /// The texts of a request, rendered with its variables, which are an object.
    /// `None` where a text is no template. `owner` is who must leave others their turn.
    ///
    /// # Errors
    /// What is wrong with the templates, or that they cannot be rendered now.
    pub async fn render(
        &self,
        owner: &str,
        variables: &impl Serialize,
        texts: &[String],
    ) -> Result<Vec<Option<String>>, TemplateError> {
        if !texts.iter().any(|text| is_template(text)) {
            return Ok(vec![None; texts.len()]);
        }
        let variables = serde_json::to_vec(variables).map_err(unavailable)?;
        let texts = serde_json::to_vec(texts).map_err(unavailable)?;
        let answer = match &self.0 {
            Kind::Workers(workers) => workers.ask(owner, &variables, &texts).await?,
            #[cfg(any(test, feature = "test-util"))]
            Kind::Here => {
                let variables = serde_json::from_slice(&variables).map_err(unavailable)?;
                let texts: Vec<String> = serde_json::from_slice(&texts).map_err(unavailable)?;
                return super::render::render(variables, &texts);
            }
        };
        serde_json::from_slice(&answer).map_err(unavailable)?
    }
}

fn unavailable(error: impl std::fmt::Display) -> TemplateError {
    TemplateError::Unavailable { reason: error.to_string() }
}

impl Workers {
    async fn ask(
        self: &Arc<Self>,
        owner: &str,
        variables: &[u8],
        texts: &[u8],
    ) -> Result<Vec<u8>, TemplateError> {
        let _turn =
            timeout(TURN_PATIENCE, self.turn(owner)).await.map_err(|_| TemplateError::Busy)?;
        let mut worker = self.take().map_err(unavailable)?;
        let deadline = self.options.deadline;
        let answer = timeout(deadline, async {
            match worker.ask(variables, texts).await {
                // It ended while it had nothing to do, for which this request cannot be blamed.
                Err(Failed::Gone(_)) => {
                    worker = Process::start(&self.options).map_err(Failed::Gone)?;
                    worker.ask(variables, texts).await
                }
                answer => answer,
            }
        })
        .await;
        match answer {
            Ok(Ok(answer)) => {
                if variables.len() + texts.len() + answer.len() < LARGE {
                    self.idle().push(worker);
                }
                return Ok(answer);
            }
            Ok(Err(Failed::Gone(error))) => return Err(unavailable(error)),
            Ok(Err(Failed::Died)) | Err(_) => {}
        }
        tracing::warn!(owner, "a message template ended the process that rendered it");
        drop(worker);
        self.refill();
        match answer {
            Err(_) => {
                let limit_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
                Err(TemplateError::TooSlow { limit_ms })
            }
            Ok(_) => Err(TemplateError::TooLarge),
        }
    }

    /// One of the organization's turns and one of everybody's.
    async fn turn(&self, owner: &str) -> (OwnedSemaphorePermit, OwnedSemaphorePermit) {
        let own = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turns| turns.strong_count() > 0);
            match turns.get(owner).and_then(Weak::upgrade) {
                Some(own) => own,
                None => {
                    let own = Arc::new(Semaphore::new((self.options.workers / 2).max(1)));
                    turns.insert(owner.to_owned(), Arc::downgrade(&own));
                    own
                }
            }
        };
        (Self::acquire(own).await, Self::acquire(Arc::clone(&self.room)).await)
    }

    async fn acquire(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
        match semaphore.acquire_owned().await {
            Ok(permit) => permit,
            // Neither is ever closed.
            Err(_) => std::future::pending().await,
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> io::Result<Process> {
        let idle = self.idle().pop();
        idle.map_or_else(|| Process::start(&self.options), Ok)
    }

    /// Starts a worker that waits for the next request.
    fn refill(&self) {
        match Process::start(&self.options) {
            Ok(worker) => self.idle().push(worker),
            Err(error) => tracing::error!(%error, "cannot start a process for templates"),
        }
    }
}
