//! The run that the documentation shows.

use model::{RunId, Timestamp};

use crate::agents;
use crate::models::{GPT_4O_MINI, Tokens};
use crate::record::{Attempt, Record};
use crate::rng::Rng;
use crate::scene::{Prompt, Scene, Speaker};
use crate::wire::{Call, Finish};

/// Its id, made before ids had to carry the variant bits of RFC 9562.
pub const DOCUMENTED_RUN: RunId = RunId::from_u128(0x0195_dd7a_6977_7197_7ec3_4fc4_4ade_50dc);

/// 2025-03-28T15:59:02.007Z, as its id says.
const CREATED_AT: Timestamp = Timestamp(1_743_177_542_007_000);
const LATENCY_US: u64 = 1_842_300;

const INSTRUCTIONS: &str = "You summarise product reviews for the buying guide of Tallwood, an online shop for home and outdoor goods.\n\nRead every review, then write one summary of two sentences at most that a hurried buyer can trust. Name what buyers like and what they do not, in order of how many say so.\n\nRules:\n- Never quote a reviewer by name.\n- Count a review of three stars as mixed.\n- List at most three pros and three cons.";

const INPUT: &str = r#"{"product":{"name":"Hearth 12-cup coffee maker","category":"kitchen","sku":"TW-4417"},"reviews":[{"rating":5,"author":"Zoé M.","date":"2025-03-21","text":"Hot coffee before I have found a cup, and it keeps the temperature until the afternoon. The whole office has stopped going to the café."},{"rating":4,"author":"Henrik P.","date":"2025-03-18","text":"Great taste and easy to clean, everything but the base goes into the dishwasher. One star off because the beep at the end cannot be switched off."},{"rating":2,"author":"Priya I.","date":"2025-03-12","text":"Makes good coffee, but it is far bigger than the photos suggest and takes up half the worktop. It is going back."},{"rating":5,"author":"Luis O.","date":"2025-03-02","text":"Second one we own. The steel still looks new after a year."},{"rating":3,"author":"Aiko T.","date":"2025-02-27","text":"Coffee stays hot for hours. The beep wakes the baby every single morning, though."}]}"#;

const ANSWER: &str = r#"{"summary":"Buyers praise how quickly the Hearth makes coffee and how long it keeps it hot, along with easy cleaning and solid steel. Several are annoyed by the beep that cannot be switched off, and one found it far too big.","sentiment":"positive","average_rating":3.8,"pros":["keeps coffee hot for hours","easy to clean","durable steel"],"cons":["loud beep","large footprint"]}"#;

const METADATA: &str = r#"{"user_id":"u_10303","plan":"pro","user id":"Moreau, Zoé","region":"eu-west-1","feature_flags":{"short_answers":true,"warm_cache":false},"guide":{"edition":"spring 2025","page":14},"reviewed":true}"#;

/// Writes it: one JSON object on one line.
pub(crate) fn write(out: &mut String) {
    let mut scene = Scene {
        prompt: Prompt::Instructions,
        system: INSTRUCTIONS.to_owned(),
        input: INPUT.to_owned(),
        answer: ANSWER.to_owned(),
        ..Scene::default()
    };
    scene.say(Speaker::User, INPUT.to_owned());
    let agent = agents::REVIEW_SUMMARIES;
    let kind = agents::kind(agent);
    let tokens = Tokens { input: 612, cached: 0, output: 118, reasoning: 0 };
    let temperature = Some("0.2");
    let call = Call {
        model: &GPT_4O_MINI,
        kind,
        scene: &scene,
        temperature,
        is_stream: false,
        has_results: false,
        finish: Finish::Stop,
        answer: ANSWER,
        tokens,
        created: CREATED_AT.0 / 1_000_000,
    };
    let mut attempt = Attempt {
        model: &GPT_4O_MINI,
        request: String::new(),
        response: String::new(),
        tokens,
        started_at: Timestamp(CREATED_AT.0 + 6_200),
        latency_us: LATENCY_US - 12_000,
        first_token_us: 430_500,
        finish: Some(call.finish_word()),
        fault: None,
    };
    call.write_request(&mut attempt.request);
    call.write_response(&mut Rng::new(0, 0), &mut attempt.response);
    let record = Record {
        id: DOCUMENTED_RUN,
        agent: &agents::slug(agent),
        at: CREATED_AT,
        kind,
        model: &GPT_4O_MINI,
        temperature,
        scene: &scene,
        attempts: &[attempt],
        output: ANSWER,
        fault: None,
        latency_us: LATENCY_US,
        first_token_us: Some(436_700),
        conversation_id: None,
        cached_from: None,
        metadata: METADATA,
        environment: "production",
        trace: Some(("4bf92e10d7a34c1e8f0b6a55c2d19e73", "00a1f067b9ac2d41")),
    };
    record.write(out);
}
