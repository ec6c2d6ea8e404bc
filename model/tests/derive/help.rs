//! Short ways to say what a test is about.

use model::dialect::Tier;
use model::{
    Charge, CompleteContext, IncomingRun, InvalidRun, Json, NanoUsd, NewRun, Run, Source, Usage,
};

/// The present of every test.
pub const NOW: &str = "2026-11-22T10:00:00Z";

/// A model at 1,000 nano-dollars a token, and half of it where it can wait; of the
/// others no price is known.
fn price(charge: &Charge<'_>) -> Option<NanoUsd> {
    let is_priced = charge.model.starts_with("priced");
    let price = if charge.billed.tier == Some(Tier::Flex) { 500 } else { 1_000 };
    is_priced.then(|| NanoUsd(charge.usage.total_tokens().unwrap_or(0) * price))
}

pub fn try_complete(text: &str) -> Result<NewRun, InvalidRun> {
    let context = CompleteContext {
        now: NOW.parse().unwrap(),
        random: 42,
        default_source: Source::Api,
        price: &price,
    };
    IncomingRun::parse(text)?.complete(&context)
}

pub fn complete(text: &str) -> NewRun {
    try_complete(text).unwrap()
}

pub fn run(text: &str) -> Run {
    complete(text).run
}

pub fn error(text: &str) -> InvalidRun {
    try_complete(text).unwrap_err()
}

/// A run of one completion with this request and response.
pub fn exchange(request: &str, response: &str) -> Run {
    run(&format!(
        r#"{{"agent":"a","completions":[{{"request":{request},"response":{response}}}]}}"#
    ))
}

/// The JSON string of a stream of these events' data.
pub fn stream(events: &[&str]) -> String {
    let lines = |data: &str| data.replace('\n', "\ndata: ");
    let text: String = events.iter().map(|data| format!("data: {}\n\n", lines(data))).collect();
    Json::string(&text).as_str().to_owned()
}

pub fn text(json: &Option<Json>) -> &str {
    json.as_ref().map_or("(none)", Json::as_str)
}

/// Input, cached, output and reasoning tokens.
pub fn counts(usage: &Usage) -> [Option<u64>; 4] {
    [usage.input_tokens, usage.cached_input_tokens, usage.output_tokens, usage.reasoning_tokens]
}
