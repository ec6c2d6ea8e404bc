//! Exchanges with a stub provider that streams, stalls, breaks and errs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

#[path = "stub/provider.rs"]
mod stub;

use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use model::{CompleteContext, Completion, IncomingRun, Json, NanoUsd, RunError, Source, Usage};
use serde_json::{Map, json};
use upstream::{
    CancellationToken, ChatEvent, ChatRequest, Exchange, OfferedModel, Provider, SecretString,
    Upstream, UpstreamError, UpstreamOptions,
};

fn options() -> UpstreamOptions {
    UpstreamOptions {
        allow_private: true,
        idle_timeout: Duration::from_millis(500),
        max_answer_bytes: 256 * 1024,
        echo_word_delay: Duration::ZERO,
        ..UpstreamOptions::default()
    }
}

fn request(model: &str) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        messages: vec![Json::from(&json!({"role": "user", "content": "Hello there, world"}))],
        parameters: Map::new(),
    }
}

async fn ask(provider: &Provider, model: &str) -> (Vec<ChatEvent>, Exchange) {
    let upstream = Upstream::new(options()).unwrap();
    let stream = upstream.chat_stream(provider, &request(model), CancellationToken::new());
    finished(stream.collect().await)
}

async fn ask_stub(model: &str) -> (Vec<ChatEvent>, Exchange) {
    ask(&stub::provider(stub::start().await, "/v1"), model).await
}

fn finished(mut events: Vec<ChatEvent>) -> (Vec<ChatEvent>, Exchange) {
    match events.pop() {
        Some(ChatEvent::Done(exchange)) => (events, *exchange),
        other => panic!("the last event is not Done: {other:?}"),
    }
}

fn text(events: &[ChatEvent]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        ChatEvent::Delta { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn code(exchange: &Exchange) -> &str {
    exchange.error.as_ref().map_or("", |error| &error.code)
}

#[tokio::test]
async fn a_stream_arrives_piece_by_piece_and_is_kept_as_it_came() {
    let (events, exchange) = ask_stub("stream").await;
    assert!(matches!(events[0], ChatEvent::FirstToken { .. }));
    assert_eq!(events[1], ChatEvent::ReasoningDelta { text: "Hm.".to_owned() });
    assert_eq!(text(&events), "Grüße an 世界");
    let arguments: String = events
        .iter()
        .filter_map(|event| match event {
            ChatEvent::ToolCallDelta { index: 0, arguments, .. } => Some(arguments.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(arguments, "{}");
    assert_eq!(exchange.response, Some(Json::string(&stub::stream_text())));
    assert_eq!(exchange.finish_reason.as_deref(), Some("stop"));
    let usage = Usage {
        input_tokens: Some(9),
        cached_input_tokens: Some(2),
        output_tokens: Some(4),
        reasoning_tokens: Some(1),
    };
    assert_eq!(exchange.usage, Some(usage));
    assert_eq!((exchange.error.as_ref(), exchange.cost), (None, None));
    assert!(exchange.time_to_first_token.unwrap() <= exchange.latency);
    let completion = Completion::from(exchange.clone());
    assert_eq!(completion.provider.as_deref(), Some("stub"));
    assert_eq!(completion.request, Some(exchange.request));
}

#[tokio::test]
async fn the_request_is_sent_exactly_as_it_is_kept() {
    let (events, exchange) = ask_stub("repeat the request").await;
    let received: serde_json::Value = serde_json::from_str(&text(&events)).unwrap();
    assert_eq!(received, exchange.request.to_value());
    assert_eq!(received["stream_options"]["include_usage"], true);
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_read_too() {
    let (events, exchange) = ask_stub("whole").await;
    assert_eq!(text(&events), "All at once.");
    assert_eq!(exchange.usage.unwrap().output_tokens, Some(3));
    assert!(exchange.response.unwrap().as_str().starts_with("{\"choices\""));
    assert_eq!(exchange.error, None);
}

#[tokio::test]
async fn what_came_before_a_stall_is_kept() {
    let (events, exchange) = ask_stub("stalls").await;
    assert_eq!(text(&events), "Grüße an 世界");
    assert_eq!(code(&exchange), "upstream_timeout");
    assert!(exchange.response.unwrap().as_str().contains("an 世界"));

    let (events, exchange) = ask_stub("silent").await;
    assert_eq!((events.len(), code(&exchange)), (0, "upstream_timeout"));
    assert_eq!(exchange.response, None);
}

#[tokio::test]
async fn half_an_answer_is_kept_and_said() {
    for model in ["breaks", "ends early"] {
        let (events, exchange) = ask_stub(model).await;
        assert_eq!(text(&events), "Grüße an 世界", "{model}");
        assert_eq!(code(&exchange), "upstream_closed", "{model}");
        assert!(exchange.response.unwrap().as_str().contains("an 世界"), "{model}");
    }
    let (_, exchange) = ask_stub("breaks as JSON").await;
    assert_eq!(code(&exchange), "upstream_closed");
    assert_eq!(exchange.response, Some(Json::string("{\"choices\": [")));
}

#[tokio::test]
async fn errors_of_the_provider_keep_code_message_and_body() {
    let (_, exchange) = ask_stub("429").await;
    let error = exchange.error.clone().unwrap();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("rate_limit_exceeded", "Slow down.")
    );
    assert_eq!(error.details, Some(Json::from(&json!({"status": 429}))));
    assert_eq!(exchange.response, Some(Json::from_text(stub::RATE_LIMIT).unwrap()));

    let (_, exchange) = ask_stub("500").await;
    assert_eq!(code(&exchange), "http_500");
    assert_eq!(exchange.response, Some(Json::string("<h1>oops</h1>")));

    assert_eq!(code(&ask_stub("error in a 200").await.1), "402");
    assert_eq!(code(&ask_stub("error event").await.1), "overloaded");
}

#[tokio::test]
async fn garbage_and_floods_are_invalid() {
    for model in ["garbage", "garbage event", "endless"] {
        let (_, exchange) = ask_stub(model).await;
        assert_eq!(code(&exchange), "upstream_invalid", "{model}");
        let kept = exchange.response.unwrap();
        assert!(!kept.as_str().is_empty() && kept.as_str().len() < 300 * 1024, "{model}");
    }
}

#[tokio::test]
async fn stopping_keeps_what_came() {
    let upstream =
        Upstream::new(UpstreamOptions { idle_timeout: Duration::from_secs(60), ..options() })
            .unwrap();
    let provider = stub::provider(stub::start().await, "/v1");
    let stop = CancellationToken::new();
    let mut events = Vec::new();
    let mut stream = Box::pin(upstream.chat_stream(&provider, &request("stalls"), stop.clone()));
    while let Some(event) = stream.next().await {
        events.push(event);
        if text(&events).ends_with("世界") {
            stop.cancel();
        }
    }
    let (_, exchange) = finished(events);
    assert_eq!(code(&exchange), "client_closed");
    assert!(exchange.response.unwrap().as_str().contains("世界"));
}

#[tokio::test]
async fn dropping_the_stream_ends_the_request() {
    let (address, left) = stub::start_endless().await;
    let upstream = Upstream::new(options()).unwrap();
    let provider = stub::provider(address, "/v1");
    let mut stream =
        Box::pin(upstream.chat_stream(&provider, &request("any"), CancellationToken::new()));
    assert!(matches!(stream.next().await, Some(ChatEvent::FirstToken { .. })));
    drop(stream);
    tokio::time::timeout(Duration::from_secs(60), left.notified()).await.unwrap();
}

async fn refusal(options: UpstreamOptions, provider: &Provider) -> Exchange {
    let upstream = Upstream::new(options).unwrap();
    let stream = upstream.chat_stream(provider, &request("stream"), CancellationToken::new());
    finished(stream.collect().await).1
}

#[tokio::test]
async fn internal_addresses_are_refused_unless_allowed() {
    let address = stub::start().await;
    let guarded = UpstreamOptions { allow_private: false, ..options() };
    let by_name = format!("http://localhost:{}/v1", address.port());
    let key = Some(SecretString::from(stub::KEY));
    let by_name = Provider::from_base_url(&by_name, key).unwrap();
    for provider in [&by_name, &stub::provider(address, "/v1")] {
        let exchange = refusal(guarded, provider).await;
        assert_eq!(code(&exchange), "upstream_private_address");
        assert!(exchange.error.unwrap().message.contains("RUNS_ALLOW_PRIVATE_UPSTREAMS"));
        assert_eq!(refusal(options(), provider).await.error, None);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (_, exchange) = ask(&stub::provider(stub::start().await, "/moved"), "stream").await;
    assert_eq!(code(&exchange), "upstream_invalid");
    assert!(exchange.error.unwrap().message.contains("redirect"));
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    drop(listener);
    let (_, exchange) = ask(&stub::provider(address, "/v1"), "stream").await;
    assert_eq!(code(&exchange), "upstream_unreachable");
    assert_eq!(exchange.response, None);
}

#[tokio::test]
async fn the_echo_model_repeats_what_it_is_told() {
    let (events, exchange) = ask(&Provider::echo(), "echo").await;
    assert_eq!(text(&events), "Echo: Hello there, world");
    let deltas = events.iter().filter(|event| matches!(event, ChatEvent::Delta { .. })).count();
    assert_eq!(deltas, 4);
    assert_eq!(exchange.cost, Some(NanoUsd(0)));
    let usage = exchange.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (Some(3), Some(4)));
    assert_eq!((exchange.finish_reason.as_deref(), exchange.error), (Some("stop"), None));
}

/// An exchange is all that a run needs.
#[tokio::test]
async fn an_exchange_becomes_a_run() {
    for model in ["stream", "429"] {
        let (_, exchange) = ask_stub(model).await;
        let run = IncomingRun {
            agent: Some("playground".to_owned()),
            completions: Some(vec![exchange.clone().into()]),
            ..IncomingRun::default()
        };
        let context = CompleteContext {
            now: exchange.started_at,
            random: 0,
            default_source: Source::Playground,
            price: &|_| None,
        };
        let run = run.complete(&context).unwrap().run;
        let asked = run.input.unwrap().to_value();
        assert_eq!(asked["messages"][0]["content"], "Hello there, world");
        if model == "stream" {
            let answer = run.output.unwrap().to_value();
            assert_eq!(answer["content"], "Grüße an 世界");
            assert_eq!(run.usage, exchange.usage.unwrap());
            assert_eq!(run.error, None);
        } else {
            let said = |error: Option<RunError>| error.map(|error| (error.code, error.message));
            assert_eq!(said(run.error), said(exchange.error));
        }
    }
}

#[tokio::test]
async fn models_are_listed() {
    let upstream = Upstream::new(options()).unwrap();
    let address = stub::start().await;
    let models = upstream.models(&stub::provider(address, "/v1")).await.unwrap();
    let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(upstream.models(&Provider::echo()).await.unwrap(), [OfferedModel::echo()]);

    let stranger = Provider::from_base_url(&format!("http://{address}/v1"), None).unwrap();
    let error = upstream.models(&stranger).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Provider { status: 401, .. }), "{error}");
}
