//! Keeps what goes both ways, and hands it in as a run however it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use model::limits::MAX_RUN_BYTES;
use model::{
    Charge, CompleteContext, Completion, IncomingRun, InvalidRun, Json, Micros, NanoUsd, NewRun,
    RunError, RunId, Source, Timestamp, dialect,
};
use store::{OrgStore, Underway};
use tracing::Instrument;
use upstream::{ECHO, UpstreamError};

use super::ask::Ask;
use super::caching::Keep;
use super::extras::Counted;
use super::memory::Memory;
use crate::cache::Answer;
use crate::clock::now;
use crate::error::Chain;
use crate::prices;
use crate::rest::body::Room;
use crate::rest::links::Links;
use crate::state::AppState;

/// Completing a run of this size would hold up the other requests of a thread.
const LARGE_BYTES: usize = 256 * 1024;

/// An exchange that is being recorded. One that is dropped before it is finished
/// was left by its client, and is handed in as that.
pub struct Recording {
    /// The run's id.
    pub id: RunId,
    /// The run's page.
    pub url: String,
    notes: Option<Box<Notes>>,
}

/// What came of an exchange.
#[derive(Debug, Default)]
pub struct Recorded {
    /// What it cost.
    pub cost: Option<NanoUsd>,
    /// The memory of the answer, to be held until the client has it.
    pub room: Option<Room>,
}

/// When an exchange began, by the calendar and by the clock.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    at: Timestamp,
    clock: Instant,
}

struct Notes {
    state: AppState,
    store: OrgStore,
    underway: Arc<Underway>,
    id: RunId,
    began: Began,
    ask: Arc<Ask>,
    /// Request and answer are in memory until the run is handed in.
    memory: Option<Memory>,
    provider: String,
    /// What was sent instead of the request's own body, to another model.
    other_body: Option<Json>,
    /// Attempts that another followed.
    attempts: Vec<Completion>,
    asked: Option<Began>,
    status: Option<u16>,
    received: BytesMut,
    /// What was received, once no more is kept.
    whole: Option<Bytes>,
    is_stream: bool,
    is_cut: bool,
    /// There was no memory for the rest.
    is_crowded: bool,
    keep: Option<Keep>,
    given: Option<Arc<Answer>>,
    first_token: Option<Duration>,
    answered: Option<Duration>,
}

impl Began {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self { at: now(), clock: Instant::now() }
    }
}

impl Recording {
    /// Begins the run of a request.
    #[must_use]
    pub fn begin(
        state: &AppState,
        store: &OrgStore,
        began: Began,
        ask: Arc<Ask>,
        memory: Memory,
        provider: &str,
    ) -> Self {
        let id = RunId::mint(began.at, rand::random());
        let links = Links { origin: &state.public_url, org: &store.org().slug };
        let url = links.run(&ask.labels.agent, id);
        let notes = Notes {
            state: state.clone(),
            store: store.clone(),
            underway: Arc::new(store.underway(&ask.labels.agent)),
            id,
            began,
            ask,
            memory: Some(memory),
            provider: provider.to_owned(),
            other_body: None,
            attempts: Vec::new(),
            asked: None,
            status: None,
            received: BytesMut::new(),
            whole: None,
            is_stream: false,
            is_cut: false,
            is_crowded: false,
            keep: None,
            given: None,
            first_token: None,
            answered: None,
        };
        Self { id, url, notes: Some(Box::new(notes)) }
    }

    /// Keeps the answer, if it is a whole one.
    pub fn keep(&mut self, keep: Option<Keep>) {
        if let Some(notes) = &mut self.notes {
            notes.keep = keep;
        }
    }

    /// The answer of another run is given again; hands the run in.
    pub async fn given(mut self, answer: Arc<Answer>) -> Recorded {
        if let Some(notes) = &mut self.notes {
            notes.given = Some(answer);
        }
        self.finish(None).await
    }

    /// The provider is being asked now.
    pub fn asked(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.asked = Some(Began::now());
        }
    }

    /// The provider cannot answer now, and another model is asked.
    pub fn next_attempt(&mut self, failure: Option<RunError>, provider: &str, body: Json) {
        if let Some(notes) = &mut self.notes {
            let failed = notes.attempt(failure);
            notes.attempts.push(failed);
            notes.received.clear();
            notes.status = None;
            notes.provider = provider.to_owned();
            notes.other_body = Some(body);
            // What another model says is no answer to this request a second time.
            notes.keep = None;
        }
    }

    /// The provider has begun to answer.
    pub fn answering(&mut self, status: u16, is_stream: bool) {
        if let Some(notes) = &mut self.notes {
            notes.status = Some(status);
            notes.is_stream = is_stream;
        }
    }

    /// More of the answer has come; tells whether all of it so far is kept.
    pub fn received(&mut self, bytes: &[u8]) -> bool {
        let Some(notes) = &mut self.notes else { return false };
        let used = notes.ask.sent.body.as_str().len() + notes.received.len();
        let room = MAX_RUN_BYTES.saturating_sub(used);
        let kept = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        notes.is_cut |= bytes.len() > room;
        // The client gets what comes all the same, and pieces with a gap are no answer.
        if !notes.is_crowded
            && !notes.memory.as_mut().is_some_and(|memory| memory.covers(kept.len()))
        {
            notes.is_crowded = true;
        }
        if !notes.is_crowded {
            notes.received.extend_from_slice(kept);
        }
        !notes.is_crowded && !notes.is_cut
    }

    /// How much of the answer is kept so far.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.notes.as_ref().map_or(0, |notes| notes.received.len())
    }

    /// What of the answer is kept, to which nothing is added any more.
    pub fn whole(&mut self) -> Bytes {
        let Some(notes) = &mut self.notes else { return Bytes::new() };
        notes.whole.get_or_insert_with(|| notes.received.split().freeze()).clone()
    }

    /// Whether there is memory to keep so many bytes from the client until more come.
    pub fn holds_back(&mut self, bytes: usize) -> bool {
        let memory = self.notes.as_mut().and_then(|notes| notes.memory.as_mut());
        memory.is_some_and(|memory| memory.holds_back(bytes))
    }

    /// The model has said its first word.
    pub fn first_token(&mut self) {
        if let Some(notes) = &mut self.notes
            && notes.first_token.is_none()
        {
            notes.first_token = Some(notes.began.clock.elapsed());
        }
    }

    /// The answer is complete, although its connection may not have ended.
    pub fn answered(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.answered = Some(notes.began.clock.elapsed());
        }
    }

    /// What tokens of a model cost with the provider that was asked.
    #[must_use]
    pub fn price(&self, counted: Option<Counted>) -> Option<NanoUsd> {
        let notes = self.notes.as_ref()?;
        if notes.provider == ECHO {
            return Some(NanoUsd(0));
        }
        let counted = counted?;
        let asked = notes.other_body.as_ref().unwrap_or(&notes.ask.sent.body);
        let model = counted.model.or_else(|| notes.ask.sent.split.version.model.clone());
        let listed = || {
            prices::cost(&Charge {
                provider: Some(&notes.provider),
                model: &model?,
                usage: counted.usage?,
                billed: counted.billed.or(dialect::billed_of_exchange(Some(asked), None)),
                at: notes.asked.unwrap_or(notes.began).at,
            })
        };
        listed().or(counted.cost)
    }

    /// Hands the run in; it is kept once this returns, and also when this is
    /// dropped before.
    pub async fn finish(&mut self, failure: Option<RunError>) -> Recorded {
        let Some(notes) = self.notes.take() else { return Recorded::default() };
        let finishing = notes.state.ending.finishing.clone();
        let finished = finishing.spawn(notes.finish(failure).in_current_span());
        finished.await.unwrap_or_default()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let Some(notes) = self.notes.take() else { return };
        // At the very end of the process there is nobody left to do it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let failure = UpstreamError::Stopped.to_run_error();
            let finishing = notes.state.ending.finishing.clone();
            finishing.spawn_on(notes.finish(Some(failure)).in_current_span(), &runtime);
        }
    }
}

impl Notes {
    async fn finish(mut self: Box<Self>, failure: Option<RunError>) -> Recorded {
        let (store, state) = (self.store.clone(), self.state.clone());
        let underway = Arc::clone(&self.underway);
        let keep = self.keep.take().filter(|_| !self.is_cut && !self.is_crowded);
        let id = self.id;
        let size = self.answer().len() + self.ask.sent.body.as_str().len();
        let mut memory = self.memory.take();
        let reserved = memory.as_mut().map(Memory::take_spool).unwrap_or_default();
        let completed = if size > LARGE_BYTES {
            let work = tokio::task::spawn_blocking(move || self.complete(failure));
            match work.await {
                Ok(completed) => completed,
                Err(error) => return lost(id, &error),
            }
        } else {
            self.complete(failure)
        };
        let new = match completed {
            Ok(new) => new,
            Err(error) => return lost(id, &error),
        };
        let cost = new.run.cost;
        let Some(_passage) = underway.passage().await else {
            tracing::info!(run = %id, agent = %new.run.agent, "a proxied run is not stored: its agent was deleted meanwhile");
            return Recorded { cost, room: memory.map(Memory::into_answer) };
        };
        if let (Some(keep), Some(answer)) = (keep, Answer::of(&new.run)) {
            state.answers.keep(&store, keep.key, answer);
            if let Some(guard) = keep.guard {
                guard.answered();
            }
        }
        match state.door.accept_soon(&store, vec![new], reserved).await {
            Ok(outcomes) if outcomes.iter().all(Result::is_ok) => {
                state.metrics.accepted_runs.inc();
            }
            Ok(outcomes) => {
                if let Some(error) = outcomes.into_iter().find_map(Result::err) {
                    lost(id, &error);
                }
            }
            Err(error) => {
                lost(id, &error);
            }
        }
        Recorded { cost, room: memory.map(Memory::into_answer) }
    }

    /// What was received of the answer.
    fn answer(&self) -> &[u8] {
        self.whole.as_deref().unwrap_or(&self.received)
    }

    fn complete(self, failure: Option<RunError>) -> Result<NewRun, InvalidRun> {
        let incoming = match self.given.clone() {
            Some(answer) => self.copy_of(&answer),
            None => self.exchange(failure),
        };
        incoming.complete(&CompleteContext {
            now: now(),
            random: rand::random(),
            default_source: Source::Proxy,
            price: &prices::cost,
        })
    }

    /// The run of an answer that was given again.
    fn copy_of(self, answer: &Answer) -> IncomingRun {
        let latency = micros(self.began.clock.elapsed());
        IncomingRun {
            output: answer.output.clone(),
            tool_calls: Some(answer.tool_calls.clone()),
            reasoning: Some(answer.reasoning.clone()),
            cached_from: Some(answer.run),
            cost: Some(NanoUsd(0)),
            latency: Some(latency),
            ..self.labelled()
        }
    }

    /// The run of an exchange with a provider.
    fn exchange(mut self, failure: Option<RunError>) -> IncomingRun {
        let latency = self.answered.unwrap_or_else(|| self.began.clock.elapsed());
        let last = self.attempt(failure);
        let error = last.error.clone();
        let mut completions = std::mem::take(&mut self.attempts);
        completions.push(last);
        IncomingRun {
            completions: Some(completions),
            error,
            latency: Some(micros(latency)),
            time_to_first_token: self.first_token.map(micros),
            ..self.labelled()
        }
    }

    /// What went both ways since the provider was asked.
    fn attempt(&mut self, failure: Option<RunError>) -> Completion {
        let latency = self.answered.unwrap_or_else(|| self.began.clock.elapsed());
        let asked = self.asked.unwrap_or(self.began);
        let before_asking = asked.clock.saturating_duration_since(self.began.clock);
        let response = response_of(self.answer(), self.is_stream);
        let error = failure
            .or_else(|| unsaid_failure(self.status, response.as_ref()))
            .or_else(|| self.is_crowded.then(too_crowded_to_keep))
            .or_else(|| self.is_cut.then(too_large_to_keep));
        Completion {
            cost: (self.provider == ECHO).then_some(NanoUsd(0)),
            provider: Some(std::mem::take(&mut self.provider)),
            request: Some(self.other_body.take().unwrap_or_else(|| self.ask.sent.body.clone())),
            response,
            latency: Some(micros(latency.saturating_sub(before_asking))),
            started_at: Some(asked.at),
            error,
            ..Completion::default()
        }
    }

    /// What is known of the run before it has an answer.
    fn labelled(self) -> IncomingRun {
        let Ask { labels, sent, .. } = Arc::unwrap_or_clone(self.ask);
        IncomingRun {
            id: Some(self.id.to_string()),
            agent: Some(labels.agent.to_string()),
            schema: labels.schema,
            created_at: Some(self.began.at),
            input: Some(sent.split.input),
            version: Some(sent.split.version),
            conversation_id: labels.conversation_id,
            metadata: Some(labels.metadata),
            environment: labels.environment,
            source: Some(Source::Proxy),
            ..IncomingRun::default()
        }
    }
}

fn lost(id: RunId, error: &(dyn std::error::Error + 'static)) -> Recorded {
    tracing::error!(run = %id, cause = %Chain(error), "a proxied run is not stored");
    Recorded::default()
}

/// What came, as the response of a completion: JSON as it is, anything else as text.
fn response_of(received: &[u8], is_stream: bool) -> Option<Json> {
    if received.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(received);
    match Json::from_text(&text) {
        Ok(body) if !is_stream => Some(body),
        _ => Some(Json::string(&text)),
    }
}

/// A failed status whose body does not say what is wrong.
fn unsaid_failure(status: Option<u16>, response: Option<&Json>) -> Option<RunError> {
    let status = status.filter(|status| *status >= 400)?;
    let said = response.and_then(|body| dialect::answer_of_response(None, body).error);
    said.is_none().then(|| RunError {
        code: format!("http_{status}"),
        message: format!("the provider answered with HTTP {status}"),
        details: Some(Json::from(&serde_json::json!({ "status": status }))),
    })
}

fn too_crowded_to_keep() -> RunError {
    RunError {
        code: "too_many_bytes".to_owned(),
        message: "the client got the whole answer, but the organization's share of the memory for answers was used up, so the rest was not kept".to_owned(),
        details: None,
    }
}

fn too_large_to_keep() -> RunError {
    RunError {
        code: "too_large".to_owned(),
        message: format!(
            "the client got the whole answer, but a run keeps at most {MAX_RUN_BYTES} bytes"
        ),
        details: None,
    }
}

fn micros(duration: Duration) -> Micros {
    Micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
