//! One exchange with a provider, as a stream of what it says.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::{Stream, StreamExt};
use model::{Completion, Json, Micros, NanoUsd, RunError, Timestamp, Usage, dialect};
use tokio_util::sync::CancellationToken;

use crate::answer::{Transcript, answer};
use crate::provider::{Provider, ProviderKind};
use crate::reading::Piece;
use crate::{ChatRequest, Upstream, UpstreamError};

/// What happens while a model answers.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatEvent {
    /// The model has begun to answer; comes once, before the first of the next three.
    FirstToken {
        /// Since the request was sent.
        after: Micros,
    },
    /// More text of the answer.
    Delta {
        /// The text.
        text: String,
    },
    /// More of the model's reasoning.
    ReasoningDelta {
        /// The text.
        text: String,
    },
    /// More of a tool call.
    ToolCallDelta {
        /// Which of the answer's tool calls, from 0.
        index: usize,
        /// The call's id, in its first event.
        id: Option<String>,
        /// The tool's name, in its first event.
        name: Option<String>,
        /// More of the JSON text of the arguments.
        arguments: String,
    },
    /// The end, whatever the reason. Always the last event.
    Done(Box<Exchange>),
}

/// An exchange with a provider: what was sent, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The provider's name.
    pub provider: String,
    /// The model as it was asked for.
    pub model: String,
    /// When the request was sent.
    pub started_at: Timestamp,
    /// The exact request.
    pub request: Json,
    /// What came, even if it broke off: the body, or the events of a stream as
    /// one string. `None` when nothing came.
    pub response: Option<Json>,
    /// Tokens, as far as the provider said. The echo model counts words.
    pub usage: Option<Usage>,
    /// 0 for the echo model; else `None`, as no provider says its price.
    pub cost: Option<NanoUsd>,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: Option<String>,
    /// From the request to the end of the answer.
    pub latency: Micros,
    /// From the request to the first text, reasoning or tool call.
    pub time_to_first_token: Option<Micros>,
    /// Why it failed.
    pub error: Option<RunError>,
}

impl From<Exchange> for Completion {
    fn from(exchange: Exchange) -> Self {
        Self {
            provider: Some(exchange.provider),
            model: Some(exchange.model),
            request: Some(exchange.request),
            response: exchange.response,
            usage: exchange.usage,
            cost: exchange.cost,
            latency: Some(exchange.latency),
            started_at: Some(exchange.started_at),
            finish_reason: exchange.finish_reason,
            error: exchange.error,
            ..Self::default()
        }
    }
}

impl Upstream {
    /// Sends a chat request and streams the answer; also one that does not come
    /// as a stream. Dropping the stream ends the request; cancelling `stop` ends
    /// it with a [`ChatEvent::Done`] that holds what had come (`client_closed`).
    pub fn chat_stream(
        &self,
        provider: &Provider,
        request: &ChatRequest,
        stop: CancellationToken,
    ) -> impl Stream<Item = ChatEvent> + Send + use<> {
        let body = request.to_json();
        let model = request.model.clone();
        let upstream = self.clone();
        let provider = provider.clone();
        async_stream::stream! {
            let transcript = Transcript::default();
            let mut recorder = Recorder::new(&provider, model, body.clone());
            let mut answer = answer(upstream, provider, body, transcript.clone());
            let failure = loop {
                let next = tokio::select! {
                    biased;
                    () = stop.cancelled() => Some(Err(UpstreamError::Stopped)),
                    next = answer.next() => next,
                };
                match next {
                    None => break None,
                    Some(Err(error)) => break Some(error),
                    Some(Ok(piece)) => {
                        let (first_token, event) = recorder.note(piece);
                        if let Some(event) = first_token {
                            yield event;
                        }
                        if let Some(event) = event {
                            yield event;
                        }
                    }
                }
            };
            drop(answer);
            yield ChatEvent::Done(Box::new(recorder.finish(transcript.take(), failure)));
        }
    }
}

/// Follows one answer and makes its [`Exchange`].
struct Recorder {
    clock: Instant,
    ended: Option<Duration>,
    exchange: Exchange,
}

impl Recorder {
    fn new(provider: &Provider, model: String, request: Json) -> Self {
        let is_free = provider.kind() == ProviderKind::Echo;
        let exchange = Exchange {
            provider: provider.name().to_owned(),
            model,
            started_at: Timestamp::default(),
            request,
            response: None,
            usage: None,
            cost: is_free.then_some(NanoUsd(0)),
            finish_reason: None,
            latency: Micros::default(),
            time_to_first_token: None,
            error: None,
        };
        Self { clock: Instant::now(), ended: None, exchange }
    }

    fn note(&mut self, piece: Piece) -> (Option<ChatEvent>, Option<ChatEvent>) {
        let event = match piece {
            Piece::Text(text) => ChatEvent::Delta { text },
            Piece::Reasoning(text) => ChatEvent::ReasoningDelta { text },
            Piece::ToolCall { index, id, name, arguments } => {
                ChatEvent::ToolCallDelta { index, id, name, arguments }
            }
            Piece::FinishReason(reason) => {
                self.exchange.finish_reason = Some(reason);
                return (None, None);
            }
            Piece::Usage(usage) => {
                self.exchange.usage = Some(usage);
                return (None, None);
            }
            Piece::End => {
                self.ended = Some(self.clock.elapsed());
                return (None, None);
            }
        };
        if self.exchange.time_to_first_token.is_some() {
            return (None, Some(event));
        }
        let after = micros(self.clock.elapsed());
        self.exchange.time_to_first_token = Some(after);
        (Some(ChatEvent::FirstToken { after }), Some(event))
    }

    fn finish(mut self, response: Option<Json>, failure: Option<UpstreamError>) -> Exchange {
        let elapsed = self.ended.unwrap_or_else(|| self.clock.elapsed());
        let started = SystemTime::now()
            .checked_sub(self.clock.elapsed())
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .unwrap_or_default();
        self.exchange.started_at =
            Timestamp(i64::try_from(started.as_micros()).unwrap_or(i64::MAX));
        self.exchange.latency = micros(elapsed);
        // An answer may end by saying that it was broken off.
        let said = || dialect::answer_of_response(None, response.as_ref()?).error;
        self.exchange.error = failure.map(|error| error.to_run_error()).or_else(said);
        self.exchange.response = response;
        tracing::debug!(
            provider = self.exchange.provider,
            model = self.exchange.model,
            latency_ms = self.exchange.latency.as_millis(),
            error = self.exchange.error.as_ref().map(|error| error.code.as_str()),
            "provider answered"
        );
        self.exchange
    }
}

fn micros(duration: Duration) -> Micros {
    Micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
