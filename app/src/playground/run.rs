//! Asks a model, streams its answer and stores the run.

use std::time::Duration;

use futures::{Stream, StreamExt, pin_mut};
use model::{
    AgentSlug, CompleteContext, Completion, IncomingRun, InvalidRun, Json, NewRun, RunId, Source,
    Version,
};
use store::{OrgStore, Underway};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use upstream::{
    CancellationToken, ChatEvent, ChatRequest, ECHO, Exchange, Overrides, Provider, RequestError,
    TemplateError, build_chat_request,
};

use crate::context::AppContext;
use crate::data::playground::{Draft, Outcome, PlaygroundEvent};
use crate::error::AppError;
use crate::read::draft::{to_input, to_version};

/// Events that wait for a slow reader.
const BACKLOG: usize = 256;
/// How long the oldest of them waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is about to be run.
struct Plan {
    agent: AgentSlug,
    version: Version,
    input: Json,
    provider: Provider,
    request: ChatRequest,
}

/// Asks the model of a draft; gives a line of JSON for each event.
///
/// # Errors
/// `invalid`, naming what of the draft cannot be sent.
pub async fn run(
    context: &AppContext,
    store: OrgStore,
    agent: AgentSlug,
    draft: &Draft,
) -> Result<impl Stream<Item = Result<String, AppError>> + Send + use<>, AppError> {
    let kept = kept_version(&store, &agent, draft).await?;
    let mut version = to_version(&draft.version, kept.as_ref())?;
    let kept = kept_input(&store, draft).await?;
    let input = to_input(&draft.input, kept.as_ref())?;
    let name = version.provider.take().unwrap_or_default();
    let provider = find_provider(context, &store, &name).await?;
    version.provider = provider.version_name();
    let request = build_chat_request(
        &version,
        &input,
        &Overrides::default(),
        &context.templates,
        store.holder(),
    )
    .await
    .map_err(refused)?;
    let plan = Plan { agent, version, input, provider, request };
    let (sender, receiver) = channel(BACKLOG);
    // Its own task, so that the run is stored also when nobody reads to the end.
    tokio::spawn(ask(context.clone(), store, plan, sender));
    Ok(ReceiverStream::new(receiver).map(Ok))
}

fn refused(error: RequestError) -> AppError {
    match error {
        RequestError::Template(error @ TemplateError::Share { .. }) => {
            AppError::TooMany { message: error.to_string() }
        }
        RequestError::Template(error) if error.is_passing() => {
            AppError::Unavailable { message: error.to_string() }
        }
        error => AppError::invalid("draft", error),
    }
}

/// The version that has what of a draft was too large to be edited.
async fn kept_version(
    store: &OrgStore,
    agent: &AgentSlug,
    draft: &Draft,
) -> Result<Option<Version>, AppError> {
    let Some(kept) = &draft.version.kept else { return Ok(None) };
    if let Some(version) = store.version(agent, kept.id).await? {
        return Ok(Some(version.snapshot));
    }
    let run = match kept.run {
        Some(run) => store.run(run).await?.filter(|run| run.version.id == kept.id),
        None => None,
    };
    let version = run.map(|run| run.version.snapshot).ok_or_else(|| {
        let problem = "its source is no longer available; open another version";
        AppError::invalid("version", problem)
    })?;
    Ok(Some(version))
}

/// The input that has what of a draft was too large to be edited.
async fn kept_input(store: &OrgStore, draft: &Draft) -> Result<Option<Json>, AppError> {
    let Some(kept) = &draft.input.kept else { return Ok(None) };
    let input = store.run(kept.run).await?.and_then(|run| run.input).ok_or_else(|| {
        let problem = "its run is no longer available; open another input";
        AppError::invalid("input", problem)
    })?;
    Ok(Some(input))
}

async fn find_provider(
    context: &AppContext,
    store: &OrgStore,
    name: &str,
) -> Result<Provider, AppError> {
    if name == ECHO {
        return Ok(Provider::echo());
    }
    let providers = context.providers.of(store).await?;
    let found = providers.iter().find(|provider| provider.is_named(name)).cloned();
    found.ok_or_else(|| {
        AppError::invalid("provider", format!("{name:?} isn't configured; choose another"))
    })
}

async fn ask(context: AppContext, store: OrgStore, plan: Plan, sender: Sender<String>) {
    let underway = store.underway(&plan.agent);
    let stop = CancellationToken::new();
    let events = context.upstream.chat_stream(&plan.provider, &plan.request, stop.clone());
    pin_mut!(events);
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = sender.closed(), if !stop.is_cancelled() => {
                stop.cancel();
                continue;
            }
        };
        let event = match event {
            Some(ChatEvent::Delta { text }) => PlaygroundEvent::Text(text),
            Some(ChatEvent::ReasoningDelta { text }) => PlaygroundEvent::Reasoning(text),
            Some(ChatEvent::ToolCallDelta { name, arguments, .. }) => {
                PlaygroundEvent::ToolCall(name, arguments)
            }
            Some(ChatEvent::FirstToken { .. }) => continue,
            Some(ChatEvent::Done(exchange)) => {
                let outcome = keep(&context, &store, &underway, plan, *exchange).await;
                send(&sender, &PlaygroundEvent::Done(Box::new(outcome))).await;
                return;
            }
            None => return,
        };
        send(&sender, &event).await;
    }
}

async fn send(sender: &Sender<String>, event: &PlaygroundEvent) {
    // Strings and numbers can always be written; a reader who left needs nothing.
    if let Ok(mut line) = serde_json::to_string(event) {
        line.push('\n');
        let _ = sender.send_timeout(line, PATIENCE).await;
    }
}

/// Stores the run and says how it ended.
async fn keep(
    context: &AppContext,
    store: &OrgStore,
    underway: &Underway,
    plan: Plan,
    exchange: Exchange,
) -> Outcome {
    let (latency, time_to_first_token) = (exchange.latency, exchange.time_to_first_token);
    let error = exchange.error.clone();
    let model = exchange.model.clone();
    let incoming = IncomingRun {
        agent: Some(plan.agent.to_string()),
        version: Some(plan.version),
        input: Some(plan.input),
        created_at: Some(exchange.started_at),
        error: error.clone(),
        latency: Some(latency),
        time_to_first_token,
        source: Some(Source::Playground),
        completions: Some(vec![Completion::from(exchange)]),
        ..IncomingRun::default()
    };
    let (run, cost, usage) = match complete(context, incoming) {
        Ok(new) => {
            let (cost, usage) = (new.run.cost, new.run.usage);
            (ingest(context, store, underway, new).await, cost, usage)
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "playground run is invalid");
            (None, None, model::Usage::default())
        }
    };
    Outcome {
        model,
        run,
        error: error.map(|error| (error.code, error.message)),
        latency: Some(latency),
        time_to_first_token,
        cost,
        usage,
    }
}

fn complete(context: &AppContext, incoming: IncomingRun) -> Result<NewRun, InvalidRun> {
    incoming.complete(&CompleteContext {
        now: crate::read::now(),
        random: rand::random(),
        default_source: Source::Playground,
        price: &context.price,
    })
}

async fn ingest(
    context: &AppContext,
    store: &OrgStore,
    underway: &Underway,
    new: NewRun,
) -> Option<RunId> {
    let Some(_passage) = underway.passage().await else {
        tracing::info!(agent = %new.run.agent, "playground run not stored: its agent was deleted meanwhile");
        return None;
    };
    match context.door.accept(store, vec![new]).await {
        Ok(stored) => stored.into_iter().next().and_then(Result::ok).map(|stored| stored.id),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "playground run not stored");
            None
        }
    }
}
