//! Keeps a few workers ready and shares them out.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shares::{Holder, Refused, Turn, Turns};
use tokio::time::timeout;
use tracing::Instrument as _;

use super::TemplateError;
use super::process::{Failed, Process};
use super::written::{RenderedTexts, WrittenTemplates, unavailable};

/// A worker that held more than this is replaced, so that its memory is given back.
const LARGE: usize = 4_000_000;
/// Most requests of one organization that wait for their turn.
const LINE: u64 = 256;

/// How templates are rendered.
#[derive(Clone, Debug)]
pub struct RendererOptions {
    /// The program of the workers. It must call [`serve_templates`](super::serve_templates)
    /// and do nothing before that.
    pub executable: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Most workers at once, which organizations share.
    pub workers: usize,
    /// How long a request waits for its turn.
    pub patience: Duration,
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
        let (patience, deadline) = (Duration::from_secs(10), Duration::from_secs(3));
        Ok(Self { executable, args, workers: 4, patience, deadline })
    }
}

/// Renders templates in processes of their own, each of which is replaced when a
/// template ends it. Cheap to clone.
#[derive(Clone)]
pub struct TemplateRenderer {
    kind: Kind,
    turns: Turns,
    patience: Duration,
}

/// A worker for one request, whichever is free.
#[derive(Debug)]
pub struct TemplateTurn {
    _turn: Turn,
    org: u64,
}

#[derive(Clone)]
enum Kind {
    Workers(Arc<Workers>),
    #[cfg(any(test, feature = "test-util"))]
    Here,
}

struct Workers {
    options: RendererOptions,
    idle: Mutex<Vec<Process>>,
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
        let turns = Turns::new(options.workers.max(1) as u64, LINE);
        let patience = options.patience;
        let workers = Workers { options, idle: Mutex::default() };
        Self { kind: Kind::Workers(Arc::new(workers)), turns, patience }
    }

    /// For tests of what has nothing to do with what templates can break: renders
    /// right here, without a deadline and without another process.
    #[cfg(any(test, feature = "test-util"))]
    #[must_use]
    pub fn here() -> Self {
        Self { kind: Kind::Here, turns: Turns::new(4, LINE), patience: Duration::from_secs(10) }
    }

    /// Starts a worker, so that the first request need not wait for that.
    pub fn warm(&self) {
        match &self.kind {
            Kind::Workers(workers) => workers.refill(),
            #[cfg(any(test, feature = "test-util"))]
            Kind::Here => {}
        }
    }

    /// The turns at its workers.
    #[must_use]
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// When the organization has its share of them, or the others have theirs for longer
    /// than anybody should wait.
    pub async fn turn(&self, holder: Holder) -> Result<TemplateTurn, TemplateError> {
        match timeout(self.patience, self.turns.turn(holder)).await {
            Ok(Ok(turn)) => Ok(TemplateTurn { _turn: turn, org: holder.org }),
            Ok(Err(Refused::Share { limit, .. })) => Err(TemplateError::Share { limit }),
            Ok(Err(Refused::Full { .. })) => Err(TemplateError::Busy),
            Err(_) => {
                let usage = self.turns.usage(holder.org);
                match usage.own {
                    0 => Err(TemplateError::Busy),
                    _ => Err(TemplateError::Share { limit: usage.limit }),
                }
            }
        }
    }

    /// Renders the templates of a request; it takes no processor of this process. Goes on to
    /// its end and keeps its turn until then, whoever leaves: a worker that is stopped half-way
    /// has to be replaced, which costs more than most templates.
    ///
    /// # Errors
    /// When the templates end their process or take too long, or nothing can render them
    /// now.
    pub async fn render(
        &self,
        turn: TemplateTurn,
        templates: WrittenTemplates,
    ) -> Result<RenderedTexts, TemplateError> {
        let answer = match &self.kind {
            Kind::Workers(workers) => {
                let workers = Arc::clone(workers);
                let rendering = async move {
                    let answer = workers.ask(turn.org, &templates).await;
                    drop(turn);
                    answer
                };
                tokio::spawn(rendering.in_current_span()).await.map_err(unavailable)??
            }
            #[cfg(any(test, feature = "test-util"))]
            Kind::Here => {
                let WrittenTemplates { variables, texts } = templates;
                let rendered = super::worker::read_and_render(&variables, &texts);
                drop(turn);
                serde_json::to_vec(&rendered).map_err(unavailable)?
            }
        };
        Ok(RenderedTexts(answer))
    }
}

impl Workers {
    async fn ask(
        self: &Arc<Self>,
        org: u64,
        WrittenTemplates { variables, texts }: &WrittenTemplates,
    ) -> Result<Vec<u8>, TemplateError> {
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
        tracing::warn!(org, "a message template ended the process that rendered it");
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
